/* SPDX-License-Identifier: MIT */
/* Bounds of the public header and of section 10: sizes, numbers, how many of each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "world.h"

/* 233 bytes are the most of a payload; 234 are refused here, because a node would say nothing. */
static void test_payload(void **state)
{
	struct world *w = *state;
	uint8_t payload[234] = { 0 };
	struct order order = world_order(BOB, 256, payload, 233);
	const struct heard *h;
	uint32_t id = 4711;

	memset(payload, 0x94, sizeof(payload));
	world_ready(w);
	world_request(w, &order);
	h = world_last_heard(w, HEARD_PACKET);
	assert_int_equal(h->payload_size, 233);
	assert_memory_equal(h->payload, payload, 233);
	order.message.size = 234;
	assert_int_equal(meshtcp_session_request(w->session, &order, w->now, &id), -EMSGSIZE);
	assert_int_equal(id, 4711);
	/* All that a packet can have beside it fits too. */
	order.message.size = 233;
	order.message.port = 511;
	order.message.channel = 7;
	order.message.hop_limit = 7;
	order.message.want_ack = order.message.want_response = true;
	order.message.reply_id = order.message.emoji = order.message.request_id = UINT32_MAX;
	world_request(w, &order);
	h = world_last_heard(w, HEARD_PACKET);
	assert_int_equal(h->payload_size, 233);
	assert_int_equal(h->port, 511);
	assert_int_equal(h->channel, 7);
	assert_int_equal(h->reply_id, UINT32_MAX);
	assert_int_equal(h->emoji, UINT32_MAX);
	assert_int_equal(h->request_id, UINT32_MAX);
	assert_true(h->size <= 4 + 504);
}

static void test_empty_payload(void **state)
{
	struct world *w = *state;
	struct order order = world_order(BOB, 256, NULL, 0);

	world_ready(w);
	world_request(w, &order);
	assert_int_equal(world_last_heard(w, HEARD_PACKET)->payload_size, 0);
}

/* What an encoder cannot fit into 504 bytes it leaves alone. */
static void test_longest_message(void **state)
{
	uint8_t frame[FRAME_MAX_BYTES], payload[500] = { 0 };
	struct to_packet p = { .to = BOB, .id = 1, .port = 256, .payload = payload };
	size_t fits = 0;

	(void)state;
	for (p.size = 400; p.size < 500; p.size++) {
		size_t size = meshtcp_packet_encode(frame, &p);

		assert_true(size <= 4 + 504);
		if (size > 0) {
			assert_int_equal(fits, p.size > 400 ? p.size - 1 : 0);
			fits = p.size;
		}
	}
	assert_in_range(fits, 470, 499);
}

static void test_requests(void **state)
{
	struct world *w = *state;
	struct order order = world_order(BOB, 256, "x", 1);
	uint32_t id;

	w->no_status = true;
	world_start(w);
	for (unsigned i = 0; i < MESHTCP_MAX_REQUESTS; i++)
		world_request(w, &order);
	assert_int_equal(meshtcp_session_request(w->session, &order, w->now, &id), -EBUSY);
	assert_int_equal(meshtcp_session_cancel(w->session, w->made[100], 1, w->now), 0);
	world_request(w, &order);
	assert_int_equal(meshtcp_session_request(w->session, &order, w->now, &id), -EBUSY);
}

/* Ids: not 0, none twice among those that wait, low bits counting. */
static void test_ids(void **state)
{
	struct world *w = *state;
	struct order order = world_order(BOB, 256, "x", 1);
	uint32_t upper = 0;

	world_start(w);
	for (unsigned i = 0; i < MESHTCP_MAX_REQUESTS; i++) {
		world_request(w, &order);
		if (i > 0)
			assert_int_equal((w->made[i] - w->made[i - 1]) & 0x3ff, 1);
		upper |= (w->made[i] ^ w->made[0]) & ~UINT32_C(0x3ff);
	}
	assert_int_equal(upper, ~UINT32_C(0x3ff));
}

static void heard_of(struct world *w, uint32_t num, uint32_t when)
{
	struct wire data = { .size = 0 }, more = { .size = 0 };

	wire_number(&data, 1, 256);
	wire_fixed(&more, 7, when);
	world_packet(w, num, ALL, &data, &more);
	w->told_count = 0;
}

