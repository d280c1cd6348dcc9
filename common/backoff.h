/* SPDX-License-Identifier: MIT */
#ifndef COMMON_BACKOFF_H
#define COMMON_BACKOFF_H

#include <stdint.h>

/** Waits between attempts: base doubling up to max, give or take the jitter. */
struct cmn_backoff {
	uint32_t base_ms, max_ms;
	unsigned jitter_percent; /**< 0–100; more counts as 100 */
};

/**
 * How long to wait before the next attempt; a pure function.
 * @param attempt  failures so far, from 0
 * @param random   any 32 bits; decides about the jitter
 * @return ms; 0 only when base_ms is 0
 */
uint32_t cmn_backoff_ms(const struct cmn_backoff *b, unsigned attempt, uint32_t random);

#endif
