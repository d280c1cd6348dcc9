# SPDX-License-Identifier: MIT
"""The messages of the protocol as tables, and the ports (protocol sheet, sections 5 to 13)."""

import re

from .configs import CONFIG_TABLES
from .wire import Schema

BROADCAST = 0xFFFFFFFF
# 1: everybody, but not over the air.
BROADCAST_LOCAL = 1
FRAME_MAX, TO_RADIO_MAX, PAYLOAD_MAX = 512, 504, 233

TEXT, POSITION, NODEINFO, ROUTING, ADMIN = 1, 3, 4, 5, 6
WAYPOINT, ALERT, REPLY, STATUS, STORE_FORWARD = 8, 11, 32, 36, 65
RANGE_TEST, TELEMETRY, TRACEROUTE, NEIGHBORS = 66, 67, 70, 71

CONNECTION_TABLES = """
ToRadio: 1 MeshPacket packet 1of, 3 u32 want_config_id 1of, 4 bool disconnect 1of,
  5 XModem xmodemPacket 1of, 6 MqttProxy mqttClientProxyMessage 1of, 7 Heartbeat heartbeat 1of
FromRadio: 1 u32 id, 2 MeshPacket packet 1of, 3 MyNodeInfo my_info 1of,
  4 NodeInfo node_info 1of, 5 Config config 1of, 6 LogRecord log_record 1of,
  7 u32 config_complete_id 1of, 8 bool rebooted 1of, 9 ModuleConfig moduleConfig 1of,
  10 Channel channel 1of, 11 QueueStatus queueStatus 1of, 12 XModem xmodemPacket 1of,
  13 Metadata metadata 1of, 14 MqttProxy mqttClientProxyMessage 1of, 15 FileInfo fileInfo 1of,
  16 Notification clientNotification 1of, 17 bytes deviceuiConfig 1of,
  18 Lockdown lockdown_status 1of, 19 RegionPresets region_presets 1of
Heartbeat: 1 u32 nonce
QueueStatus: 1 i32 res, 2 u32 free, 3 u32 maxlen, 4 u32 mesh_packet_id
FileInfo: 1 str file_name, 2 u32 size_bytes
XModem: 1 enum control, 2 u32 seq, 3 u32 crc16, 4 bytes buffer
MqttProxy: 1 str topic, 2 bytes data 1of, 3 str text 1of, 4 bool retained
LogRecord: 1 str message, 2 fix32 time, 3 str source, 4 enum level
Notification: 1 u32 reply_id opt, 2 fix32 time, 3 enum level, 4 str message,
  11 bytes number_to_show 1of, 12 bytes number_wanted 1of, 13 bytes final 1of,
  14 bytes duplicated_key 1of, 15 bytes weak_key 1of
Lockdown: 1 enum state, 2 str lock_reason, 3 u32 boots_remaining, 4 u32 valid_until,
  5 u32 backoff_seconds
RegionPresets: 1 PresetGroup group [], 2 RegionGroup region []
PresetGroup: 1 enum presets [], 2 enum default, 3 bool licensed_only
RegionGroup: 1 enum region, 2 u32 group_index
MyNodeInfo: 1 u32 my_node_num, 8 u32 reboot_count, 11 u32 min_app_version, 12 bytes device_id,
  13 str pio_env, 14 enum firmware_edition, 15 u32 nodedb_count
Metadata: 1 str firmware_version, 2 u32 device_state_version, 3 bool canShutdown,
  4 bool hasWifi, 5 bool hasBluetooth, 6 bool hasEthernet, 7 enum role, 8 u32 position_flags,
  9 enum hw_model, 10 bool hasRemoteHardware, 11 bool hasPKC, 12 u32 excluded_modules,
  14 bool has_xeddsa
NodeInfo: 1 u32 num, 2 User user, 3 Position position, 4 float snr, 5 fix32 last_heard,
  6 DeviceMetrics device_metrics, 7 u32 channel, 8 bool via_mqtt, 9 u32 hops_away opt,
  10 bool is_favorite, 11 bool is_ignored, 12 bool is_key_manually_verified, 13 bool is_muted,
  14 bool has_xeddsa_signed
User: 1 str id, 2 str long_name, 3 str short_name, 4 bytes macaddr, 5 enum hw_model,
  6 bool is_licensed, 7 enum role, 8 bytes public_key, 9 bool is_unmessagable opt
Channel: 1 i32 index, 2 ChannelSettings settings, 3 enum role
ChannelSettings: 1 u32 channel_num, 2 bytes psk, 3 str name, 4 fix32 id,
  5 bool uplink_enabled, 6 bool downlink_enabled, 7 ModuleSettings module_settings
ModuleSettings: 1 u32 position_precision, 2 bool is_muted
"""

