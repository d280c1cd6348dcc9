/* SPDX-License-Identifier: MIT */
/* A core in a world; see client.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_PORT   49152
#define MAX_STANDING 100

static const uint16_t default_ports[] = { 40611, 32100, 32108, 10000, 80, 57743 };

void *must_have(void *memory)
{
	assert_non_null(memory);
	return memory;
}

/* Room for one more. */
static void *grow(void *items, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return items;
	*room = *room > 0 ? 2 * *room : 16;
	return must_have(realloc(items, *room * size));
}

struct client *client_new(struct world *w, struct ppcs_address ip)
{
	struct client *c = must_have(calloc(1, sizeof(*c)));

	c->world = w;
	c->ip = ip;
	c->due = UINT64_MAX;
	c->last_port = FIRST_PORT;
	c->config = (struct session_config){
		.search_port = PPCS_SEARCH_PORT,
		.port_count = sizeof(default_ports) / sizeof(default_ports[0]),
		.modes = { [PPCS_P2P] = true, [PPCS_LAN] = true },
		.until = PPCS_LEVEL_VERIFIED,
		.timeout_ms = 30000,
		.attempt_timeout_ms = 5000,
		.session_timeout_ms = 6000,
		.punch_range = 3,
	};
	memcpy(c->config.ports, default_ports, sizeof(default_ports));
	assert_int_equal(ppcs_session_new(&c->session), 0);
	c->next = w->clients;
	w->clients = c;
	return c;
}

void client_free(struct client *c)
{
	struct client **place = &c->world->clients;

	while (*place != c)
		place = &(*place)->next;
	*place = c->next;
	ppcs_session_free(c->session);
	free(c->endpoints);
	free(c->sent);
	free(c->seen);
	while (c->blocks) {
		struct block *b = c->blocks;

		c->blocks = b->next;
		free(b);
	}
	free(c);
}

void client_aim(struct client *c, struct ppcs_address camera)
{
	c->config.addresses[0] = with_port(camera, 0);
	c->config.address_count = 1;
}

void client_uid(struct client *c, const char *uid)
{
	assert_int_equal(ppcs_uid_parse(uid, &c->config.uid), 0);
}

void client_ports(struct client *c, const uint16_t *ports, size_t count)
{
	memcpy(c->config.ports, ports, count * sizeof(*ports));
	c->config.port_count = count;
}

void client_modes(struct client *c, bool p2p, bool lan, bool relay)
{
	c->config.modes[PPCS_P2P] = p2p;
	c->config.modes[PPCS_LAN] = lan;
	c->config.modes[PPCS_RELAY] = relay;
}

static struct endpoint *by_id(struct client *c, uint32_t id)
{
	for (size_t i = 0; i < c->endpoint_count; i++)
		if (c->endpoints[i].wish.id == id)
			return &c->endpoints[i];
	return NULL;
}

static struct endpoint *by_port(struct client *c, uint16_t port)
{
	for (size_t i = 0; i < c->endpoint_count; i++)
		if (c->endpoints[i].port == port)
			return &c->endpoints[i];
	return NULL;
}

static bool wanted(const struct client *c, uint32_t id)
{
	struct socket_wish wish;

	for (size_t i = 0; ppcs_session_socket(c->session, i, &wish); i++)
		if (wish.id == id)
			return true;
	return false;
}

static void close_unwanted(struct client *c)
{
	for (size_t i = 0; i < c->endpoint_count;) {
		if (wanted(c, c->endpoints[i].wish.id))
			i++;
		else
			c->endpoints[i] = c->endpoints[--c->endpoint_count];
	}
}

/* A socket gets a port that none had before. */
static void open_one(struct client *c, const struct socket_wish *wish)
{
	struct ppcs_address local = c->ip;

	assert_int_not_equal(wish->id, 0);
	if (c->open_error != 0 || (wish->stream && !c->stream)) {
		ppcs_session_failed(c->session, wish->id,
				    c->open_error != 0 ? c->open_error : -ECONNREFUSED,
				    c->world->now);
		return;
	}
	c->endpoints =
		grow(c->endpoints, c->endpoint_count, &c->endpoint_room, sizeof(*c->endpoints));
	local.port = ++c->last_port;
	c->endpoints[c->endpoint_count++] =
		(struct endpoint){ .wish = *wish, .port = wish->stream ? 0 : local.port };
	c->opened++;
	if (c->endpoint_count > c->most)
		c->most = c->endpoint_count;
	if (wish->stream)
		c->stream(c, wish);
	else
		ppcs_session_opened(c->session, wish->id, &local, c->world->now);
}

static bool open_next(struct client *c)
{
	struct socket_wish wish;

	for (size_t i = 0; ppcs_session_socket(c->session, i, &wish); i++) {
		if (by_id(c, wish.id))
			continue;
		open_one(c, &wish);
		return true;
	}
	return false;
}

static bool is_broadcast(const struct ppcs_address *a)
{
	return a->ip[3] == 255;
}

static void send_one(struct client *c, const struct datagram *d)
{
	struct endpoint *e = by_id(c, d->socket);
	struct ppcs_address from = c->ip;
	struct wire message = { .size = d->size };
	struct sent *s;

	assert_non_null(e);
	if (e->wish.stream) {
		if (c->bytes)
			c->bytes(c, d->socket, d->data, d->size);
		return;
	}
	assert_in_range(d->size, 4, WIRE_MAX);
	assert_int_not_equal(d->to.port, 0);
	assert_true(!is_broadcast(&d->to) || e->wish.broadcast);
	c->sent = grow(c->sent, c->sent_count, &c->sent_room, sizeof(*c->sent));
	s = &c->sent[c->sent_count++];
	*s = (struct sent){ .at = c->world->now,
			    .socket = d->socket,
			    .port = e->port,
			    .to = d->to,
			    .size = d->size };
	memcpy(s->head, d->data, d->size < CLIENT_HEAD ? d->size : CLIENT_HEAD);
	memcpy(message.bytes, d->data, d->size);
	from.port = e->port;
	world_send(c->world, &from, &d->to, &message);
}

