/* SPDX-License-Identifier: MIT */
/*
 * Data to the device, the channels alone (8.1, 8.3): what is queued, what goes out first, and what
 * the program is told. When it goes out again is in test_channel_resend.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "alone.h"
#include "hex.h"

/* Section 8.3, and what the public header says. */
#define QUEUED     128
#define UNDER_WAY  120
#define DATA_BYTES 1024

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
	assert_int_equal(alone_write_stream(&t, channel, 0, QUEUED * DATA_BYTES),
			 QUEUED * DATA_BYTES);
}

/* Section 14. */
static void test_bytes_of_the_sheet(void **state)
{
	uint8_t expected[16], is[16];
	struct packet p;

	(void)state;
	alone_write(&t, 0, "ACK");
	assert_true(ppcs_channels_next_data(t.channels, t.now, &p));
	assert_int_equal(ppcs_packet_encode(&p, is, sizeof(is)), 11);
	from_hex("f1d00007d100000041434b", expected, sizeof(expected));
	assert_memory_equal(is, expected, 11);
	alone_sends_nothing(&t);
	for (unsigned i = 0; i < 65535; i++) {
		alone_send_packets(&t, 3, i, 1);
		alone_ack(&t, 3, i);
	}
	alone_write(&t, 3, "hi");
	assert_true(ppcs_channels_next_data(t.channels, t.now, &p));
	assert_int_equal(ppcs_packet_encode(&p, is, sizeof(is)), 10);
	from_hex("f1d00006d103ffff6869", expected, sizeof(expected));
	assert_memory_equal(is, expected, 10);
	alone_ack(&t, 0, 0);
	assert_true(alone_ack_hex(&t, "f1d1000ad1030003fffeffff0000"));
	assert_int_equal(ppcs_channels_unsent(t.channels, 3), 0);
	assert_int_equal(t.st.acks_again, 1);
	assert_int_equal(t.st.acks_unsent, 1);
}

static void test_channels_count_for_themselves(void **state)
{
	(void)state;
	for (unsigned i = 0; i < PACKET_CHANNELS; i++) {
		alone_send_packets(&t, i, 0, 1 + i);
		assert_int_equal(ppcs_channels_unsent(t.channels, i), 1 + i);
	}
	alone_ack_range(&t, 5, 0, 6);
	for (unsigned i = 0; i < PACKET_CHANNELS; i++) {
		assert_int_equal(ppcs_channels_unsent(t.channels, i), i == 5 ? 0 : 1 + i);
		alone_send_packets(&t, i, 1 + i, 1);
	}
}

/* 1 to 1024 bytes a packet, the stream cut as it comes. */
static void test_cut_into_packets(void **state)
{
	struct packet p;
	size_t position = 0;

	(void)state;
	assert_int_equal(alone_write_stream(&t, 6, 0, 2500), 2500);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(ppcs_channels_next_data(t.channels, t.now, &p));
		assert_int_equal(p.channel, 6);
		assert_int_equal(p.index, i);
		assert_int_equal(p.size, i < 2 ? 1024 : 452);
		for (size_t k = 0; k < p.size; k++)
			assert_int_equal(p.data[k], alone_byte(6, position++));
	}
	alone_sends_nothing(&t);
	assert_int_equal(t.st.data_packets_sent, 3);
	assert_int_equal(t.st.data_bytes_sent, 2500);
	assert_int_equal(t.st.data_resent, 0);
}

/* No channel waits until another has said everything. */
static void test_channels_take_turns(void **state)
{
	(void)state;
	alone_write_stream(&t, 1, 0, 3 * DATA_BYTES);
	alone_write_stream(&t, 7, 0, 2 * DATA_BYTES);
	alone_write_stream(&t, 4, 0, DATA_BYTES);
	alone_sends_index(&t, 1, 0);
	alone_sends_index(&t, 4, 0);
	alone_sends_index(&t, 7, 0);
	alone_sends_index(&t, 1, 1);
	alone_sends_index(&t, 7, 1);
	alone_sends_index(&t, 1, 2);
	alone_sends_nothing(&t);
}

/* Of what is queued 120 go out; more only when the oldest is acknowledged. */
static void test_window(void **state)
{
	(void)state;
	fill(2);
	for (unsigned i = 0; i < UNDER_WAY; i++)
		alone_sends_index(&t, 2, i);
	alone_sends_nothing(&t);
	alone_ack(&t, 2, 0);
	alone_sends_index(&t, 2, 120);
	alone_sends_nothing(&t);
	alone_ack_range(&t, 2, 1, 7);
	for (unsigned i = 121; i < QUEUED; i++)
		alone_sends_index(&t, 2, i);
	alone_sends_nothing(&t);
}

