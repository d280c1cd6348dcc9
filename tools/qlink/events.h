/* SPDX-License-Identifier: MIT */
#ifndef TOOLS_QLINK_EVENTS_H
#define TOOLS_QLINK_EVENTS_H

#include "tools/cli/cli.h"

#include <qlink/qlink.h>

/* One line for an event that monitor knows; 0 or a negative errno of standard output. */
int event_print(const struct cli *cli, const struct qlink_event *e);

#endif
