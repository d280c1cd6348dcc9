/* SPDX-License-Identifier: MIT */
/*
 * What is learnt from one race for the next (section 13): how long each mode and port takes, and
 * which modes win.
 */
#include "statistics.h"

#include <stdlib.h>
#include <string.h>

/* The modes as a whole, and as many ports as two handles' worth of lists have. */
#define MAX_PATHS (PPCS_MODES * (1 + 2 * (size_t)PPCS_MAX_PORTS))
#define MIN_LIMIT 500
/* Of the limit, one for each failure in a row, as RFC 6298 does it. */
#define MAX_DOUBLINGS 8
/* A race weighs a quarter of all before it. */
#define DECAY      4
#define MAX_WEIGHT 1000
/* After so many failures in a row a mode rests. */
#define REST_FAILURES 5
#define REST_MS       60000

void ppcs_path_list_free(struct path_list *list)
{
	free(list->at);
	*list = (struct path_list){ 0 };
}

const struct path *ppcs_path_find(const struct path_list *list, enum ppcs_mode mode, uint16_t port)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->at[i].numbers.mode == mode && list->at[i].numbers.port == port)
			return &list->at[i];
	return NULL;
}

struct path *ppcs_path_get(struct path_list *list, enum ppcs_mode mode, uint16_t port)
{
	struct path *path = (struct path *)ppcs_path_find(list, mode, port);
	struct path *more;

	if (path || list->count == MAX_PATHS)
		return path;
	more = realloc(list->at, (list->count + 1) * sizeof(*more));
	if (!more)
		return NULL;
	list->at = more;
	path = &more[list->count++];
	memset(path, 0, sizeof(*path));
	path->numbers.mode = mode;
	path->numbers.port = port;
	path->numbers.weight = port == 0 ? MAX_WEIGHT : 0;
	return path;
}

void ppcs_samples_add(struct samples *samples, uint64_t ms)
{
	samples->at[samples->count++ % PATH_SAMPLES] =
		(uint16_t)(ms < UINT16_MAX ? ms : UINT16_MAX);
}

/* RFC 6298 with its weights of 1/8 and 1/4. */
void ppcs_path_up(struct path *path, uint64_t ms)
{
	struct ppcs_path_statistics *n = &path->numbers;
	uint32_t sample = ms < UINT16_MAX ? (uint32_t)ms : UINT16_MAX;
	uint32_t off;

	if (sample == 0)
		sample = 1; /* 0 is "never measured" */
	off = n->srtt_ms > sample ? n->srtt_ms - sample : sample - n->srtt_ms;
	ppcs_samples_add(&path->up, sample);
	if (n->srtt_ms == 0) {
		n->srtt_ms = sample;
		n->rttvar_ms = sample / 2;
		return;
	}
	n->rttvar_ms = (3 * n->rttvar_ms + off) / 4;
	n->srtt_ms = (7 * n->srtt_ms + sample) / 8; /* never 0: neither of them is */
}

unsigned ppcs_path_limit(const struct path_list *list, enum ppcs_mode mode, uint16_t port,
			 unsigned max_ms)
{
	const struct path *path = ppcs_path_find(list, mode, port);
	uint64_t limit;

	if (!path || path->numbers.srtt_ms == 0)
		return max_ms;
	limit = path->numbers.srtt_ms + 4 * (uint64_t)path->numbers.rttvar_ms;
	if (limit < MIN_LIMIT)
		limit = MIN_LIMIT;
	/* A device that has become slower is not out of reach for that. */
	limit <<= path->numbers.failures < MAX_DOUBLINGS ? path->numbers.failures : MAX_DOUBLINGS;
	return limit < max_ms ? (unsigned)limit : max_ms;
}

void ppcs_path_raced(struct path_list *list, enum ppcs_mode mode, bool won, uint64_t now)
{
	struct path *path = ppcs_path_get(list, mode, 0);
	struct ppcs_path_statistics *n;

	if (!path)
		return;
	n = &path->numbers;
	if (won) {
		n->failures = 0;
		n->weight += (MAX_WEIGHT - n->weight + DECAY - 1) / DECAY;
		path->rests_until = 0;
		return;
	}
	n->weight -= n->weight / DECAY;
	if (++n->failures >= REST_FAILURES)
		path->rests_until = now + REST_MS;
}

void ppcs_path_outrun(struct path_list *list, enum ppcs_mode mode)
{
	struct path *path = ppcs_path_get(list, mode, 0);

	if (path)
		path->numbers.weight -= path->numbers.weight / DECAY;
}

unsigned ppcs_path_weight(const struct path_list *list, enum ppcs_mode mode)
{
	const struct path *path = ppcs_path_find(list, mode, 0);

	return path ? path->numbers.weight : MAX_WEIGHT;
}

void ppcs_statistics_new_session(struct ppcs_statistics *st)
{
	st->alive_sent = st->alive_received = st->alive_missed = 0;
	st->data_packets = st->data_bytes = st->data_duplicates = st->data_ahead = 0;
	st->data_refused = st->data_packets_sent = st->data_bytes_sent = st->data_resent = 0;
	st->acks_again = st->acks_unsent = 0;
	st->rtt_ms = st->rtt_min_ms = st->loss_permille = 0;
}

static uint32_t rest_of(const struct path *path, uint64_t now)
{
	return path->rests_until > now ? (uint32_t)(path->rests_until - now) : 0;
}

unsigned ppcs_path_rest(const struct path_list *list, enum ppcs_mode mode, uint64_t now)
{
	const struct path *path = ppcs_path_find(list, mode, 0);

	return path ? rest_of(path, now) : 0;
}

void ppcs_path_set(struct path *path, const struct ppcs_path_statistics *from, uint64_t now)
{
	struct ppcs_path_statistics *n = &path->numbers;

	n->failures = from->failures;
	n->srtt_ms = from->srtt_ms;
	n->rttvar_ms = from->rttvar_ms;
	if (n->port != 0)
		return;
	n->weight = from->weight;
	path->rests_until = now + from->rest_ms;
}

static int ascending(const void *a, const void *b)
{
	const uint16_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void summary(const struct samples *samples, uint32_t *min, uint32_t *median, uint32_t *p95)
{
	uint16_t sorted[PATH_SAMPLES];
	unsigned n = samples->count < PATH_SAMPLES ? samples->count : PATH_SAMPLES;

	if (n == 0)
		return;
	memcpy(sorted, samples->at, n * sizeof(sorted[0]));
	qsort(sorted, n, sizeof(sorted[0]), ascending);
	*min = sorted[0];
	*median = sorted[n / 2];
	*p95 = sorted[(n * 95 + 99) / 100 - 1];
}

void ppcs_path_numbers(const struct path *path, uint64_t now, struct ppcs_path_statistics *ret)
{
	*ret = path->numbers;
	ret->rest_ms = rest_of(path, now);
	summary(&path->answer, &ret->answer_min_ms, &ret->answer_median_ms, &ret->answer_p95_ms);
	summary(&path->up, &ret->up_min_ms, &ret->up_median_ms, &ret->up_p95_ms);
	summary(&path->verified, &ret->verified_min_ms, &ret->verified_median_ms,
		&ret->verified_p95_ms);
}
