/* SPDX-License-Identifier: MIT */
/* Which packets were heard already: a node tells some of them again after each reconnect. */
#include "seen.h"

static uint16_t *chain_of(struct seen *seen, uint32_t from, uint32_t id)
{
	uint32_t mixed = (from ^ id) * UINT32_C(2654435769);

	return &seen->chain[mixed >> 24];
}

/* The oldest one ends its chain. */
static void forget(struct seen *seen, unsigned place)
{
	uint16_t *link = chain_of(seen, seen->at[place - 1].from, seen->at[place - 1].id);

	while (*link != 0 && *link != place)
		link = &seen->behind[*link - 1];
	*link = 0;
}

bool meshtcp_seen_before(struct seen *seen, uint32_t from, uint32_t id)
{
	uint16_t *newest = chain_of(seen, from, id);
	unsigned place = seen->next + 1;

	for (unsigned i = *newest; i != 0; i = seen->behind[i - 1])
		if (seen->at[i - 1].from == from && seen->at[i - 1].id == id)
			return true;
	forget(seen, place);
	seen->at[place - 1].from = from;
	seen->at[place - 1].id = id;
	seen->behind[place - 1] = *newest;
	*newest = (uint16_t)place;
	seen->next = place % SEEN_PACKETS;
	return false;
}
