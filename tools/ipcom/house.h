/* SPDX-License-Identifier: MIT */
/* What the outputs of one bus are: names and shutters of the devices file, and which can dim. */
#ifndef TOOLS_IPCOM_HOUSE_H
#define TOOLS_IPCOM_HOUSE_H

#include "tools/cli/cli.h"
#include "tools/ipcom/devices.h"
#include "tools/ipcom/output_text.h"

struct house {
	struct devices devices; /* those of another bus too */
	unsigned bus;
	enum ipcom_kind kinds[IPCOM_MODULES][IPCOM_OUTPUTS];
};

/* The bus of the options, and no names. */
void house_init(struct house *house);
/* Adds the devices file that the options name. 0, or an exit status with the failure told. */
int house_load(struct house *house, const struct cli *cli);
void house_free(struct house *house);

/*
 * The output that a text names, by its device or by MODULE.OUTPUT. 0, or a negative errno with the
 * reason. *ret_device, unless that is NULL, is the device there or NULL.
 */
int house_find(const struct house *house, const char *text, struct ipcom_output *ret,
	       const struct device **ret_device, char why[CLI_WHY_MAX]);

/* The device at an output, or NULL. */
const struct device *house_device(const struct house *house, struct ipcom_output output);
bool house_has(const struct house *house, const struct device *device);
bool house_dims(const struct house *house, struct ipcom_output output);
/* The key of the device at an output, or else MODULE.OUTPUT in text[]. */
const char *house_name(const struct house *house, struct ipcom_output output,
		       char text[OUTPUT_TEXT]);

/* Tells the library what it has to know: kinds and shutters. 0 or its error. */
int house_setup(struct house *house, struct ipcom *ipcom, bool travel);

#endif
