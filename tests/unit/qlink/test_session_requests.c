/* SPDX-License-Identifier: MIT */
/*
 * Requests: their order, their time, their bound, and exactly one result for each, whatever ends
 * it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peer.h"
#include "words.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct peer peer;

static void start(unsigned connections)
{
	struct session_config config = peer_config();

	config.connections = connections;
	peer_connected(&peer, &config);
}

/* The caller's own before polls, each in its order. */
static void test_priority(void **state)
{
	static const char *const order[] = { "VGL@ 1\r", "VGL@ 11\r", "VGL@ 12\r",
					     "VGL@ 2\r", "VGL@ 13\r", "VGL@ 3\r" };

	(void)state;
	start(1);
	peer_poll(&peer, "VGL 1");
	peer_poll(&peer, "VGL 2");
	peer_poll(&peer, "VGL 3");
	peer_request(&peer, "VGL 11");
	peer_request(&peer, "VGL 12");
	for (size_t i = 0; i < COUNT(order); i++) {
		peer_expect(&peer, 0, order[i]);
		if (i == 3)
			peer_request(&peer, "VGL 13");
		peer_say(&peer, 0, "5\r");
		peer_event(&peer, "result VGL level=5");
		peer_advance(&peer, 50);
	}
	peer_expect(&peer, 0, "");
	peer_free(&peer);
}

/* A request that goes out again after a loss keeps its place before the others. */
static void test_place_after_loss(void **state)
{
	char echo[32];

	(void)state;
	start(1);
	peer_request(&peer, "VGL 1");
	peer_request(&peer, "VGL 2");
	peer_hang_up(&peer, 0, 0);
	peer_advance(&peer, 1000);
	peer.slots[0].size = 0;
	peer_hang_up(&peer, 0, 0);
	peer_event(&peer, "event disconnected ECONNRESET again in 1000");
	peer_event(&peer, "event connected");
	peer_event(&peer, "event synchronised");
	peer_event(&peer, "event disconnected ECONNRESET again in 2000");
	peer_advance(&peer, 2000);
	peer_event(&peer, "event connected");
	peer_event(&peer, "event synchronised");
	snprintf(echo, sizeof(echo), "REC %u\r", peer_nonce(&peer, 0, '#'));
	peer_say(&peer, 0, echo);
	peer_advance(&peer, 50);
	peer_expect(&peer, 0, "VGL@ 1\r");
	peer_say(&peer, 0, "1\r");
	peer_advance(&peer, 50);
	peer_expect(&peer, 0, "VGL@ 2\r");
	peer_event(&peer, "result VGL level=1");
	peer_event(&peer, NULL);
	peer_free(&peer);
}

/* The time of a request is all of it, waiting included: on the line or in the queue. */
static void test_time(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	config.connections = 1;
	config.timeout_ms = 1000;
	peer_connected(&peer, &config);
	peer_request(&peer, "VGL 101");
	peer_advance(&peer, 600);
	peer_request(&peer, "VGL 102");
	peer_poll(&peer, "VGL 103");
	peer_expect(&peer, 0, "VGL@ 101\r");
	peer_advance(&peer, 399);
	peer_event(&peer, NULL);
	peer_advance(&peer, 1);
	peer_event(&peer, "result VGL error=ETIMEDOUT");
	peer_nonce(&peer, 0, '#');
	peer_advance(&peer, 599);
	peer_event(&peer, NULL);
	peer_advance(&peer, 1);
	peer_event(&peer, "result VGL error=ETIMEDOUT");
	peer_event(&peer, "result VGL error=ETIMEDOUT");
	peer_event(&peer, NULL);
	peer_expect(&peer, 0, "");
	peer_free(&peer);
}

