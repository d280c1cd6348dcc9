/* SPDX-License-Identifier: MIT */
/*
 * How racers try again: limits of time, pauses between rounds, bounds of the report (12.2 to 12.4,
 * 13).
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

/* The next pause between the end of an attempt and the start of another, from the event *I on. */
static uint64_t pause_after(size_t *i)
{
	uint64_t ended = 0;

	for (; *i < t.client->seen_count; ++*i) {
		const struct ppcs_event *e = &t.client->seen[*i].event;

		if (e->type == PPCS_EVENT_ATTEMPT_ENDED)
			ended = e->time_ms;
		if (e->type == PPCS_EVENT_ATTEMPT_STARTED && ended != 0)
			return e->time_ms - ended;
	}
	fail_msg("no pause");
	return 0;
}

static void test_pauses_double_up_to_2_s(void **state)
{
	uint64_t pause = 50;
	size_t i = 0;

	(void)state;
	nobody();
	client_run(t.client);
	for (unsigned n = 0; n < 10; n++) {
		assert_in_range(pause_after(&i), pause * 8 / 10, pause * 12 / 10);
		pause = pause < 1000 ? 2 * pause : 2000;
	}
}

static void test_pauses_differ(void **state)
{
	uint64_t first = 0;
	bool same = true;

	(void)state;
	for (unsigned n = 0; n < 8; n++) {
		size_t i = t.client->seen_count;
		uint64_t sum = 0;

		nobody();
		t.client->config.timeout_ms = 8000;
		client_run(t.client);
		for (unsigned k = 0; k < 5; k++)
			sum += pause_after(&i);
		same &= n == 0 || sum == first;
		first = n == 0 ? sum : first;
	}
	assert_false(same);
}

/* Any answer, although it led to nothing, starts them anew. */
static void test_an_answer_resets_the_pauses(void **state)
{
	size_t i = 0;
	uint64_t pause = 0;

	(void)state;
	nobody();
	client_race(t.client);
	world_run(&t.world, 8000);
	for (unsigned n = 0; n < 5; n++)
		pause = pause_after(&i);
	assert_true(pause > 500);
	/* A round with PUNCH_PKT from there. */
	t.camera.port = CAMERA_PORT;
	t.camera.no_ready = true;
	i = t.client->seen_count;
	for (unsigned n = 0; n < 80; n++) {
		const struct seen *s;

		world_run(&t.world, 100);
		s = client_event(t.client, i, PPCS_EVENT_ATTEMPT_STARTED);
		if (s)
			camera_say_did(&t.camera, &s->event.local, PUNCH_PKT);
	}
	assert_non_null(client_event(t.client, i, PPCS_EVENT_ATTEMPT_ANSWERED));
	i = (size_t)(client_event(t.client, i, PPCS_EVENT_ATTEMPT_ANSWERED) - t.client->seen);
	assert_in_range(pause_after(&i), 40, 60);
}

/* And only in the round in which it came. */
static void test_pauses_grow_again_after_an_answer(void **state)
{
	size_t i;
	uint64_t pause = 50;

	(void)state;
	nobody();
	t.camera.host.icmp = false;
	t.client->config.attempt_timeout_ms = 100;
	client_race(t.client);
	t.camera.port = CAMERA_PORT;
	t.camera.no_ready = true;
	camera_say_did(&t.camera,
		       &client_event(t.client, 0, PPCS_EVENT_ATTEMPT_STARTED)->event.local,
		       PUNCH_PKT);
	world_run(&t.world, 10);
	assert_int_equal(client_events(t.client, PPCS_EVENT_ATTEMPT_ANSWERED), 1);
	client_finish(t.client, 30000);
	i = 0;
	assert_in_range(pause_after(&i), 40, 60); /* after the round with the answer */
	for (unsigned n = 0; n < 5; n++) {
		assert_in_range(pause_after(&i), pause * 8 / 10, pause * 12 / 10);
		pause *= 2;
	}
}

static void test_an_attempt_lasts_5_s(void **state)
{
	(void)state;
	nobody();
	t.camera.host.icmp = false;
	client_run(t.client);
	assert_int_equal(t.client->kept.report.racers[PPCS_P2P].attempts[0].elapsed_ms, 5000);
	assert_int_equal(t.client->kept.report.racers[PPCS_P2P].attempts[1].elapsed_ms, 5000);
}

/* 14 rounds of searching are answered or never will be. */
static void test_a_search_without_answer_ends_after_1500_ms(void **state)
{
	const struct ppcs_racer *lan = &t.client->kept.report.racers[PPCS_LAN];

	(void)state;
	nobody();
	t.camera.host.icmp = false;
	client_modes(t.client, false, true, false);
	client_run(t.client);
	assert_int_equal(lan->attempts[0].elapsed_ms, 1500);
	assert_int_equal(lan->attempts[1].elapsed_ms, 1500);
	assert_int_not_equal(lan->attempts[0].local_port, lan->attempts[2].local_port);
}

static void test_a_search_that_is_answered_has_its_whole_time(void **state)
{
	(void)state;
	client_modes(t.client, false, true, false);
	t.camera.no_ready = true;
	t.client->config.search_port = SEARCH_PORT;
	client_ports(t.client, (const uint16_t[]){ SEARCH_PORT }, 1);
	client_run(t.client);
	assert_int_equal(t.client->kept.report.racers[PPCS_LAN].attempts[0].elapsed_ms, 5000);
	assert_int_equal(t.client->kept.report.racers[PPCS_LAN].attempts[0].level,
			 PPCS_LEVEL_ANSWER);
}

