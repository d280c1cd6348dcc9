/* SPDX-License-Identifier: MIT */
/* The loop: one descriptor tells of sockets and of the deadline, and stops telling. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* Far more than anything here takes. */
#define PATIENCE_MS 10000

struct fixture {
	struct cmn_loop loop;
	int pair[2];
};

static int setup(void **state)
{
	static struct fixture f;

	*state = &f;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, f.pair) < 0)
		return -1;
	return cmn_loop_init(&f.loop);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	cmn_loop_free(&f->loop);
	if (cmn_loop_fd(&f->loop) != -1)
		return -1;
	cmn_loop_free(&f->loop);
	for (unsigned i = 0; i < 2; i++)
		if (f->pair[i] >= 0)
			close(f->pair[i]);
	return 0;
}

static bool readable(struct fixture *f, int timeout_ms)
{
	struct pollfd p = { .fd = cmn_loop_fd(&f->loop), .events = POLLIN };

	return poll(&p, 1, timeout_ms) == 1 && p.revents == POLLIN;
}

/* Take at most one event and compare it; events 0 means that none may be there. */
static void expect(struct fixture *f, uint32_t token, unsigned events)
{
	struct cmn_loop_event e = { 0 };

	assert_int_equal(cmn_loop_wait(&f->loop, &e, 1), events ? 1 : 0);
	assert_int_equal(e.token, events ? token : 0);
	assert_int_equal(e.events, events);
}

static void test_sockets(void **state)
{
	struct fixture *f = *state;
	char byte;

	assert_int_equal(cmn_loop_add(&f->loop, f->pair[0], CMN_LOOP_READ, UINT32_MAX), 0);
	assert_int_equal(cmn_loop_add(&f->loop, f->pair[0], CMN_LOOP_READ, 1), -EEXIST);
	assert_false(readable(f, 0));
	expect(f, 0, 0);
	assert_int_equal(write(f->pair[1], "x", 1), 1);
	assert_true(readable(f, 0));
	expect(f, UINT32_MAX, CMN_LOOP_READ);
	expect(f, UINT32_MAX, CMN_LOOP_READ);

	assert_int_equal(cmn_loop_modify(&f->loop, f->pair[0], CMN_LOOP_WRITE, 0), 0);
	expect(f, 0, CMN_LOOP_WRITE);
	assert_int_equal(cmn_loop_modify(&f->loop, f->pair[0], CMN_LOOP_READ | CMN_LOOP_WRITE, 7),
			 0);
	expect(f, 7, CMN_LOOP_READ | CMN_LOOP_WRITE);
	assert_int_equal(read(f->pair[0], &byte, 1), 1);
	expect(f, 7, CMN_LOOP_WRITE);

	assert_int_equal(cmn_loop_remove(&f->loop, f->pair[0]), 0);
	assert_false(readable(f, 0));
	assert_int_equal(cmn_loop_remove(&f->loop, f->pair[0]), -ENOENT);
	assert_int_equal(cmn_loop_modify(&f->loop, f->pair[0], CMN_LOOP_READ, 7), -ENOENT);
	assert_int_equal(cmn_loop_add(&f->loop, -1, CMN_LOOP_READ, 7), -EBADF);
}

static void test_hangup(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(cmn_loop_add(&f->loop, f->pair[0], 0, 9), 0);
	assert_int_equal(write(f->pair[1], "x", 1), 1);
	assert_false(readable(f, 0));
	close(f->pair[1]);
	f->pair[1] = -1;
	assert_true(readable(f, 0));
	expect(f, 9, CMN_LOOP_HANGUP);
}

/* What does not fit is told by the next call. */
static void test_batches(void **state)
{
	enum {
		SOCKETS = 40,
		ROOM = 8
	};
	struct fixture *f = *state;
	struct cmn_loop_event events[SOCKETS + 1];
	int fds[SOCKETS];
	bool seen[SOCKETS] = { false };
	int count = 0;

	for (uint32_t i = 0; i < SOCKETS; i++) {
		fds[i] = dup(f->pair[0]);
		assert_true(fds[i] >= 0);
		assert_int_equal(cmn_loop_add(&f->loop, fds[i], CMN_LOOP_WRITE, i), 0);
	}
	assert_int_equal(cmn_loop_set_deadline(&f->loop, 0), 0);
	for (unsigned n = 0; count < SOCKETS && n < 100; n++) {
		int got = cmn_loop_wait(&f->loop, events, ROOM);

		assert_in_range(got, ROOM - 1, ROOM);
		for (int i = 0; i < got; i++) {
			assert_int_equal(events[i].events, CMN_LOOP_WRITE);
			count += !seen[events[i].token];
			seen[events[i].token] = true;
		}
	}
	assert_int_equal(count, SOCKETS);
	assert_in_range(cmn_loop_wait(&f->loop, events, SOCKETS + 1), 1, SOCKETS);
	assert_int_equal(cmn_loop_wait(&f->loop, events, 0), -EINVAL);
	for (unsigned i = 0; i < SOCKETS; i++)
		close(fds[i]);
}

