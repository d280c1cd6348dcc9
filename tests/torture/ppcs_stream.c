/* SPDX-License-Identifier: MIT */
/* The directory server and the relay over TCP (section 6.5); see ppcs_device.h. */
#include <string.h>

#include "ppcs_device.h"

#define HELLO_BYTES  28
#define ANSWER_BYTES 48

static void say(const struct device *d, struct device_stream *st, const struct packet *p)
{
	static const uint8_t noise[2] = { 0x12, 0x34 };
	uint8_t data[PACKET_MAX_BYTES];
	size_t size = ppcs_packet_encode(p, data, sizeof(data));

	if (st->out_size + FRAME_MAX_BYTES > sizeof(st->out))
		return;
	st->out_size += ppcs_frame_encode(&d->cipher, noise, data, size, st->out + st->out_size);
}

static void answer_server(const struct device *d, struct device_stream *st, const struct packet *p)
{
	struct packet accepted = { .type = PACKET_TCP_RLY_REQ_ACK };
	struct packet relay = {
		.type = PACKET_TCP_RS_START, .uid = p->uid, .key = 7, .address = d->tcp_relay
	};

	if (p->type != PACKET_TCP_RLY_REQ)
		return;
	say(d, st, &accepted);
	say(d, st, &relay);
}

/* Where an answer goes. */
struct way {
	const struct device *device;
	struct device_stream *stream;
};

static void say_to_client(void *userdata, const struct packet *p)
{
	const struct way *way = userdata;

	say(way->device, way->stream, p);
}

static void answer_session(const struct device *d, struct device_stream *st, const struct packet *p)
{
	struct way way = { .device = d, .stream = st };

	device_answer(d, &st->client, p, say_to_client, &way);
}

bool device_stream_repeat(struct device *d, struct device_stream *st)
{
	struct way way = { .device = d, .stream = st };

	return device_speak_again(d, &st->client, say_to_client, &way);
}

/* The relay answers 28 bare bytes with 48. */
static size_t join(struct device_stream *st)
{
	if (st->size < HELLO_BYTES)
		return 0;
	memset(st->out + st->out_size, 0, ANSWER_BYTES);
	st->out_size += ANSWER_BYTES;
	st->joined = true;
	return HELLO_BYTES;
}

/* @return how much of the bytes is done with; negative: they make no sense */
static long take(const struct device *d, struct device_stream *st)
{
	uint8_t message[PACKET_MAX_BYTES];
	struct packet p;
	size_t size;
	long used;

	if (st->relay && !st->joined)
		return (long)join(st);
	used = ppcs_frame_decode(&d->cipher, st->in, st->size, message, &size);
	if (used <= 0 || ppcs_packet_decode(message, size, &p) < 0)
		return used;
	if (st->relay)
		answer_session(d, st, &p);
	else
		answer_server(d, st, &p);
	return used;
}

bool device_stream_receive(struct device *d, struct device_stream *st, const uint8_t *data,
			   size_t size)
{
	long used = 1;

	if (size > sizeof(st->in) - st->size)
		return false;
	memcpy(st->in + st->size, data, size);
	st->size += size;
	while (used > 0) {
		used = take(d, st);
		if (used < 0)
			return false;
		st->size -= (size_t)used;
		memmove(st->in, st->in + used, st->size);
	}
	return true;
}