PACKET_TABLES = """
MeshPacket: 1 fix32 from, 2 fix32 to, 3 u32 channel, 4 Data decoded 1of, 5 bytes encrypted 1of,
  6 fix32 id, 7 fix32 rx_time opt, 8 float rx_snr, 9 u32 hop_limit, 10 bool want_ack,
  11 enum priority, 12 i32 rx_rssi opt, 13 enum delayed, 14 bool via_mqtt, 15 u32 hop_start,
  16 bytes public_key, 17 bool pki_encrypted, 18 u32 next_hop, 19 u32 relay_node,
  20 u32 tx_after, 21 enum transport_mechanism, 22 bool xeddsa_signed
Data: 1 enum portnum, 2 bytes payload, 3 bool want_response, 4 fix32 dest, 5 fix32 source,
  6 fix32 request_id, 7 fix32 reply_id, 8 fix32 emoji, 9 u32 bitfield opt,
  10 bytes xeddsa_signature
Routing: 1 Route route_request 1of, 2 Route route_reply 1of, 3 enum error_reason 1of
Route: 1 fix32 route [], 2 i32 snr_towards [], 3 fix32 route_back [], 4 i32 snr_back []
Position: 1 sfix32 latitude_i opt, 2 sfix32 longitude_i opt, 3 i32 altitude opt, 4 fix32 time,
  5 enum location_source, 6 enum altitude_source, 7 fix32 timestamp,
  8 i32 timestamp_millis_adjust, 9 s32 altitude_hae opt, 10 s32 altitude_geoidal_separation opt,
  11 u32 PDOP, 12 u32 HDOP, 13 u32 VDOP, 14 u32 gps_accuracy, 15 u32 ground_speed opt,
  16 u32 ground_track opt, 17 u32 fix_quality, 18 u32 fix_type, 19 u32 sats_in_view,
  20 u32 sensor_id, 21 u32 next_update, 22 u32 seq_number, 23 u32 precision_bits
Waypoint: 1 u32 id, 2 sfix32 latitude_i opt, 3 sfix32 longitude_i opt, 4 u32 expire,
  5 u32 locked_to, 6 str name, 7 str description, 8 fix32 icon, 9 u32 geofence_radius,
  10 Box bounding_box, 11 bool notify_on_enter, 12 bool notify_on_exit,
  13 bool notify_favorites_only
Box: 1 sfix32 west, 2 sfix32 south, 3 sfix32 east, 4 sfix32 north
Neighbors: 1 u32 node_id, 2 u32 last_sent_by_id, 3 u32 node_broadcast_interval_secs,
  4 Neighbor neighbors []
Neighbor: 1 u32 node_id, 2 float snr, 3 fix32 last_rx_time, 4 u32 node_broadcast_interval_secs
NodeStatus: 1 str status
Paxcount: 1 u32 wifi, 2 u32 ble, 3 u32 uptime
StoreForward: 1 enum rr, 2 SfStats stats 1of, 3 SfHistory history 1of,
  4 SfHeartbeat heartbeat 1of, 5 bytes text 1of
SfStats: 1 u32 messages_total, 2 u32 messages_saved, 3 u32 messages_max, 4 u32 up_time,
  5 u32 requests, 6 u32 requests_history, 7 bool heartbeat, 8 u32 return_max,
  9 u32 return_window
SfHistory: 1 u32 history_messages, 2 u32 window, 3 u32 last_request
SfHeartbeat: 1 u32 period, 2 u32 secondary
"""

