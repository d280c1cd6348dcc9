/* SPDX-License-Identifier: MIT */
/*
 * Requests that wait for an answer (section 9), and the promise that each request ends in exactly
 * one result, whatever happens.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "world.h"

static uint32_t ask(struct world *w, uint32_t to, unsigned port, const void *payload, size_t size)
{
	struct order order = world_order(to, port, payload, size);

	order.message.want_response = true;
	order.expect_answer = true;
	return world_request(w, &order);
}

static void answered(struct world *w, uint32_t id, const struct wire *payload)
{
	const struct told *t = world_result(w, id);

	world_ended(w, id, 0, MESHTCP_SEND_DELIVERED);
	assert_non_null(t->e.packet);
	assert_int_equal(t->packet.request_id, id);
	assert_int_equal(t->packet.size, payload->size);
	assert_memory_equal(t->payload, payload->data, payload->size);
}

static void test_traceroute(void **state)
{
	struct world *w = *state;
	struct wire route = { .size = 0 };
	struct meshtcp_route t;
	const struct heard *h;
	uint32_t id;

	world_ready(w);
	id = ask(w, CAROL, MESHTCP_PORT_TRACEROUTE, NULL, 0);
	h = world_last_heard(w, HEARD_PACKET);
	/* An empty payload is left out, whoever wants an answer says so. */
	assert_memory_equal(h->frame + 4,
			    "\x0a\x17\x0d\xc4\xf1\xa2\x9e\x15\xa0\xe2\x5a\xda\x22\x04"
			    "\x08\x46\x18\x01\x35",
			    19);
	world_run(w, 3000);
	wire_hex(&route, "0a04102f3b43"
			 "12151a80ffffffffffffffff01f2ffffffffffffffff01");
	wire_hex(&route, "1a04102f3b43"
			 "220bfdffffffffffffffff0114");
	/* Somebody else's answer, one about another request, one on another port. */
	world_answer(w, BOB, 70, id, &route);
	world_answer(w, CAROL, 70, id ^ 1, &route);
	world_goes_on(w, id);
	world_answer(w, CAROL, 70, id, &route);
	answered(w, id, &route);
	assert_int_equal(meshtcp_decode_route(route.data, route.size, &t), 0);
	assert_int_equal(t.towards_count, 1);
	assert_int_equal(t.snr_towards_count, 3);
	assert_int_equal(t.snr_towards[1], -128);
	assert_int_equal(t.snr_back[1], 20);
}

static void test_each_kind_of_question(void **state)
{
	static const struct {
		unsigned port;
		const char *question, *answer;
	} kinds[] = {
		{ 67, "1200", "0d9079e7681214085715000080401d00000441250000003f28901c" },
		{ 67, "1a00", "0d9079e7681a1e0d000048c11500005e42" },
		{ 67, "2200", "0d9079e768220908031007180968e404" },
		{ 67, "2a00", "0d9079e7682a140d000048411500007a43" },
		{ 67, "3200", "0d9079e768322b0890bf05" },
		{ 3, "", "0d7ced1e1d15abeb660118232500" },
		{ 4, "", "0a09216461356165326130" },
		{ 65, "0843", "0844" },
		{ 256, "01", "02" },
	};
	struct world *w = *state;

	world_ready(w);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct wire question = { .size = 0 }, answer = { .size = 0 };
		uint32_t id;

		wire_hex(&question, kinds[i].question);
		wire_hex(&answer, kinds[i].answer);
		id = ask(w, BOB, kinds[i].port, question.data, question.size);
		assert_int_equal(world_last_heard(w, HEARD_PACKET)->id, id);
		assert_true(world_last_heard(w, HEARD_PACKET)->want_response);
		world_run(w, 100);
		assert_true(world_got_to(w, id, MESHTCP_SEND_QUEUED));
		world_routing(w, US, id, 0);
		world_goes_on(w, id);
		world_answer(w, BOB, kinds[i].port, id, &answer);
		answered(w, id, &answer);
		world_run(w, 11000);
	}
}

