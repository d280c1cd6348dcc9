/* SPDX-License-Identifier: MIT */
/* The download, replayed to one client out of what is known by now (sections 6 and 17). */
#include "share_state.h"

#include <stdlib.h>
#include <string.h>

#define NONCE_CONFIG 69420
#define NONCE_NODES  69421

/* A part of a download: one or more frames. It is bounded by itself, and not by how slow a client
 * is. */
static void put(struct share_client *c, const uint8_t *frames, size_t size)
{
	if (!c->gone && cmn_buf_append(&c->out, frames, size) < 0)
		c->gone = "slow";
}

static void send_node(struct share_client *c, const struct meshtcp_node *node)
{
	uint8_t frame[FRAME_MAX_BYTES];

	put(c, frame, meshtcp_node_encode(frame, node));
}

/* The own node comes early, and is a favourite of itself. */
static void send_own(const struct meshtcp_share *s, struct share_client *c,
		     const struct meshtcp_nodes *nodes)
{
	const struct meshtcp_node *known = meshtcp_nodes_get(nodes, s->own);
	struct meshtcp_node own = { .num = s->own, .hops_away = -1 };

	if (known)
		own = *known;
	own.hops_away = -1;
	own.is_favorite = true;
	send_node(c, &own);
}

static void send_others(const struct meshtcp_share *s, struct share_client *c,
			const struct meshtcp_nodes *nodes)
{
	for (size_t i = 0; i < nodes->count; i++)
		if (nodes->node[i].num != s->own)
			send_node(c, &nodes->node[i]);
}

/* Size of the frames that come before the own node: what it is, and its display. */
static size_t leading_frames(const uint8_t *records, size_t size)
{
	size_t at = 0;

	while (size - at >= FRAME_HEADER_BYTES) {
		const uint8_t *frame = records + at;
		size_t n = (size_t)frame[2] << 8 | frame[3];
		struct from_message m;

		if (n > size - at - FRAME_HEADER_BYTES ||
		    meshtcp_from_decode(frame + FRAME_HEADER_BYTES, n, &m) < 0 ||
		    (m.member != FROM_MY_INFO && m.member != FROM_DISPLAY))
			break;
		at += FRAME_HEADER_BYTES + n;
	}
	return at;
}

static void replay(struct meshtcp_share *s, struct share_client *c, uint32_t nonce,
		   const struct meshtcp_nodes *nodes, const uint8_t *records, size_t size,
		   size_t before)
{
	size_t first = leading_frames(records, before);
	uint8_t frame[FRAME_MAX_BYTES];

	if (nonce != NONCE_NODES)
		put(c, records, first);
	send_own(s, c, nodes);
	if (nonce != NONCE_NODES)
		put(c, records + first, before - first);
	if (nonce != NONCE_CONFIG)
		send_others(s, c, nodes);
	if (nonce != NONCE_NODES)
		put(c, records + before, size - before);
	put(c, frame, meshtcp_share_complete(frame, nonce));
	c->replay_left = cmn_buf_len(&c->out);
	c->served = true;
	SHARE_COUNT(s, downloads);
}

void meshtcp_share_serve(struct meshtcp_share *s, struct share_client *c, uint32_t nonce)
{
	const struct meshtcp_nodes *nodes = NULL;
	uint8_t *records = NULL;
	size_t before = 0;
	int size = -1;

	c->nonce = nonce;
	/* One after the other, so that no client has more than one of them waiting for it. */
	c->waits = !s->ready || c->replay_left > 0;
	if (c->waits)
		return;
	size = meshtcp_handle_records(s->node, &records, &before);
	if (size >= 0 && meshtcp_get_nodes(s->node, &nodes) == 0)
		replay(s, c, nonce, nodes, records, (size_t)size, before);
	else
		c->gone = "slow"; /* no memory; better than a wait that nothing ends */
	meshtcp_nodes_free(nodes);
	/* There are keys in them. */
	if (size > 0)
		explicit_bzero(records, (size_t)size);
	free(records);
}
