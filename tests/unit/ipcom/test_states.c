/* SPDX-License-Identifier: MIT */
/*
 * The connection is lost in every state: the loss is told with its reason, each request ends in
 * exactly one result, and the session comes back under a new key.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "peer.h"

#define TRAVEL 20000
#define DEAD   500

static int setup(void **state)
{
	static const struct ipcom_output up = { 5, 8 };
	static const struct ipcom_output down = { 5, 7 };
	static struct peer p;

	peer_init(&p);
	p.config.timeout_ms = 300000;
	assert_int_equal(ipcom_session_add_shutter(p.session, up, down, TRAVEL, DEAD, NULL), 0);
	*state = &p;
	return 0;
}

static int teardown(void **state)
{
	struct peer *p = *state;

	assert_int_equal(p->violations, 0);
	peer_free(p);
	return 0;
}

static enum ipcom_state now_in(const struct peer *p)
{
	return ipcom_session_state(p->session);
}

static void become_ready(struct peer *p)
{
	peer_start(p);
	peer_run(p, 20);
	assert_int_equal(now_in(p), IPCOM_STATE_READY);
}

static uint32_t set(struct peer *p, unsigned module, unsigned output, unsigned value)
{
	const struct ipcom_setting setting = { { module, output }, value };
	uint32_t id = 0;

	assert_int_equal(ipcom_session_set(p->session, &setting, 1, p->now, &id), 0);
	peer_run(p, 0);
	return id;
}

static uint32_t move(struct peer *p, enum ipcom_direction direction)
{
	uint32_t id = 0;

	assert_int_equal(ipcom_session_move(p->session, 0, direction, p->now, &id), 0);
	peer_run(p, 0);
	return id;
}

static uint32_t refresh(struct peer *p)
{
	uint32_t id = 0;

	assert_int_equal(ipcom_session_refresh(p->session, p->now, &id), 0);
	peer_run(p, 0);
	return id;
}

static void assert_ended(const struct peer *p, uint32_t id, int error)
{
	int is = 1;

	assert_int_equal(peer_ended(p, id, &is), 1);
	assert_int_equal(is, error);
	assert_false(ipcom_session_pending(p->session, id));
}

static void assert_waiting(const struct peer *p, uint32_t id)
{
	int is;

	assert_int_equal(peer_ended(p, id, &is), 0);
	assert_true(ipcom_session_pending(p->session, id));
}

/* Closed by the device; a minute later it is back, with another key that is used from then on. */
static void lose(struct peer *p, enum ipcom_state state, int error)
{
	peer_close(p);
	assert_int_equal(now_in(p), state);
	assert_int_equal(p->last_state.state, state);
	assert_int_equal(p->last_state.error, error);
	for (unsigned i = 0; i < CIPHER_KEY_BYTES; i++)
		p->key[i] = (uint8_t)(p->key[i] * 5 + 1);
}

static void come_back(struct peer *p)
{
	size_t polls = peer_count(p, 5);

	p->accepts = true;
	p->silent = false;
	peer_run(p, p->last_state.delay_ms + 100);
	assert_int_equal(now_in(p), IPCOM_STATE_READY);
	assert_true(peer_count(p, 5) > polls);
	assert_int_equal(p->max_in_flight, 1);
}

