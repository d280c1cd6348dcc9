/* SPDX-License-Identifier: MIT */
/*
 * TCP: name lookup, and connecting to the first of several addresses that answers, without ever
 * blocking and with one deadline for all. Time is a number handed in.
 */
#ifndef CMN_TCP_H
#define CMN_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#define CMN_TCP_MAX_ADDRESSES 16

struct cmn_tcp_address {
	struct sockaddr_storage sa;
	socklen_t len;
};

/** Where a host may be reached, best first. */
struct cmn_tcp_addresses {
	struct cmn_tcp_address at[CMN_TCP_MAX_ADDRESSES];
	unsigned count;
};

/**
 * Look a host up. Blocks while the resolver asks the network; not with a numeric address.
 * @param ret  the first CMN_TCP_MAX_ADDRESSES addresses, at least one
 * @return 0, -EADDRNOTAVAIL when the name does not resolve (now), or -ENOMEM
 */
int cmn_tcp_resolve(const char *host, uint16_t port, struct cmn_tcp_addresses *ret);

/**
 * Begin to connect a new non-blocking socket without delay of small segments and with keepalive.
 * @param ret_fd  the caller's; written with 0 and -EINPROGRESS
 * @return 0 when it is connected already, -EINPROGRESS, or an error of cmn_tcp_connect_continue()
 */
int cmn_tcp_open(const struct sockaddr *sa, socklen_t len, int *ret_fd);

/** One connection on its way. Private. */
struct cmn_tcp_connect {
	const struct cmn_tcp_addresses *addresses;
	uint64_t deadline_ms; /**< of the whole */
	uint64_t attempt_ms;  /**< deadline of the attempt in progress */
	unsigned next;        /**< address to try next */
	int fd;
	int error; /**< most telling so far; 0 = no attempt failed yet */
};

/**
 * Get ready; nothing is opened before the first cmn_tcp_connect_continue(), to be called next.
 * @param addresses    stay the caller's and where they are until the end
 * @param deadline_ms  when to give up; UINT64_MAX = when the kernel does
 */
void cmn_tcp_connect_start(struct cmn_tcp_connect *c, const struct cmn_tcp_addresses *addresses,
			   uint64_t deadline_ms);

/** @return the socket to watch for writing while -EINPROGRESS, else -1; still the attempt's. */
int cmn_tcp_connect_fd(const struct cmn_tcp_connect *c);

/**
 * @return when to call cmn_tcp_connect_continue() if the socket stays silent: every address gets an
 * equal share of the time that is left. UINT64_MAX = only when it speaks.
 */
uint64_t cmn_tcp_connect_deadline(const struct cmn_tcp_connect *c);

/**
 * Go on: to be called when the socket speaks and when the deadline has come; never does harm.
 * Stop watching the socket before: it may be closed, and its number be given to the next one.
 * @return 0 when connected: cmn_tcp_connect_take() is next; -EINPROGRESS: wait again; else the end,
 * with what failed. If addresses failed in different ways that is the first one of: -ECONNREFUSED,
 * -ECONNRESET, -ETIMEDOUT, -ENOMEM (also for want of descriptors), -EHOSTUNREACH (all else).
 */
int cmn_tcp_connect_continue(struct cmn_tcp_connect *c, uint64_t now_ms);

/** @return the connected socket, from now on the caller's. Only after 0. */
int cmn_tcp_connect_take(struct cmn_tcp_connect *c);

/** Close what is open. Allowed at any time after cmn_tcp_connect_start(). */
void cmn_tcp_connect_cancel(struct cmn_tcp_connect *c);

/** send() of a byte at least, without SIGPIPE. @return bytes sent, -EAGAIN or a negative errno */
ssize_t cmn_tcp_send(int fd, const void *data, size_t size);

/** recv(). @return bytes received, 0 at the end, -EAGAIN or another negative errno */
ssize_t cmn_tcp_recv(int fd, void *data, size_t size);

#endif
