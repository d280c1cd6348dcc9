/* SPDX-License-Identifier: MIT */
/*
 * The devices file: names for outputs, in YAML (ipcom-devices(5)). Keys and categories that are not
 * known are passed over; what is known has to be right, so that a slip of the pen never switches
 * another output.
 */
#ifndef TOOLS_IPCOM_DEVICES_H
#define TOOLS_IPCOM_DEVICES_H

#include "tools/cli/options.h"

#include <ipcom/ipcom.h>

/* Each output of two buses once. */
#define DEVICES_MAX ((size_t)2 * IPCOM_MODULES * IPCOM_OUTPUTS)

enum device_category {
	DEVICE_LIGHTS,
	DEVICE_SWITCHES,
	DEVICE_SHUTTERS,
	DEVICE_CATEGORIES
};

enum device_type {
	DEVICE_SWITCH,
	DEVICE_LIGHT,
	DEVICE_DIMMER
};

enum device_role {
	DEVICE_NO_ROLE,
	DEVICE_UP,
	DEVICE_DOWN
};

/* What module the output is on. */
enum device_kind {
	DEVICE_NO_KIND,
	DEVICE_EXO8,
	DEVICE_EXODIM,
	DEVICE_EXOSTORE
};

struct device {
	char *key;
	char *display_name;
	char *paired; /* key of the other relay, or NULL */
	enum device_category category;
	enum device_type type;
	enum device_role role;
	enum device_kind kind;
	struct ipcom_output output;
	unsigned bus;           /* 0: not said, hence any */
	int travel_ms, dead_ms; /* -1: not said */
	struct device *pair;    /* the other relay of a shutter, or NULL */
	unsigned shutter;       /* its number in the library, once the handle is set up */
	size_t line;
};

struct devices {
	struct device item[DEVICES_MAX];
	size_t count;
};

/*
 * 0, -ENOENT when there is no such file, or another negative errno; then `why` says
 * "FILE:LINE: what" or "FILE: what". To be freed in any case.
 */
int devices_read(struct devices *devices, const char *path, char why[CLI_WHY_MAX]);
void devices_free(struct devices *devices);

/* By its key, in upper or lower case; NULL when there is none. */
const struct device *devices_find(const struct devices *devices, const char *key);

const char *device_category_name(enum device_category category);
const char *device_type_name(enum device_type type);
/* "up" or "down". */
const char *device_role_name(enum device_role role);

#endif
