/* SPDX-License-Identifier: MIT */
/*
 * How fast data goes out (8.3), the channels alone: the round trip as it is measured and what a
 * round becomes of it, and the window.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "alone.h"

/* Section 8.3. */
#define QUEUED    128
#define UNDER_WAY 120
/* A round before anything was measured, and its bounds. */
#define FIRST    40
#define SHORTEST 20
#define LONGEST  500

static struct alone t;

static int setup(void **state)
{
	(void)state;
	alone_begin(&t);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	alone_end(&t);
	assert_int_equal(alone_pieces(), 0);
	return 0;
}

static void fill(unsigned channel)
{
	assert_in_range(alone_write_stream(&t, channel, 0, QUEUED * 1024), 1, QUEUED * 1024);
}

static uint64_t deadline(void)
{
	return ppcs_channels_deadline(t.channels) - t.now;
}

/* Longer than the first round: all go out again before they are acknowledged. What that took
 * from the first time is the bound, and then it is measured. */
static void test_a_long_way(void **state)
{
	(void)state;
	alone_send_packets(&t, 0, 0, 2);
	alone_round(&t, FIRST + 1);
	assert_int_equal(alone_send_all(&t), 2);
	t.now += 100 - (FIRST + 1);
	alone_ack(&t, 0, 0);
	assert_int_equal(deadline(), 100 + 1);
	assert_int_equal(t.st.rtt_ms, 0);
	alone_ack(&t, 0, 1);
	alone_send_packets(&t, 1, 0, 1);
	assert_int_equal(deadline(), 100 + 1);
	t.now += 100;
	alone_ack(&t, 1, 0);
	assert_int_equal(t.st.rtt_ms, 100);
	assert_int_equal(t.st.rtt_min_ms, 100);
	t.now += 7;
	alone_send_packets(&t, 0, 2, 1);
	assert_int_equal(deadline(), 100 + 4 * 50 + 1);
	/* Never more than the longest. */
	t.now += 1000;
	ppcs_channels_tick(t.channels, t.now);
	alone_send_all(&t);
	alone_ack(&t, 0, 2);
	alone_send_packets(&t, 0, 3, 1);
	assert_int_equal(deadline(), 100 + 4 * 50 + 1);
}

/* It has become longer than any round: after 128 that measure nothing it is noticed. */
static void test_a_way_that_became_long(void **state)
{
	unsigned again = 0;

	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		uint64_t arrives = t.now + (i < 20 ? 1 : 150);

		alone_send_packets(&t, 0, i, 1);
		while (ppcs_channels_deadline(t.channels) < arrives) {
			t.now = ppcs_channels_deadline(t.channels);
			ppcs_channels_tick(t.channels, t.now);
			alone_send_all(&t);
		}
		t.now = arrives;
		alone_ack(&t, 0, i);
		again = i == 150 ? (unsigned)t.st.data_resent : again;
	}
	assert_int_equal(t.st.data_resent, again);
	assert_in_range(t.st.rtt_ms, 149, 150);
}

/* RFC 6298, worked out by hand, between 20 and 500 ms. */
static void test_round_trip(void **state)
{
	(void)state;
	assert_int_equal(t.st.rtt_ms, 0);
	alone_send_packets(&t, 0, 0, 2);
	t.now += 80;
	alone_ack(&t, 0, 0); /* SRTT R, RTTVAR R/2 */
	assert_int_equal(deadline(), 80 + 4 * 40 + 1);
	assert_int_equal(t.st.rtt_ms, 80);
	t.now += 80;
	alone_ack(&t, 0, 1); /* (3 x 40 + 80) / 4, (7 x 80 + 160) / 8 */
	alone_send_packets(&t, 0, 2, 1);
	assert_int_equal(deadline(), 90 + 4 * 50 + 1);
	assert_int_equal(t.st.rtt_ms, 90);
	assert_int_equal(t.st.rtt_min_ms, 80);
	t.now += 200;
	alone_ack(&t, 0, 2);
	assert_int_equal(t.st.rtt_min_ms, 80);
	for (unsigned i = 0; i < 200; i++) {
		alone_send_packets(&t, 1, i, 1);
		t.now += 3;
		alone_ack(&t, 1, i);
	}
	assert_in_range(t.st.rtt_ms, 3, 4);
	assert_int_equal(t.st.rtt_min_ms, 3);
	alone_send_packets(&t, 1, 200, 1);
	assert_int_equal(deadline(), SHORTEST + 1);
	t.now += 70000;
	alone_ack(&t, 1, 200);
	alone_send_packets(&t, 1, 201, 1);
	assert_int_equal(deadline(), LONGEST + 1);
}

