/* SPDX-License-Identifier: MIT */
/*
 * Messages: an input is a number that chooses a table, and a message. All decoders and the walker
 * go through it; being masked leaves its length and its form; a field set is there afterwards, and
 * all others as before; a packet that we can express comes back from our encoder as the same.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "fuzz.h"
#include "mask.h"
#include "message.h"
#include "schema.h"

#define MOST      600
#define MOST_DONE 64

static const struct meshtcp_schema *const schemas[] = {
	&meshtcp_schema_user,      &meshtcp_schema_position,   &meshtcp_schema_routing,
	&meshtcp_schema_route,     &meshtcp_schema_admin,      &meshtcp_schema_waypoint,
	&meshtcp_schema_telemetry, &meshtcp_schema_neighbors,  &meshtcp_schema_store_forward,
	&meshtcp_schema_status,    &meshtcp_schema_paxcounter, &meshtcp_schema_key_verification,
	&meshtcp_schema_hardware,  &meshtcp_schema_channel,    &meshtcp_schema_metadata,
	&meshtcp_schema_simulator, &meshtcp_schema_config,     &meshtcp_schema_module,
};

/* @return a number that says what the walker told; *ret_failed whether it failed */
static uint64_t walk(const struct meshtcp_schema *schema, const uint8_t *data, size_t size,
		     uint32_t without, bool *ret_failed)
{
	const struct meshtcp_field *f;
	struct meshtcp_walker w;
	unsigned depth = 0;
	uint64_t sum = 0;
	size_t count = 0;

	meshtcp_walker_init(&w, schema, data, size);
	while ((f = meshtcp_walker_next(&w)) != NULL) {
		uint64_t bits = 0;

		must(f->name && ++count <= 4 * size + 4);
		must(f->kind >= MESHTCP_FIELD_UINT && f->kind <= MESHTCP_FIELD_END);
		if (f->size > 0)
			must(f->data >= data && f->data + f->size <= data + size);
		depth += f->kind == MESHTCP_FIELD_BEGIN;
		must(f->kind != MESHTCP_FIELD_END || depth > 0);
		depth -= f->kind == MESHTCP_FIELD_END;
		must(depth < MESHTCP_MAX_DEPTH);
		if (depth == 0 && f->number == without)
			continue;
		memcpy(&bits, &f->value, sizeof(bits));
		for (size_t i = 0; i < f->size; i++)
			bits = bits * 31 + f->data[i];
		sum = sum * 1000003 + f->number * 8191 + bits + depth;
	}
	must(depth == 0);
	*ret_failed = meshtcp_walker_failed(&w);
	return sum;
}

static void decode_all(const uint8_t *data, size_t size)
{
	struct meshtcp_packet packet;
	struct meshtcp_node node;
	struct meshtcp_channel channel;
	struct meshtcp_info info = { .num = 0 };
	struct meshtcp_user user;
	struct meshtcp_position position;
	struct meshtcp_metrics metrics = { .battery_level = 0 };
	struct meshtcp_route route;
	struct from_message from;
	struct my_info my;
	struct queue_status status;
	struct notification notification;
	struct log_record log;
	struct mqtt_message mqtt;
	struct section section;
	unsigned error;

	meshtcp_from_decode(data, size, &from);
	meshtcp_packet_decode(data, size, &packet);
	meshtcp_my_info_decode(data, size, &my);
	meshtcp_metadata_decode(data, size, &info);
	must(memchr(info.firmware, '\0', sizeof(info.firmware)));
	meshtcp_node_decode(data, size, &node);
	must(memchr(node.user.long_name, '\0', sizeof(node.user.long_name)));
	meshtcp_channel_decode(data, size, &channel);
	must(channel.psk_size <= sizeof(channel.psk));
	meshtcp_queue_status_decode(data, size, &status);
	meshtcp_notification_decode(data, size, &notification);
	must(memchr(notification.text, '\0', sizeof(notification.text)));
	meshtcp_log_decode(data, size, &log);
	must(memchr(log.text, '\0', sizeof(log.text)));
	meshtcp_mqtt_decode(data, size, &mqtt);
	meshtcp_section_decode(data, size, &section);
	meshtcp_routing_decode(data, size, &error);
	meshtcp_decode_user(data, size, &user);
	meshtcp_decode_position(data, size, &position);
	meshtcp_decode_metrics(data, size, &metrics);
	if (meshtcp_decode_route(data, size, &route) == 0)
		must(route.towards_count <= MESHTCP_MAX_ROUTE &&
		     route.snr_back_count <= MESHTCP_MAX_ROUTE + 1);
}

