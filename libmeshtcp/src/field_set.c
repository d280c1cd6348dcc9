/* SPDX-License-Identifier: MIT */
/*
 * One field of a message changed and all else left as it is, what is unknown included: a node sets
 * back what does not come with a section.
 */
#include <meshtcp/fields.h>

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pb.h"
#include "schema.h"

#define MAX_MESSAGE 512

static int parse_u64(const char *text, uint64_t max, uint64_t *ret)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*ret = strtoull(text, &end, strncmp(text, "0x", 2) == 0 ? 16 : 10);
	return *end != '\0' || errno != 0 || *ret > max ? -EINVAL : 0;
}

static int parse_i32(const char *text, int32_t *ret)
{
	bool negative = *text == '-';
	uint64_t value;

	if (parse_u64(text + negative, (uint64_t)INT32_MAX + negative, &value) < 0)
		return -EINVAL;
	*ret = (int32_t)(negative ? -(int64_t)value : (int64_t)value);
	return 0;
}

static int parse_bool(const char *text, uint64_t *ret)
{
	static const char *const yes[] = { "true", "yes", "on", "1" };
	static const char *const no[] = { "false", "no", "off", "0" };

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		*ret = strcmp(text, yes[i]) == 0;
		if (*ret || strcmp(text, no[i]) == 0)
			return 0;
	}
	return -EINVAL;
}

static int parse_enum(const struct schema_field *s, const char *text, uint64_t *ret)
{
	uint32_t number;

	if (!meshtcp_word_number(s->words, text, &number))
		return parse_u64(text, INT32_MAX, ret);
	*ret = number;
	return 0;
}

static int parse_float(const char *text, uint32_t *ret)
{
	char *end;
	float value = strtof(text, &end);

	if (end == text || *end != '\0' || isspace((unsigned char)*text) || !isfinite(value))
		return -EINVAL;
	*ret = meshtcp_pb_float_bits(value);
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int put_hex(struct pb_writer *w, uint32_t number, const char *text)
{
	uint8_t bytes[MAX_MESSAGE];
	size_t n = 0;

	for (; text[0]; text += 2) {
		int high = hex_digit(text[0]);
		int low = high < 0 ? -1 : hex_digit(text[1]);

		if (low < 0 || n == sizeof(bytes))
			return -EINVAL;
		bytes[n++] = (uint8_t)(high << 4 | low);
	}
	meshtcp_pb_put_bytes(w, number, bytes, n);
	return 0;
}

static int put_number(struct pb_writer *w, const struct schema_field *s, const char *value)
{
	uint64_t u = 0;
	int32_t i = 0;
	uint32_t bits = 0;
	int error;

	switch (s->type) {
	case TYPE_I32:
	case TYPE_S32:
	case TYPE_SFIX32:
		error = parse_i32(value, &i);
		break;
	case TYPE_BOOL:
		error = parse_bool(value, &u);
		break;
	case TYPE_ENUM:
		error = parse_enum(s, value, &u);
		break;
	case TYPE_FLOAT:
		error = parse_float(value, &bits);
		break;
	default:
		error = parse_u64(value, s->type == TYPE_U64 ? UINT64_MAX : UINT32_MAX, &u);
		break;
	}
	if (error < 0)
		return error;
	if (s->type == TYPE_I32)
		meshtcp_pb_put_i32(w, s->number, i);
	else if (s->type == TYPE_S32)
		meshtcp_pb_put_varint(w, s->number, meshtcp_pb_zigzag(i));
	else if (s->type == TYPE_SFIX32)
		meshtcp_pb_put_fixed32(w, s->number, (uint32_t)i);
	else if (s->type == TYPE_FLOAT)
		meshtcp_pb_put_fixed32(w, s->number, bits);
	else if (s->type == TYPE_FIX32)
		meshtcp_pb_put_fixed32(w, s->number, (uint32_t)u);
	else
		meshtcp_pb_put_varint(w, s->number, u);
	return 0;
}

static int put_value(struct pb_writer *w, const struct schema_field *s, const char *value)
{
	if (s->type == TYPE_TEXT) {
		meshtcp_pb_put_text(w, s->number, value);
		return 0;
	}
	return s->type == TYPE_BYTES ? put_hex(w, s->number, value) : put_number(w, s, value);
}

static int set_in(const struct meshtcp_schema *schema, const uint8_t *data, size_t size,
		  struct pb_writer *to, const char *name, const char *value);

/* The field in its new form: a value, or a message within that is changed in turn. OLD is what
 * stood there, or NULL. */
static int put_changed(struct pb_writer *to, const struct schema_field *s,
		       const struct pb_value *old, const char *rest, const char *value)
{
	uint8_t inner[MAX_MESSAGE];
	struct pb_writer w;
	int error;

	if (*rest == '\0')
		return put_value(to, s, value);
	meshtcp_pb_writer_init(&w, inner, sizeof(inner));
	error = set_in(s->message, old ? old->data : NULL, old ? old->size : 0, &w, rest, value);
	if (error == 0 && w.failed)
		error = -EMSGSIZE;
	if (error == 0)
		meshtcp_pb_put_bytes(to, s->number, inner, w.pos);
	return error;
}

static int set_in(const struct meshtcp_schema *schema, const uint8_t *data, size_t size,
		  struct pb_writer *to, const char *name, const char *value)
{
	size_t length = strcspn(name, ".");
	const char *rest = name[length] ? name + length + 1 : "";
	bool done = false;
	struct schema_field s;
	struct pb_reader r;
	struct pb_value v;
	int error = 0;

	if (!meshtcp_schema_named(schema, name, length, &s) ||
	    (s.type == TYPE_MESSAGE) != (name[length] == '.') || (name[length] == '.' && !*rest) ||
	    (*rest && !s.message))
		return -ENOENT;
	/* A list has no one value. */
	if (s.flags & SCHEMA_REPEATED)
		return -EINVAL;
	meshtcp_pb_reader_init(&r, data, size);
	while (error == 0 && meshtcp_pb_next(&r, &v)) {
		if (v.number == s.number && (*rest == '\0' || done))
			continue;
		if (!done && v.number >= s.number) {
			error = put_changed(to, &s, v.number == s.number ? &v : NULL, rest, value);
			done = true;
			if (v.number == s.number)
				continue;
		}
		meshtcp_pb_put_value(to, &v);
	}
	if (error == 0 && !done)
		error = put_changed(to, &s, NULL, rest, value);
	return error == 0 && r.failed ? -EBADMSG : error;
}

int meshtcp_field_set(const struct meshtcp_schema *schema, uint8_t *data, size_t size, size_t room,
		      const char *name, const char *value)
{
	uint8_t changed[MAX_MESSAGE];
	struct pb_writer w;
	int error;

	if (!schema || !name || !value || (!data && room > 0) || size > room)
		return -EINVAL;
	meshtcp_pb_writer_init(&w, changed, sizeof(changed));
	error = set_in(schema, data, size, &w, name, value);
	if (error < 0)
		return error;
	if (w.failed || w.pos > room)
		return -EMSGSIZE;
	if (w.pos > 0)
		memcpy(data, changed, w.pos);
	return (int)w.pos;
}
