/* SPDX-License-Identifier: MIT */
/* Punching through: straight at a port (6.2), and with the help of directory servers (6.3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "client.h"
#include "hosts.h"

#define UID         "TEST-012345-ABCDE"
#define DID_HEX     "5445535400000000000030394142434445000000"
#define PUNCH_BYTES "f1410014" DID_HEX

static struct {
	struct world world;
	struct client *client;
	struct camera camera;
	struct directory servers[3];
	struct ppcs_address main;
	uint64_t started;
} t;

static int setup(void **state)
{
	struct session_config *c;

	(void)state;
	memset(&t, 0, sizeof(t));
	world_init(&t.world, 1);
	t.world.quality = (struct quality){ .latency_min = 5, .latency_max = 5 };
	camera_init(&t.camera, &t.world, at(198, 51, 100, 9, 0), UID);
	t.main = with_port(t.camera.host.ip, CAMERA_PORT);
	t.client = client_new(&t.world, at(192, 168, 1, 20, 0));
	t.client->watches = true;
	client_uid(t.client, UID);
	client_modes(t.client, true, false, false);
	c = &t.client->config;
	c->key_fixed = true;
	c->server_count = 3;
	for (unsigned i = 0; i < 3; i++) {
		c->servers[i] = at(203, 0, 113, 1 + i, DIRECTORY_PORT);
		directory_init(&t.servers[i], &t.world, c->servers[i]);
		t.servers[i].device = &t.camera;
	}
	t.started = t.world.now;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_free(&t.world);
	return 0;
}

static const struct ppcs_address *server(unsigned i)
{
	return &t.client->config.servers[i];
}

static void all(void (*change)(struct directory *d))
{
	for (unsigned i = 0; i < 3; i++)
		change(&t.servers[i]);
}

/* Straight at a port of the camera, without servers. */
static void directly(void)
{
	t.client->config.server_count = 0;
	client_aim(t.client, t.camera.host.ip);
	client_ports(t.client, (const uint16_t[]){ CAMERA_PORT }, 1);
}

static void test_direct_punch_step_by_step(void **state)
{
	(void)state;
	directly();
	t.camera.ready_ms = 26;
	client_run(t.client);
	assert_true(t.client->kept.report.success);
	assert_int_equal(t.client->kept.report.elapsed_ms, 10 + 26 + 10);
	assert_true(same_address(&t.client->kept.report.peer, &t.main));
	check_sent(&t.client->sent[0], PUNCH_BYTES);
	assert_true(same_address(&t.client->sent[0].to, &t.main));
	check_sent(&t.client->sent[1], "f1e00000");
	/* P2P_RDY counts as the answer and as the path. */
	assert_int_equal(client_event(t.client, 0, PPCS_EVENT_ATTEMPT_ANSWERED)->event.time_ms,
			 t.started + 36);
	assert_int_equal(client_event(t.client, 0, PPCS_EVENT_ATTEMPT_UP)->event.time_ms,
			 t.started + 36);
}

static void test_direct_punch_each_100_ms(void **state)
{
	(void)state;
	directly();
	t.camera.ready_ms = 320;
	client_run(t.client);
	assert_int_equal(client_sent(t.client, 0, PUNCH_PKT, &t.main), 4);
}

/* The camera may answer with its own PUNCH_PKT, and from another port. */
static void test_direct_punch_answered_from_another_port(void **state)
{
	struct ppcs_address us, other = with_port(t.camera.host.ip, 50001);

	(void)state;
	directly();
	t.camera.no_ready = true;
	client_race(t.client);
	us = client_event(t.client, 0, PPCS_EVENT_ATTEMPT_STARTED)->event.local;
	t.camera.port = 50001;
	camera_say_did(&t.camera, &us, PUNCH_PKT);
	t.camera.no_ready = false;
	client_finish(t.client, 1000);
	assert_true(t.client->kept.report.success);
	assert_true(same_address(&t.client->kept.report.peer, &other));
	assert_int_equal(t.client->kept.report.destination.port, CAMERA_PORT);
	check_sent(client_first(t.client, 0, PUNCH_PKT, &other), PUNCH_BYTES);
}

