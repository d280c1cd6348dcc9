/* SPDX-License-Identifier: MIT */
/*
 * One attempt from its socket to its end: what all kinds have in common. Levels only rise, and what
 * is not proven is no success (section 12.3).
 */
#include "state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct attempt_ops *ppcs_attempt_ops(const struct attempt *a)
{
	static const struct attempt_ops *const ops[] = {
		[ATTEMPT_LAN] = &ppcs_lan_ops,       [ATTEMPT_PUNCH] = &ppcs_punch_ops,
		[ATTEMPT_SERVER] = &ppcs_server_ops, [ATTEMPT_RELAY] = &ppcs_relay_ops,
		[ATTEMPT_TCP_RELAY] = &ppcs_tcp_ops,
	};

	return ops[a->kind];
}

static struct racer *racer_of(struct session *s, const struct attempt *a)
{
	return &s->race.racers[a->mode];
}

struct path *ppcs_attempt_path(struct session *s, const struct attempt *a)
{
	return ppcs_path_get(&s->paths, a->mode, a->lane->destination.port);
}

void ppcs_attempt_event(struct session *s, const struct attempt *a, enum ppcs_event_type type,
			const struct ppcs_address *peer, uint64_t now)
{
	struct ppcs_event event = { .type = type,
				    .attempt = a->number,
				    .mode = a->mode,
				    .level = a->level,
				    .state = PPCS_RUNNING,
				    .destination = a->destination,
				    .local = a->local,
				    .elapsed_ms = (uint32_t)(now - a->started_at) };
	char uid[PPCS_UID_BYTES];

	if (peer) {
		event.peer = *peer;
		ppcs_uid_text(a->link.up ? &a->link.uid : &a->uid, uid);
		event.uid = uid;
	}
	ppcs_session_emit(s, &event, now);
}

int ppcs_attempt_start(struct session *s, struct racer *r, struct lane *lane, uint64_t now)
{
	struct attempt *a = calloc(1, sizeof(*a));
	struct path *path;

	if (!a)
		return -ENOMEM;
	a->number = ++s->race.last_number;
	a->mode = r->mode;
	a->kind = lane->kind;
	a->lane = lane;
	a->destination = lane->destination;
	a->started_at = now;
	a->tick_at = NEVER;
	a->ends_at = now + ppcs_path_limit(&s->paths, a->mode, a->destination.port,
					   s->config.attempt_timeout_ms);
	a->key = s->keys.count == 1 ? 0 : KEY_ANY;
	a->uid = s->config.uid;
	if (a->kind != ATTEMPT_TCP_RELAY)
		a->socket = ppcs_socket_add(s, false, lane->broadcast, a->destination);
	/* The record comes last: it tells of attempts that have begun. */
	a->record = SIZE_MAX;
	if (a->kind == ATTEMPT_TCP_RELAY || a->socket != 0)
		a->record = ppcs_racer_add_record(s, r);
	if (a->record == SIZE_MAX) {
		ppcs_socket_close(s, a->socket);
		free(a);
		return -ENOMEM;
	}
	a->next = s->race.attempts;
	s->race.attempts = a;
	lane->attempt = a;
	s->statistics.attempts++;
	path = ppcs_attempt_path(s, a);
	if (path)
		path->numbers.attempts++;
	if (a->kind == ATTEMPT_TCP_RELAY)
		ppcs_tcp_start(s, a, now);
	return 0;
}

/* Once, when its local address is known, or never will be. */
static void tell_start(struct session *s, struct attempt *a, uint64_t now)
{
	if (!a->open)
		ppcs_attempt_event(s, a, PPCS_EVENT_ATTEMPT_STARTED, NULL, now);
	a->open = true;
}

void ppcs_attempt_opened(struct session *s, struct attempt *a, uint32_t socket, uint64_t now)
{
	const struct socket *found = ppcs_socket_find(s, socket);

	if (a->local.port == 0)
		a->local = found->local;
	tell_start(s, a, now);
	if (a->kind == ATTEMPT_TCP_RELAY) {
		ppcs_tcp_opened(s, a, socket, now);
		return;
	}
	ppcs_attempt_ops(a)->start(s, a, now);
	ppcs_attempt_tick(s, a, now);
}

