/* SPDX-License-Identifier: MIT */
#ifndef COMMON_PRNG_H
#define COMMON_PRNG_H

#include <stdint.h>

/** A deterministic generator for jitter and nonces; never for secrets. */
struct cmn_prng {
	uint64_t state;
};

void cmn_prng_seed(struct cmn_prng *p, uint64_t seed);
/** @return 32 bits. */
uint32_t cmn_prng_next(struct cmn_prng *p);
/** @return a number from 0 to N - 1; 0 when N is 0. */
uint32_t cmn_prng_below(struct cmn_prng *p, uint32_t n);

#endif
