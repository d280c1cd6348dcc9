/* SPDX-License-Identifier: MIT */
/* Names of the fields of payloads and records (sections 7, 9, 12). */
#include "schema.h"

static const char *const user_words[] = { meshtcp_words_hw_model, meshtcp_words_role };
static const char user_fields[] = "1t id\0"
				  "2t long_name\0"
				  "3t short_name\0"
				  "4B macaddr\0"
				  "5e& hw_model\0"
				  "6b is_licensed\0"
				  "7e& role\0"
				  "8B public_key\0"
				  "9b is_unmessagable\0";
const struct meshtcp_schema meshtcp_schema_user = { user_fields, NULL, user_words };

static const char position_fields[] = "1y latitude_i\0"
				      "2y longitude_i\0"
				      "3i altitude\0"
				      "4x time\0"
				      "5e location_source\0"
				      "6e altitude_source\0"
				      "7x timestamp\0"
				      "8i timestamp_millis_adjust\0"
				      "9s altitude_hae\0"
				      "10s altitude_geoidal_separation\0"
				      "11u pdop\0"
				      "12u hdop\0"
				      "13u vdop\0"
				      "14u gps_accuracy\0"
				      "15u ground_speed\0"
				      "16u ground_track\0"
				      "17u fix_quality\0"
				      "18u fix_type\0"
				      "19u sats_in_view\0"
				      "20u sensor_id\0"
				      "21u next_update\0"
				      "22u seq_number\0"
				      "23u precision_bits\0";
const struct meshtcp_schema meshtcp_schema_position = { position_fields, NULL, NULL };

static const char route_fields[] = "1x* route\0"
				   "2i* snr_towards\0"
				   "3x* route_back\0"
				   "4i* snr_back\0";
const struct meshtcp_schema meshtcp_schema_route = { route_fields, NULL, NULL };

static const struct meshtcp_schema *const routing_messages[] = { &meshtcp_schema_route,
								 &meshtcp_schema_route };
static const char *const routing_words[] = { meshtcp_words_routing };
static const char routing_fields[] = "1m& route_request\0"
				     "2m& route_reply\0"
				     "3e& error_reason\0";
const struct meshtcp_schema meshtcp_schema_routing = { routing_fields, routing_messages,
						       routing_words };

static const char box_fields[] = "1y west\0"
				 "2y south\0"
				 "3y east\0"
				 "4y north\0";
static const struct meshtcp_schema box = { box_fields, NULL, NULL };

static const struct meshtcp_schema *const waypoint_messages[] = { &box };
static const char waypoint_fields[] = "1u id\0"
				      "2y latitude_i\0"
				      "3y longitude_i\0"
				      "4u expire\0"
				      "5u locked_to\0"
				      "6t name\0"
				      "7t description\0"
				      "8x icon\0"
				      "9u geofence_radius\0"
				      "10m& bounding_box\0"
				      "11b notify_on_enter\0"
				      "12b notify_on_exit\0"
				      "13b notify_favorites_only\0";
const struct meshtcp_schema meshtcp_schema_waypoint = { waypoint_fields, waypoint_messages, NULL };

static const char neighbor_fields[] = "1u node_id\0"
				      "2f snr\0"
				      "3x last_rx_time\0"
				      "4u node_broadcast_interval_secs\0";
static const struct meshtcp_schema neighbor = { neighbor_fields, NULL, NULL };

static const struct meshtcp_schema *const neighbors_messages[] = { &neighbor };
static const char neighbors_fields[] = "1u node_id\0"
				       "2u last_sent_by_id\0"
				       "3u node_broadcast_interval_secs\0"
				       "4m*& neighbors\0";
const struct meshtcp_schema meshtcp_schema_neighbors = { neighbors_fields, neighbors_messages,
							 NULL };

static const char sf_stats_fields[] = "1u messages_total\0"
				      "2u messages_saved\0"
				      "3u messages_max\0"
				      "4u up_time\0"
				      "5u requests\0"
				      "6u requests_history\0"
				      "7b heartbeat\0"
				      "8u return_max\0"
				      "9u return_window\0";
static const struct meshtcp_schema sf_stats = { sf_stats_fields, NULL, NULL };

static const char sf_history_fields[] = "1u history_messages\0"
					"2u window\0"
					"3u last_request\0";
static const struct meshtcp_schema sf_history = { sf_history_fields, NULL, NULL };

static const char sf_heartbeat_fields[] = "1u period\0"
					  "2u secondary\0";
static const struct meshtcp_schema sf_heartbeat = { sf_heartbeat_fields, NULL, NULL };

static const struct meshtcp_schema *const store_forward_messages[] = { &sf_stats, &sf_history,
								       &sf_heartbeat };
static const char store_forward_fields[] = "1e rr\0"
					   "2m& stats\0"
					   "3m& history\0"
					   "4m& heartbeat\0"
					   "5B text\0";
const struct meshtcp_schema meshtcp_schema_store_forward = { store_forward_fields,
							     store_forward_messages, NULL };

static const char status_fields[] = "1t status\0";
const struct meshtcp_schema meshtcp_schema_status = { status_fields, NULL, NULL };

static const char paxcounter_fields[] = "1u wifi\0"
					"2u ble\0"
					"3u uptime\0";
const struct meshtcp_schema meshtcp_schema_paxcounter = { paxcounter_fields, NULL, NULL };