/* Without an id the first device that answers is the one, and no other at that address. */
static void test_direct_punch_of_the_first_device(void **state)
{
	struct ppcs_address us;
	struct camera other;

	(void)state;
	directly();
	memset(&t.client->config.uid, 0, sizeof(t.client->config.uid));
	camera_init(&other, &t.world, t.camera.host.ip, "TEST-000007-BCDEF");
	other.port = 50001;
	t.camera.no_ready = true;
	client_race(t.client);
	us = client_event(t.client, 0, PPCS_EVENT_ATTEMPT_STARTED)->event.local;
	camera_say_did(&t.camera, &us, PUNCH_PKT);
	world_run(&t.world, 20);
	camera_say_did(&other, &us, PUNCH_PKT);
	camera_say_did(&other, &us, P2P_RDY);
	world_run(&t.world, 20);
	assert_null(client_event(t.client, 0, PPCS_EVENT_ATTEMPT_UP));
	/* Nobody can be answered at port 0. */
	t.camera.port = 0;
	camera_say_did(&t.camera, &us, PUNCH_PKT);
	camera_say_did(&t.camera, &us, P2P_RDY);
	world_run(&t.world, 20);
	assert_null(client_event(t.client, 0, PPCS_EVENT_ATTEMPT_UP));
	t.camera.port = CAMERA_PORT;
	t.camera.no_ready = false;
	client_finish(t.client, 200);
	assert_string_equal(t.client->kept.report.uid, UID);
}

static void test_servers_step_by_step(void **state)
{
	const struct ppcs_report *r;
	uint8_t port[2];

	(void)state;
	r = client_run(t.client);
	assert_true(r->success);
	/* Request 5, PUNCH_TO 5, PUNCH_PKT 5, P2P_RDY 5, ALIVE and ALIVE_ACK 10. */
	assert_int_equal(r->elapsed_ms, 30);
	assert_true(same_address(&r->peer, &t.main));
	assert_true(same_address(&r->destination, server(0)));
	assert_int_equal(r->racers[PPCS_P2P].destination_port, DIRECTORY_PORT);
	port[0] = (uint8_t)r->local.port;
	port[1] = (uint8_t)(r->local.port >> 8);
	for (unsigned i = 0; i < 3; i++) {
		const struct sent *request = client_first(t.client, 0, P2P_REQ, server(i));

		check_sent(client_first(t.client, 0, HELLO, server(i)), "f1000000");
		assert_int_equal(request->at, t.started);
		assert_int_equal(request->size, 40);
		/* Section 14, with the port of this socket, low byte first. */
		assert_memory_equal(request->head + 26, port, 2);
		assert_memory_equal(request->head + 28, ((uint8_t[]){ 20, 1, 168, 192 }), 4);
		assert_memory_equal(t.servers[i].did, t.camera.did, DID_BYTES);
		assert_true(same_address(&t.servers[i].client, &r->local));
		assert_int_equal(t.servers[i].hellos, 1);
		assert_int_equal(t.servers[i].requests, 1);
	}
	check_sent(client_first(t.client, 0, PUNCH_PKT, &t.main), PUNCH_BYTES);
	assert_int_equal(client_event(t.client, 0, PPCS_EVENT_ATTEMPT_ANSWERED)->event.time_ms,
			 t.started + 10);
}

static void forget_device(struct directory *d)
{
	d->no_punch_to = true;
}

/* HELLO until it is answered, P2P_REQ each second. */
static void test_requests_each_second(void **state)
{
	(void)state;
	all(forget_device);
	t.servers[1].silent = true;
	client_race(t.client);
	world_run(&t.world, 4500);
	for (size_t i = 0; i < t.client->sent_count; i++)
		assert_int_equal((t.client->sent[i].at - t.started) % 1000, 0);
	assert_int_equal(client_sent(t.client, 0, P2P_REQ, server(0)), 5);
	assert_int_equal(client_sent(t.client, 0, HELLO, server(0)), 1);
	assert_int_equal(client_sent(t.client, 0, P2P_REQ, server(1)), 5);
	assert_int_equal(client_sent(t.client, 0, HELLO, server(1)), 5);
}

static void test_one_of_three_servers_answers(void **state)
{
	(void)state;
	t.servers[0].silent = true;
	t.servers[1].silent = true;
	assert_true(client_run(t.client)->success);
	assert_int_equal(t.client->kept.report.elapsed_ms, 30);
	assert_true(same_address(&t.client->kept.report.destination, server(2)));
}

/* PUNCH_TO before anything else, and nothing else at all. */
static void be_silent(struct directory *d)
{
	d->silent = true;
}

static void test_punch_to_alone(void **state)
{
	struct wire m;
	struct ppcs_address us;

	(void)state;
	all(be_silent);
	client_race(t.client);
	us = client_event(t.client, 0, PPCS_EVENT_ATTEMPT_STARTED)->event.local;
	wire_begin(&m, PUNCH_TO);
	wire_put_address(&m, &t.main);
	directory_send(&t.servers[2], &us, &m);
	client_finish(t.client, 1000);
	assert_true(t.client->kept.report.success);
}

