/* SPDX-License-Identifier: MIT */
/*
 * The conversation files through the race: what the device, the servers and the relay say is fed
 * as it stands there, and brings the core to where the protocol notes say. What the core has to say
 * is compared byte by byte in the files that were put together for it (40 to 45), and by its type
 * in the captured ones (60 to 68), where another client spoke. The directory is the program's
 * argument.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "tests/harness/vectors.h"

#define MAX_SENT 4096

static const char *directory;

static struct {
	struct world world;
	struct client *client;
	struct ppcs_address camera, server, relay;
	bool used[MAX_SENT]; /**< datagrams of ours that a line has asked for */
	bool captured;
} t;

/* Of the camera's main port, or the relay's assigned one. */
static struct ppcs_address peer_of(const struct vectors *v)
{
	for (size_t i = 0; i < v->count; i++) {
		if (v->steps[i].kind != ':')
			continue;
		if (strncmp(v->steps[i].text, "relay ", 6) == 0)
			return at(127, 0, 0, 11, 41234);
		if (strncmp(v->steps[i].text, "p2p ", 4) == 0)
			return at(198, 51, 100, 9, 40611);
	}
	return at(192, 168, 43, 1, 40611);
}

/* As a client of its own at 192.168.1.20:50000, or as the phone of the captures. */
static void begin(const struct vectors *v)
{
	memset(&t, 0, sizeof(t));
	world_init(&t.world, 1);
	t.camera = peer_of(v);
	t.server = at(203, 0, 113, 1, 32100);
	t.relay = at(127, 0, 0, 11, 32100);
	t.client = client_new(&t.world, at(192, 168, 1, 20, 0));
	t.client->last_port = 49999;
	t.client->config.key_fixed = true;
	t.client->watches = true;
}

static void end(void)
{
	world_free(&t.world);
}

static void start(const char *request)
{
	struct session_config *c = &t.client->config;
	const char *uid = strchr(request, ' ') + 1;
	bool lan = strncmp(request, "lan ", 4) == 0;
	bool punch = strncmp(request, "punch ", 6) == 0;
	bool p2p = strncmp(request, "p2p ", 4) == 0;

	client_uid(t.client, uid);
	client_modes(t.client, punch || p2p, lan, !lan && !punch && !p2p);
	client_ports(t.client, (const uint16_t[]){ lan ? 32108 : 40611 }, 1);
	if (lan || punch) {
		client_aim(t.client, t.camera);
	} else {
		c->servers[0] = t.server;
		c->server_count = 1;
		c->relay_search = true;
	}
	client_race(t.client);
}

static bool is_to(const struct sent *s, unsigned connection)
{
	switch (connection) {
	case 2:
		return s->to.port == 32108;
	case 3:
		return same_address(&s->to, &t.server);
	case 4:
		return same_address(&s->to, &t.relay);
	default:
		return same_address(&s->to, &t.camera);
	}
}

/* Is it what a line of the file says? */
static bool is_it(const struct sent *s, const struct vectors_step *step)
{
	if (!is_to(s, step->connection) || s->head[1] != step->data[1])
		return false;
	return t.captured || (s->size == step->size && s->size <= sizeof(s->head) &&
			      memcmp(s->head, step->data, s->size) == 0);
}

static bool find_sent(const struct vectors_step *step)
{
	assert_in_range(t.client->sent_count, 0, MAX_SENT);
	for (size_t i = 0; i < t.client->sent_count; i++) {
		if (t.used[i] || !is_it(&t.client->sent[i], step))
			continue;
		t.used[i] = true;
		return true;
	}
	return false;
}

/* It has been sent, or is within a little more than a second. */
static void expect(const char *path, const struct vectors_step *step)
{
	uint64_t until = t.world.now + 1100;

	if (step->data[1] == CLOSE)
		client_stop(t.client);
	while (!find_sent(step))
		if (!world_step(&t.world, until))
			fail_msg("%s:%u: not sent", path, step->line);
}

static struct ppcs_address source_of(const struct vectors_step *step)
{
	switch (step->connection) {
	case 2:
		return with_port(t.camera, 32108);
	case 3:
		return t.server;
	case 4:
		return t.relay;
	default:
		return t.camera;
	}
}

