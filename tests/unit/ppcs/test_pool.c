/* SPDX-License-Identifier: MIT */
/* The pool of sessions (section 13): what it takes, what it lends, and how much of both. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

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
	assert_int_equal(ppcs_pool_new(&pool, 4), 0);
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

static struct ppcs *lend(const char *uid)
{
	struct ppcs *p = NULL;

	assert_int_equal(ppcs_pool_lend(pool, uid, &p), 0);
	assert_non_null(p);
	return p;
}

static struct ppcs *add_session(void)
{
	struct ppcs *p = scene_session(&scene);

	assert_int_equal(ppcs_pool_add(pool, p), 0);
	return p;
}

static void assert_counts(size_t idle, size_t lent)
{
	assert_int_equal(ppcs_pool_count(pool, false), idle);
	assert_int_equal(ppcs_pool_count(pool, true), lent);
}

static void test_arguments(void **state)
{
	struct ppcs_pool *other = NULL;
	struct ppcs *p = scene_handle(&device);
	struct ppcs *none = NULL;

	(void)state;
	assert_int_equal(ppcs_pool_new(NULL, 1), -EINVAL);
	assert_int_equal(ppcs_pool_new(&other, 0), -EINVAL);
	assert_int_equal(ppcs_pool_new(&other, PPCS_MAX_POOL + 1), -EINVAL);
	assert_null(other);
	ppcs_pool_free(NULL);
	assert_int_equal(ppcs_pool_add(NULL, p), -EINVAL);
	assert_int_equal(ppcs_pool_add(pool, NULL), -EINVAL);
	assert_int_equal(ppcs_pool_lend(NULL, NULL, &none), -EINVAL);
	assert_int_equal(ppcs_pool_lend(pool, NULL, NULL), -EINVAL);
	assert_int_equal(ppcs_pool_give_back(NULL, p), -EINVAL);
	assert_int_equal(ppcs_pool_give_back(pool, NULL), -EINVAL);
	assert_int_equal(ppcs_pool_get_fd(NULL), -EINVAL);
	assert_int_equal(ppcs_pool_dispatch(NULL), -EINVAL);
	assert_null(ppcs_pool_next_event(NULL));
	assert_int_equal(ppcs_pool_count(NULL, false), 0);
	assert_null(none);
	ppcs_free(p);
}

static void test_lend_and_give_back(void **state)
{
	struct ppcs *p = add_session();
	struct ppcs *again = NULL;

	(void)state;
	assert_counts(1, 0);
	assert_ptr_equal(lend(NULL), p);
	assert_counts(0, 1);
	assert_int_equal(ppcs_pool_lend(pool, NULL, &again), -ENOENT);
	assert_null(again);
	assert_int_equal(ppcs_pool_give_back(pool, p), 0);
	assert_counts(1, 0);
	assert_int_equal(ppcs_pool_give_back(pool, p), -ENOENT);
	assert_ptr_equal(lend(NULL), p);
	assert_int_equal(ppcs_get_state(p), PPCS_STATE_CONNECTED);
	assert_int_equal(ppcs_pool_give_back(pool, p), 0);
	assert_null(ppcs_pool_next_event(pool));
}

static void test_lend_by_uid(void **state)
{
	struct device second;
	struct scene with;
	struct ppcs *p, *q, *none = NULL;

	(void)state;
	device_open(&second, 2);
	with = (struct scene){ .device = &second, .pool = pool };
	p = add_session();
	q = scene_session(&with);
	assert_int_equal(ppcs_pool_add(pool, q), 0);
	assert_ptr_equal(lend(OTHER_DEVICE_UID), q);
	assert_int_equal(ppcs_pool_lend(pool, OTHER_DEVICE_UID, &none), -ENOENT);
	assert_int_equal(ppcs_pool_lend(pool, "TEST-000003-ABCDE", &none), -ENOENT);
	assert_int_equal(ppcs_pool_lend(pool, "", &none), -EINVAL);
	assert_int_equal(ppcs_pool_lend(pool, "a camera", &none), -EINVAL);
	assert_null(none);
	/* Another form of the same. */
	assert_ptr_equal(lend("test000001abcde"), p);
	assert_counts(0, 2);
	ppcs_free(q);
	ppcs_pool_give_back(pool, p);
	device_close(&second);
}

/* The pool knows it by the device that it came back from. */
static void test_borrower_goes_elsewhere(void **state)
{
	struct device second;
	struct scene with;
	struct ppcs *p, *none;

	(void)state;
	device_open(&second, 2);
	with = (struct scene){ .device = &second, .pool = pool };
	add_session();
	p = lend(DEVICE_UID);
	assert_int_equal(ppcs_disconnect_sync(p, 1000), 0);
	assert_int_equal(ppcs_set_ports(p, &second.port, 1), 0);
	assert_int_equal(ppcs_set_search_port(p, second.port), 0);
	scene_connect(&with, p);
	assert_int_equal(ppcs_pool_give_back(pool, p), 0);
	assert_int_equal(ppcs_pool_lend(pool, DEVICE_UID, &none), -ENOENT);
	assert_ptr_equal(lend(OTHER_DEVICE_UID), p);
	ppcs_pool_give_back(pool, p);
	device_close(&second);
}

static void test_only_sessions(void **state)
{
	struct ppcs *p = scene_handle(&device);
	struct ppcs *none = NULL;

	(void)state;
	assert_int_equal(ppcs_pool_add(pool, p), -ENOTCONN);
	assert_int_equal(ppcs_connect(p), 0);
	assert_int_equal(ppcs_pool_add(pool, p), -ENOTCONN);
	ppcs_disconnect(p);
	assert_int_equal(ppcs_pool_add(pool, p), -ENOTCONN);
	assert_counts(0, 0);
	assert_int_equal(ppcs_pool_lend(pool, NULL, &none), -ENOENT);
	ppcs_free(p);
}

