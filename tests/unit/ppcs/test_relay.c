/* SPDX-License-Identifier: MIT */
/* The way through a relay, step by step (6.4). */
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
#define DID_HEX "5445535400000000000030394142434445000000"
#define KEY_HEX "1a2b3c4d"
#define PACKET  "f183001c" KEY_HEX DID_HEX "00000000"
#define LATENCY 5

static struct {
	struct world world;
	struct client *client;
	struct camera camera;
	struct directory servers[3];
	struct relay_host relays[4];
} t;

static struct ppcs_address listed(unsigned i)
{
	return at(127, 0, 0, 11 + i, DIRECTORY_PORT);
}

static struct ppcs_address assigned(unsigned i)
{
	return with_port(listed(i), t.relays[i].assigned);
}

/* Three servers that list three relays; a fourth relay that nobody knows. */
static int setup(void **state)
{
	struct session_config *c;

	(void)state;
	memset(&t, 0, sizeof(t));
	world_init(&t.world, 1);
	t.world.quality = (struct quality){ .latency_min = LATENCY, .latency_max = LATENCY };
	camera_init(&t.camera, &t.world, at(198, 51, 100, 9, 0), UID);
	t.camera.search_port = 0;
	for (unsigned i = 0; i < 4; i++) {
		relay_init(&t.relays[i], &t.world, listed(i));
		t.relays[i].assigned = (uint16_t)(41234 + i);
		t.relays[i].number += i;
	}
	t.client = client_new(&t.world, at(192, 168, 1, 20, 0));
	t.client->watches = true;
	client_uid(t.client, UID);
	client_modes(t.client, false, false, true);
	c = &t.client->config;
	c->key_fixed = true;
	c->relay_search = true;
	c->server_count = 3;
	for (unsigned i = 0; i < 3; i++) {
		c->servers[i] = at(203, 0, 113, 1 + i, DIRECTORY_PORT);
		directory_init(&t.servers[i], &t.world, c->servers[i]);
		t.servers[i].device = &t.camera;
		for (unsigned k = 0; k < 3; k++)
			t.servers[i].relays[k] = listed(k);
		t.servers[i].relay_count = 3;
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_free(&t.world);
	return 0;
}

/* A relay that the user named, and no list. */
static void given(unsigned i)
{
	t.client->config.relay_search = false;
	t.client->config.relays[0] = listed(i);
	t.client->config.relay_count = 1;
}

static void won_through(unsigned i)
{
	const struct ppcs_report *r = &t.client->kept.report;
	struct ppcs_address front = listed(i), port = assigned(i);

	assert_true(r->success);
	assert_int_equal(r->mode, PPCS_RELAY);
	assert_string_equal(r->winner, "relayConnectThread");
	assert_string_equal(r->uid, UID);
	assert_true(same_address(&r->destination, &front));
	assert_true(same_address(&r->peer, &port));
	assert_int_equal(r->racers[PPCS_RELAY].destination_port, DIRECTORY_PORT);
	assert_int_equal(t.relays[i].wrong_side, 0);
}

static size_t said_to(const struct ppcs_address *to)
{
	size_t count = 0;

	for (size_t i = 0; i < t.client->sent_count; i++)
		count += same_ip(&t.client->sent[i].to, to);
	return count;
}

static void test_step_by_step(void **state)
{
	struct ppcs_address front, port;
	const struct sent *request;
	uint64_t started = t.world.now;

	(void)state;
	client_run(t.client);
	/* The list 10, RLY_HELLO 10, RLY_PORT 10, RLY_REQ and the call of the device 10, its
	 * RLY_PKT and RLY_RDY 10, ALIVE there and back 20. */
	assert_int_equal(t.client->kept.report.elapsed_ms, 14 * LATENCY);
	assert_int_equal(t.client->kept.report.mode, PPCS_RELAY);
	/* All three answered in the same millisecond. */
	front = t.client->kept.report.destination;
	port = t.client->kept.report.peer;
	for (unsigned i = 0; i < 3; i++) {
		const struct ppcs_address *server = &t.client->config.servers[i];
		struct ppcs_address relay = listed(i);

		check_sent(client_first(t.client, 0, HELLO, server), "f1000000");
		assert_non_null(client_first(t.client, 0, P2P_REQ, server));
		check_sent(client_first(t.client, 0, LIST_REQ1, server), "f1670014" DID_HEX);
		assert_int_equal(client_first(t.client, 0, LIST_REQ1, server)->at, started);
		check_sent(client_first(t.client, 0, RLY_HELLO, &relay), "f1700000");
		assert_int_equal(client_first(t.client, 0, RLY_HELLO, &relay)->at,
				 started + 2 * LATENCY);
		request = client_first(t.client, 0, RLY_REQ, server);
		assert_int_equal(request->at, started + 6 * LATENCY);
	}
	check_sent(client_first(t.client, 0, RLY_PORT, &front), "f1720000");
	assert_int_equal(client_sent(t.client, 0, RLY_PORT, NULL), 1);
	assert_non_null(client_first(t.client, 0, RLY_PKT, &port));
}

/* The bytes of section 14, with one relay. */
static void test_bytes(void **state)
{
	struct ppcs_address port = assigned(0);

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		t.servers[i].relay_count = 1;
	client_run(t.client);
	won_through(0);
	check_sent(client_first(t.client, 0, RLY_REQ, &t.client->config.servers[0]),
		   "f1800028" DID_HEX "000212a10b00007f0000000000000000" KEY_HEX);
	check_sent(client_first(t.client, 0, RLY_PKT, &port), PACKET);
	/* Four times with the port, four times with RLY_TO of each server. */
	assert_int_equal(client_sent(t.client, 0, RLY_PKT, &port), 4 + 3 * 4);
	for (size_t i = 0; i < t.client->sent_count; i++)
		if (t.client->sent[i].head[1] == RLY_PKT)
			assert_int_equal(t.client->sent[i].head[28], 0); /* our side, never 1 */
}

/* Before the last three stand other customers' cameras: never said a word to. */
static void test_devices_that_lend_their_line_are_left_alone(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct directory *d = &t.servers[i];

		d->relay_count = 20;
		for (unsigned k = 0; k < 17; k++)
			d->relays[k] = k == 0 ? listed(3) : at(100, 64, 0, k, DIRECTORY_PORT);
		for (unsigned k = 0; k < 3; k++)
			d->relays[17 + k] = listed(k);
	}
	client_run(t.client);
	assert_true(t.client->kept.report.success);
	assert_int_equal(t.relays[3].hellos, 0);
	for (size_t i = 0; i < t.client->sent_count; i++)
		assert_int_not_equal(t.client->sent[i].to.ip[0], 100);
}