/* Data is acknowledged at once, under its index, whether it is due, early or there before. */
static void check_data(const char *path, const struct vectors_step *step, size_t before)
{
	unsigned index = (unsigned)step->data[6] << 8 | step->data[7];
	const struct sent *ack = client_first(t.client, before, DRW_ACK, NULL);

	if (!ack) {
		fail_msg("%s:%u: not acknowledged", path, step->line);
		return;
	}
	assert_int_equal(ack->head[9], index);
}

static void feed(const char *path, const struct vectors_step *step)
{
	struct ppcs_address from = source_of(step);
	struct wire m = { .size = step->size };
	size_t before = t.client->sent_count;

	memcpy(m.bytes, step->data, step->size);
	client_receive(t.client, 50000, &from, &m);
	client_tick(t.client);
	if (step->data[1] == DRW)
		check_data(path, step, before);
	if (step->data[1] == ALIVE)
		assert_int_equal(client_sent(t.client, before, ALIVE_ACK, NULL), 1);
	/* Up already: the camera has not heard us yet (section 7). */
	if (step->data[1] == P2P_RDY)
		assert_int_equal(client_sent(t.client, before, ALIVE, NULL), 1);
}

/* What the app sends over the session is its own business, and it acknowledges in batches. */
static bool is_ours(const struct vectors_step *step)
{
	return !t.captured || step->data[1] == PUNCH_PKT || step->data[1] == LAN_SEARCH;
}

static void play(const char *name)
{
	char path[1024];
	struct vectors v;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (vectors_load(&v, path) < 0)
		fail_msg("%s", v.error);
	begin(&v);
	t.captured = strstr(name, "captured") != NULL;
	for (size_t i = 0; i < v.count; i++) {
		const struct vectors_step *step = &v.steps[i];

		if (step->kind == ':')
			start(step->text);
		else if (step->kind == '>' && is_ours(step))
			expect(path, step);
		else if (step->kind == '<')
			feed(path, step);
	}
	vectors_free(&v);
}

static enum ppcs_level level(void)
{
	const struct ppcs_report *r = ppcs_session_report(t.client->session, t.world.now);
	enum ppcs_level highest = PPCS_LEVEL_NONE;

	for (unsigned i = 0; i < PPCS_MODES; i++)
		for (size_t k = 0; k < r->racers[i].attempt_count; k++)
			if (r->racers[i].attempts[k].level > highest)
				highest = r->racers[i].attempts[k].level;
	return highest;
}

static void won(enum ppcs_mode mode, const char *uid)
{
	const struct ppcs_report *r = &t.client->kept.report;

	assert_int_equal(t.client->results, 1);
	assert_true(r->success);
	assert_int_equal(r->mode, mode);
	assert_string_equal(r->uid, uid);
	assert_true(same_address(&r->peer, &t.camera));
	assert_int_equal(r->local.port, 50000);
	assert_int_equal(level(), PPCS_LEVEL_VERIFIED);
}

/* The greeting came, and we said CLOSE. */
static void closed_by_us(void)
{
	const struct seen *data = client_event(t.client, 0, PPCS_EVENT_DATA);

	assert_int_equal(data->event.size, 3);
	assert_memory_equal(data->data, "ACK", 3);
	assert_int_equal(t.client->closes, 1);
	assert_int_equal(client_event(t.client, 0, PPCS_EVENT_CLOSED)->event.error, 0);
	world_run(&t.world, 50);
	assert_int_equal(client_sent(t.client, 0, CLOSE, &t.camera), 3);
	assert_int_equal(client_open(t.client), 0);
}

static void test_lan_session(void **state)
{
	(void)state;
	play("40-lan-session.txt");
	won(PPCS_LAN, "TEST-012345-ABCDE");
	assert_int_equal(t.client->kept.report.destination.port, 32108);
	closed_by_us();
	end();
}

static void test_punch_session(void **state)
{
	(void)state;
	play("41-punch-session.txt");
	won(PPCS_P2P, "TEST-012345-ABCDE");
	closed_by_us();
	end();
}

