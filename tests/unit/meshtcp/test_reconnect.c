/* SPDX-License-Identifier: MIT */
/* What outlives a connection (section 15.4), and what is told once although it comes twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "world.h"

static void ready_again(struct world *w)
{
	for (unsigned i = 0; i < 700 && meshtcp_session_state(w->session) != MESHTCP_STATE_READY;
	     i++)
		world_run(w, 100);
	world_run(w, 1000);
	assert_int_equal(meshtcp_session_state(w->session), MESHTCP_STATE_READY);
}

/* What never got a queue status goes again, with the same id; the rest does not. */
static void test_sent_again(void **state)
{
	struct world *w = *state;
	uint32_t unknown, known, waits;

	world_ready(w);
	known = world_send(w, BOB, "known", true);
	world_run(w, 2200);
	w->no_status = true;
	unknown = world_send(w, BOB, "unknown", true);
	waits = world_send(w, BOB, "waits", true);
	world_run(w, 100);
	world_close(w, 0);
	w->no_status = false;
	ready_again(w);
	world_run(w, 3000);
	assert_int_equal(world_heard_id(w, known), 1);
	assert_int_equal(world_heard_id(w, unknown), 2);
	assert_int_equal(world_heard_id(w, waits), 1);
	/* Pending acknowledgements may still arrive: the node went on working. */
	world_routing(w, BOB, known, 0);
	world_ended(w, known, 0, MESHTCP_SEND_DELIVERED);
	world_routing(w, BOB, unknown, 0);
	world_ended(w, unknown, 0, MESHTCP_SEND_DELIVERED);
	world_goes_on(w, waits);
}

/* Before 2.5.3 it might be sent twice: nobody knows what became of it. */
static void test_not_sent_again_to_an_old_node(void **state)
{
	struct world *w = *state;
	uint32_t unknown, waits;

	w->firmware = "2.5.2";
	w->no_status = true;
	world_ready(w);
	unknown = world_send(w, BOB, "unknown", true);
	waits = world_send(w, BOB, "waits", true);
	world_run(w, 100);
	world_close(w, 0);
	world_ended(w, unknown, -ECONNRESET, MESHTCP_SEND_UNKNOWN);
	ready_again(w);
	world_run(w, 3000);
	assert_int_equal(world_heard_id(w, unknown), 1);
	assert_int_equal(world_heard_id(w, waits), 1);
}

/* What was written and not sent yet belongs to the connection that is gone. */
static void test_output_of_the_old_connection(void **state)
{
	struct world *w = *state;
	uint32_t id;

	world_ready(w);
	w->blocked = true;
	id = world_send(w, BOB, "stuck", false);
	world_run(w, 100);
	world_close(w, -ECONNRESET);
	w->blocked = false;
	ready_again(w);
	assert_int_equal(world_last_heard(w, HEARD_PACKET)->connection, 2);
	assert_int_equal(world_heard_id(w, id), 1);
	world_ended(w, id, 0, MESHTCP_SEND_QUEUED);
}

static void packet(struct world *w, uint32_t from, uint32_t id, uint32_t rx_time)
{
	struct wire data = { .size = 0 }, more = { .size = 0 };

	wire_number(&data, 1, 1);
	wire_text(&data, 2, "text");
	if (rx_time != 0)
		wire_fixed(&more, 7, rx_time);
	w->next_id = id;
	world_packet(w, from, US, &data, &more);
}

/* Ids that were seen are not told again, over a reconnect too. */
static void test_packets_come_once(void **state)
{
	struct world *w = *state;

	world_ready(w);
	packet(w, BOB, 0x1000, EPOCH + 5);
	packet(w, BOB, 0x1000, EPOCH + 5);
	assert_int_equal(world_count(w, MESHTCP_EVENT_PACKET), 1);
	/* The same number of somebody else is another packet. */
	packet(w, CAROL, 0x1000, EPOCH + 5);
	assert_int_equal(world_count(w, MESHTCP_EVENT_PACKET), 2);
	world_close(w, 0);
	w->epoch = EPOCH + 100;
	ready_again(w);
	packet(w, BOB, 0x1000, EPOCH + 5);
	packet(w, CAROL, 0x1000, EPOCH + 5);
	assert_int_equal(world_count(w, MESHTCP_EVENT_PACKET), 2);
	packet(w, BOB, 0x1001, EPOCH + 7);
	assert_int_equal(world_count(w, MESHTCP_EVENT_PACKET), 3);
	assert_int_equal(world_statistics(w).duplicates, 3);
	assert_int_equal(world_statistics(w).packets_received, 3);
}

