/* SPDX-License-Identifier: MIT */
/*
 * Data of the device, the channels alone (8.2, 8.4): handed out once and in order, acknowledged
 * when it is safe, within its room.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "alone.h"
#include "common/prng.h"

#define ROOM  131072
#define AHEAD 256

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

static void forget_acks(void)
{
	struct packet p;

	while (ppcs_channels_next_acks(t.channels, &p))
		;
}

/* The receiver expects INDEX next. */
static void go_to(unsigned channel, unsigned index)
{
	for (unsigned i = 0; i < index; i++) {
		alone_receive(&t, channel, i, "x");
		forget_acks();
	}
	while (ppcs_event_list_next(&t.events))
		;
}

/* Section 14. */
static void test_bytes_of_the_sheet(void **state)
{
	(void)state;
	alone_acks_nothing(&t);
	alone_receive(&t, 0, 0, "ACK");
	alone_receive(&t, 0, 0, "ACK");
	alone_receive(&t, 0, 0, "ACK");
	alone_acks(&t, "f1d1000ad1000003000000000000");
	alone_acks_nothing(&t);
	alone_takes(&t, 0, "ACK");
	alone_receive(&t, 0, 1, "x");
	forget_acks();
	for (unsigned i = 2; i < 6; i++)
		alone_receive(&t, 0, i, "x");
	alone_acks(&t, "f1d1000cd10000040002000300040005");
	go_to(3, 65534);
	alone_receive(&t, 3, 65534, "a");
	alone_receive(&t, 3, 65535, "b");
	alone_receive(&t, 3, 0, "c");
	alone_acks(&t, "f1d1000ad1030003fffeffff0000");
	alone_takes(&t, 3, "abc");
	alone_takes_nothing(&t);
	assert_int_equal(t.st.data_packets, 65534 + 3 + 6);
	assert_int_equal(t.st.data_bytes, 65534 + 3 + 8);
}

static void test_each_channel_has_its_list(void **state)
{
	(void)state;
	alone_receive(&t, 7, 0, "seven");
	alone_receive(&t, 1, 3, "early");
	alone_receive(&t, 7, 1, "seven");
	alone_acks(&t, "f1d10006d1010001 0003");
	alone_acks(&t, "f1d10008d1070002 0000 0001");
	alone_acks_nothing(&t);
	alone_takes(&t, 7, "sevenseven");
	alone_takes_nothing(&t);
}

/* Due with the 17th, also when they are duplicates; no more than 81 in a list. */
static void test_lists_are_bounded(void **state)
{
	struct packet p;

	(void)state;
	for (unsigned i = 0; i < 16; i++)
		alone_receive(&t, 2, i, "x");
	alone_receive(&t, 3, 0, "x");
	assert_false(ppcs_channels_acks_due(t.channels));
	alone_receive(&t, 2, 3, "x");
	assert_true(ppcs_channels_acks_due(t.channels));
	assert_true(ppcs_channels_next_acks(t.channels, &p));
	assert_int_equal(p.count, 17);
	assert_false(ppcs_channels_acks_due(t.channels));
	assert_true(ppcs_channels_next_acks(t.channels, &p));
	for (unsigned i = 16; i < 216; i++)
		alone_receive(&t, 2, i, "x");
	assert_true(ppcs_channels_next_acks(t.channels, &p));
	assert_int_equal(p.count, 81);
	assert_int_equal(p.size, 162);
	for (unsigned i = 0; i < 81; i++)
		assert_int_equal(ppcs_packet_ack(&p, i), 16 + i);
	alone_acks_nothing(&t);
	/* Taken is taken: it comes again. */
	alone_takes_size(&t, 2, 216);
	alone_takes(&t, 3, "x");
	alone_receive(&t, 2, 215, "x");
	assert_int_equal(t.st.data_duplicates, 2);
	alone_acks(&t, "f1d10006d1020001 00d7");
}

