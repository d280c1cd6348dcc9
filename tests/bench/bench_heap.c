/* SPDX-License-Identifier: MIT */
/*
 * Prints how many bytes of heap a connected handle holds that has nothing to do, before and after
 * its first command; for bench_size.py.
 */
#include <malloc.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <qlink/qlink.h>

#include "bench.h"

int main(void)
{
	size_t before = mallinfo2().uordblks;
	size_t connected;
	struct qlink *q;
	uint32_t id;
	int fds[2];

	require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	require(qlink_new(&q) == 0);
	require(qlink_connect_fd(q, fds[0]) == 0);
	while (qlink_next_event(q))
		;
	connected = mallinfo2().uordblks - before;
	require(qlink_load_get(q, qlink_contractor(101), &id) == 0);
	require(send(fds[1], "RGL 101 50\r", 11, MSG_NOSIGNAL) == 11);
	while (!qlink_take_result(q, id))
		require(qlink_wait(q, -1) == 1);
	while (qlink_next_event(q))
		;
	printf("%zu %zu\n", connected, mallinfo2().uordblks - before);
	qlink_free(q);
	close(fds[1]);
	return 0;
}