/* Without an id there is nothing to know a packet by; from 0 is an own echo. */
static void test_packets_without_id_or_sender(void **state)
{
	struct world *w = *state;

	world_ready(w);
	packet(w, BOB, 0, EPOCH + 5);
	packet(w, BOB, 0, EPOCH + 5);
	assert_int_equal(world_count(w, MESHTCP_EVENT_PACKET), 2);
	packet(w, 0, 0x1000, EPOCH + 5);
	assert_int_equal(world_count(w, MESHTCP_EVENT_PACKET), 2);
}

/* At least the 20 that a node remembers, and what a queue of 100 may hold. */
static void test_memory_of_ids(void **state)
{
	struct world *w = *state;

	world_ready(w);
	for (unsigned round = 0; round < 2; round++)
		for (uint32_t i = 0; i < 128; i++)
			packet(w, BOB, 0x2000 + i, EPOCH + 5);
	assert_int_equal(world_count(w, MESHTCP_EVENT_PACKET), 128);
}

/* Queued by the node while nobody was there: with their own time, and marked. */
static void test_history(void **state)
{
	struct world *w = *state;

	world_ready(w);
	world_close(w, 0);
	w->epoch = EPOCH + 1000;
	ready_again(w);
	packet(w, BOB, 0x3000, EPOCH + 500);
	assert_true(world_last(w, MESHTCP_EVENT_PACKET)->packet.history);
	assert_int_equal(world_last(w, MESHTCP_EVENT_PACKET)->packet.rx_time, EPOCH + 500);
	packet(w, BOB, 0x3001, EPOCH + 1000);
	assert_false(world_last(w, MESHTCP_EVENT_PACKET)->packet.history);
	packet(w, BOB, 0x3002, EPOCH + 1001);
	assert_false(world_last(w, MESHTCP_EVENT_PACKET)->packet.history);
	/* A node without clock. */
	packet(w, BOB, 0x3003, 0);
	assert_false(world_last(w, MESHTCP_EVENT_PACKET)->packet.history);
}

/* Another device at the same address: told, and nothing of the old one is left. */
static void test_another_node(void **state)
{
	struct world *w = *state;
	struct wire data = { .size = 0 }, key = { .size = 0 };
	struct order order = world_order(CAROL, MESHTCP_PORT_ADMIN, "\x88\x06\x0a", 3);
	struct meshtcp_info info;

	wire_hex(&key, "aa06080102030405060708");
	/* Without the nodes, so that none of them comes by a download. */
	w->config.download = MESHTCP_DOWNLOAD_CONFIG;
	world_ready(w);
	assert_null(world_last(w, MESHTCP_EVENT_OTHER_NODE));
	wire_number(&data, 1, 1);
	world_packet(w, 0x11223344, ALL, &data, NULL);
	packet(w, BOB, 0x1000, EPOCH + 5);
	world_close(w, 0);
	ready_again(w);
	assert_null(world_last(w, MESHTCP_EVENT_OTHER_NODE));
	world_answer(w, CAROL, MESHTCP_PORT_ADMIN, 0, &key);
	world_close(w, 0);
	w->num = 0x12345678;
	ready_again(w);
	assert_int_equal(world_count(w, MESHTCP_EVENT_OTHER_NODE), 1);
	assert_int_equal(world_last(w, MESHTCP_EVENT_OTHER_NODE)->e.node, 0x12345678);
	assert_int_equal(meshtcp_session_info(w->session, &info), 0);
	assert_int_equal(info.num, 0x12345678);
	assert_false(world_has_node(w, US));
	assert_false(world_has_node(w, 0x11223344));
	packet(w, BOB, 0x1000, EPOCH + 5);
	assert_int_equal(world_count(w, MESHTCP_EVENT_PACKET), 4);
	/* Its passkeys are others. */
	order.admin = order.admin_write = true;
	order.admin_node = CAROL;
	world_request(w, &order);
	assert_memory_equal(world_last_heard(w, HEARD_PACKET)->payload, "\x28\x08", 2);
}

