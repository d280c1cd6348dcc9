/* SPDX-License-Identifier: MIT */
/*
 * The data of a captured session through the channels: what the camera said and what the app said,
 * each in the order of the capture, with its repetitions, comes out once and in order. The
 * directory of the conversation files is the program's argument.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "alone.h"
#include "tests/harness/vectors.h"

#define FILE_NAME   "65-captured-lan-session.txt"
#define MAX_INDEXES 16
#define MAX_BYTES   4096

static const char *directory;
static struct alone t;
static struct vectors v;

static int setup(void **state)
{
	char path[1024];

	(void)state;
	alone_begin(&t);
	snprintf(path, sizeof(path), "%s/%s", directory, FILE_NAME);
	if (vectors_load(&v, path) < 0)
		fail_msg("%s", v.error);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	vectors_free(&v);
	alone_end(&t);
	return 0;
}

/* A DRW of the session, as section 8.1 has it; the capture has channel 0 only. */
static bool is_data(const struct vectors_step *step, char direction)
{
	return step->kind == direction && step->size > 8 && step->data[1] == DRW &&
	       step->data[4] == 0xd1 && step->data[5] == 0;
}

static unsigned index_of(const struct vectors_step *step)
{
	return (unsigned)step->data[6] << 8 | step->data[7];
}

static void feed(const uint8_t *data, size_t size)
{
	struct packet p;

	assert_int_equal(ppcs_packet_decode(data, size, &p), 0);
	ppcs_channels_receive(t.channels, &p, &t.events, t.now);
}

/* The data of one direction, by index. */
struct said {
	const uint8_t *data[MAX_INDEXES];
	size_t size[MAX_INDEXES];
	unsigned packets; /**< with their repetitions */
};

static struct said say_all(char direction)
{
	struct said said = { .packets = 0 };

	for (size_t i = 0; i < v.count; i++) {
		const struct vectors_step *step = &v.steps[i];

		if (!is_data(step, direction))
			continue;
		assert_in_range(index_of(step), 0, MAX_INDEXES - 1);
		said.data[index_of(step)] = step->data + 8;
		said.size[index_of(step)] = step->size - 8;
		said.packets++;
		feed(step->data, step->size);
	}
	return said;
}

/* Every index of it is acknowledged, as often as it came. */
static void check_acks(const struct said *said)
{
	unsigned counts[MAX_INDEXES] = { 0 }, all = 0;
	struct packet p;

	while (ppcs_channels_next_acks(t.channels, &p)) {
		for (unsigned i = 0; i < p.count; i++) {
			assert_in_range(ppcs_packet_ack(&p, i), 0, MAX_INDEXES - 1);
			counts[ppcs_packet_ack(&p, i)]++;
			all++;
		}
	}
	assert_int_equal(all, said->packets);
	for (unsigned i = 0; i < MAX_INDEXES; i++)
		assert_int_equal(counts[i] > 0, said->data[i] != NULL);
}

/* The next event has these, from an index to another one. */
static void check_bytes(const struct said *said, unsigned first, unsigned end)
{
	uint8_t expected[MAX_BYTES];
	size_t size = 0;

	for (unsigned i = first; i < end; i++) {
		assert_non_null(said->data[i]);
		memcpy(expected + size, said->data[i], said->size[i]);
		size += said->size[i];
	}
	assert_memory_equal(alone_takes_size(&t, 0, size), expected, size);
}

/* Greeting, the answer to the login; then packets are missing that were too big for the file. */
static void test_what_the_camera_said(void **state)
{
	static const unsigned missing[] = { 2, 3, 4, 7, 8, 9 };
	struct said said = say_all('<');

	(void)state;
	check_acks(&said);
	assert_int_equal(t.st.data_duplicates, said.packets - 5);
	assert_memory_equal(said.data[0], "ACK", 3);
	assert_memory_equal(said.data[1], "ARTEMIS", 8);
	check_bytes(&said, 0, 2);
	alone_takes_nothing(&t);
	for (unsigned i = 0; i < 6; i++) {
		static const uint8_t made_up[] = { 0xf1, 0xd0, 0, 6, 0xd1, 0, 0, 0, 'a', 'b' };
		uint8_t bytes[sizeof(made_up)];

		memcpy(bytes, made_up, sizeof(made_up));
		bytes[7] = (uint8_t)missing[i];
		feed(bytes, sizeof(bytes));
		said.data[missing[i]] = made_up + 8;
		said.size[missing[i]] = 2;
	}
	check_bytes(&said, 2, 11);
	alone_takes_nothing(&t);
}

/* All of it is there: requests and heartbeats, each a frame of its own (11.3). */
static void test_what_the_app_said(void **state)
{
	struct said said = say_all('>');
	unsigned count = 0;

	(void)state;
	check_acks(&said);
	while (said.data[count])
		assert_memory_equal(said.data[count++], "ARTEMIS", 8);
	assert_int_equal(count, 6);
	assert_int_equal(t.st.data_duplicates, said.packets - count);
	check_bytes(&said, 0, count);
	alone_takes_nothing(&t);
}

/* The same bytes leave as the app sent them. The one list of the camera that is in the file is of
 * two later packets, one of them seven times; what is older goes out again. */
static void test_what_the_camera_acknowledged(void **state)
{
	struct said said = say_all('>');

	(void)state;
	said.data[6] = said.data[7] = (const uint8_t *)"xy";
	said.size[6] = said.size[7] = 2;
	for (unsigned i = 0; i < 8; i++) {
		struct packet p;

		assert_int_equal(ppcs_channels_write(t.channels, 0, said.data[i], said.size[i]),
				 said.size[i]);
		assert_true(ppcs_channels_next_data(t.channels, t.now, &p));
		assert_int_equal(p.index, i);
		assert_int_equal(p.size, said.size[i]);
		assert_memory_equal(p.data, said.data[i], p.size);
	}
	for (size_t i = 0; i < v.count; i++) {
		struct packet p;

		if (v.steps[i].kind != '<' || v.steps[i].data[1] != DRW_ACK)
			continue;
		assert_int_equal(ppcs_packet_decode(v.steps[i].data, v.steps[i].size, &p), 0);
		ppcs_channels_acknowledged(t.channels, &p, t.now);
	}
	assert_int_equal(t.st.acks_again, 6);
	assert_int_equal(t.st.acks_unsent, 0);
	for (unsigned i = 0; i < 6; i++)
		alone_sends_index(&t, 0, i);
	alone_sends_nothing(&t);
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_what_the_camera_said),
		TEST(test_what_the_app_said),
		TEST(test_what_the_camera_acknowledged),
	};

	if (argc != 2) {
		fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
		return 2;
	}
	directory = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
