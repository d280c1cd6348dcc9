/* SPDX-License-Identifier: MIT */
#ifndef QLINK_ADDRESS_H
#define QLINK_ADDRESS_H

#include <stdbool.h>

#include <qlink/qlink.h>

#include "command.h"

/** The one form among several for the same load: variables and modules 1–16 are resolved. */
struct qlink_load qlink_load_normal(struct qlink_load load);

/** @return 0, or -EINVAL when a part is out of range for the kind (section 9). */
int qlink_load_check(struct qlink_load load);

/** Fill verb and address of the command that reads (or sets) a load; the caller adds the rest. */
void qlink_load_command(struct qlink_load load, bool set, struct command *ret);

/** @return the load that a command is about; kind NONE when it is about none. */
struct qlink_load qlink_load_of_command(const struct command *c);

#endif
