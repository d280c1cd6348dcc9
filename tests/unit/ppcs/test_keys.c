/* SPDX-License-Identifier: MIT */
/* Which key a datagram is in, or that none makes sense of it; and when which key is tried. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "common/prng.h"

#include "keys.h"
#include "packet.h"

#include "hex.h"
#include "sheet.h"

/* In memory of exactly that size; what is not decrypted stays as it was. */
static int decrypt(const struct keys *k, int key, const uint8_t *wire, size_t size,
		   const uint8_t *plain)
{
	uint8_t *bytes = test_malloc(size + (size == 0));
	int found;

	memcpy(bytes, wire, size);
	found = ppcs_keys_decrypt(k, key, bytes, size);
	assert_memory_equal(bytes, found < 0 ? wire : plain, size);
	test_free(bytes);
	return found;
}

static int decrypt_hex(const struct keys *k, int key, const char *wire_hex, const char *plain_hex)
{
	uint8_t wire[64], plain[64];
	size_t size = from_hex(wire_hex, wire, sizeof(wire));

	from_hex(plain_hex, plain, sizeof(plain));
	return decrypt(k, key, wire, size, plain);
}

static void test_lists(void **state)
{
	struct keys k;

	(void)state;
	ppcs_keys_fixed(&k, "SHIX");
	assert_int_equal(k.count, 1);
	assert_string_equal(k.at[0].text, "SHIX");
	ppcs_keys_fixed(&k, "");
	assert_int_equal(k.count, 1);
	assert_true(k.at[0].plain);
	ppcs_keys_all(&k, "");
	assert_int_equal(k.count, 9);
	assert_true(k.at[0].plain);
	for (int i = 1; i < k.count; i++)
		assert_string_equal(k.at[i].text, sheet_keys[i - 1].key);
	ppcs_keys_all(&k, "mycamera");
	assert_int_equal(k.count, 9);
	assert_string_equal(k.at[1].text, "mycamera");
	assert_string_equal(k.at[2].text, "camera");
	ppcs_keys_all(&k, "SECRETKEY");
	assert_int_equal(k.count, 10);
	assert_string_equal(k.at[1].text, "SECRETKEY");
	assert_string_equal(k.at[9].text, "@@@@....");
}

static void test_every_key(void **state)
{
	struct keys k, fixed;

	(void)state;
	ppcs_keys_all(&k, "");
	assert_int_equal(decrypt_hex(&k, KEY_ANY, "f1300000", "f1300000"), 0);
	for (int i = 0; i < SHEET_KEYS; i++) {
		const char *wire = sheet_keys[i].lan_search;

		assert_int_equal(decrypt_hex(&k, KEY_ANY, wire, "f1300000"), 1 + i);
		for (int only = 0; only < k.count; only++)
			assert_int_equal(decrypt_hex(&k, only, wire, "f1300000"),
					 only == 1 + i ? only : -1);
		assert_int_equal(decrypt_hex(&k, k.count, wire, "f1300000"), -1);
		for (int only = 0; only < SHEET_KEYS; only++) {
			ppcs_keys_fixed(&fixed, sheet_keys[only].key);
			assert_int_equal(decrypt_hex(&fixed, KEY_ANY, wire, "f1300000"),
					 only == i ? 0 : -1);
		}
		ppcs_keys_fixed(&fixed, "");
		assert_int_equal(decrypt_hex(&fixed, KEY_ANY, wire, "f1300000"), -1);
	}
	assert_int_equal(decrypt_hex(&k, KEY_ANY, SHEET_PUNCH, SHEET_PUNCH), 0);
	assert_int_equal(decrypt_hex(&k, KEY_ANY, SHEET_PUNCH_CAMERA, SHEET_PUNCH), 1);
	assert_int_equal(decrypt_hex(&k, KEY_ANY, SHEET_PUNCH_SHIX, SHEET_PUNCH), 2);
}