void ppcs_attempt_failed(struct session *s, struct attempt *a, uint32_t socket, uint64_t now)
{
	if (a->kind == ATTEMPT_TCP_RELAY)
		ppcs_tcp_failed(s, a, socket, now);
	else
		ppcs_attempt_end(s, a, PPCS_FAILED, REASON_NO_SOCKET, now);
}

void ppcs_attempt_send(struct session *s, struct attempt *a, const struct ppcs_address *to,
		       const struct packet *p)
{
	racer_of(s, a)->records[a->record].sent +=
		ppcs_output(s, a->socket, to, a->key, a->ticks, p);
}

bool ppcs_attempt_wanted(struct session *s, struct attempt *a, const struct uid *uid)
{
	if (!ppcs_uid_sound(uid)) {
		/* Nobody's: a device has none like that. */
		a->unreadable = true;
		s->statistics.warnings_uid++;
		ppcs_race_see(s, REASON_UNREADABLE);
		return false;
	}
	if (ppcs_uid_empty(&a->uid))
		a->uid = *uid;
	if (ppcs_uid_same(&a->uid, uid)) {
		if (ppcs_uid_empty(&s->race.learnt))
			s->race.learnt = *uid;
		return true;
	}
	a->other_device = true;
	s->statistics.warnings_uid++;
	s->race.other = *uid;
	ppcs_race_see(s, REASON_OTHER_DEVICE);
	return false;
}

void ppcs_attempt_answered(struct session *s, struct attempt *a, const struct ppcs_address *peer,
			   int key, uint64_t now)
{
	struct path *path = ppcs_attempt_path(s, a);

	a->key = key;
	racer_of(s, a)->heard = true;
	if (a->level >= PPCS_LEVEL_ANSWER)
		return;
	a->level = PPCS_LEVEL_ANSWER;
	a->answered_at = now;
	if (path) {
		path->numbers.answers++;
		ppcs_samples_add(&path->answer, now - a->started_at);
	}
	ppcs_attempt_event(s, a, PPCS_EVENT_ATTEMPT_ANSWERED, peer, now);
}

void ppcs_attempt_up(struct session *s, struct attempt *a, const struct ppcs_address *peer,
		     const struct uid *uid, int key, uint64_t now)
{
	struct path *path = ppcs_attempt_path(s, a);

	ppcs_attempt_answered(s, a, peer, key, now);
	a->level = PPCS_LEVEL_PATH;
	a->tick_at = NEVER;
	a->ends_at = now + s->config.attempt_timeout_ms;
	a->link.socket = a->socket;
	a->link.peer = *peer;
	a->link.uid = *uid;
	a->link.key = key;
	ppcs_link_start(s, &a->link, now);
	if (path)
		ppcs_path_up(path, now - a->started_at);
	ppcs_race_see(s, REASON_SILENT);
	ppcs_attempt_event(s, a, PPCS_EVENT_ATTEMPT_UP, peer, now);
}

enum reason ppcs_attempt_late(const struct session *s, const struct attempt *a)
{
	return a->link.up ? REASON_SILENT : ppcs_attempt_ops(a)->late(s, a);
}

/* Why an attempt that is still there has to end now, or REASON_NONE. */
static enum reason ending(const struct session *s, const struct attempt *a, uint64_t now)
{
	if (now >= a->ends_at)
		return ppcs_attempt_late(s, a);
	return a->link.up ? REASON_NONE : ppcs_attempt_ops(a)->hopeless(s, a, now);
}

