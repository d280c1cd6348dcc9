/* SPDX-License-Identifier: MIT */
/*
 * The sockets for the session: opens those that are wanted, closes those that are not, sends what
 * there is, hands in what arrives. With ppcs.c the only file that knows the clock.
 */
#include "transport.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/stream.h"

#include "udp.h"

#define READ_BYTES     2048
#define READS_AT_ONCE  64 /* then others get their turn */
#define EVENTS_AT_ONCE 32
#define ROUNDS_AT_ONCE 8
#define STREAM_MAX     65536
#define STREAM_ENOUGH  (STREAM_MAX / 2) /* to leave the rest where it is */

/** A TCP connection of the relay over TCP. */
struct tcp {
	struct cmn_stream stream;
	struct cmn_tcp_addresses addresses;
	struct cmn_buf out;
};

struct connection {
	struct connection *next;
	uint32_t id;
	int fd;          /**< datagrams; -1 for a stream */
	bool writable;   /**< is watched for it */
	struct tcp *tcp; /**< NULL for datagrams */
};

int ppcs_transport_init(struct transport *t, struct session *session)
{
	int ret;

	t->session = session;
	ret = cmn_loop_init(&t->loop);
	if (ret < 0)
		cmn_loop_free(&t->loop);
	return ret;
}

static void close_connection(struct transport *t, struct connection *c)
{
	struct connection **place = &t->connections;

	while (*place != c)
		place = &(*place)->next;
	*place = c->next;
	if (c->tcp) {
		cmn_stream_close(&c->tcp->stream);
		cmn_buf_free(&c->tcp->out);
		free(c->tcp);
	}
	if (c->writable)
		t->blocked = false;
	if (c->fd >= 0) {
		cmn_loop_remove(&t->loop, c->fd);
		close(c->fd);
	}
	free(c);
}

void ppcs_transport_free(struct transport *t)
{
	while (t->connections)
		close_connection(t, t->connections);
	cmn_loop_free(&t->loop);
}

static struct connection *find(struct transport *t, uint32_t id)
{
	for (struct connection *c = t->connections; c; c = c->next)
		if (c->id == id)
			return c;
	return NULL;
}

static struct connection *add(struct transport *t, uint32_t id)
{
	struct connection *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->id = id;
	c->fd = -1;
	c->next = t->connections;
	t->connections = c;
	return c;
}

static void fail(struct transport *t, struct connection *c, int error, uint64_t now)
{
	uint32_t id = c->id;

	close_connection(t, c);
	ppcs_session_failed(t->session, id, error, now);
}

static void open_datagrams(struct transport *t, struct connection *c,
			   const struct socket_wish *wish, uint64_t now)
{
	struct ppcs_address local;
	int ret;

	c->fd = ppcs_udp_open(wish->broadcast, &wish->to, &local);
	ret = c->fd < 0 ? c->fd : cmn_loop_add(&t->loop, c->fd, CMN_LOOP_READ, c->id);
	if (ret < 0)
		fail(t, c, ret, now);
	else
		ppcs_session_opened(t->session, c->id, &local, now);
}

/* What became of a connection attempt. */
static void settle(struct transport *t, struct connection *c, int ret, uint64_t now)
{
	struct ppcs_address local = { .port = 0 };
	struct sockaddr_in sa;
	socklen_t len = sizeof(sa);

	if (ret == -EINPROGRESS)
		return;
	if (ret < 0) {
		fail(t, c, ret, now);
		return;
	}
	if (getsockname(c->tcp->stream.fd, (struct sockaddr *)&sa, &len) == 0) {
		memcpy(local.ip, &sa.sin_addr, sizeof(local.ip));
		local.port = ntohs(sa.sin_port);
	}
	ppcs_session_opened(t->session, c->id, &local, now);
}

static void open_stream(struct transport *t, struct connection *c, const struct socket_wish *wish,
			uint64_t now)
{
	struct sockaddr_in *sa;

	c->tcp = calloc(1, sizeof(*c->tcp));
	if (!c->tcp) {
		fail(t, c, -ENOMEM, now);
		return;
	}
	cmn_buf_init(&c->tcp->out, STREAM_MAX);
	cmn_stream_init(&c->tcp->stream, &t->loop, c->id);
	c->tcp->addresses.count = 1;
	c->tcp->addresses.at[0].len = sizeof(*sa);
	sa = (struct sockaddr_in *)(void *)&c->tcp->addresses.at[0].sa;
	sa->sin_family = AF_INET;
	sa->sin_port = htons(wish->to.port);
	memcpy(&sa->sin_addr, wish->to.ip, sizeof(wish->to.ip));
	settle(t, c, cmn_stream_connect(&c->tcp->stream, &c->tcp->addresses, UINT64_MAX, now), now);
}

