/* SPDX-License-Identifier: MIT */
#ifndef TESTS_MESHTCP_BLOCKS_H
#define TESTS_MESHTCP_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

/** The blocks of tests/vectors/meshtcp-vectors.txt. */

#define BLOCK_EXPECTS 24

struct block {
	char name[48];
	char kind[16];
	uint8_t data[1100];
	size_t size;
	struct {
		char path[80];
		char value[1100];
	} expects[BLOCK_EXPECTS];
	size_t expect_count;
};

/** Call FN with each block of a file, in order. Fails the test when the file is wrong. @return how
 *  many */
size_t blocks_each(const char *path, void (*fn)(const struct block *block, void *userdata),
		   void *userdata);
/** @return the value of the first expectation with this path, or NULL */
const char *block_value(const struct block *block, const char *path);
/** @return the length; the bytes of a text in hex */
size_t block_unhex(const char *text, uint8_t *to, size_t room);

#endif
