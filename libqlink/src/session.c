/* SPDX-License-Identifier: MIT */
/*
 * The session as the API and the transport see it: requests and events on one side, bytes and
 * connections on the other. What happens in between is in pool.c, link.c and monitor.c.
 */
#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

int qlink_session_new(struct session **ret)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++)
		s->links[i].generation = 1;
	*ret = s;
	return 0;
}

static void drop_requests(struct request_list *list)
{
	struct request *r;

	while ((r = qlink_request_shift(list)) != NULL)
		qlink_request_free(r);
}

void qlink_session_free(struct session *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++) {
		qlink_request_free(s->links[i].current);
		cmn_buf_free(&s->links[i].out);
	}
	drop_requests(&s->waiting[QLINK_PRIORITY_USER]);
	drop_requests(&s->waiting[QLINK_PRIORITY_POLL]);
	qlink_event_list_free(&s->events);
	qlink_cache_free(&s->cache);
	free(s);
}

void qlink_session_start(struct session *s, const struct session_config *config,
			 const struct cmn_log *log, uint64_t seed, uint64_t now)
{
	s->config = *config;
	s->log = *log;
	cmn_prng_seed(&s->prng, seed);
	s->running = true;
	s->now = now;
	s->attempt = 0;
	s->retry_at = 0;
	s->second_retry_at = 0;
	s->links[0].state = LINK_WANTED;
	s->links[0].events = config->monitoring != 0;
}

bool qlink_session_running(const struct session *s)
{
	return s->running;
}

void qlink_session_set_mode(struct session *s, enum qlink_mode mode)
{
	s->config.mode = mode;
}

void qlink_session_allow_program(struct session *s, bool on)
{
	s->program = on;
}

void qlink_session_set_log(struct session *s, const struct cmn_log *log)
{
	s->log = *log;
}

void qlink_session_emit(struct session *s, struct qlink_event *event, struct span text,
			uint64_t now)
{
	event->time_ms = now;
	qlink_event_list_add(&s->events, event, text);
	s->statistics.dropped_events = s->events.dropped_all;
}

/* The parts of the address that the command's letters name. */
static void fill_address(struct qlink_event *e, const struct command *c)
{
	const char *letter = qlink_command_spec(c->verb)->params;

	e->load = qlink_load_of_command(c);
	for (unsigned i = 0; i < c->count && *letter != '\0'; letter++) {
		unsigned value = (unsigned)c->params[i];

		if (*letter == '[')
			continue;
		i++;
		if (*letter == 'm')
			e->master = value;
		else if (*letter == 's' || *letter == 'S')
			e->station = value;
		else if (*letter == 'w' || *letter == 'd')
			e->button = value;
		else if (*letter == 'C' || *letter == 'k' || *letter == 'i')
			e->code = value;
	}
}

static void fill_values(struct qlink_event *e, const struct command *c, const struct reply *reply)
{
	const char *ranges = qlink_command_spec(c->verb)->values;

	e->values = reply->values;
	e->value_count = reply->value_count;
	e->modules = reply->modules;
	e->stations = reply->stations;
	e->lines = reply->lines;
	e->row_count = reply->row_count;
	if (reply->row_count == 1 && reply->lines && !c->collect)
		e->text = reply->lines[0];
	if (reply->value_count == 1 && *ranges == 'v')
		e->level = reply->values[0];
	else if (reply->value_count == 1 && strchr("abtq", *ranges))
		e->state = reply->values[0];
	if (qlink_command_spec(c->verb)->shape == REPLY_MASKS && reply->value_count == 2) {
		e->on_leds = (uint16_t)(reply->values[0] & ~reply->values[1]);
		e->blink_leds = (uint16_t)reply->values[1];
	}
}

