/* SPDX-License-Identifier: MIT */
/* The end that was asked for (section 15.5). */
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

static void test_goodbye(void **state)
{
	struct world *w = *state;

	world_ready(w);
	assert_false(meshtcp_session_farewell_said(w->session));
	w->mute = true;
	meshtcp_session_stop(w->session, w->now);
	assert_int_equal(state_of(w), MESHTCP_STATE_CLOSING);
	assert_false(meshtcp_session_farewell_said(w->session));
	world_follow(w);
	assert_true(meshtcp_session_farewell_said(w->session));
	assert_int_equal(world_last_heard(w, HEARD_DISCONNECT)->size, 6);
	assert_memory_equal(world_last_heard(w, HEARD_DISCONNECT)->frame,
			    "\x94\xc3\x00\x02\x20\x01", 6);
	/* The node does not close: not for ever. */
	world_run(w, 2000);
	assert_int_equal(state_of(w), MESHTCP_STATE_IDLE);
	assert_int_equal(world_last(w, MESHTCP_EVENT_STATE)->e.reason, MESHTCP_REASON_LOCAL);
}

/* What waits to be written goes first. */
static void test_goodbye_comes_last(void **state)
{
	struct world *w = *state;
	uint32_t id;

	world_ready(w);
	w->blocked = true;
	id = world_send(w, BOB, "last words", false);
	meshtcp_session_stop(w->session, w->now);
	w->blocked = false;
	world_follow(w);
	assert_int_equal(world_heard_id(w, id), 1);
	assert_int_equal(w->heard[w->heard_count - 1].kind, HEARD_DISCONNECT);
	assert_int_equal(state_of(w), MESHTCP_STATE_IDLE);
	/* It was we who ended it. */
	assert_int_equal(world_statistics(w).lost[MESHTCP_REASON_CLOSED], 0);
}

static void test_stop_without_connection(void **state)
{
	struct world *w = *state;

	w->refuses = true;
	world_start(w);
	meshtcp_session_stop(w->session, w->now);
	world_follow(w);
	assert_int_equal(state_of(w), MESHTCP_STATE_IDLE);
	meshtcp_session_stop(w->session, w->now);
	world_follow(w);
	w->refuses = false;
	world_ready(w);
	assert_true(world_has_node(w, BOB));
}

/* Wanted again while it still closes: it begins anew when that is done. */
static void test_wanted_again_while_closing(void **state)
{
	struct world *w = *state;
	uint32_t id;

	world_ready(w);
	w->mute = true;
	meshtcp_session_stop(w->session, w->now);
	world_follow(w);
	assert_int_equal(meshtcp_session_start(w->session, &w->config, 43, w->now), 0);
	assert_int_equal(state_of(w), MESHTCP_STATE_CLOSING);
	id = world_send(w, BOB, "early", false);
	world_run(w, 100);
	assert_int_equal(world_heard_id(w, id), 0);
	w->mute = false;
	world_run(w, 3000);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	assert_int_equal(w->connection, 2);
	world_ended(w, id, 0, MESHTCP_SEND_QUEUED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_goodbye),
		TEST(test_goodbye_comes_last),
		TEST(test_stop_without_connection),
		TEST(test_wanted_again_while_closing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
