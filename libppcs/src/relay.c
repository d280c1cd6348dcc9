/* SPDX-License-Identifier: MIT */
/*
 * Relay over UDP (6.4): find a relay that answers first, get a port and a key of it, have the
 * directory servers call the device there, and wait for it. A step that makes no progress puts the
 * relay aside and goes on with the next.
 */
#include "state.h"

#include <stddef.h>

#define STEP_MS     500  /* five ticks */
#define DEVICE_MS   2000 /* for the device to come; it may have to wake up */
#define PACKET_MS   250
#define AT_ONCE     4
#define LAST_LISTED 3 /* the server relays of a list; those before are strangers' cameras */

static struct relay_path *path_of(struct attempt *a)
{
	return &a->path.relay;
}

static void go(struct relay_path *rp, enum relay_step step, uint64_t now)
{
	rp->step = step;
	rp->step_at = now;
}

static bool failed_before(const struct session *s, const struct ppcs_address *relay)
{
	for (unsigned i = 0; i < FAILED_RELAYS; i++)
		if (ppcs_address_same(&s->race.failed_relays[i], relay))
			return true;
	return false;
}

static void add_candidate(struct relay_path *rp, const struct ppcs_address *relay)
{
	if (!ppcs_address_usable(relay) || rp->candidate_count == MAX_CANDIDATES)
		return;
	for (unsigned i = 0; i < rp->candidate_count; i++)
		if (ppcs_address_same(&rp->candidates[i].address, relay))
			return;
	rp->candidates[rp->candidate_count++] = (struct candidate){ .address = *relay };
}

static bool any_left(const struct relay_path *rp)
{
	for (unsigned i = 0; i < rp->candidate_count; i++)
		if (!rp->candidates[i].failed)
			return true;
	return false;
}

/* Leave out what failed in this race, unless nothing else is there. */
static void skip_failed(const struct session *s, struct relay_path *rp)
{
	for (unsigned i = 0; i < rp->candidate_count; i++)
		rp->candidates[i].failed |= failed_before(s, &rp->candidates[i].address);
	if (any_left(rp))
		return;
	for (unsigned i = 0; i < rp->candidate_count; i++)
		rp->candidates[i].failed = false;
}

static void start(struct session *s, struct attempt *a, uint64_t now)
{
	struct relay_path *rp = path_of(a);

	for (size_t i = 0; i < s->config.relay_count; i++)
		add_candidate(rp, &s->config.relays[i]);
	skip_failed(s, rp);
	go(rp, rp->candidate_count > 0 ? RELAY_HELLO : RELAY_LIST, now);
	a->tick_at = now;
}

static void choose(struct session *s, struct attempt *a, unsigned index, uint64_t now)
{
	struct packet port = { .type = PACKET_RLY_PORT };
	struct relay_path *rp = path_of(a);

	rp->chosen = index;
	a->destination = rp->candidates[index].address;
	go(rp, RELAY_PORT, now);
	ppcs_attempt_send(s, a, &a->destination, &port);
}

static void exclude(struct session *s, const struct ppcs_address *relay)
{
	if (failed_before(s, relay))
		return;
	s->race.failed_relays[s->race.failed_relay++ % FAILED_RELAYS] = *relay;
}

/* The relay in use is of no use: the next that has answered already, or ask again. */
static void next_relay(struct session *s, struct attempt *a, uint64_t now)
{
	struct relay_path *rp = path_of(a);

	rp->candidates[rp->chosen].failed = true;
	exclude(s, &rp->candidates[rp->chosen].address);
	rp->requested = false;
	for (unsigned i = 0; i < rp->candidate_count; i++) {
		if (rp->candidates[i].acked && !rp->candidates[i].failed) {
			choose(s, a, i, now);
			return;
		}
	}
	go(rp, any_left(rp) ? RELAY_HELLO : RELAY_LIST, now);
}

static void send_packets(struct session *s, struct attempt *a, unsigned count, uint64_t now)
{
	struct relay_path *rp = path_of(a);
	struct packet p = { .type = PACKET_RLY_PKT, .key = rp->key, .uid = a->uid };

	rp->packet_at = now + PACKET_MS;
	for (unsigned i = 0; i < count; i++)
		ppcs_attempt_send(s, a, &rp->assigned, &p);
}

static void send_to_servers(struct session *s, struct attempt *a, const struct packet *p)
{
	for (size_t i = 0; i < s->config.server_count; i++)
		ppcs_attempt_send(s, a, &s->config.servers[i], p);
}

