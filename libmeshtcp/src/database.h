/* SPDX-License-Identifier: MIT */
#ifndef MESHTCP_DATABASE_H
#define MESHTCP_DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <meshtcp/meshtcp.h>

/** The known nodes, in order of number; bounded by MESHTCP_MAX_NODES. */
struct database {
	struct meshtcp_node *at;
	size_t count, room;
};

void meshtcp_database_free(struct database *db);
/** @return the node, or NULL */
struct meshtcp_node *meshtcp_database_find(const struct database *db, uint32_t num);
/** @return the node, made when there is none; NULL without memory, or for a number that no node has
 *  */
struct meshtcp_node *meshtcp_database_get(struct database *db, uint32_t num);
void meshtcp_database_remove(struct database *db, uint32_t num);

/** What a packet tells about its sender (section 14). */
enum database_news {
	DATABASE_NOTHING,
	DATABASE_CHANGED,
	DATABASE_KEY_CHANGED
};
enum database_news meshtcp_database_packet(struct database *db, const struct meshtcp_packet *p,
					   uint32_t own);

/** @return a copy that never changes; NULL without memory */
const struct meshtcp_nodes *meshtcp_database_snapshot(const struct database *db);

#endif
