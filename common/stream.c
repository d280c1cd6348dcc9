/* SPDX-License-Identifier: MIT */
/*
 * One TCP connection in a loop. What it is watched for follows from what it is doing; the callers
 * decide about nothing but bytes.
 */
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define DRAIN_BYTES 4096
#define DRAIN_READS 16

void cmn_stream_init(struct cmn_stream *s, struct cmn_loop *loop, uint32_t token)
{
	*s = (struct cmn_stream){ .loop = loop, .token = token, .fd = -1, .watched_fd = -1 };
}

static int watch(struct cmn_stream *s, int fd, unsigned events)
{
	int ret = 0;

	if (s->watched_fd == fd && s->watched_for == events)
		return 0;
	if (s->watched_fd == fd) {
		ret = cmn_loop_modify(s->loop, fd, events, s->token);
	} else {
		if (s->watched_fd >= 0)
			cmn_loop_remove(s->loop, s->watched_fd);
		if (fd >= 0)
			ret = cmn_loop_add(s->loop, fd, events, s->token);
	}
	s->watched_fd = ret == 0 ? fd : -1;
	s->watched_for = events;
	return ret;
}

/* A socket that the loop cannot watch is of no use. */
static int settle(struct cmn_stream *s, int fd, unsigned events, int ret)
{
	int error = watch(s, fd, events);

	if (error == 0)
		return ret;
	cmn_stream_close(s);
	return error;
}

int cmn_stream_continue(struct cmn_stream *s, uint64_t now_ms)
{
	int ret;

	/* The attempt may close its socket and open another with the same number. */
	watch(s, -1, 0);
	ret = cmn_tcp_connect_continue(&s->connect, now_ms);
	if (ret == -EINPROGRESS)
		return settle(s, cmn_tcp_connect_fd(&s->connect), CMN_LOOP_WRITE, ret);
	s->connecting = false;
	if (ret < 0)
		return ret;
	s->fd = cmn_tcp_connect_take(&s->connect);
	return settle(s, s->fd, CMN_LOOP_READ, 0);
}

int cmn_stream_connect(struct cmn_stream *s, const struct cmn_tcp_addresses *addresses,
		       uint64_t deadline_ms, uint64_t now_ms)
{
	cmn_tcp_connect_start(&s->connect, addresses, deadline_ms);
	s->connecting = true;
	return cmn_stream_continue(s, now_ms);
}

int cmn_stream_adopt(struct cmn_stream *s, int fd)
{
	int flags = fcntl(fd, F_GETFL);
	int ret;

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -EINVAL;
	ret = watch(s, fd, CMN_LOOP_READ);
	if (ret == 0)
		s->fd = fd;
	return ret;
}

uint64_t cmn_stream_deadline(const struct cmn_stream *s)
{
	return s->connecting ? cmn_tcp_connect_deadline(&s->connect) : UINT64_MAX;
}

ssize_t cmn_stream_send(struct cmn_stream *s, const void *data, size_t size)
{
	ssize_t sent = cmn_tcp_send(s->fd, data, size);

	if (sent != -EAGAIN)
		return sent;
	watch(s, s->fd, CMN_LOOP_READ | CMN_LOOP_WRITE);
	return 0;
}

void cmn_stream_sent_all(struct cmn_stream *s)
{
	watch(s, s->fd, CMN_LOOP_READ);
}

ssize_t cmn_stream_recv(struct cmn_stream *s, void *data, size_t size)
{
	return cmn_tcp_recv(s->fd, data, size);
}

void cmn_stream_drain(struct cmn_stream *s)
{
	char bytes[DRAIN_BYTES];

	for (int i = 0; i < DRAIN_READS && s->fd >= 0; i++)
		if (cmn_tcp_recv(s->fd, bytes, sizeof(bytes)) <= 0)
			return;
}

void cmn_stream_close(struct cmn_stream *s)
{
	watch(s, -1, 0);
	if (s->connecting)
		cmn_tcp_connect_cancel(&s->connect);
	s->connecting = false;
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}
