/* SPDX-License-Identifier: MIT */
/*
 * Nobody there means not connected: whatever comes back that is not the device over the path that
 * was asked, nobody wins, and the verdict says what it was (section 12.3).
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
#define OTHER "TEST-000007-BCDEF"

static struct {
	struct world world;
	struct client *client;
	struct ppcs_address camera; /**< where it should be */
	struct host host, second;
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

static void test_no_listener(void **state)
{
	const struct ppcs_report *r;

	(void)state;
	r = told(PPCS_VERDICT_NOTHING, -EHOSTUNREACH, "nothing was heard");
	below(PPCS_LEVEL_ANSWER);
	assert_string_equal(r->racers[PPCS_LAN].error, "no answer");
	assert_string_equal(r->racers[PPCS_P2P].error, "no answer");
}

static void test_closed_ports(void **state)
{
	(void)state;
	host_init(&t.host, t.camera);
	t.host.icmp = true;
	world_add(&t.world, &t.host);
	told(PPCS_VERDICT_CLOSED_PORT, -EHOSTUNREACH, "closed");
	below(PPCS_LEVEL_ANSWER);
	assert_true(ppcs_session_statistics(t.client->session)->unreachable > 0);
}

static void answer_nonsense(struct host *h, uint16_t port, const struct ppcs_address *from,
			    struct wire *m)
{
	m->size = 1 + cmn_prng_below(&h->world->prng, 100);
	for (size_t i = 0; i < m->size; i++)
		m->bytes[i] = (uint8_t)(cmn_prng_next(&h->world->prng) | 1);
	/* Never like a message in any key of section 9.2. */
	m->bytes[0] = 0x00;
	host_send(h, port, from, m, "");
}

static void test_nonsense(void **state)
{
	(void)state;
	stub_init(&t.host, &t.world, t.camera, answer_nonsense);
	told(PPCS_VERDICT_UNREADABLE, -EPROTO, "cannot be read");
	below(PPCS_LEVEL_ANSWER);
	assert_true(ppcs_session_statistics(t.client->session)->unreadable > 0);
}

/* What the original sends between its own parts (3.1): no answer, no harm. */
static void answer_kill(struct host *h, uint16_t port, const struct ppcs_address *from,
			struct wire *m)
{
	memcpy(m->bytes, "338DB900E559KILL", 17);
	m->size = 17;
	host_send(h, port, from, m, "");
}

static void test_the_two_special_strings(void **state)
{
	(void)state;
	stub_init(&t.host, &t.world, t.camera, answer_kill);
	told(PPCS_VERDICT_UNREADABLE, -EPROTO, "cannot be read");
}

static void reflect(struct host *h, uint16_t port, const struct ppcs_address *from, struct wire *m)
{
	host_send(h, port, from, m, "");
}

static void test_own_packets_reflected(void **state)
{
	(void)state;
	stub_init(&t.host, &t.world, t.camera, reflect);
	told(PPCS_VERDICT_REFLECTED, -EPROTO, "our own packets");
	below(PPCS_LEVEL_PATH);
	/* A mirror starts no storm: each port is asked each 100 ms and echoed 8 times in 200 ms. */
	assert_in_range(t.client->sent_count, 100, 12 * 60 * (1 + 10 + 5));
}

static void test_own_packets_reflected_without_id(void **state)
{
	(void)state;
	memset(&t.client->config.uid, 0, sizeof(t.client->config.uid));
	stub_init(&t.host, &t.world, t.camera, reflect);
	told(PPCS_VERDICT_REFLECTED, -EPROTO, "our own packets");
	below(PPCS_LEVEL_PATH);
}

static void test_another_device(void **state)
{
	struct camera c;
	const struct ppcs_report *r;

	(void)state;
	camera_init(&c, &t.world, t.camera, OTHER);
	r = told(PPCS_VERDICT_OTHER_DEVICE, -ECONNREFUSED, OTHER);
	assert_string_equal(r->uid, OTHER);
	below(PPCS_LEVEL_ANSWER);
	assert_true(ppcs_session_statistics(t.client->session)->warnings_uid > 0);
	/* It is not told that somebody is there. */
	assert_int_equal(c.punches, 0);
}

static void ready_from(struct host *h, struct ppcs_address source, const struct ppcs_address *to)
{
	struct wire ready;

	wire_begin(&ready, P2P_RDY);
	wire_put(&ready, t.did, DID_BYTES);
	world_send(h->world, &source, to, &ready);
}

static void answer_from_another_ip(struct host *h, uint16_t port, const struct ppcs_address *from,
				   struct wire *m)
{
	(void)m;
	ready_from(h, at(192, 0, 2, 8, port), from);
}

static void test_ready_from_another_ip(void **state)
{
	(void)state;
	stub_init(&t.host, &t.world, t.camera, answer_from_another_ip);
	told(PPCS_VERDICT_STRANGER, -EPROTO, "not asked");
	below(PPCS_LEVEL_ANSWER);
	assert_true(ppcs_session_statistics(t.client->session)->warnings_address > 0);
}

static void answer_from_another_port(struct host *h, uint16_t port, const struct ppcs_address *from,
				     struct wire *m)
{
	(void)m;
	ready_from(h, with_port(h->ip, port + 1U), from);
}

