/* SPDX-License-Identifier: MIT */
/*
 * Connections: how many, opened and closed when, and what goes over which (protocol sheet, sections
 * 1.3 and 7).
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

/* As many connections as allowed, one command on each; the next one where an answer came. */
static void test_most(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	for (unsigned most = 1; most <= QLINK_MAX_CONNECTIONS; most++) {
		char expected[32];

		config.connections = most;
		peer_connected(&peer, &config);
		for (unsigned n = 1; n <= 20; n++) {
			char text[32];

			snprintf(text, sizeof(text), "VGL %u", n);
			peer_request(&peer, text);
		}
		assert_int_equal(peer_open(&peer), most);
		for (unsigned n = 0; n < most; n++) {
			snprintf(expected, sizeof(expected), "VGL@ %u\r", n + 1);
			peer_expect(&peer, n, expected);
		}
		peer_say(&peer, most - 1, "5\r");
		peer_event(&peer, "result VGL level=5");
		peer_event(&peer, NULL);
		peer_advance(&peer, 50);
		snprintf(expected, sizeof(expected), "VGL@ %u\r", most + 1);
		peer_expect(&peer, most - 1, expected);
		assert_int_equal(peer.most_open, most);
		assert_int_equal(qlink_session_statistics(peer.session)->connections_max, most);
		peer_free(&peer);
	}
}

/* One request after another needs one connection, in the pause between them too. */
static void test_kept(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	peer_connected(&peer, &config);
	for (unsigned n = 0; n < 50; n++) {
		peer_request(&peer, "VGL 101");
		peer_advance(&peer, 50);
		peer_expect(&peer, 0, "VGL@ 101\r");
		peer_say(&peer, 0, "5\r");
		peer_event(&peer, "result VGL level=5");
		peer_advance(&peer, n * 20);
	}
	assert_int_equal(peer.attempts, 1);
	peer_free(&peer);
}

static void test_idle_close(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	peer_connected(&peer, &config);
	peer_advance(&peer, 20000);
	peer_request(&peer, "VGL 101");
	peer_advance(&peer, 1000);
	peer_say(&peer, 0, "5\r");
	peer_event(&peer, "result VGL level=5");
	peer_advance(&peer, 29999);
	assert_int_equal(peer_open(&peer), 1);
	peer_advance(&peer, 1);
	assert_int_equal(peer_open(&peer), 0);
	peer_event(&peer, NULL);
	assert_int_equal(qlink_session_statistics(peer.session)->disconnects, 0);
	peer_expect(&peer, 0, "VGL@ 101\r");
	peer_request(&peer, "VGL 102");
	peer_expect(&peer, 0, "VGL@ 102\r");
	peer_say(&peer, 0, "6\r");
	peer_event(&peer, "result VGL level=6");
	peer_event(&peer, NULL);
	peer_free(&peer);
}

static void test_never_idle(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	config.idle_ms = 0;
	peer_connected(&peer, &config);
	peer_advance(&peer, 86400000);
	assert_int_equal(peer_open(&peer), 1);
	assert_int_equal(peer.ticks, 0);
	peer_free(&peer);
}

/* One slot: commands go over the event connection, and a second one is asked for after 60 s. */
static void test_shared_fallback(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	peer_monitored(&peer, &config);
	peer.accepts = 1;
	peer_request(&peer, "VGL 101");
	assert_int_equal(peer.attempts, 2);
	peer_expect(&peer, 0, "VGL# 101\r");
	assert_true(qlink_session_statistics(peer.session)->shared_fallback);
	peer_say(&peer, 0, "LO 1 3 2 5 55\rRGL 101 50\r");
	peer_event(&peer, "event load 1.3.2.5 55");
	peer_event(&peer, "result VGL level=50");
	for (unsigned n = 0; n < 5; n++) {
		peer_advance(&peer, 10000);
		peer_request(&peer, "VGL 101");
		peer_expect(&peer, 0, "VGL# 101\r");
		peer_say(&peer, 0, "RGL 101 50\r");
		peer_event(&peer, "result VGL level=50");
	}
	assert_int_equal(peer.attempts, 2);
	peer_advance(&peer, 9999);
	peer_request(&peer, "VGL 101");
	peer_expect(&peer, 0, "VGL# 101\r");
	peer_say(&peer, 0, "RGL 101 50\r");
	assert_int_equal(peer.attempts, 2);
	peer_advance(&peer, 50);
	peer_request(&peer, "VGL 102");
	assert_int_equal(peer.attempts, 3);
	peer_expect(&peer, 0, "VGL# 102\r");
	peer_free(&peer);
}

