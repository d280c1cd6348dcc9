/* SPDX-License-Identifier: MIT */
/*
 * What the bus shows against what was asked for. A write carries all eight outputs of a module, so
 * it is merged from the newest snapshot and from all that is wanted and not confirmed yet; only a
 * snapshot asked for after the write can confirm it (section 10).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

#define CONFIRM_MS       2000
#define DIMMER_TOLERANCE 2
#define LIGHT_WRITES     2
#define ON_RELAY         255
#define ON_DIMMER        100

/* NOLINTBEGIN(bugprone-macro-parentheses): a declaration takes no parentheses */
#define FOR_EACH_CELL(m, o)                              \
	for (unsigned m = 0; (m) < IPCOM_MODULES; (m)++) \
		for (unsigned o = 0; (o) < IPCOM_OUTPUTS; (o)++)
/* NOLINTEND(bugprone-macro-parentheses) */

struct cell *ipcom_shadow_cell(struct session *s, struct ipcom_output output)
{
	return &s->shadow.cells[output.module - 1][output.output - 1];
}

uint8_t ipcom_shadow_value(const struct session *s, struct ipcom_output output)
{
	return s->shadow.values[output.module - 1][output.output - 1];
}

uint8_t ipcom_shadow_effective(const struct session *s, struct ipcom_output output)
{
	const struct cell *cell = &s->shadow.cells[output.module - 1][output.output - 1];

	return cell->wanted && !cell->toggle ? cell->value : ipcom_shadow_value(s, output);
}

static void clear(struct cell *cell)
{
	*cell = (struct cell){ 0 };
}

void ipcom_shadow_want(struct session *s, struct ipcom_output output, uint8_t value, bool toggle,
		       bool shutter, struct request *owner, uint64_t now)
{
	struct cell *cell = ipcom_shadow_cell(s, output);
	struct request *before = cell->owner;

	clear(cell);
	cell->wanted = true;
	cell->toggle = toggle;
	cell->shutter = shutter;
	cell->value = value;
	cell->owner = owner;
	if (owner) {
		owner->open++;
		owner->unsent++;
	}
	/* The newest wish counts; who asked before is told so. */
	if (before && before != owner)
		ipcom_request_finish(s, before, -ECANCELED, now);
}

/* Switching a shutter off goes before everything else. */
static unsigned urgency(const struct session *s, unsigned m, unsigned o)
{
	const struct cell *cell = &s->shadow.cells[m][o];

	if (!cell->wanted || cell->sent)
		return 0;
	if (!cell->shutter || cell->value != 0)
		return 1;
	/* Of relays on two modules the one that is on. */
	return s->shadow.values[m][o] != 0 ? 3 : 2;
}

/* Of several modules the one whose request is oldest; of one request's the lowest. */
unsigned ipcom_shadow_next_module(const struct session *s)
{
	unsigned best = 0;
	unsigned best_urgency = 0;
	uint32_t best_id = 0;

	FOR_EACH_CELL(m, o)
	{
		const struct cell *cell = &s->shadow.cells[m][o];
		uint32_t id = cell->owner ? cell->owner->id : 0;
		unsigned urgent = urgency(s, m, o);

		if (urgent < best_urgency || urgent == 0)
			continue;
		if (urgent == best_urgency && id >= best_id)
			continue;
		best = m + 1;
		best_urgency = urgent;
		best_id = id;
	}
	return best;
}

static uint8_t on_value(const struct session *s, unsigned m, unsigned o)
{
	return s->config.kinds[m][o] == IPCOM_DIMMER ? ON_DIMMER : ON_RELAY;
}

static void resolve_toggles(struct session *s, unsigned m)
{
	for (unsigned o = 0; o < IPCOM_OUTPUTS; o++) {
		struct cell *cell = &s->shadow.cells[m][o];

		if (!cell->wanted || !cell->toggle)
			continue;
		cell->toggle = false;
		cell->value = s->shadow.values[m][o] == 0 ? on_value(s, m, o) : 0;
	}
}

/* Whether both relays would be on once the module's cells are written. */
static bool unsafe(const struct session *s, const struct shutter *shutter)
{
	return ipcom_shadow_effective(s, shutter->up) != 0 &&
	       ipcom_shadow_effective(s, shutter->down) != 0;
}

static void refuse(struct session *s, struct ipcom_output output, uint64_t now)
{
	struct cell *cell = ipcom_shadow_cell(s, output);
	struct request *owner = cell->owner;

	if (!cell->wanted || cell->sent || cell->value == 0)
		return;
	clear(cell);
	if (owner)
		ipcom_request_finish(s, owner, -EPERM, now);
}

static void refuse_unsafe(struct session *s, unsigned module, uint64_t now)
{
	for (unsigned i = 0; i < s->shutter_count && !s->config.force; i++) {
		struct shutter *shutter = &s->shutters[i];

		if (shutter->up.module == module && unsafe(s, shutter))
			refuse(s, shutter->up, now);
		if (shutter->down.module == module && unsafe(s, shutter))
			refuse(s, shutter->down, now);
	}
}

/* The last guard, whatever came before it: no vector leaves with both relays on. */
static void zero_unsafe(struct session *s, unsigned module, uint8_t values[IPCOM_OUTPUTS])
{
	for (unsigned i = 0; i < s->shutter_count && !s->config.force; i++) {
		const struct shutter *shutter = &s->shutters[i];

		if (!unsafe(s, shutter))
			continue;
		if (shutter->up.module == module)
			values[shutter->up.output - 1] = 0;
		if (shutter->down.module == module)
			values[shutter->down.output - 1] = 0;
	}
}

