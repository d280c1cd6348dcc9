/* SPDX-License-Identifier: MIT */
/*
 * Who has failed in a race that somebody else has won, and who was only slower: weights, and the
 * failures that end in a rest (section 13).
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
	enum ppcs_mode blocked; /**< no P2P_RDY gets through to this one */
} t;

/* Whose socket has this port? */
static bool belongs_to(enum ppcs_mode mode, uint16_t port)
{
	for (size_t i = 0; i < t.client->seen_count; i++) {
		const struct ppcs_event *e = &t.client->seen[i].event;

		if (e->type == PPCS_EVENT_ATTEMPT_STARTED && e->local.port == port)
			return e->mode == mode;
	}
	return false;
}

static bool loses_ready(struct world *w, const struct ppcs_address *from,
			const struct ppcs_address *to, const struct wire *message)
{
	(void)w;
	(void)from;
	return message->bytes[1] == P2P_RDY && belongs_to(t.blocked, to->port);
}

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

static void block(enum ppcs_mode mode)
{
	t.blocked = mode;
	t.world.loses = loses_ready;
}

/* PUNCH_PKT for the socket that the mode has opened last. */
static void answer(enum ppcs_mode mode)
{
	struct ppcs_address to = t.client->ip;

	for (size_t i = 0; i < t.client->seen_count; i++) {
		const struct ppcs_event *e = &t.client->seen[i].event;

		if (e->type == PPCS_EVENT_ATTEMPT_STARTED && e->mode == mode)
			to.port = e->local.port;
	}
	camera_say_did(&t.camera, &to, PUNCH_PKT);
}

/* The race that goes on. */
static void won_by(enum ppcs_mode mode)
{
	client_finish(t.client, 30000);
	assert_true(t.client->kept.report.success);
	assert_int_equal(t.client->kept.report.mode, mode);
	client_stop(t.client);
	world_run(&t.world, 100);
}

static void assert_learnt(enum ppcs_mode mode, uint32_t failures, uint32_t weight)
{
	struct ppcs_path_statistics st = { .weight = 1000 };
	size_t i = 0;

	while (ppcs_session_path_statistics(t.client->session, i, t.world.now, &st) == 0 &&
	       (st.mode != mode || st.port != 0)) {
		st = (struct ppcs_path_statistics){ .weight = 1000 };
		i++;
	}
	assert_int_equal(st.failures, failures);
	assert_int_equal(st.weight, weight);
}

/* Answered, and not up yet: another one was faster, and that is all. */
static void test_answered(void **state)
{
	(void)state;
	block(PPCS_P2P);
	t.camera.ready_ms = 100;
	client_race(t.client);
	answer(PPCS_P2P);
	won_by(PPCS_LAN);
	assert_int_equal(t.client->kept.report.racers[PPCS_P2P].attempts[0].level,
			 PPCS_LEVEL_ANSWER);
	assert_learnt(PPCS_P2P, 0, 1000);
	block(PPCS_LAN);
	client_race(t.client);
	won_by(PPCS_P2P);
	assert_int_equal(t.client->kept.report.racers[PPCS_LAN].attempts[1].level,
			 PPCS_LEVEL_ANSWER);
	assert_learnt(PPCS_LAN, 0, 1000);
	assert_learnt(PPCS_P2P, 0, 1000);
}

/* Although another port of his was closed. */
static void test_answered_at_one_of_the_ports(void **state)
{
	(void)state;
	client_ports(t.client, (const uint16_t[]){ 1001, CAMERA_PORT }, 2);
	t.camera.host.icmp = true;
	t.camera.ready_ms = 600;
	for (unsigned i = 0; i < 6; i++) {
		client_race(t.client);
		won_by(PPCS_LAN);
		assert_true(t.client->kept.report.racers[PPCS_P2P].retries > 0);
		assert_int_equal(t.client->kept.report.racers[PPCS_P2P].state, PPCS_CANCELLED);
	}
	assert_learnt(PPCS_P2P, 0, 1000);
	assert_learnt(PPCS_LAN, 0, 1000);
}

/* Nothing was heard, and the time was not even enough to fail. */
static void test_unanswered(void **state)
{
	(void)state;
	t.camera.port = 61234;
	t.camera.answer_ms = 900;
	client_race(t.client);
	won_by(PPCS_LAN);
	assert_int_equal(t.client->kept.report.racers[PPCS_P2P].retries, 0);
	assert_learnt(PPCS_P2P, 0, 750);
	/* From now on it starts later than the winner: nothing more is lost. */
	client_race(t.client);
	won_by(PPCS_LAN);
	assert_int_equal(t.client->kept.report.racers[PPCS_P2P].attempt_count, 1);
	assert_learnt(PPCS_P2P, 0, 750);
}

/* One port is closed and the other one says nothing. */
static void test_closed(void **state)
{
	(void)state;
	client_ports(t.client, (const uint16_t[]){ 61234, 1001 }, 2);
	t.camera.host.icmp = true;
	t.camera.port = 61234;
	t.camera.answer_ms = 900;
	block(PPCS_P2P);
	client_race(t.client);
	won_by(PPCS_LAN);
	assert_true(t.client->kept.report.racers[PPCS_P2P].retries > 0);
	assert_learnt(PPCS_P2P, 1, 750);
}

/* Through all its ports in vain; that it is answered again does not make up for it. */
static void test_blocked(void **state)
{
	(void)state;
	t.client->config.attempt_timeout_ms = 1000;
	t.camera.answer_ms = 800; /* counts for LAN alone */
	block(PPCS_P2P);
	t.client->config.weight_fixed[PPCS_LAN] = true;
	t.client->config.weights[PPCS_LAN] = 0;
	client_race(t.client);
	world_run(&t.world, 1200);
	answer(PPCS_P2P);
	won_by(PPCS_LAN);
	assert_int_equal(t.client->kept.report.racers[PPCS_P2P].retries, 1);
	assert_int_equal(t.client->kept.report.racers[PPCS_P2P].attempts[1].level,
			 PPCS_LEVEL_ANSWER);
	assert_learnt(PPCS_P2P, 1, 750);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_answered),   TEST(test_answered_at_one_of_the_ports),
		TEST(test_unanswered), TEST(test_closed),
		TEST(test_blocked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
