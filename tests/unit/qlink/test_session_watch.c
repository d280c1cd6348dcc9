/* SPDX-License-Identifier: MIT */
/*
 * What is known of loads, LEDs and switches: watched items after a return, events and own writes
 * against queries, all-on and all-off (protocol sheet, sections 6.2 and 8.4).
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

#include "address.h"
#include "cache.h"
#include "peer.h"

static struct peer peer;

static void start(void)
{
	struct session_config config = peer_config();

	peer_monitored(&peer, &config);
}

static void watch(uint64_t key)
{
	assert_int_equal(qlink_session_watch(peer.session, key, true, peer.now), 0);
	peer_settle(&peer);
}

static uint64_t load_key(const char *text)
{
	struct qlink_load load;

	assert_int_equal(qlink_load_parse(text, &load), 0);
	return qlink_cache_load_key(load);
}

/* What is known of an item; -1 = nothing. */
static int known(uint64_t key, uint64_t *ret_age)
{
	int32_t value;

	if (qlink_session_cached(peer.session, key, peer.now, &value, ret_age) < 0)
		return -1;
	return value;
}

/* The event connection is lost and comes back after a second. */
static void lose_and_return(void)
{
	peer_hang_up(&peer, 0, 0);
	peer_event(&peer, "event disconnected ECONNRESET again in 1000");
	peer_advance(&peer, 1000);
	peer_enable(&peer, 0);
	peer_event(&peer, "event connected");
}

/* Lost and back: the reports again, every watched item once, then "synchronised". */
static void test_return(void **state)
{
	(void)state;
	start();
	watch(load_key("101"));
	peer_expect(&peer, 1, "VGL@ 101\r");
	peer_say(&peer, 1, "50\r");
	peer_event(&peer, "event load 101 50 resynchronised");
	peer_event(&peer, NULL);
	lose_and_return();
	peer_event(&peer, NULL);
	peer_expect(&peer, 1, "VGL@ 101\r");
	peer_say(&peer, 1, "50\r");
	peer_event(&peer, "event synchronised");
	peer_event(&peer, NULL);
	peer_advance(&peer, 50);
	lose_and_return();
	peer_expect(&peer, 1, "VGL@ 101\r");
	peer_say(&peer, 1, "60\r");
	peer_event(&peer, "event load 101 60 resynchronised");
	peer_event(&peer, "event synchronised");
	peer_event(&peer, NULL);
	peer_advance(&peer, 20000);
	peer_event(&peer, NULL);
	peer_expect(&peer, 1, "");
	peer_free(&peer);
}

/* Each kind of item has its query; a failed one does not hold up the others. */
static void test_kinds(void **state)
{
	static const char *const items[] = { "101", "1.3.2.5", "2/33/8", "10021" };
	const struct {
		const char *command, *reply, *event;
	} answers[] = {
		{ "VGL@ 101\r", "50\r", "event load 101 50 resynchronised" },
		{ "VGB@ 1 3 2 5\r", "55\r", "event load 1.3.2.5 55 resynchronised" },
		{ "VGC@ 2 33 8\r", "257\r", NULL },
		{ "VGA@ 2 17 1\r", "40\r", "event variable 2.1 40 resynchronised" },
		{ "VLT@ 1 3\r", "4C 20\r", "event leds 1/3 on 3 4 7 blink 6 resynchronised" },
		{ "VGT@ 1 2\r", "0 0 0 0 0 0 0 0 0 1\r", NULL },
	};

	(void)state;
	start();
	for (size_t i = 0; i < 6; i++) {
		if (i < 4)
			watch(load_key(items[i]));
		else if (i == 4)
			watch(qlink_cache_key(CACHE_LEDS, 1, 3, 0, 0));
		else
			watch(qlink_cache_key(CACHE_SWITCHES, 1, 2, 0, 0));
		peer_expect(&peer, 1, answers[i].command);
		peer_say(&peer, 1, answers[i].reply);
		if (answers[i].event)
			peer_event(&peer, answers[i].event);
		peer_advance(&peer, 50);
	}
	for (int button = 1; button <= 10; button++) {
		char expected[64];

		snprintf(expected, sizeof(expected), "event switch 1/2/%d %d resynchronised",
			 button, button == 10);
		peer_event(&peer, expected);
	}
	peer_event(&peer, NULL);
	assert_int_equal(known(load_key("2/33/8"), NULL), -1);
	assert_int_equal(known(load_key("10021"), NULL), 40);
	assert_int_equal(known(qlink_cache_key(CACHE_LEDS, 1, 3, 0, 0), NULL), 0x20004c);
	assert_int_equal(known(qlink_cache_key(CACHE_SWITCH, 1, 2, 0, 10), NULL), 1);
	peer_free(&peer);
}

