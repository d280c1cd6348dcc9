/* SPDX-License-Identifier: MIT */
#ifndef MESHTCP_MESSAGE_H
#define MESHTCP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <meshtcp/meshtcp.h>

#include "frame.h"

/** Longest message to the node (section 5). */
#define MESSAGE_MAX_BYTES 504

/** Members of FromRadio (section 5). */
enum from_radio {
	FROM_NONE = 0, /**< none that is known */
	FROM_PACKET = 2,
	FROM_MY_INFO = 3,
	FROM_NODE_INFO = 4,
	FROM_CONFIG = 5,
	FROM_LOG = 6,
	FROM_CONFIG_COMPLETE = 7,
	FROM_REBOOTED = 8,
	FROM_MODULE = 9,
	FROM_CHANNEL = 10,
	FROM_QUEUE_STATUS = 11,
	FROM_XMODEM = 12,
	FROM_METADATA = 13,
	FROM_MQTT = 14,
	FROM_FILE_INFO = 15,
	FROM_NOTIFICATION = 16,
	FROM_DISPLAY = 17,
	FROM_REGION_PRESETS = 19 /**< the last one */
};

/** One message from the node: which member, and its bytes or number. */
struct from_message {
	unsigned member; /**< 0 = none that is known */
	const uint8_t *data;
	size_t size;
	uint64_t number;
};

struct my_info {
	uint32_t num, reboot_count, min_app_version, node_count;
};

struct queue_status {
	int res;
	uint32_t free, maxlen, packet_id;
};

struct notification {
	uint32_t reply_id, level;
	char text[400];
};

struct log_record {
	uint32_t level;
	char text[384];
};

struct mqtt_message {
	char topic[61];
	const uint8_t *data;
	size_t size;
};

/** A config or module record: which section, and its bytes. */
struct section {
	unsigned number; /**< 0 = empty record */
	const uint8_t *data;
	size_t size;
};

/** @name Decoding: 0, or -EBADMSG when it is torn. What is unknown is passed over
 * @{ */
int meshtcp_from_decode(const uint8_t *data, size_t size, struct from_message *ret);
int meshtcp_packet_decode(const uint8_t *data, size_t size, struct meshtcp_packet *ret);
int meshtcp_my_info_decode(const uint8_t *data, size_t size, struct my_info *ret);
int meshtcp_metadata_decode(const uint8_t *data, size_t size, struct meshtcp_info *ret);
int meshtcp_node_decode(const uint8_t *data, size_t size, struct meshtcp_node *ret);
int meshtcp_channel_decode(const uint8_t *data, size_t size, struct meshtcp_channel *ret);
int meshtcp_queue_status_decode(const uint8_t *data, size_t size, struct queue_status *ret);
int meshtcp_notification_decode(const uint8_t *data, size_t size, struct notification *ret);
int meshtcp_log_decode(const uint8_t *data, size_t size, struct log_record *ret);
int meshtcp_mqtt_decode(const uint8_t *data, size_t size, struct mqtt_message *ret);
int meshtcp_section_decode(const uint8_t *data, size_t size, struct section *ret);
/** Of a routing payload: the error, 0 for none; -ENOENT when it is about a route. */
int meshtcp_routing_decode(const uint8_t *data, size_t size, unsigned *ret_error);
/** Metrics within a telemetry payload, merged into what is known; -ENOENT: another kind. */
int meshtcp_metrics_merge(const uint8_t *data, size_t size, struct meshtcp_metrics *metrics);
/** @} */

/** @name Encoding: a whole frame, header included, into FRAME_MAX_BYTES. @return its size, 0 when
 *  it is too long
 * @{ */
size_t meshtcp_want_config_encode(uint8_t *frame, uint32_t nonce);
size_t meshtcp_disconnect_encode(uint8_t *frame);
size_t meshtcp_heartbeat_encode(uint8_t *frame);
/** A packet as it is sent; `priority` 0 is left out. */
struct to_packet {
	uint32_t from, to, id, channel, priority;
	unsigned port;
	const void *payload;
	size_t size;
	unsigned hop_limit;
	bool want_ack, want_response, pki_encrypted;
	uint32_t request_id, reply_id, emoji;
};
size_t meshtcp_packet_encode(uint8_t *frame, const struct to_packet *p);
/** A node's record, as a node would send it to its client. */
size_t meshtcp_node_encode(uint8_t *frame, const struct meshtcp_node *n);
/** A packet of somebody else with another sender and id; all other fields as they are. */
size_t meshtcp_raw_encode(uint8_t *frame, uint32_t from, uint32_t id, const uint8_t *packet,
			  size_t size);
/** @} */

#endif
