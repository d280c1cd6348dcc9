/* SPDX-License-Identifier: MIT */
/*
 * What clients of a share may say to its node (section 17). What could be read in two ways is not
 * read at all: the node must not find something else in a packet than was judged here.
 */
#include <errno.h>
#include <string.h>

#include "pb.h"
#include "share_message.h"

#define MAX_PORT    511
#define ADMIN_KEY   101 /* beside the member, not one of them */
#define DATA        4
#define CIPHER_TEXT 5

static bool is_member(const struct pb_value *v)
{
	switch (v->number) {
	case TO_PACKET:
	case TO_XMODEM:
	case TO_MQTT:
	case TO_HEARTBEAT:
		return v->wire == PB_BYTES;
	case TO_WANT_CONFIG:
	case TO_DISCONNECT:
		return v->wire == PB_VARINT;
	default:
		return false;
	}
}

int meshtcp_to_decode(const uint8_t *data, size_t size, struct from_message *ret)
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
	return r.failed ? -EBADMSG : 0;
}

/* Port and payload once at most, and of their kind. */
static bool plain_data(const struct pb_value *data)
{
	unsigned ports = 0, payloads = 0;
	struct pb_reader r;
	struct pb_value v;
	bool plain = true;

	meshtcp_pb_reader_init(&r, data->data, data->size);
	while (meshtcp_pb_next(&r, &v)) {
		if (v.number == 1) {
			plain &= ports++ == 0 && v.wire == PB_VARINT && v.scalar <= MAX_PORT;
		} else if (v.number == 2) {
			plain &= payloads++ == 0 && v.wire == PB_BYTES;
		}
	}
	return plain && !r.failed;
}

/* One content, and one destination. */
static bool plain_packet(const uint8_t *packet, size_t size)
{
	unsigned contents = 0, destinations = 0;
	struct pb_reader r;
	struct pb_value v;
	bool plain = true;

	meshtcp_pb_reader_init(&r, packet, size);
	while (meshtcp_pb_next(&r, &v)) {
		if (v.number == DATA || v.number == CIPHER_TEXT)
			plain &= contents++ == 0 && v.wire == PB_BYTES;
		if (v.number == DATA && v.wire == PB_BYTES)
			plain &= plain_data(&v);
		if (v.number == 2)
			plain &= destinations++ == 0 && v.wire == PB_FIXED32;
	}
	return plain && !r.failed && contents == 1;
}

int meshtcp_to_packet_decode(const uint8_t *data, size_t size, struct meshtcp_packet *ret)
{
	if (!plain_packet(data, size))
		return -EBADMSG;
	return meshtcp_packet_decode(data, size, ret);
}

/* Members that only read: requests for a channel, the owner, sections and their like (section 12).
 * */
static bool reads_only(const struct pb_value *v)
{
	static const uint8_t reads[] = { 1, 3, 5, 7, 10, 12, 14, 16, 19, 44 };

	for (size_t i = 0; i < sizeof(reads); i++)
		if (reads[i] == v->number)
			return v->wire == PB_VARINT;
	return v->number == ADMIN_KEY && v->wire == PB_BYTES;
}

static bool admin_reads(const struct meshtcp_packet *p)
{
	struct pb_reader r;
	struct pb_value v;
	bool reads = true;

	meshtcp_pb_reader_init(&r, p->payload, p->size);
	while (meshtcp_pb_next(&r, &v))
		reads &= reads_only(&v);
	return reads && !r.failed;
}

enum policy meshtcp_policy(const struct meshtcp_packet *p, bool allow_admin)
{
	if (p->size > MESHTCP_MAX_PAYLOAD && !p->encrypted)
		return POLICY_TOO_LONG;
	/* A node takes apart what is for it: in there could be anything. */
	if (p->encrypted)
		return allow_admin ? POLICY_FORWARD : POLICY_REFUSE;
	/* Phone apps announce themselves as the node that they believe they have. */
	if (p->port == MESHTCP_PORT_NODEINFO && p->to == MESHTCP_BROADCAST)
		return POLICY_DROP;
	if (p->port != MESHTCP_PORT_ADMIN || allow_admin)
		return POLICY_FORWARD;
	return admin_reads(p) ? POLICY_FORWARD : POLICY_REFUSE;
}
