/* SPDX-License-Identifier: MIT */
/*
 * What a handle learns from one race for the next (section 13): how long attempts take, and which
 * modes win.
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
} t;

static const uint16_t one_port[] = { CAMERA_PORT };

static int setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	world_init(&t.world, 1);
	camera_init(&t.camera, &t.world, at(192, 0, 2, 7, 0), UID);
	t.client = client_new(&t.world, at(192, 0, 2, 100, 0));
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

/* Race, part, and be idle again. */
static bool race(void)
{
	bool won = client_run(t.client)->success;

	client_stop(t.client);
	world_run(&t.world, 1000);
	assert_int_equal(client_open(t.client), 0);
	return won;
}

static struct ppcs_path_statistics learnt(enum ppcs_mode mode, uint16_t port)
{
	struct ppcs_path_statistics st;

	for (size_t i = 0;
	     ppcs_session_path_statistics(t.client->session, i, t.world.now, &st) == 0; i++)
		if (st.mode == mode && st.port == port)
			return st;
	fail_msg("nothing learnt of %s %u", ppcs_mode_name(mode), port);
	return st;
}

/* Likewise of a mode that may be unknown. */
static uint32_t weight_or_full(enum ppcs_mode mode)
{
	struct ppcs_path_statistics st;

	for (size_t i = 0;
	     ppcs_session_path_statistics(t.client->session, i, t.world.now, &st) == 0; i++)
		if (st.mode == mode && st.port == 0)
			return st.weight;
	return 1000;
}

/* How long the first attempt of a mode lasted in the race that is over. */
static uint32_t lasted(enum ppcs_mode mode)
{
	return t.client->kept.report.racers[mode].attempts[0].elapsed_ms;
}

/* RFC 6298: SRTT = R, RTTVAR = R / 2; then 7/8 and 1/8, 3/4 and 1/4. */
static void test_time_to_path_up_is_smoothed(void **state)
{
	struct ppcs_path_statistics st;

	(void)state;
	client_modes(t.client, true, false, false);
	t.camera.ready_ms = 398;
	assert_true(race());
	st = learnt(PPCS_P2P, CAMERA_PORT);
	assert_int_equal(st.srtt_ms, 400);
	assert_int_equal(st.rttvar_ms, 200);
	t.camera.ready_ms = 798;
	assert_true(race());
	st = learnt(PPCS_P2P, CAMERA_PORT);
	assert_int_equal(st.srtt_ms, (7 * 400 + 800) / 8);
	assert_int_equal(st.rttvar_ms, (3 * 200 + 400) / 4);
	assert_int_equal(st.attempts, 2);
	assert_int_equal(st.answers, 2);
	assert_int_equal(st.successes, 2);
	assert_int_equal(st.failures, 0);
	assert_int_equal(st.up_min_ms, 400);
	assert_int_equal(st.up_p95_ms, 800);
	assert_int_equal(st.verified_min_ms, 402);
}

/* SRTT + 4 RTTVAR. */
static void test_attempts_are_shorter_where_they_were_measured(void **state)
{
	(void)state;
	client_modes(t.client, true, false, false);
	t.camera.ready_ms = 398;
	assert_true(race());
	t.camera.no_ready = true;
	t.client->config.timeout_ms = 10000;
	assert_false(race());
	assert_int_equal(lasted(PPCS_P2P), 400 + 4 * 200);
}

static void limit_after(uint32_t srtt, uint32_t rttvar, uint32_t limit)
{
	struct ppcs_path_statistics st = {
		.mode = PPCS_P2P, .port = CAMERA_PORT, .srtt_ms = srtt, .rttvar_ms = rttvar
	};

	client_modes(t.client, true, false, false);
	t.camera.no_ready = true;
	assert_int_equal(ppcs_session_set_path_statistics(t.client->session, &st, t.world.now), 0);
	t.client->config.timeout_ms = 10000;
	assert_false(race());
	assert_int_equal(lasted(PPCS_P2P), limit);
}

static void test_limit_is_at_least_500_ms(void **state)
{
	(void)state;
	limit_after(2, 1, 500);
}

static void test_limit_is_at_most_that_of_an_attempt(void **state)
{
	(void)state;
	limit_after(4000, 2000, 5000);
}

static void test_limit_without_history(void **state)
{
	(void)state;
	limit_after(0, 0, 5000);
}

/* A camera that has become slower than it was must not be out of reach for that. */
static void test_camera_that_has_become_slower(void **state)
{
	(void)state;
	assert_true(race());
	t.camera.ready_ms = 2000;
	assert_true(race());
}

static void test_weight_that_was_set_delays_the_start(void **state)
{
	static const unsigned weights[] = { 1000, 999, 800, 500, 0 };

	(void)state;
	t.camera.no_ready = true;
	t.camera.no_punch = true;
	t.client->config.timeout_ms = 900;
	t.client->config.weight_fixed[PPCS_P2P] = true;
	for (unsigned i = 0; i < sizeof(weights) / sizeof(weights[0]); i++) {
		size_t before = t.client->sent_count;
		uint64_t started = t.world.now;

		t.client->config.weights[PPCS_P2P] = weights[i];
		client_race(t.client);
		assert_int_equal(
			ppcs_session_report(t.client->session, t.world.now)->racers[PPCS_P2P].state,
			weights[i] >= 999 ? PPCS_RUNNING : PPCS_PENDING);
		client_finish(t.client, 1000);
		assert_int_equal(
			client_first(t.client, before, PUNCH_PKT,
				     &(struct ppcs_address){ { 192, 0, 2, 7 }, CAMERA_PORT })
					->at -
				started,
			(1000 - weights[i]) / 2);
		assert_int_equal(client_first(t.client, before, LAN_SEARCH, NULL)->at, started);
		world_run(&t.world, 100);
	}
}