/* What is acknowledged behind the oldest opens nothing: distance counts, not number. */
static void test_window_is_a_distance(void **state)
{
	(void)state;
	fill(2);
	assert_int_equal(alone_send_all(&t), UNDER_WAY);
	alone_ack_range(&t, 2, 1, 81);
	/* The oldest again, and nothing new. */
	alone_sends_index(&t, 2, 0);
	alone_sends_nothing(&t);
	assert_int_equal(alone_write(&t, 2, "x"), -EAGAIN);
	alone_ack(&t, 2, 0);
	alone_sends_index(&t, 2, 120);
	assert_int_equal(alone_send_all(&t), 7);
}

static void test_window_over_the_last_index(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 65500; i++) {
		alone_send_packets(&t, 0, i, 1);
		alone_ack(&t, 0, i);
	}
	fill(0);
	for (unsigned i = 0; i < UNDER_WAY; i++)
		alone_sends_index(&t, 0, (65500 + i) % 65536);
	alone_sends_nothing(&t);
	alone_ack_range(&t, 0, 65500, 60);
	for (unsigned i = UNDER_WAY; i < QUEUED; i++)
		alone_sends_index(&t, 0, 65500 + i - 65536);
	alone_sends_nothing(&t);
	assert_int_equal(ppcs_channels_unsent(t.channels, 0), 68 * DATA_BYTES);
	alone_ack_range(&t, 0, 24, 68);
	assert_int_equal(ppcs_channels_unsent(t.channels, 0), 0);
	assert_int_equal(t.st.acks_again + t.st.acks_unsent, 0);
}

/* 128 packets, from the front; then nothing, whatever its size. */
static void test_full(void **state)
{
	(void)state;
	assert_int_equal(alone_write_stream(&t, 4, 0, QUEUED * DATA_BYTES + 1),
			 QUEUED * DATA_BYTES);
	assert_int_equal(alone_write(&t, 4, "x"), -EAGAIN);
	assert_int_equal(alone_write(&t, 5, "x"), 1);
	assert_int_equal(ppcs_channels_unsent(t.channels, 4), QUEUED * DATA_BYTES);
	assert_int_equal(alone_send_all(&t), UNDER_WAY + 1);
	assert_int_equal(alone_write(&t, 4, "x"), -EAGAIN);
	alone_ack_range(&t, 4, 0, 2);
	assert_int_equal(alone_write_stream(&t, 4, 0, 3 * DATA_BYTES), 2 * DATA_BYTES);
	assert_int_equal(ppcs_channels_unsent(t.channels, 4), QUEUED * DATA_BYTES);
}

/* The last packet has room as long as it has not gone out, also when all 128 are taken. */
static void test_small_writes_share_a_packet(void **state)
{
	(void)state;
	alone_write(&t, 0, "one ");
	alone_write(&t, 0, "two ");
	alone_write(&t, 0, "three");
	alone_sends(&t, 0, 0, "one two three");
	alone_write(&t, 0, "four");
	alone_sends(&t, 0, 1, "four");
	assert_int_equal(ppcs_channels_unsent(t.channels, 0), 17);
	alone_write_stream(&t, 1, 0, (QUEUED - 1) * DATA_BYTES);
	for (unsigned i = 0; i < DATA_BYTES; i++)
		assert_int_equal(alone_write(&t, 1, "x"), 1);
	assert_int_equal(alone_write(&t, 1, "x"), -EAGAIN);
	assert_int_equal(ppcs_channels_unsent(t.channels, 1), QUEUED * DATA_BYTES);
	/* A piece that begins in the last packet and goes on in the next. */
	alone_write_stream(&t, 2, 0, 1000);
	assert_int_equal(alone_write_stream(&t, 2, 1000, 100), 100);
	assert_int_equal(ppcs_channels_unsent(t.channels, 2), 1100);
}

