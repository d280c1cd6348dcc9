/* SPDX-License-Identifier: MIT */
/*
 * Where the log of the library goes: -v shows it on standard error, -vv with every message on
 * the wire, and --trace writes the messages to a file as a conversation (tests/vectors/README.md).
 * cli_main() sets all of it up; a tool hands cli_log() to its library, when there is a need:
 *
 *	if (cli_log_level() >= 0)
 *		qlink_set_log(q, cli_log, NULL);
 */
#ifndef TOOLS_CLI_TRACE_H
#define TOOLS_CLI_TRACE_H

#include <stdbool.h>

/* The levels of the four libraries. */
enum {
	CLI_LOG_ERROR,
	CLI_LOG_WARNING,
	CLI_LOG_INFO,
	CLI_LOG_DEBUG,
	CLI_LOG_WIRE, /* a line "> HEX", "< HEX", "<2 HEX" with secrets masked */
};

/* The log callback; any thread may call it. userdata is not used. */
void cli_log(void *userdata, int level, const char *text);
/* The highest level that somebody wants to see, or -1 for none. */
int cli_log_level(void);

/* For the frame. verbose is the number of -v; text_wire decodes the hex for people. */
void cli_log_init(unsigned verbose, bool text_wire);
/* Creates or empties the file, readable for its owner alone. 0 or a negative errno. */
int cli_trace_open(const char *path, const char *title);
/* 0, or the negative errno of the first write that failed. */
int cli_trace_close(void);

#endif
