/* SPDX-License-Identifier: MIT */
/*
 * The session as the transport sees it: a wish for a connection, bytes in and out, a deadline. And
 * what callers may look at meanwhile.
 */
#include <errno.h>
#include <string.h>

#include "state.h"

uint32_t ipcom_session_wants(const struct session *s)
{
	switch (s->state) {
	case IPCOM_STATE_IDLE:
	case IPCOM_STATE_BACKOFF:
	case IPCOM_STATE_REFUSED:
		return 0;
	default:
		return s->generation;
	}
}

void ipcom_session_opened(struct session *s, uint64_t now)
{
	if (s->state != IPCOM_STATE_CONNECTING)
		return;
	s->statistics.connects++;
	s->heard_at = now;
	ipcom_login_send(s, now);
	ipcom_session_tick(s, now);
}

void ipcom_session_failed(struct session *s, int error, uint64_t now)
{
	if (ipcom_session_wants(s) == 0)
		return;
	if (s->state == IPCOM_STATE_CONNECTING) {
		s->statistics.connect_failures++;
		/* Nothing was asked yet: there is nobody, rather than no answer. */
		if (error == -ETIMEDOUT)
			error = -EHOSTUNREACH;
	}
	/* Who has not got the login cannot have refused it. */
	if (s->state == IPCOM_STATE_LOGIN && cmn_buf_len(&s->out) == 0)
		ipcom_login_silence(s, true, now);
	else
		ipcom_session_lost(s, error < 0 ? error : -ECONNRESET, now);
	ipcom_session_tick(s, now);
}

void ipcom_session_receive(struct session *s, const uint8_t *data, size_t size, uint64_t now)
{
	cmn_log_wire(&s->log, '<', 1, data, size);
	s->statistics.bytes_received += size;
	s->heard_at = now;
	while (size > 0 && ipcom_session_wants(s) != 0) {
		/* In pieces that fit, so that nothing is lost and nothing grows. */
		size_t part = size < MESSAGE_MAX_BYTES ? size : MESSAGE_MAX_BYTES;
		int ret = cmn_buf_append(&s->in, data, part);

		if (ret < 0) {
			ipcom_session_lost(s, ret == -ENOMEM ? ret : -EPROTO, now);
			break;
		}
		data += part;
		size -= part;
		if (s->state == IPCOM_STATE_LOGIN)
			ipcom_login_receive(s, now);
		ipcom_answer_receive(s, now);
	}
	ipcom_session_tick(s, now);
}

size_t ipcom_session_output(const struct session *s, const uint8_t **ret_data)
{
	*ret_data = cmn_buf_data(&s->out);
	return ipcom_session_wants(s) != 0 ? cmn_buf_len(&s->out) : 0;
}

void ipcom_session_sent(struct session *s, size_t size, uint64_t now)
{
	/* The login carries the password, and anybody can decode it. */
	if (s->state == IPCOM_STATE_LOGIN)
		cmn_log_printf(&s->log, CMN_LOG_WIRE, "# > login, %zu bytes, masked", size);
	else
		cmn_log_wire(&s->log, '>', 1, cmn_buf_data(&s->out), size);
	cmn_buf_consume(&s->out, size);
	s->statistics.bytes_sent += size;
	if (s->goodbye && cmn_buf_len(&s->out) == 0)
		ipcom_session_idle(s, 0, now);
}

static void expire(struct session *s, uint64_t now)
{
	struct request *next;

	for (struct request *r = s->requests; r; r = next) {
		bool reached = s->state == IPCOM_STATE_LOGIN || s->state == IPCOM_STATE_SYNC ||
			       s->state == IPCOM_STATE_READY;
		int error = s->statistics.last_error;

		next = r->next;
		if (now < r->deadline_ms)
			continue;
		/* What was lost and is not ready again yet stays lost. */
		if (reached && error != -ECONNRESET)
			error = -ETIMEDOUT;
		ipcom_request_finish(s, r, error < 0 ? error : -EHOSTUNREACH, now);
	}
}

static void close_in_time(struct session *s, uint64_t now)
{
	if (now < s->close_by)
		return;
	if (s->goodbye) {
		ipcom_session_idle(s, 0, now);
		return;
	}
	ipcom_schedule_farewell(s, now);
	s->close_by = now + 200;
}

