/* SPDX-License-Identifier: MIT */
/*
 * Shutters: two relays that must never be on together, a pause before the direction changes, and an
 * end to every movement (section 11). Each step starts from a snapshot or from a write that went
 * out, never from a guess.
 */
#include <errno.h>

#include "state.h"

static bool same(struct ipcom_output a, struct ipcom_output b)
{
	return a.module == b.module && a.output == b.output;
}

struct shutter *ipcom_shutter_of(struct session *s, struct ipcom_output output)
{
	for (unsigned i = 0; i < s->shutter_count; i++)
		if (same(s->shutters[i].up, output) || same(s->shutters[i].down, output))
			return &s->shutters[i];
	return NULL;
}

static struct ipcom_output target_of(const struct shutter *shutter)
{
	return shutter->direction == IPCOM_OPEN ? shutter->up : shutter->down;
}

static struct ipcom_output opposite_of(const struct shutter *shutter)
{
	return shutter->direction == IPCOM_OPEN ? shutter->down : shutter->up;
}

static void want(struct session *s, struct ipcom_output output, uint8_t value,
		 struct request *owner, uint64_t now)
{
	ipcom_shadow_want(s, output, value, false, true, owner, now);
}

/* Both relays off; the cells belong to the owner, so that it ends when they are shown. */
static void want_rest(struct session *s, struct shutter *shutter, struct request *owner,
		      uint64_t now)
{
	want(s, shutter->up, 0, owner, now);
	want(s, shutter->down, 0, owner, now);
}

/* A movement that a newer wish replaces ends. */
static void replace_owner(struct session *s, struct shutter *shutter, struct request *owner,
			  uint64_t now)
{
	struct request *before = shutter->owner;

	shutter->owner = owner;
	if (before && before != owner)
		ipcom_request_finish(s, before, -ECANCELED, now);
}

int ipcom_shutter_start(struct session *s, struct shutter *shutter, enum ipcom_direction direction,
			struct request *owner, uint64_t now)
{
	shutter->at = NEVER;
	shutter->direction = direction;
	if (direction == IPCOM_STOP) {
		shutter->phase = SHUTTER_REST;
		replace_owner(s, shutter, NULL, now);
		want_rest(s, shutter, owner, now);
		return 0;
	}
	replace_owner(s, shutter, owner, now);
	shutter->phase = SHUTTER_START;
	owner->open++; /* held until the last step has its cells */
	owner->unsent++;
	return 0;
}

bool ipcom_shutter_waits(const struct session *s)
{
	for (unsigned i = 0; i < s->shutter_count; i++)
		if (s->shutters[i].phase == SHUTTER_START)
			return true;
	return false;
}

static void start_moving(struct session *s, struct shutter *shutter, uint64_t now)
{
	struct request *owner = shutter->owner;

	shutter->phase = SHUTTER_STARTING;
	want(s, opposite_of(shutter), 0, owner, now);
	want(s, target_of(shutter), 255, owner, now);
	if (!owner)
		return;
	owner->unsent--;
	ipcom_request_step(s, owner, now);
}

void ipcom_shutter_off(struct session *s, struct ipcom_output output, uint64_t now)
{
	struct shutter *shutter = ipcom_shutter_of(s, output);

	if (shutter && same(shutter->up, output))
		shutter->up_off_at = now;
	else if (shutter)
		shutter->down_off_at = now;
}

/* Also a movement that ended before this one was asked for counts. */
static uint64_t rests_until(const struct shutter *shutter)
{
	uint64_t off_at = shutter->direction == IPCOM_OPEN ? shutter->down_off_at :
							     shutter->up_off_at;

	return off_at == 0 ? 0 : off_at + shutter->dead_ms;
}

static void start_fresh(struct session *s, struct shutter *shutter, uint64_t now)
{
	if (ipcom_shadow_effective(s, opposite_of(shutter)) != 0) {
		shutter->phase = SHUTTER_STOPPING;
		want_rest(s, shutter, NULL, now);
	} else if (ipcom_shadow_value(s, opposite_of(shutter)) != 0) {
		/* Its stop was written, and the bus does not show it yet. */
		shutter->phase = SHUTTER_DEAD;
		shutter->at = now + shutter->dead_ms;
	} else if (now < rests_until(shutter)) {
		shutter->phase = SHUTTER_DEAD;
		shutter->at = rests_until(shutter);
	} else {
		start_moving(s, shutter, now);
	}
}

