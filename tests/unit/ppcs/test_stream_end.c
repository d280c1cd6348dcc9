/* SPDX-License-Identifier: MIT */
/*
 * Streams that come to an end, or stand still and go on: the right event, at the right time, and
 * how much was not acknowledged, to the byte. The network loses nothing and keeps the order, so
 * that both ends know the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "stream.h"

#define MUCH 2000000

static const struct quality good = { .latency_min = 3, .latency_max = 3 };

static struct stream t;

static void begin(unsigned timeout_ms)
{
	stream_begin(&t, 1, &good, MUCH, MUCH, timeout_ms);
	stream_run(&t, 57);
	assert_in_range(stream_written(&t), 1, STREAM_CHANNELS * MUCH - 1);
	assert_in_range(stream_taken(&t), 1, STREAM_CHANNELS * MUCH - 1);
	assert_true(stream_unsent(&t) > 0);
}

static int setup(void **state)
{
	(void)state;
	begin(6000);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	stream_end(&t);
	return 0;
}

static void peer_says(uint8_t type, const void *body, size_t size)
{
	struct wire m;

	wire_begin(&m, type);
	wire_put(&m, body, size);
	host_send(&t.peer.camera.host, t.peer.port, &t.peer.client, &m, "");
	t.peer.silent = true;
}

/* What it has in order and we did not take yet is there when the session is over, and no more. */
static void check_closed(int error)
{
	uint64_t written = stream_written(&t);

	assert_int_equal(t.closes, 1);
	assert_int_equal(t.closed.error, error);
	assert_int_equal(t.closed.unsent, written - t.peer.acked);
	assert_int_equal(stream_unsent(&t), 0);
	stream_run(&t, 20000);
	assert_int_equal(t.closes, 1);
	assert_int_equal(stream_written(&t), written);
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_IDLE);
	assert_int_equal(ppcs_session_deadline(t.client->session), UINT64_MAX);
	assert_int_equal(client_open(t.client), 0);
	assert_int_equal(ppcs_session_send(t.client->session, 0, "x", 1), -ENOTCONN);
}

static void test_the_peer_closes(void **state)
{
	(void)state;
	peer_says(CLOSE, NULL, 0);
	stream_run(&t, 3);
	check_closed(-ECONNRESET);
}

static void test_we_close(void **state)
{
	(void)state;
	t.peer.silent = true;
	stream_run(&t, 3);
	ppcs_session_stop(t.client->session, t.world.now);
	stream_run(&t, 0);
	check_closed(0);
	assert_true(t.peer.closed);
}

static void test_the_peer_is_another_one_now(void **state)
{
	static const char body[] = "TEST\0\0\0\0\0\0\x30\x3a"
				   "ABCDE\0\0";

	(void)state;
	peer_says(P2P_RDY, body, 20);
	stream_run(&t, 3);
	check_closed(-ECONNREFUSED);
	assert_false(t.peer.closed);
}

/* P2P_RDY of the same device does no harm. */
static void test_the_peer_says_ready(void **state)
{
	(void)state;
	peer_says(P2P_RDY, t.peer.camera.did, DID_BYTES);
	t.peer.silent = false;
	stream_finish(&t, 60000);
}

/* Exactly so long after the last that came, whatever we said meanwhile. */
static void silent_for(unsigned ms)
{
	uint64_t heard;

	stream_end(&t);
	begin(ms);
	t.peer.silent = true;
	heard = t.peer.said_at + 3;
	stream_run(&t, heard + ms - 1 - t.world.now);
	assert_int_equal(t.closes, 0);
	stream_run(&t, 1);
	assert_int_equal(t.closed_at, heard + ms);
	assert_int_equal(t.closed.time_ms, heard + ms);
	check_closed(-ETIMEDOUT);
	assert_true(t.peer.closed);
}

static void test_the_peer_falls_silent(void **state)
{
	(void)state;
	silent_for(6000);
	silent_for(2000);
	silent_for(600000);
}

/* Only the address of the session counts. */
static void test_the_peer_changes_its_port(void **state)
{
	uint64_t taken, heard = t.peer.said_at + 3;

	(void)state;
	t.peer.port++;
	stream_run(&t, 10);
	taken = stream_taken(&t);
	t.peer.acked = stream_written(&t) - stream_unsent(&t);
	stream_run(&t, 6000);
	assert_int_equal(stream_taken(&t), taken);
	assert_true(ppcs_session_statistics(t.client->session)->warnings_address > 100);
	assert_in_range(t.closed_at, heard + 6000, heard + 6003);
	check_closed(-ETIMEDOUT);
}

