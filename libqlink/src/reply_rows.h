/* SPDX-License-Identifier: MIT */
#ifndef QLINK_REPLY_ROWS_H
#define QLINK_REPLY_ROWS_H

#include "reply.h"

/** Take the count or a row of VQP or VQS; AT are the fields behind the name. */
enum reply_match qlink_reply_take_row(struct reply *r, const struct command *c,
				      const struct span *at, size_t count);

/** Take `Name|Room|Floor|Type`; without a name before it all three bars must be there. */
enum reply_match qlink_reply_take_name(struct reply *r, struct span text, bool named);

/** Take `VER x.xx date`. */
enum reply_match qlink_reply_take_firmware(struct reply *r, struct span text);

/** Keep a line of an answer without a known layout. */
enum reply_match qlink_reply_add_line(struct reply *r, struct span line);

#endif