/* The path is up, but is there a device behind it? */
static void test_only_proven_sessions(void **state)
{
	struct ppcs *p = scene_handle(&device);

	(void)state;
	assert_int_equal(ppcs_set_until(p, PPCS_LEVEL_PATH), 0);
	device.ignores = true;
	scene_connect(&scene, p);
	assert_int_equal(ppcs_pool_add(pool, p), -ENOTCONN);
	device_say(&device, port_of(p), TYPE_ALIVE_ACK);
	assert_int_equal(ppcs_dispatch(p), 0);
	assert_int_equal(ppcs_pool_add(pool, p), 0);
	assert_counts(1, 0);
}

static void test_added_once(void **state)
{
	struct ppcs *p = add_session();

	(void)state;
	assert_int_equal(ppcs_pool_add(pool, p), -EINVAL);
	assert_ptr_equal(lend(NULL), p);
	assert_int_equal(ppcs_pool_add(pool, p), -EINVAL);
	assert_counts(0, 1);
	assert_int_equal(ppcs_pool_give_back(pool, p), 0);
}

/* All places are taken by those that wait, are lent, or have ended without being told. */
static void test_full(void **state)
{
	struct ppcs *sessions[4];
	struct ppcs *p;

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		sessions[i] = add_session();
	p = scene_session(&scene);
	assert_int_equal(ppcs_pool_add(pool, p), -EBUSY);
	assert_ptr_equal(lend(NULL), sessions[0]);
	assert_int_equal(ppcs_pool_add(pool, p), -EBUSY);
	device_say(&device, port_of(sessions[2]), TYPE_CLOSE);
	while (ppcs_pool_count(pool, false) == 3)
		scene_turn(&scene);
	assert_int_equal(ppcs_pool_add(pool, p), -EBUSY);
	assert_int_equal(ppcs_pool_next_event(pool)->type, PPCS_EVENT_CLOSED);
	assert_null(ppcs_pool_next_event(pool));
	assert_int_equal(ppcs_pool_add(pool, p), 0);
	assert_counts(3, 1);
	assert_int_equal(ppcs_pool_give_back(pool, sessions[0]), 0);
	assert_counts(4, 0);
}

/* Data that nobody has taken is there for the next user. */
static void test_data_stays(void **state)
{
	struct ppcs *p = add_session();
	const struct ppcs_event *event;

	(void)state;
	device_say_data(&device, port_of(p), 3, 0, "hello", 5);
	scene_hear(&scene, port_of(p), TYPE_DRW_ACK, 1);
	assert_ptr_equal(lend(NULL), p);
	event = ppcs_next_event(p);
	assert_int_equal(event->type, PPCS_EVENT_DATA);
	assert_int_equal(event->channel, 3);
	assert_int_equal(event->size, 5);
	assert_memory_equal(event->data, "hello", 5);
	assert_null(ppcs_next_event(p));
	assert_int_equal(ppcs_pool_give_back(pool, p), 0);
}

/* Who took the socket out gives back a handle that is of no more use. */
static void test_given_back_without_a_session(void **state)
{
	unsigned before = open_descriptors();
	struct ppcs *p = add_session();
	int fd;

	(void)state;
	assert_ptr_equal(lend(NULL), p);
	fd = ppcs_take_fd(p, NULL, NULL);
	assert_true(fd >= 0);
	assert_int_equal(ppcs_pool_give_back(pool, p), 0);
	assert_counts(0, 0);
	assert_null(ppcs_pool_next_event(pool));
	close(fd);
	assert_int_equal(open_descriptors(), before);
}

/* One descriptor for as many sessions as there may be. */
static void test_many(void **state)
{
	struct ppcs_pool *large;
	unsigned before = open_descriptors();
	struct scene with = { .device = &device };

	(void)state;
	assert_int_equal(ppcs_pool_new(&large, PPCS_MAX_POOL), 0);
	assert_int_equal(open_descriptors(), before + 1);
	with.pool = large;
	for (unsigned i = 0; i < PPCS_MAX_POOL; i++) {
		struct ppcs *p = scene_session(&with);

		before = open_descriptors();
		assert_int_equal(ppcs_pool_add(large, p), 0);
		assert_int_equal(open_descriptors(), before);
	}
	assert_int_equal(ppcs_pool_count(large, false), PPCS_MAX_POOL);
	/* All of them are alive. */
	for (size_t i = 0; i < device.count; i++)
		if (device.callers[i].heard[TYPE_CLOSE] == 0)
			device_say(&device, device.callers[i].port, TYPE_ALIVE);
	for (size_t i = 0; i < device.count; i++)
		if (device.callers[i].heard[TYPE_CLOSE] == 0)
			scene_hear(&with, device.callers[i].port, TYPE_ALIVE_ACK, 1);
	assert_null(ppcs_pool_next_event(large));
	assert_int_equal(ppcs_pool_count(large, false), PPCS_MAX_POOL);
	ppcs_pool_free(large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_arguments, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lend_and_give_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lend_by_uid, setup, teardown),
		cmocka_unit_test_setup_teardown(test_borrower_goes_elsewhere, setup, teardown),
		cmocka_unit_test_setup_teardown(test_only_sessions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_only_proven_sessions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_added_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_data_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(test_given_back_without_a_session, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
