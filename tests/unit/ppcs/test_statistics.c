/* SPDX-License-Identifier: MIT */
/*
 * What is learnt from races: times as RFC 6298 smooths them, limits, weights, and the numbers made
 * of the last samples. The figures are worked out by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <stdbool.h>

#include "statistics.h"

#define MAX_MS 5000
#define NOW    1000

/* The linker puts this in the place of realloc(). */
static bool no_memory;
void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_realloc(void *p, size_t size)
{
	return no_memory ? NULL : __real_realloc(p, size);
}

static void assert_times(const struct path *path, uint32_t srtt, uint32_t rttvar)
{
	assert_int_equal(path->numbers.srtt_ms, srtt);
	assert_int_equal(path->numbers.rttvar_ms, rttvar);
}

static unsigned limit(const struct path_list *list)
{
	return ppcs_path_limit(list, PPCS_LAN, 32108, MAX_MS);
}

static void test_smoothing(void **state)
{
	struct path_list list = { 0 };
	struct path *path = ppcs_path_get(&list, PPCS_LAN, 32108);

	(void)state;
	assert_times(path, 0, 0);
	assert_int_equal(limit(&list), MAX_MS);
	ppcs_path_up(path, 400); /* SRTT R, RTTVAR R/2 */
	assert_times(path, 400, 200);
	assert_int_equal(limit(&list), 1200);
	ppcs_path_up(path, 200); /* (3 x 200 + 200) / 4, (7 x 400 + 200) / 8 */
	assert_times(path, 375, 200);
	assert_int_equal(limit(&list), 1175);
	ppcs_path_up(path, 375); /* 600 / 4, 3000 / 8 */
	assert_times(path, 375, 150);
	assert_int_equal(limit(&list), 975);
	ppcs_path_up(path, 1175); /* (450 + 800) / 4, (2625 + 1175) / 8 */
	assert_times(path, 475, 312);
	assert_int_equal(limit(&list), 1723);
	for (unsigned i = 0; i < 100; i++)
		ppcs_path_up(path, 475);
	assert_int_equal(path->numbers.srtt_ms, 475);
	assert_int_equal(limit(&list), 500);
	ppcs_path_list_free(&list);
}

static void test_limits(void **state)
{
	static const struct {
		uint32_t srtt, rttvar;
		unsigned max, limit;
	} rows[] = {
		{ 0, 0, 5000, 5000 },
		{ 0, 0, 100, 100 },
		{ 1, 0, 5000, 500 },
		{ 100, 99, 5000, 500 },
		{ 100, 100, 5000, 500 },
		{ 101, 100, 5000, 501 },
		{ 1000, 999, 5000, 4996 },
		{ 1000, 1000, 5000, 5000 },
		{ 1001, 1000, 5000, 5000 },
		{ 65535, 65535, 60000, 60000 },
		{ 1, 0x40000000, 5000, 5000 },
		{ 10, 5, 300, 300 }, /* a limit that was set is never exceeded */
		{ 400, 200, 600, 600 },
	};
	struct path_list list = { 0 };

	(void)state;
	assert_int_equal(limit(&list), MAX_MS);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct path *path = ppcs_path_get(&list, PPCS_LAN, 32108);

		path->numbers.srtt_ms = rows[i].srtt;
		path->numbers.rttvar_ms = rows[i].rttvar;
		assert_int_equal(ppcs_path_limit(&list, PPCS_LAN, 32108, rows[i].max),
				 rows[i].limit);
		/* Another mode and another port are something else. */
		assert_int_equal(ppcs_path_limit(&list, PPCS_P2P, 32108, rows[i].max), rows[i].max);
		assert_int_equal(ppcs_path_limit(&list, PPCS_LAN, 0, rows[i].max), rows[i].max);
	}
	ppcs_path_list_free(&list);
}

/* Each failure in a row doubles the limit, eight times at most. */
static void test_failures(void **state)
{
	static const struct {
		uint32_t srtt, failures, limit;
	} rows[] = {
		{ 0, 3, 60000 },           { 10, 0, 500 },    { 10, 1, 1000 },
		{ 10, 2, 2000 },           { 10, 6, 32000 },  { 10, 7, 60000 },
		{ 10, UINT32_MAX, 60000 }, { 1200, 1, 2400 }, { 1200, 5, 38400 },
		{ 1200, 6, 60000 },
	};
	struct path_list list = { 0 };
	struct path *path = ppcs_path_get(&list, PPCS_LAN, 32108);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		path->numbers.srtt_ms = rows[i].srtt;
		path->numbers.failures = rows[i].failures;
		assert_int_equal(ppcs_path_limit(&list, PPCS_LAN, 32108, 60000), rows[i].limit);
	}
	path->numbers.srtt_ms = 500;
	path->numbers.failures = 100;
	assert_int_equal(ppcs_path_limit(&list, PPCS_LAN, 32108, UINT_MAX), 256 * 500);
	ppcs_path_list_free(&list);
}

