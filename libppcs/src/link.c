/* SPDX-License-Identifier: MIT */
/*
 * The life of a path that is up (section 7): first the proof that the device is there, then
 * keepalive and silence, and the data both ways. The same before and after the race is won.
 */
#include "state.h"

#include <errno.h>
#include <string.h>

#define PROOF_MS 50   /* ALIVE until the device is heard (12.3) */
#define ALIVE_MS 1000 /* of silence */
/* ICMP is a hint: so long something else may come before the link counts as dead. */
#define HINT_MS 2000
/* Data packets that are put in line at once, when the line is empty. */
#define FILL 32

static const struct packet alive = { .type = PACKET_ALIVE };
static const struct packet alive_ack = { .type = PACKET_ALIVE_ACK };

static void send_packet(struct session *s, struct link *l, const struct packet *p)
{
	l->sent += ppcs_output(s, l->socket, &l->peer, l->key, 0, p);
}

static void send_alive(struct session *s, struct link *l, uint64_t now)
{
	l->alive_open = true;
	l->alive_at = now + (l->verified || l->session ? ALIVE_MS : PROOF_MS);
	if (l->session)
		s->statistics.alive_sent++;
	send_packet(s, l, &alive);
}

void ppcs_link_start(struct session *s, struct link *l, uint64_t now)
{
	l->up = true;
	l->up_at = now;
	l->heard_at = now;
	send_alive(s, l, now);
}

static void heard(struct link *l, uint64_t now)
{
	l->heard_at = now;
	l->hint_at = 0;
	l->alive_open = false;
	if (l->verified || l->session)
		l->alive_at = now + ALIVE_MS;
}

/* What a device says first; of the KJK230 and its kin (LBCS) the bytes are known (11.2). */
static bool proves(const struct link *l, const struct packet *p)
{
	if (p->type == PACKET_ALIVE_ACK)
		return true;
	if (p->type != PACKET_DRW || p->channel != 0 || p->size == 0)
		return false;
	return strcmp(l->uid.prefix, "LBCS") != 0 || p->index != 0 ||
	       (p->size >= 3 && memcmp(p->data, "ACK", 3) == 0);
}

static void send_acks(struct session *s, struct link *l)
{
	struct packet acks;

	while (ppcs_channels_next_acks(l->channels, &acks))
		send_packet(s, l, &acks);
}

/* What the channels have to tell; again later when there is no room for it. */
static void tell(struct session *s, struct link *l, uint64_t now)
{
	struct ppcs_event event = { .type = PPCS_EVENT_WRITABLE, .time_ms = now };

	for (unsigned i = 0; i < PACKET_CHANNELS; i++) {
		event.channel = i;
		if (ppcs_channels_writable(l->channels, i) &&
		    ppcs_event_list_try(&s->events, &event))
			ppcs_channels_told_writable(l->channels, i);
	}
	event = (struct ppcs_event){ .type = PPCS_EVENT_DRAINED, .time_ms = now };
	if (ppcs_channels_drained(l->channels) && ppcs_event_list_try(&s->events, &event))
		ppcs_channels_told_drained(l->channels);
}

/* Most links carry no data: those of the losers. @return whether there are channels */
static bool with_channels(struct session *s, struct link *l)
{
	return l->channels || ppcs_channels_new(&l->channels, &s->statistics) == 0;
}

static void receive_data(struct session *s, struct link *l, const struct packet *p, uint64_t now)
{
	if (!with_channels(s, l))
		return;
	ppcs_channels_receive(l->channels, p, l->session ? &s->events : NULL, now);
	/* In a session more of them may come in the same batch (8.2). */
	if (!l->session || ppcs_channels_acks_due(l->channels))
		send_acks(s, l);
}

static void receive_acks(struct session *s, struct link *l, const struct packet *p, uint64_t now)
{
	if (!l->channels || !l->session)
		return;
	ppcs_channels_acknowledged(l->channels, p, now);
	tell(s, l, now);
}

