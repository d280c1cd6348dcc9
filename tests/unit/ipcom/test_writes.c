/* SPDX-License-Identifier: MIT */
/*
 * Writes: merged from what the bus showed and what is wanted, confirmed by a later snapshot, and
 * never at the cost of a neighbour.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "peer.h"

static int setup(void **state)
{
	static struct peer p;

	peer_init(&p);
	*state = &p;
	return 0;
}

static int teardown(void **state)
{
	peer_free(*state);
	return 0;
}

static void become_ready(struct peer *p)
{
	peer_start(p);
	peer_run(p, 20);
	assert_int_equal(ipcom_session_state(p->session), IPCOM_STATE_READY);
}

static uint32_t set(struct peer *p, unsigned module, unsigned output, unsigned value)
{
	const struct ipcom_setting setting = { { module, output }, value };
	uint32_t id = 0;

	assert_int_equal(ipcom_session_set(p->session, &setting, 1, p->now, &id), 0);
	return id;
}

/* Sheet section 13.7, first row, sent when the last snapshot is young. */
static void test_bytes_of_a_write(void **state)
{
	static const uint8_t plain[] = { 0x04, 0x01, 0x02, 0x23, 0x40, 0x00, 0x0a, 0x01, 0x00,
					 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xfe };
	struct peer *p = *state;
	uint32_t id;

	become_ready(p);
	id = set(p, 5, 8, 255);
	peer_run(p, 0);
	assert_int_equal(peer_last(p, 4)->at, p->now);
	assert_int_equal(peer_last(p, 4)->size, sizeof(plain));
	assert_memory_equal(peer_last(p, 4)->plain, plain, sizeof(plain));
	peer_run(p, 50);
	assert_int_equal(p->result_id, id);
	assert_int_equal(p->result, 0);
}

static void test_fresh_poll_before_a_write_when_the_last_is_old(void **state)
{
	struct peer *p = *state;
	size_t polls;

	become_ready(p);
	peer_run(p, 200);
	polls = peer_count(p, 5);
	p->values[2][0] = 77; /* a wall switch that no snapshot has shown yet */
	set(p, 3, 2, 255);
	peer_run(p, 0);
	assert_int_equal(peer_count(p, 5), polls + 1);
	assert_int_equal(peer_count(p, 4), 0);
	peer_run(p, 30);
	assert_int_equal(p->values[2][0], 77);
	assert_int_equal(p->values[2][1], 255);
	assert_int_equal(p->result, 0);
}

static void test_nothing_is_written_before_a_snapshot(void **state)
{
	struct peer *p = *state;

	p->values[0][3] = 255;
	peer_start(p);
	set(p, 1, 1, 255);
	peer_run(p, 9);
	assert_int_equal(peer_count(p, 4), 0);
	peer_run(p, 100);
	assert_int_equal(p->values[0][0], 255);
	assert_int_equal(p->values[0][3], 255);
}

/* Two quick writes to one module, the second before any snapshot shows the first. */
static void test_two_quick_writes_to_a_module(void **state)
{
	struct peer *p = *state;

	become_ready(p);
	p->hold = true;
	set(p, 1, 1, 255);
	peer_run(p, 30);
	set(p, 1, 2, 255);
	peer_run(p, 500);
	assert_int_equal(peer_count(p, 4), 2);
	assert_memory_equal(peer_last(p, 4)->plain + 8, "\xff\xff\0\0\0\0\0\0", 8);
	p->hold = false;
	memcpy(p->values[0], "\xff\xff", 2);
	peer_run(p, 500);
	assert_int_equal(p->results, 2);
	assert_int_equal(p->result, 0);
	assert_int_equal(p->violations, 0);
}

static void test_several_settings_of_a_module_are_one_write(void **state)
{
	static const struct ipcom_setting settings[] = { { { 2, 1 }, 255 },
							 { { 2, 8 }, 255 },
							 { { 4, 1 }, 255 } };
	struct peer *p = *state;
	uint32_t id;

	become_ready(p);
	assert_int_equal(ipcom_session_set(p->session, settings, 3, p->now, &id), 0);
	peer_run(p, 1000);
	assert_int_equal(peer_count(p, 4), 2);
	assert_int_equal(p->results, 1);
	assert_int_equal(p->result, 0);
	assert_int_equal(p->violations, 0);
}

/* Not shown within 2 s: once more, then unconfirmed. */
static void test_one_repetition_then_unconfirmed(void **state)
{
	struct peer *p = *state;

	become_ready(p);
	p->hold = true;
	set(p, 1, 1, 255);
	peer_run(p, 2000);
	assert_int_equal(peer_count(p, 4), 1);
	peer_run(p, 1000);
	assert_int_equal(peer_count(p, 4), 2);
	assert_int_equal(p->results, 0);
	peer_run(p, 3000);
	assert_int_equal(peer_count(p, 4), 2);
	assert_int_equal(p->results, 1);
	assert_int_equal(p->result, -ETIMEDOUT);
}

