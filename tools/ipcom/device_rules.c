/* SPDX-License-Identifier: MIT */
/* What devices must not contradict each other in: keys, outputs, modules, the pairs of shutters. */
#include "tools/ipcom/device_rules.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

__attribute__((format(printf, 2, 3))) static int say(char reason[CLI_WHY_MAX], const char *format,
						     ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(reason, CLI_WHY_MAX, format, args);
	va_end(args);
	return -EINVAL;
}

static bool is_relay_of_shutter(const struct device *d)
{
	return d->category == DEVICE_SHUTTERS || d->role != DEVICE_NO_ROLE || d->paired;
}

/* The device alone. */
static int check_itself(const struct device *d, char reason[CLI_WHY_MAX])
{
	bool dims = d->type == DEVICE_DIMMER;

	if (dims && d->kind != DEVICE_NO_KIND && d->kind != DEVICE_EXODIM)
		return say(reason, "%s: a dimmer on a module that is none", d->key);
	if (!is_relay_of_shutter(d))
		return 0;
	if (dims || d->kind == DEVICE_EXODIM)
		return say(reason, "%s: a dimmer cannot drive a shutter", d->key);
	if (d->role == DEVICE_NO_ROLE)
		return say(reason, "%s: relay_role is missing", d->key);
	if (!d->paired)
		return say(reason, "%s: paired_device is missing", d->key);
	return 0;
}

static bool same_bus(const struct device *a, const struct device *b)
{
	return a->bus == b->bus || a->bus == 0 || b->bus == 0;
}

static int check_against(const struct device *d, const struct device *other,
			 char reason[CLI_WHY_MAX])
{
	if (strcasecmp(d->key, other->key) == 0)
		return say(reason, "%s: is the key of line %zu already", d->key, other->line);
	if (!same_bus(d, other) || d->output.module != other->output.module)
		return 0;
	if (d->output.output == other->output.output)
		return say(reason, "%s: output %u.%u belongs to %s of line %zu already", d->key,
			   d->output.module, d->output.output, other->key, other->line);
	if (d->kind != other->kind && d->kind != DEVICE_NO_KIND && other->kind != DEVICE_NO_KIND)
		return say(reason, "%s: kind differs from that of %s of line %zu on module %u",
			   d->key, other->key, other->line, d->output.module);
	return 0;
}

int device_check(const struct devices *devices, const struct device *d, char reason[CLI_WHY_MAX])
{
	int err = check_itself(d, reason);

	for (const struct device *other = devices->item; !err && other != d; other++)
		err = check_against(d, other, reason);
	return err;
}

static int pair(struct devices *devices, struct device *d, char reason[CLI_WHY_MAX])
{
	const struct device *other = devices_find(devices, d->paired);

	if (!other)
		return say(reason, "%s: paired_device %s is not in this file", d->key, d->paired);
	if (other == d)
		return say(reason, "%s: paired_device is the device itself", d->key);
	if (!other->paired || strcasecmp(other->paired, d->key) != 0)
		return say(reason, "%s: paired_device %s does not point back", d->key, other->key);
	if (other->role == d->role)
		return say(reason, "%s: relay_role of its paired_device is %s too", d->key,
			   device_role_name(d->role));
	if (other->bus != d->bus)
		return say(reason, "%s: paired_device %s is on another bus", d->key, other->key);
	d->pair = &devices->item[other - devices->item];
	return 0;
}

/* A dimmer's module has dimmers only; its kind may be said at a later device. */
static int check_module(const struct devices *devices, const struct device *d,
			char reason[CLI_WHY_MAX])
{
	for (size_t i = 0; i < devices->count; i++) {
		const struct device *other = &devices->item[i];

		if (other->kind != DEVICE_EXODIM || !same_bus(d, other) ||
		    other->output.module != d->output.module)
			continue;
		return say(reason, "%s: a dimmer cannot drive a shutter (kind of line %zu)", d->key,
			   other->line);
	}
	return 0;
}

int devices_pair(struct devices *devices, size_t *line, char reason[CLI_WHY_MAX])
{
	for (size_t i = 0; i < devices->count; i++) {
		struct device *d = &devices->item[i];

		if (!is_relay_of_shutter(d))
			continue;
		*line = d->line;
		if (pair(devices, d, reason) || check_module(devices, d, reason))
			return -EINVAL;
	}
	return 0;
}