/* A query that was sent before an event does not overwrite what the event said. */
static void test_older_query(void **state)
{
	uint64_t age = 99;

	(void)state;
	start();
	watch(load_key("1.3.2.5"));
	peer_expect(&peer, 1, "VGB@ 1 3 2 5\r");
	peer_say(&peer, 0, "LO 1 3 2 5 80\r");
	peer_event(&peer, "event load 1.3.2.5 80");
	peer_say(&peer, 1, "55\r");
	peer_event(&peer, NULL);
	assert_int_equal(known(load_key("1.3.2.5"), &age), 80);
	assert_true(age == 0);
	peer_advance(&peer, 50);
	peer_expect(&peer, 1, "");
	/* The same for the caller's own query; the next one is newer. */
	peer_request(&peer, "VGB 1 3 2 5");
	peer_say(&peer, 0, "LO 1 3 2 5 70\r");
	peer_say(&peer, 1, "80\r");
	peer_event(&peer, "event load 1.3.2.5 70");
	peer_event(&peer, "result VGB level=80");
	assert_int_equal(known(load_key("1.3.2.5"), NULL), 70);
	peer_advance(&peer, 50);
	peer_request(&peer, "VGB 1 3 2 5");
	peer_say(&peer, 1, "65\r");
	peer_event(&peer, "result VGB level=65");
	peer_advance(&peer, 1234);
	assert_int_equal(known(load_key("1.3.2.5"), &age), 65);
	assert_true(age == 1234);
	peer_event(&peer, NULL);
	peer_free(&peer);
}

/* Own writes are known at once: no event comes for them. */
static void test_own_writes(void **state)
{
	(void)state;
	start();
	peer_request(&peer, "VLO 201 50 2300");
	assert_int_equal(known(load_key("201"), NULL), -1);
	peer_say(&peer, 1, "50\r");
	assert_int_equal(known(load_key("201"), NULL), 50);
	peer_advance(&peer, 50);
	peer_request(&peer, "VLA 2 17 1 75");
	peer_say(&peer, 1, "257\r");
	assert_int_equal(known(load_key("10021"), NULL), -1);
	peer_advance(&peer, 50);
	peer_request(&peer, "VLA 3 6 2 75");
	peer_say(&peer, 1, "75\r");
	assert_int_equal(known(load_key("3.2.2.2"), NULL), 75);
	peer_advance(&peer, 50);
	peer_request(&peer, "VGD 3 2 2");
	peer_say(&peer, 1, "1 2 3 4 5 6 7 8\r");
	assert_int_equal(known(load_key("3.2.2.2"), NULL), 2);
	assert_int_equal(known(load_key("3.2.2.8"), NULL), 8);
	peer_advance(&peer, 50);
	peer_say(&peer, 0, "LE 2 3 4C 20\r");
	peer_request(&peer, "VLD 2 3 1 2");
	peer_say(&peer, 1, "2\r");
	assert_int_equal(known(qlink_cache_key(CACHE_LEDS, 2, 3, 0, 0), NULL), 0x21004c);
	peer_advance(&peer, 50);
	peer_request(&peer, "VLD 2 3 6 1");
	peer_say(&peer, 1, "1\r");
	assert_int_equal(known(qlink_cache_key(CACHE_LEDS, 2, 3, 0, 0), NULL), 0x01006c);
	peer_free(&peer);
}

/* The loads that an all-on left out are not named: all levels are unknown and asked for again. */
static void check_all(const char *line, const char *event)
{
	start();
	watch(load_key("101"));
	peer_say(&peer, 1, "50\r");
	peer_event(&peer, "event load 101 50 resynchronised");
	peer_say(&peer, 0, "LS 2 33 8 100\rLV 1 2 40\rLE 1 3 4C 20\r");
	peer_event(&peer, "event station_load 2/33/8 100");
	peer_event(&peer, "event variable 1.2 40");
	peer_event(&peer, "event leds 1/3 on 3 4 7 blink 6");
	assert_int_equal(known(load_key("2/33/8"), NULL), 100);
	assert_int_equal(known(load_key("10012"), NULL), 40);
	peer_advance(&peer, 50);
	peer_expect(&peer, 1, "VGL@ 101\r");
	peer_say(&peer, 0, line);
	peer_event(&peer, event);
	assert_int_equal(known(load_key("101"), NULL), -1);
	assert_int_equal(known(load_key("2/33/8"), NULL), -1);
	assert_int_equal(known(load_key("10012"), NULL), -1);
	assert_int_equal(known(qlink_cache_key(CACHE_LEDS, 1, 3, 0, 0), NULL), 0x20004c);
	peer_expect(&peer, 1, "VGL@ 101\r");
	/* Once more while that query is on its way: its answer is too old. */
	peer_say(&peer, 0, line);
	peer_event(&peer, event);
	peer_say(&peer, 1, "50\r");
	assert_int_equal(known(load_key("101"), NULL), -1);
	peer_advance(&peer, 50);
	peer_expect(&peer, 1, "VGL@ 101\r");
	peer_say(&peer, 1, "100\r");
	peer_event(&peer, "event load 101 100 resynchronised");
	assert_int_equal(known(load_key("101"), NULL), 100);
	peer_event(&peer, NULL);
	peer_advance(&peer, 50);
	peer_expect(&peer, 1, "");
	peer_free(&peer);
}

static void test_all_on_and_off(void **state)
{
	(void)state;
	check_all("AON 3\r", "event all_on 3");
	check_all("AOFF@ 0\r", "event all_off 0");
}