/* A dimmer rounds to even percent (section 7.3). */
static void test_dimmer_is_confirmed_with_tolerance(void **state)
{
	struct peer *p = *state;

	p->config.kinds[5][0] = IPCOM_DIMMER;
	become_ready(p);
	p->hold = true;
	p->values[5][0] = 40;
	set(p, 6, 1, 41);
	peer_run(p, 100);
	assert_int_equal(p->result, 0);
}

static void test_toggle_follows_the_fresh_snapshot(void **state)
{
	struct peer *p = *state;
	uint32_t id;

	become_ready(p);
	peer_run(p, 200);
	p->values[0][0] = 255;
	assert_int_equal(
		ipcom_session_toggle(p->session, (struct ipcom_output){ 1, 1 }, p->now, &id), 0);
	peer_run(p, 100);
	assert_int_equal(p->values[0][0], 0);
	assert_int_equal(p->result, 0);
}

static void test_every_answer_to_a_write_will_do(void **state)
{
	struct peer *p = *state;

	become_ready(p);
	for (unsigned i = 0; i < 3; i++) {
		p->write_answer = (enum peer_write_answer)i;
		p->result = 1;
		set(p, 1, 1, i % 2 ? 0 : 255);
		peer_run(p, 1500);
		assert_int_equal(p->result, 0);
		assert_int_equal(ipcom_session_statistics(p->session)->write_answer, i + 1);
	}
	assert_int_equal(ipcom_session_state(p->session), IPCOM_STATE_READY);
}

/* Only a snapshot asked for after the write confirms it, not the one that answers it. */
static void test_answer_to_a_write_confirms_nothing(void **state)
{
	struct peer *p = *state;

	become_ready(p);
	p->write_answer = PEER_SNAPSHOT;
	set(p, 1, 1, 255);
	peer_run(p, p->delay_ms);
	assert_int_equal(ipcom_session_statistics(p->session)->write_answer, 2);
	assert_int_equal(p->results, 0);
	peer_run(p, p->delay_ms);
	assert_int_equal(p->results, 1);
	assert_int_equal(p->result, 0);
}

static void test_newer_wish_for_an_output_ends_the_older(void **state)
{
	struct peer *p = *state;
	uint32_t first;
	uint32_t second;

	become_ready(p);
	peer_run(p, 200);
	first = set(p, 1, 1, 255);
	second = set(p, 1, 1, 0);
	peer_run(p, 0);
	assert_int_equal(p->result_id, first);
	assert_int_equal(p->result, -ECANCELED);
	peer_run(p, 1000);
	assert_int_equal(p->result_id, second);
	assert_int_equal(p->result, 0);
}

static void test_loss_keeps_the_wish_for_a_light(void **state)
{
	struct peer *p = *state;

	become_ready(p);
	p->hold = true;
	set(p, 1, 1, 255);
	peer_run(p, 20);
	assert_int_equal(peer_count(p, 4), 1);
	peer_close(p);
	assert_int_equal(p->results, 0);
	p->hold = false;
	p->values[0][1] = 255; /* meanwhile */
	peer_run(p, 1500);
	assert_int_equal(p->values[0][0], 255);
	assert_int_equal(p->values[0][1], 255);
	assert_int_equal(p->result, 0);
}

static void test_time_is_up_without_a_device(void **state)
{
	struct peer *p = *state;

	p->accepts = false;
	peer_start(p);
	set(p, 1, 1, 255);
	peer_run(p, 10000);
	assert_int_equal(p->results, 1);
	assert_int_equal(p->result, -ECONNREFUSED);
}

static void test_stop_ends_every_request_once(void **state)
{
	struct peer *p = *state;

	become_ready(p);
	set(p, 1, 1, 255);
	set(p, 2, 1, 255);
	set(p, 3, 1, 255);
	ipcom_session_stop(p->session, p->now);
	peer_run(p, 3000);
	assert_int_equal(p->results, 3);
	assert_int_equal(p->result, -ECANCELED);
	assert_int_equal(ipcom_session_state(p->session), IPCOM_STATE_IDLE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_bytes_of_a_write),
		TEST(test_fresh_poll_before_a_write_when_the_last_is_old),
		TEST(test_nothing_is_written_before_a_snapshot),
		TEST(test_two_quick_writes_to_a_module),
		TEST(test_several_settings_of_a_module_are_one_write),
		TEST(test_one_repetition_then_unconfirmed),
		TEST(test_dimmer_is_confirmed_with_tolerance),
		TEST(test_toggle_follows_the_fresh_snapshot),
		TEST(test_every_answer_to_a_write_will_do),
		TEST(test_answer_to_a_write_confirms_nothing),
		TEST(test_newer_wish_for_an_output_ends_the_older),
		TEST(test_loss_keeps_the_wish_for_a_light),
		TEST(test_time_is_up_without_a_device),
		TEST(test_stop_ends_every_request_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
