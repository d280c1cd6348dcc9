/* SPDX-License-Identifier: MIT */
/* How stable a connection is: kept up to date by its events and its counters. */
#include "tools/meshtcp/stability.h"

void stability_begin(struct stability *s, int64_t now)
{
	*s = (struct stability){ .start_ms = now, .lost_ms = -1 };
}

void stability_open(struct stability *s, int64_t now)
{
	if (s->is_open)
		return;
	s->is_open = true;
	s->open_ms = now;
	s->heard_ms = now;
	s->gap_told = false;
}

void stability_ready(struct stability *s, int64_t now)
{
	if (s->lost_ms < 0)
		return;
	s->returns++;
	s->returns_ms += now - s->lost_ms;
	s->lost_ms = -1;
}

void stability_lost(struct stability *s, enum meshtcp_reason reason, int64_t now)
{
	if (reason <= MESHTCP_REASON_LOCAL)
		s->lost[reason]++;
	if (!s->is_open)
		return;
	s->is_open = false;
	s->total_ms += now - s->open_ms;
	if (s->lost_ms < 0)
		s->lost_ms = now;
}

int64_t stability_look(struct stability *s, uint64_t frames, int64_t limit_ms, int64_t now)
{
	int64_t gap;

	if (frames != s->frames) {
		s->frames = frames;
		s->heard_ms = now;
		s->gap_told = false;
	}
	if (!s->is_open)
		return 0;
	gap = now - s->heard_ms;
	if (gap > s->longest_gap_ms)
		s->longest_gap_ms = gap;
	if (s->gap_told || gap <= limit_ms)
		return 0;
	s->gap_told = true;
	return gap;
}

int64_t stability_open_permille(const struct stability *s, int64_t now)
{
	int64_t open = s->total_ms + (s->is_open ? now - s->open_ms : 0);

	return now > s->start_ms ? open * 1000 / (now - s->start_ms) : 0;
}

int64_t stability_mean_return_ms(const struct stability *s)
{
	return s->returns > 0 ? s->returns_ms / s->returns : -1;
}
