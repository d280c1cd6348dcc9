/* SPDX-License-Identifier: MIT */
/*
 * Every message that has a layout, both ways: its bytes, as section 14 prints them or put together
 * from the rows of section 4, and its fields.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "packet.h"

#include "hex.h"

#define TEST_UID                                                    \
	{                                                           \
		.prefix = "TEST", .serial = 12345, .check = "ABCDE" \
	}
#define LBCS_UID                                                \
	{                                                       \
		.prefix = "LBCS", .serial = 0, .check = "CCCJJ" \
	}
#define TEST_HEX "5445535400000000000030394142434445000000"
#define LBCS_HEX "4c42435300000000000000004343434a4a000000"
/* 24 letters: no NUL behind them. */
#define DSK     "ABCDEFGHIJKLMNOPQRSTUVWX"
#define DSK_HEX "4142434445464748494a4b4c4d4e4f505152535455565758"
#define KEY     0x1a2b3c4d

static const struct row {
	const char *hex;
	struct packet p;
} rows[] = {
	/* Section 14. */
	{ "f1000000", { .type = PACKET_HELLO } },
	{ "f1010010000250c3077100cb0000000000000000",
	  { .type = PACKET_HELLO_ACK, .address = { { 203, 0, 113, 7 }, 50000 } } },
	{ "f1200024" TEST_HEX "000250c31401a8c00000000000000000",
	  { .type = PACKET_P2P_REQ, .uid = TEST_UID, .address = { { 192, 168, 1, 20 }, 50000 } } },
	{ "f121000400000000", { .type = PACKET_P2P_REQ_ACK } },
	{ "f1210004fe000000", { .type = PACKET_P2P_REQ_ACK, .result = RESULT_OFFLINE } },
	{ "f1210004ff000000", { .type = PACKET_P2P_REQ_ACK, .result = RESULT_CHECK_CODE } },
	{ "f1210004fd000000", { .type = PACKET_P2P_REQ_ACK, .result = RESULT_PREFIX } },
	{ "f1300000", { .type = PACKET_LAN_SEARCH } },
	{ "f14000100002a39e096433c60000000000000000",
	  { .type = PACKET_PUNCH_TO, .address = { { 198, 51, 100, 9 }, 40611 } } },
	{ "f1410014" TEST_HEX, { .type = PACKET_PUNCH_PKT, .uid = TEST_UID } },
	{ "f1410014" LBCS_HEX, { .type = PACKET_PUNCH_PKT, .uid = LBCS_UID } },
	{ "f1420014" TEST_HEX, { .type = PACKET_P2P_RDY, .uid = TEST_UID } },
	{ "f1420014" LBCS_HEX, { .type = PACKET_P2P_RDY, .uid = LBCS_UID } },
	{ "f143002c" LBCS_HEX "0002a39e012ba8c000000000000000000000000000000000",
	  { .type = PACKET_TRY_LAN_TCP,
	    .uid = LBCS_UID,
	    .address = { { 192, 168, 43, 1 }, 40611 } } },
	{ "f1670014" TEST_HEX, { .type = PACKET_LIST_REQ1, .uid = TEST_UID } },
	{ "f169002402000000"
	  "0002647d0b00007f00000000000000000002647d0c00007f0000000000000000",
	  { .type = PACKET_LIST_REQ_ACK, .size = 32, .count = 2 } },
	{ "f1700000", { .type = PACKET_RLY_HELLO } },
	{ "f1710000", { .type = PACKET_RLY_HELLO_ACK } },
	{ "f1720000", { .type = PACKET_RLY_PORT } },
	{ "f17300081a2b3c4da1120000", { .type = PACKET_RLY_PORT_ACK, .key = KEY, .port = 41234 } },
	{ "f1800028" TEST_HEX "000212a10b00007f00000000000000001a2b3c4d",
	  { .type = PACKET_RLY_REQ,
	    .uid = TEST_UID,
	    .address = { { 127, 0, 0, 11 }, 41234 },
	    .key = KEY } },
	{ "f181000400000000", { .type = PACKET_RLY_REQ_ACK } },
	{ "f1820014000212a10b00007f00000000000000001a2b3c4d",
	  { .type = PACKET_RLY_TO, .address = { { 127, 0, 0, 11 }, 41234 }, .key = KEY } },
	{ "f183001c1a2b3c4d" TEST_HEX "00000000",
	  { .type = PACKET_RLY_PKT, .uid = TEST_UID, .key = KEY } },
	{ "f183001c1a2b3c4d" TEST_HEX "01000000",
	  { .type = PACKET_RLY_PKT, .uid = TEST_UID, .key = KEY, .side = 1 } },
	{ "f1840014" TEST_HEX, { .type = PACKET_RLY_RDY, .uid = TEST_UID } },
	{ "f1d00007d100000041434b", { .type = PACKET_DRW, .size = 3 } },
	{ "f1d00006d103ffff6869", { .type = PACKET_DRW, .channel = 3, .index = 65535, .size = 2 } },
	{ "f1d1000ad1030003fffeffff0000",
	  { .type = PACKET_DRW_ACK, .channel = 3, .size = 6, .count = 3 } },
	{ "f1d1000cd10000040002000300040005", { .type = PACKET_DRW_ACK, .size = 8, .count = 4 } },
	{ "f1e00000", { .type = PACKET_ALIVE } },
	{ "f1e10000", { .type = PACKET_ALIVE_ACK } },
	{ "f1f00000", { .type = PACKET_CLOSE } },
	/* Section 4. */
	{ "f1260040" TEST_HEX "000250c31401a8c00000000000000000"
	  "05"
	  "050201" DSK_HEX,
	  { .type = PACKET_P2P_REQ_DSK,
	    .uid = TEST_UID,
	    .address = { { 192, 168, 1, 20 }, 50000 },
	    .nat = 5,
	    .version = { 5, 2, 1 },
	    .dsk = DSK } },
	{ "f1520030" TEST_HEX "1a2b3c4d"
	  "0002bb010b00007f00000000000000000000000000000000",
	  { .type = PACKET_TCP_RS_START,
	    .uid = TEST_UID,
	    .address = { { 127, 0, 0, 11 }, 443 },
	    .key = KEY } },
	{ "f1530034" TEST_HEX "000250c31401a8c000000000000000000000000000000000"
	  "03"
	  "050201"
	  "01"
	  "000000",
	  { .type = PACKET_TCP_RLY_REQ,
	    .uid = TEST_UID,
	    .address = { { 192, 168, 1, 20 }, 50000 },
	    .nat = 3,
	    .version = { 5, 2, 1 },
	    .flag = 1 } },
	{ "f154004c" TEST_HEX "000250c31401a8c000000000000000000000000000000000"
	  "03"
	  "050201"
	  "01"
	  "000000" DSK_HEX,
	  { .type = PACKET_TCP_RLY_REQ_DSK,
	    .uid = TEST_UID,
	    .address = { { 192, 168, 1, 20 }, 50000 },
	    .nat = 3,
	    .version = { 5, 2, 1 },
	    .flag = 1,
	    .dsk = DSK } },
	{ "f1550004fa010000",
	  { .type = PACKET_TCP_RLY_REQ_ACK, .result = RESULT_LATER, .flag = 1 } },
	{ "f16a002c" TEST_HEX "5345435245540000000000000000000000000000"
	  "00000000",
	  { .type = PACKET_LIST_REQ_DSK, .uid = TEST_UID, .dsk = "SECRET" } },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void assert_address(const struct ppcs_address *a, const struct ppcs_address *b)
{
	assert_memory_equal(a->ip, b->ip, sizeof(a->ip));
	assert_int_equal(a->port, b->port);
}

static void assert_fields(const struct packet *a, const struct packet *b)
{
	assert_int_equal(a->type, b->type);
	assert_true(ppcs_uid_same(&a->uid, &b->uid));
	assert_address(&a->address, &b->address);
	assert_int_equal(a->result, b->result);
	assert_int_equal(a->key, b->key);
	assert_int_equal(a->port, b->port);
	assert_int_equal(a->side, b->side);
	assert_int_equal(a->nat, b->nat);
	assert_int_equal(a->flag, b->flag);
	assert_memory_equal(a->version, b->version, sizeof(a->version));
	assert_memory_equal(a->dsk, b->dsk, sizeof(a->dsk));
	assert_int_equal(a->channel, b->channel);
	assert_int_equal(a->index, b->index);
	assert_int_equal(a->size, b->size);
	assert_int_equal(a->count, b->count);
}

static void test_decode(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		uint8_t bytes[PACKET_MAX_BYTES];
		size_t size = from_hex(rows[i].hex, bytes, sizeof(bytes));
		struct packet p;

		memset(&p, 0x5a, sizeof(p));
		assert_int_equal(ppcs_packet_decode(bytes, size, &p), 0);
		assert_true(p.useful);
		assert_int_equal(p.payload, size - PACKET_HEADER_BYTES);
		assert_int_equal(p.extra, 0);
		assert_fields(&p, &rows[i].p);
		if (p.size > 0)
			assert_ptr_equal(p.data, bytes + 8);
		assert_non_null(ppcs_packet_name(p.type));
		assert_true(ppcs_packet_plausible(bytes, size));
	}
}

