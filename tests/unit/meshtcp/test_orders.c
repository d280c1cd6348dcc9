/* SPDX-License-Identifier: MIT */
/*
 * The requests of the public header, down to their bytes: the handle is there, its threads and its
 * mutex are not. Their payloads are those of tests/vectors/meshtcp-vectors.txt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "common/clock.h"

#include "handle.h"
#include "world.h"

static struct world *world;
static struct shared shared;
static struct meshtcp handle;
static uint32_t id; /* of the last request */

uint64_t cmn_clock_ms(void)
{
	return world->now;
}

void meshtcp_shared_lock(struct shared *c)
{
	assert_ptr_equal(c, &shared);
}

void meshtcp_shared_unlock(struct shared *c)
{
	assert_ptr_equal(c, &shared);
}

static int setup(void **state)
{
	world_setup(state);
	world = *state;
	memset(&shared, 0, sizeof(shared));
	memset(&handle, 0, sizeof(handle));
	shared.session = world->session;
	handle.shared = &shared;
	handle.joined = true;
	handle.owner = 7;
	handle.timeout_ms = 300000;
	world_ready(world);
	return 0;
}

/* What was asked is sent, sooner or later, with this payload. */
static const struct heard *sent(int ret, const char *hex)
{
	struct wire payload = { .size = 0 };
	const struct heard *h;

	assert_int_equal(ret, 0);
	assert_int_not_equal(id, 0);
	world->made[world->made_count++] = id;
	world_run(world, 31000);
	h = world_last_heard(world, HEARD_PACKET);
	assert_int_equal(h->id, id);
	wire_hex(&payload, hex);
	assert_int_equal(h->payload_size, payload.size);
	assert_memory_equal(h->payload, payload.data, payload.size);
	return h;
}

static void test_texts(void **state)
{
	const struct heard *h;

	(void)state;
	h = sent(meshtcp_send_text(&handle, BOB, 2, "ping", true, &id), "70696e67");
	assert_int_equal(h->port, 1);
	assert_int_equal(h->channel, 2);
	assert_true(h->want_ack);
	assert_false(h->want_response);
	assert_int_equal(meshtcp_send_text(&handle, BOB, 0, "", true, &id), -EINVAL);
	assert_int_equal(meshtcp_send_text(&handle, BOB, 0, NULL, true, &id), -EINVAL);
	assert_int_equal(meshtcp_send_text(&handle, BOB, 8, "x", true, &id), -EINVAL);
}

static void test_questions(void **state)
{
	static const char *const kinds[] = { NULL, NULL, "1200", "1a00", "2200", "2a00", "3200" };
	const struct heard *h;

	(void)state;
	h = sent(meshtcp_traceroute(&handle, CAROL, &id), "");
	assert_int_equal(h->port, 70);
	assert_true(h->want_response);
	for (unsigned kind = 2; kind <= 6; kind++) {
		h = sent(meshtcp_ask_telemetry(&handle, BOB, (enum meshtcp_telemetry)kind, &id),
			 kinds[kind]);
		assert_int_equal(h->port, 67);
		assert_true(h->want_response);
	}
	h = sent(meshtcp_ask_position(&handle, BOB, &id), "");
	assert_int_equal(h->port, 3);
	/* Also of the own node. */
	h = sent(meshtcp_ask_telemetry(&handle, MESHTCP_LOCAL, MESHTCP_TELEMETRY_LOCAL, &id),
		 "3200");
	assert_int_equal(h->to, US);
	assert_int_equal(meshtcp_traceroute(&handle, ALL, &id), -EINVAL);
	assert_int_equal(meshtcp_ask_position(&handle, ALL, &id), -EINVAL);
	assert_int_equal(meshtcp_ask_user(&handle, ALL, &id), -EINVAL);
	assert_int_equal(meshtcp_ask_telemetry(&handle, BOB, (enum meshtcp_telemetry)1, &id),
			 -EINVAL);
	assert_int_equal(meshtcp_ask_telemetry(&handle, BOB, (enum meshtcp_telemetry)7, &id),
			 -EINVAL);
}

