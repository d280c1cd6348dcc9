/* SPDX-License-Identifier: MIT */
/* Calls that fail on purpose in any thread; see fault_threads.h. */
#include "fault_threads.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SLOW_NS     60000000
#define SMALL_BYTES 4096

static const struct {
	const char *name;
	int ways[7];
} functions[CALLS] = {
	{ "malloc", { ENOMEM } },
	{ "calloc", { ENOMEM } },
	{ "realloc", { ENOMEM } },
	{ "strdup", { ENOMEM } },
	{ "socket", { EMFILE, ENFILE, ENOBUFS, EACCES, FAULT_SLOW } },
	{ "bind", { EADDRINUSE, ENOMEM } },
	{ "listen", { EADDRINUSE } },
	{ "accept4", { EMFILE, EINTR, ECONNABORTED } },
	{ "connect", { ECONNREFUSED, ETIMEDOUT, ENETUNREACH, ENOBUFS, EINTR, FAULT_SLOW } },
	{ "getsockopt", { ENOBUFS } },
	{ "send", { EPIPE, ENOBUFS, EINTR, EHOSTUNREACH, FAULT_SHORT, FAULT_SLOW } },
	{ "recv", { ECONNRESET, ENOMEM, EINTR, ENETDOWN, FAULT_SHORT } },
	{ "shutdown", { ENOTCONN, FAULT_SLOW } },
	{ "eventfd", { EMFILE, ENOMEM } },
	{ "write", { EAGAIN } },
	{ "read", { EAGAIN } },
	{ "poll", { EINTR, ENOMEM } },
	{ "getaddrinfo", { EAGAIN, ENOMEM, EMFILE, FAULT_SLOW } },
	{ "pthread_create", { EAGAIN } },
	{ "pthread_mutex_init", { ENOMEM } },
	{ "pthread_cond_init", { ENOMEM } },
};

static struct fault_plan plan;
static atomic_bool armed, hit;
static atomic_uint made[CALLS];
static atomic_long allocations;
static _Thread_local bool counted;

void fault_plan(const struct fault_plan *new_plan)
{
	plan = *new_plan;
	for (unsigned i = 0; i < CALLS; i++)
		atomic_store(&made[i], 0);
	atomic_store(&hit, false);
	atomic_store(&armed, true);
}

bool fault_hit(void)
{
	return atomic_load(&hit);
}

void fault_lift(void)
{
	atomic_store(&armed, false);
}

bool fault_count(bool on)
{
	bool before = counted;

	counted = on;
	return before;
}

unsigned fault_calls(enum call call)
{
	return atomic_load(&made[call]);
}

const int *fault_ways(enum call call)
{
	return functions[call].ways;
}

const char *fault_name(enum call call)
{
	return call < CALLS ? functions[call].name : "nothing";
}

long fault_memory(void)
{
	return atomic_load(&allocations);
}

static bool runs_out(int error)
{
	return error == ENOMEM || error == EMFILE || error == ENFILE || error == ENOBUFS;
}

static bool knows(enum call call, int error)
{
	for (const int *way = functions[call].ways; *way; way++)
		if (*way == error)
			return true;
	return false;
}

bool fault_is(enum call call)
{
	return plan.call == call;
}

bool fault_lasts(enum call call)
{
	if (!plan.for_good || !fault_hit())
		return false;
	return plan.call == call || (runs_out(plan.error) && knows(call, plan.error));
}

static bool must_fail(enum call call, unsigned number)
{
	if (call == plan.call && number == plan.number) {
		atomic_store(&hit, true);
		return true;
	}
	return fault_lasts(call) && (call != plan.call || number > plan.number);
}

/* 0, or how this call has to fail; errno is set then. A slow one has been slow. */
static int fails(enum call call)
{
	static const struct timespec slow = { .tv_nsec = SLOW_NS };

	if (!counted || !atomic_load(&armed))
		return 0;
	if (!must_fail(call, atomic_fetch_add(&made[call], 1)))
		return 0;
	if (plan.error == FAULT_SLOW) {
		nanosleep(&slow, NULL);
		return 0;
	}
	if (plan.error > 0)
		errno = plan.error;
	return plan.error;
}

static void *kept(void *memory)
{
	atomic_fetch_add(&allocations, memory != NULL);
	return memory;
}