static void mask(void (*fn)(uint8_t *data, size_t size), const uint8_t *data, size_t size)
{
	uint8_t once[MOST], twice[MOST];
	bool before, after;

	memcpy(once, data, size);
	fn(once, size);
	memcpy(twice, once, size);
	fn(twice, size);
	must(memcmp(once, twice, size) == 0);
	walk(NULL, data, size, 0, &before);
	walk(NULL, once, size, 0, &after);
	must(before || !after);
}

/* Each field that is told, set to something that it can be. */
static void set_fields(const struct meshtcp_schema *schema, const uint8_t *data, size_t size)
{
	static const char *const values[] = {
		"1", "-5", "true", "7", "2.5", "text", "00ff", "", ""
	};
	const struct meshtcp_field *f;
	struct meshtcp_walker w;
	unsigned done = 0;

	meshtcp_walker_init(&w, schema, data, size);
	while ((f = meshtcp_walker_next(&w)) != NULL && done++ < MOST_DONE) {
		uint8_t changed[MOST], again[MOST];
		uint64_t others;
		bool before, after;
		int set;

		if (w.depth > 0 || f->kind > MESHTCP_FIELD_BYTES || !f->name[0])
			continue;
		memcpy(changed, data, size);
		set = meshtcp_field_set(schema, changed, size, sizeof(changed), f->name,
					values[f->kind]);
		must(set >= 0 || set == -EINVAL || set == -EMSGSIZE || set == -EBADMSG);
		if (set < 0) {
			must(memcmp(changed, data, size) == 0);
			continue;
		}
		others = walk(schema, data, size, f->number, &before);
		must(others == walk(schema, changed, (size_t)set, f->number, &after));
		must(before == after);
		memcpy(again, changed, (size_t)set);
		must(meshtcp_field_set(schema, again, (size_t)set, (size_t)set, f->name,
				       values[f->kind]) == set);
		must(memcmp(again, changed, (size_t)set) == 0);
	}
}

static void same_packet(const uint8_t *data, size_t size)
{
	uint8_t frame[FRAME_MAX_BYTES];
	struct meshtcp_packet p, back;
	struct from_message m;
	struct to_packet to;
	size_t made;

	if (meshtcp_packet_decode(data, size, &p) < 0 || p.encrypted || p.port == 0)
		return;
	to = (struct to_packet){ .from = p.from,
				 .to = p.to,
				 .id = p.id,
				 .channel = p.channel,
				 .priority = p.priority,
				 .port = p.port,
				 .payload = p.payload,
				 .size = p.size,
				 .hop_limit = p.hop_limit,
				 .want_ack = p.want_ack,
				 .want_response = p.want_response,
				 .pki_encrypted = p.pki_encrypted,
				 .request_id = p.request_id,
				 .reply_id = p.reply_id,
				 .emoji = p.emoji };
	made = meshtcp_packet_encode(frame, &to);
	must(made > 0 || p.size > MESHTCP_MAX_PAYLOAD);
	if (made == 0)
		return;
	must(made <= FRAME_HEADER_BYTES + MESSAGE_MAX_BYTES);
	/* As a member of what comes from a node it would be number 2. */
	frame[FRAME_HEADER_BYTES] = 0x12;
	must(meshtcp_from_decode(frame + FRAME_HEADER_BYTES, made - FRAME_HEADER_BYTES, &m) == 0);
	must(m.member == FROM_PACKET && meshtcp_packet_decode(m.data, m.size, &back) == 0);
	must(back.from == p.from && back.to == p.to && back.id == p.id);
	must(back.channel == p.channel && back.priority == p.priority && back.port == p.port);
	must(back.hop_limit == p.hop_limit && back.want_ack == p.want_ack);
	must(back.want_response == p.want_response && back.pki_encrypted == p.pki_encrypted);
	must(back.request_id == p.request_id && back.reply_id == p.reply_id);
	must(back.emoji == p.emoji && back.size == p.size);
	must(p.size == 0 || memcmp(back.payload, p.payload, p.size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	const struct meshtcp_schema *schema;
	uint8_t *copy;
	bool failed;

	schema = schemas[take_byte(&in) % (sizeof(schemas) / sizeof(schemas[0]))];
	if (in.size > 512)
		return 0;
	/* Of its own size, so that a read behind it is seen. */
	copy = malloc(in.size > 0 ? in.size : 1);
	must(copy != NULL);
	if (in.size > 0)
		memcpy(copy, in.data, in.size);
	decode_all(copy, in.size);
	walk(schema, copy, in.size, 0, &failed);
	walk(NULL, copy, in.size, 0, &failed);
	mask(meshtcp_mask_from, copy, in.size);
	mask(meshtcp_mask_to, copy, in.size);
	set_fields(schema, copy, in.size);
	same_packet(copy, in.size);
	free(copy);
	return 0;
}
