/* SPDX-License-Identifier: MIT */
/* Connecting to one of several addresses, against listeners on loopback; time is a number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/tcp.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Far more than anything here takes. */
#define PATIENCE_MS 10000

static const struct cmn_tcp_address *last_of(const struct cmn_tcp_addresses *a)
{
	return &a->at[a->count - 1];
}

/* A new socket on loopback, bound to a free port, which is added to the addresses. */
static int bound(struct cmn_tcp_addresses *to, int family)
{
	struct cmn_tcp_address *a = &to->at[to->count++];
	struct sockaddr_in *in4 = (struct sockaddr_in *)&a->sa;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&a->sa;
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memset(a, 0, sizeof(*a));
	a->sa.ss_family = (sa_family_t)family;
	a->len = family == AF_INET6 ? sizeof(*in6) : sizeof(*in4);
	if (family == AF_INET6)
		in6->sin6_addr = (struct in6_addr)IN6ADDR_LOOPBACK_INIT;
	else
		in4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd >= 0 && (bind(fd, (struct sockaddr *)&a->sa, a->len) < 0 ||
			getsockname(fd, (struct sockaddr *)&a->sa, &a->len) < 0)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static int listening(struct cmn_tcp_addresses *to)
{
	int fd = bound(to, AF_INET);

	assert_true(fd >= 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

/* Bound but not listening: connecting is refused, and nobody else gets the port. */
static int refusing(struct cmn_tcp_addresses *to)
{
	int fd = bound(to, AF_INET);

	assert_true(fd >= 0);
	return fd;
}

/* An address family that no kernel knows. */
static void unreachable(struct cmn_tcp_addresses *to)
{
	struct cmn_tcp_address *a = &to->at[to->count++];

	memset(a, 0, sizeof(*a));
	a->sa.ss_family = 0x7f;
	a->len = sizeof(struct sockaddr_in);
}

/* A listener whose queue is full: connecting to it is not answered. */
struct silent {
	int listener;
	int first;
};

static bool waits(int fd, short events, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, timeout_ms) == 1;
}

static struct silent silent(struct cmn_tcp_addresses *to)
{
	struct silent s = { .listener = bound(to, AF_INET) };

	assert_true(s.listener >= 0);
	assert_int_equal(listen(s.listener, 0), 0);
	s.first = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(s.first >= 0);
	assert_int_equal(
		connect(s.first, (const struct sockaddr *)&last_of(to)->sa, last_of(to)->len), 0);
	assert_true(waits(s.listener, POLLIN, PATIENCE_MS));
	return s;
}

static void end_silent(struct silent s)
{
	close(s.first);
	close(s.listener);
}

/* Go on at a fixed time until something else than "in progress" comes out. */
static int finish(struct cmn_tcp_connect *c, uint64_t now)
{
	int ret = cmn_tcp_connect_continue(c, now);

	for (unsigned n = 0; ret == -EINPROGRESS && n < 20; n++) {
		assert_true(waits(cmn_tcp_connect_fd(c), POLLOUT, PATIENCE_MS));
		ret = cmn_tcp_connect_continue(c, now);
	}
	return ret;
}

static uint16_t port_of(const struct cmn_tcp_address *a)
{
	return ntohs(((const struct sockaddr_in *)&a->sa)->sin_port);
}

static void assert_peer(int fd, const struct cmn_tcp_address *a)
{
	struct cmn_tcp_address peer = { .len = sizeof(peer.sa) };

	assert_int_equal(getpeername(fd, (struct sockaddr *)&peer.sa, &peer.len), 0);
	assert_int_equal(peer.sa.ss_family, a->sa.ss_family);
	assert_int_equal(port_of(&peer), port_of(a));
}

static void test_resolve(void **state)
{
	struct cmn_tcp_addresses a = { .count = 77 };
	const struct sockaddr_in *in4 = (const struct sockaddr_in *)&a.at[0].sa;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&a.at[0].sa;
	const struct in6_addr loopback = IN6ADDR_LOOPBACK_INIT;

	(void)state;
	assert_int_equal(cmn_tcp_resolve("", 1, &a), -EADDRNOTAVAIL);
	assert_int_equal(cmn_tcp_resolve("127.0.0.1x..", 1, &a), -EADDRNOTAVAIL);
	assert_int_equal(a.count, 77);
	assert_int_equal(cmn_tcp_resolve("127.0.0.1", 3041, &a), 0);
	assert_int_equal(a.count, 1);
	assert_int_equal(a.at[0].len, sizeof(*in4));
	assert_int_equal(in4->sin_family, AF_INET);
	assert_int_equal(in4->sin_port, htons(3041));
	assert_int_equal(in4->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
	assert_int_equal(cmn_tcp_resolve("::1", 65535, &a), 0);
	assert_int_equal(a.count, 1);
	assert_int_equal(a.at[0].len, sizeof(*in6));
	assert_int_equal(in6->sin6_family, AF_INET6);
	assert_int_equal(in6->sin6_port, htons(65535));
	assert_memory_equal(&in6->sin6_addr, &loopback, sizeof(loopback));
}

static void test_open(void **state)
{
	struct cmn_tcp_addresses a = { .count = 0 };
	int listener = listening(&a), value = 0, fd = -7, ret;
	socklen_t len = sizeof(value);

	(void)state;
	ret = cmn_tcp_open((const struct sockaddr *)&a.at[0].sa, a.at[0].len, &fd);
	assert_true(ret == 0 || ret == -EINPROGRESS);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &len), 0);
	assert_int_equal(value, 1);
	value = 0;
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &value, &len), 0);
	assert_int_equal(value, 1);
	close(fd);
	close(listener);

	fd = -7;
	unreachable(&a);
	assert_int_equal(cmn_tcp_open((const struct sockaddr *)&a.at[1].sa, a.at[1].len, &fd),
			 -EHOSTUNREACH);
	assert_int_equal(fd, -7);
}

