/* SPDX-License-Identifier: MIT */
/*
 * Runs a program a number of times, one after the other, and prints the median of its time from
 * start to exit in microseconds and the most memory it held in KiB. A small program has to do this:
 * what it holds itself counts for the new process until that is loaded.
 */
#define _DEFAULT_SOURCE /* wait4() */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define MOST_RUNS 10000

static uint64_t times[MOST_RUNS];

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* @return its memory in KiB. */
static long run(char **argv, uint64_t *ret_ns)
{
	uint64_t start = now_ns();
	struct rusage usage;
	pid_t pid = fork();
	int status;

	require(pid >= 0);
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		if (null >= 0 && dup2(null, STDOUT_FILENO) >= 0)
			execv(argv[0], argv);
		_exit(127);
	}
	require(wait4(pid, &status, 0, &usage) == pid);
	*ret_ns = now_ns() - start;
	require(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	return usage.ru_maxrss;
}

int main(int argc, char **argv)
{
	unsigned long runs = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;
	uint64_t median;
	long most = 0;

	require(runs > 0 && runs <= MOST_RUNS);
	for (unsigned long i = 0; i < runs; i++) {
		long memory = run(argv + 2, &times[i]);

		most = memory > most ? memory : most;
	}
	qsort(times, runs, sizeof(times[0]), compare);
	median = times[runs / 2];
	printf("%.0f %ld\n", (double)median / 1e3, most);
	return 0;
}
