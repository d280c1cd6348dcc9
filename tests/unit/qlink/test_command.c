/* SPDX-License-Identifier: MIT */
/*
 * Commands: their bytes, their classes (protocol sheet, section 3), and raw ones. Tables are
 * written from the sheet.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "words.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *encoded(const char *request, char modifier)
{
	static char bytes[COMMAND_MAX_BYTES + 1];
	struct command c;
	size_t size;

	assert_true(words_request(request, &c));
	assert_int_equal(qlink_command_check(&c), 0);
	size = qlink_command_encode(&c, modifier, bytes);
	bytes[size] = '\0';
	return bytes;
}

/* Every tenth of a second there is; 3.0 would be a fade of minutes (section 2.3). */
static void test_fades(void **state)
{
	(void)state;
	for (unsigned tenths = 0; tenths <= 65535; tenths++) {
		char request[64];
		char expected[64];

		snprintf(request, sizeof(request), "VLO 201 50 %u", tenths * 100);
		if (tenths == 0)
			snprintf(expected, sizeof(expected), "VLO# 201 50");
		else if (tenths % 10 == 0)
			snprintf(expected, sizeof(expected), "VLO# 201 50 %u", tenths / 10);
		else
			snprintf(expected, sizeof(expected), "VLO# 201 50 %u.%u", tenths / 10,
				 tenths % 10);
		assert_string_equal(encoded(request, '#'), expected);
	}
}

