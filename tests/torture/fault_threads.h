/* SPDX-License-Identifier: MIT */
/*
 * Calls that fail on purpose, for a library with threads: each function is counted on its own,
 * since the order among threads is another one in every run, and only in threads that are the
 * library's or have asked for it. Otherwise like fault.h.
 */
#ifndef TESTS_TORTURE_FAULT_THREADS_H
#define TESTS_TORTURE_FAULT_THREADS_H

#include <stdbool.h>

/** The functions; the names are in the same order in fault_threads.c. */
enum call {
	CALL_MALLOC,
	CALL_CALLOC,
	CALL_REALLOC,
	CALL_STRDUP,
	CALL_SOCKET,
	CALL_BIND,
	CALL_LISTEN,
	CALL_ACCEPT4,
	CALL_CONNECT,
	CALL_GETSOCKOPT,
	CALL_SEND,
	CALL_RECV,
	CALL_SHUTDOWN,
	CALL_EVENTFD,
	CALL_WRITE,
	CALL_READ,
	CALL_POLL,
	CALL_GETADDRINFO,
	CALL_PTHREAD_CREATE,
	CALL_MUTEX_INIT,
	CALL_COND_INIT,
	CALLS
};

/** No errno: the call does less than was asked for, or only after a while. */
#define FAULT_SHORT (-1)
#define FAULT_SLOW  (-2)

/** Which call fails and how; call CALLS: none. */
struct fault_plan {
	enum call call;
	unsigned number; /**< among the calls of this function, from 0 */
	int error;
	bool for_good; /**< so do all later ones; what has run out stays so */
};

/** Count from 0; no other thread of the library may be there. */
void fault_plan(const struct fault_plan *plan);
/** @return whether it has happened since */
bool fault_hit(void);
/** @return whether it is this function that fails */
bool fault_is(enum call call);
/** @return whether this function fails for good, because of itself or of what has run out */
bool fault_lasts(enum call call);
/** From now on nothing fails any more. */
void fault_lift(void);
/** Whether the calls of this thread count. @return whether they did before */
bool fault_count(bool on);
/** @return how many calls of a function were counted */
unsigned fault_calls(enum call call);
/** @return errors in which it can fail, ended by 0 */
const int *fault_ways(enum call call);
const char *fault_name(enum call call);
/** @return allocations of the whole program that are not freed */
long fault_memory(void);

#endif
