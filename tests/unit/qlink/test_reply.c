/* SPDX-License-Identifier: MIT */
/*
 * Which line answers which command, and what it says (protocol sheet, sections 2, 3 and 5.1): both
 * styles, all spellings, and lines that must not be taken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reply.h"

#include <stdio.h>
#include <string.h>

#include "common/prng.h"

#include "replies.h"
#include "words.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The detailed answer of every command, also with `#` and with the command's own name. */
static const struct {
	const char *request, *fields, *expected;
} detailed[] = {
	{ "VLO 201 50 2300", "201 50 2.3", "named 50" },
	{ "VLO 201 50 3000", "201 50 3.0", "named 50" },
	{ "VLO 201 50", "201 50", "named 50" },
	{ "VLO 201 50 2300", "201 50", "named 50" },
	{ "VLO 201 50 257000", "201 50 257", "named 50" },
	{ "VLA 3 1 2 75 3500", "3 1 2 75 3.5", "named 75" },
	{ "VLA 2 17 2 100", "2 17 2 100", "named 100" },
	{ "VLB 3 4 1 2 75 3500", "3 4 1 2 75 3.5", "named 75" },
	{ "VLC 3 1 2 100", "3 1 2 100", "named 100" },
	{ "VGL 101", "101 50", "named 50" },
	{ "VGL 101", "0101 050", "named 50" },
	{ "VGA 3 2 6", "3 2 6 65", "named 65" },
	{ "VGB 2 3 4 5", "2 3 4 5 45", "named 45" },
	{ "VGC 2 3 4", "2 3 4 100", "named 100" },
	{ "VGD 2 3 4", "2 3 4 50 50 75 80 80 100 100 0", "named 50 50 75 80 80 100 100 0" },
	{ "VSW 2 10 4 6", "2 10 4 6", "named 6" },
	{ "VGS 1 9 23", "1 9 23 2", "named 2" },
	{ "VGT 1 2", "1 2 0 0 0 0 1 1 1 0 1 2", "named 0 0 0 0 1 1 1 0 1 2" },
	{ "VET 1 4 1", "1 4 1", "named <RET 1 4 1>" },
	{ "VQT 1 1", "1 1 1 6 30 0 1 1 1 1 1 0 0 0 0", "named 1 6 30 0 1 1 1 1 1 0 0 0 0" },
	{ "VQT 1 1", "1 1 6 30 0 1 1 1 1 1 0 0 0 0", "named 1 6 30 0 1 1 1 1 1 0 0 0 0" },
	{ "VQT 9 1", "1 2 25 -150 1 1 1 1 1 1 1 31 12 1999",
	  "named 2 25 -150 1 1 1 1 1 1 1 31 12 1999" },
	{ "VST 1 4 1", "1 4 1 -1 -1 1 1 1 1 1 1 1 0 0 0", "named 1 -1 -1 1 1 1 1 1 1 1 0 0 0" },
	{ "VLD 2 3 4 1", "2 3 4 1", "named 1" },
	{ "VLS 2 3 4", "2 3 4 2", "named 2" },
	{ "VLT 2 3", "2 3 4C 20", "named 76 32" },
	{ "VLT 2 3", "2 3 1 4c 3ff", "named 76 1023" },
	{ "VOS 1 1", "1 1", "named 1" },
	{ "VOS 1 1", "1 0", "named 0" },
	{ "VOL 1", "1", "named 1" },
	{ "VOD 3", "3", "named 3" },
	{ "VCL 0 1", " 0 1", "named 0" },
	{ "VCL 1", "1", "named 1" },
	{ "VEC 1234", "1234", "named 1234" },
	{ "VGV 2", "2 VER 5.37 10/14/1997", "named <5.37> <10/14/1997>" },
	{ "VGV 2", "2 VER 5.37 (10/14/1997).", "named <5.37> <10/14/1997>" },
	{ "VGN 1 5 255", "1 5 255 Station Name|Room Name|Floor Name|0",
	  "named <Station Name> <Room Name> <Floor Name> <0>" },
	{ "VGN 1 5 255", "1 5 255 |||", "named <> <> <> <>" },
	{ "VGN 1 5 255", "1 5 255 LO 1 2 3 4 5|b\xe4r|c|d|e",
	  "named <LO 1 2 3 4 5> <b\xe4r> <c> <d|e>" },
	{ "VQA", "4 1", "named 4 1" },
	{ "VQA", "4 0", "named 4 0" },
	{ "VQM", "4 1 2 3 15", "named 1 2 3 15" },
	{ "VQM", "0", "named" },
	{ "VLP 1 1 1 1 5", "1 1 1 1 5", "named 5" },
	{ "VSP 1 1 1 22", "1 1 1 22", "named 22" },
	{ "VSC 1 4 10878", "1 4 10878 0", "named 0" },
	{ "VSC 1 4 10878", "1 4 10878 1", "EIO 1" },
	{ "VPG Load: a b", "Load: a b 0", "named 0" },
	{ "VPG Load: a b", "Load: a b 1", "EIO 1" },
	{ "VGH 1 7 13 5", "1 7 13 5 46 38", "named 46 38" },
	{ "VGH 1 7 12", "1 7 12 -10", "named -10" },
	{ "VSH 1 7 5 40 7 50", "1 7 5 40 7 50", "named 7" },
	{ "VIR 1 0 1 4", "1 0 1 4", "named 1" },
	{ "VIC 1 2 31 1 4", "1 2 31 1 4", "named 1" },
	{ "V?S 1 5 16 3", "1 ok", "named <R?S 1 ok>" },
};