/* A node that has restarted knows nothing of what it had not told yet: that goes again. */
static void test_sent_again_after_a_restart(void **state)
{
	struct world *w = *state;
	struct wire message = { .size = 0 };
	uint32_t id;

	w->no_status = true;
	world_ready(w);
	id = world_send(w, BOB, "hi", false);
	world_run(w, 100);
	wire_number(&message, 8, 1);
	world_say(w, &message);
	w->no_status = false;
	world_run(w, 3000);
	assert_int_equal(world_heard_id(w, id), 2);
	world_ended(w, id, 0, MESHTCP_SEND_QUEUED);
}

/* A known node with another key than before is a warning sign, wherever the key comes from. */
static void key_record(struct world *w, uint32_t num, uint8_t fill)
{
	struct wire info = { .size = 0 }, user = { .size = 0 }, message = { .size = 0 };
	uint8_t key[32];

	memset(key, fill, sizeof(key));
	wire_text(&user, 2, "Bob");
	wire_text(&user, 3, "BOB");
	wire_bytes(&user, 8, key, sizeof(key));
	wire_number(&info, 1, num);
	wire_message(&info, 2, &user);
	wire_message(&message, 4, &info);
	world_say(w, &message);
}

static void with_key(struct world *w, uint8_t fill)
{
	struct wire mark = { .size = 0 }, info = { .size = 0 }, message = { .size = 0 };

	w->holds = true;
	if (w->connection == 0)
		world_start(w);
	else
		world_close(w, 0);
	while (meshtcp_session_state(w->session) != MESHTCP_STATE_DOWNLOADING)
		world_run(w, 100);
	world_run(w, 200);
	wire_number(&info, 1, US);
	wire_message(&message, 3, &info);
	world_say(w, &message);
	key_record(w, BOB, fill);
	wire_number(&mark, 7, world_last_heard(w, HEARD_WANT)->nonce);
	world_say(w, &mark);
	assert_int_equal(meshtcp_session_state(w->session), MESHTCP_STATE_READY);
}

static void test_another_key_in_a_download(void **state)
{
	struct world *w = *state;

	with_key(w, 1);
	with_key(w, 1);
	assert_int_equal(world_count(w, MESHTCP_EVENT_KEY_CHANGED), 0);
	with_key(w, 2);
	assert_int_equal(world_count(w, MESHTCP_EVENT_KEY_CHANGED), 1);
	assert_int_equal(world_last(w, MESHTCP_EVENT_KEY_CHANGED)->e.node, BOB);
	assert_int_equal(world_node(w, BOB).user.public_key[0], 2);
}

/* Counters are of the whole life, whatever connections there were. */
static void test_counters_go_on(void **state)
{
	struct world *w = *state;
	struct meshtcp_statistics before, after;

	world_ready(w);
	world_say_raw(w, "noise\n", 6);
	before = world_statistics(w);
	assert_int_equal(before.skipped_bytes, 6);
	world_close(w, 0);
	ready_again(w);
	world_say_raw(w, "more\n", 5);
	after = world_statistics(w);
	assert_int_equal(after.skipped_bytes, 11);
	assert_true(after.frames_received > before.frames_received);
	assert_true(after.bytes_sent > before.bytes_sent);
	assert_true(after.downtime_ms >= 900 && after.downtime_ms < 3000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_sent_again),
		TEST(test_not_sent_again_to_an_old_node),
		TEST(test_output_of_the_old_connection),
		TEST(test_packets_come_once),
		TEST(test_packets_without_id_or_sender),
		TEST(test_memory_of_ids),
		TEST(test_history),
		TEST(test_another_node),
		TEST(test_sent_again_after_a_restart),
		TEST(test_another_key_in_a_download),
		TEST(test_counters_go_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
