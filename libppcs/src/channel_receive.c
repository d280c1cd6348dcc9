/* SPDX-License-Identifier: MIT */
/* Data of the device: in order to the program, what came too early kept for later (8.4). */
#include "channel_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int ppcs_channels_new(struct channels **ret, struct ppcs_statistics *statistics)
{
	struct channels *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->statistics = statistics;
	for (unsigned i = 0; i < PACKET_CHANNELS; i++)
		ppcs_sender_init(&c->senders[i]);
	*ret = c;
	return 0;
}

void ppcs_channels_free(struct channels *c)
{
	if (!c)
		return;
	for (unsigned i = 0; i < PACKET_CHANNELS; i++) {
		ppcs_sender_free(&c->senders[i]);
		ppcs_receiver_free(&c->receivers[i]);
	}
	free(c);
}

void ppcs_receiver_free(struct receiver *r)
{
	for (unsigned i = 0; r->slots && i < RECEIVE_SLOTS; i++)
		free(r->slots[i].data);
	free(r->slots);
	*r = (struct receiver){ 0 };
}

static struct incoming *slot(const struct receiver *r, uint16_t index)
{
	return r->slots ? &r->slots[index % RECEIVE_SLOTS] : NULL;
}

static bool keep(struct receiver *r, const struct packet *p)
{
	struct incoming *place;

	if (!r->slots)
		r->slots = calloc(RECEIVE_SLOTS, sizeof(*r->slots));
	place = slot(r, p->index);
	if (!place)
		return false;
	place->data = malloc(p->size);
	if (!place->data)
		return false;
	memcpy(place->data, p->data, p->size);
	place->size = (uint16_t)p->size;
	r->kept += p->size;
	return true;
}

static bool hand_out(struct channels *c, struct event_list *events, unsigned channel,
		     const uint8_t *data, size_t size, uint64_t now)
{
	if (!ppcs_event_list_add_data(events, channel, data, size, now))
		return false;
	c->receivers[channel].expected++;
	c->statistics->data_packets++;
	c->statistics->data_bytes += size;
	return true;
}

static void hand_out_kept(struct channels *c, struct event_list *events, unsigned channel,
			  uint64_t now)
{
	struct receiver *r = &c->receivers[channel];

	for (;;) {
		struct incoming *next = slot(r, r->expected);

		if (!next || !next->data ||
		    !hand_out(c, events, channel, next->data, next->size, now))
			break;
		r->kept -= next->size;
		free(next->data);
		*next = (struct incoming){ 0 };
	}
	if (r->kept == 0) {
		free(r->slots);
		r->slots = NULL;
	}
}

void ppcs_channels_hand_out(struct channels *c, struct event_list *events, uint64_t now)
{
	for (unsigned i = 0; i < PACKET_CHANNELS; i++)
		if (c->receivers[i].kept > 0)
			hand_out_kept(c, events, i, now);
}

/* Room for one more? What is next in turn has room also when all of it is taken by what came too
 * early, which would wait for ever otherwise. */
static bool has_room(const struct receiver *r, const struct packet *p,
		     const struct event_list *events)
{
	size_t waiting, most = CHANNEL_WAITING;

	if (!events) {
		most = p->channel == 0 ? CHANNEL_WAITING_EARLY : 0;
		return r->kept + p->size <= most;
	}
	waiting = ppcs_event_list_waiting(events, p->channel);
	if (p->index != r->expected)
		waiting += r->kept;
	return waiting + p->size <= most;
}

/* @return whether it is to be acknowledged */
static bool accept(struct channels *c, const struct packet *p, struct event_list *events,
		   uint64_t now)
{
	struct receiver *r = &c->receivers[p->channel];
	int16_t ahead = (int16_t)(uint16_t)(p->index - r->expected);
	const struct incoming *place = slot(r, p->index);

	if (ahead < 0 || (ahead < RECEIVE_SLOTS && place && place->data)) {
		c->statistics->data_duplicates++;
		return true;
	}
	if (ahead > 0)
		c->statistics->data_ahead++;
	if (ahead >= RECEIVE_SLOTS || !has_room(r, p, events))
		return false;
	if (ahead > 0 || !events)
		return keep(r, p);
	if (!hand_out(c, events, p->channel, p->data, p->size, now))
		return false;
	if (r->kept > 0)
		hand_out_kept(c, events, p->channel, now);
	return true;
}

void ppcs_channels_receive(struct channels *c, const struct packet *p, struct event_list *events,
			   uint64_t now)
{
	struct receiver *r = &c->receivers[p->channel];

	if (p->size == 0)
		return;
	if (!accept(c, p, events, now)) {
		c->statistics->data_refused++;
		return;
	}
	/* What does not fit is acknowledged when it comes again. */
	if (r->ack_count < PACKET_MAX_ACKS)
		r->acks[r->ack_count++] = p->index;
}

bool ppcs_channels_acks_due(const struct channels *c)
{
	for (unsigned i = 0; i < PACKET_CHANNELS; i++)
		if (c->receivers[i].ack_count >= CHANNEL_ACKS)
			return true;
	return false;
}

bool ppcs_channels_next_acks(struct channels *c, struct packet *ret)
{
	for (unsigned i = 0; i < PACKET_CHANNELS; i++) {
		struct receiver *r = &c->receivers[i];

		if (r->ack_count == 0)
			continue;
		for (size_t k = 0; k < r->ack_count; k++) {
			c->list[2 * k] = (uint8_t)(r->acks[k] >> 8);
			c->list[2 * k + 1] = (uint8_t)r->acks[k];
		}
		*ret = (struct packet){ .type = PACKET_DRW_ACK,
					.channel = (uint8_t)i,
					.data = c->list,
					.size = 2 * (size_t)r->ack_count,
					.count = r->ack_count };
		r->ack_count = 0;
		return true;
	}
	return false;
}
