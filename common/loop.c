/* SPDX-License-Identifier: MIT */
/* epoll and timerfd behind one descriptor. */
#include "common/loop.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* Events taken in one system call. */
#define BATCH 32

/* Above all tokens, which have 32 bits. */
#define TIMER UINT64_MAX

/* What a 32-bit time_t can hold; nobody waits longer. */
#define MAX_SECONDS INT32_MAX

/* No descriptor or no watch left is a lack of memory to the user. */
static int error_of(int err)
{
	return err == EMFILE || err == ENFILE || err == ENOSPC ? -ENOMEM : -err;
}

int cmn_loop_init(struct cmn_loop *l)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = TIMER };

	l->timer_fd = -1;
	l->deadline = UINT64_MAX;
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll_fd < 0)
		return error_of(errno);
	l->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (l->timer_fd < 0)
		return error_of(errno);
	if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, l->timer_fd, &event) < 0)
		return error_of(errno);
	return 0;
}

void cmn_loop_free(struct cmn_loop *l)
{
	if (l->timer_fd >= 0)
		close(l->timer_fd);
	if (l->epoll_fd >= 0)
		close(l->epoll_fd);
	l->timer_fd = -1;
	l->epoll_fd = -1;
}

int cmn_loop_fd(const struct cmn_loop *l)
{
	return l->epoll_fd;
}

static int control(struct cmn_loop *l, int op, int fd, unsigned events, uint32_t token)
{
	struct epoll_event event = { .data.u64 = token };

	if (events & CMN_LOOP_READ)
		event.events |= EPOLLIN;
	if (events & CMN_LOOP_WRITE)
		event.events |= EPOLLOUT;
	return epoll_ctl(l->epoll_fd, op, fd, &event) < 0 ? error_of(errno) : 0;
}

int cmn_loop_add(struct cmn_loop *l, int fd, unsigned events, uint32_t token)
{
	return control(l, EPOLL_CTL_ADD, fd, events, token);
}

int cmn_loop_modify(struct cmn_loop *l, int fd, unsigned events, uint32_t token)
{
	return control(l, EPOLL_CTL_MOD, fd, events, token);
}

int cmn_loop_remove(struct cmn_loop *l, int fd)
{
	return control(l, EPOLL_CTL_DEL, fd, 0, 0);
}

int cmn_loop_set_deadline(struct cmn_loop *l, uint64_t at_ms)
{
	struct itimerspec spec = { 0 };
	uint64_t seconds = at_ms / 1000;

	if (at_ms == l->deadline)
		return 0;
	if (at_ms != UINT64_MAX) {
		spec.it_value.tv_sec = (time_t)(seconds < MAX_SECONDS ? seconds : MAX_SECONDS);
		spec.it_value.tv_nsec = (long)(at_ms % 1000) * 1000000;
	}
	/* All zero would switch the timer off. */
	if (at_ms == 0)
		spec.it_value.tv_nsec = 1;
	if (timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL) < 0)
		return -errno;
	l->deadline = at_ms;
	return 0;
}

static void consume_timer(struct cmn_loop *l)
{
	uint64_t expirations;

	/* Nothing to read: the deadline was moved after it had come. */
	if (read(l->timer_fd, &expirations, sizeof(expirations)) > 0)
		l->deadline = UINT64_MAX;
}

static unsigned events_of(uint32_t happened)
{
	unsigned events = 0;

	if (happened & EPOLLIN)
		events |= CMN_LOOP_READ;
	if (happened & EPOLLOUT)
		events |= CMN_LOOP_WRITE;
	if (happened & (EPOLLERR | EPOLLHUP))
		events |= CMN_LOOP_HANGUP;
	return events;
}

int cmn_loop_wait(struct cmn_loop *l, struct cmn_loop_event *events, unsigned max)
{
	struct epoll_event happened[BATCH];
	int count, used = 0;

	do {
		count = epoll_wait(l->epoll_fd, happened, max < BATCH ? (int)max : BATCH, 0);
	} while (count < 0 && errno == EINTR);
	if (count < 0)
		return -errno;
	for (int i = 0; i < count; i++) {
		if (happened[i].data.u64 == TIMER) {
			consume_timer(l);
			continue;
		}
		events[used].token = (uint32_t)happened[i].data.u64;
		events[used].events = events_of(happened[i].events);
		used++;
	}
	return used;
}
