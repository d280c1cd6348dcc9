/* SPDX-License-Identifier: MIT */
/*
 * The reliable channels against a random peer and a random program. An input is steps: writing,
 * sending, acknowledgements, data in any order, time, events (see steps[]). Whatever happens, what
 * goes out is the stream that was written, within the window, under its indexes; what was not
 * acknowledged is counted to the byte; what is handed out is the stream of the peer, and what it
 * was told is acknowledged never has to come again.
 */
#include <errno.h>
#include <string.h>

#include "channel.h"

#include "fuzz.h"
#include "ppcs_written.h"

#define MAX_STEPS 20000
#define AHEAD     256
#define INDEXES   65536
#define LONGEST   501
#define HEAP_MAX  ((size_t)16 * 1024 * 1024)

/* Of the sanitizer, where there is one. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

/* A channel: what we have written, and what the peer has said, by the number of the packet. */
struct lane {
	struct written out;
	bool refused;          /**< a write was not taken whole, and nobody was told since */
	uint64_t expected;     /**< the first that it was not told of as received, in turn */
	uint64_t first;        /**< the first that was not handed out */
	bool acked[2 * AHEAD]; /**< from `expected` on, by the remainder of the number */
};

struct world {
	struct channels *channels;
	struct event_list events;
	struct ppcs_statistics st;
	struct lane lanes[PACKET_CHANNELS];
	uint64_t now;
	bool early;
	uint64_t in_packets;
};

/* What the peer says, by the number of the packet. */
static size_t said(unsigned channel, uint64_t number, uint8_t data[PACKET_DATA_BYTES])
{
	uint64_t random = written_mix(~(number * 8 + channel));
	size_t size = random % 4 ? 1 + random / 4 % 40 : 1 + random / 4 % PACKET_DATA_BYTES;

	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)(random >> i % 7 * 8) ^ (uint8_t)i;
	return size;
}

static void check_unsent(const struct world *w)
{
	bool any = false;

	for (unsigned i = 0; i < PACKET_CHANNELS; i++) {
		must(ppcs_channels_unsent(w->channels, i) == w->lanes[i].out.unsent);
		must(w->lanes[i].out.next - w->lanes[i].out.oldest <= WRITTEN_WINDOW);
		any |= w->lanes[i].out.unsent > 0;
		if (ppcs_channels_writable(w->channels, i))
			must(w->lanes[i].refused);
	}
	must(!any || !ppcs_channels_drained(w->channels));
	must(ppcs_channels_deadline(w->channels) > w->now);
	must(any || ppcs_channels_deadline(w->channels) == UINT64_MAX);
}

static void step_write(struct world *w, struct input *in)
{
	static uint8_t data[WRITTEN_QUEUED * PACKET_DATA_BYTES + 65536];
	unsigned channel = take_byte(in) % PACKET_CHANNELS;
	size_t size = 1 + take_word(in) * (take_byte(in) % 4 == 3 ? 3 : 1) % sizeof(data);
	struct lane *l = &w->lanes[channel];
	int ret;

	for (size_t i = 0; i < size; i++)
		data[i] = written_byte(channel, l->out.written + i);
	ret = ppcs_channels_write(w->channels, channel, data, size);
	must(ret == -EAGAIN || (ret > 0 && (size_t)ret <= size));
	l->refused |= ret < 0 || (size_t)ret < size;
	if (ret < 0)
		return;
	l->out.written += (size_t)ret;
	l->out.unsent += (size_t)ret;
	must(l->out.written - l->out.cut <= WRITTEN_QUEUED * PACKET_DATA_BYTES);
}

static void send_some(struct world *w, unsigned most)
{
	struct packet p;

	while (most-- > 0 && ppcs_channels_next_data(w->channels, w->now, &p)) {
		must(p.type == PACKET_DRW && p.channel < PACKET_CHANNELS);
		written_sent(&w->lanes[p.channel].out, &p);
	}
}

static void step_send(struct world *w, struct input *in)
{
	send_some(w, 1 + take_byte(in));
}

static void step_send_all(struct world *w, struct input *in)
{
	struct packet p;

	(void)in;
	send_some(w, 4 * PACKET_CHANNELS * WRITTEN_QUEUED);
	must(!ppcs_channels_next_data(w->channels, w->now, &p));
}

