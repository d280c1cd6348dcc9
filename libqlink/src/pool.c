/* SPDX-License-Identifier: MIT */
/*
 * The pool: which connections there should be, which request goes over which, and what a failure
 * means. Nothing is assumed about how many connections the controller accepts (section 1.3).
 */
#include <errno.h>
#include <string.h>

#include "state.h"

#define SECOND_RETRY_MS 60000 /* section 7: ask again for a second connection */

static bool monitoring(const struct session *s)
{
	return s->config.monitoring != 0;
}

static unsigned limit_of(const struct session *s)
{
	return s->config.mode == QLINK_MODE_SPLIT && !s->config.adopted ? s->config.connections : 1;
}

unsigned qlink_pool_count(const struct session *s, enum link_state state)
{
	unsigned count = 0;

	for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++)
		count += s->links[i].state == state;
	return count;
}

static struct link *find_events(struct session *s)
{
	for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++)
		if (s->links[i].state != LINK_CLOSED && s->links[i].events)
			return &s->links[i];
	return NULL;
}

struct link *qlink_pool_event_link(struct session *s)
{
	struct link *l = find_events(s);

	if (l && l->state == LINK_OPEN)
		return l;
	for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++)
		if (s->links[i].state == LINK_OPEN)
			return &s->links[i];
	return NULL;
}

/* May commands go over the event connection? Only when there can be no other. */
static bool shared(const struct session *s, uint64_t now)
{
	return limit_of(s) == 1 || now < s->second_retry_at;
}

static bool serves_commands(const struct session *s, const struct link *l, uint64_t now)
{
	if (!l->events)
		return true;
	return l->announced && shared(s, now);
}

static size_t waiting_count(const struct session *s)
{
	return s->waiting[QLINK_PRIORITY_USER].count + s->waiting[QLINK_PRIORITY_POLL].count;
}

/* What this connection should send next; taken out of its queue. */
static struct request *next_request(struct session *s, struct link *l, uint64_t now)
{
	struct request *r = qlink_monitor_next(s, l, now);

	if (r || !serves_commands(s, l, now))
		return r;
	r = qlink_request_shift(&s->waiting[QLINK_PRIORITY_USER]);
	if (!r)
		r = qlink_request_shift(&s->waiting[QLINK_PRIORITY_POLL]);
	return r ? r : qlink_monitor_refresh(s);
}

static bool feed(struct session *s, uint64_t now)
{
	bool sent = false;

	for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++) {
		struct link *l = &s->links[i];
		struct request *r;

		if (!qlink_link_ready(l, now))
			continue;
		r = next_request(s, l, now);
		if (!r)
			continue;
		qlink_link_send(s, l, r, now);
		sent = true;
	}
	return sent;
}

static unsigned want(struct session *s, bool events)
{
	for (unsigned i = 0; i < limit_of(s); i++) {
		struct link *l = &s->links[i];

		if (l->state != LINK_CLOSED)
			continue;
		l->state = LINK_WANTED;
		l->events = events;
		return 1;
	}
	return 0;
}

/* An event connection that cannot be had while a command connection is open: make that one carry
 * the events too, it may hold the only slot. */
static void promote(struct session *s)
{
	for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++) {
		struct link *l = &s->links[i];

		if (l->state != LINK_OPEN || l->events)
			continue;
		l->events = true;
		return;
	}
}

/* Connections on which a request could go out now or soon. */
static unsigned usable(const struct session *s, uint64_t now)
{
	unsigned count = 0;

	for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++) {
		const struct link *l = &s->links[i];

		if (l->state == LINK_WANTED && (!l->events || shared(s, now)))
			count++;
		if (l->state == LINK_OPEN && l->phase == PHASE_IDLE && serves_commands(s, l, now))
			count++;
	}
	return count;
}

static void open_what_is_missing(struct session *s, uint64_t now)
{
	unsigned present = qlink_pool_count(s, LINK_OPEN) + qlink_pool_count(s, LINK_WANTED);
	size_t work = waiting_count(s) + (s->stale > 0);

	if (s->config.adopted || (present == 0 && now < s->retry_at))
		return;
	if (monitoring(s) && !find_events(s)) {
		bool possible = present == 0 ||
				(present < limit_of(s) && now >= s->second_retry_at);

		if (!possible)
			promote(s);
		else if (now >= s->retry_at)
			present += want(s, true);
	}
	if (present >= limit_of(s) || (present > 0 && now < s->second_retry_at))
		return;
	if (work > usable(s, now))
		want(s, false);
}

static void expire(struct session *s, uint64_t now)
{
	for (unsigned p = 0; p < 2; p++) {
		struct request *r;

		while ((r = s->waiting[p].head) != NULL && now >= r->deadline_ms) {
			int error = s->statistics.last_error;

			qlink_request_shift(&s->waiting[p]);
			if (qlink_pool_count(s, LINK_OPEN) > 0)
				error = -ETIMEDOUT;
			qlink_session_finish(s, NULL, r, error < 0 ? error : -EHOSTUNREACH, now);
		}
	}
}

static bool idle_too_long(const struct session *s, const struct link *l, uint64_t now)
{
	return l->state == LINK_OPEN && !l->events && l->phase == PHASE_IDLE &&
	       s->config.idle_ms > 0 && !s->config.adopted && now >= l->used_at + s->config.idle_ms;
}