void ipcom_shutter_fresh(struct session *s, uint64_t now)
{
	for (unsigned i = 0; i < s->shutter_count; i++)
		if (s->shutters[i].phase == SHUTTER_START)
			start_fresh(s, &s->shutters[i], now);
}

static bool written(struct session *s, struct ipcom_output output)
{
	const struct cell *cell = ipcom_shadow_cell(s, output);

	return !cell->wanted || cell->sent;
}

static void step(struct session *s, struct shutter *shutter, uint64_t now)
{
	switch (shutter->phase) {
	case SHUTTER_STOPPING:
		if (s->flight == FLIGHT_WRITE || !written(s, shutter->up) ||
		    !written(s, shutter->down))
			return;
		shutter->phase = SHUTTER_DEAD;
		shutter->at = now + shutter->dead_ms;
		break;
	case SHUTTER_DEAD:
		if (now >= shutter->at) {
			shutter->phase = SHUTTER_START;
			shutter->at = NEVER;
		}
		break;
	case SHUTTER_STARTING:
		if (!written(s, shutter->up) || !written(s, shutter->down))
			return;
		shutter->phase = SHUTTER_MOVING;
		shutter->at = shutter->travel_ms > 0 ? now + shutter->travel_ms : NEVER;
		break;
	case SHUTTER_MOVING:
		if (now < shutter->at)
			return;
		shutter->phase = SHUTTER_REST;
		shutter->at = NEVER;
		want(s, target_of(shutter), 0, NULL, now);
		break;
	case SHUTTER_REST:
	case SHUTTER_START:
		break;
	}
}

void ipcom_shutter_tick(struct session *s, uint64_t now)
{
	for (unsigned i = 0; i < s->shutter_count; i++)
		step(s, &s->shutters[i], now);
}

/* Somebody else, or a fault, switched both on. */
void ipcom_shutter_check(struct session *s, uint64_t now)
{
	for (unsigned i = 0; i < s->shutter_count; i++) {
		struct shutter *shutter = &s->shutters[i];
		struct ipcom_event event = { .type = IPCOM_EVENT_SHUTTER_FAULT, .shutter = i };
		bool both = ipcom_shadow_value(s, shutter->up) != 0 &&
			    ipcom_shadow_value(s, shutter->down) != 0;

		if (!both || s->config.force) {
			shutter->fault_told = false;
			continue;
		}
		if (!shutter->fault_told)
			ipcom_session_emit(s, &event, now);
		if (!shutter->fault_told || (written(s, shutter->up) && written(s, shutter->down) &&
					     ipcom_shadow_effective(s, shutter->up) != 0))
			ipcom_shutter_start(s, shutter, IPCOM_STOP, NULL, now);
		shutter->fault_told = true;
	}
}

bool ipcom_shutter_stop_all(struct session *s, uint64_t now)
{
	bool moving = false;

	for (unsigned i = 0; i < s->shutter_count; i++) {
		struct shutter *shutter = &s->shutters[i];

		if (shutter->phase == SHUTTER_REST)
			continue;
		ipcom_shutter_start(s, shutter, IPCOM_STOP, NULL, now);
		moving = true;
	}
	return moving;
}

void ipcom_shutter_lost(struct session *s, uint64_t now)
{
	for (unsigned i = 0; i < s->shutter_count; i++) {
		struct shutter *shutter = &s->shutters[i];

		shutter->phase = SHUTTER_REST;
		shutter->at = NEVER;
		shutter->fault_told = false;
		if (shutter->owner)
			ipcom_request_finish(s, shutter->owner, -ECONNRESET, now);
	}
}

void ipcom_shutter_disown(struct session *s, const struct request *owner)
{
	for (unsigned i = 0; i < s->shutter_count; i++) {
		struct shutter *shutter = &s->shutters[i];

		if (shutter->owner != owner)
			continue;
		shutter->owner = NULL;
		/* Given up before it began to move: it stays as it is. */
		if (shutter->phase != SHUTTER_STARTING && shutter->phase != SHUTTER_MOVING) {
			shutter->phase = SHUTTER_REST;
			shutter->at = NEVER;
		}
	}
}

uint64_t ipcom_shutter_deadline(const struct session *s)
{
	uint64_t first = NEVER;

	for (unsigned i = 0; i < s->shutter_count; i++) {
		const struct shutter *shutter = &s->shutters[i];

		if ((shutter->phase == SHUTTER_DEAD || shutter->phase == SHUTTER_MOVING) &&
		    shutter->at < first)
			first = shutter->at;
	}
	return first;
}
