/* SPDX-License-Identifier: MIT */
/* A growable piece of text, escaping of foreign text, and the test for well-formed UTF-8. */
#include "tools/cli/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Makes room for `len` more bytes and the NUL. */
static int reserve(struct cli_text *text, size_t len)
{
	size_t size = text->size ? text->size : 128;
	char *data;

	if (text->error)
		return text->error;
	if (len >= CLI_TEXT_MAX - text->len)
		return text->error = -EMSGSIZE;
	if (text->len + len < text->size)
		return 0;
	while (size <= text->len + len)
		size *= 2;
	data = realloc(text->data, size);
	if (!data)
		return text->error = -ENOMEM;
	text->data = data;
	text->size = size;
	return 0;
}

void cli_text_add(struct cli_text *text, const void *data, size_t len)
{
	if (reserve(text, len))
		return;
	if (len > 0)
		memcpy(text->data + text->len, data, len);
	text->len += len;
	text->data[text->len] = '\0';
}

void cli_text_puts(struct cli_text *text, const char *string)
{
	cli_text_add(text, string, strlen(string));
}

void cli_text_vprintf(struct cli_text *text, const char *format, va_list args)
{
	va_list again;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (len < 0 || reserve(text, (size_t)len))
		return;
	vsnprintf(text->data + text->len, (size_t)len + 1, format, args);
	text->len += (size_t)len;
}

void cli_text_printf(struct cli_text *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	cli_text_vprintf(text, format, args);
	va_end(args);
}

/* The C1 controls are as good as an escape character to some terminals. */
static bool is_c1(const unsigned char *data, size_t len)
{
	return len == 2 && data[0] == 0xc2 && data[1] < 0xa0;
}

static void add_escape(struct cli_text *text, unsigned char byte)
{
	if (byte == '\n')
		cli_text_puts(text, "\\n");
	else if (byte == '\r')
		cli_text_puts(text, "\\r");
	else if (byte == '\t')
		cli_text_puts(text, "\\t");
	else
		cli_text_printf(text, "\\x%02x", byte);
}

void cli_text_harmless(struct cli_text *text, const void *data, size_t len)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < len && !text->error;) {
		size_t n = cli_utf8_length(bytes + i, len - i);

		if (n == 0 || bytes[i] < 0x20 || bytes[i] == 0x7f || is_c1(bytes + i, n)) {
			add_escape(text, bytes[i++]);
			continue;
		}
		cli_text_add(text, bytes + i, n);
		i += n;
	}
}

void cli_float_text(float value, char to[CLI_FLOAT_MAX])
{
	/* Nine digits are enough for every float. */
	for (int digits = 6; digits <= 9; digits++) {
		snprintf(to, CLI_FLOAT_MAX, "%.*g", digits, (double)value);
		if (strtof(to, NULL) == value)
			return;
	}
}

void cli_text_reset(struct cli_text *text)
{
	text->len = 0;
	text->error = 0;
	if (text->data)
		text->data[0] = '\0';
}

void cli_text_free(struct cli_text *text)
{
	free(text->data);
	memset(text, 0, sizeof(*text));
}

size_t cli_utf8_length(const unsigned char *data, size_t len)
{
	unsigned char first = len > 0 ? data[0] : 0xff;
	unsigned char low = 0x80, high = 0xbf;
	size_t n;

	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	n = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	/* The second byte alone tells overlong forms, surrogates and what lies beyond U+10FFFF. */
	if (first == 0xe0)
		low = 0xa0;
	else if (first == 0xed)
		high = 0x9f;
	else if (first == 0xf0)
		low = 0x90;
	else if (first == 0xf4)
		high = 0x8f;
	if (len < n || data[1] < low || data[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++) {
		if ((data[i] & 0xc0) != 0x80)
			return 0;
	}
	return n;
}
