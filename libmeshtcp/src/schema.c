/* SPDX-License-Identifier: MIT */
/* Looking things up in the tables: schemas of ports and sections, names of values. */
#include "schema.h"

#include <meshtcp/meshtcp.h>

#include <ctype.h>
#include <string.h>

static enum schema_type type_of(char letter)
{
	switch (letter) {
	case 'U':
		return TYPE_U64;
	case 'i':
		return TYPE_I32;
	case 's':
		return TYPE_S32;
	case 'b':
		return TYPE_BOOL;
	case 'e':
		return TYPE_ENUM;
	case 'x':
		return TYPE_FIX32;
	case 'y':
		return TYPE_SFIX32;
	case 'f':
		return TYPE_FLOAT;
	case 't':
		return TYPE_TEXT;
	case 'B':
		return TYPE_BYTES;
	case 'm':
		return TYPE_MESSAGE;
	default:
		return TYPE_U32;
	}
}

static const char *read_number(const char *at, uint32_t *ret)
{
	*ret = 0;
	for (; *at >= '0' && *at <= '9'; at++)
		*ret = *ret * 10 + (uint32_t)(*at - '0');
	return at;
}

/* Goes through a table: what `&` stands for is found by counting. */
struct cursor {
	const struct meshtcp_schema *schema;
	const char *at;
	unsigned messages, words;
};

static void refer(struct cursor *c, struct schema_field *f)
{
	if (f->type == TYPE_MESSAGE)
		f->message = c->schema->messages[c->messages++];
	else
		f->words = c->schema->words[c->words++];
}

static bool next(struct cursor *c, struct schema_field *f)
{
	if (*c->at == '\0')
		return false;
	*f = (struct schema_field){ .flags = 0 };
	c->at = read_number(c->at, &f->number);
	f->type = type_of(*c->at++);
	for (; *c->at != ' '; c->at++) {
		if (*c->at == '*')
			f->flags |= SCHEMA_REPEATED;
		else if (*c->at == '!')
			f->flags |= SCHEMA_SECRET;
		else
			refer(c, f);
	}
	f->name = c->at + 1;
	c->at = f->name + strlen(f->name) + 1;
	return true;
}

bool meshtcp_schema_find(const struct meshtcp_schema *schema, uint32_t number,
			 struct schema_field *ret)
{
	struct cursor c = { .schema = schema, .at = schema ? schema->fields : "" };

	while (next(&c, ret))
		if (ret->number == number)
			return true;
	return false;
}

bool meshtcp_schema_named(const struct meshtcp_schema *schema, const char *name, size_t size,
			  struct schema_field *ret)
{
	struct cursor c = { .schema = schema, .at = schema ? schema->fields : "" };

	while (next(&c, ret))
		if (strlen(ret->name) == size && memcmp(ret->name, name, size) == 0)
			return true;
	return false;
}

/* The next word of a list; false at its end. */
static bool next_word(const char **at, uint32_t *ret_number, const char **ret_name)
{
	if (**at == '\0')
		return false;
	*ret_name = read_number(*at, ret_number) + 1;
	*at = *ret_name + strlen(*ret_name) + 1;
	return true;
}

const char *meshtcp_word(const char *words, uint32_t number)
{
	const char *at = words ? words : "", *name;
	uint32_t found;

	while (next_word(&at, &found, &name))
		if (found == number)
			return name;
	return NULL;
}

static bool same_word(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (toupper((unsigned char)*a) != toupper((unsigned char)*b))
			return false;
	return *a == *b;
}

bool meshtcp_word_number(const char *words, const char *name, uint32_t *ret)
{
	const char *at = words ? words : "", *found;

	while (next_word(&at, ret, &found))
		if (same_word(found, name))
			return true;
	return false;
}

const struct meshtcp_schema *meshtcp_schema_for_port(unsigned port)
{
	static const struct {
		unsigned port;
		const struct meshtcp_schema *schema;
	} ports[] = {
		{ 2, &meshtcp_schema_hardware },
		{ MESHTCP_PORT_POSITION, &meshtcp_schema_position },
		{ MESHTCP_PORT_NODEINFO, &meshtcp_schema_user },
		{ MESHTCP_PORT_ROUTING, &meshtcp_schema_routing },
		{ MESHTCP_PORT_ADMIN, &meshtcp_schema_admin },
		{ MESHTCP_PORT_WAYPOINT, &meshtcp_schema_waypoint },
		{ 12, &meshtcp_schema_key_verification },
		{ 34, &meshtcp_schema_paxcounter },
		{ MESHTCP_PORT_STATUS, &meshtcp_schema_status },
		{ MESHTCP_PORT_STORE_FORWARD, &meshtcp_schema_store_forward },
		{ MESHTCP_PORT_TELEMETRY, &meshtcp_schema_telemetry },
		{ 69, &meshtcp_schema_simulator },
		{ MESHTCP_PORT_TRACEROUTE, &meshtcp_schema_route },
		{ MESHTCP_PORT_NEIGHBORS, &meshtcp_schema_neighbors },
	};

	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		if (ports[i].port == port)
			return ports[i].schema;
	return NULL;
}

static const struct meshtcp_schema *family(enum meshtcp_section_kind kind)
{
	return kind == MESHTCP_CONFIG ? &meshtcp_schema_config : &meshtcp_schema_module;
}

const struct meshtcp_schema *meshtcp_schema_for_section(enum meshtcp_section_kind kind,
							unsigned number)
{
	struct schema_field field;

	return meshtcp_schema_find(family(kind), number, &field) ? field.message : NULL;
}

const char *meshtcp_section_name(enum meshtcp_section_kind kind, unsigned number)
{
	struct schema_field field;

	return meshtcp_schema_find(family(kind), number, &field) ? field.name : NULL;
}

const char *meshtcp_port_name(unsigned port)
{
	return meshtcp_word(meshtcp_words_port, port);
}

const char *meshtcp_hw_model_name(uint32_t number)
{
	return meshtcp_word(meshtcp_words_hw_model, number);
}

const char *meshtcp_role_name(uint32_t number)
{
	return meshtcp_word(meshtcp_words_role, number);
}

const char *meshtcp_region_name(uint32_t number)
{
	return meshtcp_word(meshtcp_words_region, number);
}

const char *meshtcp_preset_name(uint32_t number)
{
	return meshtcp_word(meshtcp_words_preset, number);
}

const char *meshtcp_routing_error_name(unsigned error)
{
	return meshtcp_word(meshtcp_words_routing, error);
}
