/* SPDX-License-Identifier: MIT */
/* Exponential backoff with jitter, without state. */
#include "backoff.h"

uint32_t cmn_backoff_ms(const struct cmn_backoff *b, unsigned attempt, uint32_t random)
{
	unsigned percent = b->jitter_percent < 100 ? b->jitter_percent : 100;
	uint64_t wait = b->base_ms;
	uint64_t spread;

	/* 32 doublings pass every limit; more would overflow. */
	wait <<= attempt < 32 ? attempt : 32;
	if (wait > b->max_ms)
		wait = b->max_ms;
	spread = wait * percent / 100;
	/* 2 * spread + 1 has up to 33 bits: with 31 of the random number, the product fits. */
	wait = wait - spread + ((2 * spread + 1) * (random >> 1) >> 31);
	if (wait > UINT32_MAX)
		wait = UINT32_MAX;
	return wait > 0 || b->base_ms == 0 ? (uint32_t)wait : 1;
}
