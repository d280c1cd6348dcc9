/* SPDX-License-Identifier: MIT */
/* dump: the values of all outputs. */
#include "tools/cli/json.h"
#include "tools/cli/output.h"
#include "tools/ipcom/commands.h"
#include "tools/ipcom/common.h"

static void print_json(uint8_t values[IPCOM_MODULES][IPCOM_OUTPUTS])
{
	struct cli_json json = { 0 };

	cli_json_begin(&json);
	cli_json_array(&json, "modules");
	for (unsigned m = 0; m < IPCOM_MODULES; m++) {
		cli_json_array(&json, NULL);
		for (unsigned o = 0; o < IPCOM_OUTPUTS; o++)
			cli_json_uint(&json, NULL, values[m][o]);
		cli_json_end(&json);
	}
	cli_json_end(&json);
	cli_json_line(&json);
	cli_json_free(&json);
}

static void print_text(uint8_t values[IPCOM_MODULES][IPCOM_OUTPUTS])
{
	for (unsigned m = 0; m < IPCOM_MODULES; m++) {
		cli_print("%u", m + 1);
		for (unsigned o = 0; o < IPCOM_OUTPUTS; o++)
			cli_print(" %u", values[m][o]);
		cli_print_end();
	}
}

int cmd_dump(struct cli *cli, int argc, char **argv)
{
	uint8_t values[IPCOM_MODULES][IPCOM_OUTPUTS];
	struct link link;
	int status = link_open(&link, cli, "dump");

	(void)argc;
	(void)argv;
	if (!status)
		status = link_connect(&link, false);
	if (!status)
		status = link_snapshot(&link, values);
	if (!status && cli->json)
		print_json(values);
	else if (!status)
		print_text(values);
	return link_close(&link, status);
}
