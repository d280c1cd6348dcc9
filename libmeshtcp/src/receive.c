/* SPDX-License-Identifier: MIT */
/* What the node sends, message by message: to the download, the requests, the nodes, the users. */
#include "state.h"

#include <errno.h>
#include <string.h>

#include "mask.h"

#define QUIET_MS     250
#define QUIET_MAX_MS 2000
#define MAX_PORT     511

static void tell_node(struct session *s, uint32_t num, enum database_news news, uint64_t now)
{
	struct meshtcp_event event = { .type = MESHTCP_EVENT_NODE, .node = num };

	if (news == DATABASE_NOTHING)
		return;
	if (news == DATABASE_KEY_CHANGED) {
		struct meshtcp_event warning = { .type = MESHTCP_EVENT_KEY_CHANGED, .node = num };

		meshtcp_session_emit(s, &warning, 0, now);
	}
	meshtcp_session_emit(s, &event, 0, now);
}

/* For whom the connection is shared with. */
static void tap(struct session *s, const uint8_t *data, size_t size, uint64_t now)
{
	struct meshtcp_event event = { .type = MESHTCP_EVENT_RAW, .data = data, .size = size };

	if (s->tap != 0)
		meshtcp_session_emit(s, &event, s->tap, now);
}

int meshtcp_session_tap(struct session *s, uint32_t owner)
{
	if (s->tap != 0 && owner != 0)
		return -EBUSY;
	s->tap = owner;
	return 0;
}

static void take_packet(struct session *s, const struct from_message *m, const uint8_t *data,
			size_t size, uint64_t now)
{
	struct meshtcp_event event = { .type = MESHTCP_EVENT_PACKET };
	struct meshtcp_packet p;
	enum database_news news;

	if (meshtcp_packet_decode(m->data, m->size, &p) < 0 || p.port > MAX_PORT) {
		s->statistics.undecodable++;
		return;
	}
	/* An echo of our own. */
	if (p.from == 0)
		return;
	if (p.id != 0 && meshtcp_seen_before(&s->seen, p.from, p.id)) {
		s->statistics.duplicates++;
		return;
	}
	tap(s, data, size, now);
	p.history = p.rx_time != 0 && s->epoch != 0 && p.rx_time < s->epoch;
	s->statistics.packets_received++;
	news = meshtcp_database_packet(&s->nodes, &p, meshtcp_own_num(s));
	if (!p.encrypted && p.port == MESHTCP_PORT_ADMIN)
		meshtcp_passkey_learn(s, &p, now);
	event.packet = &p;
	meshtcp_session_emit(s, &event, 0, now);
	if (p.port == MESHTCP_PORT_NODEINFO || p.port == MESHTCP_PORT_POSITION ||
	    news == DATABASE_KEY_CHANGED)
		tell_node(s, p.from, news, now);
	if (!p.encrypted)
		meshtcp_answer_packet(s, &p, now);
}

static void take_status(struct session *s, const struct from_message *m, uint64_t now)
{
	struct queue_status status;

	if (meshtcp_queue_status_decode(m->data, m->size, &status) < 0) {
		s->statistics.undecodable++;
		return;
	}
	meshtcp_send_status(s, &status, now);
}

static void take_notification(struct session *s, const struct from_message *m, uint64_t now)
{
	struct meshtcp_event event = { .type = MESHTCP_EVENT_NOTIFICATION };
	struct notification n;

	if (meshtcp_notification_decode(m->data, m->size, &n) < 0) {
		s->statistics.undecodable++;
		return;
	}
	event.id = n.reply_id;
	event.level = n.level;
	event.text = n.text;
	meshtcp_session_emit(s, &event, 0, now);
}

static void take_log(struct session *s, const struct from_message *m, uint64_t now)
{
	struct meshtcp_event event = { .type = MESHTCP_EVENT_LOG };
	struct log_record l;

	if (meshtcp_log_decode(m->data, m->size, &l) < 0) {
		s->statistics.undecodable++;
		return;
	}
	event.level = l.level;
	event.text = l.text;
	meshtcp_session_emit(s, &event, 0, now);
}

