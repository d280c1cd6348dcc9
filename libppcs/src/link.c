/* SPDX-License-Identifier: MIT */
/*
 * The life of a path that is up (section 7): first the proof that the device is there, then
 * keepalive and silence, and the data that comes. The same before and after the race is won.
 */
#include "state.h"

#include <stdlib.h>
#include <string.h>

#define PROOF_MS 50   /* ALIVE until the device is heard (12.3) */
#define ALIVE_MS 1000 /* of silence */
/* ICMP is a hint: so long something else may come before the link counts as dead. */
#define HINT_MS 2000

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

static void acknowledge(struct session *s, struct link *l, const struct packet *p)
{
	uint8_t index[2] = { (uint8_t)(p->index >> 8), (uint8_t)p->index };
	struct packet ack = {
		.type = PACKET_DRW_ACK, .channel = p->channel, .data = index, .size = 2, .count = 1
	};

	send_packet(s, l, &ack);
}

static bool hand_out(struct session *s, unsigned channel, const uint8_t *data, size_t size,
		     uint64_t now)
{
	struct ppcs_event event = {
		.type = PPCS_EVENT_DATA, .channel = channel, .data = data, .size = size
	};

	/* A full list stops the acknowledgements, and with them the device. */
	if (s->events.count >= PPCS_MAX_EVENTS)
		return false;
	event.time_ms = now;
	if (!ppcs_event_list_add(&s->events, &event))
		return false;
	s->statistics.data_packets++;
	s->statistics.data_bytes += size;
	return true;
}

/* What was kept has been acknowledged: it goes before all that comes, as soon as there is room.
 * @return whether nothing is kept any more */
static bool hand_out_kept(struct session *s, struct link *l, uint64_t now)
{
	if (l->early && !hand_out(s, 0, l->early, l->early_size, now))
		return false;
	free(l->early);
	l->early = NULL;
	return true;
}

/* Before the race is won there is nobody to hand it to: the first packet is kept, more have to
 * come again. */
static bool keep(struct link *l, const struct packet *p)
{
	if (l->early || p->channel != 0)
		return false;
	l->early = malloc(p->size);
	if (!l->early)
		return false;
	memcpy(l->early, p->data, p->size);
	l->early_size = p->size;
	return true;
}

static void receive_data(struct session *s, struct link *l, const struct packet *p, uint64_t now)
{
	int16_t ahead = (int16_t)(uint16_t)(p->index - l->expected[p->channel]);

	if (p->size == 0 || (l->session && !hand_out_kept(s, l, now)))
		return;
	if (ahead > 0) {
		s->statistics.data_ahead++;
		return;
	}
	if (ahead < 0) {
		s->statistics.data_duplicates++;
	} else {
		if (l->session ? !hand_out(s, p->channel, p->data, p->size, now) : !keep(l, p))
			return;
		l->expected[p->channel]++;
	}
	acknowledge(s, l, p);
}

enum link_news ppcs_link_receive(struct session *s, struct link *l, const struct packet *p,
				 uint64_t now)
{
	bool was_verified = l->verified;

	switch (p->type) {
	case PACKET_CLOSE:
		return LINK_CLOSED;
	case PACKET_P2P_RDY:
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
	case PACKET_ALIVE_ACK:
	case PACKET_DRW_ACK:
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
	if (l->session)
		hand_out_kept(s, l, now);
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
	uint64_t silent = l->session ? silent_at(s, l) : NEVER;

	return l->alive_at < silent ? l->alive_at : silent;
}

void ppcs_link_win(struct session *s, struct link *l, uint64_t now)
{
	l->session = true;
	l->alive_at = now + ALIVE_MS;
	hand_out_kept(s, l, now);
}

void ppcs_link_drop(struct link *l)
{
	free(l->early);
	*l = (struct link){ 0 };
}
