/* SPDX-License-Identifier: MIT */
/* How sessions live and end in a pool (sections 7 and 13), and what it tells of that. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "loopback.h"

static struct device device;
static struct ppcs_pool *pool;
static struct scene scene;
static unsigned descriptors;

static int setup(void **state)
{
	(void)state;
	descriptors = open_descriptors();
	device_open(&device, 1);
	assert_int_equal(ppcs_pool_new(&pool, 8), 0);
	scene = (struct scene){ .device = &device, .pool = pool };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ppcs_pool_free(pool);
	device_close(&device);
	assert_int_equal(open_descriptors(), descriptors);
	return 0;
}

static struct ppcs *add_session(void)
{
	struct ppcs *p = scene_session(&scene);

	assert_int_equal(ppcs_pool_add(pool, p), 0);
	return p;
}

/* The one event of a session that was the only one. */
static void assert_ended(int error, size_t size, size_t unsent)
{
	const struct ppcs_event *event = scene_ended(&scene);

	assert_int_equal(event->type, PPCS_EVENT_CLOSED);
	assert_int_equal(event->error, error);
	assert_string_equal(event->uid, DEVICE_UID);
	assert_int_equal(event->peer.port, device.port);
	assert_memory_equal(event->peer.ip, "\x7f\x00\x00\x01", 4);
	assert_int_equal(event->size, size);
	assert_null(event->data);
	assert_int_equal(event->unsent, unsent);
	assert_true(event->time_ms > 0);
	assert_null(ppcs_pool_next_event(pool));
}

/* Nobody uses them: one is answered, and answers; the other one hears nothing for two seconds. */
static void test_alive_and_silent(void **state)
{
	struct ppcs *p = add_session();
	struct ppcs *silent = scene_handle(&device);
	uint16_t port = port_of(p);
	struct ppcs *lent = NULL;

	(void)state;
	assert_int_equal(ppcs_set_session_timeout(silent, 2000), 0);
	scene_connect(&scene, silent);
	device_caller(&device, port_of(silent))->ignored = true;
	assert_int_equal(ppcs_pool_add(pool, silent), 0);
	device_say(&device, port, TYPE_ALIVE);
	scene_hear(&scene, port, TYPE_ALIVE_ACK, 1);
	assert_ended(-ETIMEDOUT, 0, 0);
	scene_hear(&scene, port, TYPE_ALIVE, device_caller(&device, port)->heard[TYPE_ALIVE] + 1);
	assert_int_equal(ppcs_pool_count(pool, false), 1);
	assert_int_equal(ppcs_pool_lend(pool, NULL, &lent), 0);
	assert_ptr_equal(lent, p);
	assert_true(ppcs_get_statistics(p)->alive_received >= 2);
	assert_int_equal(ppcs_pool_give_back(pool, p), 0);
}

static void test_closed_by_device(void **state)
{
	struct ppcs *p = add_session();

	(void)state;
	device_say(&device, port_of(p), TYPE_CLOSE);
	assert_ended(-ECONNRESET, 0, 0);
	assert_int_equal(ppcs_pool_count(pool, false), 0);
	assert_int_equal(ppcs_pool_lend(pool, NULL, &p), -ENOENT);
}

static void test_other_device(void **state)
{
	struct ppcs *p = add_session();

	(void)state;
	/* Its own id changes nothing. */
	device_say_id(&device, port_of(p), TYPE_P2P_RDY, device.number);
	device_say_id(&device, port_of(p), TYPE_P2P_RDY, device.number + 1);
	assert_ended(-ECONNREFUSED, 0, 0);
}

/* What was in its queues when it ended is told. */
static void test_lost_data(void **state)
{
	struct ppcs *p = add_session();
	uint16_t port = port_of(p);

	(void)state;
	assert_int_equal(ppcs_pool_lend(pool, NULL, &p), 0);
	assert_int_equal(ppcs_send(p, 0, "request", 7), 7);
	assert_int_equal(ppcs_send(p, 7, "more", 4), 4);
	assert_int_equal(ppcs_pool_give_back(pool, p), 0);
	device_say_data(&device, port, 0, 0, "ACK", 3);
	device_say_data(&device, port, 0, 1, "hello", 5);
	device_say_data(&device, port, 1, 0, "picture", 7);
	/* Not in turn, so that nobody could have taken it. */
	device_say_data(&device, port, 1, 2, "later", 5);
	device_say(&device, port, TYPE_CLOSE);
	assert_ended(-ECONNRESET, 15, 11);
}

/* The handle had another session before, and its data was not taken either. */
static void test_data_of_an_earlier_session(void **state)
{
	struct ppcs *p = scene_session(&scene);

	(void)state;
	device_say_data(&device, port_of(p), 0, 0, "of the past", 11);
	assert_int_equal(ppcs_dispatch(p), 0);
	assert_int_equal(ppcs_disconnect_sync(p, 1000), 0);
	assert_int_equal(ppcs_connect(p), 0);
	scene.handle = p;
	while (ppcs_get_state(p) != PPCS_STATE_CONNECTED)
		scene_turn(&scene);
	scene.handle = NULL;
	assert_int_equal(ppcs_pool_add(pool, p), 0);
	device_say_data(&device, port_of(p), 0, 0, "new", 3);
	device_say(&device, port_of(p), TYPE_CLOSE);
	assert_ended(-ECONNRESET, 3, 0);
}

