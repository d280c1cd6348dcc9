/* SPDX-License-Identifier: MIT */
/* Private to the reader of the devices file: its words, and one property from text to device. */
#ifndef TOOLS_IPCOM_DEVICE_PROPERTY_H
#define TOOLS_IPCOM_DEVICE_PROPERTY_H

#include "tools/ipcom/devices.h"

enum device_property {
	DEVICE_MODULE,
	DEVICE_OUTPUT,
	DEVICE_TYPE,
	DEVICE_DISPLAY_NAME,
	DEVICE_RELAY_ROLE,
	DEVICE_PAIRED_DEVICE,
	DEVICE_KIND,
	DEVICE_BUS,
	DEVICE_TRAVEL_TIME,
	DEVICE_DEAD_TIME
};

/* The number of a category or a property, -1 when there is none of that name. */
int device_category(const char *name);
int device_property(const char *name);
const char *device_property_name(int property);

/* Stores a property that was not there yet. 0, -ENOMEM, or -EINVAL with the reason. */
int device_take(struct device *d, int property, const char *value, char reason[CLI_WHY_MAX]);

#endif
