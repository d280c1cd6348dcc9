/* SPDX-License-Identifier: MIT */
/* A device in memory; see peer.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "peer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "words.h"

#define SETTLE_ROUNDS 10000

struct session_config peer_config(void)
{
	return (struct session_config){
		.connections = 2,
		.gap_ms = 50,
		.idle_ms = 30000,
		.timeout_ms = 10000,
		.reply_timeout_ms = 3000,
		.probe_ms = 60000,
		.reconnect = { .base_ms = 1000, .max_ms = 60000, .jitter_percent = 0 },
	};
}

void peer_start(struct peer *p, const struct session_config *config)
{
	const struct cmn_log silent = { 0 };

	memset(p, 0, sizeof(*p));
	p->accepts = QLINK_MAX_CONNECTIONS;
	p->refusal = -ECONNREFUSED;
	p->now = 1000000;
	assert_int_equal(qlink_session_new(&p->session), 0);
	qlink_session_start(p->session, config, &silent, 42, p->now);
}

void peer_free(struct peer *p)
{
	qlink_session_free(p->session);
	p->session = NULL;
}

unsigned peer_open(const struct peer *p)
{
	unsigned open = 0;

	for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++)
		open += p->slots[i].generation != 0;
	return open;
}

static bool settle_connection(struct peer *p, unsigned i)
{
	struct peer_slot *slot = &p->slots[i];
	uint32_t wanted = qlink_session_wants(p->session, i);

	if (slot->generation != 0 && slot->generation != wanted)
		slot->generation = 0;
	if (wanted == 0 || slot->generation == wanted)
		return false;
	if (peer_open(p) < p->accepts) {
		slot->generation = wanted;
		slot->size = 0;
		qlink_session_opened(p->session, i, p->now);
	} else if (p->refusal < 0) {
		qlink_session_failed(p->session, i, p->refusal, p->now);
	} else {
		return false;
	}
	p->attempts++;
	return true;
}

static bool settle_bytes(struct peer *p, unsigned i)
{
	struct peer_slot *slot = &p->slots[i];
	const uint8_t *data;
	size_t size = qlink_session_output(p->session, i, &data);

	if (size == 0 || p->deaf)
		return false;
	assert_true(slot->generation != 0);
	assert_true(slot->size + size < sizeof(slot->sent));
	memcpy(slot->sent + slot->size, data, size);
	slot->size += size;
	qlink_session_sent(p->session, i, size, p->now);
	return true;
}

void peer_settle(struct peer *p)
{
	bool moved = true;

	for (unsigned n = 0; moved; n++) {
		assert_true(n < SETTLE_ROUNDS);
		moved = false;
		for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++)
			moved |= settle_connection(p, i) || settle_bytes(p, i);
		if (peer_open(p) > p->most_open)
			p->most_open = peer_open(p);
	}
	qlink_session_tick(p->session, p->now);
	assert_true(qlink_session_deadline(p->session) > p->now);
}

void peer_advance(struct peer *p, uint64_t ms)
{
	uint64_t end = p->now + ms;

	peer_settle(p);
	while (qlink_session_deadline(p->session) <= end) {
		p->now = qlink_session_deadline(p->session);
		p->ticks++;
		qlink_session_tick(p->session, p->now);
		peer_settle(p);
	}
	p->now = end;
	peer_settle(p);
}

void peer_say_bytes(struct peer *p, unsigned slot, const char *data, size_t size)
{
	assert_true(p->slots[slot].generation != 0);
	qlink_session_receive(p->session, slot, (const uint8_t *)data, size, p->now);
	peer_settle(p);
}

void peer_say(struct peer *p, unsigned slot, const char *text)
{
	peer_say_bytes(p, slot, text, strlen(text));
}

void peer_hang_up(struct peer *p, unsigned slot, int error)
{
	assert_true(p->slots[slot].generation != 0);
	p->slots[slot].generation = 0;
	qlink_session_failed(p->session, slot, error, p->now);
	peer_settle(p);
}

static void compare(const char *what, const char *is, const char *expected, const char *file,
		    int line)
{
	if (strcmp(is, expected) == 0)
		return;
	print_error("%s is \"%s\"\n  expected \"%s\"\n", what, is, expected);
	_fail(file, line);
}

void peer_expect_at(struct peer *p, unsigned slot, const char *text, const char *file, int line)
{
	peer_settle(p);
	p->slots[slot].sent[p->slots[slot].size] = '\0';
	p->slots[slot].size = 0;
	compare("sent", p->slots[slot].sent, text, file, line);
}

unsigned peer_nonce_at(struct peer *p, unsigned slot, char modifier, const char *file, int line)
{
	char expected[32];
	unsigned nonce = 0;

	peer_settle(p);
	p->slots[slot].sent[p->slots[slot].size] = '\0';
	if (p->slots[slot].size > 5)
		nonce = (unsigned)strtoul(p->slots[slot].sent + 5, NULL, 10);
	snprintf(expected, sizeof(expected), "VEC%c %u\r", modifier, nonce);
	peer_expect_at(p, slot, expected, file, line);
	if (nonce < 10000 || nonce > 65535)
		_fail(file, line);
	return nonce;
}

void peer_answer_nonce_at(struct peer *p, unsigned slot, char modifier, const char *file, int line)
{
	char echo[32];

	snprintf(echo, sizeof(echo), modifier == '#' ? "REC# %u\r" : "%u\r",
		 peer_nonce_at(p, slot, modifier, file, line));
	peer_say(p, slot, echo);
	peer_expect_at(p, slot, "", file, line);
	peer_advance(p, 50);
}

uint32_t peer_event_at(struct peer *p, const char *text, const char *file, int line)
{
	const struct qlink_event *e = qlink_session_next_event(p->session);

	compare("event", e ? words_event(e) : "none", text ? text : "none", file, line);
	return e ? e->id : 0;
}

uint32_t peer_request_at(struct peer *p, const char *text, enum qlink_priority priority, int error,
			 const char *file, int line)
{
	struct command command;
	uint32_t id = 0;
	int ret;

	if (!words_request(text, &command))
		_fail(file, line);
	ret = qlink_session_request(p->session, &command, priority, p->now, &id);
	if (ret != error) {
		print_error("%s gives %s\n", text, ret < 0 ? words_errno(ret) : "0");
		_fail(file, line);
	}
	peer_settle(p);
	return id;
}

void peer_connected(struct peer *p, const struct session_config *config)
{
	peer_start(p, config);
	peer_settle(p);
	peer_event(p, "event connected");
	peer_event(p, "event synchronised");
	peer_event(p, NULL);
}

void peer_enable(struct peer *p, unsigned slot)
{
	peer_expect(p, slot, "VOS# 1 1\r");
	peer_say(p, slot, "ROS 1 1\r");
	peer_advance(p, 50);
	peer_expect(p, slot, "VOL# 1\r");
	peer_say(p, slot, "ROL 1\r");
	peer_advance(p, 50);
	peer_expect(p, slot, "VOD# 3\r");
	peer_say(p, slot, "ROD 3\r");
}

void peer_monitored(struct peer *p, struct session_config *config)
{
	config->monitoring = QLINK_MONITOR_ALL;
	peer_start(p, config);
	peer_event(p, NULL);
	peer_enable(p, 0);
	peer_event(p, "event connected");
	peer_event(p, "event synchronised");
	peer_event(p, NULL);
	peer_advance(p, 50);
}
