/* SPDX-License-Identifier: MIT */
#ifndef TESTS_TORTURE_IPCOM_MODULE_H
#define TESTS_TORTURE_IPCOM_MODULE_H

#include <stdint.h>
#include <sys/types.h>

/** A module in a process of its own, on a port of the loopback interface. */
struct module {
	pid_t pid;
	int alive; /**< it ends when this is closed */
	uint16_t port;
};

/** Start it; 0 or a negative errno. It accepts any login, and hangs up at every second write that
 *  has output 1.8 at 1. */
int module_start(struct module *m);

/** Stop it and wait for its end. @return its exit status */
int module_stop(struct module *m);

#endif
