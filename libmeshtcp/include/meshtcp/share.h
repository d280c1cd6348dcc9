/* SPDX-License-Identifier: MIT */
#ifndef MESHTCP_SHARE_H
#define MESHTCP_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/**
 * @file share.h
 * One node, many clients: a local server that speaks to each client as the node would, over the one
 * connection that the node accepts (section 17). A part of <meshtcp/meshtcp.h>.
 *
 * meshtcp_share_new(), setters, meshtcp_share_listen(), meshtcp_share_start(), then wait for
 * meshtcp_share_get_fd() to become readable and take events with meshtcp_share_next_event().
 * The clients are served by a thread of the share's own; the connection to the node is the shared
 * one of this process, with all of its rules. A share is used by one thread at a time.
 *
 * There is no login: whoever reaches the port uses the node. Changing what the node is, restarting
 * it and removing nodes is refused unless meshtcp_share_set_allow_admin() permits it.
 *
 * @addtogroup meshtcp
 * @{
 */

/** Most clients that can be allowed. */
#define MESHTCP_SHARE_MAX_CLIENTS 64
/** Most events waiting for meshtcp_share_next_event(). */
#define MESHTCP_SHARE_MAX_EVENTS 1024
/** Port by custom. */
#define MESHTCP_SHARE_PORT 4404

struct meshtcp;
struct meshtcp_share;

/** What happened. */
enum meshtcp_share_event_type {
	MESHTCP_SHARE_CLIENT = 1, /**< a client came: `client address` */
	MESHTCP_SHARE_GONE,       /**< it went, or was turned away: `client address reason` */
	MESHTCP_SHARE_NODE_LOST,  /**< or not reached at all: packets are refused: `reason` */
	MESHTCP_SHARE_NODE_READY, /**< the node serves */
	MESHTCP_SHARE_OVERFLOW    /**< `count` events were dropped */
};

/** What meshtcp_share_next_event() returns. Read-only; later releases append fields. */
struct meshtcp_share_event {
	enum meshtcp_share_event_type type;
	uint64_t time_ms; /**< monotonic */
	uint32_t client;  /**< number of the client, from 1 */
	uint32_t count;
	const char *address; /**< `127.0.0.1:41234`, or `unix` */
	/** `goodbye closed reset slow idle full stopped`, or why the node is lost. */
	const char *reason;
};

/** Counters; later releases append fields. */
struct meshtcp_share_statistics {
	uint64_t clients, turned_away; /**< ever */
	uint64_t clients_now;
	uint64_t downloads; /**< replayed */
	uint64_t packets_forwarded, packets_refused;
	uint64_t frames_to_clients, ignored; /**< sent; from clients, of no use */
	uint64_t translated;                 /**< ids that two clients had chosen */
};

/**
 * Make a share of the node that M names; M's address, options and log are copied. M may be
 * connected or not, and may be freed.
 * @return 0, -EINVAL no address set, or -ENOMEM
 * @since 0.1
 */
int meshtcp_share_new(const struct meshtcp *m, struct meshtcp_share **ret);
/** Close the listeners and all clients, and leave the node. The events of that can be taken; the
 *  share cannot be started again. Blocks until its thread has left, which waits for nobody.
 *  @since 0.1 */
void meshtcp_share_stop(struct meshtcp_share *s);
/** meshtcp_share_stop(), and free everything; NULL is allowed. @since 0.1 */
void meshtcp_share_free(struct meshtcp_share *s);
/** 1–MESHTCP_SHARE_MAX_CLIENTS, default 10; more are turned away. Before the start. @since 0.1 */
int meshtcp_share_set_max_clients(struct meshtcp_share *s, unsigned most);
/** Permit what changes, restarts or resets the node; default false. Before the start. @since 0.1 */
int meshtcp_share_set_allow_admin(struct meshtcp_share *s, bool on);
/** A client that sends nothing for so long is closed: 1000–86400000 ms, default 900000. Before the
 *  start. @since 0.1 */
int meshtcp_share_set_idle(struct meshtcp_share *s, unsigned idle_ms);
/**
 * Listen on a numeric address, 127.0.0.1 by custom; several may be given, before the start.
 * @param port      0 = the kernel chooses
 * @param ret_port  the port; may be NULL
 * @return 0, -EINVAL, -EADDRINUSE, -EADDRNOTAVAIL, -EACCES, -ENOMEM, -EBUSY too many
 * @since 0.1
 */
int meshtcp_share_listen(struct meshtcp_share *s, const char *address, uint16_t port,
			 uint16_t *ret_port);
/** Listen on a Unix socket, for its owner alone; a socket that nobody serves any more is replaced.
 *  It is removed at the end. @return as above @since 0.1 */
int meshtcp_share_listen_unix(struct meshtcp_share *s, const char *path);
/** Connect to the node and serve. @return 0; -EINVAL nothing to listen on; -EBUSY it runs, or
 *  another share of this process has the node; or an error of meshtcp_connect() @since 0.1 */
int meshtcp_share_start(struct meshtcp_share *s);
/** @return the process that holds the node when meshtcp_share_start() said -EBUSY; 0 = none.
 *  @since 0.1 */
int meshtcp_share_get_holder(struct meshtcp_share *s);
/** @return a descriptor that stays the same; readable = events wait. @since 0.1 */
int meshtcp_share_get_fd(struct meshtcp_share *s);
/** @return the next event, valid until the next call; NULL when there is none. @since 0.1 */
const struct meshtcp_share_event *meshtcp_share_next_event(struct meshtcp_share *s);
/** @return the counters as they stand; valid until the next call. @since 0.1 */
const struct meshtcp_share_statistics *meshtcp_share_get_statistics(struct meshtcp_share *s);

/** @} */

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
