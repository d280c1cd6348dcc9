/* SPDX-License-Identifier: MIT */
/*
 * No secret survives being masked: keys of channels, private keys, passwords, pins, passkeys,
 * wherever they stand, also in a message that is torn. All else stays, and the length.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "mask.h"
#include "wire.h"

#define PIECE 4 /* so many bytes of a secret are too many */

static const char *vectors;

/* The secrets of the vector file, and those made here. */
static const char *const secrets[] = {
	"a0a1a2a3a4a5a6a7a8a9aaabacadaeaf", /* of a channel */
	"68756e74657232",                   /* of the Wi-Fi */
	"404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f",
	"0102030405060708",
	"a1a2a3a4a5a6a7a8",
	"6c617267653463617473",
};

static bool contains(const uint8_t *data, size_t size, const uint8_t *piece, size_t n)
{
	for (size_t i = 0; i + n <= size; i++)
		if (memcmp(data + i, piece, n) == 0)
			return true;
	return false;
}

/* @return whether a piece of a secret is in it */
static bool tells(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
		uint8_t secret[64];
		size_t n = block_unhex(secrets[i], secret, sizeof(secret));

		for (size_t at = 0; at + PIECE <= n; at++)
			if (contains(data, size, secret + at, PIECE))
				return true;
	}
	return false;
}

static bool is_secret(const char *name)
{
	static const char *const names[] = {
		"fr_channel_primary", "fr_channel_secondary",     "fr_config_network",
		"fr_config_security", "fr_admin_config_response", "to_admin_reboot_session"
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

struct count {
	unsigned blocks, secret;
};

static void block(const struct block *b, void *userdata)
{
	struct count *count = userdata;
	bool to = strcmp(b->kind, "toradio") == 0;
	uint8_t *data;
	bool same;

	if (!to && strcmp(b->kind, "fromradio") != 0)
		return;
	/* These bytes stand in other places, where they are no secret. */
	if (strstr(b->name, "payload_233") || strstr(b->name, "unknown_fields"))
		return;
	data = malloc(b->size);
	assert_non_null(data);
	/* Cut anywhere: the frame is sound, what is in it is not. */
	for (size_t size = 0; size <= b->size - 4; size++) {
		memcpy(data, b->data + 4, size);
		if (to)
			meshtcp_mask_to(data, size);
		else
			meshtcp_mask_from(data, size);
		if (is_secret(b->name) && tells(data, size))
			fail_msg("%s, %zu bytes of it", b->name, size);
	}
	same = memcmp(data, b->data + 4, b->size - 4) == 0;
	if (same == is_secret(b->name))
		fail_msg("%s is %s", b->name, same ? "not masked" : "changed");
	count->blocks++;
	count->secret += !same;
	free(data);
}

static void test_vectors(void **state)
{
	struct count count = { .blocks = 0 };

	(void)state;
	blocks_each(vectors, block, &count);
	assert_int_equal(count.secret, 6);
	assert_true(count.blocks > 85);
}

static void masked(const char *before, const char *after)
{
	struct wire w = { .size = 0 }, expected = { .size = 0 };

	wire_hex(&w, before);
	wire_hex(&expected, after);
	assert_int_equal(w.size, expected.size);
	meshtcp_mask_from(w.data, w.size);
	assert_memory_equal(w.data, expected.data, w.size);
}

/* What is masked is still a message, with all that is no secret. */
static void test_what_is_left(void **state)
{
	(void)state;
	/* Channel 1 with a key of 2 bytes and the name "A". */
	masked("520b080112071202a1a21a0141", "520b0801120712022a2a1a0141");
	/* A pin is a number of the same length. */
	masked("2a0a3a080801100118c0c407", "2a0a3a080801100118808000");
	/* Half a pin, too. */
	masked("2a0a3a080801100118c0c4", "2a0a3a0808011001188080");
	/* MQTT: the password, but not the user. */
	masked("4a0e0a0c1a046d657368220470617373", "4a0e0a0c1a046d65736822042a2a2a2a");
}

/* Written by us, in an admin packet. */
static struct wire admin(unsigned member, const struct wire *content)
{
	struct wire payload = { .size = 0 }, data = { .size = 0 }, packet = { .size = 0 };
	struct wire message = { .size = 0 };

	wire_message(&payload, member, content);
	wire_bytes(&payload, 101, "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
	wire_number(&data, 1, 6);
	wire_message(&data, 2, &payload);
	wire_fixed(&packet, 1, 0x9ea2f1c4);
	wire_message(&packet, 4, &data);
	wire_message(&message, 1, &packet);
	return message;
}

static void test_writes(void **state)
{
	static const struct {
		unsigned member;
		const char *content;
	} writes[] = {
		{ 33, "080112121210a0a1a2a3a4a5a6a7a8a9aaabacadaeaf" },
		{ 34, "220f08011a026869220768756e74657232" },
		{ 34, "42221220404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f" },
		{ 35, "0a0c220a6c617267653463617473" },
		{ 97, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		struct wire content = { .size = 0 }, message;

		wire_hex(&content, writes[i].content);
		message = admin(writes[i].member, &content);
		assert_true(tells(message.data, message.size));
		for (size_t size = 0; size <= message.size; size++) {
			struct wire cut = message;

			meshtcp_mask_to(cut.data, size);
			if (tells(cut.data, size))
				fail_msg("write %zu, %zu bytes of it", i, size);
		}
	}
}

/* The port may stand behind the payload, or in another part of what is to be merged. */
static void test_port_behind(void **state)
{
	struct wire payload = { .size = 0 }, data = { .size = 0 }, packet = { .size = 0 };
	struct wire message = { .size = 0 };

	(void)state;
	wire_bytes(&payload, 101, "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
	wire_message(&data, 2, &payload);
	wire_number(&data, 1, 6);
	wire_message(&packet, 4, &data);
	wire_message(&message, 2, &packet);
	for (size_t size = 0; size <= message.size; size++) {
		struct wire cut = message;

		meshtcp_mask_from(cut.data, size);
		assert_false(tells(cut.data, size));
	}
	data.size = packet.size = message.size = 0;
	wire_message(&data, 2, &payload);
	wire_message(&packet, 4, &data);
	data.size = 0;
	wire_number(&data, 1, 6);
	wire_message(&packet, 4, &data);
	wire_message(&message, 2, &packet);
	meshtcp_mask_from(message.data, message.size);
	assert_false(tells(message.data, message.size));
}

/* A text of a user is his own, whatever it looks like. */
static void test_texts_stay(void **state)
{
	struct wire data = { .size = 0 }, packet = { .size = 0 }, message = { .size = 0 }, copy;

	(void)state;
	wire_number(&data, 1, 1);
	wire_text(&data, 2,
		  "\xaa\x06\x03"
		  "abc");
	wire_message(&packet, 4, &data);
	wire_message(&message, 2, &packet);
	copy = message;
	meshtcp_mask_from(message.data, message.size);
	assert_memory_equal(message.data, copy.data, copy.size);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),    cmocka_unit_test(test_what_is_left),
		cmocka_unit_test(test_writes),     cmocka_unit_test(test_port_behind),
		cmocka_unit_test(test_texts_stay),
	};

	assert_int_equal(argc, 2);
	vectors = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
