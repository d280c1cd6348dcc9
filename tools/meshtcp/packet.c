/* SPDX-License-Identifier: MIT */
/* A packet as a line: for people, or as an object with all that could be decoded. */
#include "tools/meshtcp/packet.h"
#include "tools/cli/output.h"
#include "tools/meshtcp/fields.h"
#include "tools/meshtcp/nodes.h"
#include "tools/meshtcp/options.h"
#include "tools/meshtcp/words.h"

#include <inttypes.h>
#include <string.h>

#define PORT_DETECTION  10
#define PORT_REPLY      32
#define PORT_RANGE_TEST 66

static bool is_text(const struct meshtcp_packet *packet)
{
	if (packet->encrypted)
		return false;
	switch (packet->port) {
	case MESHTCP_PORT_TEXT:
	case MESHTCP_PORT_ALERT:
	case PORT_DETECTION:
	case PORT_REPLY:
	case PORT_RANGE_TEST:
		return true;
	default:
		return false;
	}
}

/* What the node itself sends has been over no air. */
static bool is_measured(const struct meshtcp_packet *packet)
{
	return packet->rx_rssi != 0 || packet->rx_snr != 0;
}

/*
 * The payload as fields, if it can be decoded. One that is torn is shown as it came, but for those
 * of the administration, which may carry keys.
 */
static bool decode(struct fields *fields, const struct meshtcp_packet *packet)
{
	const struct meshtcp_schema *schema = meshtcp_schema_for_port(packet->port);

	fields->count = 0;
	if (packet->encrypted || !schema)
		return false;
	return fields_add(fields, schema, packet->payload, packet->size) ||
	       packet->port == MESHTCP_PORT_ADMIN;
}

static void json_origin(struct cli_json *json, const struct meshtcp_packet *packet)
{
	const char *name = packet->encrypted ? NULL : meshtcp_port_name(packet->port);

	time_json(json, "time", packet->rx_time);
	cli_json_uint(json, "id", packet->id);
	cli_json_uint(json, "from", packet->from);
	cli_json_uint(json, "to", packet->to);
	cli_json_uint(json, "channel", packet->channel);
	if (packet->encrypted)
		cli_json_null(json, "port");
	else
		cli_json_uint(json, "port", packet->port);
	cli_json_string(json, "port_name", name);
	if (is_measured(packet)) {
		cli_json_float(json, "snr", packet->rx_snr);
		cli_json_int(json, "rssi", packet->rx_rssi);
	} else {
		cli_json_null(json, "snr");
		cli_json_null(json, "rssi");
	}
	if (packet->hops >= 0)
		cli_json_int(json, "hops", packet->hops);
	else
		cli_json_null(json, "hops");
}

/* What only some packets have. */
static void json_extras(struct cli_json *json, const struct meshtcp_packet *packet)
{
	if (packet->encrypted)
		cli_json_bool(json, "encrypted", true);
	if (packet->request_id != 0)
		cli_json_uint(json, "request_id", packet->request_id);
	if (packet->reply_id != 0)
		cli_json_uint(json, "reply_id", packet->reply_id);
	if (packet->emoji != 0)
		cli_json_uint(json, "emoji", packet->emoji);
	if (packet->via_mqtt)
		cli_json_bool(json, "via_mqtt", true);
	if (is_text(packet))
		cli_json_text(json, "text", packet->payload, packet->size);
}

static int print_json(const struct meshtcp_packet *packet, const struct fields *fields)
{
	struct cli_json json = { 0 };
	int err;

	cli_json_begin(&json);
	json_origin(&json, packet);
	json_extras(&json, packet);
	if (fields) {
		cli_json_object(&json, "payload");
		fields_json(&json, fields, FIELDS_TOP, options.show_keys);
		cli_json_end(&json);
	} else {
		cli_json_hex(&json, "payload", packet->payload, packet->size);
	}
	err = cli_json_line(&json);
	cli_json_free(&json);
	return err;
}

static int print_field(void *userdata, const char *path, const struct cli_text *value)
{
	(void)userdata;
	cli_print(" %s=%s", path, value->data ? value->data : "");
	return 0;
}

static void print_label(const struct link *link, uint32_t num)
{
	char label[NODE_LABEL];

	node_label(link, num, label);
	cli_print_text(label, strlen(label));
}

static void print_origin(const struct link *link, const struct meshtcp_packet *packet)
{
	char time[WORD_MAX], snr[CLI_FLOAT_MAX];

	cli_print("%s ", time_text(packet->rx_time, time));
	print_label(link, packet->from);
	cli_print(" > ");
	print_label(link, packet->to);
	cli_print(" #%" PRIu32, packet->channel);
	if (is_measured(packet)) {
		cli_float_text(packet->rx_snr, snr);
		cli_print(" %s dB", snr);
	}
	if (packet->hops >= 0)
		cli_print(" %d hop%s", packet->hops, packet->hops == 1 ? "" : "s");
}

static int print_text(const struct link *link, const struct meshtcp_packet *packet,
		      const struct fields *fields)
{
	char word[WORD_MAX];

	print_origin(link, packet);
	cli_print(" %s", packet->encrypted ? "encrypted" : port_word(packet->port, word));
	/* To be answered by its number. */
	if (is_text(packet)) {
		cli_print(" %" PRIu32, packet->id);
		if (packet->reply_id != 0)
			cli_print(" to %" PRIu32, packet->reply_id);
		cli_print(": ");
		cli_print_text(packet->payload, packet->size);
		return cli_print_end();
	}
	cli_print(":");
	if (fields)
		fields_each(fields, FIELDS_TOP, "", options.show_keys, print_field, NULL);
	for (size_t i = 0; !fields && i < packet->size; i++)
		cli_print("%s%02x", i == 0 ? " " : "", packet->payload[i]);
	return cli_print_end();
}

int packet_print(struct link *link, const struct meshtcp_packet *packet)
{
	static struct fields fields;
	const struct fields *decoded = decode(&fields, packet) ? &fields : NULL;

	return link->cli->json ? print_json(packet, decoded) : print_text(link, packet, decoded);
}
