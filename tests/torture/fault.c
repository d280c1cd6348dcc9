/* SPDX-License-Identifier: MIT */
/* Calls that fail on purpose; see fault.h. The option --wrap of the linker names them. */
#include "fault.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

static bool armed;
static unsigned until;
static const char *failed;
static int expected;
static long allocations;

void fault_arm(unsigned number)
{
	until = number;
	failed = NULL;
	expected = 0;
	armed = true;
}

const char *fault_disarm(void)
{
	armed = false;
	return failed;
}

void fault_pause(bool on)
{
	armed = !on;
}

const char *fault_failed(void)
{
	return failed;
}

int fault_error(void)
{
	return expected;
}

long fault_balance(void)
{
	return allocations;
}

/* Is it this call's turn? EXPECTED is what the library makes of it. */
static bool fails(const char *name, int error, int library_error)
{
	if (!armed || failed || until-- > 0)
		return false;
	failed = name;
	expected = library_error;
	errno = error;
	return true;
}

static void *counted(void *memory)
{
	allocations += memory != NULL;
	return memory;
}

/* The linker's names begin with two underscores. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,*-valist.Uninitialized) */
#define WRAP(type, name, params)   \
	type __real_##name params; \
	type __wrap_##name params; \
	type __wrap_##name params

WRAP(void *, malloc, (size_t size))
{
	return fails("malloc", ENOMEM, -ENOMEM) ? NULL : counted(__real_malloc(size));
}

WRAP(void *, calloc, (size_t count, size_t size))
{
	return fails("calloc", ENOMEM, -ENOMEM) ? NULL : counted(__real_calloc(count, size));
}

WRAP(void *, realloc, (void *memory, size_t size))
{
	void *moved;

	if (fails("realloc", ENOMEM, -ENOMEM))
		return NULL;
	moved = __real_realloc(memory, size);
	return memory ? moved : counted(moved);
}

WRAP(char *, strndup, (const char *text, size_t size))
{
	return fails("strndup", ENOMEM, -ENOMEM) ? NULL : counted(__real_strndup(text, size));
}

WRAP(void, free, (void *memory))
{
	allocations -= memory != NULL;
	__real_free(memory);
}

WRAP(int, socket, (int domain, int type, int protocol))
{
	return fails("socket", EMFILE, -ENOMEM) ? -1 : __real_socket(domain, type, protocol);
}

WRAP(int, setsockopt, (int fd, int level, int name, const void *value, socklen_t size))
{
	if (fails("setsockopt", ENOPROTOOPT, 0))
		return -1;
	return __real_setsockopt(fd, level, name, value, size);
}

WRAP(int, getsockopt, (int fd, int level, int name, void *value, socklen_t *size))
{
	return fails("getsockopt", ENOBUFS, -ENOMEM) ?
		       -1 :
		       __real_getsockopt(fd, level, name, value, size);
}

WRAP(int, connect, (int fd, const struct sockaddr *address, socklen_t size))
{
	return fails("connect", ECONNREFUSED, -ECONNREFUSED) ? -1 :
							       __real_connect(fd, address, size);
}

WRAP(ssize_t, send, (int fd, const void *data, size_t size, int flags))
{
	return fails("send", EPIPE, -ECONNRESET) ? -1 : __real_send(fd, data, size, flags);
}

WRAP(ssize_t, recv, (int fd, void *data, size_t size, int flags))
{
	return fails("recv", ECONNRESET, -ECONNRESET) ? -1 : __real_recv(fd, data, size, flags);
}

WRAP(int, epoll_create1, (int flags))
{
	return fails("epoll_create1", EMFILE, -ENOMEM) ? -1 : __real_epoll_create1(flags);
}

/* To watch something no more never fails. */
WRAP(int, epoll_ctl, (int epoll_fd, int op, int fd, struct epoll_event *event))
{
	if (op != EPOLL_CTL_DEL && fails("epoll_ctl", ENOSPC, -ENOMEM))
		return -1;
	return __real_epoll_ctl(epoll_fd, op, fd, event);
}

WRAP(int, epoll_wait, (int epoll_fd, struct epoll_event *events, int max, int timeout))
{
	return fails("epoll_wait", EINTR, 0) ? -1 :
					       __real_epoll_wait(epoll_fd, events, max, timeout);
}

WRAP(int, timerfd_create, (int clock, int flags))
{
	return fails("timerfd_create", EMFILE, -ENOMEM) ? -1 : __real_timerfd_create(clock, flags);
}

WRAP(int, timerfd_settime,
     (int fd, int flags, const struct itimerspec *spec, struct itimerspec *old))
{
	return fails("timerfd_settime", EINVAL, -ETIMEDOUT) ?
		       -1 :
		       __real_timerfd_settime(fd, flags, spec, old);
}

WRAP(ssize_t, read, (int fd, void *data, size_t size))
{
	return fails("read", EAGAIN, 0) ? -1 : __real_read(fd, data, size);
}

WRAP(int, poll, (struct pollfd * fds, nfds_t count, int timeout))
{
	return fails("poll", EINTR, 0) ? -1 : __real_poll(fds, count, timeout);
}

WRAP(int, getaddrinfo,
     (const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **ret))
{
	return fails("getaddrinfo", 0, -EADDRNOTAVAIL) ?
		       EAI_AGAIN :
		       __real_getaddrinfo(host, service, hints, ret);
}

/* Of the commands only those with an int, or nothing. glibc has another name for it as well. */
#define WRAP_FCNTL(name)                                               \
	int __real_##name(int fd, int command, ...);                   \
	int __wrap_##name(int fd, int command, ...);                   \
	int __wrap_##name(int fd, int command, ...)                    \
	{                                                              \
		va_list list;                                          \
		int argument;                                          \
                                                                       \
		if (fails(#name, EBADF, -EINVAL))                      \
			return -1;                                     \
		va_start(list, command);                               \
		argument = command == F_GETFL ? 0 : va_arg(list, int); \
		va_end(list);                                          \
		return __real_##name(fd, command, argument);           \
	}

WRAP_FCNTL(fcntl)
#ifdef __GLIBC__
WRAP_FCNTL(fcntl64)
#endif
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,*-valist.Uninitialized) */