/* The one heard longest ago makes room. */
static void test_nodes(void **state)
{
	struct world *w = *state;
	const struct meshtcp_nodes *nodes;

	world_ready(w);
	/* Three are there already, heard before these. */
	for (uint32_t i = 0; i < MESHTCP_MAX_NODES - 3; i++)
		heard_of(w, 0x10000 + i, EPOCH + 10 + i);
	nodes = meshtcp_session_nodes(w->session);
	assert_int_equal(nodes->count, MESHTCP_MAX_NODES);
	for (size_t i = 1; i < nodes->count; i++)
		assert_true(nodes->node[i - 1].num < nodes->node[i].num);
	meshtcp_nodes_free(nodes);
	for (uint32_t i = 0; i < 10; i++)
		heard_of(w, 0x20000 + i, EPOCH + 5000 + i);
	nodes = meshtcp_session_nodes(w->session);
	assert_int_equal(nodes->count, MESHTCP_MAX_NODES);
	meshtcp_nodes_free(nodes);
	for (uint32_t i = 0; i < 10; i++)
		assert_true(world_has_node(w, 0x20000 + i));
	assert_false(world_has_node(w, BOB));
	assert_false(world_has_node(w, CAROL));
	assert_false(world_has_node(w, 0x10000));
	assert_true(world_has_node(w, 0x10000 + MESHTCP_MAX_NODES - 4));
}

/* But for favourites, of which the own node is one. */
static void test_favourites(void **state)
{
	struct world *w = *state;
	struct wire info = { .size = 0 }, message = { .size = 0 };

	world_ready(w);
	/* The first one of all. */
	wire_number(&info, 1, 0x100);
	wire_number(&info, 9, 300);
	wire_number(&info, 10, 1);
	wire_message(&message, 4, &info);
	world_say(w, &message);
	assert_true(world_node(w, 0x100).hops_away > 7);
	for (uint32_t i = 0; i < MESHTCP_MAX_NODES + 5; i++)
		heard_of(w, 0x10000 + i, EPOCH + 10 + i);
	assert_true(world_has_node(w, 0x100));
	assert_true(world_node(w, 0x100).is_favorite);
	assert_false(world_has_node(w, CAROL));
}

/* Events beyond the most are counted and dropped; results never are. */
static void test_events(void **state)
{
	struct world *w = *state;
	struct order order = world_order(BOB, 256, "x", 1);
	struct meshtcp_statistics s;
	size_t count = 0, results = 0;
	struct node *node;
	uint32_t id;

	w->queue_free = 1;
	world_ready(w);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(meshtcp_session_request(w->session, &order, w->now, &id), 0);
	for (unsigned i = 0; i < MESHTCP_MAX_EVENTS + 100; i++)
		meshtcp_session_receive(w->session, (const uint8_t *)"line\n", 5, w->now);
	meshtcp_session_cancel_owner(w->session, 1, w->now);
	while ((node = meshtcp_session_pop_event(w->session)) != NULL) {
		results += node->event.type == MESHTCP_EVENT_RESULT;
		count++;
		free(node);
	}
	assert_int_equal(results, 5);
	assert_true(count <= MESHTCP_MAX_EVENTS + 5);
	meshtcp_session_statistics(w->session, &s);
	assert_int_equal(s.queue_free, -1);
}

static void name(struct wire *w, const char *text)
{
	w->size = 0;
	wire_text(w, 2, text);
}

