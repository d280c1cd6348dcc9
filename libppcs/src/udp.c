/* SPDX-License-Identifier: MIT */
/* UDP sockets of attempts: a fresh one each, on any port, with ICMP errors by destination. */
#include "udp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Eight channels with a full window each (8.3). */
#define RECEIVE_ROOM (1 << 20)

static struct sockaddr_in to_sockaddr(const struct ppcs_address *a)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(a->port) };

	memcpy(&sa.sin_addr, a->ip, sizeof(a->ip));
	return sa;
}

static struct ppcs_address from_sockaddr(const struct sockaddr_in *sa)
{
	struct ppcs_address a = { .port = ntohs(sa->sin_port) };

	memcpy(a.ip, &sa->sin_addr, sizeof(a.ip));
	return a;
}

static int local_address(int fd, struct ppcs_address *ret)
{
	struct sockaddr_in sa;
	socklen_t len = sizeof(sa);

	if (getsockname(fd, (struct sockaddr *)&sa, &len) < 0)
		return -errno;
	*ret = from_sockaddr(&sa);
	return 0;
}

/* A second socket asks the routing table; nothing is sent by that. */
static void find_route(const struct ppcs_address *to, struct ppcs_address *local)
{
	struct sockaddr_in sa = to_sockaddr(to);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ppcs_address found;

	if (fd < 0)
		return;
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0 && local_address(fd, &found) == 0)
		memcpy(local->ip, found.ip, sizeof(local->ip));
	close(fd);
}

static int prepare(int fd, bool broadcast, struct ppcs_address *ret_local)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	int room = RECEIVE_ROOM;
	int on = 1;

	/* As much as the kernel allows: less costs speed only. */
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on)) < 0)
		return -errno;
	if (broadcast && setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0)
		return -errno;
	return local_address(fd, ret_local);
}

int ppcs_udp_open(bool broadcast, const struct ppcs_address *to, struct ppcs_address *ret_local)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct ppcs_address local;

	if (fd < 0)
		return -ENOMEM;
	if (prepare(fd, broadcast, &local) < 0) {
		close(fd);
		return -ENOMEM;
	}
	find_route(to, &local);
	*ret_local = local;
	return fd;
}

int ppcs_udp_send(int fd, const struct ppcs_address *to, const void *data, size_t size)
{
	struct sockaddr_in sa = to_sockaddr(to);

	/* An error of an earlier datagram is told once, in place of sending this one. What a full
	 * device queue refuses (ENOBUFS) is lost like on any network: nobody says when to go on. */
	for (int tries = 0; tries < 3; tries++) {
		if (sendto(fd, data, size, MSG_NOSIGNAL, (struct sockaddr *)&sa, sizeof(sa)) >= 0)
			return 0;
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			return -EAGAIN;
	}
	return 0;
}

ssize_t ppcs_udp_receive(int fd, struct ppcs_address *ret_from, void *data, size_t room)
{
	for (int tries = 0; tries < 3; tries++) {
		struct sockaddr_in sa = { 0 };
		socklen_t len = sizeof(sa);
		ssize_t size = recvfrom(fd, data, room, 0, (struct sockaddr *)&sa, &len);

		if (size >= 0) {
			*ret_from = from_sockaddr(&sa);
			return size;
		}
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			return -EAGAIN;
	}
	return -EAGAIN;
}

/* The head of the kernel's struct sock_extended_err, whose header not every libc has. It is alone:
 * nothing else was asked for. */
static uint32_t reported(const struct msghdr *message)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(message);
	uint32_t error = 0;

	if (c && c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR &&
	    c->cmsg_len >= CMSG_LEN(sizeof(error)))
		memcpy(&error, CMSG_DATA(c), sizeof(error));
	return error;
}

int ppcs_udp_error(int fd, struct ppcs_address *ret_to)
{
	struct sockaddr_in sa = { 0 };
	union {
		struct cmsghdr align;
		char bytes[256];
	} control;
	struct msghdr message = { .msg_name = &sa,
				  .msg_namelen = sizeof(sa),
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };

	if (recvmsg(fd, &message, MSG_ERRQUEUE) < 0)
		return -EAGAIN;
	*ret_to = from_sockaddr(&sa);
	return reported(&message) == ECONNREFUSED ? 0 : -ENOENT;
}

static bool link_local(const struct ppcs_address *a)
{
	return a->ip[0] == 169 && a->ip[1] == 254;
}

static bool usable(const struct ifaddrs *i)
{
	return i->ifa_addr && i->ifa_addr->sa_family == AF_INET && (i->ifa_flags & IFF_UP) &&
	       (i->ifa_flags & IFF_BROADCAST) && !(i->ifa_flags & IFF_LOOPBACK) && i->ifa_broadaddr;
}

size_t ppcs_udp_broadcasts(struct ppcs_address *addresses, size_t room, uint16_t port)
{
	struct ifaddrs *all = NULL;
	size_t count = 0;

	if (getifaddrs(&all) < 0)
		return 0;
	for (const struct ifaddrs *i = all; i && count < room; i = i->ifa_next) {
		struct ppcs_address a;

		if (!usable(i))
			continue;
		a = from_sockaddr((const struct sockaddr_in *)(const void *)i->ifa_broadaddr);
		a.port = port;
		if (!link_local(&a) && a.ip[0] != 0)
			addresses[count++] = a;
	}
	freeifaddrs(all);
	return count;
}
