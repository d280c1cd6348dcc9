/* SPDX-License-Identifier: MIT */
/*
 * A command on an open connection against a bare exchange of the same bytes: both over a socketpair
 * to a process that gives a fixed answer to each command. All of it runs on one core, so that it is
 * not the waking of another that is measured. The two are measured in turns, and the medians of the
 * turns count.
 */
#define _GNU_SOURCE /* sched_setaffinity() */
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <qlink/qlink.h>

#include "bench.h"

#define COMMANDS 2000
#define TURNS    21
#define COMMAND  "VGL@ 101\r"
#define ANSWER   "50\r"

static void serve(int fd)
{
	char bytes[256];
	ssize_t size;

	while ((size = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		for (ssize_t i = 0; i < size; i++)
			if (bytes[i] == '\r' && send(fd, ANSWER, strlen(ANSWER), 0) < 0)
				return;
}

/* @return our end of a socketpair. */
static int start_peer(void)
{
	int fds[2];
	pid_t pid;

	require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	pid = fork();
	require(pid >= 0);
	if (pid == 0) {
		close(fds[0]);
		serve(fds[1]);
		_exit(0);
	}
	close(fds[1]);
	return fds[0];
}

static uint64_t run_raw(int fd)
{
	uint64_t start = now_ns();
	char bytes[256];

	for (unsigned i = 0; i < COMMANDS; i++) {
		require(send(fd, COMMAND, strlen(COMMAND), MSG_NOSIGNAL) > 0);
		require(recv(fd, bytes, sizeof(bytes), 0) == (ssize_t)strlen(ANSWER));
	}
	return now_ns() - start;
}

static uint64_t run_library(struct qlink *q)
{
	uint64_t start = now_ns();

	for (unsigned i = 0; i < COMMANDS; i++) {
		const struct qlink_event *e;

		require(qlink_load_get_sync(q, qlink_contractor(101), -1, &e) == 0);
		require(e->level == 50);
	}
	return now_ns() - start;
}

static void stay_on_one_core(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)sched_getcpu(), &set);
	require(sched_setaffinity(0, sizeof(set), &set) == 0);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static double median_us(uint64_t ns[TURNS])
{
	uint64_t median;

	qsort(ns, TURNS, sizeof(ns[0]), compare);
	median = ns[TURNS / 2];
	return (double)median / COMMANDS / 1e3;
}

int main(void)
{
	uint64_t raw_ns[TURNS];
	uint64_t library_ns[TURNS];
	struct qlink *q;
	double us;
	int raw;
	int fd;

	stay_on_one_core();
	raw = start_peer();
	fd = start_peer();
	require(qlink_new(&q) == 0);
	require(qlink_set_gap(q, 0) == 0);
	require(qlink_set_style(q, QLINK_STYLE_REGULAR) == 0);
	require(qlink_connect_fd(q, fd) == 0);
	run_raw(raw);
	run_library(q);
	for (unsigned i = 0; i < TURNS; i++) {
		raw_ns[i] = run_raw(raw);
		library_ns[i] = run_library(q);
	}
	us = median_us(library_ns);
	printf("command: %.2f us, %.2f of a raw exchange, target <= 1.2\n", us,
	       us / median_us(raw_ns));
	qlink_free(q);
	close(raw);
	while (wait(NULL) > 0)
		;
	return 0;
}
