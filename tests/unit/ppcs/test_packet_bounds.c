/* SPDX-License-Identifier: MIT */
/*
 * Messages at and beyond their bounds: lengths that are wrong, lists that are too long or too
 * short, noise where zeros belong, addresses of other families.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "packet.h"

#include "hex.h"

static const struct {
	uint8_t type;
	size_t payload; /**< least one, and where nothing varies the only one (section 4) */
} bodies[] = {
	{ PACKET_HELLO, 0 },           { PACKET_HELLO_ACK, 16 },   { PACKET_P2P_REQ, 36 },
	{ PACKET_P2P_REQ_ACK, 4 },     { PACKET_P2P_REQ_DSK, 64 }, { PACKET_LAN_SEARCH, 0 },
	{ PACKET_PUNCH_TO, 16 },       { PACKET_PUNCH_PKT, 20 },   { PACKET_P2P_RDY, 20 },
	{ PACKET_TCP_RS_START, 48 },   { PACKET_TCP_RLY_REQ, 52 }, { PACKET_TCP_RLY_REQ_DSK, 76 },
	{ PACKET_TCP_RLY_REQ_ACK, 4 }, { PACKET_LIST_REQ1, 20 },   { PACKET_LIST_REQ_ACK, 4 },
	{ PACKET_LIST_REQ_DSK, 44 },   { PACKET_RLY_HELLO, 0 },    { PACKET_RLY_HELLO_ACK, 0 },
	{ PACKET_RLY_PORT, 0 },        { PACKET_RLY_PORT_ACK, 8 }, { PACKET_RLY_REQ, 40 },
	{ PACKET_RLY_REQ_ACK, 4 },     { PACKET_RLY_TO, 20 },      { PACKET_RLY_PKT, 28 },
	{ PACKET_RLY_RDY, 20 },        { PACKET_DRW, 4 },          { PACKET_DRW_ACK, 4 },
	{ PACKET_ALIVE, 0 },           { PACKET_ALIVE_ACK, 0 },    { PACKET_CLOSE, 0 },
};

/* Memory of exactly that size, so that a sanitizer sees a byte too many being read. */
static int decode(const uint8_t *bytes, size_t size, struct packet *ret)
{
	uint8_t *copy = test_malloc(size + (size == 0));
	int error;

	memcpy(copy, bytes, size);
	error = ppcs_packet_decode(copy, size, ret);
	test_free(copy);
	return error;
}

/* A message of PAYLOAD bytes: those of HEX and zeros. */
static int decode_hex(const char *hex, size_t payload, struct packet *ret)
{
	uint8_t bytes[2048] = { 0 };

	from_hex(hex, bytes, sizeof(bytes));
	bytes[2] = (uint8_t)(payload >> 8);
	bytes[3] = (uint8_t)payload;
	return decode(bytes, 4 + payload, ret);
}

static void test_header(void **state)
{
	uint8_t bytes[PACKET_MAX_BYTES + 1] = { 0xf1, PACKET_ALIVE };
	struct packet p;

	(void)state;
	for (size_t size = 0; size < PACKET_HEADER_BYTES; size++)
		assert_int_equal(decode(bytes, size, &p), -EBADMSG);
	assert_int_equal(decode(bytes, PACKET_MAX_BYTES, &p), 0);
	assert_int_equal(p.extra, PACKET_MAX_BYTES - 4);
	assert_int_equal(decode(bytes, PACKET_MAX_BYTES + 1, &p), -EBADMSG);
	for (unsigned first = 0; first < 256; first++) {
		bytes[0] = (uint8_t)first;
		assert_int_equal(decode(bytes, 4, &p), first == 0xf1 ? 0 : -EBADMSG);
		assert_int_equal(ppcs_packet_plausible(bytes, 4), first == 0xf1);
	}
}

/* The stated length counts: longer is noted, shorter refused (section 3.1). */
static void test_stated_length(void **state)
{
	(void)state;
	for (size_t stated = 0; stated <= 0xffff; stated += stated < 1300 ? 1 : 251) {
		for (size_t size = 4; size <= 1280; size += 319) {
			uint8_t bytes[PACKET_MAX_BYTES] = { 0xf1, PACKET_CLOSE,
							    (uint8_t)(stated >> 8),
							    (uint8_t)stated };
			bool fits = stated + 4 <= size;
			struct packet p;

			assert_int_equal(decode(bytes, size, &p), fits ? 0 : -EBADMSG);
			assert_int_equal(ppcs_packet_plausible(bytes, size), fits);
			if (!fits)
				continue;
			assert_int_equal(p.payload, stated);
			assert_int_equal(p.extra, size - 4 - stated);
		}
	}
}

