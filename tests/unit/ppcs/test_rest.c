/* SPDX-License-Identifier: MIT */
/*
 * A mode that has failed in five races in a row is left out for 60 s, but never all of them
 * (section 13).
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

#define UID   "TEST-012345-ABCDE"
#define RESTS "rests after 5 races without success"
/* A search that nobody answers. */
#define SILENT_MS 1500

static struct {
	struct world world;
	struct client *client;
	struct camera camera;
	uint64_t started;
} t;

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
	client_ports(t.client, (const uint16_t[]){ CAMERA_PORT }, 1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_free(&t.world);
	return 0;
}

static struct ppcs_path_statistics learnt(enum ppcs_mode mode)
{
	struct ppcs_path_statistics st;

	for (size_t i = 0;
	     ppcs_session_path_statistics(t.client->session, i, t.world.now, &st) == 0; i++)
		if (st.mode == mode && st.port == 0)
			return st;
	fail_msg("nothing learnt of %s", ppcs_mode_name(mode));
	return st;
}

/* As if an earlier handle had failed in FAILURES races in a row. */
static void tired(enum ppcs_mode mode, uint32_t failures, uint32_t weight, uint32_t rest_ms)
{
	struct ppcs_path_statistics st = {
		.mode = mode, .failures = failures, .weight = weight, .rest_ms = rest_ms
	};

	assert_int_equal(ppcs_session_set_path_statistics(t.client->session, &st, t.world.now), 0);
}

static void race(void)
{
	t.started = t.world.now;
	client_race(t.client);
}

static const struct ppcs_racer *racer(enum ppcs_mode mode)
{
	return &ppcs_session_report(t.client->session, t.world.now)->racers[mode];
}

static bool run(void)
{
	t.started = t.world.now;
	return client_run(t.client)->success;
}

static void part(void)
{
	client_stop(t.client);
	world_run(&t.world, 100);
}

/* How long after the start of the race the mode made its first attempt. */
static uint64_t began(enum ppcs_mode mode)
{
	for (size_t i = 0; i < t.client->seen_count; i++) {
		const struct ppcs_event *e = &t.client->seen[i].event;

		if (e->type == PPCS_EVENT_ATTEMPT_STARTED && e->mode == mode &&
		    e->time_ms >= t.started)
			return e->time_ms - t.started;
	}
	fail_msg("%s never started", ppcs_mode_name(mode));
	return 0;
}

static void test_left_out(void **state)
{
	const struct ppcs_racer *r;

	(void)state;
	tired(PPCS_P2P, 5, 1000, 60000);
	t.camera.answer_ms = 700;
	race();
	world_run(&t.world, 500);
	r = racer(PPCS_P2P);
	assert_int_equal(r->state, PPCS_PENDING);
	assert_string_equal(r->error, RESTS);
	client_finish(t.client, 1000);
	assert_int_equal(t.client->kept.report.mode, PPCS_LAN);
	r = &t.client->kept.report.racers[PPCS_P2P];
	assert_int_equal(r->state, PPCS_CANCELLED);
	assert_string_equal(r->error, RESTS);
	assert_int_equal(r->attempt_count, 0);
	assert_int_equal(r->retries, 0);
	assert_int_equal(r->elapsed_ms, 0);
	/* It has neither failed nor won. */
	assert_int_equal(learnt(PPCS_P2P).failures, 5);
	assert_int_equal(learnt(PPCS_P2P).weight, 1000);
	assert_int_equal(learnt(PPCS_P2P).rest_ms, 60000 - (t.world.now - t.started));
}

/* As soon as the rest has been through all its ports in vain. */
static void test_starts_when_the_others_have_failed(void **state)
{
	(void)state;
	tired(PPCS_P2P, 5, 1000, 60000);
	t.camera.no_punch = true;
	race();
	world_run(&t.world, SILENT_MS - 1);
	assert_int_equal(racer(PPCS_P2P)->state, PPCS_PENDING);
	world_run(&t.world, 1);
	assert_int_equal(racer(PPCS_P2P)->state, PPCS_RUNNING);
	assert_null(racer(PPCS_P2P)->error);
	client_finish(t.client, 100);
	assert_int_equal(began(PPCS_P2P), SILENT_MS);
	assert_int_equal(t.client->kept.report.mode, PPCS_P2P);
	assert_int_equal(t.client->kept.report.elapsed_ms, SILENT_MS + 4);
	assert_int_equal(t.client->kept.report.racers[PPCS_P2P].elapsed_ms, 4);
	assert_int_equal(learnt(PPCS_P2P).failures, 0);
	assert_int_equal(learnt(PPCS_P2P).rest_ms, 0);
}

