/* SPDX-License-Identifier: MIT */
/* What the node says, and who of the clients hears it (section 17). */
#include "share_state.h"

void meshtcp_share_send_all(struct meshtcp_share *s, const struct share_client *but,
			    const uint8_t *frame, size_t size)
{
	for (struct share_client *c = s->clients; c; c = c->next)
		if (c != but && c->served)
			meshtcp_client_send(s, c, frame, size);
}

/* The ids of a message as a client knows them: its own packets may have other names at the node. */
static void send_as_known(struct meshtcp_share *s, struct share_client *c,
			  const struct share_id *const ids[2], const uint8_t *message, size_t size)
{
	struct share_rename renames[2];
	uint8_t frame[FRAME_MAX_BYTES];
	size_t count = 0;

	for (size_t i = 0; i < 2; i++)
		if (ids[i] && ids[i]->client == c->number && ids[i]->theirs != 0 &&
		    ids[i]->theirs != ids[i]->wire)
			renames[count++] =
				(struct share_rename){ .from = ids[i]->wire, .to = ids[i]->theirs };
	if (count > 0)
		size = meshtcp_share_translated(frame, message, size, renames, count);
	else
		size = meshtcp_share_plain(frame, message, size);
	meshtcp_client_send(s, c, frame, size);
}

/* To the client whose packet it is about. */
static void send_owner(struct meshtcp_share *s, const struct share_id *id, const uint8_t *message,
		       size_t size)
{
	const struct share_id *const ids[2] = { id, NULL };
	struct share_client *c = meshtcp_client_find(s, id->client);

	if (c)
		send_as_known(s, c, ids, message, size);
}

static void send_everybody(struct meshtcp_share *s, const uint8_t *message, size_t size)
{
	uint8_t frame[FRAME_MAX_BYTES];

	meshtcp_share_send_all(s, NULL, frame, meshtcp_share_plain(frame, message, size));
}

static void take_status(struct meshtcp_share *s, const struct from_message *m,
			const uint8_t *message, size_t size)
{
	struct queue_status status;
	struct share_id *id;

	if (meshtcp_queue_status_decode(m->data, m->size, &status) < 0)
		return;
	s->queue = status;
	id = status.packet_id != 0 ? meshtcp_ids_find(&s->ids, status.packet_id) : NULL;
	if (!id || id->told)
		return;
	send_owner(s, id, message, size);
	id->told = true;
}

static struct share_id *find_id(struct meshtcp_share *s, uint32_t wire)
{
	return wire != 0 ? meshtcp_ids_find(&s->ids, wire) : NULL;
}

static void take_packet(struct meshtcp_share *s, const struct from_message *m,
			const uint8_t *message, size_t size)
{
	const struct share_id *ids[2];
	struct meshtcp_packet p;

	if (meshtcp_packet_decode(m->data, m->size, &p) < 0)
		return;
	ids[0] = find_id(s, p.request_id);
	ids[1] = find_id(s, p.reply_id);
	/* Answers on the admin port hold passkeys: they go to who asked, or to nobody. An
	 * acknowledgement is the business of its sender. */
	if (!p.encrypted &&
	    (p.port == MESHTCP_PORT_ADMIN || (p.port == MESHTCP_PORT_ROUTING && ids[0]))) {
		if (ids[0])
			send_owner(s, ids[0], message, size);
		return;
	}
	for (struct share_client *c = s->clients; c; c = c->next)
		if (c->served || (ids[0] && ids[0]->client == c->number))
			send_as_known(s, c, ids, message, size);
}

static void take_notification(struct meshtcp_share *s, const struct from_message *m,
			      const uint8_t *message, size_t size)
{
	struct notification n;
	struct share_id *id;

	if (meshtcp_notification_decode(m->data, m->size, &n) < 0)
		return;
	id = find_id(s, n.reply_id);
	if (id)
		send_owner(s, id, message, size);
	else
		send_everybody(s, message, size);
}

static void send_one(struct meshtcp_share *s, struct share_client *c, const uint8_t *message,
		     size_t size)
{
	uint8_t frame[FRAME_MAX_BYTES];

	if (c)
		meshtcp_client_send(s, c, frame, meshtcp_share_plain(frame, message, size));
}

