/* SPDX-License-Identifier: MIT */
/*
 * A user of libmeshtcp who holds it to its word while calls fail: errors are among those of the
 * header, each request has one result, the descriptor tells of events, and a lost connection comes
 * back.
 */
#ifndef TESTS_TORTURE_MESHTCP_CLIENT_H
#define TESTS_TORTURE_MESHTCP_CLIENT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <meshtcp/meshtcp.h>

#include "meshtcp_node.h"

#define CLIENT_REQUESTS 512

/** Nothing takes so long. */
#define LIMIT_MS 30000

struct client {
	struct meshtcp *m;
	uint32_t ids[CLIENT_REQUESTS];
	unsigned results[CLIENT_REQUESTS];
	unsigned count;
	atomic_uint dead, lines;
};

/** An error that came out: one of those that the header lists. @return the error */
int client_error(int error);
/** A handle with its options set. @return false when a call failed; nothing is left then */
bool client_new(struct client *c, uint16_t port);
/** Connect, once more when a call failed. @return false when that one failed as well */
bool client_connect(struct client *c);
/** Both. @return false with nothing left */
bool client_open(struct client *c, uint16_t port);
/** Make a request whose result is awaited later. */
void client_send(struct client *c);
void client_take_events(struct client *c);
/** Until each request has its result. */
void client_settle(struct client *c);
/** By itself the connection becomes ready again and carries packets. */
void client_mend(struct client *c);
/** Leave, see that all is in order, and free the handle. ALONE: nobody shared its connection. */
void client_close(struct client *c, bool alone);
/** Free it as it is. */
void client_free(struct client *c);

#endif
