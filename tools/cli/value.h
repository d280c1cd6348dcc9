/* SPDX-License-Identifier: MIT */
/* Private to the frame: one value of an option, from text to its destination. */
#ifndef TOOLS_CLI_VALUE_H
#define TOOLS_CLI_VALUE_H

#include "tools/cli/options.h"

struct cli_value {
	struct cli_value *next;
	size_t len;
	bool secret;
	char text[];
};

/* Any destination but that of CUSTOM. */
union cli_destination {
	bool flag;
	unsigned number;
	int integer;
	uint16_t port;
	const char *text;
	struct cli_list list;
	struct cli_numbers numbers;
};

/*
 * Reads `value` into `dest`; texts are kept by reference, a host is to come without brackets.
 * 0, or a negative errno with the reason in why[].
 */
int cli_value_store(const struct cli_option *option, const char *value, void *dest,
		    char why[CLI_WHY_MAX]);

#endif
