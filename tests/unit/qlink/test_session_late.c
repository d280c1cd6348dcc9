/* SPDX-License-Identifier: MIT */
/*
 * Late answers (protocol sheet, section 5.3): whatever happens to a command, its answer is never
 * taken for another one's, on the same connection and on the next.
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

static struct peer peer;

/* One connection, and a command on its way. */
static void start(enum qlink_style style)
{
	struct session_config config = peer_config();

	config.style = style;
	config.connections = 1;
	peer_connected(&peer, &config);
	peer_request(&peer, "VGL 101");
	peer_expect(&peer, 0, style == QLINK_STYLE_DETAILED ? "VGL# 101\r" : "VGL@ 101\r");
}

static void test_timeout(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		start(i ? QLINK_STYLE_DETAILED : QLINK_STYLE_REGULAR);
		peer_advance(&peer, 2999);
		peer_event(&peer, NULL);
		peer_expect(&peer, 0, "");
		peer_advance(&peer, 1);
		peer_event(&peer, "result VGL error=ETIMEDOUT");
		peer_request(&peer, "VGL 101");
		peer_say(&peer, 0, i ? "RGL 101 50\r" : "50\r");
		peer_say(&peer, 0, "257\r9999\r65536\rREC 1\r");
		peer_event(&peer, NULL);
		peer_answer_nonce(&peer, 0, i ? '#' : '@');
		peer_expect(&peer, 0, i ? "VGL# 101\r" : "VGL@ 101\r");
		peer_say(&peer, 0, i ? "RGL 101 60\r" : "60\r");
		peer_event(&peer, "result VGL level=60");
		peer_event(&peer, NULL);
		peer_free(&peer);
	}
}

/* Events count while the echo is awaited; texts in that time may belong to the late answer. */
static void test_events_while_resynchronising(void **state)
{
	(void)state;
	start(QLINK_STYLE_REGULAR);
	peer_advance(&peer, 3000);
	peer_event(&peer, "result VGL error=ETIMEDOUT");
	peer_say(&peer, 0, "LO 1 3 2 5 55\rsome text\r");
	peer_event(&peer, "event load 1.3.2.5 55");
	peer_event(&peer, NULL);
	peer_answer_nonce(&peer, 0, '@');
	peer_say(&peer, 0, "some text\r");
	peer_event(&peer, "event text some text");
	peer_free(&peer);
}

/* Without the echo the line is dead: the connection is closed, and the next one is asked as
 * well. */
static void test_no_echo(void **state)
{
	unsigned first;
	unsigned second;

	(void)state;
	start(QLINK_STYLE_REGULAR);
	peer_advance(&peer, 3000);
	peer_event(&peer, "result VGL error=ETIMEDOUT");
	first = peer_nonce(&peer, 0, '@');
	peer_request(&peer, "VGL 102");
	peer_advance(&peer, 2999);
	assert_int_equal(peer_open(&peer), 1);
	peer_advance(&peer, 1);
	assert_int_equal(peer_open(&peer), 0);
	peer_event(&peer, "event disconnected ETIMEDOUT again in 1000");
	peer_advance(&peer, 999);
	assert_int_equal(peer_open(&peer), 0);
	peer_advance(&peer, 1);
	assert_int_equal(peer_open(&peer), 1);
	peer_event(&peer, "event connected");
	peer_event(&peer, "event synchronised");
	peer_say(&peer, 0, "50\r");
	second = peer_nonce(&peer, 0, '@');
	assert_int_not_equal(first, second);
	peer_free(&peer);
}

/* A query whose connection is lost is sent again, behind an echo. */
static void test_lost(void **state)
{
	(void)state;
	start(QLINK_STYLE_REGULAR);
	peer_hang_up(&peer, 0, 0);
	peer_event(&peer, "event disconnected ECONNRESET again in 1000");
	peer_event(&peer, NULL);
	peer_advance(&peer, 1000);
	peer_event(&peer, "event connected");
	peer_event(&peer, "event synchronised");
	peer_say(&peer, 0, "50\r");
	peer_answer_nonce(&peer, 0, '@');
	peer_expect(&peer, 0, "VGL@ 101\r");
	peer_say(&peer, 0, "60\r");
	peer_event(&peer, "result VGL level=60");
	peer_event(&peer, NULL);
	peer_free(&peer);
}

/* Lost again while the echo is awaited: the suspicion stays. */
static void test_lost_twice(void **state)
{
	(void)state;
	start(QLINK_STYLE_REGULAR);
	peer_hang_up(&peer, 0, -ECONNRESET);
	peer_advance(&peer, 1000);
	peer_nonce(&peer, 0, '@');
	peer_hang_up(&peer, 0, 0);
	peer_advance(&peer, 2000);
	peer_say(&peer, 0, "50\r");
	peer_answer_nonce(&peer, 0, '@');
	peer_expect(&peer, 0, "VGL@ 101\r");
	peer_free(&peer);
}

/* A button that was pressed once is not pressed twice. */
static void test_lost_press(void **state)
{
	static const char *const requests[][2] = {
		{ "VSW 2 10 4 6", "VSW" }, { "VIR 1 0 1 4", "VIR" }, { "VIC 1 2 31 1 4", "VIC" },
		{ "VET 1 4 1", "VET" },    { "raw VXX@ 1", "raw" },
	};
	char expected[64];

	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct session_config config = peer_config();

		peer_connected(&peer, &config);
		peer_request(&peer, requests[i][0]);
		peer_hang_up(&peer, 0, 0);
		snprintf(expected, sizeof(expected), "result %s error=ECONNRESET", requests[i][1]);
		peer_event(&peer, expected);
		peer_event(&peer, "event disconnected ECONNRESET again in 1000");
		peer_advance(&peer, 100000);
		peer_event(&peer, NULL);
		assert_int_equal(peer.attempts, 1);
		peer_free(&peer);
	}
}

