/* SPDX-License-Identifier: MIT */
/* The loop of a torture test; see torture.h. */
#include "torture.h"

#include <dirent.h>
#include <stdlib.h>

#define MOST_RUNS 5000

static unsigned run, kind;

void torture_broken(const char *file, int line, const char *condition)
{
	const char *name = fault_disarm();

	fprintf(stderr, "%s:%d: %s does not hold; run %u.%u, in which %s failed\n", file, line,
		condition, run, kind, name ? name : "nothing");
	exit(1);
}

void torture_error_at(int error, const char *file, int line)
{
	char text[80];

	if (error == 0 || (fault_failed() && error == fault_error()))
		return;
	snprintf(text, sizeof(text), "error %d instead of 0 or %d", error, fault_error());
	torture_broken(file, line, text);
}

static unsigned open_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	unsigned count = 0;

	must(directory);
	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

/* @return what failed, or NULL */
static const char *run_once(void (*scenario)(void *userdata), void *userdata,
			    enum fault_length length)
{
	unsigned descriptors = open_descriptors();
	long allocations = fault_balance();
	const char *name;

	fault_arm(run, kind, length);
	scenario(userdata);
	name = fault_disarm();
	must(open_descriptors() == descriptors);
	must(fault_balance() == allocations);
	return name;
}

static int run_all(void (*scenario)(void *userdata), void *userdata, unsigned least,
		   bool every_kind, enum fault_length length)
{
	const char *name;
	unsigned failures = 0;

	run = 0;
	do {
		unsigned kinds;

		kind = 0;
		name = run_once(scenario, userdata, length);
		failures += name != NULL;
		kinds = fault_kinds();
		while (every_kind && ++kind < kinds)
			failures += run_once(scenario, userdata, length) != NULL;
		run++;
	} while (name && run < MOST_RUNS);
	must(run < MOST_RUNS);
	must(run > least);
	printf("%u calls failed, one in each run\n", failures);
	return 0;
}

int torture(void (*scenario)(void *userdata), void *userdata, unsigned least)
{
	return run_all(scenario, userdata, least, false, FAULT_ONCE);
}

int torture_kinds(void (*scenario)(void *userdata), void *userdata, unsigned least)
{
	return run_all(scenario, userdata, least, true, FAULT_ONCE);
}

int torture_for_good(void (*scenario)(void *userdata), void *userdata, unsigned least)
{
	return run_all(scenario, userdata, least, false, FAULT_FOR_GOOD);
}
