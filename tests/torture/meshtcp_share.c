/* SPDX-License-Identifier: MIT */
/*
 * A shared node under stress. Clients that behave hear each packet of the node once and in order,
 * and each of what the others send, whatever clients that do not behave are up to, and however
 * often the node is lost meanwhile.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include <meshtcp/meshtcp.h>

#include "meshtcp_node.h"
#include "share_client.h"

#define LIMIT_MS 60000
#define OWN      0x9ea2f1c4u
#define BOB      0x433b2f10u
#define PRIVATE  256
#define GOOD     3
#define BAD      5
#define MOST     4096
#define BATCH    10
#define FLOW     5

/* `short` as an argument: for tools under which all of it would take minutes. */
static unsigned losses = 6;

/* --- clients that behave --- */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static bool enough; /* no packet more */

struct good {
	pthread_t thread;
	unsigned index;
	uint16_t port;
	struct test_client c;
	unsigned sequence;
	uint32_t asked; /**< packet without a status yet; 0 = none */

	/* Guarded by the mutex. */
	bool ready, done;
	uint32_t texts; /**< of the node, ever */
	unsigned accepted_count, refused, acks;
	uint32_t accepted[MOST];
	unsigned shown_count[GOOD];
	uint32_t shown[GOOD][MOST];
};

static void good_send(struct good *g)
{
	g->asked = 0;
	g->done = enough || g->accepted_count == MOST;
	if (g->done)
		return;
	g->asked = (g->index + 1) << 24 | ++g->sequence;
	must(client_packet(&g->c, PRIVATE, g->asked, 0));
}

static void good_packet(struct good *g, const struct said *said)
{
	unsigned sender = (said->id >> 24) - 1;

	if (said->from == BOB) {
		must(said->id == g->texts + 1);
		g->texts++;
		return;
	}
	must(said->from == OWN);
	if (said->port == 5) {
		must(said->request >> 24 == g->index + 1);
		g->acks++;
		return;
	}
	must(sender != g->index);
	if (sender < GOOD && g->shown_count[sender] < MOST)
		g->shown[sender][g->shown_count[sender]++] = said->id;
}

static void good_status(struct good *g, const struct said *said)
{
	if (said->id == 0)
		return;
	must(said->id == g->asked);
	if (said->res == 0) {
		g->accepted[g->accepted_count++] = said->id;
	} else {
		must(said->res == 32 || said->res == 33);
		g->refused++;
	}
	good_send(g);
}

static void *good_run(void *argument)
{
	struct good *g = argument;
	bool end = false;

	client_open(&g->c, g->port);
	must(client_want(&g->c, g->index + 1));
	while (!end) {
		struct said said = client_hear(&g->c);

		pthread_mutex_lock(&mutex);
		switch (said.kind) {
		case SAID_END:
			end = true;
			break;
		case SAID_COMPLETE:
			must(!g->ready && said.number == g->index + 1);
			g->ready = true;
			good_send(g);
			break;
		case SAID_PACKET:
			must(g->ready);
			good_packet(g, &said);
			break;
		case SAID_STATUS:
			good_status(g, &said);
			break;
		case SAID_REBOOTED:
			must(said.kind != SAID_REBOOTED); /* the same node */
			break;
		case SAID_OTHER:
			break;
		}
		pthread_mutex_unlock(&mutex);
	}
	client_close(&g->c, false);
	return NULL;
}

static bool all_ready(const struct good *good, uint32_t texts)
{
	for (unsigned i = 0; i < GOOD; i++)
		if (!good[i].ready || good[i].texts != texts)
			return false;
	return true;
}

/* Many more packets have got through than when the last loss began. */
static bool all_get_on(const struct good *good, uint32_t texts)
{
	static unsigned seen[GOOD];
	bool yes = true;

	(void)texts;
	for (unsigned i = 0; i < GOOD; i++)
		yes &= good[i].accepted_count >= seen[i] + FLOW;
	for (unsigned i = 0; i < GOOD && yes; i++)
		seen[i] = good[i].accepted_count;
	return yes;
}

/* Each has heard all that the others got through, and nothing else. */
static bool all_shown(const struct good *good, uint32_t texts)
{
	(void)texts;
	for (unsigned i = 0; i < GOOD; i++) {
		if (!good[i].done)
			return false;
		for (unsigned k = 0; k < GOOD; k++)
			if (k != i && good[i].shown_count[k] < good[k].accepted_count)
				return false;
	}
	return true;
}

static void must_soon(struct meshtcp_share *s, struct good *good, uint32_t texts,
		      bool (*holds)(const struct good *good, uint32_t texts))
{
	int64_t end = test_now_ms() + LIMIT_MS;
	bool yes = false;

	while (!yes) {
		pthread_mutex_lock(&mutex);
		yes = holds(good, texts);
		pthread_mutex_unlock(&mutex);
		must(test_now_ms() < end);
		if (!yes)
			(void)share_event(s, MESHTCP_SHARE_OVERFLOW, 5);
	}
}

static void compare(const struct good *good)
{
	for (unsigned i = 0; i < GOOD; i++)
		for (unsigned k = 0; k < GOOD; k++) {
			if (k == i)
				continue;
			must(good[i].shown_count[k] == good[k].accepted_count);
			must(memcmp(good[i].shown[k], good[k].accepted,
				    good[k].accepted_count * sizeof(uint32_t)) == 0);
		}
	for (unsigned i = 0; i < GOOD; i++)
		must(good[i].accepted_count > 0);
}

