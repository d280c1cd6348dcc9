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
/** @name For the share: the connection as a whole
 * @{ */
/** Take all that the node says as MESHTCP_EVENT_RAW from now on, or no more.
 *  @return 0; -EBUSY another handle has it */
int meshtcp_handle_tap(struct meshtcp *m, bool on);
/** Send a packet of somebody else; as a request, with the id that it gets at the node. */
int meshtcp_handle_forward(struct meshtcp *m, const uint8_t *packet, size_t size, unsigned port,
			   uint32_t id, uint32_t *ret_wire);
/** Send another message of somebody else; as a request that ends when it is sent, soon or never. */
int meshtcp_handle_say(struct meshtcp *m, const uint8_t *message, size_t size, uint32_t *ret_id);
/** As meshtcp_session_records(), in memory that is the caller's to free. @return its size or an
 *  error */
int meshtcp_handle_records(struct meshtcp *m, uint8_t **ret, size_t *ret_before);
/** @} */
/** 0 when an option may be set to a value, or why not. */
int meshtcp_settable(struct meshtcp *m, bool valid);
/** Join as the public function, but refuse a connection that is there when ALONE. */
int meshtcp_join(struct meshtcp *m, bool alone);

#endif
