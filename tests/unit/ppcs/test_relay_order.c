/* SPDX-License-Identifier: MIT */
/*
 * A relay race that does not go by the book: steps out of order, words of those who have no say,
 * devices that are off line, and other ways that answer when the race is over (6.4, 16).
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

#define UID "TEST-012345-ABCDE"

static struct {
	struct world world;
	struct client *client;
	struct camera camera;
	struct directory server;
	struct relay_host relay;
	struct ppcs_address front, port, us;
} t;

/* One server, one relay that was given. */
static int setup(void **state)
{
	struct session_config *c;

	(void)state;
	memset(&t, 0, sizeof(t));
	world_init(&t.world, 1);
	camera_init(&t.camera, &t.world, at(198, 51, 100, 9, 0), UID);
	t.client = client_new(&t.world, at(192, 168, 1, 20, 0));
	t.client->watches = true;
	client_uid(t.client, UID);
	client_modes(t.client, false, false, true);
	c = &t.client->config;
	c->key_fixed = true;
	c->servers[0] = at(203, 0, 113, 1, DIRECTORY_PORT);
	c->server_count = 1;
	c->relays[0] = t.front = at(127, 0, 0, 11, DIRECTORY_PORT);
	c->relay_count = 1;
	directory_init(&t.server, &t.world, c->servers[0]);
	t.server.device = &t.camera;
	relay_init(&t.relay, &t.world, t.front);
	t.port = with_port(t.front, t.relay.assigned);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_free(&t.world);
	return 0;
}

static void begin(void)
{
	client_race(t.client);
	t.us = client_event(t.client, 0, PPCS_EVENT_ATTEMPT_STARTED)->event.local;
}

static void say(const struct ppcs_address *source, uint8_t type, const void *body, size_t size)
{
	struct wire m;

	wire_begin(&m, type);
	wire_put(&m, body, size);
	world_send(&t.world, source, &t.us, &m);
	world_run(&t.world, 3);
}

static void give_port(uint32_t key, uint16_t port)
{
	uint8_t body[8] = { (uint8_t)(key >> 24), (uint8_t)(key >> 16), (uint8_t)(key >> 8),
			    (uint8_t)key,         (uint8_t)(port >> 8), (uint8_t)port };

	say(&t.front, RLY_PORT_ACK, body, sizeof(body));
}

static bool is_up(void)
{
	return client_event(t.client, 0, PPCS_EVENT_ATTEMPT_UP) != NULL;
}

/* RLY_REQ each 100 ms, until one server has taken it. */
static void test_requests_each_100_ms(void **state)
{
	(void)state;
	t.server.hello_only = true;
	client_race(t.client);
	world_run(&t.world, 1004);
	assert_int_equal(client_sent(t.client, 0, RLY_REQ, NULL), 11);
	t.server.hello_only = false;
	t.server.no_relay_to = true;
	world_run(&t.world, 200);
	assert_in_range(client_sent(t.client, 0, RLY_REQ, NULL), 12, 13);
	world_run(&t.world, 500);
	assert_in_range(client_sent(t.client, 0, RLY_REQ, NULL), 12, 13);
}

/* The device is woken by P2P_REQ, but a punch is not wanted. */
static void test_punch_to_is_ignored(void **state)
{
	(void)state;
	assert_true(client_run(t.client)->success);
	assert_true(t.server.requests > 0);
	assert_int_equal(client_sent(t.client, 0, PUNCH_PKT, NULL), 0);
}

static void test_port_without_hello(void **state)
{
	(void)state;
	t.relay.no_hello = true;
	begin();
	world_run(&t.world, 50);
	assert_int_equal(client_sent(t.client, 0, RLY_PORT, NULL), 0);
	give_port(t.relay.number, t.relay.assigned);
	client_finish(t.client, 100);
	assert_true(t.client->kept.report.success);
	assert_true(same_address(&t.client->kept.report.peer, &t.port));
}

/* RLY_RDY although no server has said anything. */
static void test_ready_without_an_answer_of_the_servers(void **state)
{
	(void)state;
	t.server.silent = true;
	begin();
	world_run(&t.world, 50);
	assert_false(is_up());
	say(&t.port, RLY_RDY, t.camera.did, DID_BYTES);
	assert_true(is_up());
}

static void test_ready_before_there_is_a_port(void **state)
{
	(void)state;
	t.relay.silent = true;
	begin();
	world_run(&t.world, 50);
	say(&t.front, RLY_RDY, t.camera.did, DID_BYTES);
	say(&t.port, RLY_RDY, t.camera.did, DID_BYTES);
	assert_false(is_up());
}

