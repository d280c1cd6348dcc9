/* SPDX-License-Identifier: MIT */
/*
 * The command line taken apart. Options may stand before the command that they belong to, so all
 * options of all commands are parsed alike, and who they belong to is asked afterwards.
 */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "tools/cli/frame.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNION_MAX 128
#define LONG_BASE 256 /* above every letter */

struct all_options {
	const struct cli_option *option[UNION_MAX];
	size_t count;
};

static void add_option(struct all_options *all, const struct cli_option *option)
{
	for (size_t i = 0; i < all->count; i++) {
		bool same = strcmp(all->option[i]->name, option->name) == 0;

		/* The rules of cli_main(). */
		assert(same || !option->letter || all->option[i]->letter != option->letter);
		assert(!same ||
		       cli_option_has_argument(all->option[i]) == cli_option_has_argument(option));
		if (same)
			return;
	}
	assert(all->count < UNION_MAX);
	if (all->count < UNION_MAX)
		all->option[all->count++] = option;
}

static void add_tables(struct all_options *all, const struct cli_tool *tool,
		       const struct cli_command *command)
{
	struct cli_options options = { .tables = 0 };

	cli_tables(tool, command, &options);
	for (size_t i = 0; i < options.tables; i++) {
		for (const struct cli_option *o = options.table[i]; o && o->name; o++)
			add_option(all, o);
	}
}

static void collect(struct all_options *all, const struct cli_tool *tool)
{
	all->count = 0;
	add_tables(all, tool, tool->command);
	for (const struct cli_command *c = tool->commands; c && c->name; c++)
		add_tables(all, tool, c);
}

const struct cli_option *cli_tool_find(const struct cli_tool *tool, const char *name)
{
	struct all_options all;

	collect(&all, tool);
	for (size_t i = 0; i < all.count; i++) {
		if (strcmp(all.option[i]->name, name) == 0)
			return all.option[i];
	}
	return NULL;
}

static void fill_getopt(const struct all_options *all, struct option *longs, char *shorts)
{
	/* The colon: a missing argument is told apart from an unknown option. */
	*shorts++ = ':';
	for (size_t i = 0; i < all->count; i++) {
		const struct cli_option *o = all->option[i];
		bool arg = cli_option_has_argument(o);

		longs[i] = (struct option){ .name = o->name,
					    .has_arg = arg ? required_argument : no_argument,
					    .val = LONG_BASE + (int)i };
		if (!o->letter)
			continue;
		*shorts++ = o->letter;
		if (arg)
			*shorts++ = ':';
	}
	*shorts = '\0';
	longs[all->count] = (struct option){ .name = NULL };
}

static const struct cli_option *by_code(const struct all_options *all, int code)
{
	/* musl puts a whole wide character into optopt: no index is to be trusted. */
	if (code >= LONG_BASE && (size_t)(code - LONG_BASE) < all->count)
		return all->option[code - LONG_BASE];
	for (size_t i = 0; i < all->count; i++) {
		if (all->option[i]->letter && all->option[i]->letter == code)
			return all->option[i];
	}
	return NULL;
}

/* Words of our own: those of getopt differ from one libc to the other. */
static int complain(const struct all_options *all, int code, char **argv, char why[CLI_WHY_MAX])
{
	const struct cli_option *option = optopt ? by_code(all, optopt) : NULL;

	if (code == ':' && option)
		snprintf(why, CLI_WHY_MAX, "option '--%s' needs a value", option->name);
	else if (optopt >= LONG_BASE && option)
		snprintf(why, CLI_WHY_MAX, "option '--%s' takes no value", option->name);
	else if (optopt >= '0' && optopt <= '9')
		snprintf(why, CLI_WHY_MAX, "unknown option '-%c'; negative numbers go behind '--'",
			 optopt);
	else if (optopt > 0 && optopt < LONG_BASE)
		snprintf(why, CLI_WHY_MAX, "unknown option '-%c'", optopt);
	else /* Not what stands behind '=': it might be a secret. */
		snprintf(why, CLI_WHY_MAX, "unknown or ambiguous option '%.*s'",
			 (int)strcspn(argv[optind - 1], "="), argv[optind - 1]);
	return -EINVAL;
}

static int record(struct cli_args *args, const struct cli_option *option, char *value)
{
	struct cli_given *given = &args->given[args->given_count];

	given->name = option->name;
	given->value = value;
	if (value && (option->flags & CLI_SECRET)) {
		given->value = strdup(value);
		if (!given->value)
			return -ENOMEM;
		given->wipe = true;
		/* argv is what everybody on this machine may read. */
		explicit_bzero(value, strlen(value));
	}
	args->given_count++;
	return 0;
}

int cli_args_parse(struct cli_args *args, const struct cli_tool *tool, int argc, char **argv,
		   char why[CLI_WHY_MAX])
{
	struct option longs[UNION_MAX + 1];
	char shorts[2 * UNION_MAX + 2];
	struct all_options all;
	size_t room = 1;
	int code, err = 0;

	memset(args, 0, sizeof(*args));
	collect(&all, tool);
	fill_getopt(&all, longs, shorts);
	/* No more options than characters: "-vvvv" is four of them. */
	for (int i = 0; i < argc; i++)
		room += strlen(argv[i]);
	args->given = calloc(room, sizeof(*args->given));
	if (!args->given) {
		snprintf(why, CLI_WHY_MAX, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	opterr = 0;
	optind = 0; /* starts getopt afresh */
	while (!err && (code = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (code == '?' || code == ':')
			return complain(&all, code, argv, why);
		err = record(args, by_code(&all, code), optarg);
		if (err)
			snprintf(why, CLI_WHY_MAX, "%s", strerror(-err));
	}
	args->argc = argc - optind;
	args->argv = argv + optind;
	return err;
}

bool cli_args_has(const struct cli_args *args, const char *name)
{
	for (size_t i = 0; i < args->given_count; i++) {
		if (strcmp(args->given[i].name, name) == 0)
			return true;
	}
	return false;
}

void cli_args_free(struct cli_args *args)
{
	for (size_t i = 0; i < args->given_count; i++) {
		char *value = (char *)args->given[i].value;

		if (!args->given[i].wipe)
			continue;
		explicit_bzero(value, strlen(value));
		free(value);
	}
	free(args->given);
	args->given = NULL;
	args->given_count = 0;
}
