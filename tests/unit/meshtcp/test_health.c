/* SPDX-License-Identifier: MIT */
/* Health monitor and heartbeat (sections 13 and 15.2), and frames that are never whole (section 3).
 * */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "world.h"

static enum meshtcp_state state_of(const struct world *w)
{
	return meshtcp_session_state(w->session);
}

/* How long after the last sign of life it was given up; fails when it was not within LIMIT. */
static uint64_t given_up_after(struct world *w, uint64_t limit)
{
	uint64_t since = w->now;

	while (state_of(w) == MESHTCP_STATE_READY && w->now - since <= limit)
		world_run(w, 100);
	assert_int_equal(state_of(w), MESHTCP_STATE_BACKOFF);
	assert_int_equal(world_last(w, MESHTCP_EVENT_STATE)->e.reason, MESHTCP_REASON_SILENT);
	return w->now - since;
}

/* Every 30 s: nothing for 60 s? So it takes 60 to 90 s, and one silence causes one reconnect. */
static void test_silence(void **state)
{
	struct world *w = *state;

	world_ready(w);
	world_text(w, BOB, "last");
	w->mute = true;
	assert_in_range(given_up_after(w, 100000), 60000, 90100);
	assert_int_equal(world_statistics(w).health_checks, 1);
	assert_int_equal(world_statistics(w).lost[MESHTCP_REASON_SILENT], 1);
	w->mute = false;
	world_run(w, 3000);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	world_run(w, 300000);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	assert_int_equal(world_statistics(w).connects, 2);
}

/* Whenever the last frame came, the limit counts from there. */
static void test_silence_at_any_time(void **state)
{
	(void)state;
	for (unsigned offset = 0; offset < 30000; offset += 1700) {
		static struct world w;

		world_init(&w);
		world_ready(&w);
		world_run(&w, 3000 + offset);
		world_text(&w, BOB, "last");
		w.mute = true;
		assert_in_range(given_up_after(&w, 100000), 60000, 90100);
		world_free(&w);
	}
}

/* A frame of any kind is a sign of life, also one that does not decode; noise is none. */
static void test_signs_of_life(void **state)
{
	struct world *w = *state;

	w->old_heartbeat = true;
	world_ready(w);
	for (unsigned i = 0; i < 10; i++) {
		world_run(w, 50000);
		if (i % 3 == 0)
			world_status(w, 0, 16, 0x1234);
		else if (i % 3 == 1)
			world_say_raw(w, "\x94\xc3\x00\x03\x5a\x7f\x08", 7);
		else
			world_say_raw(w, "\x94\xc3\x00\x00", 4);
		assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	}
	for (unsigned i = 0; i < 9; i++) {
		world_run(w, 10000);
		if (state_of(w) == MESHTCP_STATE_READY)
			world_say_raw(w, "noise\n", 6);
	}
	assert_int_equal(world_statistics(w).lost[MESHTCP_REASON_SILENT], 1);
}

static void test_settable(void **state)
{
	struct world *w = *state;

	w->config.check_ms = 1000;
	w->config.silent_ms = 5000;
	w->config.heartbeat_ms = 2000;
	world_ready(w);
	world_run(w, 60000);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	w->mute = true;
	assert_in_range(given_up_after(w, 10000), 3000, 6100);
}

static void test_switched_off(void **state)
{
	struct world *w = *state;

	w->config.check_ms = 0;
	w->config.heartbeat_ms = 0;
	world_ready(w);
	w->mute = true;
	world_run(w, 7200000);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	assert_int_equal(world_heard(w, HEARD_HEARTBEAT), 0);
}

/* 25 s after the last frame of ours; the answers keep the connection in good health. */
static void test_heartbeat(void **state)
{
	struct world *w = *state;
	uint64_t last;

	world_ready(w);
	last = world_last_heard(w, HEARD_WANT)->at;
	for (unsigned hour = 0; hour < 4; hour++)
		world_run(w, 3600000);
	for (size_t i = 0; i < w->heard_count; i++) {
		if (w->heard[i].kind != HEARD_HEARTBEAT)
			continue;
		assert_int_equal(w->heard[i].at - last, 25000);
		assert_int_equal(w->heard[i].size, 6);
		assert_memory_equal(w->heard[i].frame, "\x94\xc3\x00\x02\x3a\x00", 6);
		last = w->heard[i].at;
	}
	assert_in_range(world_heard(w, HEARD_HEARTBEAT), 575, 577);
	assert_int_equal(world_statistics(w).heartbeats, world_heard(w, HEARD_HEARTBEAT));
	assert_int_equal(world_statistics(w).connects, 1);
	/* Called for what is due and for nothing else. */
	assert_in_range(w->ticks, 576 + 479, 576 + 485);
}

