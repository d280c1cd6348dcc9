/* SPDX-License-Identifier: MIT */
/*
 * A client's life in a program of its own, so that its system calls can be traced: connect,
 * download, send, a node that hangs up, reconnect, close. As `node` it is that node, and prints its
 * port; it hangs up each time a text from the client asks for it.
 *
 *     meshtcp-plain node | meshtcp-plain client PORT
 */
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include <meshtcp/meshtcp.h>

#include "meshtcp_node.h"

#define LIMIT_MS 10000

static int be_node(void)
{
	struct test_node *node = node_start(NODE_KIND);
	unsigned packets = 0;
	char ignored;

	printf("%u\n", node_port(node));
	fflush(stdout);
	/* Each second packet ends the connection. */
	for (;;) {
		struct node_counts counts = node_counts(node);

		if (counts.packets >= packets + 2) {
			packets = counts.packets;
			node_hang_up(node, packets % 4 == 0);
		}
		if (node_input_ended(10) && read(STDIN_FILENO, &ignored, 1) <= 0)
			break;
	}
	node_stop(node);
	return 0;
}

static int be_client(uint16_t port)
{
	struct meshtcp_message message = {
		.to = MESHTCP_BROADCAST, .port = MESHTCP_PORT_PRIVATE, .payload = "x", .size = 1
	};
	struct meshtcp *m;

	must(meshtcp_new(&m) == 0);
	must(meshtcp_set_address(m, "127.0.0.1", port) == 0);
	must(meshtcp_set_reconnect(m, 1, 10) == 0);
	must(meshtcp_set_heartbeat(m, 20) == 0);
	must(meshtcp_connect(m) == 0);
	for (int i = 0; i < 6; i++) {
		must(meshtcp_ready_sync(m, LIMIT_MS) == 0);
		(void)meshtcp_send_sync(m, &message, LIMIT_MS, NULL);
	}
	must(meshtcp_get_statistics(m)->connects >= 2);
	meshtcp_free(m);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "node") == 0)
		return be_node();
	if (argc == 3 && strcmp(argv[1], "client") == 0)
		return be_client((uint16_t)strtoul(argv[2], NULL, 10));
	fprintf(stderr, "usage: meshtcp-plain node | client PORT\n");
	return 2;
}
