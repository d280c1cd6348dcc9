/* SPDX-License-Identifier: MIT */
/* Passkeys for writing at other nodes (section 12): learnt from a read, good for a while. */
#include "state.h"

#include <string.h>

#include "pb.h"

#define MEMBER_PASSKEY 101
#define MEMBER_GET     5
#define SESSION_KEY    8
#define GOOD_MS        290000 /* the node takes one for 300 s */

const struct passkey *meshtcp_passkey_find(const struct session *s, uint32_t node, uint64_t now)
{
	for (unsigned i = 0; i < PASSKEYS; i++) {
		const struct passkey *key = &s->passkeys[i];

		if (key->size > 0 && key->node == node && now - key->at < GOOD_MS)
			return key;
	}
	return NULL;
}

void meshtcp_passkey_forget(struct session *s, uint32_t node)
{
	for (unsigned i = 0; i < PASSKEYS; i++)
		if (s->passkeys[i].node == node)
			s->passkeys[i].size = 0;
}

void meshtcp_passkey_learn(struct session *s, const struct meshtcp_packet *p, uint64_t now)
{
	struct pb_reader r;
	struct pb_value v;
	struct passkey *key;

	meshtcp_pb_reader_init(&r, p->payload, p->size);
	while (meshtcp_pb_next(&r, &v)) {
		if (v.number != MEMBER_PASSKEY || v.wire != PB_BYTES || v.size == 0 ||
		    v.size > PASSKEY_MAX)
			continue;
		meshtcp_passkey_forget(s, p->from);
		key = &s->passkeys[s->next_passkey];
		s->next_passkey = (s->next_passkey + 1) % PASSKEYS;
		key->node = p->from;
		key->at = now;
		key->size = v.size;
		memcpy(key->key, v.data, v.size);
	}
}

bool meshtcp_passkey_ask(struct session *s, struct request *r, uint64_t now)
{
	uint8_t frame[FRAME_MAX_BYTES], payload[8];
	struct pb_writer w;
	struct to_packet p = { .from = meshtcp_own_num(s),
			       .to = r->order.admin_node,
			       .channel = r->order.message.channel,
			       .port = MESHTCP_PORT_ADMIN,
			       .payload = payload,
			       .hop_limit = 7,
			       .want_ack = true,
			       .want_response = true,
			       .pki_encrypted = true };

	meshtcp_pb_writer_init(&w, payload, sizeof(payload));
	meshtcp_pb_put_varint(&w, MEMBER_GET, SESSION_KEY);
	p.size = w.pos;
	p.id = meshtcp_request_new_id(s);
	if (!meshtcp_output_add(s, frame, meshtcp_packet_encode(frame, &p)))
		return false;
	r->key_request = p.id;
	r->step = STEP_PASSKEY;
	r->sent_ms = now;
	s->statistics.packets_sent++;
	return true;
}
