/* SPDX-License-Identifier: MIT */
/*
 * What goes out again, and when (8.3), the channels alone: because of a later acknowledgement, and
 * because of silence.
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

/* (a) What is older goes out again at once, with the same bytes, and not twice for one cause. */
static void test_a_later_acknowledgement(void **state)
{
	(void)state;
	alone_write(&t, 0, "zero");
	alone_sends(&t, 0, 0, "zero");
	alone_write(&t, 0, "one");
	alone_sends(&t, 0, 1, "one");
	alone_send_packets(&t, 0, 2, 3);
	alone_ack(&t, 0, 2);
	alone_sends(&t, 0, 0, "zero");
	alone_sends(&t, 0, 1, "one");
	alone_sends_nothing(&t);
	/* Sent before them, so it tells nothing new. */
	alone_ack(&t, 0, 4);
	alone_sends(&t, 0, 3, "x");
	alone_sends_nothing(&t);
	/* Sent behind both. */
	alone_ack(&t, 0, 3);
	alone_sends(&t, 0, 0, "zero");
	alone_sends(&t, 0, 1, "one");
	alone_sends_nothing(&t);
	alone_ack_range(&t, 0, 0, 2);
	alone_sends_nothing(&t);
	assert_int_equal(t.st.data_resent, 5);
	assert_int_equal(t.st.data_packets_sent, 5);
	assert_int_equal(t.st.loss_permille, 500);
	assert_int_equal(ppcs_channels_unsent(t.channels, 0), 0);
	assert_int_equal(ppcs_channels_deadline(t.channels), UINT64_MAX);
}

static void test_later_over_the_last_index(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 65530; i++) {
		alone_send_packets(&t, 0, i, 1);
		alone_ack(&t, 0, i);
	}
	alone_send_packets(&t, 0, 65530, 12);
	alone_ack(&t, 0, 2);
	for (unsigned i = 0; i < 8; i++)
		alone_sends(&t, 0, (65530 + i) % 65536, "x");
	alone_sends_nothing(&t);
}

/* In one list: all of it is acknowledged before anything counts as lost. */
static void test_a_list_in_any_order(void **state)
{
	(void)state;
	alone_send_packets(&t, 0, 0, 6);
	assert_true(alone_ack_hex(&t, "f1d1000ed10000050005000100030001 0000"));
	alone_sends(&t, 0, 2, "x");
	alone_sends(&t, 0, 4, "x");
	alone_sends_nothing(&t);
	assert_int_equal(t.st.acks_again, 1);
	assert_int_equal(ppcs_channels_unsent(t.channels, 0), 2);
}

/* One that went out again and is acknowledged tells of those before it, whatever else stands in
 * the list. */
static void test_each_of_a_list_counts(void **state)
{
	(void)state;
	alone_send_packets(&t, 0, 0, 6);
	alone_ack(&t, 0, 4);
	for (unsigned i = 0; i < 4; i++)
		alone_sends(&t, 0, i, "x");
	assert_true(alone_ack_hex(&t, "f1d10008d100000200030005"));
	for (unsigned i = 0; i < 3; i++)
		alone_sends(&t, 0, i, "x");
	alone_sends_nothing(&t);
}

/* What is to go out again and is acknowledged before that stays. */
static void test_acknowledged_in_time(void **state)
{
	(void)state;
	alone_send_packets(&t, 0, 0, 4);
	alone_ack(&t, 0, 3);
	alone_ack(&t, 0, 1);
	alone_sends(&t, 0, 0, "x");
	alone_sends(&t, 0, 2, "x");
	alone_sends_nothing(&t);
}

/* (b) Silence: all of it; then twice as long, and a half; no more than 500 ms, no less than one. */
static void test_rounds_of_silence(void **state)
{
	static const unsigned rounds[][2] = {
		{ FIRST + 1, UNDER_WAY }, { 2 * FIRST + 1, 64 }, { 4 * FIRST + 1, 32 },
		{ 8 * FIRST + 1, 16 },    { LONGEST + 1, 8 },    { LONGEST + 1, 4 },
		{ LONGEST + 1, 2 },       { LONGEST + 1, 1 },    { LONGEST + 1, 1 },
		{ LONGEST + 1, 1 },
	};

	(void)state;
	assert_int_equal(ppcs_channels_deadline(t.channels), UINT64_MAX);
	fill(5);
	assert_int_equal(ppcs_channels_deadline(t.channels), UINT64_MAX);
	assert_int_equal(alone_send_all(&t), UNDER_WAY);
	for (unsigned i = 0; i < sizeof(rounds) / sizeof(rounds[0]); i++) {
		alone_round(&t, rounds[i][0]);
		for (unsigned k = 0; k < rounds[i][1]; k++)
			alone_sends_index(&t, 5, k);
		alone_sends_nothing(&t);
	}
}

