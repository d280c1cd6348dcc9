/* SPDX-License-Identifier: MIT */
/*
 * The words of tests/vectors/README.md, section qlink: requests to commands, events to text.
 * Written from that page; what it does not name (life of the connection) is added in the same
 * manner.
 */
#ifndef TESTS_UNIT_QLINK_WORDS_H
#define TESTS_UNIT_QLINK_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "command.h"

#define WORDS_BYTES (160 * 1024)

/** Read `VLO 201 50 2300`, `VPG TEXT`, `raw TEXT`, `raw-lines TEXT`; the text is not copied. */
bool words_request(const char *text, struct command *ret);

/** Write an event; the rows of a result are lines of their own. Valid until the next call. */
const char *words_event(const struct qlink_event *e);

/** @return the name of a negative errno: `EIO`. */
const char *words_errno(int error);

#endif
