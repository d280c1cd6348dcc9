/* SPDX-License-Identifier: MIT */
/*
 * The login and every way of being refused (sections 4.1 to 4.5). A short answer is only known to
 * be one by the silence or the end of the stream behind it.
 */
#include <errno.h>
#include <string.h>

#include "state.h"

#define SHORT_ANSWER_SILENCE_MS 500

void ipcom_login_send(struct session *s, uint64_t now)
{
	uint8_t plain[MESSAGE_LOGIN_BYTES];

	ipcom_message_login(s->config.username, s->config.password, s->config.bus, plain);
	s->cipher = (struct cipher){ .mode = s->clear ? CIPHER_CLEAR : CIPHER_LOGIN };
	if (!ipcom_schedule_send(s, FLIGHT_LOGIN, plain, sizeof(plain), now))
		return;
	explicit_bzero(plain, sizeof(plain));
	ipcom_session_set_state(s, IPCOM_STATE_LOGIN, 0, now);
}

static void refused(struct session *s, uint64_t now)
{
	s->clear = false; /* never twice in a row */
	s->statistics.logins_refused++;
	ipcom_session_lost(s, -EACCES, now);
}

static void accepted(struct session *s, enum cipher_mode mode, uint64_t now)
{
	s->cipher.mode = mode;
	s->statistics.encrypted = mode == CIPHER_SESSION;
	s->statistics.logins++;
	s->statistics.login_ms = now - s->sent_at;
	s->flight = FLIGHT_NONE;
	s->answered_at = now;
	s->poll_at = now;
	s->keepalive_at = now + s->config.keepalive_ms;
	ipcom_session_set_state(s, IPCOM_STATE_SYNC, 0, now);
}

/* The device told that it does not encrypt: once more in clear, if that is allowed. */
static void clear_device(struct session *s, uint64_t now)
{
	if (s->clear) {
		refused(s, now);
		return;
	}
	if (!s->config.allow_clear) {
		ipcom_session_lost(s, -EPERM, now);
		return;
	}
	ipcom_session_lost(s, 0, now);
	s->clear = true;
	s->retry_at = now;
}

static void take_accept(struct session *s, uint64_t now)
{
	uint8_t plain[MESSAGE_ACCEPT_BYTES];
	struct message_accept accept;

	ipcom_cipher_decode(&s->cipher, cmn_buf_data(&s->in), plain, sizeof(plain));
	ipcom_message_accept(plain, &accept);
	if (accept.accepted) {
		cmn_buf_consume(&s->in, sizeof(plain));
		memcpy(s->statistics.firmware, accept.firmware, sizeof(accept.firmware));
		/* What does not encrypt stays in clear text, whatever key it sends. */
		memcpy(s->cipher.key, accept.key, sizeof(s->cipher.key));
		accepted(s, s->clear ? CIPHER_CLEAR : CIPHER_SESSION, now);
	} else {
		refused(s, now);
	}
	explicit_bzero(plain, sizeof(plain));
	explicit_bzero(&accept, sizeof(accept));
}

void ipcom_login_receive(struct session *s, uint64_t now)
{
	if (cmn_buf_len(&s->in) >= MESSAGE_ACCEPT_BYTES)
		take_accept(s, now);
}

/* Three bytes that begin with 1 accept without a key: the rest of the session is clear text. */
static void take_short(struct session *s, bool closed, uint64_t now)
{
	const uint8_t *wire = cmn_buf_data(&s->in);
	size_t size = cmn_buf_len(&s->in);
	uint8_t plain[3];

	if (size == 2 && wire[0] == MESSAGE_DISCONNECT && wire[1] == 1) {
		clear_device(s, now);
		return;
	}
	if (size != 3) {
		refused(s, now);
		return;
	}
	ipcom_cipher_decode(&s->cipher, wire, plain, sizeof(plain));
	if (plain[0] != MESSAGE_CONNECT) {
		refused(s, now);
	} else if (!s->config.allow_clear) {
		ipcom_session_lost(s, -EPERM, now);
	} else if (closed) {
		ipcom_session_lost(s, -ECONNRESET, now);
	} else {
		cmn_buf_clear(&s->in);
		accepted(s, CIPHER_CLEAR, now);
	}
}

static bool is_short(const struct session *s)
{
	return cmn_buf_len(&s->in) == 2 || cmn_buf_len(&s->in) == 3;
}

void ipcom_login_silence(struct session *s, bool closed, uint64_t now)
{
	if (is_short(s))
		take_short(s, closed, now);
	else if (closed)
		refused(s, now);
	else
		ipcom_session_lost(s, cmn_buf_len(&s->in) > 0 ? -EPROTO : -ETIMEDOUT, now);
}

uint64_t ipcom_login_deadline(const struct session *s)
{
	uint64_t end = s->sent_at + s->config.reply_timeout_ms;
	uint64_t silence = s->heard_at + SHORT_ANSWER_SILENCE_MS;

	return is_short(s) && silence < end ? silence : end;
}
