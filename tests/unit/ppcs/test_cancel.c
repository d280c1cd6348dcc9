/* SPDX-License-Identifier: MIT */
/*
 * Giving up (12.2, section 7): within 50 ms in every phase, with CLOSE three times to each path
 * that was up, and nothing left open. Losers of a race that was won are given up in the same way.
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
	struct directory directory;
	struct relay_host relay;
} t;

static void begin(void)
{
	struct session_config *c;

	memset(&t, 0, sizeof(t));
	world_init(&t.world, 1);
	t.world.quality = (struct quality){ .latency_min = 3, .latency_max = 3 };
	camera_init(&t.camera, &t.world, at(192, 0, 2, 7, 0), UID);
	t.client = client_new(&t.world, at(192, 0, 2, 100, 0));
	t.client->watches = true;
	client_aim(t.client, t.camera.host.ip);
	client_uid(t.client, UID);
	client_modes(t.client, true, true, true);
	c = &t.client->config;
	c->key_fixed = true;
	c->servers[0] = at(198, 51, 100, 1, DIRECTORY_PORT);
	c->server_count = 1;
	c->relays[0] = at(198, 51, 100, 20, DIRECTORY_PORT);
	c->relay_count = 1;
	directory_init(&t.directory, &t.world, c->servers[0]);
	t.directory.device = &t.camera;
	relay_init(&t.relay, &t.world, c->relays[0]);
}

static void end(void)
{
	world_free(&t.world);
}

/* An attempt that is up and has not ended, by the events. */
static bool is_up(const struct ppcs_event *up)
{
	for (size_t i = 0; i < t.client->seen_count; i++) {
		const struct ppcs_event *e = &t.client->seen[i].event;

		if (e->type == PPCS_EVENT_ATTEMPT_ENDED && e->attempt == up->attempt)
			return false;
	}
	return true;
}

#define MAX_PATHS 16

struct paths {
	struct ppcs_event up[MAX_PATHS];
	size_t count;
};

static void find_paths(struct paths *p)
{
	p->count = 0;
	for (size_t i = 0; i < t.client->seen_count; i++) {
		const struct ppcs_event *e = &t.client->seen[i].event;

		if (e->type == PPCS_EVENT_ATTEMPT_UP && is_up(e) && p->count < MAX_PATHS)
			p->up[p->count++] = *e;
	}
}

/* Three times, 10 ms apart, from the socket of the path to its peer. */
static void check_close(size_t from, const struct ppcs_address *local,
			const struct ppcs_address *peer, uint64_t now)
{
	unsigned count = 0;

	for (size_t i = from; i < t.client->sent_count; i++) {
		const struct sent *s = &t.client->sent[i];

		if (s->port != local->port)
			continue;
		assert_int_equal(s->head[1], CLOSE);
		assert_true(same_address(&s->to, peer));
		assert_int_equal(s->at, now + 10 * count);
		count++;
	}
	assert_int_equal(count, 3);
}

/* Nothing but CLOSE after the end, and to nobody else. */
static void check_farewell(size_t from, const struct paths *p, uint64_t now)
{
	for (size_t i = 0; i < p->count; i++)
		check_close(from, &p->up[i].local, &p->up[i].peer, now);
	assert_int_equal(t.client->sent_count - from, 3 * p->count);
}

static void wait_for_idle(uint64_t since)
{
	while (ppcs_session_state(t.client->session) != PPCS_STATE_IDLE) {
		assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_CLOSING);
		assert_true(world_step(&t.world, since + 50));
	}
	assert_true(t.world.now <= since + 50);
	assert_int_equal(client_open(t.client), 0);
	assert_int_equal(ppcs_session_deadline(t.client->session), UINT64_MAX);
}