/* An acknowledgement, and it is as at first: as long as was measured, and all of it. */
/* What went out at the end of a round has had no time to be acknowledged. */
static void test_rounds_leave_out_what_went_just_now(void **state)
{
	(void)state;
	alone_send_packets(&t, 1, 0, 2);
	t.now += FIRST - SHORTEST + 1;
	alone_send_packets(&t, 1, 2, 1);
	t.now += 1;
	alone_send_packets(&t, 1, 3, 2);
	alone_round(&t, SHORTEST - 1);
	alone_sends(&t, 1, 0, "x");
	alone_sends(&t, 1, 1, "x");
	alone_sends(&t, 1, 2, "x");
	alone_sends_nothing(&t);
	alone_round(&t, 2 * FIRST + 1);
	assert_int_equal(alone_send_all(&t), 5);
}

static void test_rounds_after_silence(void **state)
{
	(void)state;
	alone_send_packets(&t, 5, 0, 1);
	t.now += 10;
	alone_ack(&t, 5, 0);
	fill(5);
	assert_int_equal(alone_send_all(&t), UNDER_WAY);
	for (unsigned i = 0; i < 4; i++) {
		alone_round(&t, (30u << i) + 1);
		assert_int_equal(alone_send_all(&t), UNDER_WAY > 128 >> i ? 128 >> i : UNDER_WAY);
	}
	alone_ack(&t, 5, 1);
	assert_int_equal(alone_send_all(&t), 1);
	alone_round(&t, 30 + 1);
	assert_int_equal(alone_send_all(&t), UNDER_WAY);
	alone_round(&t, 2 * 30 + 1);
	alone_sends_index(&t, 5, 2);
	assert_int_equal(alone_send_all(&t), 63);
}

/* What has been acknowledged is not counted to the half. */
static void test_rounds_pass_over_what_is_acknowledged(void **state)
{
	(void)state;
	alone_send_packets(&t, 0, 0, 100);
	alone_ack_range(&t, 0, 10, 20);
	assert_int_equal(alone_send_all(&t), 10);
	alone_round(&t, SHORTEST + 1);
	assert_int_equal(alone_send_all(&t), 80);
	alone_round(&t, 2 * SHORTEST + 1);
	for (unsigned i = 0; i < 64; i++)
		alone_sends_index(&t, 0, i < 10 ? i : i + 20);
	alone_sends_nothing(&t);
}

/* Nothing leaves in between: no packet waits twice. */
static void test_rounds_while_nothing_leaves(void **state)
{
	(void)state;
	alone_send_packets(&t, 0, 0, 30);
	for (unsigned i = 0; i < 9; i++) {
		t.now += LONGEST + 1;
		ppcs_channels_tick(t.channels, t.now);
	}
	assert_int_equal(alone_send_all(&t), 30);
	alone_sends_nothing(&t);
	alone_ack_range(&t, 0, 0, 30);
	alone_sends_nothing(&t);
}

static void test_rounds_of_each_channel(void **state)
{
	(void)state;
	alone_send_packets(&t, 0, 0, 2);
	t.now += 30;
	alone_send_packets(&t, 1, 0, 1);
	alone_round(&t, FIRST + 1 - 30);
	alone_sends_index(&t, 0, 0);
	alone_sends_index(&t, 0, 1);
	alone_sends_nothing(&t);
	alone_round(&t, 30);
	alone_sends_index(&t, 1, 0);
	alone_sends_nothing(&t);
	alone_ack(&t, 1, 0);
	assert_int_equal(deadline(), 2 * FIRST + 1 - 30);
}

/* A round begins anew with what is new, not with what was acknowledged before. */
static void test_what_puts_a_round_off(void **state)
{
	(void)state;
	alone_send_packets(&t, 0, 0, 3);
	t.now += 30;
	alone_send_packets(&t, 0, 3, 1);
	assert_int_equal(deadline(), FIRST + 1 - 30);
	alone_ack(&t, 0, 0); /* measured: 30, 15 */
	assert_int_equal(deadline(), 30 + 4 * 15 + 1);
	t.now += 20;
	alone_ack(&t, 0, 0);
	alone_ack(&t, 0, 7);
	assert_int_equal(deadline(), 30 + 4 * 15 + 1 - 20);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_later_acknowledgement),
		TEST(test_later_over_the_last_index),
		TEST(test_a_list_in_any_order),
		TEST(test_each_of_a_list_counts),
		TEST(test_acknowledged_in_time),
		TEST(test_rounds_of_silence),
		TEST(test_rounds_leave_out_what_went_just_now),
		TEST(test_rounds_after_silence),
		TEST(test_rounds_pass_over_what_is_acknowledged),
		TEST(test_rounds_while_nothing_leaves),
		TEST(test_rounds_of_each_channel),
		TEST(test_what_puts_a_round_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
