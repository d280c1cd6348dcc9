/* SPDX-License-Identifier: MIT */
/* A tree of fields as JSON or as text; some fields mean more than their number says. */
#include "tools/meshtcp/fields.h"
#include "tools/meshtcp/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define STARS          "***"
#define NAME_MAX_BYTES 200
#define DEGREES        7 /* decimals of a coordinate */

/* Fields that are told in another form than that of the wire. */
enum meaning {
	PLAIN,
	TIME,   /* seconds since 1970, 0 = unknown */
	DEGREE, /* 1e-7 degrees, told without the "_i" of its name */
	NODE    /* a node number: text shows it as such */
};

static const struct {
	const char *name;
	enum meaning meaning;
	const char *told; /* NULL: the same */
} meanings[] = {
	{ "time", TIME, NULL },
	{ "timestamp", TIME, NULL },
	{ "last_rx_time", TIME, NULL },
	{ "latitude_i", DEGREE, "latitude" },
	{ "longitude_i", DEGREE, "longitude" },
	{ "node_id", NODE, NULL },
	{ "last_sent_by_id", NODE, NULL },
	{ "route", NODE, NULL },
	{ "route_back", NODE, NULL },
};

static enum meaning meaning_of(const struct meshtcp_field *field, const char **ret_name)
{
	*ret_name = field->name;
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		if (strcmp(meanings[i].name, field->name) != 0)
			continue;
		if (meanings[i].told)
			*ret_name = meanings[i].told;
		return meanings[i].meaning;
	}
	return PLAIN;
}

/* A key that is not there is no secret. */
static bool is_hidden(const struct meshtcp_field *field, bool show_keys)
{
	bool empty = field->kind == MESHTCP_FIELD_TEXT || field->kind == MESHTCP_FIELD_BYTES ?
			     field->size == 0 :
			     field->value.u == 0;

	return field->secret && !show_keys && !empty;
}

static void json_value(struct cli_json *json, const char *key, const struct meshtcp_field *field)
{
	switch (field->kind) {
	case MESHTCP_FIELD_UINT:
		cli_json_uint(json, key, field->value.u);
		break;
	case MESHTCP_FIELD_INT:
		cli_json_int(json, key, field->value.i);
		break;
	case MESHTCP_FIELD_BOOL:
		cli_json_bool(json, key, field->value.u != 0);
		break;
	case MESHTCP_FIELD_ENUM:
		word_json(json, key, field->word, (uint32_t)field->value.u);
		break;
	case MESHTCP_FIELD_FLOAT:
		cli_json_float(json, key, (float)field->value.f);
		break;
	case MESHTCP_FIELD_TEXT:
		cli_json_text(json, key, field->data, field->size);
		break;
	default:
		cli_json_hex(json, key, field->data, field->size);
		break;
	}
}

/* A value, a message or an element of a list, which has no key of its own. */
static void json_one(struct cli_json *json, const char *key, const struct fields *f, int index,
		     bool show_keys)
{
	const struct meshtcp_field *field = &f->item[index].field;
	const char *name;
	enum meaning meaning = meaning_of(field, &name);

	if (field->kind == MESHTCP_FIELD_BEGIN) {
		cli_json_object(json, key);
		fields_json(json, f, index, show_keys);
		cli_json_end(json);
	} else if (is_hidden(field, show_keys)) {
		cli_json_string(json, key, STARS);
	} else if (meaning == TIME && field->kind == MESHTCP_FIELD_UINT && key) {
		time_json(json, key, (uint32_t)field->value.u);
	} else if (meaning == DEGREE && field->kind == MESHTCP_FIELD_INT) {
		cli_json_fixed(json, key, field->value.i, DEGREES);
	} else {
		json_value(json, key, field);
	}
}

/* Is this the next element of the same list? */
static bool is_element(const struct fields *f, int first, int i)
{
	return f->item[i].is_set && f->item[i].parent == f->item[first].parent &&
	       f->item[i].field.number == f->item[first].field.number;
}

static void json_list(struct cli_json *json, const char *key, const struct fields *f, int first,
		      bool show_keys)
{
	cli_json_array(json, key);
	for (int i = first; i < f->count; i++)
		if (is_element(f, first, i))
			json_one(json, NULL, f, i, show_keys);
	cli_json_end(json);
}

/* Lists are told with their first element. */
static bool comes_first(const struct fields *f, int index)
{
	for (int i = 0; i < index; i++)
		if (f->item[i].parent == f->item[index].parent &&
		    f->item[i].field.number == f->item[index].field.number)
			return false;
	return true;
}

void fields_json_item(struct cli_json *json, const char *key, const struct fields *f, int index,
		      bool show_keys)
{
	if (f->item[index].field.repeated)
		json_list(json, key, f, index, show_keys);
	else
		json_one(json, key, f, index, show_keys);
}

