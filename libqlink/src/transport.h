/* SPDX-License-Identifier: MIT */
#ifndef QLINK_TRANSPORT_H
#define QLINK_TRANSPORT_H

#include <qlink/qlink.h>

#include "common/loop.h"
#include "common/stream.h"
#include "common/tcp.h"

#include "session.h"

/** A socket for one connection of the session. */
struct slot {
	uint32_t generation; /**< of the connection that it serves; 0 = free */
	struct cmn_stream stream;
};

/** The sockets of one session. */
struct transport {
	struct cmn_loop loop;
	struct session *session;
	struct cmn_tcp_addresses addresses;
	unsigned connect_timeout_ms;
	uint64_t wake_at; /**< what the timer is set to */
	struct slot slots[QLINK_MAX_CONNECTIONS];
};

int qlink_transport_init(struct transport *t, struct session *session);
void qlink_transport_free(struct transport *t);

/** Give slot 0 a connected socket; the transport owns it from success on. */
int qlink_transport_adopt(struct transport *t, int fd);

/** Bring sockets, output and timer in line with the session; call it after every change. */
void qlink_transport_update(struct transport *t, uint64_t now);

/** Do what is due. @return 0 or a negative errno */
int qlink_transport_dispatch(struct transport *t);

#endif
