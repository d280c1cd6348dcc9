/* SPDX-License-Identifier: MIT */
/*
 * One attempt from its socket to its end: what all kinds have in common. Levels only rise, and what
 * is not proven is no success (section 12.3).
 */
#include "state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct attempt_ops *ops_of(const struct attempt *a)
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

/* What is learnt belongs to the port, for servers and relays to the kind of way. */
static struct path *path_of(struct session *s, const struct attempt *a)
{
	return ppcs_path_get(&s->paths, a->mode, a->destination.port);
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
	a->record = ppcs_racer_add_record(s, r);
	if (a->kind != ATTEMPT_TCP_RELAY)
		a->socket = ppcs_socket_add(s, false, lane->broadcast, a->destination);
	if (a->record == SIZE_MAX || (a->kind != ATTEMPT_TCP_RELAY && a->socket == 0)) {
		ppcs_socket_close(s, a->socket);
		free(a);
		return -ENOMEM;
	}
	a->next = s->race.attempts;
	s->race.attempts = a;
	lane->attempt = a;
	s->statistics.attempts++;
	path = path_of(s, a);
	if (path)
		path->numbers.attempts++;
	ppcs_attempt_event(s, a, PPCS_EVENT_ATTEMPT_STARTED, NULL, now);
	if (a->kind == ATTEMPT_TCP_RELAY)
		ppcs_tcp_start(s, a, now);
	return 0;
}