static void test_detailed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(detailed); i++) {
		static const char *const forms[] = { "R%.2s %s", "R%.2s# %s", "V%.2s %s",
						     "V%.2s# %s" };

		for (size_t n = 0; n < COUNT(forms); n++) {
			char line[200];

			/* Answers without a known layout are kept as they are. */
			if (n > 0 && strstr(detailed[i].expected, "<R"))
				continue;
			snprintf(line, sizeof(line), forms[n], detailed[i].request + 1,
				 detailed[i].fields);
			check(detailed[i].request, line, false, detailed[i].expected);
			check(detailed[i].request, line, true, detailed[i].expected);
		}
	}
}

/* Section 2.1: what the vendor's page misprints. */
static void test_misprints(void **state)
{
	(void)state;
	check("VQA", "RQM 4 1", false, "named 4 1");
	check("VQA", "RQM# 4 1", false, "named 4 1");
	check("VGH 1 7 13 5", "RGD 1 7 13 5 46 38", false, "named 46 38");
	check("VGH 1 7 13 5", "RGD# 1 7 13 5 46 38", false, "named 46 38");
	check("VIC 1 2 31 1 4", "RIR 1 2 31 1 4", false, "named 1");
	check("VSP 1 1 1 5", "RLP 1 1 1 5", false, "named 5");
	check("VSP 1 1 1 5", "RLP# 1 1 1 5", false, "named 5");
	check("VGC 2 3 4", "VGC# 2 3 4 100", false, "named 100");
	check("VGA 3 2 6", "RGA# 3 2 6 65", false, "named 65");
	check("VGV 2", "VER 5.37 10/14/1997.", true, "bare <5.37> <10/14/1997>");
	check("VGV 2", "RGV 2 VER 5.37 10/14/1997.", false, "named <5.37> <10/14/1997>");
	/* A misprint of one command is no licence for another. */
	check("VQM", "RQA 4 1", false, "no");
	check("VGD 2 3 4", "RGH 2 3 4 1 1 1 1 1 1 1 1", false, "no");
	check("VIR 1 2 1 4", "RIC 1 2 1 4", false, "no");
}