static void test_connecting(void **state)
{
	static const int reasons[][2] = { { -ECONNREFUSED, -ECONNREFUSED },
					  { -EHOSTUNREACH, -EHOSTUNREACH },
					  { -ETIMEDOUT, -EHOSTUNREACH },
					  { -ENOMEM, -ENOMEM } };
	struct peer *p = *state;
	uint32_t id;

	peer_start(p);
	id = set(p, 1, 1, 255);
	assert_int_equal(now_in(p), IPCOM_STATE_LOGIN);
	lose(p, IPCOM_STATE_REFUSED, -EACCES);
	peer_run(p, 1);
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		/* Not through the peer, which would accept at once. */
		p->now += p->last_state.delay_ms;
		ipcom_session_tick(p->session, p->now);
		assert_int_equal(now_in(p), IPCOM_STATE_CONNECTING);
		ipcom_session_failed(p->session, reasons[i][0], p->now);
		assert_int_equal(now_in(p), IPCOM_STATE_BACKOFF);
		assert_int_equal(ipcom_session_statistics(p->session)->last_error, reasons[i][1]);
		p->last_state.delay_ms = (uint32_t)(ipcom_session_deadline(p->session) - p->now);
	}
	assert_waiting(p, id);
	come_back(p);
	assert_ended(p, id, 0);
	assert_int_equal(p->values[0][0], 255);
}

static void test_connecting_until_time_is_up(void **state)
{
	struct peer *p = *state;
	uint32_t first;
	uint32_t second;

	p->config.timeout_ms = 60000;
	p->accepts = false;
	peer_start(p);
	first = set(p, 1, 1, 255);
	second = move(p, IPCOM_OPEN);
	peer_run(p, 61000);
	assert_ended(p, first, -ECONNREFUSED);
	/* It never moves behind the user's back. */
	assert_ended(p, second, -ECONNRESET);
	come_back(p);
	assert_int_equal(peer_count(p, 4), 0);
}

static void test_login(void **state)
{
	struct peer *p = *state;
	uint32_t id;

	p->silent = true;
	peer_start(p);
	id = set(p, 1, 1, 255);
	peer_run(p, 100);
	assert_int_equal(now_in(p), IPCOM_STATE_LOGIN);
	lose(p, IPCOM_STATE_REFUSED, -EACCES); /* section 4.5: without a byte */
	assert_int_equal(p->last_state.delay_ms, 30000);
	assert_waiting(p, id);
	come_back(p);
	assert_ended(p, id, 0);
}

/* The login has not left: nobody has refused it. */
static void test_login_not_sent(void **state)
{
	struct peer *p = *state;

	peer_start(p);
	ipcom_session_opened(p->session, p->now);
	assert_int_equal(now_in(p), IPCOM_STATE_LOGIN);
	p->generation = ipcom_session_wants(p->session);
	lose(p, IPCOM_STATE_BACKOFF, -ECONNRESET);
	assert_int_equal(p->last_state.delay_ms, 1000);
	come_back(p);
}

/* Half of the long answer is none. */
static void test_login_half_answered(void **state)
{
	struct peer *p = *state;

	p->silent = true;
	peer_start(p);
	peer_run(p, 10);
	ipcom_session_receive(p->session, (const uint8_t *)"\x0d\xa7\x87\x51\xab", 5, p->now);
	peer_run(p, 5980);
	assert_int_equal(now_in(p), IPCOM_STATE_LOGIN);
	peer_run(p, 20);
	assert_int_equal(now_in(p), IPCOM_STATE_BACKOFF);
	assert_int_equal(p->last_state.error, -EPROTO);
	come_back(p);
}

/* A short answer is ended by silence, however often the session is called meanwhile. */
static void test_login_short_answer_while_requests_come(void **state)
{
	struct peer *p = *state;

	p->silent = true;
	peer_start(p);
	peer_run(p, 10);
	ipcom_session_receive(p->session, (const uint8_t *)"\x7e\xe3", 2, p->now);
	for (unsigned i = 0; i < 4; i++) {
		peer_run(p, 110);
		set(p, 1, 1, 255);
		assert_int_equal(now_in(p), IPCOM_STATE_LOGIN);
	}
	peer_run(p, 61);
	assert_int_equal(now_in(p), IPCOM_STATE_REFUSED);
	assert_int_equal(p->last_state.error, -EACCES);
	assert_int_equal(ipcom_session_statistics(p->session)->unknown_messages, 0);
	come_back(p);
}

