/* SPDX-License-Identifier: MIT */
/*
 * Data to the device (8.3). A packet goes out again when one behind it that was sent later is
 * acknowledged, and when a round passes without any acknowledgement; rounds become longer, and
 * carry less, the more of them pass in silence.
 */
#include "channel_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NEVER UINT64_MAX

/* No packet is further from the oldest than the window and these. */
#define WINDOW_ADDED 10
#define WINDOW_MAX   110
/* It grows by one in each round trip, or so often on a long way. */
#define TICK_MS        20
#define ROUND_FIRST_MS 40
#define ROUND_MIN_MS   20
#define ROUND_MAX_MS   500
/* A channel that was full is worth a word when so many packets fit again. */
#define WORTH_A_WORD (SEND_SLOTS / 2)

void ppcs_sender_init(struct sender *s)
{
	*s = (struct sender){ .window = WINDOW_MAX, .round_at = NEVER };
}

void ppcs_sender_free(struct sender *s)
{
	for (unsigned i = 0; s->slots && i < SEND_SLOTS; i++)
		free(s->slots[i].data);
	free(s->slots);
	ppcs_sender_init(s);
}

static struct outgoing *slot(const struct sender *s, uint16_t index)
{
	return &s->slots[index % SEND_SLOTS];
}

static unsigned distance(uint16_t from, uint16_t to)
{
	return (uint16_t)(to - from);
}

/* More for the last packet, which has not gone out. @return how many bytes */
static size_t add_to_last(struct sender *s, const uint8_t *data, size_t size)
{
	struct outgoing *last;

	if (s->next == s->end)
		return 0;
	last = slot(s, (uint16_t)(s->end - 1));
	if (!last->full_size) {
		uint8_t *more = realloc(last->data, PACKET_DATA_BYTES);

		if (!more)
			return 0;
		last->data = more;
		last->full_size = true;
	}
	if (size > PACKET_DATA_BYTES - (size_t)last->size)
		size = PACKET_DATA_BYTES - (size_t)last->size;
	memcpy(last->data + last->size, data, size);
	last->size = (uint16_t)(last->size + size);
	return size;
}

static int add_packet(struct sender *s, const uint8_t *data, size_t size)
{
	struct outgoing *o;

	if (distance(s->oldest, s->end) >= SEND_SLOTS)
		return -EAGAIN;
	if (!s->slots)
		s->slots = calloc(SEND_SLOTS, sizeof(*s->slots));
	if (!s->slots)
		return -ENOMEM;
	if (size > PACKET_DATA_BYTES)
		size = PACKET_DATA_BYTES;
	o = slot(s, s->end);
	*o = (struct outgoing){ .data = malloc(size), .full_size = size == PACKET_DATA_BYTES };
	if (!o->data)
		return -ENOMEM;
	memcpy(o->data, data, size);
	o->size = (uint16_t)size;
	s->end++;
	return (int)size;
}

int ppcs_channels_write(struct channels *c, unsigned channel, const uint8_t *data, size_t size)
{
	struct sender *s = &c->senders[channel];
	size_t done = add_to_last(s, data, size);
	int added = 0;

	while (done < size) {
		added = add_packet(s, data + done, size - done);
		if (added < 0)
			break;
		done += (size_t)added;
	}
	/* Whoever gave more than was taken waits for a word, whatever the cause. */
	s->full |= added == -EAGAIN || (done > 0 && done < size);
	if (done == 0)
		return added;
	s->bytes += done;
	c->drained = false;
	return (int)done;
}

size_t ppcs_channels_unsent(const struct channels *c, unsigned channel)
{
	return c->senders[channel].bytes;
}

/* How long a round waits for an acknowledgement (RFC 6298, within our bounds). */
static uint64_t round_ms(const struct channels *c, unsigned silent)
{
	uint64_t ms = c->measured ? c->srtt_8 / 8 + c->rttvar_4 : ROUND_FIRST_MS;

	if (ms < c->bound_ms)
		ms = c->bound_ms;
	if (ms < ROUND_MIN_MS)
		ms = ROUND_MIN_MS;
	while (silent-- > 0 && ms < ROUND_MAX_MS)
		ms *= 2;
	return ms < ROUND_MAX_MS ? ms : ROUND_MAX_MS;
}