void ppcs_attempt_opened(struct session *s, struct attempt *a, uint32_t socket, uint64_t now)
{
	const struct socket *found = ppcs_socket_find(s, socket);

	if (a->local.port == 0)
		a->local = found->local;
	a->open = true;
	if (a->kind == ATTEMPT_TCP_RELAY) {
		ppcs_tcp_opened(s, a, socket, now);
		return;
	}
	ops_of(a)->start(s, a, now);
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
	if (ppcs_uid_empty(uid))
		return false;
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
	struct path *path = path_of(s, a);

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
	struct path *path = path_of(s, a);

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

/* The path is up: what comes from the peer is the proof, or the end. */
static void receive_link(struct session *s, struct attempt *a, const struct ppcs_address *from,
			 const struct packet *p, uint64_t now)
{
	struct path *path;

	if (!ppcs_address_same(from, &a->link.peer)) {
		s->statistics.warnings_address++;
		return;
	}
	switch (ppcs_link_receive(s, &a->link, p, now)) {
	case LINK_VERIFIED:
		a->level = PPCS_LEVEL_VERIFIED;
		path = path_of(s, a);
		if (path)
			ppcs_samples_add(&path->verified, now - a->started_at);
		break;
	case LINK_CLOSED:
		ppcs_attempt_end(s, a, PPCS_FAILED, REASON_DEVICE_CLOSED, now);
		break;
	case LINK_NOTHING:
		break;
	}
}

/* Only a client says these: they are our own, come back. */
static bool from_client(uint8_t type)
{
	return type == PACKET_HELLO || type == PACKET_P2P_REQ || type == PACKET_P2P_REQ_DSK ||
	       type == PACKET_LAN_SEARCH || type == PACKET_LIST_REQ1 ||
	       type == PACKET_LIST_REQ_DSK || type == PACKET_RLY_HELLO || type == PACKET_RLY_PORT ||
	       type == PACKET_RLY_REQ || type == PACKET_RLY_PKT;
}

static void note_unreadable(struct session *s, struct attempt *a, const uint8_t *data, size_t size)
{
	struct keys all;
	uint8_t head[PACKET_MAX_BYTES];
	int key;

	a->unreadable = true;
	s->statistics.unreadable++;
	ppcs_race_see(s, REASON_UNREADABLE);
	if (size > sizeof(head))
		return;
	memcpy(head, data, size);
	ppcs_keys_all(&all, "");
	key = ppcs_keys_decrypt(&all, KEY_ANY, head, size);
	if (key == 0)
		s->race.other_key = "";
	else if (key > 0)
		s->race.other_key = ppcs_cipher_known((unsigned)key - 1);
}

/* A stranger's claim that the path is up is worth a word. */
static void note_stranger(struct session *s, const struct packet *p)
{
	s->statistics.warnings_address++;
	if (p->useful && (p->type == PACKET_P2P_RDY || p->type == PACKET_RLY_RDY))
		ppcs_race_see(s, REASON_STRANGER);
}

static void receive_packet(struct session *s, struct attempt *a, const struct ppcs_address *from,
			   const struct packet *p, int key, uint64_t now)
{
	const struct attempt_ops *ops = ops_of(a);

	if (!a->link.up && !ops->asked(s, a, from)) {
		note_stranger(s, p);
		return;
	}
	racer_of(s, a)->records[a->record].received++;
	if (!p->useful) {
		s->statistics.warnings_type++;
		return;
	}
	if (p->extra > 0)
		s->statistics.warnings_length++;
	if (a->link.up) {
		receive_link(s, a, from, p, now);
		return;
	}
	if (from_client(p->type)) {
		a->reflected = true;
		ppcs_race_see(s, REASON_REFLECTED);
		return;
	}
	ops->receive(s, a, from, p, key, now);
}

void ppcs_attempt_receive(struct session *s, struct attempt *a, uint32_t socket,
			  const struct ppcs_address *from, const uint8_t *data, size_t size,
			  uint64_t now)
{
	uint8_t plain[PACKET_MAX_BYTES];
	struct packet p;
	int key = -1;

	if (a->kind == ATTEMPT_TCP_RELAY) {
		ppcs_tcp_receive(s, a, socket, data, size, now);
		return;
	}
	if (size <= sizeof(plain)) {
		memcpy(plain, data, size);
		key = ppcs_keys_decrypt(&s->keys, a->key, plain, size);
	}
	if (key >= 0 && ppcs_packet_decode(plain, size, &p) == 0) {
		receive_packet(s, a, from, &p, key, now);
	} else if (ops_of(a)->asked(s, a, from)) {
		racer_of(s, a)->records[a->record].received++;
		note_unreadable(s, a, data, size);
	} else {
		s->statistics.warnings_address++;
	}
}

void ppcs_attempt_unreachable(struct session *s, struct attempt *a, const struct ppcs_address *to,
			      uint64_t now)
{
	s->statistics.unreachable++;
	if (a->link.up) {
		if (ppcs_address_same(to, &a->link.peer))
			ppcs_link_unreachable(s, &a->link, now);
		return;
	}
	if (!ppcs_address_same(to, &a->destination))
		return;
	if (!a->refused)
		ppcs_racer_hurry(s, racer_of(s, a), now);
	a->refused = true;
	ppcs_race_see(s, REASON_CLOSED_PORT);
}

enum reason ppcs_attempt_late(const struct session *s, const struct attempt *a)
{
	return a->link.up ? REASON_SILENT : ops_of(a)->late(s, a);
}

/* Why an attempt that is still there has to end now, or REASON_NONE. */
static enum reason ending(const struct session *s, const struct attempt *a, uint64_t now)
{
	if (now >= a->ends_at)
		return ppcs_attempt_late(s, a);
	return a->link.up ? REASON_NONE : ops_of(a)->hopeless(s, a, now);
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
	ops_of(a)->tick(s, a, now);
	a->ticks++;
}

uint64_t ppcs_attempt_deadline(const struct session *s, const struct attempt *a)
{
	uint64_t at = a->ends_at;
	uint64_t other = a->link.up ? ppcs_link_deadline(s, &a->link) : a->tick_at;

	if (other < at)
		at = other;
	if (!a->link.up && ops_of(a)->deadline) {
		other = ops_of(a)->deadline(s, a);
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
	struct path *path = path_of(s, a);

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
	r->local_port = a->local.port;
	r->destination_port = a->destination.port;
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
