/* SPDX-License-Identifier: MIT */
/*
 * Whose packet is whose. A packet stays here until the node has said what became of it; of those of
 * which it has, the oldest makes room. Those of clients that are gone stay as well: their ids are
 * not free, and the answers to them are nobody's.
 */
#include "share_message.h"

struct share_id *meshtcp_ids_find(struct share_ids *ids, uint32_t wire)
{
	for (unsigned i = 0; i < SHARE_IDS; i++)
		if (ids->at[i].client != 0 && ids->at[i].wire == wire)
			return &ids->at[i];
	return NULL;
}

struct share_id *meshtcp_ids_find_theirs(struct share_ids *ids, uint32_t client, uint32_t theirs)
{
	for (unsigned i = 0; i < SHARE_IDS; i++)
		if (ids->at[i].client == client && ids->at[i].theirs == theirs)
			return &ids->at[i];
	return NULL;
}

static struct share_id *make_room(struct share_ids *ids, uint32_t wire)
{
	struct share_id *id = meshtcp_ids_find(ids, wire);

	for (unsigned i = 0; i < SHARE_IDS && !id; i++) {
		if (ids->at[ids->next].client == 0 || ids->at[ids->next].told)
			id = &ids->at[ids->next];
		ids->next = (ids->next + 1) % SHARE_IDS;
	}
	return id;
}

struct share_id *meshtcp_ids_add(struct share_ids *ids, uint32_t wire, uint32_t theirs,
				 uint32_t client)
{
	struct share_id *id = make_room(ids, wire);

	if (id)
		*id = (struct share_id){ .wire = wire, .theirs = theirs, .client = client };
	return id;
}

unsigned meshtcp_ids_untold(const struct share_ids *ids, uint32_t client)
{
	unsigned count = 0;

	for (unsigned i = 0; i < SHARE_IDS; i++)
		if (ids->at[i].client != 0 && !ids->at[i].told &&
		    (client == 0 || ids->at[i].client == client))
			count++;
	return count;
}
