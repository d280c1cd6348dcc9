/* SPDX-License-Identifier: MIT */
/*
 * What the decoder of answers makes of lines, as text: "no" (not ours), "more", "named 50" or "bare
 * 50" with the values, rows behind ` | `, lines in <>, or an errno name with the device's number.
 */
#ifndef TESTS_UNIT_QLINK_REPLIES_H
#define TESTS_UNIT_QLINK_REPLIES_H

#include <stdbool.h>

#define check(request, lines, bare_allowed, expected) \
	reply_check_at(request, lines, bare_allowed, expected, __FILE__, __LINE__)
/** Offer lines, a `\n` between them, as answer to a request; the outcomes with a comma between. */
void reply_check_at(const char *request, const char *lines, bool bare_allowed, const char *expected,
		    const char *file, int line);

#endif