static void test_never_acknowledged(void **state)
{
	uint64_t acked;

	(void)state;
	t.peer.acknowledges = false;
	stream_run(&t, 20);
	acked = t.peer.acked;
	stream_run(&t, 60000);
	assert_int_equal(t.closes, 0);
	assert_int_equal(stream_unsent(&t), stream_written(&t) - acked);
	assert_int_equal(stream_unsent(&t), STREAM_CHANNELS * STREAM_QUEUED * STREAM_BYTES);
	/* All that comes is taken meanwhile. */
	assert_int_equal(stream_taken(&t), STREAM_CHANNELS * MUCH);
	ppcs_session_stop(t.client->session, t.world.now);
	stream_run(&t, 0);
	check_closed(0);
}

/* The device takes nothing for a while: two packets a second and channel, and then all the rest. */
static void test_the_peer_stops_reading(void **state)
{
	uint64_t resent;

	(void)state;
	t.peer.reads = false;
	stream_run(&t, 10000);
	assert_int_equal(stream_unsent(&t), STREAM_CHANNELS * STREAM_QUEUED * STREAM_BYTES);
	resent = ppcs_session_statistics(t.client->session)->data_resent;
	stream_run(&t, 100000);
	assert_in_range(ppcs_session_statistics(t.client->session)->data_resent - resent,
			8 * 100000 / 502, 8 * 100000 / 500);
	t.peer.reads = true;
	stream_finish(&t, 10000);
}

/* The same with us: nothing is lost, no event but the data, and 128 KiB a channel wait. */
static void test_we_stop_reading(void **state)
{
	uint64_t taken = stream_taken(&t);

	(void)state;
	t.leaves = true;
	stream_run(&t, 2000);
	assert_int_equal(t.closes, 0);
	assert_true(ppcs_session_statistics(t.client->session)->data_refused > 1000);
	assert_int_equal(ppcs_session_statistics(t.client->session)->dropped_events, 0);
	t.leaves = false;
	stream_run(&t, 0);
	assert_in_range(stream_taken(&t) - taken, STREAM_CHANNELS * (PPCS_MAX_WAITING - 1024),
			STREAM_CHANNELS * 2 * PPCS_MAX_WAITING);
	stream_finish(&t, 60000);
}

/* We take nothing, and the device closes: what was acknowledged in order is there behind it. */
static void test_what_waits_outlives_the_session(void **state)
{
	uint64_t received;

	(void)state;
	received = ppcs_session_statistics(t.client->session)->data_bytes;
	t.leaves = true;
	stream_run(&t, 1000);
	assert_true(ppcs_session_statistics(t.client->session)->data_bytes > received);
	received = ppcs_session_statistics(t.client->session)->data_bytes - 3;
	peer_says(CLOSE, NULL, 0);
	stream_run(&t, 3);
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_IDLE);
	t.leaves = false;
	stream_run(&t, 0);
	assert_int_equal(stream_taken(&t), received);
	check_closed(-ECONNRESET);
}

/* DRAINED once for each time that all is acknowledged, and WRITABLE once for each refusal. */
static void test_what_we_are_told(void **state)
{
	(void)state;
	stream_finish(&t, 60000);
	assert_int_equal(t.drains, 1);
	assert_in_range(t.writables, STREAM_CHANNELS * MUCH / (131072 + 1024) / 2,
			STREAM_CHANNELS * MUCH / (64 * 1024));
	stream_run(&t, 10000);
	assert_int_equal(t.drains, 1);
	t.total += 10;
	stream_finish(&t, 1000);
	stream_run(&t, 10);
	assert_int_equal(t.drains, 2);
}

/* 24 hours in which nothing happens, with channels that were used: ALIVE and its answers, and not
 * one packet of data more. */
static void test_an_idle_day(void **state)
{
	const struct ppcs_statistics *st = ppcs_session_statistics(t.client->session);
	struct ppcs_statistics before;
	uint64_t said;

	(void)state;
	stream_finish(&t, 60000);
	stream_run(&t, 100);
	before = *st;
	said = t.peer.sent;
	for (unsigned hour = 0; hour < 24; hour++)
		stream_run(&t, 3600000);
	assert_int_equal(t.closes, 0);
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_CONNECTED);
	assert_int_equal(st->data_packets_sent, before.data_packets_sent);
	assert_int_equal(st->data_resent, before.data_resent);
	assert_int_equal(st->data_packets, before.data_packets);
	assert_int_equal(t.peer.sent, said);
	assert_in_range(st->alive_sent - before.alive_sent, 40000, 86400);
	assert_int_equal(st->alive_missed, before.alive_missed);
	assert_int_equal(t.drains, 1);
	/* And it still works. */
	t.total += 100000;
	stream_finish(&t, 1000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_the_peer_closes),
		TEST(test_we_close),
		TEST(test_the_peer_is_another_one_now),
		TEST(test_the_peer_says_ready),
		TEST(test_the_peer_falls_silent),
		TEST(test_the_peer_changes_its_port),
		TEST(test_never_acknowledged),
		TEST(test_the_peer_stops_reading),
		TEST(test_we_stop_reading),
		TEST(test_what_waits_outlives_the_session),
		TEST(test_what_we_are_told),
		TEST(test_an_idle_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