static void test_every_body(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		uint8_t bytes[256] = { 0xf1, bodies[i].type, 0, 0, 0xd1 };
		struct packet p;

		for (size_t payload = 0; payload < 128; payload++) {
			bool fits = payload >= bodies[i].payload;

			bytes[3] = (uint8_t)payload;
			assert_int_equal(decode(bytes, 4 + payload, &p), fits ? 0 : -EBADMSG);
			assert_int_equal(p.useful, fits);
			/* What is behind the payload does not make up for it. */
			assert_int_equal(decode(bytes, 200, &p), fits ? 0 : -EBADMSG);
			assert_int_equal(p.useful, fits);
			assert_int_equal(p.extra, 196 - payload);
		}
	}
}

/* With another length this type is another fork's message. */
static void test_try_lan_tcp(void **state)
{
	(void)state;
	for (size_t payload = 0; payload < 100; payload++) {
		struct packet p;

		assert_int_equal(decode_hex("f143", payload, &p), 0);
		assert_int_equal(p.useful, payload == 44);
	}
}

static void test_data(void **state)
{
	struct packet p;

	(void)state;
	assert_int_equal(decode_hex("f1d00000d107ffff", 4, &p), 0);
	assert_int_equal(p.size, 0);
	assert_int_equal(p.channel, 7);
	assert_int_equal(p.index, 65535);
	assert_int_equal(decode_hex("f1d00000d1070102", 4 + 1024, &p), 0);
	assert_int_equal(p.size, 1024);
	assert_int_equal(p.index, 0x102);
	assert_int_equal(decode_hex("f1d00000d1070000", 4 + 1025, &p), -EBADMSG);
	assert_int_equal(decode_hex("f1d00000d1080000", 5, &p), -EBADMSG);
	assert_int_equal(decode_hex("f1d00000d1ff0000", 5, &p), -EBADMSG);
	/* Only acknowledgements have another mark (8.2). */
	assert_int_equal(decode_hex("f1d00000d2000000", 5, &p), -EBADMSG);
	assert_int_equal(decode_hex("f1d00000d0000000", 5, &p), -EBADMSG);
}

static void test_acks(void **state)
{
	struct packet p;

	(void)state;
	assert_int_equal(decode_hex("f1d10000d2070001000a", 6, &p), 0);
	assert_int_equal(p.channel, 7);
	assert_int_equal(p.count, 1);
	assert_int_equal(decode_hex("f1d10000d0000001000a", 6, &p), -EBADMSG);
	assert_int_equal(decode_hex("f1d10000d3000001000a", 6, &p), -EBADMSG);
	assert_int_equal(decode_hex("f1d10000d1080001000a", 6, &p), -EBADMSG);
	assert_int_equal(decode_hex("f1d10000d1000051", 4 + 2 * 81, &p), 0);
	assert_int_equal(p.count, 81);
	assert_int_equal(decode_hex("f1d10000d1000052", 4 + 2 * 82, &p), 0);
	assert_int_equal(p.count, 82);
	/* As many as are there, half a one not. */
	assert_int_equal(decode_hex("f1d10000d1000052", 4 + 2 * 81, &p), 0);
	assert_int_equal(p.count, 81);
	assert_int_equal(decode_hex("f1d10000d100ffff", 4 + 2 * 3 + 1, &p), 0);
	assert_int_equal(p.count, 3);
	assert_int_equal(p.size, 6);
	assert_int_equal(decode_hex("f1d10000d1000001", 4 + 1, &p), 0);
	assert_int_equal(p.count, 0);
	assert_int_equal(p.size, 0);
	/* Padded to 32 bytes. */
	assert_int_equal(decode_hex("f1d10000d1000002", 32, &p), 0);
	assert_int_equal(p.count, 2);
	assert_int_equal(p.size, 4);
}

