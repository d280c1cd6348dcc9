/* SPDX-License-Identifier: MIT */
/*
 * The cipher against the figures of the protocol sheet, and against its own formula with random
 * keys and all lengths.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "common/prng.h"

#include "cipher.h"
#include "message.h"

#include "hex.h"
#include "sheet.h"

#define MAX_BYTES 400

static const struct cipher login; /* a zeroed cipher is in login mode */

static void check(const struct cipher *c, const uint8_t *plain, size_t size, const char *wire_hex)
{
	uint8_t wire[MAX_BYTES];
	uint8_t bytes[MAX_BYTES];

	assert_int_equal(from_hex(wire_hex, wire, sizeof(wire)), size);
	ipcom_cipher_encode(c, plain, bytes, size);
	assert_memory_equal(bytes, wire, size);
	ipcom_cipher_decode(c, bytes, bytes, size); /* in place */
	assert_memory_equal(bytes, plain, size);
	ipcom_cipher_encode(c, bytes, bytes, size);
	assert_memory_equal(bytes, wire, size);
	/* Every beginning of a message decodes to the beginning of its plain text. */
	for (size_t part = 0; part <= size; part++) {
		memset(bytes, 0, sizeof(bytes));
		ipcom_cipher_decode(c, wire, bytes, part);
		assert_memory_equal(bytes, plain, part);
	}
}

static void check_hex(const struct cipher *c, const char *plain_hex, const char *wire_hex)
{
	uint8_t plain[MAX_BYTES];

	check(c, plain, from_hex(plain_hex, plain, sizeof(plain)), wire_hex);
}

static void test_login(void **state)
{
	uint8_t plain[MESSAGE_LOGIN_BYTES];

	(void)state;
	check_hex(&login, LOGIN_PLAIN, LOGIN_WIRE);
	ipcom_message_login("abcdefghijklmnopqrstu", "0123456789ABCDEFGHIJKL", 2, plain);
	check(&login, plain, sizeof(plain), LIMITS_WIRE);
}

static void check_accept(const struct cipher *session, const char *wire)
{
	uint8_t plain[MESSAGE_ACCEPT_BYTES] = { 1, 2, '3', '.', '1', '0', 0 };

	memcpy(plain + 7, session->key, CIPHER_KEY_BYTES);
	check(&login, plain, sizeof(plain), wire);
}

static void test_answers_to_the_login(void **state)
{
	const struct cipher p = cipher_p();
	const struct cipher q = cipher_q();

	(void)state;
	check_accept(&p, ACCEPT_P);
	check_accept(&q, ACCEPT_Q);
}

/* Section 13.4 */
static void test_two_bytes(void **state)
{
	const struct cipher p = cipher_p();
	const struct cipher q = cipher_q();
	const struct cipher clear = { .mode = CIPHER_CLEAR };

	(void)state;
	check_hex(&login, "05 01", "09 55");
	check_hex(&login, "03 01", "0f 37");
	check_hex(&login, "02 01", "0e ea");
	check_hex(&login, "0e 65", "02 01");
	check_hex(&login, "72 9c", "7e e3"); /* section 4.4 */
	check_hex(&p, "05 01", "79 db");
	check_hex(&p, "03 01", "7f 3a");
	check_hex(&p, "02 01", "7e e3");
	check_hex(&p, "06 01", "7a 84");
	check_hex(&q, "05 01", "f3 14");
	check_hex(&q, "03 01", "f5 de");
	check_hex(&q, "02 01", "f4 f2");
	check_hex(&q, "06 01", "f0 4a");
	check_hex(&clear, "05 01", "05 01");
}

static void test_snapshots(void **state)
{
	uint8_t plain[MESSAGE_SNAPSHOT_BYTES] = { 5, 1 };
	const struct cipher p = cipher_p();
	const struct cipher q = cipher_q();

	(void)state;
	check(&p, plain, sizeof(plain), OFF_P);
	plain[2] = plain[19] = plain[21] = plain[40] = 255;
	plain[42] = 40;
	plain[43] = 100;
	plain[129] = 1;
	check(&p, plain, sizeof(plain), ON_P);
	check(&q, plain, sizeof(plain), ON_Q);
}

