/* SPDX-License-Identifier: MIT */
/* The life of a session that was won (section 7): keepalive, silence, CLOSE, strays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "client.h"
#include "hosts.h"

#define UID "TEST-012345-ABCDE"

static struct {
	struct world world;
	struct client *client;
	struct camera camera;
	struct ppcs_address peer, us;
	const struct ppcs_statistics *numbers;
	size_t sent; /**< before what a test does */
} t;

/* A session by direct punch, its greeting over. */
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
	assert_true(client_run(t.client)->success);
	t.us = t.client->kept.report.local;
	t.peer = t.client->kept.report.peer;
	world_run(&t.world, 500);
	assert_true(camera_line(&t.camera)->greeted);
	t.sent = t.client->sent_count;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_free(&t.world);
	return 0;
}

static enum ppcs_state state_of(void)
{
	return ppcs_session_state(t.client->session);
}

static size_t said(uint8_t type)
{
	return client_sent(t.client, t.sent, type, &t.peer);
}

/* The camera vanishes; what it says from now on the test says for it. */
static void vanish(void)
{
	memset(t.camera.lines, 0, sizeof(t.camera.lines));
	t.camera.no_ready = true;
	t.camera.no_punch = true;
}

/* From the camera, and 1 ms later here. @return when */
static uint64_t say(uint8_t type)
{
	camera_say(&t.camera, &t.us, type);
	world_run(&t.world, 1);
	return t.world.now;
}

static void test_alive_each_second_of_silence(void **state)
{
	uint64_t heard;

	(void)state;
	vanish();
	heard = say(ALIVE_ACK);
	t.sent = t.client->sent_count;
	world_run(&t.world, 5500);
	assert_int_equal(said(ALIVE), 5);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(t.client->sent[t.sent + i].at, heard + 1000 * (i + 1));
	assert_int_equal(t.client->sent_count, t.sent + 5);
	check_sent(&t.client->sent[t.sent], "f1e00000");
}

static void life_is(uint8_t type, const void *body, size_t size)
{
	struct wire m;
	uint64_t heard;

	wire_begin(&m, type);
	wire_put(&m, body, size);
	host_send(&t.camera.host, CAMERA_PORT, &t.us, &m, "");
	world_run(&t.world, 1);
	heard = t.world.now;
	t.sent = t.client->sent_count;
	world_run(&t.world, 999);
	assert_int_equal(said(ALIVE), 0);
	world_run(&t.world, 1);
	assert_int_equal(said(ALIVE), 1);
	assert_int_equal(client_first(t.client, t.sent, ALIVE, NULL)->at, heard + 1000);
}

/* Any DRW, DRW_ACK, ALIVE and ALIVE_ACK; nothing else. */
static void test_what_counts_as_life(void **state)
{
	(void)state;
	vanish();
	life_is(ALIVE, NULL, 0);
	life_is(ALIVE_ACK, NULL, 0);
	life_is(DRW,
		"\xd1\x00\x00\x00"
		"ACK",
		7);
	life_is(DRW_ACK, "\xd1\x00\x00\x01\x00\x00", 6);
	life_is(DRW_ACK, "\xd2\x00\x00\x01\x00\x00", 6); /* as of iLnk cameras (8.2) */
	t.sent = t.client->sent_count;
	for (unsigned i = 0; i < 19; i++) {
		camera_say_did(&t.camera, &t.us, PUNCH_PKT);
		camera_say(&t.camera, &t.us, LAN_SEARCH);
		world_run(&t.world, 100);
	}
	assert_int_equal(said(ALIVE), 1);
}

static void test_alive_is_answered_at_once(void **state)
{
	(void)state;
	say(ALIVE);
	assert_int_equal(t.client->sent_count, t.sent + 1);
	check_sent(&t.client->sent[t.sent], "f1e10000");
	assert_int_equal(t.client->sent[t.sent].at, t.world.now);
	assert_true(same_address(&t.client->sent[t.sent].to, &t.peer));
}

/* Some cameras send ALIVE with zeros behind it (3.1). */
static void test_alive_with_zeros_behind_it(void **state)
{
	struct wire m = { .bytes = { 0xf1, 0xe0 }, .size = 12 };

	(void)state;
	host_send(&t.camera.host, CAMERA_PORT, &t.us, &m, "");
	world_run(&t.world, 1);
	assert_int_equal(said(ALIVE_ACK), 1);
	assert_int_equal(t.numbers->warnings_length, 1);
}

