/* SPDX-License-Identifier: MIT */
/*
 * P2P through directory servers (6.3): they tell the device about us and us about the device, and
 * both punch. Asking them is also what wakes a device for the relay (6.4).
 */
#include "state.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define REQUEST_MS 1000
/* After the first "off line" the other servers have so long to know better. */
#define OFFLINE_MS 1000

/* What this library is: NAT type unknown, and the version that servers know (message 26). */
static const uint8_t version[3] = { 5, 2, 1 };

static struct packet request(const struct session *s, const struct attempt *a)
{
	struct packet p = { .type = PACKET_P2P_REQ, .uid = a->uid, .address = a->local };

	if (s->config.dsk[0] != '\0') {
		p.type = PACKET_P2P_REQ_DSK;
		memcpy(p.version, version, sizeof(version));
		memcpy(p.dsk, s->config.dsk, sizeof(p.dsk));
	}
	return p;
}

void ppcs_server_ask(struct session *s, struct attempt *a, struct server_path *sp, uint64_t now)
{
	struct packet hello = { .type = PACKET_HELLO };
	struct packet p = request(s, a);

	if (now < sp->request_at)
		return;
	sp->request_at = now + REQUEST_MS;
	for (size_t i = 0; i < s->config.server_count; i++) {
		if (!sp->heard[i])
			ppcs_attempt_send(s, a, &s->config.servers[i], &hello);
		ppcs_attempt_send(s, a, &s->config.servers[i], &p);
	}
}

int ppcs_server_index(const struct session *s, const struct ppcs_address *from)
{
	for (size_t i = 0; i < s->config.server_count; i++)
		if (ppcs_address_same(from, &s->config.servers[i]))
			return (int)i;
	return -1;
}

bool ppcs_server_receive(struct session *s, struct attempt *a, struct server_path *sp, int index,
			 const struct packet *p, int key, uint64_t now)
{
	const struct ppcs_address *server = &s->config.servers[index];

	sp->heard[index] = true;
	switch (p->type) {
	case PACKET_HELLO_ACK:
		if (sp->own.port == 0)
			sp->own = p->address;
		break;
	case PACKET_P2P_REQ_ACK:
		sp->answered[index] = true;
		sp->result[index] = p->result;
		if (p->result == RESULT_OFFLINE && sp->offline_at == 0)
			sp->offline_at = now;
		break;
	default:
		return false;
	}
	ppcs_attempt_answered(s, a, server, key, now);
	return true;
}

bool ppcs_server_heard(const struct session *s, const struct server_path *sp)
{
	for (size_t i = 0; i < s->config.server_count; i++)
		if (sp->heard[i])
			return true;
	return false;
}

/* How many servers have answered, and whether they all say "off line". */
static size_t count_answers(const struct session *s, const struct server_path *sp,
			    bool *ret_offline)
{
	size_t answered = 0;

	*ret_offline = true;
	for (size_t i = 0; i < s->config.server_count; i++) {
		if (!sp->answered[i])
			continue;
		answered++;
		*ret_offline &= sp->result[i] == RESULT_OFFLINE;
	}
	return answered;
}

enum reason ppcs_server_refusal(const struct session *s, const struct server_path *sp, uint64_t now)
{
	uint64_t offline_at = ppcs_server_deadline(s, sp);

	for (size_t i = 0; i < s->config.server_count; i++) {
		if (!sp->answered[i])
			continue;
		if (sp->result[i] == RESULT_CHECK_CODE || sp->result[i] == RESULT_PREFIX)
			return REASON_UNKNOWN_UID;
		if (sp->result[i] == RESULT_DSK)
			return REASON_DSK;
	}
	return offline_at != NEVER && now >= offline_at ? REASON_OFFLINE : REASON_NONE;
}

/* Of "off line": at once when all say so, and never while one says something else. */
uint64_t ppcs_server_deadline(const struct session *s, const struct server_path *sp)
{
	bool offline;
	size_t answered = count_answers(s, sp, &offline);

	if (answered == 0 || !offline)
		return NEVER;
	return answered == s->config.server_count ? sp->offline_at : sp->offline_at + OFFLINE_MS;
}

static void start(struct session *s, struct attempt *a, uint64_t now)
{
	(void)s;
	a->tick_at = now;
}

/* A device behind a NAT may have got the next port or the one before, but not behind our own. */
static int range_at(const struct session *s, const struct attempt *a, const struct ppcs_address *to)
{
	return ppcs_address_same_ip(to, &a->path.server.own) ? 0 : (int)s->config.punch_range;
}