/* Longer than stated is taken, shorter not, whatever the key. */
static void test_lengths(void **state)
{
	uint8_t plain[40] = { 0 };
	size_t stated = from_hex(SHEET_PUNCH, plain, sizeof(plain));
	struct keys k;

	(void)state;
	ppcs_keys_all(&k, "SECRETKEY");
	for (int key = 0; key < k.count; key++) {
		for (size_t size = 0; size <= sizeof(plain); size++) {
			uint8_t wire[sizeof(plain)];
			int expected = size >= stated ? key : -1;

			memcpy(wire, plain, sizeof(wire));
			ppcs_cipher_encrypt(&k.at[key], wire, size);
			assert_int_equal(decrypt(&k, KEY_ANY, wire, size, plain), expected);
			assert_int_equal(decrypt(&k, key, wire, size, plain), expected);
		}
	}
}

/* A key with which the datagram would be longer than stated stands before the one that fits:
 * f1410010 instead of f1410014. */
static void test_exact_first(void **state)
{
	uint8_t wire[24], plain[24];
	struct keys k;

	(void)state;
	ppcs_keys_all(&k, "XfRrur");
	assert_int_equal(decrypt_hex(&k, KEY_ANY, SHEET_PUNCH_CAMERA, SHEET_PUNCH), 2);
	from_hex(SHEET_PUNCH_CAMERA, wire, sizeof(wire));
	memcpy(plain, wire, sizeof(plain));
	ppcs_cipher_decrypt(&k.at[1], plain, sizeof(plain));
	assert_memory_equal(plain, "\xf1\x41\x00\x10", 4);
	/* Alone it is taken. */
	assert_int_equal(decrypt(&k, 1, wire, sizeof(wire), plain), 1);
}

static void test_nonsense(void **state)
{
	static const char *const nothing[] = {
		"00000000", "ffffffff", "f1040000", /* no such type */
		"f1ff0000", "f0300000", "f1300001", /* a length that is not there */
		"f130ffff", "33383944", "474554202f20485454502f312e310d0a0d0a",
	};
	struct keys k;

	(void)state;
	ppcs_keys_all(&k, "SECRETKEY");
	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++)
		assert_int_equal(decrypt_hex(&k, KEY_ANY, nothing[i], ""), -1);
}

/* Random bytes: hardly ever taken for a message, and then one that is plausible. */
static void test_random(void **state)
{
	struct cmn_prng prng;
	unsigned taken = 0;
	struct keys k;

	(void)state;
	cmn_prng_seed(&prng, 92);
	ppcs_keys_all(&k, "");
	for (unsigned n = 0; n < 20000; n++) {
		uint8_t wire[64] = { 0 }, plain[64];
		size_t size = cmn_prng_below(&prng, sizeof(wire) + 1);
		int found;

		for (size_t i = 0; i < size; i++)
			wire[i] = (uint8_t)cmn_prng_next(&prng);
		memcpy(plain, wire, size);
		found = ppcs_keys_decrypt(&k, KEY_ANY, plain, size);
		if (found < 0) {
			assert_memory_equal(plain, wire, size);
			continue;
		}
		taken++;
		assert_true(size >= PACKET_HEADER_BYTES && ppcs_packet_plausible(plain, size));
		ppcs_cipher_encrypt(&k.at[found], plain, size);
		assert_memory_equal(plain, wire, size);
	}
	assert_true(taken < 20);
}

/* Plain always, all at first, then one other at a time, each once in a round. */
static void test_due(void **state)
{
	struct keys k;

	(void)state;
	ppcs_keys_all(&k, "SECRETKEY");
	for (int key = 0; key < k.count; key++)
		assert_true(ppcs_keys_due(&k, key, 0));
	for (unsigned tick = 1; tick < 100; tick++) {
		assert_true(ppcs_keys_due(&k, 0, tick));
		for (int key = 1; key < k.count; key++)
			assert_int_equal(ppcs_keys_due(&k, key, tick),
					 (unsigned)key == 1 + (tick - 1) % 9);
	}
	ppcs_keys_fixed(&k, "camera");
	for (unsigned tick = 0; tick < 10; tick++)
		assert_true(ppcs_keys_due(&k, 0, tick));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),    cmocka_unit_test(test_every_key),
		cmocka_unit_test(test_lengths),  cmocka_unit_test(test_exact_first),
		cmocka_unit_test(test_nonsense), cmocka_unit_test(test_random),
		cmocka_unit_test(test_due),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
