/* SPDX-License-Identifier: MIT */
/*
 * Packets on their way to the node (sections 10 and 11): paced as it demands, held back while its
 * queue is full, sent again when it says nothing of them.
 */
#include "state.h"

#include <errno.h>
#include <string.h>

#include "pb.h"

#define STATUS_MS 5000 /* without a queue status: again, with the same id */
#define MAX_TRIES 4
/* A full queue waits for a status that says otherwise. Such a status can get lost: not for ever. */
#define FULL_MS       30000
#define HELD_MS       50 /* no room in the output, or no memory */
#define GAP_MS        10 /* between two frames when many clients share the connection */
#define DEFAULT_HOPS  3
#define PASSKEY_HEAD  3  /* tag and size in front of it */
#define PRIORITY_TEXT 70 /* what the official clients give to what wants an acknowledgement */

/* A tenth of a second more than the node's limits. */
static const unsigned distances[PACES] = {
	[PACE_TEXT] = 2100,   [PACE_POSITION] = 10100,  [PACE_WAYPOINT] = 10100,
	[PACE_ALERT] = 10100, [PACE_TELEMETRY] = 10100, [PACE_TRACEROUTE] = 30100,
};

static enum pace pace_of(unsigned port)
{
	switch (port) {
	case MESHTCP_PORT_TEXT:
		return PACE_TEXT;
	case MESHTCP_PORT_POSITION:
		return PACE_POSITION;
	case MESHTCP_PORT_WAYPOINT:
		return PACE_WAYPOINT;
	case MESHTCP_PORT_ALERT:
		return PACE_ALERT;
	case MESHTCP_PORT_TELEMETRY:
		return PACE_TELEMETRY;
	case MESHTCP_PORT_TRACEROUTE:
		return PACE_TRACEROUTE;
	default:
		return PACE_NONE;
	}
}

/* Repeats with the same id are ignored only from 2.5.3 on: before, one could be sent twice. */
static bool may_repeat(const struct session *s)
{
	return meshtcp_firmware_since(s, 2, 5, 3);
}

static unsigned hops(const struct session *s, const struct meshtcp_message *m)
{
	if (m->hop_limit > 0)
		return (unsigned)m->hop_limit;
	if (m->hop_limit < 0)
		return 0;
	if (s->has_store && s->store.info.has_lora && s->store.info.hop_limit > 0)
		return s->store.info.hop_limit <= 7 ? s->store.info.hop_limit : 7;
	return DEFAULT_HOPS;
}

static uint32_t destination(const struct session *s, const struct request *r)
{
	uint32_t to = r->order.admin ? r->order.admin_node : r->order.message.to;

	return to == MESHTCP_LOCAL ? meshtcp_own_num(s) : to;
}

static bool is_remote_admin(const struct session *s, const struct request *r)
{
	return r->order.admin && destination(s, r) != meshtcp_own_num(s);
}

/* A write at another node carries the passkey at its end; false when that does not fit. */
static bool add_passkey(struct session *s, const struct request *r, struct to_packet *p,
			uint8_t *payload, uint64_t now)
{
	const struct passkey *key = meshtcp_passkey_find(s, p->to, now);
	struct pb_writer w;

	meshtcp_pb_writer_init(&w, payload, MESHTCP_MAX_PAYLOAD);
	for (size_t i = 0; i < r->order.message.size; i++)
		payload[i] = r->payload[i];
	w.pos = r->order.message.size;
	if (key)
		meshtcp_pb_put_bytes(&w, 101, key->key, key->size);
	p->payload = payload;
	p->size = w.pos;
	return !w.failed;
}

static bool put_raw(struct session *s, const struct request *r)
{
	uint8_t frame[FRAME_MAX_BYTES];

	if (r->order.whole) {
		meshtcp_frame_head(frame, r->order.raw_size);
		memcpy(frame + FRAME_HEADER_BYTES, r->payload, r->order.raw_size);
		return meshtcp_output_add(s, frame, FRAME_HEADER_BYTES + r->order.raw_size);
	}
	return meshtcp_output_add(s, frame,
				  meshtcp_raw_encode(frame, meshtcp_own_num(s), r->wire, r->payload,
						     r->order.raw_size));
}