/* That it got there is not the answer yet. */
static void test_delivered_and_not_answered(void **state)
{
	struct world *w = *state;
	uint32_t id;

	world_ready(w);
	id = ask(w, BOB, 3, NULL, 0);
	world_run(w, 100);
	world_routing(w, BOB, id, 0);
	assert_true(world_got_to(w, id, MESHTCP_SEND_DELIVERED));
	world_run(w, 299899);
	world_goes_on(w, id);
	world_run(w, 1);
	world_ended(w, id, -ETIMEDOUT, MESHTCP_SEND_DELIVERED);
	assert_null(world_result(w, id)->e.packet);
}

/* 8: it arrived, but nobody there answers this. */
static void test_nobody_answers_this(void **state)
{
	struct world *w = *state;
	uint32_t id;

	world_ready(w);
	id = ask(w, BOB, 3, NULL, 0);
	world_run(w, 100);
	world_routing(w, BOB, id, 0);
	world_routing(w, BOB, id, 8);
	world_ended(w, id, -EIO, MESHTCP_SEND_FAILED);
	assert_int_equal(world_result(w, id)->e.routing_error, 8);
}

/* A question to everybody takes the first answer. */
static void test_question_to_all(void **state)
{
	struct world *w = *state;
	struct wire answer = { .size = 0 };
	uint32_t id;

	world_ready(w);
	wire_hex(&answer, "0844");
	id = ask(w, ALL, 65, "\x08\x43", 2);
	world_routing(w, US, id, 0);
	world_goes_on(w, id);
	world_answer(w, CAROL, 65, id, &answer);
	answered(w, id, &answer);
	assert_int_equal(world_result(w, id)->packet.from, CAROL);
}

static void test_cancel(void **state)
{
	struct world *w = *state;
	uint32_t sent, waits;

	world_ready(w);
	sent = world_send(w, BOB, "one", true);
	waits = world_send(w, BOB, "two", true);
	world_run(w, 10);
	/* Not by somebody else. */
	assert_int_equal(meshtcp_session_cancel(w->session, sent, 2, w->now), -ENOENT);
	assert_int_equal(meshtcp_session_cancel(w->session, sent ^ 1, 1, w->now), -ENOENT);
	assert_int_equal(meshtcp_session_cancel(w->session, sent, 1, w->now), 0);
	assert_int_equal(meshtcp_session_cancel(w->session, sent, 1, w->now), -ENOENT);
	assert_int_equal(meshtcp_session_cancel(w->session, waits, 1, w->now), 0);
	world_follow(w);
	world_ended(w, sent, -ECANCELED, MESHTCP_SEND_QUEUED);
	world_ended(w, waits, -ECANCELED, MESHTCP_SEND_WAITING);
	world_routing(w, BOB, sent, 0);
	world_run(w, 10000);
	/* What was sent stays sent, the other is never. */
	assert_int_equal(world_heard_id(w, sent), 1);
	assert_int_equal(world_heard_id(w, waits), 0);
}

static void test_cancel_of_an_owner(void **state)
{
	struct world *w = *state;
	struct order order = world_order(BOB, 256, "x", 1);
	uint32_t mine[3], yours[3];

	world_ready(w);
	order.message.want_ack = true;
	for (unsigned i = 0; i < 3; i++) {
		order.owner = 1;
		mine[i] = world_request(w, &order);
		order.owner = 2;
		yours[i] = world_request(w, &order);
	}
	meshtcp_session_cancel_owner(w->session, 2, w->now);
	world_follow(w);
	for (unsigned i = 0; i < 3; i++) {
		world_goes_on(w, mine[i]);
		world_ended(w, yours[i], -ECANCELED, MESHTCP_SEND_WAITING);
		assert_int_equal(world_result(w, yours[i])->owner, 2);
	}
}

