/* SPDX-License-Identifier: MIT */
#ifndef MESHTCP_FIELDS_H
#define MESHTCP_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <meshtcp/records.h>

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/**
 * @file fields.h
 * Messages by the names of their fields: any payload of a known port, any section of the
 * configuration, read field by field, and sections edited. A part of <meshtcp/meshtcp.h>.
 *
 * @addtogroup meshtcp
 * @{
 */

/** Deepest nesting of messages. */
#define MESHTCP_MAX_DEPTH 6

/** What a field is. */
enum meshtcp_field_kind {
	MESHTCP_FIELD_UINT,
	MESHTCP_FIELD_INT,
	MESHTCP_FIELD_BOOL,
	MESHTCP_FIELD_ENUM, /**< `value.u`, and `word` its name if it has one */
	MESHTCP_FIELD_FLOAT,
	MESHTCP_FIELD_TEXT,  /**< `data size`, not ended by NUL, perhaps no UTF-8 */
	MESHTCP_FIELD_BYTES, /**< `data size` */
	MESHTCP_FIELD_BEGIN, /**< a message within; its fields follow, then MESHTCP_FIELD_END */
	MESHTCP_FIELD_END
};

/** One field, as it stands on the wire: the last of two with one name counts. Later releases append
 *  members. */
struct meshtcp_field {
	enum meshtcp_field_kind kind;
	const char *name; /**< "" when it is not known */
	uint32_t number;
	bool repeated; /**< an element of a list */
	bool secret;   /**< a key or a password */
	union {
		uint64_t u;
		int64_t i;
		double f;
	} value;
	const char *word;
	const uint8_t *data;
	size_t size;
};

struct meshtcp_schema;

/** Goes through the fields of a message, depth first. The members are private. */
struct meshtcp_walker {
	struct {
		const struct meshtcp_schema *schema;
		const uint8_t *data;
		size_t size, pos;
	} level[MESHTCP_MAX_DEPTH];
	unsigned depth;
	bool failed, ending;
	const uint8_t *packed;
	size_t packed_size, packed_pos;
	struct meshtcp_field field;
};

/** @return the schema of a port's payload; NULL when it is not known or no message. @since 0.1 */
const struct meshtcp_schema *meshtcp_schema_for_port(unsigned port);
/** @return the schema of a section; NULL when it is not known. @since 0.1 */
const struct meshtcp_schema *meshtcp_schema_for_section(enum meshtcp_section_kind kind,
							unsigned number);
/** @return the name of a port, `TEXT_MESSAGE_APP`; NULL when it has none. @since 0.1 */
const char *meshtcp_port_name(unsigned port);
/** @return the name of a section, `lora`; NULL behind the last. @since 0.1 */
const char *meshtcp_section_name(enum meshtcp_section_kind kind, unsigned number);
/** @return the name of a hardware model, role, region or modem preset (appendix A); NULL when it
 *  has none. @since 0.1 @{ */
const char *meshtcp_hw_model_name(uint32_t number);
const char *meshtcp_role_name(uint32_t number);
const char *meshtcp_region_name(uint32_t number);
const char *meshtcp_preset_name(uint32_t number);
/** @} */

/** Begin. @param data  stays where it is meanwhile @since 0.1 */
void meshtcp_walker_init(struct meshtcp_walker *w, const struct meshtcp_schema *schema,
			 const uint8_t *data, size_t size);
/** @return the next field, valid until the next call; NULL at the end. @since 0.1 */
const struct meshtcp_field *meshtcp_walker_next(struct meshtcp_walker *w);
/** @return whether the message was torn or broken: what came before is right. @since 0.1 */
bool meshtcp_walker_failed(const struct meshtcp_walker *w);

/**
 * Change one field of a message, and nothing else of it.
 * @param name   of the field; of one in a message within, names with dots between
 * @param value  as text: a number, true or false, a word of an enum, hex for bytes, text
 * @param room   of DATA in bytes; SIZE of them are there now
 * @return the new size; -ENOENT no such field; -EINVAL no such value; -EMSGSIZE no room; -EBADMSG
 * @since 0.1
 */
int meshtcp_field_set(const struct meshtcp_schema *schema, uint8_t *data, size_t size, size_t room,
		      const char *name, const char *value);

/** @} */

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
