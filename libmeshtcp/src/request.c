/* SPDX-License-Identifier: MIT */
/* Requests from their making to their one result. */
#include "state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COUNTER_BITS 10
/* The frame around it, its id and its sender need room too. */
#define MAX_RAW      (MESSAGE_MAX_BYTES - 16)
#define COUNTER_MASK ((1u << COUNTER_BITS) - 1)

/* The low bits count, the rest is chance: unique among what is remembered anywhere (section 10). */
uint32_t meshtcp_request_new_id(struct session *s)
{
	uint32_t id;

	do {
		s->id_counter = (s->id_counter + 1) & COUNTER_MASK;
		id = (cmn_prng_next(&s->prng) & ~COUNTER_MASK) | s->id_counter;
	} while (id == 0 || id == UINT32_MAX || meshtcp_request_find(s, id));
	return id;
}

struct request *meshtcp_request_find(const struct session *s, uint32_t wire)
{
	struct request *r = s->requests;

	while (r && r->wire != wire && r->id != wire)
		r = r->next;
	return r;
}

static void unlink_request(struct session *s, const struct request *r)
{
	struct request **place = &s->requests;

	while (*place != r)
		place = &(*place)->next;
	*place = r->next;
	s->request_count--;
}

void meshtcp_request_state(struct session *s, struct request *r, enum meshtcp_send_state state,
			   uint64_t now)
{
	struct meshtcp_event event = { .type = MESHTCP_EVENT_SEND,
				       .id = r->id,
				       .send_state = state };

	if (r->state == state)
		return;
	r->state = state;
	meshtcp_session_emit(s, &event, r->order.owner, now);
}

/* What is known of it, or that nothing is. */
static enum meshtcp_send_state last_state(const struct request *r, int error)
{
	bool silence = error == -ETIMEDOUT || (error == -ECONNRESET && r->step != STEP_WAITING);

	if (error == 0 || error == -ECANCELED)
		return r->state;
	if (!silence)
		return MESHTCP_SEND_FAILED;
	return r->state == MESHTCP_SEND_RELAYED || r->state == MESHTCP_SEND_DELIVERED ?
		       r->state :
		       MESHTCP_SEND_UNKNOWN;
}

void meshtcp_request_finish(struct session *s, struct request *r, int error, uint64_t now)
{
	unlink_request(s, r);
	if (error == 0 && r->order.forget_node)
		meshtcp_database_remove(&s->nodes, r->order.node);
	r->state = last_state(r, error);
	r->node.event.type = MESHTCP_EVENT_RESULT;
	r->node.event.time_ms = now;
	r->node.event.id = r->id;
	r->node.event.error = error;
	r->node.event.send_state = r->state;
	r->node.is_request = true;
	r->node.owner = r->order.owner;
	meshtcp_event_list_append(&s->events, &r->node);
}

void meshtcp_request_finish_all(struct session *s, int error, uint64_t now)
{
	while (s->requests)
		meshtcp_request_finish(s, s->requests, error, now);
}

int meshtcp_session_request(struct session *s, const struct order *order, uint64_t now,
			    uint32_t *ret_id)
{
	struct request **end = &s->requests;
	struct request *r;

	if (s->state == MESHTCP_STATE_IDLE || (s->state == MESHTCP_STATE_CLOSING && !s->again))
		return -ENOTCONN;
	if (order->message.size > MESHTCP_MAX_PAYLOAD ||
	    order->raw_size > (order->whole ? MESSAGE_MAX_BYTES : MAX_RAW))
		return -EMSGSIZE;
	if (s->request_count >= MESHTCP_MAX_REQUESTS)
		return -EBUSY;
	r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->order = *order;
	if (order->message.size > 0)
		memcpy(r->payload, order->message.payload, order->message.size);
	r->order.message.payload = r->payload;
	if (order->raw_size > 0)
		memcpy(r->payload, order->raw, order->raw_size);
	r->order.raw = order->raw ? r->payload : NULL;
	r->id = order->raw_id != 0 && !meshtcp_request_find(s, order->raw_id) ?
			order->raw_id :
			meshtcp_request_new_id(s);
	r->wire = r->id;
	r->deadline_ms = now + order->timeout_ms;
	while (*end)
		end = &(*end)->next;
	*end = r;
	s->request_count++;
	if (ret_id)
		*ret_id = r->id;
	meshtcp_session_tick(s, now);
	return 0;
}

int meshtcp_session_cancel(struct session *s, uint32_t id, uint32_t owner, uint64_t now)
{
	struct request *r = s->requests;

	while (r && (r->id != id || r->order.owner != owner))
		r = r->next;
	if (!r)
		return -ENOENT;
	meshtcp_request_finish(s, r, -ECANCELED, now);
	return 0;
}

void meshtcp_session_cancel_owner(struct session *s, uint32_t owner, uint64_t now)
{
	struct request *next;

	for (struct request *r = s->requests; r; r = next) {
		next = r->next;
		if (r->order.owner == owner)
			meshtcp_request_finish(s, r, -ECANCELED, now);
	}
}

bool meshtcp_session_pending(const struct session *s, uint32_t id)
{
	const struct request *r = s->requests;

	while (r && r->id != id)
		r = r->next;
	return r != NULL;
}