/* All steps that a request can be at: to be sent, sent, taken, relayed, delivered. */
static void make_all(struct world *w, uint32_t ids[5])
{
	w->no_status = true;
	world_ready(w);
	ids[1] = world_send(w, BOB, "sent", true);
	ids[0] = world_send(w, BOB, "waits", true);
	for (unsigned i = 2; i < 5; i++)
		ids[i] = ask(w, BOB, 256, "x", 1);
	for (unsigned i = 2; i < 5; i++)
		world_status(w, 0, 15, ids[i]);
	world_routing(w, US, ids[3], 0);
	world_routing(w, BOB, ids[4], 0);
}

static void test_stop(void **state)
{
	struct world *w = *state;
	struct order order = world_order(BOB, 256, "x", 1);
	uint32_t ids[5], late;

	make_all(w, ids);
	meshtcp_session_stop(w->session, w->now);
	world_follow(w);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(world_result(w, ids[i])->e.error, -ECANCELED);
	assert_int_equal(world_heard(w, HEARD_DISCONNECT), 1);
	world_run(w, 1);
	assert_int_equal(meshtcp_session_state(w->session), MESHTCP_STATE_IDLE);
	assert_int_equal(meshtcp_session_request(w->session, &order, w->now, &late), -ENOTCONN);
}

static void test_abort(void **state)
{
	struct world *w = *state;
	uint32_t ids[5];

	make_all(w, ids);
	meshtcp_session_abort(w->session, w->now);
	world_follow(w);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(world_result(w, ids[i])->e.error, -ECANCELED);
	assert_int_equal(world_heard(w, HEARD_DISCONNECT), 0);
	assert_int_equal(meshtcp_session_state(w->session), MESHTCP_STATE_IDLE);
}

/* A given connection is not opened again: what waits is lost with it. */
static void test_loss_of_a_given_connection(void **state)
{
	struct world *w = *state;
	uint32_t ids[5];

	w->config.adopted = true;
	make_all(w, ids);
	world_close(w, -ECONNRESET);
	assert_int_equal(meshtcp_session_state(w->session), MESHTCP_STATE_IDLE);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(world_result(w, ids[i])->e.error, -ECONNRESET);
	/* Never sent: it failed. Sent, and nothing heard of it: nobody knows. The rest is known. */
	world_ended(w, ids[0], -ECONNRESET, MESHTCP_SEND_FAILED);
	world_ended(w, ids[1], -ECONNRESET, MESHTCP_SEND_UNKNOWN);
	world_ended(w, ids[2], -ECONNRESET, MESHTCP_SEND_UNKNOWN);
	world_ended(w, ids[3], -ECONNRESET, MESHTCP_SEND_RELAYED);
	world_ended(w, ids[4], -ECONNRESET, MESHTCP_SEND_DELIVERED);
}

/* After any loss the time of a request is still its own. */
static void test_time_is_up_without_connection(void **state)
{
	struct world *w = *state;
	uint32_t ids[5];

	make_all(w, ids);
	w->refuses = true;
	world_close(w, 0);
	for (unsigned i = 0; i < 5; i++)
		world_goes_on(w, ids[i]);
	world_run(w, 300000);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(world_result(w, ids[i])->e.error, -ETIMEDOUT);
}

static void test_own_time(void **state)
{
	struct world *w = *state;
	struct order order = world_order(BOB, 256, "x", 1);
	uint32_t a, b;

	world_ready(w);
	order.message.want_ack = true;
	order.timeout_ms = 1;
	a = world_request(w, &order);
	order.timeout_ms = 2000;
	b = world_request(w, &order);
	world_run(w, 1);
	world_ended(w, a, -ETIMEDOUT, MESHTCP_SEND_UNKNOWN);
	world_run(w, 1998);
	world_goes_on(w, b);
	world_run(w, 1);
	world_ended(w, b, -ETIMEDOUT, MESHTCP_SEND_UNKNOWN);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_traceroute),
		TEST(test_each_kind_of_question),
		TEST(test_delivered_and_not_answered),
		TEST(test_nobody_answers_this),
		TEST(test_question_to_all),
		TEST(test_cancel),
		TEST(test_cancel_of_an_owner),
		TEST(test_stop),
		TEST(test_abort),
		TEST(test_loss_of_a_given_connection),
		TEST(test_time_is_up_without_connection),
		TEST(test_own_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
