/* SPDX-License-Identifier: MIT */
/*
 * Connections that cannot be had or are closed: waiting, asking again, giving up (protocol sheet,
 * sections 1.3 and 8).
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

static struct peer peer;

/* Refused is busy: again after 1, 2, 4 s, until the request's time is up. */
static void test_refused(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	peer_start(&peer, &config);
	peer.accepts = 0;
	peer_request(&peer, "VGL 101");
	assert_int_equal(peer.attempts, 1);
	peer_event(&peer, "event connect_failed ECONNREFUSED again in 1000");
	peer_advance(&peer, 999);
	assert_int_equal(peer.attempts, 1);
	peer_advance(&peer, 1);
	assert_int_equal(peer.attempts, 2);
	peer_event(&peer, "event connect_failed ECONNREFUSED again in 2000");
	peer_advance(&peer, 8999);
	assert_int_equal(peer.attempts, 4);
	peer_event(&peer, "event connect_failed ECONNREFUSED again in 4000");
	peer_event(&peer, "event connect_failed ECONNREFUSED again in 8000");
	peer_event(&peer, NULL);
	peer_advance(&peer, 1);
	peer_event(&peer, "result VGL error=ECONNREFUSED");
	peer_advance(&peer, 3600000);
	assert_int_equal(peer.attempts, 4);
	peer_event(&peer, NULL);
	peer_free(&peer);
}

/* The slot becomes free in time. */
static void test_refused_first(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	peer_start(&peer, &config);
	peer.accepts = 0;
	peer_request(&peer, "VGL 101");
	peer_advance(&peer, 1500);
	peer.accepts = 1;
	peer_advance(&peer, 1500);
	peer_expect(&peer, 0, "VGL@ 101\r");
	peer_say(&peer, 0, "5\r");
	peer_event(&peer, "event connect_failed ECONNREFUSED again in 1000");
	peer_event(&peer, "event connect_failed ECONNREFUSED again in 2000");
	peer_event(&peer, "event connected");
	peer_event(&peer, "event synchronised");
	peer_event(&peer, "result VGL level=5");
	peer_event(&peer, NULL);
	peer_free(&peer);
}

/* Other ways to fail, with their own words; an attempt that hangs has none yet. */
static void test_unreachable(void **state)
{
	static const struct {
		int refusal;
		const char *event, *result;
	} cases[] = {
		{ -EHOSTUNREACH, "event connect_failed EHOSTUNREACH again in 1000",
		  "result VGL error=EHOSTUNREACH" },
		{ -ETIMEDOUT, "event connect_failed ETIMEDOUT again in 1000",
		  "result VGL error=ETIMEDOUT" },
		{ 0, NULL, "result VGL error=EHOSTUNREACH" },
	};
	struct session_config config = peer_config();

	(void)state;
	config.timeout_ms = 900;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		peer_start(&peer, &config);
		peer.accepts = 0;
		peer.refusal = cases[i].refusal;
		peer_request(&peer, "VGL 101");
		if (cases[i].event)
			peer_event(&peer, cases[i].event);
		peer_advance(&peer, 899);
		peer_event(&peer, NULL);
		peer_advance(&peer, 1);
		peer_event(&peer, cases[i].result);
		peer_event(&peer, NULL);
		peer_free(&peer);
	}
}

/* 1, 2, 4 … 60 s, and 60 s for ever; never faster than one attempt a second. */
static void test_backoff(void **state)
{
	static const unsigned waits[] = { 1, 2, 4, 8, 16, 32, 60, 60, 60, 60 };
	struct session_config config = peer_config();

	(void)state;
	config.monitoring = QLINK_MONITOR_LOADS;
	peer_start(&peer, &config);
	peer.accepts = 0;
	peer_settle(&peer);
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		char expected[64];

		snprintf(expected, sizeof(expected),
			 "event connect_failed ECONNREFUSED again in %u", waits[i] * 1000);
		peer_event(&peer, expected);
		peer_event(&peer, NULL);
		peer_advance(&peer, waits[i] * 1000 - 1);
		assert_int_equal(peer.attempts, i + 1);
		peer_advance(&peer, 1);
		assert_int_equal(peer.attempts, i + 2);
	}
	peer_advance(&peer, 86400000);
	assert_int_equal(peer.attempts, 11 + 86400 / 60);
	assert_int_equal(peer.ticks, peer.attempts - 1);
	peer_free(&peer);
}

static void test_jitter(void **state)
{
	struct session_config config = peer_config();
	const struct qlink_event *e;
	unsigned different = 0;
	uint32_t last = 0;

	(void)state;
	config.monitoring = QLINK_MONITOR_LOADS;
	config.reconnect.base_ms = 60000;
	config.reconnect.jitter_percent = 25;
	peer_start(&peer, &config);
	peer.accepts = 0;
	peer_advance(&peer, 7200000);
	while ((e = qlink_session_next_event(peer.session)) != NULL) {
		assert_in_range(e->delay_ms, 45000, 75000);
		different += e->delay_ms != last;
		last = e->delay_ms;
	}
	assert_true(different > 50);
	peer_free(&peer);
}

/* A server that accepts and closes at once is not asked more and more often. */
static void test_accepts_and_closes(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	config.monitoring = QLINK_MONITOR_LOADS;
	peer_start(&peer, &config);
	for (unsigned wait = 1000; wait <= 32000; wait *= 2) {
		peer_settle(&peer);
		assert_int_equal(peer_open(&peer), 1);
		peer_hang_up(&peer, 0, 0);
		peer_advance(&peer, wait - 1);
		assert_int_equal(peer_open(&peer), 0);
		peer_advance(&peer, 1);
	}
	peer_free(&peer);
}

/* A command connection that the server closes in peace is opened again at once, when needed. */
static void test_closed_by_server(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	peer_connected(&peer, &config);
	peer_request(&peer, "VGL 101");
	peer_say(&peer, 0, "5\r");
	peer_event(&peer, "result VGL level=5");
	peer_hang_up(&peer, 0, 0);
	peer_event(&peer, "event disconnected ECONNRESET");
	peer_advance(&peer, 100000);
	assert_int_equal(peer.attempts, 1);
	peer_request(&peer, "VGL 101");
	peer_event(&peer, "event connected");
	peer_event(&peer, "event synchronised");
	assert_int_equal(peer.attempts, 2);
	peer_free(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),          cmocka_unit_test(test_refused_first),
		cmocka_unit_test(test_unreachable),      cmocka_unit_test(test_backoff),
		cmocka_unit_test(test_jitter),           cmocka_unit_test(test_accepts_and_closes),
		cmocka_unit_test(test_closed_by_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
