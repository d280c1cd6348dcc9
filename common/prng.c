/* SPDX-License-Identifier: MIT */
/* SplitMix64, a published algorithm: a counter whose bits are mixed; any seed is good. */
#include "prng.h"

void cmn_prng_seed(struct cmn_prng *p, uint64_t seed)
{
	p->state = seed;
}

uint32_t cmn_prng_next(struct cmn_prng *p)
{
	uint64_t z = p->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((z ^ z >> 31) >> 32);
}

uint32_t cmn_prng_below(struct cmn_prng *p, uint32_t n)
{
	return (uint32_t)((uint64_t)cmn_prng_next(p) * n >> 32);
}
