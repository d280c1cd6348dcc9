/* SPDX-License-Identifier: MIT */
/* Secrets made unreadable before a message is logged or traced. */
#include "mask.h"

#include <stdbool.h>
#include <string.h>

#include "message.h"
#include "pb.h"
#include "schema.h"

#define MAX_DEPTH 6

/* Where a value that was read out of DATA stands in it. */
static uint8_t *place(uint8_t *data, const struct pb_value *v)
{
	return data + (v->data - data);
}

/* The next field; of one that is cut off, what there is of it: it may be half a secret. */
static bool next(struct pb_reader *r, struct pb_value *v)
{
	v->wire = PB_VARINT;
	if (meshtcp_pb_next(r, v))
		return true;
	if (!r->failed || v->wire != PB_BYTES || r->pos == r->size)
		return false;
	v->data = r->data + r->pos;
	v->size = r->size - r->pos;
	r->pos = r->size;
	return true;
}

/* A number stays as long as it is and becomes 0. */
static void blank_number(uint8_t *from, const uint8_t *to)
{
	for (; from < to; from++)
		*from &= 0x80;
}

static void mask(const struct meshtcp_schema *schema, uint8_t *data, size_t size, unsigned depth)
{
	struct pb_reader r;
	struct pb_value v;
	size_t before = 0;

	meshtcp_pb_reader_init(&r, data, size);
	for (; next(&r, &v); before = r.pos) {
		struct schema_field s;

		if (!meshtcp_schema_find(schema, v.number, &s))
			continue;
		if ((s.flags & SCHEMA_SECRET) && v.wire == PB_BYTES)
			memset(place(data, &v), '*', v.size);
		else if ((s.flags & SCHEMA_SECRET) && v.wire == PB_VARINT)
			blank_number(data + before + 1, data + r.pos);
		else if (s.message && v.wire == PB_BYTES && depth < MAX_DEPTH)
			mask(s.message, place(data, &v), v.size, depth + 1);
	}
	if (before < size)
		blank_number(data + before + 1, data + size);
}

static unsigned port_of(const uint8_t *data, size_t size, unsigned port)
{
	struct pb_reader r;
	struct pb_value v;

	meshtcp_pb_reader_init(&r, data, size);
	while (next(&r, &v))
		if (v.number == 1 && v.wire == PB_VARINT)
			port = (unsigned)v.scalar;
	return port;
}

/* The payload of an admin packet may carry a configuration or a passkey. */
static void mask_payload(uint8_t *data, size_t size)
{
	struct pb_reader r;
	struct pb_value v;

	meshtcp_pb_reader_init(&r, data, size);
	while (next(&r, &v))
		if (v.number == 2 && v.wire == PB_BYTES)
			mask(&meshtcp_schema_admin, place(data, &v), v.size, 0);
}

static void mask_packet(uint8_t *data, size_t size)
{
	unsigned port = 0;
	struct pb_reader r;
	struct pb_value v;

	meshtcp_pb_reader_init(&r, data, size);
	while (next(&r, &v))
		if (v.number == 4 && v.wire == PB_BYTES)
			port = port_of(v.data, v.size, port);
	/* What is cut off before it says so may be anything. */
	if (port != MESHTCP_PORT_ADMIN && (port != 0 || !r.failed))
		return;
	meshtcp_pb_reader_init(&r, data, size);
	while (next(&r, &v))
		if (v.number == 4 && v.wire == PB_BYTES)
			mask_payload(place(data, &v), v.size);
}

void meshtcp_mask_from(uint8_t *data, size_t size)
{
	struct pb_reader r;
	struct pb_value v;

	meshtcp_pb_reader_init(&r, data, size);
	while (next(&r, &v)) {
		if (v.wire != PB_BYTES)
			continue;
		if (v.number == FROM_PACKET)
			mask_packet(place(data, &v), v.size);
		else if (v.number == FROM_CONFIG)
			mask(&meshtcp_schema_config, place(data, &v), v.size, 0);
		else if (v.number == FROM_MODULE)
			mask(&meshtcp_schema_module, place(data, &v), v.size, 0);
		else if (v.number == FROM_CHANNEL)
			mask(&meshtcp_schema_channel, place(data, &v), v.size, 0);
	}
}

void meshtcp_mask_to(uint8_t *data, size_t size)
{
	struct pb_reader r;
	struct pb_value v;

	meshtcp_pb_reader_init(&r, data, size);
	while (next(&r, &v))
		if (v.number == 1 && v.wire == PB_BYTES)
			mask_packet(place(data, &v), v.size);
}
