/* SPDX-License-Identifier: MIT */
/* Protobuf by hand; see wire.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire.h"

#include <stdio.h>
#include <string.h>

void wire_raw(struct wire *w, const void *data, size_t size)
{
	assert_true(w->size + size <= sizeof(w->data));
	if (size > 0)
		memcpy(w->data + w->size, data, size);
	w->size += size;
}

void wire_hex(struct wire *w, const char *hex)
{
	while (*hex) {
		unsigned byte;
		uint8_t value;

		assert_int_equal(sscanf(hex, "%2x", &byte), 1);
		value = (uint8_t)byte;
		wire_raw(w, &value, 1);
		hex += 2;
	}
}

static void varint(struct wire *w, uint64_t value)
{
	do {
		uint8_t byte = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));

		wire_raw(w, &byte, 1);
		value >>= 7;
	} while (value > 0);
}

void wire_number(struct wire *w, unsigned field, uint64_t value)
{
	varint(w, field * 8);
	varint(w, value);
}

void wire_fixed(struct wire *w, unsigned field, uint32_t value)
{
	uint8_t bytes[4] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
			     (uint8_t)(value >> 24) };

	varint(w, field * 8 + 5);
	wire_raw(w, bytes, sizeof(bytes));
}

void wire_float(struct wire *w, unsigned field, float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof(bits));
	wire_fixed(w, field, bits);
}

void wire_bytes(struct wire *w, unsigned field, const void *data, size_t size)
{
	varint(w, field * 8 + 2);
	varint(w, size);
	wire_raw(w, data, size);
}

void wire_text(struct wire *w, unsigned field, const char *text)
{
	wire_bytes(w, field, text, strlen(text));
}

void wire_message(struct wire *w, unsigned field, const struct wire *inner)
{
	wire_bytes(w, field, inner->data, inner->size);
}

void wire_frame(struct wire *w, const struct wire *payload)
{
	uint8_t head[4] = { 0x94, 0xc3, (uint8_t)(payload->size >> 8), (uint8_t)payload->size };

	wire_raw(w, head, sizeof(head));
	wire_raw(w, payload->data, payload->size);
}

struct field {
	unsigned number, type;
	uint64_t value;
	const uint8_t *data;
};

static bool take_varint(const uint8_t **at, const uint8_t *end, uint64_t *ret)
{
	*ret = 0;
	for (unsigned shift = 0; *at < end && shift < 70; shift += 7) {
		uint8_t byte = *(*at)++;

		*ret |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return true;
	}
	return false;
}

static bool take_field(const uint8_t **at, const uint8_t *end, struct field *ret)
{
	uint64_t tag;
	size_t width;

	if (!take_varint(at, end, &tag) || tag < 8)
		return false;
	ret->number = (unsigned)(tag >> 3);
	ret->type = tag & 7;
	if (ret->type == 0)
		return take_varint(at, end, &ret->value);
	if (ret->type == 2 && !take_varint(at, end, &ret->value))
		return false;
	if (ret->type != 1 && ret->type != 2 && ret->type != 5)
		return false;
	width = ret->type == 2 ? (size_t)ret->value : ret->type == 1 ? 8 : 4;
	if (width > (size_t)(end - *at))
		return false;
	ret->data = *at;
	if (ret->type != 2) {
		ret->value = 0;
		for (size_t i = 0; i < width; i++)
			ret->value |= (uint64_t)(*at)[i] << (8 * i);
	}
	*at += width;
	return true;
}

bool wire_find_number(const uint8_t *data, size_t size, unsigned field, uint64_t *ret)
{
	const uint8_t *end = data + size;
	bool found = false;
	struct field f;

	while (data < end && take_field(&data, end, &f)) {
		if (f.number != field || f.type == 2)
			continue;
		*ret = f.value;
		found = true;
	}
	return found;
}

bool wire_find_bytes(const uint8_t *data, size_t size, unsigned field, const uint8_t **ret_data,
		     size_t *ret_size)
{
	const uint8_t *end = data + size;
	bool found = false;
	struct field f;

	while (data < end && take_field(&data, end, &f)) {
		if (f.number != field || f.type != 2)
			continue;
		*ret_data = f.data;
		*ret_size = (size_t)f.value;
		found = true;
	}
	return found;
}

bool wire_is_ordered(const uint8_t *data, size_t size)
{
	const uint8_t *end = data + size;
	unsigned last = 0;
	struct field f;

	while (data < end) {
		if (!take_field(&data, end, &f) || f.number <= last)
			return false;
		last = f.number;
	}
	return true;
}
