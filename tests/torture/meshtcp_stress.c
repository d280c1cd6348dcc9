/* SPDX-License-Identifier: MIT */
/*
 * The threads of libmeshtcp under stress: many threads open, close, send and read while the node
 * dies again and again; a thousand reconnects; closing in every situation in which a thread is
 * blocked. Nothing is left behind: no descriptor, no thread, and under a sanitizer no byte.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include <meshtcp/meshtcp.h>

#include "meshtcp_node.h"

#define LIMIT_MS 20000
#define WORKERS  6

/* `short` as an argument: for tools under which all of it would take minutes. */
static unsigned rounds = 40, reconnects = 1000;

static struct meshtcp *new_handle(uint16_t port)
{
	struct meshtcp *m;

	must(meshtcp_new(&m) == 0);
	must(meshtcp_set_address(m, "127.0.0.1", port) == 0);
	must(meshtcp_set_reconnect(m, 1, 5) == 0);
	return m;
}

static void count_dead(void *userdata, enum meshtcp_reason reason)
{
	must(reason != MESHTCP_REASON_NONE && reason != MESHTCP_REASON_LOCAL);
	atomic_fetch_add((atomic_uint *)userdata, 1);
}

static void drain(struct meshtcp *m)
{
	while (meshtcp_next_event(m))
		;
}

/* --- many threads at once --- */

struct worker {
	pthread_t thread;
	uint16_t port;
	unsigned seed;
	struct meshtcp *shared; /**< a handle that all of them use for what any thread may call */
};

static void look_around(struct meshtcp *m)
{
	const struct meshtcp_nodes *nodes;
	struct meshtcp_info info;

	must(meshtcp_get_nodes(m, &nodes) == 0);
	for (size_t i = 1; i < nodes->count; i++)
		must(nodes->node[i - 1].num < nodes->node[i].num);
	meshtcp_nodes_free(nodes);
	if (meshtcp_get_info(m, &info) == 0)
		must(info.num == 0x9ea2f1c4);
	(void)meshtcp_get_state(m);
}

static void *work(void *argument)
{
	struct worker *w = argument;

	for (unsigned round = 0; round < rounds; round++) {
		struct meshtcp *m = new_handle(w->port);
		uint32_t id;
		unsigned what = (unsigned)rand_r(&w->seed);

		must(meshtcp_connect(m) == 0);
		if (what & 1)
			(void)meshtcp_ready_sync(m, 50);
		if (meshtcp_send_text(m, MESHTCP_BROADCAST, 0, "x", what & 2, &id) == 0 && what & 4)
			(void)meshtcp_await(m, id, 20, NULL);
		look_around(m);
		look_around(w->shared);
		(void)meshtcp_send_text(w->shared, 0x433b2f10, 0, "y", true, NULL);
		if (what & 8)
			drain(m);
		if (what & 16)
			meshtcp_disconnect(m);
		meshtcp_free(m);
	}
	return NULL;
}

static void test_many(void)
{
	struct test_node *node = node_start(NODE_KIND);
	struct meshtcp *shared = new_handle(node_port(node));
	struct worker workers[WORKERS];
	atomic_uint dead = 0;

	must(meshtcp_set_dead_socket(shared, count_dead, &dead) == 0);
	must(meshtcp_connect(shared) == 0);
	for (unsigned i = 0; i < WORKERS; i++) {
		workers[i] =
			(struct worker){ .port = node_port(node), .seed = i, .shared = shared };
		must(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0);
	}
	for (unsigned i = 0; i < 30; i++) {
		(void)meshtcp_ready_sync(shared, 1000);
		node_hang_up(node, i % 3 == 0);
		drain(shared);
	}
	for (unsigned i = 0; i < WORKERS; i++)
		pthread_join(workers[i].thread, NULL);
	must(node_counts(node).together == 1);
	must(atomic_load(&dead) > 0);
	meshtcp_free(shared);
	node_stop(node);
}

/* --- reconnects --- */

