/* SPDX-License-Identifier: MIT */
/*
 * What a session does for a share (section 17): packets of others go under its own number and the
 * node's rules, whatever the node says is handed over as it came, and the download can be had once
 * more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "world.h"

#define SHARE 1 /* the owner */

/* A packet from nobody to everybody, with a hop limit, and a field that nobody knows. */
static void foreign(struct wire *packet, unsigned port, uint32_t id)
{
	struct wire data = { .size = 0 };

	wire_number(&data, 1, port);
	wire_text(&data, 2, "hi");
	wire_fixed(packet, 2, ALL);
	wire_message(packet, 4, &data);
	wire_fixed(packet, 6, id);
	wire_number(packet, 9, 2);
	wire_number(packet, 99, 5);
}

static struct order order_of(const struct wire *packet, unsigned port, uint32_t id)
{
	return (struct order){ .message = { .port = port },
			       .raw = packet->data,
			       .raw_size = packet->size,
			       .raw_id = id,
			       .owner = SHARE,
			       .timeout_ms = 300000 };
}

static uint32_t forward(struct world *w, unsigned port, uint32_t id)
{
	struct wire packet = { .size = 0 };
	struct order order;

	foreign(&packet, port, id);
	order = order_of(&packet, port, id);
	return world_request(w, &order);
}

static uint64_t sent_at(const struct world *w, uint32_t id)
{
	for (size_t i = 0; i < w->heard_count; i++)
		if (w->heard[i].kind == HEARD_PACKET && w->heard[i].id == id)
			return w->heard[i].at;
	return 0;
}

static void test_forwarded(void **state)
{
	const struct heard *heard;
	struct wire inner = { .size = 0 }, message = { .size = 0 }, frame = { .size = 0 };
	struct world *w = *state;

	world_ready(w);
	assert_int_equal(forward(w, 256, 77), 77);
	heard = world_last_heard(w, HEARD_PACKET);
	/* packet { from us, to all, decoded { port 256, "hi" }, id 77, hop limit 2, field 99 } */
	wire_hex(&inner, "0dc4f1a29e"
			 "15ffffffff"
			 "2207"
			 "088002"
			 "12026869"
			 "354d000000"
			 "4802"
			 "980605");
	wire_message(&message, 1, &inner);
	wire_frame(&frame, &message);
	assert_int_equal(heard->size, frame.size);
	assert_memory_equal(heard->frame, frame.data, frame.size);
	world_run(w, 20);
	world_ended(w, 77, 0, MESHTCP_SEND_QUEUED);
}

/* As everything else that is sent. */
static void test_forwarded_paced(void **state)
{
	struct world *w = *state;

	world_ready(w);
	forward(w, 1, 11);
	forward(w, 1, 12);
	forward(w, 70, 13);
	forward(w, 70, 14);
	world_send(w, BOB, "own", false);
	world_run(w, 60000);
	assert_int_equal(sent_at(w, 12) - sent_at(w, 11), 2100);
	assert_int_equal(world_last_heard(w, HEARD_PACKET)->id, 14);
	assert_int_equal(sent_at(w, 14) - sent_at(w, 13), 30100);
	assert_int_equal(world_heard(w, HEARD_PACKET), 5);
}

/* Its id is taken, or was left to us. */
static void test_other_id(void **state)
{
	struct world *w = *state;
	uint32_t other;

	world_ready(w);
	w->no_status = true;
	forward(w, 256, 77);
	other = forward(w, 256, 77);
	assert_int_not_equal(other, 77);
	assert_int_equal(world_heard_id(w, other), 1);
	assert_int_not_equal(forward(w, 256, 0), 0);
	world_run(w, 60000);
}

/* Sent again as it was, over the next connection as well. */
static void test_forwarded_again(void **state)
{
	const struct heard *last;
	struct world *w = *state;

	world_ready(w);
	w->no_status = true;
	forward(w, 256, 77);
	world_run(w, 5100);
	assert_int_equal(world_heard_id(w, 77), 2);
	world_close(w, 0);
	w->no_status = false;
	world_run(w, 20000);
	last = world_last_heard(w, HEARD_PACKET);
	assert_int_equal(last->connection, 2);
	assert_int_equal(last->id, 77);
	assert_int_equal(last->hop_limit, 2);
	world_ended(w, 77, 0, MESHTCP_SEND_QUEUED);
}

/* Between any two frames of so many clients. */
static void test_gap(void **state)
{
	struct world *w = *state;

	world_ready(w);
	assert_int_equal(meshtcp_session_tap(w->session, SHARE), 0);
	for (uint32_t id = 1; id <= 20; id++)
		forward(w, 256, id);
	world_run(w, 1000);
	for (uint32_t id = 2; id <= 20; id++)
		assert_in_range(sent_at(w, id) - sent_at(w, id - 1), 10, 20);
}

