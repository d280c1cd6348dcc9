/* SPDX-License-Identifier: MIT */
/*
 * The race (12.2): decided once, ties in a fixed order, final states stay, losers are closed before
 * the one result is told, and the report is complete however it ends.
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

static const uint16_t one_port[] = { CAMERA_PORT };

/* All three ways lead to the camera. */
static int setup(void **state)
{
	struct session_config *c;

	(void)state;
	memset(&t, 0, sizeof(t));
	world_init(&t.world, 1);
	camera_init(&t.camera, &t.world, at(192, 0, 2, 7, 0), UID);
	t.client = client_new(&t.world, at(192, 0, 2, 100, 0));
	t.client->watches = true;
	client_aim(t.client, t.camera.host.ip);
	client_uid(t.client, UID);
	client_modes(t.client, true, true, true);
	client_ports(t.client, one_port, 1);
	c = &t.client->config;
	c->key_fixed = true; /* else each first probe goes out in all keys */
	c->servers[0] = at(198, 51, 100, 1, DIRECTORY_PORT);
	c->server_count = 1;
	c->relays[0] = at(198, 51, 100, 20, DIRECTORY_PORT);
	c->relay_count = 1;
	directory_init(&t.directory, &t.world, c->servers[0]);
	t.directory.device = &t.camera;
	relay_init(&t.relay, &t.world, c->relays[0]);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_free(&t.world);
	return 0;
}

/* A host at which each way is up and verified by the very datagrams that the test lets through. */
struct gate {
	struct host host;
	struct ppcs_address clients[8];
	uint16_t ports[8];
	unsigned count;
};

static void hold_back(struct host *h, uint16_t port, const struct ppcs_address *from,
		      struct wire *m)
{
	struct gate *g = (struct gate *)h;
	uint8_t did[DID_BYTES];

	wire_did(did, UID);
	if (wire_is(m, LAN_SEARCH, 0)) {
		wire_begin(m, PUNCH_PKT);
		wire_put(m, did, DID_BYTES);
		host_send(h, port, from, m, "");
	} else if (wire_is(m, PUNCH_PKT, DID_BYTES)) {
		wire_begin(m, P2P_RDY);
		wire_put(m, did, DID_BYTES);
		host_send(h, port, from, m, "");
	} else if (wire_is(m, ALIVE, 0)) {
		for (unsigned i = 0; i < g->count; i++)
			if (same_address(&g->clients[i], from))
				return;
		assert_in_range(g->count, 0, 7);
		g->ports[g->count] = port;
		g->clients[g->count++] = *from;
	}
}

static void prove(struct gate *g, unsigned i)
{
	struct wire m;

	wire_begin(&m, ALIVE_ACK);
	host_send(&g->host, g->ports[i], &g->clients[i], &m, "");
}

/* What came in one batch came at the same time: LAN, then P2P, then the relay. */
static void test_ties(void **state)
{
	struct gate gate = { .count = 0 };
	struct gate *g = &gate;
	unsigned lan = 9, p2p = 9;

	(void)state;
	for (unsigned order = 0; order < 2; order++) {
		const struct ppcs_report *r;

		g->count = 0;
		t.client->config.addresses[0] = at(192, 0, 2, 50, 0);
		t.client->config.modes[PPCS_RELAY] = false;
		t.client->config.server_count = 0;
		t.client->config.search_port = CAMERA_PORT;
		if (order == 0)
			stub_init(&g->host, &t.world, at(192, 0, 2, 50, 0), hold_back);
		client_race(t.client);
		world_run(&t.world, 40);
		assert_int_equal(g->count, 2);
		for (size_t i = 0; i < t.client->sent_count; i++)
			for (unsigned k = 0; k < 2; k++)
				if (t.client->sent[i].port == g->clients[k].port &&
				    t.client->sent[i].head[1] == LAN_SEARCH)
					lan = k;
		p2p = 1 - lan;
		prove(g, order == 0 ? lan : p2p);
		prove(g, order == 0 ? p2p : lan);
		client_finish(t.client, 100);
		r = &t.client->kept.report;
		assert_true(r->success);
		assert_int_equal(r->mode, PPCS_LAN);
		assert_string_equal(r->winner, "lanConnectThread");
		assert_int_equal(r->racers[PPCS_P2P].state, PPCS_CANCELLED);
		assert_int_equal(r->racers[PPCS_P2P].attempts[0].level, PPCS_LEVEL_VERIFIED);
		assert_int_equal(r->racers[PPCS_P2P].attempts[0].state, PPCS_CANCELLED);
		client_stop(t.client);
		world_run(&t.world, 1000);
	}
}