/* A steady round trip is measured as what it is, from below as well as from above. */
static void test_round_trip_that_is_steady(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		alone_send_packets(&t, 0, i, 1);
		t.now += i < 10 ? 1 : 100;
		alone_ack(&t, 0, i);
	}
	assert_in_range(t.st.rtt_ms, 99, 100);
}

/* Karn: an acknowledgement of what went out twice may be of the first one. */
static void test_round_trip_of_what_went_out_again(void **state)
{
	(void)state;
	alone_send_packets(&t, 0, 0, 1);
	t.now += 10;
	alone_send_packets(&t, 0, 1, 1);
	t.now += 10;
	alone_ack(&t, 0, 1);
	assert_int_equal(t.st.rtt_ms, 10);
	alone_sends_index(&t, 0, 0);
	t.now += 300;
	alone_ack(&t, 0, 0);
	assert_int_equal(t.st.rtt_ms, 10);
	assert_int_equal(t.st.rtt_min_ms, 10);
	alone_send_packets(&t, 0, 2, 1);
	assert_int_equal(deadline(), 10 + 4 * 5 + 1);
}

/* One less for each that a later acknowledgement sends again, one more at each round trip. */
static void test_the_window(void **state)
{
	(void)state;
	fill(0);
	assert_int_equal(alone_send_all(&t), UNDER_WAY);
	t.now += 10;
	alone_ack(&t, 0, 40); /* 40 less, and one more */
	assert_int_equal(alone_send_all(&t), 40);
	alone_ack_range(&t, 0, 0, 40);
	alone_ack_range(&t, 0, 41, 79);
	fill(0);
	assert_int_equal(alone_send_all(&t), UNDER_WAY - 40 + 1);
	t.now += 5;
	alone_ack(&t, 0, 120);
	assert_int_equal(alone_send_all(&t), 1);
	t.now += 10;
	alone_ack(&t, 0, 121);
	assert_int_equal(alone_send_all(&t), 2);
	alone_ack_range(&t, 0, 122, 81);
	alone_send_all(&t);
	alone_ack_range(&t, 0, 203, 45);
	for (unsigned i = 0; i < 100; i++) {
		alone_send_packets(&t, 0, 248 + i, 1);
		t.now += 300;
		alone_ack(&t, 0, 248 + i);
	}
	/* 110 and 10, never more. */
	fill(0);
	assert_int_equal(alone_send_all(&t), UNDER_WAY);
}

static void test_the_smallest_window(void **state)
{
	(void)state;
	fill(0);
	alone_send_all(&t);
	t.now += 10;
	alone_ack(&t, 0, 119);
	assert_int_equal(alone_send_all(&t), 119);
	alone_ack_range(&t, 0, 0, 81);
	alone_ack_range(&t, 0, 81, 38);
	/* None but the 10, and one more since. */
	fill(0);
	assert_int_equal(alone_send_all(&t), 11);
	alone_ack(&t, 0, 130);
	assert_int_equal(alone_send_all(&t), 10);
	alone_ack_range(&t, 0, 120, 10);
	assert_int_equal(alone_send_all(&t), 10);
}

/* Silence is no reason for a smaller one. */
static void test_the_window_after_silence(void **state)
{
	(void)state;
	fill(0);
	alone_send_all(&t);
	for (unsigned i = 0; i < 5; i++) {
		t.now += LONGEST + 1;
		ppcs_channels_tick(t.channels, t.now);
		alone_send_all(&t);
	}
	alone_ack_range(&t, 0, 0, 60);
	alone_ack_range(&t, 0, 60, 60);
	fill(0);
	assert_int_equal(alone_send_all(&t), UNDER_WAY);
}

