/* SPDX-License-Identifier: MIT */
#ifndef MESHTCP_RECORDS_H
#define MESHTCP_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/**
 * @file records.h
 * The records of a Meshtastic node as C structs, and payloads decoded into them. A part of
 * <meshtcp/meshtcp.h>; what has no struct here is reached by the names of its fields, see
 * <meshtcp/fields.h>.
 *
 * @addtogroup meshtcp
 * @{
 */

/** To everybody. */
#define MESHTCP_BROADCAST UINT32_C(0xffffffff)
/** To the node that is connected. */
#define MESHTCP_LOCAL UINT32_C(0)
/** Longest payload of a packet in bytes (section 10). */
#define MESHTCP_MAX_PAYLOAD 233
#define MESHTCP_CHANNELS    8
/** Most entries of a traceroute. */
#define MESHTCP_MAX_ROUTE 8
/** Longest node id as text with its NUL: `!9ea2f1c4`. */
#define MESHTCP_NODE_TEXT 10

/** Ports that the library itself knows (section 9). */
enum meshtcp_port {
	MESHTCP_PORT_TEXT = 1,
	MESHTCP_PORT_POSITION = 3,
	MESHTCP_PORT_NODEINFO = 4,
	MESHTCP_PORT_ROUTING = 5,
	MESHTCP_PORT_ADMIN = 6,
	MESHTCP_PORT_WAYPOINT = 8,
	MESHTCP_PORT_ALERT = 11,
	MESHTCP_PORT_STATUS = 36,
	MESHTCP_PORT_STORE_FORWARD = 65,
	MESHTCP_PORT_TELEMETRY = 67,
	MESHTCP_PORT_TRACEROUTE = 70,
	MESHTCP_PORT_NEIGHBORS = 71,
	MESHTCP_PORT_PRIVATE = 256
};

/** Kinds of telemetry (section 9). */
enum meshtcp_telemetry {
	MESHTCP_TELEMETRY_DEVICE = 2,
	MESHTCP_TELEMETRY_ENVIRONMENT = 3,
	MESHTCP_TELEMETRY_AIR = 4,
	MESHTCP_TELEMETRY_POWER = 5,
	MESHTCP_TELEMETRY_LOCAL = 6
};

/** The two families of configuration sections (appendix B). */
enum meshtcp_section_kind {
	MESHTCP_CONFIG,
	MESHTCP_MODULE
};

/** Who a node is. Names end in NUL; a longer one is cut. */
struct meshtcp_user {
	char id[16];
	char long_name[40];
	char short_name[8];
	uint32_t hw_model, role;
	bool is_licensed, is_unmessagable;
	bool has_public_key;
	uint8_t public_key[32];
};

/** Where a node is. */
struct meshtcp_position {
	bool has_position;               /**< latitude and longitude are there and not both 0 */
	int32_t latitude_i, longitude_i; /**< 1e-7 degrees */
	bool has_altitude;
	int32_t altitude; /**< m above the sea */
	uint32_t time, timestamp;
	uint32_t precision_bits; /**< how many upper bits of the coordinates are valid */
	uint32_t sats_in_view, pdop;
	uint32_t ground_speed, ground_track;
	bool has_ground_speed, has_ground_track;
};

/** How a node fares. */
struct meshtcp_metrics {
	bool has_battery_level, has_voltage, has_channel_utilization, has_air_util_tx, has_uptime;
	uint32_t battery_level; /**< percent; above 100: external power */
	float voltage, channel_utilization, air_util_tx;
	uint32_t uptime_seconds;
};

/** A node as the database knows it. */
struct meshtcp_node {
	uint32_t num;
	bool has_user;
	struct meshtcp_user user;
	struct meshtcp_position position;
	struct meshtcp_metrics metrics;
	bool has_snr;
	float snr;           /**< dB, of its last packet */
	int32_t rssi;        /**< dBm; 0 = not known */
	uint32_t last_heard; /**< seconds since 1970; 0 = not known */
	uint32_t channel;
	bool via_mqtt, is_favorite, is_ignored, is_muted;
	int hops_away;   /**< -1 = not known */
	char status[81]; /**< of port 36; "" = none */
};

/** A channel of the node. */
struct meshtcp_channel {
	unsigned index;
	unsigned role;   /**< 0 disabled, 1 primary, 2 secondary */
	char name[12];   /**< "" of a primary one: that of the modem preset */
	uint8_t psk[32]; /**< never to be printed unasked */
	size_t psk_size;
	bool uplink_enabled, downlink_enabled, is_muted;
	uint32_t position_precision;
};

/** A packet from the mesh or from the node itself (section 8). */
struct meshtcp_packet {
	uint32_t from, to, id;
	uint32_t channel; /**< index; of an encrypted one the hash of the channel */
	bool encrypted;   /**< the node has no key: `payload` is cipher text, `port` unknown */
	unsigned port;
	const uint8_t *payload;
	size_t size;
	bool want_ack, want_response;
	uint32_t request_id, reply_id, emoji;
	uint32_t rx_time; /**< seconds since 1970; 0 = not known */
	float rx_snr;
	int32_t rx_rssi;
	uint32_t hop_limit, hop_start;
	int hops; /**< that it took; -1 = not known */
	uint32_t priority, transport;
	bool via_mqtt, pki_encrypted;
	bool has_public_key;
	uint8_t public_key[32];
	bool history; /**< older than the connection: not heard now */
};

/** A traceroute's answer (section 9). */
struct meshtcp_route {
	uint32_t towards[MESHTCP_MAX_ROUTE], back[MESHTCP_MAX_ROUTE];
	size_t towards_count, back_count;
	int32_t snr_towards[MESHTCP_MAX_ROUTE + 1], snr_back[MESHTCP_MAX_ROUTE + 1]; /**< dB × 4 */
	size_t snr_towards_count, snr_back_count;
};

/** Decode a payload. Each returns 0, or -EBADMSG. Fields that are not known are passed over.
 *  @since 0.1 @{ */
int meshtcp_decode_user(const uint8_t *data, size_t size, struct meshtcp_user *ret);
int meshtcp_decode_position(const uint8_t *data, size_t size, struct meshtcp_position *ret);
/** Of a telemetry payload with device metrics; -ENOENT when it holds another kind. */
int meshtcp_decode_metrics(const uint8_t *data, size_t size, struct meshtcp_metrics *ret);
int meshtcp_decode_route(const uint8_t *data, size_t size, struct meshtcp_route *ret);
/** @} */

/** Write a node number as people know it, `!9ea2f1c4`. @since 0.1 */
void meshtcp_node_text(uint32_t num, char ret_text[MESHTCP_NODE_TEXT]);

/** @} */

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
