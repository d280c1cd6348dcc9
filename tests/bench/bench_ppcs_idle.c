/* SPDX-License-Identifier: MIT */
/*
 * How often a session wakes its program that has nothing to do but to live: the least is once a
 * second for ALIVE and once for its answer. Beside it the same in bare bytes.
 */
#include <poll.h>

#include "bench.h"
#include "ppcs_client.h"
#include "ppcs_raw.h"

#define SECONDS   5
#define A_MINUTE  (60 / SECONDS)
#define ALIVE_MS  1000
#define SECOND_NS UINT64_C(1000000000)

static int remaining_ms(uint64_t end)
{
	uint64_t now = now_ns();

	return now < end ? (int)((end - now) / 1000000) + 1 : 0;
}

static unsigned hold(struct ppcs *p)
{
	struct pollfd fd = { .fd = ppcs_get_fd(p), .events = POLLIN };
	uint64_t end = now_ns() + SECONDS * SECOND_NS + SECOND_NS / 2;
	unsigned wakes = 0;

	while (remaining_ms(end) > 0) {
		if (poll(&fd, 1, remaining_ms(end)) <= 0)
			continue;
		wakes++;
		require(ppcs_dispatch(p) == 0);
		client_has(p, PPCS_EVENT_CLOSED);
	}
	require(ppcs_get_state(p) == PPCS_STATE_CONNECTED);
	return wakes;
}

static unsigned hold_raw(const struct camera *c)
{
	struct pollfd fd = { .events = POLLIN };
	unsigned wakes = 0;
	struct raw r;
	uint64_t end;

	raw_start(&r, c);
	fd.fd = r.fd;
	while (!r.done) {
		require(poll(&fd, 1, ALIVE_MS) == 1);
		raw_receive(&r);
	}
	end = now_ns() + SECONDS * SECOND_NS + SECOND_NS / 2;
	while (remaining_ms(end) > 0) {
		int left = remaining_ms(end) < ALIVE_MS ? remaining_ms(end) : ALIVE_MS;
		int ready = poll(&fd, 1, left);

		wakes += ready > 0 || left == ALIVE_MS;
		if (ready > 0) {
			raw_receive(&r);
			continue;
		}
		/* The last thing that it said was ALIVE. */
		r.done = false;
		r.due_ns = 0;
		raw_repeat(&r);
	}
	raw_end(&r);
	return wakes;
}

int main(void)
{
	struct camera c = camera_start(0, 1);
	struct ppcs *p = client_new(&c, true);
	const struct ppcs_statistics *statistics;
	unsigned wakes;
	unsigned raw;

	require(ppcs_connect(p) == 0);
	require(client_wait(p, PPCS_EVENT_RESULT)->error == 0);
	wakes = hold(p);
	statistics = ppcs_get_statistics(p);
	raw = hold_raw(&c);
	printf("idle session: %u wake-ups a minute, %.2f of a raw client's %u, target: due timers "
	       "only (%llu ALIVE and %llu answers of it in %d s)\n",
	       wakes * A_MINUTE, (double)wakes / raw, raw * A_MINUTE,
	       (unsigned long long)statistics->alive_sent,
	       (unsigned long long)statistics->alive_received, SECONDS);
	ppcs_free(p);
	camera_stop(&c);
	return 0;
}
