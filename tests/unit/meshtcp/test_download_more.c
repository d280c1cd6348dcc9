/* SPDX-License-Identifier: MIT */
/* How much is downloaded (section 6), wanting more of it later, and what is known meanwhile. */
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

static void test_config_alone(void **state)
{
	struct world *w = *state;
	struct meshtcp_info info;

	w->config.download = MESHTCP_DOWNLOAD_CONFIG;
	world_ready(w);
	assert_int_equal(world_last_heard(w, HEARD_WANT)->nonce, 69420);
	assert_true(world_has_node(w, US));
	assert_false(world_has_node(w, BOB));
	/* How many it has it says all the same. */
	assert_int_equal(meshtcp_session_info(w->session, &info), 0);
	assert_int_equal(info.node_count, 3);
	/* Somebody wants the nodes, too: one more download over the same connection. */
	meshtcp_session_want(w->session, MESHTCP_DOWNLOAD_CONFIG, w->now);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	meshtcp_session_want(w->session, MESHTCP_DOWNLOAD_ALL, w->now);
	assert_int_equal(state_of(w), MESHTCP_STATE_DOWNLOADING);
	world_run(w, 1000);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	assert_int_not_equal(world_last_heard(w, HEARD_WANT)->nonce, 69420);
	assert_true(world_has_node(w, BOB));
	assert_int_equal(w->connection, 1);
	assert_int_equal(world_statistics(w).downloads, 2);
	/* Who wants less gets what is there. */
	meshtcp_session_want(w->session, MESHTCP_DOWNLOAD_NONE, w->now);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	world_close(w, 0);
	world_run(w, 3000);
	assert_true(world_last_heard(w, HEARD_WANT)->nonce != 69420);
}

/* Wanting more in the middle of a download: nothing is said before its end. */
static void test_wanting_more_meanwhile(void **state)
{
	struct world *w = *state;

	w->config.download = MESHTCP_DOWNLOAD_CONFIG;
	w->gap_ms = 100;
	world_start(w);
	world_run(w, 500);
	meshtcp_session_want(w->session, MESHTCP_DOWNLOAD_ALL, w->now);
	world_run(w, 1000);
	assert_int_equal(w->heard_count, 2);
	assert_int_equal(state_of(w), MESHTCP_STATE_DOWNLOADING);
	assert_false(world_has_node(w, US));
	world_run(w, 4000);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	assert_int_equal(world_heard(w, HEARD_WANT), 2);
	assert_int_equal(w->heard[1].nonce, 69420);
	assert_int_not_equal(w->heard[3].nonce, 69420);
	assert_true(world_has_node(w, BOB));
	assert_int_equal(w->connection, 1);
}

/* Before anything is asked for it is simply asked for. */
static void test_wanting_more_at_once(void **state)
{
	struct world *w = *state;

	w->config.download = MESHTCP_DOWNLOAD_CONFIG;
	world_start(w);
	world_run(w, 50);
	meshtcp_session_want(w->session, MESHTCP_DOWNLOAD_ALL, w->now);
	world_run(w, 1000);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	assert_int_equal(world_heard(w, HEARD_WANT), 1);
	assert_true(world_has_node(w, BOB));
}

static void test_nothing_at_all(void **state)
{
	struct world *w = *state;
	struct meshtcp_info info;

	w->config.download = MESHTCP_DOWNLOAD_NONE;
	world_start(w);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	world_run(w, 10000);
	assert_int_equal(world_heard(w, HEARD_WANT), 0);
	assert_int_equal(meshtcp_session_info(w->session, &info), -ENOENT);
	meshtcp_session_want(w->session, MESHTCP_DOWNLOAD_ALL, w->now);
	world_run(w, 1000);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	assert_int_equal(meshtcp_session_info(w->session, &info), 0);
}

/* Into a fresh database, which takes the place of the old one when it is complete. */
static void test_old_values_until_the_new_ones_are_complete(void **state)
{
	struct world *w = *state;
	struct wire data = { .size = 0 };
	struct meshtcp_info info;

	world_ready(w);
	wire_number(&data, 1, 1);
	world_packet(w, 0x11223344, ALL, &data, NULL);
	assert_true(world_has_node(w, 0x11223344));
	world_close(w, 0);
	assert_true(world_has_node(w, BOB));
	w->gap_ms = 100;
	w->hop_limit = 5;
	world_run(w, 2500);
	assert_int_equal(state_of(w), MESHTCP_STATE_DOWNLOADING);
	assert_true(world_has_node(w, 0x11223344));
	assert_int_equal(meshtcp_session_info(w->session, &info), 0);
	assert_int_equal(info.hop_limit, 3);
	world_run(w, 2000);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	assert_false(world_has_node(w, 0x11223344));
	assert_int_equal(meshtcp_session_info(w->session, &info), 0);
	assert_int_equal(info.hop_limit, 5);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_config_alone),
		TEST(test_wanting_more_meanwhile),
		TEST(test_wanting_more_at_once),
		TEST(test_nothing_at_all),
		TEST(test_old_values_until_the_new_ones_are_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