static void test_cancelled(void **state)
{
	(void)state;
	start(QLINK_STYLE_REGULAR);
	peer_request(&peer, "VGL 102");
	assert_int_equal(qlink_session_cancel(peer.session, 1, peer.now), 0);
	peer_event(&peer, "result VGL error=ECANCELED");
	peer_say(&peer, 0, "50\r");
	peer_answer_nonce(&peer, 0, '@');
	peer_expect(&peer, 0, "VGL@ 102\r");
	peer_say(&peer, 0, "60\r");
	peer_event(&peer, "result VGL level=60");
	peer_event(&peer, NULL);
	peer_free(&peer);
}

/* Stopped and started again by the caller, the old answer is still on its way. */
static void test_restarted(void **state)
{
	const struct cmn_log silent = { 0 };
	struct session_config config = peer_config();

	(void)state;
	start(QLINK_STYLE_REGULAR);
	qlink_session_stop(peer.session, peer.now);
	peer_event(&peer, "result VGL error=ECANCELED");
	peer_event(&peer, "event disconnected ECANCELED");
	peer_settle(&peer);
	assert_int_equal(peer_open(&peer), 0);
	config.connections = 1;
	qlink_session_start(peer.session, &config, &silent, 43, peer.now);
	peer_request(&peer, "VGL 102");
	peer_event(&peer, "event connected");
	peer_event(&peer, "event synchronised");
	peer_say(&peer, 0, "50\r");
	peer_answer_nonce(&peer, 0, '#');
	peer_expect(&peer, 0, "VGL@ 102\r");
	peer_free(&peer);
}

/* A second connection that is opened meanwhile could hear the old answer as well. */
static void test_lost_then_two(void **state)
{
	struct session_config config = peer_config();
	unsigned nonce;
	char echo[32];

	(void)state;
	peer_connected(&peer, &config);
	peer_request(&peer, "VGL 101");
	peer_hang_up(&peer, 0, 0);
	peer_request(&peer, "VGL 102");
	peer_advance(&peer, 1000);
	assert_int_equal(peer_open(&peer), 2);
	nonce = peer_nonce(&peer, 0, '#');
	assert_int_not_equal(nonce, peer_nonce(&peer, 1, '#'));
	peer_say(&peer, 1, "50\r");
	snprintf(echo, sizeof(echo), "REC %u\r", nonce);
	peer_say(&peer, 0, echo);
	peer_advance(&peer, 50);
	peer_expect(&peer, 0, "VGL@ 101\r");
	peer_free(&peer);
}

/* Also when the first one was not lost, but is waiting for its echo. */
static void test_timeout_then_two(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	peer_connected(&peer, &config);
	peer_request(&peer, "VGL 101");
	peer_advance(&peer, 3000);
	peer_event(&peer, "result VGL error=ETIMEDOUT");
	peer_request(&peer, "VGL 102");
	assert_int_equal(peer_open(&peer), 2);
	peer_say(&peer, 1, "50\r");
	peer_event(&peer, NULL);
	peer_nonce(&peer, 1, '#');
	peer_free(&peer);
}

/* An idle connection that ends leaves no suspicion. */
static void test_lost_in_peace(void **state)
{
	(void)state;
	start(QLINK_STYLE_REGULAR);
	peer_say(&peer, 0, "50\r");
	peer_event(&peer, "result VGL level=50");
	peer_hang_up(&peer, 0, 0);
	peer_event(&peer, "event disconnected ECONNRESET");
	peer_request(&peer, "VGL 102");
	peer_expect(&peer, 0, "VGL@ 102\r");
	peer_free(&peer);
}

/* Echoes are random from 10000 to 65535; once one came, a further connection needs none. */
static void test_nonces(void **state)
{
	struct session_config config = peer_config();
	unsigned least = 65535;
	unsigned most = 10000;

	(void)state;
	peer_connected(&peer, &config);
	for (unsigned n = 0; n < 1000; n++) {
		uint32_t id = peer_request(&peer, "VGL 101");
		char echo[32];
		unsigned nonce;

		peer_expect(&peer, 0, "VGL@ 101\r");
		assert_int_equal(qlink_session_cancel(peer.session, id, peer.now), 0);
		peer_event(&peer, "result VGL error=ECANCELED");
		nonce = peer_nonce(&peer, 0, '#');
		least = nonce < least ? nonce : least;
		most = nonce > most ? nonce : most;
		snprintf(echo, sizeof(echo), "REC %u\r", nonce);
		peer_say(&peer, 0, echo);
		peer_advance(&peer, 50);
	}
	assert_true(least < 11000);
	assert_true(most > 64500);
	peer_request(&peer, "VGL 101");
	peer_request(&peer, "VGL 102");
	peer_expect(&peer, 1, "VGL@ 102\r");
	peer_free(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_events_while_resynchronising),
		cmocka_unit_test(test_no_echo),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_lost_twice),
		cmocka_unit_test(test_lost_press),
		cmocka_unit_test(test_cancelled),
		cmocka_unit_test(test_restarted),
		cmocka_unit_test(test_lost_then_two),
		cmocka_unit_test(test_timeout_then_two),
		cmocka_unit_test(test_lost_in_peace),
		cmocka_unit_test(test_nonces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
