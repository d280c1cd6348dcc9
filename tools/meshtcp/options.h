/* SPDX-License-Identifier: MIT */
/* The options that this tool has beside the shared ones, and those of several commands. */
#ifndef TOOLS_MESHTCP_OPTIONS_H
#define TOOLS_MESHTCP_OPTIONS_H

#include "tools/cli/options.h"

struct meshtcp_options {
	bool force;
	bool show_keys;
	const char *node; /* --node, or NULL: the node that is connected */
};

extern struct meshtcp_options options;

/* Entries for the tables of the commands that take them. */
#define SHOW_KEYS_OPTION                                                                  \
	{                                                                                 \
		.name = "show-keys", .kind = CLI_FLAG, .help = "show keys and passwords", \
		.dest = &options.show_keys                                                \
	}
#define NODE_OPTION                                                                      \
	{                                                                                \
		.name = "node", .kind = CLI_TEXT, .flags = CLI_ARGV_ONLY, .arg = "NODE", \
		.help = "administer another node, over the air", .dest = &options.node   \
	}

#endif
