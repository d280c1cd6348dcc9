/* SPDX-License-Identifier: MIT */
/*
 * What is known about loads, LEDs and switches. Events and own writes are the newest truth; the
 * answer to a query counts only when nothing newer came after the query was sent (section 8.4).
 */
#include "state.h"

static void set(struct session *s, struct cache_item *item, int32_t value, uint64_t sequence,
		uint64_t now)
{
	item->value = value;
	item->known = true;
	item->known_once = true;
	item->sequence = sequence;
	item->time_ms = now;
	if (item->stale) {
		item->stale = false;
		s->stale--;
	}
}

static int32_t masks(unsigned on, unsigned blink)
{
	return (int32_t)((on & 0xffff) | (blink & 0x7fff) << 16);
}

static void tell(struct session *s, const struct cache_item *item, uint64_t now)
{
	struct qlink_event event = { .level = -1, .state = -1, .resynchronised = true };

	switch (qlink_cache_key_kind(item->key)) {
	case CACHE_LEDS:
		event.type = QLINK_EVENT_LEDS;
		qlink_cache_key_station(item->key, &event.master, &event.station, &event.button);
		event.on_leds = (uint16_t)(item->value & 0xffff);
		event.blink_leds = (uint16_t)(item->value >> 16);
		break;
	case CACHE_SWITCH:
		event.type = QLINK_EVENT_SWITCH;
		qlink_cache_key_station(item->key, &event.master, &event.station, &event.button);
		event.state = item->value;
		break;
	default:
		event.load = qlink_cache_key_load(item->key);
		event.level = item->value;
		event.type = QLINK_EVENT_LOAD;
		if (event.load.kind == QLINK_LOAD_STATION)
			event.type = QLINK_EVENT_STATION_LOAD;
		if (event.load.kind == QLINK_LOAD_VARIABLE)
			event.type = QLINK_EVENT_VARIABLE;
		break;
	}
	qlink_session_emit(s, &event, (struct span){ NULL, 0 }, now);
}

/* A query's answer; told as an event when a watched item turns out to differ. */
static void learn(struct session *s, const struct request *r, uint64_t key, int32_t value,
		  uint64_t now)
{
	struct cache_item *item = qlink_cache_get(&s->cache, key);
	bool differs;

	if (!item || item->sequence > r->sent_sequence)
		return;
	differs = !item->known_once || item->value != value;
	set(s, item, value, r->sent_sequence, now);
	if (differs && r->purpose == PURPOSE_REFRESH)
		tell(s, item, now);
}

static void wrote(struct session *s, uint64_t key, int32_t value, uint64_t now)
{
	struct cache_item *item = qlink_cache_get(&s->cache, key);

	if (item)
		set(s, item, value, ++s->sequence, now);
}

/* One LED of a keypad whose masks are known. */
static void wrote_led(struct session *s, const int32_t *p, int32_t state, uint64_t now)
{
	uint64_t key = qlink_cache_key(CACHE_LEDS, (unsigned)p[0], (unsigned)p[1], 0, 0);
	struct cache_item *item = qlink_cache_find(&s->cache, key);
	unsigned bit = 1U << (p[2] - 1);
	unsigned on;
	unsigned blink;

	if (!item || !item->known)
		return;
	on = (unsigned)item->value & 0xffff & ~bit;
	blink = (unsigned)item->value >> 16 & ~bit;
	wrote(s, key, masks(state == 1 ? on | bit : on, state == 2 ? blink | bit : blink), now);
}

static void learn_switches(struct session *s, const struct request *r, uint64_t now)
{
	const int32_t *p = r->command.params;

	for (unsigned i = 0; i < r->reply.value_count; i++)
		learn(s, r, qlink_cache_key(CACHE_SWITCH, (unsigned)p[0], (unsigned)p[1], 0, i + 1),
		      r->reply.values[i], now);
}

static void learn_module(struct session *s, const struct request *r, uint64_t now)
{
	const int32_t *p = r->command.params;

	for (unsigned i = 0; i < r->reply.value_count; i++)
		learn(s, r,
		      qlink_cache_load_key(qlink_module_load((unsigned)p[0], (unsigned)p[1],
							     (unsigned)p[2], i + 1)),
		      r->reply.values[i], now);
}

void qlink_known_learn(struct session *s, const struct request *r, uint64_t now)
{
	const int32_t *p = r->command.params;
	const int32_t *v = r->reply.values;

	switch (r->command.verb) {
	case QLINK_COMMAND_VLO:
	case QLINK_COMMAND_VLA:
	case QLINK_COMMAND_VLB:
	case QLINK_COMMAND_VLC:
		wrote(s, qlink_cache_load_key(qlink_load_of_command(&r->command)), v[0], now);
		break;
	case QLINK_COMMAND_VGL:
	case QLINK_COMMAND_VGA:
	case QLINK_COMMAND_VGB:
	case QLINK_COMMAND_VGC:
		learn(s, r, qlink_cache_load_key(qlink_load_of_command(&r->command)), v[0], now);
		break;
	case QLINK_COMMAND_VGD:
		learn_module(s, r, now);
		break;
	case QLINK_COMMAND_VGT:
		learn_switches(s, r, now);
		break;
	case QLINK_COMMAND_VGS:
		learn(s, r,
		      qlink_cache_key(CACHE_SWITCH, (unsigned)p[0], (unsigned)p[1], 0,
				      (unsigned)p[2]),
		      v[0], now);
		break;
	case QLINK_COMMAND_VLT:
		learn(s, r, qlink_cache_key(CACHE_LEDS, (unsigned)p[0], (unsigned)p[1], 0, 0),
		      masks((unsigned)(v[0] & ~v[1]), (unsigned)v[1]), now);
		break;
	case QLINK_COMMAND_VLD:
		wrote_led(s, p, v[0], now);
		break;
	default:
		break;
	}
}

void qlink_known_forget_levels(struct session *s)
{
	for (size_t i = 0; i < s->cache.size; i++) {
		struct cache_item *item = &s->cache.items[i];
		enum cache_kind kind = qlink_cache_key_kind(item->key);

		if (kind < CACHE_CONTRACTOR || kind > CACHE_VARIABLE)
			continue;
		item->known = false;
		if (item->watched && !item->stale) {
			item->stale = true;
			s->stale++;
		}
		item->sequence = ++s->sequence;
	}
}

void qlink_known_event(struct session *s, const struct qlink_event *event, uint64_t now)
{
	struct cache_item *item;
	int32_t value = event->level;
	uint64_t key;

	switch (event->type) {
	case QLINK_EVENT_LOAD:
	case QLINK_EVENT_STATION_LOAD:
	case QLINK_EVENT_VARIABLE:
		key = qlink_cache_load_key(event->load);
		break;
	case QLINK_EVENT_LEDS:
		key = qlink_cache_key(CACHE_LEDS, event->master, event->station, 0, 0);
		value = masks(event->on_leds, event->blink_leds);
		break;
	case QLINK_EVENT_ALL_ON:
	case QLINK_EVENT_ALL_OFF:
		qlink_known_forget_levels(s);
		return;
	default:
		return;
	}
	item = qlink_cache_get(&s->cache, key);
	if (!item)
		return;
	set(s, item, value, ++s->sequence, now);
	item->watched |= s->config.auto_watch;
}
