/* SPDX-License-Identifier: MIT */
/*
 * The session's life (section 19): connecting, logged in, ready, lost and back; and the requests
 * from their making to their one result.
 */
#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

#define IN_MAX_BYTES  8192
#define OUT_MAX_BYTES 1024
#define CLOSING_MS    2000

int ipcom_session_new(struct session **ret)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->generation = 1;
	*ret = s;
	return 0;
}

static void drop_connection(struct session *s)
{
	uint32_t generation = s->generation + 1;

	cmn_buf_free(&s->in);
	cmn_buf_free(&s->out);
	explicit_bzero(&s->cipher, sizeof(s->cipher));
	s->generation = generation ? generation : 1;
	s->flight = FLIGHT_NONE;
	s->goodbye = false;
	s->unknown_before = false;
	s->written_at = 0;
}

void ipcom_session_free(struct session *s)
{
	if (!s)
		return;
	while (s->requests) {
		struct request *r = s->requests;

		s->requests = r->next;
		free(r);
	}
	drop_connection(s);
	ipcom_event_list_free(&s->events);
	free(s->history);
	explicit_bzero(&s->config, sizeof(s->config));
	free(s);
}

void ipcom_session_emit(struct session *s, struct ipcom_event *event, uint64_t now)
{
	event->time_ms = now;
	ipcom_event_list_add(&s->events, event);
	s->statistics.dropped_events = s->events.dropped_all;
}

void ipcom_session_set_state(struct session *s, enum ipcom_state state, int error, uint64_t now)
{
	struct ipcom_event event = { .type = IPCOM_EVENT_STATE, .state = state, .error = error };

	s->state = state;
	if (state == IPCOM_STATE_BACKOFF || state == IPCOM_STATE_REFUSED)
		event.delay_ms = s->retry_at > now ? (uint32_t)(s->retry_at - now) : 0;
	cmn_log_printf(&s->log, CMN_LOG_INFO, "%s%s%s", ipcom_state_name(state),
		       error < 0 ? ": " : "", error < 0 ? ipcom_strerror(error) : "");
	/* The answer to a login that was none tells a person more than our guess. */
	if (error < 0 && s->flight == FLIGHT_LOGIN) {
		event.data = cmn_buf_data(&s->in);
		event.size = cmn_buf_len(&s->in);
		if (event.size > MESSAGE_ACCEPT_BYTES)
			event.size = MESSAGE_ACCEPT_BYTES;
	}
	ipcom_session_emit(s, &event, now);
}

void ipcom_session_connect(struct session *s, uint64_t now)
{
	cmn_buf_init(&s->in, IN_MAX_BYTES);
	cmn_buf_init(&s->out, OUT_MAX_BYTES);
	s->cipher = (struct cipher){ .mode = CIPHER_LOGIN };
	ipcom_session_set_state(s, IPCOM_STATE_CONNECTING, 0, now);
}

int ipcom_session_start(struct session *s, const struct session_config *config,
			const struct cmn_log *log, uint64_t seed, uint64_t now)
{
	struct ipcom_change *history = NULL;

	if (config->history > 0) {
		history = calloc(config->history, sizeof(*history));
		if (!history)
			return -ENOMEM;
	}
	free(s->history);
	s->history = history;
	s->history_next = 0;
	s->history_count = 0;
	s->config = *config;
	s->log = *log;
	cmn_prng_seed(&s->prng, seed);
	s->now = now;
	s->attempt = 0;
	s->clear = false;
	s->was_ready = false;
	s->shadow.compared = false;
	ipcom_session_connect(s, now);
	return 0;
}

enum ipcom_state ipcom_session_state(const struct session *s)
{
	return s->state;
}

void ipcom_session_set_log(struct session *s, const struct cmn_log *log)
{
	s->log = *log;
}

void ipcom_session_set_timeout(struct session *s, unsigned timeout_ms)
{
	s->config.timeout_ms = timeout_ms;
}

static void unlink_request(struct session *s, const struct request *r)
{
	struct request **place = &s->requests;

	while (*place && *place != r)
		place = &(*place)->next;
	if (*place)
		*place = r->next;
	s->request_count--;
}