static void take_mqtt(struct session *s, const struct from_message *m, uint64_t now)
{
	struct meshtcp_event event = { .type = MESHTCP_EVENT_MQTT };
	struct mqtt_message q;

	if (meshtcp_mqtt_decode(m->data, m->size, &q) < 0) {
		s->statistics.undecodable++;
		return;
	}
	event.text = q.topic;
	event.data = q.data;
	event.size = q.size;
	meshtcp_session_emit(s, &event, 0, now);
}

/* The node has forgotten us: everything anew, over the same connection. */
static void take_rebooted(struct session *s, uint64_t now)
{
	if (s->state == MESHTCP_STATE_CLOSING)
		return;
	s->statistics.lost[MESHTCP_REASON_REBOOTED]++;
	s->statistics.last_reason = MESHTCP_REASON_REBOOTED;
	meshtcp_send_lost(s, now);
	if (s->config.download == MESHTCP_DOWNLOAD_NONE)
		return;
	s->lost_ms = now;
	s->ready_ms = 0;
	meshtcp_session_set_state(s, MESHTCP_STATE_DOWNLOADING, MESHTCP_REASON_REBOOTED, 0, now);
	meshtcp_download_begin(s, now);
}

/* The node goes on sending: what is said to it now may be thrown away. */
static void note_traffic(struct session *s, uint64_t now)
{
	s->heard_ms = now;
	if (s->ready_ms != 0 && now < s->ready_ms + QUIET_MAX_MS && now < s->quiet_at)
		s->quiet_at = now + QUIET_MS;
}

static void log_message(const struct session *s, const uint8_t *data, size_t size)
{
	uint8_t frame[FRAME_MAX_BYTES];

	if (!cmn_log_wants(&s->log, CMN_LOG_WIRE))
		return;
	meshtcp_frame_head(frame, size);
	if (size > 0)
		memcpy(frame + FRAME_HEADER_BYTES, data, size);
	meshtcp_mask_from(frame + FRAME_HEADER_BYTES, size);
	cmn_log_wire(&s->log, '<', 1, frame, FRAME_HEADER_BYTES + size);
	explicit_bzero(frame, sizeof(frame));
}

void meshtcp_receive_message(struct session *s, const uint8_t *data, size_t size, uint64_t now)
{
	struct from_message m;

	s->statistics.frames_received++;
	log_message(s, data, size);
	note_traffic(s, now);
	if (meshtcp_from_decode(data, size, &m) < 0) {
		s->statistics.undecodable++;
		return;
	}
	if (meshtcp_download_message(s, &m, data, size, now))
		return;
	if (m.member != FROM_PACKET)
		tap(s, data, size, now);
	switch (m.member) {
	case FROM_PACKET:
		take_packet(s, &m, data, size, now);
		break;
	case FROM_QUEUE_STATUS:
		take_status(s, &m, now);
		break;
	case FROM_NOTIFICATION:
		take_notification(s, &m, now);
		break;
	case FROM_LOG:
		take_log(s, &m, now);
		break;
	case FROM_MQTT:
		take_mqtt(s, &m, now);
		break;
	case FROM_REBOOTED:
		take_rebooted(s, now);
		break;
	default:
		break;
	}
}

static void take_text(struct session *s, const char *text, uint64_t now)
{
	struct meshtcp_event event = { .type = MESHTCP_EVENT_LOG, .text = text };

	meshtcp_session_emit(s, &event, 0, now);
}

void meshtcp_session_receive(struct session *s, const uint8_t *data, size_t size, uint64_t now)
{
	uint32_t generation = s->generation;
	uint64_t skipped = s->reader.skipped;
	struct frame frame;
	bool whole = false;

	s->statistics.bytes_received += size;
	for (;;) {
		meshtcp_frame_read(&s->reader, &data, &size, &frame);
		if (frame.kind == FRAME_NONE)
			break;
		if (frame.kind == FRAME_TEXT)
			take_text(s, frame.text, now);
		else
			meshtcp_receive_message(s, frame.data, frame.size, now);
		whole = true;
		/* A message can end the connection, and with it what is left of the bytes. */
		if (s->generation != generation)
			return;
	}
	/* One that began earlier is as old as it was: what comes since may be other frames. */
	if (!meshtcp_frame_partial(&s->reader))
		s->partial_ms = 0;
	else if (s->partial_ms == 0 || whole || s->reader.skipped != skipped)
		s->partial_ms = now;
	meshtcp_session_tick(s, now);
}