/* Accepted in clear text, and closed in the same breath. */
static void test_login_accepted_and_closed(void **state)
{
	struct peer *p = *state;

	p->config.allow_clear = true;
	p->silent = true;
	peer_start(p);
	peer_run(p, 10);
	ipcom_session_receive(p->session, (const uint8_t *)"\x0d\xa7\x87", 3, p->now);
	lose(p, IPCOM_STATE_BACKOFF, -ECONNRESET);
	come_back(p);
	assert_true(ipcom_session_statistics(p->session)->encrypted);
}

static void test_sync(void **state)
{
	struct peer *p = *state;
	uint32_t first;
	uint32_t second;

	peer_start(p);
	first = set(p, 1, 1, 255);
	second = refresh(p);
	peer_run(p, 7);
	assert_int_equal(now_in(p), IPCOM_STATE_SYNC);
	lose(p, IPCOM_STATE_BACKOFF, -ECONNRESET);
	assert_waiting(p, first);
	assert_waiting(p, second);
	come_back(p);
	assert_ended(p, first, 0);
	assert_ended(p, second, 0);
}

static void test_ready_and_idle(void **state)
{
	struct peer *p = *state;

	become_ready(p);
	peer_run(p, 100);
	assert_int_equal(p->in_flight, 0);
	lose(p, IPCOM_STATE_BACKOFF, -ECONNRESET);
	assert_int_equal(p->results, 0);
	come_back(p);
	assert_int_equal(ipcom_session_statistics(p->session)->reconnects, 1);
}

/* Section 6, rule 5: half a message does not spoil the answer to the next request. */
static void test_leftover_is_dropped(void **state)
{
	const struct ipcom_statistics *s = NULL;
	struct peer *p = *state;

	become_ready(p);
	s = ipcom_session_statistics(p->session);
	peer_say(p, (const uint8_t *)"\5\1\377", 3);
	peer_run(p, 1000);
	assert_int_equal(now_in(p), IPCOM_STATE_READY);
	assert_int_equal(s->dropped_bytes, 3);
	assert_in_range(s->snapshots, 3, 4);
	assert_int_equal(s->unknown_messages + s->stray_messages, 0);
}

static void test_poll_in_flight(void **state)
{
	struct peer *p = *state;
	uint32_t id;

	become_ready(p);
	peer_run(p, 100);
	id = refresh(p);
	assert_int_equal(p->in_flight, 1);
	lose(p, IPCOM_STATE_BACKOFF, -ECONNRESET);
	assert_waiting(p, id);
	come_back(p);
	assert_ended(p, id, 0);
}

static void test_write_in_flight(void **state)
{
	struct peer *p = *state;
	uint32_t id;

	become_ready(p);
	p->hold = true;
	id = set(p, 1, 1, 255);
	assert_int_equal(peer_last(p, 4)->at, p->now);
	lose(p, IPCOM_STATE_BACKOFF, -ECONNRESET);
	assert_waiting(p, id);
	p->hold = false;
	come_back(p);
	assert_ended(p, id, 0);
	assert_int_equal(peer_count(p, 4), 2);
}

static void test_shutter_in_flight(void **state)
{
	struct peer *p = *state;
	uint32_t id;

	become_ready(p);
	p->hold = true;
	id = move(p, IPCOM_OPEN);
	assert_int_equal(peer_count(p, 4), 1);
	lose(p, IPCOM_STATE_BACKOFF, -ECONNRESET);
	assert_ended(p, id, -ECONNRESET);
	come_back(p);
	peer_run(p, 2 * TRAVEL);
	assert_int_equal(peer_count(p, 4), 1);
	assert_ended(p, id, -ECONNRESET);
}

static void test_shutter_moving(void **state)
{
	struct peer *p = *state;
	uint32_t id;

	become_ready(p);
	id = move(p, IPCOM_OPEN);
	peer_run(p, 1000);
	assert_ended(p, id, 0);
	lose(p, IPCOM_STATE_BACKOFF, -ECONNRESET);
	come_back(p);
	peer_run(p, 2 * TRAVEL);
	assert_ended(p, id, 0);
	assert_int_equal(peer_count(p, 4), 1);
}

