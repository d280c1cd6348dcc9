/* SPDX-License-Identifier: MIT */
/* A session with streams; see stream.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stream.h"

#include <errno.h>
#include <string.h>

#define UID         "TEST-012345-ABCDE"
#define PIECE_BYTES 5000 /* that a program writes at once */
#define DATA_BYTES  262144

void stream_begin(struct stream *s, uint64_t seed, const struct quality *quality,
		  uint64_t to_device, uint64_t from_device, unsigned timeout_ms)
{
	memset(s, 0, sizeof(*s));
	world_init(&s->world, seed);
	camera_init(&s->peer.camera, &s->world, at(192, 0, 2, 7, 0), UID);
	s->peer.seed = seed;
	s->client = client_new(&s->world, at(192, 0, 2, 100, 0));
	client_aim(s->client, s->peer.camera.host.ip);
	client_uid(s->client, UID);
	client_modes(s->client, true, false, false);
	client_ports(s->client, (const uint16_t[]){ CAMERA_PORT }, 1);
	s->client->config.key_fixed = true;
	s->client->config.session_timeout_ms = timeout_ms;
	assert_true(client_run(s->client)->success);
	world_run(&s->world, 500);
	assert_true(camera_line(&s->peer.camera)->greeted);
	s->world.quality = *quality;
	s->total = to_device;
	s->client->leaves = true;
	s->began = s->world.now;
	stream_peer_begin(&s->peer, s->client->kept.report.local, from_device);
}

void stream_end(struct stream *s)
{
	world_free(&s->world);
}

static void take_data(struct stream *s, const struct ppcs_event *e)
{
	static uint8_t expected[DATA_BYTES];

	assert_in_range(e->size, 1, DATA_BYTES);
	stream_fill(s->peer.seed, e->channel, false, s->taken[e->channel], expected, e->size);
	assert_memory_equal(e->data, expected, e->size);
	s->taken[e->channel] += e->size;
}

static void take_events(struct stream *s)
{
	const struct ppcs_event *e;

	while (!s->leaves && (e = ppcs_session_next_event(s->client->session)) != NULL) {
		switch (e->type) {
		case PPCS_EVENT_DATA:
			take_data(s, e);
			break;
		case PPCS_EVENT_WRITABLE:
			assert_true(s->refused[e->channel]);
			s->refused[e->channel] = false;
			s->writables++;
			break;
		case PPCS_EVENT_DRAINED:
			s->drains++;
			break;
		case PPCS_EVENT_CLOSED:
			s->closes++;
			s->closed = *e;
			s->closed_at = s->world.now;
			break;
		default:
			fail_msg("event %d", (int)e->type);
		}
	}
}

/* Until it is refused. */
static void write_channel(struct stream *s, unsigned channel)
{
	uint8_t data[PIECE_BYTES];

	while (!s->refused[channel] && s->written[channel] < s->total) {
		uint64_t left = s->total - s->written[channel];
		size_t size = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
		int ret;

		stream_fill(s->peer.seed, channel, true, s->written[channel], data, size);
		ret = ppcs_session_send(s->client->session, channel, data, size);
		if (ret == -ENOTCONN)
			return;
		assert_true(ret == -EAGAIN || (ret > 0 && (size_t)ret <= size));
		s->written[channel] += ret > 0 ? (uint64_t)ret : 0;
		s->refused[channel] = ret < 0 || (size_t)ret < size;
	}
}

static void work(struct stream *s)
{
	take_events(s);
	for (unsigned i = 0; i < STREAM_CHANNELS; i++)
		write_channel(s, i);
	client_update(s->client);
	s->client->sent_count = 0;
	assert_in_range(s->peer.acked, 0, stream_written(s));
}

void stream_run(struct stream *s, uint64_t ms)
{
	uint64_t until = s->world.now + ms;

	do {
		work(s);
	} while (world_step(&s->world, until));
	work(s);
}

void stream_finish(struct stream *s, uint64_t max_ms)
{
	uint64_t until = s->world.now + max_ms;

	while (!stream_peer_done(&s->peer) || stream_written(s) < STREAM_CHANNELS * s->total ||
	       stream_unsent(s) > 0) {
		work(s);
		assert_true(world_step(&s->world, until));
		assert_int_equal(s->closes, 0);
	}
	work(s);
	assert_int_equal(stream_peer_received(&s->peer), STREAM_CHANNELS * s->total);
	for (unsigned i = 0; i < STREAM_CHANNELS; i++)
		assert_int_equal(s->taken[i], s->peer.channels[i].total);
}

static uint64_t sum(const uint64_t *values)
{
	uint64_t all = 0;

	for (unsigned i = 0; i < STREAM_CHANNELS; i++)
		all += values[i];
	return all;
}

uint64_t stream_written(const struct stream *s)
{
	return sum(s->written);
}

uint64_t stream_taken(const struct stream *s)
{
	return sum(s->taken);
}

uint64_t stream_unsent(const struct stream *s)
{
	uint64_t all = 0;

	for (unsigned i = 0; i < STREAM_CHANNELS; i++)
		all += ppcs_session_unsent(s->client->session, i);
	return all;
}
