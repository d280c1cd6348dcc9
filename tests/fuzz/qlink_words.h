/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FUZZ_QLINK_WORDS_H
#define TESTS_FUZZ_QLINK_WORDS_H

#include <stdbool.h>

#include "command.h"
#include "fuzz.h"
#include "line.h"

/** Room for a command of the longest text. */
struct words {
	struct command command;
	char text[COMMAND_MAX_BYTES];
};

/** @return the input up to its next line feed, which is taken too. */
struct span take_line(struct input *in);

/**
 * Read a request as conversation files have it: `VLO 201 50 2300`, `raw VXX@ 1`,
 * `raw-lines V?V@ 1`.
 * @return false when it is none, or one that the library refuses
 */
bool read_words(struct span line, struct words *ret);

#endif
