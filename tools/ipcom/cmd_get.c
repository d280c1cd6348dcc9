/* SPDX-License-Identifier: MIT */
/* get: the values of some outputs, in the order asked for. */
#include "tools/cli/json.h"
#include "tools/cli/output.h"
#include "tools/ipcom/commands.h"
#include "tools/ipcom/common.h"

#include <string.h>

static void print_json(const char *name, unsigned value)
{
	struct cli_json json = { 0 };

	cli_json_begin(&json);
	cli_json_string(&json, "output", name);
	cli_json_uint(&json, "value", value);
	cli_json_line(&json);
	cli_json_free(&json);
}

static void print_text(const char *name, unsigned value, bool alone)
{
	if (!alone) {
		cli_print_text(name, strlen(name));
		cli_print(" ");
	}
	cli_print("%u", value);
	cli_print_end();
}

/* All names are looked at before anything is sent. */
static int check(const struct link *link, int argc, char **argv)
{
	struct ipcom_output output;
	char why[CLI_WHY_MAX];

	for (int i = 0; i < argc; i++)
		if (house_find(&link->house, argv[i], &output, NULL, why))
			return cli_usage("get: %s", why);
	return 0;
}

static void print(const struct link *link, int argc, char **argv,
		  uint8_t values[IPCOM_MODULES][IPCOM_OUTPUTS])
{
	for (int i = 0; i < argc; i++) {
		struct ipcom_output output = { 1, 1 };
		char why[CLI_WHY_MAX];
		unsigned value;

		house_find(&link->house, argv[i], &output, NULL, why);
		value = values[output.module - 1][output.output - 1];
		if (link->cli->json)
			print_json(argv[i], value);
		else
			print_text(argv[i], value, argc == 1);
	}
}

int cmd_get(struct cli *cli, int argc, char **argv)
{
	uint8_t values[IPCOM_MODULES][IPCOM_OUTPUTS];
	struct link link;
	int status = link_open(&link, cli, "get");

	if (!status)
		status = check(&link, argc, argv);
	if (!status)
		status = link_connect(&link, false);
	if (!status)
		status = link_snapshot(&link, values);
	if (!status)
		print(&link, argc, argv, values);
	return link_close(&link, status);
}
