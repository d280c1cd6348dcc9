/* SPDX-License-Identifier: MIT */
/* The nodes and what packets tell about them (section 14). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "world.h"

/* A packet of a port, received at a time, over so many hops. */
static void on_port(struct world *w, uint32_t from, unsigned port, const char *payload,
		    uint32_t rx_time, const char *more_hex)
{
	struct wire data = { .size = 0 }, inner = { .size = 0 }, more = { .size = 0 };

	wire_hex(&inner, payload);
	wire_number(&data, 1, port);
	if (inner.size > 0)
		wire_message(&data, 2, &inner);
	if (rx_time != 0)
		wire_fixed(&more, 7, rx_time);
	wire_hex(&more, more_hex);
	world_packet(w, from, ALL, &data, &more);
}

/* SNR 6.5, hop limit 2 of 3, RSSI -43. */
#define RADIO                    \
	"450000d040"             \
	"4802"                   \
	"60d5ffffffffffffffff01" \
	"7803"

static void test_every_packet(void **state)
{
	struct world *w = *state;
	struct meshtcp_node n;

	world_ready(w);
	on_port(w, BOB, 256, "00", EPOCH + 10, RADIO);
	n = world_node(w, BOB);
	assert_int_equal(n.last_heard, EPOCH + 10);
	assert_true(n.has_snr && n.snr == 6.5f);
	assert_int_equal(n.rssi, -43);
	assert_int_equal(n.hops_away, 1);
	assert_false(n.via_mqtt);
	assert_string_equal(n.user.long_name, "Bob");
	on_port(w, BOB, 256, "00", EPOCH + 20, "1802700148037803");
	n = world_node(w, BOB);
	assert_int_equal(n.last_heard, EPOCH + 20);
	assert_int_equal(n.channel, 2);
	assert_true(n.via_mqtt);
	assert_int_equal(n.hops_away, 0);
}

/* hop_start 0 comes from old senders: not known, what was known stays. */
static void test_unknown_hops(void **state)
{
	struct world *w = *state;

	world_ready(w);
	on_port(w, BOB, 256, "00", EPOCH + 10, "4802");
	assert_int_equal(world_node(w, BOB).hops_away, -1);
	assert_int_equal(world_last(w, MESHTCP_EVENT_PACKET)->packet.hops, -1);
	on_port(w, BOB, 256, "00", EPOCH + 11, "48017804");
	assert_int_equal(world_node(w, BOB).hops_away, 3);
	assert_int_equal(world_last(w, MESHTCP_EVENT_PACKET)->packet.hops, 3);
	on_port(w, BOB, 256, "00", EPOCH + 12, "4802");
	assert_int_equal(world_node(w, BOB).hops_away, 3);
	/* More left than there were: nonsense. */
	on_port(w, BOB, 256, "00", EPOCH + 13, "48057803");
	assert_int_equal(world_node(w, BOB).hops_away, 3);
}

static void test_unknown_sender(void **state)
{
	struct world *w = *state;
	struct meshtcp_node n;

	world_ready(w);
	on_port(w, 0x11223344, 256, "00", EPOCH + 10, RADIO);
	n = world_node(w, 0x11223344);
	assert_false(n.has_user);
	assert_string_equal(n.user.id, "");
	assert_false(n.position.has_position);
	assert_int_equal(n.last_heard, EPOCH + 10);
}

/* Never for nobody, and never for everybody. */
static void test_no_such_sender(void **state)
{
	struct world *w = *state;

	world_ready(w);
	on_port(w, ALL, 256, "00", EPOCH + 10, RADIO);
	on_port(w, 0, 256, "00", EPOCH + 10, RADIO);
	assert_false(world_has_node(w, ALL));
	/* 0 to 3 are reserved. */
	for (uint32_t num = 0; num < 4; num++) {
		on_port(w, num, 256, "00", EPOCH + 10, RADIO);
		assert_false(world_has_node(w, num));
	}
}

