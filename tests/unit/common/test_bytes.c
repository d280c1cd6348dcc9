/* SPDX-License-Identifier: MIT */
/* The cursors: byte order, bounds at each length, sticky errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/bytes.h"

#include <string.h>

static const uint8_t data[] = { 0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0xe7,
				0xf8, 0x09, 0x1a, 0x2b, 0x3c, 0x4d, 0x5e };

static void test_reader_order(void **state)
{
	struct cmn_reader r;

	(void)state;
	cmn_reader_init(&r, data, sizeof(data));
	assert_int_equal(cmn_reader_left(&r), 14);
	assert_int_equal(cmn_reader_peek(&r), 0x81);
	assert_int_equal(cmn_reader_u8(&r), 0x81);
	assert_int_equal(cmn_reader_u16be(&r), 0x92a3);
	assert_int_equal(cmn_reader_u16le(&r), 0xc5b4);
	assert_int_equal(cmn_reader_u32be(&r), 0xd6e7f809);
	assert_int_equal(cmn_reader_u32le(&r), 0x4d3c2b1a);
	assert_int_equal(cmn_reader_left(&r), 1);
	assert_int_equal(cmn_reader_peek(&r), 0x5e);
	assert_false(r.failed);
	cmn_reader_bytes(&r, 1);
	assert_int_equal(cmn_reader_left(&r), 0);
	assert_int_equal(cmn_reader_peek(&r), -1);
	assert_false(r.failed);
}

static void test_reader_high_bits(void **state)
{
	static const uint8_t ones[12] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					  0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	struct cmn_reader r;

	(void)state;
	cmn_reader_init(&r, ones, sizeof(ones));
	assert_true(cmn_reader_u32be(&r) == UINT32_MAX);
	assert_true(cmn_reader_u32le(&r) == UINT32_MAX);
	assert_true(cmn_reader_u16be(&r) == UINT16_MAX);
	assert_true(cmn_reader_u16le(&r) == UINT16_MAX);
}

static void test_reader_bytes(void **state)
{
	struct cmn_reader r;

	(void)state;
	cmn_reader_init(&r, data, sizeof(data));
	cmn_reader_bytes(&r, 3);
	assert_ptr_equal(cmn_reader_bytes(&r, 4), data + 3);
	assert_ptr_equal(cmn_reader_bytes(&r, 0), data + 7);
	assert_ptr_equal(cmn_reader_bytes(&r, 7), data + 7);
	assert_non_null(cmn_reader_bytes(&r, 0));
	assert_false(r.failed);
	assert_null(cmn_reader_bytes(&r, 1));
	assert_true(r.failed);
	assert_null(cmn_reader_bytes(&r, 0));

	cmn_reader_init(&r, data, sizeof(data));
	cmn_reader_bytes(&r, 1);
	assert_null(cmn_reader_bytes(&r, SIZE_MAX));
	assert_true(r.failed);

	cmn_reader_init(&r, NULL, 0);
	assert_non_null(cmn_reader_bytes(&r, 0));
	assert_int_equal(cmn_reader_peek(&r), -1);
	assert_false(r.failed);
	assert_int_equal(cmn_reader_u8(&r), 0);
	assert_true(r.failed);
}

/* One byte too few for each kind of read. */
static void test_reader_short(void **state)
{
	static const size_t need[] = { 1, 2, 2, 4, 4, 5 };
	struct cmn_reader r;

	(void)state;
	for (unsigned kind = 0; kind < 6; kind++) {
		uint32_t got = 0;

		cmn_reader_init(&r, data, need[kind] - 1);
		switch (kind) {
		case 0:
			got = cmn_reader_u8(&r);
			break;
		case 1:
			got = cmn_reader_u16be(&r);
			break;
		case 2:
			got = cmn_reader_u16le(&r);
			break;
		case 3:
			got = cmn_reader_u32be(&r);
			break;
		case 4:
			got = cmn_reader_u32le(&r);
			break;
		default:
			got = cmn_reader_bytes(&r, 5) != NULL;
			break;
		}
		assert_int_equal(got, 0);
		assert_true(r.failed);
		/* Sticky, though there would be enough for less. */
		assert_int_equal(r.pos, 0);
		assert_int_equal(cmn_reader_left(&r), 0);
		assert_int_equal(cmn_reader_peek(&r), -1);
		assert_int_equal(cmn_reader_u8(&r), 0);
		assert_true(r.failed);
	}
}

static void test_writer_order(void **state)
{
	static const uint8_t wanted[] = { 0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0xe7, 0xf8, 0x09,
					  0x1a, 0x2b, 0x3c, 0x4d, 'a',  0,    'b',  'h',  'i' };
	uint8_t room[sizeof(wanted)];
	struct cmn_writer w;

	(void)state;
	cmn_writer_init(&w, room, sizeof(room));
	cmn_writer_u8(&w, 0x81);
	cmn_writer_u16be(&w, 0x92a3);
	cmn_writer_u16le(&w, 0xc5b4);
	cmn_writer_u32be(&w, 0xd6e7f809);
	cmn_writer_u32le(&w, 0x4d3c2b1a);
	cmn_writer_bytes(&w, (const uint8_t *)"a\0b", 3);
	cmn_writer_bytes(&w, NULL, 0);
	cmn_writer_text(&w, "hi");
	cmn_writer_text(&w, "");
	assert_false(w.failed);
	assert_int_equal(w.pos, sizeof(wanted));
	assert_memory_equal(room, wanted, sizeof(wanted));
}

/* One byte of room too few: nothing is written, then and later. */
static void test_writer_full(void **state)
{
	static const size_t need[] = { 1, 2, 2, 4, 4, 5, 5 };
	struct cmn_writer w;

	(void)state;
	for (unsigned kind = 0; kind < 7; kind++) {
		uint8_t room[8] = "\xee\xee\xee\xee\xee\xee\xee";
		uint8_t before[8];

		memcpy(before, room, sizeof(room));
		cmn_writer_init(&w, room, need[kind] - 1);
		switch (kind) {
		case 0:
			cmn_writer_u8(&w, 1);
			break;
		case 1:
			cmn_writer_u16be(&w, 1);
			break;
		case 2:
			cmn_writer_u16le(&w, 1);
			break;
		case 3:
			cmn_writer_u32be(&w, 1);
			break;
		case 4:
			cmn_writer_u32le(&w, 1);
			break;
		case 5:
			cmn_writer_bytes(&w, data, 5);
			break;
		default:
			cmn_writer_text(&w, "hallo");
			break;
		}
		assert_true(w.failed);
		cmn_writer_u8(&w, 1);
		assert_true(w.failed);
		assert_int_equal(w.pos, 0);
		assert_memory_equal(room, before, sizeof(room));
	}
	cmn_writer_init(&w, NULL, 0);
	cmn_writer_bytes(&w, NULL, 0);
	assert_false(w.failed);
	cmn_writer_text(&w, "x");
	assert_true(w.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reader_order), cmocka_unit_test(test_reader_high_bits),
		cmocka_unit_test(test_reader_bytes), cmocka_unit_test(test_reader_short),
		cmocka_unit_test(test_writer_order), cmocka_unit_test(test_writer_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
