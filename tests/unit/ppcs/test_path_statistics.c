/* SPDX-License-Identifier: MIT */
/* What one handle hands on to another through the public API, and what is out of range. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include <ppcs/ppcs.h>

static struct ppcs *p;

static int setup(void **state)
{
	(void)state;
	return ppcs_new(&p);
}

static int teardown(void **state)
{
	(void)state;
	ppcs_free(p);
	return 0;
}

static int set(struct ppcs_path_statistics st)
{
	return ppcs_set_path_statistics(p, &st);
}

static void test_ranges(void **state)
{
	(void)state;
	assert_int_equal(set((struct ppcs_path_statistics){ .failures = UINT32_MAX,
							    .weight = 1000,
							    .srtt_ms = 65535,
							    .rttvar_ms = 65535,
							    .rest_ms = 60000 }),
			 0);
	assert_int_equal(set((struct ppcs_path_statistics){ .weight = 1001 }), -EINVAL);
	assert_int_equal(set((struct ppcs_path_statistics){ .srtt_ms = 65536 }), -EINVAL);
	assert_int_equal(set((struct ppcs_path_statistics){ .rttvar_ms = 65536 }), -EINVAL);
	assert_int_equal(set((struct ppcs_path_statistics){ .rest_ms = 60001 }), -EINVAL);
	assert_int_equal(set((struct ppcs_path_statistics){ .mode = (enum ppcs_mode)PPCS_MODES }),
			 -EINVAL);
	assert_int_equal(ppcs_set_path_statistics(p, NULL), -EINVAL);
	assert_int_equal(ppcs_set_path_statistics(NULL, &(struct ppcs_path_statistics){ 0 }),
			 -EINVAL);
}

static void test_handed_on(void **state)
{
	struct ppcs_path_statistics st;

	(void)state;
	assert_int_equal(ppcs_get_path_statistics(p, 0, &st), -ENOENT);
	assert_int_equal(
		set((struct ppcs_path_statistics){
			.mode = PPCS_RELAY, .failures = 6, .weight = 178, .rest_ms = 60000 }),
		0);
	assert_int_equal(set((struct ppcs_path_statistics){ .mode = PPCS_LAN,
							    .port = 32108,
							    .weight = 7,
							    .srtt_ms = 9,
							    .rttvar_ms = 3,
							    .rest_ms = 60000 }),
			 0);
	assert_int_equal(ppcs_get_path_statistics(p, 0, &st), 0);
	assert_int_equal(st.mode, PPCS_RELAY);
	assert_int_equal(st.port, 0);
	assert_int_equal(st.failures, 6);
	assert_int_equal(st.weight, 178);
	assert_in_range(st.rest_ms, 1, 60000); /* less what this test has taken */
	assert_int_equal(ppcs_get_path_statistics(p, 1, &st), 0);
	assert_int_equal(st.port, 32108);
	assert_int_equal(st.srtt_ms, 9);
	assert_int_equal(st.rttvar_ms, 3);
	/* Of a mode only. */
	assert_int_equal(st.weight, 0);
	assert_int_equal(st.rest_ms, 0);
	assert_int_equal(ppcs_get_path_statistics(p, 2, &st), -ENOENT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_ranges),
		TEST(test_handed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
