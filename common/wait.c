/* SPDX-License-Identifier: MIT */
/* How the blocking helpers wait. */
#include "wait.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/epoll.h>

#include "clock.h"

uint64_t cmn_wait_end(int timeout_ms)
{
	return timeout_ms < 0 ? UINT64_MAX : cmn_clock_ms() + (unsigned)timeout_ms;
}

int cmn_wait_left(uint64_t end)
{
	uint64_t now;

	if (end == UINT64_MAX)
		return -1;
	now = cmn_clock_ms();
	if (now >= end)
		return 0;
	return end - now < INT_MAX ? (int)(end - now) : INT_MAX;
}

/* poll() on an epoll descriptor would go through two queues of the kernel at each waking. */
int cmn_wait_loop(int loop_fd, int timeout_ms)
{
	struct epoll_event happened;

	return epoll_wait(loop_fd, &happened, 1, timeout_ms) < 0 && errno != EINTR ? -errno : 0;
}

int cmn_wait_fd(int fd, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, timeout_ms) < 0 && errno != EINTR ? -errno : 0;
}
