/* SPDX-License-Identifier: MIT */
/* Records as C structs (section 7): users, positions, metrics, nodes, channels, routes. */
#include "record.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "message.h"

#define PUBLIC_KEY_BYTES 32
#define TELEMETRY_DEVICE 2
#define TELEMETRY_LAST   9

void meshtcp_text_copy(char *to, size_t room, const struct pb_value *v)
{
	size_t n = v->size < room - 1 ? v->size : room - 1;

	/* Not in the middle of a character. */
	if (n < v->size)
		while (n > 0 && (v->data[n] & 0xc0) == 0x80)
			n--;
	if (n > 0)
		memcpy(to, v->data, n);
	memset(to + n, 0, room - n);
}

void meshtcp_node_text(uint32_t num, char ret_text[MESHTCP_NODE_TEXT])
{
	snprintf(ret_text, MESHTCP_NODE_TEXT, "!%08x", num);
}

static void user_bytes(struct meshtcp_user *u, const struct pb_value *v)
{
	switch (v->number) {
	case 1:
		meshtcp_text_copy(u->id, sizeof(u->id), v);
		break;
	case 2:
		meshtcp_text_copy(u->long_name, sizeof(u->long_name), v);
		break;
	case 3:
		meshtcp_text_copy(u->short_name, sizeof(u->short_name), v);
		break;
	case 8:
		u->has_public_key = v->size == PUBLIC_KEY_BYTES;
		if (u->has_public_key)
			memcpy(u->public_key, v->data, PUBLIC_KEY_BYTES);
		break;
	default:
		break;
	}
}

static int merge_user(const uint8_t *data, size_t size, struct meshtcp_user *u)
{
	struct pb_reader r;
	struct pb_value v;

	meshtcp_pb_reader_init(&r, data, size);
	while (meshtcp_pb_next(&r, &v)) {
		if (v.wire == PB_BYTES)
			user_bytes(u, &v);
		else if (v.number == 5)
			u->hw_model = (uint32_t)v.scalar;
		else if (v.number == 6)
			u->is_licensed = v.scalar != 0;
		else if (v.number == 7)
			u->role = (uint32_t)v.scalar;
		else if (v.number == 9)
			u->is_unmessagable = v.scalar != 0;
	}
	return r.failed ? -EBADMSG : 0;
}

int meshtcp_decode_user(const uint8_t *data, size_t size, struct meshtcp_user *ret)
{
	struct meshtcp_user user = { .hw_model = 0 };
	int error = merge_user(data, size, &user);

	if (error == 0)
		*ret = user;
	return error;
}

static void position_field(struct meshtcp_position *p, const struct pb_value *v)
{
	uint32_t number = (uint32_t)v->scalar;

	switch (v->number) {
	case 1:
		p->latitude_i = (int32_t)number;
		break;
	case 2:
		p->longitude_i = (int32_t)number;
		break;
	case 3:
		p->has_altitude = true;
		p->altitude = (int32_t)number;
		break;
	case 4:
		p->time = number;
		break;
	case 7:
		p->timestamp = number;
		break;
	case 11:
		p->pdop = number;
		break;
	case 15:
		p->has_ground_speed = true;
		p->ground_speed = number;
		break;
	case 16:
		p->has_ground_track = true;
		p->ground_track = number;
		break;
	case 19:
		p->sats_in_view = number;
		break;
	case 23:
		p->precision_bits = number;
		break;
	default:
		break;
	}
}

static int merge_position(const uint8_t *data, size_t size, struct meshtcp_position *p,
			  unsigned *seen)
{
	struct pb_reader r;
	struct pb_value v;

	meshtcp_pb_reader_init(&r, data, size);
	while (meshtcp_pb_next(&r, &v)) {
		if (v.wire == PB_BYTES)
			continue;
		position_field(p, &v);
		if (v.number <= 2)
			*seen |= v.number;
	}
	p->has_position = *seen == 3 && (p->latitude_i != 0 || p->longitude_i != 0);
	return r.failed ? -EBADMSG : 0;
}