void fields_json(struct cli_json *json, const struct fields *f, int parent, bool show_keys)
{
	const char *name;

	for (int i = 0; i < f->count; i++) {
		if (f->item[i].parent != parent || !comes_first(f, i))
			continue;
		meaning_of(&f->item[i].field, &name);
		fields_json_item(json, name, f, i, show_keys);
	}
}

static void text_number(const struct meshtcp_field *field, enum meaning meaning,
			struct cli_text *to)
{
	char word[WORD_MAX], node[MESHTCP_NODE_TEXT];
	uint32_t number = (uint32_t)field->value.u;

	if (meaning == TIME)
		cli_text_puts(to, time_text(number, word));
	else if (meaning == NODE) {
		meshtcp_node_text(number, node);
		cli_text_puts(to, node);
	} else if (field->kind == MESHTCP_FIELD_ENUM)
		cli_text_puts(to, word_text(field->word, number, word));
	else
		cli_text_printf(to, "%" PRIu64, field->value.u);
}

static void text_degrees(int64_t value, struct cli_text *to)
{
	int64_t size = value < 0 ? -value : value;

	cli_text_printf(to, "%s%" PRId64 ".%07" PRId64, value < 0 ? "-" : "", size / 10000000,
			size % 10000000);
}

static void text_one(const struct meshtcp_field *field, bool show_keys, struct cli_text *to)
{
	char number[CLI_FLOAT_MAX];
	const char *name;
	enum meaning meaning = meaning_of(field, &name);

	if (is_hidden(field, show_keys)) {
		cli_text_puts(to, STARS);
		return;
	}
	switch (field->kind) {
	case MESHTCP_FIELD_INT:
		if (meaning == DEGREE)
			text_degrees(field->value.i, to);
		else
			cli_text_printf(to, "%" PRId64, field->value.i);
		break;
	case MESHTCP_FIELD_BOOL:
		cli_text_puts(to, field->value.u != 0 ? "true" : "false");
		break;
	case MESHTCP_FIELD_FLOAT:
		cli_float_text((float)field->value.f, number);
		cli_text_puts(to, number);
		break;
	case MESHTCP_FIELD_TEXT:
		cli_text_harmless(to, field->data, field->size);
		break;
	case MESHTCP_FIELD_BYTES:
		for (size_t i = 0; i < field->size; i++)
			cli_text_printf(to, "%02x", field->data[i]);
		break;
	default:
		text_number(field, meaning, to);
		break;
	}
}

void fields_value(const struct fields *f, int index, bool show_keys, struct cli_text *value)
{
	bool first = true;

	if (!f->item[index].field.repeated) {
		text_one(&f->item[index].field, show_keys, value);
		return;
	}
	for (int i = index; i < f->count; i++) {
		if (!is_element(f, index, i))
			continue;
		if (!first)
			cli_text_puts(value, ",");
		text_one(&f->item[i].field, show_keys, value);
		first = false;
	}
}

/* How many of its list stand before it. */
static unsigned position(const struct fields *f, int index)
{
	unsigned count = 0;

	for (int i = 0; i < index; i++)
		count += is_element(f, index, i);
	return count;
}

static int tell_value(const struct fields *f, int index, const char *path, bool show_keys,
		      fields_fn *fn, void *userdata)
{
	struct cli_text value = { 0 };
	int ret;

	if (!comes_first(f, index))
		return 0;
	fields_value(f, index, show_keys, &value);
	ret = fn(userdata, path, &value);
	cli_text_free(&value);
	return ret;
}

static int tell(const struct fields *f, int index, const char *before, bool show_keys,
		fields_fn *fn, void *userdata)
{
	const struct meshtcp_field *field = &f->item[index].field;
	char path[NAME_MAX_BYTES], number[WORD_MAX] = "";
	const char *name;

	meaning_of(field, &name);
	if (field->kind == MESHTCP_FIELD_BEGIN && field->repeated) {
		if (!f->item[index].is_set)
			return 0;
		snprintf(number, sizeof(number), ".%u", position(f, index));
	}
	snprintf(path, sizeof(path), "%s%s%s%s", before, *before ? "." : "", name, number);
	if (field->kind == MESHTCP_FIELD_BEGIN)
		return fields_each(f, index, path, show_keys, fn, userdata);
	return tell_value(f, index, path, show_keys, fn, userdata);
}

int fields_each(const struct fields *f, int parent, const char *path, bool show_keys, fields_fn *fn,
		void *userdata)
{
	int ret = 0;

	for (int i = 0; i < f->count && ret == 0; i++)
		if (f->item[i].parent == parent)
			ret = tell(f, i, path, show_keys, fn, userdata);
	return ret;
}
