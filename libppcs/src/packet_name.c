/* SPDX-License-Identifier: MIT */
/* Names of all messages that are known to exist (section 4), also of those that are passed over. */
#include "packet.h"

/* Texts in place, not pointers to them: each of those would cost a relocation. */
static const struct {
	uint8_t type;
	char text[21];
} names[] = {
	{ 0x00, "HELLO" },
	{ 0x01, "HELLO_ACK" },
	{ 0x02, "HELLO_TO" },
	{ 0x03, "HELLO_TO_ACK" },
	{ 0x05, "CHECK_DEVICE" },
	{ 0x06, "CHECK_DEVICE_DSK" },
	{ 0x07, "CHECK_DEVICE_ACK" },
	{ 0x08, "QUERY_DID" },
	{ 0x09, "QUERY_DID_ACK" },
	{ 0x10, "DEV_LGN" },
	{ 0x11, "DEV_LGN_ACK" },
	{ 0x12, "DEV_LGN_CRC" },
	{ 0x13, "DEV_LGN_CRC_ACK" },
	{ 0x16, "DEV_LGN_DSK" },
	{ 0x20, "P2P_REQ" },
	{ 0x21, "P2P_REQ_ACK" },
	{ 0x23, "P2P_REQ_WI" },
	{ 0x26, "P2P_REQ_DSK" },
	{ 0x27, "P2P_REQ_DSK_WI" },
	{ 0x28, "RLY_RDY_PLUS" },
	{ 0x30, "LAN_SEARCH" },
	{ 0x31, "LAN_NOTIFY" },
	{ 0x32, "LAN_SEARCH_EXT" },
	{ 0x33, "LAN_SEARCH_EXT_ACK" },
	{ 0x40, "PUNCH_TO" },
	{ 0x41, "PUNCH_PKT" },
	{ 0x42, "P2P_RDY" },
	{ 0x43, "TRY_LAN_TCP" },
	{ 0x44, "P2P_RDY_LAN_TCP" },
	{ 0x50, "TCP_RS_LGN" },
	{ 0x51, "TCP_RS_LGN_ACK" },
	{ 0x52, "TCP_RS_START" },
	{ 0x53, "TCP_RLY_REQ" },
	{ 0x54, "TCP_RLY_REQ_DSK" },
	{ 0x55, "TCP_RLY_REQ_ACK" },
	{ 0x56, "TCP_RLY_REQ_WI" },
	{ 0x57, "TCP_RLY_REQ_DSK_WI" },
	{ 0x60, "RS_LGN" },
	{ 0x61, "RS_LGN_ACK" },
	{ 0x62, "RS_LGN1" },
	{ 0x63, "RS_LGN1_ACK" },
	{ 0x66, "LIST_REQ1_WI" },
	{ 0x67, "LIST_REQ1" },
	{ 0x68, "LIST_REQ" },
	{ 0x69, "LIST_REQ_ACK" },
	{ 0x6a, "LIST_REQ_DSK" },
	{ 0x6b, "LIST_REQ_DSK_WI" },
	{ 0x70, "RLY_HELLO" },
	{ 0x71, "RLY_HELLO_ACK" },
	{ 0x72, "RLY_PORT" },
	{ 0x73, "RLY_PORT_ACK" },
	{ 0x78, "BYTE_COUNT" },
	{ 0x80, "RLY_REQ" },
	{ 0x81, "RLY_REQ_ACK" },
	{ 0x82, "RLY_TO" },
	{ 0x83, "RLY_PKT" },
	{ 0x84, "RLY_RDY" },
	{ 0x85, "RLY_TO_ACK" },
	{ 0x87, "RLY_SERVER_REQ" },
	{ 0x90, "SDEV_RUN" },
	{ 0x91, "SDEV_LGN" },
	{ 0x92, "SDEV_LGN_CRC" },
	{ 0xa0, "CONNECT_REPORT" },
	{ 0xa1, "REPORT_REQ" },
	{ 0xa2, "REPORT" },
	{ 0xd0, "DRW" },
	{ 0xd1, "DRW_ACK" },
	{ 0xd8, "PSR" },
	{ 0xdc, "DC" },
	{ 0xe0, "ALIVE" },
	{ 0xe1, "ALIVE_ACK" },
	{ 0xf0, "CLOSE" },
	{ 0xf9, "REPORT_SESSION_READY" },
	{ 0xfb, "REPORT_RLY_RDY_PLUS" },
};

/* Families of which the single messages have no names. */
static const char *family(uint8_t type)
{
	if (type >= 0x36 && type <= 0x3f)
		return "SDEV_PUNCH";
	if (type >= 0x74 && type <= 0x77)
		return "RLY_PORT_EXT";
	if (type >= 0xf4 && type <= 0xf8)
		return "MANAGEMENT";
	return NULL;
}

const char *ppcs_packet_name(uint8_t type)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].type == type)
			return names[i].text;
	return family(type);
}