static void ask_for_list(struct session *s, struct attempt *a)
{
	struct packet p = { .type = PACKET_LIST_REQ1, .uid = a->uid };

	if (s->config.dsk[0] != '\0') {
		p.type = PACKET_LIST_REQ_DSK;
		for (unsigned i = 0; i < sizeof(p.dsk); i++)
			p.dsk[i] = s->config.dsk[i];
	}
	send_to_servers(s, a, &p);
}

static void say_hello(struct session *s, struct attempt *a)
{
	struct packet hello = { .type = PACKET_RLY_HELLO };
	struct relay_path *rp = path_of(a);

	for (unsigned i = 0; i < rp->candidate_count; i++)
		if (!rp->candidates[i].failed)
			ppcs_attempt_send(s, a, &rp->candidates[i].address, &hello);
}

static void ask_for_device(struct session *s, struct attempt *a, uint64_t now)
{
	struct relay_path *rp = path_of(a);
	struct packet p = {
		.type = PACKET_RLY_REQ, .uid = a->uid, .address = rp->assigned, .key = rp->key
	};

	if (!rp->requested)
		send_to_servers(s, a, &p);
	if (now >= rp->packet_at)
		send_packets(s, a, 1, now);
}

/* Has this step had its time? */
static void check_step(struct session *s, struct attempt *a, uint64_t now)
{
	struct relay_path *rp = path_of(a);
	uint64_t spent = now - rp->step_at;

	if ((rp->step == RELAY_PORT && spent >= STEP_MS) ||
	    (rp->step == RELAY_REQUEST && spent >= DEVICE_MS))
		next_relay(s, a, now);
}

static void tick(struct session *s, struct attempt *a, uint64_t now)
{
	struct packet port = { .type = PACKET_RLY_PORT };
	struct relay_path *rp = path_of(a);

	check_step(s, a, now);
	ppcs_server_ask(s, a, &rp->server, now);
	if (s->config.relay_search && !rp->listed)
		ask_for_list(s, a);
	switch (rp->step) {
	case RELAY_LIST:
		break;
	case RELAY_HELLO:
		say_hello(s, a);
		break;
	case RELAY_PORT:
		ppcs_attempt_send(s, a, &a->destination, &port);
		break;
	case RELAY_REQUEST:
		ask_for_device(s, a, now);
		break;
	}
}

static int candidate_at(const struct attempt *a, const struct ppcs_address *from)
{
	for (unsigned i = 0; i < a->path.relay.candidate_count; i++)
		if (ppcs_address_same(from, &a->path.relay.candidates[i].address))
			return (int)i;
	return -1;
}

static bool asked(const struct session *s, const struct attempt *a, const struct ppcs_address *from)
{
	const struct relay_path *rp = &a->path.relay;

	if (ppcs_server_index(s, from) >= 0 || candidate_at(a, from) >= 0)
		return true;
	return rp->step == RELAY_REQUEST && ppcs_address_same_ip(from, &rp->assigned);
}

static void take_list(struct session *s, struct attempt *a, const struct packet *p, uint64_t now)
{
	struct relay_path *rp = path_of(a);
	unsigned first = p->count > LAST_LISTED ? p->count - LAST_LISTED : 0;

	if (!s->config.relay_search || rp->listed || p->count == 0)
		return;
	rp->listed = true;
	for (unsigned i = first; i < p->count; i++) {
		struct ppcs_address relay = ppcs_packet_listed(p, i);

		add_candidate(rp, &relay);
	}
	skip_failed(s, rp);
	if (rp->step == RELAY_LIST && any_left(rp))
		go(rp, RELAY_HELLO, now);
	if (rp->step == RELAY_HELLO)
		say_hello(s, a);
}

static void receive_server(struct session *s, struct attempt *a, int index,
			   const struct ppcs_address *from, const struct packet *p, int key,
			   uint64_t now)
{
	struct relay_path *rp = path_of(a);

	if (ppcs_server_receive(s, a, &rp->server, index, p, key, now))
		return;
	switch (p->type) {
	case PACKET_LIST_REQ_ACK:
		ppcs_attempt_answered(s, a, from, key, now);
		take_list(s, a, p, now);
		break;
	case PACKET_RLY_REQ_ACK:
		ppcs_attempt_answered(s, a, from, key, now);
		rp->requested |= p->result == RESULT_OK;
		rp->server.answered[index] = true;
		rp->server.result[index] = p->result;
		if (p->result == RESULT_OFFLINE && rp->server.offline_at == 0)
			rp->server.offline_at = now;
		break;
	case PACKET_RLY_TO:
		/* Another relay than the one that was chosen is nobody that we were told of. */
		if (rp->step == RELAY_REQUEST && p->key == rp->key &&
		    ppcs_address_same(&p->address, &rp->assigned))
			send_packets(s, a, AT_ONCE, now);
		break;
	default:
		break;
	}
}