TELEMETRY_TABLES = """
Telemetry: 1 fix32 time, 2 DeviceMetrics device_metrics 1of,
  3 EnvironmentMetrics environment_metrics 1of, 4 AirQualityMetrics air_quality_metrics 1of,
  5 PowerMetrics power_metrics 1of, 6 LocalStats local_stats 1of,
  7 HealthMetrics health_metrics 1of, 8 HostMetrics host_metrics 1of,
  9 TrafficStats traffic_management_stats 1of
DeviceMetrics: 1 u32 battery_level opt, 2 float voltage opt, 3 float channel_utilization opt,
  4 float air_util_tx opt, 5 u32 uptime_seconds opt
EnvironmentMetrics: 1 float temperature opt, 2 float relative_humidity opt,
  3 float barometric_pressure opt, 4 float gas_resistance opt, 5 float voltage opt,
  6 float current opt, 7 u32 iaq opt, 8 float distance opt, 9 float lux opt,
  10 float white_lux opt, 11 float ir_lux opt, 12 float uv_lux opt, 13 u32 wind_direction opt,
  14 float wind_speed opt, 15 float weight opt, 16 float wind_gust opt, 17 float wind_lull opt,
  18 float radiation opt, 19 float rainfall_1h opt, 20 float rainfall_24h opt,
  21 u32 soil_moisture opt, 22 float soil_temperature opt, 23 float one_wire_temperature [],
  24 float adc_voltage_ch0 opt, 25 float adc_voltage_ch1 opt, 26 float adc_voltage_ch2 opt,
  27 float adc_voltage_ch3 opt, 28 float adc_voltage_ch4 opt, 29 float adc_voltage_ch5 opt,
  30 float adc_voltage_ch6 opt, 31 float adc_voltage_ch7 opt,
  32 float one_wire_temperature_ch0 opt, 33 float one_wire_temperature_ch1 opt,
  34 float one_wire_temperature_ch2 opt, 35 float one_wire_temperature_ch3 opt,
  36 float one_wire_temperature_ch4 opt, 37 float one_wire_temperature_ch5 opt,
  38 float one_wire_temperature_ch6 opt, 39 float one_wire_temperature_ch7 opt,
  40 u32 lightning_strike_count_1h opt, 41 float lightning_distance_km opt
AirQualityMetrics: 1 u32 pm10_standard opt, 2 u32 pm25_standard opt, 3 u32 pm100_standard opt,
  4 u32 pm10_environmental opt, 5 u32 pm25_environmental opt, 6 u32 pm100_environmental opt,
  7 u32 particles_03um opt, 8 u32 particles_05um opt, 9 u32 particles_10um opt,
  10 u32 particles_25um opt, 11 u32 particles_50um opt, 12 u32 particles_100um opt,
  13 u32 co2 opt, 14 float co2_temperature opt, 15 float co2_humidity opt,
  16 float form_formaldehyde opt, 17 float form_humidity opt, 18 float form_temperature opt,
  19 u32 pm40_standard opt, 20 u32 particles_40um opt, 21 float pm_temperature opt,
  22 float pm_humidity opt, 23 float pm_voc_idx opt, 24 float pm_nox_idx opt,
  25 float particles_tps opt, 26 u32 pm_status_flags opt
PowerMetrics: 1 float ch1_voltage opt, 2 float ch1_current opt, 3 float ch2_voltage opt,
  4 float ch2_current opt, 5 float ch3_voltage opt, 6 float ch3_current opt,
  7 float ch4_voltage opt, 8 float ch4_current opt, 9 float ch5_voltage opt,
  10 float ch5_current opt, 11 float ch6_voltage opt, 12 float ch6_current opt,
  13 float ch7_voltage opt, 14 float ch7_current opt, 15 float ch8_voltage opt,
  16 float ch8_current opt
LocalStats: 1 u32 uptime_seconds, 2 float channel_utilization, 3 float air_util_tx,
  4 u32 num_packets_tx, 5 u32 num_packets_rx, 6 u32 num_packets_rx_bad, 7 u32 num_online_nodes,
  8 u32 num_total_nodes, 9 u32 num_rx_dupe, 10 u32 num_tx_relay, 11 u32 num_tx_relay_canceled,
  12 u32 heap_total_bytes, 13 u32 heap_free_bytes, 14 u32 num_tx_dropped, 15 i32 noise_floor
HealthMetrics: 1 u32 heart_bpm opt, 2 u32 spO2 opt, 3 float temperature opt
HostMetrics: 1 u32 uptime_seconds, 2 u64 freemem_bytes, 3 u64 diskfree1_bytes,
  4 u64 diskfree2_bytes opt, 5 u64 diskfree3_bytes opt, 6 u32 load1, 7 u32 load5, 8 u32 load15,
  9 str user_string opt
TrafficStats: 1 u32 count1, 2 u32 count2, 3 u32 count3, 4 u32 count4, 5 u32 count5, 6 u32 count6,
  7 u32 count7
"""