/* The second connection becomes possible: from then on the event connection is for events. */
static void test_split_again(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	peer_monitored(&peer, &config);
	peer.accepts = 1;
	peer_request(&peer, "VGL 101");
	peer_expect(&peer, 0, "VGL# 101\r");
	peer_say(&peer, 0, "RGL 101 50\r");
	peer_event(&peer, "result VGL level=50");
	peer.accepts = 2;
	peer_advance(&peer, 59000);
	peer_request(&peer, "VGL 101");
	peer_expect(&peer, 0, "VGL# 101\r");
	peer_say(&peer, 0, "RGL 101 50\r");
	peer_event(&peer, "result VGL level=50");
	peer_advance(&peer, 1000);
	peer_request(&peer, "VGL 102");
	peer_request(&peer, "VGL 103");
	assert_int_equal(peer_open(&peer), 2);
	peer_expect(&peer, 0, "");
	peer_expect(&peer, 1, "VGL@ 102\r");
	assert_false(qlink_session_statistics(peer.session)->shared_fallback);
	peer_say(&peer, 1, "51\r");
	peer_event(&peer, "result VGL level=51");
	peer_advance(&peer, 50);
	peer_expect(&peer, 1, "VGL@ 103\r");
	peer_free(&peer);
}

/* Split: the event connection carries no commands, and is not closed for being idle. */
static void test_split(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	peer_monitored(&peer, &config);
	peer_request(&peer, "VGL 101");
	peer_request(&peer, "VGL 102");
	assert_int_equal(peer_open(&peer), 2);
	peer_expect(&peer, 0, "");
	peer_expect(&peer, 1, "VGL@ 101\r");
	peer_say(&peer, 1, "50\r");
	peer_advance(&peer, 50);
	peer_expect(&peer, 1, "VGL@ 102\r");
	/* Both hear all events; they are told once. */
	peer_say(&peer, 1, "LO 1 3 2 5 55\r");
	peer_say(&peer, 0, "LO 1 3 2 5 55\r");
	peer_say(&peer, 1, "51\r");
	peer_event(&peer, "result VGL level=50");
	peer_event(&peer, "event load 1.3.2.5 55");
	peer_event(&peer, "result VGL level=51");
	peer_event(&peer, NULL);
	peer_advance(&peer, 29999);
	assert_int_equal(peer_open(&peer), 2);
	peer_advance(&peer, 1);
	assert_int_equal(peer_open(&peer), 1);
	peer_advance(&peer, 20000);
	assert_int_equal(peer_open(&peer), 1);
	peer_event(&peer, NULL);
	peer_free(&peer);
}

/* Chosen by the caller: one connection for everything, the reports first. */
static void test_shared(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	config.mode = QLINK_MODE_SHARED;
	config.monitoring = QLINK_MONITOR_LOADS;
	peer_start(&peer, &config);
	peer_request(&peer, "VGL 101");
	peer_expect(&peer, 0, "VOL# 1\r");
	peer_say(&peer, 0, "ROL 1\r");
	peer_advance(&peer, 50);
	peer_expect(&peer, 0, "VGL# 101\r");
	peer_say(&peer, 0, "LO 1 3 2 5 55\rRGL 101 50\r");
	peer_event(&peer, "event connected");
	peer_event(&peer, "event synchronised");
	peer_event(&peer, "event load 1.3.2.5 55");
	peer_event(&peer, "result VGL level=50");
	assert_int_equal(peer.most_open, 1);
	assert_int_equal(peer.attempts, 1);
	peer_free(&peer);
}

