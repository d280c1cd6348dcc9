/* SPDX-License-Identifier: MIT */
/*
 * Every parameter of every command at both edges of its range (protocol sheet, sections 3 and 9).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "command.h"

#include <errno.h>
#include <stdio.h>

#include "words.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int check(const char *request)
{
	struct command c;

	assert_true(words_request(request, &c));
	return qlink_command_check(&c);
}

static void test_ranges(void **state)
{
	static const struct {
		const char *format;
		int min, max;
	} cases[] = {
		{ "VLO %d 50", 1, 9999 },
		{ "VLO 201 %d", 0, 100 },
		{ "VLO 201 50 %d", 0, 6553500 },
		{ "VLA %d 1 2 75", 1, 15 },
		{ "VLA 3 %d 2 75", 1, 17 },
		{ "VLA 3 1 %d 75", 1, 8 },
		{ "VLA 3 1 2 %d", 0, 100 },
		{ "VLA 3 1 2 75 %d", 0, 6553500 },
		{ "VLB %d 4 1 2 75", 1, 15 },
		{ "VLB 3 %d 1 2 75", 1, 4 },
		{ "VLB 3 4 %d 2 75", 1, 4 },
		{ "VLB 3 4 1 %d 75", 1, 8 },
		{ "VLB 3 4 1 2 %d", 0, 100 },
		{ "VLB 3 4 1 2 75 %d", 0, 6553500 },
		{ "VLC %d 1 2 100", 1, 15 },
		{ "VLC 3 %d 2 100", 1, 189 },
		{ "VLC 3 1 %d 100", 1, 8 },
		{ "VLC 3 1 2 %d", 0, 100 },
		{ "VLC 3 1 2 100 %d", 0, 6553500 },
		{ "VGL %d", 1, 9999 },
		{ "VGA %d 2 6", 1, 15 },
		{ "VGA 3 %d 6", 1, 17 },
		{ "VGA 3 2 %d", 1, 8 },
		{ "VGB %d 3 4 5", 1, 15 },
		{ "VGB 2 %d 4 5", 1, 4 },
		{ "VGB 2 3 %d 5", 1, 4 },
		{ "VGB 2 3 4 %d", 1, 8 },
		{ "VGC %d 3 4", 1, 15 },
		{ "VGC 2 %d 4", 1, 189 },
		{ "VGC 2 3 %d", 1, 8 },
		{ "VGD %d 3 4", 1, 15 },
		{ "VGD 2 %d 4", 1, 4 },
		{ "VGD 2 3 %d", 1, 4 },
		{ "VSW %d 10 4 1", 1, 15 },
		{ "VSW 2 %d 4 1", 1, 189 },
		{ "VSW 2 10 %d 1", 1, 255 },
		{ "VSW 2 10 4 %d", 0, 6 },
		{ "VGS %d 9 23", 1, 15 },
		{ "VGS 1 %d 23", 1, 189 },
		{ "VGS 1 9 %d", 1, 255 },
		{ "VGT %d 2", 1, 15 },
		{ "VGT 1 %d", 1, 189 },
		{ "VET %d 4 1", 1, 15 },
		{ "VET 1 %d 1", 1, 255 },
		{ "VET 1 4 %d", 0, 1 },
		{ "VQT %d 4", 1, 15 },
		{ "VQT 1 %d", 1, 255 },
		{ "VST %d 4 1", 1, 15 },
		{ "VST 1 %d 1", 1, 255 },
		{ "VST 1 4 %d", 0, 2 },
		{ "VST 1 4 1 %d 30", -1, 25 },
		{ "VST 1 4 1 6 %d", -1, 59 },
		{ "VST 1 4 1 24 %d", -1439, 1439 },
		{ "VST 1 4 1 25 %d", -1439, 1439 },
		{ "VST 1 4 1 6 30 %d 1 1 1 1 1 0", 0, 1 },
		{ "VST 1 4 1 6 30 0 1 1 1 1 1 %d", 0, 1 },
		{ "VST 1 4 1 6 30 0 1 1 1 1 1 0 %d 4 0", 0, 31 },
		{ "VST 1 4 1 6 30 0 1 1 1 1 1 0 1 %d 0", 0, 12 },
		{ "VST 1 4 1 6 30 0 1 1 1 1 1 0 1 4 %d", 0, 9999 },
		{ "VLD %d 3 4 1", 1, 15 },
		{ "VLD 2 %d 4 1", 1, 189 },
		{ "VLD 2 3 %d 1", 1, 10 },
		{ "VLD 2 3 4 %d", 0, 2 },
		{ "VLS %d 3 4", 1, 15 },
		{ "VLS 2 %d 4", 1, 189 },
		{ "VLS 2 3 %d", 1, 10 },
		{ "VLT %d 3", 1, 15 },
		{ "VLT 2 %d", 1, 189 },
		{ "VOS %d 1", 0, 1 },
		{ "VOS 1 %d", 0, 1 },
		{ "VOL %d", 0, 1 },
		{ "VOD %d", 0, 3 },
		{ "VCL %d", 0, 1 },
		{ "VCL 0 %d", 0, 1 },
		{ "VEC %d", 0, 65535 },
		{ "VGV %d", 1, 15 },
		{ "VGN %d 5 255", 1, 15 },
		{ "VGN 1 %d 255", 0, 9999 },
		{ "VGN 1 5 %d", 0, 255 },
		{ "VQP %d", 1, 15 },
		{ "VQS %d", 1, 15 },
		{ "V?V %d", 1, 15 },
		{ "V?D %d 0", 1, 15 },
		{ "V?D 1 %d", 0, 14 },
		{ "V?D 1 0 %d", 0, 9999 },
		{ "V?S %d 5 10 3", 1, 15 },
		{ "V?S 1 %d 10 3", 0, 63 },
		{ "V?S 1 5 %d 3", 0, 255 },
		{ "V?S 1 5 10 %d", 0, 65535 },
		{ "VLP %d 1 1 1 5", 1, 15 },
		{ "VLP 1 %d 1 1 5", 1, 4 },
		{ "VLP 1 1 %d 1 5", 1, 4 },
		{ "VLP 1 1 1 %d 5", 1, 8 },
		{ "VLP 1 1 1 1 %d", 2, 22 },
		{ "VSP %d 1 1 5", 1, 15 },
		{ "VSP 1 %d 1 5", 1, 189 },
		{ "VSP 1 1 %d 5", 1, 4 },
		{ "VSP 1 1 1 %d", 2, 22 },
		{ "VSC %d 4 10878", 1, 15 },
		{ "VSC 1 %d 10878", 1, 189 },
		{ "VSC 1 4 %d", 1, 9999999 },
		{ "VGH %d 7 13", 1, 15 },
		{ "VGH 1 %d 13", 1, 50 },
		{ "VSH %d 7 5 40", 1, 15 },
		{ "VSH 1 %d 5 40", 1, 50 },
		{ "VIR %d 0 1 4", 1, 15 },
		{ "VIR 1 %d 1 4", 0, 255 },
		{ "VIR 1 0 %d 4", 0, 1 },
		{ "VIR 1 0 1 %d", 1, 189 },
		{ "VIC %d 2 31 1 4", 1, 15 },
		{ "VIC 1 %d 31 1 4", 1, 8 },
		{ "VIC 1 2 %d 1 4", 0, 31 },
		{ "VIC 1 2 31 %d 4", 0, 1 },
		{ "VIC 1 2 31 1 %d", 1, 189 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const int values[] = { cases[i].min - 1, cases[i].min, cases[i].max,
				       cases[i].max + 1, INT32_MIN,    INT32_MAX };

		for (size_t n = 0; n < COUNT(values); n++) {
			int expected = n == 1 || n == 2 ? 0 : -EINVAL;
			char text[96];

			snprintf(text, sizeof(text), cases[i].format, values[n]);
			if (check(text) != expected)
				print_error("%s\n", text);
			assert_int_equal(check(text), expected);
		}
	}
}

/* Too few and too many parameters; whole groups only. */
static void test_counts(void **state)
{
	static const char *const wrong[] = {
		"VLO",
		"VLO 201",
		"VLO 201 50 0 0",
		"VGL",
		"VGL 101 1",
		"VGD 2 3",
		"VGD 2 3 4 5",
		"VSW 2 10 4",
		"VSW 2 10 4 1 1",
		"VOS 1",
		"VOS 1 1 1",
		"VOL",
		"VOL 1 1",
		"VOD",
		"VCL",
		"VCL 0 1 1",
		"VEC",
		"VEC 1 1",
		"VQA 1",
		"VQM 1",
		"VQP",
		"VQS 1 1",
		"VST 1 4",
		"VST 1 4 1 6",
		"VST 1 4 1 6 30 1",
		"VST 1 4 1 6 30 0 1 1 1 1 1",
		"VST 1 4 1 6 30 0 1 1 1 1 1 0 1",
		"VST 1 4 1 6 30 0 1 1 1 1 1 0 1 4",
		"VST 1 4 1 6 30 0 1 1 1 1 1 0 1 4 0 0",
		"VGH 1 7",
		"VGH 1 7 5 6 7 8 9",
		"VSH 1 7",
		"VSH 1 7 5",
		"VSH 1 7 5 40 6",
		"VSH 1 7 5 1 6 1 7 1 8 1",
		"VIR 1 0 1",
		"VIC 1 2 31 1",
		"VLT 2",
		"VLT 2 3 4",
		"V?D 1",
		"V?S 1 5 10",
	};
	static const char *const right[] = {
		"VLO 201 50",
		"VLO 201 50 0",
		"VCL 0",
		"VCL 0 1",
		"VQA",
		"VQM",
		"VST 1 4 1",
		"VST 1 4 1 6 30",
		"VST 1 4 1 6 30 0 1 1 1 1 1 0",
		"VST 1 4 1 6 30 0 1 1 1 1 1 0 1 4 0",
		"VGH 1 7 5",
		"VGH 1 7 5 6 7 8",
		"VSH 1 7 5 40",
		"VSH 1 7 5 40 6 30 9 1",
		"V?D 1 0",
		"V?D 1 0 5",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_int_equal(check(wrong[i]), -EINVAL);
	for (size_t i = 0; i < COUNT(right); i++)
		assert_int_equal(check(right[i]), 0);
}

/* Section 3.6 names 5–13 and 48–53. */
static void test_registers(void **state)
{
	char text[64];

	(void)state;
	for (int number = -1; number < 70; number++) {
		bool valid = (number >= 5 && number <= 13) || (number >= 48 && number <= 53);
		int expected = valid ? 0 : -EINVAL;

		snprintf(text, sizeof(text), "VGH 1 7 %d", number);
		assert_int_equal(check(text), expected);
		snprintf(text, sizeof(text), "VGH 1 7 5 5 5 %d", number);
		assert_int_equal(check(text), expected);
		snprintf(text, sizeof(text), "VSH 1 7 5 40 %d 40", number);
		assert_int_equal(check(text), expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_registers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