static void fill_result(struct qlink_event *e, const struct request *r, int error, uint64_t now)
{
	*e = (struct qlink_event){ .type = QLINK_EVENT_RESULT, .level = -1, .state = -1 };
	e->time_ms = now;
	e->id = r->id;
	e->command = r->command.verb;
	e->error = error;
	e->device_error = error == -EIO ? r->reply.device_error : 0;
	fill_address(e, &r->command);
	if (error == 0)
		fill_values(e, &r->command, &r->reply);
}

void qlink_session_finish(struct session *s, struct link *l, struct request *r, int error,
			  uint64_t now)
{
	if (l && l->current == r)
		l->current = NULL;
	if (r->purpose != PURPOSE_CALLER) {
		qlink_monitor_finished(s, l, r, error, now);
		qlink_request_free(r);
		return;
	}
	if (error == 0) {
		qlink_known_learn(s, r, now);
		if (s->config.monitoring == 0)
			s->attempt = 0;
	}
	fill_result(&r->node.event, r, error, now);
	qlink_event_list_add_request(&s->events, r);
	s->requests--;
}

void qlink_session_end(struct session *s, int error, uint64_t now)
{
	struct request *r;

	s->running = false;
	s->synchronising = false;
	for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++) {
		struct link *l = &s->links[i];

		r = l->current;
		l->current = NULL;
		qlink_link_close(s, l);
		if (r)
			qlink_session_finish(s, l, r, error, now);
	}
	for (unsigned p = 0; p < 2; p++)
		while ((r = qlink_request_shift(&s->waiting[p])) != NULL)
			qlink_session_finish(s, NULL, r, error, now);
	s->statistics.connections = 0;
}

void qlink_session_stop(struct session *s, uint64_t now)
{
	bool connected = s->connected;

	if (!s->running)
		return;
	qlink_session_end(s, -ECANCELED, now);
	if (connected)
		qlink_monitor_lost(s, -ECANCELED, 0, now);
}

static int permitted(const struct session *s, const struct command *c)
{
	enum command_access access = qlink_command_access(c);

	if (s->config.mode == QLINK_MODE_READ_ONLY &&
	    (access != ACCESS_READ || !qlink_command_known(c)))
		return -EPERM;
	return access == ACCESS_PROGRAM && !s->program ? -EPERM : 0;
}

int qlink_session_request(struct session *s, const struct command *command,
			  enum qlink_priority priority, uint64_t now, uint32_t *ret_id)
{
	struct request *r;
	int ret = qlink_command_check(command);

	if (ret == 0)
		ret = permitted(s, command);
	if (ret < 0)
		return ret;
	if (!s->running)
		return -ENOTCONN;
	if (s->requests >= QLINK_MAX_REQUESTS)
		return -EBUSY;
	r = qlink_request_new(command, PURPOSE_CALLER);
	if (!r)
		return -ENOMEM;
	if (++s->last_id == 0)
		s->last_id = 1;
	r->id = s->last_id;
	r->priority = priority;
	r->deadline_ms = now + s->config.timeout_ms;
	qlink_request_append(&s->waiting[priority], r);
	s->requests++;
	if (ret_id)
		*ret_id = r->id;
	qlink_pool_run(s, now);
	return 0;
}

static struct link *link_of_request(struct session *s, uint32_t id)
{
	for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++) {
		const struct request *r = s->links[i].current;

		if (r && r->purpose == PURPOSE_CALLER && r->id == id)
			return &s->links[i];
	}
	return NULL;
}

int qlink_session_cancel(struct session *s, uint32_t id, uint64_t now)
{
	struct link *l = link_of_request(s, id);
	struct request *r;

	if (l) {
		r = l->current;
		l->current = NULL;
		qlink_link_resync(s, l, now);
	} else {
		r = qlink_request_remove(&s->waiting[QLINK_PRIORITY_USER], id);
		if (!r)
			r = qlink_request_remove(&s->waiting[QLINK_PRIORITY_POLL], id);
	}
	if (!r)
		return -ENOENT;
	qlink_session_finish(s, l, r, -ECANCELED, now);
	return 0;
}

