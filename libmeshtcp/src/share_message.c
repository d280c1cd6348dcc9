/* SPDX-License-Identifier: MIT */
/* What a share says to its clients in the node's place (section 17). */
#include "share_message.h"

#include <string.h>

#include "pb.h"

static void begin(struct pb_writer *w, uint8_t *frame)
{
	meshtcp_pb_writer_init(w, frame + FRAME_HEADER_BYTES, FRAME_MAX_PAYLOAD);
}

static size_t finish(uint8_t *frame, const struct pb_writer *w)
{
	if (w->failed)
		return 0;
	meshtcp_frame_head(frame, w->pos);
	return FRAME_HEADER_BYTES + w->pos;
}

static void put_number(struct pb_writer *w, uint32_t number, uint32_t value)
{
	if (value != 0)
		meshtcp_pb_put_varint(w, number, value);
}

size_t meshtcp_share_queue_status(uint8_t *frame, const struct queue_status *q)
{
	uint8_t inner[32];
	struct pb_writer status, w;

	meshtcp_pb_writer_init(&status, inner, sizeof(inner));
	if (q->res != 0)
		meshtcp_pb_put_i32(&status, 1, q->res);
	put_number(&status, 2, q->free);
	put_number(&status, 3, q->maxlen);
	put_number(&status, 4, q->packet_id);
	begin(&w, frame);
	meshtcp_pb_put_bytes(&w, FROM_QUEUE_STATUS, inner, status.pos);
	return finish(frame, &w);
}

size_t meshtcp_share_complete(uint8_t *frame, uint32_t nonce)
{
	struct pb_writer w;

	begin(&w, frame);
	meshtcp_pb_put_varint(&w, FROM_CONFIG_COMPLETE, nonce);
	return finish(frame, &w);
}

size_t meshtcp_share_rebooted(uint8_t *frame)
{
	struct pb_writer w;

	begin(&w, frame);
	meshtcp_pb_put_varint(&w, FROM_REBOOTED, 1);
	return finish(frame, &w);
}

size_t meshtcp_share_nak(uint8_t *frame, uint32_t own, uint32_t id, uint32_t packet_id,
			 unsigned error)
{
	uint8_t routing[8], data[32], packet[64];
	struct pb_writer r, d, p, w;

	meshtcp_pb_writer_init(&r, routing, sizeof(routing));
	meshtcp_pb_put_varint(&r, 3, error);
	meshtcp_pb_writer_init(&d, data, sizeof(data));
	meshtcp_pb_put_varint(&d, 1, MESHTCP_PORT_ROUTING);
	meshtcp_pb_put_bytes(&d, 2, routing, r.pos);
	meshtcp_pb_put_fixed32(&d, 6, packet_id);
	meshtcp_pb_writer_init(&p, packet, sizeof(packet));
	meshtcp_pb_put_fixed32(&p, 1, own);
	meshtcp_pb_put_fixed32(&p, 2, own);
	meshtcp_pb_put_bytes(&p, 4, data, d.pos);
	meshtcp_pb_put_fixed32(&p, 6, id);
	begin(&w, frame);
	meshtcp_pb_put_bytes(&w, FROM_PACKET, packet, p.pos);
	return finish(frame, &w);
}

/* Fields in ascending order, three of them with other values. */
static void put_shown(struct pb_writer *w, const uint8_t *packet, size_t size,
		      const struct pb_value *set, size_t count)
{
	size_t next = 0;
	struct pb_reader r;
	struct pb_value v;

	meshtcp_pb_reader_init(&r, packet, size);
	while (meshtcp_pb_next(&r, &v)) {
		bool mine = false;

		while (next < count && set[next].number <= v.number) {
			meshtcp_pb_put_value(w, &set[next]);
			next++;
		}
		for (size_t i = 0; i < count; i++)
			mine |= set[i].number == v.number;
		if (!mine)
			meshtcp_pb_put_value(w, &v);
	}
	for (; next < count; next++)
		meshtcp_pb_put_value(w, &set[next]);
	w->failed |= r.failed;
}

