/* SPDX-License-Identifier: MIT */
/*
 * Acknowledgements as peers send them, good and bad ones (8.2), and channels without memory or
 * without a place for their events: of what they have taken nothing is lost, and nothing comes
 * twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "alone.h"

#define HOUR_MS 3600000

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

static size_t unsent(unsigned channel)
{
	return ppcs_channels_unsent(t.channels, channel);
}

/* Section 14; the mark of other forks; bytes behind it; a count that promises too much. */
static void test_kinds_of_lists(void **state)
{
	(void)state;
	alone_send_packets(&t, 0, 0, 20);
	assert_true(alone_ack_hex(&t, "f1d1000ad1000003000000000000"));
	assert_int_equal(unsent(0), 19);
	assert_true(alone_ack_hex(&t, "f1d1000cd10000040002000300040005"));
	assert_int_equal(unsent(0), 15);
	assert_true(alone_ack_hex(&t, "f1d10006d20000010006"));
	assert_int_equal(unsent(0), 14);
	assert_true(alone_ack_hex(&t, "f1d10006d10000010007 0008 0009 000a"));
	assert_int_equal(unsent(0), 13);
	/* Filled up to 32 bytes: what is behind the count is nothing. */
	assert_true(alone_ack_hex(&t, "f1d1001cd1000001 0008 000000000000000000000000000000000000"
				      "00000000"));
	assert_int_equal(unsent(0), 12);
	assert_int_equal(t.st.acks_again, 2);
	assert_true(alone_ack_hex(&t, "f1d10008d1000051 0009 000a"));
	assert_int_equal(unsent(0), 10);
	assert_true(alone_ack_hex(&t, "f1d10007d1000009 000b 00"));
	assert_int_equal(unsent(0), 9);
	assert_true(alone_ack_hex(&t, "f1d10006d100ffff 000c"));
	assert_int_equal(unsent(0), 8);
	assert_true(alone_ack_hex(&t, "f1d10004d1000000"));
	assert_true(alone_ack_hex(&t, "f1d10004d1000009"));
	assert_int_equal(unsent(0), 8);
	assert_int_equal(t.st.acks_again, 2);
	assert_int_equal(t.st.acks_unsent, 0);
}

static void test_no_lists(void **state)
{
	(void)state;
	alone_send_packets(&t, 0, 0, 2);
	assert_false(alone_ack_hex(&t, "f1d10003d10000"));
	assert_false(alone_ack_hex(&t, "f1d10006d3000001 0000"));
	assert_false(alone_ack_hex(&t, "f1d10006d1080001 0000"));
	assert_false(alone_ack_hex(&t, "f1d10008d1000001 0000"));
	assert_int_equal(unsent(0), 2);
}

/* Nothing of a channel that has never sent, nothing before and behind what was. */
static void test_of_what_was_not_sent(void **state)
{
	(void)state;
	alone_ack_range(&t, 4, 65500, 80);
	assert_int_equal(t.st.acks_again, 36);
	assert_int_equal(t.st.acks_unsent, 44);
	memset(&t.st, 0, sizeof(t.st));
	alone_send_packets(&t, 0, 0, 10);
	alone_write(&t, 0, "queued");
	alone_ack(&t, 0, 10);
	alone_ack(&t, 0, 11);
	alone_ack(&t, 0, 32767);
	assert_int_equal(t.st.acks_unsent, 3);
	alone_ack(&t, 0, 32768);
	alone_ack(&t, 0, 65535);
	assert_int_equal(t.st.acks_again, 2);
	alone_ack(&t, 0, 128); /* the same place as 0 */
	alone_ack(&t, 0, 256);
	assert_int_equal(unsent(0), 16);
	alone_sends(&t, 0, 10, "queued");
	alone_sends_nothing(&t);
}