void ppcs_attempt_tick(struct session *s, struct attempt *a, uint64_t now)
{
	enum reason reason = ending(s, a, now);

	if (reason != REASON_NONE) {
		ppcs_attempt_end(s, a, PPCS_FAILED, reason, now);
		return;
	}
	if (a->link.up) {
		ppcs_link_tick(s, &a->link, now);
		return;
	}
	if (!a->open || now < a->tick_at)
		return;
	a->tick_at = now + TICK_MS;
	ppcs_attempt_ops(a)->tick(s, a, now);
	a->ticks++;
}

uint64_t ppcs_attempt_deadline(const struct session *s, const struct attempt *a)
{
	uint64_t at = a->ends_at;
	uint64_t other = a->link.up ? ppcs_link_deadline(s, &a->link) : a->tick_at;

	if (other < at)
		at = other;
	if (!a->link.up && ppcs_attempt_ops(a)->deadline) {
		other = ppcs_attempt_ops(a)->deadline(s, a);
		if (other < at)
			at = other;
	}
	return at;
}

void ppcs_attempt_record(struct session *s, struct attempt *a, uint64_t now)
{
	struct racer *r = racer_of(s, a);
	struct ppcs_attempt *record = &r->records[a->record];

	record->state = PPCS_RUNNING;
	record->level = a->level;
	record->destination = a->destination;
	record->local_port = a->local.port;
	record->sent += a->link.sent;
	a->link.sent = 0;
	record->elapsed_ms = (uint32_t)(now - a->started_at);
}

static void unlink_attempt(struct session *s, const struct attempt *a)
{
	struct attempt **place = &s->race.attempts;

	while (*place != a)
		place = &(*place)->next;
	*place = a->next;
}

static void tell_end(struct session *s, const struct attempt *a, enum ppcs_racer_state state,
		     enum reason reason, uint64_t now)
{
	struct ppcs_event event = { .type = PPCS_EVENT_ATTEMPT_ENDED,
				    .attempt = a->number,
				    .mode = a->mode,
				    .state = state,
				    .level = a->level,
				    .destination = a->destination,
				    .local = a->local,
				    .text = ppcs_reason_text(reason),
				    .elapsed_ms = (uint32_t)(now - a->started_at) };

	ppcs_session_emit(s, &event, now);
}

static void note_failure(struct session *s, struct attempt *a, enum reason reason)
{
	struct path *path = ppcs_attempt_path(s, a);

	ppcs_race_see(s, reason);
	if (!path)
		return;
	path->numbers.failures++;
	path->numbers.error = ppcs_reason_text(reason);
}

void ppcs_attempt_end(struct session *s, struct attempt *a, enum ppcs_racer_state state,
		      enum reason reason, uint64_t now)
{
	struct racer *r = racer_of(s, a);
	struct lane *lane = a->lane;

	ppcs_attempt_record(s, a, now);
	r->records[a->record].state = state;
	r->records[a->record].error = ppcs_reason_text(reason);
	tell_start(s, a, now);
	tell_end(s, a, state, reason, now);
	unlink_attempt(s, a);
	if (a->kind == ATTEMPT_TCP_RELAY)
		ppcs_tcp_close(s, a);
	/* The device that said CLOSE wants to hear nothing more. */
	if (a->link.up && reason != REASON_DEVICE_CLOSED)
		ppcs_farewell_add(s, &a->link, now);
	else if (state != PPCS_SUCCESS)
		ppcs_socket_close(s, a->link.up ? a->link.socket : a->socket);
	ppcs_link_drop(&a->link);
	lane->attempt = NULL;
	lane->tried = true;
	if (state == PPCS_FAILED) {
		r->retries++;
		note_failure(s, a, reason);
		ppcs_racer_failed(s, r, lane, reason, now);
	}
	free(a);
}

struct attempt *ppcs_attempt_find(const struct session *s, uint32_t socket)
{
	for (struct attempt *a = s->race.attempts; a; a = a->next) {
		if (a->socket == socket || (a->link.up && a->link.socket == socket))
			return a;
		if (a->kind == ATTEMPT_TCP_RELAY && ppcs_tcp_owns(a, socket))
			return a;
	}
	return NULL;
}