/* And so long again until the path is verified. */
static void test_verification_lasts_5_s(void **state)
{
	(void)state;
	client_modes(t.client, true, false, false);
	t.camera.silent = true;
	t.camera.ready_ms = 3000;
	client_run(t.client);
	assert_int_equal(t.client->kept.report.racers[PPCS_P2P].attempts[0].elapsed_ms,
			 3002 + 5000);
}

static void test_until_path(void **state)
{
	const struct ppcs_report *r;

	(void)state;
	t.camera.silent = true;
	t.client->config.until = PPCS_LEVEL_PATH;
	r = client_run(t.client);
	assert_true(r->success);
	assert_int_equal(r->elapsed_ms, 2);
	assert_int_equal(r->racers[PPCS_P2P].attempts[0].level, PPCS_LEVEL_PATH);
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_CONNECTED);
	/* The session dies of the silence. */
	world_run(&t.world, 5990);
	assert_int_equal(t.client->closes, 0);
	world_run(&t.world, 20);
	assert_int_equal(t.client->closes, 1);
}

static void test_report_is_bounded(void **state)
{
	const struct ppcs_racer *r;

	(void)state;
	nobody();
	t.client->config.timeout_ms = 3600000;
	t.client->config.attempt_timeout_ms = 100;
	client_run(t.client);
	r = &t.client->kept.report.racers[PPCS_P2P];
	assert_int_equal(r->attempt_count, PPCS_MAX_ATTEMPTS);
	assert_in_range(r->attempts_dropped, 3600000 / 2500 - PPCS_MAX_ATTEMPTS,
			3600000 / 1700 - PPCS_MAX_ATTEMPTS);
	assert_int_equal(r->retries, r->attempt_count + r->attempts_dropped);
	assert_int_equal(client_events(t.client, PPCS_EVENT_ATTEMPT_STARTED), r->retries);
	/* The latest ones, in the order of their start. */
	for (size_t i = 1; i < r->attempt_count; i++)
		assert_true(r->attempts[i].local_port > r->attempts[i - 1].local_port);
	assert_int_equal(r->attempts[r->attempt_count - 1].local_port, r->local_port);
}

/* The records of attempts that run are not mixed up when older ones make room. */
static void test_records_stay_with_their_attempts(void **state)
{
	const struct ppcs_report *r;

	(void)state;
	client_ports(t.client, (const uint16_t[]){ 5, 6, 7 }, 3);
	t.camera.port = 1;
	t.camera.search_port = 0;
	t.client->config.timeout_ms = 600000;
	t.client->config.attempt_timeout_ms = 700;
	r = client_run(t.client);
	for (unsigned i = 0; i < 2; i++) {
		const struct ppcs_racer *racer = &r->racers[i];

		assert_int_equal(racer->attempt_count, PPCS_MAX_ATTEMPTS);
		for (size_t k = 1; k < racer->attempt_count; k++)
			assert_true(racer->attempts[k].local_port >
				    racer->attempts[k - 1].local_port);
		for (size_t k = 0; k < racer->attempt_count; k++) {
			const struct ppcs_attempt *a = &racer->attempts[k];
			const struct seen *s = NULL;

			/* As the event of its end told it. */
			for (size_t e = 0; e < t.client->seen_count && !s; e++)
				if (t.client->seen[e].event.type == PPCS_EVENT_ATTEMPT_ENDED &&
				    t.client->seen[e].event.local.port == a->local_port)
					s = &t.client->seen[e];
			if (!s) {
				fail_msg("no end of the attempt at port %u", a->local_port);
				return;
			}
			assert_true(same_address(&s->event.destination, &a->destination));
			assert_int_equal(s->event.elapsed_ms, a->elapsed_ms);
			assert_int_equal(s->event.state, a->state);
			assert_string_equal(s->event.text, a->error);
		}
	}
}

/* What a report points at stays where it is while the race goes on. */
static void test_records_do_not_move(void **state)
{
	const struct ppcs_attempt *first;

	(void)state;
	nobody();
	t.client->config.timeout_ms = 60000;
	client_race(t.client);
	world_run(&t.world, 10);
	first = ppcs_session_report(t.client->session, t.world.now)->racers[PPCS_P2P].attempts;
	client_finish(t.client, 60000);
	assert_true(t.client->kept.report.racers[PPCS_P2P].attempt_count > 16);
	assert_ptr_equal(
		ppcs_session_report(t.client->session, t.world.now)->racers[PPCS_P2P].attempts,
		first);
	assert_int_equal(first[0].state, PPCS_FAILED);
	assert_int_equal(first[16].state, PPCS_FAILED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_pauses_double_up_to_2_s),
		TEST(test_pauses_differ),
		TEST(test_an_answer_resets_the_pauses),
		TEST(test_pauses_grow_again_after_an_answer),
		TEST(test_an_attempt_lasts_5_s),
		TEST(test_a_search_without_answer_ends_after_1500_ms),
		TEST(test_a_search_that_is_answered_has_its_whole_time),
		TEST(test_verification_lasts_5_s),
		TEST(test_until_path),
		TEST(test_report_is_bounded),
		TEST(test_records_stay_with_their_attempts),
		TEST(test_records_do_not_move),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
