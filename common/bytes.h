/* SPDX-License-Identifier: MIT */
#ifndef COMMON_BYTES_H
#define COMMON_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Bounds-checked cursors over bytes of somebody else. Errors stick: a decoder reads straight down
 * and asks once, at the end, whether all of it was there.
 */

/** Reads; after the first read past the end all reads give 0 or NULL. */
struct cmn_reader {
	const uint8_t *data;
	size_t size, pos;
	bool failed;
};

/** @param data  may be NULL when SIZE is 0 */
void cmn_reader_init(struct cmn_reader *r, const uint8_t *data, size_t size);
uint8_t cmn_reader_u8(struct cmn_reader *r);
uint16_t cmn_reader_u16be(struct cmn_reader *r);
uint16_t cmn_reader_u16le(struct cmn_reader *r);
uint32_t cmn_reader_u32be(struct cmn_reader *r);
uint32_t cmn_reader_u32le(struct cmn_reader *r);
/** @return SIZE bytes inside the data; NULL only after a failure. */
const uint8_t *cmn_reader_bytes(struct cmn_reader *r, size_t size);
/** @return the next byte without taking it, or -1 at the end. */
int cmn_reader_peek(const struct cmn_reader *r);
/** @return bytes not read yet; 0 after a failure. */
size_t cmn_reader_left(const struct cmn_reader *r);

/** Writes; what does not fit is left out whole, and all after it. */
struct cmn_writer {
	uint8_t *data;
	size_t size, pos;
	bool failed;
};

void cmn_writer_init(struct cmn_writer *w, uint8_t *data, size_t size);
void cmn_writer_u8(struct cmn_writer *w, uint8_t value);
void cmn_writer_u16be(struct cmn_writer *w, uint16_t value);
void cmn_writer_u16le(struct cmn_writer *w, uint16_t value);
void cmn_writer_u32be(struct cmn_writer *w, uint32_t value);
void cmn_writer_u32le(struct cmn_writer *w, uint32_t value);
void cmn_writer_bytes(struct cmn_writer *w, const uint8_t *data, size_t size);
/** A NUL-terminated text without its NUL. */
void cmn_writer_text(struct cmn_writer *w, const char *text);

#endif
