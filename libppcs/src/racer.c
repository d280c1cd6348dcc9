/* SPDX-License-Identifier: MIT */
/*
 * A racer: the ways it may try, one lane each, gone through in rounds (section 12.2). A round that
 * failed is repeated with growing pauses until the time of the race is over.
 */
#include "state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/backoff.h"

#define STAGGER_MS     100
#define BETWEEN_MS     50
#define OFFLINE_ROUNDS 3

static const struct cmn_backoff pauses = { .base_ms = 50, .max_ms = 2000, .jitter_percent = 20 };

static int add_lane(struct racer *r, enum attempt_kind kind, struct ppcs_address to,
		    unsigned offset_ms)
{
	struct lane *more = realloc(r->lanes, (r->lane_count + 1) * sizeof(*more));

	if (!more)
		return -ENOMEM;
	r->lanes = more;
	more[r->lane_count++] =
		(struct lane){ .kind = kind, .destination = to, .offset_ms = offset_ms };
	return 0;
}

static bool listed(const struct session *s, uint16_t port)
{
	for (size_t i = 0; i < s->config.port_count; i++)
		if (s->config.ports[i] == port)
			return true;
	return false;
}

/* The first lanes of all addresses start together, then the second ones. */
static int plan_ports(struct session *s, struct racer *r, enum attempt_kind kind)
{
	int error = 0;

	for (size_t i = 0; i < s->config.port_count; i++)
		for (size_t k = 0; k < s->config.address_count && error == 0; k++)
			error = add_lane(r, kind,
					 ppcs_address_with_port(s->config.addresses[k],
								s->config.ports[i]),
					 (unsigned)i * STAGGER_MS);
	return error;
}

/* The search port is where devices listen: it is asked at once, or last when one goes after the
 * other and nobody has put it into the list. */
static int plan_search_port(struct session *s, struct racer *r)
{
	int error = 0;

	for (size_t i = 0; i < r->lane_count; i++)
		if (r->lanes[i].destination.port == s->config.search_port)
			r->lanes[i].offset_ms = 0;
	if (listed(s, s->config.search_port))
		return 0;
	for (size_t k = 0; k < s->config.address_count && error == 0; k++)
		error = add_lane(
			r, ATTEMPT_LAN,
			ppcs_address_with_port(s->config.addresses[k], s->config.search_port), 0);
	return error;
}

static int plan_lan(struct session *s, struct racer *r)
{
	struct ppcs_address everywhere = { { 255, 255, 255, 255 }, s->config.search_port };
	int error = plan_ports(s, r, ATTEMPT_LAN);

	if (error == 0)
		error = plan_search_port(s, r);
	if (error == 0 && s->config.broadcast) {
		error = add_lane(r, ATTEMPT_LAN, everywhere, 0);
		if (error == 0)
			r->lanes[r->lane_count - 1].broadcast = true;
	}
	r->reason = REASON_WITHOUT_ADDRESS;
	return error;
}

static int plan_servers(const struct session *s, struct racer *r)
{
	if (s->config.server_count == 0 || ppcs_uid_empty(&s->config.uid))
		return 0;
	return add_lane(r, ATTEMPT_SERVER, s->config.servers[0], 0);
}

static int plan_p2p(struct session *s, struct racer *r)
{
	/* One after the other, silent ports may take all the time there is. */
	bool first = s->config.walk == PPCS_SEQUENTIAL;
	int error = first ? plan_servers(s, r) : 0;

	if (error == 0)
		error = plan_ports(s, r, ATTEMPT_PUNCH);
	if (error == 0 && !first)
		error = plan_servers(s, r);
	r->reason = REASON_WITHOUT_ADDRESS;
	return error;
}