/* Indexes near those under way, of either side, or anywhere. */
static void step_ack(struct world *w, struct input *in)
{
	unsigned what = take_byte(in);
	struct lane *l = &w->lanes[what % PACKET_CHANNELS];
	uint8_t list[2 * PACKET_MAX_ACKS];
	struct packet p = { .type = PACKET_DRW_ACK,
			    .channel = (uint8_t)(what % PACKET_CHANNELS),
			    .data = list };

	p.count = take_byte(in) % (PACKET_MAX_ACKS + 1);
	p.size = 2 * (size_t)p.count;
	for (unsigned i = 0; i < p.count; i++) {
		unsigned index = what & 128 ? take_word(in) :
					      (unsigned)l->out.oldest - 8 + take_byte(in) % 144;

		list[2 * i] = (uint8_t)(index >> 8);
		list[2 * i + 1] = (uint8_t)index;
		written_acked(&l->out, (uint16_t)index);
	}
	written_close_gap(&l->out);
	ppcs_channels_acknowledged(w->channels, &p, w->now);
}

/* All that is under way, in one list or more. */
static void step_ack_all(struct world *w, struct input *in)
{
	struct lane *l = &w->lanes[take_byte(in) % PACKET_CHANNELS];

	for (uint64_t n = l->out.oldest; n < l->out.next; n++) {
		uint8_t list[2] = { (uint8_t)(n >> 8), (uint8_t)n };
		struct packet p = { .type = PACKET_DRW_ACK, .data = list, .size = 2, .count = 1 };

		p.channel = (uint8_t)(l - w->lanes);
		written_acked(&l->out, (uint16_t)n);
		ppcs_channels_acknowledged(w->channels, &p, w->now);
	}
	written_close_gap(&l->out);
	must(l->out.unsent == l->out.written - l->out.cut);
}

static void step_told(struct world *w, struct input *in)
{
	unsigned channel = take_byte(in) % PACKET_CHANNELS;

	if (ppcs_channels_writable(w->channels, channel)) {
		ppcs_channels_told_writable(w->channels, channel);
		w->lanes[channel].refused = false;
	}
	must(!ppcs_channels_writable(w->channels, channel));
	ppcs_channels_told_drained(w->channels);
	must(!ppcs_channels_drained(w->channels));
}

static void pass(struct world *w, uint64_t ms)
{
	w->now += ms;
	ppcs_channels_tick(w->channels, w->now);
	if (!w->early)
		ppcs_channels_hand_out(w->channels, &w->events, w->now);
}

static void step_time(struct world *w, struct input *in)
{
	pass(w, take_byte(in));
}

static void step_deadline(struct world *w, struct input *in)
{
	uint64_t at = ppcs_channels_deadline(w->channels);

	(void)in;
	if (at == UINT64_MAX)
		return;
	must(at - w->now <= LONGEST);
	pass(w, at - w->now);
}

static void say(struct world *w, unsigned channel, uint64_t number)
{
	uint8_t data[PACKET_DATA_BYTES];
	struct packet p = { .type = PACKET_DRW,
			    .channel = (uint8_t)channel,
			    .index = (uint16_t)number,
			    .data = data,
			    .size = said(channel, number, data) };

	ppcs_channels_receive(w->channels, &p, w->early ? NULL : &w->events, w->now);
	memset(data, 0xee, sizeof(data));
}

/* One that is not too far from what it is told was received. */
static void step_say(struct world *w, struct input *in)
{
	unsigned channel = take_byte(in) % PACKET_CHANNELS;
	uint64_t number = w->lanes[channel].expected + take_byte(in) % 16;

	say(w, channel, number > 2 ? number - 2 : number);
}

static void step_say_far(struct world *w, struct input *in)
{
	unsigned channel = take_byte(in) % PACKET_CHANNELS;

	say(w, channel, w->lanes[channel].expected + take_byte(in));
}

/* Old ones, and such that are too far ahead, have other bytes: none of them may be handed out. */
static void step_lie(struct world *w, struct input *in)
{
	static const uint8_t lie[PACKET_DATA_BYTES];
	unsigned what = take_byte(in);
	struct lane *l = &w->lanes[what % PACKET_CHANNELS];
	uint64_t far = l->expected + 2 * AHEAD + take_word(in) % (INDEXES - 4 * AHEAD);
	struct packet p = { .type = PACKET_DRW,
			    .channel = (uint8_t)(what % PACKET_CHANNELS),
			    .index = (uint16_t)far,
			    .data = lie,
			    .size = what & 128 ? 0 : 1 + take_word(in) % PACKET_DATA_BYTES };

	if (p.size == 0)
		p.index = (uint16_t)(l->expected + what);
	ppcs_channels_receive(w->channels, &p, w->early ? NULL : &w->events, w->now);
}

