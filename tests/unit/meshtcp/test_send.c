/* SPDX-License-Identifier: MIT */
/* Packets on their way to the node (sections 10 and 11): their bytes, queue status, flow, repeats.
 * */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "state.h"
#include "world.h"

static void test_bytes_of_a_text(void **state)
{
	struct world *w = *state;
	struct wire data = { .size = 0 }, packet = { .size = 0 }, message = { .size = 0 };
	struct wire frame = { .size = 0 };
	struct order order = world_order(ALL, MESHTCP_PORT_TEXT, "Hello mesh", 10);
	const struct heard *h;
	uint32_t id;

	world_ready(w);
	order.message.channel = 1;
	order.message.want_ack = true;
	order.message.reply_id = 0x1badb002;
	order.message.emoji = 1;
	order.message.request_id = 0x12345678;
	id = world_request(w, &order);
	h = world_last_heard(w, HEARD_PACKET);
	wire_hex(&data, "0801120a48656c6c6f206d657368"
			"3578563412"
			"3d02b0ad1b"
			"4501000000");
	wire_fixed(&packet, 1, US);
	wire_fixed(&packet, 2, ALL);
	wire_number(&packet, 3, 1);
	wire_message(&packet, 4, &data);
	wire_fixed(&packet, 6, id);
	wire_number(&packet, 9, 3);
	wire_number(&packet, 10, 1);
	wire_message(&message, 1, &packet);
	wire_frame(&frame, &message);
	assert_int_equal(h->size, frame.size);
	assert_memory_equal(h->frame, frame.data, frame.size);
}

/* 0 = as the radio is set up; -1 = really none. */
static void test_hop_limits(void **state)
{
	static const int asked[] = { 0, 1, 7, -1 };
	static const unsigned sent[] = { 5, 1, 7, 0 };
	struct world *w = *state;

	w->hop_limit = 5;
	world_ready(w);
	for (unsigned i = 0; i < 4; i++) {
		struct order order = world_order(BOB, 256, "x", 1);

		order.message.hop_limit = asked[i];
		world_request(w, &order);
		assert_int_equal(world_last_heard(w, HEARD_PACKET)->hop_limit, sent[i]);
	}
}

/* A radio that is set up to more hops than there can be. */
static void test_hop_limit_out_of_range(void **state)
{
	struct world *w = *state;

	w->hop_limit = 9;
	world_ready(w);
	world_send(w, BOB, "hi", false);
	assert_int_equal(world_last_heard(w, HEARD_PACKET)->hop_limit, 7);
}

static void test_queued_is_the_end_without_ack(void **state)
{
	struct world *w = *state;
	uint32_t id;

	world_ready(w);
	id = world_send(w, BOB, "hi", false);
	assert_int_equal(world_heard_id(w, id), 1);
	world_goes_on(w, id);
	world_run(w, 5);
	world_ended(w, id, 0, MESHTCP_SEND_QUEUED);
	assert_int_equal(world_result(w, id)->owner, 1);
	assert_int_equal(world_statistics(w).packets_sent, 1);
	assert_int_equal(world_statistics(w).queue_free, 16);
}

static void test_accepted_and_refused(void **state)
{
	static const struct {
		int res;
		bool accepted;
	} codes[] = { { 0, true },   { 35, true }, { 32, false }, { 33, false },
		      { 34, false }, { 7, false }, { -1, false }, { 150, false } };
	struct world *w = *state;

	w->no_status = true;
	world_ready(w);
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		uint32_t id = world_send(w, BOB, "hi", false);

		world_run(w, 10);
		assert_int_equal(world_heard_id(w, id), 1);
		world_status(w, codes[i].res, 15, id);
		if (codes[i].accepted) {
			world_ended(w, id, 0, MESHTCP_SEND_QUEUED);
		} else {
			/* A routing error may follow; nothing does. */
			world_run(w, 5000);
			world_ended(w, id, -EIO, MESHTCP_SEND_FAILED);
			assert_int_equal((int)world_result(w, id)->e.queue_error, codes[i].res);
			assert_int_equal(world_result(w, id)->e.routing_error, 0);
		}
		assert_int_equal(world_heard_id(w, id), 1);
		world_run(w, 2100);
	}
}