void ipcom_shadow_merge(struct session *s, unsigned module, uint8_t values[IPCOM_OUTPUTS],
			uint64_t now)
{
	unsigned m = module - 1;

	resolve_toggles(s, m);
	refuse_unsafe(s, module, now);
	for (unsigned o = 0; o < IPCOM_OUTPUTS; o++) {
		const struct ipcom_output output = { module, o + 1 };

		values[o] = ipcom_shadow_effective(s, output);
	}
	zero_unsafe(s, module, values);
}

static void tell_sent(struct session *s, struct request *r, uint64_t now)
{
	struct ipcom_event event = { .type = IPCOM_EVENT_SENT };

	if (!r || r->unsent == 0 || --r->unsent > 0 || r->told_sent)
		return;
	r->told_sent = true;
	event.id = r->id;
	ipcom_session_emit(s, &event, now);
}

void ipcom_shadow_written(struct session *s, unsigned module, uint64_t now)
{
	for (unsigned o = 0; o < IPCOM_OUTPUTS; o++) {
		struct cell *cell = &s->shadow.cells[module - 1][o];

		if (!cell->wanted || cell->sent)
			continue;
		cell->sent = true;
		cell->writes++;
		cell->step = s->step;
		cell->confirm_by = now + CONFIRM_MS;
		if (cell->value == 0 && s->shadow.values[module - 1][o] != 0)
			ipcom_shutter_off(s, (struct ipcom_output){ module, o + 1 }, now);
		if (cell->writes == 1)
			tell_sent(s, cell->owner, now);
	}
}

static bool shows(const struct session *s, unsigned m, unsigned o)
{
	int wanted = s->shadow.cells[m][o].value;
	int shown = s->shadow.values[m][o];

	if (s->config.kinds[m][o] == IPCOM_RELAY)
		return (wanted != 0) == (shown != 0);
	/* A dimmer may round, and one that says 255 is fully on (section 7.3). */
	if (shown == ON_RELAY && wanted >= ON_DIMMER)
		return true;
	if ((wanted == 0) != (shown == 0))
		return false;
	return abs(wanted - shown) <= DIMMER_TOLERANCE;
}

static void check_cell(struct session *s, unsigned m, unsigned o, uint64_t now)
{
	struct cell *cell = &s->shadow.cells[m][o];
	struct request *owner = cell->owner;

	if (!cell->wanted || !cell->sent || s->shadow.step <= cell->step)
		return;
	if (shows(s, m, o)) {
		clear(cell);
		ipcom_request_step(s, owner, now);
	} else if (now >= cell->confirm_by && !cell->shutter && cell->writes < LIGHT_WRITES) {
		cell->sent = false;
	} else if (now >= cell->confirm_by) {
		clear(cell);
		if (owner)
			ipcom_request_finish(s, owner, -ETIMEDOUT, now);
	}
}

static void note_change(struct session *s, unsigned m, unsigned o, uint8_t value, uint64_t now)
{
	struct ipcom_event event = { .type = IPCOM_EVENT_CHANGED,
				     .output = { m + 1, o + 1 },
				     .old_value = s->shadow.values[m][o],
				     .value = value };

	ipcom_session_emit(s, &event, now);
	/* Of what was wanted the write has told. */
	if (value == 0 && !s->shadow.cells[m][o].wanted)
		ipcom_shutter_off(s, event.output, now);
	if (!s->history)
		return;
	s->history[s->history_next] =
		(struct ipcom_change){ now, event.output, s->shadow.values[m][o], value };
	s->history_next = (s->history_next + 1) % s->config.history;
	if (s->history_count < s->config.history)
		s->history_count++;
}

void ipcom_shadow_snapshot(struct session *s, const uint8_t *values, uint64_t step, uint64_t now)
{
	struct ipcom_event event = { .type = IPCOM_EVENT_SNAPSHOT };

	FOR_EACH_CELL(m, o)
	{
		uint8_t value = values[m * IPCOM_OUTPUTS + o];

		if (s->shadow.compared && s->shadow.values[m][o] != value)
			note_change(s, m, o, value, now);
		s->shadow.values[m][o] = value;
	}
	s->shadow.compared = true;
	s->shadow.valid = true;
	s->shadow.step = step;
	s->shadow.time_ms = now;
	event.values = (const uint8_t(*)[IPCOM_OUTPUTS])s->shadow.values;
	ipcom_session_emit(s, &event, now);
	FOR_EACH_CELL(m, o)
	{
		check_cell(s, m, o, now);
	}
}

void ipcom_shadow_disown(struct session *s, const struct request *owner, bool drop_unsent)
{
	FOR_EACH_CELL(m, o)
	{
		struct cell *cell = &s->shadow.cells[m][o];

		if (cell->owner != owner)
			continue;
		cell->owner = NULL;
		if (drop_unsent && !cell->sent)
			clear(cell);
	}
}

/* Nothing that the old connection showed is used for a write on the new one. Lights are written
 * anew from its first snapshot; shutters never move by themselves. */
void ipcom_shadow_lost(struct session *s)
{
	s->shadow.valid = false;
	FOR_EACH_CELL(m, o)
	{
		struct cell *cell = &s->shadow.cells[m][o];

		if (!cell->owner || cell->shutter)
			clear(cell);
		cell->sent = false;
		cell->writes = 0;
	}
}
