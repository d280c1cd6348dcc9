/* SPDX-License-Identifier: MIT */
/* Facts by the structs of the library; see facts.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "facts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "message.h"
#include "tables.h"

/* The path below a prefix. */
static const char *in(const char *prefix, const char *name)
{
	static char path[96];

	snprintf(path, sizeof(path), "%s.%s", prefix, name);
	return path;
}

#define NUMBER(prefix, name, value) facts_number(f, in(prefix, name), (double)(value))

static void named(struct facts *f, const char *prefix, const char *name, uint32_t value,
		  const char *word)
{
	NUMBER(prefix, name, value);
	snprintf(f->at[f->count - 1].word, sizeof(f->at[0].word), "%s", word ? word : "");
}

static bool sound(struct facts *f, int error)
{
	assert_true(error == 0 || error == -EBADMSG);
	f->failed |= error < 0;
	return error == 0;
}

static void user(struct facts *f, const char *prefix, const struct meshtcp_user *u)
{
	facts_text(f, in(prefix, "id"), u->id);
	facts_text(f, in(prefix, "long_name"), u->long_name);
	facts_text(f, in(prefix, "short_name"), u->short_name);
	named(f, prefix, "hw_model", u->hw_model, meshtcp_hw_model_name(u->hw_model));
	named(f, prefix, "role", u->role, meshtcp_role_name(u->role));
	NUMBER(prefix, "is_licensed", u->is_licensed);
	NUMBER(prefix, "is_unmessagable", u->is_unmessagable);
	if (u->has_public_key)
		facts_hex(f, in(prefix, "public_key"), u->public_key, 32);
}

static void position(struct facts *f, const char *prefix, const struct meshtcp_position *p)
{
	NUMBER(prefix, "latitude_i", p->latitude_i);
	NUMBER(prefix, "longitude_i", p->longitude_i);
	NUMBER(prefix, "altitude", p->altitude);
	NUMBER(prefix, "has_altitude", p->has_altitude);
	NUMBER(prefix, "time", p->time);
	NUMBER(prefix, "timestamp", p->timestamp);
	NUMBER(prefix, "precision_bits", p->precision_bits);
	NUMBER(prefix, "sats_in_view", p->sats_in_view);
	NUMBER(prefix, "PDOP", p->pdop);
	NUMBER(prefix, "ground_speed", p->ground_speed);
	NUMBER(prefix, "ground_track", p->ground_track);
	NUMBER(prefix, "has_ground_speed", p->has_ground_speed);
	NUMBER(prefix, "has_ground_track", p->has_ground_track);
}

static void metrics(struct facts *f, const char *prefix, const struct meshtcp_metrics *m)
{
	NUMBER(prefix, "battery_level", m->battery_level);
	NUMBER(prefix, "voltage", m->voltage);
	NUMBER(prefix, "channel_utilization", m->channel_utilization);
	NUMBER(prefix, "air_util_tx", m->air_util_tx);
	NUMBER(prefix, "uptime_seconds", m->uptime_seconds);
	NUMBER(prefix, "has_battery_level", m->has_battery_level);
	NUMBER(prefix, "has_voltage", m->has_voltage);
	NUMBER(prefix, "has_channel_utilization", m->has_channel_utilization);
	NUMBER(prefix, "has_air_util_tx", m->has_air_util_tx);
	NUMBER(prefix, "has_uptime_seconds", m->has_uptime);
}

static void node(struct facts *f, const struct from_message *m)
{
	struct meshtcp_node n;

	if (!sound(f, meshtcp_node_decode(m->data, m->size, &n)))
		return;
	NUMBER("node_info", "num", n.num);
	NUMBER("node_info", "has_user", n.has_user);
	if (n.has_user)
		user(f, "node_info.user", &n.user);
	position(f, "node_info.position", &n.position);
	metrics(f, "node_info.device_metrics", &n.metrics);
	NUMBER("node_info", "snr", n.snr);
	NUMBER("node_info", "has_snr", n.has_snr);
	NUMBER("node_info", "last_heard", n.last_heard);
	NUMBER("node_info", "channel", n.channel);
	NUMBER("node_info", "via_mqtt", n.via_mqtt);
	NUMBER("node_info", "is_favorite", n.is_favorite);
	NUMBER("node_info", "is_ignored", n.is_ignored);
	NUMBER("node_info", "is_muted", n.is_muted);
	NUMBER("node_info", "has_hops_away", n.hops_away >= 0);
	if (n.hops_away >= 0)
		NUMBER("node_info", "hops_away", n.hops_away);
}

