/* SPDX-License-Identifier: MIT */
/* The table of known values: keys there and back, growth, its bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cache.h"

static void check_load(struct qlink_load load, enum cache_kind kind)
{
	uint64_t key = qlink_cache_load_key(load);
	struct qlink_load back = qlink_cache_key_load(key);

	assert_int_equal(qlink_cache_key_kind(key), kind);
	assert_int_equal(back.kind, load.kind);
	assert_int_equal(back.master, load.master);
	assert_int_equal(back.enclosure, load.enclosure);
	assert_int_equal(back.module, load.module);
	assert_int_equal(back.station, load.station);
	assert_int_equal(back.load, load.load);
}

static void test_keys(void **state)
{
	unsigned master, station, button;

	(void)state;
	for (unsigned number = 1; number <= 9999; number++)
		check_load(qlink_contractor(number), CACHE_CONTRACTOR);
	for (unsigned m = 1; m <= 15; m++) {
		check_load(qlink_module_load(m, 4, 3, 8), CACHE_MODULE_LOAD);
		check_load(qlink_station_load(m, 189, 7), CACHE_STATION_LOAD);
		check_load(qlink_variable(m, 8), CACHE_VARIABLE);
	}
	qlink_cache_key_station(qlink_cache_key(CACHE_SWITCH, 15, 189, 0, 255), &master, &station,
				&button);
	assert_int_equal(master, 15);
	assert_int_equal(station, 189);
	assert_int_equal(button, 255);
	assert_int_equal(qlink_cache_load_key((struct qlink_load){ .kind = QLINK_LOAD_NONE }), 0);
	assert_int_equal(qlink_cache_key_load(qlink_cache_key(CACHE_LEDS, 1, 2, 0, 0)).kind,
			 QLINK_LOAD_NONE);
}

/* One load is one item, however it is addressed; others are others (also stations of masters). */
static void test_same(void **state)
{
	(void)state;
	assert_true(qlink_cache_load_key(qlink_module16_load(3, 6, 2)) ==
		    qlink_cache_load_key(qlink_module_load(3, 2, 2, 2)));
	assert_true(qlink_cache_load_key(qlink_contractor(10021)) ==
		    qlink_cache_load_key(qlink_variable(2, 1)));
	assert_true(qlink_cache_load_key(qlink_module16_load(2, 17, 1)) ==
		    qlink_cache_load_key(qlink_variable(2, 1)));
	assert_true(qlink_cache_load_key(qlink_contractor(101)) !=
		    qlink_cache_load_key(qlink_contractor(102)));
	assert_true(qlink_cache_key(CACHE_LEDS, 1, 3, 0, 0) !=
		    qlink_cache_key(CACHE_LEDS, 2, 3, 0, 0));
	assert_true(qlink_cache_key(CACHE_LEDS, 1, 3, 0, 0) !=
		    qlink_cache_key(CACHE_SWITCHES, 1, 3, 0, 0));
}

static void test_growth(void **state)
{
	struct cache c = { 0 };

	(void)state;
	assert_null(qlink_cache_find(&c, qlink_cache_key(CACHE_CONTRACTOR, 0, 0, 0, 1)));
	assert_null(qlink_cache_get(&c, 0));
	for (unsigned n = 1; n <= CACHE_MAX_ITEMS; n++) {
		struct cache_item *item =
			qlink_cache_get(&c, qlink_cache_key(CACHE_CONTRACTOR, 0, 0, 0, n));

		assert_non_null(item);
		assert_false(item->known);
		item->value = (int32_t)n;
		assert_int_equal(c.count, n);
	}
	assert_null(qlink_cache_get(&c, qlink_cache_key(CACHE_CONTRACTOR, 0, 0, 0,
							CACHE_MAX_ITEMS + 1)));
	assert_null(qlink_cache_find(&c, qlink_cache_key(CACHE_CONTRACTOR, 0, 0, 0,
							 CACHE_MAX_ITEMS + 1)));
	for (unsigned n = 1; n <= CACHE_MAX_ITEMS; n++) {
		uint64_t key = qlink_cache_key(CACHE_CONTRACTOR, 0, 0, 0, n);

		assert_non_null(qlink_cache_find(&c, key));
		assert_ptr_equal(qlink_cache_find(&c, key), qlink_cache_get(&c, key));
		assert_int_equal(qlink_cache_find(&c, key)->value, n);
	}
	assert_int_equal(c.count, CACHE_MAX_ITEMS);
	assert_true(c.size <= 4 * CACHE_MAX_ITEMS);
	qlink_cache_free(&c);
	assert_int_equal(c.size, 0);
	qlink_cache_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_growth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
