/* SPDX-License-Identifier: MIT */
/*
 * Bytes received after the login: cut into messages by their IDs, and matched to the one request in
 * flight. Nothing is ever searched for in the stream: what looks like a start occurs inside
 * messages by chance (section 6).
 */
#include <errno.h>
#include <string.h>

#include "state.h"

#define UNKNOWN_SILENCE_MS 100
#define WRITE_ANSWER_MS    1000

/* How the last write was answered, in the statistics. */
enum {
	WRITE_ANSWER_MESSAGE = 1,
	WRITE_ANSWER_SNAPSHOT,
	WRITE_ANSWER_NONE
};

static void tell_message(struct session *s, const uint8_t *plain, size_t size, uint64_t now)
{
	struct ipcom_event event = { .type = IPCOM_EVENT_MESSAGE, .data = plain, .size = size };

	ipcom_session_emit(s, &event, now);
}

static void stray(struct session *s, const uint8_t *plain, size_t size, uint64_t now)
{
	s->statistics.stray_messages++;
	tell_message(s, plain, size, now);
}

static void answered(struct session *s, uint64_t now)
{
	uint64_t ms = now - s->sent_at;

	s->statistics.answers++;
	s->statistics.answer_ms_sum += ms;
	s->statistics.answer_ms_last = ms;
	if (ms > s->statistics.answer_ms_max)
		s->statistics.answer_ms_max = ms;
	/* The first poll after a write compares it, without the usual pause. */
	s->poll_at = s->flight == FLIGHT_WRITE ? now : now + s->config.poll_ms;
	s->flight = FLIGHT_NONE;
	s->answered_at = now;
}

static void ready(struct session *s, uint64_t now)
{
	if (s->state != IPCOM_STATE_SYNC)
		return;
	s->attempt = 0;
	s->statistics.last_error = 0;
	if (s->was_ready)
		s->statistics.reconnects++;
	s->was_ready = true;
	ipcom_session_set_state(s, IPCOM_STATE_READY, 0, now);
}

static void end_refreshes(struct session *s, uint64_t step, uint64_t now)
{
	struct request *next;

	for (struct request *r = s->requests; r; r = next) {
		next = r->next;
		if (r->refresh && step > r->refresh_step)
			ipcom_request_finish(s, r, 0, now);
	}
}

static void take_snapshot(struct session *s, const uint8_t *plain, uint64_t now)
{
	uint64_t step = s->flight_step;
	bool write = s->flight == FLIGHT_WRITE;

	if (write)
		s->statistics.write_answer = WRITE_ANSWER_SNAPSHOT;
	s->statistics.snapshots++;
	answered(s, now);
	ipcom_shadow_snapshot(s, plain + 2, step, now);
	ready(s, now);
	ipcom_shutter_check(s, now);
	if (!write)
		end_refreshes(s, step, now);
}

static void take_frame(struct session *s, const uint8_t *plain, size_t size, uint64_t now)
{
	struct frame frame;

	if (!ipcom_frame_parse(plain + 2, size - 2, &frame) || !frame.checksum_ok) {
		s->statistics.bad_checksums++;
		return;
	}
	if (s->flight != FLIGHT_WRITE) {
		stray(s, plain, size, now);
		return;
	}
	s->statistics.write_answer = WRITE_ANSWER_MESSAGE;
	answered(s, now);
}

static void take_known(struct session *s, const uint8_t *plain, size_t size, uint64_t now)
{
	s->unknown_before = false;
	switch (plain[0]) {
	case MESSAGE_DISCONNECT:
		ipcom_session_lost(s, -ECONNRESET, now);
		break;
	case MESSAGE_OUTPUTS:
		if (s->flight == FLIGHT_POLL || s->flight == FLIGHT_WRITE)
			take_snapshot(s, plain, now);
		else
			stray(s, plain, size, now);
		break;
	case MESSAGE_KEEPALIVE:
		if (s->flight == FLIGHT_KEEPALIVE)
			answered(s, now);
		else
			stray(s, plain, size, now);
		break;
	case MESSAGE_FRAME:
		take_frame(s, plain, size, now);
		break;
	default:
		stray(s, plain, size, now);
		break;
	}
}

