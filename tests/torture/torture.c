/* SPDX-License-Identifier: MIT */
/* The loop of a torture test; see torture.h. */
#include "torture.h"

#include <dirent.h>
#include <stdlib.h>

#define MOST_RUNS 5000

static unsigned run;

void torture_broken(const char *file, int line, const char *condition)
{
	const char *name = fault_disarm();

	fprintf(stderr, "%s:%d: %s does not hold; run %u, in which %s failed\n", file, line,
		condition, run, name ? name : "nothing");
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

int torture(void (*scenario)(void *userdata), void *userdata, unsigned least)
{
	const char *name;

	do {
		unsigned descriptors = open_descriptors();
		long allocations = fault_balance();

		fault_arm(run);
		scenario(userdata);
		name = fault_disarm();
		must(open_descriptors() == descriptors);
		must(fault_balance() == allocations);
		run++;
	} while (name && run < MOST_RUNS);
	must(run < MOST_RUNS);
	must(run > least);
	printf("%u calls failed, one in each run\n", run - 1);
	return 0;
}
