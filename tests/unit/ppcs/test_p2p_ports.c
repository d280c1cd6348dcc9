/* SPDX-License-Identifier: MIT */
/*
 * Which ports are punched when a server names a device, who of them may say P2P_RDY, and what the
 * servers' results do (6.3).
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
	struct directory servers[3];
	struct ppcs_address device;
} t;

static int setup(void **state)
{
	struct session_config *c;

	(void)state;
	memset(&t, 0, sizeof(t));
	world_init(&t.world, 1);
	camera_init(&t.camera, &t.world, at(198, 51, 100, 9, 0), UID);
	t.device = with_port(t.camera.host.ip, CAMERA_PORT);
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
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_free(&t.world);
	return 0;
}

/* All servers name this address and tell the camera nothing. */
static void name(struct ppcs_address device)
{
	for (unsigned i = 0; i < 3; i++) {
		t.servers[i].named[0] = device;
		t.servers[i].named_count = 1;
		t.servers[i].device = NULL;
	}
}

/* Exactly these ports of the device's host, each as often as the other. */
static void check_punched(unsigned first, unsigned last, size_t times)
{
	for (unsigned port = 0; port <= UINT16_MAX; port++) {
		struct ppcs_address to = with_port(t.device, port);

		if (port >= 1 && port >= first && port <= last)
			assert_int_equal(client_sent(t.client, 0, PUNCH_PKT, &to), times);
		else if (port + 20 > first && port < last + 20)
			assert_int_equal(client_sent(t.client, 0, PUNCH_PKT, &to), 0);
	}
}

/* At once when it is named, and with each tick of 100 ms. */
static void punch_range(unsigned range, uint16_t port)
{
	t.device = at(198, 51, 100, 77, port);
	name(t.device);
	t.client->config.punch_range = range;
	client_race(t.client);
	world_run(&t.world, 250);
}

static void test_range_of_three(void **state)
{
	(void)state;
	punch_range(3, 40000);
	check_punched(39997, 40003, 3);
}

static void test_range_of_none(void **state)
{
	(void)state;
	punch_range(0, 40000);
	check_punched(40000, 40000, 3);
}

static void test_range_of_ten(void **state)
{
	(void)state;
	punch_range(10, 40000);
	check_punched(39990, 40010, 3);
}

static void test_range_at_the_ends(void **state)
{
	(void)state;
	punch_range(3, 2);
	check_punched(1, 5, 3);
	client_stop(t.client);
	world_run(&t.world, 100);
	punch_range(3, 65534);
	check_punched(65531, 65535, 3);
}

/* Behind the same NAT its port is the right one. */
static void test_no_range_at_our_own_public_address(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		t.servers[i].public_address = at(198, 51, 100, 77, 50000);
	punch_range(3, 40000);
	check_punched(40000, 40000, 3);
}

/* The first HELLO_ACK is believed. */
static void test_public_address_of_the_first_server(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		t.servers[i].public_address = at(198, 51, 100, i == 0 ? 77 : 78, 50000);
	punch_range(3, 40000);
	check_punched(40000, 40000, 3);
}

static void ready_from(unsigned port)
{
	struct ppcs_address us = client_event(t.client, 0, PPCS_EVENT_ATTEMPT_STARTED)->event.local;

	t.camera.port = (uint16_t)port;
	camera_say_did(&t.camera, &us, P2P_RDY);
	world_run(&t.world, 20);
}

static bool is_up(void)
{
	return client_event(t.client, 0, PPCS_EVENT_ATTEMPT_UP) != NULL;
}

/* A NAT gave the device another port for us than for the server. */
static void test_ready_from_a_port_that_was_punched(void **state)
{
	(void)state;
	t.camera.no_ready = true;
	name(t.device);
	client_race(t.client);
	world_run(&t.world, 10);
	ready_from(CAMERA_PORT + 4);
	assert_false(is_up());
	ready_from(CAMERA_PORT - 3);
	assert_true(is_up());
}

