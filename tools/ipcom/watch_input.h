/* SPDX-License-Identifier: MIT */
/*
 * The commands that `watch` reads: lines of words as typed on the command line, or JSON objects,
 * which become the same words. Lines that are too long are passed over, up to their end.
 */
#ifndef TOOLS_IPCOM_WATCH_INPUT_H
#define TOOLS_IPCOM_WATCH_INPUT_H

#include "tools/cli/options.h"

#include <stdbool.h>
#include <stddef.h>

#define WATCH_LINE_MAX  4096
#define WATCH_WORDS_MAX 257 /* "set" and each output with its value */

struct watch_input {
	char data[WATCH_LINE_MAX + 1];
	size_t len;  /* in data[] */
	size_t used; /* of it, by the lines taken */
	bool passing_over, ended;
};

/* Reads what is there, without waiting for more; at the end, or a failure, `ended` is set. */
void watch_input_read(struct watch_input *in, int fd);

/*
 * The next line, valid until the next read. 0 when there is no whole one; -EMSGSIZE tells once of
 * a line that is too long; 1 with the line, its end cut off, and its length.
 */
int watch_input_line(struct watch_input *in, char **ret_line, size_t *ret_len);

struct watch_words {
	int count;
	char *word[WATCH_WORDS_MAX];
	char copy[WATCH_LINE_MAX + 16]; /* of what came as JSON */
};

/* Takes a line apart, in place. 0, also for a blank one with no words, or -EINVAL with reason. */
int watch_words_parse(struct watch_words *words, char *line, size_t len, char why[CLI_WHY_MAX]);

#endif
