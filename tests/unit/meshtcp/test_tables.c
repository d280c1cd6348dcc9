/* SPDX-License-Identifier: MIT */
/*
 * Every field of sections 7, 9, 12 and appendix B by its number, type and name, as the walker tells
 * it; a number that stands there nowhere has no name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema.h"
#include "wire.h"

#define HIGHEST 130

/*
 * Where it is: c section of Config, m of ModuleConfig, p port, and behind a stroke the field that
 * it is in. Then the fields: number, type (u U i s b e x y f t B m as in schema.h), * of a list,
 * name; `-` when the sheet names none.
 */
static const struct {
	const char *where, *fields;
} rows[] = {
	{ "c1", "1e role,2b serial_enabled,4u button_gpio,5u buzzer_gpio,6e rebroadcast_mode,"
		"7u node_info_broadcast_secs,8b double_tap_as_button_press,9b is_managed,"
		"10b disable_triple_click,11t tzdef,12b led_heartbeat_disabled,13e buzzer_mode" },
	{ "c2", "1u position_broadcast_secs,2b position_broadcast_smart_enabled,3b fixed_position,"
		"4b gps_enabled,5u gps_update_interval,6u gps_attempt_time,7u position_flags,"
		"8u rx_gpio,9u tx_gpio,10u broadcast_smart_minimum_distance,"
		"11u broadcast_smart_minimum_interval_secs,12u gps_en_gpio,13e gps_mode" },
	{ "c3", "1b is_power_saving,2u on_battery_shutdown_after_secs,3f adc_multiplier_override,"
		"4u wait_bluetooth_secs,6u sds_secs,7u ls_secs,8u min_wake_secs,"
		"9u device_battery_ina_address,32U powermon_enables" },
	{ "c4", "1b wifi_enabled,3t wifi_ssid,4t wifi_psk,5t ntp_server,6b eth_enabled,"
		"7e address_mode,8m ipv4_config,9t rsyslog_server,10u enabled_protocols,"
		"11b ipv6_enabled" },
	{ "c4/8", "1x ip,2x gateway,3x subnet,4x dns" },
	{ "c5", "1u screen_on_secs,2e gps_format,3u auto_screen_carousel_secs,4b compass_north_top,"
		"5b flip_screen,6e units,7e oled,8e displaymode,9b heading_bold,"
		"10b wake_on_tap_or_motion,11e compass_orientation,12b use_12h_clock,"
		"13b use_long_node_name,14b enable_message_bubbles" },
	{ "c6", "1b use_preset,2e modem_preset,3u bandwidth,4u spread_factor,5u coding_rate,"
		"6f frequency_offset,7e region,8u hop_limit,9b tx_enabled,10i tx_power,"
		"11u channel_num,12b override_duty_cycle,13b sx126x_rx_boosted_gain,"
		"14f override_frequency,15b pa_fan_disabled,103u* ignore_incoming,104b ignore_mqtt,"
		"105b config_ok_to_mqtt,106e fem_lna_mode,107b serial_hal_only" },
	{ "c7", "1b enabled,2e mode,3u fixed_pin" },
	{ "c8", "1B public_key,2B private_key,3B* admin_key,4b is_managed,5b serial_enabled,"
		"6b debug_log_api_enabled,8b admin_channel_enabled,9e packet_signature_policy" },
	{ "c9", "" },
	{ "m1",
	  "1b enabled,2t address,3t username,4t password,5b encryption_enabled,6b json_enabled,"
	  "7b tls_enabled,8t root,9b proxy_to_client_enabled,10b map_reporting_enabled,"
	  "11m map_report_settings" },
	{ "m2", "1b enabled,2b echo,3u rxd,4u txd,5e baud,6u timeout,7e mode,"
		"8b override_console_serial_port" },
	{ "m3", "1b enabled,2u output_ms,3u output,4b active,5b alert_message,6b alert_bell,"
		"7b use_pwm,8u output_vibra,9u output_buzzer,10b -,11b -,12b -,13b -,"
		"14u nag_timeout,15b use_i2s_as_buzzer" },
	{ "m4", "1b enabled,2b heartbeat,3u records,4u history_return_max,5u history_return_window,"
		"6b is_server" },
	{ "m5", "1b enabled,2u sender,3b save,4b clear_on_reboot" },
	{ "m6",
	  "1u device_update_interval,2u environment_update_interval,"
	  "3b environment_measurement_enabled,4b environment_screen_enabled,"
	  "5b environment_display_fahrenheit,6b air_quality_enabled,7u air_quality_interval,"
	  "8b power_measurement_enabled,9u power_update_interval,10b power_screen_enabled,"
	  "11b health_measurement_enabled,12u health_update_interval,13b health_screen_enabled,"
	  "14b device_telemetry_enabled,15b air_quality_screen_enabled" },
	{ "m7", "1b rotary1_enabled,2u -,3u -,4u -,5e -,6e -,7e -,8b updown1_enabled,9b enabled,"
		"10t allow_input_source,11b send_bell" },
	{ "m8", "1b codec2_enabled,2u ptt_pin,3e bitrate,4u -,5u -,6u -,7u -" },
	{ "m9", "1b enabled,2b allow_undefined_pin_access,3m* available_pins" },
	{ "m9/3", "1u gpio_pin,2t name,3e type" },
	{ "m10", "1b enabled,2u update_interval,3b transmit_over_lora" },
	{ "m11", "1b led_state,2u current,3u red,4u green,5u blue" },
	{ "m12",
	  "1b enabled,2u minimum_broadcast_secs,3u state_broadcast_secs,4b send_bell,5t name,"
	  "6u monitor_pin,7e trigger_type,8b use_pullup" },
	{ "m13", "1b enabled,2u update_interval,3i wifi_threshold,4i ble_threshold" },
	{ "m14", "1t node_status" },
	{ "m15", "4u -,6u -,8u -,9u -,11u -" },
	{ "m16", "1e team,2e role" },
	{ "p2", "1e type,2U mask,3U value" },
	{ "p3", "1y latitude_i,2y longitude_i,3i altitude,4x time,5e location_source,"
		"6e altitude_source,7x timestamp,8i timestamp_millis_adjust,9s altitude_hae,"
		"10s altitude_geoidal_separation,11u pdop,12u hdop,13u vdop,14u gps_accuracy,"
		"15u ground_speed,16u ground_track,17u fix_quality,18u fix_type,19u sats_in_view,"
		"20u sensor_id,21u next_update,22u seq_number,23u precision_bits" },
	{ "p4", "1t id,2t long_name,3t short_name,4B macaddr,5e hw_model,6b is_licensed,7e role,"
		"8B public_key,9b is_unmessagable" },
	{ "p5", "1m route_request,2m route_reply,3e error_reason" },
	{ "p5/1", "1x* route,2i* snr_towards,3x* route_back,4i* snr_back" },
	{ "p8",
	  "1u id,2y latitude_i,3y longitude_i,4u expire,5u locked_to,6t name,7t description,"
	  "8x icon,9u geofence_radius,10m bounding_box,11b notify_on_enter,12b notify_on_exit,"
	  "13b notify_favorites_only" },
	{ "p8/10", "1y west,2y south,3y east,4y north" },
	{ "p12", "1U nonce,2B hash1,3B hash2" },
	{ "p34", "1u wifi,2u ble,3u uptime" },
	{ "p36", "1t status" },
	{ "p65", "1e rr,2m stats,3m history,4m heartbeat,5B text" },
	{ "p65/2", "1u messages_total,2u messages_saved,3u messages_max,4u up_time,5u requests,"
		   "6u requests_history,7b heartbeat,8u return_max,9u return_window" },
	{ "p65/3", "1u history_messages,2u window,3u last_request" },
	{ "p65/4", "1u period,2u secondary" },
	{ "p67", "1x time,2m device_metrics,3m environment_metrics,4m air_quality_metrics,"
		 "5m power_metrics,6m local_stats,7m health_metrics,8m host_metrics,9m -" },
	{ "p67/2", "1u battery_level,2f voltage,3f channel_utilization,4f air_util_tx,"
		   "5u uptime_seconds" },
	{ "p67/3",
	  "1f temperature,2f relative_humidity,3f barometric_pressure,4f gas_resistance,"
	  "5f voltage,6f current,7u iaq,8f distance,9f lux,10f white_lux,11f ir_lux,"
	  "12f uv_lux,13u wind_direction,14f wind_speed,15f weight,16f wind_gust,"
	  "17f wind_lull,18f radiation,19f rainfall_1h,20f rainfall_24h,21u soil_moisture,"
	  "22f soil_temperature,23f* one_wire_temperature,24f adc_voltage_ch0,"
	  "25f adc_voltage_ch1,26f adc_voltage_ch2,27f adc_voltage_ch3,28f adc_voltage_ch4,"
	  "29f adc_voltage_ch5,30f adc_voltage_ch6,31f adc_voltage_ch7,"
	  "32f one_wire_temperature_ch0,33f one_wire_temperature_ch1,"
	  "34f one_wire_temperature_ch2,35f one_wire_temperature_ch3,"
	  "36f one_wire_temperature_ch4,37f one_wire_temperature_ch5,"
	  "38f one_wire_temperature_ch6,39f one_wire_temperature_ch7,"
	  "40u lightning_strike_count_1h,41f lightning_distance_km" },
	{ "p67/4", "1u pm10_standard,2u pm25_standard,3u pm100_standard,4u pm10_environmental,"
		   "5u pm25_environmental,6u pm100_environmental,7u particles_03um,"
		   "8u particles_05um,9u particles_10um,10u particles_25um,11u particles_50um,"
		   "12u particles_100um,13u co2,14f co2_temperature,15f co2_humidity,"
		   "16f form_formaldehyde,17f form_humidity,18f form_temperature,"
		   "19u pm40_standard,20u particles_40um,21f pm_temperature,22f pm_humidity,"
		   "23f pm_voc_idx,24f pm_nox_idx,25f particles_tps,26u pm_status_flags" },
	{ "p67/5", "1f ch1_voltage,2f ch1_current,3f ch2_voltage,4f ch2_current,5f ch3_voltage,"
		   "6f ch3_current,7f ch4_voltage,8f ch4_current,9f ch5_voltage,10f ch5_current,"
		   "11f ch6_voltage,12f ch6_current,13f ch7_voltage,14f ch7_current,"
		   "15f ch8_voltage,16f ch8_current" },
	{ "p67/6", "1u uptime_seconds,2f channel_utilization,3f air_util_tx,4u num_packets_tx,"
		   "5u num_packets_rx,6u num_packets_rx_bad,7u num_online_nodes,8u num_total_nodes,"
		   "9u num_rx_dupe,10u num_tx_relay,11u num_tx_relay_canceled,12u heap_total_bytes,"
		   "13u heap_free_bytes,14u num_tx_dropped,15i noise_floor" },
	{ "p67/7", "1u heart_bpm,2u spo2,3f temperature" },
	{ "p67/8", "1u uptime_seconds,2U freemem_bytes,3U diskfree1_bytes,4U diskfree2_bytes,"
		   "5U diskfree3_bytes,6u load1,7u load5,8u load15,9t user_string" },
	{ "p67/9", "1u -,2u -,3u -,4u -,5u -,6u -,7u -" },
	{ "p69", "1e portnum,2B data" },
	{ "p70", "1x* route,2i* snr_towards,3x* route_back,4i* snr_back" },
	{ "p71", "1u node_id,2u last_sent_by_id,3u node_broadcast_interval_secs,4m* neighbors" },
	{ "p71/4", "1u node_id,2f snr,3x last_rx_time,4u node_broadcast_interval_secs" },
	{ "p6/2", "1i index,2m settings,3e role" },
	{ "p6/2/2", "1u channel_num,2B psk,3t name,4x id,5b uplink_enabled,6b downlink_enabled,"
		    "7m module_settings" },
	{ "p6/2/2/7", "1u position_precision,2b is_muted" },
	{ "p6/13", "1t firmware_version,2u device_state_version,3b can_shutdown,4b has_wifi,"
		   "5b has_bluetooth,6b has_ethernet,7e role,8u position_flags,9e hw_model,"
		   "10b has_remote_hardware,11b has_pkc,12u excluded_modules,14b has_xeddsa" },
	{ "p6/66", "1u node_num,2m user,3b should_ignore,4b manually_verified" },
};

