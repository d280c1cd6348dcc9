/* SPDX-License-Identifier: MIT */
/* Relay over TCP, experimental (6.5): two streams of bytes by hand, framed as in 9.6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "hosts.h"

#define UID         "TEST-012345-ABCDE"
#define MAX_STREAMS 8
#define TCP_PORT    443

static struct {
	struct world world;
	struct client *client;
	struct ppcs_address server, relay, local;
	uint8_t did[DID_BYTES];
	struct socket_wish wishes[MAX_STREAMS]; /**< the first ones */
	size_t count;
	bool refuses;
	uint32_t newest; /**< stream that was wanted last */
	uint32_t last;   /**< to which bytes came last */
	struct wire bytes;
} t;

static void stream(struct client *c, const struct socket_wish *wish)
{
	if (t.count < MAX_STREAMS)
		t.wishes[t.count] = *wish;
	t.count++;
	t.newest = wish->id;
	if (t.refuses)
		ppcs_session_failed(c->session, wish->id, -ECONNREFUSED, c->world->now);
	else
		ppcs_session_opened(c->session, wish->id, &t.local, c->world->now);
}

static void bytes(struct client *c, uint32_t id, const uint8_t *data, size_t size)
{
	(void)c;
	t.last = id;
	t.bytes.size = size;
	memcpy(t.bytes.bytes, data, size);
}

static int setup(void **state)
{
	struct session_config *c;

	(void)state;
	memset(&t, 0, sizeof(t));
	world_init(&t.world, 1);
	t.server = at(203, 0, 113, 1, TCP_PORT);
	t.relay = at(198, 51, 100, 20, 9000);
	t.local = at(192, 168, 1, 20, 50001);
	wire_did(t.did, UID);
	t.client = client_new(&t.world, at(192, 168, 1, 20, 0));
	t.client->watches = true;
	t.client->stream = stream;
	t.client->bytes = bytes;
	client_uid(t.client, UID);
	client_modes(t.client, false, false, true);
	c = &t.client->config;
	c->key_fixed = true;
	c->servers[0] = with_port(t.server, DIRECTORY_PORT);
	c->server_count = 1;
	c->relay_tcp = TCP_PORT;
	c->timeout_ms = 4000;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_free(&t.world);
	return 0;
}

static void check_bytes(const uint8_t *b, size_t n, uint8_t check[2])
{
	uint8_t c0 = 0x43, c1 = 0x53;

	for (size_t i = 0; i < n; i++) {
		uint8_t x = c0 ^ c1 ^ b[i];

		if (i % 2 == 0)
			c1 = c1 ^ x ^ b[n - 1 - i];
		c0 = x;
	}
	check[0] = c0;
	check[1] = c1;
}

/* The message out of the frame that was sent. */
static struct wire unframe(void)
{
	struct wire m = { .size = t.bytes.size - 8 };
	char key[5];
	uint8_t check[2];

	assert_in_range(t.bytes.size, 12, WIRE_MAX);
	assert_int_equal(t.bytes.bytes[0] << 8 | t.bytes.bytes[1], m.size);
	assert_int_equal(t.bytes.bytes[2], 0x68);
	assert_int_equal(t.bytes.bytes[3], 0);
	memcpy(m.bytes, t.bytes.bytes + 8, m.size);
	check_bytes(m.bytes, m.size, check);
	assert_memory_equal(check, t.bytes.bytes + 6, 2);
	snprintf(key, sizeof(key), "%02X%02X", t.bytes.bytes[4], t.bytes.bytes[5]);
	wire_show(&m, key);
	return m;
}

static void feed(uint32_t id, const uint8_t *data, size_t size)
{
	struct ppcs_address nobody = { .port = 0 };

	ppcs_session_receive(t.client->session, id, &nobody, data, size, t.world.now);
}

static void settle(void)
{
	ppcs_session_tick(t.client->session, t.world.now);
	client_update(t.client);
}

static struct wire framed(const struct wire *m)
{
	struct wire body = *m, frame = { .size = 8 + m->size };
	uint8_t head[8] = { (uint8_t)(m->size >> 8), (uint8_t)m->size, 0x68, 0, 0x12, 0x34 };

	wire_hide(&body, "1234");
	check_bytes(body.bytes, body.size, head + 6);
	memcpy(frame.bytes, head, 8);
	memcpy(frame.bytes + 8, body.bytes, body.size);
	return frame;
}

/* Byte by byte, as streams may bring it. */
static void say(uint32_t id, uint8_t type, const void *body, size_t size)
{
	struct wire m, frame;

	wire_begin(&m, type);
	wire_put(&m, body, size);
	frame = framed(&m);
	for (size_t i = 0; i < frame.size; i++)
		feed(id, frame.bytes + i, 1);
	settle();
}