/* The same one a hundred thousand times: no packet more, no round put off, nothing measured. */
static void test_a_storm(void **state)
{
	uint64_t deadline;

	(void)state;
	alone_send_packets(&t, 0, 0, 100);
	alone_ack(&t, 0, 50);
	assert_int_equal(alone_send_all(&t), 50);
	deadline = ppcs_channels_deadline(t.channels);
	t.now += 5;
	for (unsigned i = 0; i < 1250; i++) {
		assert_true(alone_ack_hex(&t, "f1d1000ad1000003003200320032"));
		alone_ack_range(&t, 0, 100, 77);
		alone_sends_nothing(&t);
	}
	assert_int_equal(t.st.acks_again, 3750);
	assert_int_equal(t.st.acks_unsent, 96250);
	assert_int_equal(ppcs_channels_deadline(t.channels), deadline);
	assert_int_equal(unsent(0), 99);
	assert_int_equal(t.st.rtt_ms, 0);
	assert_int_equal(t.st.data_resent, 50);
}

/* For an hour: two packets a second at last, and nothing is given up. */
static void test_never(void **state)
{
	uint64_t end = t.now + HOUR_MS;

	(void)state;
	alone_write_stream(&t, 0, 0, 131072);
	alone_send_all(&t);
	while (t.now < end) {
		assert_in_range(ppcs_channels_deadline(t.channels), t.now + 1, t.now + 501);
		t.now = ppcs_channels_deadline(t.channels);
		ppcs_channels_tick(t.channels, t.now);
		alone_send_all(&t);
	}
	assert_in_range(t.st.data_resent, HOUR_MS / 501, HOUR_MS / 501 + 300);
	assert_int_equal(unsent(0), 131072);
	assert_in_range(t.st.loss_permille, 980, 1000);
	alone_ack_range(&t, 0, 0, 60);
	alone_ack_range(&t, 0, 60, 60);
	assert_int_equal(alone_send_all(&t), 8);
	alone_ack_range(&t, 0, 120, 8);
	assert_int_equal(unsent(0), 0);
}

/* All that was taken, in order and once: what goes out is checked against the stream. */
static void check_stream(unsigned channel, size_t taken)
{
	struct packet p;
	size_t position = 0;
	uint16_t index = 0;

	while (ppcs_channels_next_data(t.channels, t.now, &p)) {
		assert_int_equal(p.index, index++);
		for (size_t k = 0; k < p.size; k++)
			assert_int_equal(p.data[k], alone_byte(channel, position++));
		alone_ack(&t, channel, p.index);
	}
	assert_int_equal(position, taken);
	assert_int_equal(unsent(channel), 0);
}

/* One allocation after the other fails, once or from then on. */
static void write_without_memory(unsigned allocations)
{
	static const size_t sizes[] = { 1, 100, 1024, 3000, 1, 2, 1020, 5000, 7 };
	size_t position = 0;

	alone_memory(allocations);
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		int ret = alone_write_stream(&t, 2, position, sizes[i]);

		assert_in_range(ret + ENOMEM, 0, (size_t)ENOMEM + sizes[i]);
		if (ret > 0)
			position += (size_t)ret;
		else
			assert_int_equal(ret, -ENOMEM);
		assert_int_equal(unsent(2), position);
	}
	alone_memory_back();
	position += (size_t)alone_write_stream(&t, 2, position, 2000);
	check_stream(2, position);
}

static void test_writing_without_memory(void **state)
{
	for (unsigned i = 0; i < 30; i++) {
		write_without_memory(i);
		teardown(state);
		setup(state);
	}
}

/* Fewer bytes than there were, of whatever cause: WRITABLE follows (ppcs_send()). */
static void test_writable_after_want_of_memory(void **state)
{
	int taken;

	(void)state;
	alone_memory(3);
	taken = alone_write_stream(&t, 2, 0, 10000);
	alone_memory_back();
	assert_int_equal(taken, 2048);
	alone_send_all(&t);
	alone_ack(&t, 2, 0);
	assert_true(ppcs_channels_writable(t.channels, 2));
	ppcs_channels_told_writable(t.channels, 2);
	alone_ack(&t, 2, 1);
	assert_false(ppcs_channels_writable(t.channels, 2));
}

static void test_no_memory_at_all(void **state)
{
	struct channels *c = NULL;

	(void)state;
	alone_memory(0);
	assert_int_equal(alone_write(&t, 0, "x"), -ENOMEM);
	assert_int_equal(ppcs_channels_new(&c, &t.st), -ENOMEM);
	assert_null(c);
	alone_memory_back();
	assert_int_equal(unsent(0), 0);
	alone_sends_nothing(&t);
	assert_false(ppcs_channels_writable(t.channels, 0));
	ppcs_channels_free(NULL);
}