size_t meshtcp_share_shown(uint8_t *frame, uint32_t own, uint32_t id, uint32_t time,
			   const uint8_t *packet, size_t size)
{
	const struct pb_value set[] = {
		{ .number = 1, .wire = PB_FIXED32, .scalar = own },
		{ .number = 6, .wire = PB_FIXED32, .scalar = id },
		{ .number = 7, .wire = PB_FIXED32, .scalar = time },
	};
	uint8_t shown[FRAME_MAX_PAYLOAD];
	struct pb_writer p, w;

	meshtcp_pb_writer_init(&p, shown, sizeof(shown));
	put_shown(&p, packet, size, set, 3);
	if (p.failed)
		return 0;
	begin(&w, frame);
	meshtcp_pb_put_bytes(&w, FROM_PACKET, shown, p.pos);
	return finish(frame, &w);
}

size_t meshtcp_share_plain(uint8_t *frame, const uint8_t *message, size_t size)
{
	if (size > FRAME_MAX_PAYLOAD)
		return 0;
	meshtcp_frame_head(frame, size);
	if (size > 0)
		memcpy(frame + FRAME_HEADER_BYTES, message, size);
	return FRAME_HEADER_BYTES + size;
}

/* What another one calls it. */
static uint64_t renamed(uint64_t id, const struct share_rename *renames, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if ((uint32_t)id != 0 && (uint32_t)id == renames[i].from)
			return renames[i].to;
	return id;
}

/* A message within a message, the ids in some of its fields renamed. */
static void put_renamed(struct pb_writer *w, const struct pb_value *outer, const uint8_t fields[2],
			const struct share_rename *renames, size_t count)
{
	uint8_t inner[FRAME_MAX_PAYLOAD];
	struct pb_writer to;
	struct pb_reader r;
	struct pb_value v;

	meshtcp_pb_writer_init(&to, inner, sizeof(inner));
	meshtcp_pb_reader_init(&r, outer->data, outer->size);
	while (meshtcp_pb_next(&r, &v)) {
		if (v.wire != PB_BYTES && (v.number == fields[0] || v.number == fields[1]))
			v.scalar = renamed(v.scalar, renames, count);
		meshtcp_pb_put_value(&to, &v);
	}
	w->failed |= to.failed || r.failed;
	meshtcp_pb_put_bytes(w, outer->number, inner, to.pos);
}

size_t meshtcp_share_rename(uint8_t *ret, size_t room, const uint8_t *packet, size_t size,
			    const struct share_rename *renames, size_t count)
{
	static const uint8_t request_and_reply[2] = { 6, 7 };
	struct pb_writer w;
	struct pb_reader r;
	struct pb_value v;

	meshtcp_pb_writer_init(&w, ret, room);
	meshtcp_pb_reader_init(&r, packet, size);
	while (meshtcp_pb_next(&r, &v)) {
		if (v.number == 4 && v.wire == PB_BYTES)
			put_renamed(&w, &v, request_and_reply, renames, count);
		else
			meshtcp_pb_put_value(&w, &v);
	}
	return w.failed || r.failed ? 0 : w.pos;
}

static void put_packet(struct pb_writer *w, const struct pb_value *outer,
		       const struct share_rename *renames, size_t count)
{
	uint8_t packet[FRAME_MAX_PAYLOAD];
	size_t size = meshtcp_share_rename(packet, sizeof(packet), outer->data, outer->size,
					   renames, count);

	w->failed |= size == 0 && outer->size > 0;
	meshtcp_pb_put_bytes(w, outer->number, packet, size);
}

size_t meshtcp_share_translated(uint8_t *frame, const uint8_t *message, size_t size,
				const struct share_rename *renames, size_t count)
{
	static const uint8_t status_packet[2] = { 4, 4 }, notification_reply[2] = { 1, 1 };
	struct pb_writer w;
	struct pb_reader r;
	struct pb_value v;

	begin(&w, frame);
	meshtcp_pb_reader_init(&r, message, size);
	while (meshtcp_pb_next(&r, &v)) {
		if (v.wire != PB_BYTES)
			meshtcp_pb_put_value(&w, &v);
		else if (v.number == FROM_PACKET)
			put_packet(&w, &v, renames, count);
		else if (v.number == FROM_QUEUE_STATUS)
			put_renamed(&w, &v, status_packet, renames, count);
		else if (v.number == FROM_NOTIFICATION)
			put_renamed(&w, &v, notification_reply, renames, count);
		else
			meshtcp_pb_put_value(&w, &v);
	}
	w.failed |= r.failed;
	return finish(frame, &w);
}
