/* SPDX-License-Identifier: MIT */
/*
 * Nobody there means not connected, also behind directory servers and relays: what these say is no
 * proof of the device (section 12.3).
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
	struct directory directory;
	struct relay_host relay;
	struct host host;
	uint8_t did[DID_BYTES];
} t;

/* A directory server, and a relay that the caller has set; no camera. */
static int setup(void **state)
{
	struct session_config *c;

	(void)state;
	memset(&t, 0, sizeof(t));
	world_init(&t.world, 1);
	t.client = client_new(&t.world, at(192, 0, 2, 100, 0));
	t.client->watches = true;
	client_uid(t.client, UID);
	wire_did(t.did, UID);
	c = &t.client->config;
	c->timeout_ms = 6000;
	c->servers[0] = at(198, 51, 100, 1, DIRECTORY_PORT);
	c->server_count = 1;
	c->relays[0] = at(198, 51, 100, 20, DIRECTORY_PORT);
	c->relay_count = 1;
	directory_init(&t.directory, &t.world, c->servers[0]);
	relay_init(&t.relay, &t.world, c->relays[0]);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_free(&t.world);
	return 0;
}

static const struct ppcs_report *told(enum ppcs_verdict verdict, int error, const char *words)
{
	const struct ppcs_report *r = client_run(t.client);

	assert_false(r->success);
	assert_int_equal(r->verdict, verdict);
	assert_int_equal(r->error, error);
	assert_non_null(strstr(r->text, words));
	assert_null(r->winner);
	assert_null(r->uid);
	assert_null(r->key);
	assert_int_equal(r->peer.port, 0);
	world_run(&t.world, 100);
	assert_int_equal(client_open(t.client), 0);
	return r;
}

static enum ppcs_level highest(enum ppcs_mode mode)
{
	const struct ppcs_racer *r = &t.client->kept.report.racers[mode];
	enum ppcs_level level = PPCS_LEVEL_NONE;

	for (size_t i = 0; i < r->attempt_count; i++)
		if (r->attempts[i].level > level)
			level = r->attempts[i].level;
	return level;
}

static void only(enum ppcs_mode mode)
{
	client_modes(t.client, mode == PPCS_P2P, false, mode == PPCS_RELAY);
}

static void test_hello_ack_alone(void **state)
{
	(void)state;
	only(PPCS_P2P);
	t.directory.hello_only = true;
	told(PPCS_VERDICT_NO_PUNCH, -ETIMEDOUT, "nothing came from the device");
	assert_int_equal(highest(PPCS_P2P), PPCS_LEVEL_ANSWER);
}

static void test_servers_that_do_not_answer(void **state)
{
	(void)state;
	only(PPCS_P2P);
	t.directory.silent = true;
	told(PPCS_VERDICT_NOTHING, -EHOSTUNREACH, "nothing was heard");
	assert_int_equal(highest(PPCS_P2P), PPCS_LEVEL_NONE);
}

/* The server names an address; who is there does not answer. */
static void test_punch_to_and_nobody(void **state)
{
	struct ppcs_address device = at(203, 0, 113, 9, 40000);

	(void)state;
	only(PPCS_P2P);
	t.directory.named[0] = device;
	t.directory.named_count = 1;
	told(PPCS_VERDICT_NO_PUNCH, -ETIMEDOUT, "nothing came from the device");
	assert_true(client_sent(t.client, 0, PUNCH_PKT, &device) > 40);
	assert_int_equal(highest(PPCS_P2P), PPCS_LEVEL_ANSWER);
}

static void ready(struct host *h, uint16_t port, const struct ppcs_address *from, struct wire *m)
{
	if (!wire_is(m, PUNCH_PKT, DID_BYTES))
		return;
	wire_begin(m, P2P_RDY);
	wire_put(m, t.did, DID_BYTES);
	/* From a port that is outside of the punched range. */
	host_send(h, port + 20, from, m, "");
}

static void test_ready_from_a_port_that_was_not_punched(void **state)
{
	(void)state;
	only(PPCS_P2P);
	t.directory.named[0] = at(203, 0, 113, 9, 40000);
	t.directory.named_count = 1;
	stub_init(&t.host, &t.world, t.directory.named[0], ready);
	told(PPCS_VERDICT_NO_PUNCH, -ETIMEDOUT, "nothing came from the device");
	assert_int_equal(highest(PPCS_P2P), PPCS_LEVEL_ANSWER);
	assert_true(ppcs_session_statistics(t.client->session)->warnings_address > 0);
}

static void test_relay_without_the_device(void **state)
{
	(void)state;
	only(PPCS_RELAY);
	told(PPCS_VERDICT_NO_DEVICE, -ETIMEDOUT, "did not come");
	assert_int_equal(highest(PPCS_RELAY), PPCS_LEVEL_ANSWER);
	assert_true(t.relay.packets > 0);
	assert_int_equal(t.relay.wrong_side, 0);
}

