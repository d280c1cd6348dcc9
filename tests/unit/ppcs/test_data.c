/* SPDX-License-Identifier: MIT */
/*
 * Data of the device over a session (section 8): handed out once and in order, acknowledged when
 * that is done; and the session's socket handed over.
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
	struct line line; /**< that we are to the camera */
	const struct ppcs_statistics *numbers;
	size_t sent, seen;
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

/* In, with what the camera sends first behind us. */
static void connect_it(void)
{
	assert_true(client_run(t.client)->success);
	world_run(&t.world, 300);
	t.line = *camera_line(&t.camera);
	t.sent = t.client->sent_count;
	t.seen = t.client->seen_count;
}

static void say(unsigned channel, unsigned index, const char *text)
{
	camera_data(&t.camera, &t.line, channel, index, text, strlen(text));
	world_run(&t.world, 1);
}

/* The next event, that has to be this one. */
static void check_data(unsigned channel, const char *text)
{
	const struct seen *s = client_event(t.client, t.seen, PPCS_EVENT_DATA);

	assert_non_null(s);
	assert_int_equal(s->event.channel, channel);
	assert_int_equal(s->event.size, strlen(text));
	assert_memory_equal(s->data, text, s->event.size);
	t.seen = (size_t)(s - t.client->seen) + 1;
}

/* The next acknowledgement, of this index alone. */
static void check_ack(unsigned channel, unsigned index)
{
	const struct sent *s = client_first(t.client, t.sent, DRW_ACK, NULL);
	uint8_t bytes[] = {
		0xf1,          0xd1, 0, 6, 0xd1, (uint8_t)channel, 0, 1, (uint8_t)(index >> 8),
		(uint8_t)index
	};

	assert_non_null(s);
	assert_int_equal(s->size, sizeof(bytes));
	assert_memory_equal(s->head, bytes, sizeof(bytes));
	t.sent = (size_t)(s - t.client->sent) + 1;
}

static void nothing_more(void)
{
	assert_null(client_first(t.client, t.sent, DRW_ACK, NULL));
	assert_null(client_event(t.client, t.seen, PPCS_EVENT_DATA));
}

/* The proof of a camera that does not answer ALIVE: acknowledged and handed out, once. */
static void test_the_greeting(void **state)
{
	(void)state;
	t.camera.no_alive_ack = true;
	client_run(t.client);
	assert_true(t.client->kept.report.success);
	world_run(&t.world, 500);
	check_ack(0, 0);
	check_data(0, "ACK");
	nothing_more();
	assert_true(client_event(t.client, 0, PPCS_EVENT_CONNECTED) <
		    client_event(t.client, 0, PPCS_EVENT_DATA));
	assert_int_equal(t.numbers->data_packets, 1);
	assert_int_equal(t.numbers->data_bytes, 3);
}

/* Its acknowledgement is lost: it comes again, is acknowledged again, and not handed out again. */
static bool lose_acks(struct world *w, const struct ppcs_address *from,
		      const struct ppcs_address *to, const struct wire *m)
{
	(void)from;
	(void)to;
	return m->bytes[1] == DRW_ACK && w->now < 1000000 + 200;
}

static void test_the_greeting_again(void **state)
{
	(void)state;
	t.world.loses = lose_acks;
	client_run(t.client);
	world_run(&t.world, 500);
	check_data(0, "ACK");
	assert_null(client_event(t.client, t.seen, PPCS_EVENT_DATA));
	assert_in_range(client_sent(t.client, 0, DRW_ACK, NULL), 3, 6);
	assert_int_equal(t.numbers->data_duplicates, client_sent(t.client, 0, DRW_ACK, NULL) - 1);
	assert_true(camera_line(&t.camera)->greeted);
}

static void test_in_order(void **state)
{
	(void)state;
	connect_it();
	say(0, 1, "one");
	check_ack(0, 1);
	check_data(0, "one");
	say(0, 2, "two");
	check_ack(0, 2);
	check_data(0, "two");
	nothing_more();
	assert_int_equal(t.numbers->data_packets, 3);
	assert_int_equal(t.numbers->data_bytes, 9);
}

static void test_received_before(void **state)
{
	(void)state;
	connect_it();
	say(0, 0, "ACK");
	check_ack(0, 0);
	nothing_more();
	assert_int_equal(t.numbers->data_duplicates, 1);
}

