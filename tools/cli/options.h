/* SPDX-License-Identifier: MIT */
/*
 * Options. One table entry says all about an option; the configuration file, the environment and
 * the command line set it in this order, each stronger than the one before. What the destination
 * holds before cli_main() is the built-in default.
 *
 *	static int fade_ms;
 *	static const struct cli_option options[] = {
 *		{.name = "fade", .kind = CLI_SECONDS, .arg = "SECONDS", .help = "fade time",
 *		 .dest = &fade_ms, .max = 3600000},
 *		{.name = NULL},
 *	};
 */
#ifndef TOOLS_CLI_OPTIONS_H
#define TOOLS_CLI_OPTIONS_H

#include "tools/cli/number.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLI_LIST_MAX 32
#define CLI_WHY_MAX  512

/* Texts from a repeatable option, in the order given. A stronger source replaces the list. */
struct cli_list {
	const char *item[CLI_LIST_MAX];
	size_t count;
};

enum cli_kind {        /* destination           value in a file or the environment */
	CLI_FLAG,      /* bool                  yes or no; takes no argument */
	CLI_COUNT,     /* unsigned              0 to 9, yes, no; each use adds one */
	CLI_TEXT,      /* const char *          any text that is not empty */
	CLI_TEXT_LIST, /* struct cli_list       one text each time */
	CLI_HOST,      /* const char *          a host, stored without brackets */
	CLI_PORT,      /* uint16_t              1 to 65535 */
	CLI_UINT,      /* unsigned              min to max */
	CLI_SECONDS,   /* int, milliseconds     decimals allowed; min, max in ms */
	CLI_CHOICE,    /* int, index            one of choices[] */
	CLI_NUMBERS,   /* struct cli_numbers    "1-3,5", each min to max */
	CLI_CUSTOM,    /* as parse() wants it */
};

enum {
	/* Neither file nor environment may set it: it belongs to one call. */
	CLI_ARGV_ONLY = 1,
	/* Wiped from argv when read and from memory at the end; never shown in a message. */
	CLI_SECRET = 2,
};

struct cli_option {
	const char *name; /* long name; NULL ends a table */
	char letter;      /* 0 for none */
	enum cli_kind kind;
	unsigned flags;
	const char *arg; /* what the help calls the argument; NULL for flags */
	const char *help;
	void *dest;
	int64_t min, max;           /* UINT, SECONDS, NUMBERS; max is always to be given */
	const char *const *choices; /* CHOICE: ends with NULL */
	/* CUSTOM: stores the value and returns 0, or a negative errno with the reason in *why, a
	 * constant string. `value` lives until cli_main() ends. */
	int (*parse)(const char *value, void *dest, const char **why);
};

/* From the weakest to the strongest. */
enum cli_source {
	CLI_BUILT_IN,
	CLI_FILE,
	CLI_ENVIRONMENT,
	CLI_ARGV,
};

/* The rest is for the frame. */

#define CLI_TABLES_MAX 5
#define CLI_SET_MAX    96

struct cli_value;

struct cli_options {
	/* The tables of this command, the first that knows a name wins. */
	const struct cli_option *table[CLI_TABLES_MAX];
	size_t tables;
	struct {
		const struct cli_option *option;
		enum cli_source source;
	} set[CLI_SET_MAX];
	size_t count;
	struct cli_value *values; /* copies of texts, freed in the end */
};

const struct cli_option *cli_option_find(const struct cli_option *table, const char *name);
const struct cli_option *cli_options_find(const struct cli_options *options, const char *name);
bool cli_option_has_argument(const struct cli_option *option);

/* Where the value came from; CLI_BUILT_IN for an option that nobody set. */
enum cli_source cli_options_source(const struct cli_options *options, const char *name);

/*
 * Sets an option; a value of NULL is the bare flag. On failure why[] is "VALUE: reason" and
 * 0, -EINVAL or -ENOMEM is returned.
 */
int cli_options_set(struct cli_options *options, const struct cli_option *option,
		    enum cli_source source, const char *value, char why[CLI_WHY_MAX]);
/* Looks only whether the value would be taken. CUSTOM ones cannot be looked at so. */
int cli_option_check(const struct cli_option *option, const char *value, char why[CLI_WHY_MAX]);

/* Sets what the environment names, TOOL_LONG_NAME each; an empty variable counts as none. */
int cli_options_environment(struct cli_options *options, const char *tool, char why[CLI_WHY_MAX]);

void cli_options_free(struct cli_options *options);

#endif
