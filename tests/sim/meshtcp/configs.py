# SPDX-License-Identifier: MIT
"""Sections of the configuration (protocol sheet, appendix B): their tables and a new node's.

Sections are kept as bytes, so that what a client wrote is read back unchanged.
"""

CONFIG_TABLES = """
Config: 1 DeviceConfig device 1of, 2 PositionConfig position 1of, 3 PowerConfig power 1of,
  4 NetworkConfig network 1of, 5 DisplayConfig display 1of, 6 LoraConfig lora 1of,
  7 BluetoothConfig bluetooth 1of, 8 SecurityConfig security 1of, 9 bytes sessionkey 1of,
  10 bytes device_ui 1of
DeviceConfig: 1 enum role, 2 bool serial_enabled, 4 u32 button_gpio, 5 u32 buzzer_gpio,
  6 enum rebroadcast_mode, 7 u32 node_info_broadcast_secs, 8 bool double_tap_as_button_press,
  9 bool is_managed, 10 bool disable_triple_click, 11 str tzdef, 12 bool led_heartbeat_disabled,
  13 enum buzzer_mode
PositionConfig: 1 u32 position_broadcast_secs, 2 bool position_broadcast_smart_enabled,
  3 bool fixed_position, 4 bool gps_enabled, 5 u32 gps_update_interval, 6 u32 gps_attempt_time,
  7 u32 position_flags, 8 u32 rx_gpio, 9 u32 tx_gpio, 10 u32 broadcast_smart_minimum_distance,
  11 u32 broadcast_smart_minimum_interval_secs, 12 u32 gps_en_gpio, 13 enum gps_mode
PowerConfig: 1 bool is_power_saving, 2 u32 on_battery_shutdown_after_secs,
  3 float adc_multiplier_override, 4 u32 wait_bluetooth_secs, 6 u32 sds_secs, 7 u32 ls_secs,
  8 u32 min_wake_secs, 9 u32 device_battery_ina_address, 32 u64 powermon_enables
NetworkConfig: 1 bool wifi_enabled, 3 str wifi_ssid, 4 str wifi_psk, 5 str ntp_server,
  6 bool eth_enabled, 7 enum address_mode, 8 Ipv4Config ipv4_config, 9 str rsyslog_server,
  10 u32 enabled_protocols, 11 bool ipv6_enabled
Ipv4Config: 1 fix32 ip, 2 fix32 gateway, 3 fix32 subnet, 4 fix32 dns
DisplayConfig: 1 u32 screen_on_secs, 2 enum gps_format, 3 u32 auto_screen_carousel_secs,
  4 bool compass_north_top, 5 bool flip_screen, 6 enum units, 7 enum oled, 8 enum displaymode,
  9 bool heading_bold, 10 bool wake_on_tap_or_motion, 11 enum compass_orientation,
  12 bool use_12h_clock, 13 bool use_long_node_name, 14 bool enable_message_bubbles
LoraConfig: 1 bool use_preset, 2 enum modem_preset, 3 u32 bandwidth, 4 u32 spread_factor,
  5 u32 coding_rate, 6 float frequency_offset, 7 enum region, 8 u32 hop_limit,
  9 bool tx_enabled, 10 i32 tx_power, 11 u32 channel_num, 12 bool override_duty_cycle,
  13 bool sx126x_rx_boosted_gain, 14 float override_frequency, 15 bool pa_fan_disabled,
  103 u32 ignore_incoming [], 104 bool ignore_mqtt, 105 bool config_ok_to_mqtt,
  106 enum fem_lna_mode, 107 bool serial_hal_only
BluetoothConfig: 1 bool enabled, 2 enum mode, 3 u32 fixed_pin
SecurityConfig: 1 bytes public_key, 2 bytes private_key, 3 bytes admin_key [], 4 bool is_managed,
  5 bool serial_enabled, 6 bool debug_log_api_enabled, 8 bool admin_channel_enabled,
  9 enum packet_signature_policy
ModuleConfig: 1 MqttConfig mqtt 1of, 2 bytes serial 1of, 3 bytes external_notification 1of,
  4 bytes store_forward 1of, 5 bytes range_test 1of, 6 TelemetryConfig telemetry 1of,
  7 bytes canned_message 1of, 8 bytes audio 1of, 9 bytes remote_hardware 1of,
  10 NeighborConfig neighbor_info 1of, 11 AmbientConfig ambient_lighting 1of,
  12 DetectionConfig detection_sensor 1of, 13 bytes paxcounter 1of, 14 bytes statusmessage 1of,
  15 bytes traffic_management 1of, 16 bytes tak 1of, 17 bytes mesh_beacon 1of
MqttConfig: 1 bool enabled, 2 str address, 3 str username, 4 str password,
  5 bool encryption_enabled, 6 bool json_enabled, 7 bool tls_enabled, 8 str root,
  9 bool proxy_to_client_enabled, 10 bool map_reporting_enabled, 11 bytes map_report_settings
TelemetryConfig: 1 u32 device_update_interval, 2 u32 environment_update_interval,
  3 bool environment_measurement_enabled, 4 bool environment_screen_enabled,
  5 bool environment_display_fahrenheit, 6 bool air_quality_enabled, 7 u32 air_quality_interval,
  8 bool power_measurement_enabled, 9 u32 power_update_interval, 10 bool power_screen_enabled,
  11 bool health_measurement_enabled, 12 u32 health_update_interval,
  13 bool health_screen_enabled, 14 bool device_telemetry_enabled,
  15 bool air_quality_screen_enabled
NeighborConfig: 1 bool enabled, 2 u32 update_interval, 3 bool transmit_over_lora
AmbientConfig: 1 bool led_state, 2 u32 current, 3 u32 red, 4 u32 green, 5 u32 blue
DetectionConfig: 1 bool enabled, 2 u32 minimum_broadcast_secs, 3 u32 state_broadcast_secs,
  4 bool send_bell, 5 str name, 6 u32 monitor_pin, 7 enum trigger_type, 8 bool use_pullup
"""