static void test_encrypted(void **state)
{
	struct world *w = *state;
	struct wire more = { .size = 0 };
	const struct told *t;

	world_ready(w);
	wire_hex(&more, "185f2a08a1b2c3d4e5f60718");
	wire_fixed(&more, 7, EPOCH + 10);
	world_packet(w, CAROL, ALL, NULL, &more);
	t = world_last(w, MESHTCP_EVENT_PACKET);
	assert_true(t->packet.encrypted);
	assert_int_equal(t->packet.channel, 0x5f);
	assert_int_equal(t->packet.port, 0);
	assert_int_equal(t->packet.size, 8);
	/* The hash of a channel is no channel. */
	assert_int_equal(world_node(w, CAROL).channel, 0);
	assert_int_equal(world_node(w, CAROL).last_heard, EPOCH + 10);
}

/* Name, key and all; over the air the id may be missing. */

/* The last member counts: nothing of the other one is left. */
static void test_encrypted_and_decoded(void **state)
{
	struct world *w = *state;
	struct wire more = { .size = 0 };
	const struct told *t;

	world_ready(w);
	wire_hex(&more, "2a08a1b2c3d4e5f6071822020801");
	world_packet(w, CAROL, ALL, NULL, &more);
	t = world_last(w, MESHTCP_EVENT_PACKET);
	assert_false(t->packet.encrypted);
	assert_int_equal(t->packet.port, 1);
	assert_int_equal(t->packet.size, 0);
	more.size = 0;
	wire_hex(&more, "220d08011202686918013dffffffff2a01a1");
	world_packet(w, CAROL, ALL, NULL, &more);
	t = world_last(w, MESHTCP_EVENT_PACKET);
	assert_true(t->packet.encrypted);
	assert_int_equal(t->packet.port, 0);
	assert_int_equal(t->packet.size, 1);
	assert_int_equal(t->packet.reply_id, 0);
	assert_false(t->packet.want_response);
}

static void user(struct world *w, uint32_t from, const char *long_name, uint8_t key)
{
	struct wire data = { .size = 0 }, who = { .size = 0 };
	uint8_t bytes[32];

	memset(bytes, key, sizeof(bytes));
	wire_text(&who, 2, long_name);
	wire_text(&who, 3, "B2");
	wire_number(&who, 5, 9);
	if (key != 0)
		wire_bytes(&who, 8, bytes, sizeof(bytes));
	wire_number(&data, 1, 4);
	wire_message(&data, 2, &who);
	world_packet(w, from, ALL, &data, NULL);
}

static void test_user(void **state)
{
	struct world *w = *state;
	struct meshtcp_node n;

	world_ready(w);
	user(w, 0x0a0b0c0d, "Newcomer", 1);
	n = world_node(w, 0x0a0b0c0d);
	assert_true(n.has_user);
	assert_string_equal(n.user.id, "!0a0b0c0d");
	assert_string_equal(n.user.long_name, "Newcomer");
	assert_int_equal(n.user.hw_model, 9);
	assert_int_equal(world_last(w, MESHTCP_EVENT_NODE)->e.node, 0x0a0b0c0d);
	assert_null(world_last(w, MESHTCP_EVENT_KEY_CHANGED));
	user(w, 0x0a0b0c0d, "Renamed", 1);
	assert_string_equal(world_node(w, 0x0a0b0c0d).user.long_name, "Renamed");
	assert_null(world_last(w, MESHTCP_EVENT_KEY_CHANGED));
	user(w, 0x0a0b0c0d, "Renamed", 2);
	assert_int_equal(world_count(w, MESHTCP_EVENT_KEY_CHANGED), 1);
	assert_int_equal(world_last(w, MESHTCP_EVENT_KEY_CHANGED)->e.node, 0x0a0b0c0d);
	assert_int_equal(world_node(w, 0x0a0b0c0d).user.public_key[31], 2);
	/* Coming back without a key and then with a third one is no way around. */
	user(w, 0x0a0b0c0d, "Renamed", 0);
	user(w, 0x0a0b0c0d, "Renamed", 3);
	assert_int_equal(world_count(w, MESHTCP_EVENT_KEY_CHANGED), 2);
}

