/* SPDX-License-Identifier: MIT */
/* Private to the frame: the command line taken apart, and the help. */
#ifndef TOOLS_CLI_FRAME_H
#define TOOLS_CLI_FRAME_H

#include "tools/cli/cli.h"

/* All tables that a command knows; with NULL for the command, those of no command. */
void cli_tables(const struct cli_tool *tool, const struct cli_command *command,
		struct cli_options *options);

struct cli_given {
	const char *name;  /* long name */
	const char *value; /* NULL for a flag */
	bool wipe;         /* value is a copy of a secret */
};

struct cli_args {
	struct cli_given *given;
	size_t given_count;
	int argc; /* what is no option, in order */
	char **argv;
};

/*
 * Takes argv apart without knowing the command yet; argv is permuted. 0, or a negative errno with
 * the reason in why[]. To be freed also after a failure.
 */
int cli_args_parse(struct cli_args *args, const struct cli_tool *tool, int argc, char **argv,
		   char why[CLI_WHY_MAX]);
bool cli_args_has(const struct cli_args *args, const char *name);
void cli_args_free(struct cli_args *args);

/* The option of that name in any table of the tool. */
const struct cli_option *cli_tool_find(const struct cli_tool *tool, const char *name);

/* Help on standard output: of the tool, of the commands "GROUP …", of one command. */
void cli_help_tool(const struct cli_tool *tool, const char *group);
void cli_help_command(const struct cli_tool *tool, const struct cli_command *command);

#endif
