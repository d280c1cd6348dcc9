/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BENCH_PPCS_CAMERA_H
#define TESTS_BENCH_PPCS_CAMERA_H

#include <stdint.h>
#include <sys/types.h>

#define CAMERA_UID "TEST-012345-ABCDE"

/** A camera in a process of its own, on two ports of the loopback interface. It speaks plain bytes,
 *  no code of the library. */
struct camera {
	pid_t pid;
	int control; /**< it ends when this is closed */
	uint16_t search_port, main_port;
};

/**
 * Start it. It answers LAN_SEARCH and PUNCH_PKT, says P2P_RDY four times 10 ms apart and then every
 * 100 ms until the client is heard, and answers ALIVE.
 * @param loss  so many of 100 datagrams are lost, in both directions
 */
struct camera camera_start(unsigned loss, unsigned seed);
void camera_stop(const struct camera *c);

#endif
