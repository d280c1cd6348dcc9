/* SPDX-License-Identifier: MIT */
#ifndef COMMON_BUF_H
#define COMMON_BUF_H

#include <stddef.h>
#include <stdint.h>

/** A byte buffer that grows up to a bound; bytes are taken from its front. */
struct cmn_buf {
	uint8_t *data;
	size_t head; /**< where the content begins */
	size_t size; /**< of the content */
	size_t capacity;
	size_t max;
};

/** Start empty, without memory; never holds more than MAX bytes, in memory of up to twice that. */
void cmn_buf_init(struct cmn_buf *b, size_t max);
void cmn_buf_free(struct cmn_buf *b);
/** Append all or nothing. @return 0, -ENOBUFS above the bound, -ENOMEM */
int cmn_buf_append(struct cmn_buf *b, const uint8_t *data, size_t size);
/** @return the content; valid until the next append. */
const uint8_t *cmn_buf_data(const struct cmn_buf *b);
size_t cmn_buf_len(const struct cmn_buf *b);
/** Take SIZE bytes (at most all) from the front. */
void cmn_buf_consume(struct cmn_buf *b, size_t size);
void cmn_buf_clear(struct cmn_buf *b);

#endif
