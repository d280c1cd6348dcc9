/* SPDX-License-Identifier: MIT */
/* Backoff: doubling, the cap, the jitter at both ends of the random numbers, no overflow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/backoff.h"

static void test_doubling(void **state)
{
	static const struct cmn_backoff b = { .base_ms = 100, .max_ms = 3000 };
	static const uint32_t wanted[] = { 100, 200, 400, 800, 1600, 3000, 3000 };

	(void)state;
	for (unsigned i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		assert_int_equal(cmn_backoff_ms(&b, i, 0), wanted[i]);
		assert_int_equal(cmn_backoff_ms(&b, i, UINT32_MAX), wanted[i]);
	}
	assert_int_equal(cmn_backoff_ms(&b, 31, 0), 3000);
	assert_int_equal(cmn_backoff_ms(&b, 32, 0), 3000);
	assert_int_equal(cmn_backoff_ms(&b, 33, 0), 3000);
	assert_int_equal(cmn_backoff_ms(&b, UINT32_MAX, 0), 3000);
}

static void test_jitter(void **state)
{
	static const struct cmn_backoff b = { 1000, 30000, 25 };
	static const struct cmn_backoff wild = { 1000, 30000, 700 };

	(void)state;
	assert_int_equal(cmn_backoff_ms(&b, 0, 0), 750);
	assert_int_equal(cmn_backoff_ms(&b, 0, 0x80000000), 1000);
	assert_int_equal(cmn_backoff_ms(&b, 0, UINT32_MAX), 1250);
	assert_int_equal(cmn_backoff_ms(&b, 1, UINT32_MAX), 2500);
	assert_int_equal(cmn_backoff_ms(&b, 9, 0), 22500);
	assert_int_equal(cmn_backoff_ms(&b, 9, UINT32_MAX), 37500);
	/* Counts as 100. */
	assert_int_equal(cmn_backoff_ms(&wild, 0, 0), 1);
	assert_int_equal(cmn_backoff_ms(&wild, 0, UINT32_MAX), 2000);
}

static void test_limits(void **state)
{
	static const struct cmn_backoff huge = { UINT32_MAX, UINT32_MAX, 100 };
	static const struct cmn_backoff one = { 1, UINT32_MAX, 0 };
	static const struct cmn_backoff none = { 0, 1000, 100 };
	static const struct cmn_backoff low = { 1000, 10, 0 };
	static const struct cmn_backoff capped = { 1000, 0, 50 };

	(void)state;
	for (unsigned attempt = 0; attempt < 70; attempt++) {
		assert_int_equal(cmn_backoff_ms(&huge, attempt, UINT32_MAX), UINT32_MAX);
		assert_int_equal(cmn_backoff_ms(&huge, attempt, 0x80000000), UINT32_MAX);
		assert_int_equal(cmn_backoff_ms(&huge, attempt, 0), 1);
		assert_int_equal(cmn_backoff_ms(&none, attempt, UINT32_MAX), 0);
		assert_int_equal(cmn_backoff_ms(&low, attempt, 0), 10);
		assert_int_equal(cmn_backoff_ms(&capped, attempt, 0), 1);
	}
	assert_int_equal(cmn_backoff_ms(&one, 31, 0), 0x80000000);
	assert_int_equal(cmn_backoff_ms(&one, 32, 0), UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_doubling),
		cmocka_unit_test(test_jitter),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