# What a new node has; sections that are not named are empty.
CONFIG = {
    "device": {"node_info_broadcast_secs": 10800, "tzdef": "CET-1CEST,M3.5.0,M10.5.0/3"},
    "position": {"position_broadcast_secs": 3600, "position_broadcast_smart_enabled": True,
                 "gps_update_interval": 120, "position_flags": 811,
                 "broadcast_smart_minimum_distance": 100,
                 "broadcast_smart_minimum_interval_secs": 300, "gps_mode": 2},
    "power": {"wait_bluetooth_secs": 60, "sds_secs": 4294967295, "ls_secs": 300,
              "min_wake_secs": 10},
    "network": {"wifi_enabled": True, "wifi_ssid": "barn", "wifi_psk": "hunter22",
                "ntp_server": "ntp.example.org"},
    "display": {"screen_on_secs": 600},
    "lora": {"use_preset": True, "bandwidth": 250, "spread_factor": 11, "coding_rate": 5,
             "region": 3, "hop_limit": 3, "tx_enabled": True, "tx_power": 27},
    "bluetooth": {"mode": 1, "fixed_pin": 123456},
    "security": {"serial_enabled": True},
    "sessionkey": b"",
    "device_ui": b"",
}
MODULES = {
    "mqtt": {"address": "mqtt.example.org", "encryption_enabled": True, "root": "msh/EU_868"},
    "telemetry": {"device_update_interval": 1800},
    "ambient_lighting": {"current": 10, "red": 52, "green": 86, "blue": 120},
    "detection_sensor": {"minimum_broadcast_secs": 45, "trigger_type": 1},
}
FILES = (("/prefs/device.proto", 103), ("/prefs/nodes.proto", 478), ("/prefs/channels.proto", 102),
         ("/prefs/config.proto", 171), ("/prefs/module.proto", 98),
         ("/prefs/transmit_history.dat", 13))


def module_count(version):
    """How many module sections a firmware lists, and how many of them it fills."""
    if version >= (2, 8, 0):
        return 17, 17
    return (16, 13) if version > (2, 7, 15) else (13, 13)


class Sections:
    """The sections of one node: number -> bytes. `table` is "Config" or "ModuleConfig"."""

    def __init__(self, schema, table, values, **more):
        self.schema = schema
        self.table = table
        self.fields = schema.fields(table)
        self.raw = {}
        for name, field in self.fields.items():
            self.raw[field.number] = self.written(field, values.get(name, {}) or {})
        for name, values in more.items():
            self.change(name, values)

    def written(self, field, values):
        return self.schema.encode(field.message, values) if field.message else b""

    def record(self, number):
        """The Config or ModuleConfig message with this section."""
        field = self.schema.tables[self.table][number]
        return self.schema.encode(self.table, {field.name: self.raw[number]})

    def read(self, name):
        """A section as a dict; what cannot be read is empty."""
        field = self.fields[name]
        try:
            return self.schema.decode(field.message, self.raw[field.number])
        except ValueError:
            return {}

    def change(self, name, values):
        field = self.fields[name]
        self.raw[field.number] = self.written(field, self.read(name) | values)
