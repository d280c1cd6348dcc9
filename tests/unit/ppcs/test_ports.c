/* SPDX-License-Identifier: MIT */
/*
 * Ports: the list is gone through as it says, the answering port is adopted wherever it is, each
 * attempt has a socket of its own, and what is learnt of a port counts in the next race.
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

#define UID     "TEST-012345-ABCDE"
#define LATENCY 4 /* each way */

static struct {
	struct world world;
	struct client *client;
	struct camera camera;
} t;

static int setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	world_init(&t.world, 1);
	t.world.quality = (struct quality){ .latency_min = LATENCY, .latency_max = LATENCY };
	camera_init(&t.camera, &t.world, at(192, 0, 2, 7, 0), UID);
	t.client = client_new(&t.world, at(192, 0, 2, 100, 0));
	client_aim(t.client, t.camera.host.ip);
	client_uid(t.client, UID);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_free(&t.world);
	return 0;
}

static const struct ppcs_report *won(enum ppcs_mode mode, uint16_t asked, uint16_t peer)
{
	const struct ppcs_report *r = client_run(t.client);
	struct ppcs_address there = with_port(t.camera.host.ip, asked);

	assert_true(r->success);
	assert_int_equal(r->mode, mode);
	assert_true(same_address(&r->destination, &there));
	there.port = peer;
	assert_true(same_address(&r->peer, &there));
	assert_int_equal(r->racers[mode].destination_port, asked);
	assert_int_equal(r->racers[mode].local_port, r->local.port);
	return r;
}

/* Back to a handle that is idle. */
static void part(void)
{
	client_stop(t.client);
	world_run(&t.world, 1000);
	assert_int_equal(client_open(t.client), 0);
	assert_int_equal(camera_open(&t.camera), 0);
}

/* Round trips: search and answer; echo and P2P_RDY; ALIVE and ALIVE_ACK. */
static void test_search_port_third_in_the_list(void **state)
{
	static const uint16_t ports[] = { 1001, 1002, SEARCH_PORT };

	(void)state;
	client_ports(t.client, ports, 3);
	client_modes(t.client, false, true, false);
	won(PPCS_LAN, SEARCH_PORT, CAMERA_PORT);
	assert_int_equal(t.client->kept.report.elapsed_ms, 3 * 2 * LATENCY);
}

static void test_search_port_that_is_not_in_the_list(void **state)
{
	static const uint16_t ports[] = { 1001, 1002 };

	(void)state;
	client_ports(t.client, ports, 2);
	client_modes(t.client, false, true, false);
	won(PPCS_LAN, SEARCH_PORT, CAMERA_PORT);
	assert_int_equal(t.client->kept.report.elapsed_ms, 3 * 2 * LATENCY);
}

static void test_search_port_that_was_set(void **state)
{
	(void)state;
	t.camera.search_port = 5000;
	t.client->config.search_port = 5000;
	client_modes(t.client, false, true, false);
	won(PPCS_LAN, 5000, CAMERA_PORT);
	assert_int_equal(t.client->kept.report.elapsed_ms, 3 * 2 * LATENCY);
}

/* Closed ports say so: nobody waits for the turn of the next. */
static void test_third_port_when_the_others_are_closed(void **state)
{
	static const uint16_t ports[] = { 1001, 1002, CAMERA_PORT };

	(void)state;
	t.camera.search_port = 0;
	t.camera.host.icmp = true;
	client_ports(t.client, ports, 3);
	won(PPCS_P2P, CAMERA_PORT, CAMERA_PORT);
	assert_in_range(t.client->kept.report.elapsed_ms, 1, 2 * 2 * LATENCY + 2 * 2 * LATENCY);
}

/* Silent ports do not: the third has its turn after 200 ms. */
static void test_third_port_when_the_others_are_silent(void **state)
{
	static const uint16_t ports[] = { 1001, 1002, CAMERA_PORT };

	(void)state;
	t.camera.search_port = 0;
	client_ports(t.client, ports, 3);
	won(PPCS_P2P, CAMERA_PORT, CAMERA_PORT);
	assert_int_equal(t.client->kept.report.elapsed_ms, 200 + 2 * 2 * LATENCY);
}

