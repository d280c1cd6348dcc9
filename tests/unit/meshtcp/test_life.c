/* SPDX-License-Identifier: MIT */
/* The connection's life (section 15): why it ends, when it is tried again, how it is closed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "world.h"

static enum meshtcp_state state_of(const struct world *w)
{
	return meshtcp_session_state(w->session);
}

static void ended_by(const struct world *w, enum meshtcp_reason reason)
{
	const struct told *t = world_last(w, MESHTCP_EVENT_STATE);

	assert_int_equal(t->e.state, MESHTCP_STATE_BACKOFF);
	assert_string_equal(meshtcp_reason_name(t->e.reason), meshtcp_reason_name(reason));
	assert_int_equal(world_statistics(w).last_reason, reason);
	assert_true(world_statistics(w).lost[reason] > 0);
	assert_true(t->e.error < 0);
}

static void test_states_in_order(void **state)
{
	static const enum meshtcp_state order[] = {
		MESHTCP_STATE_CONNECTING, MESHTCP_STATE_DOWNLOADING, MESHTCP_STATE_READY,
		MESHTCP_STATE_BACKOFF,    MESHTCP_STATE_CONNECTING,  MESHTCP_STATE_DOWNLOADING,
		MESHTCP_STATE_READY,      MESHTCP_STATE_CLOSING,     MESHTCP_STATE_IDLE,
	};
	struct world *w = *state;
	size_t n = 0;

	assert_int_equal(state_of(w), MESHTCP_STATE_IDLE);
	world_ready(w);
	world_close(w, 0);
	world_run(w, 3000);
	meshtcp_session_stop(w->session, w->now);
	world_follow(w);
	for (size_t i = 0; i < w->told_count; i++)
		if (w->told[i].e.type == MESHTCP_EVENT_STATE)
			assert_int_equal(w->told[i].e.state, order[n++]);
	assert_int_equal(n, 9);
	assert_int_equal(world_statistics(w).reconnects, 1);
	assert_int_equal(world_statistics(w).connects, 2);
}

static void test_closed_and_reset(void **state)
{
	struct world *w = *state;

	world_ready(w);
	world_close(w, 0);
	ended_by(w, MESHTCP_REASON_CLOSED);
	world_run(w, 70000);
	world_close(w, -ECONNRESET);
	ended_by(w, MESHTCP_REASON_RESET);
	world_run(w, 70000);
	world_close(w, -EPIPE);
	ended_by(w, MESHTCP_REASON_RESET);
	assert_int_equal(world_statistics(w).lost[MESHTCP_REASON_RESET], 2);
}

/* Who closes a socket late tells nothing new. */
static void test_lost_twice(void **state)
{
	struct world *w = *state;
	size_t told;

	world_ready(w);
	world_close(w, 0);
	told = w->told_count;
	world_close(w, -ECONNRESET);
	assert_int_equal(w->told_count, told);
	assert_int_equal(world_statistics(w).lost[MESHTCP_REASON_RESET], 0);
	world_run(w, 1300);
	assert_int_equal(w->connection, 2);
}

static void test_no_connection(void **state)
{
	static const struct {
		int error;
		enum meshtcp_reason reason;
	} ways[] = { { -ECONNREFUSED, MESHTCP_REASON_REFUSED },
		     { -EHOSTUNREACH, MESHTCP_REASON_UNREACHABLE },
		     { -EADDRNOTAVAIL, MESHTCP_REASON_UNREACHABLE },
		     { -ETIMEDOUT, MESHTCP_REASON_TIMEOUT } };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		static struct world w;

		world_init(&w);
		w.refuses = true;
		w.refusal = ways[i].error;
		world_start(&w);
		ended_by(&w, ways[i].reason);
		assert_int_equal(world_last(&w, MESHTCP_EVENT_STATE)->e.error, ways[i].error);
		assert_int_equal(world_statistics(&w).connect_failures, 1);
		world_free(&w);
	}
}

/* Three ends of good connections within a minute: somebody else uses the node. */
static void test_evicted(void **state)
{
	struct world *w = *state;
	uint32_t delay;

	world_ready(w);
	for (unsigned i = 0; i < 2; i++) {
		world_close(w, i ? -ECONNRESET : 0);
		assert_true(world_last(w, MESHTCP_EVENT_STATE)->e.reason != MESHTCP_REASON_EVICTED);
		world_run(w, 4000);
		assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	}
	world_close(w, 0);
	ended_by(w, MESHTCP_REASON_EVICTED);
	delay = world_last(w, MESHTCP_EVENT_STATE)->e.delay_ms;
	assert_in_range(delay, 48000, 72000);
	world_run(w, delay - 1);
	assert_int_equal(state_of(w), MESHTCP_STATE_BACKOFF);
	world_run(w, 1000);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
}

/* Ends that lie further apart, or of connections that never became ready, are nobody's doing. */
static void test_not_evicted(void **state)
{
	struct world *w = *state;

	world_ready(w);
	for (unsigned i = 0; i < 5; i++) {
		world_close(w, 0);
		ended_by(w, MESHTCP_REASON_CLOSED);
		world_run(w, 31000);
		assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	}
	w->holds = true;
	world_run(w, 61000);
	for (unsigned i = 0; i < 5; i++) {
		world_close(w, 0);
		ended_by(w, MESHTCP_REASON_CLOSED);
		while (state_of(w) != MESHTCP_STATE_DOWNLOADING)
			world_run(w, 100);
		world_run(w, 200);
	}
}

