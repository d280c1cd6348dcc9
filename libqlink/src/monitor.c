/* SPDX-License-Identifier: MIT */
/*
 * The life of the event connection (section 8): switch reporting on and insist on the
 * acknowledgement, query the watched items anew, ask for signs of life, tell what changed.
 */
#include <errno.h>

#include "state.h"

#define RECHECK_MS 1000
#define ECHO_MIN   10000
#define ECHO_COUNT 55536

static unsigned wanted_reports(const struct session *s)
{
	/* A read-only port is not told what to report (section 5.3). */
	if (s->config.mode == QLINK_MODE_READ_ONLY)
		return 0;
	return s->config.monitoring & QLINK_MONITOR_ALL;
}

static struct command enable_command(unsigned missing)
{
	if (missing & QLINK_MONITOR_BUTTONS)
		return (struct command){ QLINK_COMMAND_VOS, 2, { 1, 1 }, NULL, false };
	if (missing & QLINK_MONITOR_LOADS)
		return (struct command){ QLINK_COMMAND_VOL, 1, { 1 }, NULL, false };
	return (struct command){ QLINK_COMMAND_VOD,
				 1,
				 { (missing & QLINK_MONITOR_LEDS ? 1 : 0) |
				   (missing & QLINK_MONITOR_LCD_LEDS ? 2 : 0) },
				 NULL,
				 false };
}

static unsigned reports_of(enum qlink_command verb)
{
	if (verb == QLINK_COMMAND_VOS)
		return QLINK_MONITOR_BUTTONS;
	if (verb == QLINK_COMMAND_VOL)
		return QLINK_MONITOR_LOADS;
	return QLINK_MONITOR_LEDS | QLINK_MONITOR_LCD_LEDS;
}

static struct request *internal(struct session *s, const struct command *command,
				enum purpose purpose)
{
	struct request *r = qlink_request_new(command, purpose);

	if (!r)
		s->recheck_at = s->now + RECHECK_MS;
	return r;
}

struct request *qlink_monitor_next(struct session *s, struct link *l, uint64_t now)
{
	unsigned missing = wanted_reports(s) & ~l->enabled;
	struct command command;

	if (!l->events)
		return NULL;
	if (!l->announced && missing) {
		command = enable_command(missing);
		return internal(s, &command, PURPOSE_ENABLE);
	}
	qlink_monitor_check(s, l, now);
	if (s->config.probe_ms == 0 || now < l->heard_at + s->config.probe_ms)
		return NULL;
	command = (struct command){ QLINK_COMMAND_VEC, 1, { 0 }, NULL, false };
	command.params[0] = ECHO_MIN + (int32_t)cmn_prng_below(&s->prng, ECHO_COUNT);
	return internal(s, &command, PURPOSE_PROBE);
}

static void check_synchronised(struct session *s, uint64_t now)
{
	struct qlink_event event = { .type = QLINK_EVENT_SYNCHRONISED, .level = -1, .state = -1 };

	if (!s->synchronising || s->stale > 0 || s->refreshing > 0)
		return;
	s->synchronising = false;
	/* That it was opened proves nothing: it may be closed at once, again and again. */
	if (wanted_reports(s))
		s->attempt = 0;
	qlink_session_emit(s, &event, (struct span){ NULL, 0 }, now);
}

static void mark(struct session *s, struct cache_item *item)
{
	if (!item->watched || item->stale)
		return;
	item->stale = true;
	s->stale++;
}

void qlink_monitor_mark_all(struct session *s)
{
	for (size_t i = 0; i < s->cache.size; i++)
		mark(s, &s->cache.items[i]);
}

void qlink_monitor_check(struct session *s, struct link *l, uint64_t now)
{
	struct qlink_event event = { .type = QLINK_EVENT_CONNECTED, .level = -1, .state = -1 };

	if (l->events && (l->announced || (wanted_reports(s) & ~l->enabled)))
		return;
	if (s->config.monitoring && !l->events)
		return;
	l->announced = true;
	if (s->connected)
		return;
	s->connected = true;
	s->synchronising = true;
	qlink_session_emit(s, &event, (struct span){ NULL, 0 }, now);
	qlink_monitor_mark_all(s);
	check_synchronised(s, now);
}