static void test_fade_rounding(void **state)
{
	static const struct {
		unsigned ms;
		const char *text;
	} cases[] = {
		{ 0, "" },
		{ 1, "" },
		{ 49, "" },
		{ 50, " 0.1" },
		{ 149, " 0.1" },
		{ 150, " 0.2" },
		{ 949, " 0.9" },
		{ 950, " 1" },
		{ 1049, " 1" },
		{ 2949, " 2.9" },
		{ 2950, " 3" },
		{ 3000, " 3" },
		{ 3049, " 3" },
		{ 3050, " 3.1" },
		{ 59999, " 60" },
		{ 6553449, " 6553.4" },
		{ 6553450, " 6553.5" },
		{ 6553500, " 6553.5" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char request[64];
		char expected[64];

		snprintf(request, sizeof(request), "VLB 1 2 3 4 100 %u", cases[i].ms);
		snprintf(expected, sizeof(expected), "VLB@ 1 2 3 4 100%s", cases[i].text);
		assert_string_equal(encoded(request, '@'), expected);
	}
}

static void test_bytes(void **state)
{
	static const char *const cases[][2] = {
		{ "VLA 3 1 2 75 3500", "VLA# 3 1 2 75 3.5" },
		{ "VLC 3 1 2 100 200", "VLC# 3 1 2 100 0.2" },
		{ "VGL 101", "VGL# 101" },
		{ "VGA 2 17 8", "VGA# 2 17 8" },
		{ "VQA", "VQA#" },
		{ "VQM", "VQM#" },
		{ "VST 1 4 2", "VST# 1 4 2" },
		{ "VST 1 4 1 25 -150 0 1 1 1 1 1 0 31 12 1999",
		  "VST# 1 4 1 25 -150 0 1 1 1 1 1 0 31 12 1999" },
		{ "VST 1 4 1 -1 -1", "VST# 1 4 1 -1 -1" },
		{ "VSC 1 4 10878", "VSC# 1 4 10878" },
		{ "VSH 1 7 5 -40 9 1", "VSH# 1 7 5 -40 9 1" },
		{ "V?V 1", "V?V# 1" },
		{ "V?D 1 14 20", "V?D# 1 14 20" },
		{ "V?S 1 45 26 3", "V?S# 1 C45 97 1A 3" },
		{ "VPG Load: 4 6\" spots, warm,1", "VPG# Load: 4 6\" spots, warm,1" },
		{ "raw VGL101", "VGL101" },
		{ "raw VLO! 201 0", "VLO! 201 0" },
		{ "raw-lines V?V@ 1", "V?V@ 1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(encoded(cases[i][0], '#'), cases[i][1]);
	assert_string_equal(encoded("VGL 101", '@'), "VGL@ 101");
}

static void check_text(enum qlink_command verb, const char *text, int expected)
{
	struct command c = { .verb = verb, .text = text };

	if (qlink_command_check(&c) != expected)
		print_error("text \"%s\"\n", text ? text : "NULL");
	assert_int_equal(qlink_command_check(&c), expected);
}

/* Starts with V, printable ASCII, no CR or LF inside, at most 200 bytes. */
static void test_raw(void **state)
{
	static const char *const wrong[] = {
		"",
		"V",
		"VG",
		"GLV 1",
		" VGL 1",
		"vGL 1",
		"VGL 1\r",
		"VGL 1\n",
		"VGL@ 1\rVLO@ 1 0",
		"VGL\t1",
		"VGL\0331",
		"VGL\x7f",
		"VGL\x80",
		"VGL \xc3\xa4",
		"\rVGL 1",
		"!VGL",
	};
	char text[320];

	(void)state;
	check_text(QLINK_COMMAND_RAW, NULL, -EINVAL);
	check_text(QLINK_COMMAND_VPG, NULL, -EINVAL);
	check_text(QLINK_COMMAND_RAW, "VGL", 0);
	check_text(QLINK_COMMAND_RAW, "VXX ~ !", 0);
	for (size_t i = 0; i < COUNT(wrong); i++)
		check_text(QLINK_COMMAND_RAW, wrong[i], -EINVAL);
	memset(text, 'V', sizeof(text));
	for (size_t size = 189; size < 300; size++) {
		text[size] = '\0';
		check_text(QLINK_COMMAND_RAW, text, size <= 200 ? 0 : -EINVAL);
		check_text(QLINK_COMMAND_VPG, text, size <= 190 ? 0 : -EINVAL);
		text[size] = 'V';
	}
	check_text(QLINK_COMMAND_VPG, "", -EINVAL);
	check_text(QLINK_COMMAND_VPG, "a\rVLO@ 1 0", -EINVAL);
	check_text(QLINK_COMMAND_VPG, "a\x80", -EINVAL);
}

/* The longest raw command and project line fit, with room for the delimiter. */
static void test_longest(void **state)
{
	char bytes[COMMAND_MAX_BYTES];
	char text[201];
	struct command c = { .verb = QLINK_COMMAND_RAW, .text = text };

	(void)state;
	memset(text, 'V', 200);
	text[200] = '\0';
	assert_int_equal(qlink_command_encode(&c, '#', bytes), 200);
	text[190] = '\0';
	c.verb = QLINK_COMMAND_VPG;
	assert_int_equal(qlink_command_encode(&c, '#', bytes), 195);
	assert_memory_equal(bytes, "VPG# VVV", 8);
}

static enum command_access access_of(const char *request)
{
	struct command c;

	assert_true(words_request(request, &c));
	return qlink_command_access(&c);
}

/* The classes of section 3, for typed and for raw commands. */
static void test_access(void **state)
{
	static const struct {
		enum command_access access;
		const char *verbs;
	} cases[] = {
		{ ACCESS_READ, "VGL VGA VGB VGC VGD VGS VGT VQT VLS VLT VEC VGV VGN VQA VQM VQP "
			       "VQS V?V V?D VGH" },
		{ ACCESS_CONTROL, "VLO VLA VLB VLC VSW VET VLD VSH VIR VIC" },
		{ ACCESS_REPORTING, "VOS VOL VOD VCL" },
		{ ACCESS_PROGRAM, "VST V?S VLP VSP VSC VPG" },
	};
	unsigned found = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (const char *verb = cases[i].verbs;; verb += 4) {
			enum qlink_command number;
			struct command c = { .count = 0 };
			char raw[16];

			assert_true(qlink_command_verb(verb, &number));
			c.verb = number;
			assert_int_equal(qlink_command_access(&c), cases[i].access);
			assert_memory_equal(qlink_command_name(number), verb, 3);
			snprintf(raw, sizeof(raw), "raw %.3s@ 1", verb);
			assert_int_equal(access_of(raw), cases[i].access);
			found++;
			if (verb[3] == '\0')
				break;
		}
	}
	assert_int_equal(found, QLINK_COMMAND_VIC);
}

/* Learning writes the programming: state 2 of VSW. */
static void test_learning(void **state)
{
	static const char *const learning[] = {
		"VSW 2 10 4 2",       "raw VSW 2 10 4 2",    "raw VSW@ 2 10 4 2",
		"raw VSW# 2 10 4 2",  "raw VSW! 2 10 4 2",   "raw Vsw@ 2 10 4 2",
		"raw VSW@2 10 4 2",   "raw VSW@ 2  10 4 02", "raw VSW 2 10 4 2 ",
		"raw VSW 2 10 4 2 9", "raw VSW$ 2 10 4 2",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(learning); i++)
		assert_int_equal(access_of(learning[i]), ACCESS_PROGRAM);
	for (int number = 0; number <= 6; number++) {
		char text[32];

		snprintf(text, sizeof(text), "VSW 2 10 4 %d", number);
		assert_int_equal(access_of(text), number == 2 ? ACCESS_PROGRAM : ACCESS_CONTROL);
	}
	assert_int_equal(access_of("raw VSW 2 2 2 6"), ACCESS_CONTROL);
}

static void test_unknown(void **state)
{
	struct command c;
	enum qlink_command verb = QLINK_COMMAND_RAW;

	(void)state;
	assert_false(qlink_command_verb("VXX", &verb));
	assert_false(qlink_command_verb("VG", &verb));
	assert_false(qlink_command_verb("", &verb));
	assert_false(qlink_command_verb("raw", &verb));
	assert_int_equal(verb, QLINK_COMMAND_RAW);
	assert_true(qlink_command_verb("vgl", &verb));
	assert_int_equal(verb, QLINK_COMMAND_VGL);
	assert_true(words_request("raw VXX@ 1", &c));
	assert_false(qlink_command_known(&c));
	assert_int_equal(qlink_command_access(&c), ACCESS_CONTROL);
	assert_true(words_request("raw VGL@ 1", &c));
	assert_true(qlink_command_known(&c));
	assert_string_equal(qlink_command_name(QLINK_COMMAND_RAW), "raw");
	assert_string_equal(qlink_command_name((enum qlink_command)1000), "unknown");
}

/* Section 5.3: what may be sent twice, and what would toggle back. */
static void test_repeatable(void **state)
{
	static const char *const once[] = {
		"VSW 2 10 4 6", "VIR 1 0 1 4",   "VIC 1 2 31 1 4", "VET 1 4 1",
		"VST 1 4 1",    "VLP 1 1 1 1 5", "VSP 1 1 1 5",    "VSC 1 4 10878",
		"VPG Load:",    "V?S 1 5 10 3",  "raw VXX 1",      "raw VSW 2 10 4 6",
	};
	static const char *const again[] = {
		"VLO 201 50", "VLA 3 1 2 75", "VLB 3 4 1 2 75", "VLC 3 1 2 100", "VLD 2 3 4 1",
		"VGL 101",    "VQS 1",        "VEC 1234",       "raw VGL@ 101",
	};
	struct command c;

	(void)state;
	for (size_t i = 0; i < COUNT(once); i++) {
		assert_true(words_request(once[i], &c));
		assert_false(qlink_command_repeatable(&c));
	}
	for (size_t i = 0; i < COUNT(again); i++) {
		assert_true(words_request(again[i], &c));
		assert_true(qlink_command_repeatable(&c));
	}
}

static void test_answered(void **state)
{
	struct command c;

	(void)state;
	assert_true(words_request("raw VLO! 201 0", &c));
	assert_false(qlink_command_answered(&c));
	assert_true(words_request("raw VLO 201 !", &c));
	assert_true(qlink_command_answered(&c));
	assert_true(words_request("raw VQA", &c));
	assert_true(qlink_command_answered(&c));
	assert_true(words_request("VLO 201 0", &c));
	assert_true(qlink_command_answered(&c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fades),      cmocka_unit_test(test_fade_rounding),
		cmocka_unit_test(test_bytes),      cmocka_unit_test(test_raw),
		cmocka_unit_test(test_longest),    cmocka_unit_test(test_access),
		cmocka_unit_test(test_learning),   cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_repeatable), cmocka_unit_test(test_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
