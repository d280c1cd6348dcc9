/* SPDX-License-Identifier: MIT */
/* Acknowledgements and refusals (section 11): who says what, in which order, and what it means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "world.h"

/* A request that the node has taken. */
static uint32_t taken(struct world *w, uint32_t to, bool want_ack)
{
	uint32_t id;

	world_ready(w);
	id = world_send(w, to, "hi", want_ack);
	world_run(w, 10);
	if (want_ack)
		world_goes_on(w, id);
	return id;
}

static void test_delivered(void **state)
{
	struct world *w = *state;
	uint32_t id = taken(w, BOB, true);

	assert_true(world_got_to(w, id, MESHTCP_SEND_QUEUED));
	world_routing(w, BOB, id, 0);
	world_ended(w, id, 0, MESHTCP_SEND_DELIVERED);
}

/* Somebody relays it: no proof, so a direct message goes on waiting. */
static void test_implicit_then_real(void **state)
{
	struct world *w = *state;
	uint32_t id = taken(w, BOB, true);

	world_routing(w, US, id, 0);
	assert_true(world_got_to(w, id, MESHTCP_SEND_RELAYED));
	world_goes_on(w, id);
	world_run(w, 60000);
	world_routing(w, US, id, 0);
	world_goes_on(w, id);
	world_routing(w, BOB, id, 0);
	world_ended(w, id, 0, MESHTCP_SEND_DELIVERED);
	/* Whatever comes later changes nothing. */
	world_routing(w, US, id, 5);
	world_routing(w, BOB, id, 0);
	world_ended(w, id, 0, MESHTCP_SEND_DELIVERED);
}

static void test_refused_after_relayed(void **state)
{
	struct world *w = *state;
	uint32_t id = taken(w, BOB, true);

	world_routing(w, US, id, 0);
	world_routing(w, US, id, 5);
	world_ended(w, id, -EIO, MESHTCP_SEND_FAILED);
	assert_int_equal(world_result(w, id)->e.routing_error, 5);
}

static void test_refused_by_either(void **state)
{
	static const unsigned errors[] = { 1,  2,  3,  4,  5,  6,  7,  8,   9,  32,
					   33, 34, 35, 36, 37, 38, 39, 150, 511 };
	struct world *w = *state;

	world_ready(w);
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		uint32_t id = world_send(w, BOB, "hi", i % 3 > 0);

		assert_int_equal(world_heard_id(w, id), 1);
		world_routing(w, i % 2 ? BOB : US, id, errors[i]);
		world_ended(w, id, -EIO, MESHTCP_SEND_FAILED);
		assert_int_equal(world_result(w, id)->e.routing_error, errors[i]);
		world_run(w, 2100);
	}
}

/* A broadcast is done when it is out: nobody in particular will say more. */
static void test_broadcast(void **state)
{
	struct world *w = *state;
	uint32_t id = taken(w, ALL, true);

	world_routing(w, US, id, 0);
	world_ended(w, id, 0, MESHTCP_SEND_RELAYED);
}

static void test_broadcast_refused(void **state)
{
	struct world *w = *state;
	uint32_t id = taken(w, ALL, true);

	world_routing(w, US, id, 9);
	world_ended(w, id, -EIO, MESHTCP_SEND_FAILED);
}

static void test_empty_routing_is_no_error(void **state)
{
	struct world *w = *state;
	uint32_t id = taken(w, BOB, true);

	world_answer(w, BOB, 5, id, NULL);
	world_ended(w, id, 0, MESHTCP_SEND_DELIVERED);
}

/* Fields that nobody knows yet do not turn a refusal into an acknowledgement. */
static void test_unknown_field_in_routing(void **state)
{
	struct world *w = *state;
	struct wire routing = { .size = 0 };
	uint32_t id = taken(w, BOB, true);

	wire_number(&routing, 3, 5);
	wire_number(&routing, 9, 1);
	wire_text(&routing, 10, "new");
	world_answer(w, US, 5, id, &routing);
	world_ended(w, id, -EIO, MESHTCP_SEND_FAILED);
	assert_int_equal(world_result(w, id)->e.routing_error, 5);
}

static void test_about_a_route(void **state)
{
	struct world *w = *state;
	struct wire routing = { .size = 0 };
	uint32_t id = taken(w, BOB, true);

	/* A route reply is neither an acknowledgement nor a refusal. */
	wire_bytes(&routing, 2, NULL, 0);
	world_answer(w, US, 5, id, &routing);
	world_goes_on(w, id);
	routing.size = 0;
	wire_hex(&routing, "1880");
	world_answer(w, US, 5, id, &routing);
	world_goes_on(w, id);
}

