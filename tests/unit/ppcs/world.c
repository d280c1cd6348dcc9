/* SPDX-License-Identifier: MIT */
/* A network in memory; see world.h. */
#include "world.h"

#include <stdlib.h>
#include <string.h>

#include "client.h"

#define START_MS 1000000
#define NEVER    UINT64_MAX

/** On its way: a datagram, or the news that nobody is at `from`. */
struct transit {
	uint64_t at, sequence;
	struct ppcs_address from, to;
	bool unreachable;
	struct wire message;
};

void world_init(struct world *w, uint64_t seed)
{
	memset(w, 0, sizeof(*w));
	w->now = START_MS;
	w->quality = (struct quality){ .latency_min = 1, .latency_max = 1 };
	cmn_prng_seed(&w->prng, seed);
}

void world_free(struct world *w)
{
	while (w->clients)
		client_free(w->clients);
	while (w->transit_count > 0)
		free(w->transits[--w->transit_count]);
	free(w->transits);
	memset(w, 0, sizeof(*w));
}

void world_add(struct world *w, struct host *h)
{
	h->world = w;
	h->next = w->hosts;
	w->hosts = h;
}

static bool before(const struct transit *a, const struct transit *b)
{
	return a->at != b->at ? a->at < b->at : a->sequence < b->sequence;
}

static void swap(struct world *w, size_t a, size_t b)
{
	struct transit *t = w->transits[a];

	w->transits[a] = w->transits[b];
	w->transits[b] = t;
}

static void push(struct world *w, struct transit *t)
{
	size_t i = w->transit_count;

	if (i == w->transit_room) {
		w->transit_room = i > 0 ? 2 * i : 64;
		w->transits =
			must_have(realloc(w->transits, w->transit_room * sizeof(struct transit *)));
	}
	t->sequence = w->sequence++;
	w->transits[w->transit_count++] = t;
	for (; i > 0 && before(t, w->transits[(i - 1) / 2]); i = (i - 1) / 2)
		swap(w, i, (i - 1) / 2);
}

static struct transit *pop(struct world *w)
{
	struct transit *t = w->transits[0];
	size_t i = 0;

	w->transits[0] = w->transits[--w->transit_count];
	for (;;) {
		size_t next = 2 * i + 1;

		if (next >= w->transit_count)
			return t;
		if (next + 1 < w->transit_count && before(w->transits[next + 1], w->transits[next]))
			next++;
		if (!before(w->transits[next], w->transits[i]))
			return t;
		swap(w, i, next);
		i = next;
	}
}

static bool happens(struct world *w, unsigned percent)
{
	return percent > 0 && cmn_prng_below(&w->prng, 100) < percent;
}

static void carry(struct world *w, const struct ppcs_address *from, const struct ppcs_address *to,
		  const struct wire *message, bool unreachable)
{
	const struct quality *q = &w->quality;
	struct transit *t = must_have(malloc(sizeof(*t)));

	t->at = w->now + q->latency_min +
		cmn_prng_below(&w->prng, q->latency_max - q->latency_min + 1);
	if (happens(w, q->late))
		t->at += 1 + cmn_prng_below(&w->prng, q->late_max);
	t->from = *from;
	t->to = *to;
	t->unreachable = unreachable;
	t->message.size = message ? message->size : 0;
	if (message)
		memcpy(t->message.bytes, message->bytes, message->size);
	push(w, t);
}

void world_send(struct world *w, const struct ppcs_address *from, const struct ppcs_address *to,
		const struct wire *message)
{
	if (w->loses && w->loses(w, from, to, message))
		return;
	if (!happens(w, w->quality.lost))
		carry(w, from, to, message, false);
	if (happens(w, w->quality.doubled))
		carry(w, from, to, message, false);
}

static void give_to_host(struct world *w, struct host *h, struct transit *t)
{
	struct wire copy;

	if (!h->listens || !h->listens(h, t->to.port)) {
		if (h->icmp && !happens(w, w->quality.lost))
			carry(w, &t->to, &t->from, NULL, true);
		return;
	}
	w->carried++;
	copy = t->message;
	h->receive(h, t->to.port, &t->from, &copy);
}

/* 255.255.255.255 and the like: whoever listens. */
static bool give_to_all(struct world *w, struct transit *t)
{
	if (t->to.ip[3] != 255)
		return false;
	for (struct host *h = w->hosts; h; h = h->next) {
		bool here = t->to.ip[0] == 255 || memcmp(h->ip.ip, t->to.ip, 3) == 0;

		if (here && h->listens && h->listens(h, t->to.port))
			give_to_host(w, h, t);
	}
	return true;
}

static void arrive(struct world *w, struct transit *t)
{
	struct client *c = client_at(w, &t->to);

	if (c) {
		w->carried++;
		if (t->unreachable)
			client_unreachable(c, t->to.port, &t->from);
		else
			client_receive(c, t->to.port, &t->from, &t->message);
		return;
	}
	if (t->unreachable || give_to_all(w, t))
		return;
	for (struct host *h = w->hosts; h; h = h->next)
		if (same_ip(&h->ip, &t->to))
			give_to_host(w, h, t);
}

static uint64_t next_due(const struct world *w)
{
	uint64_t when = w->transit_count > 0 ? w->transits[0]->at : NEVER;

	for (const struct host *h = w->hosts; h; h = h->next)
		if (h->due < when)
			when = h->due;
	for (const struct client *c = w->clients; c; c = c->next)
		if (c->due < when)
			when = c->due;
	return when;
}

bool world_step(struct world *w, uint64_t until)
{
	uint64_t when = next_due(w);

	if (when > until) {
		w->now = until;
		return false;
	}
	if (when > w->now)
		w->now = when;
	/* What arrives in the same millisecond arrives in one batch. */
	while (w->transit_count > 0 && w->transits[0]->at <= w->now) {
		struct transit *t = pop(w);

		arrive(w, t);
		free(t);
	}
	for (struct host *h = w->hosts; h; h = h->next) {
		if (h->due > w->now)
			continue;
		h->due = NEVER;
		h->tick(h);
	}
	for (struct client *c = w->clients; c; c = c->next)
		client_tick(c);
	return true;
}

void world_run(struct world *w, uint64_t ms)
{
	uint64_t until = w->now + ms;

	while (world_step(w, until))
		;
}

void host_init(struct host *h, struct ppcs_address ip)
{
	memset(h, 0, sizeof(*h));
	h->ip = ip;
	h->due = NEVER;
}

void host_send(struct host *h, uint16_t port, const struct ppcs_address *to, const struct wire *m,
	       const char *key)
{
	struct ppcs_address from = with_port(h->ip, port);
	struct wire hidden = *m;

	wire_hide(&hidden, key);
	world_send(h->world, &from, to, &hidden);
}

void host_wake(struct host *h, uint64_t when)
{
	if (when < h->due)
		h->due = when;
}
