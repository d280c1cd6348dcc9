/* SPDX-License-Identifier: MIT */
/*
 * Frames of the stream (section 3). Only the length delimits a frame: what looks like a start
 * inside a payload is none. A header that cannot be is taken back but for its first byte, and its
 * bytes are looked at again.
 */
#include "frame.h"

#include <string.h>

#define START_1 0x94
#define START_2 0xc3

void meshtcp_frame_init(struct frame_reader *r)
{
	memset(r, 0, sizeof(*r));
}

bool meshtcp_frame_partial(const struct frame_reader *r)
{
	return r->size > 0;
}

/* Length of the UTF-8 sequence at the start, 0 when it is none. */
static size_t utf8_length(const uint8_t *s, size_t size)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc2 ? 2 : 0;
	uint32_t code;

	if (n < 2)
		return n;
	if (n > size || s[0] > 0xf4)
		return 0;
	code = s[0] & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	return code < least[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : n;
}

static void clean_text(struct frame_reader *r)
{
	for (size_t i = 0; i < r->text_size;) {
		size_t n = utf8_length((const uint8_t *)r->text + i, r->text_size - i);

		/* A NUL would hide the rest. */
		if (n == 0 || r->text[i] == '\0')
			r->text[i] = '?';
		i += n > 0 ? n : 1;
	}
	r->text[r->text_size] = '\0';
	r->text_size = 0;
}

/* A byte outside a frame. Returns whether it ended a line. */
static bool add_text(struct frame_reader *r, uint8_t byte)
{
	r->skipped++;
	/* The wake-up bytes of somebody are no text: only before the rest of a character is that
	 * byte the beginning of a line. */
	if (r->text_size == 1 && (uint8_t)r->text[0] == START_2 && (byte & 0xc0) != 0x80)
		r->text_size = 0;
	if (byte == '\r')
		return false;
	if (byte != '\n')
		r->text[r->text_size++] = (char)byte;
	if (r->text_size == FRAME_MAX_TEXT || (byte == '\n' && r->text_size > 0)) {
		clean_text(r);
		return true;
	}
	return false;
}

static size_t payload_size(const struct frame_reader *r)
{
	return (size_t)r->buffer[2] << 8 | r->buffer[3];
}

/* The buffer cannot be a frame: its first byte is text, the rest is looked at again. */
static bool reject(struct frame_reader *r)
{
	bool line = add_text(r, r->buffer[0]);

	r->size--;
	memmove(r->buffer, r->buffer + 1, r->size);
	return line;
}

/* Does what is in the buffer contradict a frame? */
static bool wrong(const struct frame_reader *r)
{
	if (r->size >= 1 && r->buffer[0] != START_1)
		return true;
	if (r->size >= 2 && r->buffer[1] != START_2)
		return true;
	return r->size >= FRAME_HEADER_BYTES && payload_size(r) > FRAME_MAX_PAYLOAD;
}

static bool whole(const struct frame_reader *r)
{
	return r->size >= FRAME_HEADER_BYTES && r->size >= FRAME_HEADER_BYTES + payload_size(r);
}

/* How many more bytes the buffer wants before it is looked at again. */
static size_t wanted(const struct frame_reader *r)
{
	if (r->size < FRAME_HEADER_BYTES)
		return 1;
	return FRAME_HEADER_BYTES + payload_size(r) - r->size;
}

static void fill(struct frame_reader *r, const uint8_t **data, size_t *size)
{
	size_t n = wanted(r);

	if (n > *size)
		n = *size;
	memcpy(r->buffer + r->size, *data, n);
	r->size += n;
	*data += n;
	*size -= n;
}

/* A frame that lies whole in the bytes needs no copy. */
static bool read_in_place(const uint8_t **data, size_t *size, struct frame *ret)
{
	const uint8_t *d = *data;
	size_t n;

	if (*size < FRAME_HEADER_BYTES || d[0] != START_1 || d[1] != START_2)
		return false;
	n = (size_t)d[2] << 8 | d[3];
	if (n > FRAME_MAX_PAYLOAD || *size < FRAME_HEADER_BYTES + n)
		return false;
	*ret = (struct frame){ .kind = FRAME_PAYLOAD, .data = d + FRAME_HEADER_BYTES, .size = n };
	*data += FRAME_HEADER_BYTES + n;
	*size -= FRAME_HEADER_BYTES + n;
	return true;
}

static void take(struct frame_reader *r, struct frame *ret)
{
	size_t payload = payload_size(r);
	size_t rest = r->size - FRAME_HEADER_BYTES - payload;

	*ret = (struct frame){ .kind = FRAME_PAYLOAD, .data = r->payload, .size = payload };
	memcpy(r->payload, r->buffer + FRAME_HEADER_BYTES, payload);
	memmove(r->buffer, r->buffer + FRAME_HEADER_BYTES + payload, rest);
	r->size = rest;
}

void meshtcp_frame_read(struct frame_reader *r, const uint8_t **data, size_t *size,
			struct frame *ret)
{
	*ret = (struct frame){ .kind = FRAME_NONE };
	for (;;) {
		if (r->size == 0 && read_in_place(data, size, ret))
			return;
		if (r->size > 0 && wrong(r)) {
			if (reject(r)) {
				*ret = (struct frame){ .kind = FRAME_TEXT, .text = r->text };
				return;
			}
			continue;
		}
		if (r->size > 0 && whole(r)) {
			take(r, ret);
			return;
		}
		if (*size == 0)
			return;
		fill(r, data, size);
	}
}

void meshtcp_frame_give_up(struct frame_reader *r)
{
	/* What cannot start a frame is rejected by the next call. */
	if (r->size > 0)
		r->buffer[0] = 0;
}

void meshtcp_frame_head(uint8_t *frame, size_t payload_size)
{
	frame[0] = START_1;
	frame[1] = START_2;
	frame[2] = (uint8_t)(payload_size >> 8);
	frame[3] = (uint8_t)payload_size;
}