static void test_reconnects(void)
{
	struct test_node *node = node_start(NODE_HANGS_UP);
	struct meshtcp *m = new_handle(node_port(node));
	unsigned ends = 0;
	struct level before;
	atomic_uint dead = 0;

	/* Without a download the node would have nothing to hang up after. */
	must(meshtcp_set_dead_socket(m, count_dead, &dead) == 0);
	must(meshtcp_connect(m) == 0);
	before = level_now();
	while (ends < reconnects / 40) {
		const struct meshtcp_event *e;

		must(meshtcp_wait(m, LIMIT_MS) == 1);
		while ((e = meshtcp_next_event(m)) != NULL)
			ends += e->type == MESHTCP_EVENT_STATE && e->state == MESHTCP_STATE_BACKOFF;
	}
	must(level_now().descriptors <= before.descriptors + 2);
	must(level_now().threads == before.threads);
	meshtcp_free(m);
	/* Once for each connection that ended, neither less nor more. */
	must(atomic_load(&dead) >= ends && atomic_load(&dead) <= node_counts(node).connections);
	node_stop(node);
}

/* The same without the wake-up pause of a download: a thousand of them. */
static void test_thousand(void)
{
	struct test_node *node = node_start(NODE_KIND);
	struct meshtcp *m = new_handle(node_port(node));
	atomic_uint dead = 0;

	must(meshtcp_set_download(m, MESHTCP_DOWNLOAD_NONE) == 0);
	must(meshtcp_set_dead_socket(m, count_dead, &dead) == 0);
	must(meshtcp_connect(m) == 0);
	for (unsigned i = 0; i < reconnects; i++) {
		int64_t end = test_now_ms() + LIMIT_MS;

		must(meshtcp_ready_sync(m, LIMIT_MS) == 0);
		while (node_counts(node).connections <= i)
			must(test_now_ms() < end);
		node_hang_up(node, i % 2 == 0);
		while (atomic_load(&dead) <= i) {
			drain(m);
			(void)meshtcp_wait(m, 10);
			must(test_now_ms() < end);
		}
	}
	must(atomic_load(&dead) == reconnects);
	meshtcp_free(m);
	must(atomic_load(&dead) == reconnects);
	node_stop(node);
}

/* --- closing while a thread is blocked --- */

static void free_in_time(struct meshtcp *m)
{
	int64_t start = test_now_ms();

	meshtcp_free(m);
	must(test_now_ms() - start < 5000);
}

static void test_close_while_connecting(void)
{
	int fds[64];
	struct meshtcp *m = new_handle(node_plug(fds));

	must(meshtcp_connect(m) == 0);
	must(meshtcp_ready_sync(m, 100) == -EHOSTUNREACH);
	must(meshtcp_get_state(m) == MESHTCP_STATE_CONNECTING);
	free_in_time(m);
	node_unplug(fds);
}

static void test_connect_timeout(void)
{
	int fds[64];
	struct meshtcp *m = new_handle(node_plug(fds));
	const struct meshtcp_event *e;
	bool seen = false;

	must(meshtcp_set_connect_timeout(m, 100) == 0);
	must(meshtcp_connect(m) == 0);
	while (!seen) {
		must(meshtcp_wait(m, LIMIT_MS) == 1);
		while ((e = meshtcp_next_event(m)) != NULL)
			seen |= e->type == MESHTCP_EVENT_STATE &&
				e->state == MESHTCP_STATE_BACKOFF &&
				e->reason == MESHTCP_REASON_TIMEOUT;
	}
	free_in_time(m);
	node_unplug(fds);
}

static void test_close_while_downloading(void)
{
	struct test_node *node = node_start(NODE_STALLS);
	struct meshtcp *m = new_handle(node_port(node));

	must(meshtcp_connect(m) == 0);
	must(meshtcp_ready_sync(m, 300) == -ETIMEDOUT);
	must(meshtcp_get_state(m) == MESHTCP_STATE_DOWNLOADING);
	free_in_time(m);
	node_stop(node);
}

/* Requests until the node's buffers are full and the writer hangs in send(). */
static void fill(struct meshtcp *m)
{
	uint8_t payload[MESHTCP_MAX_PAYLOAD] = { 0 };
	struct meshtcp_message message = { .to = MESHTCP_BROADCAST,
					   .port = MESHTCP_PORT_PRIVATE,
					   .payload = payload,
					   .size = sizeof(payload) };

	while (meshtcp_send(m, &message, NULL) == 0)
		;
}

