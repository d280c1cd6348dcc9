/* SPDX-License-Identifier: MIT */
#ifndef QLINK_LINE_H
#define QLINK_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_MAX_BYTES  1024
#define LINE_MAX_FIELDS 24

/** Bytes that belong to somebody else. */
struct span {
	const char *data;
	size_t size;
};

enum line_status {
	LINE_NONE,     /**< all bytes taken, no line yet */
	LINE_COMPLETE, /**< a line that is not empty */
	LINE_OVERLONG  /**< a line above LINE_MAX_BYTES began; the rest is passed over */
};

/** Cuts a byte stream into lines at CR or LF (section 1.4). */
struct line_splitter {
	char bytes[LINE_MAX_BYTES];
	size_t size;
	bool discarding;
	bool last_was_cr;    /**< the last byte was the CR behind a line */
	unsigned crlf_lines; /**< lines that ended in CR LF, for the caller to take */
	bool aligned;        /**< a delimiter was seen: the next line is a whole one */
	bool fragment;       /**< the line just returned came before the first delimiter */
};

/**
 * Take bytes until a line is complete.
 * @param ret_used  bytes taken, at most size; call again with the rest
 * @param ret_line  for LINE_COMPLETE: the line without delimiter and outer blanks, inside data or
 *                  inside the splitter; valid until the next call
 */
enum line_status qlink_line_split(struct line_splitter *s, const uint8_t *data, size_t size,
				  size_t *ret_used, struct span *ret_line);

/** A line cut at its blanks. */
struct line_fields {
	struct span at[LINE_MAX_FIELDS];
	size_t count; /**< LINE_MAX_FIELDS + 1 when there are more */
};

void qlink_line_fields(struct span line, struct line_fields *ret);

/** @return whether the span is TEXT. */
bool qlink_span_equals(struct span s, const char *text);

/** Decimal number of at most nine digits, with a minus or not. */
bool qlink_span_number(struct span s, int32_t *ret);

/** Hexadecimal number of one to four digits. */
bool qlink_span_hex(struct span s, int32_t *ret);

#endif