static void channel(struct facts *f, const struct from_message *m)
{
	struct meshtcp_channel c;

	if (!sound(f, meshtcp_channel_decode(m->data, m->size, &c)))
		return;
	NUMBER("channel", "index", c.index);
	NUMBER("channel", "role", c.role);
	facts_text(f, "channel.settings.name", c.name);
	facts_hex(f, "channel.settings.psk", c.psk, c.psk_size);
	NUMBER("channel.settings", "uplink_enabled", c.uplink_enabled);
	NUMBER("channel.settings", "downlink_enabled", c.downlink_enabled);
	NUMBER("channel.settings.module_settings", "position_precision", c.position_precision);
	NUMBER("channel.settings.module_settings", "is_muted", c.is_muted);
}

static void list(struct facts *f, const char *path, const void *numbers, size_t count,
		 bool is_signed)
{
	struct fact *fact = count > 0 ? facts_add(f, true, path) : NULL;

	for (size_t i = 0; i < count; i++) {
		char *to = fact->value + strlen(fact->value);
		uint32_t number;

		memcpy(&number, (const uint8_t *)numbers + i * sizeof(number), sizeof(number));
		sprintf(to, is_signed ? "%s%d" : "%s%u", i > 0 ? "," : "", number);
	}
}

static void route(struct facts *f, const struct meshtcp_packet *p)
{
	struct meshtcp_route t;

	if (!sound(f, meshtcp_decode_route(p->payload, p->size, &t)))
		return;
	list(f, "route.route", t.towards, t.towards_count, false);
	list(f, "route.snr_towards", t.snr_towards, t.snr_towards_count, true);
	list(f, "route.route_back", t.back, t.back_count, false);
	list(f, "route.snr_back", t.snr_back, t.snr_back_count, true);
}

static void payload(struct facts *f, const struct meshtcp_packet *p)
{
	struct meshtcp_position where;
	struct meshtcp_metrics m;
	struct meshtcp_user who;
	unsigned error;
	int ret;

	switch (p->port) {
	case MESHTCP_PORT_POSITION:
		if (sound(f, meshtcp_decode_position(p->payload, p->size, &where)))
			position(f, "position", &where);
		break;
	case MESHTCP_PORT_NODEINFO:
		if (sound(f, meshtcp_decode_user(p->payload, p->size, &who)))
			user(f, "user", &who);
		break;
	case MESHTCP_PORT_ROUTING:
		if (sound(f, meshtcp_routing_decode(p->payload, p->size, &error)))
			NUMBER("routing", "error_reason", error);
		break;
	case MESHTCP_PORT_TELEMETRY:
		ret = meshtcp_decode_metrics(p->payload, p->size, &m);
		if (ret != -ENOENT && sound(f, ret))
			metrics(f, "telemetry.device_metrics", &m);
		break;
	case MESHTCP_PORT_TRACEROUTE:
		route(f, p);
		break;
	default:
		break;
	}
}

static void decoded(struct facts *f, const struct meshtcp_packet *p)
{
	NUMBER("packet.decoded", "portnum", p->port);
	facts_hex(f, "packet.decoded.payload", p->payload, p->size);
	NUMBER("packet.decoded", "want_response", p->want_response);
	NUMBER("packet.decoded", "request_id", p->request_id);
	NUMBER("packet.decoded", "reply_id", p->reply_id);
	NUMBER("packet.decoded", "emoji", p->emoji);
	payload(f, p);
}

void facts_typed_packet(struct facts *f, const uint8_t *data, size_t size)
{
	struct meshtcp_packet p;

	if (!sound(f, meshtcp_packet_decode(data, size, &p)))
		return;
	NUMBER("packet", "from", p.from);
	NUMBER("packet", "to", p.to);
	NUMBER("packet", "id", p.id);
	NUMBER("packet", "channel", p.channel);
	NUMBER("packet", "variant", p.encrypted ? 5 : 4);
	strcpy(f->at[f->count - 1].word, p.encrypted ? "encrypted" : "decoded");
	NUMBER("packet", "rx_time", p.rx_time);
	NUMBER("packet", "rx_snr", p.rx_snr);
	NUMBER("packet", "rx_rssi", p.rx_rssi);
	NUMBER("packet", "hop_limit", p.hop_limit);
	NUMBER("packet", "hop_start", p.hop_start);
	NUMBER("packet", "want_ack", p.want_ack);
	NUMBER("packet", "priority", p.priority);
	NUMBER("packet", "transport_mechanism", p.transport);
	NUMBER("packet", "via_mqtt", p.via_mqtt);
	NUMBER("packet", "pki_encrypted", p.pki_encrypted);
	if (p.has_public_key)
		facts_hex(f, "packet.public_key", p.public_key, 32);
	if (p.encrypted)
		facts_hex(f, "packet.encrypted", p.payload, p.size);
	else
		decoded(f, &p);
}