static void test_without_memory(void **state)
{
	struct path_list list = { 0 };

	(void)state;
	ppcs_path_get(&list, PPCS_LAN, 1)->numbers.attempts = 7;
	no_memory = true;
	assert_null(ppcs_path_get(&list, PPCS_LAN, 2));
	assert_int_equal(ppcs_path_get(&list, PPCS_LAN, 1)->numbers.attempts, 7);
	ppcs_path_raced(&list, PPCS_LAN, false, NOW);
	ppcs_path_outrun(&list, PPCS_LAN);
	no_memory = false;
	assert_int_equal(ppcs_path_weight(&list, PPCS_LAN), 1000);
	assert_non_null(ppcs_path_get(&list, PPCS_LAN, 2));
	assert_int_equal(list.count, 2);
	ppcs_path_list_free(&list);
}

/* 0 ms is measured, and not "never measured"; very long ones are cut. */
static void test_extremes(void **state)
{
	struct path_list list = { 0 };
	struct path *other, *path;

	(void)state;
	ppcs_path_get(&list, PPCS_LAN, 32108);
	other = ppcs_path_get(&list, PPCS_RELAY, 32108);
	path = ppcs_path_get(&list, PPCS_LAN, 32108);
	ppcs_path_up(path, 0);
	assert_times(path, 1, 0);
	assert_int_equal(limit(&list), 500);
	for (unsigned i = 0; i < 100; i++)
		ppcs_path_up(path, 0);
	assert_times(path, 1, 0);
	assert_int_equal(path->up.at[0], 1);
	ppcs_path_up(other, UINT64_MAX);
	assert_times(other, 65535, 32767);
	ppcs_path_up(other, 65536);
	assert_times(other, 65535, 24575);
	assert_int_equal(other->up.at[1], 65535);
	ppcs_path_up(other, 0); /* (3 x 24575 + 65534) / 4, (7 x 65535 + 1) / 8 */
	assert_times(other, 57343, 34814);
	ppcs_path_list_free(&list);
}

static void test_weights(void **state)
{
	struct path_list list = { 0 };
	const struct path *path;

	(void)state;
	assert_int_equal(ppcs_path_weight(&list, PPCS_P2P), 1000);
	assert_null(ppcs_path_find(&list, PPCS_P2P, 0));
	ppcs_path_raced(&list, PPCS_P2P, false, NOW);
	path = ppcs_path_find(&list, PPCS_P2P, 0);
	assert_int_equal(path->numbers.failures, 1);
	assert_int_equal(ppcs_path_weight(&list, PPCS_P2P), 750);
	ppcs_path_raced(&list, PPCS_P2P, false, NOW); /* 750 - 187 */
	assert_int_equal(ppcs_path_weight(&list, PPCS_P2P), 563);
	ppcs_path_raced(&list, PPCS_P2P, false, NOW); /* 563 - 140 */
	assert_int_equal(ppcs_path_weight(&list, PPCS_P2P), 423);
	assert_int_equal(path->numbers.failures, 3);
	ppcs_path_raced(&list, PPCS_P2P, true, NOW); /* 423 + 145, a quarter of 577 rounded up */
	assert_int_equal(ppcs_path_weight(&list, PPCS_P2P), 568);
	assert_int_equal(path->numbers.failures, 0);
	assert_int_equal(ppcs_path_weight(&list, PPCS_LAN), 1000);
	assert_int_equal(list.count, 1);
	/* To the ends, and back from there. */
	for (unsigned i = 0; i < 100; i++)
		ppcs_path_raced(&list, PPCS_P2P, true, NOW);
	assert_int_equal(ppcs_path_weight(&list, PPCS_P2P), 1000);
	for (unsigned i = 0; i < 100; i++)
		ppcs_path_raced(&list, PPCS_P2P, false, NOW);
	assert_in_range(ppcs_path_weight(&list, PPCS_P2P), 0, 3);
	assert_int_equal(path->numbers.failures, 100);
	ppcs_path_raced(&list, PPCS_P2P, true, NOW);
	assert_in_range(ppcs_path_weight(&list, PPCS_P2P), 250, 253);
	ppcs_path_list_free(&list);
}