/* The linker's names begin with two underscores. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
#define WRAP(type, name, params)   \
	type __real_##name params; \
	type __wrap_##name params; \
	type __wrap_##name params

WRAP(void *, malloc, (size_t size))
{
	return fails(CALL_MALLOC) ? NULL : kept(__real_malloc(size));
}

WRAP(void *, calloc, (size_t count, size_t size))
{
	return fails(CALL_CALLOC) ? NULL : kept(__real_calloc(count, size));
}

WRAP(void *, realloc, (void *memory, size_t size))
{
	void *moved;

	if (fails(CALL_REALLOC))
		return NULL;
	moved = __real_realloc(memory, size);
	return memory ? moved : kept(moved);
}

WRAP(char *, strdup, (const char *text))
{
	return fails(CALL_STRDUP) ? NULL : kept(__real_strdup(text));
}

WRAP(char *, strndup, (const char *text, size_t size))
{
	return fails(CALL_STRDUP) ? NULL : kept(__real_strndup(text, size));
}

WRAP(void, free, (void *memory))
{
	atomic_fetch_sub(&allocations, memory != NULL);
	__real_free(memory);
}

/* With little room, so that a node that reads nothing soon blocks who sends. */
WRAP(int, socket, (int domain, int type, int protocol))
{
	int fd = fails(CALL_SOCKET) ? -1 : __real_socket(domain, type, protocol);
	int small = SMALL_BYTES;

	if (fd >= 0 && counted && domain == AF_INET)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	return fd;
}

WRAP(int, bind, (int fd, const struct sockaddr *address, socklen_t size))
{
	return fails(CALL_BIND) ? -1 : __real_bind(fd, address, size);
}

WRAP(int, listen, (int fd, int backlog))
{
	return fails(CALL_LISTEN) ? -1 : __real_listen(fd, backlog);
}

WRAP(int, accept4, (int fd, struct sockaddr *address, socklen_t *size, int flags))
{
	return fails(CALL_ACCEPT4) ? -1 : __real_accept4(fd, address, size, flags);
}

WRAP(int, connect, (int fd, const struct sockaddr *address, socklen_t size))
{
	return fails(CALL_CONNECT) ? -1 : __real_connect(fd, address, size);
}

WRAP(int, getsockopt, (int fd, int level, int name, void *value, socklen_t *size))
{
	return fails(CALL_GETSOCKOPT) ? -1 : __real_getsockopt(fd, level, name, value, size);
}

WRAP(ssize_t, send, (int fd, const void *data, size_t size, int flags))
{
	int error = fails(CALL_SEND);

	if (error > 0)
		return -1;
	return __real_send(fd, data, error == FAULT_SHORT ? 1 : size, flags);
}

WRAP(ssize_t, recv, (int fd, void *data, size_t size, int flags))
{
	int error = fails(CALL_RECV);

	if (error > 0)
		return -1;
	return __real_recv(fd, data, error == FAULT_SHORT ? 1 : size, flags);
}

/* It fails on what is not connected any more; until then it does what it is for. */
WRAP(int, shutdown, (int fd, int how))
{
	int error = fails(CALL_SHUTDOWN);
	int ret = __real_shutdown(fd, how);

	if (error > 0)
		errno = error;
	return error > 0 ? -1 : ret;
}

WRAP(int, eventfd, (unsigned value, int flags))
{
	return fails(CALL_EVENTFD) ? -1 : __real_eventfd(value, flags);
}

WRAP(ssize_t, write, (int fd, const void *data, size_t size))
{
	return fails(CALL_WRITE) ? -1 : __real_write(fd, data, size);
}

WRAP(ssize_t, read, (int fd, void *data, size_t size))
{
	return fails(CALL_READ) ? -1 : __real_read(fd, data, size);
}

WRAP(int, poll, (struct pollfd * fds, nfds_t count, int timeout))
{
	return fails(CALL_POLL) ? -1 : __real_poll(fds, count, timeout);
}

WRAP(int, getaddrinfo,
     (const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **ret))
{
	switch (fails(CALL_GETADDRINFO)) {
	case 0:
		return __real_getaddrinfo(host, service, hints, ret);
	case ENOMEM:
		return EAI_MEMORY;
	case EMFILE:
		return EAI_SYSTEM;
	default:
		return EAI_AGAIN;
	}
}

WRAP(int, pthread_mutex_init, (pthread_mutex_t * mutex, const pthread_mutexattr_t *attributes))
{
	int error = fails(CALL_MUTEX_INIT);

	return error ? error : __real_pthread_mutex_init(mutex, attributes);
}

WRAP(int, pthread_cond_init, (pthread_cond_t * cond, const pthread_condattr_t *attributes))
{
	int error = fails(CALL_COND_INIT);

	return error ? error : __real_pthread_cond_init(cond, attributes);
}

/* Children of what counts count as well. */
struct beginning {
	void *(*run)(void *argument);
	void *argument;
};

void *__real_malloc(size_t size);
void __real_free(void *memory);

static void *begin(void *beginning)
{
	struct beginning b = *(struct beginning *)beginning;

	__real_free(beginning);
	counted = true;
	return b.run(b.argument);
}

WRAP(int, pthread_create,
     (pthread_t * thread, const pthread_attr_t *attributes, void *(*run)(void *argument),
      void *argument))
{
	int error = fails(CALL_PTHREAD_CREATE);
	struct beginning *b;

	if (error || !counted)
		return error ? error : __real_pthread_create(thread, attributes, run, argument);
	b = __real_malloc(sizeof(*b));
	if (!b)
		return EAGAIN;
	*b = (struct beginning){ run, argument };
	error = __real_pthread_create(thread, attributes, begin, b);
	if (error)
		__real_free(b);
	return error;
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
