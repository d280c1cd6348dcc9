/* SPDX-License-Identifier: MIT */
/* Reading and writing the history file, whole or not at all. */
#define _DEFAULT_SOURCE /* flock */
#include "history_file.h"

#include "tools/cli/number.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TITLE      "# linekeeper ppcs-history 1"
#define LINE_MAX   512
#define FIELDS_MAX 8

/* Cuts a line at its tabs. Returns how many fields there are. */
static size_t split(char *line, char *field[FIELDS_MAX])
{
	size_t count = 0;

	for (;;) {
		char *tab = strchr(line, '\t');

		if (count == FIELDS_MAX)
			return 0;
		field[count++] = line;
		if (!tab)
			return count;
		*tab = '\0';
		line = tab + 1;
	}
}

static bool number(const char *text, uint64_t max, uint64_t *ret)
{
	return cli_number(text, 0, max, ret) == 0;
}

static bool parse_mode(const char *text, enum ppcs_mode *ret)
{
	for (int mode = 0; mode < PPCS_MODES; mode++) {
		if (strcmp(text, ppcs_mode_name((enum ppcs_mode)mode)) == 0) {
			*ret = (enum ppcs_mode)mode;
			return true;
		}
	}
	return false;
}

static bool parse_peer(struct history *history, char *const field[])
{
	uint64_t time, port;
	struct history_peer *peer;

	if (!*field[1] || strlen(field[1]) >= HISTORY_NAME_MAX || history_find(history, field[1]) ||
	    !number(field[3], INT64_MAX, &time) || !number(field[5], UINT16_MAX, &port))
		return false;
	peer = history_add(history, field[1]);
	if (!peer)
		return false;
	peer->time = (int64_t)time;
	peer->won_port = (uint16_t)port;
	if (port > 0 && !parse_mode(field[4], &peer->won_mode))
		return false;
	return strcmp(field[2], "-") == 0 || ppcs_uid_normalise(field[2], peer->uid) == 0;
}

static bool parse_path(struct history *history, char *const field[])
{
	uint64_t port, failures, weight, srtt, rttvar;
	struct ppcs_path_statistics *path;
	struct history_peer *peer;

	if (history->count == 0)
		return false;
	peer = &history->peers[history->count - 1];
	if (peer->path_count == HISTORY_PATHS_MAX)
		return false;
	path = &peer->paths[peer->path_count++];
	if (!parse_mode(field[1], &path->mode) || !number(field[2], UINT16_MAX, &port) ||
	    !number(field[3], UINT32_MAX, &failures) || !number(field[4], 1000, &weight) ||
	    !number(field[5], UINT16_MAX, &srtt) || !number(field[6], UINT16_MAX, &rttvar))
		return false;
	path->port = (uint16_t)port;
	path->failures = (uint32_t)failures;
	path->weight = (uint32_t)weight;
	path->srtt_ms = (uint32_t)srtt;
	path->rttvar_ms = (uint32_t)rttvar;
	return true;
}

static bool parse_line(struct history *history, char *line)
{
	char *field[FIELDS_MAX];
	size_t count = split(line, field);

	if (count == 6 && strcmp(field[0], "peer") == 0)
		return parse_peer(history, field);
	return count == 7 && strcmp(field[0], "path") == 0 && parse_path(history, field);
}

static int parse(FILE *file, struct history *history)
{
	char line[LINE_MAX];
	bool first = true;

	while (fgets(line, sizeof(line), file)) {
		size_t len = strlen(line);

		/* A line without its end was cut off. */
		if (len == 0 || line[len - 1] != '\n')
			return -EBADMSG;
		line[len - 1] = '\0';
		if (first ? strcmp(line, TITLE) != 0 : !parse_line(history, line))
			return -EBADMSG;
		first = false;
	}
	return ferror(file) || first ? -EBADMSG : 0;
}

