/* SPDX-License-Identifier: MIT */
/*
 * The records of a download as they came, filed by their kind (sections 6 and 7), and what is known
 * of the own node by them.
 */
#include "state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pb.h"

#define SECTION_LORA     6
#define SECTION_SECURITY 8

void meshtcp_store_free(struct store *store)
{
	for (size_t i = 0; i < store->count; i++) {
		explicit_bzero(store->records[i], sizeof(*store->records[i]));
		free(store->records[i]);
	}
	free(store->records);
	explicit_bzero(store, sizeof(*store));
}

bool meshtcp_firmware_since(const struct session *s, unsigned major, unsigned minor, unsigned patch)
{
	const unsigned wanted[] = { major, minor, patch };
	const char *text = s->store.info.firmware;
	char *end;

	if (!s->has_store)
		return false;
	for (size_t i = 0; i < 3; i++) {
		unsigned long part = strtoul(text, &end, 10);

		if (end == text)
			return false;
		if (part != wanted[i])
			return part > wanted[i];
		text = *end == '.' ? end + 1 : end;
	}
	return true;
}

const struct record *meshtcp_store_find(const struct store *store, unsigned member, unsigned number)
{
	for (size_t i = 0; i < store->count; i++)
		if (store->records[i]->member == member && store->records[i]->number == number)
			return store->records[i];
	return NULL;
}

static void take_lora(struct meshtcp_info *info, const struct section *section)
{
	struct pb_reader r;
	struct pb_value v;

	info->has_lora = true;
	meshtcp_pb_reader_init(&r, section->data, section->size);
	while (meshtcp_pb_next(&r, &v)) {
		uint32_t number = (uint32_t)v.scalar;

		if (v.number == 1)
			info->use_preset = number != 0;
		else if (v.number == 2)
			info->modem_preset = number;
		else if (v.number == 7)
			info->region = number;
		else if (v.number == 8)
			info->hop_limit = number;
		else if (v.number == 9)
			info->tx_enabled = number != 0;
	}
}

static void take_security(struct meshtcp_info *info, const struct section *section)
{
	struct pb_reader r;
	struct pb_value v;

	meshtcp_pb_reader_init(&r, section->data, section->size);
	while (meshtcp_pb_next(&r, &v))
		if (v.number == 4)
			info->is_managed = v.scalar != 0;
}

/* What of a record is of use here. Returns its number among those of its kind. */
static unsigned interpret(struct store *store, const struct from_message *m)
{
	struct meshtcp_channel channel;
	struct section section;

	switch (m->member) {
	case FROM_MY_INFO:
		store->has_my_info = meshtcp_my_info_decode(m->data, m->size, &store->my_info) ==
					     0 &&
				     store->my_info.num != 0;
		store->info.num = store->my_info.num;
		store->info.reboot_count = store->my_info.reboot_count;
		store->info.node_count = store->my_info.node_count;
		return 0;
	case FROM_METADATA:
		meshtcp_metadata_decode(m->data, m->size, &store->info);
		return 0;
	case FROM_CHANNEL:
		if (meshtcp_channel_decode(m->data, m->size, &channel) < 0 ||
		    channel.index >= MESHTCP_CHANNELS)
			return MESHTCP_CHANNELS;
		store->info.channels[channel.index] = channel;
		return channel.index;
	case FROM_CONFIG:
	case FROM_MODULE:
		if (meshtcp_section_decode(m->data, m->size, &section) < 0)
			return 0;
		if (m->member == FROM_CONFIG && section.number == SECTION_LORA)
			take_lora(&store->info, &section);
		if (m->member == FROM_CONFIG && section.number == SECTION_SECURITY)
			take_security(&store->info, &section);
		return section.number;
	default:
		return 0;
	}
}

static struct record *new_record(struct store *store)
{
	struct record *record;

	if (store->count == MAX_RECORDS)
		return NULL;
	if (store->count == store->room) {
		size_t room = store->room ? 2 * store->room : 64;
		struct record **more = realloc(store->records, room * sizeof(void *));

		if (!more)
			return NULL;
		store->records = more;
		store->room = room;
	}
	record = malloc(sizeof(*record));
	if (record)
		store->records[store->count++] = record;
	return record;
}

/* Files and presets are many of a kind, sections and channels one of a number. */
static bool replaces(unsigned member)
{
	return member == FROM_CONFIG || member == FROM_MODULE || member == FROM_CHANNEL ||
	       member == FROM_MY_INFO || member == FROM_METADATA;
}

void meshtcp_store_add(struct store *store, const struct from_message *m, const uint8_t *data,
		       size_t size)
{
	unsigned number = interpret(store, m);
	struct record *record = NULL;

	if (replaces(m->member) && (number != 0 || m->member != FROM_MODULE))
		record = (struct record *)meshtcp_store_find(store, m->member, number);
	if (!record)
		record = new_record(store);
	if (!record)
		return;
	record->member = m->member;
	record->number = number;
	record->size = (uint16_t)size;
	memcpy(record->data, data, size);
}

int meshtcp_session_section(const struct session *s, enum meshtcp_section_kind kind,
			    unsigned number, uint8_t *data, size_t room)
{
	const struct record *record = meshtcp_store_find(
		&s->store, kind == MESHTCP_CONFIG ? FROM_CONFIG : FROM_MODULE, number);
	struct from_message m;
	struct section section;

	if (!record || number == 0 || meshtcp_from_decode(record->data, record->size, &m) < 0 ||
	    meshtcp_section_decode(m.data, m.size, &section) < 0)
		return -ENOENT;
	if (section.size <= room && section.size > 0)
		memcpy(data, section.data, section.size);
	return (int)section.size;
}

int meshtcp_session_info(const struct session *s, struct meshtcp_info *ret)
{
	const struct meshtcp_node *own;

	if (!s->has_store)
		return -ENOENT;
	*ret = s->store.info;
	own = meshtcp_database_find(&s->nodes, ret->num);
	if (own) {
		ret->user = own->user;
		if (ret->hw_model == 0)
			ret->hw_model = own->user.hw_model;
	}
	/* Without the others it is what the node itself has counted. */
	if (s->have == MESHTCP_DOWNLOAD_ALL && s->nodes.count > 0)
		ret->node_count = (uint32_t)s->nodes.count;
	return 0;
}

static int member_order(const struct record *record)
{
	switch (record->member) {
	case FROM_MY_INFO:
		return 0;
	case 17:
		return 1;
	case FROM_METADATA:
		return 2;
	case 19:
		return 3;
	case FROM_CHANNEL:
		return 4;
	case FROM_CONFIG:
		return 5;
	case FROM_MODULE:
		return 6;
	default:
		return 7; /* files */
	}
}

/* All records of one kind, as frames. */
static void append(const struct store *store, int kind, uint8_t *data, size_t room, size_t *size)
{
	for (size_t i = 0; i < store->count; i++) {
		const struct record *record = store->records[i];

		if (member_order(record) != kind)
			continue;
		if (*size + FRAME_HEADER_BYTES + record->size <= room) {
			meshtcp_frame_head(data + *size, record->size);
			memcpy(data + *size + FRAME_HEADER_BYTES, record->data, record->size);
		}
		*size += FRAME_HEADER_BYTES + record->size;
	}
}

int meshtcp_session_records(const struct session *s, uint8_t *data, size_t room, size_t *ret_before)
{
	size_t size = 0;

	if (!s->has_store)
		return -ENOENT;
	for (int kind = 0; kind <= 6; kind++)
		append(&s->store, kind, data, room, &size);
	*ret_before = size;
	append(&s->store, 7, data, room, &size);
	return (int)size;
}