/* P2P goes before the relay: both proofs come in the same millisecond. */
static void test_tie_of_p2p_and_relay(void **state)
{
	struct gate gate = { .count = 0 };
	struct ppcs_address relay;
	struct wire m;

	(void)state;
	t.client->config.addresses[0] = at(192, 0, 2, 50, 0);
	client_modes(t.client, true, false, true);
	t.directory.device = NULL;
	t.relay.eager = true;
	t.client->config.relays[1] = t.client->config.servers[0];
	stub_init(&gate.host, &t.world, at(192, 0, 2, 50, 0), hold_back);
	client_race(t.client);
	world_run(&t.world, 100);
	assert_int_equal(gate.count, 1);
	relay = with_port(t.relay.host.ip, t.relay.assigned);
	wire_begin(&m, ALIVE_ACK);
	host_send(&t.relay.host, relay.port, &t.relay.sides[0], &m, "");
	prove(&gate, 0);
	client_finish(t.client, 100);
	assert_int_equal(t.client->kept.report.mode, PPCS_P2P);
	assert_int_equal(t.client->kept.report.racers[PPCS_RELAY].state, PPCS_CANCELLED);
	assert_int_equal(t.client->kept.report.racers[PPCS_RELAY].attempts[0].level,
			 PPCS_LEVEL_VERIFIED);
}

static void check_names(const struct ppcs_report *r)
{
	static const char *const names[] = { "p2pConnectThread", "lanConnectThread",
					     "relayConnectThread" };

	for (unsigned i = 0; i < PPCS_MODES; i++) {
		assert_string_equal(r->racers[i].name, names[i]);
		assert_int_equal(r->racers[i].mode, i);
	}
	assert_non_null(r->text);
}

/* Sockets, counters and words of one racer belong together. */
static void check_racer(const struct ppcs_report *r, enum ppcs_mode mode)
{
	const struct ppcs_racer *racer = &r->racers[mode];
	const struct ppcs_attempt *last = &racer->attempts[racer->attempt_count - 1];
	uint32_t failed = 0;

	if (racer->attempt_count == 0) {
		assert_int_equal(racer->local_port, 0);
		assert_int_equal(racer->destination_port, 0);
		assert_int_equal(racer->retries, 0);
		return;
	}
	for (size_t i = 0; i < racer->attempt_count; i++) {
		const struct ppcs_attempt *a = &racer->attempts[i];

		failed += a->state == PPCS_FAILED;
		assert_true(a->state == PPCS_FAILED || a->state == PPCS_CANCELLED ||
			    a->state == PPCS_SUCCESS);
		assert_int_equal(a->error == NULL, a->state == PPCS_SUCCESS);
		assert_int_not_equal(a->destination.port, 0);
		assert_true(a->elapsed_ms <= r->elapsed_ms);
	}
	assert_int_equal(racer->retries, failed + racer->attempts_dropped);
	assert_int_equal(racer->error == NULL, racer->state == PPCS_SUCCESS);
	assert_true(racer->started);
	assert_true(racer->elapsed_ms <= r->elapsed_ms);
	if (racer->state == PPCS_SUCCESS)
		return;
	/* Of the last attempt. */
	assert_int_equal(racer->local_port, last->local_port);
	assert_int_equal(racer->destination_port, last->destination.port);
}

static void check_report(const struct ppcs_report *r)
{
	check_names(r);
	assert_true(r->text[0] != '\0');
	for (unsigned i = 0; i < PPCS_MODES; i++)
		check_racer(r, (enum ppcs_mode)i);
}

static void test_report_of_success(void **state)
{
	const struct ppcs_report *r;
	const struct seen *connected;
	const struct ppcs_attempt *winner;

	(void)state;
	r = client_run(t.client);
	check_report(r);
	assert_true(r->success);
	assert_int_equal(r->error, 0);
	assert_int_equal(r->verdict, PPCS_VERDICT_CONNECTED);
	assert_string_equal(r->uid, UID);
	assert_string_equal(r->key, "");
	assert_int_equal(r->mode, PPCS_P2P); /* a round trip less than LAN */
	assert_string_equal(r->winner, "p2pConnectThread");
	assert_int_equal(r->elapsed_ms, 4);
	assert_non_null(strstr(r->text, "192.0.2.7:40611"));
	assert_int_equal(r->racers[PPCS_P2P].state, PPCS_SUCCESS);
	assert_int_equal(r->racers[PPCS_LAN].state, PPCS_CANCELLED);
	assert_int_equal(r->racers[PPCS_RELAY].state, PPCS_CANCELLED);
	assert_int_equal(r->racers[PPCS_P2P].local_port, r->local.port);
	assert_int_equal(r->racers[PPCS_P2P].destination_port, CAMERA_PORT);
	winner = &r->racers[PPCS_P2P].attempts[0];
	assert_int_equal(winner->state, PPCS_SUCCESS);
	assert_int_equal(winner->level, PPCS_LEVEL_VERIFIED);
	assert_int_equal(winner->local_port, r->local.port);
	assert_int_equal(winner->sent, 2);
	assert_int_equal(winner->received, 2);
	connected = client_event(t.client, 0, PPCS_EVENT_CONNECTED);
	assert_int_equal(connected->event.mode, PPCS_P2P);
	assert_string_equal(connected->uid, UID);
	assert_true(same_address(&connected->event.peer, &r->peer));
	assert_true(same_address(&connected->event.local, &r->local));
	assert_int_equal(connected->event.elapsed_ms, r->elapsed_ms);
}

