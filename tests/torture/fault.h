/* SPDX-License-Identifier: MIT */
/*
 * Calls that fail on purpose: the linker puts these functions in the place of the C library's. The
 * calls of allocation and system functions are counted together, and one of them fails.
 */
#ifndef TESTS_TORTURE_FAULT_H
#define TESTS_TORTURE_FAULT_H

#include <stdbool.h>

/** One of the ways in which a call can fail. */
struct fault_kind {
	int error;         /**< its errno */
	int library_error; /**< what the library makes of it; 0 when it has to cope */
};

/** What runs out may be there again for the next call, or stay so. */
enum fault_length {
	FAULT_ONCE,
	FAULT_FOR_GOOD /**< all later calls fail as well that know the same errno */
};

/** Count from 0 and let the call with this number fail; KIND chooses among the ways that it has. */
void fault_arm(unsigned number, unsigned kind, enum fault_length length);

/** Count no more; @return the name of the function that failed, NULL when none did. */
const char *fault_disarm(void);

/** Let the test's own calls pass uncounted. */
void fault_pause(bool on);

/** @return the name of the function that has failed since fault_arm(), or NULL. */
const char *fault_failed(void);

/** @return the error that the library makes of that failure; 0 when it has to cope. */
int fault_error(void);

/** @return in how many ways the call can fail that has failed. */
unsigned fault_kinds(void);

/** @return allocations that were not freed, of all that is linked with these functions. */
long fault_balance(void);

/** For the functions in the place of others: must this call fail now? errno is set then.
 *  @return the way, valid until the next call, or NULL */
const struct fault_kind *fault_now(const char *name, const struct fault_kind *kinds,
				   unsigned count);

/** The same with the kinds as `{ errno, library_error }, ...`. */
#define FAILS(name, ...)                                            \
	fault_now(name, (const struct fault_kind[]){ __VA_ARGS__ }, \
		  sizeof((const struct fault_kind[]){ __VA_ARGS__ }) / sizeof(struct fault_kind))

#endif