/* What came is kept or not acknowledged; when memory is back it goes on. */
static void receive_without_memory(unsigned allocations)
{
	static const unsigned order[] = { 1, 2, 0, 4, 6, 5, 3, 7 };
	static const char *const texts[] = { "a", "b", "c", "d", "e", "f", "g", "h" };
	bool acknowledged[8] = { false };
	struct packet p;
	char text[9] = "";
	size_t size = 0;
	const struct ppcs_event *e;

	alone_memory(allocations);
	for (unsigned i = 0; i < 8; i++)
		alone_receive(&t, 0, order[i], texts[order[i]]);
	alone_memory_back();
	while (ppcs_channels_next_acks(t.channels, &p))
		for (unsigned i = 0; i < p.count; i++)
			acknowledged[ppcs_packet_ack(&p, i)] = true;
	/* The others come again. */
	for (unsigned i = 0; i < 8; i++)
		if (!acknowledged[i])
			alone_receive(&t, 0, i, texts[i]);
	ppcs_channels_hand_out(t.channels, &t.events, t.now);
	while ((e = ppcs_event_list_next(&t.events)) != NULL) {
		assert_in_range(size + e->size, 1, 8);
		memcpy(text + size, e->data, e->size);
		size += e->size;
	}
	assert_string_equal(text, "abcdefgh");
}

static void test_receiving_without_memory(void **state)
{
	for (unsigned i = 0; i < 16; i++) {
		receive_without_memory(i);
		teardown(state);
		setup(state);
	}
}

/* @return how many more events have a place */
static unsigned crowd(void)
{
	const struct ppcs_event other = { .type = PPCS_EVENT_ATTEMPT_STARTED };
	unsigned count = 0;

	while (ppcs_event_list_try(&t.events, &other))
		count++;
	return count;
}

/* What is acknowledged has its place when the session ends, and others none more for that. */
static void test_the_last_data(void **state)
{
	(void)state;
	t.early = true;
	alone_receive(&t, 0, 0, "ACK");
	t.early = false;
	assert_int_equal(crowd(), PPCS_MAX_EVENTS);
	ppcs_channels_hand_out(t.channels, &t.events, t.now);
	assert_int_equal(ppcs_event_list_waiting(&t.events, 0), 0);
	ppcs_event_list_last_data(&t.events);
	ppcs_channels_hand_out(t.channels, &t.events, t.now);
	assert_int_equal(ppcs_event_list_waiting(&t.events, 0), 3);
	ppcs_event_list_end_data(&t.events);
	alone_receive(&t, 0, 1, "of the next session");
	assert_int_equal(ppcs_event_list_waiting(&t.events, 0), 0);
	assert_int_equal(ppcs_event_list_next(&t.events)->type, PPCS_EVENT_ATTEMPT_STARTED);
	assert_int_equal(crowd(), 1);
	for (unsigned i = 1; i < PPCS_MAX_EVENTS; i++)
		ppcs_event_list_next(&t.events);
	alone_takes(&t, 0, "ACK");
	assert_int_equal(crowd(), PPCS_MAX_EVENTS - 1);
}

/* Data that is dropped takes nothing of what comes then. */
static void test_dropped_data(void **state)
{
	(void)state;
	alone_receive(&t, 2, 0, "dropped");
	ppcs_event_list_drop(&t.events, PPCS_EVENT_DATA, PPCS_EVENT_DATA);
	assert_int_equal(ppcs_event_list_waiting(&t.events, 2), 0);
	alone_receive(&t, 2, 1, "kept");
	alone_takes(&t, 2, "kept");
	alone_takes_nothing(&t);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_kinds_of_lists),
		TEST(test_no_lists),
		TEST(test_of_what_was_not_sent),
		TEST(test_a_storm),
		TEST(test_never),
		TEST(test_writing_without_memory),
		TEST(test_writable_after_want_of_memory),
		TEST(test_no_memory_at_all),
		TEST(test_receiving_without_memory),
		TEST(test_the_last_data),
		TEST(test_dropped_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
