/* SPDX-License-Identifier: MIT */
/*
 * Init strings of vendors (section 9.3): a list of directory servers in letters, and perhaps the
 * key of the obfuscation behind a colon.
 */
#include "init_string.h"

#include <errno.h>
#include <string.h>

/* What a pair of letters is worth more than the byte, modulo 256. */
#define PAIR_OFFSET 1105
#define START       0x39

static const uint8_t mask[] = {
	/* clang-format off */
	0x49, 0x59, 0x43, 0x3d, 0xb5, 0xbf, 0x6d, 0xa3,
	0x47, 0x53, 0x4f, 0x61, 0x65, 0xe3, 0x71, 0xe9,
	0x67, 0x7f, 0x02, 0x03, 0x0b, 0xad, 0xb3, 0x89,
	0x2b, 0x2f, 0x35, 0xc1, 0x6b, 0x8b, 0x95, 0x97,
	0x11, 0xe5, 0xa7, 0x0d, 0xef, 0xf1, 0x05, 0x07,
	0x83, 0xfb, 0x9d, 0x3b, 0xc5, 0xc7, 0x13, 0x17,
	0x1d, 0x1f, 0x25, 0x29, 0xd3, 0xdf,
	/* clang-format on */
};

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* The bytes behind the letters, as text; -EINVAL for anything that is not one. */
static int decode(const char *text, size_t size, char *decoded)
{
	uint8_t chain = START;

	if (size == 0 || size % 2 != 0 || size / 2 > INIT_STRING_MAX)
		return -EINVAL;
	for (size_t i = 0; i < size / 2; i++) {
		char high = text[2 * i], low = text[2 * i + 1];
		uint8_t byte;

		if (!is_upper(high) || !is_upper(low))
			return -EINVAL;
		byte = (uint8_t)((unsigned)high * 16 + (unsigned)low - PAIR_OFFSET);
		byte ^= (uint8_t)(mask[i % sizeof(mask)] ^ chain);
		if (byte <= ' ' || byte > '~')
			return -EINVAL;
		chain ^= byte;
		decoded[i] = (char)byte;
	}
	decoded[size / 2] = '\0';
	return 0;
}

static int split(const char *decoded, struct init_string *ret)
{
	while (*decoded) {
		const char *comma = strchr(decoded, ',');
		size_t size = comma ? (size_t)(comma - decoded) : 0;

		/* An entry is taken when its comma is met. */
		if (size == 0 || ret->count == INIT_STRING_SERVERS)
			return -EINVAL;
		memcpy(ret->servers[ret->count], decoded, size);
		ret->servers[ret->count++][size] = '\0';
		decoded = comma + 1;
	}
	return ret->count > 0 ? 0 : -EINVAL;
}

static int take_key(const char *key, struct init_string *ret)
{
	size_t size = strlen(key);

	if (size > PPCS_MAX_KEY)
		return -EINVAL;
	for (size_t i = 0; i < size; i++)
		if (key[i] < ' ' || key[i] > '~')
			return -EINVAL;
	memcpy(ret->key, key, size + 1);
	return 0;
}

int ppcs_init_string_parse(const char *text, struct init_string *ret)
{
	size_t size = strcspn(text, ":");
	char decoded[INIT_STRING_MAX + 1];
	int error;

	memset(ret, 0, sizeof(*ret));
	error = decode(text, size, decoded);
	if (error == 0)
		error = split(decoded, ret);
	if (error == 0 && text[size] == ':')
		error = take_key(text + size + 1, ret);
	return error;
}
