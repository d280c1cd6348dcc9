/* SPDX-License-Identifier: MIT */
/*
 * The configuration file, INI: a section per tool, keys are the long names of its options.
 * `#` or `;` starts a comment line, " ;" a comment behind a value; there are no quotes and no
 * continuation lines, and a line has at most about 200 characters. A missing file is none.
 */
#ifndef TOOLS_CLI_CONFIG_H
#define TOOLS_CLI_CONFIG_H

#include "tools/cli/options.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * $XDG_CONFIG_HOME/linekeeper/config, or ~/.config/linekeeper/config when that is not set, empty
 * or relative. False when there is neither directory or the path is too long.
 */
bool cli_config_path(char *path, size_t size);

/*
 * Takes one setting; 0 or a negative errno with the reason in why[].
 */
typedef int cli_config_set(void *userdata, const char *key, const char *value,
			   char why[CLI_WHY_MAX]);

/*
 * Calls set() for each key of the section. Sections of other tools are passed over, an unknown
 * one is an error. 0, or a negative errno with why[] saying "FILE:LINE: reason", or
 * "FILE: reason" when it cannot be read.
 */
int cli_config_read(const char *path, const char *section, cli_config_set *set, void *userdata,
		    char why[CLI_WHY_MAX]);

#endif
