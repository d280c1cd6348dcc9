/* SPDX-License-Identifier: MIT */
/*
 * Bytes to lines and lines to fields. A line may be cut anywhere by TCP, its delimiter may be CR,
 * LF or CR LF whose LF comes later, and nothing that arrives can make more than one buffer grow.
 */
#include "line.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct span trim(struct span s)
{
	while (s.size > 0 && is_blank(s.data[0])) {
		s.data++;
		s.size--;
	}
	while (s.size > 0 && is_blank(s.data[s.size - 1]))
		s.size--;
	return s;
}

static size_t find_delimiter(const char *data, size_t size)
{
	size_t i = 0;

	while (i < size && data[i] != '\r' && data[i] != '\n')
		i++;
	return i;
}

/* Append to the kept part of a line; false when it became overlong just now. */
static bool keep(struct line_splitter *s, const char *data, size_t size)
{
	if (s->discarding)
		return true;
	if (size > sizeof(s->bytes) - s->size) {
		s->discarding = true;
		s->size = 0;
		return false;
	}
	memcpy(s->bytes + s->size, data, size);
	s->size += size;
	return true;
}

/* The LF of a CR LF pair arrives when its line has long been returned. */
static void note_delimiter(struct line_splitter *s, char delimiter, bool empty)
{
	if (delimiter == '\n' && s->last_was_cr)
		s->crlf_lines++;
	s->last_was_cr = delimiter == '\r' && !empty;
}

enum line_status qlink_line_split(struct line_splitter *s, const uint8_t *data, size_t size,
				  size_t *ret_used, struct span *ret_line)
{
	const char *bytes = (const char *)data;
	size_t used = 0;

	while (used < size) {
		size_t length = find_delimiter(bytes + used, size - used);
		struct span line = { bytes + used, length };
		bool whole = used + length < size;
		bool discarded = s->discarding;

		if (length > 0)
			s->last_was_cr = false;
		if (!whole || s->size > 0) {
			if (!keep(s, line.data, length)) {
				*ret_used = used + length;
				return LINE_OVERLONG;
			}
			line = (struct span){ s->bytes, s->size };
		}
		used += length;
		if (!whole)
			break;
		note_delimiter(s, bytes[used++], line.size == 0 && !discarded);
		s->fragment = !s->aligned;
		s->aligned = true;
		s->size = 0;
		s->discarding = false;
		if (discarded)
			continue;
		*ret_used = used;
		if (line.size > LINE_MAX_BYTES)
			return LINE_OVERLONG;
		line = trim(line);
		if (line.size == 0)
			continue;
		*ret_line = line;
		return LINE_COMPLETE;
	}
	*ret_used = used;
	return LINE_NONE;
}

void qlink_line_fields(struct span line, struct line_fields *ret)
{
	size_t i = 0;

	ret->count = 0;
	while (i < line.size) {
		size_t start;

		while (i < line.size && is_blank(line.data[i]))
			i++;
		start = i;
		while (i < line.size && !is_blank(line.data[i]))
			i++;
		if (i == start)
			break;
		if (ret->count == LINE_MAX_FIELDS) {
			ret->count++;
			return;
		}
		ret->at[ret->count++] = (struct span){ line.data + start, i - start };
	}
}

bool qlink_span_equals(struct span s, const char *text)
{
	return s.size == strlen(text) && memcmp(s.data, text, s.size) == 0;
}

bool qlink_span_number(struct span s, int32_t *ret)
{
	bool negative = s.size > 0 && s.data[0] == '-';
	size_t i = negative ? 1 : 0;
	int32_t value = 0;

	if (s.size == i || s.size - i > 9)
		return false;
	for (; i < s.size; i++) {
		if (s.data[i] < '0' || s.data[i] > '9')
			return false;
		value = value * 10 + (s.data[i] - '0');
	}
	*ret = negative ? -value : value;
	return true;
}

bool qlink_span_hex(struct span s, int32_t *ret)
{
	int32_t value = 0;

	if (s.size == 0 || s.size > 4)
		return false;
	for (size_t i = 0; i < s.size; i++) {
		char c = s.data[i];

		if (c >= '0' && c <= '9')
			value = value * 16 + (c - '0');
		else if (c >= 'A' && c <= 'F')
			value = value * 16 + (c - 'A' + 10);
		else if (c >= 'a' && c <= 'f')
			value = value * 16 + (c - 'a' + 10);
		else
			return false;
	}
	*ret = value;
	return true;
}