static bool wanted(const struct transport *t, uint32_t id)
{
	struct socket_wish wish;

	for (size_t i = 0; ppcs_session_socket(t->session, i, &wish); i++)
		if (wish.id == id)
			return true;
	return false;
}

static void close_unwanted(struct transport *t)
{
	struct connection *next;

	for (struct connection *c = t->connections; c; c = next) {
		next = c->next;
		if (!wanted(t, c->id))
			close_connection(t, c);
	}
}

static bool open_next(struct transport *t, uint64_t now)
{
	struct socket_wish wish;
	struct connection *c;

	for (size_t i = 0; ppcs_session_socket(t->session, i, &wish); i++) {
		if (find(t, wish.id))
			continue;
		c = add(t, wish.id);
		if (!c)
			ppcs_session_failed(t->session, wish.id, -ENOMEM, now);
		else if (wish.stream)
			open_stream(t, c, &wish, now);
		else
			open_datagrams(t, c, &wish, now);
		return true; /* the list may be another one now */
	}
	return false;
}

/* @return whether anything changed */
static bool sync_sockets(struct transport *t, uint64_t now)
{
	if (t->version == ppcs_session_sockets_version(t->session))
		return false;
	close_unwanted(t);
	while (open_next(t, now))
		;
	t->version = ppcs_session_sockets_version(t->session);
	close_unwanted(t);
	return true;
}

static void flush_stream(struct transport *t, struct connection *c, uint64_t now)
{
	struct tcp *tcp = c->tcp;

	while (tcp->stream.fd >= 0 && cmn_buf_len(&tcp->out) > 0) {
		ssize_t sent = cmn_stream_send(&tcp->stream, cmn_buf_data(&tcp->out),
					       cmn_buf_len(&tcp->out));

		if (sent < 0)
			fail(t, c, -ECONNRESET, now);
		if (sent <= 0)
			return;
		cmn_buf_consume(&tcp->out, (size_t)sent);
	}
	if (tcp->stream.fd >= 0)
		cmn_stream_sent_all(&tcp->stream);
}

/* A stream that has lost something is of no more use. */
static void send_stream(struct transport *t, struct connection *c, const struct datagram *d,
			uint64_t now)
{
	if (cmn_buf_append(&c->tcp->out, d->data, d->size) < 0)
		fail(t, c, -ENOMEM, now);
	else
		flush_stream(t, c, now);
}

static bool stream_full(const struct connection *c)
{
	return c && c->tcp && cmn_buf_len(&c->tcp->out) >= STREAM_ENOUGH;
}

/* A full socket holds all the others up: they share the way out. */
static bool send_datagram(struct transport *t, struct connection *c, const struct datagram *d)
{
	if (ppcs_udp_send(c->fd, &d->to, d->data, d->size) != -EAGAIN)
		return true;
	t->blocked = cmn_loop_modify(&t->loop, c->fd, CMN_LOOP_READ | CMN_LOOP_WRITE, c->id) == 0;
	c->writable = t->blocked;
	return false;
}

/* @return whether anything was sent */
static bool flush(struct transport *t, uint64_t now)
{
	struct datagram d;
	bool any = false;

	while (!t->blocked && ppcs_session_output(t->session, now, &d)) {
		struct connection *c = find(t, d.socket);

		if (stream_full(c))
			break;
		if (c && c->tcp) {
			send_stream(t, c, &d, now);
		} else if (c && !send_datagram(t, c, &d)) {
			break;
		}
		ppcs_session_sent(t->session);
		any = true;
	}
	return any;
}

static uint64_t stream_deadline(const struct transport *t)
{
	uint64_t at = UINT64_MAX;

	for (const struct connection *c = t->connections; c; c = c->next)
		if (c->tcp && cmn_stream_deadline(&c->tcp->stream) < at)
			at = cmn_stream_deadline(&c->tcp->stream);
	return at;
}

