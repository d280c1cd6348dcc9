/* SPDX-License-Identifier: MIT */
/* What tests do with a client, and what they ask of it; see client.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client.h"

#include <string.h>

#include "hex.h"

static void begin(struct client *c)
{
	c->results = 0;
	c->connects = 0;
	c->closes = 0;
	c->most = 0;
	memset(&c->kept, 0, sizeof(c->kept));
	memset(c->states, 0, sizeof(c->states));
}

void client_race(struct client *c)
{
	begin(c);
	assert_int_equal(ppcs_session_race(c->session, &c->config, cmn_prng_next(&c->world->prng),
					   c->world->now),
			 0);
	client_update(c);
}

void client_search(struct client *c, unsigned wait_ms)
{
	begin(c);
	assert_int_equal(ppcs_session_search(c->session, &c->config, wait_ms, 1, c->world->now), 0);
	client_update(c);
}

void client_stop(struct client *c)
{
	ppcs_session_stop(c->session, c->world->now);
	client_update(c);
}

void client_finish(struct client *c, uint64_t max_ms)
{
	uint64_t until = c->world->now + max_ms;

	while (c->results == 0 && world_step(c->world, until))
		;
	assert_int_equal(c->results, 1);
}

const struct ppcs_report *client_run(struct client *c)
{
	client_race(c);
	client_finish(c, c->config.timeout_ms + 50);
	return &c->kept.report;
}

static bool is(const struct sent *s, uint8_t type, const struct ppcs_address *to)
{
	return s->head[0] == 0xf1 && s->head[1] == type && (!to || same_address(&s->to, to));
}

size_t client_sent(const struct client *c, size_t from, uint8_t type, const struct ppcs_address *to)
{
	size_t count = 0;

	for (size_t i = from; i < c->sent_count; i++)
		count += is(&c->sent[i], type, to);
	return count;
}

const struct sent *client_first(const struct client *c, size_t from, uint8_t type,
				const struct ppcs_address *to)
{
	for (size_t i = from; i < c->sent_count; i++)
		if (is(&c->sent[i], type, to))
			return &c->sent[i];
	return NULL;
}

void check_sent(const struct sent *s, const char *hex)
{
	uint8_t bytes[CLIENT_HEAD];
	size_t size = from_hex(hex, bytes, sizeof(bytes));

	assert_non_null(s);
	assert_int_equal(s->size, size);
	assert_memory_equal(s->head, bytes, size);
}

const struct seen *client_event(const struct client *c, size_t from, enum ppcs_event_type type)
{
	for (size_t i = from; i < c->seen_count; i++)
		if (c->seen[i].event.type == type)
			return &c->seen[i];
	return NULL;
}

size_t client_events(const struct client *c, enum ppcs_event_type type)
{
	size_t count = 0;

	for (size_t i = 0; i < c->seen_count; i++)
		count += c->seen[i].event.type == type;
	return count;
}

size_t client_open(const struct client *c)
{
	return c->endpoint_count;
}
