/* SPDX-License-Identifier: MIT */
/*
 * The session's life: login, cadence, loss in every state, the way back.
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

static void test_login_then_poll_at_once(void **state)
{
	struct peer *p = *state;

	become_ready(p);
	assert_int_equal(p->messages[0].size, 56);
	assert_int_equal(p->messages[1].plain[0], 5);
	assert_int_equal(p->messages[1].at - p->messages[0].at, p->delay_ms);
	assert_string_equal(ipcom_session_statistics(p->session)->firmware, "3.10");
	assert_true(ipcom_session_statistics(p->session)->encrypted);
}

/* Section 12: 350 ms after the answer, a keepalive every 30 s, one request in flight. */
static void test_cadence_of_a_day(void **state)
{
	struct peer *p = *state;
	const struct ipcom_statistics *statistics = ipcom_session_statistics(p->session);
	uint64_t kept_alive = 0;

	become_ready(p);
	for (unsigned hour = 0; hour < 24; hour++)
		peer_run(p, 3600000);
	for (size_t i = 2; i < PEER_MAX_MESSAGES; i++) {
		const struct peer_message *m = &p->messages[i];
		uint64_t pause = m->at - m[-1].at - p->delay_ms;

		assert_true(m->plain[0] == 5 || m->plain[0] == 3);
		if (m->plain[0] == 5)
			assert_int_equal(pause, 350);
		else if (kept_alive != 0)
			assert_in_range(m->at - kept_alive, 30000, 30005);
		if (m->plain[0] == 3)
			kept_alive = m->at;
	}
	assert_in_range(statistics->keepalives, 2870, 2880);
	assert_int_equal(p->max_in_flight, 1);
	assert_int_equal(statistics->missed_answers, 0);
	assert_int_equal(statistics->connects, 1);
}

static void test_silence_is_noticed_in_six_seconds(void **state)
{
	struct peer *p = *state;

	become_ready(p);
	p->silent = true;
	peer_run(p, 5900);
	assert_int_equal(ipcom_session_state(p->session), IPCOM_STATE_READY);
	peer_run(p, 500);
	assert_int_equal(ipcom_session_state(p->session), IPCOM_STATE_BACKOFF);
	assert_int_equal(p->last_state.error, -ETIMEDOUT);
	p->silent = false;
	peer_run(p, 1100);
	assert_int_equal(ipcom_session_state(p->session), IPCOM_STATE_READY);
	assert_int_equal(ipcom_session_statistics(p->session)->reconnects, 1);
}

static void test_backoff_doubles_and_resets_after_a_snapshot(void **state)
{
	static const unsigned delays[] = { 1000, 2000, 4000, 8000, 16000, 30000, 30000 };
	struct peer *p = *state;

	p->accepts = false;
	peer_start(p);
	for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
		peer_run(p, 0);
		assert_int_equal(p->last_state.state, IPCOM_STATE_BACKOFF);
		assert_int_equal(p->last_state.error, -ECONNREFUSED);
		assert_int_equal(p->last_state.delay_ms, delays[i]);
		peer_run(p, delays[i]);
	}
	p->accepts = true;
	peer_run(p, 30100);
	assert_int_equal(ipcom_session_state(p->session), IPCOM_STATE_READY);
	peer_close(p);
	assert_int_equal(p->last_state.delay_ms, 1000);
}

static void test_logged_in_without_snapshot_is_no_success(void **state)
{
	struct peer *p = *state;

	peer_start(p);
	peer_run(p, 7);
	assert_int_equal(ipcom_session_state(p->session), IPCOM_STATE_SYNC);
	peer_close(p);
	assert_int_equal(p->last_state.delay_ms, 1000);
	peer_run(p, 1007);
	assert_int_equal(ipcom_session_state(p->session), IPCOM_STATE_SYNC);
	peer_close(p);
	assert_int_equal(p->last_state.delay_ms, 2000);
}

static void test_new_key_with_every_login(void **state)
{
	struct peer *p = *state;

	become_ready(p);
	peer_close(p);
	memset(p->key, 0x5c, sizeof(p->key));
	peer_run(p, 1100);
	assert_int_equal(ipcom_session_state(p->session), IPCOM_STATE_READY);
}

static void refused_by(struct peer *p, const uint8_t *wire, size_t size)
{
	p->silent = true;
	peer_start(p);
	peer_run(p, 1);
	if (size > 0)
		ipcom_session_receive(p->session, wire, size, p->now);
	else
		ipcom_session_failed(p->session, 0, p->now);
	peer_run(p, 600);
	assert_int_equal(p->last_state.state, IPCOM_STATE_REFUSED);
	assert_int_equal(p->last_state.error, -EACCES);
	assert_int_equal(p->last_state.delay_ms, 30000);
}

static void test_refused_by_closing(void **state)
{
	refused_by(*state, NULL, 0);
}

static void test_refused_by_7e_e3(void **state)
{
	refused_by(*state, (const uint8_t *)"\x7e\xe3", 2);
}

static void test_refused_by_login_mode_disconnect(void **state)
{
	refused_by(*state, (const uint8_t *)"\x0e\xea", 2);
}

