/* SPDX-License-Identifier: MIT */
/* The generator: the same numbers for ever, and within bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/prng.h"

static void test_known(void **state)
{
	struct cmn_prng p;

	(void)state;
	cmn_prng_seed(&p, 0);
	/* Upper halves of the published SplitMix64 sequence of seed 0. */
	assert_int_equal(cmn_prng_next(&p), 0xe220a839);
	assert_int_equal(cmn_prng_next(&p), 0x6e789e6a);
	assert_int_equal(cmn_prng_next(&p), 0x06c45d18);
	cmn_prng_seed(&p, 0);
	assert_int_equal(cmn_prng_next(&p), 0xe220a839);
	cmn_prng_seed(&p, 1);
	assert_int_not_equal(cmn_prng_next(&p), 0xe220a839);
}

static void test_below(void **state)
{
	unsigned seen[6] = { 0 };
	struct cmn_prng p;

	(void)state;
	cmn_prng_seed(&p, 42);
	for (unsigned i = 0; i < 6000; i++) {
		uint32_t n = cmn_prng_below(&p, 6);

		assert_in_range(n, 0, 5);
		seen[n]++;
	}
	for (unsigned i = 0; i < 6; i++)
		assert_in_range(seen[i], 850, 1150);
	assert_int_equal(cmn_prng_below(&p, 0), 0);
	assert_int_equal(cmn_prng_below(&p, 1), 0);
	cmn_prng_seed(&p, 0);
	assert_int_equal(cmn_prng_below(&p, UINT32_MAX), 0xe220a838);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
