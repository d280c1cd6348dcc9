/* SPDX-License-Identifier: MIT */
/*
 * The advisory lock between processes: an abstract Unix socket named after the node. No file is
 * left behind, whatever becomes of the process, and the kernel tells who has the name.
 */
#define _GNU_SOURCE /* struct ucred */
#include "lock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* The first byte of an abstract name is NUL. */
static socklen_t name_of(const struct cmn_tcp_address *address, struct sockaddr_un *un)
{
	char text[INET6_ADDRSTRLEN] = "?";
	unsigned port = 0;

	if (address->sa.ss_family == AF_INET) {
		const struct sockaddr_in *sa = (const void *)&address->sa;

		inet_ntop(AF_INET, &sa->sin_addr, text, sizeof(text));
		port = ntohs(sa->sin_port);
	} else {
		const struct sockaddr_in6 *sa = (const void *)&address->sa;

		/* IPv4 in the clothes of IPv6 is the same node. */
		if (IN6_IS_ADDR_V4MAPPED(&sa->sin6_addr))
			inet_ntop(AF_INET, &sa->sin6_addr.s6_addr[12], text, sizeof(text));
		else
			inet_ntop(AF_INET6, &sa->sin6_addr, text, sizeof(text));
		port = ntohs(sa->sin6_port);
	}
	memset(un, 0, sizeof(*un));
	un->sun_family = AF_UNIX;
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
			   (size_t)snprintf(un->sun_path + 1, sizeof(un->sun_path) - 1,
					    "linekeeper/meshtcp/%s/%u", text, port));
}

/* The kernel knows who listens at the other end. */
static int holder_of(const struct sockaddr_un *un, socklen_t len)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct ucred peer = { .pid = 0 };
	socklen_t size = sizeof(peer);

	if (fd < 0)
		return 0;
	if (connect(fd, (const struct sockaddr *)un, len) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		peer.pid = 0;
	close(fd);
	return peer.pid;
}

static int take_one(const struct cmn_tcp_address *address, int *ret_fd, int *ret_holder)
{
	struct sockaddr_un un;
	socklen_t len = name_of(address, &un);
	int err, fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -ENOMEM;
	if (bind(fd, (struct sockaddr *)&un, len) == 0 && listen(fd, SOMAXCONN) == 0) {
		*ret_fd = fd;
		return 0;
	}
	err = errno;
	close(fd);
	if (err != EADDRINUSE)
		return -ENOMEM;
	*ret_holder = holder_of(&un, len);
	return -EBUSY;
}

int meshtcp_lock_take(struct node_lock *lock, const struct cmn_tcp_addresses *addresses,
		      int *ret_holder)
{
	lock->count = 0;
	for (unsigned i = 0; i < addresses->count; i++) {
		int error = take_one(&addresses->at[i], &lock->fd[lock->count], ret_holder);

		if (error < 0) {
			meshtcp_lock_release(lock);
			return error;
		}
		lock->count++;
	}
	return 0;
}

void meshtcp_lock_drain(const struct node_lock *lock)
{
	for (unsigned i = 0; i < lock->count; i++) {
		int fd;

		while ((fd = accept4(lock->fd[i], NULL, NULL, SOCK_CLOEXEC)) >= 0)
			close(fd);
	}
}

void meshtcp_lock_release(struct node_lock *lock)
{
	while (lock->count > 0)
		close(lock->fd[--lock->count]);
}