/* The routing packet with the reason may come before the queue status or behind it. */
static void test_refused_with_a_reason(void **state)
{
	struct world *w = *state;
	uint32_t id;

	w->no_status = true;
	world_ready(w);
	id = world_send(w, BOB, "too long", true);
	world_status(w, 7, 15, id);
	world_goes_on(w, id);
	world_run(w, 20);
	world_routing(w, US, id, 7);
	world_ended(w, id, -EIO, MESHTCP_SEND_FAILED);
	assert_int_equal(world_result(w, id)->e.routing_error, 7);
	assert_int_equal(world_result(w, id)->e.queue_error, 0);
	world_run(w, 2100);
	id = world_send(w, BOB, "too long", false);
	world_routing(w, US, id, 34);
	world_ended(w, id, -EIO, MESHTCP_SEND_FAILED);
	assert_int_equal(world_result(w, id)->e.routing_error, 34);
	world_status(w, 34, 15, id);
	world_run(w, 5000);
	assert_int_equal(world_heard_id(w, id), 1);
}

/* What was refused late is not repeated while its reason is waited for. */
static void test_refused_is_not_repeated(void **state)
{
	struct world *w = *state;
	uint32_t id;

	w->no_status = true;
	world_ready(w);
	id = world_send(w, BOB, "hi", true);
	world_run(w, 4900);
	world_status(w, 34, 15, id);
	world_run(w, 300);
	assert_int_equal(world_heard_id(w, id), 1);
	world_run(w, 5000);
	world_ended(w, id, -EIO, MESHTCP_SEND_FAILED);
	assert_int_equal(world_heard_id(w, id), 1);
}

/* What the node sends by itself, and what was answered before, is nobody's. */
static void test_foreign_status(void **state)
{
	struct world *w = *state;
	uint32_t id;

	w->no_status = true;
	world_ready(w);
	id = world_send(w, BOB, "hi", false);
	world_status(w, 0, 14, id ^ 1);
	world_status(w, 0, 13, 0);
	world_goes_on(w, id);
	assert_int_equal(world_statistics(w).queue_free, 13);
	world_status(w, 0, 12, id);
	world_status(w, 32, 11, id);
	world_ended(w, id, 0, MESHTCP_SEND_QUEUED);
}

/* With no room nothing is sent until a status says that there is some. */
static void test_full_queue(void **state)
{
	struct world *w = *state;
	struct order order = world_order(BOB, 256, "x", 1);
	uint32_t a, b;

	w->no_status = true;
	world_ready(w);
	world_status(w, 0, 0, 0);
	assert_int_equal(world_statistics(w).queue_free, 0);
	a = world_request(w, &order);
	b = world_request(w, &order);
	for (unsigned i = 0; i < 100; i++) {
		world_run(w, 100);
		assert_int_equal(world_heard(w, HEARD_PACKET), 0);
	}
	/* One place, one packet. */
	world_status(w, 0, 1, 0);
	world_run(w, 1);
	assert_int_equal(world_heard_id(w, a), 1);
	world_run(w, 3000);
	assert_int_equal(world_heard_id(w, b), 0);
	world_status(w, 0, 2, a);
	world_run(w, 1);
	assert_int_equal(world_heard_id(w, b), 1);
	assert_int_equal(world_statistics(w).queue_free, 1);
}

/* Heartbeats are no packets: they go, and their answer may say that there is room again. */
static void test_full_queue_and_heartbeat(void **state)
{
	struct world *w = *state;
	uint32_t id;

	world_ready(w);
	world_status(w, 32, 0, 0);
	id = world_send(w, BOB, "x", false);
	world_run(w, 23500);
	assert_int_equal(world_heard_id(w, id), 0);
	world_run(w, 2000);
	assert_int_equal(world_heard(w, HEARD_HEARTBEAT), 1);
	assert_int_equal(world_heard_id(w, id), 1);
}

/* A full node that never says more, as an old one whose status was lost: not for ever. */
static void test_full_queue_of_an_old_node(void **state)
{
	struct world *w = *state;
	uint32_t id;

	w->old_heartbeat = true;
	world_ready(w);
	world_status(w, 0, 0, 0);
	id = world_send(w, BOB, "x", false);
	for (unsigned i = 0; i < 12; i++) {
		world_run(w, 5000);
		world_text(w, BOB, "alive");
	}
	assert_int_equal(world_heard_id(w, id), 1);
}