static void test_connect(void **state)
{
	struct cmn_tcp_addresses a = { .count = 0 };
	int listener = listening(&a), fd;
	struct cmn_tcp_connect c;

	(void)state;
	cmn_tcp_connect_start(&c, &a, 2000);
	assert_int_equal(cmn_tcp_connect_fd(&c), -1);
	assert_int_equal(cmn_tcp_connect_deadline(&c), 0);
	assert_int_equal(finish(&c, 1000), 0);
	assert_int_equal(cmn_tcp_connect_deadline(&c), 2000);
	fd = cmn_tcp_connect_take(&c);
	assert_peer(fd, &a.at[0]);
	assert_int_equal(cmn_tcp_connect_fd(&c), -1);
	assert_true(cmn_tcp_connect_deadline(&c) == UINT64_MAX);
	/* It is ours: cancelling closes nothing. */
	cmn_tcp_connect_cancel(&c);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	close(listener);
}

static void test_next_address(void **state)
{
	struct cmn_tcp_addresses a = { .count = 0 };
	int nobody = refusing(&a), listener, fd;
	struct cmn_tcp_connect c;

	(void)state;
	unreachable(&a);
	listener = listening(&a);
	cmn_tcp_connect_start(&c, &a, UINT64_MAX);
	assert_int_equal(finish(&c, 1000), 0);
	fd = cmn_tcp_connect_take(&c);
	assert_peer(fd, &a.at[2]);
	close(fd);
	close(listener);
	close(nobody);
}

static void test_ipv6(void **state)
{
	struct cmn_tcp_addresses a = { .count = 0 };
	int listener = bound(&a, AF_INET6), fd;
	struct cmn_tcp_connect c;

	(void)state;
	if (listener < 0)
		skip();
	assert_int_equal(listen(listener, 1), 0);
	cmn_tcp_connect_start(&c, &a, 2000);
	assert_int_equal(finish(&c, 1000), 0);
	fd = cmn_tcp_connect_take(&c);
	assert_peer(fd, &a.at[0]);
	close(fd);
	close(listener);
}

