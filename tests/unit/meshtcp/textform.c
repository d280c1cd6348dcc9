/* SPDX-License-Identifier: MIT */
/* Reader of the text form of protobuf; see textform.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "textform.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct reader {
	const char *at;
	void (*fn)(const struct text_field *field, void *userdata);
	void *userdata;
};

static void blanks(struct reader *r)
{
	while (*r->at == ' ')
		r->at++;
}

static uint8_t escaped(struct reader *r)
{
	static const char letters[] = "nrt\\\"'", values[] = "\n\r\t\\\"'";
	const char *known;
	unsigned value = 0;

	if (*r->at >= '0' && *r->at <= '7') {
		for (unsigned i = 0; i < 3 && *r->at >= '0' && *r->at <= '7'; i++)
			value = value * 8 + (unsigned)(*r->at++ - '0');
		return (uint8_t)value;
	}
	known = strchr(letters, *r->at++);
	assert_non_null(known);
	return (uint8_t)values[known - letters];
}

static void string(struct reader *r, struct text_field *f)
{
	f->is_string = true;
	for (r->at++; *r->at != '"';) {
		char c = *r->at++;

		assert_true(c != '\0' && f->size < sizeof(f->data));
		f->data[f->size++] = c == '\\' ? escaped(r) : (uint8_t)c;
	}
	r->at++;
}

static void value(struct reader *r, struct text_field *f)
{
	size_t n = 0;

	if (*r->at == '"') {
		string(r, f);
	} else {
		for (; *r->at && *r->at != ' '; n++) {
			assert_true(n + 1 < sizeof(f->value));
			f->value[n] = *r->at++;
		}
	}
	r->fn(f, r->userdata);
}

static void fields(struct reader *r, const char *prefix, unsigned depth)
{
	assert_true(depth < 8);
	for (blanks(r); *r->at && *r->at != '}'; blanks(r)) {
		struct text_field f = { .size = 0 };
		size_t before = strlen(prefix), n = strcspn(r->at, ": {");

		assert_true(before + 1 + n < sizeof(f.path));
		memcpy(f.path, prefix, before);
		if (before > 0)
			f.path[before++] = '.';
		memcpy(f.path + before, r->at, n);
		r->at += n;
		if (*r->at == ':') {
			r->at++;
			blanks(r);
			value(r, &f);
			continue;
		}
		blanks(r);
		assert_int_equal(*r->at, '{');
		r->at++;
		fields(r, f.path, depth + 1);
		assert_int_equal(*r->at, '}');
		r->at++;
	}
}

void textform_each(const char *text, void (*fn)(const struct text_field *field, void *userdata),
		   void *userdata)
{
	struct reader r = { text, fn, userdata };

	fields(&r, "", 0);
	assert_int_equal(*r.at, '\0');
}
