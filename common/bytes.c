/* SPDX-License-Identifier: MIT */
/*
 * Bounds-checked cursors. All access goes through cmn_reader_bytes() and reserve(), so that there
 * is one comparison to get right in each direction.
 */
#include "bytes.h"

#include <string.h>

void cmn_reader_init(struct cmn_reader *r, const uint8_t *data, size_t size)
{
	/* Never NULL: that is the sign of a failure, and no pointer to add to. */
	*r = (struct cmn_reader){ .data = data ? data : (const uint8_t *)"", .size = size };
}

const uint8_t *cmn_reader_bytes(struct cmn_reader *r, size_t size)
{
	const uint8_t *bytes;

	if (r->failed || size > r->size - r->pos) {
		r->failed = true;
		return NULL;
	}
	bytes = r->data + r->pos;
	r->pos += size;
	return bytes;
}

uint8_t cmn_reader_u8(struct cmn_reader *r)
{
	const uint8_t *b = cmn_reader_bytes(r, 1);

	return b ? b[0] : 0;
}

uint16_t cmn_reader_u16be(struct cmn_reader *r)
{
	const uint8_t *b = cmn_reader_bytes(r, 2);

	return (uint16_t)(b ? b[0] << 8 | b[1] : 0);
}

uint16_t cmn_reader_u16le(struct cmn_reader *r)
{
	const uint8_t *b = cmn_reader_bytes(r, 2);

	return (uint16_t)(b ? b[1] << 8 | b[0] : 0);
}

uint32_t cmn_reader_u32be(struct cmn_reader *r)
{
	const uint8_t *b = cmn_reader_bytes(r, 4);

	return b ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3] : 0;
}

uint32_t cmn_reader_u32le(struct cmn_reader *r)
{
	const uint8_t *b = cmn_reader_bytes(r, 4);

	return b ? (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0] : 0;
}

int cmn_reader_peek(const struct cmn_reader *r)
{
	return cmn_reader_left(r) > 0 ? r->data[r->pos] : -1;
}

size_t cmn_reader_left(const struct cmn_reader *r)
{
	return r->failed ? 0 : r->size - r->pos;
}

void cmn_writer_init(struct cmn_writer *w, uint8_t *data, size_t size)
{
	w->data = data;
	w->size = size;
	w->pos = 0;
	w->failed = false;
}

/* Room for SIZE bytes, or NULL. */
static uint8_t *reserve(struct cmn_writer *w, size_t size)
{
	uint8_t *room;

	if (w->failed || size > w->size - w->pos) {
		w->failed = true;
		return NULL;
	}
	room = w->data + w->pos;
	w->pos += size;
	return room;
}

void cmn_writer_bytes(struct cmn_writer *w, const uint8_t *data, size_t size)
{
	uint8_t *room;

	if (size == 0)
		return;
	room = reserve(w, size);
	if (room)
		memcpy(room, data, size);
}

void cmn_writer_text(struct cmn_writer *w, const char *text)
{
	cmn_writer_bytes(w, (const uint8_t *)text, strlen(text));
}

void cmn_writer_u8(struct cmn_writer *w, uint8_t value)
{
	cmn_writer_bytes(w, &value, 1);
}

void cmn_writer_u16be(struct cmn_writer *w, uint16_t value)
{
	const uint8_t bytes[] = { (uint8_t)(value >> 8), (uint8_t)value };

	cmn_writer_bytes(w, bytes, sizeof(bytes));
}

void cmn_writer_u16le(struct cmn_writer *w, uint16_t value)
{
	const uint8_t bytes[] = { (uint8_t)value, (uint8_t)(value >> 8) };

	cmn_writer_bytes(w, bytes, sizeof(bytes));
}

void cmn_writer_u32be(struct cmn_writer *w, uint32_t value)
{
	const uint8_t bytes[] = { (uint8_t)(value >> 24), (uint8_t)(value >> 16),
				  (uint8_t)(value >> 8), (uint8_t)value };

	cmn_writer_bytes(w, bytes, sizeof(bytes));
}

void cmn_writer_u32le(struct cmn_writer *w, uint32_t value)
{
	const uint8_t bytes[] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
				  (uint8_t)(value >> 24) };

	cmn_writer_bytes(w, bytes, sizeof(bytes));
}