static void take_port(struct session *s, struct attempt *a, unsigned index, const struct packet *p,
		      uint64_t now)
{
	struct relay_path *rp = path_of(a);

	if (rp->step == RELAY_REQUEST || rp->candidates[index].failed)
		return;
	rp->chosen = index;
	a->destination = rp->candidates[index].address;
	if (p->port == 0) {
		rp->full = true;
		ppcs_race_see(s, REASON_RELAY_FULL);
		next_relay(s, a, now);
		return;
	}
	rp->assigned = ppcs_address_with_port(a->destination, p->port);
	rp->key = p->key;
	go(rp, RELAY_REQUEST, now);
	send_packets(s, a, AT_ONCE, now);
	ask_for_device(s, a, now);
}

static void receive_relay(struct session *s, struct attempt *a, int index,
			  const struct ppcs_address *from, const struct packet *p, int key,
			  uint64_t now)
{
	struct relay_path *rp = path_of(a);

	switch (p->type) {
	case PACKET_RLY_HELLO_ACK:
		if (index < 0)
			return;
		ppcs_attempt_answered(s, a, from, key, now);
		rp->candidates[index].acked = true;
		/* The first one decides. */
		if (rp->step == RELAY_HELLO && !rp->candidates[index].failed)
			choose(s, a, (unsigned)index, now);
		break;
	case PACKET_RLY_PORT_ACK:
		if (index < 0)
			return;
		ppcs_attempt_answered(s, a, from, key, now);
		take_port(s, a, (unsigned)index, p, now);
		break;
	case PACKET_RLY_RDY:
		if (rp->step == RELAY_REQUEST && ppcs_address_same_ip(from, &rp->assigned) &&
		    ppcs_attempt_wanted(s, a, &p->uid))
			ppcs_attempt_up(s, a, from, &p->uid, key, now);
		break;
	default:
		break;
	}
}

static void receive(struct session *s, struct attempt *a, const struct ppcs_address *from,
		    const struct packet *p, int key, uint64_t now)
{
	int server = ppcs_server_index(s, from);

	/* One host may be both. */
	if (server >= 0)
		receive_server(s, a, server, from, p, key, now);
	if (!a->link.up)
		receive_relay(s, a, candidate_at(a, from), from, p, key, now);
}

static enum reason late(const struct session *s, const struct attempt *a)
{
	const struct relay_path *rp = &a->path.relay;
	bool acked = false;

	for (unsigned i = 0; i < rp->candidate_count; i++)
		acked |= rp->candidates[i].acked;
	/* Asked at the end of all time: nobody will know better any more. */
	if (ppcs_server_refusal(s, &rp->server, NEVER) == REASON_OFFLINE)
		return REASON_OFFLINE;
	if (rp->full)
		return REASON_RELAY_FULL;
	if (a->other_device)
		return REASON_OTHER_DEVICE;
	if (rp->assigned.port != 0)
		return REASON_NO_DEVICE;
	if (acked)
		return REASON_RELAY_FULL;
	if (a->reflected)
		return REASON_REFLECTED;
	if (a->unreadable)
		return REASON_UNREADABLE;
	if (rp->candidate_count > 0)
		return ppcs_server_heard(s, &rp->server) ? REASON_RELAYS_SILENT : REASON_NO_RELAY;
	return ppcs_server_heard(s, &rp->server) ? REASON_NO_LIST : REASON_NO_SERVER;
}

static enum reason hopeless(const struct session *s, const struct attempt *a, uint64_t now)
{
	const struct relay_path *rp = &a->path.relay;

	/* A sleeping device is "off line" until the relay request wakes it (6.4). */
	enum reason reason = ppcs_server_refusal(s, &rp->server, now);

	if (reason != REASON_NONE && reason != REASON_OFFLINE)
		return reason;
	if (rp->step == RELAY_LIST && rp->candidate_count > 0 && !any_left(rp))
		return reason == REASON_OFFLINE ? reason : late(s, a);
	return REASON_NONE;
}

const struct attempt_ops ppcs_relay_ops = {
	.start = start,
	.tick = tick,
	.asked = asked,
	.receive = receive,
	.hopeless = hopeless,
	.late = late,
};