int meshtcp_decode_position(const uint8_t *data, size_t size, struct meshtcp_position *ret)
{
	struct meshtcp_position position = { .time = 0 };
	unsigned seen = 0;
	int error = merge_position(data, size, &position, &seen);

	if (error == 0)
		*ret = position;
	return error;
}

bool meshtcp_metrics_fields(const uint8_t *data, size_t size, struct meshtcp_metrics *m)
{
	struct pb_reader r;
	struct pb_value v;

	meshtcp_pb_reader_init(&r, data, size);
	while (meshtcp_pb_next(&r, &v)) {
		switch (v.number) {
		case 1:
			m->has_battery_level = true;
			m->battery_level = (uint32_t)v.scalar;
			break;
		case 2:
			m->has_voltage = true;
			m->voltage = meshtcp_pb_float(v.scalar);
			break;
		case 3:
			m->has_channel_utilization = true;
			m->channel_utilization = meshtcp_pb_float(v.scalar);
			break;
		case 4:
			m->has_air_util_tx = true;
			m->air_util_tx = meshtcp_pb_float(v.scalar);
			break;
		case 5:
			m->has_uptime = true;
			m->uptime_seconds = (uint32_t)v.scalar;
			break;
		default:
			break;
		}
	}
	return !r.failed;
}

int meshtcp_metrics_merge(const uint8_t *data, size_t size, struct meshtcp_metrics *metrics)
{
	struct meshtcp_metrics merged = *metrics;
	bool device = false, sound = true;
	struct pb_reader r;
	struct pb_value v;

	meshtcp_pb_reader_init(&r, data, size);
	while (meshtcp_pb_next(&r, &v)) {
		if (v.wire != PB_BYTES || v.number > TELEMETRY_LAST)
			continue;
		device = v.number == TELEMETRY_DEVICE;
		if (device)
			sound &= meshtcp_metrics_fields(v.data, v.size, &merged);
	}
	if (r.failed || !sound)
		return -EBADMSG;
	if (!device)
		return -ENOENT;
	*metrics = merged;
	return 0;
}

int meshtcp_decode_metrics(const uint8_t *data, size_t size, struct meshtcp_metrics *ret)
{
	struct meshtcp_metrics metrics = { .battery_level = 0 };
	int error = meshtcp_metrics_merge(data, size, &metrics);

	if (error == 0)
		*ret = metrics;
	return error;
}

/* Messages within a node's record. */
static bool node_message(struct meshtcp_node *n, const struct pb_value *v, unsigned *seen)
{
	switch (v->number) {
	case 2:
		n->has_user = true;
		return merge_user(v->data, v->size, &n->user) == 0;
	case 3:
		return merge_position(v->data, v->size, &n->position, seen) == 0;
	case 6:
		return meshtcp_metrics_fields(v->data, v->size, &n->metrics);
	default:
		return true;
	}
}

static void node_number(struct meshtcp_node *n, const struct pb_value *v)
{
	uint32_t number = (uint32_t)v->scalar;

	switch (v->number) {
	case 1:
		n->num = number;
		break;
	case 4:
		n->has_snr = true;
		n->snr = meshtcp_pb_float(v->scalar);
		break;
	case 5:
		n->last_heard = number;
		break;
	case 7:
		n->channel = number;
		break;
	case 8:
		n->via_mqtt = number != 0;
		break;
	case 9:
		n->hops_away = (int)(number <= 255 ? number : 255);
		break;
	case 10:
		n->is_favorite = number != 0;
		break;
	case 11:
		n->is_ignored = number != 0;
		break;
	case 13:
		n->is_muted = number != 0;
		break;
	default:
		break;
	}
}

int meshtcp_node_decode(const uint8_t *data, size_t size, struct meshtcp_node *ret)
{
	bool sound = true;
	unsigned seen = 0;
	struct pb_reader r;
	struct pb_value v;

	memset(ret, 0, sizeof(*ret));
	ret->hops_away = -1;
	meshtcp_pb_reader_init(&r, data, size);
	while (meshtcp_pb_next(&r, &v)) {
		if (v.wire == PB_BYTES)
			sound &= node_message(ret, &v, &seen);
		else
			node_number(ret, &v);
	}
	return r.failed || !sound ? -EBADMSG : 0;
}

