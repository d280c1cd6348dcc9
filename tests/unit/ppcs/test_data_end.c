/* SPDX-License-Identifier: MIT */
/*
 * What was acknowledged is not lost when the session ends, however it ends and whatever waited
 * before it; and two sessions of one handle are two streams.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "client.h"
#include "hosts.h"

#define UID "LBCS-000000-CCCJJ"

static struct {
	struct world world;
	struct client *client;
	struct camera camera;
	const struct ppcs_statistics *numbers;
	size_t seen;
} t;

static int setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	world_init(&t.world, 1);
	camera_init(&t.camera, &t.world, at(192, 0, 2, 7, 0), UID);
	t.client = client_new(&t.world, at(192, 0, 2, 100, 0));
	client_aim(t.client, t.camera.host.ip);
	client_uid(t.client, UID);
	client_modes(t.client, true, false, false);
	client_ports(t.client, (const uint16_t[]){ CAMERA_PORT }, 1);
	t.client->config.key_fixed = true;
	t.numbers = ppcs_session_statistics(t.client->session);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_free(&t.world);
	return 0;
}

static void say(unsigned channel, unsigned index, const char *text)
{
	struct line line = *camera_line(&t.camera);

	camera_data(&t.camera, &line, channel, index, text, strlen(text));
	world_run(&t.world, 1);
}

/* The next event of these types has to be this one. */
static void check_data(unsigned channel, const char *text)
{
	const struct seen *s = client_event(t.client, t.seen, PPCS_EVENT_DATA);

	assert_non_null(s);
	assert_int_equal(s->event.channel, channel);
	assert_int_equal(s->event.size, strlen(text));
	assert_memory_equal(s->data, text, s->event.size);
	t.seen = (size_t)(s - t.client->seen) + 1;
}

static void no_more_data(void)
{
	assert_null(client_event(t.client, t.seen, PPCS_EVENT_DATA));
}

/* A session while no event has a place, its greeting acknowledged and waiting. */
static void connect_with_a_full_list(void)
{
	t.client->leaves = true;
	t.camera.no_ready = true;
	t.camera.no_alive_ack = true;
	t.client->config.timeout_ms = 3600000;
	t.client->config.attempt_timeout_ms = 100;
	client_race(t.client);
	world_run(&t.world, 1800000);
	t.camera.no_ready = false;
	t.camera.no_alive_ack = false;
	t.camera.greet_ms = 0;
	world_run(&t.world, 4000);
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_CONNECTED);
	assert_true(t.numbers->dropped_events > 0);
	assert_true(camera_line(&t.camera)->greeted);
}

/* Before the end of the session is told. */
static void check_greeting(void)
{
	client_take(t.client);
	check_data(0, "ACK");
	no_more_data();
}

static void test_closed_by_the_device(void **state)
{
	(void)state;
	connect_with_a_full_list();
	camera_say(&t.camera, &camera_line(&t.camera)->peer, CLOSE);
	world_run(&t.world, 1);
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_IDLE);
	check_greeting();
	assert_true(client_event(t.client, t.seen, PPCS_EVENT_CLOSED) != NULL);
}

static void test_closed_by_us(void **state)
{
	(void)state;
	connect_with_a_full_list();
	client_stop(t.client);
	check_greeting();
	assert_true(client_event(t.client, t.seen, PPCS_EVENT_CLOSED) != NULL);
}

static void test_taken(void **state)
{
	(void)state;
	connect_with_a_full_list();
	assert_int_not_equal(ppcs_session_take(t.client->session, NULL, NULL), 0);
	client_update(t.client);
	check_greeting();
	assert_null(client_event(t.client, 0, PPCS_EVENT_CLOSED));
}

/* As soon as there is room it is there, and goes on. */
static void test_handed_out_later(void **state)
{
	(void)state;
	connect_with_a_full_list();
	say(0, 1, " and more");
	client_take(t.client);
	say(0, 1, " and more");
	world_run(&t.world, 1100);
	client_take(t.client);
	check_data(0, "ACK and more");
	no_more_data();
}

