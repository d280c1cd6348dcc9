/* SPDX-License-Identifier: MIT */
/* What comes for an attempt, of whatever kind it is: whose it is, and what it proves (section
 * 12.3). */
#include "state.h"

#include <string.h>

static void count(struct session *s, const struct attempt *a)
{
	s->race.racers[a->mode].records[a->record].received++;
}

/* The path is up: what comes from the peer is the proof, or the end. */
static void receive_link(struct session *s, struct attempt *a, const struct ppcs_address *from,
			 const struct packet *p, uint64_t now)
{
	struct path *path;

	if (!ppcs_address_same(from, &a->link.peer)) {
		s->statistics.warnings_address++;
		return;
	}
	switch (ppcs_link_receive(s, &a->link, p, now)) {
	case LINK_VERIFIED:
		a->level = PPCS_LEVEL_VERIFIED;
		path = ppcs_attempt_path(s, a);
		if (path)
			ppcs_samples_add(&path->verified, now - a->started_at);
		break;
	case LINK_CLOSED:
		ppcs_attempt_end(s, a, PPCS_FAILED, REASON_DEVICE_CLOSED, now);
		break;
	case LINK_NOTHING:
	case LINK_OTHER_DEVICE: /* of a session only */
		break;
	}
}

/* Only a client says these: they are our own, come back. */
static bool from_client(uint8_t type)
{
	return type == PACKET_HELLO || type == PACKET_P2P_REQ || type == PACKET_P2P_REQ_DSK ||
	       type == PACKET_LAN_SEARCH || type == PACKET_LIST_REQ1 ||
	       type == PACKET_LIST_REQ_DSK || type == PACKET_RLY_HELLO || type == PACKET_RLY_PORT ||
	       type == PACKET_RLY_REQ || type == PACKET_RLY_PKT;
}

static void note_unreadable(struct session *s, struct attempt *a, const uint8_t *data, size_t size)
{
	struct keys all;
	uint8_t head[PACKET_MAX_BYTES];
	int key;

	a->unreadable = true;
	s->statistics.unreadable++;
	ppcs_race_see(s, REASON_UNREADABLE);
	if (size > sizeof(head))
		return;
	memcpy(head, data, size);
	ppcs_keys_all(&all, "");
	key = ppcs_keys_decrypt(&all, KEY_ANY, head, size);
	if (key == 0)
		s->race.other_key = "";
	else if (key > 0)
		s->race.other_key = ppcs_cipher_known((unsigned)key - 1);
}

/* A stranger's claim that the path is up is worth a word. */
static void note_stranger(struct session *s, const struct packet *p)
{
	s->statistics.warnings_address++;
	if (p->useful && (p->type == PACKET_P2P_RDY || p->type == PACKET_RLY_RDY) &&
	    ppcs_uid_sound(&p->uid))
		ppcs_race_see(s, REASON_STRANGER);
}

static void receive_packet(struct session *s, struct attempt *a, const struct ppcs_address *from,
			   const struct packet *p, int key, uint64_t now)
{
	const struct attempt_ops *ops = ppcs_attempt_ops(a);

	if (!a->link.up && !ops->asked(s, a, from)) {
		note_stranger(s, p);
		return;
	}
	count(s, a);
	if (!p->useful) {
		s->statistics.warnings_type++;
		return;
	}
	if (p->extra > 0)
		s->statistics.warnings_length++;
	if (a->link.up) {
		receive_link(s, a, from, p, now);
		return;
	}
	if (from_client(p->type)) {
		a->reflected = true;
		ppcs_race_see(s, REASON_REFLECTED);
		return;
	}
	/* CLOSE instead of P2P_RDY: the device has no room for us. */
	if (p->type == PACKET_CLOSE && p->payload + p->extra == 0 && !a->other_device &&
	    ppcs_punch_contact(a, from)) {
		ppcs_attempt_end(s, a, PPCS_FAILED, REASON_DEVICE_CLOSED, now);
		return;
	}
	ops->receive(s, a, from, p, key, now);
}

void ppcs_attempt_receive(struct session *s, struct attempt *a, uint32_t socket,
			  const struct ppcs_address *from, const uint8_t *data, size_t size,
			  uint64_t now)
{
	uint8_t plain[PACKET_MAX_BYTES];
	struct packet p;
	int key = -1;

	if (a->kind == ATTEMPT_TCP_RELAY) {
		ppcs_tcp_receive(s, a, socket, data, size, now);
		return;
	}
	if (size <= sizeof(plain)) {
		memcpy(plain, data, size);
		key = ppcs_keys_decrypt(&s->keys, a->key, plain, size);
	}
	if (key >= 0 && ppcs_packet_decode(plain, size, &p) == 0) {
		receive_packet(s, a, from, &p, key, now);
	} else if (ppcs_attempt_ops(a)->asked(s, a, from)) {
		count(s, a);
		note_unreadable(s, a, data, size);
	} else {
		s->statistics.warnings_address++;
	}
}

void ppcs_attempt_unreachable(struct session *s, struct attempt *a, const struct ppcs_address *to,
			      uint64_t now)
{
	s->statistics.unreachable++;
	if (a->link.up) {
		if (ppcs_address_same(to, &a->link.peer))
			ppcs_link_unreachable(s, &a->link, now);
		return;
	}
	if (!ppcs_address_same(to, &a->destination))
		return;
	if (!a->refused)
		ppcs_racer_hurry(s, &s->race.racers[a->mode], now);
	a->refused = true;
	ppcs_race_see(s, REASON_CLOSED_PORT);
}