static void test_the_same_relay_three_times(void **state)
{
	struct ppcs_address relay = listed(1);

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		for (unsigned k = 0; k < 3; k++)
			t.servers[i].relays[k] = listed(1);
	client_run(t.client);
	won_through(1);
	assert_int_equal(client_sent(t.client, 0, RLY_HELLO, &relay), 1);
}

static void list_two(unsigned first, unsigned second)
{
	for (unsigned i = 0; i < 3; i++) {
		t.servers[i].relays[0] = listed(first);
		t.servers[i].relays[1] = listed(second);
		t.servers[i].relay_count = 2;
	}
}

static void test_one_relay_is_silent(void **state)
{
	(void)state;
	list_two(0, 1);
	t.relays[0].silent = true;
	client_run(t.client);
	won_through(1);
	assert_int_equal(t.client->kept.report.elapsed_ms, 14 * LATENCY);
}

/* Back to the beginning, also for the relays. */
static void part(void)
{
	client_stop(t.client);
	world_run(&t.world, 10000);
	for (unsigned i = 0; i < 4; i++)
		memset(t.relays[i].sides, 0, sizeof(t.relays[i].sides));
	memset(t.camera.lines, 0, sizeof(t.camera.lines));
}

/* Whichever answers first. */
static void test_one_relay_is_full(void **state)
{
	(void)state;
	for (unsigned first = 0; first < 2; first++) {
		list_two(first, 1 - first);
		t.relays[0].assigned = 0;
		client_run(t.client);
		won_through(1);
		assert_in_range(t.client->kept.report.elapsed_ms, 14 * LATENCY, 16 * LATENCY + 10);
		assert_int_equal(t.client->kept.report.racers[PPCS_RELAY].retries, 0);
		part();
	}
}

/* It answers and gives no port: the next one after half a second. */
static void test_one_relay_gives_no_port(void **state)
{
	(void)state;
	for (unsigned first = 0; first < 2; first++) {
		list_two(first, 1 - first);
		t.relays[0].no_port = true;
		client_run(t.client);
		won_through(1);
		assert_in_range(t.client->kept.report.elapsed_ms, 14 * LATENCY, 800);
		part();
	}
}

/* RLY_RDY for another device is none. */
static void lie(struct host *h, uint16_t port, const struct ppcs_address *from, struct wire *m)
{
	uint8_t did[DID_BYTES];

	wire_did(did, "TEST-000007-BCDEF");
	if (wire_is(m, RLY_HELLO, 0)) {
		wire_begin(m, RLY_HELLO_ACK);
	} else if (wire_is(m, RLY_PORT, 0)) {
		wire_begin(m, RLY_PORT_ACK);
		wire_put_u32be(m, 1);
		wire_put_u32be(m, 5000u << 16);
	} else if (wire_is(m, RLY_PKT, 28)) {
		wire_begin(m, RLY_RDY);
		wire_put(m, did, DID_BYTES);
	} else {
		return;
	}
	host_send(h, port, from, m, "");
}

