/* SPDX-License-Identifier: MIT */
/* Tables of the messages around the payloads (sections 5, 7, 8); the format is that of schema.h. */
#include "tables.h"

static const char data_fields[] = "1e portnum\0"
				  "2B payload\0"
				  "3b want_response\0"
				  "4x dest\0"
				  "5x source\0"
				  "6x request_id\0"
				  "7x reply_id\0"
				  "8x emoji\0"
				  "9u bitfield\0";
static const struct meshtcp_schema data = { data_fields, NULL, NULL };

static const struct meshtcp_schema *const packet_messages[] = { &data };
static const char packet_fields[] = "1x from\0"
				    "2x to\0"
				    "3u channel\0"
				    "4m& decoded\0"
				    "5B encrypted\0"
				    "6x id\0"
				    "7x rx_time\0"
				    "8f rx_snr\0"
				    "9u hop_limit\0"
				    "10b want_ack\0"
				    "11e priority\0"
				    "12i rx_rssi\0"
				    "14b via_mqtt\0"
				    "15u hop_start\0"
				    "16B public_key\0"
				    "17b pki_encrypted\0"
				    "18u next_hop\0"
				    "19u relay_node\0"
				    "21e transport_mechanism\0";
static const struct meshtcp_schema packet = { packet_fields, packet_messages, NULL };

static const char my_info_fields[] = "1u my_node_num\0"
				     "8u reboot_count\0"
				     "11u min_app_version\0"
				     "12B device_id\0"
				     "13t pio_env\0"
				     "14e firmware_edition\0"
				     "15u nodedb_count\0";
static const struct meshtcp_schema my_info = { my_info_fields, NULL, NULL };

static const char device_metrics_fields[] = "1u battery_level\0"
					    "2f voltage\0"
					    "3f channel_utilization\0"
					    "4f air_util_tx\0"
					    "5u uptime_seconds\0";
static const struct meshtcp_schema device_metrics = { device_metrics_fields, NULL, NULL };

static const struct meshtcp_schema *const node_info_messages[] = { &meshtcp_schema_user,
								   &meshtcp_schema_position,
								   &device_metrics };
static const char node_info_fields[] = "1u num\0"
				       "2m& user\0"
				       "3m& position\0"
				       "4f snr\0"
				       "5x last_heard\0"
				       "6m& device_metrics\0"
				       "7u channel\0"
				       "8b via_mqtt\0"
				       "9u hops_away\0"
				       "10b is_favorite\0"
				       "11b is_ignored\0"
				       "12b is_key_manually_verified\0"
				       "13b is_muted\0";
static const struct meshtcp_schema node_info = { node_info_fields, node_info_messages, NULL };

static const char log_fields[] = "1t message\0"
				 "2x time\0"
				 "3t source\0"
				 "4e level\0";
static const struct meshtcp_schema log_record = { log_fields, NULL, NULL };

static const char queue_fields[] = "1i res\0"
				   "2u free\0"
				   "3u maxlen\0"
				   "4u mesh_packet_id\0";
static const struct meshtcp_schema queue = { queue_fields, NULL, NULL };

static const char mqtt_fields[] = "1t topic\0"
				  "2B data\0"
				  "3t text\0"
				  "4b retained\0";
static const struct meshtcp_schema mqtt = { mqtt_fields, NULL, NULL };

static const char file_fields[] = "1t file_name\0"
				  "2u size_bytes\0";
static const struct meshtcp_schema file = { file_fields, NULL, NULL };

static const char notification_fields[] = "1u reply_id\0"
					  "2x time\0"
					  "3e level\0"
					  "4t message\0";
static const struct meshtcp_schema notification = { notification_fields, NULL, NULL };

static const char ui_fields[] = "2u screen_brightness\0"
				"3u screen_timeout\0";
static const struct meshtcp_schema ui = { ui_fields, NULL, NULL };

static const char heartbeat_fields[] = "1u nonce\0";
static const struct meshtcp_schema heartbeat = { heartbeat_fields, NULL, NULL };

static const struct meshtcp_schema *const from_radio_messages[] = { &packet,
								    &my_info,
								    &node_info,
								    &meshtcp_schema_config,
								    &log_record,
								    &meshtcp_schema_module,
								    &meshtcp_schema_channel,
								    &queue,
								    &meshtcp_schema_metadata,
								    &mqtt,
								    &file,
								    &notification,
								    &ui };
static const char from_radio_fields[] = "1u id\0"
					"2m& packet\0"
					"3m& my_info\0"
					"4m& node_info\0"
					"5m& config\0"
					"6m& log_record\0"
					"7u config_complete_id\0"
					"8b rebooted\0"
					"9m& moduleConfig\0"
					"10m& channel\0"
					"11m& queueStatus\0"
					"13m& metadata\0"
					"14m& mqttClientProxyMessage\0"
					"15m& fileInfo\0"
					"16m& clientNotification\0"
					"17m& deviceuiConfig\0";
const struct meshtcp_schema table_from_radio = { from_radio_fields, from_radio_messages, NULL };

static const struct meshtcp_schema *const to_radio_messages[] = { &packet, &heartbeat };
static const char to_radio_fields[] = "1m& packet\0"
				      "3u want_config_id\0"
				      "4b disconnect\0"
				      "7m& heartbeat\0";
const struct meshtcp_schema table_to_radio = { to_radio_fields, to_radio_messages, NULL };

const char *table_prefix(unsigned port)
{
	static const struct {
		unsigned port;
		const char *prefix;
	} prefixes[] = {
		{ 3, "position" }, { 4, "user" },          { 5, "routing" }, { 6, "admin" },
		{ 8, "waypoint" }, { 34, "paxcount" },     { 65, "sf" },     { 67, "telemetry" },
		{ 70, "route" },   { 71, "neighborinfo" },
	};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (prefixes[i].port == port)
			return prefixes[i].prefix;
	return NULL;
}
