/* SPDX-License-Identifier: MIT */
/*
 * Frames on TCP: the three of section 14 both ways, at every split, with every bit turned round,
 * and lengths at their bound.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "common/prng.h"

#include "frame.h"

#include "hex.h"

static const struct row {
	const char *key;
	uint8_t noise[2];
	const char *message, *frame;
} rows[] = {
	{ "", { 0x12, 0x34 }, "f1e00000", "0004680012344ebba0ad41a9" },
	{ "camera", { 0x12, 0x34 }, "f1e00000", "00046800123431097d0fd68c" },
	{ "", { 0xab, 0x09 }, "f1d00007d100000041434b", "000b6800ab094a85906ba4156ba4120e06e421" },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

struct frame {
	struct cipher network;
	uint8_t bytes[FRAME_MAX_BYTES], message[PACKET_MAX_BYTES];
	size_t size, message_size;
};

static void make(const struct row *row, struct frame *ret)
{
	ppcs_cipher_init(&ret->network, row->key);
	ret->size = from_hex(row->frame, ret->bytes, sizeof(ret->bytes));
	ret->message_size = from_hex(row->message, ret->message, sizeof(ret->message));
	assert_int_equal(ret->size, FRAME_HEADER_BYTES + ret->message_size);
}

/* In memory of exactly that size, so that a sanitizer sees a byte too many being read. */
static long decode(const struct frame *f, const uint8_t *bytes, size_t size, uint8_t *message,
		   size_t *ret_size)
{
	uint8_t *copy = test_malloc(size + (size == 0));
	long used;

	memcpy(copy, bytes, size);
	used = ppcs_frame_decode(&f->network, copy, size, message, ret_size);
	test_free(copy);
	return used;
}

static void assert_decodes(const struct frame *f, const uint8_t *bytes, size_t size)
{
	uint8_t message[PACKET_MAX_BYTES];
	size_t message_size = 0;

	assert_int_equal(decode(f, bytes, size, message, &message_size), f->size);
	assert_int_equal(message_size, f->message_size);
	assert_memory_equal(message, f->message, message_size);
}

static void test_encode(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		uint8_t bytes[FRAME_MAX_BYTES];
		struct frame f;

		make(&rows[i], &f);
		memset(bytes, 0x5a, sizeof(bytes));
		assert_int_equal(ppcs_frame_encode(&f.network, rows[i].noise, f.message,
						   f.message_size, bytes),
				 f.size);
		assert_memory_equal(bytes, f.bytes, f.size);
		assert_int_equal(bytes[f.size], 0x5a);
	}
}

static void test_every_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		uint8_t message[PACKET_MAX_BYTES];
		size_t message_size = 12345;
		struct frame f;

		make(&rows[i], &f);
		for (size_t part = 0; part < f.size; part++) {
			assert_int_equal(decode(&f, f.bytes, part, message, &message_size), 0);
			assert_int_equal(message_size, 12345);
		}
		assert_decodes(&f, f.bytes, f.size);
	}
	/* NULL is nothing. */
	assert_int_equal(ppcs_frame_decode(&(struct cipher){ .plain = true }, NULL, 0, NULL, NULL),
			 0);
}

/* What follows a frame is not looked at, and is next. */
static void test_stream(void **state)
{
	uint8_t stream[64];
	struct frame first, second;

	(void)state;
	make(&rows[0], &first);
	make(&rows[2], &second);
	memcpy(stream, first.bytes, first.size);
	memcpy(stream + first.size, second.bytes, second.size);
	for (size_t more = 0; more <= second.size; more++)
		assert_decodes(&first, stream, first.size + more);
	assert_decodes(&second, stream + first.size, second.size);
	memset(stream + first.size, 0xff, second.size);
	assert_decodes(&first, stream, first.size + second.size);
}

/* A frame of which BIT is wrong: what it has to be taken for. */
static void check_bit(const struct frame *f, size_t bit)
{
	uint8_t bytes[FRAME_MAX_BYTES], message[PACKET_MAX_BYTES];
	size_t size, at = bit / 8;
	struct cmn_prng prng;
	struct packet p;
	long used;

	/* The check sees no difference in what repeats itself. */
	cmn_prng_seed(&prng, bit);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)cmn_prng_next(&prng);
	memcpy(bytes, f->bytes, f->size);
	bytes[at] ^= (uint8_t)(1 << bit % 8);
	used = decode(f, bytes, f->size, message, &size);
	switch (at) {
	case 0:
	case 1:
		size = (size_t)bytes[0] << 8 | bytes[1];
		if (size > f->message_size && size <= PACKET_MAX_BYTES) {
			assert_int_equal(used, 0); /* waits, and is refused when all is there */
			used = decode(f, bytes, FRAME_HEADER_BYTES + size, message, &size);
		}
		assert_int_equal(used, -EBADMSG);
		break;
	case 3: /* should be 0 and is not looked at */
		assert_decodes(f, bytes, f->size);
		break;
	case 4:
	case 5: /* the check is of the body alone: another key, and not a message any more */
		assert_int_equal(used, f->size);
		assert_int_equal(size, f->message_size);
		assert_int_equal(ppcs_packet_decode(message, size, &p), -EBADMSG);
		break;
	default:
		assert_int_equal(used, -EBADMSG);
		break;
	}
}