static void test_regular(void **state)
{
	static const struct {
		const char *request, *line, *expected;
	} cases[] = {
		{ "VLO 201 50 2300", "50", "bare 50" },
		{ "VLA 3 1 2 75", "75", "bare 75" },
		{ "VLB 3 4 1 2 75", "75", "bare 75" },
		{ "VLC 3 1 2 100", "100", "bare 100" },
		{ "VGL 101", "0", "bare 0" },
		{ "VGA 3 2 6", "65", "bare 65" },
		{ "VGB 2 3 4 5", "45", "bare 45" },
		{ "VGC 2 3 4", "100", "bare 100" },
		{ "VGD 2 3 4", "50 50 75 80 80 100 100 100", "bare 50 50 75 80 80 100 100 100" },
		{ "VSW 2 10 4 1", "1", "bare 1" },
		{ "VGS 1 9 23", "2", "bare 2" },
		{ "VGT 1 2", "0 0 0 0 1 1 1 0 1 0", "bare 0 0 0 0 1 1 1 0 1 0" },
		{ "VET 1 4 1", "1", "bare <1>" },
		{ "VQT 1 4", "0 25 150 1 1 1 1 1 1 1 0 4 0", "bare 0 25 150 1 1 1 1 1 1 1 0 4 0" },
		{ "VLD 2 3 4 1", "1", "bare 1" },
		{ "VLS 2 3 4", "2", "bare 2" },
		{ "VLT 2 3", "4C 20", "bare 76 32" },
		{ "VLT 2 3", "256 257", "bare 598 599" },
		{ "VOS 0 1", "1", "bare 1" },
		{ "VOL 1", "1", "bare 1" },
		{ "VOD 3", "3", "bare 3" },
		{ "VCL 1", "1", "bare 1" },
		{ "VCL 1 1", "1 1", "bare 1" },
		{ "VEC 1234", "1234", "bare 1234" },
		{ "VGV 2", "VER 5.37 10/14/1997", "bare <5.37> <10/14/1997>" },
		{ "VGN 1 5 255", "Station Name|Room|Floor|0",
		  "bare <Station Name> <Room> <Floor> <0>" },
		{ "VQA", "4 1", "bare 4 1" },
		{ "VQM", "4 1 2 3 4", "bare 1 2 3 4" },
		{ "VQM", "0", "bare" },
		{ "VLP 1 1 1 1 5", "5", "bare 5" },
		{ "VSP 1 1 1 5", "5", "bare 5" },
		{ "VSC 1 4 10878", "0", "bare 0" },
		{ "VSC 1 4 10878", "3", "EIO 3" },
		{ "VPG Load:", "0", "bare 0" },
		{ "VPG Load:", "1", "EIO 1" },
		{ "VGH 1 7 13 5", "46 38", "bare 46 38" },
		{ "VSH 1 7 5 40", "7", "bare 7" },
		{ "VIR 1 0 1 4", "1", "bare 1" },
		{ "VIC 1 2 31 0 4", "0", "bare 0" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		check(cases[i].request, cases[i].line, true, cases[i].expected);
		check(cases[i].request, cases[i].line, false, "no");
	}
}

/* Other addresses, other names, other shapes: somebody else's line. */
static void test_not_ours(void **state)
{
	static const char *const lines[][2] = {
		{ "VGL 101", "RGL 102 50" },
		{ "VGL 101", "RGL 101 50 0" },
		{ "VGL 101", "RGL" },
		{ "VGL 101", "RGL 101" },
		{ "VGL 101", "RGA 101 50" },
		{ "VGL 101", "RLO 101 50" },
		{ "VGL 101", "RGLX 101 50" },
		{ "VGL 101", "RGL## 101 50" },
		{ "VGL 101", "RGL@ 101 50" },
		{ "VGL 101", "XGL 101 50" },
		{ "VGL 101", "rgl 101 50" },
		{ "VGL 101", "50 60" },
		{ "VGL 101", "4C 20" },
		{ "VGL 101", "4C" },
		{ "VGL 101", "hello" },
		{ "VGL 101", "1234567890" },
		{ "VGL 101", "RGL 10123456789 50" },
		{ "VLO 201 50", "RLO 202 50" },
		{ "VLO 201 50", "RLO 201 50 2 2" },
		{ "VLT 2 3", "RLT 3 3 4C 20" },
		{ "VLT 2 3", "RLT 2 3 4C" },
		{ "VLT 2 3", "RLT 2 3 1 2 4C 20" },
		{ "VLT 2 3", "R:V 00 FF 00" },
		{ "VLT 2 3", "4C 20 00" },
		{ "VLT 2 3", "4C" },
		{ "VGD 2 3 4", "50 50 75 80 80 100 100" },
		{ "VGD 2 3 4", "50 50 75 80 80 100 100 100 100" },
		{ "VGT 1 2", "0 0 0 0 1 1 1 0 1" },
		{ "VGT 1 2", "RGT 1 3 0 0 0 0 1 1 1 0 1 0" },
		{ "VQT 1 4", "RQT 2 4 1 6 30 0 1 1 1 1 1 0 0 0 0" },
		{ "VQT 1 4", "RQT 1 5 1 6 30 0 1 1 1 1 1 0 0 0 0" },
		{ "VQT 1 4", "RQT 5 1 6 30 0 1 1 1 1 1 0 0 0 0" },
		{ "VQT 1 4", "RQT 1 6 30 0 1 1 1 1 1 0 0 0 0" },
		{ "VQT 1 4", "1 4 1 6 30 0 1 1 1 1 1 0 0 0 0" },
		{ "VQM", "50" },
		{ "VQM", "4C 20" },
		{ "VSH 1 7 5 40", "8" },
		{ "VSH 1 7 5 40", "RSH 2 7 5 40" },
		{ "VSH 1 7 5 40", "RSH 1 8 5 40" },
		{ "VGN 1 5 255", "RGN 1 6 255 a|b|c|d" },
		{ "VGN 1 5 255", "RGN 1 5 255" },
		{ "VGN 1 5 255", "a|b|c" },
		{ "VGN 1 5 255", "some text" },
		{ "VGV 2", "RGV 3 VER 5.37 10/14/1997" },
		{ "VGV 2", "VERSION 5.37" },
		{ "VGV 2", "VER" },
		{ "VET 1 4 1", "some text" },
		{ "VET 1 4 1", "1 4" },
		{ "VGH 1 7 13 5", "RGH 1 7 5 13 46 38" },
		{ "VGH 1 7 13 5", "46" },
		{ "VGH 1 7 13 5", "46 38 12" },
		{ "VIR 1 0 1 4", "RIR 1 1 1 4" },
		{ "VPG Load:", "hello 0" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++)
		check(lines[i][0], lines[i][1], true, "no");
}

static void test_hostile(void **state)
{
	static const char nul[] = "RGL 101\0 50";
	static const char *const requests[] = { "VGL 101",  "VLT 2 3",     "VQM",
						"VQS 1",    "VGN 1 5 255", "VQT 1 4",
						"VEC 1234", "VPG a",       "VGH 1 7 13 5" };
	char forty[200] = "RGL";
	struct reply r = { 0 };
	struct command c;

	(void)state;
	for (int i = 0; i < 40; i++)
		strcat(forty, " 50");
	for (size_t i = 0; i < COUNT(requests); i++) {
		memcpy(forty + 1, requests[i] + 1, 2);
		check(requests[i], forty, true, "no");
		check(requests[i], forty + 4, true, "no");
		check(requests[i], "\xff\xfb\x01\xff\xfe\x03", true, "no");
		check(requests[i], "", true, "no");
	}
	assert_true(words_request("VGL 101", &c));
	assert_int_equal(qlink_reply_take(&r, &c, (struct span){ nul, sizeof(nul) - 1 }, true),
			 REPLY_NOT_OURS);
	qlink_reply_free(&r);
}

/* Good answers with bytes changed, cut and lengthened: nothing breaks, under the sanitizers. */
static void test_garbled(void **state)
{
	static const char alphabet[] = "0123456789 -#@|ABCDEFRGVLxyz.\xff";
	struct cmn_prng prng;

	(void)state;
	cmn_prng_seed(&prng, 7);
	for (unsigned n = 0; n < 100000; n++) {
		size_t i = cmn_prng_below(&prng, COUNT(detailed));
		struct reply r = { 0 };
		struct command c;
		char line[200];
		size_t size;

		assert_true(words_request(detailed[i].request, &c));
		size = (size_t)snprintf(line, sizeof(line), "R%.2s %s", detailed[i].request + 1,
					detailed[i].fields);
		for (unsigned k = cmn_prng_below(&prng, 4) + 1; k > 0; k--)
			line[cmn_prng_below(&prng, (uint32_t)size)] =
				alphabet[cmn_prng_below(&prng, sizeof(alphabet))];
		size -= cmn_prng_below(&prng, 4);
		if (qlink_reply_take(&r, &c, (struct span){ line, size }, n & 1) == REPLY_DONE)
			assert_true(r.value_count <= REPLY_MAX_VALUES);
		qlink_reply_free(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_detailed), cmocka_unit_test(test_misprints),
		cmocka_unit_test(test_regular),  cmocka_unit_test(test_not_ours),
		cmocka_unit_test(test_hostile),  cmocka_unit_test(test_garbled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
