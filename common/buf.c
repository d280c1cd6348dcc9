/* SPDX-License-Identifier: MIT */
/*
 * Growable byte buffer with an upper bound. The content moves to the front only when at least as
 * many bytes were taken before it; else the memory is doubled. So a byte is moved a constant number
 * of times, also while the buffer is full.
 */
#include "buf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 64

void cmn_buf_init(struct cmn_buf *b, size_t max)
{
	*b = (struct cmn_buf){ .max = max };
}

void cmn_buf_free(struct cmn_buf *b)
{
	free(b->data);
	*b = (struct cmn_buf){ .max = b->max };
}

static int grow(struct cmn_buf *b, size_t needed)
{
	size_t most = b->max > SIZE_MAX / 2 ? SIZE_MAX : 2 * b->max;
	size_t capacity = b->capacity > most / 2 ? most : 2 * b->capacity;
	uint8_t *data;

	if (capacity < FIRST_CAPACITY)
		capacity = FIRST_CAPACITY;
	if (capacity < needed)
		capacity = needed;
	data = realloc(b->data, capacity);
	if (!data)
		return -ENOMEM;
	b->data = data;
	b->capacity = capacity;
	return 0;
}

int cmn_buf_append(struct cmn_buf *b, const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (size > b->max - b->size)
		return -ENOBUFS;
	if (b->head >= b->size && b->head > 0 && b->head + b->size + size > b->capacity) {
		memmove(b->data, b->data + b->head, b->size);
		b->head = 0;
	}
	if (b->head + b->size + size > b->capacity && grow(b, b->head + b->size + size) < 0)
		return -ENOMEM;
	memcpy(b->data + b->head + b->size, data, size);
	b->size += size;
	return 0;
}

const uint8_t *cmn_buf_data(const struct cmn_buf *b)
{
	return b->data ? b->data + b->head : NULL;
}

size_t cmn_buf_len(const struct cmn_buf *b)
{
	return b->size;
}

void cmn_buf_consume(struct cmn_buf *b, size_t size)
{
	if (size >= b->size) {
		cmn_buf_clear(b);
		return;
	}
	b->head += size;
	b->size -= size;
}

void cmn_buf_clear(struct cmn_buf *b)
{
	b->head = 0;
	b->size = 0;
}