static void settings_field(struct meshtcp_channel *c, const struct pb_value *v)
{
	struct pb_reader r;
	struct pb_value inner;

	switch (v->number) {
	case 2:
		c->psk_size = v->size <= sizeof(c->psk) ? v->size : 0;
		if (c->psk_size > 0)
			memcpy(c->psk, v->data, c->psk_size);
		break;
	case 3:
		meshtcp_text_copy(c->name, sizeof(c->name), v);
		break;
	case 5:
		c->uplink_enabled = v->scalar != 0;
		break;
	case 6:
		c->downlink_enabled = v->scalar != 0;
		break;
	case 7:
		meshtcp_pb_reader_init(&r, v->data, v->size);
		while (meshtcp_pb_next(&r, &inner)) {
			if (inner.number == 1)
				c->position_precision = (uint32_t)inner.scalar;
			else if (inner.number == 2)
				c->is_muted = inner.scalar != 0;
		}
		break;
	default:
		break;
	}
}

static bool merge_settings(struct meshtcp_channel *c, const struct pb_value *outer)
{
	struct pb_reader r;
	struct pb_value v;

	meshtcp_pb_reader_init(&r, outer->data, outer->size);
	while (meshtcp_pb_next(&r, &v)) {
		bool bytes = v.number == 2 || v.number == 3 || v.number == 7;

		if (bytes == (v.wire == PB_BYTES))
			settings_field(c, &v);
	}
	return !r.failed;
}

int meshtcp_channel_decode(const uint8_t *data, size_t size, struct meshtcp_channel *ret)
{
	bool sound = true;
	struct pb_reader r;
	struct pb_value v;

	memset(ret, 0, sizeof(*ret));
	meshtcp_pb_reader_init(&r, data, size);
	while (meshtcp_pb_next(&r, &v)) {
		if (v.number == 1)
			ret->index = (unsigned)v.scalar;
		else if (v.number == 2 && v.wire == PB_BYTES)
			sound &= merge_settings(ret, &v);
		else if (v.number == 3)
			ret->role = (unsigned)v.scalar;
	}
	return r.failed || !sound ? -EBADMSG : 0;
}

static void add_entry(uint64_t scalar, void *list, size_t *count, size_t max)
{
	uint32_t *numbers = list;

	if (*count < max)
		numbers[(*count)++] = (uint32_t)scalar;
}

/* A list of numbers, packed or not. */
static void take_list(struct pb_reader *r, const struct pb_value *v, enum pb_wire wire, void *list,
		      size_t *count, size_t max)
{
	struct pb_reader packed;
	uint64_t scalar;

	if (v->wire != PB_BYTES) {
		add_entry(v->scalar, list, count, max);
		return;
	}
	meshtcp_pb_reader_init(&packed, v->data, v->size);
	while (meshtcp_pb_packed(&packed, wire, &scalar))
		add_entry(scalar, list, count, max);
	r->failed |= packed.failed;
}

int meshtcp_decode_route(const uint8_t *data, size_t size, struct meshtcp_route *ret)
{
	struct meshtcp_route t = { .towards_count = 0 };
	struct pb_reader r;
	struct pb_value v;

	meshtcp_pb_reader_init(&r, data, size);
	while (meshtcp_pb_next(&r, &v)) {
		switch (v.number) {
		case 1:
			take_list(&r, &v, PB_FIXED32, t.towards, &t.towards_count,
				  MESHTCP_MAX_ROUTE);
			break;
		case 2:
			take_list(&r, &v, PB_VARINT, t.snr_towards, &t.snr_towards_count,
				  MESHTCP_MAX_ROUTE + 1);
			break;
		case 3:
			take_list(&r, &v, PB_FIXED32, t.back, &t.back_count, MESHTCP_MAX_ROUTE);
			break;
		case 4:
			take_list(&r, &v, PB_VARINT, t.snr_back, &t.snr_back_count,
				  MESHTCP_MAX_ROUTE + 1);
			break;
		default:
			break;
		}
	}
	if (r.failed)
		return -EBADMSG;
	*ret = t;
	return 0;
}