/* In each race LAN wins, and P2P has attempts that fail before. */
static void test_weight_is_learnt(void **state)
{
	uint32_t weight = 1000;

	(void)state;
	t.camera.port = 61234;
	t.camera.answer_ms = 600;
	t.camera.host.icmp = true; /* an attempt at a closed port ends after 300 ms */
	for (unsigned i = 1; i <= 5; i++) {
		assert_true(race());
		assert_int_equal(t.client->kept.report.mode, PPCS_LAN);
		assert_true(t.client->kept.report.racers[PPCS_P2P].retries > 0 || weight < 700);
		if (t.client->kept.report.racers[PPCS_P2P].retries == 0)
			break;
		assert_true(learnt(PPCS_P2P, 0).weight < weight);
		assert_int_equal(learnt(PPCS_P2P, 0).failures, i);
		assert_int_equal(learnt(PPCS_LAN, 0).failures, 0);
		assert_int_equal(learnt(PPCS_LAN, 0).weight, 1000);
		weight = learnt(PPCS_P2P, 0).weight;
	}
	assert_true(weight < 1000);

	/* It acts: the mode starts so much later. */
	client_race(t.client);
	assert_int_equal(
		ppcs_session_report(t.client->session, t.world.now)->racers[PPCS_P2P].state,
		PPCS_PENDING);
	world_run(&t.world, (1000 - weight) / 2);
	assert_int_equal(
		ppcs_session_report(t.client->session, t.world.now)->racers[PPCS_P2P].state,
		PPCS_RUNNING);
	client_stop(t.client);
	world_run(&t.world, 1000);

	/* And one success makes up for a part. */
	t.camera.port = CAMERA_PORT;
	client_modes(t.client, true, false, false);
	assert_true(race());
	assert_true(learnt(PPCS_P2P, 0).weight > weight);
	assert_int_equal(learnt(PPCS_P2P, 0).failures, 0);
}

/* Who is only slower than the winner has not failed. */
static void test_the_slower_one_loses_no_weight(void **state)
{
	(void)state;
	t.camera.ready_ms = 100;
	for (unsigned i = 0; i < 3; i++)
		assert_true(race());
	assert_int_equal(weight_or_full(PPCS_LAN), 1000);
	assert_int_equal(weight_or_full(PPCS_P2P), 1000);
}

/* When nothing was ever won nobody has to wait for anybody. */
static void test_never_do_all_wait(void **state)
{
	uint64_t started;
	size_t before;

	(void)state;
	t.camera.no_punch = true;
	t.camera.no_ready = true;
	t.client->config.timeout_ms = 6000;
	for (unsigned i = 0; i < 6; i++)
		assert_false(race());
	assert_int_equal(learnt(PPCS_LAN, 0).failures, 6);
	assert_int_equal(learnt(PPCS_P2P, 0).failures, 6);
	before = t.client->sent_count;
	started = t.world.now;
	client_race(t.client);
	world_run(&t.world, 10);
	assert_int_equal(client_first(t.client, before, LAN_SEARCH, NULL)->at, started);
	assert_int_equal(client_first(t.client, before, PUNCH_PKT, NULL)->at, started);
}

/* A race that its user gave up says nothing about the camera. */
static void test_a_cancelled_race_is_not_lost(void **state)
{
	(void)state;
	t.camera.host.icmp = true;
	t.camera.port = 61234;
	t.camera.no_punch = true;
	for (unsigned i = 0; i < 3; i++) {
		client_race(t.client);
		world_run(&t.world, 1000);
		client_stop(t.client);
		world_run(&t.world, 100);
		assert_int_equal(t.client->result, -ECANCELED);
	}
	assert_int_equal(weight_or_full(PPCS_P2P), 1000);
	assert_int_equal(weight_or_full(PPCS_LAN), 1000);
}

/* What an earlier handle measured is taken over, and given out again. */
static void test_history(void **state)
{
	struct ppcs_path_statistics st = { .mode = PPCS_LAN, .failures = 2, .weight = 400 };

	(void)state;
	assert_int_equal(ppcs_session_set_path_statistics(t.client->session, &st, t.world.now), 0);
	st = learnt(PPCS_LAN, 0);
	assert_int_equal(st.failures, 2);
	assert_int_equal(st.weight, 400);
	assert_int_equal(ppcs_session_path_statistics(t.client->session, 1, t.world.now, &st),
			 -ENOENT);
	client_race(t.client);
	assert_int_equal(
		ppcs_session_report(t.client->session, t.world.now)->racers[PPCS_LAN].state,
		PPCS_PENDING);
	client_finish(t.client, 1000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_time_to_path_up_is_smoothed),
		TEST(test_attempts_are_shorter_where_they_were_measured),
		TEST(test_limit_is_at_least_500_ms),
		TEST(test_limit_is_at_most_that_of_an_attempt),
		TEST(test_limit_without_history),
		TEST(test_camera_that_has_become_slower),
		TEST(test_weight_that_was_set_delays_the_start),
		TEST(test_weight_is_learnt),
		TEST(test_the_slower_one_loses_no_weight),
		TEST(test_never_do_all_wait),
		TEST(test_a_cancelled_race_is_not_lost),
		TEST(test_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