static void cancel_after(unsigned ms)
{
	struct paths paths;
	uint64_t now;
	size_t sent;

	client_race(t.client);
	world_run(&t.world, ms);
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_RACING);
	find_paths(&paths);
	sent = t.client->sent_count;
	now = t.world.now;
	client_stop(t.client);
	wait_for_idle(now);
	check_farewell(sent, &paths, now);
	assert_int_equal(t.client->results, 1);
	assert_int_equal(t.client->result, -ECANCELED);
	assert_int_equal(t.client->kept.report.verdict, PPCS_VERDICT_CANCELLED);
	assert_int_equal(t.client->closes, 0);
	assert_int_equal(t.client->connects, 0);
	assert_int_equal(client_events(t.client, PPCS_EVENT_ATTEMPT_STARTED),
			 client_events(t.client, PPCS_EVENT_ATTEMPT_ENDED));
	/* What still comes changes nothing. What was not up yet the camera closes by itself. */
	world_run(&t.world, 10000);
	assert_int_equal(camera_open(&t.camera), 0);
	assert_int_equal(t.client->results, 1);
	assert_int_equal(t.client->sent_count, sent + 3 * paths.count);
}

/* A silent camera that is up on all ways: every millisecond of the first ones, then some. */
static void test_cancel_in_every_phase(void **state)
{
	(void)state;
	for (unsigned ms = 0; ms < 5200; ms += ms < 150 ? 1 : 97) {
		begin();
		t.camera.no_alive_ack = true;
		t.camera.greeting = NULL;
		cancel_after(ms);
		end();
	}
}

static void test_cancel_while_nobody_answers(void **state)
{
	(void)state;
	for (unsigned ms = 0; ms < 9000; ms += 211) {
		begin();
		client_aim(t.client, at(192, 0, 2, 66, 0));
		t.directory.silent = true;
		t.relay.silent = true;
		cancel_after(ms);
		end();
	}
}

/* Sequential, in the pause between two attempts, and before a start that is delayed. */
static void test_cancel_between_attempts(void **state)
{
	(void)state;
	for (unsigned ms = 990; ms < 1060; ms += 5) {
		begin();
		t.client->config.walk = PPCS_SEQUENTIAL;
		t.client->config.server_count = 0; /* they would lead to the device */
		t.client->config.attempt_timeout_ms = 1000;
		client_aim(t.client, at(192, 0, 2, 66, 0));
		client_modes(t.client, true, false, false);
		cancel_after(ms);
		end();
	}
	begin();
	for (unsigned i = 0; i < PPCS_MODES; i++)
		t.client->config.weight_fixed[i] = true;
	cancel_after(300);
	assert_int_equal(t.client->sent_count, 0);
	end();
}

static void test_cancel_a_session(void **state)
{
	uint64_t now;
	size_t sent;

	(void)state;
	begin();
	assert_true(client_run(t.client)->success);
	world_run(&t.world, 2500);
	sent = t.client->sent_count;
	now = t.world.now;
	client_stop(t.client);
	wait_for_idle(now);
	check_close(sent, &t.client->kept.report.local, &t.client->kept.report.peer, now);
	assert_int_equal(t.client->results, 1);
	assert_int_equal(t.client->closes, 1);
	assert_int_equal(client_event(t.client, 0, PPCS_EVENT_CLOSED)->event.error, 0);
	/* Once more is nothing more. */
	client_stop(t.client);
	world_run(&t.world, 10000);
	assert_int_equal(t.client->sent_count, sent + 3);
	assert_int_equal(t.client->closes, 1);
	end();
}

/* While the losers of a race that is won are being closed: all are told. */
static void test_cancel_between_winning_and_the_result(void **state)
{
	uint64_t now;

	(void)state;
	begin();
	t.camera.no_alive_ack = true;
	t.camera.greet_ms = 300;
	client_race(t.client);
	while (t.client->connects == 0)
		assert_true(world_step(&t.world, t.world.now + 1000));
	assert_int_equal(t.client->results, 0);
	now = t.world.now;
	client_stop(t.client);
	wait_for_idle(now);
	assert_int_equal(t.client->results, 1);
	assert_int_equal(t.client->result, 0);
	assert_int_equal(t.client->closes, 1);
	world_run(&t.world, 100);
	assert_int_equal(camera_open(&t.camera), 0);
	end();
}

