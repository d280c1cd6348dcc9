/* SPDX-License-Identifier: MIT */
/* An answer from a node, field by field. */
#ifndef TOOLS_MESHTCP_ANSWER_H
#define TOOLS_MESHTCP_ANSWER_H

#include "tools/cli/text.h"
#include "tools/meshtcp/common.h"

/* Prints the payload: a line NAME=VALUE a field, or one object. Returns the exit status. */
int answer_print(struct link *link, const struct meshtcp_packet *packet);

/* For fields_each(): prints "NAME=VALUE". */
int answer_line(void *userdata, const char *path, const struct cli_text *value);

#endif
