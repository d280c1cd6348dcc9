/* SPDX-License-Identifier: MIT */
/* Log dispatch: one finished line a call, never to a stream of our own choice. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>

#define WIRE_BYTES_PER_LINE 256
#define DATAGRAM_BYTES      2048
#define HEAD_BYTES          16

bool cmn_log_wants(const struct cmn_log *log, int level)
{
	return log->fn && level <= log->level;
}

/* Where to cut a text that has more than SIZE bytes: not inside a UTF-8 character. */
static size_t clean_cut(const char *text, size_t size)
{
	size_t cut = size;

	while (size - cut < 3 && ((uint8_t)text[cut] & 0xc0) == 0x80)
		cut--;
	return ((uint8_t)text[cut] & 0xc0) == 0x80 ? size : cut;
}

void cmn_log_printf(const struct cmn_log *log, int level, const char *format, ...)
{
	/* One byte more than a message has, to see where the first character cut off begins. */
	char text[CMN_LOG_BYTES + 1];
	va_list args;
	int len;

	if (!cmn_log_wants(log, level))
		return;
	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len < 0)
		return;
	if (len >= CMN_LOG_BYTES)
		text[clean_cut(text, CMN_LOG_BYTES - 1)] = '\0';
	log->fn(log->userdata, level, text);
}

/* TEXT has room for the head and two digits a byte. */
static void wire_line(const struct cmn_log *log, char *text, char direction, unsigned connection,
		      const uint8_t *data, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	int n;

	if (connection > 1)
		n = snprintf(text, HEAD_BYTES, "%c%u ", direction, connection);
	else
		n = snprintf(text, HEAD_BYTES, "%c ", direction);
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
	char text[HEAD_BYTES + 2 * WIRE_BYTES_PER_LINE];

	if (!cmn_log_wants(log, CMN_LOG_WIRE))
		return;
	while (size > 0) {
		size_t part = size < WIRE_BYTES_PER_LINE ? size : WIRE_BYTES_PER_LINE;

		wire_line(log, text, direction, connection, data, part);
		data += part;
		size -= part;
	}
}

void cmn_log_datagram(const struct cmn_log *log, char direction, unsigned connection,
		      const uint8_t *data, size_t size)
{
	char text[HEAD_BYTES + 2 * DATAGRAM_BYTES];

	if (!cmn_log_wants(log, CMN_LOG_WIRE) || size == 0)
		return;
	wire_line(log, text, direction, connection, data,
		  size < DATAGRAM_BYTES ? size : DATAGRAM_BYTES);
}
