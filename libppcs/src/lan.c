/* SPDX-License-Identifier: MIT */
/*
 * LAN search (6.1): LAN_SEARCH goes to one port, PUNCH_PKT comes back, mostly from another port,
 * and is echoed until the device says P2P_RDY.
 */
#include "state.h"

#include <stddef.h>

#define NO_ANSWER_MS 1500 /* 14 rounds are answered or never will be (12.4) */

static void start(struct session *s, struct attempt *a, uint64_t now)
{
	(void)s;
	a->tick_at = now;
}

/* Everywhere the interfaces lead, and 255.255.255.255. */
static void search_everywhere(struct session *s, struct attempt *a, const struct packet *p)
{
	for (size_t i = 0; i < s->config.broadcast_count; i++)
		ppcs_attempt_send(s, a, &s->config.broadcasts[i], p);
	ppcs_attempt_send(s, a, &a->destination, p);
}

static void tick(struct session *s, struct attempt *a, uint64_t now)
{
	struct packet search = { .type = PACKET_LAN_SEARCH };

	if (a->lane->broadcast)
		search_everywhere(s, a, &search);
	else
		ppcs_attempt_send(s, a, &a->destination, &search);
	/* Who has answered may have missed the echo. */
	for (unsigned i = 0; i < a->contact_count; i++)
		ppcs_punch_again(s, a, &a->contacts[i], now);
}

static bool asked(const struct session *s, const struct attempt *a, const struct ppcs_address *from)
{
	if (!a->lane->broadcast)
		return ppcs_address_same_ip(from, &a->destination);
	/* Without an id nothing but the address says which device is meant. */
	if (!ppcs_uid_empty(&s->config.uid) || s->config.address_count == 0)
		return true;
	for (size_t i = 0; i < s->config.address_count; i++)
		if (ppcs_address_same_ip(from, &s->config.addresses[i]))
			return true;
	return false;
}

static void receive(struct session *s, struct attempt *a, const struct ppcs_address *from,
		    const struct packet *p, int key, uint64_t now)
{
	if (p->type == PACKET_PUNCH_PKT && ppcs_attempt_wanted(s, a, &p->uid))
		ppcs_punch_echo(s, a, from, key, now);
	else if (p->type == PACKET_P2P_RDY)
		ppcs_punch_ready(s, a, from, p, key, now);
}

/* One after the other the documents give each port its whole time. */
static bool patient(const struct session *s)
{
	return s->config.walk == PPCS_SEQUENTIAL;
}

static enum reason late(const struct session *s, const struct attempt *a)
{
	(void)s;
	if (a->level > PPCS_LEVEL_NONE)
		return REASON_BLOCKED;
	if (a->other_device)
		return REASON_OTHER_DEVICE;
	if (a->reflected)
		return REASON_REFLECTED;
	if (a->unreadable)
		return REASON_UNREADABLE;
	return a->refused ? REASON_CLOSED_PORT : REASON_NO_ANSWER;
}

static uint64_t early_end(const struct session *s, const struct attempt *a)
{
	if (a->level > PPCS_LEVEL_NONE)
		return NEVER;
	if (a->refused)
		return a->started_at + UINT64_C(3) * TICK_MS;
	return patient(s) ? NEVER : a->started_at + NO_ANSWER_MS;
}

static enum reason hopeless(const struct session *s, const struct attempt *a, uint64_t now)
{
	return now >= early_end(s, a) ? late(s, a) : REASON_NONE;
}

const struct attempt_ops ppcs_lan_ops = {
	.start = start,
	.tick = tick,
	.asked = asked,
	.receive = receive,
	.hopeless = hopeless,
	.late = late,
	.deadline = early_end,
};