/* Three ways are up when one is proven: the others are closed, and then the result is told. */
static void test_losers_are_closed_before_the_result(void **state)
{
	struct paths paths;
	const struct seen *won;
	size_t sent, from;
	uint64_t now;

	(void)state;
	begin();
	t.camera.no_alive_ack = true;
	t.camera.greet_ms = 300;
	client_race(t.client);
	do {
		find_paths(&paths);
		sent = t.client->sent_count;
		assert_true(world_step(&t.world, t.world.now + 1000));
	} while (t.client->connects == 0);
	assert_true(paths.count >= 3);
	now = t.world.now;
	won = client_event(t.client, 0, PPCS_EVENT_CONNECTED);
	from = t.client->sent_count;
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_RACING);
	assert_int_equal(t.client->results, 0);
	client_finish(t.client, 50);
	assert_int_equal(t.client->result, 0);
	assert_int_equal(t.client->result_at, now + 20);
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_CONNECTED);
	assert_int_equal(client_open(t.client), 1);
	for (size_t i = 0; i < paths.count; i++) {
		if (paths.up[i].attempt == won->event.attempt)
			continue;
		check_close(sent, &paths.up[i].local, &paths.up[i].peer, now);
	}
	for (size_t i = from; i < t.client->sent_count; i++)
		if (t.client->sent[i].port == won->event.local.port)
			assert_int_not_equal(t.client->sent[i].head[1], CLOSE);
	world_run(&t.world, 100);
	assert_int_equal(camera_open(&t.camera), 1);
	assert_true(same_address(&camera_line(&t.camera)->peer, &won->event.local));
	end();
}

static void test_cancel_a_search(void **state)
{
	(void)state;
	begin();
	t.client->config.broadcast = true;
	client_search(t.client, 3000);
	world_run(&t.world, 250);
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_SEARCHING);
	client_stop(t.client);
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_IDLE);
	assert_int_equal(client_open(t.client), 0);
	assert_int_equal(t.client->results, 1);
	assert_int_equal(t.client->result, -ECANCELED);
	assert_int_equal(client_events(t.client, PPCS_EVENT_DEVICE), 1);
	end();
}

/* The handle is freed: what is left to say is said at once. */
static void test_abort(void **state)
{
	struct paths paths;
	size_t sent;

	(void)state;
	begin();
	t.camera.no_alive_ack = true;
	t.camera.greeting = NULL;
	client_race(t.client);
	world_run(&t.world, 60);
	find_paths(&paths);
	assert_true(paths.count >= 3);
	sent = t.client->sent_count;
	ppcs_session_abort(t.client->session, t.world.now);
	client_update(t.client);
	assert_int_equal(t.client->sent_count - sent, 3 * paths.count);
	for (size_t i = sent; i < t.client->sent_count; i++)
		assert_int_equal(t.client->sent[i].head[1], CLOSE);
	assert_int_equal(t.client->results, 1);
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_IDLE);
	assert_int_equal(client_open(t.client), 0);
	end();
}

static void test_nothing_to_cancel(void **state)
{
	(void)state;
	begin();
	client_stop(t.client);
	assert_int_equal(t.client->seen_count, 0);
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_IDLE);
	assert_int_equal(ppcs_session_deadline(t.client->session), UINT64_MAX);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cancel_in_every_phase),
		cmocka_unit_test(test_cancel_while_nobody_answers),
		cmocka_unit_test(test_cancel_between_attempts),
		cmocka_unit_test(test_cancel_a_session),
		cmocka_unit_test(test_cancel_between_winning_and_the_result),
		cmocka_unit_test(test_losers_are_closed_before_the_result),
		cmocka_unit_test(test_cancel_a_search),
		cmocka_unit_test(test_abort),
		cmocka_unit_test(test_nothing_to_cancel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
