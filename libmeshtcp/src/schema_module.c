/* SPDX-License-Identifier: MIT */
/* Names of the fields of module sections (appendix B). */
#include "schema.h"

static const char pin_fields[] = "1u gpio_pin\0"
				 "2t name\0"
				 "3e type\0";
static const struct meshtcp_schema pin = { pin_fields, NULL, NULL };

static const char module_mqtt_fields[] = "1b enabled\0"
					 "2t address\0"
					 "3t username\0"
					 "4t! password\0"
					 "5b encryption_enabled\0"
					 "6b json_enabled\0"
					 "7b tls_enabled\0"
					 "8t root\0"
					 "9b proxy_to_client_enabled\0"
					 "10b map_reporting_enabled\0"
					 "11m map_report_settings\0";
static const struct meshtcp_schema module_mqtt = { module_mqtt_fields, NULL, NULL };

static const char module_serial_fields[] = "1b enabled\0"
					   "2b echo\0"
					   "3u rxd\0"
					   "4u txd\0"
					   "5e baud\0"
					   "6u timeout\0"
					   "7e mode\0"
					   "8b override_console_serial_port\0";
static const struct meshtcp_schema module_serial = { module_serial_fields, NULL, NULL };

static const char module_external_notification_fields[] = "1b enabled\0"
							  "2u output_ms\0"
							  "3u output\0"
							  "4b active\0"
							  "5b alert_message\0"
							  "6b alert_bell\0"
							  "7b use_pwm\0"
							  "8u output_vibra\0"
							  "9u output_buzzer\0"
							  "10b alert_message_vibra\0"
							  "11b alert_message_buzzer\0"
							  "12b alert_bell_vibra\0"
							  "13b alert_bell_buzzer\0"
							  "14u nag_timeout\0"
							  "15b use_i2s_as_buzzer\0";
static const struct meshtcp_schema module_external_notification = {
	module_external_notification_fields, NULL, NULL
};

static const char module_store_forward_fields[] = "1b enabled\0"
						  "2b heartbeat\0"
						  "3u records\0"
						  "4u history_return_max\0"
						  "5u history_return_window\0"
						  "6b is_server\0";
static const struct meshtcp_schema module_store_forward = { module_store_forward_fields, NULL,
							    NULL };

static const char module_range_test_fields[] = "1b enabled\0"
					       "2u sender\0"
					       "3b save\0"
					       "4b clear_on_reboot\0";
static const struct meshtcp_schema module_range_test = { module_range_test_fields, NULL, NULL };

static const char module_telemetry_fields[] = "1u device_update_interval\0"
					      "2u environment_update_interval\0"
					      "3b environment_measurement_enabled\0"
					      "4b environment_screen_enabled\0"
					      "5b environment_display_fahrenheit\0"
					      "6b air_quality_enabled\0"
					      "7u air_quality_interval\0"
					      "8b power_measurement_enabled\0"
					      "9u power_update_interval\0"
					      "10b power_screen_enabled\0"
					      "11b health_measurement_enabled\0"
					      "12u health_update_interval\0"
					      "13b health_screen_enabled\0"
					      "14b device_telemetry_enabled\0"
					      "15b air_quality_screen_enabled\0";
static const struct meshtcp_schema module_telemetry = { module_telemetry_fields, NULL, NULL };

static const char module_canned_message_fields[] = "1b rotary1_enabled\0"
						   "2u inputbroker_pin_a\0"
						   "3u inputbroker_pin_b\0"
						   "4u inputbroker_pin_press\0"
						   "5e inputbroker_event_cw\0"
						   "6e inputbroker_event_ccw\0"
						   "7e inputbroker_event_press\0"
						   "8b updown1_enabled\0"
						   "9b enabled\0"
						   "10t allow_input_source\0"
						   "11b send_bell\0";
static const struct meshtcp_schema module_canned_message = { module_canned_message_fields, NULL,
							     NULL };

