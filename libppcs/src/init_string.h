/* SPDX-License-Identifier: MIT */
#ifndef PPCS_INIT_STRING_H
#define PPCS_INIT_STRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ppcs/ppcs.h>

/** Most servers that a string may name, and most bytes of their list. */
#define INIT_STRING_SERVERS 3
#define INIT_STRING_MAX     255

struct init_string {
	char servers[INIT_STRING_SERVERS][INIT_STRING_MAX + 1]; /**< addresses or names */
	unsigned count;
	char key[PPCS_MAX_KEY + 1]; /**< "" = none named */
};

/** @return 0, or -EINVAL when it is no such string */
int ppcs_init_string_parse(const char *text, struct init_string *ret);

#endif
