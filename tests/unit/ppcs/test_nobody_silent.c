/* SPDX-License-Identifier: MIT */
/*
 * Somebody there who does not let us in means not connected: an answer is no path, a path is no
 * proof, and what was proven by nobody wins nothing (section 12.3).
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
	struct ppcs_address camera; /**< where it should be */
	struct host host;
	uint8_t did[DID_BYTES];
} t;

static int setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	world_init(&t.world, 1);
	t.camera = at(192, 0, 2, 7, 0);
	t.client = client_new(&t.world, at(192, 0, 2, 100, 0));
	t.client->config.timeout_ms = 6000;
	t.client->watches = true;
	client_aim(t.client, t.camera);
	client_uid(t.client, UID);
	wire_did(t.did, UID);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_free(&t.world);
	return 0;
}

/* Race, and be told exactly this. */
static const struct ppcs_report *told(enum ppcs_verdict verdict, int error, const char *words)
{
	const struct ppcs_report *r = client_run(t.client);

	assert_false(r->success);
	assert_int_equal(r->verdict, verdict);
	assert_int_equal(r->error, error);
	assert_non_null(strstr(r->text, words));
	assert_null(r->winner);
	assert_null(r->key);
	assert_int_equal(r->local.port, 0);
	assert_int_equal(r->peer.port, 0);
	assert_int_equal(r->destination.port, 0);
	assert_in_range(r->elapsed_ms, t.client->config.timeout_ms,
			t.client->config.timeout_ms + 1);
	assert_int_equal(t.client->connects, 0);
	world_run(&t.world, 100);
	assert_int_equal(client_open(t.client), 0);
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_IDLE);
	return r;
}

/* No attempt was proven, nor came to this level. */
static void below(enum ppcs_level level)
{
	for (unsigned i = 0; i < PPCS_MODES; i++) {
		const struct ppcs_racer *r = &t.client->kept.report.racers[i];

		assert_true(r->state == PPCS_FAILED || r->state == PPCS_NOT_STARTED);
		for (size_t k = 0; k < r->attempt_count; k++) {
			assert_int_equal(r->attempts[k].state, PPCS_FAILED);
			assert_non_null(r->attempts[k].error);
			assert_true(r->attempts[k].level < level);
		}
	}
}

/* PUNCH_PKT comes, P2P_RDY never: someone does not let us through. */
static void test_camera_that_is_never_ready(void **state)
{
	struct camera c;

	(void)state;
	camera_init(&c, &t.world, t.camera, UID);
	c.no_ready = true;
	told(PPCS_VERDICT_BLOCKED, -ETIMEDOUT, "firewall");
	below(PPCS_LEVEL_PATH);
	assert_true(c.punches > 0);
}

static void test_path_up_but_silent(void **state)
{
	struct camera c;
	const struct ppcs_report *r;

	(void)state;
	camera_init(&c, &t.world, t.camera, UID);
	c.silent = true;
	r = told(PPCS_VERDICT_SILENT, -ETIMEDOUT, "not heard");
	below(PPCS_LEVEL_VERIFIED);
	assert_string_equal(r->racers[PPCS_LAN].error, "path up, device silent");
	/* ALIVE each 50 ms until something comes; CLOSE at the end. */
	assert_true(client_sent(t.client, 0, ALIVE, NULL) >= 5000 / 50);
	assert_true(c.closes > 0);
	assert_int_equal(camera_open(&c), 0);
}

/* Wrong words on channel 0 are none of an LBCS camera (11.2). */
static void test_wrong_greeting(void **state)
{
	struct camera c;

	(void)state;
	client_uid(t.client, "LBCS-000000-CCCJJ");
	camera_init(&c, &t.world, t.camera, "LBCS-000000-CCCJJ");
	c.greeting = "NAK";
	c.no_alive_ack = true;
	told(PPCS_VERDICT_SILENT, -ETIMEDOUT, "not heard");
	below(PPCS_LEVEL_VERIFIED);
}

static void ready_from(struct host *h, struct ppcs_address source, const struct ppcs_address *to)
{
	struct wire ready;

	wire_begin(&ready, P2P_RDY);
	wire_put(&ready, t.did, DID_BYTES);
	world_send(h->world, &source, to, &ready);
}

static void close_at_once(struct host *h, uint16_t port, const struct ppcs_address *from,
			  struct wire *m)
{
	if (wire_is(m, PUNCH_PKT, DID_BYTES))
		ready_from(h, with_port(h->ip, port), from);
	wire_begin(m, CLOSE);
	host_send(h, port, from, m, "");
}

static void test_closed_by_the_device(void **state)
{
	const struct ppcs_report *r;

	(void)state;
	stub_init(&t.host, &t.world, t.camera, close_at_once);
	r = told(PPCS_VERDICT_DEVICE_CLOSED, -ECONNREFUSED, "closed");
	assert_string_equal(r->racers[PPCS_P2P].error, "closed by the device");
	/* Who has said CLOSE is not told so. */
	assert_int_equal(client_sent(t.client, 0, CLOSE, NULL), 0);
}

static void close_instead(struct host *h, uint16_t port, const struct ppcs_address *from,
			  struct wire *m)
{
	bool punch = wire_is(m, PUNCH_PKT, DID_BYTES);

	wire_begin(m, CLOSE);
	if (punch)
		host_send(h, port, from, m, "");
}

/* It has no room for us: CLOSE where P2P_RDY would stand. */
static void test_closed_instead_of_ready(void **state)
{
	(void)state;
	stub_init(&t.host, &t.world, t.camera, close_instead);
	told(PPCS_VERDICT_DEVICE_CLOSED, -ECONNREFUSED, "closed");
	below(PPCS_LEVEL_PATH);
	assert_int_equal(t.client->kept.report.racers[PPCS_P2P].attempts[0].elapsed_ms, 2);
}

static void close_from_elsewhere(struct host *h, uint16_t port, const struct ppcs_address *from,
				 struct wire *m)
{
	wire_begin(m, CLOSE);
	host_send(h, port + 1, from, m, "");
}

static void test_closed_by_somebody_else(void **state)
{
	(void)state;
	stub_init(&t.host, &t.world, t.camera, close_from_elsewhere);
	told(PPCS_VERDICT_NOTHING, -EHOSTUNREACH, "nothing was heard");
	below(PPCS_LEVEL_ANSWER);
	assert_int_equal(t.client->kept.report.racers[PPCS_P2P].attempts[0].elapsed_ms, 5000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_camera_that_is_never_ready),
		TEST(test_path_up_but_silent),
		TEST(test_wrong_greeting),
		TEST(test_closed_by_the_device),
		TEST(test_closed_instead_of_ready),
		TEST(test_closed_by_somebody_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
