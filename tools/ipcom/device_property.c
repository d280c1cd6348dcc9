/* SPDX-License-Identifier: MIT */
/* The words of the devices file, and one property from text to device. */
#include "tools/ipcom/device_property.h"
#include "tools/cli/number.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const categories[] = { "lights", "switches", "shutters", NULL };
static const char *const types[] = { "switch", "light", "dimmer", NULL };
static const char *const roles[] = { "", "up", "down", NULL };
static const char *const kinds[] = { "", "exo8", "exodim", "exostore", NULL };
static const char *const properties[] = {
	[DEVICE_MODULE] = "module",
	[DEVICE_OUTPUT] = "output",
	[DEVICE_TYPE] = "type",
	[DEVICE_DISPLAY_NAME] = "display_name",
	[DEVICE_RELAY_ROLE] = "relay_role",
	[DEVICE_PAIRED_DEVICE] = "paired_device",
	[DEVICE_KIND] = "kind",
	[DEVICE_BUS] = "bus",
	[DEVICE_TRAVEL_TIME] = "travel_time",
	[DEVICE_DEAD_TIME] = "dead_time",
	NULL,
};

const char *device_category_name(enum device_category category)
{
	return categories[category];
}

const char *device_type_name(enum device_type type)
{
	return types[type];
}

const char *device_role_name(enum device_role role)
{
	return roles[role];
}

const char *device_property_name(int property)
{
	return properties[property];
}

/* The index of a word, -1 when it is none of them. */
static int index_of(const char *const *words, const char *word,
		    int (*compare)(const char *, const char *))
{
	for (int i = 0; words[i]; i++)
		if (*words[i] && compare(words[i], word) == 0)
			return i;
	return -1;
}

int device_category(const char *name)
{
	return index_of(categories, name, strcmp);
}

int device_property(const char *name)
{
	return index_of(properties, name, strcmp);
}

static int take_number(const char *value, unsigned max, unsigned *ret)
{
	uint64_t number;

	if (cli_number(value, 1, max, &number))
		return -EINVAL;
	*ret = (unsigned)number;
	return 0;
}

static int take_text(const char *value, char **ret)
{
	*ret = strdup(value);
	return *ret ? 0 : -ENOMEM;
}

static int take(struct device *d, enum device_property property, const char *value)
{
	int choice;

	switch (property) {
	case DEVICE_MODULE:
		return take_number(value, IPCOM_MODULES, &d->output.module);
	case DEVICE_OUTPUT:
		return take_number(value, IPCOM_OUTPUTS, &d->output.output);
	case DEVICE_BUS:
		return take_number(value, 2, &d->bus);
	case DEVICE_TYPE:
		choice = index_of(types, value, strcasecmp);
		d->type = (enum device_type)choice;
		return choice < 0 ? -EINVAL : 0;
	case DEVICE_RELAY_ROLE:
		choice = index_of(roles, value, strcasecmp);
		d->role = (enum device_role)choice;
		return choice < 0 ? -EINVAL : 0;
	case DEVICE_KIND:
		choice = index_of(kinds, value, strcasecmp);
		d->kind = (enum device_kind)choice;
		return choice < 0 ? -EINVAL : 0;
	case DEVICE_TRAVEL_TIME:
		return cli_seconds(value, 0, 3600000, &d->travel_ms);
	case DEVICE_DEAD_TIME:
		return cli_seconds(value, 300, 60000, &d->dead_ms);
	case DEVICE_DISPLAY_NAME:
		return *value ? take_text(value, &d->display_name) : 0;
	case DEVICE_PAIRED_DEVICE:
		return take_text(value, &d->paired);
	}
	return -EINVAL;
}

int device_take(struct device *d, int property, const char *value, char reason[CLI_WHY_MAX])
{
	static const char *const must[] = {
		[DEVICE_MODULE] = "1 to 16",
		[DEVICE_OUTPUT] = "1 to 8",
		[DEVICE_BUS] = "1 or 2",
		[DEVICE_TYPE] = "switch, light or dimmer",
		[DEVICE_RELAY_ROLE] = "up or down",
		[DEVICE_KIND] = "exo8, exodim or exostore",
		[DEVICE_TRAVEL_TIME] = "0 to 3600 seconds",
		[DEVICE_DEAD_TIME] = "0.3 to 60 seconds",
	};
	int err = take(d, (enum device_property)property, value);

	if (!err || err == -ENOMEM)
		return err;
	snprintf(reason, CLI_WHY_MAX, "%s: must be %s", properties[property], must[property]);
	return -EINVAL;
}