/* One of several ports is not all of them. */
static void test_waits_for_each_port_of_the_others(void **state)
{
	(void)state;
	client_ports(t.client, (const uint16_t[]){ CAMERA_PORT, 1001, 1002 }, 3);
	tired(PPCS_P2P, 5, 1000, 60000);
	t.camera.no_punch = true;
	assert_true(run());
	assert_int_equal(began(PPCS_P2P), 200 + SILENT_MS);
}

/* One after the other for 5 s each: the port that was named, the search port; 50 ms between. */
static void test_waits_for_each_port_in_line(void **state)
{
	(void)state;
	t.client->config.walk = PPCS_SEQUENTIAL;
	tired(PPCS_P2P, 5, 1000, 60000);
	t.camera.no_punch = true;
	assert_true(run());
	assert_int_equal(began(PPCS_P2P), 5000 + 50 + 5000);
}

static void test_the_rest_ends_in_the_midst_of_a_race(void **state)
{
	(void)state;
	tired(PPCS_P2P, 5, 1000, 700);
	t.camera.no_punch = true;
	race();
	world_run(&t.world, 699);
	assert_int_equal(racer(PPCS_P2P)->state, PPCS_PENDING);
	client_finish(t.client, 100);
	assert_int_equal(began(PPCS_P2P), 700);
	assert_int_equal(t.client->kept.report.mode, PPCS_P2P);
}

/* What has begun by itself is not begun again when the others have failed. */
static void test_the_end_of_the_rest_is_the_end(void **state)
{
	(void)state;
	tired(PPCS_P2P, 5, 1000, 700);
	t.camera.no_punch = true;
	t.camera.no_ready = true;
	t.client->config.timeout_ms = 3000;
	assert_false(run());
	assert_int_equal(began(PPCS_P2P), 700);
	assert_int_equal(t.client->kept.report.racers[PPCS_P2P].attempt_count, 1);
	assert_int_equal(t.client->kept.report.racers[PPCS_P2P].attempts[0].elapsed_ms, 2300);
	/* Nor does it say that it rests. */
	tired(PPCS_P2P, 5, 1000, 700);
	race();
	world_run(&t.world, 1000);
	client_stop(t.client);
	assert_string_equal(t.client->kept.report.racers[PPCS_P2P].error, "cancelled");
}

static void test_never_all(void **state)
{
	(void)state;
	tired(PPCS_P2P, 5, 1000, 60000);
	tired(PPCS_LAN, 7, 1000, 1000);
	assert_true(run());
	assert_int_equal(began(PPCS_P2P), 0);
	assert_int_equal(began(PPCS_LAN), 0);
}

/* Who is off is nobody to hope for, and who cannot do anything neither. */
static void test_never_all_of_those_that_race(void **state)
{
	(void)state;
	tired(PPCS_LAN, 5, 1000, 60000);
	client_modes(t.client, false, true, false);
	assert_true(run());
	assert_int_equal(began(PPCS_LAN), 0);
	part();
	client_modes(t.client, false, true, true);
	tired(PPCS_LAN, 5, 1000, 60000);
	assert_true(run());
	assert_int_equal(t.client->kept.report.racers[PPCS_RELAY].state, PPCS_FAILED);
	assert_int_equal(began(PPCS_LAN), 0);
}

/* The one that does not rest fails: then both others start, at the same time. */
static void test_all_that_rest_start_together(void **state)
{
	(void)state;
	tired(PPCS_P2P, 5, 1000, 60000);
	tired(PPCS_LAN, 5, 1000, 60000);
	client_modes(t.client, true, true, true);
	t.client->config.relays[0] = at(127, 0, 0, 11, DIRECTORY_PORT); /* nobody is there */
	t.client->config.relay_count = 1;
	assert_true(run());
	assert_int_equal(began(PPCS_RELAY), 0);
	assert_true(began(PPCS_LAN) > 0);
	assert_int_equal(began(PPCS_LAN),
			 t.client->kept.report.racers[PPCS_RELAY].attempts[0].elapsed_ms);
	assert_int_equal(began(PPCS_P2P), began(PPCS_LAN));
}

/* Nobody waits for one that rests, whatever its weight; when all do, weights count as ever. */
static void test_weights(void **state)
{
	(void)state;
	tired(PPCS_P2P, 5, 1000, 60000);
	tired(PPCS_LAN, 2, 400, 0);
	t.camera.no_ready = true;
	t.client->config.timeout_ms = 1000;
	assert_false(run());
	assert_int_equal(began(PPCS_LAN), 0);
	tired(PPCS_P2P, 5, 1000, 60000);
	tired(PPCS_LAN, 5, 400, 60000);
	race();
	world_run(&t.world, 299);
	assert_int_equal(racer(PPCS_LAN)->state, PPCS_PENDING);
	assert_null(racer(PPCS_LAN)->error);
	client_finish(t.client, 1000);
	assert_int_equal(began(PPCS_P2P), 0);
	assert_int_equal(began(PPCS_LAN), 300);
	assert_int_equal(racer(PPCS_LAN)->state, PPCS_FAILED);
	race();
	client_stop(t.client);
	assert_string_equal(t.client->kept.report.racers[PPCS_LAN].error, "cancelled");
}