static void test_encode(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		uint8_t expected[PACKET_MAX_BYTES], bytes[PACKET_MAX_BYTES];
		size_t size = from_hex(rows[i].hex, expected, sizeof(expected));
		struct packet p = rows[i].p;

		p.data = p.size > 0 ? expected + 8 : NULL;
		memset(bytes, 0x5a, sizeof(bytes));
		assert_int_equal(ppcs_packet_encode(&p, bytes, sizeof(bytes)), size);
		assert_memory_equal(bytes, expected, size);
		assert_int_equal(bytes[size], 0x5a);
	}
}

/* The room is memory of exactly that size, so that a sanitizer sees a byte too many written. */
static void test_encode_without_room(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		uint8_t expected[PACKET_MAX_BYTES];
		size_t size = from_hex(rows[i].hex, expected, sizeof(expected));
		struct packet p = rows[i].p;

		p.data = p.size > 0 ? expected + 8 : NULL;
		for (size_t room = 0; room <= size; room++) {
			uint8_t *bytes = test_malloc(room + (room == 0));

			assert_int_equal(ppcs_packet_encode(&p, bytes, room),
					 room < size ? 0 : size);
			test_free(bytes);
		}
	}
}

/* All layouts have a row above; nothing else can be written. */
static void test_other_types(void **state)
{
	uint8_t bytes[PACKET_MAX_BYTES];

	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		struct packet p = { .type = (uint8_t)type };
		bool known = false;

		for (size_t i = 0; i < ROWS; i++)
			known = known || rows[i].p.type == type;
		assert_int_equal(ppcs_packet_encode(&p, bytes, sizeof(bytes)) > 0, known);
		bytes[0] = 0xf1;
		bytes[1] = (uint8_t)type;
		memset(bytes + 2, 0, sizeof(bytes) - 2);
		bytes[3] = 200;
		assert_int_equal(ppcs_packet_plausible(bytes, 204),
				 ppcs_packet_name(p.type) != NULL);
		if (known)
			continue;
		assert_int_equal(ppcs_packet_decode(bytes, 204, &p), 0);
		assert_int_equal(p.type, type);
		assert_int_equal(p.payload, 200);
		assert_false(p.useful);
	}
}

