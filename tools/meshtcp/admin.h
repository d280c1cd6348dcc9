/* SPDX-License-Identifier: MIT */
/* The node that is administered: the one that is connected, or that of --node. */
#ifndef TOOLS_MESHTCP_ADMIN_H
#define TOOLS_MESHTCP_ADMIN_H

#include "tools/meshtcp/nodes.h"

/*
 * Connects, waits for the download and finds the node, MESHTCP_LOCAL for the one that is connected.
 * `word` is another NODE that the command names, or NULL. The link is to be closed in any case.
 */
int admin_open(struct link *link, struct cli *cli, const char *command, const char *word,
	       uint32_t *ret_node);
/* Refuses for a node that is managed: it passes over changes without a word. */
int admin_writable(struct link *link, uint32_t node);

#endif
