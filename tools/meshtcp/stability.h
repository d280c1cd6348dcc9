/* SPDX-License-Identifier: MIT */
/* How stable a connection is: kept up to date by its events and its counters. */
#ifndef TOOLS_MESHTCP_STABILITY_H
#define TOOLS_MESHTCP_STABILITY_H

#include <meshtcp/meshtcp.h>

struct stability {
	int64_t start_ms;
	bool is_open;
	int64_t open_ms;  /* since when */
	int64_t total_ms; /* open, in all; up to the last look */
	int64_t lost_ms;  /* since when a connection that was ready is not, or -1 */
	unsigned lost[MESHTCP_REASON_LOCAL + 1];
	unsigned returns;
	int64_t returns_ms; /* how long it took to be ready again, all together */
	uint64_t frames;
	int64_t heard_ms; /* when a frame was there that was not there before */
	int64_t longest_gap_ms;
	bool gap_told;
};

void stability_begin(struct stability *s, int64_t now);
/* The connection is open, ready, or lost. */
void stability_open(struct stability *s, int64_t now);
void stability_ready(struct stability *s, int64_t now);
void stability_lost(struct stability *s, enum meshtcp_reason reason, int64_t now);
/*
 * A look at the counter of frames. Returns the time since the last one if that is more than the
 * limit, once for each gap, else 0.
 */
int64_t stability_look(struct stability *s, uint64_t frames, int64_t limit_ms, int64_t now);

/* Per mille of the time that the connection was open. */
int64_t stability_open_permille(const struct stability *s, int64_t now);
/* -1 when it never came back. */
int64_t stability_mean_return_ms(const struct stability *s);

#endif
