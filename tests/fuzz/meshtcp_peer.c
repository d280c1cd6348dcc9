/* SPDX-License-Identifier: MIT */
/* The other end of a session; see meshtcp_peer.h. */
#include "meshtcp_peer.h"

#include <string.h>

#include "pb.h"
#include "state.h"

#define WAKE_BYTES 32

/* Is a download under way, as far as the node knows? Not when the next request waits behind this
 * frame. */
static bool in_download(const struct peer *p)
{
	const struct out_frame *f = p->session->out;

	while (f && (f->size <= FRAME_HEADER_BYTES || f->data[FRAME_HEADER_BYTES] != 3 << 3))
		f = f->next;
	return p->nonce != 0 && p->session->downloading && !f;
}

/* A packet that a node would take: all that it must have, in order, within its bounds. */
static void see_packet(struct peer *p, const uint8_t *data, size_t size)
{
	struct meshtcp_packet packet;

	must(meshtcp_packet_decode(data, size, &packet) == 0);
	must(packet.id != 0 && packet.to != 0 && packet.hop_limit <= 7);
	must(!packet.encrypted && packet.size <= MESHTCP_MAX_PAYLOAD);
	must(packet.channel < MESHTCP_CHANNELS && packet.port >= 1 && packet.port <= 511);
	p->id = packet.id;
	p->to = packet.to;
	p->port = packet.port;
	p->taken = false;
}

static void see_message(struct peer *p, const uint8_t *data, size_t size)
{
	struct pb_reader r;
	struct pb_value v;

	meshtcp_pb_reader_init(&r, data, size);
	must(meshtcp_pb_next(&r, &v));
	if (v.number == 3) {
		must(v.wire == PB_VARINT && v.scalar != 0);
		p->nonce = (uint32_t)v.scalar;
	} else if (v.number != 4) {
		/* Nothing between a request and its end mark. */
		must(!in_download(p));
		must(v.wire == PB_BYTES && (v.number == 1 || v.number == 7));
	}
	if (v.number == 1)
		see_packet(p, v.data, v.size);
	must(!meshtcp_pb_next(&r, &v) && !r.failed);
}

static void see_frame(struct peer *p, const uint8_t *frame, size_t size)
{
	if (size == WAKE_BYTES && frame[0] == 0xc3) {
		for (unsigned i = 0; i < WAKE_BYTES; i++)
			must(frame[i] == 0xc3);
		must(!in_download(p));
		return;
	}
	must(size > FRAME_HEADER_BYTES && size <= FRAME_HEADER_BYTES + MESSAGE_MAX_BYTES);
	must(frame[0] == 0x94 && frame[1] == 0xc3);
	must(((size_t)frame[2] << 8 | frame[3]) == size - FRAME_HEADER_BYTES);
	see_message(p, frame + FRAME_HEADER_BYTES, size - FRAME_HEADER_BYTES);
}

void peer_look(struct peer *p)
{
	uint32_t generation = meshtcp_session_wants(p->session);

	if (generation != p->generation) {
		p->generation = generation;
		p->open = false;
		p->nonce = 0;
	}
	/* It begins anew, as after a restart of the node. */
	if (!p->session->downloading || p->session->nonce_at != NEVER)
		p->nonce = 0;
}

void peer_accept(struct peer *p, uint64_t now)
{
	if (p->generation == 0 || p->open)
		return;
	p->open = true;
	meshtcp_session_opened(p->session, 1760000000, now);
	peer_look(p);
}

void peer_fail(struct peer *p, int error, uint64_t now)
{
	uint32_t generation = p->generation;

	meshtcp_session_failed(p->session, error, now);
	must(generation == 0 || meshtcp_session_wants(p->session) != generation);
	peer_look(p);
}

size_t peer_send(struct peer *p, size_t most, uint64_t now)
{
	size_t count = 0;

	while (p->open && count < most) {
		const uint8_t *frame;
		size_t size = meshtcp_session_output(p->session, &frame);

		if (size == 0)
			break;
		see_frame(p, frame, size);
		meshtcp_session_sent(p->session, now);
		peer_look(p);
		count++;
	}
	return count;
}

void peer_say(struct peer *p, struct input bytes, uint64_t now)
{
	if (!p->open || bytes.size == 0)
		return;
	meshtcp_session_receive(p->session, bytes.data, bytes.size, now);
	peer_look(p);
}

static void say(struct peer *p, const struct pb_writer *w, uint64_t now)
{
	uint8_t frame[FRAME_MAX_BYTES];

	must(!w->failed && w->pos <= FRAME_MAX_PAYLOAD);
	meshtcp_frame_head(frame, w->pos);
	memcpy(frame + FRAME_HEADER_BYTES, w->data, w->pos);
	peer_say(p, (struct input){ frame, FRAME_HEADER_BYTES + w->pos }, now);
}