static void test_ready_without_a_punch_packet(void **state)
{
	(void)state;
	stub_init(&t.host, &t.world, t.camera, answer_from_another_port);
	told(PPCS_VERDICT_STRANGER, -EPROTO, "not asked");
	below(PPCS_LEVEL_ANSWER);
}

/* LAN_SEARCH alone is no PUNCH_PKT. */
static void answer_search_with_ready(struct host *h, uint16_t port, const struct ppcs_address *from,
				     struct wire *m)
{
	if (wire_is(m, LAN_SEARCH, 0))
		ready_from(h, with_port(h->ip, port), from);
}

static void test_ready_as_the_answer_to_a_search(void **state)
{
	(void)state;
	stub_init(&t.host, &t.world, t.camera, answer_search_with_ready);
	told(PPCS_VERDICT_STRANGER, -EPROTO, "not asked");
	below(PPCS_LEVEL_ANSWER);
}

static void punch_from_another_ip(struct host *h, uint16_t port, const struct ppcs_address *from,
				  struct wire *m)
{
	struct ppcs_address source = at(192, 0, 2, 8, port);
	struct wire punch;

	(void)m;
	wire_begin(&punch, PUNCH_PKT);
	wire_put(&punch, t.did, DID_BYTES);
	world_send(h->world, &source, from, &punch);
	ready_from(h, source, from);
}

static void test_answer_from_another_ip(void **state)
{
	(void)state;
	stub_init(&t.host, &t.world, t.camera, punch_from_another_ip);
	told(PPCS_VERDICT_STRANGER, -EPROTO, "not asked");
	below(PPCS_LEVEL_ANSWER);
	/* Nothing was said to it. */
	for (size_t i = 0; i < t.client->sent_count; i++)
		assert_true(same_ip(&t.client->sent[i].to, &t.camera));
}

static void break_rules(struct host *h, uint16_t port, const struct ppcs_address *from,
			struct wire *m)
{
	static unsigned turn;
	uint8_t type = m->bytes[1] == LAN_SEARCH || turn % 2 ? PUNCH_PKT : P2P_RDY;

	wire_begin(m, type);
	wire_put(m, t.did, DID_BYTES);
	switch (turn++ % 5) {
	case 0: /* says more than there is */
		m->bytes[3]++;
		break;
	case 1:
		m->size = 3;
		break;
	case 2:
		m->bytes[0] = 0xf2;
		break;
	case 3: /* too short for a device id */
		m->size = 4 + 19;
		m->bytes[3] = 19;
		break;
	default: /* too long for a message */
		m->size = WIRE_MAX + 1;
		break;
	}
	host_send(h, port, from, m, "");
}

static void test_datagrams_that_break_the_header_rules(void **state)
{
	(void)state;
	stub_init(&t.host, &t.world, t.camera, break_rules);
	told(PPCS_VERDICT_UNREADABLE, -EPROTO, "cannot be read");
	below(PPCS_LEVEL_ANSWER);
}

/* A host that answers in plain whatever it is asked in. */
static void answer_plainly(struct host *h, uint16_t port, const struct ppcs_address *from,
			   struct wire *m)
{
	wire_begin(m, PUNCH_PKT);
	wire_put(m, t.did, DID_BYTES);
	host_send(h, port, from, m, "");
}

static void set_key(const char *key)
{
	t.client->config.key_fixed = true;
	strcpy(t.client->config.key, key);
}

static void test_wrong_key_for_plain(void **state)
{
	(void)state;
	set_key("camera");
	stub_init(&t.host, &t.world, t.camera, answer_plainly);
	told(PPCS_VERDICT_UNREADABLE, -EPROTO, "not obfuscated");
	below(PPCS_LEVEL_ANSWER);
}

static void answer_in_shix(struct host *h, uint16_t port, const struct ppcs_address *from,
			   struct wire *m)
{
	wire_begin(m, PUNCH_PKT);
	wire_put(m, t.did, DID_BYTES);
	host_send(h, port, from, m, "SHIX");
}

static void test_wrong_key_that_is_known(void **state)
{
	(void)state;
	set_key("camera");
	stub_init(&t.host, &t.world, t.camera, answer_in_shix);
	told(PPCS_VERDICT_UNREADABLE, -EPROTO, "SHIX");
	below(PPCS_LEVEL_ANSWER);
}

static void test_camera_that_does_not_understand_the_key(void **state)
{
	struct camera c;

	(void)state;
	set_key("camera");
	camera_init(&c, &t.world, t.camera, UID);
	told(PPCS_VERDICT_NOTHING, -EHOSTUNREACH, "nothing was heard");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_no_listener),
		TEST(test_closed_ports),
		TEST(test_nonsense),
		TEST(test_the_two_special_strings),
		TEST(test_own_packets_reflected),
		TEST(test_own_packets_reflected_without_id),
		TEST(test_another_device),
		TEST(test_ready_from_another_ip),
		TEST(test_ready_without_a_punch_packet),
		TEST(test_ready_as_the_answer_to_a_search),
		TEST(test_answer_from_another_ip),
		TEST(test_datagrams_that_break_the_header_rules),
		TEST(test_wrong_key_for_plain),
		TEST(test_wrong_key_that_is_known),
		TEST(test_camera_that_does_not_understand_the_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
