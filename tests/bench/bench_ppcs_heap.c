/* SPDX-License-Identifier: MIT */
/*
 * Prints how many bytes of heap a handle holds that keeps a session alive and has nothing else to
 * do, and once more after a race that was lost and another that was won; for bench_size.py.
 */
#include <malloc.h>

#include "bench.h"
#include "ppcs_client.h"

#define LOST_MS 3000

static void win(struct ppcs *p)
{
	require(ppcs_connect(p) == 0);
	require(client_wait(p, PPCS_EVENT_RESULT)->error == 0);
	client_has(p, PPCS_EVENT_RESULT);
}

int main(void)
{
	/* The usual ports, of which loopback has none, and behind them the camera's. */
	uint16_t ports[] = { 40611, 32100, 32108, 10000, 80, 57743, 0 };
	struct camera c = camera_start(0, 1);
	size_t before = mallinfo2().uordblks;
	struct ppcs *p = client_new(&c, false);
	size_t held;

	ports[6] = c.main_port;
	require(ppcs_set_ports(p, ports, 7) == 0);
	win(p);
	held = mallinfo2().uordblks - before;
	require(ppcs_disconnect_sync(p, -1) == 0);
	require(ppcs_set_search_port(p, 1) == 0);
	require(ppcs_set_ports(p, ports, 6) == 0);
	require(ppcs_set_timeout(p, LOST_MS) == 0);
	require(ppcs_connect_sync(p, -1, NULL) < 0);
	client_has(p, PPCS_EVENT_RESULT);
	require(ppcs_set_search_port(p, c.search_port) == 0);
	require(ppcs_set_ports(p, ports, 7) == 0);
	win(p);
	printf("%zu %zu\n", held, mallinfo2().uordblks - before);
	ppcs_free(p);
	camera_stop(&c);
	return 0;
}
