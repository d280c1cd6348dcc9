/* SPDX-License-Identifier: MIT */
/* Acknowledgements, refusals and answers, each to the request that it belongs to (section 11). */
#include "state.h"

#include <errno.h>
#include <string.h>

#include "pb.h"

#define ERROR_PASSKEY 36

static uint32_t target(const struct session *s, const struct request *r)
{
	uint32_t to = r->order.admin ? r->order.admin_node : r->order.message.to;

	return to == MESHTCP_LOCAL ? meshtcp_own_num(s) : to;
}

static void relayed(struct session *s, struct request *r, uint64_t now)
{
	if (r->state == MESHTCP_SEND_DELIVERED)
		return;
	meshtcp_request_state(s, r, MESHTCP_SEND_RELAYED, now);
	/* Nobody in particular will say more. */
	if (target(s, r) == MESHTCP_BROADCAST && !r->order.expect_answer)
		meshtcp_request_finish(s, r, 0, now);
}

static void delivered(struct session *s, struct request *r, uint64_t now)
{
	if (r->order.expect_answer) {
		meshtcp_request_state(s, r, MESHTCP_SEND_DELIVERED, now);
		r->step = STEP_TAKEN;
		return;
	}
	r->state = MESHTCP_SEND_DELIVERED;
	meshtcp_request_finish(s, r, 0, now);
}

static void failed(struct session *s, struct request *r, unsigned error, uint64_t now)
{
	/* The passkey was too old: another one, once, under another id. */
	if (error == ERROR_PASSKEY && r->order.admin_write && !r->key_retried) {
		r->key_retried = true;
		r->wire = meshtcp_request_new_id(s);
		r->step = STEP_WAITING;
		r->refused_ms = 0;
		meshtcp_passkey_forget(s, target(s, r));
		return;
	}
	if (r->state == MESHTCP_SEND_DELIVERED && !r->order.expect_answer)
		return;
	r->node.event.routing_error = error;
	meshtcp_request_finish(s, r, -EIO, now);
}

static bool take_routing(struct session *s, struct request *r, const struct meshtcp_packet *p,
			 uint64_t now)
{
	uint32_t own = meshtcp_own_num(s);
	unsigned error;

	if (meshtcp_routing_decode(p->payload, p->size, &error) < 0)
		return false;
	if (r->step == STEP_SENT)
		r->step = STEP_TAKEN;
	r->refused_ms = 0;
	/* It got there: what our own node says of it afterwards counts no more. */
	if (error != 0 && r->state == MESHTCP_SEND_DELIVERED && p->from != target(s, r))
		return true;
	if (error != 0)
		failed(s, r, error, now);
	else if (p->from == target(s, r))
		delivered(s, r, now);
	else if (p->from == own)
		relayed(s, r, now);
	return true;
}

/* The content of an admin answer: the member that was asked for, and of a config the section in it.
 * */
static bool take_content(struct request *r)
{
	struct pb_reader reader;
	struct pb_value v;
	struct section section;
	bool found = false;

	meshtcp_pb_reader_init(&reader, r->node.packet.payload, r->node.packet.size);
	while (meshtcp_pb_next(&reader, &v)) {
		if (v.number != r->order.answer || v.wire != PB_BYTES)
			continue;
		r->node.event.data = v.data;
		r->node.event.size = v.size;
		found = true;
	}
	if (!found || (r->order.answer != 6 && r->order.answer != 8))
		return found;
	if (meshtcp_section_decode(r->node.event.data, r->node.event.size, &section) < 0)
		return false;
	r->node.event.data = section.data;
	r->node.event.size = section.size;
	return true;
}

/* An answer from somebody else than was asked is none; nor is one of another port. */
static bool is_answer(const struct session *s, const struct request *r,
		      const struct meshtcp_packet *p)
{
	if (!r->order.expect_answer || p->size > sizeof(r->answer))
		return false;
	if (target(s, r) != MESHTCP_BROADCAST && p->from != target(s, r))
		return false;
	return p->port == r->order.message.port;
}

static bool take_answer(struct session *s, struct request *r, const struct meshtcp_packet *p,
			uint64_t now)
{
	r->node.packet = *p;
	if (p->size > 0)
		memcpy(r->answer, p->payload, p->size);
	r->node.packet.payload = r->answer;
	if (r->order.answer != 0 && !take_content(r))
		return false;
	r->node.event.packet = &r->node.packet;
	r->state = MESHTCP_SEND_DELIVERED;
	meshtcp_request_finish(s, r, 0, now);
	return true;
}

/* The passkey has come, or will not come. */
static bool take_passkey(struct session *s, const struct meshtcp_packet *p, uint64_t now)
{
	struct request *next;
	unsigned error;
	bool any = false;

	for (struct request *r = s->requests; r; r = next) {
		next = r->next;
		if (r->step != STEP_PASSKEY || r->key_request != p->request_id)
			continue;
		any = true;
		if (p->port == MESHTCP_PORT_ADMIN && meshtcp_passkey_find(s, p->from, now))
			r->step = STEP_WAITING;
		else if (p->port == MESHTCP_PORT_ROUTING &&
			 meshtcp_routing_decode(p->payload, p->size, &error) == 0 && error != 0)
			failed(s, r, error, now);
	}
	return any;
}

bool meshtcp_answer_packet(struct session *s, const struct meshtcp_packet *p, uint64_t now)
{
	struct request *r;

	if (p->request_id == 0)
		return false;
	if (take_passkey(s, p, now))
		return true;
	r = meshtcp_request_find(s, p->request_id);
	if (!r || r->wire != p->request_id || r->step == STEP_WAITING)
		return false;
	if (p->port == MESHTCP_PORT_ROUTING)
		return take_routing(s, r, p, now);
	if (is_answer(s, r, p) && take_answer(s, r, p, now))
		return true;
	/* Whatever the other side says about it: it got there. */
	if (p->from == target(s, r))
		delivered(s, r, now);
	return true;
}

/* The time is over: what is known is the result. */
static void expire(struct session *s, struct request *r, uint64_t now)
{
	bool known = r->state == MESHTCP_SEND_RELAYED || r->state == MESHTCP_SEND_DELIVERED;

	meshtcp_request_finish(s, r, known && !r->order.expect_answer ? 0 : -ETIMEDOUT, now);
}

void meshtcp_answer_tick(struct session *s, uint64_t now)
{
	struct request *next;

	for (struct request *r = s->requests; r; r = next) {
		next = r->next;
		if (r->refused_ms != 0 && now >= r->refused_ms) {
			r->node.event.queue_error = r->refusal;
			failed(s, r, 0, now);
		} else if (now >= r->deadline_ms) {
			expire(s, r, now);
		}
	}
}