static int plan_relay(struct session *s, struct racer *r)
{
	bool search = s->config.relay_search && s->config.server_count > 0;
	int error = 0;

	r->reason = REASON_WITHOUT_RELAY;
	if (ppcs_uid_empty(&s->config.uid)) {
		r->reason = REASON_WITHOUT_UID;
		return 0;
	}
	if (s->config.relay_count > 0)
		error = add_lane(r, ATTEMPT_RELAY, s->config.relays[0], 0);
	else if (search)
		error = add_lane(r, ATTEMPT_RELAY, s->config.servers[0], 0);
	else if (s->config.relay_search)
		r->reason = REASON_WITHOUT_SERVER;
	if (error == 0 && s->config.relay_tcp != 0 && s->config.server_count > 0)
		error = add_lane(r, ATTEMPT_TCP_RELAY,
				 ppcs_address_with_port(s->config.servers[0], s->config.relay_tcp),
				 0);
	return error;
}

int ppcs_racer_plan(struct session *s, struct racer *r, uint64_t now)
{
	static int (*const plans[])(struct session *, struct racer *) = {
		[PPCS_P2P] = plan_p2p,
		[PPCS_LAN] = plan_lan,
		[PPCS_RELAY] = plan_relay,
	};
	int error;

	if (!s->config.modes[r->mode])
		return 0;
	error = plans[r->mode](s, r);
	if (error < 0)
		return error;
	/* Switched on without what it needs: that is said, and not passed over in silence. */
	if (r->lane_count == 0) {
		r->started_at = now;
		ppcs_racer_end(r, PPCS_FAILED, r->reason, now);
		return 0;
	}
	r->reason = REASON_NONE;
	r->state = PPCS_PENDING;
	return 0;
}

void ppcs_racer_end(struct racer *r, enum ppcs_racer_state state, enum reason reason, uint64_t now)
{
	r->state = state;
	r->reason = reason;
	r->ended_at = now;
	r->round_at = NEVER;
}

static void begin_round(struct session *s, struct racer *r, uint64_t now)
{
	if (r->state == PPCS_PENDING) {
		r->state = PPCS_RUNNING;
		r->started_at = now;
		r->rests = false;
	}
	r->round_at = NEVER;
	r->heard = false;
	for (size_t i = 0; i < r->lane_count; i++) {
		struct lane *lane = &r->lanes[i];

		lane->tried = false;
		lane->start_at = s->config.walk == PPCS_SEQUENTIAL ? NEVER : now + lane->offset_ms;
	}
	if (s->config.walk == PPCS_SEQUENTIAL)
		r->next_at = now;
}

/* Who is next when one goes after the other; NULL while one runs or none is left. */
static struct lane *next_in_line(struct racer *r)
{
	for (size_t i = 0; i < r->lane_count; i++)
		if (r->lanes[i].attempt)
			return NULL;
	for (size_t i = 0; i < r->lane_count; i++)
		if (!r->lanes[i].tried && !r->lanes[i].over)
			return &r->lanes[i];
	return NULL;
}

static void start_lane(struct session *s, struct racer *r, struct lane *lane, uint64_t now)
{
	lane->start_at = NEVER;
	if (ppcs_attempt_start(s, r, lane, now) == 0)
		return;
	/* Without memory this round has to do without it. */
	lane->tried = true;
	r->next_at = now + BETWEEN_MS;
	r->reason = ppcs_reason_telling(r->reason, REASON_NO_SOCKET);
	ppcs_race_see(s, REASON_NO_SOCKET);
}

static void start_due(struct session *s, struct racer *r, uint64_t now)
{
	if (s->config.walk == PPCS_SEQUENTIAL) {
		struct lane *lane = now >= r->next_at ? next_in_line(r) : NULL;

		if (lane)
			start_lane(s, r, lane, now);
		return;
	}
	for (size_t i = 0; i < r->lane_count; i++) {
		struct lane *lane = &r->lanes[i];

		if (!lane->tried && !lane->over && !lane->attempt && now >= lane->start_at)
			start_lane(s, r, lane, now);
	}
}

static bool round_over(const struct racer *r)
{
	for (size_t i = 0; i < r->lane_count; i++)
		if (!r->lanes[i].over && (r->lanes[i].attempt || !r->lanes[i].tried))
			return false;
	return true;
}

static bool all_over(const struct racer *r)
{
	for (size_t i = 0; i < r->lane_count; i++)
		if (!r->lanes[i].over)
			return false;
	return true;
}

