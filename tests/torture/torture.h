/* SPDX-License-Identifier: MIT */
/*
 * The loop of a torture test: a scenario is run again and again, and each time another one of its
 * calls fails, until a run comes through without a failure.
 */
#ifndef TESTS_TORTURE_TORTURE_H
#define TESTS_TORTURE_TORTURE_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "fault.h"

/** What has to hold in every run. */
#define must(condition)                                                 \
	do {                                                            \
		if (!(condition))                                       \
			torture_broken(__FILE__, __LINE__, #condition); \
	} while (0)

/** Say which run broke, and end the program. */
_Noreturn void torture_broken(const char *file, int line, const char *condition);

/**
 * Run the scenario until nothing fails any more. After each run as many descriptors are open and as
 * many allocations are there as before it.
 * @param least  fewer runs than this mean that nothing was tested
 * @return the exit status of the test
 */
int torture(void (*scenario)(void *userdata), void *userdata, unsigned least);

/** The same, and each call fails in all the ways that it knows. */
int torture_kinds(void (*scenario)(void *userdata), void *userdata, unsigned least);

/** The same, and what has run out stays so until the scenario is over. */
int torture_for_good(void (*scenario)(void *userdata), void *userdata, unsigned least);

/** An error that came out: must be the one that the failed call causes. 0 is none. */
#define torture_error(error) torture_error_at(error, __FILE__, __LINE__)
void torture_error_at(int error, const char *file, int line);

#endif
