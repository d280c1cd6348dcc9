/* SPDX-License-Identifier: MIT */
/* status: what is on, as a table; or all that the devices file knows, as one object. */
#include "tools/cli/json.h"
#include "tools/cli/output.h"
#include "tools/ipcom/commands.h"
#include "tools/ipcom/common.h"

#include <stdio.h>
#include <string.h>

#define PERCENT_MAX 100

/* Fully on may be told as 255, and a ramp as 251. */
static unsigned percent(unsigned value)
{
	return value < PERCENT_MAX ? value : PERCENT_MAX;
}

static void add_device(struct cli_json *json, const struct house *house, const struct device *d,
		       unsigned value)
{
	bool dims = house_dims(house, d->output);

	cli_json_object(json, NULL);
	cli_json_string(json, "device_key", d->key);
	cli_json_string(json, "display_name", d->display_name);
	cli_json_string(json, "category", device_category_name(d->category));
	cli_json_string(json, "type", device_type_name(d->type));
	cli_json_uint(json, "module", d->output.module);
	cli_json_uint(json, "output", d->output.output);
	cli_json_bool(json, "supports_brightness", dims);
	cli_json_uint(json, "value", value);
	cli_json_string(json, "state", value != 0 ? "on" : "off");
	if (dims)
		cli_json_uint(json, "brightness", percent(value));
	if (d->pair) {
		cli_json_string(json, "relay_role", device_role_name(d->role));
		cli_json_string(json, "paired_device", d->pair->key);
	}
	cli_json_end(json);
}

static void print_row(const struct house *house, struct ipcom_output output, unsigned value)
{
	const struct device *d = house_device(house, output);
	char text[OUTPUT_TEXT], state[8];

	output_format(output, text);
	snprintf(state, sizeof(state), "%s", value != 0 ? "on" : "off");
	if (value != 0 && house_dims(house, output))
		snprintf(state, sizeof(state), "%u%%", percent(value));
	if (!d) {
		cli_line("%-4s  %s", text, state);
		return;
	}
	cli_print("%-4s  %-4s  ", text, state);
	cli_print_text(d->key, strlen(d->key));
	cli_print("  ");
	cli_print_text(d->display_name, strlen(d->display_name));
	cli_print_end();
}

/* Which outputs were asked for. */
struct choice {
	bool all;
	bool named[IPCOM_MODULES][IPCOM_OUTPUTS];
};

static int choose(const struct link *link, int argc, char **argv, struct choice *choice)
{
	struct ipcom_output output;
	const struct device *device;
	char why[CLI_WHY_MAX];

	memset(choice, 0, sizeof(*choice));
	choice->all = argc == 0;
	for (int i = 0; i < argc; i++) {
		if (house_find(&link->house, argv[i], &output, &device, why))
			return cli_usage("status: %s", why);
		if (!device)
			return cli_usage("status: %.100s: the devices file has no name for it",
					 argv[i]);
		choice->named[output.module - 1][output.output - 1] = true;
	}
	return 0;
}

static void print_json(const struct link *link, const struct choice *choice,
		       uint8_t values[IPCOM_MODULES][IPCOM_OUTPUTS])
{
	const struct house *house = &link->house;
	struct cli_json json = { 0 };

	cli_json_begin(&json);
	cli_json_now(&json, "timestamp");
	cli_json_string(&json, "host", link->cli->host);
	cli_json_array(&json, "devices");
	for (size_t i = 0; i < house->devices.count; i++) {
		const struct device *d = &house->devices.item[i];
		unsigned m = d->output.module - 1, o = d->output.output - 1;

		if (house_has(house, d) && (choice->all || choice->named[m][o]))
			add_device(&json, house, d, values[m][o]);
	}
	cli_json_end(&json);
	cli_json_line(&json);
	cli_json_free(&json);
}

static void print_table(const struct link *link, const struct choice *choice,
			uint8_t values[IPCOM_MODULES][IPCOM_OUTPUTS])
{
	for (unsigned m = 0; m < IPCOM_MODULES; m++)
		for (unsigned o = 0; o < IPCOM_OUTPUTS; o++)
			if (choice->all ? values[m][o] != 0 : choice->named[m][o])
				print_row(&link->house, (struct ipcom_output){ m + 1, o + 1 },
					  values[m][o]);
}

int cmd_status(struct cli *cli, int argc, char **argv)
{
	uint8_t values[IPCOM_MODULES][IPCOM_OUTPUTS];
	struct choice choice;
	struct link link;
	int status = link_open(&link, cli, "status");

	if (!status)
		status = choose(&link, argc, argv, &choice);
	if (!status)
		status = link_connect(&link, false);
	if (!status)
		status = link_snapshot(&link, values);
	if (!status && cli->json)
		print_json(&link, &choice, values);
	else if (!status)
		print_table(&link, &choice, values);
	return link_close(&link, status);
}