static bool put(struct session *s, struct request *r, uint64_t now)
{
	const struct meshtcp_message *m = &r->order.message;
	uint8_t frame[FRAME_MAX_BYTES], payload[MESHTCP_MAX_PAYLOAD];
	struct to_packet p = { .from = meshtcp_own_num(s),
			       .to = destination(s, r),
			       .id = r->wire,
			       .channel = m->channel,
			       .port = m->port,
			       .payload = r->payload,
			       .size = m->size,
			       .hop_limit = hops(s, m),
			       .want_ack = m->want_ack,
			       .want_response = m->want_response,
			       .request_id = m->request_id,
			       .reply_id = m->reply_id,
			       .emoji = m->emoji };

	if (r->order.raw)
		return put_raw(s, r);
	if (is_remote_admin(s, r)) {
		p.want_ack = true;
		p.pki_encrypted = true;
		p.priority = PRIORITY_TEXT;
		if (r->order.admin_write && !add_passkey(s, r, &p, payload, now))
			return false;
	}
	if (!meshtcp_output_add(s, frame, meshtcp_packet_encode(frame, &p)))
		return false;
	/* A node that was asked for nothing answers nothing but heartbeats: that answer says that
	 * what came before has been read. */
	if (s->config.download == MESHTCP_DOWNLOAD_NONE)
		meshtcp_output_add(s, frame, meshtcp_heartbeat_encode(frame));
	return true;
}

static void keep_distance(struct session *s, const struct request *r, uint64_t now)
{
	enum pace pace = pace_of(r->order.message.port);

	if (pace == PACE_NONE)
		return;
	s->paced_at[pace] = now + distances[pace];
	s->paced_by[pace] = r->wire;
}

static void send_now(struct session *s, struct request *r, uint64_t now)
{
	if (!put(s, r, now)) {
		s->held_until = now + HELD_MS;
		return;
	}
	if (s->tap != 0)
		s->held_until = now + GAP_MS;
	if (r->order.whole) {
		meshtcp_request_finish(s, r, 0, now);
		return;
	}
	r->step = STEP_SENT;
	r->sent_ms = now;
	r->tries++;
	s->statistics.packets_sent++;
	keep_distance(s, r, now);
	if (s->queue_free > 0)
		s->queue_free--;
	else if (s->queue_free == 0)
		s->queue_at = now;
	if (r->order.restarts && !is_remote_admin(s, r))
		s->restart_ms = now;
}

/* The number of the own node is only known after a download. */
static bool unaddressed(const struct session *s, const struct request *r)
{
	return destination(s, r) == 0;
}

/* A write at another node for which there is no room beside the passkey would wait for ever. */
static bool too_long(const struct session *s, const struct request *r, uint64_t now)
{
	const struct passkey *key = meshtcp_passkey_find(s, destination(s, r), now);

	return is_remote_admin(s, r) && r->order.admin_write && key &&
	       r->order.message.size + PASSKEY_HEAD + key->size > MESHTCP_MAX_PAYLOAD;
}

