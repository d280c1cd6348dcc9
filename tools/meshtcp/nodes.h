/* SPDX-License-Identifier: MIT */
/* NODE as typed, and nodes as they are shown. */
#ifndef TOOLS_MESHTCP_NODES_H
#define TOOLS_MESHTCP_NODES_H

#include "tools/meshtcp/common.h"

/* A short name, or a node number as text, and the NUL. */
#define NODE_LABEL 12

/* Is it a number in one of its forms, and no name? Then nobody has to be asked for it. */
bool node_number(const char *text, uint32_t *ret_num);
/* The download that this NODE needs; `enough` when it is a number. */
enum meshtcp_download node_download(const char *text, enum meshtcp_download enough);
/* Usage: one node, and not all of them. Known before the node is asked for anything. */
int node_single(const char *command, const char *text);

/*
 * The number of a NODE; for a name it waits for the download. An unknown name is status 1, one of
 * several nodes status 2.
 */
int link_node(struct link *link, const char *text, uint32_t *ret_num);

/* How people call it: its short name, else its number; `all` for everybody. */
const char *node_label(const struct link *link, uint32_t num, char label[NODE_LABEL]);

#endif