/* It is better than that of the one which failed: then it starts at once. */
static void test_weight_of_the_one_that_rests(void **state)
{
	(void)state;
	tired(PPCS_P2P, 5, 1000, 60000);
	tired(PPCS_LAN, 2, 400, 0);
	t.camera.no_punch = true;
	assert_true(run());
	assert_int_equal(began(PPCS_P2P), SILENT_MS);
	part();
	/* Nobody has failed before he has started. */
	tired(PPCS_P2P, 5, 1000, 60000);
	tired(PPCS_LAN, 0, 1000, 0);
	t.client->config.weight_fixed[PPCS_LAN] = true;
	t.client->config.weights[PPCS_LAN] = 0;
	assert_true(run());
	assert_int_equal(began(PPCS_LAN), 500);
	assert_int_equal(began(PPCS_P2P), 500 + SILENT_MS);
}

static void test_weight_that_was_set_knows_no_rest(void **state)
{
	(void)state;
	tired(PPCS_P2P, 9, 1000, 60000);
	t.client->config.weight_fixed[PPCS_P2P] = true;
	t.client->config.weights[PPCS_P2P] = 800;
	t.camera.answer_ms = 500;
	race();
	client_finish(t.client, 1000);
	assert_int_equal(began(PPCS_P2P), 100);
}

/* The time is over before anybody else is through: it says why it has not done anything, and that
 * is no failure of its own. */
static void test_race_that_is_shorter(void **state)
{
	const struct ppcs_racer *r = &t.client->kept.report.racers[PPCS_P2P];

	(void)state;
	tired(PPCS_P2P, 5, 1000, 60000);
	t.camera.no_punch = true;
	t.client->config.timeout_ms = 1000;
	assert_false(run());
	assert_int_equal(r->state, PPCS_FAILED);
	assert_string_equal(r->error, RESTS);
	assert_int_equal(r->attempt_count, 0);
	assert_int_equal(t.client->kept.report.verdict, PPCS_VERDICT_NOTHING);
	assert_int_equal(learnt(PPCS_P2P).failures, 5);
	assert_int_equal(learnt(PPCS_P2P).rest_ms, 59000);
	race();
	client_stop(t.client);
	assert_int_equal(t.client->result, -ECANCELED);
	assert_int_equal(r->state, PPCS_CANCELLED);
	assert_int_equal(learnt(PPCS_P2P).failures, 5);
}

/* P2P at a closed port fails before LAN wins: after the fifth time it is left out, for 60 s. */
static void test_five_in_a_row(void **state)
{
	const struct ppcs_racer *r = &t.client->kept.report.racers[PPCS_P2P];
	uint64_t over = 0;

	(void)state;
	t.camera.port = 61234;
	t.camera.answer_ms = 900;
	t.camera.host.icmp = true; /* an attempt at a closed port ends after 300 ms */
	for (unsigned i = 1; i <= 5; i++) {
		assert_int_equal(over, 0);
		assert_true(run());
		assert_int_equal(t.client->kept.report.mode, PPCS_LAN);
		assert_true(r->retries > 0);
		assert_int_equal(learnt(PPCS_P2P).failures, i);
		over = learnt(PPCS_P2P).rest_ms;
		assert_int_equal(over, i == 5 ? 60000 : 0);
		over += i == 5 ? t.world.now : 0;
		part();
	}
	while (t.world.now < over) {
		assert_int_equal(learnt(PPCS_P2P).rest_ms, over - t.world.now);
		assert_true(run());
		assert_int_equal(r->attempt_count, 0);
		part();
		world_run(&t.world, over - t.world.now < 20000 ? over - t.world.now : 20000);
	}
	/* Once more, and that was the sixth. */
	assert_int_equal(learnt(PPCS_P2P).rest_ms, 0);
	assert_true(run());
	assert_true(r->retries > 0);
	assert_int_equal(learnt(PPCS_P2P).failures, 6);
	assert_int_equal(learnt(PPCS_P2P).rest_ms, 60000);
	assert_int_equal(learnt(PPCS_LAN).failures, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_left_out),
		TEST(test_starts_when_the_others_have_failed),
		TEST(test_waits_for_each_port_of_the_others),
		TEST(test_waits_for_each_port_in_line),
		TEST(test_the_rest_ends_in_the_midst_of_a_race),
		TEST(test_the_end_of_the_rest_is_the_end),
		TEST(test_never_all),
		TEST(test_never_all_of_those_that_race),
		TEST(test_all_that_rest_start_together),
		TEST(test_weights),
		TEST(test_weight_that_was_set_knows_no_rest),
		TEST(test_race_that_is_shorter),
		TEST(test_five_in_a_row),
		TEST(test_weight_of_the_one_that_rests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
