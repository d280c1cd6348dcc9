/* SPDX-License-Identifier: MIT */
/*
 * A device that is always reached through the relay: races begin with the relay, in a handle that
 * is told what an earlier one has learnt, too (section 13).
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
#define LATENCY 5
/* RLY_HELLO, RLY_PORT, RLY_REQ and the call of the device 10 each, its RLY_PKT and RLY_RDY 10,
 * ALIVE there and back 20. */
#define RELAY_MS (12 * LATENCY)

static struct {
	struct world world;
	struct client *client;
	struct camera camera;
	struct directory server;
	struct relay_host relay;
	uint64_t started;
	size_t first; /**< index of the first event of the race */
} t;

/* A client that asks the server, the relay, and the address at which the device once was. */
static struct client *new_client(unsigned number)
{
	struct client *client = client_new(&t.world, at(192, 168, 1, number, 0));
	struct session_config *c = &client->config;

	client->watches = true;
	client_uid(client, UID);
	client_modes(client, true, true, true);
	client_aim(client, at(192, 168, 1, 7, 0));
	client_ports(client, (const uint16_t[]){ CAMERA_PORT }, 1);
	c->key_fixed = true;
	c->servers[0] = t.server.host.ip;
	c->servers[0].port = DIRECTORY_PORT;
	c->server_count = 1;
	c->relays[0] = at(127, 0, 0, 11, DIRECTORY_PORT);
	c->relay_count = 1;
	return client;
}

static int setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	world_init(&t.world, 1);
	t.world.quality = (struct quality){ .latency_min = LATENCY, .latency_max = LATENCY };
	camera_init(&t.camera, &t.world, at(198, 51, 100, 9, 0), UID);
	t.camera.search_port = 0;
	relay_init(&t.relay, &t.world, at(127, 0, 0, 11, DIRECTORY_PORT));
	t.relay.assigned = 41234;
	directory_init(&t.server, &t.world, at(203, 0, 113, 1, DIRECTORY_PORT));
	t.server.device = &t.camera;
	t.server.no_punch_to = true; /* the device cannot be punched through to */
	t.client = new_client(20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_free(&t.world);
	return 0;
}

static uint32_t weight(enum ppcs_mode mode)
{
	struct ppcs_path_statistics st;

	for (size_t i = 0;
	     ppcs_session_path_statistics(t.client->session, i, t.world.now, &st) == 0; i++)
		if (st.mode == mode && st.port == 0)
			return st.weight;
	return 1000;
}

static void assert_weights(uint32_t p2p, uint32_t lan, uint32_t relay)
{
	assert_int_equal(weight(PPCS_P2P), p2p);
	assert_int_equal(weight(PPCS_LAN), lan);
	assert_int_equal(weight(PPCS_RELAY), relay);
}

static void tell(enum ppcs_mode mode, uint32_t failures, uint32_t weight)
{
	struct ppcs_path_statistics st = { .mode = mode, .failures = failures, .weight = weight };

	assert_int_equal(ppcs_session_set_path_statistics(t.client->session, &st, t.world.now), 0);
}

/* Race, part, be idle again. */
static const struct ppcs_report *race(void)
{
	const struct ppcs_report *r;

	t.started = t.world.now;
	t.first = t.client->seen_count;
	memset(t.relay.sides, 0, sizeof(t.relay.sides));
	r = client_run(t.client);
	client_stop(t.client);
	world_run(&t.world, 1000);
	assert_int_equal(client_open(t.client), 0);
	return r;
}

/* When the mode made its first attempt in the race; -1 = it was over before. */
static int began(enum ppcs_mode mode)
{
	for (size_t i = t.first; i < t.client->seen_count; i++) {
		const struct ppcs_event *e = &t.client->seen[i].event;

		if (e->type == PPCS_EVENT_ATTEMPT_STARTED && e->mode == mode)
			return (int)(e->time_ms - t.started);
	}
	return -1;
}

static void assert_order(int p2p, int lan, int relay)
{
	assert_int_equal(began(PPCS_P2P), p2p);
	assert_int_equal(began(PPCS_LAN), lan);
	assert_int_equal(began(PPCS_RELAY), relay);
}

