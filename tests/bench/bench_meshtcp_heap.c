/* SPDX-License-Identifier: MIT */
/*
 * Prints how many bytes of heap an idle handle and its connection hold, before and after the first
 * message; for bench_size.py.
 */
#include <malloc.h>

#include <meshtcp/meshtcp.h>

#include "../torture/meshtcp_node.h"
#include "bench.h"

int main(void)
{
	struct test_node *node = node_start(NODE_KIND);
	size_t before = mallinfo2().uordblks;
	size_t connected;
	struct meshtcp *m;

	require(meshtcp_new(&m) == 0);
	require(meshtcp_set_address(m, "127.0.0.1", node_port(node)) == 0);
	require(meshtcp_connect(m) == 0);
	require(meshtcp_ready_sync(m, 10000) == 0);
	while (meshtcp_next_event(m))
		;
	connected = mallinfo2().uordblks - before;
	require(meshtcp_send_text_sync(m, MESHTCP_BROADCAST, 0, "x", true, 10000, NULL) == 0);
	while (meshtcp_next_event(m))
		;
	printf("%zu %zu\n", connected, mallinfo2().uordblks - before);
	meshtcp_free(m);
	node_stop(node);
	return 0;
}