/* RLY_RDY although nobody else has come: the path counts as up, the device is not heard. */
static void test_relay_that_is_eager(void **state)
{
	(void)state;
	only(PPCS_RELAY);
	t.relay.eager = true;
	told(PPCS_VERDICT_SILENT, -ETIMEDOUT, "not heard");
	assert_int_equal(highest(PPCS_RELAY), PPCS_LEVEL_PATH);
}

/* "Loopback": the relay joins us to ourselves. Our own ALIVE must not become the proof. */
static void test_relay_that_gives_us_our_own_back(void **state)
{
	(void)state;
	only(PPCS_RELAY);
	t.relay.loops = true;
	told(PPCS_VERDICT_SILENT, -ETIMEDOUT, "not heard");
	assert_int_equal(highest(PPCS_RELAY), PPCS_LEVEL_PATH);
	assert_true(t.relay.forwarded > 0);
}

static void reflect(struct host *h, uint16_t port, const struct ppcs_address *from, struct wire *m)
{
	host_send(h, port, from, m, "");
}

static void test_relay_that_is_a_mirror(void **state)
{
	(void)state;
	only(PPCS_RELAY);
	t.relay.silent = true;
	t.directory.silent = true;
	t.client->config.relays[0] = at(198, 51, 100, 30, DIRECTORY_PORT);
	stub_init(&t.host, &t.world, t.client->config.relays[0], reflect);
	told(PPCS_VERDICT_REFLECTED, -EPROTO, "our own packets");
	assert_int_equal(highest(PPCS_RELAY), PPCS_LEVEL_NONE);
}

static void test_relay_that_does_not_answer(void **state)
{
	(void)state;
	only(PPCS_RELAY);
	t.relay.silent = true;
	told(PPCS_VERDICT_NO_RELAY, -ETIMEDOUT, "no relay did");
}

static void test_relay_without_a_free_port(void **state)
{
	(void)state;
	only(PPCS_RELAY);
	t.relay.assigned = 0;
	told(PPCS_VERDICT_RELAY_FULL, -ECONNREFUSED, "free port");
}

static void test_relay_that_gives_no_port(void **state)
{
	(void)state;
	only(PPCS_RELAY);
	t.relay.no_port = true;
	told(PPCS_VERDICT_RELAY_FULL, -ECONNREFUSED, "free port");
	assert_true(t.relay.ports > 0);
}

static void test_no_relay_listed(void **state)
{
	(void)state;
	only(PPCS_RELAY);
	t.client->config.relay_count = 0;
	t.client->config.relay_search = true;
	t.directory.no_list = true;
	told(PPCS_VERDICT_NO_RELAY, -ETIMEDOUT, "listed no relay");
}

static void test_device_off_line(void **state)
{
	const struct ppcs_report *r;

	(void)state;
	only(PPCS_P2P);
	t.directory.result = -2;
	r = told(PPCS_VERDICT_OFFLINE, -ECONNREFUSED, "off line");
	assert_string_equal(r->racers[PPCS_P2P].error, "device off line");
}

static void test_id_that_the_servers_do_not_know(void **state)
{
	static const int results[] = { -1, -3 };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		const struct ppcs_report *r;

		only(PPCS_P2P);
		t.directory.result = results[i];
		r = told(PPCS_VERDICT_UNKNOWN_UID, -ECONNREFUSED, "does not know");
		/* It ends at once: no server will know better. */
		assert_in_range(r->elapsed_ms, 1, 10);
		assert_int_equal(r->racers[PPCS_P2P].retries, 1);
	}
}

static void test_device_key_that_is_refused(void **state)
{
	const struct ppcs_report *r;

	(void)state;
	only(PPCS_P2P);
	strcpy(t.directory.dsk, "right");
	strcpy(t.client->config.dsk, "wrong");
	r = told(PPCS_VERDICT_DSK, -ECONNREFUSED, "device key");
	assert_in_range(r->elapsed_ms, 1, 10);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_hello_ack_alone),
		TEST(test_servers_that_do_not_answer),
		TEST(test_punch_to_and_nobody),
		TEST(test_ready_from_a_port_that_was_not_punched),
		TEST(test_relay_without_the_device),
		TEST(test_relay_that_is_eager),
		TEST(test_relay_that_gives_us_our_own_back),
		TEST(test_relay_that_is_a_mirror),
		TEST(test_relay_that_does_not_answer),
		TEST(test_relay_without_a_free_port),
		TEST(test_relay_that_gives_no_port),
		TEST(test_no_relay_listed),
		TEST(test_device_off_line),
		TEST(test_id_that_the_servers_do_not_know),
		TEST(test_device_key_that_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
