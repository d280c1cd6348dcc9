/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BENCH_IPCOM_PEER_H
#define TESTS_BENCH_IPCOM_PEER_H

#include <stdint.h>

#define PEER_MESSAGES 4096

/** What the peer writes down in memory that both share. */
struct peer_log {
	/** Number of messages; raised when the others of a message are filled in. */
	_Atomic unsigned count;
	struct {
		uint8_t id;
		uint64_t came_ns;
		uint64_t answered_ns;
	} messages[PEER_MESSAGES];
};

/**
 * Start an IPCom module in a process of its own at the other end of a socketpair; it ends with the
 * connection.
 * @param ret_log  what it receives
 * @return our end
 */
int peer_start(const struct peer_log **ret_log);

#endif
