/* SPDX-License-Identifier: MIT */
#ifndef QLINK_COMMAND_H
#define QLINK_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <qlink/qlink.h>

#define COMMAND_MAX_PARAMS 16
/** Room for every encoded command, without its delimiter. */
#define COMMAND_MAX_BYTES 256

/** What a command does, so what it needs (section 3). */
enum command_access {
	ACCESS_READ,
	ACCESS_CONTROL,
	ACCESS_REPORTING,
	ACCESS_PROGRAM
};

/** How the answer looks. */
enum reply_shape {
	REPLY_VALUES,   /**< address fields, then values; or the values alone */
	REPLY_TIMER,    /**< [master] function and 13 values */
	REPLY_MASKS,    /**< two hexadecimal LED masks */
	REPLY_NAME,     /**< four texts between bars */
	REPLY_FIRMWARE, /**< VER version date */
	REPLY_COUNTED,  /**< a count and as many numbers in the same line */
	REPLY_ROWS,     /**< a count and as many lines */
	REPLY_LOOSE,    /**< not documented: anything with our name, or a number */
	REPLY_LINES,    /**< not documented: all lines until silence */
	REPLY_LINE      /**< the first line that is no event */
};

/** The fixed facts of a command. Ranges are letters, see qlink_range_of(). */
struct command_spec {
	char verb[4];
	enum command_access access;
	const char *params; /**< a range a parameter; `[` = the rest is optional */
	enum reply_shape shape;
	unsigned echoed;       /**< address fields that a detailed answer repeats */
	const char *values;    /**< a range a value */
	unsigned tail;         /**< further fields that may follow the values */
	const char *alternate; /**< another spelling of the answer's name, or NULL (section 2.1) */
	bool repeatable;       /**< a second one does no harm, although it is no query */
};

/** A command with its parameters. */
struct command {
	enum qlink_command verb;
	unsigned count;
	int32_t params[COMMAND_MAX_PARAMS]; /**< a fade in ms, all others as on the wire */
	const char *text;                   /**< a raw command, or a line of a project file */
	bool collect;                       /**< raw: all lines until silence */
};

/** Limits of a number. */
struct range {
	char letter;
	int32_t min, max;
};

const struct command_spec *qlink_command_spec(enum qlink_command verb);

/** @return the limits behind a letter; never NULL for the letters of the table. */
const struct range *qlink_range_of(char letter);

/** @return whether the parameters are complete and in range: 0 or -EINVAL (section 9). */
int qlink_command_check(const struct command *c);

/** @return what a command needs; a raw one is judged by its letters and parameters. */
enum command_access qlink_command_access(const struct command *c);

/** @return whether a raw command's letters are in the table. */
bool qlink_command_known(const struct command *c);

/** @return whether sending it twice is harmless. */
bool qlink_command_repeatable(const struct command *c);

/** @return whether the controller answers it: no for a raw command with `!`. */
bool qlink_command_answered(const struct command *c);

/**
 * Write a command as it goes on the wire, without a delimiter.
 * @param modifier  `@` regular or `#` detailed; a raw command keeps its own
 * @return its length, at most COMMAND_MAX_BYTES; 0 when it does not fit
 */
size_t qlink_command_encode(const struct command *c, char modifier, char bytes[COMMAND_MAX_BYTES]);

/** Read a command's three letters in any case; false when they are none of the table. */
bool qlink_command_verb(const char *text, enum qlink_command *ret_verb);

#endif