/* Another port with our id is an answer, which implies that it got there. */
static void test_answer_on_another_port(void **state)
{
	struct world *w = *state;
	struct wire text = { .size = 0 };
	uint32_t id = taken(w, BOB, true);

	wire_raw(&text, "yes", 3);
	world_answer(w, CAROL, 1, id, &text);
	world_goes_on(w, id);
	world_answer(w, BOB, 1, id, &text);
	world_ended(w, id, 0, MESHTCP_SEND_DELIVERED);
	/* It is a packet like others, too. */
	assert_int_equal(world_count(w, MESHTCP_EVENT_PACKET), 2);
}

static void test_from_somebody_else(void **state)
{
	struct world *w = *state;
	uint32_t id = taken(w, BOB, true);

	world_routing(w, CAROL, id, 0);
	world_goes_on(w, id);
	assert_false(world_got_to(w, id, MESHTCP_SEND_RELAYED));
	world_routing(w, BOB, id ^ 1, 0);
	world_routing(w, BOB, 0, 0);
	world_goes_on(w, id);
}

/* Without an acknowledgement asked for a request is done when it is queued. */
static void test_nothing_asked_for(void **state)
{
	struct world *w = *state;
	uint32_t id = taken(w, BOB, false);

	world_ended(w, id, 0, MESHTCP_SEND_QUEUED);
	world_routing(w, US, id, 5);
	world_ended(w, id, 0, MESHTCP_SEND_QUEUED);
}

/* With what is known when the time is up. */
static void test_time_is_up(void **state)
{
	struct world *w = *state;
	uint32_t relayed, queued, never;

	world_ready(w);
	relayed = world_send(w, BOB, "one", true);
	world_run(w, 2200);
	queued = world_send(w, BOB, "two", true);
	world_run(w, 100);
	world_routing(w, US, relayed, 0);
	world_run(w, 300000 - 2301);
	world_goes_on(w, relayed);
	world_run(w, 1);
	world_ended(w, relayed, 0, MESHTCP_SEND_RELAYED);
	world_goes_on(w, queued);
	world_run(w, 2200);
	world_ended(w, queued, -ETIMEDOUT, MESHTCP_SEND_UNKNOWN);
	world_close(w, 0);
	w->refuses = true;
	never = world_send(w, BOB, "three", true);
	world_run(w, 300000);
	assert_int_equal(world_result(w, never)->e.error, -ETIMEDOUT);
}

/* The ack may overtake the queue status. */
static void test_before_the_status(void **state)
{
	struct world *w = *state;
	uint32_t id;

	w->no_status = true;
	world_ready(w);
	id = world_send(w, BOB, "hi", true);
	world_routing(w, BOB, id, 0);
	world_ended(w, id, 0, MESHTCP_SEND_DELIVERED);
	world_status(w, 0, 15, id);
	world_run(w, 60000);
	assert_int_equal(world_heard_id(w, id), 1);
}

/* An acknowledgement that was said before the packet went is about another one. */
static void test_not_sent_yet(void **state)
{
	struct world *w = *state;
	uint32_t first, id;

	world_ready(w);
	first = world_send(w, BOB, "one", true);
	id = world_send(w, BOB, "two", true);
	assert_int_equal(world_heard_id(w, id), 0);
	world_routing(w, BOB, id, 0);
	world_goes_on(w, id);
	world_run(w, 3000);
	assert_int_equal(world_heard_id(w, id), 1);
	world_routing(w, BOB, first, 0);
	world_routing(w, BOB, id, 0);
	world_ended(w, id, 0, MESHTCP_SEND_DELIVERED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_delivered),
		TEST(test_implicit_then_real),
		TEST(test_refused_after_relayed),
		TEST(test_refused_by_either),
		TEST(test_broadcast),
		TEST(test_broadcast_refused),
		TEST(test_empty_routing_is_no_error),
		TEST(test_unknown_field_in_routing),
		TEST(test_about_a_route),
		TEST(test_answer_on_another_port),
		TEST(test_from_somebody_else),
		TEST(test_nothing_asked_for),
		TEST(test_time_is_up),
		TEST(test_before_the_status),
		TEST(test_not_sent_yet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