void ipcom_request_finish(struct session *s, struct request *r, int error, uint64_t now)
{
	unlink_request(s, r);
	ipcom_shadow_disown(s, r, true);
	ipcom_shutter_disown(s, r);
	r->node.is_request = true;
	r->node.event = (struct ipcom_event){
		.type = IPCOM_EVENT_RESULT, .time_ms = now, .id = r->id, .error = error
	};
	ipcom_event_list_add_request(&s->events, r);
}

void ipcom_request_step(struct session *s, struct request *r, uint64_t now)
{
	if (r && --r->open == 0)
		ipcom_request_finish(s, r, 0, now);
}

static void finish_all(struct session *s, int error, uint64_t now)
{
	while (s->requests)
		ipcom_request_finish(s, s->requests, error, now);
}

void ipcom_session_idle(struct session *s, int error, uint64_t now)
{
	ipcom_shutter_lost(s, now);
	ipcom_shadow_lost(s);
	ipcom_session_set_state(s, IPCOM_STATE_IDLE, error, now);
	drop_connection(s);
}

static void back_off(struct session *s, int error, uint64_t now)
{
	bool refused = error == -EACCES;
	unsigned attempt = refused ? 31 : s->attempt;
	uint32_t wait = cmn_backoff_ms(&s->config.reconnect, attempt, cmn_prng_next(&s->prng));

	if (s->attempt < 31)
		s->attempt++;
	s->retry_at = now + wait;
	ipcom_session_set_state(s, refused ? IPCOM_STATE_REFUSED : IPCOM_STATE_BACKOFF, error, now);
}

void ipcom_session_lost(struct session *s, int error, uint64_t now)
{
	bool final = s->config.adopted || s->state == IPCOM_STATE_CLOSING ||
		     ((error == -EACCES || error == -EPERM) && s->config.stop_when_refused);

	if (error < 0)
		s->statistics.last_error = error;
	ipcom_shutter_lost(s, now);
	ipcom_shadow_lost(s);
	if (final) {
		finish_all(s, error < 0 ? error : -ECONNRESET, now);
		ipcom_session_idle(s, s->state == IPCOM_STATE_CLOSING ? 0 : error, now);
		return;
	}
	back_off(s, error, now);
	drop_connection(s);
}

void ipcom_session_stop(struct session *s, uint64_t now)
{
	bool ready = s->state == IPCOM_STATE_READY;

	if (s->state == IPCOM_STATE_IDLE || s->state == IPCOM_STATE_CLOSING)
		return;
	if (!ready && s->state != IPCOM_STATE_SYNC) {
		finish_all(s, -ECANCELED, now);
		ipcom_session_idle(s, 0, now);
		return;
	}
	/* The shutters first: with the end of their requests they would be forgotten. */
	if (s->config.stop_shutters)
		ipcom_shutter_stop_all(s, now);
	finish_all(s, -ECANCELED, now);
	s->close_by = now + CLOSING_MS;
	ipcom_session_set_state(s, IPCOM_STATE_CLOSING, 0, now);
	ipcom_session_tick(s, now);
}

/* A new request at the end of the list. */
static int new_request(struct session *s, uint64_t now, uint32_t *ret_id, struct request **ret)
{
	struct request **end = &s->requests;
	struct request *r;

	if (s->state == IPCOM_STATE_IDLE || s->state == IPCOM_STATE_CLOSING)
		return -ENOTCONN;
	if (s->request_count >= IPCOM_MAX_REQUESTS)
		return -EBUSY;
	r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	if (++s->last_id == 0)
		s->last_id = 1;
	r->id = s->last_id;
	r->deadline_ms = now + s->config.timeout_ms;
	while (*end)
		end = &(*end)->next;
	*end = r;
	s->request_count++;
	if (ret_id)
		*ret_id = r->id;
	*ret = r;
	return 0;
}

static unsigned value_in(const struct ipcom_setting *settings, size_t count,
			 struct ipcom_output output)
{
	for (size_t i = 0; i < count; i++)
		if (settings[i].output.module == output.module &&
		    settings[i].output.output == output.output)
			return settings[i].value;
	return 0;
}

