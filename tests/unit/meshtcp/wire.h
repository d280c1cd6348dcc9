/* SPDX-License-Identifier: MIT */
#ifndef TESTS_MESHTCP_WIRE_H
#define TESTS_MESHTCP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Messages by hand, without the library's own codec: what a test compares it with. */

#define WIRE_MAX 2048

struct wire {
	uint8_t data[WIRE_MAX];
	size_t size;
};

/** Append bytes as they are. */
void wire_raw(struct wire *w, const void *data, size_t size);
void wire_hex(struct wire *w, const char *hex);
/** Append a field; `wire_number` also writes 0. */
void wire_number(struct wire *w, unsigned field, uint64_t value);
void wire_fixed(struct wire *w, unsigned field, uint32_t value);
void wire_float(struct wire *w, unsigned field, float value);
void wire_bytes(struct wire *w, unsigned field, const void *data, size_t size);
void wire_text(struct wire *w, unsigned field, const char *text);
/** Append a message within. */
void wire_message(struct wire *w, unsigned field, const struct wire *inner);
/** Append a header and a payload. */
void wire_frame(struct wire *w, const struct wire *payload);

/** @return whether the field is there; the last one of a number counts. */
bool wire_find_number(const uint8_t *data, size_t size, unsigned field, uint64_t *ret);
bool wire_find_bytes(const uint8_t *data, size_t size, unsigned field, const uint8_t **ret_data,
		     size_t *ret_size);
/** @return whether all of it is sound, with its fields in ascending order. */
bool wire_is_ordered(const uint8_t *data, size_t size);

#endif