static void my_info(struct facts *f, const struct from_message *m)
{
	struct my_info i;

	if (!sound(f, meshtcp_my_info_decode(m->data, m->size, &i)))
		return;
	NUMBER("my_info", "my_node_num", i.num);
	NUMBER("my_info", "reboot_count", i.reboot_count);
	NUMBER("my_info", "min_app_version", i.min_app_version);
	NUMBER("my_info", "nodedb_count", i.node_count);
}

static void metadata(struct facts *f, const struct from_message *m)
{
	struct meshtcp_info i = { .num = 0 };

	if (!sound(f, meshtcp_metadata_decode(m->data, m->size, &i)))
		return;
	facts_text(f, "metadata.firmware_version", i.firmware);
	named(f, "metadata", "role", i.role, meshtcp_role_name(i.role));
	named(f, "metadata", "hw_model", i.hw_model, meshtcp_hw_model_name(i.hw_model));
}

static void queue(struct facts *f, const struct from_message *m)
{
	struct queue_status s;

	if (!sound(f, meshtcp_queue_status_decode(m->data, m->size, &s)))
		return;
	NUMBER("queueStatus", "res", s.res);
	NUMBER("queueStatus", "free", s.free);
	NUMBER("queueStatus", "maxlen", s.maxlen);
	NUMBER("queueStatus", "mesh_packet_id", s.packet_id);
}

static void texts(struct facts *f, const struct from_message *m)
{
	struct notification n;
	struct mqtt_message q;
	struct log_record l;

	if (m->member == FROM_LOG && sound(f, meshtcp_log_decode(m->data, m->size, &l))) {
		NUMBER("log_record", "level", l.level);
		facts_text(f, "log_record.message", l.text);
	}
	if (m->member == FROM_NOTIFICATION &&
	    sound(f, meshtcp_notification_decode(m->data, m->size, &n))) {
		NUMBER("clientNotification", "reply_id", n.reply_id);
		NUMBER("clientNotification", "level", n.level);
		facts_text(f, "clientNotification.message", n.text);
	}
	if (m->member == FROM_MQTT && sound(f, meshtcp_mqtt_decode(m->data, m->size, &q))) {
		facts_text(f, "mqttClientProxyMessage.topic", q.topic);
		facts_hex(f, "mqttClientProxyMessage.data", q.data, q.size);
	}
}

static void section(struct facts *f, const char *prefix, const struct from_message *m)
{
	struct section s;

	if (sound(f, meshtcp_section_decode(m->data, m->size, &s)))
		NUMBER(prefix, "variant", s.number);
}

void facts_typed(struct facts *f, const uint8_t *data, size_t size)
{
	struct schema_field known;
	struct from_message m;

	if (!sound(f, meshtcp_from_decode(data, size, &m)))
		return;
	facts_number(f, "variant", m.member);
	strcpy(f->at[f->count - 1].word, m.member == 0 ? "none" : "?");
	if (meshtcp_schema_find(&table_from_radio, m.member, &known))
		snprintf(f->at[f->count - 1].word, sizeof(f->at[0].word), "%s", known.name);
	if (m.member == FROM_PACKET)
		facts_typed_packet(f, m.data, m.size);
	else if (m.member == FROM_MY_INFO)
		my_info(f, &m);
	else if (m.member == FROM_NODE_INFO)
		node(f, &m);
	else if (m.member == FROM_CONFIG)
		section(f, "config", &m);
	else if (m.member == FROM_MODULE)
		section(f, "moduleConfig", &m);
	else if (m.member == FROM_CHANNEL)
		channel(f, &m);
	else if (m.member == FROM_METADATA)
		metadata(f, &m);
	else if (m.member == FROM_QUEUE_STATUS)
		queue(f, &m);
	else if (m.member == FROM_CONFIG_COMPLETE)
		facts_number(f, "config_complete_id", (double)m.number);
	else if (m.member == FROM_REBOOTED)
		facts_number(f, "rebooted", (double)m.number);
	else
		texts(f, &m);
}
