/* SPDX-License-Identifier: MIT */
/* Where a share listens, and who comes in. */
#define _GNU_SOURCE /* accept4 */
#include "share_state.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* What the kernel may hold for a client; more waits here, where it is counted (17). */
#define SEND_BYTES 65536
#define PAUSE_MS   1000 /* without descriptors or memory */

static int listen_error(int err)
{
	switch (err) {
	case EADDRINUSE:
	case EADDRNOTAVAIL:
	case EACCES:
		return -err;
	case EPERM:
		return -EACCES;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return -ENOMEM;
	default:
		return -EADDRNOTAVAIL;
	}
}

static int open_listener(const struct sockaddr *sa, socklen_t len, int *ret_fd)
{
	int fd = socket(sa->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1, error;

	if (fd < 0)
		return listen_error(errno);
	/* A Unix socket is its owner's from the beginning. */
	if (sa->sa_family == AF_UNIX)
		fchmod(fd, 0600);
	else
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, sa, len) == 0 && listen(fd, SOMAXCONN) == 0) {
		*ret_fd = fd;
		return 0;
	}
	error = listen_error(errno);
	close(fd);
	return error;
}

static void add_listener(struct meshtcp_share *s, int fd, bool is_unix)
{
	s->listener_unix[s->listener_count] = is_unix;
	s->listeners[s->listener_count++] = fd;
}

static uint16_t port_of(int fd)
{
	struct sockaddr_in6 sa;
	socklen_t len = sizeof(sa);

	/* The port stands at the same place in both families. */
	memset(&sa, 0, sizeof(sa));
	if (getsockname(fd, (struct sockaddr *)&sa, &len) < 0)
		return 0;
	return ntohs(sa.sin6_port);
}

int meshtcp_share_listen(struct meshtcp_share *s, const char *address, uint16_t port,
			 uint16_t *ret_port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE };
	struct addrinfo *found;
	char service[8];
	int fd, error;

	if (!s || !address)
		return -EINVAL;
	if (s->running || s->listener_count == SHARE_LISTENERS)
		return -EBUSY;
	snprintf(service, sizeof(service), "%u", port);
	if (getaddrinfo(address, service, &hints, &found) != 0)
		return -EINVAL;
	error = open_listener(found->ai_addr, found->ai_addrlen, &fd);
	freeaddrinfo(found);
	if (error < 0)
		return error;
	add_listener(s, fd, false);
	if (ret_port)
		*ret_port = port_of(fd);
	return 0;
}

/* A socket that nobody answers on was left behind. */
static void remove_stale(const struct sockaddr_un *un)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat st;

	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)un, sizeof(*un)) < 0 && errno == ECONNREFUSED &&
	    lstat(un->sun_path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(un->sun_path);
	close(fd);
}

int meshtcp_share_listen_unix(struct meshtcp_share *s, const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd, error;

	if (!s || !path || !*path || strlen(path) >= sizeof(un.sun_path))
		return -EINVAL;
	if (s->running || s->listener_count == SHARE_LISTENERS || s->unix_path)
		return -EBUSY;
	memcpy(un.sun_path, path, strlen(path));
	remove_stale(&un);
	error = open_listener((struct sockaddr *)&un, sizeof(un), &fd);
	if (error < 0)
		return error;
	s->unix_path = strdup(path);
	if (!s->unix_path || chmod(path, 0600) < 0) {
		error = s->unix_path ? -EACCES : -ENOMEM;
		free(s->unix_path);
		s->unix_path = NULL;
		unlink(path);
		close(fd);
		return error;
	}
	add_listener(s, fd, true);
	return 0;
}

void meshtcp_share_close_listeners(struct meshtcp_share *s)
{
	while (s->listener_count > 0)
		close(s->listeners[--s->listener_count]);
	if (s->unix_path)
		unlink(s->unix_path);
	free(s->unix_path);
	s->unix_path = NULL;
}

