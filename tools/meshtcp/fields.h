/* SPDX-License-Identifier: MIT */
/*
 * A message as a tree of named fields, printed as JSON or as text. What is not known is left out,
 * of two values of one field the last one counts, secrets are shown as stars unless asked for.
 */
#ifndef TOOLS_MESHTCP_FIELDS_H
#define TOOLS_MESHTCP_FIELDS_H

#include "tools/cli/json.h"
#include "tools/cli/text.h"

#include <meshtcp/meshtcp.h>

/* A message has fewer bytes than that. */
#define FIELDS_MAX 640
#define FIELDS_TOP (-1)

struct fields_item {
	struct meshtcp_field field;
	int parent;  /* index of the message around it, or FIELDS_TOP */
	bool is_set; /* not only the default */
};

/* Zero it first. It refers to the messages that were added. */
struct fields {
	struct fields_item item[FIELDS_MAX];
	int count;
};

/* Adds the fields of a message; false when it was torn, with the fields before that. */
bool fields_add(struct fields *f, const struct meshtcp_schema *schema, const uint8_t *data,
		size_t size);
/* Adds all fields that the schema knows, with what they are when they do not come. To go first. */
void fields_add_defaults(struct fields *f, const struct meshtcp_schema *schema);

/* The field of a name with dots between; -1 when there is none. */
int fields_find(const struct fields *f, const char *path);

/* The fields of the message at `parent` into the object that is open. */
void fields_json(struct cli_json *json, const struct fields *f, int parent, bool show_keys);
/* One field, by this key. */
void fields_json_item(struct cli_json *json, const char *key, const struct fields *f, int index,
		      bool show_keys);

/* Called for each value with its name, dots between, and its text. Not 0 ends it. */
typedef int fields_fn(void *userdata, const char *path, const struct cli_text *value);
int fields_each(const struct fields *f, int parent, const char *path, bool show_keys, fields_fn *fn,
		void *userdata);
/* One field that is no message, as fields_each() would tell it. */
void fields_value(const struct fields *f, int index, bool show_keys, struct cli_text *value);

#endif
