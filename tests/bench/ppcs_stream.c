/* SPDX-License-Identifier: MIT */
/* The data channels of a camera for benchmarks; see ppcs_stream.h. */
#include "ppcs_stream.h"

#include <string.h>

#define TYPE_DRW     0xd0
#define TYPE_DRW_ACK 0xd1
#define ACKS         17
#define WINDOW       64

static void acknowledge(struct stream *s, unsigned channel)
{
	struct stream_channel *c = &s->channels[channel];
	uint8_t data[8 + 2 * ACKS] = { 0xf1, TYPE_DRW_ACK,    0, (uint8_t)(4 + 2 * c->ack_count),
				       0xd1, (uint8_t)channel };

	data[7] = (uint8_t)c->ack_count;
	for (unsigned i = 0; i < c->ack_count; i++) {
		data[8 + 2 * i] = (uint8_t)(c->acks[i] >> 8);
		data[9 + 2 * i] = (uint8_t)c->acks[i];
	}
	s->say(s->userdata, data, 8 + 2 * (size_t)c->ack_count);
	c->ack_count = 0;
}

void stream_receive(struct stream *s, const uint8_t *data, size_t size)
{
	struct stream_channel *c;

	if (size < 8 || data[5] >= 8)
		return;
	c = &s->channels[data[5]];
	if (data[1] == TYPE_DRW_ACK) {
		s->under_way -= (uint32_t)((size - 8) / 2);
		return;
	}
	if (size == 14 && memcmp(data + 8, "GO", 2) == 0)
		memcpy(&c->left, data + 10, sizeof(c->left));
	c->acks[c->ack_count++] = (uint16_t)(data[6] << 8 | data[7]);
	if (c->ack_count == ACKS)
		acknowledge(s, data[5]);
}

static void send_on(struct stream *s, unsigned channel)
{
	struct stream_channel *c = &s->channels[channel];
	uint8_t data[STREAM_PACKET] = {
		0xf1, TYPE_DRW,        STREAM_PACKET >> 8, (STREAM_PACKET - 4) & 0xff,
		0xd1, (uint8_t)channel
	};

	while (c->left > 0 && s->under_way < WINDOW) {
		data[6] = (uint8_t)(c->next >> 8);
		data[7] = (uint8_t)c->next;
		c->next++;
		c->left--;
		s->under_way++;
		s->say(s->userdata, data, sizeof(data));
	}
}

void stream_rest(struct stream *s)
{
	for (unsigned i = 0; i < 8; i++) {
		if (s->channels[i].ack_count > 0)
			acknowledge(s, i);
		send_on(s, i);
	}
}
