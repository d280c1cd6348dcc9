/* SPDX-License-Identifier: MIT */
/* A network in which no time passes; see ppcs_world.h. */
#include "ppcs_world.h"

#include <errno.h>
#include <string.h>

#include "torture.h"

#define FIRST_PORT 40000 /* of the session's sockets, by their id */
#define READ_BYTES 2048  /* most that the transport hands in at once */
#define REPEAT_MS  20
#define ROUNDS     1000 /* then it never rests */
#define SPINS      5    /* likewise, with a deadline that does not move */
#define HOUR       3600000
#define SECOND     1000
#define PIECE      70000 /* bytes that are sent at once */

static const struct ppcs_address nobody;

static struct ppcs_address address(uint16_t port)
{
	return (struct ppcs_address){ { 127, 0, 0, 1 }, port };
}

static bool wanted(const struct world *w, uint32_t id)
{
	struct socket_wish wish;

	for (size_t i = 0; ppcs_session_socket(w->session, i, &wish); i++)
		if (wish.id == id)
			return true;
	return false;
}

static uint32_t *find_open(struct world *w, uint32_t id)
{
	for (unsigned i = 0; i < WORLD_SOCKETS; i++)
		if (w->open[i] == id)
			return &w->open[i];
	return NULL;
}

static struct world_stream *find_stream(struct world *w, uint32_t id)
{
	for (unsigned i = 0; i < WORLD_STREAMS; i++)
		if (w->streams[i].id == id)
			return &w->streams[i];
	return NULL;
}

static void start_stream(struct world *w, const struct socket_wish *wish)
{
	struct world_stream *stream = find_stream(w, 0);

	must(stream);
	if (!stream)
		return;
	memset(stream, 0, sizeof(*stream));
	stream->id = wish->id;
	stream->end.relay = wish->to.port == w->device.tcp_relay.port;
}

static bool open_next(struct world *w)
{
	struct socket_wish wish;

	for (size_t i = 0; ppcs_session_socket(w->session, i, &wish); i++) {
		struct ppcs_address local = address((uint16_t)(FIRST_PORT + wish.id));
		uint32_t *place = find_open(w, 0);

		if (find_open(w, wish.id))
			continue;
		must(place && wish.id > 0 && wish.id < UINT16_MAX - FIRST_PORT);
		if (!place)
			break;
		*place = wish.id;
		if (++w->asked == w->failing) {
			ppcs_session_failed(w->session, wish.id, -ENOMEM, w->now);
			return true;
		}
		if (wish.stream)
			start_stream(w, &wish);
		ppcs_session_opened(w->session, wish.id, &local, w->now);
		return true;
	}
	return false;
}

static void close_unwanted(struct world *w)
{
	for (unsigned i = 0; i < WORLD_SOCKETS; i++) {
		struct world_stream *stream;

		if (w->open[i] == 0 || wanted(w, w->open[i]))
			continue;
		stream = find_stream(w, w->open[i]);
		if (stream)
			stream->id = 0;
		w->open[i] = 0;
	}
}

/* An answer of the camera or a server. */
static void say(void *userdata, enum device_place from, const struct ppcs_address *to,
		const uint8_t *data, size_t size)
{
	struct world *w = userdata;
	uint32_t id = (uint32_t)to->port - FIRST_PORT;

	if (!w->silent && wanted(w, id))
		ppcs_session_receive(w->session, id, &w->device.at[from], data, size, w->now);
}

/* A directory server has done its part when the relay is there. */
static void hang_up_servers(struct world *w)
{
	for (unsigned i = 0; i < WORLD_STREAMS; i++)
		if (w->streams[i].id != 0 && !w->streams[i].end.relay)
			ppcs_session_failed(w->session, w->streams[i].id, 0, w->now);
}

static void send_stream(struct world *w, struct world_stream *stream, const uint8_t *data,
			size_t size)
{
	uint32_t id = stream->id;
	size_t done = 0;

	if (!device_stream_receive(&w->device, &stream->end, data, size)) {
		ppcs_session_failed(w->session, id, 0, w->now);
		return;
	}
	while (done < stream->end.out_size && wanted(w, id)) {
		size_t part = stream->end.out_size - done;

		if (part > READ_BYTES)
			part = READ_BYTES;
		ppcs_session_receive(w->session, id, &nobody, stream->end.out + done, part, w->now);
		done += part;
	}
	stream->end.out_size = 0;
	if (stream->end.relay)
		hang_up_servers(w);
}

static void send_datagram(struct world *w, uint32_t id, const struct ppcs_address *to,
			  const uint8_t *data, size_t size)
{
	struct ppcs_address from = address((uint16_t)(FIRST_PORT + id));

	for (unsigned i = 0; i < DEVICE_PLACES; i++) {
		if (w->device.at[i].port != to->port)
			continue;
		device_receive(&w->device, (enum device_place)i, &from, data, size);
		return;
	}
	if (w->refuses)
		ppcs_session_unreachable(w->session, id, to, w->now);
}

static bool send_next(struct world *w)
{
	struct datagram d;
	uint8_t data[FRAME_MAX_BYTES];
	struct world_stream *stream;

	if (!ppcs_session_output(w->session, w->now, &d))
		return false;
	must(d.size <= sizeof(data));
	memcpy(data, d.data, d.size);
	ppcs_session_sent(w->session);
	stream = find_stream(w, d.socket);
	if (!find_open(w, d.socket) || w->silent)
		return true;
	if (stream)
		send_stream(w, stream, data, d.size);
	else
		send_datagram(w, d.socket, &d.to, data, d.size);
	return true;
}

