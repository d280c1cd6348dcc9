/* SPDX-License-Identifier: MIT */
/*
 * The event connection (protocol sheet, section 8): switching reports on, signs of life, loss, and
 * the bound of the queue.
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

static void start_reports(unsigned monitoring)
{
	struct session_config config = peer_config();

	config.monitoring = monitoring;
	peer_start(&peer, &config);
}

static void start(void)
{
	struct session_config config = peer_config();

	peer_monitored(&peer, &config);
}

static void test_which_reports(void **state)
{
	static const struct {
		unsigned monitoring;
		const char *command, *reply;
	} cases[] = {
		{ QLINK_MONITOR_BUTTONS, "VOS# 1 1\r", "ROS 1 1\r" },
		{ QLINK_MONITOR_LOADS, "VOL# 1\r", "ROL# 1\r" },
		{ QLINK_MONITOR_LEDS, "VOD# 1\r", "ROD 1\r" },
		{ QLINK_MONITOR_LCD_LEDS, "VOD# 2\r", "ROD 2\r" },
		{ QLINK_MONITOR_LEDS | QLINK_MONITOR_LCD_LEDS, "VOD# 3\r", "ROD 3\r" },
		{ QLINK_MONITOR_LOADS, "VOL# 1\r", "1\r" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start_reports(cases[i].monitoring);
		peer_expect(&peer, 0, cases[i].command);
		peer_say(&peer, 0, "LO 1 3 2 5 55\r");
		peer_event(&peer, "event load 1.3.2.5 55");
		peer_event(&peer, NULL);
		peer_say(&peer, 0, cases[i].reply);
		peer_event(&peer, "event connected");
		peer_event(&peer, "event synchronised");
		peer_event(&peer, NULL);
		peer_advance(&peer, 50000);
		peer_expect(&peer, 0, "");
		peer_free(&peer);
	}
}

/* Only listening: nothing is switched on, also on the query port. */
static void test_listen(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	for (int i = 0; i < 2; i++) {
		config.monitoring = i ? QLINK_MONITOR_ALL : QLINK_MONITOR_LISTEN;
		config.mode = i ? QLINK_MODE_READ_ONLY : QLINK_MODE_SPLIT;
		peer_connected(&peer, &config);
		peer_say(&peer, 0, "LO 1 3 2 5 55\r");
		peer_event(&peer, "event load 1.3.2.5 55");
		peer_advance(&peer, 59999);
		peer_expect(&peer, 0, "");
		peer_advance(&peer, 1);
		peer_nonce(&peer, 0, '#');
		peer_free(&peer);
	}
}

/* A connection that only listens has proved itself when an echo came: waiting begins anew. */
static void test_proof_by_echo(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	config.monitoring = QLINK_MONITOR_LISTEN;
	peer_connected(&peer, &config);
	peer_hang_up(&peer, 0, 0);
	peer_event(&peer, "event disconnected ECONNRESET again in 1000");
	peer_advance(&peer, 1000);
	peer_event(&peer, "event connected");
	peer_event(&peer, "event synchronised");
	peer_advance(&peer, 60000);
	peer_answer_nonce(&peer, 0, '#');
	peer_hang_up(&peer, 0, 0);
	peer_event(&peer, "event disconnected ECONNRESET again in 1000");
	peer_advance(&peer, 1000);
	peer_hang_up(&peer, 0, 0);
	peer_event(&peer, "event connected");
	peer_event(&peer, "event synchronised");
	peer_event(&peer, "event disconnected ECONNRESET again in 2000");
	peer_free(&peer);
}

