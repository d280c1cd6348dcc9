/* SPDX-License-Identifier: MIT */
/* Addresses of loads (protocol sheet, sections 3.1, 4 and 9): text, ranges, forms, commands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "address.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_variable_number(unsigned number)
{
	for (unsigned m = 1; m <= 15; m++)
		for (unsigned n = 1; n <= 8; n++)
			if (number == 10000 + 10 * m + n)
				return true;
	return false;
}

/* 1–9999, and 10011–10158 with last digit 1–8; text there and back. */
static void test_contractors(void **state)
{
	(void)state;
	for (unsigned number = 0; number < 10300; number++) {
		bool valid = (number >= 1 && number <= 9999) || is_variable_number(number);
		struct qlink_load load = { .kind = QLINK_LOAD_NONE };
		char text[QLINK_LOAD_TEXT];
		char back[QLINK_LOAD_TEXT];

		snprintf(text, sizeof(text), "%u", number);
		assert_int_equal(qlink_load_check(qlink_contractor(number)), valid ? 0 : -EINVAL);
		assert_int_equal(qlink_load_parse(text, &load), valid ? 0 : -EINVAL);
		if (!valid)
			continue;
		qlink_load_format(load, back);
		assert_string_equal(back, text);
	}
	assert_int_equal(qlink_load_check(qlink_contractor(UINT32_MAX)), -EINVAL);
	assert_int_equal(qlink_load_check(qlink_contractor(4294957306U)), -EINVAL);
}

