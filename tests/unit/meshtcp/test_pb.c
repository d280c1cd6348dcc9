/* SPDX-License-Identifier: MIT */
/* Protobuf on the wire (section 4): numbers at their edges, what is torn, what does not fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "pb.h"
#include "wire.h"

/* One field with this number and these bytes, or an error. */
static bool one(const char *hex, struct pb_value *ret)
{
	static struct wire w;
	struct pb_value more;
	struct pb_reader r;
	bool found;

	w.size = 0;
	wire_hex(&w, hex);
	meshtcp_pb_reader_init(&r, w.data, w.size);
	found = meshtcp_pb_next(&r, ret);
	assert_true(found != r.failed);
	assert_false(meshtcp_pb_next(&r, &more));
	return found;
}

static void assert_varint(const char *hex, uint64_t value)
{
	struct pb_value v;

	assert_true(one(hex, &v));
	assert_int_equal(v.number, 1);
	assert_int_equal(v.wire, PB_VARINT);
	assert_true(v.scalar == value);
}

static void test_varints(void **state)
{
	(void)state;
	assert_varint("0800", 0);
	assert_varint("0801", 1);
	assert_varint("087f", 127);
	assert_varint("088001", 128);
	assert_varint("08ac02", 300);
	assert_varint("08ffffffff0f", UINT32_MAX);
	assert_varint("08ffffffffffffffffff01", UINT64_MAX);
	/* Longer than it has to be, but not too long. */
	assert_varint("08818000", 1);
	assert_varint("0881808080808080808000", 1);
}

static void test_torn_or_broken(void **state)
{
	static const char *const wrong[] = {
		"08",                       /* no value */
		"0880",                     /* cut off */
		"08ffffffffffffffffffff01", /* 11 bytes */
		"8888888888888888888888",   /* a tag without end */
		"0001",                     /* field number 0 */
		"0a0548656c6c",             /* a byte too short */
		"0aff",                     /* length cut off */
		"0affffffff0f00",           /* 4 GiB */
		"0affffffffffffffffff01",   /* more than there is */
		"0d112233",                 /* fixed32 of 3 bytes */
		"0911223344556677",         /* fixed64 of 7 bytes */
		"0b",
		"0c",
		"0e00",
		"0f00",                   /* wire types 3, 4, 6, 7 */
		"8080808080808080800100", /* a field number beyond all */
	};
	struct pb_value v;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(one(wrong[i], &v));
}

static void test_every_wire_type(void **state)
{
	struct pb_value v;

	(void)state;
	assert_true(one("0d78563412", &v));
	assert_int_equal(v.wire, PB_FIXED32);
	assert_true(v.scalar == 0x12345678);
	assert_true(one("09efcdab9078563412", &v));
	assert_int_equal(v.wire, PB_FIXED64);
	assert_true(v.scalar == UINT64_C(0x1234567890abcdef));
	assert_true(one("0a03616263", &v));
	assert_int_equal(v.wire, PB_BYTES);
	assert_int_equal(v.size, 3);
	assert_memory_equal(v.data, "abc", 3);
	assert_true(one("0a00", &v));
	assert_int_equal(v.size, 0);
	/* The largest field number there is. */
	assert_true(one("f8ffffff0f01", &v));
	assert_int_equal(v.number, 536870911);
}

static void test_what_came_before_an_error_is_right(void **state)
{
	struct wire w = { .size = 0 };
	struct pb_reader r;
	struct pb_value v;

	(void)state;
	wire_hex(&w, "0805"
		     "1006"
		     "1a7f08");
	meshtcp_pb_reader_init(&r, w.data, w.size);
	assert_true(meshtcp_pb_next(&r, &v));
	assert_int_equal(v.scalar, 5);
	assert_true(meshtcp_pb_next(&r, &v));
	assert_int_equal(v.scalar, 6);
	assert_false(meshtcp_pb_next(&r, &v));
	assert_true(r.failed);
	assert_false(meshtcp_pb_next(&r, &v));
	assert_true(r.failed);
	meshtcp_pb_reader_init(&r, NULL, 0);
	assert_false(meshtcp_pb_next(&r, &v));
	assert_false(r.failed);
}

static void test_packed_lists(void **state)
{
	static const uint8_t varints[] = { 0x01, 0xac, 0x02, 0x80 };
	static const uint8_t fixed[] = { 1, 0, 0, 0, 2, 0, 0, 0, 3 };
	static const uint8_t wide[] = { 1, 0, 0, 0, 0, 0, 0, 0x80 };
	struct pb_reader r;
	uint64_t n;

	(void)state;
	meshtcp_pb_reader_init(&r, varints, 3);
	assert_true(meshtcp_pb_packed(&r, PB_VARINT, &n) && n == 1);
	assert_true(meshtcp_pb_packed(&r, PB_VARINT, &n) && n == 300);
	assert_false(meshtcp_pb_packed(&r, PB_VARINT, &n));
	assert_false(r.failed);
	meshtcp_pb_reader_init(&r, varints, 4);
	assert_true(meshtcp_pb_packed(&r, PB_VARINT, &n));
	assert_true(meshtcp_pb_packed(&r, PB_VARINT, &n));
	assert_false(meshtcp_pb_packed(&r, PB_VARINT, &n));
	assert_true(r.failed);
	meshtcp_pb_reader_init(&r, fixed, sizeof(fixed));
	assert_true(meshtcp_pb_packed(&r, PB_FIXED32, &n) && n == 1);
	assert_true(meshtcp_pb_packed(&r, PB_FIXED32, &n) && n == 2);
	assert_false(meshtcp_pb_packed(&r, PB_FIXED32, &n));
	assert_true(r.failed);
	meshtcp_pb_reader_init(&r, wide, sizeof(wide));
	assert_true(meshtcp_pb_packed(&r, PB_FIXED64, &n) && n == UINT64_C(0x8000000000000001));
	assert_false(meshtcp_pb_packed(&r, PB_FIXED64, &n));
	assert_false(r.failed);
}