static void won_by_relay(uint32_t elapsed)
{
	const struct ppcs_report *r = race();

	assert_true(r->success);
	assert_int_equal(r->mode, PPCS_RELAY);
	assert_int_equal(r->elapsed_ms, elapsed);
}

/* Everything at once; but the next race begins with the relay, and what waits for it is left as it
 * is. */
static void test_first(void **state)
{
	(void)state;
	won_by_relay(RELAY_MS);
	assert_order(0, 0, 0);
	assert_weights(750, 750, 1000);
	for (unsigned i = 0; i < 5; i++) {
		won_by_relay(RELAY_MS);
		assert_order(-1, -1, 0);
		assert_weights(750, 750, 1000);
	}
}

/* Those who start too late to have had a chance lose nothing by it, however slow the relay is. */
static void test_who_starts_later_loses_nothing(void **state)
{
	(void)state;
	t.world.quality = (struct quality){ .latency_min = 20, .latency_max = 20 };
	won_by_relay(12 * 20);
	assert_order(0, 0, 0);
	for (unsigned i = 0; i < 5; i++) {
		won_by_relay(12 * 20);
		assert_order(125, 125, 0);
		assert_weights(750, 750, 1000);
	}
}

/* A relay that had to wait, because it was out of reach for a while, goes first again and wins so
 * much earlier. */
static void test_wins_faster(void **state)
{
	(void)state;
	tell(PPCS_RELAY, 2, 400);
	won_by_relay(300 + RELAY_MS);
	assert_order(0, 0, 300);
	assert_weights(750, 750, 550); /* 400 + a quarter of 600 */
	won_by_relay(100 + RELAY_MS);
	assert_order(0, 0, 100);
	assert_weights(563, 563, 663); /* 750 - 187; 550 + 113 */
	won_by_relay(RELAY_MS);
	assert_order(50, 50, 0);
	assert_weights(563, 563, 748);
	won_by_relay(RELAY_MS);
	assert_order(-1, -1, 0);
}

/* As the tool hands it on from one process to the next. */
static void test_in_the_next_handle(void **state)
{
	struct client *old = t.client;
	struct ppcs_path_statistics st;

	(void)state;
	tell(PPCS_RELAY, 2, 400);
	won_by_relay(300 + RELAY_MS);
	won_by_relay(100 + RELAY_MS);
	t.client = new_client(21);
	for (size_t i = 0; ppcs_session_path_statistics(old->session, i, t.world.now, &st) == 0;
	     i++)
		assert_int_equal(
			ppcs_session_set_path_statistics(t.client->session, &st, t.world.now), 0);
	assert_weights(563, 563, 663);
	won_by_relay(RELAY_MS);
	assert_order(50, 50, 0);
}

/* Nobody is shut out: the device is back in the LAN, and that is faster than a relay which is far
 * away by more than the delay. */
static void test_back_in_the_lan(void **state)
{
	(void)state;
	won_by_relay(RELAY_MS);
	assert_weights(750, 750, 1000);
	t.relay.silent = true;
	t.camera.search_port = SEARCH_PORT;
	t.camera.port = 61234;
	client_aim(t.client, t.camera.host.ip);
	assert_int_equal(race()->mode, PPCS_LAN);
	assert_order(125, 125, 0);
	assert_int_equal(t.client->kept.report.elapsed_ms, 125 + 6 * LATENCY);
	assert_weights(563, 813, 750); /* 750 + 63; the two others had their chance */
	assert_int_equal(race()->mode, PPCS_LAN);
	assert_order(-1, 0, -1);
	assert_int_equal(t.client->kept.report.elapsed_ms, 6 * LATENCY);
}

/* A server that answers is not the device: with it alone P2P has come no further than LAN. */
static void test_servers_answer_for_themselves(void **state)
{
	(void)state;
	client_modes(t.client, true, false, true);
	won_by_relay(RELAY_MS);
	assert_true(t.server.hellos > 0);
	assert_int_equal(t.client->kept.report.racers[PPCS_P2P].attempts[1].level,
			 PPCS_LEVEL_ANSWER);
	assert_weights(750, 1000, 1000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_first),           TEST(test_who_starts_later_loses_nothing),
		TEST(test_wins_faster),     TEST(test_in_the_next_handle),
		TEST(test_back_in_the_lan), TEST(test_servers_answer_for_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