static void test_listed(void **state)
{
	struct packet p;

	(void)state;
	assert_int_equal(decode_hex("f1690000", 4, &p), 0);
	assert_int_equal(p.count, 0);
	assert_int_equal(decode_hex("f16900004f", 4 + 16 * 79, &p), 0);
	assert_int_equal(p.count, 79);
	assert_int_equal(p.size, 16 * 79);
	assert_int_equal(decode_hex("f169000050", 4 + 16 * 80, &p), -EBADMSG);
	assert_int_equal(decode_hex("f1690000ff", 4 + 16 * 2 + 15, &p), 0);
	assert_int_equal(p.count, 2);
	assert_int_equal(p.size, 32);
	assert_int_equal(decode_hex("f169000001", 4 + 16 * 2, &p), 0);
	assert_int_equal(p.count, 1);
}

/* Addresses of another family than 2 are none. */
static void test_families(void **state)
{
	static const char *const others[] = {
		"f140001000010203040506070000000000000000",
		"f14000100200a39e096433c60000000000000000",
		"f1400010000aa39e096433c60000000000000000",
		"f14000100102a39e096433c60000000000000000",
		"f14000100000a39e096433c60000000000000000",
	};
	const struct ppcs_address none = { .port = 0 };
	uint8_t bytes[64];
	struct packet p;

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		size_t size = from_hex(others[i], bytes, sizeof(bytes));

		assert_int_equal(decode(bytes, size, &p), 0);
		assert_true(p.useful);
		assert_memory_equal(p.address.ip, none.ip, sizeof(none.ip));
		assert_int_equal(p.address.port, 0);
	}
	/* The last eight bytes are of no meaning. */
	assert_int_equal(decode_hex("f14000100002a39e096433c60102030405060708", 16, &p), 0);
	assert_memory_equal(p.address.ip, "\xc6\x33\x64\x09", 4);
	assert_int_equal(p.address.port, 40611);
}

static void test_results(void **state)
{
	(void)state;
	for (int result = -128; result < 128; result++) {
		uint8_t bytes[] = { 0xf1, PACKET_P2P_REQ_ACK, 0, 4, (uint8_t)result, 1, 2, 3 };
		struct packet p;

		assert_int_equal(decode(bytes, sizeof(bytes), &p), 0);
		assert_int_equal(p.result, result);
		assert_int_equal(ppcs_packet_encode(&p, bytes, sizeof(bytes)), sizeof(bytes));
		assert_int_equal(bytes[4], (uint8_t)result);
		assert_memory_equal(bytes + 5, "\0\0\0", 3); /* noise is not kept */
	}
}

/* Behind the first NUL of a text there is noise. */
static void test_text(void **state)
{
	struct packet p;

	(void)state;
	assert_int_equal(decode_hex("f16a0000"
				    "544500540000000000003039"
				    "4142430045000000"
				    "4b45590059",
				    44, &p),
			 0);
	assert_memory_equal(p.uid.prefix, "TE\0\0\0\0\0", 8);
	assert_int_equal(p.uid.serial, 12345);
	assert_memory_equal(p.uid.check, "ABC\0\0\0\0", 8);
	assert_memory_equal(p.dsk, "KEY\0\0\0", 7);
}

static void test_most(void **state)
{
	static const uint8_t data[PACKET_MAX_BYTES];
	uint8_t bytes[2 * PACKET_MAX_BYTES];
	struct packet p = { .type = PACKET_DRW, .data = data, .size = PACKET_MAX_BYTES - 8 };

	(void)state;
	assert_int_equal(ppcs_packet_encode(&p, bytes, sizeof(bytes)), PACKET_MAX_BYTES);
	assert_memory_equal(bytes, "\xf1\xd0\x04\xfc\xd1\0\0\0", 9);
	p.size++;
	assert_int_equal(ppcs_packet_encode(&p, bytes, sizeof(bytes)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header),     cmocka_unit_test(test_stated_length),
		cmocka_unit_test(test_every_body), cmocka_unit_test(test_try_lan_tcp),
		cmocka_unit_test(test_data),       cmocka_unit_test(test_acks),
		cmocka_unit_test(test_listed),     cmocka_unit_test(test_families),
		cmocka_unit_test(test_results),    cmocka_unit_test(test_text),
		cmocka_unit_test(test_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