/* From the fifth failure in a row on a mode rests for 60 s after each. */
static void test_rest(void **state)
{
	struct path_list list = { 0 };

	(void)state;
	assert_int_equal(ppcs_path_rest(&list, PPCS_P2P, NOW), 0);
	for (unsigned i = 1; i <= 4; i++) {
		ppcs_path_raced(&list, PPCS_P2P, false, NOW);
		assert_int_equal(ppcs_path_rest(&list, PPCS_P2P, NOW), 0);
	}
	ppcs_path_raced(&list, PPCS_P2P, false, NOW);
	assert_int_equal(ppcs_path_rest(&list, PPCS_P2P, NOW), 60000);
	assert_int_equal(ppcs_path_rest(&list, PPCS_LAN, NOW), 0);
	assert_int_equal(ppcs_path_rest(&list, PPCS_P2P, NOW + 59999), 1);
	assert_int_equal(ppcs_path_rest(&list, PPCS_P2P, NOW + 60001), 0);
	ppcs_path_outrun(&list, PPCS_P2P); /* that is no failure */
	assert_int_equal(ppcs_path_rest(&list, PPCS_P2P, NOW + 60000), 0);
	ppcs_path_raced(&list, PPCS_P2P, false, NOW + 70000);
	assert_int_equal(ppcs_path_rest(&list, PPCS_P2P, NOW + 70000), 60000);
	ppcs_path_raced(&list, PPCS_P2P, true, NOW + 70000);
	assert_int_equal(ppcs_path_rest(&list, PPCS_P2P, NOW + 70000), 0);
	ppcs_path_raced(&list, PPCS_P2P, false, NOW + 70000);
	assert_int_equal(ppcs_path_rest(&list, PPCS_P2P, NOW + 70000), 0);
	ppcs_path_list_free(&list);
}

static void test_outrun(void **state)
{
	struct path_list list = { 0 };

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		ppcs_path_raced(&list, PPCS_LAN, false, NOW);
	ppcs_path_outrun(&list, PPCS_LAN); /* 318 - 79 */
	assert_int_equal(ppcs_path_weight(&list, PPCS_LAN), 239);
	assert_int_equal(ppcs_path_find(&list, PPCS_LAN, 0)->numbers.failures, 4);
	ppcs_path_outrun(&list, PPCS_P2P);
	assert_int_equal(ppcs_path_weight(&list, PPCS_P2P), 750);
	ppcs_path_list_free(&list);
}

/* What an earlier handle gave out goes in again; of a port neither weight nor rest. */
static void test_taken_over(void **state)
{
	static const struct ppcs_path_statistics from = {
		.failures = 7, .weight = 321, .srtt_ms = 40, .rttvar_ms = 20, .rest_ms = 30000
	};
	struct path_list list = { 0 };
	struct ppcs_path_statistics n;

	(void)state;
	ppcs_path_set(ppcs_path_get(&list, PPCS_LAN, 0), &from, NOW);
	ppcs_path_numbers(ppcs_path_get(&list, PPCS_LAN, 0), NOW, &n);
	assert_int_equal(n.failures, 7);
	assert_int_equal(n.weight, 321);
	assert_int_equal(n.rest_ms, 30000);
	ppcs_path_numbers(ppcs_path_get(&list, PPCS_LAN, 0), NOW + 12345, &n);
	assert_int_equal(n.rest_ms, 30000 - 12345);
	ppcs_path_numbers(ppcs_path_get(&list, PPCS_LAN, 0), NOW + 30001, &n);
	assert_int_equal(n.rest_ms, 0);
	ppcs_path_set(ppcs_path_get(&list, PPCS_LAN, 32108), &from, NOW);
	ppcs_path_numbers(ppcs_path_get(&list, PPCS_LAN, 32108), NOW, &n);
	assert_int_equal(n.failures, 7);
	assert_int_equal(n.weight, 0);
	assert_int_equal(n.srtt_ms, 40);
	assert_int_equal(n.rttvar_ms, 20);
	assert_int_equal(n.rest_ms, 0);
	ppcs_path_list_free(&list);
}

