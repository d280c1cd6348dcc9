/* SPDX-License-Identifier: MIT */
/*
 * What is sent next: one request in flight, writes before keepalives before polls, each no sooner
 * than its time (sections 12 and 19).
 */
#include <errno.h>

#include "state.h"

#define COMMAND_TICK_MS   250
#define WRITE_DISTANCE_MS 200
#define FRESH_MS          100

static bool wait_for_write(const struct session *s, uint64_t now, uint64_t *ret_at)
{
	/* The tick is longer than the least distance between two writes and covers it. */
	uint64_t at = s->written_at == 0 ? 0 : s->written_at + COMMAND_TICK_MS;

	_Static_assert(COMMAND_TICK_MS >= WRITE_DISTANCE_MS, "writes would follow too fast");
	*ret_at = at;
	return now < at;
}

bool ipcom_schedule_send(struct session *s, enum in_flight flight, const uint8_t *plain,
			 size_t size, uint64_t now)
{
	uint8_t wire[MESSAGE_MAX_BYTES];

	ipcom_cipher_encode(&s->cipher, plain, wire, size);
	if (cmn_buf_append(&s->out, wire, size) < 0) {
		ipcom_session_lost(s, -ENOMEM, now);
		return false;
	}
	/* Whatever lies here is no part of the answer to this. */
	s->statistics.dropped_bytes += cmn_buf_len(&s->in);
	cmn_buf_clear(&s->in);
	s->flight = flight;
	s->sent_at = now;
	s->flight_step = ++s->step;
	return true;
}

static void poll_outputs(struct session *s, uint64_t now)
{
	uint8_t plain[2];

	ipcom_message_short(MESSAGE_OUTPUTS, plain);
	if (ipcom_schedule_send(s, FLIGHT_POLL, plain, sizeof(plain), now))
		s->statistics.polls++;
}

static void keepalive(struct session *s, uint64_t now)
{
	uint8_t plain[2];

	s->keepalive_at = now + s->config.keepalive_ms;
	ipcom_message_short(MESSAGE_KEEPALIVE, plain);
	if (ipcom_schedule_send(s, FLIGHT_KEEPALIVE, plain, sizeof(plain), now))
		s->statistics.keepalives++;
}

static void write_module(struct session *s, unsigned module, uint64_t now)
{
	uint8_t values[IPCOM_OUTPUTS];
	uint8_t plain[MESSAGE_WRITE_BYTES];
	size_t size;

	ipcom_shadow_merge(s, module, values, now);
	/* The merge may have refused the only wish for this module. */
	if (ipcom_shadow_next_module(s) == 0)
		return;
	size = ipcom_message_write(s->config.address, module, values, plain);
	if (!ipcom_schedule_send(s, FLIGHT_WRITE, plain, size, now))
		return;
	s->statistics.writes++;
	s->written_at = now;
	ipcom_shadow_written(s, module, now);
}

static bool refresh_waits(const struct session *s)
{
	for (const struct request *r = s->requests; r; r = r->next)
		if (r->refresh)
			return true;
	return false;
}

static bool fresh(const struct session *s, uint64_t now)
{
	return s->shadow.valid && now - s->shadow.time_ms <= FRESH_MS;
}

/* A write, or the fresh snapshot that it needs. @return whether something was sent */
static bool command(struct session *s, uint64_t now)
{
	uint64_t at;

	if (ipcom_shutter_waits(s) && fresh(s, now))
		ipcom_shutter_fresh(s, now);
	if (ipcom_shadow_next_module(s) == 0 && !ipcom_shutter_waits(s))
		return false;
	if (wait_for_write(s, now, &at))
		return false;
	if (!fresh(s, now))
		poll_outputs(s, now);
	else
		write_module(s, ipcom_shadow_next_module(s), now);
	return s->flight != FLIGHT_NONE;
}

void ipcom_schedule_goodbye(struct session *s, uint64_t now)
{
	uint8_t plain[2];

	ipcom_message_short(MESSAGE_DISCONNECT, plain);
	if (ipcom_schedule_send(s, FLIGHT_NONE, plain, sizeof(plain), now))
		s->goodbye = true;
}

void ipcom_schedule_run(struct session *s, uint64_t now)
{
	if (s->flight != FLIGHT_NONE || s->goodbye)
		return;
	if (s->state == IPCOM_STATE_SYNC) {
		poll_outputs(s, now);
		return;
	}
	if (s->state != IPCOM_STATE_READY && s->state != IPCOM_STATE_CLOSING)
		return;
	if (command(s, now) || s->flight != FLIGHT_NONE)
		return;
	if (s->state == IPCOM_STATE_CLOSING) {
		if (ipcom_shadow_next_module(s) == 0)
			ipcom_schedule_goodbye(s, now);
		return;
	}
	if (s->state != IPCOM_STATE_READY)
		return;
	if (refresh_waits(s))
		poll_outputs(s, now);
	else if (s->config.keepalive_ms > 0 && now >= s->keepalive_at)
		keepalive(s, now);
	else if (now >= s->poll_at)
		poll_outputs(s, now);
}

uint64_t ipcom_schedule_deadline(const struct session *s)
{
	uint64_t first = NEVER;
	uint64_t at;

	if (s->flight != FLIGHT_NONE || s->goodbye)
		return NEVER;
	/* While closing, only what still has to be written goes out. */
	if (s->state != IPCOM_STATE_CLOSING)
		first = s->poll_at;
	if (s->state != IPCOM_STATE_CLOSING && s->config.keepalive_ms > 0 &&
	    s->keepalive_at < first)
		first = s->keepalive_at;
	if (ipcom_shadow_next_module(s) != 0 || ipcom_shutter_waits(s)) {
		wait_for_write(s, s->now, &at);
		if (at < first)
			first = at;
	}
	return first;
}

void ipcom_schedule_farewell(struct session *s, uint64_t now)
{
	unsigned most = IPCOM_MODULES;

	if (s->goodbye)
		return;
	while (s->shadow.valid && most-- > 0 && ipcom_shadow_next_module(s) != 0)
		write_module(s, ipcom_shadow_next_module(s), now);
	/* Without memory the connection is gone. */
	if (ipcom_session_wants(s) != 0)
		ipcom_schedule_goodbye(s, now);
}