static void test_heartbeat_only_when_nothing_else_was_sent(void **state)
{
	struct world *w = *state;
	uint32_t id;

	world_ready(w);
	for (unsigned i = 0; i < 10; i++) {
		world_run(w, 20000);
		id = world_send(w, BOB, "hi", false);
		assert_int_equal(world_heard_id(w, id), 1);
	}
	assert_int_equal(world_heard(w, HEARD_HEARTBEAT), 0);
	world_run(w, 24999);
	assert_int_equal(world_heard(w, HEARD_HEARTBEAT), 0);
	world_run(w, 1);
	assert_int_equal(world_heard(w, HEARD_HEARTBEAT), 1);
}

/* After the download has settled, however long that took. */
static void test_heartbeat_after_a_long_download(void **state)
{
	struct world *w = *state;
	uint64_t ready;

	w->gap_ms = 3000;
	world_start(w);
	while (state_of(w) != MESHTCP_STATE_READY)
		world_run(w, 100);
	ready = world_last(w, MESHTCP_EVENT_STATE)->e.time_ms;
	assert_int_equal(world_heard(w, HEARD_HEARTBEAT), 0);
	world_run(w, 1000);
	assert_int_equal(world_heard(w, HEARD_HEARTBEAT), 1);
	assert_int_equal(world_last_heard(w, HEARD_HEARTBEAT)->at, ready + 250);
}

/* One that cannot be written is not followed by others. */
static void test_heartbeat_into_a_full_pipe(void **state)
{
	struct world *w = *state;

	w->config.check_ms = 0;
	world_ready(w);
	w->blocked = true;
	world_run(w, 600000);
	w->blocked = false;
	world_run(w, 1);
	assert_int_equal(world_heard(w, HEARD_HEARTBEAT), 1);
}

static struct {
	unsigned lines;
	char last[200];
} warnings;

static void take_log(void *userdata, int level, const char *text)
{
	(void)userdata;
	if (level > CMN_LOG_WARNING)
		return;
	warnings.lines++;
	snprintf(warnings.last, sizeof(warnings.last), "%s", text);
}

/*
 * Before 2.7.4 heartbeats are not answered, and the node's own word once a minute is a hair too
 * slow: a longer limit, and a line in the log.
 */
static void test_old_firmware(void **state)
{
	const struct cmn_log log = { take_log, NULL, CMN_LOG_INFO };
	struct world *w = *state;

	warnings.lines = 0;
	meshtcp_session_set_log(w->session, &log);
	w->firmware = "2.7.3.cf574c7";
	w->old_heartbeat = true;
	world_ready(w);
	for (unsigned i = 0; i < 24; i++) {
		world_run(w, i % 5 == 4 ? 90400 : 60200);
		assert_int_equal(state_of(w), MESHTCP_STATE_READY);
		world_text(w, US, "telemetry");
	}
	assert_int_equal(warnings.lines, 1);
	w->mute = true;
	assert_in_range(given_up_after(w, 400000), 90000, 300000);
}

/* An old one that answers all the same needs no patience; nor does a new one that does not. */
static void test_no_patience(void **state)
{
	struct world *w = *state;

	w->firmware = "2.7.3";
	world_ready(w);
	world_run(w, 30000);
	assert_int_equal(world_heard(w, HEARD_HEARTBEAT), 1);
	w->mute = true;
	assert_in_range(given_up_after(w, 100000), 50000, 90100);
	w->firmware = "2.7.4.abc";
	w->mute = false;
	w->old_heartbeat = true;
	world_run(w, 3000);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	w->mute = true;
	assert_in_range(given_up_after(w, 100000), 50000, 90100);
}

