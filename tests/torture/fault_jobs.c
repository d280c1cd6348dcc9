/* SPDX-License-Identifier: MIT */
/* Many runs at once; see fault_jobs.h. */
#include "fault_jobs.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault_threads.h"
#include "meshtcp_node.h"

#define MOST_SCENARIOS 16
#define MOST_JOBS      8192
#define PROCESSES      48
#define WATCHDOG_S     80
#define ALL_OF         16 /* the first calls of a function all fail once, and of the others some */
#define SOME_OF        8
#define FOR_GOOD       6 /* fewer of them fail for good */

struct job {
	const struct fault_scenario *scenario;
	struct fault_plan plan;
};

/* What the processes share. */
static struct shared_memory {
	unsigned calls[MOST_SCENARIOS][CALLS];
	atomic_uint next, hits;
	atomic_bool broken;
} * shared;

static struct job jobs[MOST_JOBS];
static unsigned job_count;

static void add(const struct fault_scenario *scenario, struct fault_plan plan)
{
	must(job_count < MOST_JOBS);
	jobs[job_count++] = (struct job){ scenario, plan };
}

static void run(const struct job *job)
{
	struct level before = level_now();
	long memory = fault_memory();

	alarm(WATCHDOG_S);
	fault_plan(&job->plan);
	job->scenario->run();
	fault_lift();
	must(!fault_count(false));
	must_be_level(before);
	must(fault_memory() == memory);
	alarm(0);
}

static void describe(const struct job *job, const char *what)
{
	const struct fault_plan *plan = &job->plan;

	fprintf(stderr, "%s: %s; %s %u fails with %d%s\n", job->scenario->name, what,
		fault_name(plan->call), plan->number, plan->error,
		plan->for_good ? " for good" : "");
}

/* In a process of its own, since what goes wrong may end it. */
static bool survives(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		must(errno == EINTR);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void count_calls(const struct fault_scenario *scenario, unsigned *calls)
{
	struct job job = { scenario, { .call = CALLS } };
	unsigned sum = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	must(pid >= 0);
	if (pid == 0) {
		run(&job);
		for (enum call i = 0; i < CALLS; i++)
			calls[i] = fault_calls(i);
		exit(0);
	}
	if (!survives(pid)) {
		describe(&job, "broken");
		exit(1);
	}
	for (enum call i = 0; i < CALLS; i++)
		sum += calls[i];
	printf("%s: %u calls\n", scenario->name, sum);
	must(sum >= scenario->calls);
}

/* Nothing gets better by being interrupted or slow for ever. */
static bool lasts(int error, unsigned number)
{
	return error != EINTR && error != FAULT_SLOW && number % FOR_GOOD == 0;
}

static void add_jobs(const struct fault_scenario *scenario, const unsigned *calls)
{
	for (enum call call = 0; call < CALLS; call++) {
		for (unsigned number = 0; number < calls[call]; number++) {
			for (const int *way = fault_ways(call); *way; way++) {
				struct fault_plan plan = { call, number, *way, false };

				if (number >= ALL_OF && number % SOME_OF != 0)
					continue;
				add(scenario, plan);
				plan.for_good = true;
				if (lasts(*way, number))
					add(scenario, plan);
			}
		}
	}
}

/* One of the processes; what it is at is on its standard error when it ends before its time. */
static void work(void)
{
	unsigned at;

	while ((at = atomic_fetch_add(&shared->next, 1)) < job_count) {
		pid_t pid = fork();

		must(pid >= 0);
		if (pid == 0) {
			run(&jobs[at]);
			atomic_fetch_add(&shared->hits, fault_hit());
			exit(0);
		}
		if (!survives(pid)) {
			describe(&jobs[at], "broken");
			atomic_store(&shared->broken, true);
		}
	}
}

static void share(void)
{
	pid_t pids[PROCESSES];

	fflush(stdout);
	for (unsigned i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		must(pids[i] >= 0);
		if (pids[i] == 0) {
			work();
			exit(0);
		}
	}
	for (unsigned i = 0; i < PROCESSES; i++)
		if (!survives(pids[i]))
			atomic_store(&shared->broken, true);
}

int fault_jobs(const struct fault_scenario *scenarios, unsigned count)
{
	must(count <= MOST_SCENARIOS);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	must(shared != MAP_FAILED);
	for (unsigned i = 0; i < count; i++) {
		count_calls(&scenarios[i], shared->calls[i]);
		add_jobs(&scenarios[i], shared->calls[i]);
	}
	share();
	printf("%u runs, in %u of them a call failed\n", job_count, atomic_load(&shared->hits));
	if (atomic_load(&shared->broken))
		return 1;
	/* Not every run comes to as many calls as the first one. */
	must(atomic_load(&shared->hits) * 10 >= job_count * 7);
	return 0;
}
