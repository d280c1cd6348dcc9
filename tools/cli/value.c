/* SPDX-License-Identifier: MIT */
/* One value of an option, from text to its destination. */
#include "tools/cli/value.h"
#include "tools/cli/address.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define COUNT_MAX 9

static int say(char why[CLI_WHY_MAX], const char *reason)
{
	snprintf(why, CLI_WHY_MAX, "%s", reason);
	return -EINVAL;
}

/* Milliseconds as seconds without needless zeros. */
static void print_seconds(char *to, size_t size, int64_t ms)
{
	int len = snprintf(to, size, "%" PRId64 ".%03d", ms / 1000, (int)(ms % 1000));

	while (len > 0 && to[len - 1] == '0')
		to[--len] = '\0';
	if (len > 0 && to[len - 1] == '.')
		to[len - 1] = '\0';
}

static int store_flag(const char *value, bool *dest, char *why)
{
	if (value && strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return say(why, "must be yes or no");
	*dest = !value || strcmp(value, "yes") == 0;
	return 0;
}

static int store_count(const char *value, unsigned *dest, char *why)
{
	uint64_t number;

	if (!value) {
		if (*dest < COUNT_MAX)
			(*dest)++;
		return 0;
	}
	if (cli_number(value, 0, COUNT_MAX, &number) == 0) {
		*dest = (unsigned)number;
		return 0;
	}
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return say(why, "must be yes, no or 0 to 9");
	*dest = strcmp(value, "yes") == 0;
	return 0;
}

static int store_number(const char *value, int64_t min, int64_t max, uint64_t *dest, char *why)
{
	int err = cli_number(value, (uint64_t)min, (uint64_t)max, dest);

	if (err == -ERANGE)
		snprintf(why, CLI_WHY_MAX, "must be %" PRId64 " to %" PRId64, min, max);
	else if (err)
		say(why, "not a whole number");
	return err;
}

static int store_seconds(const struct cli_option *option, const char *value, int *dest, char *why)
{
	int err = cli_seconds(value, (int)option->min, (int)option->max, dest);
	char min[32], max[32];

	if (err == -ERANGE) {
		print_seconds(min, sizeof(min), option->min);
		print_seconds(max, sizeof(max), option->max);
		snprintf(why, CLI_WHY_MAX, "must be %s to %s seconds", min, max);
	} else if (err) {
		say(why, "not a number of seconds with at most three decimals");
	}
	return err;
}

static int store_choice(const struct cli_option *option, const char *value, int *dest, char *why)
{
	size_t len = 0;

	for (int i = 0; option->choices[i]; i++) {
		if (strcmp(value, option->choices[i]) == 0) {
			*dest = i;
			return 0;
		}
	}
	say(why, "must be one of");
	for (int i = 0; option->choices[i]; i++) {
		len = strlen(why);
		snprintf(why + len, CLI_WHY_MAX - len, "%s %s", i > 0 ? "," : "",
			 option->choices[i]);
	}
	return -EINVAL;
}

static int store_numbers(const struct cli_option *option, const char *value, void *dest, char *why)
{
	int err = cli_number_list(value, (unsigned)option->min, (unsigned)option->max, dest);

	if (err == -ERANGE)
		snprintf(why, CLI_WHY_MAX, "each must be %" PRId64 " to %" PRId64, option->min,
			 option->max);
	else if (err == -E2BIG)
		snprintf(why, CLI_WHY_MAX, "more than %d numbers", CLI_NUMBERS_MAX);
	else if (err)
		say(why, "not a list such as 1-3,5");
	return err;
}

static int store_list(const char *value, struct cli_list *dest, char *why)
{
	if (dest->count == CLI_LIST_MAX) {
		snprintf(why, CLI_WHY_MAX, "more than %d of them", CLI_LIST_MAX);
		return -E2BIG;
	}
	dest->item[dest->count++] = value;
	return 0;
}

static int store_text(const char *value, const char **dest)
{
	*dest = value;
	return 0;
}

static int store_host(const char *value, const char **dest, char *why)
{
	char host[CLI_HOST_MAX];

	if (cli_host(value, host))
		return say(why, "not a host name or address (a port has its own option)");
	return store_text(value, dest);
}

static int store_custom(const struct cli_option *option, const char *value, void *dest, char *why)
{
	const char *reason = "bad value";
	int err = option->parse(value, dest, &reason);

	if (err)
		say(why, reason);
	return err;
}

int cli_value_store(const struct cli_option *option, const char *value, void *dest,
		    char why[CLI_WHY_MAX])
{
	uint64_t number = 0;
	int err = 0;

	if (option->kind == CLI_FLAG)
		return store_flag(value, dest, why);
	if (option->kind == CLI_COUNT)
		return store_count(value, dest, why);
	if (!value || !*value)
		return say(why, "empty");
	switch (option->kind) {
	case CLI_TEXT_LIST:
		return store_list(value, dest, why);
	case CLI_HOST:
		return store_host(value, dest, why);
	case CLI_PORT:
		err = store_number(value, 1, UINT16_MAX, &number, why);
		if (!err)
			*(uint16_t *)dest = (uint16_t)number;
		return err;
	case CLI_UINT:
		err = store_number(value, option->min, option->max, &number, why);
		if (!err)
			*(unsigned *)dest = (unsigned)number;
		return err;
	case CLI_SECONDS:
		return store_seconds(option, value, dest, why);
	case CLI_CHOICE:
		return store_choice(option, value, dest, why);
	case CLI_NUMBERS:
		return store_numbers(option, value, dest, why);
	case CLI_CUSTOM:
		return store_custom(option, value, dest, why);
	default:
		return store_text(value, dest);
	}
}