/* Types count from 0, sections from 1; 0 is written all the same. */
static void test_reading(void **state)
{
	const struct heard *h;

	(void)state;
	h = sent(meshtcp_read_section(&handle, MESHTCP_LOCAL, MESHTCP_CONFIG, 6, &id), "2805");
	assert_int_equal(h->port, 6);
	assert_int_equal(h->to, US);
	assert_true(h->want_response);
	sent(meshtcp_read_section(&handle, MESHTCP_LOCAL, MESHTCP_CONFIG, 1, &id), "2800");
	sent(meshtcp_read_section(&handle, MESHTCP_LOCAL, MESHTCP_CONFIG, 10, &id), "2809");
	sent(meshtcp_read_section(&handle, MESHTCP_LOCAL, MESHTCP_MODULE, 1, &id), "3800");
	sent(meshtcp_read_section(&handle, BOB, MESHTCP_MODULE, 13, &id), "380c");
	h = sent(meshtcp_read_owner(&handle, BOB, &id), "1801");
	assert_true(h->pki && h->want_ack && h->want_response);
	assert_int_equal(meshtcp_read_section(&handle, BOB, MESHTCP_CONFIG, 0, &id), -EINVAL);
	assert_int_equal(meshtcp_read_section(&handle, BOB, MESHTCP_CONFIG, 11, &id), -EINVAL);
	assert_int_equal(meshtcp_read_section(&handle, ALL, MESHTCP_CONFIG, 1, &id), -EINVAL);
}

static void test_writing(void **state)
{
	const struct heard *h;
	uint8_t section[240] = { 0x08, 0x01 };

	(void)state;
	h = sent(meshtcp_write_section(&handle, MESHTCP_LOCAL, MESHTCP_CONFIG, 6, section, 2, &id),
		 "92020432020801");
	assert_true(h->want_ack);
	assert_false(h->want_response);
	sent(meshtcp_write_section(&handle, MESHTCP_LOCAL, MESHTCP_MODULE, 1, section, 2, &id),
	     "9a02040a020801");
	sent(meshtcp_write_section(&handle, MESHTCP_LOCAL, MESHTCP_CONFIG, 1, NULL, 0, &id),
	     "9202020a00");
	assert_int_equal(meshtcp_write_section(&handle, MESHTCP_LOCAL, MESHTCP_CONFIG, 6, section,
					       233, &id),
			 -EMSGSIZE);
	assert_int_equal(meshtcp_write_section(&handle, MESHTCP_LOCAL, MESHTCP_CONFIG, 6, NULL, 2,
					       &id),
			 -EINVAL);
	sent(meshtcp_write_owner(&handle, MESHTCP_LOCAL, "Bob", "B", &id),
	     "8202081203426f621a0142");
	sent(meshtcp_write_time(&handle, MESHTCP_LOCAL, 1760000000, &id), "dd020078e768");
	sent(meshtcp_write_time(&handle, MESHTCP_LOCAL, 0, &id), "dd0200000000");
	sent(meshtcp_reboot(&handle, MESHTCP_LOCAL, 10, &id), "88060a");
	sent(meshtcp_reboot(&handle, MESHTCP_LOCAL, 0, &id), "880600");
	sent(meshtcp_reboot(&handle, MESHTCP_LOCAL, -1, &id), "8806ffffffffffffffffff01");
	sent(meshtcp_shutdown(&handle, MESHTCP_LOCAL, 5, &id), "900605");
	sent(meshtcp_remove_node(&handle, MESHTCP_LOCAL, BOB, &id), "b00290deec9904");
	sent(meshtcp_write_favorite(&handle, MESHTCP_LOCAL, BOB, true, &id), "b80290deec9904");
	sent(meshtcp_write_favorite(&handle, MESHTCP_LOCAL, BOB, false, &id), "c00290deec9904");
	assert_int_equal(meshtcp_write_time(&handle, ALL, 1, &id), -EINVAL);
	assert_int_equal(meshtcp_remove_node(&handle, MESHTCP_LOCAL, ALL, &id), -EINVAL);
	assert_int_equal(meshtcp_reboot(&handle, MESHTCP_LOCAL, -2, &id), -EINVAL);
}

