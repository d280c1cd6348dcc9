/* SPDX-License-Identifier: MIT */
/* Foreign text made harmless, and the frame of the progress line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tools/cli/progress.h"
#include "tools/cli/text.h"

#include <string.h>

static void test_grows(void **state)
{
	struct cli_text text = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		cli_text_printf(&text, "%03d", i);
	assert_int_equal(text.error, 0);
	assert_int_equal(text.len, 3000);
	assert_string_equal(text.data + 2994, "998999");
	cli_text_reset(&text);
	assert_string_equal(text.data, "");
	cli_text_free(&text);
	assert_null(text.data);
}

static void test_harmless(void **state)
{
	static const char in[] = "a\\b\r\n\t\x1b[31m\x7f\0 \xc2\x9b|\xff|\xc3\xa9 \xe2\x82";
	struct cli_text text = { 0 };

	(void)state;
	cli_text_harmless(&text, in, sizeof(in) - 1);
	assert_string_equal(text.data, "a\\b\\r\\n\\t\\x1b[31m\\x7f\\x00 \\xc2\\x9b|\\xff|\xc3\xa9 "
				       "\\xe2\\x82");
	cli_text_free(&text);
}

static void test_utf8(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} cases[] = {
		{ "a", 1 },
		{ "\x7f", 1 },
		{ "\xc2\x80", 2 },
		{ "\xdf\xbf", 2 },
		{ "\xe0\xa0\x80", 3 },
		{ "\xed\x9f\xbf", 3 },
		{ "\xef\xbf\xbf", 3 },
		{ "\xf0\x90\x80\x80", 4 },
		{ "\xf4\x8f\xbf\xbf", 4 },
		{ "\x80", 0 },
		{ "\xc1\xbf", 0 },
		{ "\xe0\x9f\xbf", 0 },
		{ "\xed\xa0\x80", 0 },
		{ "\xf0\x8f\xbf\xbf", 0 },
		{ "\xf4\x90\x80\x80", 0 },
		{ "\xf5\x80\x80\x80", 0 },
		{ "\xc3", 0 },
		{ "\xc3\x28", 0 },
		{ "\xe2\x82\x28", 0 },
		{ "\xf0\x9f\x98", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const unsigned char *bytes = (const unsigned char *)cases[i].bytes;

		assert_int_equal(cli_utf8_length(bytes, strlen(cases[i].bytes)), cases[i].len);
	}
	assert_int_equal(cli_utf8_length((const unsigned char *)"", 0), 0);
}

static void test_progress_allowed(void **state)
{
	(void)state;
	assert_true(cli_progress_allowed(true, false, "xterm"));
	assert_false(cli_progress_allowed(false, false, "xterm"));
	assert_false(cli_progress_allowed(true, true, "xterm"));
	assert_false(cli_progress_allowed(true, false, "dumb"));
	assert_false(cli_progress_allowed(true, false, ""));
	assert_false(cli_progress_allowed(true, false, NULL));
}

static void assert_progress(const char *text, unsigned width, unsigned lines, const char *expected)
{
	struct cli_text frame = { 0 };

	assert_int_equal(cli_progress_format(&frame, text, 3, width), lines);
	assert_int_equal(frame.error, 0);
	assert_string_equal(frame.data, expected);
	cli_text_free(&frame);
}

static void test_progress_format(void **state)
{
	(void)state;
	assert_progress("connecting", 80, 1, "connecting (3 s)");
	assert_progress("connecting", 14, 1, "connect (3 s)");
	assert_progress("\xc3\xa9\xc3\xa9\xc3\xa9", 9, 1, "\xc3\xa9\xc3\xa9 (3 s)");
	assert_progress("a\nlan: running\n", 9, 3, "a (3 s)\nlan: run\n");
	assert_progress("a\033[2J\rb", 80, 1, "a\\x1b[2J\\rb (3 s)");
	assert_progress("abc", 2, 1, " (3 s)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grows),
		cmocka_unit_test(test_harmless),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_progress_allowed),
		cmocka_unit_test(test_progress_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
