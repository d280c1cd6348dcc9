/* SPDX-License-Identifier: MIT */
/*
 * Device ids: their 20 bytes and their text (section 3.3). The check code is not checked: only the
 * directory servers can.
 */
#include "uid.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MAX_LETTERS 7

const struct uid ppcs_uid_access_point = { .prefix = "LBCS", .serial = 0, .check = "CCCJJ" };

bool ppcs_uid_same(const struct uid *a, const struct uid *b)
{
	return memcmp(a->prefix, b->prefix, sizeof(a->prefix)) == 0 && a->serial == b->serial &&
	       memcmp(a->check, b->check, sizeof(a->check)) == 0;
}

bool ppcs_uid_empty(const struct uid *uid)
{
	return uid->prefix[0] == '\0';
}

static bool is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* The next part of the text: characters of one kind, or with a dash before it, letters and digits.
 * Returns how many of them, 0 when there are too many or none. */
static size_t take(const char **at, bool (*kind)(char), size_t max, char *part)
{
	size_t n = 0;

	while (kind(**at)) {
		if (n == max)
			return 0;
		part[n++] = upper(*(*at)++);
	}
	part[n] = '\0';
	return n;
}

static bool is_either(char c)
{
	return is_letter(c) || is_digit(c);
}

static bool sound(const char letters[8])
{
	size_t n = 0;

	while (n < 8 && is_either(letters[n]))
		n++;
	return n > 0 && n < 8 && letters[n] == '\0';
}

bool ppcs_uid_sound(const struct uid *uid)
{
	return is_letter(uid->prefix[0]) && sound(uid->prefix) && sound(uid->check);
}

static bool parse_serial(const char *digits, uint32_t *ret)
{
	uint64_t value = 0;

	for (; *digits; digits++)
		value = value * 10 + (uint64_t)(*digits - '0');
	*ret = (uint32_t)value;
	return value <= UINT32_MAX;
}

int ppcs_uid_parse(const char *text, struct uid *ret)
{
	struct uid uid = { .serial = 0 };
	char digits[11];
	bool dashes = strchr(text, '-') != NULL;

	/* With dashes a prefix may have digits; without them they would be the serial number's. */
	if (!is_letter(*text) ||
	    take(&text, dashes ? is_either : is_letter, MAX_LETTERS, uid.prefix) == 0)
		return -EINVAL;
	if (dashes && *text++ != '-')
		return -EINVAL;
	if (take(&text, is_digit, 10, digits) == 0 || !parse_serial(digits, &uid.serial))
		return -EINVAL;
	if (dashes && *text++ != '-')
		return -EINVAL;
	if (take(&text, dashes ? is_either : is_letter, MAX_LETTERS, uid.check) == 0 ||
	    *text != '\0')
		return -EINVAL;
	*ret = uid;
	return 0;
}

static void printable(char to[8], const char from[8])
{
	for (unsigned i = 0; i < 8; i++)
		to[i] = from[i] == '\0' || is_either(from[i]) ? from[i] : '?';
	to[7] = '\0';
}

void ppcs_uid_text(const struct uid *uid, char text[PPCS_UID_BYTES])
{
	char prefix[8], check[8];

	printable(prefix, uid->prefix);
	printable(check, uid->check);
	snprintf(text, PPCS_UID_BYTES, "%s-%06u-%s", prefix, uid->serial, check);
}

/* Eight bytes, of which those behind the first NUL are noise. */
static void read_letters(struct cmn_reader *r, char letters[8])
{
	const uint8_t *bytes = cmn_reader_bytes(r, 8);

	memset(letters, 0, 8);
	for (unsigned i = 0; bytes && i < 8 && bytes[i]; i++)
		letters[i] = (char)bytes[i];
}

void ppcs_uid_read(struct cmn_reader *r, struct uid *ret)
{
	read_letters(r, ret->prefix);
	ret->serial = cmn_reader_u32be(r);
	read_letters(r, ret->check);
}

void ppcs_uid_write(struct cmn_writer *w, const struct uid *uid)
{
	cmn_writer_bytes(w, (const uint8_t *)uid->prefix, sizeof(uid->prefix));
	cmn_writer_u32be(w, uid->serial);
	cmn_writer_bytes(w, (const uint8_t *)uid->check, sizeof(uid->check));
}

int ppcs_uid_normalise(const char *text, char ret_uid[PPCS_UID_BYTES])
{
	struct uid uid;

	if (!text || !ret_uid || ppcs_uid_parse(text, &uid) < 0)
		return -EINVAL;
	ppcs_uid_text(&uid, ret_uid);
	return 0;
}
