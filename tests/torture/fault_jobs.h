/* SPDX-License-Identifier: MIT */
/*
 * Runs of scenarios, in each of which another call fails: first each scenario without a failure, to
 * count its calls, then one run for each call and each way. A run waits most of its time, so many
 * processes share them; one that takes too long is ended by SIGALRM.
 */
#ifndef TESTS_TORTURE_FAULT_JOBS_H
#define TESTS_TORTURE_FAULT_JOBS_H

struct fault_scenario {
	const char *name;
	void (*run)(void);
	unsigned calls; /**< fewer than this mean that nothing was tested */
};

/** @return the exit status of the test */
int fault_jobs(const struct fault_scenario *scenarios, unsigned count);

#endif
