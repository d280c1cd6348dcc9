/* SPDX-License-Identifier: MIT */
#ifndef QLINK_REPLY_H
#define QLINK_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <qlink/qlink.h>

#include "common/buf.h"

#include "command.h"
#include "line.h"

#define REPLY_MAX_VALUES   16
#define REPLY_MAX_MODULES  16
#define REPLY_MAX_STATIONS 189
#define REPLY_MAX_LINES    1024
#define REPLY_MAX_TEXT     ((size_t)64 * 1024)

/** What a line did to the answer that is awaited. */
enum reply_match {
	REPLY_NOT_OURS, /**< nothing: it is no part of this answer */
	REPLY_MORE,     /**< a part; more lines follow */
	REPLY_DONE      /**< the answer is complete: see `error` */
};

/** The answer to one command, filled line by line; zeroed at first. */
struct reply {
	int error; /**< 0, -EIO with device_error, -EPROTO, -ENOMEM */
	int device_error;
	bool detailed; /**< it carried its name and address */
	bool bare;     /**< it was taken for its shape alone */
	int32_t values[REPLY_MAX_VALUES];
	size_t value_count;
	bool counted; /**< the count of a REPLY_ROWS answer was read */
	size_t rows_expected;
	size_t row_count;
	struct qlink_module *modules;
	struct qlink_station *stations;
	struct qlink_text *lines;
	struct cmn_buf text; /**< behind all texts, each with a NUL */
};

void qlink_reply_free(struct reply *r);

/**
 * Offer a line that is no event.
 * @param bare_allowed  whether an answer without name may be taken (section 5.2)
 */
enum reply_match qlink_reply_take(struct reply *r, const struct command *c, struct span line,
				  bool bare_allowed);

#endif