static void test_what_scalars_mean(void **state)
{
	static const int32_t numbers[] = { 0, -1, 1, -2, 2, INT32_MAX, INT32_MIN };
	static const uint32_t zigzag[] = { 0, 1, 2, 3, 4, 0xfffffffe, 0xffffffff };

	(void)state;
	for (size_t i = 0; i < 7; i++) {
		assert_int_equal(meshtcp_pb_zigzag(numbers[i]), zigzag[i]);
		assert_int_equal(meshtcp_pb_s32(zigzag[i]), numbers[i]);
	}
	assert_true(meshtcp_pb_float(0xc1480000) == -12.5f);
	assert_true(meshtcp_pb_float(0) == 0.0f);
	assert_int_equal(meshtcp_pb_float_bits(4.25f), 0x40880000);
}

static void assert_written(const struct pb_writer *w, const char *hex)
{
	struct wire expected = { .size = 0 };

	wire_hex(&expected, hex);
	assert_false(w->failed);
	assert_int_equal(w->pos, expected.size);
	assert_memory_equal(w->data, expected.data, expected.size);
}

static void test_writing(void **state)
{
	uint8_t data[64];
	struct pb_writer w;

	(void)state;
	meshtcp_pb_writer_init(&w, data, sizeof(data));
	meshtcp_pb_put_varint(&w, 1, 300);
	meshtcp_pb_put_i32(&w, 2, -3);
	meshtcp_pb_put_fixed32(&w, 3, 0x12345678);
	meshtcp_pb_put_text(&w, 4, "ab");
	meshtcp_pb_put_bytes(&w, 16, NULL, 0);
	assert_written(&w, "08ac02"
			   "10fdffffffffffffffff01"
			   "1d78563412"
			   "22026162"
			   "820100");
	meshtcp_pb_writer_init(&w, data, sizeof(data));
	meshtcp_pb_put_varint(&w, 1, UINT64_MAX);
	meshtcp_pb_put_fixed64(&w, 2, UINT64_C(0x1122334455667788));
	meshtcp_pb_put_varint(&w, 536870911, 0);
	assert_written(&w, "08ffffffffffffffffff01"
			   "118877665544332211"
			   "f8ffffff0f00");
}

/* A field as it was read is written as it was. */
static void test_writing_what_was_read(void **state)
{
	static const char message[] = "0805"
				      "11efcdab9078563412"
				      "1a03616263"
				      "25785634aa"
				      "2800";
	uint8_t data[64];
	struct wire in = { .size = 0 };
	struct pb_writer w;
	struct pb_reader r;
	struct pb_value v;

	(void)state;
	wire_hex(&in, message);
	meshtcp_pb_reader_init(&r, in.data, in.size);
	meshtcp_pb_writer_init(&w, data, sizeof(data));
	while (meshtcp_pb_next(&r, &v))
		meshtcp_pb_put_value(&w, &v);
	assert_false(r.failed);
	assert_written(&w, message);
}

/* What does not fit is left out whole, and all after it. */
static void test_no_room(void **state)
{
	uint8_t data[16];
	struct pb_writer w;

	(void)state;
	memset(data, 0xee, sizeof(data));
	meshtcp_pb_writer_init(&w, data, 10);
	meshtcp_pb_put_bytes(&w, 1, "12345678", 8);
	assert_written(&w, "0a083132333435363738");
	meshtcp_pb_put_varint(&w, 1, 0);
	assert_true(w.failed);
	assert_int_equal(w.pos, 10);
	for (size_t room = 0; room < 10; room++) {
		meshtcp_pb_writer_init(&w, data, room);
		meshtcp_pb_put_bytes(&w, 1, "12345678", 8);
		assert_true(w.failed);
		assert_int_equal(w.pos, 0);
		meshtcp_pb_put_varint(&w, 2, 1);
		assert_true(w.failed);
		assert_int_equal(w.pos, 0);
	}
	assert_int_equal(data[10], 0xee);
	meshtcp_pb_writer_init(&w, data, 4);
	meshtcp_pb_put_fixed32(&w, 1, 1);
	assert_true(w.failed);
	meshtcp_pb_writer_init(&w, data, 5);
	meshtcp_pb_put_fixed32(&w, 1, 1);
	assert_written(&w, "0d01000000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_varints),
		cmocka_unit_test(test_torn_or_broken),
		cmocka_unit_test(test_every_wire_type),
		cmocka_unit_test(test_what_came_before_an_error_is_right),
		cmocka_unit_test(test_packed_lists),
		cmocka_unit_test(test_what_scalars_mean),
		cmocka_unit_test(test_writing),
		cmocka_unit_test(test_writing_what_was_read),
		cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
