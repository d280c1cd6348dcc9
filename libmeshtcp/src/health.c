/* SPDX-License-Identifier: MIT */
/* Heartbeat and health monitor (sections 13 and 15.2), and frames that are never whole. */
#include "state.h"

#define PARTIAL_MS 30000
#define PATIENCE   3 /* times the limit, with a node that answers no heartbeats */

static bool watched(const struct session *s)
{
	return s->open && s->config.check_ms != 0 && s->state != MESHTCP_STATE_CLOSING;
}

/* Before 2.7.4 they are not answered, and the node's own word once a minute is a hair too slow. */
static bool patient(const struct session *s)
{
	return s->has_store && !s->beat_answered && !meshtcp_firmware_since(s, 2, 7, 4);
}

static bool silent(struct session *s, uint64_t now)
{
	uint64_t since = now - s->heard_ms;

	if (since <= s->config.silent_ms)
		return false;
	if (!patient(s) || since > (uint64_t)PATIENCE * s->config.silent_ms)
		return true;
	if (!s->patience_told)
		cmn_log_printf(
			&s->log, CMN_LOG_WARNING,
			"nothing received for %llu ms, and this firmware answers no heartbeats: "
			"waiting longer",
			(unsigned long long)since);
	s->patience_told = true;
	return false;
}

static void check(struct session *s, uint64_t now)
{
	if (!watched(s) || now < s->check_at)
		return;
	s->check_at = now + s->config.check_ms;
	/* A node that was asked for nothing is silent by right, but answers heartbeats. */
	if (!silent(s, now))
		return;
	s->statistics.health_checks++;
	cmn_log_printf(&s->log, CMN_LOG_WARNING, "nothing received for %llu ms: reconnecting",
		       (unsigned long long)(now - s->heard_ms));
	meshtcp_session_lost(s, MESHTCP_REASON_SILENT, -1, now);
}

/* What still waits to be sent is as good as a heartbeat. */
static uint64_t beat_at(const struct session *s)
{
	uint64_t at = s->said_ms + s->config.heartbeat_ms;
	uint64_t settled = meshtcp_download_settled_at(s);

	if (!s->open || s->config.heartbeat_ms == 0 || s->out)
		return NEVER;
	return at > settled ? at : settled;
}

static void beat(struct session *s, uint64_t now)
{
	uint8_t frame[FRAME_MAX_BYTES];

	if (now < beat_at(s))
		return;
	if (meshtcp_output_add(s, frame, meshtcp_heartbeat_encode(frame)))
		s->statistics.heartbeats++;
	/* Not again before it is sent. */
	s->said_ms = now;
}

void meshtcp_health_tick(struct session *s, uint64_t now)
{
	if (s->partial_ms != 0 && now - s->partial_ms >= PARTIAL_MS) {
		s->partial_ms = 0;
		meshtcp_frame_give_up(&s->reader);
		meshtcp_session_receive(s, NULL, 0, now);
		return;
	}
	check(s, now);
	beat(s, now);
}

uint64_t meshtcp_health_deadline(const struct session *s)
{
	uint64_t at = NEVER;

	if (watched(s))
		at = s->check_at;
	if (beat_at(s) < at)
		at = beat_at(s);
	if (s->open && s->state != MESHTCP_STATE_CLOSING && s->partial_ms != 0 &&
	    s->partial_ms + PARTIAL_MS < at)
		at = s->partial_ms + PARTIAL_MS;
	return at;
}
