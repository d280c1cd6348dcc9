/* SPDX-License-Identifier: MIT */
/* Event lines (protocol sheet, section 6): what they say, their limits, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "event.h"

#include <stdio.h>
#include <string.h>

#include "words.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void check(const char *line, size_t size, const char *expected)
{
	struct qlink_event e;
	bool found = qlink_event_parse((struct span){ line, size }, &e);

	if (!found && !expected)
		return;
	if (found != (expected != NULL))
		print_error("line \"%s\"\n", line);
	assert_int_equal(found, expected != NULL);
	assert_string_equal(words_event(&e), expected);
}

static void test_lines(void **state)
{
	static const char *const cases[][2] = {
		{ "SW 2 3 5 1", "event button 2/3/5 pressed" },
		{ "SW 2 3 5 0", "event button 2/3/5 released" },
		{ "SW 2 3 5 1 10345", "event button 2/3/5 pressed 10345" },
		{ "SW 2 14 8 0 182003", "event button 2/14/8 released 182003" },
		{ "SW 2 14 8 0 0182003", "event button 2/14/8 released 182003" },
		{ "SW 2 55 1 1 0", "event button 2/55/1 pressed 0" },
		{ "SW  2 3  5 1", "event button 2/3/5 pressed" },
		{ "IR 4 3 231 1", "event ir 4/3 231 1" },
		{ "IR 4 3 0 0 12345", "event ir 4/3 0 0 12345" },
		{ "LO 1 3 2 5 55", "event load 1.3.2.5 55" },
		{ "LO 2 1 3 3 100", "event load 2.1.3.3 100" },
		{ "LS 2 33 8 100", "event station_load 2/33/8 100" },
		{ "LV 1 2 40", "event variable 1.2 40" },
		{ "LE 1 3 4C 20", "event leds 1/3 on 3 4 7 blink 6" },
		{ "LE 1 3 4c 20", "event leds 1/3 on 3 4 7 blink 6" },
		{ "LE 2 15 02 00", "event leds 2/15 on 2" },
		{ "LE 2 15 0 0", "event leds 2/15" },
		{ "LE 2 15 3FF 0", "event leds 2/15 on 1 2 3 4 5 6 7 8 9 10" },
		{ "LE 2 15 0000 0200", "event leds 2/15 blink 10" },
		{ "LE 2 15 FF 81", "event leds 2/15 on 2 3 4 5 6 7 blink 1 8" },
		{ "LC 1 7 34 1", "event lcd_led 1/7/34 1" },
		{ "LC 1 7 255 0", "event lcd_led 1/7/255 0" },
		{ "AON 3", "event all_on 3" },
		{ "AOFF 0", "event all_off 0" },
		{ "AON@ 3", "event all_on 3" },
		{ "AOFF@ 0", "event all_off 0" },
		{ "ST 1 2 3 1", "event external 1/2/3 1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		check(cases[i][0], strlen(cases[i][0]), cases[i][1]);
}

/* Every number at both edges: the line around it, its smallest and its greatest value. */
static void test_edges(void **state)
{
	static const struct {
		const char *format;
		int min, max;
	} cases[] = {
		{ "SW %d 3 5 1", 1, 15 },
		{ "SW 2 %d 5 1", 1, 189 },
		{ "SW 2 3 %d 1", 1, 255 },
		{ "SW 2 3 5 %d", 0, 1 },
		{ "SW 2 3 5 1 %d", 0, 999999999 },
		{ "IR %d 3 231 1", 1, 15 },
		{ "IR 4 %d 231 1", 1, 50 },
		{ "IR 4 3 %d 1", 0, 255 },
		{ "IR 4 3 231 %d", 0, 1 },
		{ "LO %d 3 2 5 55", 1, 15 },
		{ "LO 1 %d 2 5 55", 1, 4 },
		{ "LO 1 3 %d 5 55", 1, 4 },
		{ "LO 1 3 2 %d 55", 1, 8 },
		{ "LO 1 3 2 5 %d", 0, 100 },
		{ "LS %d 33 8 100", 1, 15 },
		{ "LS 2 33 %d 100", 1, 8 },
		{ "LS 2 33 8 %d", 0, 100 },
		{ "LV %d 2 40", 1, 15 },
		{ "LV 1 %d 40", 1, 8 },
		{ "LV 1 2 %d", 0, 100 },
		{ "LE %d 3 4C 20", 1, 15 },
		{ "LE 1 %d 4C 20", 1, 189 },
		{ "LC %d 7 34 1", 1, 15 },
		{ "LC 1 %d 34 1", 1, 189 },
		{ "LC 1 7 %d 1", 1, 255 },
		{ "LC 1 7 34 %d", 0, 1 },
		{ "AON %d", 0, 65535 },
		{ "AOFF %d", 0, 65535 },
		{ "ST %d 2 3 1", 1, 15 },
		{ "ST 1 %d 3 1", 1, 189 },
		{ "ST 1 2 %d 1", 1, 255 },
		{ "ST 1 2 3 %d", 0, 1 },
	};
	char line[64];
	struct qlink_event e;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (int n = 0; n < 4; n++) {
			const int values[] = { cases[i].min - 1, cases[i].min, cases[i].max,
					       cases[i].max + 1 };
			struct span span = { line, 0 };

			span.size = (size_t)sprintf(line, cases[i].format, values[n]);
			if (qlink_event_parse(span, &e) != (n == 1 || n == 2))
				print_error("line \"%s\"\n", line);
			assert_int_equal(qlink_event_parse(span, &e), n == 1 || n == 2);
		}
	}
}

