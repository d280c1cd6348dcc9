/* SPDX-License-Identifier: MIT */
/* Frames of the bus: addresses, check bytes, lengths, and whatever else arrives in their place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "frame.h"

/* Every row of section 7.2 for a plain module. */
static void test_addresses(void **state)
{
	static const struct {
		unsigned bus;
		enum ipcom_bus_type type;
		uint8_t first, last, byte;
	} rows[] = {
		{ 1, IPCOM_BUS_BIBUS, 0x1e, 0x2d, 1 },  { 1, IPCOM_BUS_MINIDO, 0x3c, 0x4b, 2 },
		{ 1, IPCOM_BUS_OTHER, 0x3c, 0x4b, 1 },  { 2, IPCOM_BUS_BIBUS, 0x1e, 0x2d, 2 },
		{ 2, IPCOM_BUS_MINIDO, 0x3c, 0x4b, 2 }, { 2, IPCOM_BUS_OTHER, 0x3c, 0x4b, 2 },
	};
	static const uint8_t values[IPCOM_OUTPUTS] = { 1, 2, 3, 4, 5, 6, 7, 8 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (unsigned module = 1; module <= IPCOM_MODULES; module++) {
			struct frame_address a = ipcom_frame_address(rows[i].bus, rows[i].type);
			const uint8_t to = (uint8_t)(rows[i].first + module - 1);
			const uint8_t expected[] = {
				rows[i].byte, 0x23, to, 0, 0x0a, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9
			};
			uint8_t bytes[FRAME_WRITE_BYTES];

			assert_true(to <= rows[i].last);
			assert_int_equal(ipcom_frame_set_values(a, module, values, bytes),
					 sizeof(expected));
			assert_memory_equal(bytes, expected, sizeof(expected));
		}
	}
}

static void test_without_bus_byte(void **state)
{
	static const uint8_t expected[] = { 0x23, 0xff, 0, 10, 1, 0, 0, 0, 0, 0, 0, 0, 255, 254 };
	static const uint8_t values[IPCOM_OUTPUTS] = { [7] = 255 };
	const struct frame_address a = { 240, 0 };
	uint8_t bytes[FRAME_WRITE_BYTES];

	(void)state;
	assert_int_equal(ipcom_frame_set_values(a, 16, values, bytes), sizeof(expected));
	assert_memory_equal(bytes, expected, sizeof(expected));
}

/* check = 01 ^ v1 ^ … ^ v8, whatever stands in the header. */
static void test_check_byte(void **state)
{
	(void)state;
	for (unsigned first = 0; first < 256; first++) {
		uint8_t values[IPCOM_OUTPUTS] = { (uint8_t)first, 0x55, 0, 0, 0, 0, 0, 0xf0 };
		uint8_t bytes[FRAME_WRITE_BYTES];
		struct frame frame;

		ipcom_frame_set_values((struct frame_address){ 60, 2 }, 1 + first % 16, values,
				       bytes);
		assert_int_equal(bytes[14], 1 ^ first ^ 0x55 ^ 0xf0);
		assert_true(ipcom_frame_parse(bytes, sizeof(bytes), &frame));
		assert_true(frame.checksum_ok);
		for (unsigned bit = 0; bit < 8; bit++) {
			bytes[14] ^= (uint8_t)(1 << bit);
			assert_true(ipcom_frame_parse(bytes, sizeof(bytes), &frame));
			assert_false(frame.checksum_ok);
			bytes[14] ^= (uint8_t)(1 << bit);
		}
		bytes[2] ^= 0xff; /* the header is not covered */
		bytes[3] ^= 0xff;
		assert_true(ipcom_frame_parse(bytes, sizeof(bytes), &frame));
		assert_true(frame.checksum_ok);
	}
}

/* Memory of exactly that size, so that a sanitizer sees a byte too many being read. */
static bool parse_part(const uint8_t *bytes, size_t size, struct frame *frame)
{
	uint8_t *copy = test_malloc(size + (size == 0));
	bool ret;

	memcpy(copy, bytes, size);
	ret = ipcom_frame_parse(copy, size, frame);
	test_free(copy);
	return ret;
}

static void check_length(unsigned bus, unsigned length)
{
	uint8_t bytes[FRAME_MAX_BYTES + 1] = { (uint8_t)bus };
	size_t start = bus > 0;
	size_t size = start + 4 + length;
	struct frame frame;

	memset(bytes + start, 0x11, sizeof(bytes) - start);
	bytes[start] = 0x23;
	bytes[start + 3] = (uint8_t)length;
	for (size_t part = 0; part < start + 4; part++)
		assert_int_equal(ipcom_frame_size(bytes, part), 0);
	for (size_t part = start + 4; part <= sizeof(bytes); part++)
		assert_int_equal(ipcom_frame_size(bytes, part), size);
	assert_true(size <= FRAME_MAX_BYTES);
	assert_false(parse_part(bytes, size - 1, &frame));
	assert_false(parse_part(bytes, size + 1, &frame));
	assert_int_equal(parse_part(bytes, size, &frame), length > 0);
	if (length == 0)
		return;
	assert_int_equal(frame.bus, bus);
	assert_int_equal(frame.to, 0x11);
	assert_int_equal(frame.from, 0x11);
	assert_int_equal(frame.size, length - 1);
	/* All data bytes are the same, and so is the check byte. */
	assert_int_equal(frame.checksum_ok, frame.size % 2 == 1);
}

static void test_every_length(void **state)
{
	(void)state;
	for (unsigned bus = 0; bus <= 2; bus++)
		for (unsigned length = 0; length < 256; length++)
			check_length(bus, length);
}

static void test_no_frame(void **state)
{
	struct frame frame;

	(void)state;
	assert_int_equal(ipcom_frame_size(NULL, 0), 0);
	assert_false(ipcom_frame_parse(NULL, 0, &frame));
	for (unsigned first = 0; first < 256; first++) {
		const uint8_t bytes[] = { (uint8_t)first, 0x24, 0, 0, 2, 1, 1 };
		const uint8_t twice[] = { (uint8_t)first, 1, 0x23, 0, 0, 2, 1, 1 };
		int expected = first == 0x23 ? 4 + 0 : -1;

		assert_int_equal(ipcom_frame_size(bytes, sizeof(bytes)), expected);
		assert_false(ipcom_frame_parse(bytes, sizeof(bytes), &frame));
		assert_int_equal(ipcom_frame_size(bytes, 1),
				 first == 1 || first == 2 || first == 0x23 ? 0 : -1);
		if (first != 0x23)
			assert_int_equal(ipcom_frame_size(twice, sizeof(twice)), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),  cmocka_unit_test(test_without_bus_byte),
		cmocka_unit_test(test_check_byte), cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_no_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