static void test_a_shared_packet_in_order(void **state)
{
	struct packet p;
	size_t position = 0;

	(void)state;
	for (size_t size = 1; size <= 60; size++) {
		assert_int_equal(alone_write_stream(&t, 2, position, size), size);
		position += size;
	}
	for (size_t at = 0; at < position; at += p.size) {
		assert_true(ppcs_channels_next_data(t.channels, t.now, &p));
		assert_int_equal(p.size, position - at > DATA_BYTES ? DATA_BYTES : position - at);
		for (size_t k = 0; k < p.size; k++)
			assert_int_equal(p.data[k], alone_byte(2, at + k));
	}
	alone_sends_nothing(&t);
}

static bool writable(unsigned channel)
{
	return ppcs_channels_writable(t.channels, channel);
}

/* Only who was refused is told, when half of it is free, and once. */
static void test_writable(void **state)
{
	(void)state;
	fill(3);
	alone_send_all(&t);
	assert_false(writable(3));
	alone_ack_range(&t, 3, 0, 64);
	assert_false(writable(3)); /* nobody was refused */
	assert_int_equal(alone_write_stream(&t, 3, 0, 65 * DATA_BYTES), 64 * DATA_BYTES);
	alone_send_all(&t);
	assert_false(writable(3));
	alone_ack_range(&t, 3, 64, 63);
	assert_false(writable(3));
	alone_ack(&t, 3, 128); /* of no use: the oldest counts */
	assert_false(writable(3));
	alone_ack(&t, 3, 127);
	assert_true(writable(3));
	assert_true(writable(3));
	assert_false(writable(4));
	ppcs_channels_told_writable(t.channels, 3);
	assert_false(writable(3));
	alone_ack_range(&t, 3, 129, 60);
	assert_false(writable(3));
}

static void test_writable_after_a_refusal(void **state)
{
	(void)state;
	fill(3);
	assert_int_equal(alone_write(&t, 3, "x"), -EAGAIN);
	alone_send_all(&t);
	alone_ack_range(&t, 3, 0, 64);
	assert_true(writable(3));
}

static bool drained(void)
{
	return ppcs_channels_drained(t.channels);
}

static void test_drained(void **state)
{
	(void)state;
	assert_false(drained());
	alone_send_packets(&t, 0, 0, 2);
	alone_send_packets(&t, 1, 0, 1);
	alone_ack(&t, 0, 0);
	alone_ack(&t, 1, 0);
	assert_false(drained());
	alone_ack(&t, 0, 1);
	assert_true(drained());
	ppcs_channels_told_drained(t.channels);
	assert_false(drained());
	alone_ack(&t, 0, 1);
	assert_false(drained());
	alone_send_packets(&t, 0, 2, 1);
	alone_ack(&t, 0, 2);
	assert_true(drained());
	/* It has not been told, and there is more now. */
	alone_send_packets(&t, 0, 3, 1);
	assert_false(drained());
	alone_ack(&t, 0, 3);
	assert_true(drained());
}

static void test_queued_is_not_acknowledged(void **state)
{
	(void)state;
	alone_send_packets(&t, 0, 0, 1);
	alone_write(&t, 0, "more");
	alone_ack_range(&t, 0, 0, 2);
	assert_false(drained());
	assert_int_equal(ppcs_channels_unsent(t.channels, 0), 4);
	assert_int_equal(t.st.acks_unsent, 1);
	alone_sends(&t, 0, 1, "more");
}

/* All memory goes when everything is acknowledged. */
static void test_memory_is_given_back(void **state)
{
	size_t before = alone_pieces();

	(void)state;
	fill(0);
	alone_write_stream(&t, 7, 0, 100);
	alone_send_all(&t);
	alone_ack_range(&t, 0, 0, 81);
	alone_ack_range(&t, 0, 81, 39);
	assert_int_equal(alone_send_all(&t), 8);
	alone_ack_range(&t, 0, 120, 8);
	alone_ack(&t, 7, 0);
	assert_int_equal(alone_pieces(), before);
	alone_send_packets(&t, 0, 128, 1);
	assert_int_equal(alone_pieces(), before + 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_bytes_of_the_sheet),
		TEST(test_channels_count_for_themselves),
		TEST(test_cut_into_packets),
		TEST(test_channels_take_turns),
		TEST(test_window),
		TEST(test_window_is_a_distance),
		TEST(test_window_over_the_last_index),
		TEST(test_full),
		TEST(test_small_writes_share_a_packet),
		TEST(test_a_shared_packet_in_order),
		TEST(test_writable),
		TEST(test_writable_after_a_refusal),
		TEST(test_drained),
		TEST(test_queued_is_not_acknowledged),
		TEST(test_memory_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