/* Who only asks tells nothing about itself. */
static void test_empty_questions(void **state)
{
	struct world *w = *state;
	struct meshtcp_node n;

	world_ready(w);
	user(w, BOB, "Bob", 1);
	on_port(w, BOB, 3, "0d0008d0eb1548b5205a", EPOCH + 10, RADIO);
	on_port(w, BOB, 4, "", EPOCH + 70, RADIO);
	on_port(w, BOB, 3, "", EPOCH + 70, RADIO);
	on_port(w, BOB, 67, "", EPOCH + 70, RADIO);
	n = world_node(w, BOB);
	assert_true(n.has_user && n.user.has_public_key);
	assert_string_equal(n.user.long_name, "Bob");
	assert_true(n.position.has_position);
	assert_int_equal(n.position.latitude_i, -338688000);
	assert_int_equal(n.last_heard, EPOCH + 70);
}

static void test_position(void **state)
{
	struct world *w = *state;
	struct meshtcp_node n;

	world_ready(w);
	on_port(w, BOB, 3, "0d0008d0eb1548b5205a18fdffffffffffffffff01252c79e768b80120", EPOCH + 10,
		RADIO);
	n = world_node(w, BOB);
	assert_true(n.position.has_position && n.position.has_altitude);
	assert_int_equal(n.position.latitude_i, -338688000);
	assert_int_equal(n.position.longitude_i, 1512093000);
	assert_int_equal(n.position.altitude, -3);
	assert_int_equal(n.position.precision_bits, 32);
	assert_int_equal(world_last(w, MESHTCP_EVENT_NODE)->e.node, BOB);
	/* Others may become coarser. */
	on_port(w, BOB, 3, "0d0000d0eb150000205a252d79e768b8010d", EPOCH + 11, RADIO);
	assert_int_equal(world_node(w, BOB).position.precision_bits, 13);
	/* Both 0, or one missing: no position. */
	on_port(w, CAROL, 3, "0d000000001500000000", EPOCH + 10, RADIO);
	assert_false(world_node(w, CAROL).position.has_position);
	on_port(w, CAROL, 3, "0d0008d0eb", EPOCH + 10, RADIO);
	assert_false(world_node(w, CAROL).position.has_position);
	/* On the equator there is one. */
	on_port(w, CAROL, 3, "0d000000001548b5205a", EPOCH + 10, RADIO);
	assert_true(world_node(w, CAROL).position.has_position);
}

/* The own position comes back coarser than it is known. */
static void test_own_position(void **state)
{
	struct world *w = *state;

	world_ready(w);
	on_port(w, US, 3, "0d0008d0eb1548b5205ab80120", EPOCH + 10, RADIO);
	on_port(w, US, 3, "0d0000d0eb150000205ab8010d", EPOCH + 11, RADIO);
	assert_int_equal(world_node(w, US).position.latitude_i, -338688000);
	on_port(w, US, 3, "0d0108d0eb1548b5205ab80120", EPOCH + 12, RADIO);
	assert_int_equal(world_node(w, US).position.latitude_i, -338687999);
	/* How well it hears itself is nothing to know. */
	assert_false(world_node(w, US).has_snr);
	assert_int_equal(world_node(w, US).hops_away, -1);
}

/* Field by field; other kinds of telemetry leave them alone. */
static void test_metrics(void **state)
{
	struct world *w = *state;
	struct meshtcp_metrics m;

	world_ready(w);
	on_port(w, BOB, 67, "0d9079e768120708571500008040", EPOCH + 10, RADIO);
	m = world_node(w, BOB).metrics;
	assert_true(m.has_battery_level && m.battery_level == 87);
	assert_true(m.has_voltage && m.voltage == 4.0f);
	assert_false(m.has_uptime);
	on_port(w, BOB, 67, "0d9179e768120328901c", EPOCH + 11, RADIO);
	on_port(w, BOB, 67, "0d9179e7681a050d000048c1", EPOCH + 12, RADIO);
	m = world_node(w, BOB).metrics;
	assert_true(m.has_uptime && m.uptime_seconds == 3600);
	assert_true(m.has_battery_level && m.battery_level == 87);
	on_port(w, BOB, 67, "12020800", EPOCH + 13, RADIO);
	m = world_node(w, BOB).metrics;
	assert_true(m.has_battery_level && m.battery_level == 0);
	assert_true(m.voltage == 4.0f);
	/* With what nobody knows yet behind it. */
	on_port(w, BOB, 67, "120208507a0161", EPOCH + 14, RADIO);
	assert_int_equal(world_node(w, BOB).metrics.battery_level, 80);
}