static void name_relay(void)
{
	struct wire m;

	wire_begin(&m, 0x52);
	wire_put(&m, t.did, DID_BYTES);
	wire_put_u32be(&m, 0x1a2b3c4d);
	wire_put_address(&m, &t.relay);
	wire_put(&m, (uint8_t[8]){ 0 }, 8);
	say(t.wishes[0].id, 0x52, m.bytes + 4, m.size - 4);
}

/* The relay joins both: 48 bytes. */
static void join(void)
{
	feed(t.wishes[1].id, (const uint8_t[48]){ 0 }, 47);
	settle();
	assert_null(client_event(t.client, 0, PPCS_EVENT_ATTEMPT_UP));
	feed(t.wishes[1].id, (const uint8_t[1]){ 0 }, 1);
	settle();
}

static void win(void)
{
	client_race(t.client);
	say(t.wishes[0].id, 0x55, "\0\0\0\0", 4);
	name_relay();
	join();
	say(t.wishes[1].id, ALIVE_ACK, NULL, 0);
	assert_int_equal(t.client->connects, 1);
}

static void test_step_by_step(void **state)
{
	struct wire m;
	const struct ppcs_report *r = &t.client->kept.report;

	(void)state;
	client_race(t.client);
	assert_int_equal(t.count, 1);
	assert_true(t.wishes[0].stream);
	assert_true(same_address(&t.wishes[0].to, &t.server));
	m = unframe();
	assert_true(wire_is(&m, 0x53, 52));
	assert_true(wire_has_did(&m, 4, t.did));
	assert_int_equal(wire_address(&m, 24).port, t.local.port);
	assert_memory_equal(m.bytes + 49, ((uint8_t[]){ 5, 2, 1, 1 }), 4);

	say(t.wishes[0].id, 0x55, "\0\0\0\0", 4);
	name_relay();
	assert_int_equal(t.count, 2);
	assert_true(same_address(&t.wishes[1].to, &t.relay));
	/* Bare: DID, key, side 0. */
	assert_int_equal(t.last, t.wishes[1].id);
	assert_int_equal(t.bytes.size, 28);
	assert_memory_equal(t.bytes.bytes, t.did, DID_BYTES);
	assert_memory_equal(t.bytes.bytes + 20, "\x1a\x2b\x3c\x4d\0\0\0\0", 8);

	join();
	assert_non_null(client_event(t.client, 0, PPCS_EVENT_ATTEMPT_UP));
	assert_int_equal(t.client->connects, 0);
	m = unframe();
	assert_true(wire_is(&m, ALIVE, 0));
	say(t.wishes[1].id, ALIVE_ACK, NULL, 0);
	client_finish(t.client, 100);
	assert_true(r->success);
	assert_int_equal(r->mode, PPCS_RELAY);
	assert_true(same_address(&r->peer, &t.relay));
	assert_int_equal(client_open(t.client), 1);
	/* A stream cannot be handed over, and loses nothing: CLOSE once. */
	assert_int_equal(ppcs_session_take(t.client->session, NULL, NULL), 0);
	t.bytes.size = 0;
	client_stop(t.client);
	m = unframe();
	assert_true(wire_is(&m, CLOSE, 0));
	t.bytes.size = 0;
	world_run(&t.world, 50);
	assert_int_equal(t.bytes.size, 0);
	assert_int_equal(client_open(t.client), 0);
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_IDLE);
}

static void test_a_session_over_it(void **state)
{
	struct wire m;

	(void)state;
	win();
	say(t.wishes[1].id, DRW, "\xd1\0\0\0ACK", 7);
	m = unframe();
	assert_true(wire_is(&m, DRW_ACK, 6));
	assert_int_equal(client_events(t.client, PPCS_EVENT_DATA), 1);
	say(t.wishes[1].id, ALIVE, NULL, 0);
	m = unframe();
	assert_true(wire_is(&m, ALIVE_ACK, 0));
	say(t.wishes[1].id, CLOSE, NULL, 0);
	assert_int_equal(t.client->closes, 1);
	assert_int_equal(client_open(t.client), 0);
}

static void test_the_stream_ends(void **state)
{
	(void)state;
	win();
	ppcs_session_failed(t.client->session, t.wishes[1].id, 0, t.world.now);
	settle();
	assert_int_equal(t.client->closes, 1);
	assert_int_equal(client_event(t.client, 0, PPCS_EVENT_CLOSED)->event.error, -ECONNRESET);
}

