/* SPDX-License-Identifier: MIT */
/* The requests of the public API: arguments are checked and put into the form of the wire here. */
#include <errno.h>
#include <string.h>

#include <meshtcp/meshtcp.h>

#include "common/clock.h"

#include "handle.h"
#include "pb.h"

#define MAX_PORT  511
#define MAX_HOPS  7
#define MAX_LONG  39
#define MAX_SHORT 4
#define DAY_S     86400

/* Members of the admin message (section 12). */
enum {
	GET_OWNER = 3,
	OWNER_ANSWER = 4,
	GET_CONFIG = 5,
	CONFIG_ANSWER = 6,
	GET_MODULE = 7,
	MODULE_ANSWER = 8,
	SET_OWNER = 32,
	SET_CONFIG = 34,
	SET_MODULE = 35,
	REMOVE_NODE = 38,
	SET_FAVORITE = 39,
	REMOVE_FAVORITE = 40,
	SET_TIME = 43,
	REBOOT = 97,
	SHUTDOWN = 98
};

static int submit(struct meshtcp *m, struct order *order, uint32_t *ret_id)
{
	int ret = -ENOTCONN;

	if (!m->shared)
		return ret;
	order->timeout_ms = m->timeout_ms;
	meshtcp_shared_lock(m->shared);
	if (m->joined) {
		order->owner = m->owner;
		ret = meshtcp_session_request(m->shared->session, order, cmn_clock_ms(), ret_id);
	}
	meshtcp_shared_unlock(m->shared);
	return ret;
}

static bool valid(const struct meshtcp_message *msg)
{
	return msg && msg->port >= 1 && msg->port <= MAX_PORT && msg->channel < MESHTCP_CHANNELS &&
	       (msg->payload || msg->size == 0) && msg->hop_limit >= -1 &&
	       msg->hop_limit <= MAX_HOPS && !(msg->hop_limit == -1 && msg->want_ack);
}

int meshtcp_send(struct meshtcp *m, const struct meshtcp_message *message, uint32_t *ret_id)
{
	struct order order = { .owner = 0 };

	if (!m || !valid(message))
		return -EINVAL;
	order.message = *message;
	order.expect_answer = message->want_response;
	return submit(m, &order, ret_id);
}

int meshtcp_send_text(struct meshtcp *m, uint32_t to, unsigned channel, const char *text,
		      bool want_ack, uint32_t *ret_id)
{
	struct meshtcp_message message = { .to = to,
					   .channel = channel,
					   .port = MESHTCP_PORT_TEXT,
					   .payload = text,
					   .size = text ? strlen(text) : 0,
					   .want_ack = want_ack };

	if (!text || !*text)
		return -EINVAL;
	return meshtcp_send(m, &message, ret_id);
}

static int ask(struct meshtcp *m, uint32_t to, unsigned port, const void *payload, size_t size,
	       uint32_t *ret_id)
{
	struct meshtcp_message message = {
		.to = to, .port = port, .payload = payload, .size = size, .want_response = true
	};

	/* Everybody at once is nobody to ask. */
	if (to == MESHTCP_BROADCAST)
		return -EINVAL;
	return meshtcp_send(m, &message, ret_id);
}

int meshtcp_traceroute(struct meshtcp *m, uint32_t to, uint32_t *ret_id)
{
	return ask(m, to, MESHTCP_PORT_TRACEROUTE, NULL, 0, ret_id);
}

int meshtcp_ask_telemetry(struct meshtcp *m, uint32_t to, enum meshtcp_telemetry kind,
			  uint32_t *ret_id)
{
	uint8_t payload[4];
	struct pb_writer w;

	if (kind < MESHTCP_TELEMETRY_DEVICE || kind > MESHTCP_TELEMETRY_LOCAL)
		return -EINVAL;
	/* An empty message of the kind that is wanted. */
	meshtcp_pb_writer_init(&w, payload, sizeof(payload));
	meshtcp_pb_put_bytes(&w, (uint32_t)kind, NULL, 0);
	return ask(m, to, MESHTCP_PORT_TELEMETRY, payload, w.pos, ret_id);
}

int meshtcp_ask_position(struct meshtcp *m, uint32_t to, uint32_t *ret_id)
{
	return ask(m, to, MESHTCP_PORT_POSITION, NULL, 0, ret_id);
}

int meshtcp_ask_user(struct meshtcp *m, uint32_t to, uint32_t *ret_id)
{
	return ask(m, to, MESHTCP_PORT_NODEINFO, NULL, 0, ret_id);
}

/* An admin message out of what a writer has. A read is answered, a write acknowledged. */
static int admin(struct meshtcp *m, uint32_t node, const struct pb_writer *w, unsigned answer,
		 struct order *order, uint32_t *ret_id)
{
	if (!m || node == MESHTCP_BROADCAST)
		return -EINVAL;
	if (w->failed)
		return -EMSGSIZE;
	order->admin = true;
	order->admin_node = node;
	order->admin_write = answer == 0;
	order->expect_answer = answer != 0;
	order->answer = answer;
	order->message = (struct meshtcp_message){ .to = node,
						   .port = MESHTCP_PORT_ADMIN,
						   .payload = w->data,
						   .size = w->pos,
						   .want_ack = answer == 0,
						   .want_response = answer != 0 };
	return submit(m, order, ret_id);
}

