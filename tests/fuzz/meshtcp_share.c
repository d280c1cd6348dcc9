/* SPDX-License-Identifier: MIT */
/*
 * What a client of a shared node says. An input is a byte of settings (bit 0: admin is allowed),
 * the number of cut sizes, these sizes, and the client's stream. However it is cut the same
 * messages come out of it. A packet that is let through says at the node, under another sender and
 * id, what was judged here; nobody changes the node unless it is allowed; and what the other
 * clients are shown is that packet, from the node.
 */
#include <string.h>

#include "frame.h"
#include "fuzz.h"
#include "pb.h"
#include "share_message.h"

#define MAX_STREAM 8192
#define OWN        0x9ea2f1c4
#define WIRE       0x01020304
#define ADMIN_PORT 6

/** What one way of cutting led to: the messages, each behind its size. */
struct transcript {
	uint8_t bytes[2 * MAX_STREAM];
	size_t size;
};

static struct transcript whole, cut;

static void put(struct transcript *t, const uint8_t *message, size_t size)
{
	const uint8_t head[] = { (uint8_t)(size >> 8), (uint8_t)size };

	must(sizeof(t->bytes) - t->size >= sizeof(head) + size);
	memcpy(t->bytes + t->size, head, sizeof(head));
	if (size > 0)
		memcpy(t->bytes + t->size + sizeof(head), message, size);
	t->size += sizeof(head) + size;
}

static void feed(struct transcript *t, struct input bytes, struct input cuts)
{
	struct frame_reader reader;
	struct frame frame;

	t->size = 0;
	meshtcp_frame_init(&reader);
	for (size_t i = 0; bytes.size > 0; i++) {
		size_t size = cuts.size > 0 ? cuts.data[i % cuts.size] : 0;
		struct input part = take_bytes(&bytes, size > 0 ? size : bytes.size);

		do {
			meshtcp_frame_read(&reader, &part.data, &part.size, &frame);
			if (frame.kind == FRAME_PAYLOAD)
				put(t, frame.data, frame.size);
		} while (frame.kind != FRAME_NONE);
	}
}

/* The only member of a message, from the node or to it. */
static struct pb_value only_member(const uint8_t *frame, size_t size, uint32_t number)
{
	struct pb_reader r;
	struct pb_value v, more;

	must(size >= FRAME_HEADER_BYTES && size <= FRAME_MAX_BYTES);
	must(frame[0] == 0x94 && frame[1] == 0xc3);
	must(((size_t)frame[2] << 8 | frame[3]) == size - FRAME_HEADER_BYTES);
	meshtcp_pb_reader_init(&r, frame + FRAME_HEADER_BYTES, size - FRAME_HEADER_BYTES);
	must(meshtcp_pb_next(&r, &v) && v.number == number && v.wire == PB_BYTES);
	must(!meshtcp_pb_next(&r, &more) && !r.failed);
	return v;
}

/* The same but for sender and id. */
static void check_same(const struct pb_value *packet, const struct meshtcp_packet *p)
{
	struct meshtcp_packet q;

	must(meshtcp_to_packet_decode(packet->data, packet->size, &q) == 0);
	must(q.from == OWN && q.id == WIRE);
	must(q.to == p->to && q.channel == p->channel && q.port == p->port);
	must(q.encrypted == p->encrypted && q.size == p->size);
	must(q.size == 0 || memcmp(q.payload, p->payload, q.size) == 0);
	must(q.request_id == p->request_id && q.reply_id == p->reply_id);
	must(q.want_ack == p->want_ack && q.hop_limit == p->hop_limit);
}

/* Members that change nothing, written down once more. */
static void check_reads(const struct meshtcp_packet *p)
{
	static const uint32_t reads[] = { 1, 3, 5, 7, 10, 12, 14, 16, 19, 44, 101 };
	struct pb_reader r;
	struct pb_value v;

	meshtcp_pb_reader_init(&r, p->payload, p->size);
	while (meshtcp_pb_next(&r, &v)) {
		bool known = false;

		for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++)
			known |= reads[i] == v.number;
		must(known);
	}
	must(!r.failed);
}

