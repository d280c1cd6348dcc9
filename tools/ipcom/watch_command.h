/* SPDX-License-Identifier: MIT */
/* Commands under way in `watch`: which request came from which line. */
#ifndef TOOLS_IPCOM_WATCH_COMMAND_H
#define TOOLS_IPCOM_WATCH_COMMAND_H

#include "tools/ipcom/common.h"

/* Enough to know the command again in a message. */
#define WATCH_TEXT_MAX 80

struct watch_commands {
	struct {
		uint32_t id; /* 0: free */
		char text[WATCH_TEXT_MAX];
	} item[IPCOM_MAX_REQUESTS];
};

/* Does what a line asks for, or says why not. The line is changed. */
void watch_command_start(struct watch_commands *commands, struct link *link, char *line,
			 size_t len);

/* Says so when a command has failed; results of others are passed over. */
void watch_command_ended(struct watch_commands *commands, const struct link *link,
			 const struct ipcom_event *result);

#endif
