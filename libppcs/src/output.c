/* SPDX-License-Identifier: MIT */
/* From a message to the bytes that leave: encoded, obfuscated, framed on a stream, logged. */
#include "state.h"

#include <string.h>

#include "frame.h"

/* What a person may see of it: device keys are nobody's business. */
static void log_packet(const struct session *s, uint32_t socket, const struct ppcs_address *to,
		       int key, const struct packet *p)
{
	struct packet shown = *p;
	uint8_t data[PACKET_MAX_BYTES];
	size_t size;

	if (!cmn_log_wants(&s->log, CMN_LOG_WIRE))
		return;
	memset(shown.dsk, '*', strlen(shown.dsk));
	size = ppcs_packet_encode(&shown, data, sizeof(data));
	ppcs_cipher_encrypt(&s->keys.at[key], data, size);
	ppcs_session_log_datagram(s, '>', socket, to, ppcs_packet_name(p->type), data, size);
}

static void queue(struct session *s, uint32_t socket, const struct ppcs_address *to,
		  const uint8_t *data, size_t size)
{
	struct datagram d = { .socket = socket, .to = *to, .data = data, .size = size };

	if (!ppcs_outbox_add(&s->out, &d)) {
		s->statistics.dropped_output++;
		return;
	}
	s->statistics.sent++;
	s->statistics.bytes_sent += size;
}

static void send_one(struct session *s, const struct socket *socket, const struct ppcs_address *to,
		     int key, const struct packet *p)
{
	uint8_t data[FRAME_MAX_BYTES], frame[FRAME_MAX_BYTES];
	size_t size = ppcs_packet_encode(p, data, PACKET_MAX_BYTES);
	uint32_t random;
	uint8_t noise[2];

	if (size == 0)
		return;
	log_packet(s, socket->wish.id, to, key, p);
	if (!socket->wish.stream) {
		ppcs_cipher_encrypt(&s->keys.at[key], data, size);
		queue(s, socket->wish.id, to, data, size);
		return;
	}
	random = cmn_prng_next(&s->prng);
	noise[0] = (uint8_t)random;
	noise[1] = (uint8_t)(random >> 8);
	size = ppcs_frame_encode(&s->keys.at[key], noise, data, size, frame);
	queue(s, socket->wish.id, to, frame, size);
}

unsigned ppcs_output(struct session *s, uint32_t socket, const struct ppcs_address *to, int key,
		     unsigned tick, const struct packet *p)
{
	const struct socket *found = ppcs_socket_find(s, socket);
	unsigned count = 0;

	if (!found || !found->open)
		return 0;
	if (key != KEY_ANY) {
		send_one(s, found, to, key, p);
		return 1;
	}
	for (int i = 0; i < s->keys.count; i++) {
		if (!ppcs_keys_due(&s->keys, i, tick))
			continue;
		send_one(s, found, to, i, p);
		count++;
	}
	return count;
}

void ppcs_output_raw(struct session *s, uint32_t socket, const uint8_t *data, size_t size)
{
	struct ppcs_address nowhere = { .port = 0 };

	queue(s, socket, &nowhere, data, size);
}
