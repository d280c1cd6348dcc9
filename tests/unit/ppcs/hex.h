/* SPDX-License-Identifier: MIT */
/* Bytes as the protocol sheet prints them. */
#ifndef TESTS_PPCS_HEX_H
#define TESTS_PPCS_HEX_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/** Read pairs of digits, blanks between them. @return how many bytes */
static inline size_t from_hex(const char *text, uint8_t *bytes, size_t room)
{
	size_t size = 0;

	while (*text != '\0' && size < room) {
		char pair[3] = { text[0], text[1], '\0' };

		if (*text == ' ') {
			text++;
			continue;
		}
		bytes[size++] = (uint8_t)strtoul(pair, NULL, 16);
		text += 2;
	}
	return size;
}

#endif
