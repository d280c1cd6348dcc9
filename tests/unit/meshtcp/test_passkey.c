/* SPDX-License-Identifier: MIT */
/*
 * Writing at other nodes (section 12): the passkey that it takes, where it comes from, how long it
 * is good.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "world.h"

static const uint8_t key_1[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
static const uint8_t key_2[8] = { 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8 };

#define REBOOT "88060a" /* in 10 s */

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

/* First a read, whose answer carries the passkey; the write carries it back. */
static void test_writing_elsewhere(void **state)
{
	struct world *w = *state;
	const struct heard *h;
	uint32_t id, key_request;

	world_ready(w);
	id = request(w, BOB, REBOOT, 0);
	h = world_last_heard(w, HEARD_PACKET);
	key_request = h->id;
	assert_int_not_equal(key_request, id);
	assert_payload(h, "2808");
	assert_int_equal(h->to, BOB);
	assert_true(h->want_ack && h->want_response && h->pki);
	world_run(w, 1000);
	world_routing(w, BOB, key_request, 0);
	world_goes_on(w, id);
	assert_int_equal(world_heard_id(w, id), 0);
	say(w, BOB, key_request, "32024a00", key_1);
	h = world_last_heard(w, HEARD_PACKET);
	assert_int_equal(h->id, id);
	assert_payload(h, "88060aaa06080102030405060708");
	assert_true(h->want_ack && h->pki);
	world_run(w, 10);
	world_routing(w, BOB, id, 0);
	world_ended(w, id, 0, MESHTCP_SEND_DELIVERED);
}

/* It is good for 300 s, over a reconnect too; each node has its own. */
static void test_passkey_is_kept(void **state)
{
	struct world *w = *state;
	uint32_t id, read;

	world_ready(w);
	read = request(w, BOB, "6001", 13);
	world_run(w, 10);
	say(w, BOB, read, "6a00", key_1);
	id = request(w, BOB, REBOOT, 0);
	assert_payload(world_last_heard(w, HEARD_PACKET), "88060aaa06080102030405060708");
	world_routing(w, BOB, id, 0);
	request(w, CAROL, REBOOT, 0);
	assert_payload(world_last_heard(w, HEARD_PACKET), "2808");
	world_close(w, 0);
	world_run(w, 200000);
	id = request(w, BOB, REBOOT, 0);
	assert_payload(world_last_heard(w, HEARD_PACKET), "88060aaa06080102030405060708");
	world_routing(w, BOB, id, 0);
	world_run(w, 100000);
	id = request(w, BOB, REBOOT, 0);
	assert_payload(world_last_heard(w, HEARD_PACKET), "2808");
	world_goes_on(w, id);
}

/* The newest one counts, whatever packet it came with. */
static void test_newer_passkey(void **state)
{
	struct world *w = *state;
	uint32_t id;

	world_ready(w);
	say(w, BOB, 0, "6a00", key_1);
	say(w, BOB, 0, "6a00", key_2);
	id = request(w, BOB, REBOOT, 0);
	assert_payload(world_last_heard(w, HEARD_PACKET), "88060aaa0608a1a2a3a4a5a6a7a8");
	world_routing(w, BOB, id, 0);
}

/* 36: too old. Read again, write once more under another id; the user's id stays. */
static void test_passkey_too_old(void **state)
{
	struct world *w = *state;
	const struct heard *h;
	uint32_t id, wire;

	world_ready(w);
	say(w, BOB, 0, "6a00", key_1);
	id = request(w, BOB, REBOOT, 0);
	world_run(w, 100);
	world_routing(w, BOB, id, 36);
	world_goes_on(w, id);
	world_run(w, 1);
	h = world_last_heard(w, HEARD_PACKET);
	assert_payload(h, "2808");
	say(w, BOB, h->id, "32024a00", key_2);
	h = world_last_heard(w, HEARD_PACKET);
	assert_payload(h, "88060aaa0608a1a2a3a4a5a6a7a8");
	wire = h->id;
	assert_int_not_equal(wire, id);
	world_run(w, 100);
	/* What was said about the first one is about the past. */
	world_routing(w, BOB, id, 0);
	world_goes_on(w, id);
	world_routing(w, BOB, wire, 36);
	world_ended(w, id, -EIO, MESHTCP_SEND_FAILED);
	assert_int_equal(world_result(w, id)->e.routing_error, 36);
}

/* The status of the first try is none of the second. */
static void test_status_of_the_first_try(void **state)
{
	struct world *w = *state;
	uint32_t id, wire;

	w->no_status = true;
	world_ready(w);
	say(w, BOB, 0, "6a00", key_1);
	id = request(w, BOB, REBOOT, 0);
	world_routing(w, BOB, id, 36);
	world_run(w, 1);
	say(w, BOB, world_last_heard(w, HEARD_PACKET)->id, "32024a00", key_2);
	wire = world_last_heard(w, HEARD_PACKET)->id;
	assert_int_not_equal(wire, id);
	world_status(w, 0, 15, id);
	world_run(w, 5000);
	assert_int_equal(world_heard_id(w, wire), 2);
	world_status(w, 0, 15, wire);
	world_run(w, 20000);
	assert_int_equal(world_heard_id(w, wire), 2);
	world_goes_on(w, id);
}

