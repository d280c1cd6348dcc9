/* SPDX-License-Identifier: MIT */
/*
 * A device in memory: takes what the session sends, answers after its delay, and notes what a
 * client must not do. Its time is a number.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "peer.h"

#include <string.h>

#define NEVER UINT64_MAX

void peer_init(struct peer *p)
{
	memset(p, 0, sizeof(*p));
	assert_int_equal(ipcom_session_new(&p->session), 0);
	p->now = 1000;
	p->accepts = true;
	p->delay_ms = 5;
	p->answer_at = NEVER;
	p->result = 1;
	p->config = (struct session_config){
		.username = "demo",
		.password = "secret",
		.bus = 1,
		.address = ipcom_frame_address(1, IPCOM_BUS_MINIDO),
		.stop_shutters = true,
		.timeout_ms = 10000,
		.reply_timeout_ms = 6000,
		.poll_ms = 350,
		.keepalive_ms = 30000,
		.reconnect = { 1000, 30000, 0 },
	};
	for (unsigned i = 0; i < CIPHER_KEY_BYTES; i++)
		p->key[i] = (uint8_t)(0xa5 ^ (13 * i));
}

void peer_free(struct peer *p)
{
	ipcom_session_free(p->session);
}

void peer_start(struct peer *p)
{
	const struct cmn_log log = { 0 };

	assert_int_equal(ipcom_session_start(p->session, &p->config, &log, 1, p->now), 0);
}

static void answer(struct peer *p, const uint8_t *plain, size_t size)
{
	if (p->silent)
		return;
	ipcom_cipher_encode(&p->cipher, plain, p->answer, size);
	p->answer_size = size;
	p->answer_at = p->now + p->delay_ms;
}

static void answer_login(struct peer *p)
{
	uint8_t plain[135] = { 1, 2, '3', '.', '1', '0', 0 };

	memcpy(plain + 7, p->key, sizeof(p->key));
	answer(p, plain, sizeof(plain));
	if (p->clear)
		return;
	p->cipher.mode = CIPHER_SESSION;
	memcpy(p->cipher.key, p->key, sizeof(p->key));
}

static void answer_snapshot(struct peer *p)
{
	uint8_t plain[130] = { 5, 1 };

	memcpy(plain + 2, p->values, sizeof(p->values));
	p->snapshot_at = p->now;
	answer(p, plain, sizeof(plain));
}

static void take_write(struct peer *p, const uint8_t *plain, size_t size)
{
	static const uint8_t acknowledged[] = { 4, 1, 0x23, 0, 0x3c, 2, 1, 1 };
	unsigned module;

	assert_int_equal(size, 17);
	assert_int_equal(plain[2], 2);
	assert_int_equal(plain[3], 0x23);
	assert_in_range(plain[4], 60, 75);
	module = plain[4] - 60U;
	if (p->wrote_at != 0 && p->now < p->wrote_at + 200)
		p->violations++;
	p->wrote_at = p->now;
	if (!p->hold)
		memcpy(p->values[module], plain + 8, IPCOM_OUTPUTS);
	if (p->values[4][6] != 0 && p->values[4][7] != 0)
		p->violations++;
	if (p->write_answer == PEER_FRAME)
		answer(p, acknowledged, sizeof(acknowledged));
	else if (p->write_answer == PEER_SNAPSHOT)
		answer_snapshot(p);
	else
		p->in_flight = 0; /* nobody waits for long */
}

static void take(struct peer *p, const uint8_t *wire, size_t size)
{
	struct peer_message later;
	struct peer_message *m = &later;

	if (p->message_count < PEER_MAX_MESSAGES)
		m = &p->messages[p->message_count];
	assert_in_range(size, 2, sizeof(m->plain));
	ipcom_cipher_decode(&p->cipher, wire, m->plain, size);
	m->size = size;
	m->at = p->now;
	m->snapshot_at = p->snapshot_at;
	p->message_count++;
	if (p->seen)
		p->seen(p, m);
	if (m->plain[0] == 2)
		return;
	if (++p->in_flight > p->max_in_flight)
		p->max_in_flight = p->in_flight;
	switch (m->plain[0]) {
	case 1:
		answer_login(p);
		break;
	case 3:
		answer(p, m->plain, 2);
		break;
	case 4:
		take_write(p, m->plain, size);
		break;
	case 5:
		assert_int_equal(size, 2);
		answer_snapshot(p);
		break;
	default:
		fail_msg("message %u", m->plain[0]);
	}
}