static const char module_audio_fields[] = "1b codec2_enabled\0"
					  "2u ptt_pin\0"
					  "3e bitrate\0"
					  "4u i2s_ws\0"
					  "5u i2s_sd\0"
					  "6u i2s_din\0"
					  "7u i2s_sck\0";
static const struct meshtcp_schema module_audio = { module_audio_fields, NULL, NULL };

static const struct meshtcp_schema *const module_remote_hardware_messages[] = { &pin };
static const char module_remote_hardware_fields[] = "1b enabled\0"
						    "2b allow_undefined_pin_access\0"
						    "3m*& available_pins\0";
static const struct meshtcp_schema module_remote_hardware = { module_remote_hardware_fields,
							      module_remote_hardware_messages,
							      NULL };

static const char module_neighbor_info_fields[] = "1b enabled\0"
						  "2u update_interval\0"
						  "3b transmit_over_lora\0";
static const struct meshtcp_schema module_neighbor_info = { module_neighbor_info_fields, NULL,
							    NULL };

static const char module_ambient_lighting_fields[] = "1b led_state\0"
						     "2u current\0"
						     "3u red\0"
						     "4u green\0"
						     "5u blue\0";
static const struct meshtcp_schema module_ambient_lighting = { module_ambient_lighting_fields, NULL,
							       NULL };

static const char module_detection_sensor_fields[] = "1b enabled\0"
						     "2u minimum_broadcast_secs\0"
						     "3u state_broadcast_secs\0"
						     "4b send_bell\0"
						     "5t name\0"
						     "6u monitor_pin\0"
						     "7e trigger_type\0"
						     "8b use_pullup\0";
static const struct meshtcp_schema module_detection_sensor = { module_detection_sensor_fields, NULL,
							       NULL };

static const char module_paxcounter_fields[] = "1b enabled\0"
					       "2u update_interval\0"
					       "3i wifi_threshold\0"
					       "4i ble_threshold\0";
static const struct meshtcp_schema module_paxcounter = { module_paxcounter_fields, NULL, NULL };

static const char module_statusmessage_fields[] = "1t node_status\0";
static const struct meshtcp_schema module_statusmessage = { module_statusmessage_fields, NULL,
							    NULL };

static const char module_traffic_management_fields[] = "4u setting4\0"
						       "6u setting6\0"
						       "8u setting8\0"
						       "9u setting9\0"
						       "11u setting11\0";
static const struct meshtcp_schema module_traffic_management = { module_traffic_management_fields,
								 NULL, NULL };

static const char module_tak_fields[] = "1e team\0"
					"2e role\0";
static const struct meshtcp_schema module_tak = { module_tak_fields, NULL, NULL };

static const char module_mesh_beacon_fields[] = "";
static const struct meshtcp_schema module_mesh_beacon = { module_mesh_beacon_fields, NULL, NULL };

static const struct meshtcp_schema *const module_messages[] = { &module_mqtt,
								&module_serial,
								&module_external_notification,
								&module_store_forward,
								&module_range_test,
								&module_telemetry,
								&module_canned_message,
								&module_audio,
								&module_remote_hardware,
								&module_neighbor_info,
								&module_ambient_lighting,
								&module_detection_sensor,
								&module_paxcounter,
								&module_statusmessage,
								&module_traffic_management,
								&module_tak,
								&module_mesh_beacon };
static const char module_fields[] = "1m& mqtt\0"
				    "2m& serial\0"
				    "3m& external_notification\0"
				    "4m& store_forward\0"
				    "5m& range_test\0"
				    "6m& telemetry\0"
				    "7m& canned_message\0"
				    "8m& audio\0"
				    "9m& remote_hardware\0"
				    "10m& neighbor_info\0"
				    "11m& ambient_lighting\0"
				    "12m& detection_sensor\0"
				    "13m& paxcounter\0"
				    "14m& statusmessage\0"
				    "15m& traffic_management\0"
				    "16m& tak\0"
				    "17m& mesh_beacon\0";
const struct meshtcp_schema meshtcp_schema_module = { module_fields, module_messages, NULL };
