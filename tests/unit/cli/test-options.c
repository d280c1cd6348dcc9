/* SPDX-License-Identifier: MIT */
/* Values of options, their sources, and the environment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tools/cli/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool flag;
static unsigned count, number;
static const char *text, *secret, *host;
static struct cli_list list;
static uint16_t port;
static int ms, choice, custom;
static struct cli_numbers numbers;
static const char *const choices[] = { "split", "shared", "read-only", NULL };

static int parse_custom(const char *value, void *dest, const char **why)
{
	*why = "must be fine";
	if (strcmp(value, "fine") != 0)
		return -EINVAL;
	*(int *)dest = 42;
	return 0;
}

static const struct cli_option table[] = {
	{ .name = "flag", .kind = CLI_FLAG, .dest = &flag },
	{ .name = "count", .kind = CLI_COUNT, .dest = &count },
	{ .name = "text", .kind = CLI_TEXT, .dest = &text },
	{ .name = "pass-word", .kind = CLI_TEXT, .flags = CLI_SECRET, .dest = &secret },
	{ .name = "pin", .kind = CLI_UINT, .flags = CLI_SECRET, .dest = &number, .max = 5 },
	{ .name = "list", .kind = CLI_TEXT_LIST, .dest = &list },
	{ .name = "host", .kind = CLI_HOST, .dest = &host },
	{ .name = "port", .kind = CLI_PORT, .dest = &port },
	{ .name = "number", .kind = CLI_UINT, .dest = &number, .min = 3, .max = 20 },
	{ .name = "time", .kind = CLI_SECONDS, .dest = &ms, .min = 50, .max = 60000 },
	{ .name = "choice", .kind = CLI_CHOICE, .dest = &choice, .choices = choices },
	{ .name = "numbers", .kind = CLI_NUMBERS, .dest = &numbers, .min = 1, .max = 9 },
	{ .name = "custom", .kind = CLI_CUSTOM, .dest = &custom, .parse = parse_custom },
	{ .name = "only", .kind = CLI_FLAG, .flags = CLI_ARGV_ONLY, .dest = &flag },
	{ .name = NULL },
};

static int set(struct cli_options *options, const char *name, const char *value,
	       enum cli_source source, char why[CLI_WHY_MAX])
{
	const struct cli_option *option = cli_options_find(options, name);

	assert_non_null(option);
	why[0] = '\0';
	return cli_options_set(options, option, source, value, why);
}

static void test_good(void **state)
{
	struct cli_options o = { .table = { table }, .tables = 1 };
	char why[CLI_WHY_MAX], copy[] = "copied";

	(void)state;
	flag = false;
	assert_int_equal(set(&o, "flag", NULL, CLI_ARGV, why), 0);
	assert_true(flag);
	assert_int_equal(set(&o, "flag", "no", CLI_ARGV, why), 0);
	assert_false(flag);
	assert_int_equal(set(&o, "text", copy, CLI_ARGV, why), 0);
	copy[0] = 'X';
	assert_string_equal(text, "copied");
	assert_int_equal(set(&o, "host", "[::1]", CLI_ARGV, why), 0);
	assert_string_equal(host, "::1");
	assert_int_equal(set(&o, "port", "65535", CLI_ARGV, why), 0);
	assert_int_equal(port, 65535);
	assert_int_equal(set(&o, "number", "20", CLI_ARGV, why), 0);
	assert_int_equal(number, 20);
	assert_int_equal(set(&o, "time", "0.05", CLI_ARGV, why), 0);
	assert_int_equal(ms, 50);
	assert_int_equal(set(&o, "choice", "read-only", CLI_ARGV, why), 0);
	assert_int_equal(choice, 2);
	assert_int_equal(set(&o, "numbers", "6,7", CLI_ARGV, why), 0);
	assert_int_equal(numbers.count, 2);
	assert_int_equal(set(&o, "custom", "fine", CLI_ARGV, why), 0);
	assert_int_equal(custom, 42);
	cli_options_free(&o);
}

static void test_bad(void **state)
{
	static const struct {
		const char *name, *value, *why;
	} cases[] = {
		{ "flag", "true", "\"true\": must be yes or no" },
		{ "flag", "", "must be yes or no" },
		{ "count", "10", "\"10\": must be yes, no or 0 to 9" },
		{ "text", "", "empty" },
		{ "pin", "6", "must be 0 to 5" },
		{ "pin", "geheim", "not a whole number" },
		{ "host", "a:1",
		  "\"a:1\": not a host name or address (a port has its own option)" },
		{ "port", "0", "\"0\": must be 1 to 65535" },
		{ "port", "http", "\"http\": not a whole number" },
		{ "number", "21", "\"21\": must be 3 to 20" },
		{ "time", "0.049", "\"0.049\": must be 0.05 to 60 seconds" },
		{ "time", "soon", "\"soon\": not a number of seconds with at most three decimals" },
		{ "choice", "both", "\"both\": must be one of split, shared, read-only" },
		{ "numbers", "1-", "\"1-\": not a list such as 1-3,5" },
		{ "numbers", "10", "\"10\": each must be 1 to 9" },
		{ "custom", "bad", "\"bad\": must be fine" },
	};
	struct cli_options o = { .table = { table }, .tables = 1 };
	char why[CLI_WHY_MAX], again[CLI_WHY_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct cli_option *option = cli_options_find(&o, cases[i].name);

		assert_true(set(&o, cases[i].name, cases[i].value, CLI_FILE, why) < 0);
		assert_string_equal(why, cases[i].why);
		if (option->kind == CLI_CUSTOM)
			continue;
		assert_true(cli_option_check(option, cases[i].value, again) < 0);
		assert_string_equal(again, cases[i].why);
	}
	cli_options_free(&o);
}

static void test_sources(void **state)
{
	struct cli_options o = { .table = { table }, .tables = 1 };
	char why[CLI_WHY_MAX];

	(void)state;
	assert_int_equal(cli_options_source(&o, "list"), CLI_BUILT_IN);
	assert_int_equal(set(&o, "list", "a", CLI_FILE, why), 0);
	assert_int_equal(set(&o, "list", "b", CLI_FILE, why), 0);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.item[1], "b");
	assert_int_equal(cli_options_source(&o, "list"), CLI_FILE);
	assert_int_equal(set(&o, "list", "c", CLI_ARGV, why), 0);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.item[0], "c");
	assert_int_equal(cli_options_source(&o, "list"), CLI_ARGV);
	for (int i = 1; i < CLI_LIST_MAX; i++)
		assert_int_equal(set(&o, "list", "d", CLI_ARGV, why), 0);
	assert_int_equal(set(&o, "list", "e", CLI_ARGV, why), -E2BIG);
	assert_string_equal(why, "\"e\": more than 32 of them");
	assert_int_equal(set(&o, "count", "5", CLI_FILE, why), 0);
	assert_int_equal(count, 5);
	assert_int_equal(set(&o, "count", NULL, CLI_ARGV, why), 0);
	assert_int_equal(set(&o, "count", NULL, CLI_ARGV, why), 0);
	assert_int_equal(count, 2);
	cli_options_free(&o);
	assert_int_equal(cli_options_source(&o, "list"), CLI_BUILT_IN);
}

static void test_environment(void **state)
{
	struct cli_options o = { .table = { table }, .tables = 1 };
	char why[CLI_WHY_MAX];

	(void)state;
	flag = false;
	setenv("PPCS_TEST_PASS_WORD", "hush", 1);
	setenv("PPCS_TEST_NUMBER", "", 1);
	setenv("PPCS_TEST_ONLY", "yes", 1);
	setenv("PPCS_TEST_LIST", "a b", 1);
	number = 7;
	assert_int_equal(cli_options_environment(&o, "ppcs-test", why), 0);
	assert_string_equal(secret, "hush");
	assert_int_equal(number, 7);
	assert_false(flag);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.item[0], "a b");
	assert_int_equal(cli_options_source(&o, "pass-word"), CLI_ENVIRONMENT);
	assert_int_equal(cli_options_source(&o, "number"), CLI_BUILT_IN);
	setenv("PPCS_TEST_NUMBER", "2", 1);
	assert_int_equal(cli_options_environment(&o, "ppcs-test", why), -ERANGE);
	assert_string_equal(why, "PPCS_TEST_NUMBER: \"2\": must be 3 to 20");
	setenv("PPCS_TEST_PIN", "4711", 1);
	assert_int_equal(cli_options_environment(&o, "ppcs-test", why), -ERANGE);
	assert_string_equal(why, "PPCS_TEST_PIN: must be 0 to 5");
	cli_options_free(&o);
}

static void test_shade(void **state)
{
	static int mine;
	static const struct cli_option first[] = {
		{ .name = "number", .kind = CLI_SECONDS, .dest = &mine, .max = 9000 },
		{ .name = NULL },
	};
	struct cli_options o = { .table = { first, table }, .tables = 2 };
	char why[CLI_WHY_MAX];

	(void)state;
	assert_int_equal(set(&o, "number", "1.5", CLI_ARGV, why), 0);
	assert_int_equal(mine, 1500);
	setenv("SHADE_NUMBER", "2.5", 1);
	assert_int_equal(cli_options_environment(&o, "shade", why), 0);
	assert_int_equal(mine, 2500);
	cli_options_free(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),    cmocka_unit_test(test_bad),
		cmocka_unit_test(test_sources), cmocka_unit_test(test_environment),
		cmocka_unit_test(test_shade),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