enum link_news ppcs_link_receive(struct session *s, struct link *l, const struct packet *p,
				 uint64_t now)
{
	bool was_verified = l->verified;

	switch (p->type) {
	case PACKET_CLOSE:
		return LINK_CLOSED;
	case PACKET_P2P_RDY:
		if (l->session && !ppcs_uid_same(&p->uid, &l->uid))
			return LINK_OTHER_DEVICE;
		send_alive(s, l, now);
		return LINK_NOTHING;
	case PACKET_ALIVE:
		heard(l, now);
		/* One that is sent before the proof could come back from a mirror as the proof. */
		if (l->verified || l->session)
			send_packet(s, l, &alive_ack);
		break;
	case PACKET_DRW:
		heard(l, now);
		receive_data(s, l, p, now);
		break;
	case PACKET_DRW_ACK:
		heard(l, now);
		receive_acks(s, l, p, now);
		break;
	case PACKET_ALIVE_ACK:
		heard(l, now);
		break;
	default:
		return LINK_NOTHING;
	}
	if (l->session && (p->type == PACKET_ALIVE || p->type == PACKET_ALIVE_ACK))
		s->statistics.alive_received++;
	if (proves(l, p))
		l->verified = true;
	if (l->verified && !was_verified) {
		l->alive_at = now + ALIVE_MS;
		return LINK_VERIFIED;
	}
	return LINK_NOTHING;
}

void ppcs_link_unreachable(struct session *s, struct link *l, uint64_t now)
{
	if (l->hint_at != 0)
		return;
	l->hint_at = now;
	send_alive(s, l, now);
}

void ppcs_link_tick(struct session *s, struct link *l, uint64_t now)
{
	if (l->session && l->channels) {
		ppcs_channels_hand_out(l->channels, &s->events, now);
		ppcs_channels_tick(l->channels, now);
		tell(s, l, now);
	}
	if (now < l->alive_at)
		return;
	if (l->session && l->alive_open)
		s->statistics.alive_missed++;
	send_alive(s, l, now);
}

static uint64_t silent_at(const struct session *s, const struct link *l)
{
	uint64_t at = l->heard_at + s->config.session_timeout_ms;

	return l->hint_at != 0 && l->hint_at + HINT_MS < at ? l->hint_at + HINT_MS : at;
}

bool ppcs_link_dead(const struct session *s, const struct link *l, uint64_t now)
{
	return now >= silent_at(s, l);
}

uint64_t ppcs_link_deadline(const struct session *s, const struct link *l)
{
	uint64_t at = l->alive_at;
	uint64_t other;

	if (!l->session)
		return at;
	other = silent_at(s, l);
	at = other < at ? other : at;
	other = l->channels ? ppcs_channels_deadline(l->channels) : NEVER;
	return other < at ? other : at;
}

void ppcs_link_fill(struct session *s, struct link *l, uint64_t now)
{
	struct packet data;

	if (!l->session || !l->channels)
		return;
	send_acks(s, l);
	for (unsigned n = 0; n < FILL && ppcs_channels_next_data(l->channels, now, &data); n++)
		send_packet(s, l, &data);
}

int ppcs_link_send(struct session *s, struct link *l, unsigned channel, const uint8_t *data,
		   size_t size)
{
	if (!with_channels(s, l))
		return -ENOMEM;
	return ppcs_channels_write(l->channels, channel, data, size);
}

size_t ppcs_link_unsent(const struct link *l, unsigned channel)
{
	return l->channels ? ppcs_channels_unsent(l->channels, channel) : 0;
}

void ppcs_link_win(struct session *s, struct link *l, uint64_t now)
{
	l->session = true;
	l->alive_at = now + ALIVE_MS;
	if (l->channels)
		ppcs_channels_hand_out(l->channels, &s->events, now);
}

void ppcs_link_drop(struct link *l)
{
	ppcs_channels_free(l->channels);
	*l = (struct link){ 0 };
}
