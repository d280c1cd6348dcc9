/* SPDX-License-Identifier: MIT */
/* What waits in a session is bounded: requests, events, the history, and bytes from the device. */
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

/* One more than fits is refused, and all the others end. */
static void test_requests(void **state)
{
	struct peer *p = *state;

	p->accepts = false;
	peer_start(p);
	peer_run(p, 0);
	for (unsigned i = 0; i < IPCOM_MAX_REQUESTS; i++)
		assert_int_equal(ipcom_session_refresh(p->session, p->now, NULL), 0);
	assert_int_equal(ipcom_session_refresh(p->session, p->now, NULL), -EBUSY);
	p->accepts = true;
	peer_run(p, 5000);
	assert_int_equal(p->results, IPCOM_MAX_REQUESTS);
	assert_int_equal(p->result, 0);
	assert_int_equal(ipcom_session_refresh(p->session, p->now, NULL), 0);
}

/* Nobody takes events while a device talks on. The result still comes, and what is missing is told
 * behind all that was kept. */
static void test_events(void **state)
{
	struct peer *p = *state;
	const struct ipcom_event *e;
	uint32_t id;
	unsigned messages = 0;
	uint8_t wire[2];

	become_ready(p);
	ipcom_cipher_encode(&p->cipher, (const uint8_t *)"\3\1", wire, sizeof(wire));
	assert_int_equal(ipcom_session_refresh(p->session, p->now, &id), 0);
	for (unsigned i = 0; i < IPCOM_MAX_EVENTS + 100; i++)
		ipcom_session_receive(p->session, wire, sizeof(wire), p->now);
	assert_int_equal(ipcom_session_statistics(p->session)->dropped_events, 100);
	assert_int_equal(ipcom_session_cancel(p->session, id, p->now), 0);
	e = ipcom_session_take_result(p->session, id);
	assert_non_null(e);
	assert_int_equal(e->error, -ECANCELED);
	while ((e = ipcom_session_next_event(p->session)) != NULL && e->type == IPCOM_EVENT_MESSAGE)
		messages++;
	assert_int_equal(messages, IPCOM_MAX_EVENTS);
	assert_non_null(e);
	assert_int_equal(e->type, IPCOM_EVENT_OVERFLOW);
	assert_int_equal(e->count, 100);
	assert_null(ipcom_session_next_event(p->session));
}

/* The oldest changes go first. */
static void test_history(void **state)
{
	struct peer *p = *state;
	struct ipcom_change changes[8];

	p->config.history = 3;
	become_ready(p);
	assert_int_equal(ipcom_session_history(p->session, changes, 8), 0);
	for (uint8_t i = 1; i <= 5; i++) {
		p->values[15][0] = i;
		peer_run(p, 400);
	}
	memset(changes, 0, sizeof(changes));
	assert_int_equal(ipcom_session_history(p->session, changes, 8), 3);
	for (uint8_t i = 0; i < 3; i++) {
		assert_int_equal(changes[i].output.module, 16);
		assert_int_equal(changes[i].output.output, 1);
		assert_int_equal(changes[i].old_value, i + 2);
		assert_int_equal(changes[i].value, i + 3);
	}
	assert_int_equal(ipcom_session_history(p->session, changes, 2), 2);
	assert_int_equal(changes[1].value, 5);
}

/* A stream without end and without sense costs the connection, not memory. */
static void test_endless_answer(void **state)
{
	static const uint8_t noise[4096] = { 0 };
	struct peer *p = *state;

	become_ready(p);
	for (unsigned i = 0; i < 100; i++)
		ipcom_session_receive(p->session, noise, sizeof(noise), p->now);
	peer_run(p, 0);
	assert_int_equal(p->last_state.state, IPCOM_STATE_BACKOFF);
	assert_int_equal(p->last_state.error, -EPROTO);
	assert_int_equal(ipcom_session_statistics(p->session)->unknown_messages, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_requests),
		TEST(test_events),
		TEST(test_history),
		TEST(test_endless_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
