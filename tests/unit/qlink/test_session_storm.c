/* SPDX-License-Identifier: MIT */
/*
 * A slow serial line, losses and cancellations at random: never is an answer taken for another
 * command's, and every request has one result (protocol sheet, section 5.3).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/prng.h"

#include "cache.h"
#include "peer.h"

static struct peer peer;

/*
 * The serial line behind the box: answers one command after another, each after a random time, to
 * whoever is connected when the answer is ready. Load n has level n % 101.
 */
#define LINE_DEPTH 4096

struct serial_line {
	struct {
		unsigned number;
		bool echo, detailed;
		uint64_t due;
	} commands[LINE_DEPTH];
	size_t head, tail;
	uint64_t busy_until;
};

static struct serial_line line;

/* Take the commands that were sent; at most one may stand without a time-out in between. */
static void read_commands(struct cmn_prng *prng)
{
	struct peer_slot *slot = &peer.slots[0];
	char *at = slot->sent;

	slot->sent[slot->size] = '\0';
	slot->size = 0;
	for (char *end; (end = strchr(at, '\r')) != NULL; at = end + 1) {
		bool slow = cmn_prng_below(prng, 8) == 0;

		assert_true(line.tail < LINE_DEPTH);
		if (line.busy_until < peer.now)
			line.busy_until = peer.now;
		line.busy_until += cmn_prng_below(prng, slow ? 5000 : 200);
		line.commands[line.tail].echo = strncmp(at, "VEC", 3) == 0;
		line.commands[line.tail].detailed = at[3] == '#';
		line.commands[line.tail].number = (unsigned)strtoul(at + 5, NULL, 10);
		line.commands[line.tail++].due = line.busy_until;
	}
	assert_true(*at == '\0');
}

static void answer_commands(void)
{
	char text[32];

	while (line.head < line.tail && line.commands[line.head].due <= peer.now) {
		unsigned number = line.commands[line.head].number;

		if (line.commands[line.head].echo)
			snprintf(text, sizeof(text),
				 line.commands[line.head].detailed ? "REC %u\r" : "%u\r", number);
		else if (line.commands[line.head].detailed)
			snprintf(text, sizeof(text), "RGL %u %u\r", number, number % 101);
		else
			snprintf(text, sizeof(text), "%u\r", number % 101);
		line.head++;
		if (peer.slots[0].generation != 0)
			peer_say(&peer, 0, text);
	}
}

/* What the session says about load NUMBER is that load's level, or a failure; each once. */
static void check_results(const unsigned *numbers, bool *ended, unsigned *good)
{
	const struct qlink_event *e;

	while ((e = qlink_session_next_event(peer.session)) != NULL) {
		if (e->type != QLINK_EVENT_RESULT)
			continue;
		assert_false(ended[e->id]);
		ended[e->id] = true;
		assert_int_equal(e->load.load, numbers[e->id]);
		if (e->error == 0) {
			assert_int_equal(e->level, numbers[e->id] % 101);
			(*good)++;
		}
	}
}

static void storm(enum qlink_style style, uint64_t seed)
{
	enum {
		REQUESTS = 600
	};
	static unsigned numbers[REQUESTS + 1];
	static bool ended[REQUESTS + 1];
	struct session_config config = peer_config();
	struct cmn_prng prng;
	unsigned good = 0;
	uint32_t id = 0;

	cmn_prng_seed(&prng, seed);
	memset(&line, 0, sizeof(line));
	memset(ended, 0, sizeof(ended));
	config.style = style;
	config.connections = 1;
	peer_start(&peer, &config);
	for (unsigned step = 0; id < REQUESTS || step % 4096 != 0; step++) {
		if (id < REQUESTS && cmn_prng_below(&prng, 8) == 0) {
			char text[32];
			unsigned number = cmn_prng_below(&prng, 9999) + 1;

			snprintf(text, sizeof(text), "VGL %u", number);
			id = peer_request(&peer, text);
			numbers[id] = number;
		}
		if (cmn_prng_below(&prng, 100) == 0 && peer.slots[0].generation != 0)
			peer_hang_up(&peer, 0, 0);
		if (cmn_prng_below(&prng, 100) == 0)
			qlink_session_cancel(peer.session, cmn_prng_below(&prng, id + 1), peer.now);
		peer_advance(&peer, cmn_prng_below(&prng, 300));
		read_commands(&prng);
		answer_commands();
		check_results(numbers, ended, &good);
	}
	for (unsigned i = 1; i <= REQUESTS; i++)
		assert_true(ended[i]);
	assert_true(good > REQUESTS / 10);
	peer_free(&peer);
}

static void test_storm(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		storm(QLINK_STYLE_REGULAR, seed);
		storm(QLINK_STYLE_DETAILED, seed);
	}
}