/* @return the packet of a channel that is to go out now, or NULL */
static struct outgoing *choose(struct sender *s, uint16_t *index)
{
	if (s->lost > 0) {
		for (*index = s->oldest; *index != s->next; ++*index)
			if (slot(s, *index)->lost)
				return slot(s, *index);
	}
	*index = s->next;
	if (s->next == s->end || distance(s->oldest, s->next) >= s->window + WINDOW_ADDED)
		return NULL;
	return slot(s, s->next);
}

static void count(struct ppcs_statistics *st, const struct outgoing *o)
{
	uint64_t all;

	if (o->lost) {
		st->data_resent++;
	} else {
		st->data_packets_sent++;
		st->data_bytes_sent += o->size;
	}
	all = st->data_packets_sent + st->data_resent;
	st->loss_permille = (uint32_t)(st->data_resent * 1000 / all);
}

static void mark_sent(struct channels *c, struct sender *s, struct outgoing *o, uint64_t now)
{
	count(c->statistics, o);
	if (o->lost) {
		o->lost = false;
		o->again = true;
		s->lost--;
	} else {
		o->sent_at = now;
		s->next++;
	}
	o->serial = ++c->serial;
	o->last_at = now;
	if (s->round_at == NEVER)
		s->round_at = now + round_ms(c, s->silent) + 1;
}

bool ppcs_channels_next_data(struct channels *c, uint64_t now, struct packet *ret)
{
	for (unsigned i = 0; i < PACKET_CHANNELS; i++) {
		unsigned channel = (c->turn + i) % PACKET_CHANNELS;
		struct sender *s = &c->senders[channel];
		uint16_t index;
		struct outgoing *o = choose(s, &index);

		if (!o)
			continue;
		mark_sent(c, s, o, now);
		*ret = (struct packet){ .type = PACKET_DRW,
					.channel = (uint8_t)channel,
					.index = index,
					.data = o->data,
					.size = o->size };
		c->turn = channel + 1;
		return true;
	}
	return false;
}

/* RFC 6298, in eighths and quarters: what is cut off does not add up. */
static void measure(struct channels *c, uint64_t ms)
{
	uint32_t sample = ms < UINT16_MAX ? (uint32_t)ms : UINT16_MAX;
	struct ppcs_statistics *st = c->statistics;
	uint32_t srtt = c->srtt_8 / 8;
	uint32_t off = srtt > sample ? srtt - sample : sample - srtt;

	st->rtt_min_ms = c->measured && st->rtt_min_ms < sample ? st->rtt_min_ms : sample;
	c->rttvar_4 = c->measured ? c->rttvar_4 - c->rttvar_4 / 4 + off : 2 * sample;
	c->srtt_8 = c->measured ? c->srtt_8 - srtt + sample : 8 * sample;
	c->measured = true;
	st->rtt_ms = c->srtt_8 / 8;
}

/* One that went out again may be acknowledged for either time, and measures nothing (Karn). Where
 * all go out again before they can be acknowledged the rounds are too short: then what it took
 * from the first time is a bound, until something is measured. */
static void learn(struct channels *c, const struct outgoing *o, uint64_t now)
{
	if (!o->again) {
		c->again = 0;
		c->bound_ms = 0;
		measure(c, now - o->sent_at);
	} else if (!c->measured || ++c->again >= SEND_SLOTS) {
		c->bound_ms = now - o->sent_at;
	}
}

static void mark_lost(struct sender *s, struct outgoing *o)
{
	if (o->lost)
		return;
	o->lost = true;
	s->lost++;
}

/* @return the packet that is acknowledged by it and was not before, or NULL */
static struct outgoing *find(struct channels *c, struct sender *s, uint16_t index)
{
	struct outgoing *o;

	if (distance(s->oldest, index) >= distance(s->oldest, s->next)) {
		if ((int16_t)(uint16_t)(index - s->oldest) < 0)
			c->statistics->acks_again++;
		else
			c->statistics->acks_unsent++;
		return NULL;
	}
	o = slot(s, index);
	if (o->data)
		return o;
	c->statistics->acks_again++;
	return NULL;
}

