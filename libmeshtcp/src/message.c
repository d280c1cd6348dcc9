/* SPDX-License-Identifier: MIT */
/*
 * Messages to and from the node (sections 5 and 8) and the smaller records. The last of two values
 * counts, and the last member of a oneof.
 */
#include "message.h"

#include <errno.h>
#include <string.h>

#include "pb.h"
#include "record.h"

#define PUBLIC_KEY_BYTES 32

static int done(const struct pb_reader *r)
{
	return r->failed ? -EBADMSG : 0;
}

/* A member of FromRadio; what is unknown or of another wire type is passed over, wherever it
 * stands. */
static bool is_member(const struct pb_value *v)
{
	bool number = v->number == FROM_CONFIG_COMPLETE || v->number == FROM_REBOOTED;

	return v->number >= FROM_PACKET && v->number <= FROM_REGION_PRESETS &&
	       v->wire == (number ? PB_VARINT : PB_BYTES);
}

int meshtcp_from_decode(const uint8_t *data, size_t size, struct from_message *ret)
{
	struct pb_reader r;
	struct pb_value v;

	memset(ret, 0, sizeof(*ret));
	meshtcp_pb_reader_init(&r, data, size);
	while (meshtcp_pb_next(&r, &v)) {
		if (!is_member(&v))
			continue;
		*ret = (struct from_message){
			.member = v.number, .data = v.data, .size = v.size, .number = v.scalar
		};
	}
	return done(&r);
}

static void data_field(struct meshtcp_packet *p, const struct pb_value *v)
{
	switch (v->number) {
	case 1:
		p->port = (unsigned)v->scalar;
		break;
	case 2:
		p->payload = v->data;
		p->size = v->size;
		break;
	case 3:
		p->want_response = v->scalar != 0;
		break;
	case 6:
		p->request_id = (uint32_t)v->scalar;
		break;
	case 7:
		p->reply_id = (uint32_t)v->scalar;
		break;
	case 8:
		p->emoji = (uint32_t)v->scalar;
		break;
	default:
		break;
	}
}

static bool take_data(struct meshtcp_packet *p, const struct pb_value *outer)
{
	struct pb_reader r;
	struct pb_value v;

	p->encrypted = false;
	meshtcp_pb_reader_init(&r, outer->data, outer->size);
	while (meshtcp_pb_next(&r, &v))
		data_field(p, &v);
	return !r.failed;
}

static void forget_data(struct meshtcp_packet *p)
{
	p->port = 0;
	p->payload = NULL;
	p->size = 0;
	p->want_response = false;
	p->request_id = 0;
	p->reply_id = 0;
	p->emoji = 0;
}

static void take_key(struct meshtcp_packet *p, const struct pb_value *v)
{
	p->has_public_key = v->size == PUBLIC_KEY_BYTES;
	if (p->has_public_key)
		memcpy(p->public_key, v->data, PUBLIC_KEY_BYTES);
}

static void packet_number(struct meshtcp_packet *p, const struct pb_value *v)
{
	uint32_t number = (uint32_t)v->scalar;

	switch (v->number) {
	case 1:
		p->from = number;
		break;
	case 2:
		p->to = number;
		break;
	case 3:
		p->channel = number;
		break;
	case 6:
		p->id = number;
		break;
	case 7:
		p->rx_time = number;
		break;
	case 8:
		p->rx_snr = meshtcp_pb_float(v->scalar);
		break;
	case 9:
		p->hop_limit = number;
		break;
	case 10:
		p->want_ack = number != 0;
		break;
	case 11:
		p->priority = number;
		break;
	case 12:
		p->rx_rssi = (int32_t)number;
		break;
	case 14:
		p->via_mqtt = number != 0;
		break;
	case 15:
		p->hop_start = number;
		break;
	case 17:
		p->pki_encrypted = number != 0;
		break;
	case 21:
		p->transport = number;
		break;
	default:
		break;
	}
}

int meshtcp_packet_decode(const uint8_t *data, size_t size, struct meshtcp_packet *ret)
{
	struct pb_reader r;
	struct pb_value v;
	bool sound = true;

	memset(ret, 0, sizeof(*ret));
	meshtcp_pb_reader_init(&r, data, size);
	while (meshtcp_pb_next(&r, &v)) {
		if (v.number == 4 && v.wire == PB_BYTES) {
			if (ret->encrypted)
				forget_data(ret);
			sound &= take_data(ret, &v);
		} else if (v.number == 5 && v.wire == PB_BYTES) {
			forget_data(ret);
			ret->encrypted = true;
			ret->payload = v.data;
			ret->size = v.size;
		} else if (v.number == 16 && v.wire == PB_BYTES) {
			take_key(ret, &v);
		} else if (v.wire != PB_BYTES) {
			packet_number(ret, &v);
		}
	}
	ret->hops = ret->hop_start != 0 && ret->hop_start >= ret->hop_limit ?
			    (int)(ret->hop_start - ret->hop_limit) :
			    -1;
	return sound ? done(&r) : -EBADMSG;
}

