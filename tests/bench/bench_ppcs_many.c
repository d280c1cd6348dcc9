/* SPDX-License-Identifier: MIT */
/*
 * Five hundred races at once in one thread, each with its own handle: their time, CPU time and
 * heap, against as many bare handshakes in one thread.
 */
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench.h"
#include "ppcs_client.h"
#include "ppcs_raw.h"

#define RACES   500
#define BATCH   64
#define STEP_MS 10

struct cost {
	double ms, cpu_ms;
	size_t heap;
};

static struct ppcs *handles[RACES];
static struct raw clients[RACES];

static double cpu_ms(void)
{
	struct rusage usage;

	require(getrusage(RUSAGE_SELF, &usage) == 0);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static void watch(int loop, int fd, unsigned index)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = index };

	require(epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event) == 0);
}

static size_t higher(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* TYPE: until when. With HEAP the memory is looked at all the time, which costs some. */
static struct cost race(const struct camera *c, enum ppcs_event_type type, bool heap)
{
	struct cost cost = { .cpu_ms = cpu_ms() };
	size_t before = mallinfo2().uordblks;
	uint64_t start = now_ns();
	int loop = epoll_create1(EPOLL_CLOEXEC);
	unsigned left = RACES;

	for (unsigned i = 0; i < RACES; i++) {
		handles[i] = client_new(c, false);
		require(ppcs_connect(handles[i]) == 0);
		watch(loop, ppcs_get_fd(handles[i]), i);
	}
	while (left > 0) {
		struct epoll_event events[BATCH];
		int count = epoll_wait(loop, events, BATCH, -1);

		require(count > 0);
		for (int i = 0; i < count; i++) {
			struct ppcs *p = handles[events[i].data.u32];

			require(ppcs_dispatch(p) == 0);
			left -= client_has(p, type);
		}
		if (heap)
			cost.heap = higher(cost.heap, mallinfo2().uordblks - before);
	}
	cost.ms = (double)(now_ns() - start) / 1e6;
	cost.cpu_ms = cpu_ms() - cost.cpu_ms;
	for (unsigned i = 0; i < RACES; i++) {
		require(ppcs_get_report(handles[i])->success);
		ppcs_free(handles[i]);
	}
	close(loop);
	return cost;
}

static struct cost race_raw(const struct camera *c)
{
	struct cost cost = { .cpu_ms = cpu_ms() };
	uint64_t start = now_ns();
	int loop = epoll_create1(EPOLL_CLOEXEC);
	unsigned left = RACES;

	for (unsigned i = 0; i < RACES; i++) {
		raw_start(&clients[i], c);
		watch(loop, clients[i].fd, i);
	}
	while (left > 0) {
		struct epoll_event events[BATCH];
		int count = epoll_wait(loop, events, BATCH, STEP_MS);

		for (int i = 0; i < count; i++) {
			struct raw *r = &clients[events[i].data.u32];
			bool done = r->done;

			raw_receive(r);
			left -= r->done && !done;
		}
		for (unsigned i = 0; i < RACES && count == 0; i++)
			raw_repeat(&clients[i]);
	}
	cost.ms = (double)(now_ns() - start) / 1e6;
	cost.cpu_ms = cpu_ms() - cost.cpu_ms;
	for (unsigned i = 0; i < RACES; i++)
		raw_end(&clients[i]);
	close(loop);
	return cost;
}

static void raise_limit(void)
{
	struct rlimit limit;

	require(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	limit.rlim_cur = limit.rlim_max;
	require(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	require(limit.rlim_cur >= (rlim_t)RACES * 8);
}

int main(void)
{
	struct camera c;
	struct cost connected, told, memory, raw;

	raise_limit();
	c = camera_start(0, 1);
	race_raw(&c);
	raw = race_raw(&c);
	connected = race(&c, PPCS_EVENT_CONNECTED, false);
	told = race(&c, PPCS_EVENT_RESULT, false);
	memory = race(&c, PPCS_EVENT_RESULT, true);
	camera_stop(&c);
	printf("%d races at once: all won in %.1f ms, %.2f of raw handshakes in %.1f; all results "
	       "in %.1f ms, target: all won\n",
	       RACES, connected.ms, connected.ms / raw.ms, raw.ms, told.ms);
	printf("%d races at once: %.1f ms of CPU to all won, %.2f of raw handshakes with %.1f; "
	       "%.1f ms to all results\n",
	       RACES, connected.cpu_ms, connected.cpu_ms / raw.cpu_ms, raw.cpu_ms, told.cpu_ms);
	printf("%d races at once: %.1f KiB of heap at the peak, %.1f each, %.2f of the limit, "
	       "target <= 64 each\n",
	       RACES, (double)memory.heap / 1024, (double)memory.heap / 1024 / RACES,
	       (double)memory.heap / 1024 / RACES / 64);
	return 0;
}
