/* SPDX-License-Identifier: MIT */
/*
 * The thread that connects and then sits in plain blocking recv() (section 2): no socket option, no
 * waiting for readiness, no non-blocking mode. Others make it come back by shutdown(); only this
 * thread opens and closes the socket.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"

#include "handle.h"
#include "shared.h"

#define READ_BYTES 4096

/* Is this connection still the one that is wanted? With the mutex. */
static bool current(const struct shared *c, uint32_t generation)
{
	return !c->quit && meshtcp_session_wants(c->session) == generation;
}

/* Wait until a connection is wanted. Returns its generation, or 0 to leave. */
static uint32_t await_wish(struct shared *c)
{
	uint32_t generation = 0;

	meshtcp_shared_lock(c);
	while (!c->quit && (generation = meshtcp_session_wants(c->session)) == 0)
		meshtcp_shared_wait(c, UINT64_MAX);
	if (c->quit)
		generation = 0;
	meshtcp_shared_unlock_calling(c);
	return generation;
}

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

/* Nobody uses the socket any more: the writer has left send(). Then it may be closed. */
static void close_socket(struct shared *c)
{
	int fd;

	meshtcp_shared_lock(c);
	fd = c->fd;
	c->fd = -1;
	c->connecting = false;
	/* The node may have ended its half alone and read nothing: then nobody else ends send(). */
	if (c->sending)
		shutdown(fd, SHUT_RDWR);
	while (c->sending)
		meshtcp_shared_wait(c, UINT64_MAX);
	meshtcp_shared_unlock(c);
	if (fd >= 0)
		close(fd);
}

/* From here on the monitor sees the socket and ends what takes too long. It may have left when
 * nothing is wanted any more: then there must be nothing to end. */
static bool show_socket(struct shared *c, uint32_t generation, int fd)
{
	bool wanted;

	meshtcp_shared_lock(c);
	wanted = current(c, generation);
	if (wanted) {
		c->fd = fd;
		c->generation = generation;
		c->connecting = true;
		c->timed_out = false;
		c->connect_by = cmn_clock_ms() + c->connect_timeout_ms;
		c->shut_at = 0;
	}
	meshtcp_shared_unlock(c);
	return wanted;
}

/* One address. 0, or a negative errno with the socket closed. */
static int connect_one(struct shared *c, uint32_t generation, const struct cmn_tcp_address *address)
{
	int fd = socket(address->sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int ret;

	if (fd < 0)
		return connect_error(errno);
	if (!show_socket(c, generation, fd)) {
		close(fd);
		return -ECANCELED;
	}
	do {
		ret = connect(fd, (const struct sockaddr *)&address->sa, address->len) < 0 ?
			      connect_error(errno) :
			      0;
	} while (ret < 0 && errno == EINTR);
	meshtcp_shared_lock(c);
	c->connecting = false;
	if (ret < 0 && c->timed_out)
		ret = -ETIMEDOUT;
	if (ret == 0 && !current(c, generation))
		ret = -ECANCELED;
	meshtcp_shared_unlock(c);
	if (ret < 0)
		close_socket(c);
	return ret;
}

/* A name may lead elsewhere by now; without an answer the old addresses have to do. */
static void look_up(struct shared *c)
{
	struct cmn_tcp_addresses found;

	if (!c->host || cmn_tcp_resolve(c->host, c->port, &found) < 0)
		return;
	c->addresses = found;
}

static int connect_any(struct shared *c, uint32_t generation)
{
	int error = -EHOSTUNREACH;

	for (unsigned i = 0; i < c->addresses.count; i++) {
		int ret = connect_one(c, generation, &c->addresses.at[i]);

		if (ret == 0 || ret == -ECANCELED)
			return ret;
		/* Refused says more than unreachable. */
		if (error == -EHOSTUNREACH)
			error = ret;
	}
	return error;
}

static void adopt(struct shared *c, uint32_t generation)
{
	meshtcp_shared_lock(c);
	c->fd = c->adopted_fd;
	c->adopted_fd = -1;
	c->generation = generation;
	meshtcp_shared_unlock(c);
}

static void opened(struct shared *c, uint32_t generation)
{
	meshtcp_shared_lock(c);
	c->half_closed = false;
	c->send_error = 0;
	if (current(c, generation))
		meshtcp_session_opened(c->session, (uint32_t)time(NULL), cmn_clock_ms());
	meshtcp_shared_unlock_calling(c);
}

/* Hand in what came. Returns false when the connection is not wanted any more. */
static bool received(struct shared *c, uint32_t generation, const uint8_t *bytes, size_t size)
{
	bool go_on;

	meshtcp_shared_lock(c);
	go_on = current(c, generation);
	if (go_on) {
		meshtcp_session_receive(c->session, bytes, size, cmn_clock_ms());
		go_on = current(c, generation);
	}
	meshtcp_shared_unlock_calling(c);
	return go_on;
}

/* What the public header knows of it. */
static int loss_error(int error)
{
	switch (-error) {
	case 0:
		return 0;
	case ETIMEDOUT:
		return -ETIMEDOUT;
	case ENOBUFS:
	case ENOMEM:
		return -ENOMEM;
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ENETDOWN:
	case ENETUNREACH:
		return -EHOSTUNREACH;
	default:
		return -ECONNRESET;
	}
}

/* The socket is dead: told at once, and only when it was not us who ended it. */
static void ended(struct shared *c, uint32_t generation, int error)
{
	meshtcp_shared_lock(c);
	if (current(c, generation)) {
		if (c->send_error != 0)
			error = c->send_error;
		meshtcp_session_failed(c->session, loss_error(error), cmn_clock_ms());
	}
	meshtcp_shared_unlock_calling(c);
}

static void read_socket(struct shared *c, uint32_t generation)
{
	uint8_t bytes[READ_BYTES];

	for (;;) {
		ssize_t size = recv(c->fd, bytes, sizeof(bytes), 0);

		if (size < 0 && errno == EINTR)
			continue;
		if (size <= 0) {
			ended(c, generation, size == 0 ? 0 : -errno);
			return;
		}
		if (!received(c, generation, bytes, (size_t)size))
			return;
	}
}

static void failed(struct shared *c, uint32_t generation, int error)
{
	meshtcp_shared_lock(c);
	if (current(c, generation))
		meshtcp_session_failed(c->session, error, cmn_clock_ms());
	meshtcp_shared_unlock_calling(c);
}

void *meshtcp_reader_run(void *shared)
{
	struct shared *c = shared;
	uint32_t generation;

	meshtcp_shared_name_thread("meshtcp-read");
	while ((generation = await_wish(c)) != 0) {
		int error = 0;

		if (c->adopted_fd >= 0) {
			adopt(c, generation);
		} else {
			look_up(c);
			error = connect_any(c, generation);
		}
		if (error < 0) {
			failed(c, generation, error);
			continue;
		}
		opened(c, generation);
		read_socket(c, generation);
		close_socket(c);
	}
	return NULL;
}
