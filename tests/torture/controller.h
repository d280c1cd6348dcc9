/* SPDX-License-Identifier: MIT */
#ifndef TESTS_TORTURE_CONTROLLER_H
#define TESTS_TORTURE_CONTROLLER_H

#include <stdint.h>
#include <sys/types.h>

/** A controller in a process of its own, on a port of the loopback interface. */
struct controller {
	pid_t pid;
	int alive; /**< it ends when this is closed */
	uint16_t port;
};

/** Start it; 0 or a negative errno. It answers the commands that controller.c lists; VSW also makes
 *  an event on all connections, and VZZ makes it close them all. */
int controller_start(struct controller *c);

/** Stop it and wait for its end. @return its exit status */
int controller_stop(struct controller *c);

#endif
