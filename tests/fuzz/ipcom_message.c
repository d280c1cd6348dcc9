/* SPDX-License-Identifier: MIT */
/*
 * The cutter of messages and the parser of bus frames. An input is a byte of settings, the number
 * of cut sizes, these sizes, and what the device says; the sizes are used in turns. However the
 * stream is cut, the session reports the same; what the codec says of a beginning never changes
 * with more bytes.
 */
#include <string.h>

#include "fuzz.h"
#include "message.h"
#include "session.h"

#define HOUR       3600000
#define MAX_STREAM 4096

/** What one way of cutting led to: the events one after the other, and the counters. */
struct transcript {
	uint8_t *bytes;
	size_t size, room;
	struct ipcom_statistics statistics;
};

static void put(struct transcript *t, const void *data, size_t size)
{
	if (t->room - t->size < size) {
		t->room = 2 * (t->room + size);
		t->bytes = realloc(t->bytes, t->room);
		must(t->bytes);
	}
	if (size > 0)
		memcpy(t->bytes + t->size, data, size);
	t->size += size;
}

static void put_events(struct transcript *t, struct session *s)
{
	const struct ipcom_event *e;

	while ((e = ipcom_session_next_event(s)) != NULL) {
		const int head[] = { (int)e->type, e->error, (int)e->state };

		must(e->type != IPCOM_EVENT_MESSAGE || e->size <= MESSAGE_MAX_BYTES);
		put(t, head, sizeof(head));
		put(t, e->data, e->size);
		if (e->values)
			put(t, e->values, IPCOM_MODULES * sizeof(e->values[0]));
	}
}

/* A session that has had its first snapshot and asks for nothing more, or has one poll in
 * flight. */
static struct session *ready(unsigned settings, uint64_t *now)
{
	static const struct cmn_log silent;
	struct session_config config = {
		.username = "demo",
		.password = "secret",
		.bus = 1,
		.allow_clear = true,
		.timeout_ms = HOUR,
		.reply_timeout_ms = HOUR,
		.poll_ms = HOUR,
		.reconnect = { HOUR, HOUR, 0 },
	};
	uint8_t accept[MESSAGE_ACCEPT_BYTES] = { 1, 2 };
	uint8_t snapshot[MESSAGE_SNAPSHOT_BYTES] = { 5, 1 };
	struct cipher cipher = { .mode = CIPHER_LOGIN };
	struct session *s;

	must(ipcom_session_new(&s) == 0);
	must(ipcom_session_start(s, &config, &silent, 1, *now) == 0);
	ipcom_session_opened(s, *now);
	memset(accept + 7, (int)settings, CIPHER_KEY_BYTES);
	ipcom_cipher_encode(&cipher, accept, accept, sizeof(accept));
	ipcom_session_receive(s, accept, settings % 2 ? sizeof(accept) : 3, *now);
	*now += 500; /* the silence behind three bytes */
	ipcom_session_tick(s, *now);
	cipher.mode = settings % 2 ? CIPHER_SESSION : CIPHER_CLEAR;
	memset(cipher.key, (int)settings, sizeof(cipher.key));
	ipcom_cipher_encode(&cipher, snapshot, snapshot, sizeof(snapshot));
	ipcom_session_receive(s, snapshot, sizeof(snapshot), *now);
	must(ipcom_session_state(s) == IPCOM_STATE_READY);
	if (settings / 2 % 2)
		must(ipcom_session_refresh(s, *now, NULL) == 0);
	return s;
}

/* Cut sizes in turns, 0 meaning all; without sizes the stream is one part. */
static void feed(struct input stream, struct input cuts, unsigned settings, struct transcript *t)
{
	uint64_t now = 1000;
	struct session *s = ready(settings, &now);

	for (size_t i = 0; stream.size > 0; i++) {
		size_t size = cuts.size > 0 ? cuts.data[i % cuts.size] : 0;
		struct input part = take_bytes(&stream, size > 0 ? size : stream.size);

		ipcom_session_receive(s, part.data, part.size, now);
		put_events(t, s);
	}
	now += 100; /* the silence that ends a message of unknown length */
	ipcom_session_tick(s, now);
	put_events(t, s);
	t->statistics = *ipcom_session_statistics(s);
	ipcom_session_free(s);
}

static void check_same(const struct transcript *a, const struct transcript *b)
{
	must(a->size == b->size);
	must(memcmp(a->bytes, b->bytes, a->size) == 0);
	must(a->statistics.answers == b->statistics.answers);
	must(a->statistics.snapshots == b->statistics.snapshots);
	must(a->statistics.unknown_messages == b->statistics.unknown_messages);
	must(a->statistics.stray_messages == b->statistics.stray_messages);
	must(a->statistics.bad_checksums == b->statistics.bad_checksums);
}

static void check_frame(struct input bytes)
{
	int size = ipcom_frame_size(bytes.data, bytes.size);
	struct frame frame;
	uint8_t sum = 0;

	if (size <= 0 || (size_t)size > bytes.size)
		return;
	must(size <= FRAME_MAX_BYTES);
	if (!ipcom_frame_parse(bytes.data, (size_t)size, &frame))
		return;
	must(frame.bus <= 2);
	must(frame.data > bytes.data && frame.data + frame.size + 1 == bytes.data + size);
	for (size_t i = 0; i < frame.size; i++)
		sum ^= frame.data[i];
	must(frame.checksum_ok == (sum == bytes.data[size - 1]));
}

/* 0 becomes a size or "unknown" once, and then stays that. */
static void check_message(struct input bytes)
{
	int known = 0;

	for (size_t part = 0; part <= bytes.size && part <= MESSAGE_MAX_BYTES; part++) {
		int size = ipcom_message_size(bytes.data, part);

		must(size >= -1 && size <= MESSAGE_MAX_BYTES);
		must(known == 0 || size == known);
		must(part < 7 || size != 0);
		known = size;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t one = 1;
	struct input in = { data, size };
	unsigned settings = take_byte(&in);
	struct input cuts = take_bytes(&in, take_byte(&in) % 16);
	struct transcript whole = { 0 };
	struct transcript bytewise = { 0 };
	struct transcript cut = { 0 };

	if (in.size > MAX_STREAM)
		in.size = MAX_STREAM;
	check_frame(in);
	check_message(in);
	feed(in, (struct input){ NULL, 0 }, settings, &whole);
	feed(in, (struct input){ &one, 1 }, settings, &bytewise);
	feed(in, cuts, settings, &cut);
	check_same(&whole, &bytewise);
	check_same(&whole, &cut);
	free(whole.bytes);
	free(bytewise.bytes);
	free(cut.bytes);
	return 0;
}