/* Another message than a packet ends when it is sent, and not before the node is ready. */
static void test_whole(void **state)
{
	struct wire heartbeat = { .size = 0 };
	struct order order;
	struct world *w = *state;
	uint32_t id;

	wire_hex(&heartbeat, "3a020801");
	order = order_of(&heartbeat, 0, 0);
	order.whole = true;
	order.timeout_ms = 5000;
	w->holds = true;
	world_start(w);
	id = world_request(w, &order);
	world_run(w, 4000);
	world_goes_on(w, id);
	world_run(w, 2000);
	world_ended(w, id, -ETIMEDOUT, MESHTCP_SEND_UNKNOWN);
	w->holds = false;
	world_run(w, 20000);
	id = world_request(w, &order);
	world_run(w, 300);
	world_ended(w, id, 0, MESHTCP_SEND_WAITING);
	assert_int_equal(world_heard(w, HEARD_HEARTBEAT), 1);
	assert_memory_equal(world_last_heard(w, HEARD_HEARTBEAT)->frame,
			    "\x94\xc3\x00\x04\x3a\x02\x08\x01", 8);
}

static void test_too_long(void **state)
{
	struct wire packet = { .size = 600 };
	struct order order = order_of(&packet, 256, 7);
	struct world *w = *state;

	world_ready(w);
	order.raw_size = 489;
	assert_int_equal(meshtcp_session_request(w->session, &order, w->now, NULL), -EMSGSIZE);
	order.whole = true;
	order.raw_size = 505;
	assert_int_equal(meshtcp_session_request(w->session, &order, w->now, NULL), -EMSGSIZE);
}

/* All that is no part of a download, once, and for one owner alone. */
static void test_tap(void **state)
{
	struct wire message = { .size = 0 }, log = { .size = 0 };
	const struct told *told;
	struct world *w = *state;

	assert_int_equal(meshtcp_session_tap(w->session, SHARE), 0);
	assert_int_equal(meshtcp_session_tap(w->session, SHARE + 1), -EBUSY);
	world_ready(w);
	assert_int_equal(world_count(w, MESHTCP_EVENT_RAW), 0);
	wire_text(&log, 1, "x");
	wire_message(&message, 6, &log);
	world_say(w, &message);
	told = world_last(w, MESHTCP_EVENT_RAW);
	assert_non_null(told);
	assert_int_equal(told->owner, SHARE);
	assert_int_equal(told->e.size, message.size);
	assert_memory_equal(told->data, message.data, message.size);
	world_text(w, BOB, "hello");
	assert_int_equal(world_count(w, MESHTCP_EVENT_RAW), 2);
	world_status(w, 0, 16, 4711);
	assert_int_equal(world_count(w, MESHTCP_EVENT_RAW), 3);
	/* A packet that came before is none. */
	w->next_id--;
	world_text(w, BOB, "hello");
	assert_int_equal(world_count(w, MESHTCP_EVENT_RAW), 3);
	assert_int_equal(meshtcp_session_tap(w->session, 0), 0);
	world_text(w, BOB, "nobody");
	assert_int_equal(world_count(w, MESHTCP_EVENT_RAW), 3);
	assert_int_equal(meshtcp_session_tap(w->session, SHARE + 1), 0);
}

/* Frames, what the node is first, its files behind the place of the other nodes. */
static void test_records(void **state)
{
	static uint8_t data[65536];
	struct world *w = *state;
	size_t before = 0, at = 0;
	unsigned first = 0;
	int size;

	assert_int_equal(meshtcp_session_records(w->session, data, sizeof(data), &before), -ENOENT);
	world_ready(w);
	size = meshtcp_session_records(w->session, data, sizeof(data), &before);
	assert_true(size > 0 && before > 0 && before <= (size_t)size);
	while (at < (size_t)size) {
		size_t n = (size_t)data[at + 2] << 8 | data[at + 3];
		unsigned tag = data[at + 4];

		assert_int_equal(data[at], 0x94);
		assert_int_equal(data[at + 1], 0xc3);
		if (at == 0)
			first = tag;
		/* No nodes, and no end. */
		assert_int_not_equal(tag, 0x22);
		assert_int_not_equal(tag, 0x38);
		if (at >= before)
			assert_int_equal(tag, 0x7a);
		at += 4 + n;
	}
	assert_int_equal(at, size);
	assert_int_equal(first, 0x1a);
	/* Without room nothing is written. */
	assert_int_equal(meshtcp_session_records(w->session, NULL, 0, &before), size);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_forwarded), TEST(test_forwarded_paced),
		TEST(test_other_id),  TEST(test_forwarded_again),
		TEST(test_gap),       TEST(test_whole),
		TEST(test_too_long),  TEST(test_tap),
		TEST(test_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