static void take_events(struct peer *p)
{
	const struct ipcom_event *e;

	while ((e = ipcom_session_next_event(p->session)) != NULL) {
		if (e->type == IPCOM_EVENT_STATE)
			p->last_state = *e;
		if (e->type != IPCOM_EVENT_RESULT)
			continue;
		if (p->results < PEER_MAX_RESULTS)
			p->ended[p->results] = (struct peer_result){ e->id, e->error };
		p->result_id = e->id;
		p->result = e->error;
		p->results++;
	}
}

/* A connection that the session wants anew, or gave up. */
static void follow(struct peer *p)
{
	uint32_t wanted = ipcom_session_wants(p->session);
	const uint8_t *data;
	size_t size;

	if (wanted != p->generation) {
		p->generation = 0;
		p->answer_at = NEVER;
		p->in_flight = 0;
		memset(&p->cipher, 0, sizeof(p->cipher));
		p->cipher.mode = p->clear ? CIPHER_CLEAR : CIPHER_LOGIN;
	}
	if (wanted != 0 && p->generation == 0) {
		p->generation = wanted;
		if (p->accepts)
			ipcom_session_opened(p->session, p->now);
		else
			ipcom_session_failed(p->session, -111, p->now);
	}
	while (ipcom_session_wants(p->session) == p->generation &&
	       (size = ipcom_session_output(p->session, &data)) > 0) {
		take(p, data, size);
		ipcom_session_sent(p->session, size, p->now);
	}
	take_events(p);
}

static void deliver(struct peer *p)
{
	p->answer_at = NEVER;
	p->in_flight = 0;
	ipcom_session_receive(p->session, p->answer, p->answer_size, p->now);
}

void peer_run_until(struct peer *p, uint64_t until)
{
	unsigned standing = 0;

	follow(p);
	for (;;) {
		uint64_t deadline = ipcom_session_deadline(p->session);
		uint64_t next = deadline < p->answer_at ? deadline : p->answer_at;

		if (next > until)
			break;
		standing = next > p->now ? 0 : standing + 1;
		assert_true(standing < 8);
		if (next > p->now)
			p->now = next;
		if (p->answer_at <= p->now)
			deliver(p);
		else
			ipcom_session_tick(p->session, p->now);
		follow(p);
	}
	p->now = until;
	ipcom_session_tick(p->session, p->now);
	follow(p);
}

void peer_run(struct peer *p, uint64_t ms)
{
	peer_run_until(p, p->now + ms);
}

void peer_say(struct peer *p, const uint8_t *plain, size_t size)
{
	uint8_t wire[160];

	ipcom_cipher_encode(&p->cipher, plain, wire, size);
	ipcom_session_receive(p->session, wire, size, p->now);
	follow(p);
}

void peer_close(struct peer *p)
{
	ipcom_session_failed(p->session, 0, p->now);
	follow(p);
}

unsigned peer_ended(const struct peer *p, uint32_t id, int *ret_error)
{
	unsigned count = 0;

	for (unsigned i = 0; i < p->results && i < PEER_MAX_RESULTS; i++) {
		if (p->ended[i].id != id)
			continue;
		*ret_error = p->ended[i].error;
		count++;
	}
	return count;
}

size_t peer_count(const struct peer *p, uint8_t id)
{
	size_t count = 0;

	for (size_t i = 0; i < p->message_count && i < PEER_MAX_MESSAGES; i++)
		count += p->messages[i].plain[0] == id;
	return count;
}

const struct peer_message *peer_last(const struct peer *p, uint8_t id)
{
	size_t i = p->message_count < PEER_MAX_MESSAGES ? p->message_count : PEER_MAX_MESSAGES;

	while (i-- > 0)
		if (p->messages[i].plain[0] == id)
			return &p->messages[i];
	return NULL;
}