static void test_close_while_sending(bool from_many)
{
	struct test_node *node = node_start(NODE_DEAF);
	struct meshtcp *m = new_handle(node_port(node)), *other = new_handle(node_port(node));

	must(meshtcp_connect(m) == 0 && meshtcp_connect(other) == 0);
	must(meshtcp_ready_sync(m, LIMIT_MS) == 0);
	fill(m);
	if (from_many)
		meshtcp_disconnect(other);
	free_in_time(other);
	free_in_time(m);
	node_stop(node);
}

/* A node that reads nothing blocks the writer, and the monitor ends it all the same. */
static void test_monitor_ends_send(void)
{
	struct test_node *node = node_start(NODE_DEAF);
	struct meshtcp *m = new_handle(node_port(node));
	const struct meshtcp_event *e;
	bool silent = false;
	atomic_uint dead = 0;

	must(meshtcp_set_health(m, 50, 500) == 0);
	must(meshtcp_set_dead_socket(m, count_dead, &dead) == 0);
	must(meshtcp_connect(m) == 0);
	must(meshtcp_ready_sync(m, LIMIT_MS) == 0);
	fill(m);
	while (!silent) {
		must(meshtcp_wait(m, LIMIT_MS) == 1);
		while ((e = meshtcp_next_event(m)) != NULL)
			silent |= e->type == MESHTCP_EVENT_STATE &&
				  e->reason == MESHTCP_REASON_SILENT;
	}
	/* It is told when the mutex is free, a moment behind the event. */
	for (int64_t end = test_now_ms() + LIMIT_MS; atomic_load(&dead) == 0;)
		must(test_now_ms() < end);
	free_in_time(m);
	node_stop(node);
}

static void *close_it(void *handle)
{
	meshtcp_disconnect(handle);
	return NULL;
}

static void test_close_from_many_threads(void)
{
	struct test_node *node = node_start(NODE_KIND);
	struct meshtcp *m = new_handle(node_port(node));
	pthread_t threads[WORKERS];

	must(meshtcp_connect(m) == 0);
	(void)meshtcp_ready_sync(m, 50);
	for (unsigned i = 0; i < WORKERS; i++)
		must(pthread_create(&threads[i], NULL, close_it, m) == 0);
	for (unsigned i = 0; i < WORKERS; i++)
		pthread_join(threads[i], NULL);
	must(meshtcp_disconnect_sync(m, LIMIT_MS) == 0);
	meshtcp_free(m);
	node_stop(node);
}

/* What the node kept meanwhile comes after the reconnect, and nothing twice. */
static void test_nothing_twice(void)
{
	struct test_node *node = node_start(NODE_KIND);
	struct meshtcp *m = new_handle(node_port(node));
	const struct meshtcp_event *e;
	unsigned first = 0, second = 0;

	must(meshtcp_connect(m) == 0);
	must(meshtcp_ready_sync(m, LIMIT_MS) == 0);
	node_text(node, 1);
	while (first == 0) {
		must(meshtcp_wait(m, LIMIT_MS) == 1);
		while ((e = meshtcp_next_event(m)) != NULL)
			first += e->type == MESHTCP_EVENT_PACKET && e->packet->id == 1;
	}
	node_hang_up(node, false);
	node_text(node, 1);
	node_text(node, 2);
	while (second == 0) {
		must(meshtcp_wait(m, LIMIT_MS) == 1);
		while ((e = meshtcp_next_event(m)) != NULL) {
			first += e->type == MESHTCP_EVENT_PACKET && e->packet->id == 1;
			second += e->type == MESHTCP_EVENT_PACKET && e->packet->id == 2;
		}
	}
	must(first == 1 && second == 1);
	meshtcp_free(m);
	node_stop(node);
}

int main(int argc, char **argv)
{
	struct level before = level_now();

	if (argc > 1 && strcmp(argv[1], "short") == 0) {
		rounds = 4;
		reconnects = 40;
	}

	test_many();
	test_reconnects();
	test_thousand();
	test_close_while_connecting();
	test_connect_timeout();
	test_close_while_downloading();
	test_close_while_sending(false);
	test_close_while_sending(true);
	test_monitor_ends_send();
	test_close_from_many_threads();
	test_nothing_twice();
	must_be_level(before);
	return 0;
}
