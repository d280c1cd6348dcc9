/* SPDX-License-Identifier: MIT */
#ifndef QLINK_EVENT_H
#define QLINK_EVENT_H

#include <qlink/qlink.h>

#include "line.h"

/**
 * Read an event line (section 6).
 * @param ret  type, address and values are set, all else is 0 (`level`, `state` -1)
 * @return false when it is none: another first word, or a field missing, malformed or out of range
 */
bool qlink_event_parse(struct span line, struct qlink_event *ret);

#endif
