/* SPDX-License-Identifier: MIT */
#ifndef MESHTCP_FRAME_H
#define MESHTCP_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Frames of the stream (section 3). */
#define FRAME_HEADER_BYTES 4
#define FRAME_MAX_PAYLOAD  512
#define FRAME_MAX_BYTES    (FRAME_HEADER_BYTES + FRAME_MAX_PAYLOAD)
/** Longest line of debug text that is kept. */
#define FRAME_MAX_TEXT 400

/** Finds frames in a stream, and debug text between them. */
struct frame_reader {
	uint8_t buffer[FRAME_MAX_BYTES]; /**< of a frame that is not whole yet */
	uint8_t payload[FRAME_MAX_PAYLOAD];
	size_t size;
	char text[FRAME_MAX_TEXT + 1]; /**< a line that is not whole yet */
	size_t text_size;
	uint64_t skipped; /**< bytes outside frames, ever */
};

/** What was found. */
enum frame_kind {
	FRAME_NONE, /**< all bytes are taken */
	FRAME_PAYLOAD,
	FRAME_TEXT
};

struct frame {
	enum frame_kind kind;
	const uint8_t *data; /**< of the payload, valid until the next call */
	size_t size;
	const char *text; /**< one line, UTF-8 */
};

void meshtcp_frame_init(struct frame_reader *r);
/**
 * Take the next frame or line.
 * @param data  advanced, as is SIZE, behind what was taken
 */
void meshtcp_frame_read(struct frame_reader *r, const uint8_t **data, size_t *size,
			struct frame *ret);
/** @return whether a frame is begun and not whole. */
bool meshtcp_frame_partial(const struct frame_reader *r);
/** It will never be whole: look for another one in its bytes from the second on. Call
 *  meshtcp_frame_read() until FRAME_NONE afterwards, with no bytes. */
void meshtcp_frame_give_up(struct frame_reader *r);

/** Put a header before a payload. @param frame  FRAME_HEADER_BYTES, then the payload */
void meshtcp_frame_head(uint8_t *frame, size_t payload_size);

#endif
