/* SPDX-License-Identifier: MIT */
/* The one place where a tool waits. */
#include "tools/cli/wait.h"
#include "tools/cli/output.h"
#include "tools/cli/progress.h"
#include "tools/cli/signal.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

enum {
	AT_FD,
	AT_OTHER,
	AT_SIGNAL,
	AT_OUTPUT,
	AT_COUNT
};

int64_t cli_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int collect(const struct pollfd set[AT_COUNT])
{
	int what = 0;

	if (set[AT_FD].revents)
		what |= CLI_WAIT_FD;
	if (set[AT_OTHER].revents)
		what |= CLI_WAIT_OTHER;
	if (set[AT_SIGNAL].revents) {
		cli_signal_drain();
		what |= CLI_WAIT_SIGNAL;
	}
	if (set[AT_OUTPUT].revents & POLLOUT)
		what |= CLI_WAIT_WRITABLE;
	if (set[AT_OUTPUT].revents & ~POLLOUT) {
		cli_out_fail(-EPIPE);
		what |= CLI_WAIT_OUTPUT;
	}
	return what;
}

/* How long to sleep at most: to the deadline, but not past the next drawing of the progress. */
static int slice(int64_t deadline)
{
	int tick = cli_progress_tick();
	int64_t left;

	if (deadline < 0)
		return tick;
	left = deadline - cli_now_ms();
	if (left < 0)
		left = 0;
	return tick >= 0 && tick < left ? tick : (int)left;
}

int cli_wait_output(int fd, int other, bool output, int timeout_ms)
{
	int64_t deadline = timeout_ms < 0 ? -1 : cli_now_ms() + timeout_ms;
	int err = cli_signal_init();
	struct pollfd set[AT_COUNT] = {
		[AT_FD] = { .fd = fd, .events = POLLIN },
		[AT_OTHER] = { .fd = other, .events = POLLIN },
		[AT_SIGNAL] = { .fd = cli_signal_fd(), .events = POLLIN },
		/* Without events only an error or a hang-up is reported. */
		[AT_OUTPUT] = { .fd = cli_out_error() ? -1 : STDOUT_FILENO,
				.events = output ? POLLOUT : 0 },
	};

	if (err)
		return err;
	for (;;) {
		int what;

		if (poll(set, AT_COUNT, slice(deadline)) < 0) {
			if (errno != EINTR)
				return -errno;
			continue;
		}
		what = collect(set);
		if (what || (deadline >= 0 && cli_now_ms() >= deadline))
			return what;
	}
}

int cli_wait_other(int fd, int other, int timeout_ms)
{
	return cli_wait_output(fd, other, false, timeout_ms);
}

int cli_wait(int fd, int timeout_ms)
{
	return cli_wait_other(fd, -1, timeout_ms);
}
