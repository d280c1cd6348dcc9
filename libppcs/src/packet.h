/* SPDX-License-Identifier: MIT */
#ifndef PPCS_PACKET_H
#define PPCS_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ppcs/ppcs.h>

#include "uid.h"

/** Largest message, its header included; most data bytes of a DRW (sections 3.1, 8.1). */
#define PACKET_MAX_BYTES    1280
#define PACKET_HEADER_BYTES 4
#define PACKET_DATA_BYTES   1024
/** Channels of a session, and most indexes of a DRW_ACK that is sent (section 8). */
#define PACKET_CHANNELS 8
#define PACKET_MAX_ACKS 81

/** Types that this library sends or understands (section 4). */
enum packet_type {
	PACKET_HELLO = 0x00,
	PACKET_HELLO_ACK = 0x01,
	PACKET_P2P_REQ = 0x20,
	PACKET_P2P_REQ_ACK = 0x21,
	PACKET_P2P_REQ_DSK = 0x26,
	PACKET_LAN_SEARCH = 0x30,
	PACKET_PUNCH_TO = 0x40,
	PACKET_PUNCH_PKT = 0x41,
	PACKET_P2P_RDY = 0x42,
	PACKET_TRY_LAN_TCP = 0x43,
	PACKET_TCP_RS_START = 0x52,
	PACKET_TCP_RLY_REQ = 0x53,
	PACKET_TCP_RLY_REQ_DSK = 0x54,
	PACKET_TCP_RLY_REQ_ACK = 0x55,
	PACKET_LIST_REQ1 = 0x67,
	PACKET_LIST_REQ_ACK = 0x69,
	PACKET_LIST_REQ_DSK = 0x6a,
	PACKET_RLY_HELLO = 0x70,
	PACKET_RLY_HELLO_ACK = 0x71,
	PACKET_RLY_PORT = 0x72,
	PACKET_RLY_PORT_ACK = 0x73,
	PACKET_RLY_REQ = 0x80,
	PACKET_RLY_REQ_ACK = 0x81,
	PACKET_RLY_TO = 0x82,
	PACKET_RLY_PKT = 0x83,
	PACKET_RLY_RDY = 0x84,
	PACKET_DRW = 0xd0,
	PACKET_DRW_ACK = 0xd1,
	PACKET_ALIVE = 0xe0,
	PACKET_ALIVE_ACK = 0xe1,
	PACKET_CLOSE = 0xf0
};

/** Results of P2P_REQ_ACK, RLY_REQ_ACK and their like (6.3, 6.5). */
enum packet_result {
	RESULT_OK = 0,
	RESULT_CHECK_CODE = -1,
	RESULT_OFFLINE = -2,
	RESULT_PREFIX = -3,
	RESULT_DSK = -4,
	RESULT_NO_TCP = -5,
	RESULT_LATER = -6
};

/** One message. Fields that its type does not have are 0. */
struct packet {
	uint8_t type;
	bool useful;    /**< of a type above, with the body that belongs to it */
	size_t payload; /**< length that the header states */
	size_t extra;   /**< bytes of the datagram behind it */
	struct uid uid;
	struct ppcs_address address; /**< 0 for other families than IPv4 */
	int result;
	uint32_t key;
	uint16_t port;
	uint8_t side, nat, flag;
	uint8_t version[3];
	char dsk[PPCS_MAX_DSK + 1];
	uint8_t channel;
	uint16_t index;
	/** Of DRW its data, of DRW_ACK and LIST_REQ_ACK the list, inside the datagram. */
	const uint8_t *data;
	size_t size;
	unsigned count; /**< entries of the list that are there */
};

/**
 * Take a datagram apart; it stays where it is.
 * @return 0, also for types that are of no use; -EBADMSG when it breaks the rules of section 3.1 or
 *         its body is too short
 */
int ppcs_packet_decode(const uint8_t *data, size_t size, struct packet *ret);
/** Does it look like a message: its magic, its length and a type that exists? */
bool ppcs_packet_plausible(const uint8_t header[PACKET_HEADER_BYTES], size_t size);
/** @return an index of a DRW_ACK; I is below count */
uint16_t ppcs_packet_ack(const struct packet *p, unsigned i);
/** @return an address of a LIST_REQ_ACK; I is below count */
struct ppcs_address ppcs_packet_listed(const struct packet *p, unsigned i);

/** Write a message of a type above; list and data are copied as they stand in `data size count`.
 *  @return its size, or 0 when it does not fit or its type cannot be written */
size_t ppcs_packet_encode(const struct packet *p, uint8_t *data, size_t room);

/** @return the name of section 4; NULL for a type that is in no table */
const char *ppcs_packet_name(uint8_t type);

#endif
