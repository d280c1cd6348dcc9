/* SPDX-License-Identifier: MIT */
/*
 * The history file:
 *
 *	# linekeeper ppcs-history 1
 *	peer	192.168.1.100	LBCS-000000-CCCJJ	1767225600	lan	32108
 *	path	lan	32108	0	0	85	12
 *	path	p2p	0	5	237	0	0	1767225660
 *
 * A peer is its name, device id or `-`, time, and the mode and port that won last or `- 0`; its
 * paths follow: mode, port (0: the mode), failures in a row, weight, SRTT and RTTVAR in ms, and the
 * time until which it rests, unless it does not. Fields are separated by tabs. A reader takes all
 * of it or nothing; a file that was cut at the end of a line is a shorter one.
 */
#ifndef TOOLS_PPCS_CONNECT_HISTORY_FILE_H
#define TOOLS_PPCS_CONNECT_HISTORY_FILE_H

#include <ppcs/ppcs.h>

#include <stdint.h>

#define HISTORY_TITLE   "# linekeeper ppcs-history "
#define HISTORY_VERSION "1"
/* A time is written in whole seconds: half of one in ms. */
#define HISTORY_ROUNDING 500

#define HISTORY_NAME_MAX  256
#define HISTORY_PEERS_MAX 200 /* the one that was used longest ago makes room */
#define HISTORY_PATHS_MAX 64
#define HISTORY_BYTES_MAX (1 << 20) /* more than is ever written */

struct history_peer {
	char name[HISTORY_NAME_MAX];
	char uid[PPCS_UID_BYTES]; /* "" = not known */
	int64_t time;             /* seconds since 1970 */
	enum ppcs_mode won_mode;
	uint16_t won_port; /* 0 = nothing has won yet */
	struct ppcs_path_statistics paths[HISTORY_PATHS_MAX];
	size_t path_count;
};

struct history {
	struct history_peer *peers;
	size_t count;
};

/* 0, -ENOENT, -EBADMSG when it is damaged, -ENOTSUP when its format is that of another release, or
 * another negative errno. To be freed in any case. NOW is ms since 1970. */
int history_read(const char *path, int64_t now, struct history *ret);
/* Puts a new file into the place of the old one at once; only with the lock. */
int history_write(const char *path, int64_t now, const struct history *history);
void history_free(struct history *history);

const struct history_peer *history_find(const struct history *history, const char *name);
/* Finds it or makes it; NULL without memory. */
struct history_peer *history_add(struct history *history, const char *name);
/* NULL when there is none. */
struct ppcs_path_statistics *history_path(struct history_peer *peer, enum ppcs_mode mode,
					  uint16_t port);
/* Puts it into the place of the one for the same mode and port; without room an old port goes. */
void history_put_path(struct history_peer *peer, const struct ppcs_path_statistics *path);

/* Keeps other writers out until history_unlock(), after waiting for them a few seconds at most.
 * With make_directory the directories are made. A descriptor or a negative errno, -EBUSY. */
int history_lock(const char *path, bool make_directory);
void history_unlock(int lock);

#endif
