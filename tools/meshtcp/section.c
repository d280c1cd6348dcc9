/* SPDX-License-Identifier: MIT */
/* Sections of the configuration: their names, and what is in them. */
#include "tools/meshtcp/section.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MODULE "module."

bool section_next(struct section *section)
{
	section->number++;
	if (meshtcp_section_name(section->kind, section->number))
		return true;
	if (section->kind == MESHTCP_MODULE)
		return false;
	section->kind = MESHTCP_MODULE;
	section->number = 1;
	return true;
}

/* Does the word begin with this name? */
static bool begins(const char *word, const char *name, const char **ret_rest)
{
	size_t len = strlen(name);

	if (strncmp(word, name, len) != 0)
		return false;
	word += len;
	if (*word == '\0') {
		*ret_rest = word;
		return true;
	}
	*ret_rest = word + 1;
	return word[0] == '.' && word[1] != '\0';
}

int section_parse(const char *word, struct section *section, const char **ret_rest)
{
	bool module = strncmp(word, MODULE, strlen(MODULE)) == 0;

	if (module)
		word += strlen(MODULE);
	section->kind = module ? MESHTCP_MODULE : MESHTCP_CONFIG;
	section->number = 0;
	while (section_next(section))
		if (begins(word, meshtcp_section_name(section->kind, section->number), ret_rest))
			return 0;
	return -ENOENT;
}

const char *section_label(const struct section *section, char label[WHY_MAX])
{
	const char *name = meshtcp_section_name(section->kind, section->number);
	bool clash = false;

	for (unsigned i = 1; section->kind == MESHTCP_MODULE; i++) {
		const char *other = meshtcp_section_name(MESHTCP_CONFIG, i);

		if (!other)
			break;
		clash |= strcmp(other, name) == 0;
	}
	snprintf(label, WHY_MAX, "%s%s", clash ? MODULE : "", name);
	return label;
}

static void decode(struct section *section)
{
	const struct meshtcp_schema *schema =
		meshtcp_schema_for_section(section->kind, section->number);

	section->fields.count = 0;
	if (!schema)
		return;
	fields_add_defaults(&section->fields, schema);
	fields_add(&section->fields, schema, section->data, section->size);
}

void section_clear(struct section *section)
{
	section->size = 0;
	decode(section);
}

/* From the download. */
static int read_own(const struct link *link, struct section *section)
{
	int size = meshtcp_get_section(link->m, section->kind, section->number, section->data,
				       sizeof(section->data));

	if (size > (int)sizeof(section->data))
		return -EBADMSG;
	if (size < 0)
		return size;
	section->size = (size_t)size;
	return 0;
}

static int read_other(struct link *link, uint32_t node, struct section *section,
		      const struct meshtcp_event **ret_event)
{
	uint32_t id;
	int err;

	link_expect(link);
	err = meshtcp_read_section(link->m, node, section->kind, section->number, &id);
	if (!err)
		err = link_await(link, id, ret_event);
	if (err)
		return link_reason(link, err);
	if ((*ret_event)->size > sizeof(section->data))
		return -EBADMSG;
	section->size = (*ret_event)->size;
	if (section->size > 0)
		memcpy(section->data, (*ret_event)->data, section->size);
	return 0;
}

int section_read(struct link *link, uint32_t node, struct section *section,
		 const struct meshtcp_event **ret_event)
{
	int err;

	*ret_event = NULL;
	err = node == MESHTCP_LOCAL ? read_own(link, section) :
				      read_other(link, node, section, ret_event);
	if (!err)
		decode(section);
	return err;
}

int section_set(struct section *section, const char *field, const char *value)
{
	int size = meshtcp_field_set(meshtcp_schema_for_section(section->kind, section->number),
				     section->data, section->size, sizeof(section->data), field,
				     value);

	if (size < 0)
		return size;
	section->size = (size_t)size;
	decode(section);
	return 0;
}