static void test_lists(void **state)
{
	uint8_t bytes[PACKET_MAX_BYTES];
	struct ppcs_address a;
	struct packet p;
	size_t size;

	(void)state;
	size = from_hex("f1d1000ad1030003fffeffff0000", bytes, sizeof(bytes));
	assert_int_equal(ppcs_packet_decode(bytes, size, &p), 0);
	assert_int_equal(ppcs_packet_ack(&p, 0), 65534);
	assert_int_equal(ppcs_packet_ack(&p, 1), 65535);
	assert_int_equal(ppcs_packet_ack(&p, 2), 0);
	size = from_hex("f169002402000000"
			"0002647d0b00007f00000000000000000002a39e096433c60000000000000000",
			bytes, sizeof(bytes));
	assert_int_equal(ppcs_packet_decode(bytes, size, &p), 0);
	a = ppcs_packet_listed(&p, 0);
	assert_address(&a, &(struct ppcs_address){ { 127, 0, 0, 11 }, 32100 });
	a = ppcs_packet_listed(&p, 1);
	assert_address(&a, &(struct ppcs_address){ { 198, 51, 100, 9 }, 40611 });
}

/* The names of section 4 that no conversation file has. */
static void test_names(void **state)
{
	static const struct {
		uint8_t type;
		const char *name;
	} named[] = {
		{ 0x02, "HELLO_TO" },
		{ 0x05, "CHECK_DEVICE" },
		{ 0x07, "CHECK_DEVICE_ACK" },
		{ 0x10, "DEV_LGN" },
		{ 0x13, "DEV_LGN_CRC_ACK" },
		{ 0x16, "DEV_LGN_DSK" },
		{ 0x23, "P2P_REQ_WI" },
		{ 0x27, "P2P_REQ_DSK_WI" },
		{ 0x28, "RLY_RDY_PLUS" },
		{ 0x31, "LAN_NOTIFY" },
		{ 0x33, "LAN_SEARCH_EXT_ACK" },
		{ 0x44, "P2P_RDY_LAN_TCP" },
		{ 0x52, "TCP_RS_START" },
		{ 0x54, "TCP_RLY_REQ_DSK" },
		{ 0x57, "TCP_RLY_REQ_DSK_WI" },
		{ 0x62, "RS_LGN1" },
		{ 0x68, "LIST_REQ" },
		{ 0x6b, "LIST_REQ_DSK_WI" },
		{ 0x78, "BYTE_COUNT" },
		{ 0x87, "RLY_SERVER_REQ" },
		{ 0x92, "SDEV_LGN_CRC" },
		{ 0xa2, "REPORT" },
		{ 0xd8, "PSR" },
		{ 0xdc, "DC" },
		{ 0xfb, "REPORT_RLY_RDY_PLUS" },
	};
	static const uint8_t families[] = { 0x36, 0x3d, 0x3f, 0x74, 0x77, 0xf4, 0xf8 };
	static const uint8_t unknown[] = { 0x04, 0x0a, 0x22, 0x35, 0x45, 0x58, 0x64, 0x79,
					   0x86, 0x93, 0xa3, 0xd2, 0xe2, 0xf3, 0xfa, 0xff };

	(void)state;
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		assert_string_equal(ppcs_packet_name(named[i].type), named[i].name);
	for (size_t i = 0; i < sizeof(families); i++)
		assert_non_null(ppcs_packet_name(families[i]));
	for (size_t i = 0; i < sizeof(unknown); i++)
		assert_null(ppcs_packet_name(unknown[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_encode_without_room),
		cmocka_unit_test(test_other_types),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
