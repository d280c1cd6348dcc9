/* SPDX-License-Identifier: MIT */
/*
 * Distances that the node demands (section 10), and sending without a download, where only the
 * answers to heartbeats tell that a packet was taken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "world.h"

static uint32_t on_port(struct world *w, unsigned port)
{
	struct order order = world_order(BOB, port, "x", 1);

	return world_request(w, &order);
}

static uint64_t sent_at(const struct world *w, uint32_t id)
{
	for (size_t i = 0; i < w->heard_count; i++)
		if (w->heard[i].kind == HEARD_PACKET && w->heard[i].id == id)
			return w->heard[i].at;
	return 0;
}

/* A tenth of a second more than the node's limits, for each port by itself. */
static void test_distance_of_each_port(void **state)
{
	static const struct {
		unsigned port, distance;
	} ports[] = { { 1, 2100 },   { 3, 10100 },  { 8, 10100 }, { 11, 10100 },
		      { 67, 10100 }, { 70, 30100 }, { 256, 0 },   { 4, 0 },
		      { 5, 0 },      { 6, 0 },      { 65, 0 } };
	struct world *w = *state;

	world_ready(w);
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		uint32_t ids[3];

		for (unsigned n = 0; n < 3; n++)
			ids[n] = on_port(w, ports[i].port);
		assert_int_equal(sent_at(w, ids[0]), w->now);
		world_run(w, 70000);
		for (unsigned n = 1; n < 3; n++)
			assert_int_equal(sent_at(w, ids[n]) - sent_at(w, ids[n - 1]),
					 ports[i].distance);
	}
}

static void test_ports_do_not_wait_for_each_other(void **state)
{
	static const unsigned ports[] = { 1, 3, 8, 11, 67, 70, 256 };
	struct world *w = *state;

	world_ready(w);
	on_port(w, 70);
	on_port(w, 70);
	on_port(w, 1);
	on_port(w, 1);
	for (size_t i = 1; i < sizeof(ports) / sizeof(ports[0]); i++) {
		uint32_t id = on_port(w, ports[i]);

		if (ports[i] != 1 && ports[i] != 70)
			assert_int_equal(sent_at(w, id), w->now);
	}
}

/* The distance counts from the packet before, not from the request. */
static void test_distance_after_a_pause(void **state)
{
	struct world *w = *state;
	uint32_t id;

	world_ready(w);
	on_port(w, 1);
	world_run(w, 1000);
	id = on_port(w, 1);
	world_run(w, 1099);
	assert_int_equal(sent_at(w, id), 0);
	world_run(w, 1);
	assert_int_equal(sent_at(w, id), w->now);
	world_run(w, 2100);
	id = on_port(w, 1);
	assert_int_equal(sent_at(w, id), w->now);
}

/* The node counts for each connection by itself. */
static void test_distance_on_a_new_connection(void **state)
{
	struct world *w = *state;
	uint32_t id;

	world_ready(w);
	on_port(w, 70);
	world_run(w, 100);
	world_close(w, 0);
	world_run(w, 3000);
	id = on_port(w, 70);
	assert_int_equal(sent_at(w, id), w->now);
}

/* A repeat is no new packet, and a cancelled one makes room for nobody sooner. */
static void test_distance_and_cancelled(void **state)
{
	struct world *w = *state;
	uint32_t a, b, c;

	world_ready(w);
	a = on_port(w, 1);
	b = on_port(w, 1);
	c = on_port(w, 1);
	world_run(w, 100);
	assert_int_equal(meshtcp_session_cancel(w->session, b, 1, w->now), 0);
	world_follow(w);
	world_ended(w, b, -ECANCELED, MESHTCP_SEND_WAITING);
	world_run(w, 60000);
	assert_int_equal(sent_at(w, b), 0);
	assert_int_equal(sent_at(w, c) - sent_at(w, a), 2100);
}

static void start_bare(struct world *w)
{
	w->config.download = MESHTCP_DOWNLOAD_NONE;
	world_start(w);
	assert_int_equal(meshtcp_session_state(w->session), MESHTCP_STATE_READY);
}

/* The node is mute until it is asked for a download, but answers heartbeats. */
static void test_bare_sending(void **state)
{
	struct world *w = *state;
	uint32_t id;

	w->no_status = true;
	start_bare(w);
	id = on_port(w, 256);
	assert_int_equal(w->heard_count, 2);
	assert_int_equal(w->heard[0].kind, HEARD_PACKET);
	/* Its own number is not known, nor how the radio is set up. */
	assert_int_equal(w->heard[0].from, 0);
	assert_in_range(w->heard[0].hop_limit, 1, 7);
	assert_int_equal(w->heard[1].kind, HEARD_HEARTBEAT);
	assert_int_equal(w->heard[1].size, 6);
	assert_memory_equal(w->heard[1].frame, "\x94\xc3\x00\x02\x3a\x00", 6);
	world_goes_on(w, id);
	world_run(w, 5);
	world_ended(w, id, 0, MESHTCP_SEND_QUEUED);
}

/* Each answer is about the packet before its heartbeat. */
static void test_bare_sending_of_several(void **state)
{
	struct world *w = *state;
	uint32_t ids[3];

	w->no_status = true;
	w->old_heartbeat = true;
	start_bare(w);
	for (unsigned i = 0; i < 3; i++)
		ids[i] = on_port(w, 256);
	for (unsigned i = 0; i < 3; i++) {
		world_goes_on(w, ids[i]);
		world_status(w, 0, 16, 0);
		world_ended(w, ids[i], 0, MESHTCP_SEND_QUEUED);
	}
}

/* Before 2.7.4 heartbeats are not answered: nobody knows. */
static void test_bare_sending_to_an_old_node(void **state)
{
	struct world *w = *state;
	uint32_t id;

	w->no_status = true;
	w->old_heartbeat = true;
	start_bare(w);
	id = on_port(w, 256);
	world_run(w, 20000);
	world_ended(w, id, -ETIMEDOUT, MESHTCP_SEND_UNKNOWN);
	assert_int_equal(world_heard_id(w, id), 1);
}

static void test_bare_sending_to_the_own_node(void **state)
{
	struct world *w = *state;
	struct order order = world_order(MESHTCP_LOCAL, 256, "x", 1);
	uint32_t id;

	start_bare(w);
	id = world_request(w, &order);
	world_ended(w, id, -ENOENT, MESHTCP_SEND_FAILED);
	assert_int_equal(world_heard(w, HEARD_PACKET), 0);
}

/* With a download it is known. */
static void test_sending_to_the_own_node(void **state)
{
	struct world *w = *state;
	struct order order = world_order(MESHTCP_LOCAL, 256, "x", 1);

	world_ready(w);
	world_request(w, &order);
	assert_int_equal(world_last_heard(w, HEARD_PACKET)->to, US);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_distance_of_each_port),
		TEST(test_ports_do_not_wait_for_each_other),
		TEST(test_distance_after_a_pause),
		TEST(test_distance_on_a_new_connection),
		TEST(test_distance_and_cancelled),
		TEST(test_bare_sending),
		TEST(test_bare_sending_of_several),
		TEST(test_bare_sending_to_an_old_node),
		TEST(test_bare_sending_to_the_own_node),
		TEST(test_sending_to_the_own_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