#define BEGIN(w, payload)                     \
	uint8_t payload[MESHTCP_MAX_PAYLOAD]; \
	struct order order = { .owner = 0 };  \
	struct pb_writer w;                   \
                                              \
	meshtcp_pb_writer_init(&(w), (payload), sizeof(payload))

int meshtcp_read_section(struct meshtcp *m, uint32_t node, enum meshtcp_section_kind kind,
			 unsigned number, uint32_t *ret_id)
{
	BEGIN(w, payload);
	if (number < 1 || !meshtcp_section_name(kind, number))
		return -EINVAL;
	/* Types count from 0, sections from 1. */
	meshtcp_pb_put_varint(&w, kind == MESHTCP_CONFIG ? GET_CONFIG : GET_MODULE, number - 1);
	return admin(m, node, &w, kind == MESHTCP_CONFIG ? CONFIG_ANSWER : MODULE_ANSWER, &order,
		     ret_id);
}

int meshtcp_write_section(struct meshtcp *m, uint32_t node, enum meshtcp_section_kind kind,
			  unsigned number, const uint8_t *data, size_t size, uint32_t *ret_id)
{
	uint8_t section[MESHTCP_MAX_PAYLOAD];
	struct pb_writer inner;

	BEGIN(w, payload);
	if (number < 1 || !meshtcp_section_name(kind, number) || (!data && size > 0))
		return -EINVAL;
	meshtcp_pb_writer_init(&inner, section, sizeof(section));
	meshtcp_pb_put_bytes(&inner, number, data, size);
	if (inner.failed)
		return -EMSGSIZE;
	meshtcp_pb_put_bytes(&w, kind == MESHTCP_CONFIG ? SET_CONFIG : SET_MODULE, section,
			     inner.pos);
	order.restarts = true;
	return admin(m, node, &w, 0, &order, ret_id);
}

int meshtcp_read_owner(struct meshtcp *m, uint32_t node, uint32_t *ret_id)
{
	BEGIN(w, payload);
	meshtcp_pb_put_varint(&w, GET_OWNER, 1);
	return admin(m, node, &w, OWNER_ANSWER, &order, ret_id);
}

int meshtcp_write_owner(struct meshtcp *m, uint32_t node, const char *long_name,
			const char *short_name, uint32_t *ret_id)
{
	uint8_t user[64];
	struct pb_writer inner;

	BEGIN(w, payload);
	if (!long_name || !short_name || !*long_name || !*short_name ||
	    strlen(long_name) > MAX_LONG || strlen(short_name) > MAX_SHORT)
		return -EINVAL;
	meshtcp_pb_writer_init(&inner, user, sizeof(user));
	meshtcp_pb_put_text(&inner, 2, long_name);
	meshtcp_pb_put_text(&inner, 3, short_name);
	meshtcp_pb_put_bytes(&w, SET_OWNER, user, inner.pos);
	order.restarts = true;
	return admin(m, node, &w, 0, &order, ret_id);
}

int meshtcp_write_time(struct meshtcp *m, uint32_t node, uint32_t epoch, uint32_t *ret_id)
{
	BEGIN(w, payload);
	meshtcp_pb_put_fixed32(&w, SET_TIME, epoch);
	return admin(m, node, &w, 0, &order, ret_id);
}

static int in_seconds(struct meshtcp *m, uint32_t node, uint32_t member, int seconds,
		      uint32_t *ret_id)
{
	BEGIN(w, payload);
	if (seconds < -1 || seconds > DAY_S)
		return -EINVAL;
	meshtcp_pb_put_i32(&w, member, seconds);
	order.restarts = seconds >= 0;
	return admin(m, node, &w, 0, &order, ret_id);
}

int meshtcp_reboot(struct meshtcp *m, uint32_t node, int seconds, uint32_t *ret_id)
{
	return in_seconds(m, node, REBOOT, seconds, ret_id);
}

int meshtcp_shutdown(struct meshtcp *m, uint32_t node, int seconds, uint32_t *ret_id)
{
	return in_seconds(m, node, SHUTDOWN, seconds, ret_id);
}

int meshtcp_remove_node(struct meshtcp *m, uint32_t node, uint32_t num, uint32_t *ret_id)
{
	BEGIN(w, payload);
	if (num == MESHTCP_LOCAL || num == MESHTCP_BROADCAST)
		return -EINVAL;
	meshtcp_pb_put_varint(&w, REMOVE_NODE, num);
	order.forget_node = node == MESHTCP_LOCAL;
	order.node = num;
	return admin(m, node, &w, 0, &order, ret_id);
}

int meshtcp_write_favorite(struct meshtcp *m, uint32_t node, uint32_t num, bool on,
			   uint32_t *ret_id)
{
	BEGIN(w, payload);
	if (num == MESHTCP_LOCAL || num == MESHTCP_BROADCAST)
		return -EINVAL;
	meshtcp_pb_put_varint(&w, on ? SET_FAVORITE : REMOVE_FAVORITE, num);
	return admin(m, node, &w, 0, &order, ret_id);
}