static void test_p2p_session(void **state)
{
	(void)state;
	play("42-p2p-session.txt");
	won(PPCS_P2P, "TEST-012345-ABCDE");
	assert_true(same_address(&t.client->kept.report.destination, &t.server));
	closed_by_us();
	end();
}

static void test_relay_session(void **state)
{
	(void)state;
	play("43-relay-session.txt");
	won(PPCS_RELAY, "TEST-012345-ABCDE");
	assert_true(same_address(&t.client->kept.report.destination, &t.relay));
	closed_by_us();
	end();
}

static void test_refusals(void **state)
{
	static const char *const names[] = { "44-p2p-refused-bad-check.txt",
					     "45-p2p-refused-bad-prefix.txt" };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		play(names[i]);
		assert_int_equal(t.client->results, 1);
		assert_int_equal(t.client->result, -ECONNREFUSED);
		assert_int_equal(t.client->kept.report.verdict, PPCS_VERDICT_UNKNOWN_UID);
		assert_int_equal(level(), PPCS_LEVEL_ANSWER);
		end();
	}
}

/* Eight searches of four ticks; nothing comes. The app gave up after 1.46 s (6.1). */
static void test_captured_search_unanswered(void **state)
{
	(void)state;
	play("61-captured-search-unanswered.txt");
	assert_int_equal(level(), PPCS_LEVEL_NONE);
	assert_int_equal(t.client->results, 0);
	world_run(&t.world, 1500);
	assert_int_equal(client_event(t.client, 0, PPCS_EVENT_ATTEMPT_ENDED)->event.elapsed_ms,
			 1500);
	end();
}

static void test_captured_search_answered(void **state)
{
	(void)state;
	play("63-captured-search-answered.txt");
	assert_int_equal(level(), PPCS_LEVEL_ANSWER);
	assert_int_equal(client_sent(t.client, 0, PUNCH_PKT, &t.camera), 2);
	check_sent(client_first(t.client, 0, PUNCH_PKT, &t.camera),
		   "f14100144c42435300000000000000004343434a4a000000");
	end();
}

/* The whole set-up of the real app: connected with the greeting, and the session goes on over data
 * of which the larger packets are missing in the file. */
static void test_captured_lan_session(void **state)
{
	size_t data = 0;

	(void)state;
	play("65-captured-lan-session.txt");
	won(PPCS_LAN, "LBCS-000000-CCCJJ");
	assert_int_equal(t.client->kept.report.destination.port, 32108);
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_CONNECTED);
	for (size_t i = 0; i < t.client->seen_count; i++) {
		const struct seen *s = &t.client->seen[i];

		if (s->event.type != PPCS_EVENT_DATA)
			continue;
		if (data++ == 0)
			assert_memory_equal(s->data, "ACK", 3);
		else
			assert_memory_equal(s->data, "ARTEMIS", 8);
	}
	assert_int_equal(data, 2);
	assert_int_equal(ppcs_session_statistics(t.client->session)->unreadable, 0);
	end();
}

/* The camera closes a client that does not answer its ALIVE. This one does. */
static void test_captured_punch_session(void **state)
{
	(void)state;
	play("68-captured-punch-session.txt");
	won(PPCS_P2P, "LBCS-000000-CCCJJ");
	assert_int_equal(client_sent(t.client, 0, ALIVE_ACK, &t.camera), 7);
	assert_int_equal(t.client->closes, 1);
	assert_int_equal(client_event(t.client, 0, PPCS_EVENT_CLOSED)->event.error, -ECONNRESET);
	assert_int_equal(client_open(t.client), 0);
	end();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lan_session),
		cmocka_unit_test(test_punch_session),
		cmocka_unit_test(test_p2p_session),
		cmocka_unit_test(test_relay_session),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_captured_search_unanswered),
		cmocka_unit_test(test_captured_search_answered),
		cmocka_unit_test(test_captured_lan_session),
		cmocka_unit_test(test_captured_punch_session),
	};

	if (argc != 2) {
		fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
		return 2;
	}
	directory = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