static void punch(struct session *s, struct attempt *a, const struct ppcs_address *to)
{
	int range = range_at(s, a, to);

	for (int i = -range; i <= range; i++) {
		int port = to->port + i;
		struct ppcs_address address = ppcs_address_with_port(*to, (uint16_t)port);

		if (i == 0)
			ppcs_punch_send(s, a, to);
		else if (port > 0 && port <= UINT16_MAX)
			ppcs_punch_probe(s, a, &address);
	}
}

static void tick(struct session *s, struct attempt *a, uint64_t now)
{
	struct server_path *sp = &a->path.server;

	ppcs_server_ask(s, a, sp, now);
	for (unsigned i = 0; i < sp->punch_count; i++)
		punch(s, a, &sp->punches[i]);
}

static bool punched(const struct attempt *a, const struct ppcs_address *from)
{
	for (unsigned i = 0; i < a->path.server.punch_count; i++)
		if (ppcs_address_same_ip(from, &a->path.server.punches[i]))
			return true;
	return false;
}

static bool asked(const struct session *s, const struct attempt *a, const struct ppcs_address *from)
{
	return ppcs_server_index(s, from) >= 0 || punched(a, from);
}

static void punch_to(struct session *s, struct attempt *a, const struct ppcs_address *to)
{
	struct server_path *sp = &a->path.server;

	if (!ppcs_address_usable(to) || sp->punch_count == MAX_PUNCHES)
		return;
	for (unsigned i = 0; i < sp->punch_count; i++)
		if (ppcs_address_same(&sp->punches[i], to))
			return;
	sp->punches[sp->punch_count++] = *to;
	punch(s, a, to);
}

/* Is it one of the ports that were punched? */
static bool in_range(const struct session *s, const struct attempt *a,
		     const struct ppcs_address *from)
{
	for (unsigned i = 0; i < a->path.server.punch_count; i++) {
		const struct ppcs_address *to = &a->path.server.punches[i];

		if (ppcs_address_same_ip(from, to) &&
		    abs(from->port - to->port) <= range_at(s, a, to))
			return true;
	}
	return false;
}

static void receive(struct session *s, struct attempt *a, const struct ppcs_address *from,
		    const struct packet *p, int key, uint64_t now)
{
	int index = ppcs_server_index(s, from);

	if (p->type == PACKET_PUNCH_PKT) {
		if (punched(a, from) && ppcs_attempt_wanted(s, a, &p->uid))
			ppcs_punch_echo(s, a, from, key, now);
	} else if (p->type == PACKET_P2P_RDY) {
		if (in_range(s, a, from))
			ppcs_punch_meet(a, from);
		ppcs_punch_ready(s, a, from, p, key, now);
	} else if (index >= 0 && p->type == PACKET_PUNCH_TO) {
		a->path.server.heard[index] = true;
		/* The server that leads to the device is the one that was asked. */
		if (a->path.server.punch_count == 0)
			a->destination = *from;
		ppcs_attempt_answered(s, a, from, key, now);
		punch_to(s, a, &p->address);
	} else if (index >= 0) {
		ppcs_server_receive(s, a, &a->path.server, index, p, key, now);
	}
}

static enum reason hopeless(const struct session *s, const struct attempt *a, uint64_t now)
{
	return ppcs_server_refusal(s, &a->path.server, now);
}

static enum reason late(const struct session *s, const struct attempt *a)
{
	/* Asked at the end of all time: nobody will know better any more. */
	if (ppcs_server_refusal(s, &a->path.server, NEVER) == REASON_OFFLINE)
		return REASON_OFFLINE;
	if (ppcs_server_heard(s, &a->path.server)) {
		for (unsigned i = 0; i < a->contact_count; i++)
			if (a->contacts[i].got > 0)
				return REASON_BLOCKED;
		return a->other_device ? REASON_OTHER_DEVICE : REASON_NO_PUNCH;
	}
	if (a->reflected)
		return REASON_REFLECTED;
	if (a->unreadable)
		return REASON_UNREADABLE;
	return a->refused ? REASON_CLOSED_PORT : REASON_NO_SERVER;
}

static uint64_t deadline(const struct session *s, const struct attempt *a)
{
	return ppcs_server_deadline(s, &a->path.server);
}

const struct attempt_ops ppcs_server_ops = {
	.start = start,
	.tick = tick,
	.asked = asked,
	.receive = receive,
	.hopeless = hopeless,
	.late = late,
	.deadline = deadline,
};
