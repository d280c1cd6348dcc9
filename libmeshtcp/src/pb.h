/* SPDX-License-Identifier: MIT */
#ifndef MESHTCP_PB_H
#define MESHTCP_PB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Protobuf on the wire (section 4): the four wire types that are in use, and nothing above them.
 *  */

enum pb_wire {
	PB_VARINT = 0,
	PB_FIXED64 = 1,
	PB_BYTES = 2,
	PB_FIXED32 = 5
};

/** One field as it stands on the wire. */
struct pb_value {
	uint32_t number;
	enum pb_wire wire;
	uint64_t scalar;     /**< of all but PB_BYTES */
	const uint8_t *data; /**< of PB_BYTES, inside the message */
	size_t size;
};

/** Reads the fields of one message in their order; an error sticks. */
struct pb_reader {
	const uint8_t *data;
	size_t size, pos;
	bool failed;
};

/** @param data  may be NULL when SIZE is 0 */
void meshtcp_pb_reader_init(struct pb_reader *r, const uint8_t *data, size_t size);
/** @return whether there was one more whole field. */
bool meshtcp_pb_next(struct pb_reader *r, struct pb_value *ret);
/** The next element of a packed list of this wire type. @return false at its end or when it is torn
 *  (then the reader has failed) */
bool meshtcp_pb_packed(struct pb_reader *r, enum pb_wire wire, uint64_t *ret);

/** What a scalar means. */
int32_t meshtcp_pb_s32(uint64_t scalar);
float meshtcp_pb_float(uint64_t scalar);

/** Writes fields; what does not fit is left out whole, and all after it. */
struct pb_writer {
	uint8_t *data;
	size_t size, pos;
	bool failed;
};

void meshtcp_pb_writer_init(struct pb_writer *w, uint8_t *data, size_t size);
void meshtcp_pb_put_varint(struct pb_writer *w, uint32_t number, uint64_t value);
void meshtcp_pb_put_fixed32(struct pb_writer *w, uint32_t number, uint32_t value);
void meshtcp_pb_put_fixed64(struct pb_writer *w, uint32_t number, uint64_t value);
void meshtcp_pb_put_bytes(struct pb_writer *w, uint32_t number, const void *data, size_t size);
void meshtcp_pb_put_text(struct pb_writer *w, uint32_t number, const char *text);
/** A signed number as it is written: ten bytes when it is negative. */
void meshtcp_pb_put_i32(struct pb_writer *w, uint32_t number, int32_t value);
/** A field exactly as it was read. */
void meshtcp_pb_put_value(struct pb_writer *w, const struct pb_value *value);
uint32_t meshtcp_pb_zigzag(int32_t value);
uint32_t meshtcp_pb_float_bits(float value);

#endif