/* An answer that cannot be read is one all the same, but not to a poll and not twice in a row. */
static void take_unknown(struct session *s, const uint8_t *plain, size_t size, uint64_t now)
{
	s->statistics.unknown_messages++;
	tell_message(s, plain, size, now);
	if (s->flight == FLIGHT_POLL || s->unknown_before) {
		ipcom_session_lost(s, -EPROTO, now);
		return;
	}
	s->unknown_before = true;
	if (s->flight == FLIGHT_WRITE)
		s->statistics.write_answer = WRITE_ANSWER_MESSAGE;
	if (s->flight != FLIGHT_NONE)
		answered(s, now);
}

/* Cut one message off the front. @return whether there was a whole one */
static bool cut(struct session *s, bool silence, uint64_t now)
{
	uint8_t plain[MESSAGE_MAX_BYTES];
	size_t have = cmn_buf_len(&s->in);
	int size;

	if (have > sizeof(plain))
		have = sizeof(plain);
	if (have == 0)
		return false;
	ipcom_cipher_decode(&s->cipher, cmn_buf_data(&s->in), plain, have);
	size = ipcom_message_size(plain, have);
	if (size < 0) {
		if (!silence && have < sizeof(plain))
			return false;
		cmn_buf_consume(&s->in, have);
		take_unknown(s, plain, have, now);
		return true;
	}
	if (size == 0 || (size_t)size > have)
		return false;
	cmn_buf_consume(&s->in, (size_t)size);
	take_known(s, plain, (size_t)size, now);
	return true;
}

static bool established(const struct session *s)
{
	return s->state == IPCOM_STATE_SYNC || s->state == IPCOM_STATE_READY ||
	       s->state == IPCOM_STATE_CLOSING;
}

void ipcom_answer_receive(struct session *s, uint64_t now)
{
	while (established(s) && cut(s, false, now))
		;
}

/* Does the buffer begin with a message of unknown layout, to be ended by silence? */
static bool unknown_waits(const struct session *s)
{
	uint8_t plain[MESSAGE_MAX_BYTES];
	size_t have = cmn_buf_len(&s->in);

	if (have > sizeof(plain))
		have = sizeof(plain);
	if (have == 0)
		return false;
	ipcom_cipher_decode(&s->cipher, cmn_buf_data(&s->in), plain, have);
	return ipcom_message_size(plain, have) < 0;
}

uint64_t ipcom_answer_deadline(const struct session *s)
{
	uint64_t first = NEVER;

	if (s->flight == FLIGHT_WRITE)
		first = s->sent_at + WRITE_ANSWER_MS;
	else if (s->flight != FLIGHT_NONE)
		first = s->sent_at + s->config.reply_timeout_ms;
	if (unknown_waits(s) && s->heard_at + UNKNOWN_SILENCE_MS < first)
		first = s->heard_at + UNKNOWN_SILENCE_MS;
	return first;
}

void ipcom_answer_tick(struct session *s, uint64_t now)
{
	/* What comes during the login is login.c's. */
	if (established(s) && unknown_waits(s) && now >= s->heard_at + UNKNOWN_SILENCE_MS)
		cut(s, true, now);
	if (!established(s) || s->flight == FLIGHT_NONE)
		return;
	if (s->flight == FLIGHT_WRITE) {
		if (now < s->sent_at + WRITE_ANSWER_MS)
			return;
		/* Nobody knows whether writes are answered (section 9): the poll decides. */
		s->statistics.write_answer = WRITE_ANSWER_NONE;
		s->flight = FLIGHT_NONE;
		s->poll_at = now;
	} else if (now >= s->sent_at + s->config.reply_timeout_ms) {
		s->statistics.missed_answers++;
		ipcom_session_lost(s, -ETIMEDOUT, now);
	}
}
