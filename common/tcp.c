/* SPDX-License-Identifier: MIT */
/* TCP sockets: lookup, connecting to one of several addresses, send and receive. */
#include "common/tcp.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int lookup_error(int err)
{
	if (err == EAI_MEMORY)
		return -ENOMEM;
	if (err == EAI_SYSTEM && (errno == ENOMEM || errno == EMFILE || errno == ENFILE))
		return -ENOMEM;
	return -EADDRNOTAVAIL;
}

int cmn_tcp_resolve(const char *host, uint16_t port, struct cmn_tcp_addresses *ret)
{
	/* No AI_ADDRCONFIG: it takes ::1 away where loopback alone has an IPv6 address. */
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
	struct addrinfo *list;
	unsigned count = 0;
	char service[8];
	int err;

	assert(host);
	snprintf(service, sizeof(service), "%u", port);
	err = getaddrinfo(host, service, &hints, &list);
	if (err != 0)
		return lookup_error(err);
	for (const struct addrinfo *i = list; i && count < CMN_TCP_MAX_ADDRESSES; i = i->ai_next) {
		if (i->ai_addrlen > sizeof(ret->at[count].sa))
			continue;
		memcpy(&ret->at[count].sa, i->ai_addr, i->ai_addrlen);
		ret->at[count].len = i->ai_addrlen;
		count++;
	}
	freeaddrinfo(list);
	if (count == 0)
		return -EADDRNOTAVAIL;
	ret->count = count;
	return 0;
}

/* The few errors that mean something to a user. */
static int connect_error(int err)
{
	switch (err) {
	case ECONNREFUSED:
	case ECONNRESET:
	case ETIMEDOUT:
		return -err;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return -ENOMEM;
	default:
		return -EHOSTUNREACH;
	}
}

int cmn_tcp_open(const struct sockaddr *sa, socklen_t len, int *ret_fd)
{
	static const int on = 1;
	int err, fd = socket(sa->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return connect_error(errno);
	/* A connection without these is slower, not broken. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	err = connect(fd, sa, len) < 0 ? errno : 0;
	/* Interrupted, it goes on as well. */
	if (err == 0 || err == EINPROGRESS || err == EINTR) {
		*ret_fd = fd;
		return err == 0 ? 0 : -EINPROGRESS;
	}
	close(fd);
	return connect_error(err);
}

void cmn_tcp_connect_start(struct cmn_tcp_connect *c, const struct cmn_tcp_addresses *addresses,
			   uint64_t deadline_ms)
{
	*c = (struct cmn_tcp_connect){
		.addresses = addresses,
		.deadline_ms = deadline_ms,
		.fd = -1,
	};
}

int cmn_tcp_connect_fd(const struct cmn_tcp_connect *c)
{
	return c->fd;
}

uint64_t cmn_tcp_connect_deadline(const struct cmn_tcp_connect *c)
{
	return c->attempt_ms;
}

static unsigned weight(int error)
{
	switch (error) {
	case 0:
		return 0;
	case -ECONNREFUSED:
		return 5;
	case -ECONNRESET:
		return 4;
	case -ETIMEDOUT:
		return 3;
	case -ENOMEM:
		return 2;
	default:
		return 1;
	}
}

static void fail_attempt(struct cmn_tcp_connect *c, int error)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	if (weight(error) > weight(c->error))
		c->error = error;
}

/* Where the attempt in progress is: 0, -EINPROGRESS or what failed. */
static int status_of(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int err = 0;

	if (poll(&pollfd, 1, 0) <= 0)
		return -EINPROGRESS;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		err = errno;
	return err == 0 ? 0 : connect_error(err);
}

/* Try addresses until one needs waiting for. */
static int next_attempt(struct cmn_tcp_connect *c, uint64_t now_ms)
{
	while (c->next < c->addresses->count && now_ms < c->deadline_ms) {
		const struct cmn_tcp_address *a = &c->addresses->at[c->next];
		unsigned left = c->addresses->count - c->next;
		int ret;

		c->next++;
		ret = cmn_tcp_open((const struct sockaddr *)&a->sa, a->len, &c->fd);
		if (ret == 0 || ret == -EINPROGRESS) {
			c->attempt_ms = now_ms + (c->deadline_ms - now_ms) / left;
			return ret;
		}
		fail_attempt(c, ret);
	}
	c->attempt_ms = UINT64_MAX;
	return c->error ? c->error : -ETIMEDOUT;
}

int cmn_tcp_connect_continue(struct cmn_tcp_connect *c, uint64_t now_ms)
{
	int ret;

	if (c->fd < 0)
		return next_attempt(c, now_ms);
	ret = status_of(c->fd);
	if (ret == -EINPROGRESS && now_ms < c->attempt_ms)
		return ret;
	if (ret == 0)
		return 0;
	fail_attempt(c, ret == -EINPROGRESS ? -ETIMEDOUT : ret);
	return next_attempt(c, now_ms);
}

int cmn_tcp_connect_take(struct cmn_tcp_connect *c)
{
	int fd = c->fd;

	assert(fd >= 0);
	c->fd = -1;
	cmn_tcp_connect_cancel(c);
	return fd;
}

void cmn_tcp_connect_cancel(struct cmn_tcp_connect *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->deadline_ms = 0;
	c->attempt_ms = UINT64_MAX;
}

ssize_t cmn_tcp_send(int fd, const void *data, size_t size)
{
	ssize_t ret;

	do {
		ret = send(fd, data, size, MSG_NOSIGNAL);
	} while (ret < 0 && errno == EINTR);
	return ret < 0 ? -errno : ret;
}

ssize_t cmn_tcp_recv(int fd, void *data, size_t size)
{
	ssize_t ret;

	do {
		ret = recv(fd, data, size, 0);
	} while (ret < 0 && errno == EINTR);
	return ret < 0 ? -errno : ret;
}