/* The camera has not heard us yet; that is no ALIVE that was missed. */
static void test_ready_is_answered_by_alive(void **state)
{
	(void)state;
	vanish();
	for (unsigned i = 1; i <= 4; i++) {
		camera_say_did(&t.camera, &t.us, P2P_RDY);
		world_run(&t.world, 10);
		assert_int_equal(said(ALIVE), i);
	}
	assert_int_equal(t.client->sent_count, t.sent + 4);
	assert_int_equal(t.numbers->alive_missed, 0);
	say(ALIVE_ACK);
	assert_int_equal(t.numbers->alive_missed, 0);
}

static void test_punch_packets_are_too_late(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5; i++)
		camera_say_did(&t.camera, &t.us, PUNCH_PKT);
	world_run(&t.world, 2);
	assert_int_equal(t.client->sent_count, t.sent);
	assert_int_equal(client_events(t.client, PPCS_EVENT_ATTEMPT_ANSWERED), 1);
}

static void dies_after(unsigned ms)
{
	uint64_t heard;

	vanish();
	heard = say(ALIVE_ACK);
	world_run(&t.world, ms - 1);
	assert_int_equal(state_of(), PPCS_STATE_CONNECTED);
	assert_int_equal(t.client->closes, 0);
	t.sent = t.client->sent_count;
	world_run(&t.world, 1);
	assert_int_equal(t.world.now, heard + ms);
	assert_int_equal(t.client->closes, 1);
	assert_int_equal(client_event(t.client, 0, PPCS_EVENT_CLOSED)->event.error, -ETIMEDOUT);
	assert_int_equal(state_of(), PPCS_STATE_CLOSING);
	world_run(&t.world, 20);
	assert_int_equal(said(CLOSE), 3);
	assert_int_equal(state_of(), PPCS_STATE_IDLE);
	assert_int_equal(client_open(t.client), 0);
	assert_int_equal(t.client->results, 1);
}

static void test_silence_of_6_s(void **state)
{
	(void)state;
	dies_after(6000);
	assert_in_range(t.numbers->alive_missed, 4, 5);
}

static void silence_as_set(unsigned ms)
{
	client_stop(t.client);
	world_run(&t.world, 100);
	t.client->seen_count = 0;
	t.client->config.session_timeout_ms = ms;
	assert_true(client_run(t.client)->success);
	t.us = t.client->kept.report.local;
	dies_after(ms);
	t.camera.no_ready = false;
}

static void test_silence_as_it_was_set(void **state)
{
	(void)state;
	silence_as_set(2000);
	silence_as_set(12345);
	silence_as_set(600000);
}

static void unreachable(void)
{
	ppcs_session_unreachable(t.client->session, t.client->sent[t.sent - 1].socket, &t.peer,
				 t.world.now);
	ppcs_session_tick(t.client->session, t.world.now);
	client_update(t.client);
}

/* ICMP: the camera may be gone. It is asked, and when it answers all is well. */
static void test_unreachable_is_no_proof(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		unreachable();
		world_run(&t.world, 700);
	}
	assert_int_equal(state_of(), PPCS_STATE_CONNECTED);
	assert_int_equal(t.client->closes, 0);
	world_run(&t.world, 20000);
	assert_int_equal(state_of(), PPCS_STATE_CONNECTED);
}

/* When it does not answer the wait is shorter. */
static void test_unreachable_shortens_the_wait(void **state)
{
	uint64_t began;

	(void)state;
	vanish();
	world_run(&t.world, 300);
	began = t.world.now;
	unreachable();
	assert_int_equal(said(ALIVE), 1);
	while (t.client->closes == 0)
		assert_true(world_step(&t.world, began + 6000));
	assert_in_range(t.world.now - began, 1000, 3000);
	assert_int_equal(client_event(t.client, 0, PPCS_EVENT_CLOSED)->event.error, -ETIMEDOUT);
}

/* ICMP about somebody else, or from nobody. */
static void test_unreachable_of_another_address(void **state)
{
	struct ppcs_address other = with_port(t.peer, 1);

	(void)state;
	vanish();
	say(ALIVE_ACK);
	ppcs_session_unreachable(t.client->session, t.client->sent[0].socket, &other, t.world.now);
	ppcs_session_unreachable(t.client->session, 12345, &t.peer, t.world.now);
	world_run(&t.world, 5990);
	assert_int_equal(state_of(), PPCS_STATE_CONNECTED);
}

