/* SPDX-License-Identifier: MIT */
#ifndef MESHTCP_SCHEMA_H
#define MESHTCP_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <meshtcp/fields.h>

/** What a number on the wire means (section 4). */
enum schema_type {
	TYPE_U32,
	TYPE_U64,
	TYPE_I32,
	TYPE_S32, /**< zig-zag */
	TYPE_BOOL,
	TYPE_ENUM,
	TYPE_FIX32,
	TYPE_SFIX32,
	TYPE_FLOAT,
	TYPE_TEXT,
	TYPE_BYTES,
	TYPE_MESSAGE
};

#define SCHEMA_REPEATED 1u
#define SCHEMA_SECRET   2u

/** One field, as it is found in a table. */
struct schema_field {
	uint32_t number;
	enum schema_type type;
	unsigned flags;
	const char *name;
	const struct meshtcp_schema *message; /**< TYPE_MESSAGE; NULL = not known what is in it */
	const char *words;                    /**< TYPE_ENUM; NULL = without names */
};

/**
 * A table is text, which is half as large as structs with their relocations: for each field its
 * number, a letter for its type, marks, a blank and its name, and a NUL.
 * Letters: u u32, U u64, i i32, s zig-zag, b bool, e enum, x fixed32, y signed fixed32, f float, t
 * text, B bytes, m message. Marks: * repeated, ! secret, & the next of `messages` or `words`
 * belongs to it.
 */
struct meshtcp_schema {
	const char *fields;
	const struct meshtcp_schema *const *messages;
	const char *const *words;
};

/** Tables, in schema_payload.c, schema_telemetry.c and schema_config.c. */
extern const struct meshtcp_schema meshtcp_schema_user, meshtcp_schema_position,
	meshtcp_schema_routing, meshtcp_schema_route, meshtcp_schema_admin, meshtcp_schema_waypoint,
	meshtcp_schema_telemetry, meshtcp_schema_neighbors, meshtcp_schema_store_forward,
	meshtcp_schema_status, meshtcp_schema_paxcounter, meshtcp_schema_key_verification,
	meshtcp_schema_hardware, meshtcp_schema_channel, meshtcp_schema_metadata,
	meshtcp_schema_simulator, meshtcp_schema_config, meshtcp_schema_module;

/** Names of the values of enums, in words.c: number, blank, name and NUL each. */
extern const char meshtcp_words_hw_model[], meshtcp_words_role[], meshtcp_words_region[],
	meshtcp_words_preset[], meshtcp_words_routing[], meshtcp_words_port[];

/** @return whether the schema has a field with this number */
bool meshtcp_schema_find(const struct meshtcp_schema *schema, uint32_t number,
			 struct schema_field *ret);
bool meshtcp_schema_named(const struct meshtcp_schema *schema, const char *name, size_t size,
			  struct schema_field *ret);
/** @return the name, or NULL */
const char *meshtcp_word(const char *words, uint32_t number);
/** Find a name, in any case. @return whether there is one */
bool meshtcp_word_number(const char *words, const char *name, uint32_t *ret);

#endif