static void test_status(void **state)
{
	struct world *w = *state;

	world_ready(w);
	on_port(w, BOB, 36, "0a0768656c6c6f2121", EPOCH + 10, RADIO);
	assert_string_equal(world_node(w, BOB).status, "hello!!");
}

/* A payload that does not decode changes nothing, and comes as it is. */
static void test_broken_payloads(void **state)
{
	static const unsigned ports[] = { 3, 4, 67, 36, 5, 6, 70, 71 };
	struct world *w = *state;
	struct meshtcp_node before, after;

	world_ready(w);
	on_port(w, BOB, 256, "00", EPOCH + 10, RADIO);
	before = world_node(w, BOB);
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		on_port(w, BOB, ports[i], "0aff", EPOCH + 10, RADIO);
		assert_int_equal(world_last(w, MESHTCP_EVENT_PACKET)->packet.port, ports[i]);
		assert_int_equal(world_last(w, MESHTCP_EVENT_PACKET)->packet.size, 2);
	}
	after = world_node(w, BOB);
	assert_memory_equal(&before, &after, sizeof(after));
	assert_int_equal(world_statistics(w).undecodable, 0);
}

/* What was queued keeps its own time: the newer value stays, and nothing is heard now. */
static void test_history(void **state)
{
	struct world *w = *state;
	struct meshtcp_node n;

	world_ready(w);
	/* Heard since the record of the download, before the connection. */
	on_port(w, BOB, 256, "00", EPOCH - 500, RADIO);
	assert_int_equal(world_node(w, BOB).last_heard, EPOCH - 500);
	on_port(w, BOB, 256, "00", EPOCH + 10, "450000803f48037803");
	/* Older than what is known: nothing of it is news. */
	on_port(w, BOB, 256, "00", EPOCH - 2000, RADIO);
	n = world_node(w, BOB);
	assert_int_equal(n.last_heard, EPOCH + 10);
	assert_true(n.snr == 1.0f);
	assert_int_equal(n.hops_away, 0);
	/* The newer position stays. */
	on_port(w, BOB, 3, "0d0008d0eb1548b5205a252c79e768", EPOCH + 20, RADIO);
	on_port(w, BOB, 3, "0d0000d0eb150000205a25000ae768", EPOCH - 100, RADIO);
	assert_int_equal(world_node(w, BOB).position.latitude_i, -338688000);
	/* A newer one that does not say of when it is came with its packet. */
	on_port(w, CAROL, 3, "0d0008d0eb1548b5205a2500000068", EPOCH - 5000, RADIO);
	on_port(w, CAROL, 3, "0d0000d0eb150000205a", EPOCH - 100, RADIO);
	assert_int_equal(world_node(w, CAROL).position.longitude_i, 0x5a200000);
	/* From a node of which nothing else is known it is taken. */
	on_port(w, 0x11223344, 3, "0d0008d0eb1548b5205a25000ae768", EPOCH - 100, RADIO);
	assert_true(world_node(w, 0x11223344).position.has_position);
	assert_int_equal(world_node(w, 0x11223344).last_heard, EPOCH - 100);
}

static void test_without_clock(void **state)
{
	struct world *w = *state;

	world_ready(w);
	on_port(w, BOB, 256, "00", 0, RADIO);
	assert_int_equal(world_node(w, BOB).last_heard, EPOCH - 1000);
	assert_int_equal(world_node(w, BOB).hops_away, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_every_packet),
		TEST(test_unknown_hops),
		TEST(test_unknown_sender),
		TEST(test_no_such_sender),
		TEST(test_encrypted),
		TEST(test_user),
		TEST(test_encrypted_and_decoded),
		TEST(test_empty_questions),
		TEST(test_position),
		TEST(test_own_position),
		TEST(test_metrics),
		TEST(test_status),
		TEST(test_broken_payloads),
		TEST(test_history),
		TEST(test_without_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