static void test_deadline(void **state)
{
	struct fixture *f = *state;
	uint64_t at = cmn_clock_ms() + 30;

	assert_int_equal(cmn_loop_set_deadline(&f->loop, at), 0);
	assert_true(readable(f, PATIENCE_MS));
	assert_true(cmn_clock_ms() >= at);
	expect(f, 0, 0);
	/* Consumed: no longer readable, and the same one can be set again. */
	assert_false(readable(f, 0));
	assert_int_equal(cmn_loop_set_deadline(&f->loop, at), 0);
	assert_true(readable(f, PATIENCE_MS));
}

static void test_deadline_moved(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(cmn_loop_set_deadline(&f->loop, 0), 0);
	assert_true(readable(f, PATIENCE_MS));
	assert_int_equal(cmn_loop_set_deadline(&f->loop, UINT64_MAX), 0);
	assert_false(readable(f, 0));
	assert_int_equal(cmn_loop_set_deadline(&f->loop, 1), 0);
	assert_true(readable(f, PATIENCE_MS));
	/* Put off after it came, before it was looked at. */
	assert_int_equal(cmn_loop_set_deadline(&f->loop, cmn_clock_ms() + 3600000), 0);
	assert_false(readable(f, 0));
	expect(f, 0, 0);
	/* Further than any clock goes. */
	assert_int_equal(cmn_loop_set_deadline(&f->loop, UINT64_MAX - 1), 0);
	assert_false(readable(f, 0));
}

/* Setting what is set does no system call: one on a closed timer would fail. */
static void test_deadline_unchanged(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(cmn_loop_set_deadline(&f->loop, 12345678901), 0);
	close(f->loop.timer_fd);
	f->loop.timer_fd = -1;
	assert_int_equal(cmn_loop_set_deadline(&f->loop, 12345678901), 0);
	assert_int_equal(cmn_loop_set_deadline(&f->loop, 12345678902), -EBADF);
	/* A failure is not remembered as set. */
	assert_int_equal(cmn_loop_set_deadline(&f->loop, 12345678902), -EBADF);
}

static void test_timer_beside_socket(void **state)
{
	struct fixture *f = *state;
	struct cmn_loop_event events[4];

	assert_int_equal(cmn_loop_add(&f->loop, f->pair[0], CMN_LOOP_WRITE, 3), 0);
	assert_int_equal(cmn_loop_set_deadline(&f->loop, 0), 0);
	assert_int_equal(cmn_loop_wait(&f->loop, events, 4), 1);
	assert_int_equal(events[0].token, 3);
	assert_int_equal(cmn_loop_remove(&f->loop, f->pair[0]), 0);
	assert_false(readable(f, 0));
}

static void test_close_on_exec(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(fcntl(f->loop.epoll_fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(f->loop.timer_fd, F_GETFD), FD_CLOEXEC);
}

/* With room for n more descriptors. */
static int init_with(struct cmn_loop *l, int n)
{
	struct rlimit all, few;
	int ret, next = dup(0);

	assert_true(next >= 0);
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &all), 0);
	few = all;
	few.rlim_cur = (rlim_t)next + (rlim_t)n;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	ret = cmn_loop_init(l);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &all), 0);
	return ret;
}

/* The numbers that two new descriptors would get. */
static void free_numbers(int numbers[2])
{
	numbers[0] = dup(0);
	numbers[1] = dup(0);
	assert_true(numbers[1] >= 0);
	close(numbers[0]);
	close(numbers[1]);
}

static void test_no_descriptors(void **state)
{
	(void)state;
	for (int n = 0; n <= 2; n++) {
		int before[2], after[2];
		struct cmn_loop l;

		free_numbers(before);
		assert_int_equal(init_with(&l, n), n < 2 ? -ENOMEM : 0);
		cmn_loop_free(&l);
		free_numbers(after);
		assert_memory_equal(before, after, sizeof(before));
	}
}

#define LOOP_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(test_sockets),
		LOOP_TEST(test_hangup),
		LOOP_TEST(test_batches),
		LOOP_TEST(test_deadline),
		LOOP_TEST(test_deadline_moved),
		LOOP_TEST(test_deadline_unchanged),
		LOOP_TEST(test_timer_beside_socket),
		LOOP_TEST(test_close_on_exec),
		cmocka_unit_test(test_no_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
