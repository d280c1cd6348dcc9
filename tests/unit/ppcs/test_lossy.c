/* SPDX-License-Identifier: MIT */
/*
 * A bad network: a thousand races with 30 % loss, duplicates and overtaking in both directions, and
 * 500 races at once, all won. Prints how long they took.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "hosts.h"

#define UID     "TEST-012345-ABCDE"
#define RACES   1000
#define AT_ONCE 500

static const struct quality bad = {
	.latency_min = 1, .latency_max = 2, .lost = 30, .doubled = 10, .late = 20, .late_max = 20
};

static int ascending(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* @return the median */
static uint32_t print(const char *what, uint32_t *ms, size_t n)
{
	qsort(ms, n, sizeof(*ms), ascending);
	print_message("%s, %zu races: min %u, median %u, p95 %u, max %u ms\n", what, n, ms[0],
		      ms[n / 2], ms[n * 95 / 100], ms[n - 1]);
	return ms[n / 2];
}

static void aim(struct client *c, struct camera *camera)
{
	client_aim(c, camera->host.ip);
	client_uid(c, UID);
}

static uint32_t race_once(uint64_t seed, unsigned offers, bool p2p, bool lan)
{
	struct world w;
	struct camera camera;
	struct client *c;
	uint32_t ms;

	world_init(&w, seed);
	w.quality = bad;
	camera_init(&camera, &w, at(192, 0, 2, 7, 0), UID);
	camera.offers = offers;
	c = client_new(&w, at(192, 0, 2, 100, 0));
	c->watches = true;
	aim(c, &camera);
	client_modes(c, p2p, lan, false);
	client_run(c);
	ms = c->kept.report.elapsed_ms;
	if (!c->kept.report.success)
		fail_msg("race %u: %s", (unsigned)seed, c->kept.report.text);
	assert_string_equal(c->kept.report.uid, UID);
	assert_true(same_ip(&c->kept.report.peer, &camera.host.ip));
	assert_int_equal(client_open(c), 1);
	world_free(&w);
	return ms;
}

static uint32_t many(const char *what, unsigned offers, bool p2p, bool lan)
{
	static uint32_t ms[RACES];

	for (unsigned i = 0; i < RACES; i++)
		ms[i] = race_once(i, offers, p2p, lan);
	return print(what, ms, RACES);
}

static void test_both_ways(void **state)
{
	(void)state;
	assert_true(many("LAN and P2P", 0, true, true) < 400);
}

static void test_lan_alone(void **state)
{
	(void)state;
	assert_true(many("LAN alone", 0, false, true) < 400);
}

static void test_p2p_alone(void **state)
{
	(void)state;
	assert_true(many("P2P alone", 0, true, false) < 400);
}

/* The 51 offers of TCP cost 300 ms by themselves. */
static void test_lan_alone_with_offers_of_tcp(void **state)
{
	(void)state;
	many("LAN alone, 51 offers of TCP", 51, false, true);
}

/* Once won, the session lives through it: no more than 6 s of silence in a minute. */
static void test_session_over_a_bad_network(void **state)
{
	unsigned alive = 0;

	(void)state;
	for (unsigned i = 0; i < 50; i++) {
		struct world w;
		struct camera camera;
		struct client *c;

		world_init(&w, i);
		w.quality = bad;
		camera_init(&camera, &w, at(192, 0, 2, 7, 0), UID);
		c = client_new(&w, at(192, 0, 2, 100, 0));
		aim(c, &camera);
		assert_true(client_run(c)->success);
		world_run(&w, 60000);
		alive += ppcs_session_state(c->session) == PPCS_STATE_CONNECTED;
		world_free(&w);
	}
	assert_int_equal(alive, 50);
}

/* 500 cores in one thread, one camera, one bad network. */
static void test_500_at_once(void **state)
{
	static struct client *clients[AT_ONCE];
	static struct line lines[8 * AT_ONCE];
	static uint32_t ms[AT_ONCE];
	struct world w;
	struct camera camera;
	unsigned left = AT_ONCE;

	(void)state;
	world_init(&w, 1);
	w.quality = bad;
	camera_init(&camera, &w, at(192, 0, 2, 7, 0), UID);
	camera.more = lines;
	camera.line_room = sizeof(lines) / sizeof(lines[0]);
	for (unsigned i = 0; i < AT_ONCE; i++) {
		clients[i] = client_new(&w, at(10, 1, i / 250, 1 + i % 250, 0));
		aim(clients[i], &camera);
		clients[i]->config.key_fixed = true;
	}
	for (unsigned i = 0; i < AT_ONCE; i++)
		client_race(clients[i]);
	while (left > 0) {
		assert_true(world_step(&w, w.now + 30000));
		left = 0;
		for (unsigned i = 0; i < AT_ONCE; i++)
			left += clients[i]->results == 0;
	}
	for (unsigned i = 0; i < AT_ONCE; i++) {
		assert_true(clients[i]->kept.report.success);
		assert_int_equal(client_open(clients[i]), 1);
		ms[i] = clients[i]->kept.report.elapsed_ms;
	}
	print("LAN and P2P, all at once", ms, AT_ONCE);
	for (unsigned i = 0; i < AT_ONCE; i++)
		client_stop(clients[i]);
	world_run(&w, 50);
	for (unsigned i = 0; i < AT_ONCE; i++)
		assert_int_equal(ppcs_session_state(clients[i]->session), PPCS_STATE_IDLE);
	world_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_lan_alone),
		cmocka_unit_test(test_p2p_alone),
		cmocka_unit_test(test_lan_alone_with_offers_of_tcp),
		cmocka_unit_test(test_session_over_a_bad_network),
		cmocka_unit_test(test_500_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