void ipcom_session_tick(struct session *s, uint64_t now)
{
	s->now = now;
	if (s->state == IPCOM_STATE_LOGIN && now >= ipcom_login_deadline(s))
		ipcom_login_silence(s, false, now);
	ipcom_answer_tick(s, now);
	expire(s, now);
	ipcom_shutter_tick(s, now);
	ipcom_schedule_run(s, now);
	ipcom_shutter_tick(s, now);
	if (s->state == IPCOM_STATE_CLOSING)
		close_in_time(s, now);
	if ((s->state == IPCOM_STATE_BACKOFF || s->state == IPCOM_STATE_REFUSED) &&
	    now >= s->retry_at)
		ipcom_session_connect(s, now);
}

static void earlier(uint64_t *first, uint64_t at)
{
	if (at < *first)
		*first = at;
}

uint64_t ipcom_session_deadline(const struct session *s)
{
	uint64_t first = NEVER;

	for (const struct request *r = s->requests; r; r = r->next)
		earlier(&first, r->deadline_ms);
	switch (s->state) {
	case IPCOM_STATE_BACKOFF:
	case IPCOM_STATE_REFUSED:
		earlier(&first, s->retry_at);
		break;
	case IPCOM_STATE_LOGIN:
		earlier(&first, ipcom_login_deadline(s));
		break;
	case IPCOM_STATE_CLOSING:
		earlier(&first, s->close_by);
		earlier(&first, ipcom_answer_deadline(s));
		earlier(&first, ipcom_schedule_deadline(s));
		break;
	case IPCOM_STATE_SYNC:
	case IPCOM_STATE_READY:
		earlier(&first, ipcom_answer_deadline(s));
		earlier(&first, ipcom_schedule_deadline(s));
		earlier(&first, ipcom_shutter_deadline(s));
		break;
	default:
		break;
	}
	return first;
}

void ipcom_session_farewell(struct session *s, uint64_t now)
{
	if (s->state == IPCOM_STATE_CLOSING || s->state == IPCOM_STATE_READY ||
	    s->state == IPCOM_STATE_SYNC)
		ipcom_schedule_farewell(s, now);
}

void ipcom_session_abort(struct session *s, uint64_t now)
{
	while (s->requests)
		ipcom_request_finish(s, s->requests, -ECANCELED, now);
	if (s->state != IPCOM_STATE_IDLE)
		ipcom_session_idle(s, 0, now);
}

const struct ipcom_event *ipcom_session_next_event(struct session *s)
{
	return ipcom_event_list_next(&s->events);
}

const struct ipcom_event *ipcom_session_take_result(struct session *s, uint32_t id)
{
	return ipcom_event_list_take(&s->events, id);
}

bool ipcom_session_has_event(const struct session *s)
{
	return s->events.head || s->events.dropped > 0;
}

const struct ipcom_statistics *ipcom_session_statistics(const struct session *s)
{
	return &s->statistics;
}

int ipcom_session_values(const struct session *s, uint8_t values[IPCOM_MODULES][IPCOM_OUTPUTS],
			 uint64_t now, uint64_t *ret_age_ms)
{
	if (!s->shadow.valid)
		return -ENOENT;
	memcpy(values, s->shadow.values, sizeof(s->shadow.values));
	if (ret_age_ms)
		*ret_age_ms = now - s->shadow.time_ms;
	return 0;
}

int ipcom_session_expected(const struct session *s, struct ipcom_output output, unsigned *ret_value)
{
	if (!s->shadow.valid)
		return -ENOENT;
	*ret_value = ipcom_shadow_effective(s, output);
	return 0;
}

size_t ipcom_session_history(const struct session *s, struct ipcom_change *changes, size_t room)
{
	size_t count = s->history_count < room ? s->history_count : room;
	size_t first;

	if (count == 0)
		return 0;
	first = (s->history_next + s->config.history - count) % s->config.history;
	for (size_t i = 0; i < count; i++)
		changes[i] = s->history[(first + i) % s->config.history];
	return count;
}