void qlink_monitor_lost(struct session *s, int error, int device_error, uint64_t now)
{
	struct qlink_event event = { .type = QLINK_EVENT_DISCONNECTED, .level = -1, .state = -1 };

	if (!s->connected)
		event.type = QLINK_EVENT_CONNECT_FAILED;
	event.error = error;
	event.device_error = device_error;
	event.delay_ms = s->retry_at > now ? (uint32_t)(s->retry_at - now) : 0;
	s->connected = false;
	s->synchronising = false;
	qlink_session_emit(s, &event, (struct span){ NULL, 0 }, now);
}

static bool query_of(const struct cache_item *item, struct command *ret)
{
	unsigned master;
	unsigned station;
	unsigned button;

	qlink_cache_key_station(item->key, &master, &station, &button);
	switch (qlink_cache_key_kind(item->key)) {
	case CACHE_LEDS:
	case CACHE_SWITCHES:
		*ret = (struct command){ QLINK_COMMAND_VLT, 2, { 0 }, NULL, false };
		if (qlink_cache_key_kind(item->key) == CACHE_SWITCHES)
			ret->verb = QLINK_COMMAND_VGT;
		ret->params[0] = (int32_t)master;
		ret->params[1] = (int32_t)station;
		return true;
	case CACHE_CONTRACTOR:
	case CACHE_MODULE_LOAD:
	case CACHE_STATION_LOAD:
	case CACHE_VARIABLE:
		qlink_load_command(qlink_cache_key_load(item->key), false, ret);
		return true;
	default:
		return false;
	}
}

struct request *qlink_monitor_refresh(struct session *s)
{
	struct command command;
	struct request *r;

	if (s->stale == 0 || !s->connected)
		return NULL;
	for (size_t i = 0; i < s->cache.size; i++) {
		struct cache_item *item =
			&s->cache.items[(s->refresh_cursor + i) & (s->cache.size - 1)];

		if (!item->stale || !query_of(item, &command))
			continue;
		r = internal(s, &command, PURPOSE_REFRESH);
		if (!r)
			return NULL;
		r->key = item->key;
		item->stale = false;
		s->stale--;
		s->refreshing++;
		s->refresh_cursor += i + 1;
		return r;
	}
	return NULL;
}

static void refreshed(struct session *s, struct request *r, int error, uint64_t now)
{
	struct cache_item *item = qlink_cache_find(&s->cache, r->key);

	s->refreshing--;
	if (error == 0)
		qlink_known_learn(s, r, now);
	else if (item && error == -ECONNRESET)
		mark(s, item);
	check_synchronised(s, now);
}

void qlink_monitor_finished(struct session *s, struct link *l, struct request *r, int error,
			    uint64_t now)
{
	if (r->purpose == PURPOSE_REFRESH) {
		refreshed(s, r, error, now);
		return;
	}
	if (l->state != LINK_OPEN)
		return;
	if (r->purpose == PURPOSE_PROBE) {
		if (error < 0)
			qlink_pool_failed(s, l, error == -ENOMEM ? error : -ETIMEDOUT, 0, now);
		else
			s->attempt = 0;
		return;
	}
	if (error == 0 && r->reply.values[0] != r->command.params[r->command.count - 1])
		error = -EPROTO;
	if (error < 0) {
		qlink_pool_failed(s, l, error, r->reply.device_error, now);
		return;
	}
	l->enabled |= reports_of(r->command.verb);
	qlink_monitor_check(s, l, now);
}

void qlink_monitor_event(struct session *s, struct qlink_event *event, uint64_t now)
{
	qlink_known_event(s, event, now);
	qlink_session_emit(s, event, (struct span){ NULL, 0 }, now);
}