/* Its end has come, and nobody has looked: not even behind a lot of other things. */
static void test_dead_is_not_lent(void **state)
{
	struct ppcs *p = add_session();
	struct ppcs *none = NULL;

	(void)state;
	device_say(&device, port_of(p), TYPE_CLOSE);
	assert_int_equal(ppcs_pool_lend(pool, NULL, &none), -ENOENT);
	assert_ended(-ECONNRESET, 0, 0);
	p = add_session();
	for (unsigned i = 0; i < 100; i++)
		device_say(&device, port_of(p), TYPE_ALIVE_ACK);
	device_say(&device, port_of(p), TYPE_CLOSE);
	assert_int_equal(ppcs_pool_lend(pool, DEVICE_UID, &none), -ENOENT);
	assert_null(none);
	assert_ended(-ECONNRESET, 0, 0);
}

/* Another one is lent instead. */
static void test_living_is_lent(void **state)
{
	struct ppcs *dead = add_session();
	struct ppcs *p = add_session();
	struct ppcs *lent = NULL;

	(void)state;
	device_say(&device, port_of(dead), TYPE_CLOSE);
	assert_int_equal(ppcs_pool_lend(pool, NULL, &lent), 0);
	assert_ptr_equal(lent, p);
	assert_ended(-ECONNRESET, 0, 0);
	assert_int_equal(ppcs_pool_give_back(pool, p), 0);
}

/* Its borrower has heard of it already. */
static void test_ended_while_lent(void **state)
{
	struct ppcs *p = add_session();
	struct ppcs *lent = NULL;

	(void)state;
	assert_int_equal(ppcs_pool_lend(pool, NULL, &lent), 0);
	assert_ptr_equal(lent, p);
	device_say(&device, port_of(p), TYPE_CLOSE);
	assert_int_equal(ppcs_wait(p, 60000), 1);
	assert_int_equal(ppcs_next_event(p)->type, PPCS_EVENT_CLOSED);
	assert_int_equal(ppcs_pool_give_back(pool, p), 0);
	assert_int_equal(ppcs_pool_count(pool, false), 0);
	assert_int_equal(ppcs_pool_count(pool, true), 0);
	assert_null(ppcs_pool_next_event(pool));
}

/* He has not: the pool tells. */
static void test_end_unseen_by_borrower(void **state)
{
	struct ppcs *p = add_session();
	struct ppcs *lent = NULL;

	(void)state;
	assert_int_equal(ppcs_pool_lend(pool, NULL, &lent), 0);
	device_say(&device, port_of(p), TYPE_CLOSE);
	assert_int_equal(ppcs_pool_give_back(pool, lent), 0);
	assert_ended(-ECONNRESET, 0, 0);
}

/* Ends are told in their order, whatever the places. */
static void test_order(void **state)
{
	struct ppcs *first = add_session();
	struct ppcs *second = add_session();
	uint16_t port = port_of(first);
	uint64_t before;

	(void)state;
	device_say_data(&device, port_of(second), 0, 0, "2", 1);
	device_say(&device, port_of(second), TYPE_CLOSE);
	while (ppcs_pool_count(pool, false) == 2)
		scene_turn(&scene);
	/* The clock has to go on: two milliseconds later at least. */
	scene_hear(&scene, port, TYPE_ALIVE, device_caller(&device, port)->heard[TYPE_ALIVE] + 1);
	device_say(&device, port, TYPE_CLOSE);
	while (ppcs_pool_count(pool, false) == 1)
		scene_turn(&scene);
	before = ppcs_pool_next_event(pool)->time_ms;
	assert_true(ppcs_pool_next_event(pool)->time_ms > before);
	assert_null(ppcs_pool_next_event(pool));
}

static void test_pool_freed(void **state)
{
	struct ppcs *idle = add_session();
	struct ppcs *other = add_session();
	uint16_t idle_port = port_of(idle);
	uint16_t lent_port = port_of(other);
	struct ppcs *lent[2] = { NULL };

	(void)state;
	assert_int_equal(ppcs_pool_lend(pool, NULL, &lent[0]), 0);
	assert_int_equal(ppcs_pool_lend(pool, NULL, &lent[1]), 0);
	assert_int_equal(ppcs_pool_give_back(pool, idle), 0);
	ppcs_pool_free(pool);
	pool = NULL;
	scene.pool = NULL;
	scene_hear(&scene, idle_port, TYPE_CLOSE, 3);
	assert_int_equal(device_caller(&device, lent_port)->heard[TYPE_CLOSE], 0);
	/* It is his who has borrowed it. */
	assert_int_equal(ppcs_get_state(other), PPCS_STATE_CONNECTED);
	scene.handle = other;
	device_say(&device, lent_port, TYPE_ALIVE);
	scene_hear(&scene, lent_port, TYPE_ALIVE_ACK, 1);
	ppcs_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_alive_and_silent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_closed_by_device, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_device, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lost_data, setup, teardown),
		cmocka_unit_test_setup_teardown(test_data_of_an_earlier_session, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dead_is_not_lent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_living_is_lent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ended_while_lent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_end_unseen_by_borrower, setup, teardown),
		cmocka_unit_test_setup_teardown(test_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pool_freed, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
