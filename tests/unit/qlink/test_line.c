/* SPDX-License-Identifier: MIT */
/*
 * Lines and fields (protocol sheet, section 1.4): every delimiter, every cut, every length. What a
 * stream gives must not depend on how it was cut.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MEGABYTE     ((size_t)1 << 20)

/* What came out of a splitter: lines in brackets, fragments in braces, `!` for an overlong one. */
struct result {
	char text[8192];
	size_t size;
	unsigned overlong;
};

static void add(struct result *r, const char *data, size_t size)
{
	assert_true(r->size + size < sizeof(r->text));
	memcpy(r->text + r->size, data, size);
	r->size += size;
	r->text[r->size] = '\0';
}

static void feed(struct line_splitter *s, struct result *r, const char *data, size_t size)
{
	while (size > 0) {
		struct span line = { NULL, 0 };
		size_t used = 0;
		enum line_status status =
			qlink_line_split(s, (const uint8_t *)data, size, &used, &line);

		assert_in_range(used, 1, size);
		data += used;
		size -= used;
		if (status == LINE_OVERLONG) {
			r->overlong++;
			add(r, "!", 1);
		} else if (status == LINE_COMPLETE) {
			assert_in_range(line.size, 1, LINE_MAX_BYTES);
			add(r, s->fragment ? "{" : "[", 1);
			add(r, line.data, line.size);
			add(r, s->fragment ? "}" : "]", 1);
		} else {
			assert_int_equal(size, 0);
		}
	}
}

static void feed_in_chunks(struct line_splitter *s, struct result *r, const char *data, size_t size,
			   size_t chunk)
{
	for (size_t at = 0; at < size; at += chunk)
		feed(s, r, data + at, size - at < chunk ? size - at : chunk);
}

/* Whole, in chunks of every size, and cut once at every position. */
static void check_cuts(const char *data, size_t size, const char *expected)
{
	for (size_t chunk = 1; chunk <= size; chunk++) {
		struct line_splitter s = { .aligned = true };
		struct result r = { .size = 0 };

		feed_in_chunks(&s, &r, data, size, chunk);
		assert_string_equal(r.text, expected);
	}
	for (size_t cut = 1; cut < size; cut++) {
		struct line_splitter s = { .aligned = true };
		struct result r = { .size = 0 };

		feed(&s, &r, data, cut);
		feed(&s, &r, data + cut, size - cut);
		assert_string_equal(r.text, expected);
	}
}

