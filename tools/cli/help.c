/* SPDX-License-Identifier: MIT */
/* The help, made from the tables. */
#include "tools/cli/frame.h"
#include "tools/cli/output.h"

#include <stdio.h>
#include <string.h>

#define COLUMN 28

/* The text on the left, the meaning from COLUMN on, below when the left is too long. */
static void entry(const char *left, const char *right)
{
	size_t len = strlen(left) + 2;

	if (len + 2 > COLUMN) {
		cli_line("  %s", left);
		cli_line("%*s%s", COLUMN, "", right);
	} else {
		cli_line("  %-*s%s", COLUMN - 2, left, right);
	}
}

static void option_entry(const struct cli_option *option)
{
	char left[128], letter[8] = "    ";

	if (option->letter)
		snprintf(letter, sizeof(letter), "-%c, ", option->letter);
	snprintf(left, sizeof(left), "%s--%s%s%s", letter, option->name, option->arg ? " " : "",
		 option->arg ? option->arg : "");
	entry(left, option->help ? option->help : "");
}

static void options_of(const struct cli_options *options, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		for (const struct cli_option *o = options->table[i]; o && o->name; o++) {
			/* Not those that an earlier table puts in the shade. */
			if (cli_options_find(options, o->name) == o)
				option_entry(o);
		}
	}
}

static void all_options(const struct cli_tool *tool, const struct cli_command *command)
{
	struct cli_options options = { .tables = 0 };

	cli_tables(tool, command, &options);
	cli_line("%s", "");
	cli_line("Options:");
	options_of(&options, 0, options.tables);
}

static bool in_group(const struct cli_command *command, const char *group)
{
	size_t len = group ? strlen(group) : 0;

	return !group || (strncmp(command->name, group, len) == 0 && command->name[len] == ' ');
}

void cli_help_tool(const struct cli_tool *tool, const char *group)
{
	char left[256];

	if (tool->command) {
		cli_help_command(tool, tool->command);
		return;
	}
	if (group)
		cli_line("Usage: %s [OPTION]... %s COMMAND [ARGUMENT]...", tool->name, group);
	else
		cli_line("Usage: %s [OPTION]... COMMAND [ARGUMENT]...", tool->name);
	cli_line("%s", tool->summary);
	cli_line("%s", "");
	cli_line("Commands:");
	for (const struct cli_command *c = tool->commands; c->name; c++) {
		if (!in_group(c, group))
			continue;
		snprintf(left, sizeof(left), "%s%s%s", c->name, c->args ? " " : "",
			 c->args ? c->args : "");
		entry(left, c->summary);
	}
	all_options(tool, NULL);
	cli_line("%s", "");
	cli_line("'%s COMMAND --help' tells more of a command.", tool->name);
}

void cli_help_command(const struct cli_tool *tool, const struct cli_command *command)
{
	bool only = command == tool->command;

	cli_line("Usage: %s [OPTION]...%s%s%s%s", tool->name, only ? "" : " ",
		 only ? "" : command->name, command->args ? " " : "",
		 command->args ? command->args : "");
	cli_line("%s", only ? tool->summary : command->summary);
	if (command->details) {
		cli_line("%s", "");
		cli_line("%s", command->details);
	}
	all_options(tool, command);
}
