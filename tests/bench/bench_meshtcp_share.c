/* SPDX-License-Identifier: MIT */
/*
 * A share with 50 clients: how long a packet takes from the node to the last of them, beside
 * the time until the first one has it, and how much heap a client holds.
 */
#include <malloc.h>
#include <stdlib.h>

#include "../torture/meshtcp_node.h"
#include "../torture/share_client.h"
#include "bench.h"

#define CLIENTS    50
#define ROUNDS     200
#define FIRST_ID   0x1000
#define GOAL_MS    2.0
#define GOAL_BYTES ((size_t)64 * 1024)

static struct test_client clients[CLIENTS];

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The clients are read one after the other: the time of the last is that of all. */
static uint64_t one_packet(struct test_node *node, uint32_t id, uint64_t *ret_first)
{
	uint64_t start = now_ns();

	node_text(node, id);
	for (unsigned i = 0; i < CLIENTS; i++) {
		require(client_hear_kind(&clients[i], SAID_PACKET).id == id);
		if (i == 0)
			*ret_first = now_ns() - start;
	}
	return now_ns() - start;
}

static size_t heap(void)
{
	return mallinfo2().uordblks;
}

int main(void)
{
	static uint64_t last[ROUNDS], first[ROUNDS];
	struct test_node *node = node_start(NODE_KIND);
	struct meshtcp_share *share;
	size_t before, bytes;
	uint16_t port;

	share = share_new(node, &port);
	require(meshtcp_share_set_max_clients(share, CLIENTS) == 0);
	require(meshtcp_share_start(share) == 0);
	share_must_event(share, MESHTCP_SHARE_NODE_READY);
	before = heap();
	for (unsigned i = 0; i < CLIENTS; i++) {
		client_open(&clients[i], port);
		client_download(&clients[i], i + 1);
	}
	for (unsigned i = 0; i < ROUNDS; i++)
		last[i] = one_packet(node, FIRST_ID + i, &first[i]);
	while (meshtcp_share_next_event(share))
		continue;
	bytes = (heap() - before) / CLIENTS;
	qsort(last, ROUNDS, sizeof(last[0]), compare);
	qsort(first, ROUNDS, sizeof(first[0]), compare);
	printf("a packet at the last of %d clients: median %.3f ms, 95 %% %.3f ms, worst %.3f ms"
	       " (goal %.0f), at the first %.3f ms: %.1f x\n",
	       CLIENTS, (double)last[100] / 1e6, (double)last[190] / 1e6,
	       (double)last[ROUNDS - 1] / 1e6, GOAL_MS, (double)first[100] / 1e6,
	       (double)last[100] / (double)first[100]);
	printf("heap of a client: %.1f KiB (goal %zu)\n", (double)bytes / 1024, GOAL_BYTES / 1024);
	for (unsigned i = 0; i < CLIENTS; i++)
		client_close(&clients[i], false);
	meshtcp_share_free(share);
	node_stop(node);
	return 0;
}
