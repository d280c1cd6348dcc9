/* SPDX-License-Identifier: MIT */
/*
 * Reader of conversation files, whose format tests/vectors/README.md describes. It forgives
 * nothing: an unknown kind of line or setting, a key that cannot be one, upper case hex or a blank
 * too many is an error with its line.
 */
#ifndef TESTS_HARNESS_VECTORS_H
#define TESTS_HARNESS_VECTORS_H

#include <stddef.h>
#include <stdint.h>

/** One line that is not empty. */
struct vectors_step {
	char kind;           /**< one of # ! : > < = */
	unsigned line;       /**< its number, from 1 */
	unsigned connection; /**< of > and <: 1 to 99; else 0 */
	const char *text;    /**< behind the kind and a blank; of > and <: "" */
	const uint8_t *data; /**< of > and <, at least one byte; else NULL */
	size_t size;
};

/** A whole file. */
struct vectors {
	struct vectors_step *steps;
	size_t count;
	char *storage;   /**< of all texts and bytes */
	char error[200]; /**< what is wrong, after a failure: FILE:LINE: TEXT */
};

/**
 * Read a file of at most 4 MiB.
 * @param ret  to be given to vectors_free() on success; on failure only its error is set
 * @return 0, -EBADMSG when a line is wrong, or a negative errno
 */
int vectors_load(struct vectors *ret, const char *path);

/** The same from memory; name is for error messages. */
int vectors_parse(struct vectors *ret, const char *name, const char *text, size_t size);

void vectors_free(struct vectors *v);

#endif
