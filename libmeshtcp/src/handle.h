/* SPDX-License-Identifier: MIT */
#ifndef MESHTCP_HANDLE_H
#define MESHTCP_HANDLE_H

#include <pthread.h>

#include "shared.h"

/** What the public header keeps to itself: a subscriber of a connection. */
struct meshtcp {
	/* Guarded by the mutex of the connection. */
	struct meshtcp *next; /**< of the same connection */
	bool joined;          /**< it takes part; else it only hears how it ends */
	uint32_t owner;
	struct cmn_log log;
	void (*dead_fn)(void *userdata, enum meshtcp_reason reason);
	void *dead_userdata;

	/* Guarded by its own mutex. */
	pthread_mutex_t mutex;
	struct event_list events;
	bool signalled; /**< the descriptor is readable */
	int event_fd;

	/* Of the thread that uses the handle. */
	struct shared *shared; /**< NULL = never connected */
	struct session_config config;
	struct meshtcp_statistics statistics;
	char *host;
	uint16_t port;
	unsigned connect_timeout_ms, timeout_ms;
	bool force;
	int holder;
};

/** Put an event into the handle's list. Takes the node over, or copies it for COPY. */
void meshtcp_handle_deliver(struct meshtcp *m, struct node *node, bool copy);
/** Events for the handle were lost, for want of memory. */
void meshtcp_handle_dropped(struct meshtcp *m, unsigned count, uint64_t now);
/** With the connection's mutex: make an event of a state for a handle that has just joined. */
void meshtcp_handle_tell_state(struct meshtcp *m, enum meshtcp_state state, uint64_t now);
/** A number that changes with every change of the connection; 0 without one. */
uint64_t meshtcp_handle_changes(struct meshtcp *m);
/** Wait until it is another one, or until a time comes. */
void meshtcp_handle_wait(struct meshtcp *m, uint64_t seen, uint64_t until);
/** 0 when an option may be set to a value, or why not. */
int meshtcp_settable(struct meshtcp *m, bool valid);
/** Join as the public function, but refuse a connection that is there when ALONE. */
int meshtcp_join(struct meshtcp *m, bool alone);

#endif