static const char key_verification_fields[] = "1U nonce\0"
					      "2B hash1\0"
					      "3B hash2\0";
const struct meshtcp_schema meshtcp_schema_key_verification = { key_verification_fields, NULL,
								NULL };

static const char hardware_fields[] = "1e type\0"
				      "2U mask\0"
				      "3U value\0";
const struct meshtcp_schema meshtcp_schema_hardware = { hardware_fields, NULL, NULL };

static const char simulator_fields[] = "1e portnum\0"
				       "2B data\0";
const struct meshtcp_schema meshtcp_schema_simulator = { simulator_fields, NULL, NULL };

static const char *const metadata_words[] = { meshtcp_words_role, meshtcp_words_hw_model };
static const char metadata_fields[] = "1t firmware_version\0"
				      "2u device_state_version\0"
				      "3b can_shutdown\0"
				      "4b has_wifi\0"
				      "5b has_bluetooth\0"
				      "6b has_ethernet\0"
				      "7e& role\0"
				      "8u position_flags\0"
				      "9e& hw_model\0"
				      "10b has_remote_hardware\0"
				      "11b has_pkc\0"
				      "12u excluded_modules\0"
				      "14b has_xeddsa\0";
const struct meshtcp_schema meshtcp_schema_metadata = { metadata_fields, NULL, metadata_words };

static const char channel_module_fields[] = "1u position_precision\0"
					    "2b is_muted\0";
static const struct meshtcp_schema channel_module = { channel_module_fields, NULL, NULL };

static const struct meshtcp_schema *const channel_settings_messages[] = { &channel_module };
static const char channel_settings_fields[] = "1u channel_num\0"
					      "2B! psk\0"
					      "3t name\0"
					      "4x id\0"
					      "5b uplink_enabled\0"
					      "6b downlink_enabled\0"
					      "7m& module_settings\0";
static const struct meshtcp_schema channel_settings = { channel_settings_fields,
							channel_settings_messages, NULL };

static const struct meshtcp_schema *const channel_messages[] = { &channel_settings };
static const char channel_fields[] = "1i index\0"
				     "2m& settings\0"
				     "3e role\0";
const struct meshtcp_schema meshtcp_schema_channel = { channel_fields, channel_messages, NULL };

static const struct meshtcp_schema *const contact_messages[] = { &meshtcp_schema_user };
static const char contact_fields[] = "1u node_num\0"
				     "2m& user\0"
				     "3b should_ignore\0"
				     "4b manually_verified\0";
static const struct meshtcp_schema contact = { contact_fields, contact_messages, NULL };

static const struct meshtcp_schema *const admin_messages[] = { &meshtcp_schema_channel,
							       &meshtcp_schema_user,
							       &meshtcp_schema_config,
							       &meshtcp_schema_module,
							       &meshtcp_schema_metadata,
							       &meshtcp_schema_user,
							       &meshtcp_schema_channel,
							       &meshtcp_schema_config,
							       &meshtcp_schema_module,
							       &meshtcp_schema_position,
							       &contact };
static const char admin_fields[] = "1u get_channel_request\0"
				   "2m& get_channel_response\0"
				   "3b get_owner_request\0"
				   "4m& get_owner_response\0"
				   "5e get_config_request\0"
				   "6m& get_config_response\0"
				   "7e get_module_config_request\0"
				   "8m& get_module_config_response\0"
				   "10b get_canned_messages_request\0"
				   "11t get_canned_messages_response\0"
				   "12b get_device_metadata_request\0"
				   "13m& get_device_metadata_response\0"
				   "14b get_ringtone_request\0"
				   "15t get_ringtone_response\0"
				   "16b get_connection_status_request\0"
				   "17m get_connection_status_response\0"
				   "18m set_ham_mode\0"
				   "19b get_remote_hardware_pins_request\0"
				   "20m get_remote_hardware_pins_response\0"
				   "21b enter_dfu_mode\0"
				   "22t delete_file\0"
				   "24e backup_preferences\0"
				   "25e restore_preferences\0"
				   "26e remove_backup_preferences\0"
				   "27m send_input_event\0"
				   "32m& set_owner\0"
				   "33m& set_channel\0"
				   "34m& set_config\0"
				   "35m& set_module_config\0"
				   "36t set_canned_messages\0"
				   "37t set_ringtone\0"
				   "38u remove_by_nodenum\0"
				   "39u set_favorite_node\0"
				   "40u remove_favorite_node\0"
				   "41m& set_fixed_position\0"
				   "42b remove_fixed_position\0"
				   "43x set_time_only\0"
				   "44b get_ui_config_request\0"
				   "45m get_ui_config_response\0"
				   "46m store_ui_config\0"
				   "47u set_ignored_node\0"
				   "48u remove_ignored_node\0"
				   "49u toggle_muted_node\0"
				   "64b begin_edit_settings\0"
				   "65b commit_edit_settings\0"
				   "66m& add_contact\0"
				   "67m key_verification\0"
				   "94i factory_reset_device\0"
				   "95i reboot_ota_seconds\0"
				   "96b exit_simulator\0"
				   "97i reboot_seconds\0"
				   "98i shutdown_seconds\0"
				   "99i factory_reset_config\0"
				   "100b nodedb_reset\0"
				   "101B! session_passkey\0"
				   "102m ota_request\0"
				   "104m lockdown_auth\0";
const struct meshtcp_schema meshtcp_schema_admin = { admin_fields, admin_messages, NULL };
