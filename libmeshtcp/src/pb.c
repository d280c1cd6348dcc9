/* SPDX-License-Identifier: MIT */
/* Protobuf on the wire: tags, varints, fixed numbers, length-delimited bytes. */
#include "pb.h"

#include <string.h>

#define MAX_VARINT_BYTES 10

void meshtcp_pb_reader_init(struct pb_reader *r, const uint8_t *data, size_t size)
{
	*r = (struct pb_reader){ .data = data, .size = size };
}

static uint64_t varint(struct pb_reader *r)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < MAX_VARINT_BYTES && r->pos < r->size; i++) {
		uint8_t byte = r->data[r->pos++];

		value |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (!(byte & 0x80))
			return value;
	}
	r->failed = true;
	return 0;
}

static uint64_t fixed(struct pb_reader *r, size_t size)
{
	uint64_t value = 0;

	if (r->size - r->pos < size) {
		r->failed = true;
		return 0;
	}
	for (size_t i = 0; i < size; i++)
		value |= (uint64_t)r->data[r->pos++] << (8 * i);
	return value;
}

static void bytes(struct pb_reader *r, struct pb_value *ret)
{
	uint64_t size = varint(r);

	if (r->failed || size > r->size - r->pos) {
		r->failed = true;
		return;
	}
	ret->data = r->data + r->pos;
	ret->size = (size_t)size;
	r->pos += (size_t)size;
}

bool meshtcp_pb_next(struct pb_reader *r, struct pb_value *ret)
{
	uint64_t tag;

	if (r->failed || r->pos >= r->size)
		return false;
	tag = varint(r);
	*ret = (struct pb_value){ .number = (uint32_t)(tag >> 3), .wire = (enum pb_wire)(tag & 7) };
	if (tag >> 3 == 0 || tag >> 3 > UINT32_MAX)
		r->failed = true;
	if (r->failed)
		return false;
	switch (ret->wire) {
	case PB_VARINT:
		ret->scalar = varint(r);
		break;
	case PB_FIXED64:
		ret->scalar = fixed(r, 8);
		break;
	case PB_FIXED32:
		ret->scalar = fixed(r, 4);
		break;
	case PB_BYTES:
		bytes(r, ret);
		break;
	default:
		r->failed = true;
		break;
	}
	return !r->failed;
}

bool meshtcp_pb_packed(struct pb_reader *r, enum pb_wire wire, uint64_t *ret)
{
	if (r->failed || r->pos >= r->size)
		return false;
	if (wire == PB_VARINT)
		*ret = varint(r);
	else
		*ret = fixed(r, wire == PB_FIXED32 ? 4 : 8);
	return !r->failed;
}

int32_t meshtcp_pb_s32(uint64_t scalar)
{
	uint32_t n = (uint32_t)scalar;

	return (int32_t)(n >> 1 ^ (0U - (n & 1)));
}

float meshtcp_pb_float(uint64_t scalar)
{
	uint32_t bits = (uint32_t)scalar;
	float value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

void meshtcp_pb_writer_init(struct pb_writer *w, uint8_t *data, size_t size)
{
	memset(w, 0, sizeof(*w));
	w->data = data;
	w->size = size;
}

static void put(struct pb_writer *w, const void *data, size_t size)
{
	if (w->failed || w->size - w->pos < size) {
		w->failed = true;
		return;
	}
	if (size > 0)
		memcpy(w->data + w->pos, data, size);
	w->pos += size;
}

static size_t encode_varint(uint64_t value, uint8_t to[MAX_VARINT_BYTES])
{
	size_t n = 0;

	while (value >= 0x80) {
		to[n++] = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	to[n++] = (uint8_t)value;
	return n;
}

static size_t encode_tag(uint32_t number, enum pb_wire wire, uint8_t to[MAX_VARINT_BYTES])
{
	return encode_varint((uint64_t)number << 3 | (uint64_t)wire, to);
}

void meshtcp_pb_put_varint(struct pb_writer *w, uint32_t number, uint64_t value)
{
	uint8_t field[2 * MAX_VARINT_BYTES];
	size_t size = encode_tag(number, PB_VARINT, field);

	size += encode_varint(value, field + size);
	put(w, field, size);
}

static void put_fixed(struct pb_writer *w, uint32_t number, enum pb_wire wire, uint64_t value)
{
	uint8_t field[MAX_VARINT_BYTES + 8];
	size_t size = encode_tag(number, wire, field);
	size_t width = wire == PB_FIXED32 ? 4 : 8;

	for (size_t i = 0; i < width; i++)
		field[size++] = (uint8_t)(value >> (8 * i));
	put(w, field, size);
}

void meshtcp_pb_put_fixed32(struct pb_writer *w, uint32_t number, uint32_t value)
{
	put_fixed(w, number, PB_FIXED32, value);
}

void meshtcp_pb_put_fixed64(struct pb_writer *w, uint32_t number, uint64_t value)
{
	put_fixed(w, number, PB_FIXED64, value);
}

void meshtcp_pb_put_bytes(struct pb_writer *w, uint32_t number, const void *data, size_t size)
{
	uint8_t head[2 * MAX_VARINT_BYTES];
	size_t head_size = encode_tag(number, PB_BYTES, head);

	head_size += encode_varint(size, head + head_size);
	if (w->size - w->pos < head_size + size)
		w->failed = true;
	put(w, head, head_size);
	put(w, data, size);
}

void meshtcp_pb_put_text(struct pb_writer *w, uint32_t number, const char *text)
{
	meshtcp_pb_put_bytes(w, number, text, strlen(text));
}

void meshtcp_pb_put_i32(struct pb_writer *w, uint32_t number, int32_t value)
{
	meshtcp_pb_put_varint(w, number, (uint64_t)(int64_t)value);
}

void meshtcp_pb_put_value(struct pb_writer *w, const struct pb_value *value)
{
	switch (value->wire) {
	case PB_VARINT:
		meshtcp_pb_put_varint(w, value->number, value->scalar);
		break;
	case PB_BYTES:
		meshtcp_pb_put_bytes(w, value->number, value->data, value->size);
		break;
	default:
		put_fixed(w, value->number, value->wire, value->scalar);
		break;
	}
}

uint32_t meshtcp_pb_zigzag(int32_t value)
{
	return (uint32_t)value << 1 ^ (0U - (uint32_t)(value < 0));
}

uint32_t meshtcp_pb_float_bits(float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits;
}
