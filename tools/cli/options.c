/* SPDX-License-Identifier: MIT */
/* Options: finding them in their tables, setting them by source, and the environment. */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "tools/cli/options.h"
#include "tools/cli/address.h"
#include "tools/cli/value.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct cli_option *cli_option_find(const struct cli_option *table, const char *name)
{
	for (; table && table->name; table++) {
		if (strcmp(table->name, name) == 0)
			return table;
	}
	return NULL;
}

const struct cli_option *cli_options_find(const struct cli_options *options, const char *name)
{
	for (size_t i = 0; i < options->tables; i++) {
		const struct cli_option *option = cli_option_find(options->table[i], name);

		if (option)
			return option;
	}
	return NULL;
}

bool cli_option_has_argument(const struct cli_option *option)
{
	return option->kind != CLI_FLAG && option->kind != CLI_COUNT;
}

enum cli_source cli_options_source(const struct cli_options *options, const char *name)
{
	const struct cli_option *option = cli_options_find(options, name);

	for (size_t i = 0; i < options->count; i++) {
		if (options->set[i].option == option)
			return options->set[i].source;
	}
	return CLI_BUILT_IN;
}

/* A copy that lives until the end, or NULL when there is no memory. */
static const char *keep(struct cli_options *options, const char *text, bool secret)
{
	size_t len = strlen(text);
	struct cli_value *value = malloc(sizeof(*value) + len + 1);

	if (!value)
		return NULL;
	value->next = options->values;
	value->len = len;
	value->secret = secret;
	memcpy(value->text, text, len + 1);
	options->values = value;
	return value->text;
}

/* What a weaker source left in an option that adds up is forgotten. */
static void start_over(const struct cli_option *option)
{
	if (option->kind == CLI_COUNT)
		*(unsigned *)option->dest = 0;
	else if (option->kind == CLI_TEXT_LIST)
		((struct cli_list *)option->dest)->count = 0;
}

/* Notes that the option was set from here; false when the table of such notes is full. */
static bool note_source(struct cli_options *options, const struct cli_option *option,
			enum cli_source source)
{
	size_t i = 0;

	while (i < options->count && options->set[i].option != option)
		i++;
	if (i == CLI_SET_MAX)
		return false;
	if (i == options->count || options->set[i].source != source)
		start_over(option);
	if (i == options->count)
		options->count++;
	options->set[i].option = option;
	options->set[i].source = source;
	return true;
}

/* Puts the value in front of the reason, unless there is none or it is nobody's business. */
static void explain(const struct cli_option *option, const char *value, const char *reason,
		    char why[CLI_WHY_MAX])
{
	if (!value || !*value || (option->flags & CLI_SECRET))
		snprintf(why, CLI_WHY_MAX, "%s", reason);
	else
		snprintf(why, CLI_WHY_MAX, "\"%.100s\": %.380s", value, reason);
}

static const char *strip_brackets(const struct cli_option *option, const char *value,
				  char host[CLI_HOST_MAX])
{
	if (option->kind == CLI_HOST && cli_host(value, host) == 0)
		return host;
	return value;
}

int cli_options_set(struct cli_options *options, const struct cli_option *option,
		    enum cli_source source, const char *value, char why[CLI_WHY_MAX])
{
	char reason[CLI_WHY_MAX], host[CLI_HOST_MAX];
	const char *copy = NULL;
	int err;

	if (!note_source(options, option, source)) {
		explain(option, NULL, "too many options", why);
		return -E2BIG;
	}
	if (value) {
		copy = keep(options, strip_brackets(option, value, host),
			    option->flags & CLI_SECRET);
		if (!copy) {
			explain(option, NULL, strerror(ENOMEM), why);
			return -ENOMEM;
		}
	}
	err = cli_value_store(option, copy, option->dest, reason);
	if (err)
		explain(option, value, reason, why);
	return err;
}

int cli_option_check(const struct cli_option *option, const char *value, char why[CLI_WHY_MAX])
{
	char reason[CLI_WHY_MAX], host[CLI_HOST_MAX];
	union cli_destination nowhere;
	int err;

	if (option->kind == CLI_CUSTOM)
		return 0;
	memset(&nowhere, 0, sizeof(nowhere));
	err = cli_value_store(option, strip_brackets(option, value, host), &nowhere, reason);
	if (err)
		explain(option, value, reason, why);
	return err;
}

/* Upper case of letters, '_' for the rest, as the names of variables are. */
static size_t add_upper(char *to, size_t size, size_t len, const char *text)
{
	for (; *text && len + 1 < size; text++)
		to[len++] = isalnum((unsigned char)*text) ? (char)toupper((unsigned char)*text) :
							    '_';
	to[len] = '\0';
	return len;
}

static int set_from_variable(struct cli_options *options, const struct cli_option *option,
			     const char *tool, char why[CLI_WHY_MAX])
{
	char name[96], reason[CLI_WHY_MAX];
	const char *value;
	size_t len;
	int err;

	len = add_upper(name, sizeof(name), 0, tool);
	len = add_upper(name, sizeof(name), len, "_");
	add_upper(name, sizeof(name), len, option->name);
	value = getenv(name);
	if (!value || !*value)
		return 0;
	err = cli_options_set(options, option, CLI_ENVIRONMENT, value, reason);
	if (err)
		snprintf(why, CLI_WHY_MAX, "%s: %.400s", name, reason);
	return err;
}

int cli_options_environment(struct cli_options *options, const char *tool, char why[CLI_WHY_MAX])
{
	for (size_t i = 0; i < options->tables; i++) {
		for (const struct cli_option *o = options->table[i]; o && o->name; o++) {
			int err = 0;

			if (!(o->flags & CLI_ARGV_ONLY) && cli_options_find(options, o->name) == o)
				err = set_from_variable(options, o, tool, why);
			if (err)
				return err;
		}
	}
	return 0;
}

void cli_options_free(struct cli_options *options)
{
	while (options->values) {
		struct cli_value *value = options->values;

		options->values = value->next;
		if (value->secret)
			explicit_bzero(value->text, value->len);
		free(value);
	}
	memset(options, 0, sizeof(*options));
}