/* A frame that is none ends it (9.6). */
static void test_nonsense_in_a_session(void **state)
{
	(void)state;
	win();
	feed(t.wishes[1].id, (const uint8_t *)"\0\4\x69", 3);
	settle();
	assert_int_equal(t.client->closes, 1);
}

static void test_the_relay_hangs_up(void **state)
{
	(void)state;
	client_race(t.client);
	name_relay();
	ppcs_session_failed(t.client->session, t.wishes[1].id, 0, t.world.now);
	settle();
	assert_int_equal(client_events(t.client, PPCS_EVENT_ATTEMPT_ENDED), 1);
	assert_int_equal(client_open(t.client), 0);
	client_finish(t.client, 5000);
	assert_false(t.client->kept.report.success);
}

/* The servers have said what they had to say. */
static void test_the_server_hangs_up(void **state)
{
	(void)state;
	client_race(t.client);
	name_relay();
	ppcs_session_failed(t.client->session, t.wishes[0].id, 0, t.world.now);
	settle();
	assert_int_equal(client_events(t.client, PPCS_EVENT_ATTEMPT_ENDED), 0);
	join();
	say(t.wishes[1].id, ALIVE_ACK, NULL, 0);
	assert_int_equal(t.client->connects, 1);
}

static void test_a_relay_at_no_address(void **state)
{
	(void)state;
	t.relay = at(0, 0, 0, 0, 9000);
	client_race(t.client);
	name_relay();
	assert_int_equal(t.count, 1);
	/* Nor twice. */
	t.relay = at(198, 51, 100, 20, 9000);
	name_relay();
	t.relay = at(198, 51, 100, 21, 9000);
	name_relay();
	assert_int_equal(t.count, 2);
}

/* "Come back later" is no refusal. */
static void test_later(void **state)
{
	(void)state;
	client_race(t.client);
	say(t.wishes[0].id, 0x55, "\xfa\1\0\0", 4);
	world_run(&t.world, 1000);
	assert_int_equal(client_events(t.client, PPCS_EVENT_ATTEMPT_ENDED), 0);
	name_relay();
	join();
	say(t.wishes[1].id, ALIVE_ACK, NULL, 0);
	assert_int_equal(t.client->connects, 1);
}

/* On a stream no key can be tried: that of the servers, or plain. */
static void test_key(void **state)
{
	struct wire m;

	(void)state;
	t.client->config.key_fixed = false;
	client_race(t.client);
	m = unframe();
	assert_true(wire_is(&m, 0x53, 52));
	client_stop(t.client);
	strcpy(t.client->config.server_key, "SECRETKEY");
	client_race(t.client);
	m = unframe();
	wire_show(&m, "SECRETKEY");
	assert_true(wire_is(&m, 0x53, 52));
}

static void refused(int result, enum ppcs_verdict verdict, int error)
{
	uint8_t body[4] = { (uint8_t)result };

	client_race(t.client);
	while (t.client->results == 0) {
		if (client_open(t.client) > 0)
			say(t.newest, 0x55, body, 4);
		world_run(&t.world, 100);
	}
	assert_int_equal(t.client->kept.report.verdict, verdict);
	assert_int_equal(t.client->kept.report.error, error);
	assert_int_equal(client_open(t.client), 0);
}

static void test_results(void **state)
{
	(void)state;
	refused(-1, PPCS_VERDICT_UNKNOWN_UID, -ECONNREFUSED);
	refused(-3, PPCS_VERDICT_UNKNOWN_UID, -ECONNREFUSED);
	refused(-4, PPCS_VERDICT_DSK, -ECONNREFUSED);
	refused(-2, PPCS_VERDICT_OFFLINE, -ECONNREFUSED);
	refused(-5, PPCS_VERDICT_NO_RELAY, -ETIMEDOUT);
}

static void test_no_server_listens(void **state)
{
	(void)state;
	t.refuses = true;
	t.client->config.timeout_ms = 300;
	client_race(t.client);
	client_finish(t.client, 500);
	assert_false(t.client->kept.report.success);
	assert_int_equal(t.client->kept.report.verdict, PPCS_VERDICT_NOTHING);
	assert_int_equal(t.client->kept.report.error, -EHOSTUNREACH);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_step_by_step),
		TEST(test_a_session_over_it),
		TEST(test_the_stream_ends),
		TEST(test_nonsense_in_a_session),
		TEST(test_the_relay_hangs_up),
		TEST(test_the_server_hangs_up),
		TEST(test_a_relay_at_no_address),
		TEST(test_later),
		TEST(test_key),
		TEST(test_results),
		TEST(test_no_server_listens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
