/* SPDX-License-Identifier: MIT */
#ifndef COMMON_STREAM_H
#define COMMON_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "loop.h"
#include "tcp.h"

/** One TCP connection in a loop: on its way, open, or closed. */
struct cmn_stream {
	struct cmn_loop *loop;
	uint32_t token; /**< of its events in the loop */
	int fd;         /**< open, or -1 */
	bool connecting;
	struct cmn_tcp_connect connect;
	int watched_fd; /**< what the loop watches, or -1 */
	unsigned watched_for;
};

void cmn_stream_init(struct cmn_stream *s, struct cmn_loop *loop, uint32_t token);

/**
 * Begin to connect; the stream is closed before and the addresses stay valid. Call
 * cmn_stream_continue() for its events and when cmn_stream_deadline() has come.
 * @return 0 open; -EINPROGRESS; else it failed and is closed, errors as cmn_tcp_connect_continue()
 */
int cmn_stream_connect(struct cmn_stream *s, const struct cmn_tcp_addresses *addresses,
		       uint64_t deadline_ms, uint64_t now_ms);
int cmn_stream_continue(struct cmn_stream *s, uint64_t now_ms);

/** Take over a connected socket and make it non-blocking. @return 0, -EINVAL, or the errno of
 *  epoll; the socket stays the caller's then */
int cmn_stream_adopt(struct cmn_stream *s, int fd);

/** @return when to continue without an event; UINT64_MAX when it is not connecting. */
uint64_t cmn_stream_deadline(const struct cmn_stream *s);

/** Send what fits; the loop tells when the rest can go. @return the count (0: nothing fits now) or
 *  a negative errno */
ssize_t cmn_stream_send(struct cmn_stream *s, const void *data, size_t size);
/** Nothing is left to be sent. */
void cmn_stream_sent_all(struct cmn_stream *s);

/** @return the count, 0 at the end of the stream, -EAGAIN, or another negative errno */
ssize_t cmn_stream_recv(struct cmn_stream *s, void *data, size_t size);

/** Read away what was received and not read, up to a bound. Closing with unread bytes makes the
 *  kernel send RST, which can swallow what was sent last. */
void cmn_stream_drain(struct cmn_stream *s);

/** Close it, also on its way. */
void cmn_stream_close(struct cmn_stream *s);

#endif
