/* SPDX-License-Identifier: MIT */
/*
 * Reader of conversation files. The text is copied once; steps point into the copy, where lines are
 * cut apart and hex digits are replaced by the bytes that they mean.
 */
#include "tests/harness/vectors.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE_BYTES ((size_t)4 << 20)
#define MAX_KEY_SIZE   20

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Replace pairs of digits by bytes. Returns what is wrong, or NULL. */
static const char *take_hex(struct vectors_step *step, char *text)
{
	uint8_t *bytes = (uint8_t *)text;
	size_t size = 0;

	for (const char *p = text; *p; p += 2) {
		while (*p == ' ')
			p++;
		if (hex_digit(p[0]) < 0)
			return "bytes must be pairs of lower case hexadecimal digits";
		if (hex_digit(p[1]) < 0)
			return "half a byte";
		bytes[size++] = (uint8_t)(hex_digit(p[0]) << 4 | hex_digit(p[1]));
	}
	step->data = bytes;
	step->size = size;
	step->text = "";
	return NULL;
}

/* The number between the arrow and its blank; moves *text behind it. */
static unsigned take_connection(char **text)
{
	unsigned number = 0;
	char *p = *text;

	if (*p < '1' || *p > '9')
		return 1;
	while (p < *text + 2 && *p >= '0' && *p <= '9')
		number = number * 10 + (unsigned)(*p++ - '0');
	*text = p;
	return number;
}

/* One word of what an obfuscation key may consist of. */
static bool is_key(const char *text)
{
	size_t size = strlen(text);

	for (size_t i = 0; i < size; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	return size >= 1 && size <= MAX_KEY_SIZE;
}

static bool known_setting(const char *text)
{
	if (strncmp(text, "key ", 4) == 0)
		return is_key(text + 4);
	return strcmp(text, "style regular") == 0 || strcmp(text, "style detailed") == 0 ||
	       strcmp(text, "telemetry") == 0 || (strncmp(text, "sim ", 4) == 0 && text[4] != ' ');
}

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == 127;
}

static const char *take_line(struct vectors_step *step, char *line, size_t size)
{
	char *text = line + 1;

	for (size_t i = 0; i < size; i++)
		if (is_control(line[i]))
			return "control character";
	if (line[size - 1] == ' ')
		return "blank at the end";
	step->kind = line[0];
	if (!strchr("#!:><=", step->kind))
		return "unknown kind of line";
	if (step->kind == '>' || step->kind == '<')
		step->connection = take_connection(&text);
	if (step->kind == '#' && *text == '\0') {
		step->text = text;
		return NULL;
	}
	if (text[0] != ' ' || (text[1] == ' ' && step->kind != '#'))
		return "one blank has to stand behind the kind";
	step->text = text + 1;
	if (step->kind == '!' && !known_setting(step->text))
		return "unknown setting";
	if (step->kind == '>' || step->kind == '<')
		return take_hex(step, text + 1);
	return NULL;
}

static int take_lines(struct vectors *v, const char *name, char *text, char *end)
{
	const char *wrong = NULL;
	char *next;

	for (unsigned number = 1; text < end; number++, text = next) {
		char *newline = memchr(text, '\n', (size_t)(end - text));

		if (!newline) {
			wrong = "the last line has no end";
		} else if (newline > text) {
			v->steps[v->count].line = number;
			*newline = '\0';
			wrong = take_line(&v->steps[v->count++], text, (size_t)(newline - text));
		}
		if (wrong) {
			snprintf(v->error, sizeof(v->error), "%s:%u: %s", name, number, wrong);
			return -EBADMSG;
		}
		next = newline + 1;
	}
	return 0;
}

static size_t lines_of(const char *text, size_t size)
{
	size_t count = 0;

	for (size_t i = 0; i < size; i++)
		count += text[i] == '\n';
	return count;
}

static int fail(struct vectors *v, const char *name, int err)
{
	snprintf(v->error, sizeof(v->error), "%s: %s", name, strerror(err));
	return -err;
}

int vectors_parse(struct vectors *ret, const char *name, const char *text, size_t size)
{
	int err;

	memset(ret, 0, sizeof(*ret));
	if (size > MAX_FILE_BYTES)
		return fail(ret, name, EFBIG);
	ret->storage = malloc(size + 1);
	ret->steps = calloc(lines_of(text, size) + 1, sizeof(*ret->steps));
	if (!ret->storage || !ret->steps) {
		vectors_free(ret);
		return fail(ret, name, ENOMEM);
	}
	memcpy(ret->storage, text, size);
	err = take_lines(ret, name, ret->storage, ret->storage + size);
	if (err < 0)
		vectors_free(ret);
	return err;
}

int vectors_load(struct vectors *ret, const char *path)
{
	FILE *file = fopen(path, "rb");
	char *text;
	size_t size;
	int err;

	memset(ret, 0, sizeof(*ret));
	if (!file)
		return fail(ret, path, errno);
	text = malloc(MAX_FILE_BYTES + 1);
	if (!text) {
		fclose(file);
		return fail(ret, path, ENOMEM);
	}
	size = fread(text, 1, MAX_FILE_BYTES + 1, file);
	err = ferror(file) ? fail(ret, path, EIO) : vectors_parse(ret, path, text, size);
	free(text);
	fclose(file);
	return err;
}

void vectors_free(struct vectors *v)
{
	free(v->steps);
	free(v->storage);
	v->steps = NULL;
	v->storage = NULL;
	v->count = 0;
}