/* The value of each type, on the wire and as it is told. */
static void put(struct wire *w, unsigned number, char type)
{
	switch (type) {
	case 'U':
		wire_number(w, number, UINT64_C(0x123456789a));
		break;
	case 'i':
		wire_number(w, number, UINT64_MAX - 4);
		break;
	case 's':
		wire_number(w, number, 9);
		break;
	case 'x':
	case 'y':
		wire_fixed(w, number, 0xfffffffb);
		break;
	case 'f':
		wire_float(w, number, -7.25f);
		break;
	case 't':
	case 'B':
		wire_text(w, number, "text");
		break;
	case 'm':
		wire_bytes(w, number, NULL, 0);
		break;
	default:
		wire_number(w, number, 200);
		break;
	}
}

static void check_value(const struct meshtcp_field *f, char type)
{
	switch (type) {
	case 'u':
		assert_int_equal(f->kind, MESHTCP_FIELD_UINT);
		assert_true(f->value.u == 200);
		break;
	case 'U':
		assert_int_equal(f->kind, MESHTCP_FIELD_UINT);
		assert_true(f->value.u == UINT64_C(0x123456789a));
		break;
	case 'x':
		assert_int_equal(f->kind, MESHTCP_FIELD_UINT);
		assert_true(f->value.u == 0xfffffffb);
		break;
	case 'i':
	case 's':
	case 'y':
		assert_int_equal(f->kind, MESHTCP_FIELD_INT);
		assert_true(f->value.i == -5);
		break;
	case 'b':
		assert_int_equal(f->kind, MESHTCP_FIELD_BOOL);
		assert_true(f->value.u == 1);
		break;
	case 'e':
		assert_int_equal(f->kind, MESHTCP_FIELD_ENUM);
		assert_true(f->value.u == 200);
		break;
	case 'f':
		assert_int_equal(f->kind, MESHTCP_FIELD_FLOAT);
		assert_true(f->value.f == -7.25);
		break;
	case 'm':
		assert_int_equal(f->kind, MESHTCP_FIELD_BEGIN);
		break;
	default:
		assert_int_equal(f->kind, type == 't' ? MESHTCP_FIELD_TEXT : MESHTCP_FIELD_BYTES);
		assert_int_equal(f->size, 4);
		assert_memory_equal(f->data, "text", 4);
		break;
	}
}

