/* SPDX-License-Identifier: MIT */
/*
 * SIGINT, SIGTERM and SIGHUP end a tool cleanly. Until cli_signal_init() they kill at once, which
 * is right as long as nothing has to be closed or stopped; from then on the first one is noted
 * and a second of the same kind kills. cli_wait() calls cli_signal_init() itself and tells of a
 * signal; the command then cleans up and returns, with whatever status, and cli_main() dies of
 * the signal, so that the shell sees 130 or 143. One that was ignored from the start stays so.
 * SIGPIPE is ignored from the start of cli_main(): a device must be left properly also when the
 * reader of the data has gone; the failed write is dealt with in the end (output.h).
 */
#ifndef TOOLS_CLI_SIGNAL_H
#define TOOLS_CLI_SIGNAL_H

/* 0 or a negative errno; a second call does nothing. */
int cli_signal_init(void);
/* Readable when a signal has come; -1 before cli_signal_init(). For a poll() of one's own. */
int cli_signal_fd(void);
/* The signal noted, or 0. */
int cli_signal_caught(void);
/* Empties the descriptor, so that clean-up can wait for other things; the signal stays noted. */
void cli_signal_drain(void);
/* Dies of the signal noted; returns when there is none. */
void cli_signal_reraise(void);
/* Dies of this signal, whatever was set up for it. */
void cli_signal_die(int number);

#endif
