/* SPDX-License-Identifier: MIT */
/* A node's record as a node would send it, out of what the database knows (section 7). */
#include "message.h"

#include <string.h>

#include "pb.h"

#define MAX_PART 160

static void put_number(struct pb_writer *w, uint32_t number, uint32_t value)
{
	if (value != 0)
		meshtcp_pb_put_varint(w, number, value);
}

static void put_text(struct pb_writer *w, uint32_t number, const char *text)
{
	if (text[0] != '\0')
		meshtcp_pb_put_text(w, number, text);
}

static size_t encode_user(const struct meshtcp_user *u, uint8_t *data)
{
	struct pb_writer w;

	meshtcp_pb_writer_init(&w, data, MAX_PART);
	put_text(&w, 1, u->id);
	put_text(&w, 2, u->long_name);
	put_text(&w, 3, u->short_name);
	put_number(&w, 5, u->hw_model);
	put_number(&w, 6, u->is_licensed);
	put_number(&w, 7, u->role);
	if (u->has_public_key)
		meshtcp_pb_put_bytes(&w, 8, u->public_key, sizeof(u->public_key));
	if (u->is_unmessagable)
		meshtcp_pb_put_varint(&w, 9, 1);
	return w.failed ? 0 : w.pos;
}

static size_t encode_position(const struct meshtcp_position *p, uint8_t *data)
{
	struct pb_writer w;

	meshtcp_pb_writer_init(&w, data, MAX_PART);
	meshtcp_pb_put_fixed32(&w, 1, (uint32_t)p->latitude_i);
	meshtcp_pb_put_fixed32(&w, 2, (uint32_t)p->longitude_i);
	if (p->has_altitude)
		meshtcp_pb_put_i32(&w, 3, p->altitude);
	if (p->time != 0)
		meshtcp_pb_put_fixed32(&w, 4, p->time);
	if (p->timestamp != 0)
		meshtcp_pb_put_fixed32(&w, 7, p->timestamp);
	put_number(&w, 11, p->pdop);
	if (p->has_ground_speed)
		meshtcp_pb_put_varint(&w, 15, p->ground_speed);
	if (p->has_ground_track)
		meshtcp_pb_put_varint(&w, 16, p->ground_track);
	put_number(&w, 19, p->sats_in_view);
	put_number(&w, 23, p->precision_bits);
	return w.failed ? 0 : w.pos;
}

static size_t encode_metrics(const struct meshtcp_metrics *m, uint8_t *data)
{
	struct pb_writer w;

	meshtcp_pb_writer_init(&w, data, MAX_PART);
	if (m->has_battery_level)
		meshtcp_pb_put_varint(&w, 1, m->battery_level);
	if (m->has_voltage)
		meshtcp_pb_put_fixed32(&w, 2, meshtcp_pb_float_bits(m->voltage));
	if (m->has_channel_utilization)
		meshtcp_pb_put_fixed32(&w, 3, meshtcp_pb_float_bits(m->channel_utilization));
	if (m->has_air_util_tx)
		meshtcp_pb_put_fixed32(&w, 4, meshtcp_pb_float_bits(m->air_util_tx));
	if (m->has_uptime)
		meshtcp_pb_put_varint(&w, 5, m->uptime_seconds);
	return w.failed ? 0 : w.pos;
}

static size_t encode_node(const struct meshtcp_node *n, uint8_t *data, size_t room)
{
	uint8_t part[MAX_PART];
	struct pb_writer w;
	size_t size;

	meshtcp_pb_writer_init(&w, data, room);
	meshtcp_pb_put_varint(&w, 1, n->num);
	if (n->has_user)
		meshtcp_pb_put_bytes(&w, 2, part, encode_user(&n->user, part));
	if (n->position.has_position)
		meshtcp_pb_put_bytes(&w, 3, part, encode_position(&n->position, part));
	if (n->has_snr && n->snr != 0)
		meshtcp_pb_put_fixed32(&w, 4, meshtcp_pb_float_bits(n->snr));
	if (n->last_heard != 0)
		meshtcp_pb_put_fixed32(&w, 5, n->last_heard);
	size = encode_metrics(&n->metrics, part);
	if (size > 0)
		meshtcp_pb_put_bytes(&w, 6, part, size);
	put_number(&w, 7, n->channel);
	put_number(&w, 8, n->via_mqtt);
	if (n->hops_away >= 0)
		meshtcp_pb_put_varint(&w, 9, (uint32_t)n->hops_away);
	put_number(&w, 10, n->is_favorite);
	put_number(&w, 11, n->is_ignored);
	put_number(&w, 13, n->is_muted);
	return w.failed ? 0 : w.pos;
}

size_t meshtcp_node_encode(uint8_t *frame, const struct meshtcp_node *n)
{
	uint8_t record[FRAME_MAX_PAYLOAD];
	size_t size = encode_node(n, record, sizeof(record));
	struct pb_writer w;

	meshtcp_pb_writer_init(&w, frame + FRAME_HEADER_BYTES, FRAME_MAX_PAYLOAD);
	meshtcp_pb_put_bytes(&w, FROM_NODE_INFO, record, size);
	if (w.failed || size == 0)
		return 0;
	meshtcp_frame_head(frame, w.pos);
	return FRAME_HEADER_BYTES + w.pos;
}
