/* SPDX-License-Identifier: MIT */
/* What was heard lately is known, against a plain list of the last ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "seen.h"

#include <string.h>

static struct seen seen;
static struct {
	uint32_t from, id;
} list[SEEN_PACKETS];
static unsigned count, oldest;

static bool in_list(uint32_t from, uint32_t id)
{
	for (unsigned i = 0; i < count; i++)
		if (list[i].from == from && list[i].id == id)
			return true;
	if (count < SEEN_PACKETS)
		count++;
	list[oldest].from = from;
	list[oldest].id = id;
	oldest = (oldest + 1) % SEEN_PACKETS;
	return false;
}

static int setup(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	count = oldest = 0;
	return 0;
}

static void test_as_a_list(void **state)
{
	uint32_t random = 1;

	(void)state;
	for (unsigned i = 0; i < 30000; i++) {
		uint32_t from, id;

		random = random * 1664525 + 1013904223;
		from = random >> 30;
		random = random * 1664525 + 1013904223;
		id = 1 + (random >> 16) % 5000;
		assert_int_equal(meshtcp_seen_before(&seen, from, id), in_list(from, id));
	}
	assert_int_equal(count, SEEN_PACKETS);
}

/* All in one chain, and the bound to the packet: the oldest goes when one more comes. */
static void test_one_chain(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= SEEN_PACKETS; i++)
		assert_false(meshtcp_seen_before(&seen, i, i));
	assert_true(meshtcp_seen_before(&seen, 1, 1));
	assert_false(meshtcp_seen_before(&seen, 9999, 9999));
	assert_false(meshtcp_seen_before(&seen, 1, 1));
	assert_false(meshtcp_seen_before(&seen, 2, 2));
	assert_true(meshtcp_seen_before(&seen, 5, 5));
	assert_true(meshtcp_seen_before(&seen, 9999, 9999));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_as_a_list, setup),
		cmocka_unit_test_setup(test_one_chain, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
