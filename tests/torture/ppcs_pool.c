/* SPDX-License-Identifier: MIT */
/*
 * A pool of libppcs over loopback while one call after the other fails: sessions are added, lent,
 * given back, freed with the pool, and closed by the camera while nobody uses them. What was not
 * taken stays the caller's, each end is told once, and nothing is left behind.
 */
#include <errno.h>
#include <poll.h>
#include <time.h>

#include <ppcs/ppcs.h>

#include "ppcs_peer.h"
#include "torture.h"

#define LIMIT_MS   5000
#define ATTEMPT_MS 400
#define LOST_MS    25 /* of races that are not to be won */

struct world {
	const struct peer *peer;
	bool for_good;
	struct ppcs_pool *pool;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* @return a handle with a session, or NULL when that failed */
static struct ppcs *connect_one(const struct world *w)
{
	struct ppcs *p;
	int ret = ppcs_new(&p);

	torture_error(ret);
	if (ret < 0)
		return NULL;
	must(ppcs_set_ports(p, &w->peer->ports[DEVICE_MAIN], 1) == 0);
	must(ppcs_set_search_port(p, w->peer->ports[DEVICE_MAIN]) == 0);
	must(ppcs_set_mode(p, PPCS_P2P, false) == 0);
	must(ppcs_set_timeout(p, w->for_good ? LOST_MS : LIMIT_MS) == 0);
	must(ppcs_set_attempt_timeout(p, ATTEMPT_MS) == 0);
	ret = ppcs_set_address(p, "127.0.0.1");
	if (ret == 0)
		ret = ppcs_connect_sync(p, LIMIT_MS, NULL);
	if (ret == 0)
		return p;
	must(w->for_good || ret == fault_error());
	ppcs_free(p);
	return NULL;
}

/* @return the handle once it is the pool's */
static struct ppcs *add_one(const struct world *w)
{
	struct ppcs *p = connect_one(w);
	int ret;

	if (!p)
		return NULL;
	ret = ppcs_pool_add(w->pool, p);
	if (ret == 0)
		return p;
	/* The device may have closed it before it was added. */
	must((ret == -ENOMEM && fault_failed()) || ret == -ENOTCONN);
	ppcs_free(p);
	return NULL;
}

/* After a failure the next dispatch has to mend what it did to a timer. */
static void wait_a_turn(const struct world *w)
{
	struct pollfd fd = { .fd = ppcs_pool_get_fd(w->pool), .events = POLLIN };

	fault_pause(true);
	must(poll(&fd, 1, fault_failed() ? 20 : LIMIT_MS) >= 0);
	fault_pause(false);
	torture_error(ppcs_pool_dispatch(w->pool));
}

/* The camera closes a session once all its data is acknowledged. */
static void wait_for_end(const struct world *w)
{
	int64_t end = now_ms() + LIMIT_MS;
	const struct ppcs_event *event;

	while ((event = ppcs_pool_next_event(w->pool)) == NULL) {
		wait_a_turn(w);
		/* Who hears nothing of his descriptors any more need not wait for one. */
		if (w->for_good && fault_failed())
			return;
		must(now_ms() < end);
	}
	must(event->type == PPCS_EVENT_CLOSED && event->peer.port == w->peer->ports[DEVICE_MAIN]);
	must(event->error == -ECONNRESET);
	must(event->size == 3 + (DEVICE_PACKETS - 1) * DEVICE_DATA_BYTES);
	must(ppcs_pool_next_event(w->pool) == NULL);
}

static void idle(const struct world *w)
{
	if (add_one(w))
		wait_for_end(w);
}

/* One comes back, one does not. */
static void lent(const struct world *w)
{
	struct ppcs *p = add_one(w), *q = NULL;
	size_t before = ppcs_pool_count(w->pool, false);
	int ret;

	must(before == (p ? 1 : 0));
	ret = ppcs_pool_lend(w->pool, NULL, &q);
	must(ret == 0 ? q == p : ret == -ENOENT);
	if (!q)
		return;
	must(ppcs_pool_count(w->pool, true) == 1);
	ret = ppcs_pool_give_back(w->pool, q);
	torture_error(ret);
	must(ppcs_pool_count(w->pool, true) == 0);
	must(ret == 0 || ppcs_pool_count(w->pool, false) == 0);
	if (ppcs_pool_lend(w->pool, NULL, &q) == 0)
		ppcs_free(q);
}

struct trial {
	struct world world;
	void (*run)(const struct world *w);
};

static void scenario(void *userdata)
{
	const struct trial *trial = userdata;
	struct world w = trial->world;
	int ret;

	peer_reset(w.peer);
	ret = ppcs_pool_new(&w.pool, 2);
	torture_error(ret);
	if (ret < 0)
		return;
	trial->run(&w);
	ppcs_pool_free(w.pool);
}

int main(void)
{
	void (*const runs[])(const struct world *) = { idle, lent };
	struct peer peer;

	must(peer_start(&peer) == 0);
	for (unsigned i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		struct trial trial = { .world = { .peer = &peer }, .run = runs[i] };

		torture_kinds(scenario, &trial, 30);
		trial.world.for_good = true;
		torture_for_good(scenario, &trial, 30);
	}
	must(peer_stop(&peer) == 0);
	return 0;
}