static void test_fan_out_starts_100_ms_apart_in_the_order_of_the_list(void **state)
{
	static const uint16_t ports[] = { 9, 7, 8, 6 };
	struct ppcs_address to = t.camera.host.ip;

	(void)state;
	t.camera.search_port = 0;
	t.camera.port = 1;
	client_ports(t.client, ports, 4);
	t.client->config.timeout_ms = 1000;
	client_race(t.client);
	client_finish(t.client, 1100);
	for (unsigned i = 0; i < 4; i++) {
		to.port = ports[i];
		assert_int_equal(client_first(t.client, 0, PUNCH_PKT, &to)->at,
				 t.client->sent[0].at + 100 * i);
		assert_int_equal(client_first(t.client, 0, LAN_SEARCH, &to)->at,
				 t.client->sent[0].at + 100 * i);
	}
	to.port = SEARCH_PORT;
	assert_int_equal(client_first(t.client, 0, LAN_SEARCH, &to)->at, t.client->sent[0].at);
	/* Punching for a port that only answers searches makes no sense. */
	assert_null(client_first(t.client, 0, PUNCH_PKT, &to));
}

/* Each probe is repeated each 100 ms (12.3). */
static void test_probes_are_repeated_each_100_ms(void **state)
{
	static const uint16_t ports[] = { 9 };
	struct ppcs_address to = with_port(t.camera.host.ip, 9);

	(void)state;
	t.camera.search_port = 0;
	t.camera.port = 1;
	client_ports(t.client, ports, 1);
	t.client->config.timeout_ms = 1350;
	client_run(t.client);
	assert_int_equal(client_sent(t.client, 0, PUNCH_PKT, &to), 14);
	assert_int_equal(client_sent(t.client, 0, LAN_SEARCH, &to), 14);
}

/* One after the other, each with its whole time, 50 ms between them (12.2, 12.4). */
static void test_sequential_walk_takes_its_time(void **state)
{
	static const uint16_t ports[] = { 1001, 1002, CAMERA_PORT };

	(void)state;
	t.camera.search_port = 0;
	client_modes(t.client, true, false, false);
	client_ports(t.client, ports, 3);
	t.client->config.walk = PPCS_SEQUENTIAL;
	won(PPCS_P2P, CAMERA_PORT, CAMERA_PORT);
	assert_int_equal(t.client->kept.report.elapsed_ms, 2 * 5050 + 2 * 2 * LATENCY);
	assert_int_equal(t.client->kept.report.racers[PPCS_P2P].retries, 2);
	assert_int_equal(t.client->most, 1);
}

static void test_sequential_walk_over_the_lan(void **state)
{
	static const uint16_t ports[] = { 1001, SEARCH_PORT };

	(void)state;
	client_modes(t.client, false, true, false);
	client_ports(t.client, ports, 2);
	t.client->config.walk = PPCS_SEQUENTIAL;
	t.client->config.attempt_timeout_ms = 3000;
	won(PPCS_LAN, SEARCH_PORT, CAMERA_PORT);
	assert_int_equal(t.client->kept.report.elapsed_ms, 3050 + 3 * 2 * LATENCY);
}

static void test_sequential_walk_asks_the_search_port_last(void **state)
{
	static const uint16_t ports[] = { 1001 };

	(void)state;
	client_modes(t.client, false, true, false);
	client_ports(t.client, ports, 1);
	t.client->config.walk = PPCS_SEQUENTIAL;
	won(PPCS_LAN, SEARCH_PORT, CAMERA_PORT);
	assert_int_equal(t.client->kept.report.elapsed_ms, 5050 + 3 * 2 * LATENCY);
}

/* BATE cameras answer from 32108 itself (section 5). */
static void test_answer_from_the_search_port(void **state)
{
	(void)state;
	client_modes(t.client, false, true, false);
	t.camera.ready_from_search = true;
	won(PPCS_LAN, SEARCH_PORT, SEARCH_PORT);
}

static void test_answer_from_a_random_high_port(void **state)
{
	(void)state;
	t.camera.port = 61234;
	won(PPCS_LAN, SEARCH_PORT, 61234);
	assert_string_equal(t.client->kept.report.racers[PPCS_P2P].error, "cancelled");
}

