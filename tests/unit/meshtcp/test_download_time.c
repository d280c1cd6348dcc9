/* SPDX-License-Identifier: MIT */
/* The times of a download (sections 1 and 6): asking again, giving up, keeping quiet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "state.h"
#include "world.h"

static enum meshtcp_state state_of(const struct world *w)
{
	return meshtcp_session_state(w->session);
}

static void record(struct world *w)
{
	struct wire message = { .size = 0 };

	node_info_record(&message, BOB, "Bob", "BOB");
	world_say(w, &message);
}

/* No record for 10 s: once more, with a new number; after 30 s more another connection. */
static void test_asked_again_then_given_up(void **state)
{
	struct world *w = *state;
	uint32_t first;

	w->config.check_ms = 0;
	w->holds = true;
	world_start(w);
	world_run(w, 100);
	first = world_last_heard(w, HEARD_WANT)->nonce;
	world_run(w, 9999);
	assert_int_equal(world_heard(w, HEARD_WANT), 1);
	world_run(w, 1);
	assert_int_equal(world_heard(w, HEARD_WANT), 2);
	assert_int_not_equal(world_last_heard(w, HEARD_WANT)->nonce, first);
	world_run(w, 29999);
	assert_int_equal(state_of(w), MESHTCP_STATE_DOWNLOADING);
	assert_int_equal(w->heard_count, 3);
	world_run(w, 1);
	assert_int_equal(state_of(w), MESHTCP_STATE_BACKOFF);
	assert_int_equal(world_last(w, MESHTCP_EVENT_STATE)->e.reason, MESHTCP_REASON_TIMEOUT);
	assert_int_equal(world_statistics(w).lost[MESHTCP_REASON_TIMEOUT], 1);
	w->holds = false;
	world_run(w, 2000);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
}

static void test_each_record_gives_ten_seconds_more(void **state)
{
	struct world *w = *state;

	w->config.check_ms = 0;
	w->gap_ms = 9900;
	world_start(w);
	world_run(w, 17 * 9900 + 200);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	assert_int_equal(world_heard(w, HEARD_WANT), 1);
}

/* 300 s for the whole of it, however much comes. */
static void test_never_complete(void **state)
{
	struct world *w = *state;

	w->config.check_ms = 0;
	w->holds = true;
	world_start(w);
	world_run(w, 100);
	for (unsigned i = 0; i < 59; i++) {
		world_run(w, 5000);
		record(w);
	}
	assert_int_equal(state_of(w), MESHTCP_STATE_DOWNLOADING);
	world_run(w, 4800);
	assert_int_equal(state_of(w), MESHTCP_STATE_DOWNLOADING);
	world_run(w, 200);
	assert_int_equal(state_of(w), MESHTCP_STATE_BACKOFF);
	assert_int_equal(world_last(w, MESHTCP_EVENT_STATE)->e.reason, MESHTCP_REASON_TIMEOUT);
	assert_int_equal(world_heard(w, HEARD_WANT), 1);
}

/* Each download is asked for again once, whatever the one before needed. */
static void test_asked_again_on_each_connection(void **state)
{
	struct world *w = *state;

	w->config.check_ms = 0;
	for (unsigned round = 0; round < 3; round++) {
		w->holds = true;
		if (round == 0)
			world_start(w);
		else
			world_close(w, 0);
		while (world_heard(w, HEARD_WANT) < 2 * round + 1)
			world_run(w, 100);
		w->holds = false;
		world_run(w, 10300);
		assert_int_equal(world_heard(w, HEARD_WANT), 2 * round + 2);
		world_run(w, 500);
		assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	}
}

/* The end mark of the first request may still come: it ends nothing. */
static void test_end_mark_of_the_first_request(void **state)
{
	struct world *w = *state;
	struct wire mark = { .size = 0 };

	w->holds = true;
	world_start(w);
	world_run(w, 100);
	wire_number(&mark, 7, world_last_heard(w, HEARD_WANT)->nonce);
	w->holds = false;
	w->gap_ms = 100;
	world_run(w, 10500);
	assert_int_equal(world_heard(w, HEARD_WANT), 2);
	world_say(w, &mark);
	assert_int_equal(state_of(w), MESHTCP_STATE_DOWNLOADING);
	world_run(w, 2000);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
}

static size_t files(const struct world *w)
{
	size_t count = 0;

	for (size_t i = 0; i < w->session->store.count; i++)
		count += w->session->store.records[i]->member == FROM_FILE_INFO;
	return count;
}

/* Asked again, the node begins anew: what came of the first time is not there twice. */
static void test_nothing_twice(void **state)
{
	struct world *w = *state;
	struct wire info = { .size = 0 }, file = { .size = 0 }, message = { .size = 0 };

	w->holds = true;
	world_start(w);
	world_run(w, 100);
	for (unsigned round = 0; round < 2; round++) {
		info.size = message.size = 0;
		wire_number(&info, 1, US);
		wire_message(&message, 3, &info);
		world_say(w, &message);
		file.size = message.size = 0;
		wire_text(&file, 1, "/prefs/config.proto");
		wire_message(&message, 15, &file);
		world_say(w, &message);
		if (round == 0)
			world_run(w, 10000);
	}
	message.size = 0;
	wire_number(&message, 7, world_last_heard(w, HEARD_WANT)->nonce);
	world_say(w, &message);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	assert_int_equal(files(w), 1);
}

