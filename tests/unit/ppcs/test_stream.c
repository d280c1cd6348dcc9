/* SPDX-License-Identifier: MIT */
/*
 * Streams on all eight channels both ways at once, over networks that lose, double and overtake,
 * and over long ones: every byte arrives, once and in order, in bounded memory. Prints how fast.
 * The megabytes each way of the longest one may be the program's argument.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef HAVE_MALLINFO2
#include <malloc.h>
#endif

#include "stream.h"

#define MEGABYTE   1048576
#define HEAP_BYTES (32 * MEGABYTE) /* of both ends, and of what is on its way */

static unsigned megabytes = 100;
static struct stream t;

static const struct quality bad = {
	.latency_min = 1, .latency_max = 2, .lost = 20, .doubled = 10, .late = 20, .late_max = 20
};

static size_t heap(void)
{
#ifdef HAVE_MALLINFO2
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
#else
	return 0;
#endif
}

static void print(const char *what, uint64_t ms, clock_t used)
{
	const struct ppcs_statistics *st = ppcs_session_statistics(t.client->session);
	double seconds = ms > 0 ? (double)ms / 1000 : 0.001;

	print_message(
		"%s: %.1f MB out at %.0f kB/s, %.1f MB in at %.0f kB/s; %.2f packets for 1 "
		"out, %.2f in; %.2f s of CPU\n",
		what, (double)stream_written(&t) / 1e6, (double)stream_written(&t) / 1000 / seconds,
		(double)stream_taken(&t) / 1e6, (double)stream_taken(&t) / 1000 / seconds,
		st->data_packets_sent > 0 ?
			1 + (double)st->data_resent / (double)st->data_packets_sent :
			0,
		t.peer.sent > 0 ? (double)t.peer.sent / (double)(t.peer.sent - t.peer.again) : 0,
		(double)used / CLOCKS_PER_SEC);
}

/* The counters have it all, each byte once. */
static void check_end(const char *what, clock_t began, uint64_t out, uint64_t in)
{
	const struct ppcs_statistics *st = ppcs_session_statistics(t.client->session);

	print(what, t.world.now - t.began, clock() - began);
	assert_int_equal(t.drains > 0, out > 0);
	assert_int_equal(st->data_bytes, 3 + STREAM_CHANNELS * in);
	assert_int_equal(st->data_bytes_sent, STREAM_CHANNELS * out);
	assert_int_equal(st->dropped_output, 0);
	assert_int_equal(st->dropped_events, 0);
	stream_end(&t);
}

/* @return how many packets of ours went out again */
static uint64_t transfer(const char *what, uint64_t seed, const struct quality *quality,
			 uint64_t out, uint64_t in)
{
	clock_t began = clock();
	uint64_t again;

	stream_begin(&t, seed, quality, out, in, 6000);
	stream_finish(&t, 3600000);
	again = ppcs_session_statistics(t.client->session)->data_resent;
	check_end(what, began, out, in);
	return again;
}

static void test_much(void **state)
{
	uint64_t bytes = (uint64_t)megabytes * MEGABYTE / STREAM_CHANNELS;
	clock_t began = clock();
	size_t before = heap();

	(void)state;
	stream_begin(&t, 1, &bad, bytes, bytes, 6000);
	while (!stream_peer_done(&t.peer) ||
	       stream_peer_received(&t.peer) < STREAM_CHANNELS * bytes) {
		stream_run(&t, 200);
		assert_true(heap() - before < HEAP_BYTES);
		assert_int_equal(t.closes, 0);
	}
	stream_finish(&t, 60000);
	check_end("20 % lost, 10 % twice, 20 % late", began, bytes, bytes);
}

static void test_many_seeds(void **state)
{
	char what[32];

	(void)state;
	for (unsigned seed = 2; seed < 12; seed++) {
		snprintf(what, sizeof(what), "the same, seed %u", seed);
		transfer(what, seed, &bad, 60000 + seed, 70000 - seed);
	}
}

/* Good lines, short and long: none goes out again but at first, when the way is not known yet; but
 * where the way is longer than the longest round. */
static void test_latencies(void **state)
{
	static const unsigned latencies[] = { 0, 5, 50, 200, 400 };
	char what[64];

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		struct quality q = { .latency_min = latencies[i], .latency_max = latencies[i] };
		uint64_t again;

		snprintf(what, sizeof(what), "%u ms each way, out", latencies[i]);
		again = transfer(what, 1, &q, MEGABYTE / 2, 0);
		assert_in_range(again, 0, i < 2 ? 0 : i < 4 ? 2000 : 5500);
		snprintf(what, sizeof(what), "%u ms each way, in", latencies[i]);
		transfer(what, 1, &q, 0, MEGABYTE / 2);
	}
}

static void test_losses(void **state)
{
	static const unsigned losses[] = { 1, 5, 20, 40 };
	char what[64];

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		for (unsigned latency = 5; latency <= 50; latency += 45) {
			struct quality q = { .latency_min = latency,
					     .latency_max = latency,
					     .lost = losses[i] };

			snprintf(what, sizeof(what), "%u ms, %u %% lost, out", latency, losses[i]);
			transfer(what, 1, &q, MEGABYTE / 4, 0);
			snprintf(what, sizeof(what), "%u ms, %u %% lost, in", latency, losses[i]);
			transfer(what, 1, &q, 0, MEGABYTE / 4);
		}
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_much),
		cmocka_unit_test(test_many_seeds),
		cmocka_unit_test(test_latencies),
		cmocka_unit_test(test_losses),
	};

	if (argc > 1)
		megabytes = (unsigned)strtoul(argv[1], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
