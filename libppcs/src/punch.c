/* SPDX-License-Identifier: MIT */
/*
 * PUNCH_PKT and P2P_RDY, which LAN and P2P have in common, and the direct punch (6.2): the device
 * id sent straight to a port of the camera.
 */
#include "state.h"

#include <stddef.h>

/* A mirror or a liar must not start a storm (6.1): ECHOES in this time. */
#define WINDOW_MS 200

struct contact *ppcs_punch_contact(struct attempt *a, const struct ppcs_address *address)
{
	for (unsigned i = 0; i < a->contact_count; i++)
		if (ppcs_address_same(&a->contacts[i].address, address))
			return &a->contacts[i];
	return NULL;
}

struct contact *ppcs_punch_meet(struct attempt *a, const struct ppcs_address *address)
{
	struct contact *c = ppcs_punch_contact(a, address);

	if (c || a->contact_count == MAX_CONTACTS)
		return c;
	c = &a->contacts[a->contact_count++];
	*c = (struct contact){ .address = *address };
	return c;
}

void ppcs_punch_send(struct session *s, struct attempt *a, const struct ppcs_address *to)
{
	struct contact *c = ppcs_punch_meet(a, to);

	ppcs_punch_probe(s, a, to);
	if (c)
		c->sent++;
}

void ppcs_punch_probe(struct session *s, struct attempt *a, const struct ppcs_address *to)
{
	struct packet p = { .type = PACKET_PUNCH_PKT, .uid = a->uid };

	ppcs_attempt_send(s, a, to, &p);
}

void ppcs_punch_again(struct session *s, struct attempt *a, struct contact *c, uint64_t now)
{
	uint64_t *oldest = &c->echoed_at[c->echoes % ECHOES];

	if (c->echoes >= ECHOES && now - *oldest <= WINDOW_MS)
		return;
	*oldest = now;
	c->echoes++;
	ppcs_punch_send(s, a, &c->address);
}

void ppcs_punch_echo(struct session *s, struct attempt *a, const struct ppcs_address *from, int key,
		     uint64_t now)
{
	struct contact *c = ppcs_punch_meet(a, from);

	if (!c)
		return;
	c->got++;
	ppcs_attempt_answered(s, a, from, key, now);
	ppcs_punch_again(s, a, c, now);
}

void ppcs_punch_ready(struct session *s, struct attempt *a, const struct ppcs_address *from,
		      const struct packet *p, int key, uint64_t now)
{
	if (!ppcs_punch_contact(a, from)) {
		s->statistics.warnings_address++;
		if (ppcs_uid_sound(&p->uid))
			ppcs_race_see(s, REASON_STRANGER);
		return;
	}
	if (ppcs_attempt_wanted(s, a, &p->uid))
		ppcs_attempt_up(s, a, from, &p->uid, key, now);
}

/* Without an id of its own: the one learnt in this race, the one of an earlier one, or the one that
 * cameras have which are their own access point. */
static void choose_uid(const struct session *s, struct attempt *a)
{
	if (!ppcs_uid_empty(&s->config.uid))
		a->uid = s->config.uid;
	else if (!ppcs_uid_empty(&s->race.learnt))
		a->uid = s->race.learnt;
	else if (!ppcs_uid_empty(&s->config.uid_hint))
		a->uid = s->config.uid_hint;
	else
		a->uid = ppcs_uid_access_point;
}

static void start(struct session *s, struct attempt *a, uint64_t now)
{
	(void)s;
	a->tick_at = now;
}

static void tick(struct session *s, struct attempt *a, uint64_t now)
{
	(void)now;
	if (a->level == PPCS_LEVEL_NONE)
		choose_uid(s, a);
	ppcs_punch_send(s, a, &a->destination);
}

static bool asked(const struct session *s, const struct attempt *a, const struct ppcs_address *from)
{
	(void)s;
	return ppcs_address_same_ip(from, &a->destination);
}

static void receive(struct session *s, struct attempt *a, const struct ppcs_address *from,
		    const struct packet *p, int key, uint64_t now)
{
	/* The first device that answers from the address is the one. */
	if (ppcs_uid_empty(&s->config.uid) && a->level == PPCS_LEVEL_NONE &&
	    (p->type == PACKET_PUNCH_PKT || p->type == PACKET_P2P_RDY))
		a->uid = p->uid;
	if (p->type == PACKET_PUNCH_PKT && ppcs_attempt_wanted(s, a, &p->uid))
		ppcs_punch_echo(s, a, from, key, now);
	else if (p->type == PACKET_P2P_RDY)
		ppcs_punch_ready(s, a, from, p, key, now);
}

static enum reason hopeless(const struct session *s, const struct attempt *a, uint64_t now)
{
	(void)s;
	if (a->refused && a->level == PPCS_LEVEL_NONE &&
	    now - a->started_at >= UINT64_C(3) * TICK_MS)
		return REASON_CLOSED_PORT;
	return REASON_NONE;
}

/* What came back is nothing but what was sent. */
static bool mirrored(const struct attempt *a)
{
	for (unsigned i = 0; i < a->contact_count; i++)
		if (a->contacts[i].got > a->contacts[i].sent || a->contacts[i].sent == 0)
			return false;
	return a->contact_count > 0;
}

static enum reason late(const struct session *s, const struct attempt *a)
{
	(void)s;
	if (a->reflected)
		return REASON_REFLECTED;
	if (a->level > PPCS_LEVEL_NONE)
		return mirrored(a) ? REASON_REFLECTED : REASON_BLOCKED;
	if (a->other_device)
		return REASON_OTHER_DEVICE;
	if (a->unreadable)
		return REASON_UNREADABLE;
	return a->refused ? REASON_CLOSED_PORT : REASON_NO_ANSWER;
}

static uint64_t deadline(const struct session *s, const struct attempt *a)
{
	(void)s;
	return a->refused && a->level == PPCS_LEVEL_NONE ? a->started_at + UINT64_C(3) * TICK_MS :
							   NEVER;
}

const struct attempt_ops ppcs_punch_ops = {
	.start = start,
	.tick = tick,
	.asked = asked,
	.receive = receive,
	.hopeless = hopeless,
	.late = late,
	.deadline = deadline,
};
