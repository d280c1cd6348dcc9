/* SPDX-License-Identifier: MIT */
/*
 * The obfuscation against the figures of sections 9.2 and 14, and against the rule of section 9.1
 * with the table as it is printed there, for all lengths.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "common/prng.h"

#include "cipher.h"
#include "packet.h"

#include "hex.h"
#include "sheet.h"

#define TABLE                                                              \
	"7c9ce84a13dedcb22f2123e4307b3d8cbc0b270c3cf79ae7087196009785efc1" \
	"1fc4dba1c2ebd901faba3b05b81587832872d18b5ad6da9358feaacc6e1bf0a3" \
	"88ab43c00db545384f502266207f075b14981d9ba72ab9a8cbf1fc4947063eb1" \
	"0e043a945eee541134dd4df9ecc7c9e3781a6f706ba4bda95dd5f8e5bb26af42" \
	"37d8e1020aae5f1cc573094e6924906d12b319ad748a2940f52dbea559e0f479" \
	"d24bce8982488425c6912ba2fb8fe9a6b09e3f65f603312eac0f952c5ced39b7" \
	"336c567eb4a0fd7a815351868d9f77ff6a80dfe2bf10d775645776f355cdd0c8" \
	"18e6364162cf99f2324c67606192cad3ea637d16b68ed46835c3529d46441e17"

/* Both directions, and every beginning: a datagram starts anew. */
static void check(const char *key, const char *plain_hex, const char *wire_hex)
{
	uint8_t plain[64] = { 0 }, wire[64], bytes[64];
	size_t size = from_hex(plain_hex, plain, sizeof(plain));
	struct cipher c;

	assert_int_equal(from_hex(wire_hex, wire, sizeof(wire)), size);
	ppcs_cipher_init(&c, key);
	for (size_t part = 0; part <= size; part++) {
		memcpy(bytes, plain, sizeof(bytes));
		ppcs_cipher_encrypt(&c, bytes, part);
		assert_memory_equal(bytes, wire, part);
		assert_memory_equal(bytes + part, plain + part, size - part);
		ppcs_cipher_decrypt(&c, bytes, part);
		assert_memory_equal(bytes, plain, size);
	}
}

static void test_known(void **state)
{
	(void)state;
	assert_int_equal(CIPHER_KNOWN, SHEET_KEYS);
	for (unsigned i = 0; i < SHEET_KEYS; i++) {
		struct cipher c;

		assert_string_equal(ppcs_cipher_known(i), sheet_keys[i].key);
		ppcs_cipher_init(&c, sheet_keys[i].key);
		assert_false(c.plain);
		assert_string_equal(c.text, sheet_keys[i].key);
		assert_memory_equal(c.hash, sheet_keys[i].hash, sizeof(c.hash));
		check(sheet_keys[i].key, "f1300000", sheet_keys[i].lan_search);
	}
}

static void test_messages(void **state)
{
	(void)state;
	check("camera", SHEET_PUNCH, SHEET_PUNCH_CAMERA);
	check("SHIX", SHEET_PUNCH, SHEET_PUNCH_SHIX);
	check("", SHEET_PUNCH, SHEET_PUNCH);
	check("", "f1300000", "f1300000");
}

/* Section 9.4: the body of the first report in the captured data, as section 14 reads it. */
static void test_report(void **state)
{
	(void)state;
	check("SSD@cs2-network.",
	      "4c42435300000000000000004343434a4a000000 fffffffd 0100 0001 05b0 00 00 3f 00 0000"
	      "0002 0951 00000000 0000000000000000",
	      "0ccb9a2b5f951eb669dfaa375a6bbe3e76202e1336cfc4b46756b85a2d99e8423719e12235f684519"
	      "51eb669dfaa3719e12235f4");
}

static void test_key_length(void **state)
{
	static const char twenty[] = "abcdefghijklmnopqrst";
	static const char more[] = "abcdefghijklmnopqrstuvw";
	struct cipher a, b;

	(void)state;
	ppcs_cipher_init(&a, twenty);
	ppcs_cipher_init(&b, more);
	assert_memory_equal(a.hash, b.hash, sizeof(a.hash));
	assert_string_equal(b.text, twenty);
	ppcs_cipher_init(&b, "abcdefghijklmnopqrs");
	assert_memory_not_equal(a.hash, b.hash, sizeof(a.hash));
	ppcs_cipher_init(&b, "");
	assert_true(b.plain);
	assert_string_equal(b.text, "");
	/* Bytes are without sign: 255 / 3 = 85. */
	ppcs_cipher_init(&a, "\xff");
	assert_memory_equal(a.hash, "\xff\x01\x55\xff", 4);
	ppcs_cipher_init(&a, "\xff\x80");
	assert_memory_equal(a.hash, "\x7f\x81\x7f\x7f", 4);
}

/* Section 9.1, word for word. */
static void reference(const char *key, uint8_t *data, size_t size)
{
	unsigned h[4] = { 0 }, before = 0;
	uint8_t table[256];

	assert_int_equal(from_hex(TABLE, table, sizeof(table)), sizeof(table));
	for (size_t i = 0; key[i]; i++) {
		h[0] += (uint8_t)key[i];
		h[2] += (uint8_t)key[i] / 3U;
		h[3] ^= (uint8_t)key[i];
	}
	h[1] = 0U - h[0];
	for (size_t i = 0; i < size; i++) {
		data[i] ^= table[(h[before & 3] + before) % 256];
		before = data[i];
	}
}

static void test_rule(void **state)
{
	struct cmn_prng prng;

	(void)state;
	cmn_prng_seed(&prng, 9);
	for (size_t size = 0; size <= PACKET_MAX_BYTES; size += 1 + size / 9) {
		uint8_t plain[PACKET_MAX_BYTES + 1], wire[PACKET_MAX_BYTES + 1];
		char key[PPCS_MAX_KEY + 1] = "";
		struct cipher c;

		for (size_t i = 0; i <= size % PPCS_MAX_KEY; i++)
			key[i] = (char)(1 + cmn_prng_below(&prng, 255));
		for (size_t i = 0; i <= size; i++)
			plain[i] = (uint8_t)cmn_prng_next(&prng);
		memcpy(wire, plain, size + 1);
		reference(key, wire, size);
		ppcs_cipher_init(&c, key);
		ppcs_cipher_decrypt(&c, wire, size);
		assert_memory_equal(wire, plain, size + 1);
		reference(key, plain, size);
		ppcs_cipher_encrypt(&c, wire, size);
		assert_memory_equal(wire, plain, size + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),  cmocka_unit_test(test_messages),
		cmocka_unit_test(test_report), cmocka_unit_test(test_key_length),
		cmocka_unit_test(test_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