/* The port of a socket is used by one attempt and by no other, in whatever race. */
static void test_every_attempt_has_a_socket_of_its_own(void **state)
{
	const struct ppcs_report *r;
	bool used[65536] = { false };

	(void)state;
	t.camera.search_port = 0;
	t.camera.port = 1;
	t.client->config.timeout_ms = 20000;
	t.client->config.attempt_timeout_ms = 1000;
	for (unsigned race = 0; race < 2; race++) {
		r = client_run(t.client);
		for (unsigned i = 0; i < PPCS_MODES; i++) {
			for (size_t k = 0; k < r->racers[i].attempt_count; k++) {
				uint16_t port = r->racers[i].attempts[k].local_port;

				assert_int_not_equal(port, 0);
				assert_false(used[port]);
				used[port] = true;
			}
		}
		assert_true(r->racers[PPCS_LAN].attempt_count > 36);
	}
	/* And each socket spoke to one destination. */
	for (size_t i = 0; i < t.client->sent_count; i++)
		for (size_t k = i; k < t.client->sent_count; k++)
			if (t.client->sent[i].socket == t.client->sent[k].socket)
				assert_true(
					same_address(&t.client->sent[i].to, &t.client->sent[k].to));
}

/* The id of the device and its port were learnt in the first race: not so for the second. */
static void test_a_second_race_remembers_nothing(void **state)
{
	static const uint16_t ports[] = { 1001 };
	struct ppcs_address to = with_port(t.camera.host.ip, 1001);
	const struct ppcs_report *r;
	uint8_t access_point[DID_BYTES];
	size_t before;

	(void)state;
	client_ports(t.client, ports, 1);
	memset(&t.client->config.uid, 0, sizeof(t.client->config.uid));
	r = won(PPCS_LAN, SEARCH_PORT, CAMERA_PORT);
	assert_string_equal(r->uid, UID);
	part();

	before = t.client->sent_count;
	t.camera.no_punch = true;
	t.client->config.timeout_ms = 3000;
	r = client_run(t.client);
	assert_false(r->success);
	assert_null(r->uid);
	assert_int_equal(r->verdict, PPCS_VERDICT_NOTHING);
	assert_int_equal(r->racers[PPCS_RELAY].state, PPCS_NOT_STARTED);
	wire_did(access_point, "LBCS-000000-CCCJJ");
	for (size_t i = before; i < t.client->sent_count; i++) {
		assert_true(t.client->sent[i].to.port == SEARCH_PORT ||
			    t.client->sent[i].to.port == 1001);
		if (t.client->sent[i].head[1] == PUNCH_PKT)
			assert_memory_equal(t.client->sent[i].head + 4, access_point, DID_BYTES);
	}
	assert_true(client_sent(t.client, before, PUNCH_PKT, &to) > 0);
	assert_int_equal(client_events(t.client, PPCS_EVENT_RESULT), 2);
	assert_int_equal(ppcs_session_statistics(t.client->session)->races, 2);
	assert_int_equal(ppcs_session_statistics(t.client->session)->races_won, 1);
	/* Attempts are numbered anew. */
	assert_int_equal(t.client->seen[t.client->seen_count - 1].event.type, PPCS_EVENT_RESULT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_search_port_third_in_the_list),
		TEST(test_search_port_that_is_not_in_the_list),
		TEST(test_search_port_that_was_set),
		TEST(test_third_port_when_the_others_are_closed),
		TEST(test_third_port_when_the_others_are_silent),
		TEST(test_fan_out_starts_100_ms_apart_in_the_order_of_the_list),
		TEST(test_probes_are_repeated_each_100_ms),
		TEST(test_sequential_walk_takes_its_time),
		TEST(test_sequential_walk_over_the_lan),
		TEST(test_sequential_walk_asks_the_search_port_last),
		TEST(test_answer_from_the_search_port),
		TEST(test_answer_from_a_random_high_port),
		TEST(test_every_attempt_has_a_socket_of_its_own),
		TEST(test_a_second_race_remembers_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