/* A peer that takes no bytes: also a command without an answer ends in time. */
static void test_stuck(void **state)
{
	(void)state;
	start(1);
	peer.deaf = true;
	peer_request(&peer, "raw VLO! 201 0");
	assert_true(qlink_session_deadline(peer.session) == peer.now + 10000);
	peer_advance(&peer, 1);
	peer_request(&peer, "VGL 101");
	peer_advance(&peer, 9998);
	peer_event(&peer, NULL);
	peer_advance(&peer, 1);
	peer_event(&peer, "result raw error=ETIMEDOUT");
	peer_event(&peer, NULL);
	assert_true(qlink_session_deadline(peer.session) == peer.now + 1);
	peer_advance(&peer, 1);
	peer_event(&peer, "result VGL error=ETIMEDOUT");
	peer_event(&peer, NULL);
	peer_advance(&peer, 2999);
	peer_event(&peer, "event disconnected ETIMEDOUT again in 1000");
	peer_event(&peer, NULL);
	peer_free(&peer);
}

static void test_cancel(void **state)
{
	uint32_t ids[4];

	(void)state;
	start(1);
	ids[0] = peer_request(&peer, "VGL 1");
	ids[1] = peer_request(&peer, "VGL 2");
	ids[2] = peer_poll(&peer, "VGL 3");
	ids[3] = peer_request(&peer, "VGL 4");
	for (int i = 0; i < 4; i++)
		assert_true(qlink_session_pending(peer.session, ids[i]));
	assert_int_equal(qlink_session_cancel(peer.session, ids[2], peer.now), 0);
	assert_int_equal(qlink_session_cancel(peer.session, ids[1], peer.now), 0);
	assert_int_equal(qlink_session_cancel(peer.session, ids[1], peer.now), -ENOENT);
	assert_int_equal(qlink_session_cancel(peer.session, 0, peer.now), -ENOENT);
	assert_false(qlink_session_pending(peer.session, ids[1]));
	assert_int_equal(peer_event(&peer, "result VGL error=ECANCELED"), ids[2]);
	assert_int_equal(peer_event(&peer, "result VGL error=ECANCELED"), ids[1]);
	peer_say(&peer, 0, "5\r");
	assert_int_equal(peer_event(&peer, "result VGL level=5"), ids[0]);
	assert_int_equal(qlink_session_cancel(peer.session, ids[0], peer.now), -ENOENT);
	assert_false(qlink_session_pending(peer.session, ids[0]));
	peer_advance(&peer, 50);
	peer_expect(&peer, 0, "VGL@ 1\rVGL@ 4\r");
	assert_int_equal(qlink_session_cancel(peer.session, ids[3], peer.now), 0);
	assert_int_equal(peer_event(&peer, "result VGL error=ECANCELED"), ids[3]);
	peer_event(&peer, NULL);
	peer_free(&peer);
}

/* Count the results with each error; every id once. */
static void count_results(unsigned requests, int error, unsigned expected)
{
	bool seen[64] = { false };
	const struct qlink_event *e;
	unsigned found = 0;

	while ((e = qlink_session_next_event(peer.session)) != NULL) {
		if (e->type != QLINK_EVENT_RESULT)
			continue;
		assert_in_range(e->id, 1, requests);
		assert_false(seen[e->id]);
		seen[e->id] = true;
		found += e->error == error;
	}
	for (unsigned id = 1; id <= requests; id++)
		assert_true(seen[id]);
	assert_int_equal(found, expected);
}

static void test_stop(void **state)
{
	(void)state;
	start(2);
	for (int i = 0; i < 5; i++) {
		peer_request(&peer, "VSW 2 10 4 6");
		peer_poll(&peer, "VGL 101");
	}
	qlink_session_stop(peer.session, peer.now);
	qlink_session_stop(peer.session, peer.now);
	peer_settle(&peer);
	assert_int_equal(peer_open(&peer), 0);
	count_results(10, -ECANCELED, 10);
	assert_int_equal(qlink_session_statistics(peer.session)->connections, 0);
	peer_free(&peer);
}

/* Freed with requests in every place: waiting, on the line, finished, taken. */
static void test_freed(void **state)
{
	(void)state;
	start(2);
	for (int i = 0; i < 5; i++)
		peer_request(&peer, "raw VQA");
	peer_request(&peer, "VGN 1 5 255");
	peer_say(&peer, 0, "4 1\r");
	peer_say(&peer, 1, "4 1\r");
	peer_event(&peer, "result raw line=4 1");
	peer_free(&peer);
	qlink_session_free(NULL);
}