void ppcs_transport_update(struct transport *t, uint64_t now)
{
	uint64_t at, other;

	/* What is to be sent goes before its socket is closed. */
	for (unsigned n = 0; n < ROUNDS_AT_ONCE; n++) {
		bool any = flush(t, now);

		any |= sync_sockets(t, now);
		if (!any)
			break;
	}
	at = ppcs_session_deadline(t->session);
	other = stream_deadline(t);
	cmn_loop_set_deadline(&t->loop, other < at ? other : at);
}

static void read_errors(struct transport *t, struct connection *c, uint64_t now)
{
	struct ppcs_address to;

	for (unsigned n = 0; n < READS_AT_ONCE; n++) {
		int ret = ppcs_udp_error(c->fd, &to);

		if (ret == -EAGAIN)
			return;
		if (ret == 0)
			ppcs_session_unreachable(t->session, c->id, &to, now);
	}
}

static void read_datagrams(struct transport *t, struct connection *c, uint64_t now)
{
	struct ppcs_address from;
	uint8_t bytes[READ_BYTES];

	for (unsigned n = 0; n < READS_AT_ONCE; n++) {
		ssize_t size = ppcs_udp_receive(c->fd, &from, bytes, sizeof(bytes));

		if (size < 0)
			return;
		ppcs_session_receive(t->session, c->id, &from, bytes, (size_t)size, now);
	}
}

static void handle_datagrams(struct transport *t, struct connection *c, unsigned events,
			     uint64_t now)
{
	if (events & CMN_LOOP_HANGUP)
		read_errors(t, c, now);
	if (events & CMN_LOOP_READ)
		read_datagrams(t, c, now);
	if ((events & CMN_LOOP_WRITE) && c->writable) {
		cmn_loop_modify(&t->loop, c->fd, CMN_LOOP_READ, c->id);
		c->writable = false;
		t->blocked = false;
	}
}

static void read_stream(struct transport *t, struct connection *c, uint64_t now)
{
	struct ppcs_address nobody = { .port = 0 };
	uint32_t id = c->id;
	uint8_t bytes[READ_BYTES];
	ssize_t size = cmn_stream_recv(&c->tcp->stream, bytes, sizeof(bytes));

	if (size == -EAGAIN)
		return;
	if (size <= 0)
		fail(t, c, size == 0 ? 0 : -ECONNRESET, now);
	else
		ppcs_session_receive(t->session, id, &nobody, bytes, (size_t)size, now);
}

static void handle_stream(struct transport *t, struct connection *c, unsigned events, uint64_t now)
{
	if (c->tcp->stream.connecting)
		settle(t, c, cmn_stream_continue(&c->tcp->stream, now), now);
	else if (events & (CMN_LOOP_READ | CMN_LOOP_HANGUP))
		read_stream(t, c, now);
	else
		flush_stream(t, c, now);
}

/* Streams whose time to connect is over need no event of their own. */
static void expire_streams(struct transport *t, uint64_t now)
{
	struct connection *next;

	for (struct connection *c = t->connections; c; c = next) {
		next = c->next;
		if (c->tcp && now >= cmn_stream_deadline(&c->tcp->stream))
			settle(t, c, cmn_stream_continue(&c->tcp->stream, now), now);
	}
}

int ppcs_transport_dispatch(struct transport *t)
{
	struct cmn_loop_event events[EVENTS_AT_ONCE];
	uint64_t now = cmn_clock_ms();
	int count = cmn_loop_wait(&t->loop, events, EVENTS_AT_ONCE);

	for (int i = 0; i < count; i++) {
		struct connection *c = find(t, events[i].token);

		if (c && c->tcp)
			handle_stream(t, c, events[i].events, now);
		else if (c)
			handle_datagrams(t, c, events[i].events, now);
	}
	expire_streams(t, now);
	ppcs_session_tick(t->session, now);
	ppcs_transport_update(t, now);
	return count < 0 ? count : 0;
}

int ppcs_transport_take(struct transport *t, uint32_t id)
{
	struct connection *c = find(t, id);
	int fd;

	if (!c || c->tcp)
		return -ENOTCONN;
	fd = c->fd;
	cmn_loop_remove(&t->loop, fd);
	c->fd = -1;
	close_connection(t, c);
	return fd;
}
