/* SPDX-License-Identifier: MIT */
/* Levels of several loads, asked for all at once: a round of get or poll. */
#ifndef TOOLS_QLINK_LEVELS_H
#define TOOLS_QLINK_LEVELS_H

#include "common.h"

struct level_item {
	struct qlink_load load;
	char text[QLINK_LOAD_TEXT];
	uint32_t id; /* of the request under way, or 0 */
	int level;   /* the newest answer, or -1 */
	int printed; /* for poll: what was printed last, or -1 */
};

struct levels {
	struct level_item *items;
	size_t count;
	size_t pending;
	/* Of this round: the first failure, 0 when there was none. */
	int error;
	int device_error;
	const struct level_item *failed; /* which load, or NULL for all */
};

/* The loads of the command line; an exit status. To be freed also after a failure. */
int levels_parse(struct levels *levels, int argc, char **argv);
void levels_free(struct levels *levels);

/*
 * Asks for all of them and takes the answers until all are there; with stop_early until the first
 * failure. 0 or a negative errno, which is also in levels->error; -EINTR when a signal ended it.
 */
int levels_round(struct levels *levels, struct job *job, int64_t deadline_ms, bool stop_early);
/* The name of what failed into the job's words, and job_failed(). */
int levels_failed(const struct levels *levels, struct job *job, const char *name);

#endif
