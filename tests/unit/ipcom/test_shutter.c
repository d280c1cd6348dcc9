/* SPDX-License-Identifier: MIT */
/*
 * Shutters: never both relays, a pause before reversing, an end to every movement, neighbours left
 * alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "peer.h"

#define TRAVEL 20000
#define DEAD   500

static const struct ipcom_output down = { 5, 7 };
static const struct ipcom_output up = { 5, 8 };

static int setup(void **state)
{
	static struct peer p;

	peer_init(&p);
	assert_int_equal(ipcom_session_add_shutter(p.session, up, down, TRAVEL, DEAD, NULL), 0);
	*state = &p;
	return 0;
}

static int teardown(void **state)
{
	struct peer *p = *state;

	assert_int_equal(p->violations, 0);
	peer_free(p);
	return 0;
}

static void become_ready(struct peer *p)
{
	peer_start(p);
	peer_run(p, 20);
	assert_int_equal(ipcom_session_state(p->session), IPCOM_STATE_READY);
}

static uint32_t move(struct peer *p, enum ipcom_direction direction)
{
	uint32_t id = 0;

	assert_int_equal(ipcom_session_move(p->session, 0, direction, p->now, &id), 0);
	return id;
}

static void test_open_stops_after_its_travel_time(void **state)
{
	struct peer *p = *state;
	uint64_t began;

	become_ready(p);
	p->values[4][0] = 255; /* a neighbour on the same module */
	peer_run(p, 200);
	move(p, IPCOM_OPEN);
	peer_run(p, 50);
	assert_int_equal(p->result, 0);
	began = peer_last(p, 4)->at;
	assert_memory_equal(p->values[4], "\xff\0\0\0\0\0\0\xff", 8);
	peer_run_until(p, began + TRAVEL - 1);
	assert_int_equal(p->values[4][7], 255);
	peer_run(p, 500);
	assert_memory_equal(p->values[4], "\xff\0\0\0\0\0\0\0", 8);
}

static void test_reversal_waits_the_dead_time(void **state)
{
	struct peer *p = *state;
	uint64_t stopped;

	become_ready(p);
	move(p, IPCOM_OPEN);
	peer_run(p, 1000);
	move(p, IPCOM_CLOSE);
	while (p->values[4][7] != 0)
		peer_run(p, 1);
	stopped = p->wrote_at;
	assert_int_equal(p->values[4][6], 0);
	while (p->values[4][6] == 0)
		peer_run(p, 1);
	assert_in_range(p->wrote_at - stopped, DEAD, DEAD + 30);
	peer_run(p, 50);
	assert_int_equal(p->results, 2);
	assert_int_equal(p->result, 0);
}

static void test_stop_cancels_the_movement(void **state)
{
	struct peer *p = *state;
	uint32_t id;
	size_t writes;

	become_ready(p);
	move(p, IPCOM_CLOSE);
	peer_run(p, 1000);
	id = move(p, IPCOM_STOP);
	peer_run(p, 500);
	assert_int_equal(p->result_id, id);
	assert_int_equal(p->result, 0);
	assert_int_equal(p->values[4][6], 0);
	writes = peer_count(p, 4);
	peer_run(p, 2 * TRAVEL);
	assert_int_equal(peer_count(p, 4), writes);
}

static void test_new_direction_during_the_dead_time(void **state)
{
	struct peer *p = *state;

	become_ready(p);
	move(p, IPCOM_OPEN);
	peer_run(p, 1000);
	move(p, IPCOM_CLOSE);
	peer_run(p, 300);
	assert_int_equal(p->results, 1);
	move(p, IPCOM_OPEN);
	peer_run(p, 0);
	assert_int_equal(p->result, -ECANCELED);
	peer_run(p, 2000);
	assert_int_equal(p->result, 0);
	assert_int_equal(p->results, 3);
	assert_int_equal(p->values[4][7], 255);
	assert_int_equal(p->values[4][6], 0);
}

static void test_both_relays_are_refused(void **state)
{
	static const struct ipcom_setting both[] = { { { 5, 7 }, 255 }, { { 5, 8 }, 1 } };
	static const struct ipcom_setting other = { { 5, 7 }, 255 };
	struct peer *p = *state;
	uint32_t id;

	become_ready(p);
	assert_int_equal(ipcom_session_set(p->session, both, 2, p->now, &id), -EPERM);
	move(p, IPCOM_OPEN);
	peer_run(p, 1000);
	assert_int_equal(ipcom_session_set(p->session, &other, 1, p->now, &id), 0);
	peer_run(p, 1000);
	assert_int_equal(p->result_id, id);
	assert_int_equal(p->result, -EPERM);
	assert_int_equal(p->values[4][6], 0);
}