static void test_delimiters(void **state)
{
	static const char *const cases[][2] = {
		{ "50\r", "[50]" },
		{ "50\n", "[50]" },
		{ "50\r\n", "[50]" },
		{ "50", "" },
		{ "\r", "" },
		{ "\r\n\r\n\n\n\r\r", "" },
		{ "50\r\r\n\n51\n\r52\r", "[50][51][52]" },
		{ "50\r\nLE 1 3 4C 20\r\n", "[50][LE 1 3 4C 20]" },
		{ "SW 2 55 1 1 0\r4\r", "[SW 2 55 1 1 0][4]" },
		{ "100 \r", "[100]" },
		{ "  \t 100 \t \r", "[100]" },
		{ "RCL  0 1\r", "[RCL  0 1]" },
		{ "   \r\t\n50\r", "[50]" },
		{ "a\vb\fc\r", "[a\vb\fc]" },
		{ "\xff\xfb\x01\xff\xfe\x03 50\r\n", "[\xff\xfb\x01\xff\xfe\x03 50]" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		check_cuts(cases[i][0], strlen(cases[i][0]), cases[i][1]);
}

static void test_nuls(void **state)
{
	static const char data[] = "a\0b\r\0\r\0\0\n50\r";
	static const char expected[] = "[a\0b][\0][\0\0][50]";

	(void)state;
	for (size_t chunk = 1; chunk < sizeof(data); chunk++) {
		struct line_splitter s = { .aligned = true };
		struct result r = { .size = 0 };

		feed_in_chunks(&s, &r, data, sizeof(data) - 1, chunk);
		assert_int_equal(r.size, sizeof(expected) - 1);
		assert_memory_equal(r.text, expected, sizeof(expected) - 1);
	}
}

/* The first line after connecting may be the tail of another one. */
static void test_fragment(void **state)
{
	struct line_splitter s = { .aligned = false };
	struct result r = { .size = 0 };

	(void)state;
	feed(&s, &r, "3 4C 20", 7);
	feed(&s, &r, "\r\n50\r51\n", 8);
	assert_string_equal(r.text, "{3 4C 20}[50][51]");

	s = (struct line_splitter){ .aligned = false };
	r = (struct result){ .size = 0 };
	feed(&s, &r, "\n50\r", 4);
	assert_string_equal(r.text, "[50]");
}

/* SIZE bytes of a line, with blanks around it, and a good one behind it, in chunks. */
static void check_length(size_t before, size_t size, size_t after, bool fits)
{
	static const size_t chunks[] = { 1, 2, 7, 512, 1000, 1023, 1024, 1025, 5000 };
	char data[2400];
	char expected[2400];
	size_t total = before + size + after;

	memset(data, ' ', total);
	memset(data + before, 'x', size);
	memcpy(data + total, "\r\n50\r", 6);
	if (fits)
		snprintf(expected, sizeof(expected), "[%.*s][50]", (int)size, data + before);
	else
		snprintf(expected, sizeof(expected), "![50]");
	for (size_t i = 0; i < COUNT(chunks); i++) {
		struct line_splitter s = { .aligned = true };
		struct result r = { .size = 0 };

		feed_in_chunks(&s, &r, data, total + 5, chunks[i]);
		assert_string_equal(r.text, expected);
	}
}

static void test_length(void **state)
{
	(void)state;
	assert_int_equal(LINE_MAX_BYTES, 1024);
	check_length(0, 1023, 0, true);
	check_length(0, 1024, 0, true);
	check_length(0, 1025, 0, false);
	check_length(1, 1023, 0, true);
	check_length(1, 1022, 1, true);
	check_length(1, 1024, 0, false);
	check_length(0, 1024, 1, false);
	check_length(1100, 1, 0, false);
	check_length(0, 2300, 0, false);
}

static void test_megabyte(void **state)
{
	static const size_t chunks[] = { 1, 64, 1024, 1025, 4096, 65536, MEGABYTE };
	char *data = malloc(MEGABYTE);

	(void)state;
	assert_non_null(data);
	memset(data, 'x', MEGABYTE);
	for (size_t i = 0; i < COUNT(chunks); i++) {
		struct line_splitter s = { .aligned = true };
		struct result r = { .size = 0 };

		feed_in_chunks(&s, &r, data, MEGABYTE, chunks[i]);
		assert_int_equal(r.overlong, 1);
		feed(&s, &r, "\r50\r", 4);
		feed_in_chunks(&s, &r, data, MEGABYTE, chunks[i]);
		feed(&s, &r, "\r\n51\n", 5);
		assert_string_equal(r.text, "![50]![51]");
	}
	free(data);
}

/* Only pairs behind a line count, wherever they are cut. */
static void test_crlf(void **state)
{
	static const struct {
		const char *data;
		unsigned pairs;
	} cases[] = {
		{ "50\r", 0 },         { "50\n", 0 },         { "50\r\n", 1 },
		{ "50\r\n51\r\n", 2 }, { "50\r51\r\n", 1 },   { "50\n\r51\n\r", 0 },
		{ "\r\n\r\n", 0 },     { "50\r\r\n51\n", 0 }, { "50\r \n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t size = strlen(cases[i].data);

		for (size_t chunk = 1; chunk <= size; chunk++) {
			struct line_splitter s = { .aligned = true };
			struct result r = { .size = 0 };

			feed_in_chunks(&s, &r, cases[i].data, size, chunk);
			assert_int_equal(s.crlf_lines, cases[i].pairs);
		}
	}
}

static void test_fields(void **state)
{
	static const char text[] = "  RCL \t 0  1";
	char many[128] = "";
	struct line_fields f;

	(void)state;
	qlink_line_fields((struct span){ text, strlen(text) }, &f);
	assert_int_equal(f.count, 3);
	assert_true(qlink_span_equals(f.at[0], "RCL"));
	assert_true(qlink_span_equals(f.at[1], "0"));
	assert_true(qlink_span_equals(f.at[2], "1"));
	assert_false(qlink_span_equals(f.at[0], "RC"));
	assert_false(qlink_span_equals(f.at[0], "RCLX"));
	qlink_line_fields((struct span){ "", 0 }, &f);
	assert_int_equal(f.count, 0);
	qlink_line_fields((struct span){ "   ", 3 }, &f);
	assert_int_equal(f.count, 0);
	for (size_t n = 1; n <= 40; n++) {
		strcat(many, "7 ");
		qlink_line_fields((struct span){ many, strlen(many) }, &f);
		assert_int_equal(f.count, n <= LINE_MAX_FIELDS ? n : LINE_MAX_FIELDS + 1);
		assert_true(qlink_span_equals(f.at[n <= LINE_MAX_FIELDS ? n - 1 : 23], "7"));
	}
}

static void check_number(const char *text, size_t size, bool valid, int32_t value)
{
	int32_t number = -77;

	assert_int_equal(qlink_span_number((struct span){ text, size }, &number), valid);
	assert_int_equal(number, valid ? value : -77);
}

static void check_hex(const char *text, bool valid, int32_t value)
{
	int32_t number = -77;

	assert_int_equal(qlink_span_hex((struct span){ text, strlen(text) }, &number), valid);
	assert_int_equal(number, valid ? value : -77);
}

static void test_numbers(void **state)
{
	static const char *const wrong[] = {
		"",
		"-",
		"--1",
		"+1",
		"1-",
		"1a",
		"a1",
		" 1",
		"1 ",
		"1.0",
		"0x10",
		"1000000000",
		"-1000000000",
		"4C",
		"\xff",
		"12345678901234567890",
	};

	(void)state;
	check_number("0", 1, true, 0);
	check_number("1", 1, true, 1);
	check_number("-1", 2, true, -1);
	check_number("-0", 2, true, 0);
	check_number("0182003", 7, true, 182003);
	check_number("999999999", 9, true, 999999999);
	check_number("-999999999", 10, true, -999999999);
	check_number("1\0", 2, false, 0);
	check_number("\0", 1, false, 0);
	for (size_t i = 0; i < COUNT(wrong); i++)
		check_number(wrong[i], strlen(wrong[i]), false, 0);
}

static void test_hex(void **state)
{
	static const char *const wrong[] = { "",   "-1", "+1",    "0x1",   "G",   "1G",
					     " 1", "1.", "10000", "00000", "\xff" };

	(void)state;
	check_hex("0", true, 0);
	check_hex("4C", true, 0x4c);
	check_hex("4c", true, 0x4c);
	check_hex("3FF", true, 0x3ff);
	check_hex("abcd", true, 0xabcd);
	check_hex("EF09", true, 0xef09);
	check_hex("FFFF", true, 0xffff);
	for (size_t i = 0; i < COUNT(wrong); i++)
		check_hex(wrong[i], false, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_delimiters), cmocka_unit_test(test_nuls),
		cmocka_unit_test(test_fragment),   cmocka_unit_test(test_length),
		cmocka_unit_test(test_megabyte),   cmocka_unit_test(test_crlf),
		cmocka_unit_test(test_fields),     cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_hex),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