/* Levels that are errors, halves of lines, other texts: none is an event, half a mask is not
 * dark. */
static void test_none(void **state)
{
	static const char *const lines[] = {
		"",
		"SW",
		"AON",
		"LO 1 3 2 5",
		"LO 1 3 2 5 256",
		"LO 1 3 2 5 257",
		"LO 1 3 2 5 258",
		"LO 1 3 2 5 -1",
		"LO 1 3 2 5 55 0",
		"LO 1 3 2 x 55",
		"LO 1 3 2 5 55%",
		"SW 2 3 5",
		"SW 2 3 5 1 -1",
		"SW 2 3 5 1 1234567890",
		"SW 2 3 5 1 10345 1",
		"SW 2 3 5 1 1A2B",
		"LE 1 3 4C",
		"LE 1 3 4C 4",
		"LE 1 3 4C 4C 20",
		"LE 1 3 4G 20",
		"LE 1 3 -4 20",
		"LE 1 3 4C 12345",
		"LE 1 3 0x4C 20",
		"LC 1 7 1F 1",
		"AON 3 4",
		"AON x",
		"AON@@ 3",
		"AOF 1",
		"sw 2 3 5 1",
		"SWX 2 3 5 1",
		"S 2 3 5 1",
		"RSW 2 3 5 1",
		"RLO 101 50",
		"50",
		"LO 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 1 2 3",
		"\xff\xfb\x01SW 2 3 5 1",
		"LE is a word that a text can begin with",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++)
		/* One of the list is right on purpose: it keeps the others honest. */
		check(lines[i], strlen(lines[i]),
		      strcmp(lines[i], "LE 1 3 4C 4") == 0 ? "event leds 1/3 on 4 7 blink 3" :
							     NULL);
	check("SW 2 3 5 1\0", 11, NULL);
	check("SW\0 2 3 5 1", 11, NULL);
	check("AON 3\0"
	      "4",
	      7, NULL);
}

/* What a type does not have is 0, level and state -1. */
static void test_rest(void **state)
{
	struct qlink_event e;

	(void)state;
	memset(&e, 0x55, sizeof(e));
	assert_true(qlink_event_parse((struct span){ "LO 1 3 2 5 55", 13 }, &e));
	assert_int_equal(e.state, -1);
	assert_int_equal(e.station, 0);
	assert_int_equal(e.button, 0);
	assert_int_equal(e.master, 1);
	assert_false(e.has_serial);
	assert_false(e.resynchronised);
	assert_int_equal(e.error, 0);
	assert_int_equal(e.id, 0);
	assert_null(e.values);
	assert_null(e.text.data);
	assert_true(qlink_event_parse((struct span){ "AON 3", 5 }, &e));
	assert_int_equal(e.master, 0);
	assert_int_equal(e.level, -1);
	assert_int_equal(e.load.kind, QLINK_LOAD_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