int meshtcp_my_info_decode(const uint8_t *data, size_t size, struct my_info *ret)
{
	struct pb_reader r;
	struct pb_value v;

	memset(ret, 0, sizeof(*ret));
	meshtcp_pb_reader_init(&r, data, size);
	while (meshtcp_pb_next(&r, &v)) {
		uint32_t number = (uint32_t)v.scalar;

		if (v.number == 1)
			ret->num = number;
		else if (v.number == 8)
			ret->reboot_count = number;
		else if (v.number == 11)
			ret->min_app_version = number;
		else if (v.number == 15)
			ret->node_count = number;
	}
	return done(&r);
}

int meshtcp_metadata_decode(const uint8_t *data, size_t size, struct meshtcp_info *ret)
{
	struct pb_reader r;
	struct pb_value v;

	meshtcp_pb_reader_init(&r, data, size);
	while (meshtcp_pb_next(&r, &v)) {
		if (v.number == 1 && v.wire == PB_BYTES)
			meshtcp_text_copy(ret->firmware, sizeof(ret->firmware), &v);
		else if (v.number == 7)
			ret->role = (uint32_t)v.scalar;
		else if (v.number == 9)
			ret->hw_model = (uint32_t)v.scalar;
	}
	return done(&r);
}

int meshtcp_queue_status_decode(const uint8_t *data, size_t size, struct queue_status *ret)
{
	struct pb_reader r;
	struct pb_value v;

	memset(ret, 0, sizeof(*ret));
	meshtcp_pb_reader_init(&r, data, size);
	while (meshtcp_pb_next(&r, &v)) {
		uint32_t number = (uint32_t)v.scalar;

		if (v.number == 1)
			ret->res = (int32_t)number;
		else if (v.number == 2)
			ret->free = number;
		else if (v.number == 3)
			ret->maxlen = number;
		else if (v.number == 4)
			ret->packet_id = number;
	}
	return done(&r);
}

int meshtcp_notification_decode(const uint8_t *data, size_t size, struct notification *ret)
{
	struct pb_reader r;
	struct pb_value v;

	memset(ret, 0, sizeof(*ret));
	meshtcp_pb_reader_init(&r, data, size);
	while (meshtcp_pb_next(&r, &v)) {
		if (v.number == 1)
			ret->reply_id = (uint32_t)v.scalar;
		else if (v.number == 3)
			ret->level = (uint32_t)v.scalar;
		else if (v.number == 4 && v.wire == PB_BYTES)
			meshtcp_text_copy(ret->text, sizeof(ret->text), &v);
	}
	return done(&r);
}

int meshtcp_log_decode(const uint8_t *data, size_t size, struct log_record *ret)
{
	struct pb_reader r;
	struct pb_value v;

	memset(ret, 0, sizeof(*ret));
	meshtcp_pb_reader_init(&r, data, size);
	while (meshtcp_pb_next(&r, &v)) {
		if (v.number == 1 && v.wire == PB_BYTES)
			meshtcp_text_copy(ret->text, sizeof(ret->text), &v);
		else if (v.number == 4)
			ret->level = (uint32_t)v.scalar;
	}
	return done(&r);
}

int meshtcp_mqtt_decode(const uint8_t *data, size_t size, struct mqtt_message *ret)
{
	struct pb_reader r;
	struct pb_value v;

	memset(ret, 0, sizeof(*ret));
	meshtcp_pb_reader_init(&r, data, size);
	while (meshtcp_pb_next(&r, &v)) {
		if (v.wire != PB_BYTES)
			continue;
		if (v.number == 1)
			meshtcp_text_copy(ret->topic, sizeof(ret->topic), &v);
		if (v.number == 2 || v.number == 3) {
			ret->data = v.data;
			ret->size = v.size;
		}
	}
	return done(&r);
}

int meshtcp_section_decode(const uint8_t *data, size_t size, struct section *ret)
{
	struct pb_reader r;
	struct pb_value v;

	memset(ret, 0, sizeof(*ret));
	meshtcp_pb_reader_init(&r, data, size);
	while (meshtcp_pb_next(&r, &v))
		if (v.wire == PB_BYTES)
			*ret = (struct section){ v.number, v.data, v.size };
	return done(&r);
}

