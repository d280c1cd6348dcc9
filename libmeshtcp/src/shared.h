/* SPDX-License-Identifier: MIT */
#ifndef MESHTCP_SHARED_H
#define MESHTCP_SHARED_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/log.h"
#include "common/tcp.h"

#include "lock.h"
#include "queue.h"
#include "session.h"

struct meshtcp;

#define LOG_LINES 256
#define THREADS   3

struct log_line {
	int level;
	char text[CMN_LOG_BYTES];
};

/**
 * The one connection to a node, shared by all handles that name it: the session behind a mutex, and
 * three threads. The reader sits in recv(), the writer in send(), and the monitor keeps the time
 * and ends what blocks for too long. The mutex is never held over a system call that can block, nor
 * over a callback.
 */
struct shared {
	pthread_mutex_t mutex;
	pthread_cond_t changed; /**< anything that a thread may wait for */
	uint64_t changes;       /**< how often */
	pthread_t threads[THREADS];
	unsigned thread_count; /**< that were started */
	struct session *session;
	bool quit;

	/* Of the socket; only the reader opens and closes it. */
	int fd;              /**< -1 = none */
	uint32_t generation; /**< of the session's connection that it serves */
	bool connecting, timed_out;
	uint64_t connect_by, shut_at;
	bool sending;     /**< the writer is in send() */
	bool half_closed; /**< all is said */
	uint64_t half_closed_ms;
	int send_error;
	int adopted_fd; /**< to be used by the reader; -1 = none */

	/* What the connection is to. */
	struct cmn_tcp_addresses key;       /**< never changes */
	struct cmn_tcp_addresses addresses; /**< of the reader alone */
	char *host; /**< looked up anew at each attempt; NULL = the addresses are all */
	uint16_t port;
	unsigned connect_timeout_ms;
	struct node_lock lock;

	/* Its users. */
	struct shared *next; /**< in the registry */
	unsigned references; /**< handles that still point here; guarded by the registry */
	bool leaving;        /**< it is being taken apart; guarded by the registry */
	struct meshtcp *handles;
	uint32_t last_owner;

	/* Callbacks that wait to be made without the mutex. */
	struct log_line *lines;
	unsigned line_count, line_room;
	unsigned calling; /**< threads that are in a callback */
	unsigned dead;    /**< dead sockets not told yet */
	enum meshtcp_reason dead_reason;
};

/** @return 0 or -ENOMEM */
int meshtcp_shared_new(struct shared **ret);
/** Start the threads. @return 0 or -ENOMEM */
int meshtcp_shared_run(struct shared *c);
/** Stop the threads, and let go of the node's name; nobody else may join it. */
void meshtcp_shared_stop(struct shared *c);
/** The same, and free it; nobody else may know it. */
void meshtcp_shared_free(struct shared *c);
/** Give the calling thread its name. */
void meshtcp_shared_name_thread(const char *name);

void meshtcp_shared_lock(struct shared *c);
/** Unlock when nothing was changed: nobody is woken. */
void meshtcp_shared_unlock_unchanged(struct shared *c);
/** Hand out the events that were made, wake the threads, and unlock. */
void meshtcp_shared_unlock(struct shared *c);
/** Only for a thread of the connection: the same, and make the callbacks that wait. */
void meshtcp_shared_unlock_calling(struct shared *c);
/** Wait, with the mutex, until something changes or a time comes; UINT64_MAX = no time. */
void meshtcp_shared_wait(struct shared *c, uint64_t until);
/** With the mutex: wait until no callback is being made, unless this is one. */
void meshtcp_shared_quiesce(struct shared *c);
bool meshtcp_shared_is_thread(const struct shared *c);
/** Wait until the end of a connection that has been noticed is told; not long, nor for a thread of
 *  its own. */
void meshtcp_shared_settle(struct shared *c);
/** @return whether a handle takes part */
bool meshtcp_shared_in_use(const struct shared *c);
/** The most detailed level that a handle wants has changed. */
void meshtcp_shared_update_log(struct shared *c);

void *meshtcp_reader_run(void *shared);
void *meshtcp_writer_run(void *shared);
void *meshtcp_monitor_run(void *shared);

#endif