/* Both relays of a shutter in one request need no device to be refused. */
static int check_settings(const struct session *s, const struct ipcom_setting *settings,
			  size_t count)
{
	for (unsigned i = 0; i < s->shutter_count && !s->config.force; i++)
		if (value_in(settings, count, s->shutters[i].up) != 0 &&
		    value_in(settings, count, s->shutters[i].down) != 0)
			return -EPERM;
	return 0;
}

/* A relay that is set by hand is no longer moved by the handle. */
static bool release_shutter(struct session *s, struct ipcom_output output, uint64_t now)
{
	struct shutter *shutter = ipcom_shutter_of(s, output);

	if (!shutter)
		return false;
	shutter->phase = SHUTTER_REST;
	shutter->at = NEVER;
	if (shutter->owner)
		ipcom_request_finish(s, shutter->owner, -ECANCELED, now);
	return true;
}

int ipcom_session_set(struct session *s, const struct ipcom_setting *settings, size_t count,
		      uint64_t now, uint32_t *ret_id)
{
	struct request *r = NULL;
	int ret = check_settings(s, settings, count);

	if (ret == 0)
		ret = new_request(s, now, ret_id, &r);
	if (ret < 0)
		return ret;
	for (size_t i = 0; i < count; i++) {
		bool shutter = release_shutter(s, settings[i].output, now);

		ipcom_shadow_want(s, settings[i].output, (uint8_t)settings[i].value, false, shutter,
				  r, now);
	}
	ipcom_session_tick(s, now);
	return 0;
}

int ipcom_session_toggle(struct session *s, struct ipcom_output output, uint64_t now,
			 uint32_t *ret_id)
{
	struct request *r = NULL;
	int ret = new_request(s, now, ret_id, &r);

	if (ret < 0)
		return ret;
	ipcom_shadow_want(s, output, 0, true, release_shutter(s, output, now), r, now);
	ipcom_session_tick(s, now);
	return 0;
}

int ipcom_session_move(struct session *s, unsigned shutter, enum ipcom_direction direction,
		       uint64_t now, uint32_t *ret_id)
{
	struct request *r = NULL;
	int ret;

	if (shutter >= s->shutter_count)
		return -EINVAL;
	ret = new_request(s, now, ret_id, &r);
	if (ret < 0)
		return ret;
	r->shutter = true;
	ipcom_shutter_start(s, &s->shutters[shutter], direction, r, now);
	ipcom_session_tick(s, now);
	return 0;
}

int ipcom_session_refresh(struct session *s, uint64_t now, uint32_t *ret_id)
{
	struct request *r = NULL;
	int ret = new_request(s, now, ret_id, &r);

	if (ret < 0)
		return ret;
	r->refresh = true;
	r->refresh_step = s->step;
	ipcom_session_tick(s, now);
	return 0;
}

static struct request *find_request(const struct session *s, uint32_t id)
{
	struct request *r = s->requests;

	while (r && r->id != id)
		r = r->next;
	return r;
}

int ipcom_session_cancel(struct session *s, uint32_t id, uint64_t now)
{
	struct request *r = find_request(s, id);

	if (!r)
		return -ENOENT;
	ipcom_request_finish(s, r, -ECANCELED, now);
	return 0;
}

bool ipcom_session_pending(const struct session *s, uint32_t id)
{
	return find_request(s, id) != NULL;
}

int ipcom_session_add_shutter(struct session *s, struct ipcom_output up, struct ipcom_output down,
			      unsigned travel_ms, unsigned dead_ms, unsigned *ret_shutter)
{
	if (ipcom_shutter_of(s, up) || ipcom_shutter_of(s, down))
		return -EINVAL;
	if (s->shutter_count == IPCOM_MAX_SHUTTERS)
		return -EBUSY;
	if (ret_shutter)
		*ret_shutter = s->shutter_count;
	s->shutters[s->shutter_count++] = (struct shutter){
		.up = up, .down = down, .travel_ms = travel_ms, .dead_ms = dead_ms, .at = NEVER
	};
	return 0;
}