static void test_one_relay_lies(void **state)
{
	struct host liar;

	(void)state;
	stub_init(&liar, &t.world, at(127, 0, 0, 50, 0), lie);
	for (unsigned first = 0; first < 2; first++) {
		list_two(1, 1);
		for (unsigned i = 0; i < 3; i++)
			t.servers[i].relays[first] = at(127, 0, 0, 50, DIRECTORY_PORT);
		client_run(t.client);
		won_through(1);
		/* So long it may take a device to come. */
		assert_in_range(t.client->kept.report.elapsed_ms, 14 * LATENCY, 2300);
		part();
	}
}

static void test_a_relay_without_servers(void **state)
{
	struct wire m;
	struct ppcs_address port;

	(void)state;
	given(2);
	t.client->config.server_count = 0;
	client_race(t.client);
	world_run(&t.world, 100);
	port = assigned(2);
	assert_true(t.relays[2].packets > 0);
	/* The device comes by itself, called by somebody else. */
	wire_begin(&m, RLY_TO);
	wire_put_address(&m, &port);
	wire_put_u32be(&m, t.relays[2].number);
	host_send(&t.servers[0].host, DIRECTORY_PORT,
		  &(struct ppcs_address){ { 198, 51, 100, 9 }, CAMERA_PORT }, &m, "");
	client_finish(t.client, 1000);
	won_through(2);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(t.servers[i].hellos, 0);
}

static void test_a_relay_that_was_given_and_servers(void **state)
{
	struct ppcs_address other = listed(0);

	(void)state;
	given(3);
	client_run(t.client);
	won_through(3);
	assert_int_equal(client_sent(t.client, 0, LIST_REQ1, NULL), 0);
	assert_int_equal(said_to(&other), 0);
}

/* RLY_PKT each 250 ms while the device is waited for. */
static void test_packets_each_250_ms(void **state)
{
	struct ppcs_address port = assigned(0);

	(void)state;
	given(0);
	t.camera.deaf_to_servers = true;
	for (unsigned i = 0; i < 3; i++)
		t.servers[i].no_relay_to = true;
	client_race(t.client);
	world_run(&t.world, 1900);
	assert_in_range(client_sent(t.client, 0, RLY_PKT, &port), 4 + 5, 4 + 8);
	/* And RLY_REQ each 100 ms, until it was taken. */
	assert_int_equal(client_sent(t.client, 0, RLY_REQ, &t.client->config.servers[0]), 1);
}

static void test_device_key_in_the_list_request(void **state)
{
	const struct sent *list;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		strcpy(t.servers[i].dsk, "sesame");
	strcpy(t.client->config.dsk, "sesame");
	client_run(t.client);
	assert_true(t.client->kept.report.success);
	assert_int_equal(client_sent(t.client, 0, LIST_REQ1, NULL), 0);
	list = client_first(t.client, 0, LIST_REQ_DSK, NULL);
	assert_int_equal(list->size, 48);
	assert_memory_equal(list->head + 24, "sesame\0", 7);
}

/* What is learnt stands under the port that the attempt began with, wherever it was led. */
static void test_learning_does_not_follow_the_relay(void **state)
{
	struct ppcs_path_statistics st;
	unsigned ports = 0;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		t.relays[i].port = 45678;
		for (unsigned k = 0; k < 3; k++)
			t.servers[i].relays[k] = with_port(listed(k), 45678);
	}
	assert_true(client_run(t.client)->success);
	for (size_t i = 0;
	     ppcs_session_path_statistics(t.client->session, i, t.world.now, &st) == 0; i++) {
		if (st.port == 0)
			continue;
		ports++;
		assert_int_equal(st.port, DIRECTORY_PORT);
		assert_int_equal(st.attempts, 1);
		assert_int_equal(st.answers, 1);
		assert_int_equal(st.successes, 1);
		assert_true(st.srtt_ms > 0);
	}
	assert_int_equal(ports, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_step_by_step),
		TEST(test_bytes),
		TEST(test_devices_that_lend_their_line_are_left_alone),
		TEST(test_the_same_relay_three_times),
		TEST(test_one_relay_is_silent),
		TEST(test_one_relay_is_full),
		TEST(test_one_relay_gives_no_port),
		TEST(test_one_relay_lies),
		TEST(test_a_relay_without_servers),
		TEST(test_a_relay_that_was_given_and_servers),
		TEST(test_packets_each_250_ms),
		TEST(test_device_key_in_the_list_request),
		TEST(test_learning_does_not_follow_the_relay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
