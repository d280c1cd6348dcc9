/* SPDX-License-Identifier: MIT */
/*
 * Frames made by the library's encoders, for test_protoc.py. A line of standard input says what to
 * make, a line of standard output has it in hex, or `-` when it is too long:
 *     want NUMBER | heartbeat | disconnect
 *     packet FROM TO ID CHANNEL PRIORITY PORT HOPS ACK RESPONSE PKI REQUEST REPLY EMOJI
 *     PAYLOAD-HEX|-
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "message.h"

static size_t unhex(const char *text, uint8_t *to, size_t room)
{
	size_t size = 0;
	unsigned byte;

	while (size < room && sscanf(text, "%2x", &byte) == 1) {
		to[size++] = (uint8_t)byte;
		text += 2;
	}
	return size;
}

static size_t packet(const char *line, uint8_t *frame)
{
	unsigned ack, response, pki;
	static uint8_t payload[600];
	static char hex[1300];
	struct to_packet p = { .payload = payload };

	if (sscanf(line,
		   "packet %" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32
		   " %u %u %u %u %u %" SCNu32 " %" SCNu32 " %" SCNu32 " %1299s",
		   &p.from, &p.to, &p.id, &p.channel, &p.priority, &p.port, &p.hop_limit, &ack,
		   &response, &pki, &p.request_id, &p.reply_id, &p.emoji, hex) != 14)
		return 0;
	p.want_ack = ack;
	p.want_response = response;
	p.pki_encrypted = pki;
	p.size = strcmp(hex, "-") == 0 ? 0 : unhex(hex, payload, sizeof(payload));
	return meshtcp_packet_encode(frame, &p);
}

int main(void)
{
	static char line[2000];

	while (fgets(line, sizeof(line), stdin)) {
		uint8_t frame[FRAME_MAX_BYTES];
		uint32_t nonce;
		size_t size;

		if (sscanf(line, "want %" SCNu32, &nonce) == 1)
			size = meshtcp_want_config_encode(frame, nonce);
		else if (strcmp(line, "heartbeat\n") == 0)
			size = meshtcp_heartbeat_encode(frame);
		else if (strcmp(line, "disconnect\n") == 0)
			size = meshtcp_disconnect_encode(frame);
		else
			size = packet(line, frame);
		for (size_t i = 0; i < size; i++)
			printf("%02x", frame[i]);
		puts(size == 0 ? "-" : "");
	}
	return 0;
}