/* What is acknowledged was received: it is never said again if it was of use. */
static void step_acks(struct world *w, struct input *in)
{
	struct packet p;

	(void)in;
	while (ppcs_channels_next_acks(w->channels, &p)) {
		struct lane *l = &w->lanes[p.channel];

		must(p.type == PACKET_DRW_ACK && p.count >= 1 && p.count <= PACKET_MAX_ACKS);
		must(p.size == 2 * (size_t)p.count);
		for (unsigned i = 0; i < p.count; i++) {
			int ahead =
				(int16_t)(uint16_t)(ppcs_packet_ack(&p, i) - (uint16_t)l->expected);

			must(ahead < AHEAD);
			if (ahead >= 0)
				l->acked[(l->expected + (unsigned)ahead) % (2 * AHEAD)] = true;
		}
		while (l->acked[l->expected % (2 * AHEAD)])
			l->acked[l->expected++ % (2 * AHEAD)] = false;
	}
}

static void check_taken(struct world *w, const struct ppcs_event *e)
{
	struct lane *l = &w->lanes[e->channel];
	uint8_t data[PACKET_DATA_BYTES];
	size_t at = 0;

	must(e->size > 0 && e->size <= 2 * PPCS_MAX_WAITING && e->channel < PACKET_CHANNELS);
	while (at < e->size) {
		size_t size = said(e->channel, l->first, data);

		must(size <= e->size - at && memcmp(e->data + at, data, size) == 0);
		at += size;
		l->first++;
		w->in_packets++;
	}
}

static bool take_event(struct world *w)
{
	const struct ppcs_event *e = ppcs_event_list_next(&w->events);

	if (!e)
		return false;
	must(e->time_ms <= w->now);
	if (e->type == PPCS_EVENT_DATA)
		check_taken(w, e);
	return true;
}

static void step_events(struct world *w, struct input *in)
{
	unsigned count = take_byte(in);

	while (take_event(w) && --count > 0)
		;
}

static void step_fill_events(struct world *w, struct input *in)
{
	const struct ppcs_event other = { .type = PPCS_EVENT_ATTEMPT_STARTED, .channel = 3 };

	for (unsigned n = 8 * take_byte(in); n > 0 && ppcs_event_list_try(&w->events, &other); n--)
		;
}

static void step_win(struct world *w, struct input *in)
{
	(void)in;
	w->early = false;
	ppcs_channels_hand_out(w->channels, &w->events, w->now);
}

/* The step is the remainder of its byte. */
static void (*const steps[])(struct world *w, struct input *in) = {
	step_write, step_send, step_send_all, step_ack,         step_ack_all,
	step_told,  step_time, step_deadline, step_say,         step_say_far,
	step_lie,   step_acks, step_events,   step_fill_events, step_win,
};

/* What was acknowledged does not come again; everything else does, and then all is there. */
static void finish(struct world *w)
{
	struct input none = { NULL, 0 };
	uint64_t ends[PACKET_CHANNELS];

	step_win(w, &none);
	step_acks(w, &none);
	while (take_event(w))
		;
	ppcs_channels_hand_out(w->channels, &w->events, w->now);
	for (unsigned i = 0; i < PACKET_CHANNELS; i++) {
		struct lane *l = &w->lanes[i];

		ends[i] = l->expected + AHEAD;
		for (uint64_t n = l->expected; n < ends[i]; n++) {
			if (!l->acked[n % (2 * AHEAD)])
				say(w, i, n);
			while (take_event(w))
				;
		}
	}
	ppcs_channels_hand_out(w->channels, &w->events, w->now);
	while (take_event(w))
		;
	for (unsigned i = 0; i < PACKET_CHANNELS; i++)
		must(w->lanes[i].first == ends[i]);
	must(w->st.data_packets == w->in_packets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;
	struct input in = { data, size };
	size_t heap = __sanitizer_get_current_allocated_bytes ?
			      __sanitizer_get_current_allocated_bytes() :
			      0;

	memset(&w, 0, sizeof(w));
	w.now = 1000000;
	w.early = take_byte(&in) % 2;
	must(ppcs_channels_new(&w.channels, &w.st) == 0);
	for (unsigned i = 0; in.size > 0 && i < MAX_STEPS; i++) {
		steps[take_byte(&in) % (sizeof(steps) / sizeof(steps[0]))](&w, &in);
		check_unsent(&w);
	}
	if (heap > 0)
		must(__sanitizer_get_current_allocated_bytes() - heap < HEAP_MAX);
	finish(&w);
	ppcs_channels_free(w.channels);
	ppcs_event_list_free(&w.events);
	return 0;
}