/* No longer watched: not asked for again. */
static void test_unwatch(void **state)
{
	(void)state;
	start();
	watch(load_key("101"));
	peer_expect(&peer, 1, "VGL@ 101\r");
	peer_say(&peer, 1, "50\r");
	peer_event(&peer, "event load 101 50 resynchronised");
	assert_int_equal(qlink_session_watch(peer.session, load_key("101"), false, peer.now), 0);
	assert_int_equal(qlink_session_watch(peer.session, load_key("102"), false, peer.now), 0);
	lose_and_return();
	peer_event(&peer, "event synchronised");
	peer_advance(&peer, 1000);
	peer_expect(&peer, 1, "");
	assert_int_equal(known(load_key("101"), NULL), 50);
	peer_free(&peer);
}

/* What was seen in an event is watched, if the caller wants it so. */
static void test_auto_watch(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	config.auto_watch = true;
	peer_monitored(&peer, &config);
	peer_say(&peer, 0, "LO 1 3 2 5 55\r");
	peer_event(&peer, "event load 1.3.2.5 55");
	peer_expect(&peer, 0, "");
	assert_int_equal(peer_open(&peer), 1);
	lose_and_return();
	peer_event(&peer, NULL);
	peer_expect(&peer, 1, "VGB@ 1 3 2 5\r");
	peer_say(&peer, 1, "56\r");
	peer_event(&peer, "event load 1.3.2.5 56 resynchronised");
	peer_event(&peer, "event synchronised");
	peer_free(&peer);
}

/* The refreshing connection is lost in the middle: what was not answered is asked for again. */
static void test_lost_while_refreshing(void **state)
{
	(void)state;
	start();
	watch(load_key("101"));
	peer_expect(&peer, 1, "VGL@ 101\r");
	peer_hang_up(&peer, 1, 0);
	peer_event(&peer, NULL);
	peer_answer_nonce(&peer, 1, '#');
	peer_expect(&peer, 1, "VGL@ 101\r");
	peer_say(&peer, 1, "50\r");
	peer_event(&peer, "event load 101 50 resynchronised");
	peer_event(&peer, NULL);
	peer_free(&peer);
}

/* The caller's requests and polls go before the refreshing of watched items. */
static void test_refresh_is_last(void **state)
{
	(void)state;
	start();
	peer_request(&peer, "VGL 1");
	watch(load_key("101"));
	peer_poll(&peer, "VGL 2");
	peer_expect(&peer, 1, "VGL@ 1\r");
	peer_say(&peer, 1, "5\r");
	peer_advance(&peer, 50);
	peer_expect(&peer, 1, "VGL@ 2\r");
	peer_say(&peer, 1, "5\r");
	peer_advance(&peer, 50);
	peer_expect(&peer, 1, "VGL@ 101\r");
	peer_free(&peer);
}

/* Two queries at a time: "synchronised" waits for both. */
static void test_synchronised_is_last(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	config.connections = 3;
	peer_monitored(&peer, &config);
	watch(load_key("1.3.2.5"));
	watch(load_key("1.3.2.6"));
	peer_say(&peer, 1, "50\r");
	peer_say(&peer, 2, "60\r");
	peer_event(&peer, "event load 1.3.2.5 50 resynchronised");
	peer_event(&peer, "event load 1.3.2.6 60 resynchronised");
	peer_advance(&peer, 50);
	lose_and_return();
	assert_true(peer.slots[1].size > 0);
	assert_true(peer.slots[2].size > 0);
	peer_say(&peer, 2, "60\r");
	peer_event(&peer, NULL);
	peer_say(&peer, 1, "50\r");
	peer_event(&peer, "event synchronised");
	peer_event(&peer, NULL);
	peer_free(&peer);
}

/* Lost before the last query was answered: not synchronised before all was asked again. */
static void test_lost_before_synchronised(void **state)
{
	(void)state;
	start();
	watch(load_key("101"));
	peer_say(&peer, 1, "50\r");
	peer_event(&peer, "event load 101 50 resynchronised");
	peer_advance(&peer, 50);
	lose_and_return();
	peer_hang_up(&peer, 0, 0);
	peer_event(&peer, "event disconnected ECONNRESET again in 2000");
	peer_say(&peer, 1, "50\r");
	peer_event(&peer, NULL);
	peer_advance(&peer, 2000);
	peer.slots[1].size = 0;
	peer_enable(&peer, 0);
	peer_event(&peer, "event connected");
	peer_event(&peer, NULL);
	peer_expect(&peer, 1, "VGL@ 101\r");
	peer_say(&peer, 1, "50\r");
	peer_event(&peer, "event synchronised");
	peer_event(&peer, NULL);
	peer_free(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_return),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_older_query),
		cmocka_unit_test(test_own_writes),
		cmocka_unit_test(test_all_on_and_off),
		cmocka_unit_test(test_unwatch),
		cmocka_unit_test(test_auto_watch),
		cmocka_unit_test(test_lost_while_refreshing),
		cmocka_unit_test(test_refresh_is_last),
		cmocka_unit_test(test_synchronised_is_last),
		cmocka_unit_test(test_lost_before_synchronised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
