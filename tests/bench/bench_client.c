/* SPDX-License-Identifier: MIT */
/*
 * The least of a client, for bench_set.py: the exchange of `qlink set 101 50` with a controller on
 * the loopback port that its argument names.
 */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

#define COMMAND "VLO@ 101 50\r"

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	char bytes[256];
	int fd;

	require(argc == 2);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	require(fd >= 0);
	require(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	require(send(fd, COMMAND, strlen(COMMAND), MSG_NOSIGNAL) > 0);
	require(recv(fd, bytes, sizeof(bytes), 0) > 0);
	close(fd);
	return 0;
}
