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
static unsigned wanted; /* way to fail */
static enum fault_length lasting;
static const char *failed;
static struct fault_kind happened;
static unsigned ways;
static long allocations;

void fault_arm(unsigned number, unsigned kind, enum fault_length length)
{
	until = number;
	wanted = kind;
	lasting = length;
	failed = NULL;
	happened = (struct fault_kind){ 0 };
	ways = 0;
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
	return happened.library_error;
}

unsigned fault_kinds(void)
{
	return ways;
}

long fault_balance(void)
{
	return allocations;
}

static bool runs_out(int error)
{
	return error == ENOMEM || error == EMFILE || error == ENFILE || error == ENOSPC ||
	       error == ENOBUFS;
}

/* What has run out stays so: the kind with the errno that was met before. */
static const struct fault_kind *again(const struct fault_kind *kinds, unsigned count)
{
	if (lasting != FAULT_FOR_GOOD || !runs_out(happened.error))
		return NULL;
	for (unsigned i = 0; i < count; i++)
		if (kinds[i].error == happened.error)
			return &happened;
	return NULL;
}

const struct fault_kind *fault_now(const char *name, const struct fault_kind *kinds, unsigned count)
{
	const struct fault_kind *kind = NULL;

	if (!armed)
		return NULL;
	if (failed) {
		kind = again(kinds, count);
	} else if (until-- == 0) {
		failed = name;
		ways = count;
		happened = kinds[wanted % count];
		kind = &happened;
	}
	if (kind)
		errno = kind->error;
	return kind;
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
	return FAILS("malloc", { ENOMEM, -ENOMEM }) ? NULL : counted(__real_malloc(size));
}

WRAP(void *, calloc, (size_t count, size_t size))
{
	return FAILS("calloc", { ENOMEM, -ENOMEM }) ? NULL : counted(__real_calloc(count, size));
}

WRAP(void *, realloc, (void *memory, size_t size))
{
	void *moved;

	if (FAILS("realloc", { ENOMEM, -ENOMEM }))
		return NULL;
	moved = __real_realloc(memory, size);
	return memory ? moved : counted(moved);
}

WRAP(char *, strndup, (const char *text, size_t size))
{
	return FAILS("strndup", { ENOMEM, -ENOMEM }) ? NULL : counted(__real_strndup(text, size));
}

WRAP(char *, strdup, (const char *text))
{
	return FAILS("strdup", { ENOMEM, -ENOMEM }) ? NULL : counted(__real_strdup(text));
}

WRAP(void, free, (void *memory))
{
	allocations -= memory != NULL;
	__real_free(memory);
}

WRAP(int, socket, (int domain, int type, int protocol))
{
	return FAILS("socket", { EMFILE, -ENOMEM }, { ENFILE, -ENOMEM }, { ENOBUFS, -ENOMEM },
		     { EACCES, 0 }) ?
		       -1 :
		       __real_socket(domain, type, protocol);
}

WRAP(int, setsockopt, (int fd, int level, int name, const void *value, socklen_t size))
{
	if (FAILS("setsockopt", { ENOPROTOOPT, 0 }, { ENOBUFS, 0 }))
		return -1;
	return __real_setsockopt(fd, level, name, value, size);
}

WRAP(int, getsockopt, (int fd, int level, int name, void *value, socklen_t *size))
{
	return FAILS("getsockopt", { ENOBUFS, -ENOMEM }) ?
		       -1 :
		       __real_getsockopt(fd, level, name, value, size);
}

WRAP(int, connect, (int fd, const struct sockaddr *address, socklen_t size))
{
	return FAILS("connect", { ECONNREFUSED, -ECONNREFUSED }, { ETIMEDOUT, -ETIMEDOUT },
		     { ENETUNREACH, -EHOSTUNREACH }, { ENOBUFS, -ENOMEM }) ?
		       -1 :
		       __real_connect(fd, address, size);
}

WRAP(ssize_t, send, (int fd, const void *data, size_t size, int flags))
{
	return FAILS("send", { EPIPE, -ECONNRESET }, { EAGAIN, 0 }, { EINTR, 0 }) ?
		       -1 :
		       __real_send(fd, data, size, flags);
}

WRAP(ssize_t, recv, (int fd, void *data, size_t size, int flags))
{
	return FAILS("recv", { ECONNRESET, -ECONNRESET }, { EAGAIN, 0 }, { EINTR, 0 }) ?
		       -1 :
		       __real_recv(fd, data, size, flags);
}

WRAP(int, epoll_create1, (int flags))
{
	return FAILS("epoll_create1", { EMFILE, -ENOMEM }) ? -1 : __real_epoll_create1(flags);
}

/* To watch something no more never fails. */
WRAP(int, epoll_ctl, (int epoll_fd, int op, int fd, struct epoll_event *event))
{
	if (op != EPOLL_CTL_DEL && FAILS("epoll_ctl", { ENOSPC, -ENOMEM }, { ENOMEM, -ENOMEM }))
		return -1;
	return __real_epoll_ctl(epoll_fd, op, fd, event);
}

WRAP(int, epoll_wait, (int epoll_fd, struct epoll_event *events, int max, int timeout))
{
	return FAILS("epoll_wait", { EINTR, 0 }, { EBADF, -EBADF }) ?
		       -1 :
		       __real_epoll_wait(epoll_fd, events, max, timeout);
}

WRAP(int, timerfd_create, (int clock, int flags))
{
	return FAILS("timerfd_create", { EMFILE, -ENOMEM }) ? -1 :
							      __real_timerfd_create(clock, flags);
}

WRAP(int, timerfd_settime,
     (int fd, int flags, const struct itimerspec *spec, struct itimerspec *old))
{
	return FAILS("timerfd_settime", { EINVAL, -ETIMEDOUT }) ?
		       -1 :
		       __real_timerfd_settime(fd, flags, spec, old);
}

WRAP(ssize_t, read, (int fd, void *data, size_t size))
{
	return FAILS("read", { EAGAIN, 0 }) ? -1 : __real_read(fd, data, size);
}

WRAP(int, poll, (struct pollfd * fds, nfds_t count, int timeout))
{
	return FAILS("poll", { EINTR, 0 }, { ENOMEM, -ENOMEM }) ? -1 :
								  __real_poll(fds, count, timeout);
}

WRAP(int, getaddrinfo,
     (const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **ret))
{
	return FAILS("getaddrinfo", { 0, -EADDRNOTAVAIL }) ?
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
		if (FAILS(#name, { EBADF, -EINVAL }))                  \
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
