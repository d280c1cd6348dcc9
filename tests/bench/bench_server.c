/* SPDX-License-Identifier: MIT */
/*
 * The least of a controller, for bench_set.py: prints its port, and answers each command line of
 * one client after the other with "50". It ends with its standard input.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

static void serve(int fd)
{
	static const int on = 1;
	char bytes[256];
	ssize_t size;

	require(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
	while ((size = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		if (memchr(bytes, '\r', (size_t)size) && send(fd, "50\r", 3, MSG_NOSIGNAL) < 0)
			break;
	close(fd);
}

int main(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct pollfd fds[2] = { { .fd = fd, .events = POLLIN }, { .events = POLLIN } };

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	require(fd >= 0);
	require(bind(fd, (struct sockaddr *)&address, size) == 0);
	require(listen(fd, 8) == 0);
	require(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
	printf("%u\n", ntohs(address.sin_port));
	fflush(stdout);
	for (;;) {
		require(poll(fds, 2, -1) > 0);
		if (fds[1].revents)
			break;
		if (fds[0].revents)
			serve(accept(fd, NULL, NULL));
	}
	close(fd);
	return 0;
}
