/* SPDX-License-Identifier: MIT */
/* Names of the fields of configuration sections (appendix B). */
#include "schema.h"

static const char ipv4_fields[] = "1x ip\0"
				  "2x gateway\0"
				  "3x subnet\0"
				  "4x dns\0";
static const struct meshtcp_schema ipv4 = { ipv4_fields, NULL, NULL };

static const char *const config_device_words[] = { meshtcp_words_role };
static const char config_device_fields[] = "1e& role\0"
					   "2b serial_enabled\0"
					   "4u button_gpio\0"
					   "5u buzzer_gpio\0"
					   "6e rebroadcast_mode\0"
					   "7u node_info_broadcast_secs\0"
					   "8b double_tap_as_button_press\0"
					   "9b is_managed\0"
					   "10b disable_triple_click\0"
					   "11t tzdef\0"
					   "12b led_heartbeat_disabled\0"
					   "13e buzzer_mode\0";
static const struct meshtcp_schema config_device = { config_device_fields, NULL,
						     config_device_words };

static const char config_position_fields[] = "1u position_broadcast_secs\0"
					     "2b position_broadcast_smart_enabled\0"
					     "3b fixed_position\0"
					     "4b gps_enabled\0"
					     "5u gps_update_interval\0"
					     "6u gps_attempt_time\0"
					     "7u position_flags\0"
					     "8u rx_gpio\0"
					     "9u tx_gpio\0"
					     "10u broadcast_smart_minimum_distance\0"
					     "11u broadcast_smart_minimum_interval_secs\0"
					     "12u gps_en_gpio\0"
					     "13e gps_mode\0";
static const struct meshtcp_schema config_position = { config_position_fields, NULL, NULL };

static const char config_power_fields[] = "1b is_power_saving\0"
					  "2u on_battery_shutdown_after_secs\0"
					  "3f adc_multiplier_override\0"
					  "4u wait_bluetooth_secs\0"
					  "6u sds_secs\0"
					  "7u ls_secs\0"
					  "8u min_wake_secs\0"
					  "9u device_battery_ina_address\0"
					  "32U powermon_enables\0";
static const struct meshtcp_schema config_power = { config_power_fields, NULL, NULL };

static const struct meshtcp_schema *const config_network_messages[] = { &ipv4 };
static const char config_network_fields[] = "1b wifi_enabled\0"
					    "3t wifi_ssid\0"
					    "4t! wifi_psk\0"
					    "5t ntp_server\0"
					    "6b eth_enabled\0"
					    "7e address_mode\0"
					    "8m& ipv4_config\0"
					    "9t rsyslog_server\0"
					    "10u enabled_protocols\0"
					    "11b ipv6_enabled\0";
static const struct meshtcp_schema config_network = { config_network_fields,
						      config_network_messages, NULL };

static const char config_display_fields[] = "1u screen_on_secs\0"
					    "2e gps_format\0"
					    "3u auto_screen_carousel_secs\0"
					    "4b compass_north_top\0"
					    "5b flip_screen\0"
					    "6e units\0"
					    "7e oled\0"
					    "8e displaymode\0"
					    "9b heading_bold\0"
					    "10b wake_on_tap_or_motion\0"
					    "11e compass_orientation\0"
					    "12b use_12h_clock\0"
					    "13b use_long_node_name\0"
					    "14b enable_message_bubbles\0";
static const struct meshtcp_schema config_display = { config_display_fields, NULL, NULL };

static const char *const config_lora_words[] = { meshtcp_words_preset, meshtcp_words_region };
static const char config_lora_fields[] = "1b use_preset\0"
					 "2e& modem_preset\0"
					 "3u bandwidth\0"
					 "4u spread_factor\0"
					 "5u coding_rate\0"
					 "6f frequency_offset\0"
					 "7e& region\0"
					 "8u hop_limit\0"
					 "9b tx_enabled\0"
					 "10i tx_power\0"
					 "11u channel_num\0"
					 "12b override_duty_cycle\0"
					 "13b sx126x_rx_boosted_gain\0"
					 "14f override_frequency\0"
					 "15b pa_fan_disabled\0"
					 "103u* ignore_incoming\0"
					 "104b ignore_mqtt\0"
					 "105b config_ok_to_mqtt\0"
					 "106e fem_lna_mode\0"
					 "107b serial_hal_only\0";
static const struct meshtcp_schema config_lora = { config_lora_fields, NULL, config_lora_words };

static const char config_bluetooth_fields[] = "1b enabled\0"
					      "2e mode\0"
					      "3u! fixed_pin\0";
static const struct meshtcp_schema config_bluetooth = { config_bluetooth_fields, NULL, NULL };

static const char config_security_fields[] = "1B public_key\0"
					     "2B! private_key\0"
					     "3B* admin_key\0"
					     "4b is_managed\0"
					     "5b serial_enabled\0"
					     "6b debug_log_api_enabled\0"
					     "8b admin_channel_enabled\0"
					     "9e packet_signature_policy\0";
static const struct meshtcp_schema config_security = { config_security_fields, NULL, NULL };

static const char config_sessionkey_fields[] = "";
static const struct meshtcp_schema config_sessionkey = { config_sessionkey_fields, NULL, NULL };

static const char config_device_ui_fields[] = "";
static const struct meshtcp_schema config_device_ui = { config_device_ui_fields, NULL, NULL };

static const struct meshtcp_schema *const config_messages[] = {
	&config_device, &config_position,  &config_power,    &config_network,    &config_display,
	&config_lora,   &config_bluetooth, &config_security, &config_sessionkey, &config_device_ui
};
static const char config_fields[] = "1m& device\0"
				    "2m& position\0"
				    "3m& power\0"
				    "4m& network\0"
				    "5m& display\0"
				    "6m& lora\0"
				    "7m& bluetooth\0"
				    "8m& security\0"
				    "9m& sessionkey\0"
				    "10m& device_ui\0";
const struct meshtcp_schema meshtcp_schema_config = { config_fields, config_messages, NULL };
