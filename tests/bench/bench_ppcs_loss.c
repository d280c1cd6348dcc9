/* SPDX-License-Identifier: MIT */
/*
 * Races over a LAN that loses 30 of 100 datagrams in both directions, some at a time, against bare
 * clients on one socket each that repeat every step after 100 ms.
 */
#include <poll.h>

#include "bench.h"
#include "ppcs_client.h"
#include "ppcs_raw.h"

#define LOSS      30
#define AT_ONCE   50
#define BATCHES   10
#define RACES     (AT_ONCE * BATCHES)
#define STEP_MS   10
#define TARGET_MS 400

static double since_ms(uint64_t start)
{
	return (double)(now_ns() - start) / 1e6;
}

static void race(const struct camera *c, double *ms)
{
	struct ppcs *handles[AT_ONCE];
	struct pollfd fds[AT_ONCE];
	uint64_t starts[AT_ONCE];
	unsigned left = AT_ONCE;

	for (unsigned i = 0; i < AT_ONCE; i++) {
		handles[i] = client_new(c, true);
		starts[i] = now_ns();
		require(ppcs_connect(handles[i]) == 0);
		fds[i] = (struct pollfd){ .fd = ppcs_get_fd(handles[i]), .events = POLLIN };
	}
	while (left > 0) {
		require(poll(fds, AT_ONCE, -1) > 0);
		for (unsigned i = 0; i < AT_ONCE; i++) {
			if (!fds[i].revents)
				continue;
			require(ppcs_dispatch(handles[i]) == 0);
			if (!client_has(handles[i], PPCS_EVENT_CONNECTED))
				continue;
			ms[i] = since_ms(starts[i]);
			fds[i].fd = -1;
			left--;
		}
	}
	for (unsigned i = 0; i < AT_ONCE; i++)
		ppcs_free(handles[i]);
}

static void race_raw(const struct camera *c, double *ms)
{
	struct raw clients[AT_ONCE];
	struct pollfd fds[AT_ONCE];
	uint64_t starts[AT_ONCE];
	unsigned left = AT_ONCE;

	for (unsigned i = 0; i < AT_ONCE; i++) {
		starts[i] = now_ns();
		raw_start(&clients[i], c);
		fds[i] = (struct pollfd){ .fd = clients[i].fd, .events = POLLIN };
	}
	while (left > 0) {
		require(poll(fds, AT_ONCE, STEP_MS) >= 0);
		for (unsigned i = 0; i < AT_ONCE; i++) {
			if (clients[i].done)
				continue;
			if (fds[i].revents)
				raw_receive(&clients[i]);
			raw_repeat(&clients[i]);
			if (!clients[i].done)
				continue;
			ms[i] = since_ms(starts[i]);
			fds[i].fd = -1;
			left--;
		}
	}
	for (unsigned i = 0; i < AT_ONCE; i++)
		raw_end(&clients[i]);
}

int main(void)
{
	static double library[RACES], raw[RACES];
	struct camera c = camera_start(LOSS, 7);
	unsigned under = 0;

	for (unsigned i = 0; i < BATCHES; i++) {
		race(&c, &library[i * AT_ONCE]);
		race_raw(&c, &raw[i * AT_ONCE]);
	}
	camera_stop(&c);
	client_sort(library, RACES);
	client_sort(raw, RACES);
	while (under < RACES && library[under] < TARGET_MS)
		under++;
	printf("race, %d %% loss: median %.1f ms, %.2f of a raw client's %.1f, target <= %d\n",
	       LOSS, library[RACES / 2], library[RACES / 2] / raw[RACES / 2], raw[RACES / 2],
	       TARGET_MS);
	printf("race, %d %% loss, of %d: 10 %% %.1f ms, 25 %% %.1f, 75 %% %.1f, 90 %% %.1f, "
	       "95 %% %.1f, 99 %% %.1f (raw %.1f), worst %.1f; %u under %d ms\n",
	       LOSS, RACES, library[RACES / 10], library[RACES / 4], library[RACES * 3 / 4],
	       library[RACES * 9 / 10], library[RACES * 95 / 100], library[RACES * 99 / 100],
	       raw[RACES * 99 / 100], library[RACES - 1], under, TARGET_MS);
	return 0;
}
