/* SPDX-License-Identifier: MIT */
/* The download (section 6): what is asked, what comes in whatever order, when it is complete. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "state.h"
#include "world.h"

static enum meshtcp_state state_of(const struct world *w)
{
	return meshtcp_session_state(w->session);
}

/* 32 bytes C3, a tenth of a second, then the request with a number that is not special. */
static void test_wake_then_request(void **state)
{
	struct world *w = *state;
	struct wire want = { .size = 0 }, frame = { .size = 0 };

	w->holds = true;
	world_start(w);
	assert_int_equal(w->heard_count, 1);
	assert_int_equal(w->heard[0].kind, HEARD_WAKE);
	world_run(w, 99);
	assert_int_equal(w->heard_count, 1);
	world_run(w, 1);
	assert_int_equal(w->heard_count, 2);
	assert_int_equal(w->heard[1].kind, HEARD_WANT);
	assert_true(w->heard[1].nonce != 0 && w->heard[1].nonce != 69420 &&
		    w->heard[1].nonce != 69421);
	wire_number(&want, 3, w->heard[1].nonce);
	wire_frame(&frame, &want);
	assert_int_equal(w->heard[1].size, frame.size);
	assert_memory_equal(w->heard[1].frame, frame.data, frame.size);
	assert_int_equal(state_of(w), MESHTCP_STATE_DOWNLOADING);
}

static void test_complete(void **state)
{
	struct world *w = *state;
	struct meshtcp_info info;

	world_start(w);
	assert_int_equal(meshtcp_session_info(w->session, &info), -ENOENT);
	w->gap_ms = 10;
	world_run(w, 200);
	assert_int_equal(meshtcp_session_info(w->session, &info), -ENOENT);
	assert_false(world_has_node(w, BOB));
	world_run(w, 200);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	assert_int_equal(meshtcp_session_info(w->session, &info), 0);
	assert_int_equal(info.num, US);
	assert_string_equal(info.firmware, "2.7.15.567b8ea");
	assert_int_equal(info.hw_model, 43);
	assert_int_equal(info.reboot_count, 17);
	assert_int_equal(info.region, 3);
	assert_int_equal(info.hop_limit, 3);
	assert_string_equal(info.user.long_name, "Base Camp");
	assert_int_equal(info.channels[1].role, 2);
	assert_string_equal(world_node(w, BOB).user.short_name, "BOB");
	assert_int_equal(world_node(w, BOB).hops_away, -1);
	assert_int_equal(world_statistics(w).downloads, 1);
	/* From the beginning of the connection: 100 + 5 + 17 * 10. */
	assert_int_equal(world_statistics(w).download_ms, 275);
	assert_int_equal(world_statistics(w).connects, 1);
	assert_int_equal(world_statistics(w).reconnects, 0);
}

/* "my_info first, config_complete_id last"; whatever comes between may come in any order. */
static void test_any_order(void **state)
{
	struct world *w = *state;
	struct meshtcp_info straight, mixed;

	world_ready(w);
	assert_int_equal(meshtcp_session_info(w->session, &straight), 0);
	w->holds = true;
	world_close(w, 0);
	world_run(w, 1400);
	assert_int_equal(world_heard(w, HEARD_WANT), 2);
	node_download(w, world_last_heard(w, HEARD_WANT)->nonce);
	/* my_info stays where it is, the others come backwards, the end mark last. */
	for (size_t i = 1; i + 1 < w->coming_count; i++)
		w->coming[i].at = w->now + 5 + w->coming_count - i;
	w->coming[w->coming_count - 1].at = w->now + 100;
	world_run(w, 99);
	assert_int_equal(state_of(w), MESHTCP_STATE_DOWNLOADING);
	world_run(w, 1);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	assert_int_equal(meshtcp_session_info(w->session, &mixed), 0);
	assert_memory_equal(&straight, &mixed, sizeof(mixed));
}

static void end_mark(struct world *w, uint32_t nonce)
{
	struct wire mark = { .size = 0 };

	wire_number(&mark, 7, nonce);
	world_say(w, &mark);
}

static void test_foreign_end_mark(void **state)
{
	struct world *w = *state;

	w->gap_ms = 100;
	world_start(w);
	/* Before anything is asked for. */
	end_mark(w, 0);
	end_mark(w, 1);
	assert_int_equal(state_of(w), MESHTCP_STATE_DOWNLOADING);
	world_run(w, 500);
	end_mark(w, world_last_heard(w, HEARD_WANT)->nonce + 1);
	end_mark(w, 69420);
	assert_int_equal(state_of(w), MESHTCP_STATE_DOWNLOADING);
	world_run(w, 1400);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	assert_true(world_has_node(w, CAROL));
	end_mark(w, 4711);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	assert_int_equal(world_count(w, MESHTCP_EVENT_STATE), 3);
}

/* Nothing of an older connection ends the download of this one. */
static void test_end_mark_of_the_connection_before(void **state)
{
	struct world *w = *state;
	struct wire info = { .size = 0 }, message = { .size = 0 };
	uint32_t nonce;

	world_ready(w);
	nonce = world_last_heard(w, HEARD_WANT)->nonce;
	world_close(w, 0);
	while (state_of(w) != MESHTCP_STATE_DOWNLOADING)
		world_run(w, 1);
	wire_number(&info, 1, US);
	wire_message(&message, 3, &info);
	world_say(w, &message);
	end_mark(w, nonce);
	assert_int_equal(state_of(w), MESHTCP_STATE_DOWNLOADING);
	world_run(w, 1000);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	assert_true(world_has_node(w, CAROL));
}