bool qlink_session_pending(const struct session *s, uint32_t id)
{
	for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++) {
		const struct request *r = s->links[i].current;

		if (r && r->purpose == PURPOSE_CALLER && r->id == id)
			return true;
	}
	for (unsigned p = 0; p < 2; p++)
		for (const struct request *r = s->waiting[p].head; r; r = r->next)
			if (r->id == id)
				return true;
	return false;
}

const struct qlink_event *qlink_session_next_event(struct session *s)
{
	return qlink_event_list_next(&s->events);
}

const struct qlink_event *qlink_session_take_result(struct session *s, uint32_t id)
{
	return qlink_event_list_take(&s->events, id);
}

bool qlink_session_has_event(const struct session *s)
{
	return s->events.head || s->events.dropped > 0;
}

int qlink_session_watch(struct session *s, uint64_t key, bool on, uint64_t now)
{
	struct cache_item *item = on ? qlink_cache_get(&s->cache, key) :
				       qlink_cache_find(&s->cache, key);

	if (!item)
		return !on ? 0 : s->cache.count == CACHE_MAX_ITEMS ? -EBUSY : -ENOMEM;
	item->watched = on;
	if (item->stale != (on && s->connected)) {
		s->stale += item->stale ? (size_t)-1 : 1;
		item->stale = !item->stale;
	}
	qlink_pool_run(s, now);
	return 0;
}

int qlink_session_cached(const struct session *s, uint64_t key, uint64_t now, int32_t *ret_value,
			 uint64_t *ret_age_ms)
{
	const struct cache_item *item = qlink_cache_find(&s->cache, key);

	if (!item || !item->known)
		return -ENOENT;
	*ret_value = item->value;
	if (ret_age_ms)
		*ret_age_ms = now - item->time_ms;
	return 0;
}

struct qlink_statistics *qlink_session_statistics(struct session *s)
{
	return &s->statistics;
}

uint32_t qlink_session_wants(const struct session *s, unsigned slot)
{
	return s->links[slot].state == LINK_CLOSED ? 0 : s->links[slot].generation;
}

bool qlink_session_to_query_port(const struct session *s)
{
	return s->config.mode == QLINK_MODE_READ_ONLY;
}

void qlink_session_opened(struct session *s, unsigned slot, uint64_t now)
{
	struct link *l = &s->links[slot];

	if (l->state != LINK_WANTED)
		return;
	s->statistics.connects++;
	s->statistics.last_error = 0;
	cmn_log_printf(&s->log, CMN_LOG_INFO, "connection %u: open", slot + 1);
	qlink_link_open(s, l, now);
	qlink_monitor_check(s, l, now);
	qlink_pool_run(s, now);
}

void qlink_session_failed(struct session *s, unsigned slot, int error, uint64_t now)
{
	struct link *l = &s->links[slot];

	if (l->state == LINK_CLOSED)
		return;
	qlink_pool_failed(s, l, error < 0 ? error : -ECONNRESET, 0, now);
	qlink_pool_run(s, now);
}

void qlink_session_receive(struct session *s, unsigned slot, const uint8_t *data, size_t size,
			   uint64_t now)
{
	if (s->links[slot].state != LINK_OPEN)
		return;
	qlink_link_receive(s, &s->links[slot], data, size, now);
	qlink_pool_run(s, now);
}

size_t qlink_session_output(const struct session *s, unsigned slot, const uint8_t **ret_data)
{
	const struct link *l = &s->links[slot];

	if (l->state != LINK_OPEN)
		return 0;
	*ret_data = cmn_buf_data(&l->out);
	return cmn_buf_len(&l->out);
}

void qlink_session_sent(struct session *s, unsigned slot, size_t size, uint64_t now)
{
	qlink_link_sent(s, &s->links[slot], size, now);
	qlink_pool_run(s, now);
}

uint64_t qlink_session_deadline(const struct session *s)
{
	return qlink_pool_deadline(s);
}

void qlink_session_tick(struct session *s, uint64_t now)
{
	qlink_pool_run(s, now);
}