/* Until nothing moves. What one round brings came at the same time. */
static void settle(struct world *w)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		bool moved = false;

		while (send_next(w))
			moved = true;
		/* What has been answered is told as one batch. */
		if (moved)
			ppcs_session_tick(w->session, w->now);
		close_unwanted(w);
		while (open_next(w))
			moved = true;
		if (!moved)
			return;
	}
	must(false); /* it never rests */
}

static void take_data(struct world *w, const struct ppcs_event *e)
{
	must(e->channel == 0);
	must(device_heard(&w->packets, e->data, e->size));
}

void world_take_events(struct world *w)
{
	const struct ppcs_event *e;

	while ((e = ppcs_session_next_event(w->session)) != NULL) {
		must(e->time_ms <= w->now || e->type == PPCS_EVENT_OVERFLOW);
		switch (e->type) {
		case PPCS_EVENT_RESULT:
			w->results++;
			w->result = e->error;
			break;
		case PPCS_EVENT_CONNECTED:
			w->connected++;
			break;
		case PPCS_EVENT_CLOSED:
			w->closed++;
			w->closed_error = e->error;
			w->closed_unsent = e->unsent;
			break;
		case PPCS_EVENT_WRITABLE:
			w->writable[e->channel]++;
			break;
		case PPCS_EVENT_DRAINED:
			w->drained++;
			break;
		case PPCS_EVENT_DATA:
			take_data(w, e);
			break;
		case PPCS_EVENT_DEVICE:
			w->devices++;
			break;
		default:
			break;
		}
	}
}

static uint64_t next_time(const struct world *w)
{
	uint64_t at = ppcs_session_deadline(w->session);

	return w->repeat_at < at ? w->repeat_at : at;
}

void world_advance(struct world *w, uint64_t ms)
{
	uint64_t end = w->now + ms;
	unsigned spins = 0;

	settle(w);
	world_take_events(w);
	while (next_time(w) <= end) {
		if (next_time(w) > w->now)
			w->now = next_time(w);
		if (w->now >= w->repeat_at)
			w->repeat_at = device_repeat(&w->device) ? w->now + REPEAT_MS :
								   w->now + HOUR;
		ppcs_session_tick(w->session, w->now);
		settle(w);
		spins = ppcs_session_deadline(w->session) > w->now ? 0 : spins + 1;
		must(spins < SPINS);
		world_take_events(w);
		if (world_client(w) && w->repeat_at > w->now + REPEAT_MS)
			w->repeat_at = w->now + REPEAT_MS;
	}
	w->now = end;
	ppcs_session_tick(w->session, w->now);
	settle(w);
	world_take_events(w);
}

const struct device_client *world_client(const struct world *w)
{
	for (unsigned i = 0; i < DEVICE_CLIENTS; i++)
		if (w->device.clients[i].reading)
			return &w->device.clients[i];
	return NULL;
}

size_t world_send_bytes(struct world *w, unsigned channel, size_t at, size_t size, bool for_good)
{
	static uint8_t data[PIECE];
	size_t done = 0;

	must(size <= sizeof(data));
	for (size_t i = 0; i < size; i++)
		data[i] = device_byte(channel, at + i);
	while (done < size) {
		unsigned told = w->writable[channel];
		int ret = ppcs_session_send(w->session, channel, data + done, size - done);

		must(ret == -ENOMEM || ret == -EAGAIN || ret == -ENOTCONN || ret > 0);
		if (ret == -ENOTCONN || (ret < 0 && for_good))
			return done;
		done += ret > 0 ? (size_t)ret : 0;
		if (ret != -ENOMEM && done < size) {
			world_advance(w, 2 * SECOND);
			must(for_good || w->writable[channel] == told + 1);
		}
	}
	world_advance(w, channel);
	return done;
}

size_t world_check_sent(const struct world *w, const size_t *sent, unsigned channels, bool for_good)
{
	const struct device_client *c = world_client(w);
	size_t left = 0;

	if (!c)
		return w->closed_unsent;
	must(!c->wrong);
	must(w->drained > 0 || for_good);
	for (unsigned i = 0; i < channels; i++) {
		must(c->received[i] == sent[i] || for_good);
		must(ppcs_session_unsent(w->session, i) == sent[i] - c->received[i] || w->closed);
		left += sent[i] - c->received[i];
	}
	return left;
}

int world_start(struct world *w, const char *key)
{
	static const uint16_t ports[DEVICE_PLACES] = { 32108, 40611, 32100, 32101, 32102 };

	memset(w, 0, sizeof(*w));
	w->now = HOUR;
	w->repeat_at = 2 * (uint64_t)HOUR;
	for (unsigned i = 0; i < DEVICE_PLACES; i++)
		w->device.at[i] = address(ports[i]);
	w->device.tcp_relay = address(444);
	ppcs_cipher_init(&w->device.cipher, key);
	w->device.say = say;
	w->device.userdata = w;
	return ppcs_session_new(&w->session);
}

void world_end(struct world *w)
{
	struct socket_wish wish;

	must(!ppcs_session_socket(w->session, 0, &wish));
	ppcs_session_free(w->session);
}