/* Old is half of all indexes, acknowledged; new are 256; the rest is nothing. */
static void test_old_and_new(void **state)
{
	static const unsigned old[] = { 299, 0, 65535, 65536 + 300 - 32768 };
	static const unsigned never[] = { 300 + 256, 1000, 300 + 32767 };

	(void)state;
	go_to(0, 300);
	for (unsigned i = 0; i < 4; i++) {
		alone_receive(&t, 0, old[i], "old");
		assert_int_equal(t.st.data_duplicates, i + 1);
	}
	alone_acks(&t, "f1d1000cd1000004 012b 0000 ffff 812c");
	for (unsigned i = 0; i < 3; i++) {
		alone_receive(&t, 0, never[i], "never");
		assert_int_equal(t.st.data_refused, i + 1);
	}
	alone_acks_nothing(&t);
	/* Its place is taken, but by another one. */
	alone_receive(&t, 0, 310, "x");
	alone_receive(&t, 0, 310 + 256, "never");
	alone_acks(&t, "f1d10006d1000001 0136");
	assert_int_equal(t.st.data_refused, 4);
	alone_receive(&t, 0, 300 + 255, "last");
	alone_receive(&t, 0, 300 + 255, "other");
	alone_acks(&t, "f1d10008d1000002 022b 022b");
	assert_int_equal(t.st.data_duplicates, 5);
	alone_takes_nothing(&t);
	for (unsigned i = 300; i < 555; i++)
		alone_receive(&t, 0, i, "x");
	alone_takes_size(&t, 0, 255 + 4);
}

static void test_without_data(void **state)
{
	(void)state;
	alone_receive(&t, 0, 0, "");
	alone_receive(&t, 0, 7, "");
	alone_acks_nothing(&t);
	alone_takes_nothing(&t);
	alone_receive(&t, 0, 0, "x");
	alone_takes(&t, 0, "x");
}

/* In any order as far as 256, also over the last index, some of them several times. */
static void any_order(struct cmn_prng *prng, unsigned base, unsigned count)
{
	uint16_t order[AHEAD] = { 0 };
	const uint8_t *data;

	for (unsigned i = 0; i < count; i++)
		order[i] = (uint16_t)(base + i);
	for (unsigned i = count - 1; i > 0; i--) {
		unsigned k = cmn_prng_below(prng, i + 1);
		uint16_t other = order[k];

		order[k] = order[i];
		order[i] = other;
	}
	for (unsigned i = 0; i < count; i++) {
		alone_receive_fill(&t, 5, order[i], (char)(1 + order[i] % 255), 1 + order[i] % 500);
		if (cmn_prng_below(prng, 4) == 0)
			alone_receive(&t, 5, order[cmn_prng_below(prng, i + 1)], "again");
		forget_acks();
	}
	for (unsigned i = 0, at = 0; i < count; i++) {
		unsigned index = (base + i) % 65536;

		if (i == 0) {
			const struct ppcs_event *e = ppcs_event_list_next(&t.events);

			assert_non_null(e);
			data = e->data;
		}
		for (unsigned k = 0; k < 1 + index % 500; k++)
			assert_int_equal(data[at++], 1 + index % 255);
	}
	alone_takes_nothing(&t);
}

static void test_any_order(void **state)
{
	struct cmn_prng prng;
	unsigned base = 65000;

	(void)state;
	cmn_prng_seed(&prng, 1);
	go_to(5, base);
	for (unsigned i = 0; i < 200; i++) {
		unsigned count = 1 + cmn_prng_below(&prng, AHEAD);

		any_order(&prng, base, count);
		base = (base + count) % 65536;
	}
}

/* Of what waits 128 KiB at most; what is in turn does not count what came too early. */
static void test_room(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ROOM / 1024; i++)
		alone_receive_fill(&t, 4, i, 'a', 1024);
	forget_acks();
	alone_receive(&t, 4, 128, "b");
	alone_receive(&t, 4, 129, "c");
	alone_acks_nothing(&t);
	assert_int_equal(t.st.data_refused, 2);
	alone_receive(&t, 5, 0, "another channel");
	alone_acks(&t, "f1d10006d1050001 0000");
	alone_takes_size(&t, 4, ROOM);
	alone_takes(&t, 5, "another channel");
	alone_receive(&t, 4, 128, "b");
	alone_acks(&t, "f1d10006d1040001 0080");
	alone_takes(&t, 4, "b");
}

/* To the byte. */
static void test_room_is_exact(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ROOM / 1024 - 1; i++)
		alone_receive_fill(&t, 4, i, 'a', 1024);
	alone_receive_fill(&t, 4, 127, 'a', 1000);
	forget_acks();
	alone_receive_fill(&t, 4, 128, 'a', 25);
	alone_receive_fill(&t, 4, 129, 'a', 25);
	alone_acks_nothing(&t);
	alone_receive_fill(&t, 4, 129, 'a', 23);
	alone_acks(&t, "f1d10006d1040001 0081");
	alone_receive_fill(&t, 4, 130, 'a', 2);
	alone_acks_nothing(&t);
	alone_receive_fill(&t, 4, 128, 'a', 24);
	alone_acks(&t, "f1d10006d1040001 0080");
	alone_takes_size(&t, 4, ROOM + 23);
}