static void test_ready_from_somebody_else(void **state)
{
	struct ppcs_address stranger = at(127, 0, 0, 66, t.relay.assigned);

	(void)state;
	t.server.silent = true;
	t.client->config.timeout_ms = 1000;
	begin();
	world_run(&t.world, 50);
	say(&stranger, RLY_RDY, t.camera.did, DID_BYTES);
	say(&t.client->config.servers[0], RLY_RDY, t.camera.did, DID_BYTES);
	assert_false(is_up());
	client_finish(t.client, 1000);
	assert_false(t.client->kept.report.success);
}

static void test_ready_for_another_device(void **state)
{
	uint8_t other[DID_BYTES];

	(void)state;
	wire_did(other, "TEST-000007-BCDEF");
	t.server.silent = true;
	t.client->config.timeout_ms = 1000;
	begin();
	world_run(&t.world, 50);
	say(&t.port, RLY_RDY, other, DID_BYTES);
	assert_false(is_up());
	client_finish(t.client, 1000);
	assert_int_equal(t.client->kept.report.verdict, PPCS_VERDICT_OTHER_DEVICE);
	assert_string_equal(t.client->kept.report.uid, "TEST-000007-BCDEF");
}

/* A server may not send us to a relay that nobody has chosen, nor with another key. */
static void test_relay_to_elsewhere(void **state)
{
	struct ppcs_address elsewhere = at(100, 64, 0, 1, 4000);
	struct wire m;
	size_t before;

	(void)state;
	t.server.no_relay_to = true;
	t.server.device = NULL;
	begin();
	world_run(&t.world, 20);
	before = client_sent(t.client, 0, RLY_PKT, NULL);
	wire_begin(&m, RLY_TO);
	wire_put_address(&m, &elsewhere);
	wire_put_u32be(&m, t.relay.number);
	directory_send(&t.server, &t.us, &m);
	wire_begin(&m, RLY_TO);
	wire_put_address(&m, &t.port);
	wire_put_u32be(&m, 1);
	directory_send(&t.server, &t.us, &m);
	world_run(&t.world, 20);
	assert_int_equal(client_sent(t.client, 0, RLY_PKT, NULL), before);
	/* This is the right one. */
	wire_begin(&m, RLY_TO);
	wire_put_address(&m, &t.port);
	wire_put_u32be(&m, t.relay.number);
	directory_send(&t.server, &t.us, &m);
	world_run(&t.world, 20);
	assert_int_equal(client_sent(t.client, 0, RLY_PKT, NULL), before + 4);
	for (size_t i = 0; i < t.client->sent_count; i++)
		assert_int_not_equal(t.client->sent[i].to.ip[0], 100);
}

/* The answer to our second RLY_PORT comes late: port and key stay as they are. */
static void test_another_port_later(void **state)
{
	(void)state;
	t.server.silent = true;
	begin();
	world_run(&t.world, 20);
	give_port(7, 9999);
	world_run(&t.world, 600);
	for (size_t i = 0; i < t.client->sent_count; i++) {
		const struct sent *s = &t.client->sent[i];

		if (s->head[1] != RLY_PKT)
			continue;
		assert_int_equal(s->to.port, t.relay.assigned);
		assert_memory_equal(s->head + 4, "\x1a\x2b\x3c\x4d", 4);
	}
}

/* "Off line" is what the servers say of a device that sleeps: it is waited for all the same. */
static void test_off_line_and_it_wakes_up(void **state)
{
	(void)state;
	t.server.result = -2;
	assert_true(client_run(t.client)->success);
}

static void test_off_line_for_good(void **state)
{
	(void)state;
	t.server.result = -2;
	t.server.relay_result = -2;
	t.client->config.timeout_ms = 8000;
	client_run(t.client);
	assert_true(t.server.relay_requests > 30); /* none of them was taken */
	assert_int_equal(t.client->kept.report.verdict, PPCS_VERDICT_OFFLINE);
	assert_int_equal(t.client->kept.report.error, -ECONNREFUSED);
}

static void test_relay_request_that_is_refused(void **state)
{
	(void)state;
	t.server.relay_result = -1;
	client_run(t.client);
	assert_int_equal(t.client->kept.report.verdict, PPCS_VERDICT_UNKNOWN_UID);
	assert_in_range(t.client->kept.report.elapsed_ms, 1, 200);
}

/* The one has no port, to the other the device does not come: that one got further. */
static void test_one_is_full_and_the_device_does_not_come(void **state)
{
	struct relay_host full;

	(void)state;
	t.client->config.relays[1] = at(127, 0, 0, 12, DIRECTORY_PORT);
	t.client->config.relay_count = 2;
	relay_init(&full, &t.world, t.client->config.relays[1]);
	full.assigned = 0;
	t.server.device = NULL;
	t.client->config.timeout_ms = 8000;
	client_run(t.client);
	assert_int_equal(t.client->kept.report.verdict, PPCS_VERDICT_NO_DEVICE);
	assert_int_equal(t.client->kept.report.error, -ETIMEDOUT);
}