int meshtcp_routing_decode(const uint8_t *data, size_t size, unsigned *ret_error)
{
	unsigned error = 0;
	bool route = false;
	struct pb_reader r;
	struct pb_value v;

	meshtcp_pb_reader_init(&r, data, size);
	while (meshtcp_pb_next(&r, &v)) {
		/* What else there may be does not unsay it. */
		if (v.number > 3)
			continue;
		route = v.number < 3;
		error = v.number == 3 ? (unsigned)v.scalar : 0;
	}
	if (r.failed)
		return -EBADMSG;
	*ret_error = error;
	return route ? -ENOENT : 0;
}

/* The header goes before what the writer has put behind its place. */
static size_t finish(uint8_t *frame, const struct pb_writer *w)
{
	if (w->failed)
		return 0;
	meshtcp_frame_head(frame, w->pos);
	return FRAME_HEADER_BYTES + w->pos;
}

static void begin(struct pb_writer *w, uint8_t *frame)
{
	meshtcp_pb_writer_init(w, frame + FRAME_HEADER_BYTES, MESSAGE_MAX_BYTES);
}

size_t meshtcp_want_config_encode(uint8_t *frame, uint32_t nonce)
{
	struct pb_writer w;

	begin(&w, frame);
	meshtcp_pb_put_varint(&w, 3, nonce);
	return finish(frame, &w);
}

size_t meshtcp_disconnect_encode(uint8_t *frame)
{
	struct pb_writer w;

	begin(&w, frame);
	meshtcp_pb_put_varint(&w, 4, 1);
	return finish(frame, &w);
}

size_t meshtcp_heartbeat_encode(uint8_t *frame)
{
	struct pb_writer w;

	begin(&w, frame);
	meshtcp_pb_put_bytes(&w, 7, NULL, 0);
	return finish(frame, &w);
}

static void put_number(struct pb_writer *w, uint32_t number, uint32_t value)
{
	if (value != 0)
		meshtcp_pb_put_varint(w, number, value);
}

static void put_fixed(struct pb_writer *w, uint32_t number, uint32_t value)
{
	if (value != 0)
		meshtcp_pb_put_fixed32(w, number, value);
}

static size_t encode_data(const struct to_packet *p, uint8_t *data, size_t room)
{
	struct pb_writer w;

	meshtcp_pb_writer_init(&w, data, room);
	put_number(&w, 1, p->port);
	if (p->size > 0)
		meshtcp_pb_put_bytes(&w, 2, p->payload, p->size);
	put_number(&w, 3, p->want_response);
	put_fixed(&w, 6, p->request_id);
	put_fixed(&w, 7, p->reply_id);
	put_fixed(&w, 8, p->emoji);
	return w.failed ? 0 : w.pos;
}

static size_t encode_packet(const struct to_packet *p, uint8_t *data, size_t room)
{
	uint8_t inner[MESSAGE_MAX_BYTES];
	size_t size = encode_data(p, inner, sizeof(inner));
	struct pb_writer w;

	if (size == 0)
		return 0;
	meshtcp_pb_writer_init(&w, data, room);
	put_fixed(&w, 1, p->from);
	put_fixed(&w, 2, p->to);
	put_number(&w, 3, p->channel);
	meshtcp_pb_put_bytes(&w, 4, inner, size);
	put_fixed(&w, 6, p->id);
	put_number(&w, 9, p->hop_limit);
	put_number(&w, 10, p->want_ack);
	put_number(&w, 11, p->priority);
	put_number(&w, 17, p->pki_encrypted);
	return w.failed ? 0 : w.pos;
}

size_t meshtcp_packet_encode(uint8_t *frame, const struct to_packet *p)
{
	uint8_t packet[MESSAGE_MAX_BYTES];
	size_t size = encode_packet(p, packet, sizeof(packet));
	struct pb_writer w;

	if (size == 0)
		return 0;
	begin(&w, frame);
	meshtcp_pb_put_bytes(&w, 1, packet, size);
	return finish(frame, &w);
}

size_t meshtcp_raw_encode(uint8_t *frame, uint32_t from, uint32_t id, const uint8_t *packet,
			  size_t size)
{
	uint8_t changed[MESSAGE_MAX_BYTES];
	struct pb_writer inner, w;
	struct pb_reader r;
	struct pb_value v;
	bool done = false;

	meshtcp_pb_writer_init(&inner, changed, sizeof(changed));
	put_fixed(&inner, 1, from);
	meshtcp_pb_reader_init(&r, packet, size);
	while (meshtcp_pb_next(&r, &v)) {
		if (!done && v.number >= 6) {
			put_fixed(&inner, 6, id);
			done = true;
		}
		if (v.number != 1 && v.number != 6)
			meshtcp_pb_put_value(&inner, &v);
	}
	if (!done)
		put_fixed(&inner, 6, id);
	if (inner.failed || r.failed)
		return 0;
	begin(&w, frame);
	meshtcp_pb_put_bytes(&w, 1, changed, inner.pos);
	return finish(frame, &w);
}