/* Too early: acknowledged and kept until it is its turn. */
static void test_received_too_early(void **state)
{
	(void)state;
	connect_it();
	say(0, 3, "three");
	check_ack(0, 3);
	nothing_more();
	say(0, 3, "three");
	check_ack(0, 3);
	nothing_more();
	assert_int_equal(t.numbers->data_ahead, 1);
	assert_int_equal(t.numbers->data_duplicates, 1);
	say(0, 1, "one ");
	check_ack(0, 1);
	check_data(0, "one ");
	nothing_more();
	say(0, 2, "two ");
	check_ack(0, 2);
	check_data(0, "two three");
	nothing_more();
	say(0, 4, "four");
	check_ack(0, 4);
	check_data(0, "four");
}

/* Further ahead than a device may be: not acknowledged, as if it had not come. */
static void test_received_far_too_early(void **state)
{
	(void)state;
	connect_it();
	say(0, 1 + 256, "too far");
	say(0, 32768, "too far");
	nothing_more();
	assert_int_equal(t.numbers->data_refused, 2);
	say(0, 256, "the furthest");
	check_ack(0, 256);
	nothing_more();
	say(0, 32769, "long ago");
	check_ack(0, 32769);
	nothing_more();
}

static void test_channels_count_for_themselves(void **state)
{
	(void)state;
	connect_it();
	say(7, 0, "seven");
	check_ack(7, 0);
	check_data(7, "seven");
	say(1, 1, "two");
	check_ack(1, 1);
	nothing_more();
	say(1, 0, "one ");
	check_ack(1, 0);
	check_data(1, "one two");
	say(8, 0, "there is no channel 8");
	nothing_more();
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_CONNECTED);
}

/* Not acknowledged, and it takes no place. */
static void test_data_without_data(void **state)
{
	(void)state;
	connect_it();
	say(0, 1, "");
	nothing_more();
	say(0, 1, "one");
	check_ack(0, 1);
	check_data(0, "one");
}

static void test_the_most_that_fits(void **state)
{
	char text[1025];
	const struct seen *s;

	(void)state;
	connect_it();
	memset(text, 'x', 1024);
	text[1024] = '\0';
	say(2, 0, text);
	s = client_event(t.client, t.seen, PPCS_EVENT_DATA);
	assert_int_equal(s->event.size, 1024);
	assert_memory_equal(s->data, text, 1024);
	check_ack(2, 0);
}

/* Indexes go on from 65535 to 0. */
static void test_all_around(void **state)
{
	(void)state;
	connect_it();
	for (unsigned i = 0; i < 65536 + 10; i++) {
		char text[] = { (char)('a' + i % 26), '\0' };

		say(3, i % 65536, text);
		check_ack(3, i % 65536);
		check_data(3, text);
		if (i % 1000 == 0) {
			t.client->sent_count = t.sent = 0;
			t.client->seen_count = t.seen = 0;
		}
	}
	say(3, 65535, "long ago");
	check_ack(3, 65535);
	nothing_more();
}

static void say_much(unsigned channel, unsigned index, char fill)
{
	char data[1024];

	memset(data, fill, sizeof(data));
	camera_data(&t.camera, &t.line, channel, index, data, sizeof(data));
	world_run(&t.world, 1);
}

static void check_much(unsigned channel, size_t size, char first, char last)
{
	const struct seen *s = client_event(t.client, t.seen, PPCS_EVENT_DATA);

	assert_non_null(s);
	assert_int_equal(s->event.channel, channel);
	assert_int_equal(s->event.size, size);
	assert_int_equal(s->data[0], first);
	assert_int_equal(s->data[size - 1], last);
	t.seen = (size_t)(s - t.client->seen) + 1;
}

/* Nobody takes the events: what has no room is not acknowledged, other channels have theirs, and
 * nothing is lost. */
static void test_what_waits_stops_the_acknowledgements(void **state)
{
	(void)state;
	connect_it();
	t.client->leaves = true;
	for (unsigned i = 0; i < 128; i++) {
		say_much(4, i, i == 127 ? 'z' : 'a');
		check_ack(4, i);
	}
	say_much(4, 128, 'b');
	say_much(4, 129, 'c');
	assert_null(client_first(t.client, t.sent, DRW_ACK, NULL));
	assert_int_equal(t.numbers->data_refused, 2);
	say(5, 0, "other");
	check_ack(5, 0);
	say_much(4, 0, 'a');
	check_ack(4, 0);
	client_take(t.client);
	check_much(4, 131072, 'a', 'z');
	check_data(5, "other");
	/* Now it goes on. */
	say_much(4, 129, 'c');
	check_ack(4, 129);
	say_much(4, 128, 'b');
	check_ack(4, 128);
	client_take(t.client);
	check_much(4, 2048, 'b', 'c');
	assert_int_equal(client_events(t.client, PPCS_EVENT_OVERFLOW), 0);
}