static void test_ranges(void **state)
{
	static const struct {
		const char *format;
		unsigned max;
	} cases[] = {
		{ "%u.1.1.1", 15 }, { "1.%u.1.1", 4 }, { "1.1.%u.1", 4 }, { "1.1.1.%u", 8 },
		{ "%u/1/1", 15 },   { "1/%u/1", 189 }, { "1/1/%u", 8 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (unsigned number = 0; number < 300; number++) {
			bool valid = number >= 1 && number <= cases[i].max;
			struct qlink_load load;
			char text[32];
			char back[QLINK_LOAD_TEXT];

			snprintf(text, sizeof(text), cases[i].format, number);
			assert_int_equal(qlink_load_parse(text, &load), valid ? 0 : -EINVAL);
			if (!valid)
				continue;
			qlink_load_format(load, back);
			assert_string_equal(back, text);
		}
	}
}

static void test_wrong_text(void **state)
{
	static const char *const wrong[] = {
		"",           " ",        "101 ",   " 101",     "1x",
		"x",          "-1",       "+1",     "1.2.3",    "1.2.3.4.5",
		"1..2.3",     ".1.2.3.4", "1.2.3.", "1.2.3.4.", "1/2",
		"1/2/3/4",    "1//3",     "/1/2/3", "1/2/",     "1.2/3",
		"1/2.3",      "1.2.3/4",  "0x10",   "1e2",      "99999999999",
		"4294967297", "1.2.3.-4", "\xff",
	};
	struct qlink_load load = qlink_contractor(7);

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_int_equal(qlink_load_parse(wrong[i], &load), -EINVAL);
	assert_int_equal(qlink_load_parse(NULL, &load), -EINVAL);
	assert_int_equal(qlink_load_parse("101", NULL), -EINVAL);
	assert_int_equal(load.load, 7);
}

static void check_format(struct qlink_load load, const char *expected)
{
	char text[QLINK_LOAD_TEXT];

	memset(text, 'x', sizeof(text));
	qlink_load_format(load, text);
	assert_string_equal(text, expected);
}

static void test_format(void **state)
{
	(void)state;
	check_format(qlink_variable(2, 1), "10021");
	check_format(qlink_variable(15, 8), "10158");
	check_format(qlink_module16_load(3, 1, 2), "3.1.1.2");
	check_format(qlink_module16_load(3, 4, 2), "3.1.4.2");
	check_format(qlink_module16_load(3, 5, 2), "3.2.1.2");
	check_format(qlink_module16_load(3, 16, 8), "3.4.4.8");
	check_format(qlink_module16_load(2, 17, 1), "10021");
	check_format(qlink_module16_load(2, 18, 1), "");
	check_format(qlink_module_load(15, 4, 4, 8), "15.4.4.8");
	check_format(qlink_station_load(15, 189, 8), "15/189/8");
	check_format(qlink_station_load(15, 190, 8), "");
	check_format(qlink_variable(0, 1), "");
	check_format(qlink_variable(1, 9), "");
	check_format((struct qlink_load){ .kind = QLINK_LOAD_NONE }, "");
	check_format((struct qlink_load){ .kind = (enum qlink_load_kind)99 }, "");
}

static void check_same(struct qlink_load a, struct qlink_load b)
{
	a = qlink_load_normal(a);
	b = qlink_load_normal(b);
	assert_int_equal(a.kind, b.kind);
	assert_int_equal(a.master, b.master);
	assert_int_equal(a.enclosure, b.enclosure);
	assert_int_equal(a.module, b.module);
	assert_int_equal(a.station, b.station);
	assert_int_equal(a.load, b.load);
}

/* Modules 1–4 are in the master's enclosure, 5–8, 9–12, 13–16 in the slaves'; 17 is variables. */
static void test_normal(void **state)
{
	(void)state;
	for (unsigned module = 1; module <= 16; module++)
		check_same(qlink_module16_load(3, module, 5),
			   qlink_module_load(3, (module + 3) / 4, (module + 3) % 4 + 1, 5));
	check_same(qlink_module16_load(3, 17, 5), qlink_variable(3, 5));
	for (unsigned m = 1; m <= 15; m++)
		for (unsigned n = 1; n <= 8; n++)
			check_same(qlink_contractor(10000 + 10 * m + n), qlink_variable(m, n));
	assert_int_equal(qlink_load_normal(qlink_contractor(9999)).kind, QLINK_LOAD_CONTRACTOR);
	assert_int_equal(qlink_load_normal(qlink_contractor(10019)).kind, QLINK_LOAD_CONTRACTOR);
}

static void check_command(struct qlink_load load, const char *set, const char *get)
{
	char bytes[COMMAND_MAX_BYTES + 1];
	struct command c;

	qlink_load_command(load, false, &c);
	assert_int_equal(qlink_command_check(&c), 0);
	bytes[qlink_command_encode(&c, '#', bytes)] = '\0';
	assert_string_equal(bytes, get);
	check_same(qlink_load_of_command(&c), load);
	qlink_load_command(load, true, &c);
	c.params[c.count++] = 75;
	assert_int_equal(qlink_command_check(&c), 0);
	bytes[qlink_command_encode(&c, '#', bytes)] = '\0';
	assert_string_equal(bytes, set);
	check_same(qlink_load_of_command(&c), load);
}

static void test_command(void **state)
{
	struct command other = { .verb = QLINK_COMMAND_VLT };

	(void)state;
	check_command(qlink_contractor(201), "VLO# 201 75", "VGL# 201");
	check_command(qlink_module_load(2, 3, 4, 5), "VLB# 2 3 4 5 75", "VGB# 2 3 4 5");
	check_command(qlink_module16_load(3, 2, 6), "VLA# 3 2 6 75", "VGA# 3 2 6");
	check_command(qlink_station_load(2, 33, 8), "VLC# 2 33 8 75", "VGC# 2 33 8");
	check_command(qlink_variable(2, 1), "VLA# 2 17 1 75", "VGA# 2 17 1");
	check_command(qlink_contractor(10021), "VLA# 2 17 1 75", "VGA# 2 17 1");
	assert_int_equal(qlink_load_of_command(&other).kind, QLINK_LOAD_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contractors), cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_wrong_text),  cmocka_unit_test(test_format),
		cmocka_unit_test(test_normal),      cmocka_unit_test(test_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
