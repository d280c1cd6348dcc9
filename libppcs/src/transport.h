/* SPDX-License-Identifier: MIT */
#ifndef PPCS_TRANSPORT_H
#define PPCS_TRANSPORT_H

#include "common/loop.h"

#include "session.h"

struct connection;

/** The sockets of one session. */
struct transport {
	struct cmn_loop loop;
	struct session *session;
	struct connection *connections;
	uint32_t version; /**< of the wishes that are fulfilled */
	bool blocked;     /**< a socket takes nothing more for now */
};

int ppcs_transport_init(struct transport *t, struct session *session);
void ppcs_transport_free(struct transport *t);

/** Bring sockets, output and timer in line with the session; call it after every change. */
void ppcs_transport_update(struct transport *t, uint64_t now);

/** Do what is due. @return 0 or a negative errno */
int ppcs_transport_dispatch(struct transport *t);

/** Give a datagram socket away. @return its descriptor, or -ENOTCONN */
int ppcs_transport_take(struct transport *t, uint32_t id);

#endif