/* All room is taken by what came too early: what is in turn is taken all the same. */
static void test_the_turn_has_room(void **state)
{
	(void)state;
	connect_it();
	t.client->leaves = true;
	for (unsigned i = 1; i <= 128; i++) {
		say_much(4, i, i == 128 ? 'z' : 'a');
		check_ack(4, i);
	}
	say_much(4, 129, 'b');
	assert_null(client_first(t.client, t.sent, DRW_ACK, NULL));
	say_much(4, 0, '0');
	check_ack(4, 0);
	client_take(t.client);
	check_much(4, 129 * 1024, '0', 'z');
}

/* The list is full when the race is won: the greeting, which was acknowledged, is not lost. */
static void test_a_full_list_at_the_end_of_the_race(void **state)
{
	(void)state;
	t.client->leaves = true;
	t.camera.no_ready = true;
	t.camera.no_alive_ack = true;
	t.client->config.timeout_ms = 3600000;
	t.client->config.attempt_timeout_ms = 100;
	client_race(t.client);
	world_run(&t.world, 1800000);
	t.camera.no_ready = false;
	t.camera.greet_ms = 0;
	world_run(&t.world, 4000);
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_CONNECTED);
	assert_true(t.numbers->dropped_events > 0);
	assert_true(camera_line(&t.camera)->greeted);
	client_take(t.client);
	assert_true(t.client->kept.report.success);
	assert_int_equal(client_events(t.client, PPCS_EVENT_OVERFLOW), 1);
	t.camera.no_alive_ack = false;
	world_run(&t.world, 2000);
	client_take(t.client);
	check_data(0, "ACK");
}

/* The socket is its user's: nothing is said any more, the device is told nothing. */
static void test_take(void **state)
{
	struct ppcs_address local, peer;
	uint32_t id;
	size_t before;

	(void)state;
	connect_it();
	t.client->leaves = true;
	say(0, 1, "taken before");
	before = t.client->sent_count;
	id = ppcs_session_take(t.client->session, &local, &peer);
	assert_int_equal(id, t.client->sent[0].socket);
	assert_true(same_address(&local, &t.client->kept.report.local));
	assert_true(same_address(&peer, &t.client->kept.report.peer));
	client_update(t.client);
	assert_int_equal(client_open(t.client), 0);
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_IDLE);
	assert_int_equal(ppcs_session_deadline(t.client->session), UINT64_MAX);
	world_run(&t.world, 10000);
	assert_int_equal(t.client->sent_count, before);
	/* What was acknowledged stays to be taken. */
	client_take(t.client);
	check_data(0, "taken before");
	assert_int_equal(t.client->closes, 0);
	assert_int_equal(ppcs_session_take(t.client->session, NULL, NULL), 0);
}

static void test_nothing_to_take(void **state)
{
	struct ppcs_address local = { .port = 7 }, peer = { .port = 7 };

	(void)state;
	assert_int_equal(ppcs_session_take(t.client->session, &local, &peer), 0);
	t.camera.silent = true;
	client_race(t.client);
	world_run(&t.world, 500);
	/* A path that is up but not won is none either. */
	assert_int_equal(ppcs_session_take(t.client->session, &local, &peer), 0);
	assert_int_equal(local.port, 7);
	assert_int_equal(peer.port, 7);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_the_greeting),
		TEST(test_the_greeting_again),
		TEST(test_in_order),
		TEST(test_received_before),
		TEST(test_received_too_early),
		TEST(test_received_far_too_early),
		TEST(test_channels_count_for_themselves),
		TEST(test_data_without_data),
		TEST(test_the_most_that_fits),
		TEST(test_all_around),
		TEST(test_what_waits_stops_the_acknowledgements),
		TEST(test_the_turn_has_room),
		TEST(test_a_full_list_at_the_end_of_the_race),
		TEST(test_take),
		TEST(test_nothing_to_take),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