/* As long as official names may be, and not longer. */
static void test_long_names(void **state)
{
	static const char *const longest = "123456789012345678901234567890123456789";

	(void)state;
	sent(meshtcp_write_owner(&handle, MESHTCP_LOCAL, longest, "1234", &id),
	     "82022f1227"
	     "313233343536373839303132333435363738393031323334353637383930313233343536373839"
	     "1a0431323334");
	assert_int_equal(meshtcp_write_owner(&handle, MESHTCP_LOCAL,
					     "1234567890123456789012345678901234567890", "1", &id),
			 -EINVAL);
	assert_int_equal(meshtcp_write_owner(&handle, MESHTCP_LOCAL, "1", "12345", &id), -EINVAL);
	assert_int_equal(meshtcp_write_owner(&handle, MESHTCP_LOCAL, "", "1", &id), -EINVAL);
	assert_int_equal(meshtcp_write_owner(&handle, MESHTCP_LOCAL, "1", NULL, &id), -EINVAL);
}

static void test_ranges_of_a_packet(void **state)
{
	struct meshtcp_message good = { .to = BOB, .port = 256, .payload = "x", .size = 1 };
	struct meshtcp_message m;

	(void)state;
	id = 4711;
	m = good;
	m.port = 0;
	assert_int_equal(meshtcp_send(&handle, &m, &id), -EINVAL);
	m.port = 512;
	assert_int_equal(meshtcp_send(&handle, &m, &id), -EINVAL);
	m = good;
	m.channel = 8;
	assert_int_equal(meshtcp_send(&handle, &m, &id), -EINVAL);
	m = good;
	m.hop_limit = 8;
	assert_int_equal(meshtcp_send(&handle, &m, &id), -EINVAL);
	m.hop_limit = -2;
	assert_int_equal(meshtcp_send(&handle, &m, &id), -EINVAL);
	m = good;
	m.payload = NULL;
	assert_int_equal(meshtcp_send(&handle, &m, &id), -EINVAL);
	m = good;
	m.size = 234;
	m.payload = memset((char[234]){ 0 }, 0, 234);
	assert_int_equal(meshtcp_send(&handle, &m, &id), -EMSGSIZE);
	assert_int_equal(meshtcp_send(&handle, NULL, &id), -EINVAL);
	assert_int_equal(meshtcp_send(NULL, &good, &id), -EINVAL);
	assert_int_equal(id, 4711);
	/* Without a connection. */
	handle.joined = false;
	assert_int_equal(meshtcp_send(&handle, &good, &id), -ENOTCONN);
	handle.shared = NULL;
	assert_int_equal(meshtcp_send(&handle, &good, &id), -ENOTCONN);
}

/* The id is nobody's business, the time is the handle's. */
static void test_without_id(void **state)
{
	struct meshtcp_message m = { .to = BOB, .port = 256, .want_ack = true };

	(void)state;
	handle.timeout_ms = 100;
	assert_int_equal(meshtcp_send(&handle, &m, NULL), 0);
	world_follow(world);
	id = world_last_heard(world, HEARD_PACKET)->id;
	world->made[world->made_count++] = id;
	world_run(world, 99);
	world_goes_on(world, id);
	world_run(world, 1);
	world_ended(world, id, -ETIMEDOUT, MESHTCP_SEND_UNKNOWN);
	assert_int_equal(world_result(world, id)->owner, 7);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_texts),      TEST(test_questions),  TEST(test_reading),
		TEST(test_writing),    TEST(test_long_names), TEST(test_ranges_of_a_packet),
		TEST(test_without_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
