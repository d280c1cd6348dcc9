/* SPDX-License-Identifier: MIT */
/* Writer of JSON Lines. */
#include "tools/cli/json.h"
#include "tools/cli/output.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>

static void add_string(struct cli_json *json, const void *data, size_t len)
{
	const unsigned char *bytes = data;
	struct cli_text *text = &json->text;

	cli_text_add(text, "\"", 1);
	for (size_t i = 0; i < len && !text->error;) {
		size_t n = cli_utf8_length(bytes + i, len - i);

		if (n == 0)
			cli_text_puts(text, "\\ufffd");
		else if (bytes[i] < 0x20)
			cli_text_printf(text, "\\u%04x", bytes[i]);
		else if (bytes[i] == '"' || bytes[i] == '\\')
			cli_text_printf(text, "\\%c", bytes[i]);
		else
			cli_text_add(text, bytes + i, n);
		i += n > 0 ? n : 1;
	}
	cli_text_add(text, "\"", 1);
}

/* All that stands before a value: the comma and the key. */
static void add_key(struct cli_json *json, const char *key)
{
	assert(json->depth > 0);
	assert((key != NULL) == (json->closing[json->depth - 1] == '}'));
	if (!json->empty)
		cli_text_add(&json->text, ",", 1);
	json->empty = false;
	if (!key)
		return;
	add_string(json, key, strlen(key));
	cli_text_add(&json->text, ":", 1);
}

static void open_nested(struct cli_json *json, char opening, char closing)
{
	assert(json->depth < CLI_JSON_DEPTH);
	cli_text_add(&json->text, &opening, 1);
	json->closing[json->depth++] = closing;
	json->empty = true;
}

void cli_json_begin(struct cli_json *json)
{
	cli_text_reset(&json->text);
	json->depth = 0;
	open_nested(json, '{', '}');
}

void cli_json_finish(struct cli_json *json)
{
	assert(json->depth == 1);
	json->depth = 0;
	cli_text_add(&json->text, "}", 1);
}

int cli_json_line(struct cli_json *json)
{
	cli_json_finish(json);
	cli_text_add(&json->text, "\n", 1);
	if (json->text.error)
		return cli_out_fail(json->text.error);
	return cli_out_write(json->text.data, json->text.len);
}

void cli_json_free(struct cli_json *json)
{
	cli_text_free(&json->text);
	json->depth = 0;
}

void cli_json_object(struct cli_json *json, const char *key)
{
	add_key(json, key);
	open_nested(json, '{', '}');
}

void cli_json_array(struct cli_json *json, const char *key)
{
	add_key(json, key);
	open_nested(json, '[', ']');
}

void cli_json_end(struct cli_json *json)
{
	assert(json->depth > 1);
	cli_text_add(&json->text, &json->closing[--json->depth], 1);
	json->empty = false;
}

void cli_json_string(struct cli_json *json, const char *key, const char *string)
{
	if (!string) {
		cli_json_null(json, key);
		return;
	}
	cli_json_text(json, key, string, strlen(string));
}

void cli_json_text(struct cli_json *json, const char *key, const void *data, size_t len)
{
	add_key(json, key);
	add_string(json, data, len);
}

void cli_json_int(struct cli_json *json, const char *key, int64_t value)
{
	add_key(json, key);
	cli_text_printf(&json->text, "%" PRId64, value);
}

void cli_json_uint(struct cli_json *json, const char *key, uint64_t value)
{
	add_key(json, key);
	cli_text_printf(&json->text, "%" PRIu64, value);
}

void cli_json_fixed(struct cli_json *json, const char *key, int64_t value, unsigned digits)
{
	uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
	uint64_t unit = 1;

	assert(digits <= 9);
	for (unsigned i = 0; i < digits; i++)
		unit *= 10;
	add_key(json, key);
	cli_text_printf(&json->text, "%s%" PRIu64, value < 0 ? "-" : "", size / unit);
	if (digits > 0)
		cli_text_printf(&json->text, ".%0*" PRIu64, (int)digits, size % unit);
}

void cli_json_float(struct cli_json *json, const char *key, float value)
{
	char text[CLI_FLOAT_MAX];

	if (!isfinite(value)) {
		cli_json_null(json, key);
		return;
	}
	cli_float_text(value, text);
	add_key(json, key);
	cli_text_puts(&json->text, text);
}

void cli_json_bool(struct cli_json *json, const char *key, bool value)
{
	add_key(json, key);
	cli_text_puts(&json->text, value ? "true" : "false");
}

void cli_json_null(struct cli_json *json, const char *key)
{
	add_key(json, key);
	cli_text_puts(&json->text, "null");
}

void cli_json_hex(struct cli_json *json, const char *key, const void *data, size_t len)
{
	const unsigned char *bytes = data;

	add_key(json, key);
	cli_text_add(&json->text, "\"", 1);
	for (size_t i = 0; i < len && !json->text.error; i++)
		cli_text_printf(&json->text, "%02x", bytes[i]);
	cli_text_add(&json->text, "\"", 1);
}

void cli_json_time(struct cli_json *json, const char *key, int64_t ms)
{
	int64_t part = ms % 1000;
	int64_t seconds = ms / 1000;
	char text[32];
	struct tm tm;
	time_t t;

	if (part < 0) {
		part += 1000;
		seconds--;
	}
	t = (time_t)seconds;
	if (t != seconds || !gmtime_r(&t, &tm) || tm.tm_year < -1900 || tm.tm_year > 9999 - 1900 ||
	    strftime(text, sizeof(text), "-%m-%dT%H:%M:%S", &tm) == 0) {
		cli_json_null(json, key);
		return;
	}
	add_key(json, key);
	/* strftime's %Y does not fill up to four digits everywhere. */
	cli_text_printf(&json->text, "\"%04d%s.%03dZ\"", tm.tm_year + 1900, text, (int)part);
}

void cli_json_now(struct cli_json *json, const char *key)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	cli_json_time(json, key, (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
}
