/* SPDX-License-Identifier: MIT */
/* Bytes as the protocol sheet prints them, and the two session keys of its section 13. */
#ifndef TESTS_IPCOM_HEX_H
#define TESTS_IPCOM_HEX_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "cipher.h"

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

/** Key P behaves like an observed device. */
static inline struct cipher cipher_p(void)
{
	struct cipher c = { .mode = CIPHER_SESSION };

	for (unsigned i = 0; i < CIPHER_KEY_BYTES; i++)
		c.key[i] = (uint8_t)(0x2f + 7 * i);
	c.key[120] = 0x06;
	c.key[127] = 0x10;
	return c;
}

/** Key Q belongs to an unrelated device. */
static inline struct cipher cipher_q(void)
{
	struct cipher c = { .mode = CIPHER_SESSION };

	for (unsigned i = 0; i < CIPHER_KEY_BYTES; i++)
		c.key[i] = (uint8_t)(0xa5 ^ (13 * i));
	return c;
}

#endif