/* --- clients that do not --- */

static atomic_bool stop_bad;

struct bad {
	pthread_t thread;
	unsigned kind, seed;
	uint16_t port;
};

static void send_garbage(struct test_client *c, unsigned *seed)
{
	uint8_t bytes[512];

	for (unsigned round = 0; round < 20; round++) {
		size_t size = (size_t)rand_r(seed) % sizeof(bytes);

		for (size_t i = 0; i < size; i++)
			bytes[i] = (uint8_t)rand_r(seed);
		/* As it is, and as a message. */
		if (!client_bytes(c, bytes, size) || !client_say(c, bytes, size))
			return;
	}
}

static void send_and_not_read(struct test_client *c)
{
	for (unsigned i = 0; i < 2000 && !atomic_load(&stop_bad); i++)
		if (!client_want(c, i + 1) || !client_say(c, "\x3a\x00", 2))
			return;
}

/* Without waiting for what the node says of them. */
static void flood(struct test_client *c)
{
	/* packet { to own, decoded { port 6, payload { reboot } }, id } */
	static const uint8_t reboot[] = { 0x0a, 19, 0x15, 0xc4, 0xf1, 0xa2, 0x9e, 0x22, 7, 0x08, 6,
					  0x12, 3,  0x88, 0x06, 5,    0x35, 1,    0,    0, 0x7e };
	static atomic_uint last;

	for (unsigned i = 0; i < 60; i++) {
		uint32_t id = 0x7f000000 | (atomic_fetch_add(&last, 1) & 0xffffff);

		/* One in eight twice. */
		if (!client_packet(c, PRIVATE, id, 0) ||
		    (i % 8 == 0 && !client_packet(c, PRIVATE, id, 0)) ||
		    !client_say(c, reboot, sizeof(reboot)))
			return;
	}
}

static void misbehave(struct bad *b)
{
	struct test_client c;

	if (b->kind == 3)
		client_open_unix(&c, share_unix_path());
	else
		client_open(&c, b->port);
	switch (b->kind) {
	case 0:
		send_garbage(&c, &b->seed);
		break;
	case 1:
		client_want(&c, 69420);
		client_bytes(&c, "\x94\xc3\x01\x00half", 8);
		break;
	case 2:
		break;
	case 3:
		send_and_not_read(&c);
		break;
	default:
		flood(&c);
		break;
	}
	client_close(&c, rand_r(&b->seed) % 2);
}

static void *bad_run(void *argument)
{
	struct bad *b = argument;

	while (!atomic_load(&stop_bad))
		misbehave(b);
	return NULL;
}

/* --- all of them together --- */

static void send_batch(struct test_node *node, uint32_t *texts)
{
	for (unsigned i = 0; i < BATCH; i++)
		node_text(node, ++*texts);
}

static void lose_again_and_again(struct meshtcp_share *s, struct test_node *node, struct good *good)
{
	uint32_t texts = 0;

	for (unsigned i = 0; i < losses; i++) {
		send_batch(node, &texts);
		must_soon(s, good, texts, all_ready);
		/* For two seconds hardly anything goes to a node that has just come. */
		if (i % 2)
			must_soon(s, good, 0, all_get_on);
		node_hang_up(node, i % 3 == 0);
		share_must_event(s, MESHTCP_SHARE_NODE_LOST);
		/* The node keeps them until it has its client again. */
		send_batch(node, &texts);
		share_must_event(s, MESHTCP_SHARE_NODE_READY);
		must_soon(s, good, texts, all_ready);
	}
}

static void test_stress(void)
{
	static struct good good[GOOD];
	struct test_node *node = node_start(NODE_KIND);
	struct bad bad[BAD];
	uint16_t port;
	struct meshtcp_share *s = share_new(node, &port);

	must(meshtcp_share_set_max_clients(s, GOOD + 2 * BAD) == 0);
	must(meshtcp_share_start(s) == 0);
	for (unsigned i = 0; i < GOOD; i++) {
		good[i].index = i;
		good[i].port = port;
		must(pthread_create(&good[i].thread, NULL, good_run, &good[i]) == 0);
	}
	must_soon(s, good, 0, all_ready);
	for (unsigned i = 0; i < BAD; i++) {
		bad[i] = (struct bad){ .kind = i, .seed = i, .port = port };
		must(pthread_create(&bad[i].thread, NULL, bad_run, &bad[i]) == 0);
	}
	lose_again_and_again(s, node, good);
	atomic_store(&stop_bad, true);
	for (unsigned i = 0; i < BAD; i++)
		pthread_join(bad[i].thread, NULL);
	pthread_mutex_lock(&mutex);
	enough = true;
	pthread_mutex_unlock(&mutex);
	must_soon(s, good, 0, all_shown);
	must(node_counts(node).together == 1);
	must(node_counts(node).connections == losses + 1);
	meshtcp_share_free(s);
	for (unsigned i = 0; i < GOOD; i++)
		pthread_join(good[i].thread, NULL);
	compare(good);
	node_stop(node);
}

int main(int argc, char **argv)
{
	struct level before = level_now();

	if (argc > 1 && strcmp(argv[1], "short") == 0)
		losses = 2;
	test_stress();
	must_be_level(before);
	return 0;
}