void ppcs_racer_tick(struct session *s, struct racer *r, uint64_t now)
{
	if (r->state != PPCS_PENDING && r->state != PPCS_RUNNING)
		return;
	if (now >= r->round_at)
		begin_round(s, r, now);
	if (r->round_at != NEVER || r->state != PPCS_RUNNING)
		return;
	start_due(s, r, now);
	if (!round_over(r))
		return;
	r->round_failed = true;
	if (all_over(r)) {
		ppcs_racer_end(r, PPCS_FAILED, r->reason, now);
		return;
	}
	r->rounds = r->heard ? 0 : r->rounds + 1;
	r->round_at = now + cmn_backoff_ms(&pauses, r->rounds > 0 ? r->rounds - 1 : 0,
					   cmn_prng_next(&s->prng));
}

uint64_t ppcs_racer_deadline(const struct session *s, const struct racer *r)
{
	uint64_t at = r->round_at;

	if (r->state != PPCS_PENDING && r->state != PPCS_RUNNING)
		return NEVER;
	if (r->round_at != NEVER)
		return at;
	/* Its last attempt has ended outside a tick: for want of a socket. */
	if (r->state == PPCS_RUNNING && round_over(r))
		return r->started_at;
	if (s->config.walk == PPCS_SEQUENTIAL)
		return next_in_line((struct racer *)r) ? r->next_at : NEVER;
	for (size_t i = 0; i < r->lane_count; i++) {
		const struct lane *lane = &r->lanes[i];

		if (!lane->tried && !lane->over && !lane->attempt && lane->start_at < at)
			at = lane->start_at;
	}
	return at;
}

/* Nobody waits for the turn of the next when this one has had its answer. */
static void hurry(struct racer *r, uint64_t now)
{
	struct lane *next = NULL;

	for (size_t i = 0; i < r->lane_count; i++) {
		struct lane *lane = &r->lanes[i];

		if (!lane->tried && !lane->over && !lane->attempt &&
		    (!next || lane->start_at < next->start_at))
			next = lane;
	}
	if (next && next->start_at > now)
		next->start_at = now;
}

void ppcs_racer_hurry(struct session *s, struct racer *r, uint64_t now)
{
	if (s->config.walk == PPCS_FAN_OUT)
		hurry(r, now);
}

void ppcs_racer_failed(struct session *s, struct racer *r, struct lane *lane, enum reason reason,
		       uint64_t now)
{
	r->reason = ppcs_reason_telling(r->reason, reason);
	r->next_at = now + BETWEEN_MS;
	lane->offline = reason == REASON_OFFLINE ? lane->offline + 1 : 0;
	/* These do not change within a race. */
	lane->over = reason == REASON_UNKNOWN_UID || reason == REASON_DSK ||
		     lane->offline >= OFFLINE_ROUNDS;
	ppcs_racer_hurry(s, r, now);
}

/* The oldest that has ended makes room. */
static bool drop_record(struct session *s, struct racer *r)
{
	for (size_t i = 0; i < r->record_count; i++) {
		if (r->records[i].state == PPCS_RUNNING)
			continue;
		r->record_count--;
		memmove(&r->records[i], &r->records[i + 1],
			(r->record_count - i) * sizeof(r->records[0]));
		for (struct attempt *a = s->race.attempts; a; a = a->next)
			if (a->mode == r->mode && a->record > i)
				a->record--;
		r->records_dropped++;
		return true;
	}
	return false;
}

size_t ppcs_racer_add_record(struct session *s, struct racer *r)
{
	if (r->record_count == PPCS_MAX_ATTEMPTS && !drop_record(s, r))
		return SIZE_MAX;
	/* All at once: a report points at them until the next race, and so they must not move. */
	if (!r->records)
		r->records = malloc(PPCS_MAX_ATTEMPTS * sizeof(r->records[0]));
	if (!r->records)
		return SIZE_MAX;
	r->records[r->record_count] = (struct ppcs_attempt){ .state = PPCS_RUNNING };
	return r->record_count++;
}

void ppcs_racer_free(struct racer *r)
{
	free(r->lanes);
	free(r->records);
}
