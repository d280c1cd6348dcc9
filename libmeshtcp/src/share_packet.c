/* SPDX-License-Identifier: MIT */
/* Packets of the clients on their way to the node, and what is said of them in its place (section
 * 17). */
#include "share_state.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define MAX_UNTOLD     100 /* that the node has said nothing of yet */
#define MAX_UNTOLD_OF  40  /* one client */
#define TOO_LARGE      7
#define NOT_AUTHORIZED 33
#define RES_FULL       32
#define RES_NO_RADIO   33

void meshtcp_share_status(struct meshtcp_share *s, struct share_client *c, int res, uint32_t id)
{
	struct queue_status status = s->queue;
	uint8_t frame[FRAME_MAX_BYTES];

	status.res = res;
	status.packet_id = id;
	meshtcp_client_send(s, c, frame, meshtcp_share_queue_status(frame, &status));
}

static uint32_t new_id(struct meshtcp_share *s)
{
	uint32_t id;

	do {
		id = cmn_prng_next(&s->prng);
	} while (id == 0 || id == UINT32_MAX || meshtcp_ids_find(&s->ids, id));
	return id;
}

static void refuse(struct meshtcp_share *s, struct share_client *c, int res, uint32_t id)
{
	SHARE_COUNT(s, packets_refused);
	meshtcp_share_status(s, c, res, id);
}

/* With a routing error, as from the node. */
static void refuse_routing(struct meshtcp_share *s, struct share_client *c, int res, uint32_t id,
			   unsigned error)
{
	uint8_t frame[FRAME_MAX_BYTES];

	refuse(s, c, res, id);
	if (id != 0)
		meshtcp_client_send(s, c, frame,
				    meshtcp_share_nak(frame, s->own, new_id(s), id, error));
}

/* They would never hear of it otherwise. */
static void show_others(struct meshtcp_share *s, const struct share_client *but, uint32_t id,
			const uint8_t *packet, size_t size)
{
	uint8_t frame[FRAME_MAX_BYTES];

	size = meshtcp_share_shown(frame, s->own, id, (uint32_t)time(NULL), packet, size);
	meshtcp_share_send_all(s, but, frame, size);
}

/* The id passes through unless somebody else has it; a client without one gets one. */
static uint32_t choose_id(struct meshtcp_share *s, uint32_t theirs)
{
	if (theirs == 0)
		return new_id(s);
	return meshtcp_ids_find(&s->ids, theirs) ? new_id(s) : theirs;
}

/* What it answers has another name at the node when two clients had chosen the same one. */
static size_t rename_ids(struct meshtcp_share *s, const struct share_client *c,
			 const struct meshtcp_packet *p, uint8_t *ret, const uint8_t *packet,
			 size_t size)
{
	const uint32_t theirs[] = { p->request_id, p->reply_id };
	struct share_rename renames[2];
	size_t count = 0;

	for (size_t i = 0; i < 2; i++) {
		const struct share_id *id =
			theirs[i] == 0 ? NULL :
					 meshtcp_ids_find_theirs(&s->ids, c->number, theirs[i]);

		if (id && id->wire != id->theirs)
			renames[count++] =
				(struct share_rename){ .from = id->theirs, .to = id->wire };
	}
	if (size > FRAME_MAX_PAYLOAD)
		return 0;
	if (count > 0)
		return meshtcp_share_rename(ret, FRAME_MAX_PAYLOAD, packet, size, renames, count);
	memcpy(ret, packet, size);
	return size;
}

/* Whoever sends without end leaves a place to each of the others. */
static bool is_full(const struct meshtcp_share *s, const struct share_client *c)
{
	unsigned all = meshtcp_ids_untold(&s->ids, 0);
	unsigned own = meshtcp_ids_untold(&s->ids, c->number);
	unsigned most = own > 0 ? MAX_UNTOLD - s->max_clients : MAX_UNTOLD;

	return all >= most || own >= MAX_UNTOLD_OF;
}

static void refuse_error(struct meshtcp_share *s, struct share_client *c, int error, uint32_t id)
{
	if (error == -EMSGSIZE)
		refuse_routing(s, c, TOO_LARGE, id, TOO_LARGE);
	else
		refuse(s, c, error == -ENOTCONN ? RES_NO_RADIO : RES_FULL, id);
}

static void forward(struct meshtcp_share *s, struct share_client *c, const struct meshtcp_packet *p,
		    const uint8_t *packet, size_t size)
{
	uint32_t id = choose_id(s, p->id), wire;
	uint8_t renamed[FRAME_MAX_PAYLOAD];
	int error = is_full(s, c) ? -EBUSY : 0;

	size = rename_ids(s, c, p, renamed, packet, size);
	if (error == 0)
		error = size == 0 ?
				-EMSGSIZE :
				meshtcp_handle_forward(s->node, renamed, size, p->port, id, &wire);
	if (error < 0) {
		refuse_error(s, c, error, p->id);
		return;
	}
	SHARE_COUNT(s, packets_forwarded);
	if (p->id != 0 && wire != p->id)
		SHARE_COUNT(s, translated);
	meshtcp_ids_add(&s->ids, wire, p->id, c->number);
	if (p->port != MESHTCP_PORT_ADMIN)
		show_others(s, c, wire, renamed, size);
}

void meshtcp_share_packet(struct meshtcp_share *s, struct share_client *c, const uint8_t *packet,
			  size_t size)
{
	struct meshtcp_packet p;

	if (meshtcp_to_packet_decode(packet, size, &p) < 0) {
		SHARE_COUNT(s, ignored);
		return;
	}
	if (!s->ready) {
		refuse(s, c, RES_NO_RADIO, p.id);
		return;
	}
	/* Its own packet again: a node says nothing to that. */
	if (p.id != 0 && meshtcp_ids_find_theirs(&s->ids, c->number, p.id)) {
		SHARE_COUNT(s, ignored);
		return;
	}
	switch (meshtcp_policy(&p, s->allow_admin)) {
	case POLICY_FORWARD:
		forward(s, c, &p, packet, size);
		break;
	case POLICY_REFUSE:
		refuse_routing(s, c, 0, p.id, NOT_AUTHORIZED);
		break;
	case POLICY_TOO_LONG:
		refuse_routing(s, c, TOO_LARGE, p.id, TOO_LARGE);
		break;
	case POLICY_DROP:
		meshtcp_share_status(s, c, 0, p.id);
		break;
	}
}

void meshtcp_share_result(struct meshtcp_share *s, uint32_t wire, int error)
{
	struct share_id *id = meshtcp_ids_find(&s->ids, wire);
	struct share_client *c = id ? meshtcp_client_find(s, id->client) : NULL;
	bool lost = error == -ECONNRESET || error == -ECANCELED;

	if (!id || id->told)
		return;
	id->told = true;
	if (c)
		meshtcp_share_status(s, c,
				     error == 0 ? 0 :
				     lost       ? RES_NO_RADIO :
						  RES_FULL,
				     id->theirs != 0 ? id->theirs : id->wire);
}