# Sections that an admin message carries stay bytes: they are stored as they came.
ADMIN_TABLES = """
Admin: 1 u32 get_channel_request 1of, 2 bytes get_channel_response 1of,
  3 bool get_owner_request 1of, 4 User get_owner_response 1of, 5 enum get_config_request 1of,
  6 bytes get_config_response 1of, 7 enum get_module_config_request 1of,
  8 bytes get_module_config_response 1of, 10 bool get_canned_messages_request 1of,
  11 str get_canned_messages_response 1of, 12 bool get_device_metadata_request 1of,
  13 Metadata get_device_metadata_response 1of, 14 bool get_ringtone_request 1of,
  15 str get_ringtone_response 1of, 16 bool get_connection_status_request 1of,
  17 bytes get_connection_status_response 1of, 18 bytes set_ham_mode 1of,
  19 bool get_remote_hardware_pins_request 1of, 20 bytes get_remote_hardware_pins_response 1of,
  21 bool enter_dfu_mode 1of, 22 str delete_file 1of, 24 enum backup_preferences 1of,
  25 enum restore_preferences 1of, 26 enum remove_backup_preferences 1of,
  27 bytes send_input_event 1of, 32 User set_owner 1of, 33 bytes set_channel 1of,
  34 bytes set_config 1of, 35 bytes set_module_config 1of, 36 str set_canned_messages 1of,
  37 str set_ringtone 1of, 38 u32 remove_by_nodenum 1of, 39 u32 set_favorite_node 1of,
  40 u32 remove_favorite_node 1of, 41 Position set_fixed_position 1of,
  42 bool remove_fixed_position 1of, 43 fix32 set_time_only 1of, 44 bool get_ui_config_request 1of,
  45 bytes get_ui_config_response 1of, 46 bytes store_ui_config 1of, 47 u32 set_ignored_node 1of,
  48 u32 remove_ignored_node 1of, 49 u32 toggle_muted_node 1of, 64 bool begin_edit_settings 1of,
  65 bool commit_edit_settings 1of, 66 Contact add_contact 1of, 67 bytes key_verification 1of,
  94 i32 factory_reset_device 1of, 95 i32 reboot_ota_seconds 1of, 96 bool exit_simulator 1of,
  97 i32 reboot_seconds 1of, 98 i32 shutdown_seconds 1of, 99 i32 factory_reset_config 1of,
  100 bool nodedb_reset 1of, 101 bytes session_passkey, 102 bytes ota_request 1of,
  104 bytes lockdown_auth 1of
Contact: 1 u32 node_num, 2 User user, 3 bool should_ignore, 4 bool manually_verified
"""

SCHEMA = Schema(CONNECTION_TABLES, PACKET_TABLES, TELEMETRY_TABLES, ADMIN_TABLES, CONFIG_TABLES)
encode, decode, member = SCHEMA.encode, SCHEMA.decode, SCHEMA.member

# Ports whose payload is a message.
PAYLOADS = {POSITION: "Position", NODEINFO: "User", ROUTING: "Routing", ADMIN: "Admin",
            WAYPOINT: "Waypoint", 34: "Paxcount", STATUS: "NodeStatus",
            STORE_FORWARD: "StoreForward", TELEMETRY: "Telemetry", TRACEROUTE: "Route",
            NEIGHBORS: "Neighbors"}
TEXT_PORTS = (TEXT, 10, ALERT, REPLY, RANGE_TEST)
KINDS_IN = [field.name for field in SCHEMA.tables["ToRadio"].values()]
KINDS_OUT = [field.name for field in SCHEMA.tables["FromRadio"].values() if field.number > 1]


def from_radio(**message):
    """The payload of a frame to the client."""
    return encode("FromRadio", message)


def plain(value):
    """A message as JSON can hold it: bytes in hex."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.hex() if isinstance(value, bytes) else value


def spelled_out(message):
    """A ToRadio for people and tests, with the payload of a packet explained."""
    found = plain(message)
    data = message.get("packet", {}).get("decoded")
    if data:
        payload, port = data.get("payload", b""), data.get("portnum", 0)
        if port in TEXT_PORTS:
            found["packet"]["decoded"]["text"] = payload.decode("utf-8", "replace")
        elif port in PAYLOADS:
            try:
                found["packet"]["decoded"]["message"] = plain(decode(PAYLOADS[port], payload))
            except ValueError as error:
                found["packet"]["decoded"]["message"] = f"undecodable: {error}"
    return found


def node_id(number):
    return f"!{number:08x}"


def parse_version(text):
    """(2, 7, 26) of "2.7.26.54e0d8d"."""
    match = re.match(r"(\d+)\.(\d+)\.(\d+)", text)
    if not match:
        raise ValueError(f"'{text}' is no firmware version")
    return tuple(int(part) for part in match.groups())
