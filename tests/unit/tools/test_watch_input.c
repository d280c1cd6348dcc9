/* SPDX-License-Identifier: MIT */
/* The lines that `watch` reads: cut however they arrive, bounded, made into words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/ipcom/watch_input.h"

static struct watch_input in;
static int ends[2];

static int open_pipe(void **state)
{
	(void)state;
	memset(&in, 0, sizeof(in));
	return pipe(ends);
}

static int close_pipe(void **state)
{
	(void)state;
	close(ends[0]);
	if (ends[1] >= 0)
		close(ends[1]);
	return 0;
}

static void arrive(const char *text, size_t size)
{
	assert_int_equal(write(ends[1], text, size), size);
	watch_input_read(&in, ends[0]);
}

static void expect_line(const char *expected)
{
	size_t len = 0;
	char *line;

	assert_int_equal(watch_input_line(&in, &line, &len), 1);
	assert_string_equal(line, expected);
	assert_int_equal(len, strlen(expected));
}

static void expect(int expected)
{
	size_t len;
	char *line;

	assert_int_equal(watch_input_line(&in, &line, &len), expected);
}

static void test_lines(void **state)
{
	(void)state;
	arrive("on 1", 4);
	expect(0);
	arrive(".1\n\noff 1.1\nto", 14);
	expect_line("on 1.1");
	expect_line("");
	expect_line("off 1.1");
	expect(0);
	arrive("ggle", 4);
	expect(0);
	close(ends[1]);
	ends[1] = -1;
	watch_input_read(&in, ends[0]);
	assert_true(in.ended);
	expect_line("toggle");
	expect(0);
}

static void test_longest(void **state)
{
	char text[WATCH_LINE_MAX + 1];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[WATCH_LINE_MAX - 1] = '\n';
	arrive(text, WATCH_LINE_MAX);
	text[WATCH_LINE_MAX - 1] = '\0';
	expect_line(text);
	expect(0);
}

/* Told once, however many pieces it comes in; the line behind it is read. */
static void test_too_long(void **state)
{
	char text[WATCH_LINE_MAX];

	(void)state;
	memset(text, 'x', sizeof(text));
	arrive(text, sizeof(text));
	expect(-EMSGSIZE);
	expect(0);
	arrive(text, sizeof(text));
	expect(0);
	arrive("x\non 1.1\n", 9);
	expect_line("on 1.1");
	expect(0);
}

static void words(const char *line, const char *expected)
{
	static struct watch_words found;
	char copy[WATCH_LINE_MAX], all[WATCH_LINE_MAX] = "", why[CLI_WHY_MAX] = "";

	snprintf(copy, sizeof(copy), "%s", line);
	assert_int_equal(watch_words_parse(&found, copy, strlen(copy), why), 0);
	for (int i = 0; i < found.count; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "[%s]", found.word[i]);
	assert_string_equal(all, expected);
}

static void bad(const char *line, size_t len, const char *expected)
{
	static struct watch_words found;
	char copy[WATCH_LINE_MAX], why[CLI_WHY_MAX] = "";

	memcpy(copy, line, len);
	copy[len] = '\0';
	assert_int_equal(watch_words_parse(&found, copy, len, why), -EINVAL);
	assert_string_equal(why, expected);
}

static void bad_text(const char *line, const char *expected)
{
	bad(line, strlen(line), expected);
}

static void test_words(void **state)
{
	(void)state;
	words("", "");
	words(" \t\r", "");
	words("on hall", "[on][hall]");
	words("  set\t1.1  255\r", "[set][1.1][255]");
}

static void test_objects(void **state)
{
	(void)state;
	words("{\"command\":\"on\",\"output\":\"hall\"}", "[on][hall]");
	words(" { \"output\" : \"d\\u0069ning room\", \"command\":\"dim\", \"value\": 40,"
	      " \"x\":[1] } \r",
	      "[dim][dining room][40]");
	words("{\"command\":\"dim\",\"output\":\"a\",\"value\":-9223372036854775808}",
	      "[dim][a][-9223372036854775808]");
}

static void test_bad_objects(void **state)
{
	(void)state;
	bad("on\0off", 6, "a NUL byte in the line");
	bad_text("{}", "\"command\": must be there, and a text");
	bad_text("{\"command\":\"on\"}", "\"output\": must be there, and a text");
	bad_text("{\"command\":1,\"output\":\"a\"}", "\"command\": must be there, and a text");
	bad_text("{\"command\":\"dim\",\"output\":\"a\",\"value\":1.5}",
		 "\"value\": must be a whole number");
	bad_text("{\"command\":\"dim\",\"output\":\"a\",\"value\":\"1\"}",
		 "\"value\": must be a whole number");
	bad_text("{\"command\":\"on\\u0000\",\"output\":\"a\"}", "a text that cannot be");
	bad_text("{\"command\":\"on\",\"output\":\"a\"", "unexpected end of data");
	bad_text("{\"command\":\"on\",\"output\":\"a\"} x", "unexpected character");
	bad_text("{\"a\":[[[[[[[[]]]]]]]]}", "nesting too deep");
}

static void test_many_words(void **state)
{
	char line[2 * WATCH_WORDS_MAX + 3];

	(void)state;
	for (size_t i = 0; i <= WATCH_WORDS_MAX; i++)
		memcpy(line + 2 * i, "x ", 2);
	line[2 * WATCH_WORDS_MAX + 2] = '\0';
	bad_text(line, "too many words");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lines, open_pipe, close_pipe),
		cmocka_unit_test_setup_teardown(test_longest, open_pipe, close_pipe),
		cmocka_unit_test_setup_teardown(test_too_long, open_pipe, close_pipe),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_bad_objects),
		cmocka_unit_test(test_many_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