static void test_no_port_without_hello(void **state)
{
	(void)state;
	t.relay.no_hello = true;
	t.client->config.timeout_ms = 1000;
	begin();
	world_run(&t.world, 50);
	give_port(t.relay.number, 0);
	client_finish(t.client, 1000);
	assert_int_equal(t.client->kept.report.verdict, PPCS_VERDICT_RELAY_FULL);
	assert_string_equal(t.client->kept.report.racers[PPCS_RELAY].attempts[0].error,
			    "the relay has no free port");
}

/* A relay to which the device did not come is left out for the others. */
static void test_relays_that_failed_are_left_out(void **state)
{
	struct relay_host second;

	(void)state;
	t.client->config.relays[1] = at(127, 0, 0, 12, DIRECTORY_PORT);
	t.client->config.relay_count = 2;
	relay_init(&second, &t.world, t.client->config.relays[1]);
	second.silent = true;
	t.server.no_relay_to = true;
	t.server.device = NULL;
	begin();
	world_run(&t.world, 1900);
	assert_int_equal(t.relay.ports, 1);
	/* Two seconds were for the device; now only the other one is asked. */
	world_run(&t.world, 300);
	t.relay.hellos = 0;
	second.hellos = 0;
	world_run(&t.world, 2000);
	assert_int_equal(t.relay.hellos, 0);
	/* Also in the next attempt of this race. */
	second.silent = false;
	second.no_hello = true;
	world_run(&t.world, 3000);
	assert_int_equal(client_events(t.client, PPCS_EVENT_ATTEMPT_STARTED), 2);
	assert_int_equal(t.relay.hellos, 0);
	assert_true(second.hellos > 0);
	/* And nobody else being left they are asked again. */
	second.no_hello = false;
	second.assigned = 0;
	world_run(&t.world, 10000);
	assert_true(t.relay.hellos > 0);
}

/* All that comes to the relay is obfuscated like all else. */
static void test_relay_with_a_key(void **state)
{
	(void)state;
	t.client->config.key_fixed = false;
	t.relay.key = t.server.key = t.camera.key = "SHIX";
	assert_true(client_run(t.client)->success);
	assert_string_equal(t.client->kept.report.key, "SHIX");
}

/* The camera is there by all ways; the relay was first. What LAN and P2P hear now is too late. */
static void test_other_ways_that_answer_later(void **state)
{
	size_t sent;

	(void)state;
	client_modes(t.client, true, true, true);
	client_aim(t.client, t.camera.host.ip);
	t.camera.answer_ms = 200;
	t.camera.ready_ms = 200;
	assert_true(client_run(t.client)->success);
	assert_int_equal(t.client->kept.report.mode, PPCS_RELAY);
	assert_int_equal(t.client->kept.report.racers[PPCS_LAN].state, PPCS_CANCELLED);
	assert_int_equal(t.client->kept.report.racers[PPCS_P2P].state, PPCS_CANCELLED);
	assert_int_equal(client_open(t.client), 1);
	sent = t.client->sent_count;
	world_run(&t.world, 30000);
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_CONNECTED);
	assert_int_equal(t.client->closes, 0);
	for (size_t i = sent; i < t.client->sent_count; i++)
		assert_true(same_address(&t.client->sent[i].to, &t.port));
	/* Nor does it help to come to the socket of the winner. */
	t.us = t.client->kept.report.local;
	say(&(struct ppcs_address){ { 198, 51, 100, 9 }, CAMERA_PORT }, P2P_RDY, t.camera.did,
	    DID_BYTES);
	say(&(struct ppcs_address){ { 198, 51, 100, 9 }, CAMERA_PORT }, CLOSE, NULL, 0);
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_CONNECTED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_requests_each_100_ms),
		TEST(test_punch_to_is_ignored),
		TEST(test_port_without_hello),
		TEST(test_ready_without_an_answer_of_the_servers),
		TEST(test_ready_before_there_is_a_port),
		TEST(test_ready_from_somebody_else),
		TEST(test_ready_for_another_device),
		TEST(test_relay_to_elsewhere),
		TEST(test_another_port_later),
		TEST(test_off_line_and_it_wakes_up),
		TEST(test_off_line_for_good),
		TEST(test_relay_request_that_is_refused),
		TEST(test_one_is_full_and_the_device_does_not_come),
		TEST(test_no_port_without_hello),
		TEST(test_relays_that_failed_are_left_out),
		TEST(test_relay_with_a_key),
		TEST(test_other_ways_that_answer_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
