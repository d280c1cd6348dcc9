/* SPDX-License-Identifier: MIT */
/*
 * What fuzz targets share: the entry point that libFuzzer and replay_main.c call, a property that
 * must hold, and an input that is read from its front.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** A property; not assert(), because a release build has to keep it. */
#define must(condition)                                                                  \
	do {                                                                             \
		if (!(condition)) {                                                      \
			fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, \
				#condition);                                             \
			abort();                                                         \
		}                                                                        \
	} while (0)

/** What is left of an input. */
struct input {
	const uint8_t *data;
	size_t size;
};

/** @return the next byte; 0 at the end. */
static inline unsigned take_byte(struct input *in)
{
	if (in->size == 0)
		return 0;
	in->size--;
	return *in->data++;
}

/** @return two bytes, high one first. */
static inline unsigned take_word(struct input *in)
{
	unsigned high = take_byte(in);

	return high << 8 | take_byte(in);
}

/** @return at most SIZE bytes as an input of their own. */
static inline struct input take_bytes(struct input *in, size_t size)
{
	struct input part = { in->data, size < in->size ? size : in->size };

	in->data += part.size;
	in->size -= part.size;
	return part;
}

#endif
