/* SPDX-License-Identifier: MIT */
/*
 * Every block of tests/vectors/meshtcp-vectors.txt (section 18): what it says is what structs and
 * walker say; what our encoders can express comes out with the same bytes; what is broken is
 * refused, and the session goes on behind it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "facts.h"
#include "message.h"
#include "wire.h"

static const char *vectors;

struct counts {
	unsigned to, from, bad, encoded;
};

static const uint8_t *payload(const struct block *b, size_t *ret_size)
{
	assert_true(b->size >= 4);
	assert_memory_equal(b->data, "\x94\xc3", 2);
	*ret_size = (size_t)b->data[2] << 8 | b->data[3];
	assert_int_equal(*ret_size, b->size - 4);
	return b->data + 4;
}

static void expect_all(struct facts *f, const struct block *b)
{
	assert_false(f->failed);
	facts_agree(f);
	for (size_t i = 0; i < b->expect_count; i++) {
		if (strcmp(b->expects[i].path, "frame.payload.len") == 0)
			assert_int_equal(b->size - 4, atoi(b->expects[i].value));
		else
			facts_expect(f, b->expects[i].path, b->expects[i].value);
	}
}

static void from_radio(const struct block *b, void *userdata)
{
	static struct facts f;
	struct counts *counts = userdata;
	const uint8_t *data;
	size_t size;

	if (strcmp(b->kind, "fromradio") != 0)
		return;
	print_message("%s\n", b->name);
	data = payload(b, &size);
	facts_from_radio(&f, data, size);
	expect_all(&f, b);
	counts->from++;
}

static void test_from_radio(void **state)
{
	struct counts counts = { .from = 0 };

	(void)state;
	blocks_each(vectors, from_radio, &counts);
	assert_int_equal(counts.from, 65);
}

/* @return the size of a frame that says the same, by our encoders; 0 when they cannot */
static size_t encode(uint8_t *frame, const uint8_t *data, size_t size)
{
	struct meshtcp_packet p;
	struct to_packet to;
	const uint8_t *inner;
	size_t inner_size;
	uint64_t number;

	if (wire_find_number(data, size, 3, &number))
		return meshtcp_want_config_encode(frame, (uint32_t)number);
	if (wire_find_number(data, size, 4, &number))
		return meshtcp_disconnect_encode(frame);
	if (wire_find_bytes(data, size, 7, &inner, &inner_size))
		return inner_size == 0 ? meshtcp_heartbeat_encode(frame) : 0;
	assert_true(wire_find_bytes(data, size, 1, &inner, &inner_size));
	assert_int_equal(meshtcp_packet_decode(inner, inner_size, &p), 0);
	if (p.has_public_key)
		return 0;
	to = (struct to_packet){ .from = p.from,
				 .to = p.to,
				 .id = p.id,
				 .channel = p.channel,
				 .priority = p.priority,
				 .port = p.port,
				 .payload = p.payload,
				 .size = p.size,
				 .hop_limit = p.hop_limit,
				 .want_ack = p.want_ack,
				 .want_response = p.want_response,
				 .pki_encrypted = p.pki_encrypted,
				 .request_id = p.request_id,
				 .reply_id = p.reply_id,
				 .emoji = p.emoji };
	return meshtcp_packet_encode(frame, &to);
}

static void to_radio(const struct block *b, void *userdata)
{
	static struct facts f;
	struct counts *counts = userdata;
	uint8_t frame[FRAME_MAX_BYTES];
	const uint8_t *data;
	size_t size, made;

	if (strcmp(b->kind, "toradio") != 0)
		return;
	print_message("%s\n", b->name);
	data = payload(b, &size);
	facts_to_radio(&f, data, size);
	expect_all(&f, b);
	counts->to++;
	made = encode(frame, data, size);
	if (made == 0)
		return;
	assert_int_equal(made, b->size);
	assert_memory_equal(frame, b->data, made);
	counts->encoded++;
}

static void test_to_radio(void **state)
{
	struct counts counts = { .from = 0 };

	(void)state;
	blocks_each(vectors, to_radio, &counts);
	assert_int_equal(counts.to, 28);
	/* But a heartbeat with a nonce and a packet that brings its own key. */
	assert_int_equal(counts.encoded, 26);
}

static void bad(const struct block *b, void *userdata)
{
	static struct facts f;
	struct counts *counts = userdata;
	const uint8_t *data;
	size_t size;

	if (strcmp(b->kind, "fromradio-bad") != 0)
		return;
	print_message("%s\n", b->name);
	assert_string_equal(block_value(b, "decode"), "error");
	data = payload(b, &size);
	facts_from_radio(&f, data, size);
	assert_true(f.failed);
	counts->bad++;
}

static void test_broken(void **state)
{
	struct counts counts = { .from = 0 };

	(void)state;
	blocks_each(vectors, bad, &counts);
	assert_int_equal(counts.bad, 7);
}

/* Each message cut off anywhere, and with each byte another one: nothing is read behind its end. */
static void damage(const struct block *b, void *userdata)
{
	static struct facts f;
	const uint8_t *data;
	size_t size;

	(void)userdata;
	if (strcmp(b->kind, "fromradio") != 0 || b->size > 200)
		return;
	data = payload(b, &size);
	for (size_t cut = 0; cut < size; cut++) {
		uint8_t *copy = malloc(cut + 1);

		assert_non_null(copy);
		memcpy(copy, data, cut);
		facts_typed((memset(&f, 0, sizeof(f)), &f), copy, cut);
		free(copy);
	}
	for (size_t i = 0; i < size; i++) {
		uint8_t copy[200];

		memcpy(copy, data, size);
		copy[i] ^= 0xff;
		facts_typed((memset(&f, 0, sizeof(f)), &f), copy, size);
	}
}

static void test_damaged(void **state)
{
	(void)state;
	assert_int_equal(blocks_each(vectors, damage, NULL), 115);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_from_radio),
		cmocka_unit_test(test_to_radio),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_damaged),
	};

	assert_int_equal(argc, 2);
	vectors = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