static void release(struct channels *c, struct sender *s, struct outgoing *o, uint64_t now)
{
	learn(c, o, now);
	s->lost -= o->lost;
	s->bytes -= o->size;
	free(o->data);
	o->data = NULL;
	o->lost = false;
}

/* What was sent before a packet that stands behind it, and that one arrived: it did not. */
static void find_lost(struct sender *s)
{
	bool any = false;
	uint32_t newest = 0;

	for (uint16_t i = s->next; i != s->oldest;) {
		struct outgoing *o = slot(s, --i);

		if (!o->data) {
			newest = !any || (int32_t)(o->serial - newest) > 0 ? o->serial : newest;
			any = true;
		} else if (any && !o->lost && (int32_t)(newest - o->serial) > 0) {
			mark_lost(s, o);
			s->window -= s->window > 0;
		}
	}
}

static void grow(const struct channels *c, struct sender *s, uint64_t now)
{
	uint64_t tick = c->srtt_8 / 8 < TICK_MS ? c->srtt_8 / 8 : TICK_MS;

	if (s->window >= WINDOW_MAX || now < s->grown_at + (tick > 0 ? tick : 1))
		return;
	s->window++;
	s->grown_at = now;
}

/* Something new was acknowledged. */
static void go_on(const struct channels *c, struct sender *s, uint64_t now)
{
	while (s->oldest != s->next && !slot(s, s->oldest)->data)
		s->oldest++;
	find_lost(s);
	grow(c, s, now);
	s->silent = 0;
	s->round_at = s->oldest == s->next ? NEVER : now + round_ms(c, 0) + 1;
	if (s->oldest == s->end) {
		free(s->slots);
		s->slots = NULL;
	}
}

static size_t unsent(const struct channels *c)
{
	size_t bytes = 0;

	for (unsigned i = 0; i < PACKET_CHANNELS; i++)
		bytes += c->senders[i].bytes;
	return bytes;
}

void ppcs_channels_acknowledged(struct channels *c, const struct packet *p, uint64_t now)
{
	struct sender *s = &c->senders[p->channel];
	bool any = false;

	for (unsigned i = 0; i < p->count; i++) {
		struct outgoing *o = find(c, s, ppcs_packet_ack(p, i));

		if (!o)
			continue;
		release(c, s, o, now);
		any = true;
	}
	if (!any)
		return;
	go_on(c, s, now);
	c->drained = unsent(c) == 0;
}

/* All of it goes out again, but what was sent only just now; after more silence a half, a quarter:
 * the device may be busy. */
static void resend(struct sender *s, uint64_t now)
{
	unsigned most = SEND_SLOTS >> (s->silent < 7 ? s->silent : 7);

	for (uint16_t i = s->oldest; i != s->next && most > 0; i++) {
		struct outgoing *o = slot(s, i);

		if (!o->data || now < o->last_at + ROUND_MIN_MS)
			continue;
		mark_lost(s, o);
		most--;
	}
}

void ppcs_channels_tick(struct channels *c, uint64_t now)
{
	for (unsigned i = 0; i < PACKET_CHANNELS; i++) {
		struct sender *s = &c->senders[i];

		if (now < s->round_at)
			continue;
		resend(s, now);
		s->silent++;
		s->round_at = now + round_ms(c, s->silent) + 1;
	}
}

uint64_t ppcs_channels_deadline(const struct channels *c)
{
	uint64_t at = NEVER;

	for (unsigned i = 0; i < PACKET_CHANNELS; i++)
		if (c->senders[i].round_at < at)
			at = c->senders[i].round_at;
	return at;
}

bool ppcs_channels_writable(const struct channels *c, unsigned channel)
{
	const struct sender *s = &c->senders[channel];

	return s->full && distance(s->oldest, s->end) <= SEND_SLOTS - WORTH_A_WORD;
}

void ppcs_channels_told_writable(struct channels *c, unsigned channel)
{
	c->senders[channel].full = false;
}

bool ppcs_channels_drained(const struct channels *c)
{
	return c->drained;
}

void ppcs_channels_told_drained(struct channels *c)
{
	c->drained = false;
}
