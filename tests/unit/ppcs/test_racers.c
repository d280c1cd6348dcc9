/* SPDX-License-Identifier: MIT */
/* Racers that lack what they need, and races with too little time (12.2). */
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

static const uint16_t one_port[] = { CAMERA_PORT };

static int setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	world_init(&t.world, 1);
	camera_init(&t.camera, &t.world, at(192, 0, 2, 7, 0), UID);
	t.client = client_new(&t.world, at(192, 0, 2, 100, 0));
	t.client->watches = true;
	client_aim(t.client, t.camera.host.ip);
	client_uid(t.client, UID);
	client_ports(t.client, one_port, 1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_free(&t.world);
	return 0;
}

/* Nobody at the port: an attempt ends soon, and the pauses between are what is looked at. */
static void nobody(void)
{
	t.camera.port = 1;
	t.camera.search_port = 0;
	t.camera.host.icmp = true;
	client_modes(t.client, true, false, false);
}

static void lacking(enum ppcs_mode mode, const char *error)
{
	const struct ppcs_report *r = client_run(t.client);

	assert_int_equal(r->racers[mode].state, PPCS_FAILED);
	assert_string_equal(r->racers[mode].error, error);
	assert_int_equal(r->racers[mode].attempt_count, 0);
	assert_int_equal(r->racers[mode].elapsed_ms, 0);
	assert_true(r->racers[mode].started);
	assert_int_equal(r->racers[mode].local_port, 0);
	client_stop(t.client);
	world_run(&t.world, 100);
}

static void test_relay_racer_without_what_it_needs(void **state)
{
	(void)state;
	client_modes(t.client, true, true, true);
	lacking(PPCS_RELAY, "no relay given");
	/* It does not hold the others up. */
	assert_true(t.client->kept.report.success);

	t.client->config.relay_search = true;
	lacking(PPCS_RELAY, "no directory server given");
	assert_true(t.client->kept.report.success);

	t.client->config.relays[0] = at(198, 51, 100, 20, DIRECTORY_PORT);
	t.client->config.relay_count = 1;
	memset(&t.client->config.uid, 0, sizeof(t.client->config.uid));
	lacking(PPCS_RELAY, "no device id given");
	assert_true(t.client->kept.report.success);
}

static void test_racers_without_an_address(void **state)
{
	(void)state;
	t.client->config.address_count = 0;
	lacking(PPCS_LAN, "no address and no broadcast");
	lacking(PPCS_P2P, "no address and no broadcast");
	assert_false(t.client->kept.report.success);
	assert_int_equal(t.client->kept.report.verdict, PPCS_VERDICT_NO_WAY);
	assert_int_equal(t.client->kept.report.elapsed_ms, 0);
	assert_int_equal(t.client->sent_count, 0);
}

static void test_all_modes_off(void **state)
{
	const struct ppcs_report *r;

	(void)state;
	client_modes(t.client, false, false, false);
	r = client_run(t.client);
	assert_int_equal(r->verdict, PPCS_VERDICT_NO_WAY);
	for (unsigned i = 0; i < PPCS_MODES; i++) {
		assert_int_equal(r->racers[i].state, PPCS_NOT_STARTED);
		assert_false(r->racers[i].started);
		assert_non_null(r->racers[i].name);
		assert_null(r->racers[i].error);
	}
	assert_int_equal(t.client->opened, 0);
}

static void test_no_socket_can_be_opened(void **state)
{
	const struct ppcs_report *r;

	(void)state;
	t.client->open_error = -EMFILE;
	r = client_run(t.client);
	assert_int_equal(r->verdict, PPCS_VERDICT_NO_WAY);
	assert_non_null(strstr(r->text, "socket"));
	assert_string_equal(r->racers[PPCS_LAN].error, "no socket");
	/* With pauses in between. */
	assert_in_range(r->racers[PPCS_P2P].retries, 10, 30);
	assert_int_equal(r->racers[PPCS_P2P].local_port, 0);
	assert_int_equal(client_events(t.client, PPCS_EVENT_ATTEMPT_STARTED),
			 client_events(t.client, PPCS_EVENT_ATTEMPT_ENDED));
}

static void test_the_shortest_race(void **state)
{
	const struct ppcs_report *r;

	(void)state;
	t.client->config.timeout_ms = 1;
	r = client_run(t.client);
	assert_false(r->success);
	assert_int_equal(r->elapsed_ms, 1);
	assert_int_equal(r->verdict, PPCS_VERDICT_NOTHING);
}

/* A mode that would have started later than the race ended. */
static void test_time_over_before_the_start(void **state)
{
	const struct ppcs_report *r;

	(void)state;
	nobody();
	t.client->config.weight_fixed[PPCS_P2P] = true;
	t.client->config.timeout_ms = 400;
	r = client_run(t.client);
	assert_int_equal(r->verdict, PPCS_VERDICT_NO_WAY);
	assert_int_equal(r->racers[PPCS_P2P].state, PPCS_FAILED);
	assert_string_equal(r->racers[PPCS_P2P].error, "the time of the race was over");
	assert_int_equal(t.client->sent_count, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_relay_racer_without_what_it_needs),
		TEST(test_racers_without_an_address),
		TEST(test_all_modes_off),
		TEST(test_no_socket_can_be_opened),
		TEST(test_the_shortest_race),
		TEST(test_time_over_before_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
