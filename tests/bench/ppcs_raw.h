/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BENCH_PPCS_RAW_H
#define TESTS_BENCH_PPCS_RAW_H

#include <stdbool.h>
#include <stdint.h>

#include "ppcs_camera.h"

/** The least of a client: one socket, the handshake of the LAN in bare bytes, each step said again
 *  after 100 ms. */
struct raw {
	int fd;
	uint16_t port; /**< of the camera, for the next step */
	uint8_t data[24];
	uint32_t size;
	uint64_t due_ns; /**< say it again */
	bool done;
};

/** Open a socket, which does not block, and say LAN_SEARCH. */
void raw_start(struct raw *r, const struct camera *c);
/** Take what has come; `done` when ALIVE_ACK was it. */
void raw_receive(struct raw *r);
/** Say again what is due. */
void raw_repeat(struct raw *r);
/** Say CLOSE and close the socket. */
void raw_end(struct raw *r);

/** All of it, waiting for each answer. @return nanoseconds from socket() to ALIVE_ACK */
uint64_t raw_handshake(const struct camera *c);

#endif
