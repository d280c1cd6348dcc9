/* SPDX-License-Identifier: MIT */
/* The peers of the history, and writing their file: whole or not at all, one writer at a time. */
#define _DEFAULT_SOURCE /* flock */
#include "history_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Ten seconds: who holds the lock for longer has been stopped, or means us no good. */
#define LOCK_TRIES 5000
#define LOCK_MS    2

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
	struct history_peer *peer;

	if (known)
		return &history->peers[known - history->peers];
	/* In its place: moving all that follow takes long where a file has too many. */
	if (history->count == HISTORY_PEERS_MAX)
		history->peers[oldest(history)] = history->peers[--history->count];
	/* For all there may be: memory that is not used costs nothing. */
	if (!history->peers)
		history->peers = calloc(HISTORY_PEERS_MAX, sizeof(*peer));
	if (!history->peers)
		return NULL;
	peer = &history->peers[history->count++];
	memset(peer, 0, sizeof(*peer));
	snprintf(peer->name, sizeof(peer->name), "%s", name);
	return peer;
}

struct ppcs_path_statistics *history_path(struct history_peer *peer, enum ppcs_mode mode,
					  uint16_t port)
{
	for (size_t i = 0; i < peer->path_count; i++)
		if (peer->paths[i].mode == mode && peer->paths[i].port == port)
			return &peer->paths[i];
	return NULL;
}

void history_put_path(struct history_peer *peer, const struct ppcs_path_statistics *path)
{
	struct ppcs_path_statistics *place = history_path(peer, path->mode, path->port);

	if (!place && peer->path_count < HISTORY_PATHS_MAX)
		place = &peer->paths[peer->path_count++];
	if (!place) {
		size_t i = 0;

		/* There are more places than modes. */
		while (peer->paths[i].port == 0)
			i++;
		place = &peer->paths[HISTORY_PATHS_MAX - 1];
		memmove(&peer->paths[i], &peer->paths[i + 1],
			(HISTORY_PATHS_MAX - 1 - i) * sizeof(*place));
	}
	*place = *path;
}

static void print_peer(FILE *file, int64_t now, const struct history_peer *peer)
{
	fprintf(file, "peer\t%s\t%s\t%lld\t%s\t%u\n", peer->name, peer->uid[0] ? peer->uid : "-",
		(long long)peer->time, peer->won_port ? ppcs_mode_name(peer->won_mode) : "-",
		peer->won_port);
	for (size_t i = 0; i < peer->path_count; i++) {
		const struct ppcs_path_statistics *p = &peer->paths[i];

		fprintf(file, "path\t%s\t%u\t%u\t%u\t%u\t%u", ppcs_mode_name(p->mode), p->port,
			p->failures, p->weight, p->srtt_ms, p->rttvar_ms);
		if (p->rest_ms > 0)
			fprintf(file, "\t%lld",
				(long long)(now + p->rest_ms + HISTORY_ROUNDING) / 1000);
		fputc('\n', file);
	}
}

static int print(int fd, int64_t now, const struct history *history)
{
	FILE *file = fdopen(fd, "w");
	int err = 0;

	if (!file) {
		err = -errno;
		close(fd);
		return err;
	}
	fprintf(file, HISTORY_TITLE HISTORY_VERSION "\n");
	for (size_t i = 0; i < history->count; i++)
		print_peer(file, now, &history->peers[i]);
	if (fflush(file) != 0)
		err = -errno;
	else if (ferror(file)) /* it was full for a while only */
		err = -EIO;
	if (fclose(file) != 0 && !err)
		err = -errno;
	return err;
}

int history_write(const char *path, int64_t now, const struct history *history)
{
	char temporary[4096];
	int fd, err;

	if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= (int)sizeof(temporary))
		return -ENAMETOOLONG;
	/* One that was killed has left its own, and who can write here might have laid a link. */
	unlink(temporary);
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	err = print(fd, now, history);
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

static int lock_soon(int fd)
{
	const struct timespec pause = { .tv_nsec = LOCK_MS * 1000000L };

	for (unsigned i = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; i++) {
		if (errno != EWOULDBLOCK)
			return -errno;
		if (i == LOCK_TRIES)
			return -EBUSY;
		/* A signal ends the waiting. */
		if (nanosleep(&pause, NULL) != 0)
			return -errno;
	}
	return 0;
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
	err = lock_soon(fd);
	if (err) {
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