/* The node throws out who has sent no frame for 15 minutes. */
static void test_idle(void **state)
{
	struct world *w = *state;

	w->config.heartbeat_ms = 0;
	w->config.check_ms = 0;
	world_ready(w);
	world_run(w, 899200);
	world_close(w, 0);
	ended_by(w, MESHTCP_REASON_IDLE);
	/* With frames of ours it is something else. */
	world_run(w, 3000);
	world_run(w, 600000);
	world_send(w, BOB, "hi", false);
	world_run(w, 600000);
	world_close(w, 0);
	ended_by(w, MESHTCP_REASON_CLOSED);
	world_run(w, 3000);
	world_run(w, 900000);
	world_close(w, -ECONNRESET);
	ended_by(w, MESHTCP_REASON_RESET);
}

static uint32_t write_at(struct world *w, uint32_t node)
{
	struct order order =
		world_order(node, MESHTCP_PORT_ADMIN, "\x9a\x02\x04\x0a\x02\x08\x01", 7);

	order.admin = true;
	order.admin_node = node;
	order.admin_write = node != MESHTCP_LOCAL;
	order.restarts = true;
	order.message.want_ack = true;
	return world_request(w, &order);
}

/* A write makes the node restart after about 7 s; it is refused for 5 to 30 s then. */
static void test_rebooted_after_a_write(void **state)
{
	struct world *w = *state;
	uint32_t id;

	world_ready(w);
	id = write_at(w, MESHTCP_LOCAL);
	world_run(w, 10);
	world_routing(w, US, id, 0);
	world_run(w, 7000);
	w->refuses = true;
	world_close(w, 0);
	ended_by(w, MESHTCP_REASON_REBOOTED);
	world_run(w, 20000);
	w->refuses = false;
	while (state_of(w) != MESHTCP_STATE_READY)
		world_run(w, 100);
	/* The next end is not its doing any more. */
	world_run(w, 5000);
	world_close(w, 0);
	ended_by(w, MESHTCP_REASON_CLOSED);
}

static void test_a_write_long_ago(void **state)
{
	struct world *w = *state;
	uint32_t id;

	world_ready(w);
	id = write_at(w, MESHTCP_LOCAL);
	world_run(w, 10);
	world_routing(w, US, id, 0);
	world_run(w, 120000);
	world_close(w, 0);
	ended_by(w, MESHTCP_REASON_CLOSED);
}

/* It is the other node that restarts. */
static void test_a_write_elsewhere(void **state)
{
	struct world *w = *state;
	struct wire key = { .size = 0 };
	uint32_t id;

	world_ready(w);
	id = write_at(w, BOB);
	wire_hex(&key, "32024a00aa06080102030405060708");
	world_answer(w, BOB, 6, world_last_heard(w, HEARD_PACKET)->id, &key);
	assert_int_equal(world_heard_id(w, id), 1);
	world_routing(w, BOB, id, 0);
	world_run(w, 7000);
	world_close(w, 0);
	ended_by(w, MESHTCP_REASON_CLOSED);
}

/* 1, 2, 4 … 60 s, give or take a fifth. */
static void test_backoff(void **state)
{
	struct world *w = *state;
	uint32_t wait = 1000, least = UINT32_MAX, most = 0;

	w->refuses = true;
	world_start(w);
	for (unsigned i = 0; i < 40; i++) {
		uint32_t delay = world_last(w, MESHTCP_EVENT_STATE)->e.delay_ms;
		size_t told = w->told_count;

		assert_in_range(delay, wait - wait / 5, wait + wait / 5);
		if (wait == 60000) {
			least = delay < least ? delay : least;
			most = delay > most ? delay : most;
		}
		world_run(w, delay - 1);
		assert_int_equal(w->told_count, told);
		world_run(w, 1);
		assert_int_equal(w->told_count, told + 2);
		wait = wait * 2 < 60000 ? wait * 2 : 60000;
	}
	/* It is chance, and uses its room. */
	assert_true(least < 55000 && most > 65000);
}

static uint32_t next_delay(struct world *w)
{
	world_close(w, 0);
	return world_last(w, MESHTCP_EVENT_STATE)->e.delay_ms;
}

/* Back to 1 s after 60 s of good connection, and not before. */
static void test_backoff_begins_anew(void **state)
{
	struct world *w = *state;
	uint32_t delay;

	world_ready(w);
	assert_in_range(next_delay(w), 800, 1200);
	world_run(w, 3000);
	world_run(w, 30000);
	delay = next_delay(w);
	assert_in_range(delay, 1600, 2400);
	world_run(w, delay + 500);
	world_run(w, 62000);
	assert_in_range(next_delay(w), 800, 1200);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_lost_twice),
		TEST(test_states_in_order),
		TEST(test_closed_and_reset),
		cmocka_unit_test(test_no_connection),
		TEST(test_evicted),
		TEST(test_not_evicted),
		TEST(test_idle),
		TEST(test_rebooted_after_a_write),
		TEST(test_a_write_long_ago),
		TEST(test_a_write_elsewhere),
		TEST(test_backoff),
		TEST(test_backoff_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