static void test_both_seen_on_are_switched_off(void **state)
{
	struct peer *p = *state;

	become_ready(p);
	p->values[4][6] = 255;
	p->values[4][7] = 255;
	p->values[4][2] = 9;
	peer_run(p, 1000);
	assert_memory_equal(p->values[4], "\0\0\x9\0\0\0\0\0", 8);
	p->violations = 0; /* the fault was not ours */
}

static void test_other_direction_on_at_the_bus_is_stopped_first(void **state)
{
	struct peer *p = *state;

	become_ready(p);
	peer_run(p, 200);
	p->values[4][7] = 255; /* somebody pressed the wall switch */
	move(p, IPCOM_CLOSE);
	peer_run(p, 400);
	assert_int_equal(p->values[4][7], 0);
	assert_int_equal(p->values[4][6], 0);
	peer_run(p, 600);
	assert_int_equal(p->values[4][6], 255);
	assert_int_equal(p->result, 0);
}

/* The stop was written, but no snapshot shows it: the relays are not trusted to be off. */
static void test_no_reversal_while_the_other_relay_is_shown_on(void **state)
{
	struct peer *p = *state;
	size_t writes;

	become_ready(p);
	move(p, IPCOM_OPEN);
	peer_run(p, 1000);
	p->hold = true;
	move(p, IPCOM_CLOSE);
	peer_run(p, 9000);
	assert_int_equal(p->results, 1);
	for (size_t i = 0; i < p->message_count; i++)
		assert_true(p->messages[i].plain[0] != 4 || p->messages[i].plain[14] == 0);
	p->hold = false;
	p->values[4][7] = 0;
	peer_run(p, 1000);
	assert_int_equal(p->results, 2);
	assert_int_equal(p->result, 0);
	assert_int_equal(p->values[4][6], 255);
	writes = peer_count(p, 4);
	assert_in_range(writes, 3, 8);
}

static void test_loss_moves_nothing_by_itself(void **state)
{
	struct peer *p = *state;
	size_t writes;

	become_ready(p);
	move(p, IPCOM_OPEN);
	peer_run(p, 1000);
	move(p, IPCOM_CLOSE);
	peer_run(p, 300);
	peer_close(p);
	assert_int_equal(p->result, -ECONNRESET);
	writes = peer_count(p, 4);
	peer_run(p, 60000);
	assert_int_equal(peer_count(p, 4), writes);
	assert_int_equal(p->values[4][6], 0);
}

static void test_never_written_twice(void **state)
{
	struct peer *p = *state;

	become_ready(p);
	p->hold = true;
	move(p, IPCOM_OPEN);
	peer_run(p, 5000);
	assert_int_equal(peer_count(p, 4), 1);
	assert_int_equal(p->result, -ETIMEDOUT);
}

static void test_stopped_at_the_end(void **state)
{
	struct peer *p = *state;

	become_ready(p);
	move(p, IPCOM_OPEN);
	peer_run(p, 1000);
	ipcom_session_stop(p->session, p->now);
	peer_run(p, 2500);
	assert_int_equal(p->values[4][7], 0);
	assert_int_equal(ipcom_session_state(p->session), IPCOM_STATE_IDLE);
	assert_int_equal(p->messages[p->message_count - 1].plain[0], 2);
}

static void test_relays_on_different_modules(void **state)
{
	const struct ipcom_output far_up = { 7, 1 };
	const struct ipcom_output far_down = { 6, 1 };
	struct peer *p = *state;
	uint32_t id;

	assert_int_equal(ipcom_session_add_shutter(p->session, far_up, far_down, 0, DEAD, NULL), 0);
	become_ready(p);
	assert_int_equal(ipcom_session_move(p->session, 1, IPCOM_CLOSE, p->now, &id), 0);
	peer_run(p, 1000);
	assert_int_equal(p->values[5][0], 255);
	assert_int_equal(ipcom_session_move(p->session, 1, IPCOM_OPEN, p->now, &id), 0);
	for (unsigned i = 0; i < 3000; i++) {
		peer_run(p, 1);
		assert_true(p->values[5][0] == 0 || p->values[6][0] == 0);
	}
	assert_int_equal(p->values[6][0], 255);
	assert_int_equal(p->result, 0);
	assert_int_equal(ipcom_session_move(p->session, 1, IPCOM_STOP, p->now, &id), 0);
	peer_run(p, 1000);
	assert_int_equal(p->values[6][0], 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_open_stops_after_its_travel_time),
		TEST(test_reversal_waits_the_dead_time),
		TEST(test_stop_cancels_the_movement),
		TEST(test_new_direction_during_the_dead_time),
		TEST(test_both_relays_are_refused),
		TEST(test_both_seen_on_are_switched_off),
		TEST(test_other_direction_on_at_the_bus_is_stopped_first),
		TEST(test_no_reversal_while_the_other_relay_is_shown_on),
		TEST(test_loss_moves_nothing_by_itself),
		TEST(test_never_written_twice),
		TEST(test_stopped_at_the_end),
		TEST(test_relays_on_different_modules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