/* Once for each, however often it is told before it has gone out again. */
static void test_the_window_counts_once(void **state)
{
	(void)state;
	fill(0);
	assert_int_equal(alone_send_all(&t), UNDER_WAY);
	t.now += 10;
	alone_ack(&t, 0, 40);
	alone_ack(&t, 0, 41);
	alone_ack(&t, 0, 42);
	assert_int_equal(alone_send_all(&t), 40);
	alone_ack_range(&t, 0, 0, 40);
	alone_ack_range(&t, 0, 43, 77);
	fill(0);
	assert_int_equal(alone_send_all(&t), UNDER_WAY - 40 + 1);
}

/* On a long way it does not wait for a whole round trip. */
static void test_the_window_on_a_long_way(void **state)
{
	(void)state;
	fill(0);
	assert_int_equal(alone_send_all(&t), UNDER_WAY);
	t.now += 30;
	alone_ack(&t, 0, 40);
	assert_int_equal(alone_send_all(&t), 40);
	alone_ack_range(&t, 0, 0, 40);
	alone_ack_range(&t, 0, 41, 79);
	fill(0);
	assert_int_equal(alone_send_all(&t), UNDER_WAY - 40 + 1);
	t.now += 19;
	alone_ack(&t, 0, 120);
	assert_int_equal(alone_send_all(&t), 1);
	t.now += 1;
	alone_ack(&t, 0, 121);
	assert_int_equal(alone_send_all(&t), 2);
}

/* A round trip of no time at all is still no reason to grow with every acknowledgement. */
static void test_the_window_in_no_time(void **state)
{
	(void)state;
	fill(0);
	assert_int_equal(alone_send_all(&t), UNDER_WAY);
	alone_ack(&t, 0, 40);
	assert_int_equal(t.st.rtt_ms, 0);
	assert_int_equal(alone_send_all(&t), 40);
	alone_ack_range(&t, 0, 0, 40);
	alone_ack_range(&t, 0, 41, 79);
	fill(0);
	assert_int_equal(alone_send_all(&t), UNDER_WAY - 40 + 1);
}

/* Sent, silent for a round, and acknowledged after so long. */
static void again(unsigned index, unsigned ms)
{
	alone_send_packets(&t, 3, index, 1);
	t.now = ppcs_channels_deadline(t.channels);
	ppcs_channels_tick(t.channels, t.now);
	assert_int_equal(alone_send_all(&t), 1);
	t.now += ms;
	alone_ack(&t, 3, index);
}

/* Losses are no long way: what is measured counts, as long as it is not too long ago. */
static void test_a_short_way_with_losses(void **state)
{
	unsigned index = 0;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		alone_send_packets(&t, 3, index, 1);
		t.now += 10;
		alone_ack(&t, 3, index++);
		for (unsigned k = 0; k < 100; k++)
			again(index++, 200);
		alone_send_packets(&t, 3, index, 1);
		assert_in_range(deadline(), SHORTEST + 1, 31);
		alone_ack(&t, 3, index++);
	}
	for (unsigned k = 0; k < 128; k++)
		again(index++, 200);
	alone_send_packets(&t, 3, index, 1);
	assert_in_range(deadline(), 200, LONGEST + 1);
	t.now += 10;
	alone_ack(&t, 3, index++);
	alone_send_packets(&t, 3, index, 1);
	assert_in_range(deadline(), SHORTEST + 1, 31);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_long_way),
		TEST(test_a_way_that_became_long),
		TEST(test_round_trip),
		TEST(test_round_trip_that_is_steady),
		TEST(test_round_trip_of_what_went_out_again),
		TEST(test_the_window),
		TEST(test_the_smallest_window),
		TEST(test_the_window_after_silence),
		TEST(test_the_window_counts_once),
		TEST(test_the_window_on_a_long_way),
		TEST(test_the_window_in_no_time),
		TEST(test_a_short_way_with_losses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
