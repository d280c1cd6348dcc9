/* SPDX-License-Identifier: MIT */
/* A message as a tree of named fields: built up from what comes, and from what could come. */
#include "tools/meshtcp/fields.h"

#include <string.h>

/* Highest number of a field that is looked for, at the top and within. */
#define NUMBER_MAX       255
#define INNER_NUMBER_MAX 8

static int find(const struct fields *f, int parent, uint32_t number)
{
	for (int i = 0; i < f->count; i++)
		if (f->item[i].parent == parent && f->item[i].field.number == number)
			return i;
	return -1;
}

/* The place of a field: a new one, or that of its last value. -1 when there is no room. */
static int place(struct fields *f, int parent, const struct meshtcp_field *field)
{
	int i = find(f, parent, field->number);

	/* The first element of a list takes the place of its default. */
	if (i >= 0 && (!field->repeated || !f->item[i].is_set))
		return i;
	if (f->count == FIELDS_MAX)
		return -1;
	f->item[f->count].parent = parent;
	return f->count++;
}

static void set_default(struct meshtcp_field *field)
{
	field->data = NULL;
	field->size = 0;
}

/* Where the walk stands: the messages around the field at hand. */
struct way {
	int parent[MESHTCP_MAX_DEPTH + 1];
	unsigned depth;
	unsigned skipped; /* messages that had no room, and what is in them */
};

static void add_field(struct fields *f, struct way *way, const struct meshtcp_field *field,
		      bool is_set)
{
	bool begins = field->kind == MESHTCP_FIELD_BEGIN;
	int i;

	if (way->skipped > 0 || *field->name == '\0') {
		way->skipped += begins;
		return;
	}
	i = place(f, way->parent[way->depth], field);
	/* A list is empty by default, whatever its elements are. */
	if (i < 0 || (begins && field->repeated && !is_set))
		way->skipped += begins;
	else if (begins)
		way->parent[++way->depth] = i;
	if (i < 0)
		return;
	f->item[i].field = *field;
	f->item[i].is_set = is_set;
	if (!is_set)
		set_default(&f->item[i].field);
}

static bool add(struct fields *f, const struct meshtcp_schema *schema, const uint8_t *data,
		size_t size, bool is_set)
{
	struct way way = { .parent = { FIELDS_TOP } };
	const struct meshtcp_field *field;
	struct meshtcp_walker w;

	meshtcp_walker_init(&w, schema, data, size);
	while ((field = meshtcp_walker_next(&w)) != NULL) {
		if (field->kind != MESHTCP_FIELD_END)
			add_field(f, &way, field, is_set);
		else if (way.skipped > 0)
			way.skipped--;
		else
			way.depth--;
	}
	return !meshtcp_walker_failed(&w);
}

bool fields_add(struct fields *f, const struct meshtcp_schema *schema, const uint8_t *data,
		size_t size)
{
	return add(f, schema, data, size, true);
}

static size_t put_tag(uint8_t *to, unsigned number, unsigned wire)
{
	unsigned tag = number << 3 | wire;

	if (tag < 0x80) {
		to[0] = (uint8_t)tag;
		return 1;
	}
	to[0] = (uint8_t)(tag | 0x80);
	to[1] = (uint8_t)(tag >> 7);
	return 2;
}

/* One field in each form that it could have on the wire, empty but for a message in it. */
static size_t put_all_forms(uint8_t *to, unsigned number, const uint8_t *inner, uint8_t size)
{
	size_t n = put_tag(to, number, 0);

	to[n++] = 0;
	n += put_tag(to + n, number, 5);
	memset(to + n, 0, 4);
	n += 4;
	n += put_tag(to + n, number, 2);
	to[n++] = size;
	if (size > 0)
		memcpy(to + n, inner, size);
	return n + size;
}

/* The walker tells the names of the fields that come: so let all come that there could be. */
void fields_add_defaults(struct fields *f, const struct meshtcp_schema *schema)
{
	uint8_t inner[INNER_NUMBER_MAX * 9], message[sizeof(inner) + 16];
	size_t size = 0;

	_Static_assert(sizeof(inner) < 0x80, "its size is one byte");
	for (unsigned number = 1; number <= INNER_NUMBER_MAX; number++)
		size += put_all_forms(inner + size, number, NULL, 0);
	for (unsigned number = 1; number <= NUMBER_MAX; number++)
		add(f, schema, message, put_all_forms(message, number, inner, (uint8_t)size),
		    false);
}

int fields_find(const struct fields *f, const char *path)
{
	int parent = FIELDS_TOP;

	for (;;) {
		size_t len = strcspn(path, ".");
		int i = 0;

		while (i < f->count &&
		       (f->item[i].parent != parent || strlen(f->item[i].field.name) != len ||
			memcmp(f->item[i].field.name, path, len) != 0))
			i++;
		if (i == f->count)
			return -1;
		if (path[len] == '\0')
			return i;
		parent = i;
		path += len + 1;
	}
}