/* There and back again it is the same. */
static void check_renamed(const uint8_t *packet, size_t size, const struct meshtcp_packet *p)
{
	const struct share_rename there = { p->reply_id, WIRE }, back = { WIRE, p->reply_id };
	uint8_t once[FRAME_MAX_PAYLOAD], twice[FRAME_MAX_PAYLOAD];
	struct meshtcp_packet q;
	size_t n = meshtcp_share_rename(once, sizeof(once), packet, size, &there, 1);

	must(n > 0 && meshtcp_to_packet_decode(once, n, &q) == 0);
	must(q.reply_id == (p->reply_id != 0 ? WIRE : 0));
	if (p->request_id == WIRE || p->reply_id == 0)
		return;
	n = meshtcp_share_rename(twice, sizeof(twice), once, n, &back, 1);
	must(n > 0 && meshtcp_to_packet_decode(twice, n, &q) == 0);
	must(q.reply_id == p->reply_id && q.request_id == p->request_id);
}

static void check_packet(const uint8_t *packet, size_t size, bool allow_admin)
{
	uint8_t frame[FRAME_MAX_BYTES];
	struct meshtcp_packet p;
	struct pb_value v;
	size_t n;

	if (meshtcp_to_packet_decode(packet, size, &p) < 0)
		return;
	must(p.port <= 511);
	if (meshtcp_policy(&p, allow_admin) != POLICY_FORWARD)
		return;
	must(p.encrypted || p.size <= MESHTCP_MAX_PAYLOAD);
	must(allow_admin || !p.encrypted);
	if (!allow_admin && p.port == ADMIN_PORT)
		check_reads(&p);
	/* As long as what is taken for the node. */
	if (size > MESSAGE_MAX_BYTES - 16)
		return;
	n = meshtcp_raw_encode(frame, OWN, WIRE, packet, size);
	v = only_member(frame, n, TO_PACKET);
	must(n - FRAME_HEADER_BYTES <= MESSAGE_MAX_BYTES);
	check_same(&v, &p);
	n = meshtcp_share_shown(frame, OWN, WIRE, 7, packet, size);
	v = only_member(frame, n, FROM_PACKET);
	check_same(&v, &p);
	check_renamed(packet, size, &p);
}

static void check_message(const uint8_t *message, size_t size, bool allow_admin)
{
	static const struct share_rename renames[] = { { 1, 2 }, { WIRE, 0xffffffff } };
	uint8_t frame[FRAME_MAX_BYTES];
	struct from_message m;

	must(meshtcp_share_plain(frame, message, size) == FRAME_HEADER_BYTES + size);
	/* As if the node had said it. */
	must(meshtcp_share_translated(frame, message, size, renames, 2) <= FRAME_MAX_BYTES);
	if (meshtcp_to_decode(message, size, &m) < 0)
		return;
	must(m.member <= TO_HEARTBEAT && m.size <= size);
	if (m.member == TO_PACKET)
		check_packet(m.data, m.size, allow_admin);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	bool allow_admin = take_byte(&in) & 1;
	struct input cuts = take_bytes(&in, take_byte(&in) % 16);
	size_t at = 0;

	if (in.size > MAX_STREAM)
		in.size = MAX_STREAM;
	feed(&whole, in, (struct input){ NULL, 0 });
	feed(&cut, in, cuts);
	must(whole.size == cut.size && memcmp(whole.bytes, cut.bytes, cut.size) == 0);
	while (at < whole.size) {
		size_t n = (size_t)whole.bytes[at] << 8 | whole.bytes[at + 1];
		/* In memory of exactly its size. */
		uint8_t *message = malloc(n > 0 ? n : 1);

		must(message);
		memcpy(message, whole.bytes + at + 2, n);
		check_message(message, n, allow_admin);
		free(message);
		at += 2 + n;
	}
	return 0;
}
