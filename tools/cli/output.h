/* SPDX-License-Identifier: MIT */
/*
 * Data on standard output, a line at a time, each written at once; words on standard error.
 * The first failed write to standard output is remembered, later ones are not tried, and
 * cli_main() makes the exit status of it: killed by SIGPIPE when the reader has gone, else a
 * message and status 1. A stream ends when a line returns an error. Clear of threads: standard
 * output belongs to the main thread, messages may come from any.
 */
#ifndef TOOLS_CLI_OUTPUT_H
#define TOOLS_CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

/* One whole line of data; the newline is added. 0 or a negative errno. */
int cli_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same in pieces: any number of these … */
void cli_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* … this one for text of a device, which is made harmless (cli_text_harmless) … */
void cli_print_text(const void *text, size_t len);
/* … and this to end the line and write it. */
int cli_print_end(void);

/* A finished piece of output, for writers with a buffer of their own. */
int cli_out_write(const char *data, size_t len);
/* The negative errno of the first failure, or 0. */
int cli_out_error(void);
/* Records a failure found elsewhere, unless there is one already; returns the one recorded. */
int cli_out_fail(int err);
/* Frees the buffer and returns cli_out_error(), for which the next call starts from 0. */
int cli_out_finish(void);

/*
 * "TOOL: text" on standard error. Control characters are escaped, so text of a device or of a
 * file may stand in it. By custom "what failed: why".
 */
void cli_message(const char *format, ...) __attribute__((format(printf, 1, 2)));
void cli_set_tool_name(const char *name);

/* Is colour wanted on this descriptor: a terminal, not a dumb one, and NO_COLOR is not set? */
bool cli_colour(int fd);

#endif