static void test_shutter_in_its_dead_time(void **state)
{
	struct peer *p = *state;
	uint32_t first;
	uint32_t second;

	become_ready(p);
	first = move(p, IPCOM_OPEN);
	peer_run(p, 1000);
	second = move(p, IPCOM_CLOSE);
	peer_run(p, 300);
	assert_int_equal(p->values[4][7], 0);
	lose(p, IPCOM_STATE_BACKOFF, -ECONNRESET);
	assert_ended(p, first, 0);
	assert_ended(p, second, -ECONNRESET);
	come_back(p);
	peer_run(p, 2 * TRAVEL);
	assert_int_equal(p->values[4][6], 0);
	assert_int_equal(peer_count(p, 4), 2);
}

static void test_closing(void **state)
{
	struct peer *p = *state;
	uint32_t first;
	uint32_t second;

	become_ready(p);
	first = move(p, IPCOM_OPEN);
	peer_run(p, 1000);
	p->silent = true;
	second = refresh(p);
	ipcom_session_stop(p->session, p->now);
	peer_run(p, 100);
	assert_int_equal(now_in(p), IPCOM_STATE_CLOSING);
	lose(p, IPCOM_STATE_IDLE, 0);
	assert_ended(p, first, 0);
	assert_ended(p, second, -ECANCELED);
	assert_int_equal(ipcom_session_deadline(p->session), UINT64_MAX);
	peer_run(p, 60000);
	assert_int_equal(now_in(p), IPCOM_STATE_IDLE);
	p->silent = false;
	become_ready(p);
}

/* An adopted socket cannot be opened again. */
static void test_adopted(void **state)
{
	struct peer *p = *state;
	uint32_t id;

	p->config.adopted = true;
	become_ready(p);
	p->hold = true;
	id = set(p, 1, 1, 255);
	lose(p, IPCOM_STATE_IDLE, -ECONNRESET);
	assert_ended(p, id, -ECONNRESET);
	assert_int_equal(ipcom_session_deadline(p->session), UINT64_MAX);
}

/* A movement gives way to whoever sets one of its relays by hand, at whatever step it is. */
static void test_movement_replaced_by_hand(void **state)
{
	struct peer *p = *state;

	become_ready(p);
	for (unsigned after = 0; after < 1200; after += 10) {
		uint32_t moved;
		uint32_t by_hand;
		int error = 1;

		move(p, IPCOM_OPEN);
		peer_run(p, 2000);
		p->results = 0;
		moved = move(p, IPCOM_CLOSE);
		peer_run(p, after);
		by_hand = set(p, 5, 8, 0);
		assert_int_equal(peer_ended(p, moved, &error), 1);
		assert_true(error == 0 || error == -ECANCELED);
		peer_run(p, 3000);
		assert_int_equal(peer_ended(p, moved, &error), 1);
		assert_ended(p, by_hand, 0);
		move(p, IPCOM_STOP);
		peer_run(p, 2000);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_connecting),
		TEST(test_connecting_until_time_is_up),
		TEST(test_login),
		TEST(test_login_not_sent),
		TEST(test_login_half_answered),
		TEST(test_login_short_answer_while_requests_come),
		TEST(test_login_accepted_and_closed),
		TEST(test_sync),
		TEST(test_ready_and_idle),
		TEST(test_leftover_is_dropped),
		TEST(test_poll_in_flight),
		TEST(test_write_in_flight),
		TEST(test_shutter_in_flight),
		TEST(test_shutter_moving),
		TEST(test_shutter_in_its_dead_time),
		TEST(test_closing),
		TEST(test_adopted),
		TEST(test_movement_replaced_by_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
