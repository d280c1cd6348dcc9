/* SPDX-License-Identifier: MIT */
/* A packet as a line. */
#ifndef TOOLS_MESHTCP_PACKET_H
#define TOOLS_MESHTCP_PACKET_H

#include "tools/meshtcp/common.h"

/* 0 or a negative errno: that of writing it. */
int packet_print(struct link *link, const struct meshtcp_packet *packet);

#endif
