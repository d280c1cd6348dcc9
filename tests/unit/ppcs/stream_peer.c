/* SPDX-License-Identifier: MIT */
/* A device that sends and receives streams; see stream_peer.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stream_peer.h"

#include <string.h>

/* Section 8.3, and its tick. */
#define WINDOW   110
#define ADDED    10
#define ROUND_MS 40
#define TICK_MS  10
#define ALIVE_MS 1000

static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

void stream_fill(uint64_t seed, unsigned channel, bool to_device, uint64_t at, uint8_t *data,
		 size_t size)
{
	uint64_t stream = mix(seed * 16 + channel * 2 + to_device + 1);

	while (size > 0) {
		uint64_t block = mix(stream + at / 8 * 0x9e3779b97f4a7c15u);
		unsigned k = (unsigned)(at % 8);

		for (; k < 8 && size > 0; k++, at++, size--)
			*data++ = (uint8_t)(block >> 8 * k);
	}
}

static void say(struct stream_peer *p, const struct wire *m)
{
	if (p->silent)
		return;
	host_send(&p->camera.host, p->port, &p->client, m, "");
	p->said_at = p->camera.host.world->now;
}

static void say_type(struct stream_peer *p, uint8_t type)
{
	struct wire m;

	wire_begin(&m, type);
	say(p, &m);
}

/* Each packet counts once. */
static void count_ack(struct stream_peer *p, struct stream_channel *c, uint16_t index)
{
	if (p->silent || c->in[index % STREAM_AHEAD].index != index ||
	    c->in[index % STREAM_AHEAD].acked)
		return;
	c->in[index % STREAM_AHEAD].acked = true;
	p->acked += c->in[index % STREAM_AHEAD].size;
}

static void say_acks(struct stream_peer *p, unsigned channel)
{
	struct stream_channel *c = &p->channels[channel];
	struct wire m;

	if (c->ack_count == 0)
		return;
	wire_begin(&m, DRW_ACK);
	wire_put(&m, (uint8_t[]){ 0xd1, (uint8_t)channel }, 2);
	wire_put_u16be(&m, c->ack_count);
	for (unsigned i = 0; i < c->ack_count; i++) {
		wire_put_u16be(&m, c->acks[i]);
		count_ack(p, c, c->acks[i]);
	}
	c->ack_count = 0;
	say(p, &m);
}

static void say_data(struct stream_peer *p, unsigned channel, uint16_t index)
{
	struct stream_channel *c = &p->channels[channel];
	uint8_t data[STREAM_BYTES];
	struct wire m;

	stream_fill(p->seed, channel, false, c->out[index % STREAM_QUEUED].start, data,
		    c->out[index % STREAM_QUEUED].size);
	wire_begin(&m, DRW);
	wire_put(&m, (uint8_t[]){ 0xd1, (uint8_t)channel }, 2);
	wire_put_u16be(&m, index);
	wire_put(&m, data, c->out[index % STREAM_QUEUED].size);
	c->out[index % STREAM_QUEUED].at = p->camera.host.world->now;
	p->sent++;
	say(p, &m);
}

/* Packets of all sizes, most of them full; and as many as the window allows. */
static void say_new(struct stream_peer *p, unsigned channel)
{
	struct stream_channel *c = &p->channels[channel];

	while (c->position < c->total && (uint16_t)(c->next - c->oldest) < c->window + ADDED) {
		uint64_t random = mix(p->seed + c->position);
		uint64_t size = random % 8 > 0 ? STREAM_BYTES : 1 + random / 8 % STREAM_BYTES;

		if (size > c->total - c->position)
			size = c->total - c->position;
		c->out[c->next % STREAM_QUEUED].open = true;
		c->out[c->next % STREAM_QUEUED].start = c->position;
		c->out[c->next % STREAM_QUEUED].size = (uint16_t)size;
		c->position += size;
		say_data(p, channel, c->next++);
	}
}

static unsigned round_ms(const struct stream_peer *p)
{
	return p->rtt_min > 0 && p->rtt_min + 1 < ROUND_MS ? p->rtt_min + 1 : ROUND_MS;
}

static void say_again(struct stream_peer *p, unsigned channel, uint16_t index)
{
	p->again++;
	say_data(p, channel, index);
}

static void take_ack(struct stream_peer *p, unsigned channel, uint16_t index)
{
	struct stream_channel *c = &p->channels[channel];
	uint64_t now = p->camera.host.world->now;
	unsigned ms;

	/* None of what was never sent. */
	assert_true((int16_t)(uint16_t)(index - c->next) < 0);
	if ((uint16_t)(index - c->oldest) >= (uint16_t)(c->next - c->oldest) ||
	    !c->out[index % STREAM_QUEUED].open)
		return;
	c->out[index % STREAM_QUEUED].open = false;
	ms = (unsigned)(now - c->out[index % STREAM_QUEUED].at);
	p->rtt_min = p->rtt_min == 0 || ms < p->rtt_min ? ms : p->rtt_min;
	for (uint16_t i = c->oldest; i != index; i++) {
		if (!c->out[i % STREAM_QUEUED].open ||
		    now < c->out[i % STREAM_QUEUED].at + round_ms(p))
			continue;
		c->window -= c->window > 0;
		say_again(p, channel, i);
	}
	while (c->oldest != c->next && !c->out[c->oldest % STREAM_QUEUED].open)
		c->oldest++;
}