static void check_field(const struct meshtcp_schema *schema, unsigned number, char type, bool list,
			const char *name)
{
	const struct meshtcp_field *f;
	struct wire w = { .size = 0 };
	struct meshtcp_walker walker;

	put(&w, number, type);
	meshtcp_walker_init(&walker, schema, w.data, w.size);
	f = meshtcp_walker_next(&walker);
	assert_non_null(f);
	assert_int_equal(f->number, number);
	if (strcmp(name, "-") == 0)
		assert_int_not_equal(f->name[0], '\0');
	else
		assert_string_equal(f->name, name);
	assert_int_equal(f->repeated, list);
	check_value(f, type);
	if (type == 'm')
		assert_int_equal(meshtcp_walker_next(&walker)->kind, MESHTCP_FIELD_END);
	assert_null(meshtcp_walker_next(&walker));
	assert_false(meshtcp_walker_failed(&walker));
}

static void check_unknown(const struct meshtcp_schema *schema, unsigned number)
{
	const struct meshtcp_field *f;
	struct wire w = { .size = 0 };
	struct meshtcp_walker walker;

	wire_number(&w, number, 5);
	meshtcp_walker_init(&walker, schema, w.data, w.size);
	f = meshtcp_walker_next(&walker);
	assert_non_null(f);
	if (f->name[0] != '\0')
		fail_msg("%u is %s", number, f->name);
	assert_int_equal(f->kind, MESHTCP_FIELD_UINT);
	assert_true(f->value.u == 5);
}

