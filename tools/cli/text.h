/* SPDX-License-Identifier: MIT */
/*
 * A growable piece of text, and what has to be known about UTF-8.
 * The error is sticky: add what there is to add, then look at `error` once.
 * A zeroed struct is an empty text.
 */
#ifndef TOOLS_CLI_TEXT_H
#define TOOLS_CLI_TEXT_H

#include <stdarg.h>
#include <stddef.h>

#define CLI_TEXT_MAX (16u << 20)

struct cli_text {
	char *data; /* ends with a NUL that `len` does not count; NULL when empty */
	size_t len;
	size_t size;
	int error; /* 0, -ENOMEM, or -EMSGSIZE beyond CLI_TEXT_MAX */
};

void cli_text_add(struct cli_text *text, const void *data, size_t len);
void cli_text_puts(struct cli_text *text, const char *string);
void cli_text_printf(struct cli_text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void cli_text_vprintf(struct cli_text *text, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/*
 * Adds foreign text so that it stays on its line and cannot steer a terminal: control characters
 * become \r \n \t or \x1b, and so do bytes that are no UTF-8. A backslash stays what it is.
 */
void cli_text_harmless(struct cli_text *text, const void *data, size_t len);

/* The longest float as text and its NUL. */
#define CLI_FLOAT_MAX 24

/* The shortest decimals that read back as the same float: 6.5, 0.1, 1e+20; nan, inf. */
void cli_float_text(float value, char to[CLI_FLOAT_MAX]);

/* Empties the text and its error; keeps the memory. */
void cli_text_reset(struct cli_text *text);
void cli_text_free(struct cli_text *text);

/* Length of the well-formed UTF-8 sequence at `data`, 1 to 4; 0 when there is none. */
size_t cli_utf8_length(const unsigned char *data, size_t len);

#endif