static void test_end_mark_without_my_info(void **state)
{
	struct world *w = *state;

	w->holds = true;
	world_start(w);
	world_run(w, 200);
	end_mark(w, world_last_heard(w, HEARD_WANT)->nonce);
	assert_int_equal(state_of(w), MESHTCP_STATE_DOWNLOADING);
}

/* A number that no node has, or one that comes outside a download, is not the own one. */
static void test_own_number(void **state)
{
	struct world *w = *state;
	struct wire info = { .size = 0 }, message = { .size = 0 };
	struct meshtcp_info known;

	world_ready(w);
	wire_number(&info, 1, BOB);
	wire_message(&message, 3, &info);
	world_say(w, &message);
	message.size = 0;
	wire_bytes(&message, 3, NULL, 0);
	world_say(w, &message);
	assert_int_equal(meshtcp_session_info(w->session, &known), 0);
	assert_int_equal(known.num, US);
	world_close(w, 0);
	w->holds = true;
	world_run(w, 2000);
	world_say(w, &message);
	end_mark(w, world_last_heard(w, HEARD_WANT)->nonce);
	assert_int_equal(state_of(w), MESHTCP_STATE_DOWNLOADING);
	assert_int_equal(meshtcp_session_info(w->session, &known), 0);
	assert_int_equal(known.num, US);
}

static void test_lost_in_the_middle(void **state)
{
	struct world *w = *state;
	uint32_t first;

	w->gap_ms = 100;
	world_start(w);
	world_run(w, 1000);
	first = world_last_heard(w, HEARD_WANT)->nonce;
	world_close(w, -ECONNRESET);
	assert_int_equal(state_of(w), MESHTCP_STATE_BACKOFF);
	world_run(w, 1300);
	assert_int_equal(w->connection, 2);
	assert_int_equal(w->heard[2].kind, HEARD_WAKE);
	assert_int_equal(w->heard[3].at - w->heard[2].at, 100);
	assert_int_not_equal(w->heard[3].nonce, first);
	/* What was half there counts no more: the end mark is far. */
	assert_int_equal(state_of(w), MESHTCP_STATE_DOWNLOADING);
	world_run(w, 2000);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
}

/* A frame that was cut off with the connection leaves nothing behind. */
static void test_cut_in_the_middle_of_a_frame(void **state)
{
	struct world *w = *state;

	w->holds = true;
	world_start(w);
	world_run(w, 200);
	world_say_raw(w, "\x94\xc3\x01\x00\x1a", 5);
	world_close(w, 0);
	w->holds = false;
	world_run(w, 2000);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	assert_int_equal(world_statistics(w).undecodable, 0);
}

static void test_byte_by_byte(void **state)
{
	struct world *w = *state;

	w->chunk = 1;
	world_ready(w);
	assert_true(world_has_node(w, CAROL));
	assert_int_equal(world_statistics(w).skipped_bytes, 0);
}

static void test_broken_record(void **state)
{
	struct world *w = *state;

	w->gap_ms = 100;
	world_start(w);
	world_run(w, 500);
	world_say_raw(w, "\x94\xc3\x00\x03\x5a\x7f\x08", 7);
	world_say_raw(w, "\x94\xc3\x00\x04\x22\x02\x12\x7f", 8);
	world_run(w, 2000);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	assert_int_equal(world_statistics(w).undecodable, 2);
	assert_true(world_has_node(w, CAROL));
}

/* A record of a later version, with what nobody knows yet behind what is known. */
static void test_unknown_fields_behind(void **state)
{
	struct world *w = *state;
	struct wire message = { .size = 0 };

	world_ready(w);
	node_info_record(&message, 0x12345678, "Later", "LTR");
	wire_number(&message, 20, 7);
	wire_text(&message, 127, "more");
	world_say(w, &message);
	assert_string_equal(world_node(w, 0x12345678).user.long_name, "Later");
	/* Likewise a known number of another wire type. */
	message.size = 0;
	node_info_record(&message, 0x12345679, "Odd", "ODD");
	wire_text(&message, 7, "");
	wire_number(&message, 2, 1);
	world_say(w, &message);
	assert_string_equal(world_node(w, 0x12345679).user.long_name, "Odd");
}

/* The node says that it has restarted: everything anew, over the same connection. */
static void test_rebooted(void **state)
{
	struct world *w = *state;
	struct wire message = { .size = 0 };

	world_ready(w);
	wire_number(&message, 8, 1);
	world_say(w, &message);
	assert_int_equal(state_of(w), MESHTCP_STATE_DOWNLOADING);
	assert_int_equal(world_last(w, MESHTCP_EVENT_STATE)->e.reason, MESHTCP_REASON_REBOOTED);
	world_run(w, 1000);
	assert_int_equal(state_of(w), MESHTCP_STATE_READY);
	assert_int_equal(world_heard(w, HEARD_WANT), 2);
	assert_int_equal(w->connection, 1);
	assert_int_equal(world_statistics(w).lost[MESHTCP_REASON_REBOOTED], 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_end_mark_of_the_connection_before),
		TEST(test_wake_then_request),
		TEST(test_complete),
		TEST(test_any_order),
		TEST(test_foreign_end_mark),
		TEST(test_end_mark_without_my_info),
		TEST(test_own_number),
		TEST(test_lost_in_the_middle),
		TEST(test_cut_in_the_middle_of_a_frame),
		TEST(test_byte_by_byte),
		TEST(test_broken_record),
		TEST(test_unknown_fields_behind),
		TEST(test_rebooted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