static void test_every_bit(void **state)
{
	struct frame f;

	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		make(&rows[i], &f);
		for (size_t bit = 0; bit < 8 * f.size; bit++)
			check_bit(&f, bit);
	}
}

/* Nonsense is known by its third byte, a length too big by its header. */
static void test_nonsense(void **state)
{
	uint8_t bytes[FRAME_MAX_BYTES] = { 0 }, message[PACKET_MAX_BYTES];
	struct frame f;
	size_t size;

	(void)state;
	make(&rows[0], &f);
	for (unsigned mark = 0; mark < 256; mark++) {
		bytes[2] = (uint8_t)mark;
		assert_int_equal(decode(&f, bytes, 2, message, &size), 0);
		assert_int_equal(decode(&f, bytes, 3, message, &size), mark == 0x68 ? 0 : -EBADMSG);
	}
	bytes[2] = 0x68;
	for (unsigned length = 0; length <= 0xffff; length++) {
		bytes[0] = (uint8_t)(length >> 8);
		bytes[1] = (uint8_t)length;
		if (length > 0 && length <= PACKET_MAX_BYTES)
			assert_int_equal(decode(&f, bytes, 8, message, &size), 0);
		else
			assert_int_equal(decode(&f, bytes, 8, message, &size), -EBADMSG);
	}
	assert_int_equal(decode(&f, (const uint8_t *)"HTTP/1.1", 8, message, &size), -EBADMSG);
}

/* Lengths up to the most, there and back. */
static void test_lengths(void **state)
{
	static const uint8_t noise[2] = { 0xfe, 0x01 };
	static const size_t sizes[] = { 0, 1, 2, 3, 4, 255, 256, 257, 1032, 1279, 1280 };
	uint8_t message[PACKET_MAX_BYTES], bytes[FRAME_MAX_BYTES], back[PACKET_MAX_BYTES];
	struct frame f;
	size_t size;

	(void)state;
	make(&rows[1], &f);
	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = (uint8_t)(i * i + 7 * i);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(ppcs_frame_encode(&f.network, noise, message, sizes[i], bytes),
				 8 + sizes[i]);
		assert_int_equal(bytes[0] << 8 | bytes[1], sizes[i]);
		assert_memory_equal(bytes + 2, "\x68\0\xfe\x01", 4);
		assert_int_equal(decode(&f, bytes, 8 + sizes[i], back, &size), 8 + sizes[i]);
		assert_int_equal(size, sizes[i]);
		assert_memory_equal(back, message, size);
		if (sizes[i] > 0)
			assert_int_equal(decode(&f, bytes, 7 + sizes[i], back, &size), 0);
	}
	/* Without a body the check bytes are what they begin with. */
	assert_int_equal(decode(&f, (const uint8_t *)"\0\0\x68\0\xff\xff\x43\x53", 8, back, &size),
			 8);
	assert_int_equal(size, 0);
}

/* The key is the letters of the random bytes, capital ones: section 9.6. */
static void test_noise(void **state)
{
	static const uint8_t noise[2] = { 0xab, 0xcd };
	uint8_t bytes[FRAME_HEADER_BYTES + 4], expected[4] = { 0xf1, 0xe0, 0, 0 };
	struct cipher plain, c;

	(void)state;
	ppcs_cipher_init(&plain, "");
	ppcs_frame_encode(&plain, noise, (const uint8_t *)"\xf1\xe0\0\0", 4, bytes);
	ppcs_cipher_init(&c, "ABCD");
	ppcs_cipher_encrypt(&c, expected, sizeof(expected));
	assert_memory_equal(bytes + FRAME_HEADER_BYTES, expected, sizeof(expected));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encode),   cmocka_unit_test(test_every_split),
		cmocka_unit_test(test_stream),   cmocka_unit_test(test_every_bit),
		cmocka_unit_test(test_nonsense), cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