static const struct meshtcp_schema *schema_at(const char *where)
{
	const struct meshtcp_schema *schema;
	unsigned number = (unsigned)atoi(where + 1);

	if (where[0] == 'p')
		schema = meshtcp_schema_for_port(number);
	else
		schema = meshtcp_schema_for_section(
			where[0] == 'c' ? MESHTCP_CONFIG : MESHTCP_MODULE, number);
	while ((where = strchr(where, '/')) != NULL) {
		struct schema_field field;

		where++;
		assert_true(meshtcp_schema_find(schema, (uint32_t)atoi(where), &field));
		schema = field.message;
	}
	assert_non_null(schema);
	return schema;
}

static void check_row(const char *where, const char *fields)
{
	const struct meshtcp_schema *schema = schema_at(where);
	bool listed[HIGHEST] = { false };

	print_message("%s\n", where);
	while (*fields) {
		char type, mark, name[64];
		unsigned number;

		assert_int_equal(sscanf(fields, "%u%c%c", &number, &type, &mark), 3);
		assert_int_equal(sscanf(strchr(fields, ' '), " %63[^,]", name), 1);
		assert_true(number < HIGHEST && !listed[number]);
		listed[number] = true;
		check_field(schema, number, type, mark == '*', name);
		fields += strcspn(fields, ",");
		fields += *fields == ',';
	}
	for (unsigned i = 1; i < HIGHEST; i++)
		if (!listed[i])
			check_unknown(schema, i);
}

static void test_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(rows[i].where, rows[i].fields);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
