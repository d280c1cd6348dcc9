/* SPDX-License-Identifier: MIT */
#ifndef TESTS_TORTURE_PPCS_PEER_H
#define TESTS_TORTURE_PPCS_PEER_H

#include <stdint.h>
#include <sys/types.h>

#include "ppcs_device.h"

/** A camera with its directory server and relays, in a process of its own, on ports of the loopback
 *  interface. */
struct peer {
	pid_t pid;
	int control; /**< a byte: forget all clients; it ends when this is closed */
	uint16_t ports[DEVICE_PLACES];
	uint16_t tcp_port;    /**< of the directory server */
	uint16_t closed_port; /**< nobody listens there, and nobody will */
};

/** Start it; 0 or a negative errno. */
int peer_start(struct peer *p);

/** Have it forget all its clients. */
void peer_reset(const struct peer *p);

/** Stop it and wait for its end. @return its exit status */
int peer_stop(struct peer *p);

#endif