/* Names are cut between two characters. */
static void test_names(void **state)
{
	static const char *const fit = "123456789012345678901234567890123456789";
	struct meshtcp_user user;
	struct wire w;

	(void)state;
	name(&w, fit);
	assert_int_equal(meshtcp_decode_user(w.data, w.size, &user), 0);
	assert_string_equal(user.long_name, fit);
	name(&w, "1234567890123456789012345678901234567890");
	assert_int_equal(meshtcp_decode_user(w.data, w.size, &user), 0);
	assert_string_equal(user.long_name, fit);
	/* A character of two, three and four bytes on the edge. */
	name(&w, "12345678901234567890123456789012345678\xc3\xa9");
	assert_int_equal(meshtcp_decode_user(w.data, w.size, &user), 0);
	assert_string_equal(user.long_name, "12345678901234567890123456789012345678");
	name(&w, "1234567890123456789012345678901234567\xe2\x9c\x93x");
	assert_int_equal(meshtcp_decode_user(w.data, w.size, &user), 0);
	assert_string_equal(user.long_name, "1234567890123456789012345678901234567");
	name(&w, "12345678901234567890123456789012345\xf0\x9f\x91\x8dx");
	assert_int_equal(meshtcp_decode_user(w.data, w.size, &user), 0);
	assert_string_equal(user.long_name, "12345678901234567890123456789012345\xf0\x9f\x91\x8d");
	name(&w, "123456789012345678901234567890123456\xf0\x9f\x91\x8dx");
	assert_int_equal(meshtcp_decode_user(w.data, w.size, &user), 0);
	assert_string_equal(user.long_name, "123456789012345678901234567890123456");
	/* What is no UTF-8 is cut where the room ends. */
	memset(w.data + 2, 0x80, 60);
	w.data[1] = 60;
	assert_int_equal(meshtcp_decode_user(w.data, 62, &user), 0);
	assert_true(strlen(user.long_name) < sizeof(user.long_name));
}

static void test_long_keys(void **state)
{
	struct wire w = { .size = 0 };
	struct meshtcp_user user;
	uint8_t key[64];

	(void)state;
	memset(key, 7, sizeof(key));
	for (size_t size = 0; size <= 64; size++) {
		w.size = 0;
		wire_bytes(&w, 8, key, size);
		assert_int_equal(meshtcp_decode_user(w.data, w.size, &user), 0);
		assert_int_equal(user.has_public_key, size == 32);
	}
}

/* At most eight hops; what a later version may add is passed over. */
static void test_long_routes(void **state)
{
	struct wire w = { .size = 0 }, list = { .size = 0 };
	struct meshtcp_route t[2];

	(void)state;
	for (uint32_t i = 0; i < 20; i++) {
		wire_fixed(&w, 1, i);
		wire_number(&w, 2, i);
	}
	for (uint8_t i = 0; i < 20; i++)
		wire_raw(&list, &i, 1);
	wire_message(&w, 4, &list);
	memset(t, 0xee, sizeof(t));
	assert_int_equal(meshtcp_decode_route(w.data, w.size, t), 0);
	assert_int_equal(t[0].towards_count, MESHTCP_MAX_ROUTE);
	assert_int_equal(t[0].towards[7], 7);
	assert_int_equal(t[0].snr_towards_count, MESHTCP_MAX_ROUTE + 1);
	assert_int_equal(t[0].back_count, 0);
	assert_int_equal(t[0].snr_back_count, MESHTCP_MAX_ROUTE + 1);
	assert_int_equal(t[0].snr_back[8], 8);
	assert_int_equal(t[1].towards[0], 0xeeeeeeee);
}

/* A port above 511 there is none; it is not delivered as one. */
static void test_ports(void **state)
{
	struct world *w = *state;
	struct wire data = { .size = 0 };

	world_ready(w);
	wire_number(&data, 1, 511);
	world_packet(w, BOB, US, &data, NULL);
	assert_int_equal(world_last(w, MESHTCP_EVENT_PACKET)->packet.port, 511);
	data.size = 0;
	wire_number(&data, 1, 512);
	world_packet(w, BOB, US, &data, NULL);
	assert_int_equal(world_count(w, MESHTCP_EVENT_PACKET), 1);
}

/* Channels beyond 7 do not reach beyond the eight that there are. */
static void test_channels(void **state)
{
	struct world *w = *state;
	struct meshtcp_info before, after;

	world_ready(w);
	assert_int_equal(meshtcp_session_info(w->session, &before), 0);
	for (unsigned i = 0; i < 2; i++) {
		struct wire channel = { .size = 0 }, message = { .size = 0 };

		wire_number(&channel, 1, i ? UINT64_MAX : 8);
		wire_number(&channel, 3, 2);
		wire_message(&message, 10, &channel);
		world_say(w, &message);
	}
	assert_int_equal(meshtcp_session_info(w->session, &after), 0);
	assert_memory_equal(before.channels, after.channels, sizeof(after.channels));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_long_routes),
		TEST(test_payload),
		TEST(test_empty_payload),
		cmocka_unit_test(test_longest_message),
		TEST(test_requests),
		TEST(test_ids),
		TEST(test_nodes),
		TEST(test_favourites),
		TEST(test_events),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_long_keys),
		TEST(test_ports),
		TEST(test_channels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
