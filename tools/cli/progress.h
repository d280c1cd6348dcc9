/* SPDX-License-Identifier: MIT */
/*
 * The live line on standard error while something takes time: a text and the seconds elapsed.
 * It appears after half a second, keeps counting while the tool is in cli_wait(), and is wiped
 * before every line of data or message. Does nothing unless standard error is a terminal that
 * can do it, and never with --json; so tools call it without asking.
 */
#ifndef TOOLS_CLI_PROGRESS_H
#define TOOLS_CLI_PROGRESS_H

#include "tools/cli/text.h"

#include <stdbool.h>

/*
 * Shows this text from now on. Several lines may be given, with '\n' between them; the seconds
 * stand behind the first. They count from the first call after a cli_progress_end().
 */
void cli_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Wipes it; nothing is shown until the next cli_progress(). */
void cli_progress_end(void);

/* For the frame: decide once; wipe before other output; draw when due, returning the ms until the
 * next drawing or -1 for never. */
void cli_progress_init(bool json);
void cli_progress_hide(void);
int cli_progress_tick(void);

/* Can this terminal do it? `term` is $TERM or NULL. */
bool cli_progress_allowed(bool terminal, bool json, const char *term);
/* What is drawn: each line cut to fit the width, so that it never wraps. Returns the lines. */
unsigned cli_progress_format(struct cli_text *to, const char *text, int seconds, unsigned width);

#endif