static void receive_acks(struct stream_peer *p, const struct wire *m)
{
	unsigned channel = m->bytes[5], count = (unsigned)m->bytes[6] << 8 | m->bytes[7];

	assert_int_equal(m->bytes[4], 0xd1);
	assert_in_range(count, 1, 81); /* 8.2: more is a protocol error */
	assert_int_equal(m->size, 8 + 2 * count);
	for (unsigned i = 0; i < count; i++)
		take_ack(p, channel, (uint16_t)(m->bytes[8 + 2 * i] << 8 | m->bytes[9 + 2 * i]));
	say_new(p, channel);
}

/* Each byte has to be the one that belongs there. */
static void check(struct stream_peer *p, unsigned channel, const uint8_t *data, size_t size)
{
	uint8_t expected[STREAM_BYTES];
	struct stream_channel *c = &p->channels[channel];

	stream_fill(p->seed, channel, true, c->received, expected, size);
	assert_memory_equal(data, expected, size);
	c->received += size;
	c->expected++;
}

static void receive_data(struct stream_peer *p, const struct wire *m)
{
	unsigned channel = m->bytes[5];
	struct stream_channel *c = &p->channels[channel];
	uint16_t index = (uint16_t)(m->bytes[6] << 8 | m->bytes[7]);
	int ahead = (int16_t)(uint16_t)(index - c->expected);
	size_t size = m->size - 8;

	assert_in_range(size, 1, STREAM_BYTES);
	/* No further from the oldest than the window: of that the receiver knows this much. */
	assert_in_range(ahead + 32768, 0, 32768 + WINDOW + ADDED);
	if (!p->reads)
		return;
	if (ahead >= 0 && !c->in[index % STREAM_AHEAD].kept) {
		c->in[index % STREAM_AHEAD].kept = true;
		c->in[index % STREAM_AHEAD].acked = false;
		c->in[index % STREAM_AHEAD].index = index;
		c->in[index % STREAM_AHEAD].size = (uint16_t)size;
		memcpy(c->in[index % STREAM_AHEAD].data, m->bytes + 8, size);
	}
	while (c->in[c->expected % STREAM_AHEAD].kept) {
		c->in[c->expected % STREAM_AHEAD].kept = false;
		check(p, channel, c->in[c->expected % STREAM_AHEAD].data,
		      c->in[c->expected % STREAM_AHEAD].size);
	}
	if (!p->acknowledges)
		return;
	c->acks[c->ack_count++] = index;
	if (c->ack_count == STREAM_ACKS)
		say_acks(p, channel);
}

static void receive(struct host *h, uint16_t port, const struct ppcs_address *from, struct wire *m)
{
	struct stream_peer *p = (struct stream_peer *)h;

	if (port != p->port || !same_address(from, &p->client))
		return;
	p->alive_at = h->world->now + ALIVE_MS;
	p->round_at = h->world->now + round_ms(p) + 1;
	if (wire_is(m, ALIVE, 0))
		say_type(p, ALIVE_ACK);
	else if (wire_is(m, CLOSE, 0))
		p->closed = true;
	else if (wire_is(m, DRW_ACK, 4))
		receive_acks(p, m);
	else if (wire_is(m, DRW, 5))
		receive_data(p, m);
	host_wake(h, h->world->now + TICK_MS - h->world->now % TICK_MS);
}

static void say_all_again(struct stream_peer *p)
{
	for (unsigned i = 0; i < STREAM_CHANNELS; i++) {
		struct stream_channel *c = &p->channels[i];

		for (uint16_t k = c->oldest; k != c->next; k++)
			if (c->out[k % STREAM_QUEUED].open)
				say_again(p, i, k);
	}
}

static void tick(struct host *h)
{
	struct stream_peer *p = (struct stream_peer *)h;
	uint64_t now = h->world->now;

	if (p->closed || p->silent)
		return;
	for (unsigned i = 0; i < STREAM_CHANNELS; i++) {
		p->channels[i].window += p->channels[i].window < WINDOW;
		say_acks(p, i);
		say_new(p, i);
	}
	if (now >= p->round_at) {
		say_all_again(p);
		p->round_at = now + round_ms(p) + 1;
	}
	if (now >= p->alive_at) {
		say_type(p, ALIVE);
		p->alive_at = now + ALIVE_MS;
	}
	host_wake(h, stream_peer_done(p) ? p->alive_at : now + TICK_MS - now % TICK_MS);
}

static bool listens(const struct host *h, uint16_t port)
{
	return port == ((const struct stream_peer *)h)->port;
}

void stream_peer_begin(struct stream_peer *p, struct ppcs_address client, uint64_t total)
{
	struct host *h = &p->camera.host;

	memset(p->channels, 0, sizeof(p->channels));
	p->client = client;
	p->port = p->camera.port;
	p->reads = p->acknowledges = true;
	p->alive_at = h->world->now + ALIVE_MS;
	p->round_at = h->world->now + ROUND_MS;
	for (unsigned i = 0; i < STREAM_CHANNELS; i++) {
		p->channels[i].window = WINDOW;
		p->channels[i].total = total;
	}
	/* The greeting was index 0 of channel 0. */
	p->channels[0].oldest = p->channels[0].next = 1;
	h->listens = listens;
	h->receive = receive;
	h->tick = tick;
	host_wake(h, h->world->now);
}

uint64_t stream_peer_received(const struct stream_peer *p)
{
	uint64_t bytes = 0;

	for (unsigned i = 0; i < STREAM_CHANNELS; i++)
		bytes += p->channels[i].received;
	return bytes;
}

bool stream_peer_done(const struct stream_peer *p)
{
	bool done = true;

	for (unsigned i = 0; i < STREAM_CHANNELS; i++)
		done &= p->channels[i].position == p->channels[i].total &&
			p->channels[i].oldest == p->channels[i].next;
	return done;
}
