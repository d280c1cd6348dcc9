/* SPDX-License-Identifier: MIT */
/* Log dispatch: levels, the bound of a message, lines of the wire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/log.h"

#include <stdio.h>
#include <string.h>

/* Bytes of data in one message of cmn_log_wire(). */
#define WIRE_BYTES 256

/* What the callback got: messages as LEVEL TEXT and a line end each. */
struct record {
	char text[8192];
	size_t len;
	unsigned count;
};

static void take(void *userdata, int level, const char *text)
{
	struct record *r = userdata;
	size_t len = strlen(text);

	assert_true(len < CMN_LOG_BYTES || level == CMN_LOG_WIRE);
	assert_true(r->len + len + 4 < sizeof(r->text));
	r->text[r->len++] = (char)('0' + level);
	r->text[r->len++] = ' ';
	memcpy(r->text + r->len, text, len);
	r->len += len;
	r->text[r->len++] = '\n';
	r->text[r->len] = '\0';
	r->count++;
}

static void test_levels(void **state)
{
	struct record r = { .text = "" };
	struct cmn_log log = { take, &r, CMN_LOG_INFO };

	(void)state;
	assert_true(cmn_log_wants(&log, CMN_LOG_ERROR));
	assert_true(cmn_log_wants(&log, CMN_LOG_INFO));
	assert_false(cmn_log_wants(&log, CMN_LOG_DEBUG));
	cmn_log_printf(&log, CMN_LOG_ERROR, "lost %s after %d s", "it", 3);
	cmn_log_printf(&log, CMN_LOG_WARNING, "100%%");
	cmn_log_printf(&log, CMN_LOG_INFO, "%s", "");
	cmn_log_printf(&log, CMN_LOG_DEBUG, "no");
	cmn_log_wire(&log, '>', 1, (const uint8_t *)"no", 2);
	assert_string_equal(r.text, "0 lost it after 3 s\n1 100%\n2 \n");
}

static void test_silent(void **state)
{
	struct cmn_log log = { NULL, NULL, CMN_LOG_WIRE };

	(void)state;
	assert_false(cmn_log_wants(&log, CMN_LOG_ERROR));
	cmn_log_printf(&log, CMN_LOG_ERROR, "x");
	cmn_log_wire(&log, '>', 1, (const uint8_t *)"x", 1);
}

/* A message of n times "x" and a text behind it. */
static void log_long(struct record *r, unsigned n, const char *text)
{
	struct cmn_log log = { take, r, CMN_LOG_INFO };
	char filler[1500];

	memset(filler, 'x', sizeof(filler));
	r->len = 0;
	cmn_log_printf(&log, CMN_LOG_INFO, "%.*s%s", (int)n, filler, text);
}

static void test_bound(void **state)
{
	static const struct {
		unsigned filler;
		const char *text;
		size_t len;
	} cases[] = {
		{ 1023, "", 1023 },
		{ 1024, "", 1023 },
		{ 1400, "", 1023 },
		{ 1021, "\xc3\xa9", 1023 },         /* fits just so */
		{ 1021, "\xc3\xa9z", 1023 },        /* so does the character */
		{ 1022, "\xc3\xa9", 1022 },         /* half of it would be left */
		{ 1020, "\xe2\x82\xac", 1023 },     /* three bytes */
		{ 1021, "\xe2\x82\xac", 1021 },     /* two of them */
		{ 1022, "\xe2\x82\xac", 1022 },     /* one */
		{ 1019, "\xf0\x9f\x92\xa1", 1023 }, /* four bytes */
		{ 1020, "\xf0\x9f\x92\xa1", 1020 },
		{ 1021, "\xf0\x9f\x92\xa1", 1021 },
		{ 1022, "\xf0\x9f\x92\xa1", 1022 },
		{ 1019, "\x80\x80\x80\x80\x80\x80", 1023 }, /* no UTF-8 at all */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t kept = cases[i].len -
			      (cases[i].filler < cases[i].len ? cases[i].filler : cases[i].len);
		struct record r = { .text = "" };

		log_long(&r, cases[i].filler, cases[i].text);
		assert_int_equal(r.len, 2 + cases[i].len + 1);
		assert_memory_equal(r.text, "2 xxxx", 6);
		assert_memory_equal(r.text + 2 + cases[i].len - kept, cases[i].text, kept);
	}
}

static void test_wire(void **state)
{
	struct record r = { .text = "" };
	struct cmn_log log = { take, &r, CMN_LOG_WIRE };
	const uint8_t bytes[] = { 0x56, 0x4c, 0x4f, 0x00, 0xff, 0x0d };

	(void)state;
	cmn_log_wire(&log, '>', 1, bytes, sizeof(bytes));
	cmn_log_wire(&log, '<', 1, bytes, 1);
	cmn_log_wire(&log, '>', 2, bytes, 2);
	cmn_log_wire(&log, '<', UINT32_MAX, bytes, 1);
	cmn_log_wire(&log, '<', 1, bytes, 0);
	cmn_log_wire(&log, '<', 1, NULL, 0);
	assert_string_equal(r.text, "4 > 564c4f00ff0d\n4 < 56\n4 >2 564c\n4 <4294967295 56\n");
}

static void test_wire_long(void **state)
{
	char wanted[2048];
	char *p = wanted;
	uint8_t bytes[2 * WIRE_BYTES + 1];
	struct record r = { .text = "" };
	struct cmn_log log = { take, &r, CMN_LOG_WIRE };

	(void)state;
	for (unsigned i = 0; i < sizeof(bytes); i++) {
		if (i % 256 == 0)
			p += sprintf(p, i == 0 ? "4 >3 " : "\n4 >3 ");
		bytes[i] = (uint8_t)(i * 7 + i / 256);
		p += sprintf(p, "%02x", bytes[i]);
	}
	sprintf(p, "\n");
	cmn_log_wire(&log, '>', 3, bytes, sizeof(bytes));
	assert_int_equal(r.count, 3);
	assert_string_equal(r.text, wanted);

	r.len = 0;
	r.count = 0;
	cmn_log_wire(&log, '>', UINT32_MAX, bytes, WIRE_BYTES);
	assert_int_equal(r.count, 1);
}

/* A line, however long; what no datagram can have is cut. */
static void test_datagram(void **state)
{
	uint8_t bytes[2049] = { 0xf1, 0xd0 };
	struct record r = { .text = "" };
	struct cmn_log log = { take, &r, CMN_LOG_WIRE };

	(void)state;
	cmn_log_datagram(&log, '<', 2, bytes, 0);
	assert_int_equal(r.count, 0);
	cmn_log_datagram(&log, '<', 2, bytes, 2);
	assert_string_equal(r.text, "4 <2 f1d0\n");
	r = (struct record){ .text = "" };
	cmn_log_datagram(&log, '>', 1, bytes, 1280);
	assert_int_equal(r.count, 1);
	assert_int_equal(r.len, strlen("4 > ") + 2 * 1280 + 1);
	r = (struct record){ .text = "" };
	cmn_log_datagram(&log, '>', UINT32_MAX, bytes, sizeof(bytes));
	assert_int_equal(r.count, 1);
	assert_int_equal(r.len, strlen("4 >4294967295 ") + 2 * 2048 + 1);
	log.level = CMN_LOG_DEBUG;
	cmn_log_datagram(&log, '>', 1, bytes, 2);
	assert_int_equal(r.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_levels),    cmocka_unit_test(test_silent),
		cmocka_unit_test(test_bound),     cmocka_unit_test(test_wire),
		cmocka_unit_test(test_wire_long), cmocka_unit_test(test_datagram),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
