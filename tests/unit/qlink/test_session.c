/* SPDX-License-Identifier: MIT */
/*
 * One connection in peace: exchanges in both styles, events at every position, the gap, answers of
 * several lines, lines of nobody, and a day without work.
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
#include "state.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct peer peer;

/* The styles as they look on the wire. */
static const struct {
	enum qlink_style style;
	const char *command, *reply;
} styles[] = {
	{ QLINK_STYLE_REGULAR, "VGL@ 101\r", "50\r" },
	{ QLINK_STYLE_DETAILED, "VGL# 101\r", "RGL 101 50\r" },
	{ QLINK_STYLE_DETAILED, "VGL# 101\r", "RGL# 101 50\r\n" },
};

static void start(enum qlink_style style)
{
	struct session_config config = peer_config();

	config.style = style;
	peer_connected(&peer, &config);
}

static void test_exchange(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(styles); i++) {
		uint32_t id;

		start(styles[i].style);
		id = peer_request(&peer, "VGL 101");
		peer_expect(&peer, 0, styles[i].command);
		peer_event(&peer, NULL);
		peer_say(&peer, 0, styles[i].reply);
		assert_int_equal(peer_event(&peer, "result VGL level=50"), id);
		peer_event(&peer, NULL);
		peer_expect(&peer, 0, "");
		peer_free(&peer);
	}
}

/* Stream A behind the command, cut at CUT; the load and the event must both come out right. */
static void check_stream(enum qlink_style style, const char *command, const char *stream,
			 size_t cut, const char *const *events)
{
	start(style);
	peer_request(&peer, "VGL 101");
	peer_expect(&peer, 0, command);
	peer_say_bytes(&peer, 0, stream, cut);
	peer_say(&peer, 0, stream + cut);
	for (; *events; events++)
		peer_event(&peer, *events);
	peer_event(&peer, NULL);
	peer_free(&peer);
}

static void test_event_around_reply(void **state)
{
	static const char event[] = "LE 1 3 4C 20\r\n";
	static const char *const before[] = { "event leds 1/3 on 3 4 7 blink 6",
					      "result VGL level=50", NULL };
	static const char *const behind[] = { "result VGL level=50",
					      "event leds 1/3 on 3 4 7 blink 6", NULL };
	char stream[64];

	(void)state;
	for (size_t i = 0; i < COUNT(styles); i++) {
		snprintf(stream, sizeof(stream), "%s%s", event, styles[i].reply);
		for (size_t cut = 0; cut <= strlen(stream); cut++)
			check_stream(styles[i].style, styles[i].command, stream, cut, before);
		snprintf(stream, sizeof(stream), "%s%s", styles[i].reply, event);
		for (size_t cut = 0; cut <= strlen(stream); cut++)
			check_stream(styles[i].style, styles[i].command, stream, cut, behind);
	}
}

/* Take COUNT bytes of what waits to be sent. */
static void take_output(size_t count)
{
	const uint8_t *data;

	assert_true(qlink_session_output(peer.session, 0, &data) >= count);
	qlink_session_sent(peer.session, 0, count, peer.now);
}

/* The event arrives while the command is still going out, at every byte of it. */
static void test_event_while_sending(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(styles); i++) {
		for (size_t sent = 0; sent <= strlen(styles[i].command); sent++) {
			start(styles[i].style);
			peer.deaf = true;
			peer_request(&peer, "VGL 101");
			take_output(sent);
			peer_say(&peer, 0, "SW 2 55 1 1 0\r");
			peer_event(&peer, "event button 2/55/1 pressed 0");
			peer.deaf = false;
			peer_expect(&peer, 0, styles[i].command + sent);
			peer_say(&peer, 0, styles[i].reply);
			peer_event(&peer, "result VGL level=50");
			peer_event(&peer, NULL);
			peer_free(&peer);
		}
	}
}