/* Nothing is said between the request and the end mark, nor in the quarter of a second behind. */
static void test_requests_wait_for_the_end(void **state)
{
	struct world *w = *state;
	uint64_t ready;
	uint32_t id;

	w->config.heartbeat_ms = 100;
	w->gap_ms = 500;
	world_start(w);
	id = world_send(w, BOB, "early", false);
	world_run(w, 200);
	world_send(w, ALL, "late", false);
	while (state_of(w) != MESHTCP_STATE_READY)
		world_run(w, 10);
	ready = world_last(w, MESHTCP_EVENT_STATE)->e.time_ms;
	assert_int_equal(w->heard_count, 2);
	world_run(w, ready + 249 - w->now);
	assert_int_equal(w->heard_count, 2);
	world_run(w, 2);
	assert_int_equal(world_heard_id(w, id), 1);
	assert_int_equal(world_last_heard(w, HEARD_PACKET)->at, ready + 250);
}

/* While packets come the node is still busy: not before nothing has come for that long. */
static void test_quiet_time_grows_with_traffic(void **state)
{
	struct world *w = *state;
	uint32_t id;

	world_start(w);
	while (state_of(w) != MESHTCP_STATE_READY)
		world_run(w, 1);
	id = world_send(w, BOB, "hi", false);
	for (unsigned i = 0; i < 10; i++) {
		world_run(w, 100);
		world_text(w, BOB, "queued");
	}
	assert_int_equal(world_heard(w, HEARD_PACKET), 0);
	world_run(w, 249);
	assert_int_equal(world_heard(w, HEARD_PACKET), 0);
	world_run(w, 1);
	assert_int_equal(world_heard_id(w, id), 1);
	/* Later traffic holds nothing up. */
	world_run(w, 10000);
	world_text(w, BOB, "live");
	world_send(w, BOB, "at once", false);
	assert_int_equal(world_last_heard(w, HEARD_PACKET)->at, w->now);
}

/* On a mesh that never rests the client comes to speak all the same. */
static void test_quiet_time_has_an_end(void **state)
{
	struct world *w = *state;
	uint32_t id;

	world_start(w);
	while (state_of(w) != MESHTCP_STATE_READY)
		world_run(w, 1);
	id = world_send(w, BOB, "hi", false);
	for (unsigned i = 0; i < 100; i++) {
		world_run(w, 100);
		world_text(w, BOB, "chatter");
	}
	assert_int_equal(world_heard_id(w, id), 1);
}

/* One more download on a connection that is in use. */
static void test_wanting_more_while_sending(void **state)
{
	struct world *w = *state;

	w->config.download = MESHTCP_DOWNLOAD_CONFIG;
	w->config.heartbeat_ms = 200;
	w->no_status = true;
	world_ready(w);
	for (unsigned i = 0; i < 4; i++)
		world_send(w, BOB, "text", true);
	world_run(w, 3000);
	w->gap_ms = 500;
	meshtcp_session_want(w->session, MESHTCP_DOWNLOAD_ALL, w->now);
	world_run(w, 20000);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	assert_int_equal(world_heard(w, HEARD_WANT), 2);
}

/* Stopped in the middle: it does not come back to life. */
static void test_stopped_in_the_middle(void **state)
{
	struct world *w = *state;
	struct wire message = { .size = 0 };

	w->gap_ms = 20;
	w->blocked = true;
	world_start(w);
	w->blocked = false;
	world_run(w, 200);
	w->mute = false;
	w->blocked = true;
	meshtcp_session_stop(w->session, w->now);
	assert_int_equal(state_of(w), MESHTCP_STATE_CLOSING);
	/* The node has not heard of it yet and goes on. */
	world_run(w, 500);
	assert_int_equal(state_of(w), MESHTCP_STATE_CLOSING);
	wire_number(&message, 8, 1);
	world_say(w, &message);
	assert_int_equal(state_of(w), MESHTCP_STATE_CLOSING);
	world_run(w, 1000);
	assert_int_equal(state_of(w), MESHTCP_STATE_IDLE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_asked_again_on_each_connection),
		TEST(test_asked_again_then_given_up),
		TEST(test_each_record_gives_ten_seconds_more),
		TEST(test_never_complete),
		TEST(test_end_mark_of_the_first_request),
		TEST(test_nothing_twice),
		TEST(test_requests_wait_for_the_end),
		TEST(test_quiet_time_grows_with_traffic),
		TEST(test_quiet_time_has_an_end),
		TEST(test_wanting_more_while_sending),
		TEST(test_stopped_in_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