/* Half of the time for the first, the rest for the second. */
static void test_shares(void **state)
{
	struct cmn_tcp_addresses a = { .count = 0 };
	struct silent first = silent(&a);
	int listener = listening(&a), fd;
	struct cmn_tcp_connect c;

	(void)state;
	cmn_tcp_connect_start(&c, &a, 3000);
	assert_int_equal(cmn_tcp_connect_continue(&c, 1000), -EINPROGRESS);
	assert_int_equal(cmn_tcp_connect_deadline(&c), 2000);
	fd = cmn_tcp_connect_fd(&c);
	assert_true(fd >= 0);
	assert_int_equal(cmn_tcp_connect_continue(&c, 1999), -EINPROGRESS);
	assert_int_equal(cmn_tcp_connect_fd(&c), fd);
	assert_int_equal(cmn_tcp_connect_deadline(&c), 2000);
	assert_int_equal(finish(&c, 2000), 0);
	assert_int_equal(cmn_tcp_connect_deadline(&c), 3000);
	fd = cmn_tcp_connect_take(&c);
	assert_peer(fd, &a.at[1]);
	close(fd);
	close(listener);
	end_silent(first);
}

static void test_deadline(void **state)
{
	struct cmn_tcp_addresses a = { .count = 0 };
	struct silent s[2] = { silent(&a), silent(&a) };
	struct cmn_tcp_connect c;

	(void)state;
	cmn_tcp_connect_start(&c, &a, 3001);
	assert_int_equal(cmn_tcp_connect_continue(&c, 1000), -EINPROGRESS);
	assert_int_equal(cmn_tcp_connect_continue(&c, 2000), -EINPROGRESS);
	assert_int_equal(cmn_tcp_connect_deadline(&c), 3001);
	assert_int_equal(cmn_tcp_connect_continue(&c, 3000), -EINPROGRESS);
	assert_int_equal(cmn_tcp_connect_continue(&c, 3001), -ETIMEDOUT);
	assert_int_equal(cmn_tcp_connect_fd(&c), -1);
	assert_true(cmn_tcp_connect_deadline(&c) == UINT64_MAX);
	assert_int_equal(cmn_tcp_connect_continue(&c, 3001), -ETIMEDOUT);

	/* Asleep for too long: nothing else is opened. */
	cmn_tcp_connect_start(&c, &a, 3000);
	assert_int_equal(cmn_tcp_connect_continue(&c, 1000), -EINPROGRESS);
	assert_int_equal(cmn_tcp_connect_continue(&c, 9000), -ETIMEDOUT);
	cmn_tcp_connect_start(&c, &a, 3000);
	assert_int_equal(cmn_tcp_connect_continue(&c, 3000), -ETIMEDOUT);

	/* What is connected by then counts, however late somebody looks. */
	a.count = 0;
	end_silent(s[0]);
	s[0].first = -1;
	s[0].listener = listening(&a);
	cmn_tcp_connect_start(&c, &a, 3000);
	if (cmn_tcp_connect_continue(&c, 1000) == -EINPROGRESS)
		assert_true(waits(cmn_tcp_connect_fd(&c), POLLOUT, PATIENCE_MS));
	assert_int_equal(cmn_tcp_connect_continue(&c, 9000), 0);
	cmn_tcp_connect_cancel(&c);
	assert_int_equal(cmn_tcp_connect_fd(&c), -1);
	close(s[0].listener);
	end_silent(s[1]);
}

