/* SPDX-License-Identifier: MIT */
#ifndef PPCS_HANDLE_H
#define PPCS_HANDLE_H

#include "session.h"
#include "transport.h"

/** A directory server or a relay as it was given. */
struct place {
	char *host;
	uint16_t port;
};

/** What the public header keeps to itself. */
struct ppcs {
	struct session *session;
	struct transport transport;
	struct session_config config; /**< addresses are filled in at ppcs_connect() */
	struct cmn_log log;
	char *host;
	struct place servers[PPCS_MAX_SERVERS], relays[PPCS_MAX_RELAYS];
	size_t server_count, relay_count;
};

/** 0 when an option may be set to a value, or why not. */
int ppcs_settable(const struct ppcs *p, bool valid);

#endif
