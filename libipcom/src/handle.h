/* SPDX-License-Identifier: MIT */
#ifndef IPCOM_HANDLE_H
#define IPCOM_HANDLE_H

#include "session.h"
#include "transport.h"

/** What the public header keeps to itself. */
struct ipcom {
	struct session *session;
	struct transport transport;
	struct session_config config;
	struct cmn_log log;
	enum ipcom_bus_type bus_type;
	bool own_address; /**< ipcom_set_frame_address() was called */
	char *host;
	uint16_t port;
	unsigned connect_timeout_ms;
};

#endif