static void start(struct session *s, struct request *r, uint64_t now)
{
	if (!r->order.raw && unaddressed(s, r)) {
		meshtcp_request_finish(s, r, -ENOENT, now);
		return;
	}
	if (is_remote_admin(s, r) && r->order.admin_write &&
	    !meshtcp_passkey_find(s, destination(s, r), now)) {
		if (!meshtcp_passkey_ask(s, r, now))
			s->held_until = now + HELD_MS;
		return;
	}
	if (too_long(s, r, now)) {
		meshtcp_request_finish(s, r, -EMSGSIZE, now);
		return;
	}
	send_now(s, r, now);
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Before this no packet may go, whatever it is. */
static uint64_t open_at(const struct session *s)
{
	uint64_t at = meshtcp_download_settled_at(s);

	if (s->queue_free == 0 && s->queue_at + FULL_MS > at)
		at = s->queue_at + FULL_MS;
	return s->held_until > at ? s->held_until : at;
}

static void start_waiting(struct session *s, uint64_t now)
{
	bool held[PACES] = { false };
	struct request *next;

	for (struct request *r = s->requests; r; r = next) {
		enum pace pace = pace_of(r->order.message.port);

		next = r->next;
		if (r->step != STEP_WAITING || held[pace] || now < open_at(s))
			continue;
		if (now < s->paced_at[pace])
			held[pace] = true;
		else
			start(s, r, now);
	}
}

/* A node that throws a repeat away for being too early says that it took it. One that got the first
 * ignores the second, so that it need not keep a distance from itself. */
static uint64_t repeat_at(const struct session *s, const struct request *r)
{
	enum pace pace = pace_of(r->order.message.port);
	uint64_t at = later(r->sent_ms + STATUS_MS, open_at(s));

	return s->paced_by[pace] == r->wire ? at : later(at, s->paced_at[pace]);
}

static void repeat(struct session *s, struct request *r, uint64_t now)
{
	if (r->step != STEP_SENT || r->refused_ms != 0 || now < repeat_at(s, r))
		return;
	if (r->tries >= MAX_TRIES || !may_repeat(s)) {
		meshtcp_request_finish(s, r, -ETIMEDOUT, now);
		return;
	}
	if (!put(s, r, now)) {
		r->sent_ms = now - STATUS_MS + HELD_MS;
		return;
	}
	s->statistics.resent++;
	keep_distance(s, r, now);
	if (s->queue_free > 0)
		s->queue_free--;
	r->tries++;
	r->sent_ms = now;
}

void meshtcp_send_tick(struct session *s, uint64_t now)
{
	struct request *next;

	if (!s->open || now < meshtcp_download_settled_at(s))
		return;
	for (struct request *r = s->requests; r; r = next) {
		next = r->next;
		repeat(s, r, now);
	}
	start_waiting(s, now);
}

static uint64_t request_deadline(const struct session *s, const struct request *r)
{
	uint64_t at = r->deadline_ms;
	uint64_t other = NEVER;

	if (s->open && r->step == STEP_WAITING)
		other = later(s->paced_at[pace_of(r->order.message.port)], open_at(s));
	if (s->open && r->step == STEP_SENT && r->refused_ms == 0)
		other = repeat_at(s, r);
	if (r->refused_ms != 0)
		other = r->refused_ms;
	return other < at ? other : at;
}

uint64_t meshtcp_send_deadline(const struct session *s)
{
	uint64_t at = NEVER;

	for (const struct request *r = s->requests; r; r = r->next) {
		uint64_t other = request_deadline(s, r);

		if (other < at)
			at = other;
	}
	return at;
}

/* The node has taken it; who wants no more is done. */
static void taken(struct session *s, struct request *r, uint64_t now)
{
	r->step = STEP_TAKEN;
	if (r->state == MESHTCP_SEND_WAITING)
		meshtcp_request_state(s, r, MESHTCP_SEND_QUEUED, now);
	if (!r->order.message.want_ack && !r->order.expect_answer)
		meshtcp_request_finish(s, r, 0, now);
}

/* The routing error that mostly follows decides; it gets a little time. */
static void refused(struct request *r, const struct queue_status *status, uint64_t now)
{
	r->refusal = (unsigned)status->res;
	r->refused_ms = now + 1000;
}

static bool accepted(int res)
{
	return res == 0 || res == 35;
}

/* Without a download each heartbeat is answered after what was sent before it. */
static void heartbeat_answered(struct session *s, uint64_t now)
{
	struct request *next;

	if (s->config.download != MESHTCP_DOWNLOAD_NONE)
		return;
	for (struct request *r = s->requests; r; r = next) {
		next = r->next;
		if (r->step == STEP_SENT) {
			taken(s, r, now);
			return;
		}
	}
}

void meshtcp_send_status(struct session *s, const struct queue_status *status, uint64_t now)
{
	struct request *r;

	s->queue_free = (int)(status->free < INT16_MAX ? status->free : INT16_MAX);
	s->queue_at = now;
	if (status->packet_id == 0) {
		s->beat_answered = true;
		heartbeat_answered(s, now);
		return;
	}
	for (r = s->requests; r && !accepted(status->res); r = r->next)
		if (r->step == STEP_PASSKEY && r->key_request == status->packet_id)
			refused(r, status, now);
	r = meshtcp_request_find(s, status->packet_id);
	if (!r || r->wire != status->packet_id || r->step != STEP_SENT)
		return;
	if (accepted(status->res))
		taken(s, r, now);
	else
		refused(r, status, now);
}

void meshtcp_send_lost(struct session *s, uint64_t now)
{
	struct request *next;

	s->queue_free = -1;
	for (struct request *r = s->requests; r; r = next) {
		next = r->next;
		if (r->step != STEP_SENT && r->step != STEP_PASSKEY)
			continue;
		/* Sent again with the same id, or told that nobody knows. */
		if (r->step == STEP_SENT && !may_repeat(s))
			meshtcp_request_finish(s, r, -ECONNRESET, now);
		else
			r->step = STEP_WAITING;
	}
}
