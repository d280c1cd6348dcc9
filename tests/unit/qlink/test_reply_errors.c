/* SPDX-License-Identifier: MIT */
/*
 * Errors in every form (protocol sheet, section 2.2), echoes that look like errors, and impossible
 * values.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "replies.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Section 2.2: alone, as the only field, as the last one, with all parameters before it. */
static void test_errors(void **state)
{
	static const char *const requests[][2] = {
		{ "VLO 201 50", "201" },
		{ "VLO 201 50 2300", "201" },
		{ "VLA 3 1 2 75", "3 1 2" },
		{ "VLB 3 4 1 2 75", "3 4 1 2" },
		{ "VLC 3 1 2 100", "3 1 2" },
		{ "VGL 9999", "9999" },
		{ "VGA 3 2 6", "3 2 6" },
		{ "VGB 2 3 4 5", "2 3 4 5" },
		{ "VGC 2 3 4", "2 3 4" },
		{ "VGD 2 3 4", "2 3 4" },
		{ "VSW 2 10 4 6", "2 10 4" },
		{ "VGS 1 9 23", "1 9 23" },
		{ "VGT 1 2", "1 2" },
		{ "VET 1 4 1", "1 4" },
		{ "VQT 1 4", "1 4" },
		{ "VST 1 4 1", "1 4" },
		{ "VLD 2 3 4 1", "2 3 4" },
		{ "VLS 2 3 4", "2 3 4" },
		{ "VLT 2 3", "2 3" },
		{ "VOS 1 1", "1" },
		{ "VOL 1", "" },
		{ "VOD 3", "" },
		{ "VCL 1", "" },
		{ "VEC 1234", "" },
		{ "VGV 2", "2" },
		{ "VGN 1 5 255", "1 5 255" },
		{ "VQA", "" },
		{ "VQM", "" },
		{ "VQP 1", "1" },
		{ "VQS 1", "1" },
		{ "VLP 1 1 1 1 5", "1 1 1 1" },
		{ "VSP 1 1 1 5", "1 1 1" },
		{ "VSC 1 4 10878", "1 4 10878" },
		{ "VPG Load:", "Load:" },
		{ "VGH 1 7 13 5", "1 7 13 5" },
		{ "VSH 1 7 5 40", "1 7" },
		{ "VIR 1 0 1 4", "1 0" },
		{ "VIC 1 2 31 1 4", "1 2 31" },
		{ "V?S 1 5 16 3", "1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(requests); i++) {
		for (int error = 256; error <= 258; error++) {
			char line[96];
			char expected[16];

			snprintf(expected, sizeof(expected), "EIO %d", error);
			snprintf(line, sizeof(line), "%d", error);
			check(requests[i][0], line, true, expected);
			check(requests[i][0], line, false, expected);
			snprintf(line, sizeof(line), "R%.2s %d", requests[i][0] + 1, error);
			check(requests[i][0], line, false, expected);
			snprintf(line, sizeof(line), "R%.2s# %s %d", requests[i][0] + 1,
				 requests[i][1], error);
			check(requests[i][0], line, false, expected);
			check(requests[i][0], line, true, expected);
		}
	}
}

/* The error behind the whole echo of what was sent. */
static void test_errors_behind_all(void **state)
{
	static const char *const lines[][2] = {
		{ "VLO 201 50", "RLO 201 50 257" },
		{ "VLO 201 50 2300", "RLO# 201 50 2.3 257" },
		{ "VLB 3 4 1 2 75", "RLB 3 4 1 2 75 257" },
		{ "VSW 2 10 4 6", "RSW# 2 10 4 6 257" },
		{ "VET 1 4 1", "RET 1 4 1 257" },
		{ "VLD 2 3 4 1", "RLD 2 3 4 1 257" },
		{ "VOS 1 1", "ROS 1 1 257" },
		{ "VOL 1", "ROL 1 257" },
		{ "VEC 1234", "REC 1234 257" },
		{ "VSH 1 7 5 40 7 50", "RSH 1 7 5 40 7 50 257" },
		{ "VIR 1 0 1 4", "RIR 1 0 1 4 257" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++)
		check(lines[i][0], lines[i][1], false, "EIO 257");
	check("VOL 1", "ROL 2 257", false, "no");
	check("VSW 2 10 4 6", "RSW 2 11 4 6 257", false, "no");
}

/* An echo may be one of the three numbers. */
static void test_echo(void **state)
{
	char request[32];
	char line[32];
	char expected[32];

	(void)state;
	for (int number = 255; number <= 259; number++) {
		snprintf(request, sizeof(request), "VEC %d", number);
		snprintf(line, sizeof(line), "%d", number);
		snprintf(expected, sizeof(expected), "bare %d", number);
		check(request, line, true, expected);
		check(request, line, false, "no");
		snprintf(line, sizeof(line), "REC# %d", number);
		snprintf(expected, sizeof(expected), "named %d", number);
		check(request, line, false, expected);
		snprintf(request, sizeof(request), "raw VEC@ %d", number);
		snprintf(line, sizeof(line), "%d", number);
		snprintf(expected, sizeof(expected), "bare <%d>", number);
		check(request, line, true, expected);
	}
	check("VEC 256", "257", true, "EIO 257");
	check("VEC 256", "REC 257", false, "EIO 257");
	check("VEC 1234", "1235", true, "no");
	check("VEC 1234", "REC 1235", false, "no");
	check("VEC 65535", "65535", true, "bare 65535");
}

/* A value out of range is never clamped and never taken. */
static void test_impossible(void **state)
{
	(void)state;
	check("VGL 101", "101", true, "EPROTO");
	check("VGL 101", "-1", true, "EPROTO");
	check("VGL 101", "255", true, "EPROTO");
	check("VGL 101", "259", true, "EPROTO");
	check("VGL 101", "RGL 101 101", false, "EPROTO");
	check("VGL 101", "RGL 101 x", false, "EPROTO");
	check("VGL 101", "RGL 101 50%", false, "EPROTO");
	check("VGL 101", "RGL 101 50.5", false, "EPROTO");
	check("VGD 2 3 4", "RGD 2 3 4 50 50 75 256 80 100 100 100", false, "EIO 256");
	check("VGD 2 3 4", "50 50 75 80 80 100 100 258", true, "EIO 258");
	check("VGD 2 3 4", "50 50 75 80 80 100 100 101", true, "EPROTO");
	check("VGT 1 2", "0 0 0 0 1 1 1 0 1 3", true, "EPROTO");
	check("VSW 2 10 4 6", "RSW 2 10 4 7", false, "EPROTO");
	check("VLS 2 3 4", "3", true, "EPROTO");
	check("VOD 3", "ROD 4", false, "EPROTO");
	check("VQA", "16 1", true, "EPROTO");
	check("VQA", "4 5", true, "EPROTO");
	check("VQT 1 4", "0 26 0 1 1 1 1 1 1 1 0 4 0", true, "EPROTO");
	check("VQT 1 4", "0 6 0 2 1 1 1 1 1 1 0 4 0", true, "EPROTO");
	check("VLT 2 3", "RLT 2 3 4G 20", false, "EPROTO");
	check("VLT 2 3", "RLT 2 3 12345 20", false, "EPROTO");
	check("VQM", "RQM 4 1 2 3", false, "EPROTO");
	check("VQM", "RQM 16 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", false, "EPROTO");
	check("VQM", "RQM 1 16", false, "EPROTO");
	check("VQM", "RQM 1 0", false, "EPROTO");
	check("VQM", "RQM -1", false, "EPROTO");
	check("VQM", "4 1 2 3", true, "EPROTO");
	check("VQM", "1 16", true, "EPROTO");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_errors_behind_all),
		cmocka_unit_test(test_echo),
		cmocka_unit_test(test_impossible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
