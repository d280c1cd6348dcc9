/* SPDX-License-Identifier: MIT */
/* What a camera, a directory server and a relay answer, for inputs that shall get far. */
#include <string.h>

#include "ppcs_peer.h"

/* @return the type of the answer; 0 when there is none */
static uint8_t answer_to(uint8_t type)
{
	static const uint8_t answers[][2] = {
		{ PACKET_LAN_SEARCH, PACKET_PUNCH_PKT },
		{ PACKET_PUNCH_PKT, PACKET_P2P_RDY },
		{ PACKET_ALIVE, PACKET_ALIVE_ACK },
		{ PACKET_HELLO, PACKET_HELLO_ACK },
		{ PACKET_P2P_REQ, PACKET_PUNCH_TO },
		{ PACKET_P2P_REQ_DSK, PACKET_PUNCH_TO },
		{ PACKET_LIST_REQ1, PACKET_LIST_REQ_ACK },
		{ PACKET_LIST_REQ_DSK, PACKET_LIST_REQ_ACK },
		{ PACKET_RLY_HELLO, PACKET_RLY_HELLO_ACK },
		{ PACKET_RLY_PORT, PACKET_RLY_PORT_ACK },
		{ PACKET_RLY_REQ, PACKET_RLY_TO },
		{ PACKET_RLY_PKT, PACKET_RLY_RDY },
		{ PACKET_DRW_ACK, PACKET_DRW },
	};

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (answers[i][0] == type)
			return answers[i][1];
	return 0;
}

void peer_answer(struct peer *p, unsigned choice, uint64_t now)
{
	struct ppcs_address camera = peer_host(HOST_CAMERA, 40611);
	struct ppcs_address relay = peer_host(HOST_RELAY, 32100), from;
	struct packet packet = { .port = 41234, .key = 7 };
	const struct peer_asked *a;
	uint8_t data[PACKET_MAX_BYTES], list[16];

	if (p->asked_count == 0)
		return;
	a = &p->asked[--p->asked_count];
	packet.type = answer_to(a->packet.type);
	if (packet.type == 0)
		return;
	from = a->packet.type == PACKET_LAN_SEARCH ? camera : a->to;
	packet.uid = ppcs_uid_empty(&a->packet.uid) ? p->uids[choice % 2] : a->packet.uid;
	packet.address = packet.type == PACKET_RLY_TO ? a->packet.address : camera;
	if (packet.type == PACKET_RLY_TO)
		packet.key = a->packet.key;
	if (packet.type == PACKET_RLY_PORT_ACK && choice % 16 == 15)
		packet.port = 0;
	peer_put_address(list, &relay);
	packet.data = packet.type == PACKET_LIST_REQ_ACK ? list : (const uint8_t *)"ACK";
	packet.size = packet.type == PACKET_LIST_REQ_ACK ? sizeof(list) : 3;
	packet.count = 1;
	packet.index = (uint16_t)(choice / 2 % 8);
	peer_feed(p, a->socket, &from, data, ppcs_packet_encode(&packet, data, sizeof(data)),
		  choice / 16, now);
}
