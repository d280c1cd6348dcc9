/* SPDX-License-Identifier: MIT */
/* Names of the fields of telemetry (section 9). */
#include "schema.h"

static const char device_fields[] = "1u battery_level\0"
				    "2f voltage\0"
				    "3f channel_utilization\0"
				    "4f air_util_tx\0"
				    "5u uptime_seconds\0";
static const struct meshtcp_schema device = { device_fields, NULL, NULL };

static const char environment_fields[] = "1f temperature\0"
					 "2f relative_humidity\0"
					 "3f barometric_pressure\0"
					 "4f gas_resistance\0"
					 "5f voltage\0"
					 "6f current\0"
					 "7u iaq\0"
					 "8f distance\0"
					 "9f lux\0"
					 "10f white_lux\0"
					 "11f ir_lux\0"
					 "12f uv_lux\0"
					 "13u wind_direction\0"
					 "14f wind_speed\0"
					 "15f weight\0"
					 "16f wind_gust\0"
					 "17f wind_lull\0"
					 "18f radiation\0"
					 "19f rainfall_1h\0"
					 "20f rainfall_24h\0"
					 "21u soil_moisture\0"
					 "22f soil_temperature\0"
					 "23f* one_wire_temperature\0"
					 "24f adc_voltage_ch0\0"
					 "25f adc_voltage_ch1\0"
					 "26f adc_voltage_ch2\0"
					 "27f adc_voltage_ch3\0"
					 "28f adc_voltage_ch4\0"
					 "29f adc_voltage_ch5\0"
					 "30f adc_voltage_ch6\0"
					 "31f adc_voltage_ch7\0"
					 "32f one_wire_temperature_ch0\0"
					 "33f one_wire_temperature_ch1\0"
					 "34f one_wire_temperature_ch2\0"
					 "35f one_wire_temperature_ch3\0"
					 "36f one_wire_temperature_ch4\0"
					 "37f one_wire_temperature_ch5\0"
					 "38f one_wire_temperature_ch6\0"
					 "39f one_wire_temperature_ch7\0"
					 "40u lightning_strike_count_1h\0"
					 "41f lightning_distance_km\0";
static const struct meshtcp_schema environment = { environment_fields, NULL, NULL };

static const char air_fields[] = "1u pm10_standard\0"
				 "2u pm25_standard\0"
				 "3u pm100_standard\0"
				 "4u pm10_environmental\0"
				 "5u pm25_environmental\0"
				 "6u pm100_environmental\0"
				 "7u particles_03um\0"
				 "8u particles_05um\0"
				 "9u particles_10um\0"
				 "10u particles_25um\0"
				 "11u particles_50um\0"
				 "12u particles_100um\0"
				 "13u co2\0"
				 "14f co2_temperature\0"
				 "15f co2_humidity\0"
				 "16f form_formaldehyde\0"
				 "17f form_humidity\0"
				 "18f form_temperature\0"
				 "19u pm40_standard\0"
				 "20u particles_40um\0"
				 "21f pm_temperature\0"
				 "22f pm_humidity\0"
				 "23f pm_voc_idx\0"
				 "24f pm_nox_idx\0"
				 "25f particles_tps\0"
				 "26u pm_status_flags\0";
static const struct meshtcp_schema air = { air_fields, NULL, NULL };

static const char power_metrics_fields[] = "1f ch1_voltage\0"
					   "2f ch1_current\0"
					   "3f ch2_voltage\0"
					   "4f ch2_current\0"
					   "5f ch3_voltage\0"
					   "6f ch3_current\0"
					   "7f ch4_voltage\0"
					   "8f ch4_current\0"
					   "9f ch5_voltage\0"
					   "10f ch5_current\0"
					   "11f ch6_voltage\0"
					   "12f ch6_current\0"
					   "13f ch7_voltage\0"
					   "14f ch7_current\0"
					   "15f ch8_voltage\0"
					   "16f ch8_current\0";
static const struct meshtcp_schema power_metrics = { power_metrics_fields, NULL, NULL };

static const char local_stats_fields[] = "1u uptime_seconds\0"
					 "2f channel_utilization\0"
					 "3f air_util_tx\0"
					 "4u num_packets_tx\0"
					 "5u num_packets_rx\0"
					 "6u num_packets_rx_bad\0"
					 "7u num_online_nodes\0"
					 "8u num_total_nodes\0"
					 "9u num_rx_dupe\0"
					 "10u num_tx_relay\0"
					 "11u num_tx_relay_canceled\0"
					 "12u heap_total_bytes\0"
					 "13u heap_free_bytes\0"
					 "14u num_tx_dropped\0"
					 "15i noise_floor\0";
static const struct meshtcp_schema local_stats = { local_stats_fields, NULL, NULL };

static const char health_fields[] = "1u heart_bpm\0"
				    "2u spo2\0"
				    "3f temperature\0";
static const struct meshtcp_schema health = { health_fields, NULL, NULL };

static const char host_fields[] = "1u uptime_seconds\0"
				  "2U freemem_bytes\0"
				  "3U diskfree1_bytes\0"
				  "4U diskfree2_bytes\0"
				  "5U diskfree3_bytes\0"
				  "6u load1\0"
				  "7u load5\0"
				  "8u load15\0"
				  "9t user_string\0";
static const struct meshtcp_schema host = { host_fields, NULL, NULL };

static const char traffic_fields[] = "1u counter1\0"
				     "2u counter2\0"
				     "3u counter3\0"
				     "4u counter4\0"
				     "5u counter5\0"
				     "6u counter6\0"
				     "7u counter7\0";
static const struct meshtcp_schema traffic = { traffic_fields, NULL, NULL };

static const struct meshtcp_schema *const telemetry_messages[] = {
	&device, &environment, &air, &power_metrics, &local_stats, &health, &host, &traffic
};
static const char telemetry_fields[] = "1x time\0"
				       "2m& device_metrics\0"
				       "3m& environment_metrics\0"
				       "4m& air_quality_metrics\0"
				       "5m& power_metrics\0"
				       "6m& local_stats\0"
				       "7m& health_metrics\0"
				       "8m& host_metrics\0"
				       "9m& traffic_management_stats\0";
const struct meshtcp_schema meshtcp_schema_telemetry = { telemetry_fields, telemetry_messages,
							 NULL };