static bool flush(struct client *c)
{
	struct datagram d;
	bool any = false;

	while (ppcs_session_output(c->session, c->world->now, &d)) {
		send_one(c, &d);
		ppcs_session_sent(c->session);
		any = true;
	}
	return any;
}

static void keep(struct client *c, const struct ppcs_report *r)
{
	struct kept *k = &c->kept;

	k->report = *r;
	strncpy(k->text, r->text, sizeof(k->text) - 1);
	k->report.text = k->text;
	if (r->uid)
		k->report.uid = strcpy(k->uid, r->uid);
	if (r->key)
		k->report.key = strcpy(k->key, r->key);
	for (unsigned i = 0; i < PPCS_MODES; i++) {
		const struct ppcs_racer *racer = &r->racers[i];

		assert_in_range(racer->attempt_count, 0, PPCS_MAX_ATTEMPTS);
		if (racer->attempt_count > 0)
			memcpy(k->attempts[i], racer->attempts,
			       racer->attempt_count * sizeof(k->attempts[i][0]));
		k->report.racers[i].attempts = k->attempts[i];
	}
}

static void count(struct client *c, const struct ppcs_event *e)
{
	if (e->type == PPCS_EVENT_CONNECTED)
		assert_int_equal(++c->connects, 1);
	if (e->type == PPCS_EVENT_CLOSED)
		assert_int_equal(++c->closes, 1);
	if (e->type != PPCS_EVENT_RESULT)
		return;
	assert_int_equal(++c->results, 1);
	c->result = e->error;
	c->result_at = c->world->now;
	if (!e->report)
		return;
	keep(c, e->report);
	assert_int_equal(e->error, e->report->error);
	assert_int_equal(e->report->success, c->connects == 1);
}

static const uint8_t *copy(struct client *c, const uint8_t *data, size_t size)
{
	struct block *b = malloc(sizeof(*b) + size);

	assert_non_null(b);
	memcpy(b->data, data, size);
	b->next = c->blocks;
	c->blocks = b;
	return b->data;
}

void client_take(struct client *c)
{
	const struct ppcs_event *e;

	while ((e = ppcs_session_next_event(c->session)) != NULL) {
		struct seen *s;

		c->seen = grow(c->seen, c->seen_count, &c->seen_room, sizeof(*c->seen));
		s = &c->seen[c->seen_count++];
		memset(s, 0, sizeof(*s));
		s->event = *e;
		/* The list may move: what belongs to it is looked at in there. */
		if (e->uid)
			strcpy(s->uid, e->uid);
		if (e->key)
			strcpy(s->key, e->key);
		if (e->size > 0)
			s->data = copy(c, e->data, e->size);
		assert_in_range(e->time_ms, 1, c->world->now);
		count(c, e);
	}
	assert_false(ppcs_session_has_event(c->session));
}

static bool is_final(enum ppcs_racer_state state)
{
	return state == PPCS_SUCCESS || state == PPCS_FAILED || state == PPCS_CANCELLED;
}

static void watch(struct client *c)
{
	const struct ppcs_report *r = ppcs_session_report(c->session, c->world->now);

	for (unsigned i = 0; i < PPCS_MODES; i++) {
		enum ppcs_racer_state state = r->racers[i].state;

		assert_true(state == c->states[i] || !is_final(c->states[i]));
		c->states[i] = state;
	}
}

void client_update(struct client *c)
{
	for (;;) {
		bool any = flush(c);

		if (c->version != ppcs_session_sockets_version(c->session)) {
			close_unwanted(c);
			while (open_next(c))
				;
			c->version = ppcs_session_sockets_version(c->session);
			close_unwanted(c);
			any = true;
		}
		if (!any)
			break;
	}
	if (!c->leaves)
		client_take(c);
	if (c->watches)
		watch(c);
	c->touched = false;
	c->due = ppcs_session_deadline(c->session);
}

void client_tick(struct client *c)
{
	if (!c->touched && c->due > c->world->now)
		return;
	ppcs_session_tick(c->session, c->world->now);
	/* What is due after that is so because of what comes next. */
	assert_true(ppcs_session_deadline(c->session) > c->world->now);
	client_update(c);
	/* Else the program would spin. */
	c->standing = c->due > c->world->now ? 0 : c->standing + 1;
	assert_in_range(c->standing, 0, MAX_STANDING);
}

struct client *client_at(const struct world *w, const struct ppcs_address *a)
{
	for (struct client *c = w->clients; c; c = c->next)
		if (same_ip(&c->ip, a))
			return c;
	return NULL;
}

void client_receive(struct client *c, uint16_t port, const struct ppcs_address *from,
		    const struct wire *message)
{
	struct endpoint *e = by_port(c, port);

	if (!e)
		return;
	c->touched = true;
	ppcs_session_receive(c->session, e->wish.id, from, message->bytes, message->size,
			     c->world->now);
}

void client_unreachable(struct client *c, uint16_t port, const struct ppcs_address *to)
{
	struct endpoint *e = by_port(c, port);

	if (!e)
		return;
	c->touched = true;
	ppcs_session_unreachable(c->session, e->wish.id, to, c->world->now);
}
