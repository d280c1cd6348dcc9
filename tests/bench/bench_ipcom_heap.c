/* SPDX-License-Identifier: MIT */
/*
 * Prints how many bytes of heap a handle holds that polls and has nothing else to do, before and
 * after its first command; for bench_size.py.
 */
#include <malloc.h>
#include <sys/wait.h>

#include <ipcom/ipcom.h>

#include "bench.h"
#include "ipcom_peer.h"

static void wait_for(struct ipcom *c, enum ipcom_event_type type)
{
	const struct ipcom_event *e = NULL;

	while (!e || e->type != type) {
		require(ipcom_wait(c, 10000) == 1);
		e = ipcom_next_event(c);
	}
	while (ipcom_next_event(c))
		;
}

int main(void)
{
	const struct ipcom_output output = { 1, 1 };
	const struct peer_log *log;
	int fd = peer_start(&log);
	size_t before = mallinfo2().uordblks;
	size_t connected;
	struct ipcom *c;

	require(ipcom_new(&c) == 0);
	require(ipcom_set_credentials(c, "demo", "secret") == 0);
	require(ipcom_connect_fd(c, fd) == 0);
	wait_for(c, IPCOM_EVENT_SNAPSHOT);
	connected = mallinfo2().uordblks - before;
	require(ipcom_output_set(c, output, 255, NULL) == 0);
	wait_for(c, IPCOM_EVENT_RESULT);
	printf("%zu %zu\n", connected, mallinfo2().uordblks - before);
	ipcom_free(c);
	wait(NULL);
	return 0;
}
