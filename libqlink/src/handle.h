/* SPDX-License-Identifier: MIT */
#ifndef QLINK_HANDLE_H
#define QLINK_HANDLE_H

#include "session.h"
#include "transport.h"

/** What the public header keeps to itself. */
struct qlink {
	struct session *session;
	struct transport transport;
	struct session_config config;
	struct cmn_log log;
	char *host;
	uint16_t port;
	uint16_t query_port;
	unsigned connect_timeout_ms;
	enum qlink_priority priority;
};

#endif