static void test_writes(void **state)
{
	const struct cipher p = cipher_p();
	const struct cipher q = cipher_q();

	(void)state;
	for (size_t i = 0; i < sizeof(sheet_writes) / sizeof(sheet_writes[0]); i++) {
		check_hex(&p, sheet_writes[i].plain, sheet_writes[i].session_p);
		check_hex(&q, sheet_writes[i].plain, sheet_writes[i].session_q);
	}
}

static void fill(struct cmn_prng *prng, uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)cmn_prng_next(prng);
}

static void test_round_trip_of_every_length(void **state)
{
	struct cmn_prng prng;
	uint8_t plain[MAX_BYTES];
	uint8_t wire[MAX_BYTES + 1];
	uint8_t back[MAX_BYTES + 1];

	(void)state;
	cmn_prng_seed(&prng, 13);
	for (size_t size = 0; size <= MAX_BYTES; size++) {
		struct cipher c = { .mode = (enum cipher_mode)(size % 3) };

		fill(&prng, c.key, sizeof(c.key));
		fill(&prng, plain, size);
		wire[size] = back[size] = 0x5a;
		ipcom_cipher_encode(&c, plain, wire, size);
		ipcom_cipher_decode(&c, wire, back, size);
		assert_memory_equal(back, plain, size);
		assert_int_equal(wire[size], 0x5a);
		assert_int_equal(back[size], 0x5a);
	}
}

/* Learn which byte each table index gives, by the formula of section 3.3; @return how many. */
static unsigned learn(const struct cipher *c, uint8_t table[256])
{
	bool known[256] = { false };
	struct cmn_prng prng;
	unsigned count = 0;

	cmn_prng_seed(&prng, 7);
	for (unsigned n = 0; n < 100; n++) {
		uint8_t plain[MAX_BYTES];
		uint8_t wire[MAX_BYTES];

		fill(&prng, plain, sizeof(plain));
		ipcom_cipher_encode(c, plain, wire, sizeof(wire));
		for (size_t i = 0; i < sizeof(wire); i++) {
			uint8_t x = (uint8_t)((i > 0 ? wire[i - 1] : 0) ^ i);
			uint8_t byte = plain[i] ^ wire[i];

			if (known[x])
				assert_int_equal(table[x], byte);
			count += !known[x];
			known[x] = true;
			table[x] = byte;
		}
	}
	return count;
}

/* One table, rotated by half for the login, mixed with the key for the session (section 3.2). */
static void test_formula(void **state)
{
	struct cipher keyless = { .mode = CIPHER_SESSION };
	const struct cipher q = cipher_q();
	uint8_t k1[256];
	uint8_t k2[256];
	uint8_t session[256];

	(void)state;
	assert_int_equal(learn(&keyless, k1), 256);
	assert_int_equal(learn(&login, k2), 256);
	assert_int_equal(learn(&q, session), 256);
	for (unsigned x = 0; x < 256; x++) {
		assert_int_equal(k2[x], k1[(x + 128) % 256]);
		assert_int_equal(session[x], k1[x] ^ q.key[x % 128]);
	}
	assert_memory_equal(k1, "\x53\x83\xfb\x32\x7f\x7e\x9a\xe9", 8);
	assert_memory_equal(k1 + 248, "\xca\x08\xc4\x7b\x19\xa1\x2b\x7f", 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_login),     cmocka_unit_test(test_answers_to_the_login),
		cmocka_unit_test(test_two_bytes), cmocka_unit_test(test_snapshots),
		cmocka_unit_test(test_writes),    cmocka_unit_test(test_round_trip_of_every_length),
		cmocka_unit_test(test_formula),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