static void connect_again(void)
{
	assert_true(client_run(t.client)->success);
	world_run(&t.world, 300);
}

/* The same channel and the same indexes: each session has its own event. */
static void test_two_sessions(void **state)
{
	(void)state;
	connect_again();
	t.client->leaves = true;
	say(0, 1, "first");
	say(3, 0, "three");
	say(3, 2, "early"); /* acknowledged, but not in turn */
	client_stop(t.client);
	world_run(&t.world, 100);
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_IDLE);
	client_race(t.client);
	world_run(&t.world, 500);
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_CONNECTED);
	say(3, 0, "other three");
	say(3, 1, " and one");
	t.client->results = t.client->connects = t.client->closes = 0;
	client_take(t.client);
	check_data(0, "ACK");
	check_data(0, "first");
	check_data(3, "three");
	assert_true(client_event(t.client, t.seen, PPCS_EVENT_CLOSED) != NULL);
	check_data(0, "ACK");
	check_data(3, "other three and one");
	no_more_data();
	assert_int_equal(t.numbers->data_packets, 3);
}

/* What we wrote belongs to its session, too. */
static void test_two_sessions_of_ours(void **state)
{
	const struct seen *closed;

	(void)state;
	/* It acknowledges nothing. */
	connect_again();
	assert_int_equal(ppcs_session_send(t.client->session, 2, "hello", 5), 5);
	client_update(t.client);
	assert_int_equal(ppcs_session_unsent(t.client->session, 2), 5);
	client_stop(t.client);
	closed = client_event(t.client, 0, PPCS_EVENT_CLOSED);
	assert_int_equal(closed->event.unsent, 5);
	assert_int_equal(ppcs_session_unsent(t.client->session, 2), 0);
	assert_int_equal(ppcs_session_send(t.client->session, 2, "hello", 5), -ENOTCONN);
	world_run(&t.world, 100);
	t.client->seen_count = 0;
	connect_again();
	assert_int_equal(ppcs_session_unsent(t.client->session, 2), 0);
	t.seen = t.client->sent_count;
	assert_int_equal(ppcs_session_send(t.client->session, 2, "again", 5), 5);
	client_update(t.client);
	check_sent(client_first(t.client, t.seen, DRW, NULL), "f1d00009d1020000616761696e");
	client_stop(t.client);
	closed = client_event(t.client, 0, PPCS_EVENT_CLOSED);
	assert_int_equal(closed->event.unsent, 5);
}

/* Of one batch: as many as make a list go out with it, the rest at its end (8.2). */
static void test_lists_of_a_batch(void **state)
{
	static const unsigned counts[] = { 17, 17, 6 };
	struct line line;
	const struct sent *s;

	(void)state;
	connect_again();
	line = *camera_line(&t.camera);
	t.seen = t.client->sent_count;
	for (unsigned i = 0; i < 40; i++)
		camera_data(&t.camera, &line, 1, i, "x", 1);
	world_run(&t.world, 1);
	for (unsigned i = 0; i < 3; i++) {
		s = client_first(t.client, t.seen, DRW_ACK, NULL);
		assert_non_null(s);
		assert_int_equal(s->size, 8 + 2 * counts[i]);
		assert_int_equal(s->head[7], counts[i]);
		assert_int_equal(s->head[9], 17 * i);
		t.seen = (size_t)(s - t.client->sent) + 1;
	}
	assert_null(client_first(t.client, t.seen, DRW_ACK, NULL));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_closed_by_the_device),
		TEST(test_closed_by_us),
		TEST(test_taken),
		TEST(test_handed_out_later),
		TEST(test_two_sessions),
		TEST(test_two_sessions_of_ours),
		TEST(test_lists_of_a_batch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