/* Those beside it were not punched: who sits there is a stranger. */
static void test_ready_from_a_neighbour_at_our_own_address(void **state)
{
	(void)state;
	t.camera.no_ready = true;
	for (unsigned i = 0; i < 3; i++)
		t.servers[i].public_address = with_port(t.camera.host.ip, 50000);
	name(t.device);
	client_race(t.client);
	world_run(&t.world, 10);
	ready_from(CAMERA_PORT + 1);
	assert_false(is_up());
	ready_from(CAMERA_PORT);
	assert_true(is_up());
}

/* Zero does not end it: it is punched for the whole time of the attempt. */
static void test_accepted_and_nobody(void **state)
{
	const struct ppcs_report *r;

	(void)state;
	name(at(198, 51, 100, 77, 40000));
	t.client->config.timeout_ms = 7000;
	r = client_run(t.client);
	assert_int_equal(r->racers[PPCS_P2P].attempts[0].elapsed_ms, 5000);
	assert_string_equal(r->racers[PPCS_P2P].attempts[0].error,
			    "directory servers answer, the device does not");
}

static void test_off_line_says_everybody(void **state)
{
	const struct ppcs_report *r;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		t.servers[i].result = -2;
	r = client_run(t.client);
	assert_int_equal(r->verdict, PPCS_VERDICT_OFFLINE);
	assert_int_equal(r->racers[PPCS_P2P].attempts[0].elapsed_ms, 2);
	assert_string_equal(r->racers[PPCS_P2P].attempts[0].error, "device off line");
	/* It may have just left: asked once more, but not for ever. */
	assert_in_range(r->racers[PPCS_P2P].retries, 2, 5);
	assert_in_range(r->elapsed_ms, 50, 2000);
}

/* Those that answer say so: the silent one has a second. */
static void test_off_line_and_one_is_silent(void **state)
{
	const struct ppcs_report *r;

	(void)state;
	for (unsigned i = 0; i < 2; i++)
		t.servers[i].result = -2;
	t.servers[2].silent = true;
	r = client_run(t.client);
	assert_int_equal(r->verdict, PPCS_VERDICT_OFFLINE);
	assert_in_range(r->racers[PPCS_P2P].attempts[0].elapsed_ms, 1000, 1100);
}

/* One of them knows better. */
static void test_off_line_says_one_of_three(void **state)
{
	(void)state;
	t.servers[0].result = -2;
	t.camera.ready_ms = 2500; /* it wakes up */
	assert_true(client_run(t.client)->success);
	assert_in_range(t.client->kept.report.elapsed_ms, 2500, 2600);
	assert_int_equal(t.client->kept.report.racers[PPCS_P2P].retries, 0);
}

static void test_off_line_first_and_then_there(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		t.servers[i].result = -2;
	client_race(t.client);
	world_run(&t.world, 20);
	for (unsigned i = 0; i < 3; i++)
		t.servers[i].result = 0;
	client_finish(t.client, 1000);
	assert_true(t.client->kept.report.success);
}

/* What the servers refuse does not keep anybody from trying the address. */
static void test_unknown_id_and_the_direct_punch(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		t.servers[i].result = -1;
	client_aim(t.client, t.camera.host.ip);
	client_ports(t.client, (const uint16_t[]){ 9, CAMERA_PORT }, 2);
	assert_true(client_run(t.client)->success);
	assert_int_equal(t.client->kept.report.destination.port, CAMERA_PORT);
	/* Nobody asks again what does not change. */
	assert_int_equal(t.servers[0].requests, 1);
	assert_in_range(t.client->kept.report.elapsed_ms, 1, 110);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_range_of_three),
		TEST(test_range_of_none),
		TEST(test_range_of_ten),
		TEST(test_range_at_the_ends),
		TEST(test_no_range_at_our_own_public_address),
		TEST(test_public_address_of_the_first_server),
		TEST(test_ready_from_a_port_that_was_punched),
		TEST(test_ready_from_a_neighbour_at_our_own_address),
		TEST(test_accepted_and_nobody),
		TEST(test_off_line_says_everybody),
		TEST(test_off_line_and_one_is_silent),
		TEST(test_off_line_says_one_of_three),
		TEST(test_off_line_first_and_then_there),
		TEST(test_unknown_id_and_the_direct_punch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
