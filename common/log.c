/* SPDX-License-Identifier: MIT */
/* Log dispatch: one finished line a call, never to a stream of our own choice. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>

#define WIRE_BYTES_PER_LINE 256

bool cmn_log_wants(const struct cmn_log *log, int level)
{
	return log->fn && level <= log->level;
}

void cmn_log_printf(const struct cmn_log *log, int level, const char *format, ...)
{
	char text[CMN_LOG_BYTES];
	va_list args;

	if (!cmn_log_wants(log, level))
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	log->fn(log->userdata, level, text);
}

static void wire_line(const struct cmn_log *log, char direction, unsigned connection,
		      const uint8_t *data, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	char text[16 + 2 * WIRE_BYTES_PER_LINE];
	int n;

	if (connection > 1)
		n = snprintf(text, sizeof(text), "%c%u ", direction, connection);
	else
		n = snprintf(text, sizeof(text), "%c ", direction);
	for (size_t i = 0; i < size; i++) {
		text[n++] = digits[data[i] >> 4];
		text[n++] = digits[data[i] & 0xf];
	}
	text[n] = '\0';
	log->fn(log->userdata, CMN_LOG_WIRE, text);
}

void cmn_log_wire(const struct cmn_log *log, char direction, unsigned connection,
		  const uint8_t *data, size_t size)
{
	if (!cmn_log_wants(log, CMN_LOG_WIRE))
		return;
	while (size > 0) {
		size_t part = size < WIRE_BYTES_PER_LINE ? size : WIRE_BYTES_PER_LINE;

		wire_line(log, direction, connection, data, part);
		data += part;
		size -= part;
	}
}
