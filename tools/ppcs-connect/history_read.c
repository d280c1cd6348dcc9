/* SPDX-License-Identifier: MIT */
/* Reading the history file: all of it or nothing, and never without bounds. */
#include "history_file.h"

#include "tools/cli/number.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX   512
#define FIELDS_MAX 8
#define REST_MAX   60000

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

/* A rest that lasts longer than there is any has been set by a clock that was wrong. */
static uint32_t rest_until(uint64_t time, int64_t now)
{
	int64_t rest = (int64_t)time * 1000 - now;

	if (rest <= 0 || rest > REST_MAX + HISTORY_ROUNDING)
		return 0;
	return rest < REST_MAX ? (uint32_t)rest : REST_MAX;
}

static bool parse_path(struct history *history, char *const field[], int64_t now)
{
	uint64_t port, failures, weight, srtt, rttvar, rests = 0;
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
	    !number(field[5], UINT16_MAX, &srtt) || !number(field[6], UINT16_MAX, &rttvar) ||
	    (field[7] && !number(field[7], INT64_MAX / 1000, &rests)))
		return false;
	path->port = (uint16_t)port;
	path->failures = (uint32_t)failures;
	path->weight = (uint32_t)weight;
	path->srtt_ms = (uint32_t)srtt;
	path->rttvar_ms = (uint32_t)rttvar;
	path->rest_ms = rest_until(rests, now);
	return true;
}

static bool parse_line(struct history *history, char *line, int64_t now)
{
	char *field[FIELDS_MAX] = { NULL };
	size_t count = split(line, field);

	if (count == 6 && strcmp(field[0], "peer") == 0)
		return parse_peer(history, field);
	return count >= 7 && strcmp(field[0], "path") == 0 && parse_path(history, field, now);
}

static int parse_title(const char *line)
{
	if (strncmp(line, HISTORY_TITLE, strlen(HISTORY_TITLE)) != 0)
		return -EBADMSG;
	line += strlen(HISTORY_TITLE);
	if (strcmp(line, HISTORY_VERSION) == 0)
		return 0;
	return number(line, UINT32_MAX, &(uint64_t){ 0 }) ? -ENOTSUP : -EBADMSG;
}

static int parse(FILE *file, int64_t now, struct history *history)
{
	char line[LINE_MAX];
	bool first = true;
	int err = 0;

	while (fgets(line, sizeof(line), file)) {
		size_t len = strlen(line);

		/* A line without its end was cut off. */
		if (len == 0 || line[len - 1] != '\n')
			return -EBADMSG;
		line[len - 1] = '\0';
		if (first)
			err = parse_title(line);
		else if (!parse_line(history, line, now))
			err = -EBADMSG;
		if (err)
			return err;
		first = false;
	}
	return ferror(file) || first ? -EBADMSG : 0;
}

static int check_file(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -EBADMSG;
	return st.st_size > HISTORY_BYTES_MAX ? -EFBIG : 0;
}

int history_read(const char *path, int64_t now, struct history *ret)
{
	/* A pipe in its place must not be waited for. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	FILE *file;
	int err;

	*ret = (struct history){ 0 };
	if (fd < 0)
		return -errno;
	err = check_file(fd);
	file = err ? NULL : fdopen(fd, "r");
	if (!file) {
		err = err ? err : -errno;
		close(fd);
		return err;
	}
	err = parse(file, now, ret);
	fclose(file);
	if (err)
		history_free(ret);
	return err;
}