/* The event connection is lost and the command connection holds the only slot: it does both. */
static void test_promoted(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	peer_monitored(&peer, &config);
	peer_request(&peer, "VGL 101");
	peer_expect(&peer, 1, "VGL@ 101\r");
	peer.accepts = 1;
	peer_hang_up(&peer, 0, 0);
	peer_event(&peer, "event disconnected ECONNRESET again in 1000");
	peer_say(&peer, 1, "50\r");
	peer_event(&peer, "result VGL level=50");
	peer_advance(&peer, 1000);
	peer_enable(&peer, 1);
	peer_event(&peer, "event connect_failed ECONNREFUSED again in 2000");
	peer_event(&peer, "event connected");
	peer_event(&peer, "event synchronised");
	peer_say(&peer, 1, "LO 1 3 2 5 55\r");
	peer_event(&peer, "event load 1.3.2.5 55");
	peer_advance(&peer, 50);
	peer_request(&peer, "VGL 102");
	peer_expect(&peer, 1, "VGL# 102\r");
	assert_int_equal(peer_open(&peer), 1);
	peer_free(&peer);
}

/* Loss of one of several command connections is mended in silence; its query goes out again. */
static void test_one_of_two_lost(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	peer_connected(&peer, &config);
	peer_request(&peer, "VGL 101");
	peer_request(&peer, "VGL 102");
	peer_hang_up(&peer, 1, 0);
	peer_event(&peer, NULL);
	peer_expect(&peer, 0, "VGL@ 101\r");
	peer_say(&peer, 0, "50\r");
	peer_event(&peer, "result VGL level=50");
	peer_answer_nonce(&peer, 1, '#');
	peer_expect(&peer, 0, "VGL@ 102\r");
	peer_say(&peer, 0, "51\r");
	peer_event(&peer, "result VGL level=51");
	peer_event(&peer, NULL);
	peer_free(&peer);
}

/* A connection is not idle while requests wait for its gap. */
static void test_idle_in_gap(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	config.connections = 1;
	config.idle_ms = 20;
	peer_connected(&peer, &config);
	peer_request(&peer, "VGL 101");
	peer_request(&peer, "VGL 102");
	peer_say(&peer, 0, "50\r");
	peer_advance(&peer, 49);
	peer_expect(&peer, 0, "VGL@ 101\r");
	peer_advance(&peer, 1);
	peer_expect(&peer, 0, "VGL@ 102\r");
	assert_int_equal(peer.attempts, 1);
	peer_free(&peer);
}

/* The command connection follows the event connection: that is told once. */
static void test_both_lost(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	peer_monitored(&peer, &config);
	peer_request(&peer, "VGL 101");
	peer_say(&peer, 1, "50\r");
	peer_event(&peer, "result VGL level=50");
	peer_hang_up(&peer, 0, 0);
	peer_hang_up(&peer, 1, 0);
	peer_event(&peer, "event disconnected ECONNRESET again in 1000");
	peer_event(&peer, NULL);
	peer_advance(&peer, 999);
	assert_int_equal(peer_open(&peer), 0);
	peer_advance(&peer, 1);
	peer_enable(&peer, 0);
	peer_event(&peer, "event connected");
	peer_event(&peer, "event synchronised");
	peer_event(&peer, NULL);
	peer_free(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_most),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_idle_close),
		cmocka_unit_test(test_never_idle),
		cmocka_unit_test(test_shared_fallback),
		cmocka_unit_test(test_split_again),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_promoted),
		cmocka_unit_test(test_one_of_two_lost),
		cmocka_unit_test(test_idle_in_gap),
		cmocka_unit_test(test_both_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