/* Lines that fit anything or nothing, on any connection, cut anywhere. */
static void babble(struct cmn_prng *prng)
{
	static const char *const lines[] = {
		"50\r",
		"257\r",
		"ROL 1\r",
		"ROS 1 1\r",
		"ROD 3\r",
		"RGL 1 50\r",
		"REC 12345\r",
		"AON 3\r",
		"LO 1 3 2 5 9\r",
		"LE 1 3 4C 20\r",
		"3\r",
		"1 1 1 5 1.0\r",
		"RQS 1 190\r",
		"hello",
		"\n\r",
		"4C 20\r",
		"0 0 0 0 1 1 1 0 1 0\r",
		"SW 2 3 5 1 7\r",
		"\xff\xfb\x01",
		"VER 5.37\r",
	};
	unsigned slot = cmn_prng_below(prng, QLINK_MAX_CONNECTIONS);
	const char *text = lines[cmn_prng_below(prng, sizeof(lines) / sizeof(lines[0]))];
	char echo[64];
	const char *nonce;

	if (peer.slots[slot].generation == 0)
		return;
	peer.slots[slot].sent[peer.slots[slot].size] = '\0';
	nonce = strstr(peer.slots[slot].sent, "VEC");
	peer.slots[slot].size = 0;
	if (nonce && cmn_prng_below(prng, 4) > 0) {
		snprintf(echo, sizeof(echo), "REC%.8s\r", nonce + 4);
		text = echo;
	}
	peer_say_bytes(&peer, slot, text, cmn_prng_below(prng, (uint32_t)strlen(text) + 1));
	if (peer.slots[slot].generation != 0 && cmn_prng_below(prng, 4) > 0)
		peer_say(&peer, slot, text);
}

static void chaos_step(struct cmn_prng *prng, uint32_t *id)
{
	static const char *const requests[] = { "VGL 1",           "VLO 1 50", "VSW 2 10 4 6",
						"VQP 1",           "VLT 2 3",  "raw VLO! 1 0",
						"VGN 1 5 255",     "VQS 1",    "VET 1 4 1",
						"raw-lines V?V@ 1" };
	unsigned what = cmn_prng_below(prng, 20);

	if (what < 10)
		babble(prng);
	else if (what < 13)
		*id = peer_request(&peer, requests[cmn_prng_below(prng, 10)]);
	else if (what == 13)
		qlink_session_cancel(peer.session, cmn_prng_below(prng, *id + 1), peer.now);
	else if (what == 14)
		qlink_session_watch(peer.session,
				    qlink_cache_key(CACHE_CONTRACTOR, 0, 0, 0,
						    cmn_prng_below(prng, 5) + 1),
				    cmn_prng_below(prng, 2), peer.now);
	else if (what == 15 && peer.slots[0].generation != 0)
		peer_hang_up(&peer, 0, 0);
	else if (what == 16)
		peer.accepts = cmn_prng_below(prng, 4);
	else
		peer_advance(&peer, cmn_prng_below(prng, what == 17 ? 5000 : 200));
}

/* Whatever the device says: bounded connections, and one result for every request. */
static void chaos(enum qlink_mode mode, unsigned monitoring, uint64_t seed)
{
	static bool ended[20000];
	struct session_config config = peer_config();
	const struct qlink_event *e;
	struct cmn_prng prng;
	uint32_t id = 0;

	memset(ended, 0, sizeof(ended));
	cmn_prng_seed(&prng, seed);
	config.mode = mode;
	config.monitoring = monitoring;
	config.connections = 3;
	config.auto_watch = true;
	peer_start(&peer, &config);
	for (unsigned n = 0; n < 20000; n++) {
		if (n < 19999)
			chaos_step(&prng, &id);
		else
			qlink_session_stop(peer.session, peer.now);
		while ((e = qlink_session_next_event(peer.session)) != NULL) {
			if (e->type != QLINK_EVENT_RESULT)
				continue;
			assert_false(ended[e->id]);
			ended[e->id] = true;
		}
		assert_true(peer_open(&peer) <= (mode == QLINK_MODE_SPLIT ? 3 : 1));
	}
	for (uint32_t i = 1; i <= id; i++)
		assert_true(ended[i]);
	peer_free(&peer);
}

static void test_chaos(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 8; seed++) {
		chaos(QLINK_MODE_SPLIT, 0, seed);
		chaos(QLINK_MODE_SPLIT, QLINK_MONITOR_ALL, seed);
		chaos(QLINK_MODE_SHARED, QLINK_MONITOR_LOADS, seed);
		chaos(QLINK_MODE_SHARED, QLINK_MONITOR_LISTEN, seed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_storm),
		cmocka_unit_test(test_chaos),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