void peer_say_message(struct peer *p, unsigned member, struct input bytes, uint64_t now)
{
	uint8_t data[FRAME_MAX_PAYLOAD];
	struct pb_writer w;

	meshtcp_pb_writer_init(&w, data, sizeof(data));
	if (member == FROM_CONFIG_COMPLETE || member == FROM_REBOOTED)
		meshtcp_pb_put_varint(&w, member, take_word(&bytes));
	else
		meshtcp_pb_put_bytes(&w, member, bytes.data, bytes.size);
	say(p, &w, now);
}

static void put_wrapped(struct pb_writer *w, unsigned member, const struct pb_writer *inner)
{
	meshtcp_pb_put_bytes(w, member, inner->data, inner->pos);
}

static void say_wrapped(struct peer *p, unsigned member, const struct pb_writer *inner,
			uint64_t now)
{
	uint8_t data[FRAME_MAX_PAYLOAD];
	struct pb_writer w;

	meshtcp_pb_writer_init(&w, data, sizeof(data));
	put_wrapped(&w, member, inner);
	say(p, &w, now);
}

void peer_download(struct peer *p, unsigned way, uint64_t now)
{
	static const char *const firmware[] = { "2.7.15.567b8ea", "2.5.2", "2.7.3", "" };
	uint8_t inner[64], data[16];
	struct pb_writer i, w;

	if (!p->open || p->nonce == 0)
		return;
	meshtcp_pb_writer_init(&i, inner, sizeof(inner));
	meshtcp_pb_put_varint(&i, 1, way / 32 % 4 == 3 ? PEER_BOB : PEER_US);
	say_wrapped(p, FROM_MY_INFO, &i, now);
	meshtcp_pb_writer_init(&i, inner, sizeof(inner));
	meshtcp_pb_put_text(&i, 1, firmware[way % 4]);
	say_wrapped(p, FROM_METADATA, &i, now);
	for (unsigned n = 0; n < way / 4 % 8; n++) {
		meshtcp_pb_writer_init(&i, inner, sizeof(inner));
		meshtcp_pb_put_varint(&i, 1, PEER_BOB + n);
		say_wrapped(p, FROM_NODE_INFO, &i, now);
	}
	meshtcp_pb_writer_init(&w, data, sizeof(data));
	meshtcp_pb_put_varint(&w, FROM_CONFIG_COMPLETE, p->nonce + (way >= 224));
	say(p, &w, now);
}

static void say_status(struct peer *p, int res, unsigned free, uint32_t id, uint64_t now)
{
	uint8_t inner[32];
	struct pb_writer i;

	meshtcp_pb_writer_init(&i, inner, sizeof(inner));
	meshtcp_pb_put_i32(&i, 1, res);
	meshtcp_pb_put_varint(&i, 2, free);
	meshtcp_pb_put_varint(&i, 4, id);
	say_wrapped(p, FROM_QUEUE_STATUS, &i, now);
	p->taken = true;
}

static void say_packet(struct peer *p, uint32_t from, unsigned port, struct input payload,
		       uint64_t now)
{
	uint8_t data[300], packet[400];
	struct pb_writer d, w;

	meshtcp_pb_writer_init(&d, data, sizeof(data));
	meshtcp_pb_put_varint(&d, 1, port);
	meshtcp_pb_put_bytes(&d, 2, payload.data, payload.size);
	meshtcp_pb_put_fixed32(&d, 6, p->id);
	meshtcp_pb_writer_init(&w, packet, sizeof(packet));
	meshtcp_pb_put_fixed32(&w, 1, from);
	meshtcp_pb_put_fixed32(&w, 2, PEER_US);
	put_wrapped(&w, 4, &d);
	meshtcp_pb_put_fixed32(&w, 6, ++p->next_id);
	meshtcp_pb_put_fixed32(&w, 7, 1760000000 + p->next_id % 2 * 100 - 50);
	say_wrapped(p, FROM_PACKET, &w, now);
}

void peer_answer(struct peer *p, unsigned way, struct input payload, uint64_t now)
{
	static const int results[] = { 0, 0, 0, 35, 32, 7, -1, 33 };
	static const uint8_t errors[] = { 0, 0, 5, 36, 38, 8, 37, 150 };
	uint8_t routing[2] = { 0x18, errors[way / 4 % 8] };
	uint32_t from = way / 32 % 2 ? PEER_US : p->to;

	switch (way % 4) {
	case 0:
		say_status(p, results[way / 4 % 8], way / 32, way == 0 ? 0 : p->id, now);
		break;
	case 1:
		say_packet(p, from, MESHTCP_PORT_ROUTING, (struct input){ routing, 2 }, now);
		break;
	case 2:
		say_packet(p, from, p->port, payload, now);
		break;
	default:
		say_packet(p, from, MESHTCP_PORT_ADMIN,
			   (struct input){ (const uint8_t *)"\xaa\x06\x08"
							    "12345678",
					   11 },
			   now);
		break;
	}
}
