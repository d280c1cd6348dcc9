/* SPDX-License-Identifier: MIT */
/* ICMP "port unreachable" is a hint that shortens waiting, and never a proof (section 7, 12.3). */
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
} t;

static int setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	world_init(&t.world, 1);
	camera_init(&t.camera, &t.world, at(192, 0, 2, 7, 0), UID);
	t.camera.host.icmp = true;
	t.client = client_new(&t.world, at(192, 0, 2, 100, 0));
	t.client->watches = true;
	t.client->config.key_fixed = true;
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

/* Its ports are closed until the test opens them. */
static void close_ports(void)
{
	t.camera.port = 1;
	t.camera.search_port = 0;
}

static void one_mode(enum ppcs_mode mode, uint16_t port)
{
	client_modes(t.client, mode == PPCS_P2P, mode == PPCS_LAN, false);
	client_ports(t.client, &port, 1);
	t.client->config.search_port = SEARCH_PORT;
}

/* Some probes more, then the attempt has had its time. */
static void test_an_attempt_at_a_closed_port_ends_early(void **state)
{
	const struct ppcs_attempt *a;

	(void)state;
	for (unsigned mode = 0; mode < 2; mode++) {
		close_ports();
		one_mode((enum ppcs_mode)mode, SEARCH_PORT);
		t.client->config.timeout_ms = 3000;
		client_run(t.client);
		a = &t.client->kept.report.racers[mode].attempts[0];
		assert_in_range(a->elapsed_ms, 200, 500);
		assert_in_range(a->sent, 2, 5);
		assert_string_equal(a->error, "port closed");
		world_run(&t.world, 100);
	}
}

/* It was closed only for a moment: the same attempt goes on. */
static void test_a_port_that_opens_again(void **state)
{
	(void)state;
	for (unsigned mode = 0; mode < 2; mode++) {
		close_ports();
		one_mode((enum ppcs_mode)mode, mode == PPCS_LAN ? SEARCH_PORT : CAMERA_PORT);
		client_race(t.client);
		world_run(&t.world, 50);
		t.camera.port = CAMERA_PORT;
		t.camera.search_port = SEARCH_PORT;
		client_finish(t.client, 1000);
		assert_true(t.client->kept.report.success);
		assert_int_equal(t.client->kept.report.racers[mode].retries, 0);
		assert_in_range(t.client->kept.report.elapsed_ms, 100, 110);
		client_stop(t.client);
		world_run(&t.world, 100);
	}
}

/* Who has answered is there, whatever ICMP said: his attempt has its whole time. */
static void test_an_answer_counts_for_more(void **state)
{
	struct ppcs_address us;

	(void)state;
	for (unsigned mode = 0; mode < 2; mode++) {
		size_t from = t.client->seen_count;

		close_ports();
		one_mode((enum ppcs_mode)mode, SEARCH_PORT);
		client_race(t.client);
		world_run(&t.world, 50);
		us = client_event(t.client, from, PPCS_EVENT_ATTEMPT_STARTED)->event.local;
		t.camera.port = CAMERA_PORT;
		t.camera.no_ready = true;
		camera_say_did(&t.camera, &us, PUNCH_PKT);
		world_run(&t.world, 4000);
		assert_non_null(client_event(t.client, from, PPCS_EVENT_ATTEMPT_ANSWERED));
		assert_null(client_event(t.client, from, PPCS_EVENT_ATTEMPT_ENDED));
		client_stop(t.client);
		world_run(&t.world, 100);
	}
}

/* About a port that is none of ours to ask about. */
static void test_another_port(void **state)
{
	struct ppcs_address other = with_port(t.camera.host.ip, 7);
	const struct ppcs_attempt *a;

	(void)state;
	close_ports();
	t.camera.host.icmp = false;
	one_mode(PPCS_LAN, SEARCH_PORT);
	t.client->config.timeout_ms = 2000;
	client_race(t.client);
	world_run(&t.world, 10);
	ppcs_session_unreachable(t.client->session, t.client->sent[0].socket, &other, t.world.now);
	client_finish(t.client, 2000);
	a = &t.client->kept.report.racers[PPCS_LAN].attempts[0];
	assert_int_equal(a->elapsed_ms, 1500);
	assert_string_equal(a->error, "no answer");
}

static void test_servers_that_are_not_there(void **state)
{
	struct host host;

	(void)state;
	close_ports();
	host_init(&host, at(203, 0, 113, 1, 0));
	host.icmp = true;
	world_add(&t.world, &host);
	t.client->config.servers[0] = with_port(host.ip, DIRECTORY_PORT);
	t.client->config.server_count = 1;
	t.client->config.address_count = 0;
	t.client->config.timeout_ms = 6000;
	client_run(t.client);
	assert_int_equal(t.client->kept.report.verdict, PPCS_VERDICT_CLOSED_PORT);
	assert_int_equal(t.client->kept.report.error, -EHOSTUNREACH);
}

/* A path that is up: the proof may still come. */
static void test_before_the_proof(void **state)
{
	(void)state;
	one_mode(PPCS_P2P, CAMERA_PORT);
	t.camera.no_alive_ack = true;
	t.camera.greet_ms = 3000;
	client_race(t.client);
	for (unsigned i = 0; i < 29; i++) {
		world_run(&t.world, 100);
		ppcs_session_unreachable(t.client->session, t.client->sent[0].socket,
					 &t.client->sent[0].to, t.world.now);
	}
	client_finish(t.client, 1000);
	assert_true(t.client->kept.report.success);
	assert_int_equal(t.client->kept.report.racers[PPCS_P2P].retries, 0);
}

/* The camera is gone and each ALIVE says so: the session does not last its 6 s. */
static void test_a_camera_that_is_gone(void **state)
{
	uint64_t began;

	(void)state;
	one_mode(PPCS_P2P, CAMERA_PORT);
	assert_true(client_run(t.client)->success);
	world_run(&t.world, 5000);
	began = t.world.now;
	memset(t.camera.lines, 0, sizeof(t.camera.lines));
	close_ports();
	while (t.client->closes == 0)
		assert_true(world_step(&t.world, began + 10000));
	assert_in_range(t.world.now - began, 1000, 4000);
	assert_int_equal(client_event(t.client, 0, PPCS_EVENT_CLOSED)->event.error, -ETIMEDOUT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_an_attempt_at_a_closed_port_ends_early),
		TEST(test_a_port_that_opens_again),
		TEST(test_an_answer_counts_for_more),
		TEST(test_another_port),
		TEST(test_servers_that_are_not_there),
		TEST(test_before_the_proof),
		TEST(test_a_camera_that_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