static void describe(const struct sockaddr_storage *sa, bool is_unix, char text[64])
{
	char host[INET6_ADDRSTRLEN] = "?";

	if (is_unix) {
		snprintf(text, 64, "unix");
	} else if (sa->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)sa;

		inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
		snprintf(text, 64, "%s:%u", host, ntohs(in->sin_port));
	} else {
		struct sockaddr_in6 in;

		memcpy(&in, sa, sizeof(in));
		inet_ntop(AF_INET6, &in.sin6_addr, host, sizeof(host));
		snprintf(text, 64, "[%s]:%u", host, ntohs(in.sin6_port));
	}
}

/* How the listeners are watched: for who comes, or not at all. */
static int watch_listeners(struct meshtcp_share *s, int what, uint32_t events, uint64_t token)
{
	for (unsigned i = 0; i < s->listener_count; i++) {
		struct epoll_event event = { .events = events, .data.u64 = token + i };

		if (epoll_ctl(s->epoll_fd, what, s->listeners[i], &event) < 0 && errno != EEXIST)
			return -ENOMEM;
	}
	return 0;
}

int meshtcp_share_watch_listeners(struct meshtcp_share *s, uint64_t token)
{
	s->listener_token = token;
	return watch_listeners(s, EPOLL_CTL_ADD, EPOLLIN, token);
}

void meshtcp_share_accept_tick(struct meshtcp_share *s, uint64_t now)
{
	if (s->accept_at == 0 || now < s->accept_at)
		return;
	s->accept_at = 0;
	watch_listeners(s, EPOLL_CTL_MOD, EPOLLIN, s->listener_token);
}

/* Who cannot be let in would be seen again and again. */
static void cannot_accept(struct meshtcp_share *s, int error, uint64_t now)
{
	if (error != EMFILE && error != ENFILE && error != ENOBUFS && error != ENOMEM)
		return;
	s->accept_at = now + PAUSE_MS;
	watch_listeners(s, EPOLL_CTL_MOD, 0, s->listener_token);
}

static struct share_client *new_client(struct meshtcp_share *s, int fd, uint64_t now)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct share_client *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	if (++s->last_number == 0)
		s->last_number = 1;
	c->number = s->last_number;
	c->fd = fd;
	c->heard_ms = now;
	cmn_buf_init(&c->out, SHARE_REPLAY_BYTES + 2 * SHARE_OUT_BYTES);
	meshtcp_frame_init(&c->reader);
	event.data.u64 = (uint64_t)c->number << 8;
	if (epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
		free(c);
		return NULL;
	}
	c->next = s->clients;
	s->clients = c;
	s->client_count++;
	return c;
}

static void turn_away(struct meshtcp_share *s, int fd, const char *address)
{
	struct share_client nobody = { .number = 0 };

	memcpy(nobody.address, address, sizeof(nobody.address));
	meshtcp_share_tell(s, MESHTCP_SHARE_GONE, &nobody, "full");
	SHARE_COUNT(s, turned_away);
	close(fd);
}

void meshtcp_share_accept(struct meshtcp_share *s, unsigned listener, uint64_t now)
{
	struct sockaddr_storage sa = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(sa);
	int fd = accept4(s->listeners[listener], (struct sockaddr *)&sa, &len,
			 SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct share_client *c = NULL;
	char address[64];
	int on = 1, room = SEND_BYTES;

	if (fd < 0) {
		cannot_accept(s, errno, now);
		return;
	}
	describe(&sa, s->listener_unix[listener], address);
	/* These are no nodes: what is good for them may be set. */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	if (!s->listener_unix[listener])
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (s->client_count < s->max_clients)
		c = new_client(s, fd, now);
	if (!c) {
		turn_away(s, fd, address);
		return;
	}
	memcpy(c->address, address, sizeof(c->address));
	SHARE_COUNT(s, clients);
	meshtcp_share_tell(s, MESHTCP_SHARE_CLIENT, c, NULL);
}
