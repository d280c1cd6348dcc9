/* SPDX-License-Identifier: MIT */
/*
 * Writer of JSON Lines: one compact object a line, one write a line.
 *
 *	struct cli_json json = {0};
 *	cli_json_begin(&json);
 *	cli_json_string(&json, "load", "101");
 *	cli_json_int(&json, "level", 50);
 *	err = cli_json_line(&json);             {"load":"101","level":50}
 *	cli_json_free(&json);
 */
#ifndef TOOLS_CLI_JSON_H
#define TOOLS_CLI_JSON_H

#include "tools/cli/text.h"

#include <stdbool.h>
#include <stdint.h>

#define CLI_JSON_DEPTH 16

struct cli_json {
	struct cli_text text;
	unsigned depth;
	char closing[CLI_JSON_DEPTH]; /* what ends the object or array of each depth */
	bool empty;                   /* nothing stands in the innermost one so far */
};

/* Opens the object of a line; what an unfinished one held is dropped. */
void cli_json_begin(struct cli_json *json);

/*
 * Ends the line and writes it to standard output. 0 or a negative errno, also that of an earlier
 * failed write (see output.h): a stream then has nothing more to do.
 */
int cli_json_line(struct cli_json *json);

/* Ends the object without writing it; the text is in json->text. */
void cli_json_finish(struct cli_json *json);
void cli_json_free(struct cli_json *json);

/* In all that follow, `key` is NULL inside an array, and only there. */
void cli_json_object(struct cli_json *json, const char *key);
void cli_json_array(struct cli_json *json, const char *key);
/* Ends the innermost object or array. */
void cli_json_end(struct cli_json *json);

/* A text from anywhere: bytes that are no UTF-8 become \ufffd, one each. NULL becomes null. */
void cli_json_string(struct cli_json *json, const char *key, const char *string);
void cli_json_text(struct cli_json *json, const char *key, const void *data, size_t len);

void cli_json_int(struct cli_json *json, const char *key, int64_t value);
void cli_json_uint(struct cli_json *json, const char *key, uint64_t value);
/* value / 10^digits, with all its decimals: 215 with 1 is 21.5; digits 0 to 9. */
void cli_json_fixed(struct cli_json *json, const char *key, int64_t value, unsigned digits);
/* A float with no more decimals than it needs; null when it is no number or infinite. */
void cli_json_float(struct cli_json *json, const char *key, float value);
void cli_json_bool(struct cli_json *json, const char *key, bool value);
void cli_json_null(struct cli_json *json, const char *key);
/* Bytes as a string of lower-case hex. */
void cli_json_hex(struct cli_json *json, const char *key, const void *data, size_t len);

/* Milliseconds since 1970 as "2026-01-02T03:04:05.678Z"; null outside the years 0 to 9999. */
void cli_json_time(struct cli_json *json, const char *key, int64_t ms);
void cli_json_now(struct cli_json *json, const char *key);

#endif
