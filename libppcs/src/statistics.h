/* SPDX-License-Identifier: MIT */
#ifndef PPCS_STATISTICS_H
#define PPCS_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ppcs/ppcs.h>

/** Measured last, for the minimum, the median and the 95th percentile. */
#define PATH_SAMPLES 32

struct samples {
	uint16_t at[PATH_SAMPLES];
	unsigned count; /**< ever */
};

/** How a mode and port did (section 13); port 0: the mode. */
struct path {
	struct ppcs_path_statistics numbers; /**< all but what is made of the samples */
	struct samples answer, up, verified;
	uint64_t rests_until; /**< a mode (section 13) */
};

struct path_list {
	struct path *at;
	size_t count;
};

void ppcs_path_list_free(struct path_list *list);
/** @return the entry, made when there is none; NULL without memory or when there are too many */
struct path *ppcs_path_get(struct path_list *list, enum ppcs_mode mode, uint16_t port);
const struct path *ppcs_path_find(const struct path_list *list, enum ppcs_mode mode, uint16_t port);
void ppcs_samples_add(struct samples *samples, uint64_t ms);
/** A time to path up was measured. */
void ppcs_path_up(struct path *path, uint64_t ms);
/** Limit of an attempt until the path is up: as measured, or MAX_MS (section 13). */
unsigned ppcs_path_limit(const struct path_list *list, enum ppcs_mode mode, uint16_t port,
			 unsigned max_ms);
/** A race is over that the mode has won, or failed in. */
void ppcs_path_raced(struct path_list *list, enum ppcs_mode mode, bool won, uint64_t now);
/** Another one has won before the device answered this one: not in its favour, but no failure. */
void ppcs_path_outrun(struct path_list *list, enum ppcs_mode mode);
unsigned ppcs_path_weight(const struct path_list *list, enum ppcs_mode mode);
/** @return for how many ms the mode rests yet */
unsigned ppcs_path_rest(const struct path_list *list, enum ppcs_mode mode, uint64_t now);
/** Begin with what was measured elsewhere. */
void ppcs_path_set(struct path *path, const struct ppcs_path_statistics *from, uint64_t now);
void ppcs_path_numbers(const struct path *path, uint64_t now, struct ppcs_path_statistics *ret);

/** What is counted for one session begins anew. */
void ppcs_statistics_new_session(struct ppcs_statistics *st);

#endif