static void test_samples(void **state)
{
	struct path_list list = { 0 };
	struct path *path = ppcs_path_get(&list, PPCS_P2P, 40611);
	struct ppcs_path_statistics n;

	(void)state;
	path->numbers.attempts = 77;
	ppcs_path_numbers(path, NOW, &n);
	assert_int_equal(n.mode, PPCS_P2P);
	assert_int_equal(n.port, 40611);
	assert_int_equal(n.attempts, 77);
	assert_int_equal(n.answer_min_ms + n.answer_median_ms + n.answer_p95_ms, 0);
	assert_int_equal(n.up_min_ms + n.up_median_ms + n.up_p95_ms, 0);
	assert_int_equal(n.verified_min_ms + n.verified_median_ms + n.verified_p95_ms, 0);
	/* One is all three. */
	ppcs_samples_add(&path->answer, 70);
	ppcs_path_numbers(path, NOW, &n);
	assert_int_equal(n.answer_min_ms, 70);
	assert_int_equal(n.answer_median_ms, 70);
	assert_int_equal(n.answer_p95_ms, 70);
	ppcs_samples_add(&path->answer, 90);
	ppcs_samples_add(&path->answer, 80);
	ppcs_path_numbers(path, NOW, &n);
	assert_int_equal(n.answer_min_ms, 70);
	assert_int_equal(n.answer_median_ms, 80);
	assert_int_equal(n.answer_p95_ms, 90);
	/* 1000 to 1019, the last first: of 20 the 19th is the 95th percentile. */
	for (unsigned i = 0; i < 20; i++)
		ppcs_samples_add(&path->verified, 1019 - i);
	ppcs_path_numbers(path, NOW, &n);
	assert_int_equal(n.verified_min_ms, 1000);
	assert_int_equal(n.verified_median_ms, 1010);
	assert_int_equal(n.verified_p95_ms, 1018);
	ppcs_path_up(path, 5);
	ppcs_path_up(path, 3);
	ppcs_path_numbers(path, NOW, &n);
	assert_int_equal(n.up_min_ms, 3);
	assert_int_equal(n.up_median_ms, 5);
	assert_int_equal(n.up_p95_ms, 5);
	assert_int_equal(n.answer_min_ms, 70);
	ppcs_path_list_free(&list);
}

/* The last 32 count: of 32 the 31st is the 95th percentile. */
static void test_last_samples(void **state)
{
	struct path_list list = { 0 };
	struct path *path = ppcs_path_get(&list, PPCS_P2P, 40611);
	struct ppcs_path_statistics n;

	(void)state;
	for (unsigned i = 1; i <= 32; i++)
		ppcs_samples_add(&path->answer, 100 * i);
	ppcs_path_numbers(path, NOW, &n);
	assert_int_equal(n.answer_min_ms, 100);
	assert_int_equal(n.answer_median_ms, 1700);
	assert_int_equal(n.answer_p95_ms, 3100);
	for (unsigned i = 33; i <= 40; i++)
		ppcs_samples_add(&path->answer, 100 * i);
	ppcs_path_numbers(path, NOW, &n);
	assert_int_equal(n.answer_min_ms, 900);
	assert_int_equal(n.answer_median_ms, 2500);
	assert_int_equal(n.answer_p95_ms, 3900);
	ppcs_samples_add(&path->answer, 65536);
	ppcs_samples_add(&path->answer, UINT64_MAX);
	ppcs_path_numbers(path, NOW, &n);
	assert_int_equal(n.answer_min_ms, 1100);
	assert_int_equal(n.answer_p95_ms, 65535);
	ppcs_path_list_free(&list);
}

/* An entry for each mode and port, bounded; those that are there stay what they are. */
static void test_bounds(void **state)
{
	struct path_list list = { 0 };
	const unsigned most = PPCS_MODES * (1 + 2 * PPCS_MAX_PORTS);
	struct path *path;

	(void)state;
	for (unsigned i = 0; i < most; i++) {
		path = ppcs_path_get(&list, (enum ppcs_mode)(i % PPCS_MODES), (uint16_t)(i / 3));
		assert_non_null(path);
		assert_int_equal(path->numbers.mode, i % PPCS_MODES);
		assert_int_equal(path->numbers.port, i / 3);
		assert_int_equal(path->numbers.weight, i / 3 == 0 ? 1000 : 0);
		path->numbers.attempts = i;
	}
	assert_int_equal(list.count, most);
	assert_null(ppcs_path_get(&list, PPCS_LAN, 60000));
	assert_null(ppcs_path_find(&list, PPCS_LAN, 60000));
	for (unsigned i = 0; i < most; i++) {
		path = ppcs_path_get(&list, (enum ppcs_mode)(i % PPCS_MODES), (uint16_t)(i / 3));
		assert_int_equal(path->numbers.attempts, i);
		assert_ptr_equal(ppcs_path_find(&list, path->numbers.mode, path->numbers.port),
				 path);
	}
	assert_int_equal(list.count, most);
	ppcs_path_list_free(&list);
	assert_int_equal(list.count, 0);
	assert_null(ppcs_path_find(&list, PPCS_P2P, 0));
	ppcs_path_list_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_smoothing),      cmocka_unit_test(test_limits),
		cmocka_unit_test(test_extremes),       cmocka_unit_test(test_weights),
		cmocka_unit_test(test_samples),        cmocka_unit_test(test_last_samples),
		cmocka_unit_test(test_bounds),         cmocka_unit_test(test_failures),
		cmocka_unit_test(test_without_memory), cmocka_unit_test(test_rest),
		cmocka_unit_test(test_outrun),         cmocka_unit_test(test_taken_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
