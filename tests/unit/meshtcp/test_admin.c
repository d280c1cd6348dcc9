/* SPDX-License-Identifier: MIT */
/* Administration (section 12): the own node, and reading at others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "world.h"

static const uint8_t key_1[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

static struct order admin(uint32_t node, const char *hex, unsigned answer)
{
	static struct wire payload;
	struct order order;

	payload.size = 0;
	wire_hex(&payload, hex);
	order = world_order(node, MESHTCP_PORT_ADMIN, payload.data, payload.size);
	order.admin = true;
	order.admin_node = node;
	order.admin_write = answer == 0;
	order.expect_answer = answer != 0;
	order.answer = answer;
	order.message.want_ack = answer == 0;
	order.message.want_response = answer != 0;
	return order;
}

static uint32_t request(struct world *w, uint32_t node, const char *hex, unsigned answer)
{
	struct order order = admin(node, hex, answer);

	return world_request(w, &order);
}

static void say(struct world *w, uint32_t from, uint32_t request_id, const char *hex,
		const uint8_t *key)
{
	struct wire payload = { .size = 0 };

	wire_hex(&payload, hex);
	if (key)
		wire_bytes(&payload, 101, key, 8);
	world_answer(w, from, MESHTCP_PORT_ADMIN, request_id, &payload);
}

static void assert_payload(const struct heard *h, const char *hex)
{
	struct wire payload = { .size = 0 };

	wire_hex(&payload, hex);
	assert_int_equal(h->port, 6);
	assert_int_equal(h->payload_size, payload.size);
	assert_memory_equal(h->payload, payload.data, payload.size);
}

/* To the own number, without keys; the answer is a packet from it to itself. */
static void test_reading_at_the_own_node(void **state)
{
	struct world *w = *state;
	const struct heard *h;
	uint32_t id;

	world_ready(w);
	id = request(w, MESHTCP_LOCAL, "2800", 6);
	h = world_last_heard(w, HEARD_PACKET);
	assert_payload(h, "2800");
	assert_int_equal(h->to, US);
	assert_true(h->want_response);
	assert_false(h->pki);
	world_run(w, 10);
	/* Another answer than the one that was asked for. */
	say(w, US, id, "42020a00", NULL);
	world_goes_on(w, id);
	say(w, US, id, "32070a0538b0540801", key_1);
	world_ended(w, id, 0, MESHTCP_SEND_DELIVERED);
	assert_int_equal(world_result(w, id)->e.size, 5);
	assert_memory_equal(world_result(w, id)->data, "\x38\xb0\x54\x08\x01", 5);
}

static void test_reading_an_empty_section(void **state)
{
	struct world *w = *state;
	uint32_t id;

	world_ready(w);
	id = request(w, MESHTCP_LOCAL, "380c", 8);
	world_run(w, 10);
	say(w, US, id, "42026a00", NULL);
	world_ended(w, id, 0, MESHTCP_SEND_DELIVERED);
	assert_int_equal(world_result(w, id)->e.size, 0);
	assert_non_null(world_result(w, id)->e.packet);
}

static void test_reading_the_owner(void **state)
{
	struct world *w = *state;
	struct meshtcp_user user;
	uint32_t id;

	world_ready(w);
	id = request(w, MESHTCP_LOCAL, "1801", 4);
	say(w, US, id, "220a0a0121120241421a0143", NULL);
	world_ended(w, id, 0, MESHTCP_SEND_DELIVERED);
	assert_int_equal(meshtcp_decode_user(world_result(w, id)->data, world_result(w, id)->e.size,
					     &user),
			 0);
	assert_string_equal(user.long_name, "AB");
}

static void test_writing_at_the_own_node(void **state)
{
	struct world *w = *state;
	const struct heard *h;
	uint32_t id;

	world_ready(w);
	id = request(w, MESHTCP_LOCAL, "9a02040a020801", 0);
	h = world_last_heard(w, HEARD_PACKET);
	assert_payload(h, "9a02040a020801");
	assert_true(h->want_ack);
	assert_false(h->pki);
	world_run(w, 10);
	world_routing(w, US, id, 0);
	world_ended(w, id, 0, MESHTCP_SEND_DELIVERED);
}

/* A node that is managed from elsewhere says so. */
static void test_managed(void **state)
{
	struct world *w = *state;
	struct meshtcp_info info;

	w->is_managed = true;
	world_ready(w);
	assert_int_equal(meshtcp_session_info(w->session, &info), 0);
	assert_true(info.is_managed);
	w->is_managed = false;
	world_close(w, 0);
	world_run(w, 3000);
	assert_int_equal(meshtcp_session_info(w->session, &info), 0);
	assert_false(info.is_managed);
}

static void test_reading_elsewhere(void **state)
{
	struct world *w = *state;
	const struct heard *h;
	uint32_t id;

	world_ready(w);
	id = request(w, BOB, "6001", 13);
	h = world_last_heard(w, HEARD_PACKET);
	assert_payload(h, "6001");
	assert_int_equal(h->to, BOB);
	assert_true(h->want_ack && h->want_response && h->pki);
	world_run(w, 10);
	world_routing(w, BOB, id, 0);
	world_goes_on(w, id);
	say(w, BOB, id, "6a070a05322e372e35", key_1);
	world_ended(w, id, 0, MESHTCP_SEND_DELIVERED);
	assert_int_equal(world_result(w, id)->e.size, 7);
}

/* 38 to the own node, then delete locally. */
static void test_removing_a_node(void **state)
{
	struct world *w = *state;
	struct order order;
	uint32_t id;

	world_ready(w);
	order = admin(MESHTCP_LOCAL, "b00290deec9904", 0);
	order.forget_node = true;
	order.node = BOB;
	id = world_request(w, &order);
	assert_true(world_has_node(w, BOB));
	world_routing(w, US, id, 33);
	assert_true(world_has_node(w, BOB));
	id = world_request(w, &order);
	world_routing(w, US, id, 0);
	world_ended(w, id, 0, MESHTCP_SEND_DELIVERED);
	assert_false(world_has_node(w, BOB));
	assert_true(world_has_node(w, CAROL));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_reading_at_the_own_node),
		TEST(test_reading_an_empty_section),
		TEST(test_reading_the_owner),
		TEST(test_writing_at_the_own_node),
		TEST(test_managed),
		TEST(test_reading_elsewhere),
		TEST(test_removing_a_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
