/* SPDX-License-Identifier: MIT */
/*
 * Answers to a session: the style that is asked for and the one that comes, several lines and their
 * time, impossible ones.
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

static void start(enum qlink_style style)
{
	struct session_config config = peer_config();

	config.style = style;
	peer_connected(&peer, &config);
}

/* Automatic: regular on a connection for commands alone, but for names; detailed on a shared
 * one. */
static void test_automatic_style(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	start(QLINK_STYLE_AUTO);
	peer_request(&peer, "VGL 101");
	peer_expect(&peer, 0, "VGL@ 101\r");
	peer_say(&peer, 0, "50\r");
	peer_advance(&peer, 50);
	peer_request(&peer, "VGN 1 5 255");
	peer_expect(&peer, 0, "VGN# 1 5 255\r");
	peer_free(&peer);

	config.mode = QLINK_MODE_SHARED;
	peer_connected(&peer, &config);
	peer_request(&peer, "VGL 101");
	peer_expect(&peer, 0, "VGL# 101\r");
	peer_free(&peer);
}

/* A server that passes over the modifier: believed once, then asked in its own style. */
static void test_fallback(void **state)
{
	(void)state;
	start(QLINK_STYLE_DETAILED);
	peer_request(&peer, "VGL 101");
	peer_expect(&peer, 0, "VGL# 101\r");
	peer_say(&peer, 0, "50\r");
	peer_event(&peer, "result VGL level=50");
	peer_advance(&peer, 50);
	peer_request(&peer, "VGL 102");
	peer_expect(&peer, 0, "VGL@ 102\r");
	peer_say(&peer, 0, "60\r");
	peer_event(&peer, "result VGL level=60");
	peer_free(&peer);
}

/* An error alone says nothing about the style. */
static void test_error_is_no_style(void **state)
{
	(void)state;
	start(QLINK_STYLE_DETAILED);
	peer_request(&peer, "VGL 101");
	peer_expect(&peer, 0, "VGL# 101\r");
	peer_say(&peer, 0, "257\r");
	peer_event(&peer, "result VGL error=EIO device=257");
	peer_advance(&peer, 50);
	peer_request(&peer, "VGL 102");
	peer_expect(&peer, 0, "VGL# 102\r");
	peer_free(&peer);
}

/* Once a detailed answer was seen, a bare one is somebody else's; so is another load's. */
static void test_no_bare_after_detailed(void **state)
{
	(void)state;
	start(QLINK_STYLE_DETAILED);
	peer_request(&peer, "VGL 101");
	peer_say(&peer, 0, "RGL 101 50\r");
	peer_event(&peer, "result VGL level=50");
	peer_advance(&peer, 50);
	peer_request(&peer, "VGL 102");
	peer_say(&peer, 0, "70\r");
	peer_say(&peer, 0, "RGL 103 70\rRLO 102 70\r");
	peer_event(&peer, NULL);
	peer_say(&peer, 0, "RGL 102 60\r");
	peer_event(&peer, "result VGL level=60");
	peer_event(&peer, NULL);
	peer_free(&peer);
}

/* The time-out of an answer of several lines begins anew with each of them. */
static void test_rows_in_time(void **state)
{
	(void)state;
	start(QLINK_STYLE_REGULAR);
	peer_request(&peer, "VQP 1");
	peer_advance(&peer, 2999);
	peer_say(&peer, 0, "3\r");
	peer_advance(&peer, 2999);
	peer_say(&peer, 0, "1 1 1 5 1.0\r");
	peer_advance(&peer, 2999);
	peer_say(&peer, 0, "1 1 2 5 1.0\r");
	peer_event(&peer, NULL);
	peer_advance(&peer, 500);
	peer_say(&peer, 0, "1 1 3 5 1.0\r");
	peer_event(&peer, "result VQP rows=3\nrow 1 1 1 5 1.0\nrow 1 1 2 5 1.0\nrow 1 1 3 5 1.0");
	peer_free(&peer);

	start(QLINK_STYLE_REGULAR);
	peer_request(&peer, "VQP 1");
	peer_advance(&peer, 1000);
	peer_say(&peer, 0, "3\r");
	peer_advance(&peer, 2999);
	peer_event(&peer, NULL);
	peer_advance(&peer, 1);
	peer_event(&peer, "result VQP error=ETIMEDOUT");
	peer_free(&peer);
}

/* An event is no line of the answer: it does not prolong the wait. */
static void test_events_do_not_prolong(void **state)
{
	(void)state;
	start(QLINK_STYLE_REGULAR);
	peer_request(&peer, "VGL 101");
	for (int i = 0; i < 3; i++) {
		peer_advance(&peer, 999);
		peer_say(&peer, 0, "AON 3\r");
		peer_event(&peer, "event all_on 3");
	}
	peer_event(&peer, NULL);
	peer_advance(&peer, 3);
	peer_event(&peer, "result VGL error=ETIMEDOUT");
	peer_free(&peer);
}

/* After an impossible answer the rest of it may follow: nothing is believed before an echo. */
static void test_impossible_count(void **state)
{
	char echo[32];

	(void)state;
	start(QLINK_STYLE_REGULAR);
	peer_request(&peer, "VQS 1");
	peer_expect(&peer, 0, "VQS@ 1\r");
	peer_say(&peer, 0, "190\r1 1 0 15 1.0 1 10123\r");
	peer_event(&peer, "result VQS error=EPROTO");
	peer_event(&peer, NULL);
	snprintf(echo, sizeof(echo), "1 2 2 0 1.0 2 10124\r%u\r", peer_nonce(&peer, 0, '@'));
	peer_say(&peer, 0, echo);
	peer_event(&peer, NULL);
	peer_request(&peer, "VGL 102");
	peer_expect(&peer, 0, "");
	peer_advance(&peer, 50);
	peer_expect(&peer, 0, "VGL@ 102\r");
	peer_free(&peer);
}

static void test_collected_lines(void **state)
{
	(void)state;
	start(QLINK_STYLE_REGULAR);
	peer_request(&peer, "raw-lines V?V@ 1");
	peer_expect(&peer, 0, "V?V@ 1\r");
	peer_advance(&peer, 2999);
	peer_say(&peer, 0, "first\rSW 2 3 5 1\r");
	peer_event(&peer, "event button 2/3/5 pressed");
	peer_advance(&peer, 999);
	peer_say(&peer, 0, "257\r");
	peer_advance(&peer, 999);
	peer_event(&peer, NULL);
	peer_advance(&peer, 1);
	peer_event(&peer, "result raw rows=2\nrow first\nrow 257");
	peer_advance(&peer, 50);
	peer_request(&peer, "V?D 1 3");
	peer_expect(&peer, 0, "V?D@ 1 3\r");
	peer_say(&peer, 0, "a b\r");
	peer_advance(&peer, 1000);
	peer_event(&peer, "result V?D rows=1\nrow a b");
	peer_free(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_automatic_style),
		cmocka_unit_test(test_fallback),
		cmocka_unit_test(test_error_is_no_style),
		cmocka_unit_test(test_no_bare_after_detailed),
		cmocka_unit_test(test_rows_in_time),
		cmocka_unit_test(test_events_do_not_prolong),
		cmocka_unit_test(test_impossible_count),
		cmocka_unit_test(test_collected_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