static void test_report_of_failure(void **state)
{
	const struct ppcs_report *r;

	(void)state;
	t.directory.result = -1;
	client_aim(t.client, at(192, 0, 2, 66, 0));
	t.client->config.address_count = 0;
	r = client_run(t.client);
	check_report(r);
	assert_false(r->success);
	assert_int_equal(r->racers[PPCS_LAN].state, PPCS_FAILED);
	assert_string_equal(r->racers[PPCS_LAN].error, "no address and no broadcast");
	assert_int_equal(r->racers[PPCS_P2P].state, PPCS_FAILED);
	assert_string_equal(r->racers[PPCS_P2P].error, "device id unknown");
	assert_int_equal(r->racers[PPCS_RELAY].state, PPCS_FAILED);
	/* All have failed: nobody waits for the time limit. */
	assert_in_range(r->elapsed_ms, 1, 10);
}

static void test_report_at_the_time_limit(void **state)
{
	const struct ppcs_report *r;

	(void)state;
	t.directory.silent = true;
	t.relay.silent = true;
	client_aim(t.client, at(192, 0, 2, 66, 0));
	t.client->config.timeout_ms = 12345;
	r = client_run(t.client);
	check_report(r);
	assert_false(r->success);
	assert_int_equal(r->elapsed_ms, 12345);
	for (unsigned i = 0; i < PPCS_MODES; i++) {
		assert_int_equal(r->racers[i].state, PPCS_FAILED);
		assert_int_equal(r->racers[i].elapsed_ms, 12345);
		assert_true(r->racers[i].retries > 2);
	}
	assert_int_equal(client_events(t.client, PPCS_EVENT_ATTEMPT_STARTED),
			 client_events(t.client, PPCS_EVENT_ATTEMPT_ENDED));
	/* A result comes when all sockets are closed. */
	assert_int_equal(client_open(t.client), 0);
}

static void test_report_of_a_cancelled_race(void **state)
{
	const struct ppcs_report *r;

	(void)state;
	client_aim(t.client, at(192, 0, 2, 66, 0));
	t.directory.silent = true;
	t.relay.silent = true;
	client_race(t.client);
	world_run(&t.world, 7000);
	client_stop(t.client);
	assert_int_equal(t.client->results, 1);
	r = &t.client->kept.report;
	check_report(r);
	assert_int_equal(r->verdict, PPCS_VERDICT_CANCELLED);
	assert_int_equal(r->error, -ECANCELED);
	for (unsigned i = 0; i < PPCS_MODES; i++) {
		assert_int_equal(r->racers[i].state, PPCS_CANCELLED);
		assert_true(r->racers[i].retries > 0);
	}
}

static void test_report_while_it_runs(void **state)
{
	const struct ppcs_report *r;

	(void)state;
	client_aim(t.client, at(192, 0, 2, 66, 0));
	t.directory.silent = true;
	t.relay.silent = true;
	client_race(t.client);
	world_run(&t.world, 120);
	r = ppcs_session_report(t.client->session, t.world.now);
	check_names(r);
	assert_int_equal(r->verdict, PPCS_VERDICT_NONE);
	assert_int_equal(r->elapsed_ms, 120);
	assert_int_equal(r->racers[PPCS_LAN].state, PPCS_RUNNING);
	assert_int_equal(r->racers[PPCS_LAN].attempts[0].state, PPCS_RUNNING);
	assert_int_equal(r->racers[PPCS_LAN].attempts[0].sent, 2);
	assert_int_equal(r->racers[PPCS_LAN].elapsed_ms, 120);
	assert_null(r->racers[PPCS_LAN].error);
	assert_int_not_equal(r->racers[PPCS_LAN].local_port, 0);
	/* Attempts have failed; the racer has not. */
	world_run(&t.world, 6000);
	r = ppcs_session_report(t.client->session, t.world.now);
	for (unsigned i = 0; i < PPCS_MODES; i++) {
		assert_int_equal(r->racers[i].state, PPCS_RUNNING);
		assert_true(r->racers[i].retries > 0);
		assert_null(r->racers[i].error);
		assert_non_null(r->racers[i].attempts[0].error);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_ties),
		TEST(test_tie_of_p2p_and_relay),
		TEST(test_report_of_success),
		TEST(test_report_of_failure),
		TEST(test_report_at_the_time_limit),
		TEST(test_report_of_a_cancelled_race),
		TEST(test_report_while_it_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