static void test_refused_by_three_bytes(void **state)
{
	refused_by(*state, (const uint8_t *)"\x0c\x00\x00", 3);
}

static void test_device_without_encryption_only_if_allowed(void **state)
{
	struct peer *p = *state;

	p->silent = true;
	peer_start(p);
	peer_run(p, 1);
	ipcom_session_receive(p->session, (const uint8_t *)"\x02\x01", 2, p->now);
	peer_run(p, 501);
	assert_int_equal(p->last_state.state, IPCOM_STATE_BACKOFF);
	assert_int_equal(p->last_state.error, -EPERM);
	assert_int_equal(p->message_count, 1);
}

static void test_device_without_encryption_in_clear(void **state)
{
	struct peer *p = *state;
	uint8_t accept[135] = { 1, 2, '1', '.', '0', '0' };

	p->config.allow_clear = true;
	p->silent = true;
	peer_start(p);
	peer_run(p, 1);
	ipcom_session_receive(p->session, (const uint8_t *)"\x02\x01", 2, p->now);
	p->clear = true;
	peer_run(p, 501);
	assert_int_equal(p->message_count, 2);
	assert_memory_equal(p->messages[1].plain, "\1\2USER:demo ", 12);
	assert_int_equal(ipcom_session_state(p->session), IPCOM_STATE_LOGIN);
	p->silent = false;
	peer_say(p, accept, sizeof(accept));
	peer_run(p, 20);
	assert_int_equal(ipcom_session_state(p->session), IPCOM_STATE_READY);
	assert_false(ipcom_session_statistics(p->session)->encrypted);
}

static void test_answers_in_every_split(void **state)
{
	struct peer *p = *state;

	p->config.keepalive_ms = 0;
	become_ready(p);
	for (unsigned cut = 1; cut < 130; cut++) {
		uint64_t before;

		while (p->answer_at == UINT64_MAX)
			peer_run(p, 1);
		before = ipcom_session_statistics(p->session)->snapshots;
		p->answer_at = UINT64_MAX;
		p->in_flight = 0;
		ipcom_session_receive(p->session, p->answer, cut, p->now);
		ipcom_session_receive(p->session, p->answer + cut, 130 - cut, p->now);
		assert_int_equal(ipcom_session_statistics(p->session)->snapshots, before + 1);
	}
}

static void test_disconnect_message_ends_the_connection(void **state)
{
	struct peer *p = *state;

	become_ready(p);
	peer_say(p, (const uint8_t *)"\x02\x01", 2);
	assert_int_equal(p->last_state.state, IPCOM_STATE_BACKOFF);
	assert_int_equal(p->last_state.error, -ECONNRESET);
}

static void test_stray_messages_are_counted(void **state)
{
	struct peer *p = *state;

	become_ready(p);
	peer_say(p, (const uint8_t *)"\x03\x01", 2);
	assert_int_equal(ipcom_session_statistics(p->session)->stray_messages, 1);
	peer_run(p, 1000);
	assert_int_equal(ipcom_session_state(p->session), IPCOM_STATE_READY);
}

static void test_unknown_messages_twice_in_a_row_reconnect(void **state)
{
	struct peer *p = *state;

	become_ready(p);
	p->silent = true;
	peer_say(p, (const uint8_t *)"\x77\x01\x02", 3);
	peer_run(p, 110);
	assert_int_equal(ipcom_session_statistics(p->session)->unknown_messages, 1);
	assert_int_equal(ipcom_session_state(p->session), IPCOM_STATE_READY);
	peer_say(p, (const uint8_t *)"\x77\x01\x02", 3);
	peer_run(p, 110);
	assert_int_equal(p->last_state.state, IPCOM_STATE_BACKOFF);
	assert_int_equal(p->last_state.error, -EPROTO);
}

static void test_orderly_end(void **state)
{
	struct peer *p = *state;

	become_ready(p);
	peer_run(p, 100);
	ipcom_session_stop(p->session, p->now);
	peer_run(p, 1);
	assert_int_equal(ipcom_session_state(p->session), IPCOM_STATE_IDLE);
	assert_int_equal(peer_count(p, 2), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_login_then_poll_at_once),
		TEST(test_cadence_of_a_day),
		TEST(test_silence_is_noticed_in_six_seconds),
		TEST(test_backoff_doubles_and_resets_after_a_snapshot),
		TEST(test_logged_in_without_snapshot_is_no_success),
		TEST(test_new_key_with_every_login),
		TEST(test_refused_by_closing),
		TEST(test_refused_by_7e_e3),
		TEST(test_refused_by_login_mode_disconnect),
		TEST(test_refused_by_three_bytes),
		TEST(test_device_without_encryption_only_if_allowed),
		TEST(test_device_without_encryption_in_clear),
		TEST(test_answers_in_every_split),
		TEST(test_disconnect_message_ends_the_connection),
		TEST(test_stray_messages_are_counted),
		TEST(test_unknown_messages_twice_in_a_row_reconnect),
		TEST(test_orderly_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