/* Not acknowledged with the value asked for: the connection is closed and tried again. */
static void test_enabling_refused(void **state)
{
	static const char *const cases[][2] = {
		{ "257\r", "event connect_failed EIO device=257 again in 1000" },
		{ "256\r", "event connect_failed EIO device=256 again in 1000" },
		{ "ROL# 258\r", "event connect_failed EIO device=258 again in 1000" },
		{ "ROL 0\r", "event connect_failed EPROTO again in 1000" },
		{ "0\r", "event connect_failed EPROTO again in 1000" },
		{ "ROL 2\r", "event connect_failed EPROTO again in 1000" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start_reports(QLINK_MONITOR_LOADS);
		peer_expect(&peer, 0, "VOL# 1\r");
		peer_say(&peer, 0, cases[i][0]);
		peer_event(&peer, cases[i][1]);
		peer_event(&peer, NULL);
		assert_int_equal(peer_open(&peer), 0);
		peer_advance(&peer, 999);
		assert_int_equal(peer_open(&peer), 0);
		peer_advance(&peer, 1);
		assert_int_equal(peer_open(&peer), 1);
		peer_free(&peer);
	}
}

/* Other lines are no acknowledgement; silence is none either. */
static void test_enabling_ignored(void **state)
{
	(void)state;
	start_reports(QLINK_MONITOR_LOADS);
	peer_expect(&peer, 0, "VOL# 1\r");
	peer_say(&peer, 0, "ROS 1 1\rhello\rROL\rROL 1 1\r");
	peer_event(&peer, "event text hello");
	peer_event(&peer, NULL);
	peer_advance(&peer, 2999);
	peer_event(&peer, NULL);
	peer_advance(&peer, 1);
	peer_event(&peer, "event connect_failed ETIMEDOUT again in 1000");
	peer_event(&peer, NULL);
	assert_int_equal(peer_open(&peer), 0);
	peer_advance(&peer, 1000);
	peer_answer_nonce(&peer, 0, '#');
	peer_expect(&peer, 0, "VOL# 1\r");
	peer_free(&peer);
}

/* Requests wait until the reports are on, when there is one connection; then they are served. */
static void test_refusal_and_requests(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	config.mode = QLINK_MODE_SHARED;
	config.monitoring = QLINK_MONITOR_LOADS;
	peer_start(&peer, &config);
	peer_request(&peer, "VGL 101");
	for (unsigned wait = 1000; wait <= 4000; wait *= 2) {
		peer_expect(&peer, 0, "VOL# 1\r");
		peer_say(&peer, 0, "257\r");
		peer_advance(&peer, wait);
	}
	peer_expect(&peer, 0, "VOL# 1\r");
	peer_say(&peer, 0, "ROL 1\r");
	peer_advance(&peer, 50);
	peer_expect(&peer, 0, "VGL# 101\r");
	peer_free(&peer);
}

/* 60 s without any byte: an echo; without its answer the line is lost. */
static void test_probe(void **state)
{
	(void)state;
	start();
	peer_advance(&peer, 30000);
	peer_say(&peer, 0, "\r");
	peer_advance(&peer, 59999);
	peer_expect(&peer, 0, "");
	peer_advance(&peer, 1);
	peer_answer_nonce(&peer, 0, '#');
	peer_event(&peer, NULL);
	peer_advance(&peer, 59950);
	peer_nonce(&peer, 0, '#');
	peer_advance(&peer, 2999);
	peer_event(&peer, NULL);
	assert_int_equal(peer_open(&peer), 1);
	peer_advance(&peer, 1);
	peer_event(&peer, "event disconnected ETIMEDOUT again in 1000");
	peer_event(&peer, NULL);
	assert_int_equal(peer_open(&peer), 0);
	peer_advance(&peer, 1000);
	peer_answer_nonce(&peer, 0, '#');
	peer_enable(&peer, 0);
	peer_event(&peer, "event connected");
	peer_event(&peer, "event synchronised");
	peer_event(&peer, NULL);
	peer_free(&peer);
}

/* The probe's answer must be its number, not any line; an error is no sign of a healthy line. */
static void test_wrong_probe_answer(void **state)
{
	(void)state;
	start();
	peer_advance(&peer, 60000);
	peer_nonce(&peer, 0, '#');
	peer_say(&peer, 0, "REC 1\rLO 1 3 2 5 55\r");
	peer_event(&peer, "event load 1.3.2.5 55");
	peer_advance(&peer, 3000);
	peer_event(&peer, "event disconnected ETIMEDOUT again in 1000");
	peer_free(&peer);
}

static void test_no_probe(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	config.probe_ms = 0;
	peer_monitored(&peer, &config);
	peer.ticks = 0;
	peer_advance(&peer, 86400000);
	assert_int_equal(peer.ticks, 0);
	peer_expect(&peer, 0, "");
	peer_free(&peer);
}

/* Too many events: told once with their number; results are never dropped. */
static void test_overflow(void **state)
{
	enum {
		MORE = 11
	};

	(void)state;
	start();
	peer_request(&peer, "VGL 101");
	for (unsigned i = 0; i < QLINK_MAX_EVENTS + MORE; i++)
		peer_say(&peer, 0, "AON 3\r");
	peer_say(&peer, 1, "50\r");
	peer_say(&peer, 0, "AOFF 3\r");
	assert_int_equal(qlink_session_statistics(peer.session)->dropped_events, MORE + 1);
	for (unsigned i = 0; i < QLINK_MAX_EVENTS; i++)
		peer_event(&peer, "event all_on 3");
	peer_event(&peer, "result VGL level=50");
	peer_event(&peer, "event overflow 12");
	peer_event(&peer, NULL);
	peer_say(&peer, 0, "AON 4\r");
	peer_event(&peer, "event all_on 4");
	peer_event(&peer, NULL);
	peer_free(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which_reports),
		cmocka_unit_test(test_listen),
		cmocka_unit_test(test_proof_by_echo),
		cmocka_unit_test(test_enabling_refused),
		cmocka_unit_test(test_enabling_ignored),
		cmocka_unit_test(test_refusal_and_requests),
		cmocka_unit_test(test_probe),
		cmocka_unit_test(test_wrong_probe_answer),
		cmocka_unit_test(test_no_probe),
		cmocka_unit_test(test_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