/* An event in front of every line of an answer of several lines. */
static void test_event_between_rows(void **state)
{
	static const char *const regular[] = { "2\r", "1 1 0 15 1.0 1 10123\r",
					       "1 2 2 0 1.0 2 10124\r" };
	static const char *const detailed[] = { "RQS 1 2\r", "RQS 1 1 0 15 1.0 1 10123\r",
						"RQS# 1 2 2 0 1.0 2 10124\r" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		start(i ? QLINK_STYLE_DETAILED : QLINK_STYLE_REGULAR);
		peer_request(&peer, "VQS 1");
		peer_expect(&peer, 0, i ? "VQS# 1\r" : "VQS@ 1\r");
		for (int n = 0; n < 3; n++) {
			peer_say(&peer, 0, "LO 1 3 2 5 55\r");
			peer_event(&peer, "event load 1.3.2.5 55");
			peer_event(&peer, NULL);
			peer_say(&peer, 0, i ? detailed[n] : regular[n]);
		}
		peer_event(&peer, "result VQS rows=2\nrow 1 1 0 15 1.0 1 10123\n"
				  "row 1 2 2 0 1.0 2 10124");
		peer_event(&peer, NULL);
		peer_free(&peer);
	}
}

/* The pause counts from the end of the answer, to the millisecond; never two commands at a time. */
static void check_gap(unsigned gap_ms)
{
	struct session_config config = peer_config();

	config.gap_ms = gap_ms;
	config.connections = 1;
	peer_connected(&peer, &config);
	peer_request(&peer, "VGL 101");
	peer_request(&peer, "VGL 102");
	peer_request(&peer, "VGL 103");
	peer_advance(&peer, 700);
	peer_expect(&peer, 0, "VGL@ 101\r");
	peer_say(&peer, 0, "50\r");
	if (gap_ms > 0) {
		peer_advance(&peer, gap_ms - 1);
		peer_expect(&peer, 0, "");
		peer_advance(&peer, 1);
	}
	peer_expect(&peer, 0, "VGL@ 102\r");
	peer_say(&peer, 0, "60");
	peer_advance(&peer, 2000);
	peer_say(&peer, 0, "\r");
	peer_advance(&peer, gap_ms);
	peer_expect(&peer, 0, "VGL@ 103\r");
	peer_say(&peer, 0, "257\r");
	peer_event(&peer, "result VGL level=50");
	peer_event(&peer, "result VGL level=60");
	peer_event(&peer, "result VGL error=EIO device=257");
	peer_event(&peer, NULL);
	peer_free(&peer);
}

static void test_gap(void **state)
{
	(void)state;
	check_gap(50);
	check_gap(120);
	check_gap(1);
	check_gap(0);
}

/* After a command without an answer the pause counts from its last byte. */
static void test_suppressed(void **state)
{
	(void)state;
	start(QLINK_STYLE_AUTO);
	peer.deaf = true;
	peer_request(&peer, "raw VLO! 201 0");
	take_output(3);
	peer_advance(&peer, 100);
	peer_event(&peer, NULL);
	peer.deaf = false;
	peer_expect(&peer, 0, "! 201 0\r");
	peer_event(&peer, "result raw sent");
	peer_request(&peer, "VGL 201");
	peer_request(&peer, "VGL 202");
	peer_expect(&peer, 1, "VGL@ 201\r");
	peer_advance(&peer, 49);
	peer_expect(&peer, 0, "");
	peer_advance(&peer, 1);
	peer_expect(&peer, 0, "VGL@ 202\r");
	peer_free(&peer);
}

/* Texts are told, somebody else's answers are not; the tail of a line before us is nothing. */
static void test_uninvited(void **state)
{
	(void)state;
	start(QLINK_STYLE_AUTO);
	peer_say(&peer, 0, "tail of a line\r");
	peer_event(&peer, NULL);
	peer_say(&peer, 0, "50\r257\rRGL 101 50\rREC# 4711\r4C 20\r\r\n");
	peer_event(&peer, NULL);
	peer_say(&peer, 0, "Good morning\r");
	peer_event(&peer, "event text Good morning");
	peer_say(&peer, 0, "LO 1 3 2 5 257\r");
	peer_event(&peer, "event text LO 1 3 2 5 257");
	peer_say(&peer, 0, "\xff\xfb\x01 \xe4\r");
	peer_event(&peer, "event text \xff\xfb\x01 \xe4");
	peer_event(&peer, NULL);
	assert_int_equal(qlink_session_statistics(peer.session)->disconnects, 0);
	peer_free(&peer);
}