/* Of several failures the one that tells most, in either order. */
static void test_errors(void **state)
{
	struct cmn_tcp_addresses a = { .count = 0 };
	struct cmn_tcp_connect c;
	struct silent s;
	int nobody;

	(void)state;
	unreachable(&a);
	cmn_tcp_connect_start(&c, &a, 2000);
	assert_int_equal(finish(&c, 1000), -EHOSTUNREACH);

	nobody = refusing(&a);
	unreachable(&a);
	cmn_tcp_connect_start(&c, &a, 2000);
	assert_int_equal(finish(&c, 1000), -ECONNREFUSED);
	assert_int_equal(cmn_tcp_connect_fd(&c), -1);

	s = silent(&a);
	cmn_tcp_connect_start(&c, &a, 2000);
	while (c.next < a.count && cmn_tcp_connect_continue(&c, 1000) == -EINPROGRESS)
		if (c.next < a.count)
			assert_true(waits(cmn_tcp_connect_fd(&c), POLLOUT, PATIENCE_MS));
	assert_int_equal(cmn_tcp_connect_continue(&c, 2000), -ECONNREFUSED);

	a.at[0] = a.at[3];
	a.count = 1;
	unreachable(&a);
	cmn_tcp_connect_start(&c, &a, 2000);
	assert_int_equal(cmn_tcp_connect_continue(&c, 1000), -EINPROGRESS);
	assert_int_equal(cmn_tcp_connect_continue(&c, 1500), -ETIMEDOUT);
	close(nobody);
	end_silent(s);
}

static void test_no_descriptors(void **state)
{
	struct cmn_tcp_addresses a = { .count = 0 };
	int listener = listening(&a), next = dup(0);
	struct rlimit all, few;
	struct cmn_tcp_connect c;

	(void)state;
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &all), 0);
	few = all;
	few.rlim_cur = (rlim_t)next;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	cmn_tcp_connect_start(&c, &a, 2000);
	assert_int_equal(cmn_tcp_connect_continue(&c, 1000), -ENOMEM);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &all), 0);
	close(listener);
}

static void test_cancel(void **state)
{
	struct cmn_tcp_addresses a = { .count = 0 };
	struct silent s = silent(&a);
	struct cmn_tcp_connect c;
	int fd;

	(void)state;
	unreachable(&a);
	cmn_tcp_connect_start(&c, &a, 2000);
	cmn_tcp_connect_cancel(&c);
	assert_int_equal(cmn_tcp_connect_continue(&c, 1000), -ETIMEDOUT);
	cmn_tcp_connect_start(&c, &a, 2000);
	assert_int_equal(cmn_tcp_connect_continue(&c, 1000), -EINPROGRESS);
	fd = cmn_tcp_connect_fd(&c);
	cmn_tcp_connect_cancel(&c);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(cmn_tcp_connect_fd(&c), -1);
	assert_true(cmn_tcp_connect_deadline(&c) == UINT64_MAX);
	assert_int_equal(cmn_tcp_connect_continue(&c, 1000), -ETIMEDOUT);
	end_silent(s);
}

static void test_send_recv(void **state)
{
	char bytes[8];
	ssize_t ret;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	assert_int_equal(cmn_tcp_recv(pair[0], bytes, sizeof(bytes)), -EAGAIN);
	assert_int_equal(cmn_tcp_send(pair[1], "hello", 5), 5);
	assert_int_equal(cmn_tcp_recv(pair[0], bytes, sizeof(bytes)), 5);
	assert_memory_equal(bytes, "hello", 5);
	do {
		ret = cmn_tcp_send(pair[1], "12345678", 8);
	} while (ret > 0);
	assert_int_equal(ret, -EAGAIN);
	close(pair[0]);
	/* And no SIGPIPE, which would end this program. */
	assert_int_equal(cmn_tcp_send(pair[1], "hello", 5), -EPIPE);
	close(pair[1]);
	assert_int_equal(cmn_tcp_recv(-1, bytes, sizeof(bytes)), -EBADF);

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	close(pair[1]);
	assert_int_equal(cmn_tcp_recv(pair[0], bytes, sizeof(bytes)), 0);
	close(pair[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resolve),        cmocka_unit_test(test_open),
		cmocka_unit_test(test_connect),        cmocka_unit_test(test_next_address),
		cmocka_unit_test(test_ipv6),           cmocka_unit_test(test_shares),
		cmocka_unit_test(test_deadline),       cmocka_unit_test(test_errors),
		cmocka_unit_test(test_no_descriptors), cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_send_recv),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
