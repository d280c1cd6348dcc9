/* SPDX-License-Identifier: MIT */
/* The options that this tool has beside the shared ones. */
#ifndef TOOLS_IPCOM_OPTIONS_H
#define TOOLS_IPCOM_OPTIONS_H

#include "tools/cli/cli.h"

struct ipcom_options {
	const char *username, *password, *password_file, *devices_file;
	bool debug;
	int bus; /* bus - 1 */
	int bus_type;
	struct cli_numbers dimmer_modules;
	int travel_ms, dead_ms;
	bool allow_clear, force;
	bool only_changes; /* of watch */
};

extern struct ipcom_options options;

#endif