static void check_links(struct session *s, uint64_t now)
{
	for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++) {
		struct link *l = &s->links[i];

		if (l->state == LINK_OPEN &&
		    (l->phase == PHASE_REPLY || l->phase == PHASE_RESYNC) && now >= l->reply_by)
			qlink_link_reply_timeout(s, l, now);
		else if (l->current && l->current->purpose == PURPOSE_CALLER &&
			 now >= l->current->deadline_ms)
			qlink_link_reply_timeout(s, l, now);
		else if (idle_too_long(s, l, now) && waiting_count(s) == 0)
			qlink_link_close(s, l);
	}
}

void qlink_pool_run(struct session *s, uint64_t now)
{
	if (!s->running)
		return;
	s->now = now;
	check_links(s, now);
	expire(s, now);
	/* A request can end while it is sent, so look until nothing moves. */
	while (feed(s, now))
		;
	open_what_is_missing(s, now);
	s->statistics.connections = qlink_pool_count(s, LINK_OPEN);
	if (s->statistics.connections > s->statistics.connections_max)
		s->statistics.connections_max = s->statistics.connections;
	s->statistics.shared_fallback = s->config.mode == QLINK_MODE_SPLIT && limit_of(s) > 1 &&
					now < s->second_retry_at;
}

/* The current request of a lost connection: again, or its end. */
static void settle_current(struct session *s, struct link *l, struct request *r, int error,
			   uint64_t now)
{
	if (!r)
		return;
	if (r->purpose == PURPOSE_CALLER && qlink_command_repeatable(&r->command) &&
	    now < r->deadline_ms && !s->config.adopted)
		qlink_request_prepend(&s->waiting[r->priority], r);
	else
		qlink_session_finish(s, l, r, error == -ETIMEDOUT ? error : -ECONNRESET, now);
}

static void schedule_retry(struct session *s, bool healthy, uint64_t now)
{
	uint32_t wait;

	if (healthy && !monitoring(s)) {
		s->attempt = 0;
		s->retry_at = now;
		return;
	}
	wait = cmn_backoff_ms(&s->config.reconnect, s->attempt, cmn_prng_next(&s->prng));
	if (s->attempt < 64)
		s->attempt++;
	s->retry_at = now + wait;
}

void qlink_pool_failed(struct session *s, struct link *l, int error, int device_error, uint64_t now)
{
	struct request *current = l->current;
	bool was_open = l->state == LINK_OPEN;
	bool events = l->events;
	bool healthy = was_open && l->heard && error == -ECONNRESET && !current;
	bool others;
	bool matters;

	l->current = NULL;
	qlink_link_close(s, l);
	others = qlink_pool_count(s, LINK_OPEN) + qlink_pool_count(s, LINK_WANTED) > 0;
	cmn_log_printf(&s->log, CMN_LOG_INFO, "connection %u: %s: %s", (unsigned)(l - s->links) + 1,
		       was_open ? "lost" : "not opened", strerror(-error));
	s->statistics.last_error = error;
	if (was_open)
		s->statistics.disconnects++;
	else
		s->statistics.connect_failures++;
	if (others && !was_open)
		s->second_retry_at = now + SECOND_RETRY_MS;
	/* That the rest follows a lost event connection is no news. */
	matters = events || (!others && (s->connected || !was_open));
	if (matters && !s->config.adopted)
		schedule_retry(s, healthy, now);
	settle_current(s, l, current, error, now);
	if (matters)
		qlink_monitor_lost(s, error, device_error, now);
	if (s->config.adopted)
		qlink_session_end(s, -ECONNRESET, now);
}

static void earliest(uint64_t *first, uint64_t at)
{
	if (at < *first)
		*first = at;
}

/* Deadlines that have passed and could not be acted on are not repeated: something else must happen
 * first. */
static void earliest_after(const struct session *s, uint64_t *first, uint64_t at)
{
	if (at > s->now)
		earliest(first, at);
}

static void link_deadline(const struct session *s, const struct link *l, bool work, uint64_t *first)
{
	if (l->state != LINK_OPEN)
		return;
	if (l->phase == PHASE_REPLY || l->phase == PHASE_RESYNC)
		earliest(first, l->reply_by);
	if (l->current && l->current->purpose == PURPOSE_CALLER)
		earliest(first, l->current->deadline_ms);
	if (l->phase != PHASE_IDLE)
		return;
	if (work || (l->events && !l->announced))
		earliest_after(s, first, l->ready_at);
	if (l->events && l->announced && s->config.probe_ms > 0) {
		uint64_t at = l->heard_at + s->config.probe_ms;

		earliest_after(s, first, at > l->ready_at ? at : l->ready_at);
	}
	if (!l->events && s->config.idle_ms > 0 && !s->config.adopted)
		earliest_after(s, first, l->used_at + s->config.idle_ms);
}

uint64_t qlink_pool_deadline(const struct session *s)
{
	bool work = waiting_count(s) > 0 || s->stale > 0;
	uint64_t first = NEVER;

	if (!s->running)
		return NEVER;
	for (unsigned p = 0; p < 2; p++)
		if (s->waiting[p].head)
			earliest(&first, s->waiting[p].head->deadline_ms);
	for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++)
		link_deadline(s, &s->links[i], work, &first);
	if (work || monitoring(s)) {
		earliest_after(s, &first, s->retry_at);
		earliest_after(s, &first, s->second_retry_at);
	}
	earliest_after(s, &first, s->recheck_at);
	return first;
}
