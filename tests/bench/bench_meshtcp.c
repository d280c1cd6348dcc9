/* SPDX-License-Identifier: MIT */
/*
 * Over a real socket: from connect to a text that the node has taken, beside a program that does
 * the same with bare system calls; and how soon a dead socket is told.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <meshtcp/meshtcp.h>

#include "../torture/meshtcp_node.h"
#include "bench.h"

#define ROUNDS 200

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double median_ms(uint64_t *ns)
{
	const uint64_t *median = &ns[ROUNDS / 2];

	qsort(ns, ROUNDS, sizeof(ns[0]), compare);
	return (double)*median / 1e6;
}

static double worst_ms(const uint64_t *sorted)
{
	return (double)sorted[ROUNDS - 1] / 1e6;
}

/* Connect, a packet and a heartbeat, and the two answers. */
static void bare_send(uint16_t port)
{
	static const uint8_t frames[] = { 0x94, 0xc3, 0,    25,   0x0a, 23, 0x15, 0xff, 0xff,
					  0xff, 0xff, 0x22, 9,    0x08, 1,  0x12, 5,    'h',
					  'e',  'l',  'l',  'o',  0x35, 1,  2,    3,    4,
					  0x48, 3,    0x94, 0xc3, 0,    2,  0x3a, 0 };
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(port) };
	uint8_t answer[256];
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	require(fd >= 0 && connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0);
	require(send(fd, frames, 29, MSG_NOSIGNAL) == 29);
	require(recv(fd, answer, sizeof(answer), 0) > 0);
	require(send(fd, frames + 29, 6, MSG_NOSIGNAL) == 6);
	require(recv(fd, answer, sizeof(answer), 0) > 0);
	close(fd);
}

static void library_send(uint16_t port)
{
	struct meshtcp *m;

	require(meshtcp_new(&m) == 0);
	require(meshtcp_set_address(m, "127.0.0.1", port) == 0);
	require(meshtcp_set_download(m, MESHTCP_DOWNLOAD_NONE) == 0);
	require(meshtcp_connect(m) == 0);
	require(meshtcp_send_text_sync(m, MESHTCP_BROADCAST, 0, "hello", false, 10000, NULL) == 0);
	meshtcp_free(m);
}

static void bench_send(void)
{
	struct test_node *node = node_start(NODE_KIND);
	uint64_t bare[ROUNDS], library[ROUNDS];

	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t start = now_ns();

		bare_send(node_port(node));
		bare[i] = now_ns() - start;
		start = now_ns();
		library_send(node_port(node));
		library[i] = now_ns() - start;
	}
	printf("send and goodbye: %.2f ms, %.1f x bare system calls, target <= 5 after connect\n",
	       median_ms(library), median_ms(library) / median_ms(bare));
	node_stop(node);
}

static uint64_t dead_ns;

static void note_dead(void *userdata, enum meshtcp_reason reason)
{
	(void)userdata;
	(void)reason;
	__atomic_store_n(&dead_ns, now_ns(), __ATOMIC_SEQ_CST);
}

static void bench_dead(void)
{
	struct test_node *node = node_start(NODE_KIND);
	uint64_t late[ROUNDS];
	struct meshtcp *m;

	require(meshtcp_new(&m) == 0);
	require(meshtcp_set_address(m, "127.0.0.1", node_port(node)) == 0);
	require(meshtcp_set_download(m, MESHTCP_DOWNLOAD_NONE) == 0);
	require(meshtcp_set_reconnect(m, 1, 1) == 0);
	require(meshtcp_set_dead_socket(m, note_dead, NULL) == 0);
	require(meshtcp_connect(m) == 0);
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t start;

		require(meshtcp_ready_sync(m, 10000) == 0);
		while (node_counts(node).connections <= i)
			;
		__atomic_store_n(&dead_ns, 0, __ATOMIC_SEQ_CST);
		start = now_ns();
		node_hang_up(node, false);
		while (__atomic_load_n(&dead_ns, __ATOMIC_SEQ_CST) == 0)
			;
		late[i] = __atomic_load_n(&dead_ns, __ATOMIC_SEQ_CST) - start;
		while (meshtcp_next_event(m))
			;
	}
	printf("dead socket told: %.3f ms", median_ms(late));
	printf(", worst %.3f, target <= 10\n", worst_ms(late));
	meshtcp_free(m);
	node_stop(node);
}

int main(void)
{
	bench_send();
	bench_dead();
	return 0;
}