int history_read(const char *path, struct history *ret)
{
	FILE *file = fopen(path, "re");
	int err;

	*ret = (struct history){ 0 };
	if (!file)
		return -errno;
	err = parse(file, ret);
	fclose(file);
	if (err)
		history_free(ret);
	return err;
}

void history_free(struct history *history)
{
	free(history->peers);
	*history = (struct history){ 0 };
}

const struct history_peer *history_find(const struct history *history, const char *name)
{
	for (size_t i = 0; i < history->count; i++)
		if (strcmp(history->peers[i].name, name) == 0)
			return &history->peers[i];
	return NULL;
}

static size_t oldest(const struct history *history)
{
	size_t found = 0;

	for (size_t i = 1; i < history->count; i++)
		if (history->peers[i].time < history->peers[found].time)
			found = i;
	return found;
}

struct history_peer *history_add(struct history *history, const char *name)
{
	const struct history_peer *known = history_find(history, name);
	struct history_peer *more, *peer;

	if (known)
		return &history->peers[known - history->peers];
	if (history->count == HISTORY_PEERS_MAX) {
		size_t i = oldest(history);

		history->count--;
		memmove(&history->peers[i], &history->peers[i + 1],
			(history->count - i) * sizeof(*peer));
	}
	more = realloc(history->peers, (history->count + 1) * sizeof(*more));
	if (!more)
		return NULL;
	history->peers = more;
	peer = &more[history->count++];
	memset(peer, 0, sizeof(*peer));
	snprintf(peer->name, sizeof(peer->name), "%s", name);
	return peer;
}

static void print_peer(FILE *file, const struct history_peer *peer)
{
	fprintf(file, "peer\t%s\t%s\t%lld\t%s\t%u\n", peer->name, peer->uid[0] ? peer->uid : "-",
		(long long)peer->time, peer->won_port ? ppcs_mode_name(peer->won_mode) : "-",
		peer->won_port);
	for (size_t i = 0; i < peer->path_count; i++) {
		const struct ppcs_path_statistics *p = &peer->paths[i];

		fprintf(file, "path\t%s\t%u\t%u\t%u\t%u\t%u\n", ppcs_mode_name(p->mode), p->port,
			p->failures, p->weight, p->srtt_ms, p->rttvar_ms);
	}
}

int history_write(const char *path, const struct history *history)
{
	char temporary[4096];
	FILE *file;
	int fd, err = 0;

	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= (int)sizeof(temporary))
		return -ENAMETOOLONG;
	fd = mkstemp(temporary);
	if (fd < 0)
		return -errno;
	file = fdopen(fd, "w");
	if (!file) {
		err = -errno;
		close(fd);
	} else {
		fprintf(file, "%s\n", TITLE);
		for (size_t i = 0; i < history->count; i++)
			print_peer(file, &history->peers[i]);
		if (fflush(file) != 0)
			err = -errno;
		if (fclose(file) != 0 && !err)
			err = -errno;
	}
	if (!err && rename(temporary, path) != 0)
		err = -errno;
	if (err)
		unlink(temporary);
	return err;
}

/* The directory that the file is in; "." for a bare name. */
static int directory_of(const char *path, char directory[4096])
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;

	if (len >= 4096)
		return -ENAMETOOLONG;
	memcpy(directory, path, len);
	directory[len] = '\0';
	if (!slash)
		memcpy(directory, ".", 2);
	else if (len == 0)
		memcpy(directory, "/", 2);
	return 0;
}

static void make_directories(char *directory)
{
	for (char *c = directory + 1; *c; c++) {
		if (*c != '/')
			continue;
		*c = '\0';
		mkdir(directory, 0700);
		*c = '/';
	}
	mkdir(directory, 0700);
}

int history_lock(const char *path, bool make_directory)
{
	char directory[4096];
	int err = directory_of(path, directory);
	int fd;

	if (err)
		return err;
	if (make_directory)
		make_directories(directory);
	/* The directory itself is what is locked: a file for that would stay behind. */
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX) != 0) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

void history_unlock(int lock)
{
	if (lock >= 0)
		close(lock);
}
