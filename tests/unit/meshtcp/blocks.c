/* SPDX-License-Identifier: MIT */
/* Reader of the vector file; see blocks.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "blocks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t block_unhex(const char *text, uint8_t *to, size_t room)
{
	size_t size = strlen(text) / 2;

	assert_int_equal(strlen(text) % 2, 0);
	assert_true(size <= room);
	for (size_t i = 0; i < size; i++) {
		unsigned byte;

		assert_int_equal(sscanf(text + 2 * i, "%2x", &byte), 1);
		to[i] = (uint8_t)byte;
	}
	return size;
}

static void copy(char *to, size_t room, const char *text)
{
	assert_true(strlen(text) < room);
	strcpy(to, text);
}

static void add_expect(struct block *b, char *text)
{
	char *value = strchr(text, '=');

	assert_non_null(value);
	assert_true(b->expect_count < BLOCK_EXPECTS);
	*value++ = '\0';
	copy(b->expects[b->expect_count].path, sizeof(b->expects[0].path), text);
	copy(b->expects[b->expect_count].value, sizeof(b->expects[0].value), value);
	b->expect_count++;
}

static void take_line(struct block *b, char *line)
{
	if (strncmp(line, "kind: ", 6) == 0)
		copy(b->kind, sizeof(b->kind), line + 6);
	else if (strncmp(line, "hex: ", 5) == 0)
		b->size = block_unhex(line + 5, b->data, sizeof(b->data));
	else if (strncmp(line, "expect: ", 8) == 0)
		add_expect(b, line + 8);
	else
		assert_int_equal(strncmp(line, "means: ", 7), 0);
}

size_t blocks_each(const char *path, void (*fn)(const struct block *block, void *userdata),
		   void *userdata)
{
	struct block *b = calloc(1, sizeof(*b));
	FILE *file = fopen(path, "r");
	char line[2400];
	size_t count = 0;

	assert_non_null(b);
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		char *end = strchr(line, '\n');

		assert_non_null(end);
		*end = '\0';
		if (line[0] == '#' || line[0] == '\0')
			continue;
		if (line[0] != '[') {
			take_line(b, line);
			continue;
		}
		if (count++ > 0)
			fn(b, userdata);
		memset(b, 0, sizeof(*b));
		*strchr(line, ']') = '\0';
		copy(b->name, sizeof(b->name), line + 1);
	}
	if (count > 0)
		fn(b, userdata);
	fclose(file);
	free(b);
	return count;
}

const char *block_value(const struct block *block, const char *path)
{
	for (size_t i = 0; i < block->expect_count; i++)
		if (strcmp(block->expects[i].path, path) == 0)
			return block->expects[i].value;
	return NULL;
}