/* Only those who were asked may name somebody. */
static void test_punch_to_of_a_stranger(void **state)
{
	struct wire m;
	struct ppcs_address us;
	struct directory stranger;

	(void)state;
	all(be_silent);
	directory_init(&stranger, &t.world, at(203, 0, 113, 66, 0));
	client_race(t.client);
	us = client_event(t.client, 0, PPCS_EVENT_ATTEMPT_STARTED)->event.local;
	wire_begin(&m, PUNCH_TO);
	wire_put_address(&m, &t.main);
	directory_send(&stranger, &us, &m);
	/* Nor may a server from another port than the one that was asked. */
	host_send(&t.servers[0].host, 1, &us, &m, "");
	world_run(&t.world, 1000);
	assert_int_equal(client_sent(t.client, 0, PUNCH_PKT, NULL), 0);
}

static void name_nonsense(struct directory *d)
{
	const struct ppcs_address named[] = { at(0, 0, 0, 0, 40611), at(255, 255, 255, 255, 40611),
					      at(224, 0, 0, 1, 40611), at(198, 51, 100, 9, 0) };

	memcpy(d->named, named, sizeof(named));
	d->named_count = 4;
}

static void test_useless_addresses_are_ignored(void **state)
{
	(void)state;
	all(name_nonsense);
	client_race(t.client);
	world_run(&t.world, 2000);
	assert_int_equal(client_sent(t.client, 0, PUNCH_PKT, NULL), 0);
}

static void test_a_server_cannot_name_the_whole_world(void **state)
{
	unsigned hosts = 0;

	(void)state;
	client_race(t.client);
	for (unsigned i = 0; i < 200; i++) {
		struct ppcs_address us =
			client_event(t.client, 0, PPCS_EVENT_ATTEMPT_STARTED)->event.local;
		struct ppcs_address victim = at(100, 64, 0, i, 7);
		struct wire m;

		wire_begin(&m, PUNCH_TO);
		wire_put_address(&m, &victim);
		directory_send(&t.servers[0], &us, &m);
	}
	world_run(&t.world, 20);
	for (unsigned i = 0; i < 200; i++) {
		struct ppcs_address victim = at(100, 64, 0, i, 7);

		hosts += client_sent(t.client, 0, PUNCH_PKT, &victim) > 0;
	}
	assert_in_range(hosts, 1, 8);
}

/* Message 26: DID, local address, NAT type, version 05 02 01, the key in 24 bytes. */
static void test_device_key(void **state)
{
	const struct sent *request;
	const uint8_t tail[] = { 5, 2, 1, 's', 'e', 's', 'a', 'm', 'e', 0 };

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		strcpy(t.servers[i].dsk, "sesame");
	strcpy(t.client->config.dsk, "sesame");
	assert_true(client_run(t.client)->success);
	assert_int_equal(client_sent(t.client, 0, P2P_REQ, NULL), 0);
	request = client_first(t.client, 0, P2P_REQ_DSK, server(0));
	assert_int_equal(request->size, 4 + 64);
	assert_int_equal(request->head[3], 64);
	assert_memory_equal(request->head + 4, t.camera.did, DID_BYTES);
	assert_memory_equal(request->head + 41, tail, sizeof(tail));
}

/* The network of an init string may be obfuscated: found out like that of a camera. */
static void test_servers_with_a_key(void **state)
{
	(void)state;
	t.client->config.key_fixed = false;
	strcpy(t.client->config.server_key, "SECRETKEY");
	t.camera.key = "SECRETKEY";
	for (unsigned i = 0; i < 3; i++)
		t.servers[i].key = "SECRETKEY";
	assert_true(client_run(t.client)->success);
	assert_string_equal(t.client->kept.report.key, "SECRETKEY");
	assert_int_equal(t.client->kept.report.elapsed_ms, 30);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_direct_punch_step_by_step),
		TEST(test_direct_punch_each_100_ms),
		TEST(test_direct_punch_answered_from_another_port),
		TEST(test_direct_punch_of_the_first_device),
		TEST(test_servers_step_by_step),
		TEST(test_requests_each_second),
		TEST(test_one_of_three_servers_answers),
		TEST(test_punch_to_alone),
		TEST(test_punch_to_of_a_stranger),
		TEST(test_useless_addresses_are_ignored),
		TEST(test_a_server_cannot_name_the_whole_world),
		TEST(test_device_key),
		TEST(test_servers_with_a_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