/* All that can wait and all that can be kept in one event. */
static void test_the_most_that_waits(void **state)
{
	(void)state;
	for (unsigned i = 128; i < 255; i++)
		alone_receive_fill(&t, 4, i, 'z', 1024);
	alone_receive_fill(&t, 4, 255, 'z', 1024);
	assert_int_equal(t.st.data_refused, 0);
	for (unsigned i = 0; i < 128; i++) {
		forget_acks();
		alone_receive_fill(&t, 4, i, 'a', 1024);
	}
	assert_int_equal(t.st.data_refused, 0);
	alone_receive(&t, 4, 256, "no");
	assert_int_equal(t.st.data_refused, 1);
	assert_int_equal(alone_takes_size(&t, 4, 2 * ROOM)[2 * ROOM - 1], 'z');
	alone_takes_nothing(&t);
}

/* Before the race is won: 1024 bytes of channel 0, kept until it is. */
static void test_early(void **state)
{
	(void)state;
	t.early = true;
	alone_receive(&t, 1, 0, "another channel");
	alone_acks_nothing(&t);
	alone_receive(&t, 0, 0, "ACK");
	alone_receive_fill(&t, 0, 1, 'x', 1021);
	alone_receive(&t, 0, 0, "ACK");
	alone_acks(&t, "f1d1000ad1000003 0000 0001 0000");
	alone_receive(&t, 0, 2, "x");
	alone_acks_nothing(&t);
	alone_takes_nothing(&t);
	assert_int_equal(t.st.data_refused, 2);
	t.early = false;
	ppcs_channels_hand_out(t.channels, &t.events, t.now);
	assert_memory_equal(alone_takes_size(&t, 0, 1024), "ACKxxx", 6);
	alone_receive(&t, 0, 2, "y");
	alone_takes(&t, 0, "y");
}

/* The ring is there for as long as something is kept. */
static void test_memory_is_given_back(void **state)
{
	size_t before = alone_pieces();

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		alone_receive(&t, 0, 3 * i + 1, "b");
		alone_receive(&t, 0, 3 * i + 2, "c");
		assert_int_equal(alone_pieces(), before + 3);
		alone_receive(&t, 0, 3 * i, "a");
		alone_takes(&t, 0, "abc");
		alone_takes_nothing(&t);
		assert_int_equal(alone_pieces(), before);
	}
	/* What is in turn needs none. */
	alone_memory(0);
	alone_receive(&t, 0, 15, "x");
	alone_memory_back();
	forget_acks();
	alone_receive(&t, 1, 4, "x"); /* freed with the rest */
}

/* No place for one more event: not acknowledged; what has its event goes on. */
static void test_a_full_list(void **state)
{
	const struct ppcs_event other = { .type = PPCS_EVENT_WRITABLE, .channel = 4 };

	(void)state;
	alone_receive(&t, 4, 0, "a");
	while (ppcs_event_list_try(&t.events, &other))
		;
	forget_acks();
	alone_receive(&t, 5, 1, "b");
	alone_receive(&t, 5, 0, "a");
	alone_receive(&t, 4, 1, "b");
	alone_acks(&t, "f1d10006d1040001 0001");
	alone_acks(&t, "f1d10006d1050001 0001");
	alone_takes(&t, 4, "ab");
	alone_receive(&t, 5, 0, "a");
	alone_acks(&t, "f1d10006d1050001 0000");
	for (unsigned i = 1; i < PPCS_MAX_EVENTS; i++)
		assert_int_equal(ppcs_event_list_next(&t.events)->type, PPCS_EVENT_WRITABLE);
	alone_takes(&t, 5, "ab");
	alone_takes_nothing(&t);
}

/* Another session: what waits of the first one stays by itself. */
static void test_two_sessions(void **state)
{
	struct channels *first = t.channels;

	(void)state;
	alone_receive(&t, 3, 0, "first");
	alone_receive(&t, 3, 2, "lost");
	ppcs_event_list_end_data(&t.events);
	assert_int_equal(ppcs_channels_new(&t.channels, &t.st), 0);
	ppcs_channels_free(first);
	alone_receive(&t, 3, 0, "second");
	alone_receive(&t, 3, 1, " one");
	alone_takes(&t, 3, "first");
	alone_takes(&t, 3, "second one");
	alone_takes_nothing(&t);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_bytes_of_the_sheet),
		TEST(test_each_channel_has_its_list),
		TEST(test_lists_are_bounded),
		TEST(test_old_and_new),
		TEST(test_without_data),
		TEST(test_any_order),
		TEST(test_room),
		TEST(test_room_is_exact),
		TEST(test_the_most_that_waits),
		TEST(test_early),
		TEST(test_memory_is_given_back),
		TEST(test_a_full_list),
		TEST(test_two_sessions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
