/* SPDX-License-Identifier: MIT */
/* Private to the reader of the devices file: what devices must not contradict each other in. */
#ifndef TOOLS_IPCOM_DEVICE_RULES_H
#define TOOLS_IPCOM_DEVICE_RULES_H

#include "tools/ipcom/devices.h"

/* Is the last device all right by itself and beside those before it? 0 or -EINVAL with reason. */
int device_check(const struct devices *devices, const struct device *d, char reason[CLI_WHY_MAX]);

/* Joins the relays of shutters. 0 or -EINVAL with the reason and its line. */
int devices_pair(struct devices *devices, size_t *line, char reason[CLI_WHY_MAX]);

#endif