/* An adopted socket is not opened again: all ends with it. */
static void test_adopted(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	config.mode = QLINK_MODE_SHARED;
	config.adopted = true;
	peer_connected(&peer, &config);
	for (int i = 0; i < 3; i++)
		peer_request(&peer, "VGL 101");
	peer_expect(&peer, 0, "VGL# 101\r");
	peer_hang_up(&peer, 0, 0);
	peer_event(&peer, "result VGL error=ECONNRESET");
	peer_event(&peer, "event disconnected ECONNRESET");
	peer_event(&peer, "result VGL error=ECONNRESET");
	peer_event(&peer, "result VGL error=ECONNRESET");
	peer_event(&peer, NULL);
	assert_false(qlink_session_running(peer.session));
	peer_refused(&peer, "VGL 101", -ENOTCONN);
	peer_advance(&peer, 100000);
	assert_int_equal(peer.attempts, 1);
	peer_free(&peer);
}

/* An adopted socket is not closed for being idle. */
static void test_adopted_idle(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	config.mode = QLINK_MODE_SHARED;
	config.adopted = true;
	peer_connected(&peer, &config);
	peer_advance(&peer, 3600000);
	assert_int_equal(peer_open(&peer), 1);
	assert_int_equal(peer.ticks, 0);
	peer_free(&peer);
}

static void test_bound(void **state)
{
	(void)state;
	start(1);
	for (int i = 0; i < QLINK_MAX_REQUESTS; i++)
		peer_request(&peer, "VGL 101");
	peer_refused(&peer, "VGL 101", -EBUSY);
	peer_say(&peer, 0, "50\r");
	peer_request(&peer, "VGL 101");
	peer_refused(&peer, "VGL 101", -EBUSY);
	qlink_session_stop(peer.session, peer.now);
	peer_event(&peer, "result VGL level=50");
	for (int i = 0; i < QLINK_MAX_REQUESTS; i++)
		peer_event(&peer, "result VGL error=ECANCELED");
	peer_event(&peer, "event disconnected ECANCELED");
	peer_event(&peer, NULL);
	peer_free(&peer);
}

/* Out of turn: the result of one request, the others keep their order. */
static void test_take_result(void **state)
{
	const struct qlink_event *e;
	uint32_t id;

	(void)state;
	start(1);
	id = peer_request(&peer, "VGD 2 3 4");
	assert_null(qlink_session_take_result(peer.session, id));
	peer_say(&peer, 0, "LO 1 3 2 5 55\r50 50 75 80 80 100 100 0\rLO 1 3 2 5 56\r");
	assert_true(qlink_session_has_event(peer.session));
	e = qlink_session_take_result(peer.session, id);
	assert_non_null(e);
	assert_string_equal(words_event(e), "result VGD levels=50,50,75,80,80,100,100,0");
	assert_int_equal(e->master, 2);
	assert_true(e->time_ms == peer.now);
	peer_event(&peer, "event load 1.3.2.5 55");
	peer_event(&peer, "event load 1.3.2.5 56");
	peer_event(&peer, NULL);
	assert_false(qlink_session_has_event(peer.session));
	peer_free(&peer);
}

/* Stopped before anything was reached: nothing was lost. */
static void test_stop_early(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	peer_start(&peer, &config);
	peer.accepts = 0;
	peer.refusal = 0;
	peer_request(&peer, "VGL 101");
	qlink_session_stop(peer.session, peer.now);
	peer_event(&peer, "result VGL error=ECANCELED");
	peer_event(&peer, NULL);
	assert_int_equal(qlink_session_wants(peer.session, 0), 0);
	peer_free(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_priority),     cmocka_unit_test(test_place_after_loss),
		cmocka_unit_test(test_time),         cmocka_unit_test(test_stuck),
		cmocka_unit_test(test_cancel),       cmocka_unit_test(test_stop),
		cmocka_unit_test(test_freed),        cmocka_unit_test(test_adopted),
		cmocka_unit_test(test_adopted_idle), cmocka_unit_test(test_bound),
		cmocka_unit_test(test_take_result),  cmocka_unit_test(test_stop_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