/* No status for 5 s: the same bytes again, three times at most, then nobody knows. */
static void test_repeats(void **state)
{
	struct world *w = *state;
	size_t first, count = 0;
	uint32_t id;

	w->no_status = true;
	world_ready(w);
	first = w->heard_count;
	id = world_send(w, BOB, "hi", true);
	world_run(w, 19999);
	world_goes_on(w, id);
	assert_int_equal(world_heard_id(w, id), 4);
	for (size_t i = first; i < w->heard_count; i++) {
		const struct heard *h = &w->heard[i];

		if (h->kind != HEARD_PACKET)
			continue;
		assert_int_equal(h->at - w->heard[first].at, 5000 * count++);
		assert_int_equal(h->size, w->heard[first].size);
		assert_memory_equal(h->frame, w->heard[first].frame, h->size);
	}
	world_run(w, 1);
	world_ended(w, id, -ETIMEDOUT, MESHTCP_SEND_UNKNOWN);
	assert_int_equal(world_heard_id(w, id), 4);
	assert_int_equal(world_statistics(w).resent, 3);
}

static void repeats_with(const char *firmware, bool repeats)
{
	static struct world w;
	uint32_t id;

	print_message("%s\n", firmware);
	world_init(&w);
	w.firmware = firmware;
	w.no_status = true;
	world_ready(&w);
	id = world_send(&w, BOB, "hi", false);
	world_run(&w, 4999);
	world_goes_on(&w, id);
	world_run(&w, 1);
	if (!repeats)
		world_ended(&w, id, -ETIMEDOUT, MESHTCP_SEND_UNKNOWN);
	assert_int_equal(world_heard_id(&w, id), repeats ? 2 : 1);
	world_free(&w);
}

/* Before 2.5.3 a repeat might be sent twice. */
static void test_repeats_by_firmware(void **state)
{
	(void)state;
	repeats_with("2.5.3.af0d3f6", true);
	repeats_with("2.5.3", true);
	repeats_with("2.5.10", true);
	repeats_with("2.6.0", true);
	repeats_with("2.8", true);
	repeats_with("3.0.0.1", true);
	repeats_with("2.5.2.771cb52", false);
	repeats_with("2.5", false);
	repeats_with("2.4.9", false);
	repeats_with("1.9.9", false);
	repeats_with("", false);
	repeats_with("nightly", false);
}

/* The status got lost, but what came for the packet shows that the node has it. */
static void test_no_repeat_of_what_was_relayed(void **state)
{
	struct world *w = *state;
	uint32_t id;

	w->no_status = true;
	world_ready(w);
	id = world_send(w, BOB, "hi", true);
	world_run(w, 100);
	world_routing(w, US, id, 0);
	world_run(w, 60000);
	world_goes_on(w, id);
	assert_int_equal(world_heard_id(w, id), 1);
	world_routing(w, BOB, id, 0);
	world_ended(w, id, 0, MESHTCP_SEND_DELIVERED);
}

/* More at once than wait to be written: all of them go, in order. */
static void test_many_at_once(void **state)
{
	struct world *w = *state;
	struct order order = world_order(BOB, 256, "x", 1);
	uint32_t ids[200];
	size_t n = 0;

	world_ready(w);
	w->blocked = true;
	for (unsigned i = 0; i < 200; i++)
		ids[i] = world_request(w, &order);
	assert_true(w->session->out_count <= 64);
	world_run(w, 100);
	w->blocked = false;
	world_run(w, 2000);
	for (size_t i = 0; i < w->heard_count; i++)
		if (w->heard[i].kind == HEARD_PACKET)
			assert_int_equal(w->heard[i].id, ids[n++]);
	assert_int_equal(n, 200);
	for (unsigned i = 0; i < 200; i++)
		world_ended(w, ids[i], 0, MESHTCP_SEND_QUEUED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_refused_is_not_repeated),
		TEST(test_hop_limit_out_of_range),
		TEST(test_bytes_of_a_text),
		TEST(test_hop_limits),
		TEST(test_queued_is_the_end_without_ack),
		TEST(test_accepted_and_refused),
		TEST(test_refused_with_a_reason),
		TEST(test_foreign_status),
		TEST(test_full_queue),
		TEST(test_full_queue_and_heartbeat),
		TEST(test_full_queue_of_an_old_node),
		TEST(test_repeats),
		cmocka_unit_test(test_repeats_by_firmware),
		TEST(test_no_repeat_of_what_was_relayed),
		TEST(test_many_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