/* A megabyte without a delimiter: passed over, counted once, and the answer behind it is taken. */
static void test_overlong(void **state)
{
	static char noise[4096];

	(void)state;
	start(QLINK_STYLE_REGULAR);
	peer_request(&peer, "VGL 101");
	memset(noise, 'x', sizeof(noise));
	for (unsigned i = 0; i < 256; i++)
		peer_say_bytes(&peer, 0, noise, sizeof(noise));
	peer_event(&peer, NULL);
	assert_int_equal(qlink_session_statistics(peer.session)->overlong_lines, 1);
	peer_say(&peer, 0, "\r50\r");
	peer_event(&peer, "result VGL level=50");
	assert_int_equal(qlink_session_statistics(peer.session)->overlong_lines, 1);
	peer_free(&peer);
}

static void test_crlf(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	config.crlf = true;
	peer_connected(&peer, &config);
	peer_request(&peer, "VGL 101");
	peer_expect(&peer, 0, "VGL@ 101\r\n");
	peer_say(&peer, 0, "50\r");
	assert_int_equal(qlink_session_statistics(peer.session)->crlf_lines, 0);
	peer_say(&peer, 0, "\nLO 1 3 2 5 55\r\nLO 1 3 2 5 56\r");
	assert_int_equal(qlink_session_statistics(peer.session)->lines, 3);
	assert_int_equal(qlink_session_statistics(peer.session)->crlf_lines, 2);
	peer_free(&peer);
}

/* A day without work: the connection is given back once, then nothing at all happens. */
static void test_idle_day(void **state)
{
	(void)state;
	start(QLINK_STYLE_AUTO);
	peer_advance(&peer, 86400000);
	assert_int_equal(peer.ticks, 1);
	assert_int_equal(peer_open(&peer), 0);
	assert_int_equal(peer.attempts, 1);
	peer_event(&peer, NULL);
	peer_free(&peer);
}

/* A silent day with an event connection: one wake-up and one echo a minute, and nothing grows. */
static void test_silent_day(void **state)
{
	struct session_config config = peer_config();
	char echo[32];

	(void)state;
	peer_monitored(&peer, &config);
	peer.ticks = 0;
	peer_advance(&peer, 59949);
	assert_int_equal(peer.ticks, 0);
	peer_advance(&peer, 1);
	for (unsigned minute = 1; minute <= 1440; minute++) {
		assert_int_equal(peer.ticks, minute);
		snprintf(echo, sizeof(echo), "REC %u\r", peer_nonce(&peer, 0, '#'));
		peer_say(&peer, 0, echo);
		peer_advance(&peer, 60000);
	}
	peer_event(&peer, NULL);
	assert_int_equal(peer_open(&peer), 1);
	assert_int_equal(peer.session->cache.count, 0);
	assert_int_equal(peer.session->events.count, 0);
	assert_int_equal(peer.session->requests, 0);
	assert_true(peer.session->links[0].out.capacity <= 2048);
	peer_free(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exchange),
		cmocka_unit_test(test_event_around_reply),
		cmocka_unit_test(test_event_while_sending),
		cmocka_unit_test(test_event_between_rows),
		cmocka_unit_test(test_gap),
		cmocka_unit_test(test_suppressed),
		cmocka_unit_test(test_uninvited),
		cmocka_unit_test(test_overlong),
		cmocka_unit_test(test_crlf),
		cmocka_unit_test(test_idle_day),
		cmocka_unit_test(test_silent_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