/* A frame that stays incomplete for 30 s is dropped, and its bytes are looked at again. */
static void test_frame_that_is_never_whole(void **state)
{
	struct world *w = *state;

	w->old_heartbeat = true;
	world_ready(w);
	world_status(w, 0, 16, 0);
	world_say_raw(w, "\x94\xc3\x01\x00", 4);
	world_status(w, 0, 7, 0);
	world_run(w, 29900);
	assert_int_equal(world_statistics(w).queue_free, 16);
	world_run(w, 200);
	assert_int_equal(world_statistics(w).queue_free, 7);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
}

/* Also when what belongs to other frames goes on trickling into it. */
static void test_frame_that_swallows_others(void **state)
{
	struct world *w = *state;

	w->old_heartbeat = true;
	world_ready(w);
	world_say_raw(w, "\x94\xc3\x01\x00", 4);
	for (uint32_t i = 1; i < 7; i++) {
		world_run(w, 5100);
		world_status(w, 0, i, 0);
	}
	assert_int_equal(world_statistics(w).queue_free, 6);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
}

/* What comes right behind the rest of one, or behind noise, is another frame. */
static void test_next_frame_has_its_own_time(void **state)
{
	struct world *w = *state;

	w->config.check_ms = 0;
	w->old_heartbeat = true;
	world_ready(w);
	world_say_raw(w, "\x94\xc3\x00\x06\x5a\x04\x10", 7);
	world_run(w, 20000);
	world_say_raw(w, "\x09\x18\x10\x94\xc3\x00\x06\x5a", 8);
	assert_int_equal(world_statistics(w).queue_free, 9);
	world_run(w, 20000);
	world_say_raw(w, "\x04\x10\x08\x18\x10", 5);
	assert_int_equal(world_statistics(w).queue_free, 8);
	world_say_raw(w, "\x94", 1);
	world_run(w, 20000);
	world_say_raw(w, "x\x94\xc3\x00\x06\x5a", 6);
	world_run(w, 20000);
	world_say_raw(w, "\x04\x10\x07\x18\x10", 5);
	assert_int_equal(world_statistics(w).queue_free, 7);
}

/* While it is closing nobody waits for it any more. */
static void test_never_whole_while_closing(void **state)
{
	struct world *w = *state;

	w->config.check_ms = 0;
	w->old_heartbeat = true;
	world_ready(w);
	world_say_raw(w, "\x94\xc3", 2);
	world_run(w, 29800);
	w->mute = true;
	meshtcp_session_stop(w->session, w->now);
	world_run(w, 999);
	assert_int_equal(state_of(w), MESHTCP_STATE_CLOSING);
	world_run(w, 1);
	assert_int_equal(state_of(w), MESHTCP_STATE_IDLE);
}

/* Each frame has its own 30 s. */
static void test_slow_but_steady(void **state)
{
	struct world *w = *state;
	static const uint8_t frame[] = {
		0x94, 0xc3, 0x00, 0x06, 0x5a, 0x04, 0x10, 0x09, 0x18, 0x10
	};

	w->config.check_ms = 0;
	w->old_heartbeat = true;
	world_ready(w);
	for (unsigned round = 0; round < 5; round++) {
		for (size_t i = 0; i < sizeof(frame); i++) {
			world_say_raw(w, frame + i, 1);
			world_run(w, 2900);
		}
	}
	assert_int_equal(world_statistics(w).queue_free, 9);
	assert_int_equal(world_statistics(w).skipped_bytes, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_next_frame_has_its_own_time),
		TEST(test_silence),
		cmocka_unit_test(test_silence_at_any_time),
		TEST(test_signs_of_life),
		TEST(test_settable),
		TEST(test_switched_off),
		TEST(test_heartbeat),
		TEST(test_heartbeat_only_when_nothing_else_was_sent),
		TEST(test_heartbeat_after_a_long_download),
		TEST(test_heartbeat_into_a_full_pipe),
		TEST(test_old_firmware),
		TEST(test_no_patience),
		TEST(test_frame_that_is_never_whole),
		TEST(test_frame_that_swallows_others),
		TEST(test_never_whole_while_closing),
		TEST(test_slow_but_steady),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
