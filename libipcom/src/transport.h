/* SPDX-License-Identifier: MIT */
#ifndef IPCOM_TRANSPORT_H
#define IPCOM_TRANSPORT_H

#include "common/loop.h"
#include "common/stream.h"
#include "common/tcp.h"

#include "session.h"

/** The socket of one session. */
struct transport {
	struct cmn_loop loop;
	struct session *session;
	struct cmn_tcp_addresses addresses;
	unsigned connect_timeout_ms;
	uint32_t generation; /**< of the connection that the stream serves; 0 = none */
	struct cmn_stream stream;
};

int ipcom_transport_init(struct transport *t, struct session *session);
void ipcom_transport_free(struct transport *t);

/** Take over a connected socket; the transport owns it from success on. */
int ipcom_transport_adopt(struct transport *t, int fd);

/** Bring socket, output and timer in line with the session; call it after every change. */
void ipcom_transport_update(struct transport *t, uint64_t now);

/** Do what is due. @return 0 or a negative errno */
int ipcom_transport_dispatch(struct transport *t);

#endif
