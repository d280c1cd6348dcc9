/* SPDX-License-Identifier: MIT */
/* Sections of the configuration: their names, and what is in them. */
#ifndef TOOLS_MESHTCP_SECTION_H
#define TOOLS_MESHTCP_SECTION_H

#include "tools/meshtcp/common.h"
#include "tools/meshtcp/fields.h"

struct section {
	enum meshtcp_section_kind kind;
	unsigned number;
	uint8_t data[DATA_MAX];
	size_t size;
	struct fields fields; /* of the data, and what is not in them by its default */
};

/* The next section behind this one; begin with a zeroed one. False behind the last. */
bool section_next(struct section *section);
/*
 * The section that the word begins with, which ends at `*ret_rest`: "lora", "lora.region", or
 * "module.telemetry". A section of the node goes before one of a module. 0 or -ENOENT.
 */
int section_parse(const char *word, struct section *section, const char **ret_rest);

/* As it is to be typed. */
const char *section_label(const struct section *section, char label[WHY_MAX]);

/*
 * Fetches it from the node; of the one that is connected it is known from the download. 0 or a
 * negative errno, for link_fail() with the event.
 */
int section_read(struct link *link, uint32_t node, struct section *section,
		 const struct meshtcp_event **ret_event);
/* For one of which nothing is known: all fields have their defaults. */
void section_clear(struct section *section);
/* 0, or the negative errno of meshtcp_field_set(). */
int section_set(struct section *section, const char *field, const char *value);

#endif
