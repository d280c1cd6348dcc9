/* SPDX-License-Identifier: MIT */
/*
 * The one place where a tool waits: for its library, a signal, standard input, the time, and for
 * the reader of standard output to go away. Keeps the progress line counting meanwhile.
 */
#ifndef TOOLS_CLI_WAIT_H
#define TOOLS_CLI_WAIT_H

#include <stdbool.h>
#include <stdint.h>

enum {
	CLI_WAIT_FD = 1,        /* the library has something to do: dispatch */
	CLI_WAIT_OTHER = 2,     /* the other descriptor is readable or at its end */
	CLI_WAIT_SIGNAL = 4,    /* end; told once, so that clean-up can go on waiting */
	CLI_WAIT_OUTPUT = 8,    /* the reader of standard output has gone: end; told once */
	CLI_WAIT_WRITABLE = 16, /* standard output takes PIPE_BUF bytes without blocking */
};

/*
 * Waits until something of this is so and returns all that is so, 0 when the time is over, or a
 * negative errno. timeout_ms as for poll(): 0 only looks, -1 waits for ever. fd may be -1.
 */
int cli_wait(int fd, int timeout_ms);
/* The same with another descriptor, such as standard input, to be read by the caller; or -1. */
int cli_wait_other(int fd, int other, int timeout_ms);
/* The same; `output`: also until standard output can be written to. */
int cli_wait_output(int fd, int other, bool output, int timeout_ms);

/* Milliseconds of the monotonic clock. */
int64_t cli_now_ms(void);

#endif