static void test_passkey_too_old_then_good(void **state)
{
	struct world *w = *state;
	uint32_t id;

	world_ready(w);
	say(w, BOB, 0, "6a00", key_1);
	id = request(w, BOB, REBOOT, 0);
	world_run(w, 100);
	world_routing(w, BOB, id, 36);
	world_run(w, 1);
	say(w, BOB, world_last_heard(w, HEARD_PACKET)->id, "32024a00", key_2);
	world_run(w, 100);
	world_routing(w, BOB, world_last_heard(w, HEARD_PACKET)->id, 0);
	world_ended(w, id, 0, MESHTCP_SEND_DELIVERED);
	assert_int_equal(world_result(w, id)->e.id, id);
}

/* Our key is not in its list, or it is not there. */
static void test_no_passkey(void **state)
{
	static const unsigned errors[] = { 37, 5 };
	struct world *w = *state;

	world_ready(w);
	for (unsigned i = 0; i < 2; i++) {
		uint32_t id = request(w, BOB, REBOOT, 0);

		world_run(w, 100);
		world_routing(w, i ? US : BOB, world_last_heard(w, HEARD_PACKET)->id, errors[i]);
		world_ended(w, id, -EIO, MESHTCP_SEND_FAILED);
		assert_int_equal(world_result(w, id)->e.routing_error, errors[i]);
		assert_int_equal(world_heard_id(w, id), 0);
	}
}

/* A request for it that nobody has heard is made again with the next connection. */
static void test_passkey_after_a_loss(void **state)
{
	struct world *w = *state;
	uint32_t id;

	world_ready(w);
	id = request(w, BOB, REBOOT, 0);
	world_close(w, 0);
	world_run(w, 3000);
	assert_int_equal(meshtcp_session_state(w->session), MESHTCP_STATE_READY);
	assert_payload(world_last_heard(w, HEARD_PACKET), "2808");
	assert_int_equal(world_last_heard(w, HEARD_PACKET)->connection, 2);
	say(w, BOB, world_last_heard(w, HEARD_PACKET)->id, "32024a00", key_1);
	assert_int_equal(world_heard_id(w, id), 1);
}

static void test_two_writes_elsewhere(void **state)
{
	struct world *w = *state;
	uint32_t a, b;

	world_ready(w);
	a = request(w, BOB, REBOOT, 0);
	b = request(w, BOB, "b80201", 0);
	world_run(w, 10);
	for (size_t i = 0, n = w->heard_count; i < n; i++)
		if (w->heard[i].kind == HEARD_PACKET && w->heard[i].payload_size == 2)
			say(w, BOB, w->heard[i].id, "32024a00", key_1);
	assert_int_equal(world_heard_id(w, a), 1);
	assert_int_equal(world_heard_id(w, b), 1);
	world_routing(w, BOB, b, 0);
	world_routing(w, BOB, a, 0);
	world_ended(w, a, 0, MESHTCP_SEND_DELIVERED);
	world_ended(w, b, 0, MESHTCP_SEND_DELIVERED);
}

/* No room for the passkey in a packet: said at once, and nobody waits for it. */
static void test_too_long_with_the_passkey(void **state)
{
	struct world *w = *state;
	struct order order;
	uint8_t payload[233] = { 0x9a, 0x02, 0xe6, 0x01 };
	uint32_t fits, not, other;

	world_ready(w);
	say(w, BOB, 0, "6a00", key_1);
	order = admin(BOB, "", 0);
	order.message.payload = payload;
	order.message.size = 222;
	fits = world_request(w, &order);
	assert_int_equal(world_last_heard(w, HEARD_PACKET)->payload_size, 233);
	order.message.size = 223;
	not = world_request(w, &order);
	other = world_send(w, BOB, "hi", false);
	world_ended(w, not, -EMSGSIZE, MESHTCP_SEND_FAILED);
	assert_int_equal(world_heard_id(w, not ), 0);
	assert_int_equal(world_heard_id(w, other), 1);
	world_routing(w, BOB, fits, 0);
	/* At the own node there is none. */
	order.admin_node = MESHTCP_LOCAL;
	order.message.size = 233;
	fits = world_request(w, &order);
	assert_int_equal(world_heard_id(w, fits), 1);
	world_routing(w, US, fits, 0);
	world_ended(w, fits, 0, MESHTCP_SEND_DELIVERED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_writing_elsewhere),
		TEST(test_passkey_is_kept),
		TEST(test_newer_passkey),
		TEST(test_passkey_too_old),
		TEST(test_status_of_the_first_try),
		TEST(test_passkey_too_old_then_good),
		TEST(test_no_passkey),
		TEST(test_passkey_after_a_loss),
		TEST(test_two_writes_elsewhere),
		TEST(test_too_long_with_the_passkey),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