static void take_raw(struct meshtcp_share *s, const uint8_t *message, size_t size, uint64_t now)
{
	struct from_message m;

	if (meshtcp_from_decode(message, size, &m) < 0)
		return;
	switch (m.member) {
	case FROM_PACKET:
		take_packet(s, &m, message, size);
		break;
	case FROM_QUEUE_STATUS:
		take_status(s, &m, message, size);
		break;
	case FROM_NOTIFICATION:
		take_notification(s, &m, message, size);
		break;
	case FROM_LOG:
		send_everybody(s, message, size);
		break;
	case FROM_REBOOTED:
		s->restarts = true;
		break;
	case FROM_MQTT:
		/* Each client that has it would publish it. */
		send_one(s, meshtcp_client_gateway(s), message, size);
		break;
	case FROM_XMODEM:
		s->transfer_ms = now;
		send_one(s, meshtcp_client_find(s, s->transfer), message, size);
		break;
	default:
		break;
	}
}

/* What the clients know is of another device, or of another time of this one. */
static bool is_other(const struct meshtcp_share *s, const struct meshtcp_info *info)
{
	return s->own != 0 &&
	       (s->restarts || s->own != info->num || s->reboot_count != info->reboot_count);
}

static void node_ready(struct meshtcp_share *s)
{
	struct meshtcp_info info;
	uint8_t frame[FRAME_MAX_BYTES];
	bool other;

	if (meshtcp_get_info(s->node, &info) < 0)
		return;
	other = is_other(s, &info);
	s->own = info.num;
	s->reboot_count = info.reboot_count;
	s->restarts = false;
	s->lost = false;
	s->ready = true;
	meshtcp_share_tell(s, MESHTCP_SHARE_NODE_READY, NULL, NULL);
	if (other)
		meshtcp_share_send_all(s, NULL, frame, meshtcp_share_rebooted(frame));
	for (struct share_client *c = s->clients; c; c = c->next)
		if (c->waits)
			meshtcp_share_serve(s, c, c->nonce);
}

static void node_state(struct meshtcp_share *s, enum meshtcp_state state,
		       enum meshtcp_reason reason)
{
	if (state == MESHTCP_STATE_READY) {
		if (!s->ready)
			node_ready(s);
		return;
	}
	/* Somebody else in this process wants more of a download: what is known stays. */
	if (state == MESHTCP_STATE_DOWNLOADING && reason == MESHTCP_REASON_NONE && s->ready)
		return;
	/* An attempt is under way, and what came before it was told. */
	if (!s->ready && (state != MESHTCP_STATE_BACKOFF || s->lost))
		return;
	s->ready = false;
	s->lost = true;
	s->transfer = 0;
	meshtcp_share_tell(s, MESHTCP_SHARE_NODE_LOST, NULL, meshtcp_reason_name(reason));
}

static bool was_said(struct meshtcp_share *s, uint32_t id)
{
	for (unsigned i = 0; i < SHARE_SAYS; i++)
		if (s->says[i] == id) {
			s->says[i] = 0;
			return true;
		}
	return false;
}

static void take_event(struct meshtcp_share *s, const struct meshtcp_event *event, uint64_t now)
{
	switch ((int)event->type) {
	case MESHTCP_EVENT_RAW:
		take_raw(s, event->data, event->size, now);
		break;
	case MESHTCP_EVENT_STATE:
		node_state(s, event->state, event->reason);
		break;
	case MESHTCP_EVENT_RESULT:
		if (!was_said(s, event->id))
			meshtcp_share_result(s, event->id, event->error);
		break;
	case MESHTCP_EVENT_OVERFLOW:
		/* A change of the state may be among what was dropped. */
		node_state(s, meshtcp_get_state(s->node), MESHTCP_REASON_NONE);
		break;
	default:
		break;
	}
}

void meshtcp_share_node_events(struct meshtcp_share *s, uint64_t now)
{
	const struct meshtcp_event *event;

	meshtcp_dispatch(s->node);
	while ((event = meshtcp_next_event(s->node)) != NULL)
		take_event(s, event, now);
}
