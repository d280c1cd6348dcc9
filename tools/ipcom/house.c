/* SPDX-License-Identifier: MIT */
/* What the outputs of one bus are. */
#include "tools/ipcom/house.h"
#include "tools/cli/output.h"
#include "tools/ipcom/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Equal names confuse people, but only them; the two relays of a shutter may well share one. */
static void warn_of_equal_names(const struct devices *devices)
{
	for (size_t i = 0; i < devices->count; i++) {
		const struct device *d = &devices->item[i];

		for (size_t k = 0; k < i; k++) {
			const struct device *other = &devices->item[k];

			if (d->pair == other || strcmp(d->display_name, other->display_name) != 0)
				continue;
			cli_message("%s:%zu: warning: display_name \"%s\" is that of %s too",
				    options.devices_file, d->line, d->display_name, other->key);
			break;
		}
	}
}

/* A missing file means no names, and is worth a word only if somebody named it. */
static int read_devices(struct house *house, const struct cli *cli)
{
	char why[CLI_WHY_MAX];
	int err = devices_read(&house->devices, options.devices_file, why);

	if (err == -ENOENT) {
		if (cli_source(cli, "devices-file") != CLI_BUILT_IN)
			cli_message("warning: %s: no names are known", why);
		return 0;
	}
	if (err) {
		cli_message("%s", why);
		return CLI_EXIT_USAGE;
	}
	warn_of_equal_names(&house->devices);
	return 0;
}

static void set_dimmer_module(struct house *house, unsigned module)
{
	for (unsigned o = 0; o < IPCOM_OUTPUTS; o++)
		house->kinds[module - 1][o] = IPCOM_DIMMER;
}

/* @return whether the file says that there are dimmers, on whatever bus */
static bool take_kinds(struct house *house)
{
	bool dimmers = false;

	for (size_t i = 0; i < house->devices.count; i++) {
		const struct device *d = &house->devices.item[i];
		struct ipcom_output output = d->output;

		if (d->type != DEVICE_DIMMER && d->kind != DEVICE_EXODIM)
			continue;
		dimmers = true;
		if (!house_has(house, d))
			continue;
		if (d->kind == DEVICE_EXODIM)
			set_dimmer_module(house, output.module);
		house->kinds[output.module - 1][output.output - 1] = IPCOM_DIMMER;
	}
	return dimmers;
}

void house_init(struct house *house)
{
	memset(house, 0, sizeof(*house));
	house->bus = (unsigned)options.bus + 1;
}

int house_load(struct house *house, const struct cli *cli)
{
	int status = read_devices(house, cli);

	if (status)
		return status;
	if (take_kinds(house) && options.dimmer_modules.count > 0)
		return cli_usage("--dimmer-modules: %s lists the dimmers", options.devices_file);
	for (size_t i = 0; i < options.dimmer_modules.count; i++)
		set_dimmer_module(house, options.dimmer_modules.item[i]);
	return 0;
}

void house_free(struct house *house)
{
	devices_free(&house->devices);
}

bool house_has(const struct house *house, const struct device *device)
{
	return device->bus == 0 || device->bus == house->bus;
}

const struct device *house_device(const struct house *house, struct ipcom_output output)
{
	for (size_t i = 0; i < house->devices.count; i++) {
		const struct device *d = &house->devices.item[i];

		if (house_has(house, d) && d->output.module == output.module &&
		    d->output.output == output.output)
			return d;
	}
	return NULL;
}

int house_find(const struct house *house, const char *text, struct ipcom_output *ret,
	       const struct device **ret_device, char why[CLI_WHY_MAX])
{
	const struct device *device = devices_find(&house->devices, text);
	struct ipcom_output output;
	int err = 0;

	if (device)
		output = device->output;
	else
		err = output_parse(text, &output);
	if (device && !house_has(house, device)) {
		snprintf(why, CLI_WHY_MAX, "%.100s: is on bus %u", text, device->bus);
		return -ENOENT;
	}
	if (err) {
		snprintf(why, CLI_WHY_MAX, "%.100s: %s", text,
			 err == -ERANGE ? "no such output: modules are 1 to 16, outputs 1 to 8" :
					  "unknown output, neither MODULE.OUTPUT nor a name");
		return err;
	}
	*ret = output;
	if (ret_device)
		*ret_device = device ? device : house_device(house, output);
	return 0;
}

bool house_dims(const struct house *house, struct ipcom_output output)
{
	return house->kinds[output.module - 1][output.output - 1] == IPCOM_DIMMER;
}

const char *house_name(const struct house *house, struct ipcom_output output,
		       char text[OUTPUT_TEXT])
{
	const struct device *device = house_device(house, output);

	if (device)
		return device->key;
	output_format(output, text);
	return text;
}

/* The file is stronger than the option; of two relays that differ the longer time counts. */
static unsigned longer(int a, int b, int option)
{
	if (a < 0 && b < 0)
		return (unsigned)option;
	return (unsigned)(a > b ? a : b);
}

/* The same, 0 being for ever. */
static unsigned travel_of(const struct device *a, const struct device *b)
{
	if (a->travel_ms == 0 || b->travel_ms == 0)
		return 0;
	return longer(a->travel_ms, b->travel_ms, options.travel_ms);
}

static int add_shutter(struct ipcom *ipcom, struct device *up, struct device *down, bool travel)
{
	unsigned shutter = 0;
	int err = ipcom_add_shutter(ipcom, up->output, down->output,
				    travel ? travel_of(up, down) : 0,
				    longer(up->dead_ms, down->dead_ms, options.dead_ms), &shutter);

	up->shutter = down->shutter = shutter;
	return err;
}

int house_setup(struct house *house, struct ipcom *ipcom, bool travel)
{
	int err = 0;

	for (unsigned m = 0; m < IPCOM_MODULES; m++)
		for (unsigned o = 0; o < IPCOM_OUTPUTS && !err; o++)
			err = ipcom_set_kind(ipcom, (struct ipcom_output){ m + 1, o + 1 },
					     house->kinds[m][o]);
	for (size_t i = 0; i < house->devices.count && !err; i++) {
		struct device *d = &house->devices.item[i];

		if (d->role == DEVICE_UP && house_has(house, d))
			err = add_shutter(ipcom, d, d->pair, travel);
	}
	return err;
}
