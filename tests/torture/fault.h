/* SPDX-License-Identifier: MIT */
/*
 * Calls that fail on purpose: the linker puts these functions in the place of the C library's. The
 * calls of allocation and system functions are counted together, and one of them fails.
 */
#ifndef TESTS_TORTURE_FAULT_H
#define TESTS_TORTURE_FAULT_H

#include <stdbool.h>

/** Count from 0 and let the call with this number fail. */
void fault_arm(unsigned number);

/** Count no more; @return the name of the function that failed, NULL when none did. */
const char *fault_disarm(void);

/** Let the test's own calls pass uncounted. */
void fault_pause(bool on);

/** @return the name of the function that has failed since fault_arm(), or NULL. */
const char *fault_failed(void);

/** @return the error that the library makes of that failure; 0 when it has to cope. */
int fault_error(void);

/** @return allocations that were not freed, of all that is linked with these functions. */
long fault_balance(void);

#endif