static void test_closed_by_the_device(void **state)
{
	(void)state;
	say(CLOSE);
	assert_int_equal(t.client->closes, 1);
	assert_int_equal(client_event(t.client, 0, PPCS_EVENT_CLOSED)->event.error, -ECONNRESET);
	assert_int_equal(state_of(), PPCS_STATE_IDLE);
	assert_int_equal(client_open(t.client), 0);
	/* No answer to CLOSE. */
	assert_int_equal(t.client->sent_count, t.sent);
	assert_int_equal(t.client->results, 1);
	say(CLOSE);
	world_run(&t.world, 10000);
	assert_int_equal(t.client->closes, 1);
}

static void test_the_socket_fails(void **state)
{
	(void)state;
	ppcs_session_failed(t.client->session, t.client->sent[0].socket, -EBADF, t.world.now);
	client_update(t.client);
	assert_int_equal(t.client->closes, 1);
	assert_int_equal(client_event(t.client, 0, PPCS_EVENT_CLOSED)->event.error, -ECONNRESET);
	assert_int_equal(state_of(), PPCS_STATE_IDLE);
}

/* Only the peer counts: not its other ports, not others on its port. */
static void test_strays(void **state)
{
	const struct ppcs_address strays[] = { with_port(t.peer, CAMERA_PORT + 1),
					       with_port(t.peer, SEARCH_PORT),
					       at(192, 0, 2, 8, CAMERA_PORT) };
	const uint8_t types[] = { CLOSE, ALIVE, ALIVE_ACK, DRW };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		for (unsigned k = 0; k < 4; k++) {
			struct wire m;

			wire_begin(&m, types[k]);
			wire_put(&m, "\xd1\x00\x00\x01hello", types[k] == DRW ? 9 : 0);
			world_send(&t.world, &strays[i], &t.us, &m);
		}
	}
	world_run(&t.world, 2);
	assert_int_equal(state_of(), PPCS_STATE_CONNECTED);
	assert_int_equal(t.client->sent_count, t.sent);
	assert_int_equal(client_events(t.client, PPCS_EVENT_DATA), 1);
	assert_int_equal(t.numbers->warnings_address, 12);
}

static void test_nonsense_in_a_session(void **state)
{
	struct wire m = { .bytes = { 0xf1, 0xf0, 0, 1 }, .size = 4 };

	(void)state;
	/* CLOSE that says more than there is; DRW on channel 8; a type that nobody knows. */
	host_send(&t.camera.host, CAMERA_PORT, &t.us, &m, "");
	wire_begin(&m, DRW);
	wire_put(&m, "\xd1\x08\x00\x00hello", 9);
	host_send(&t.camera.host, CAMERA_PORT, &t.us, &m, "");
	m.size = WIRE_MAX + 8;
	host_send(&t.camera.host, CAMERA_PORT, &t.us, &m, "");
	wire_begin(&m, 0xee);
	host_send(&t.camera.host, CAMERA_PORT, &t.us, &m, "");
	wire_begin(&m, 0xf4);
	host_send(&t.camera.host, CAMERA_PORT, &t.us, &m, "");
	world_run(&t.world, 2);
	assert_int_equal(state_of(), PPCS_STATE_CONNECTED);
	assert_int_equal(t.client->sent_count, t.sent);
}

/* 24 hours in which nothing happens but ALIVE and its answers. */
static void test_an_idle_day(void **state)
{
	uint64_t before = t.numbers->alive_sent;

	(void)state;
	for (unsigned hour = 0; hour < 24; hour++) {
		world_run(&t.world, 3600000);
		t.client->sent_count = 0;
	}
	assert_int_equal(state_of(), PPCS_STATE_CONNECTED);
	assert_in_range(t.numbers->alive_sent - before, 86400000 / 1002 - 2, 86400000 / 1002 + 1);
	assert_int_equal(t.numbers->alive_missed, 0);
	assert_in_range(t.numbers->alive_received, t.numbers->alive_sent - 1,
			t.numbers->alive_sent + 4);
	assert_int_equal(client_open(t.client), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_alive_each_second_of_silence),
		TEST(test_what_counts_as_life),
		TEST(test_alive_is_answered_at_once),
		TEST(test_alive_with_zeros_behind_it),
		TEST(test_ready_is_answered_by_alive),
		TEST(test_punch_packets_are_too_late),
		TEST(test_silence_of_6_s),
		TEST(test_silence_as_it_was_set),
		TEST(test_unreachable_is_no_proof),
		TEST(test_unreachable_shortens_the_wait),
		TEST(test_unreachable_of_another_address),
		TEST(test_closed_by_the_device),
		TEST(test_the_socket_fails),
		TEST(test_strays),
		TEST(test_nonsense_in_a_session),
		TEST(test_an_idle_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
