/* SPDX-License-Identifier: MIT */
/*
 * The nodes that are known (section 14): filled by the download, kept up to date by what is heard.
 */
#include "database.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "pb.h"
#include "record.h"

#define FIRST_ROOM    16
#define LAST_RESERVED 3

void meshtcp_database_free(struct database *db)
{
	free(db->at);
	*db = (struct database){ 0 };
}

/* Where the number is, or where it would have to be. */
static size_t place_of(const struct database *db, uint32_t num)
{
	size_t low = 0, high = db->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (db->at[middle].num < num)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct meshtcp_node *meshtcp_database_find(const struct database *db, uint32_t num)
{
	size_t i = place_of(db, num);

	return i < db->count && db->at[i].num == num ? &db->at[i] : NULL;
}

static void remove_at(struct database *db, size_t i)
{
	db->count--;
	memmove(&db->at[i], &db->at[i + 1], (db->count - i) * sizeof(db->at[0]));
}

void meshtcp_database_remove(struct database *db, uint32_t num)
{
	size_t i = place_of(db, num);

	if (i < db->count && db->at[i].num == num)
		remove_at(db, i);
}

/* The one heard longest ago, but for favourites. */
static void make_room(struct database *db)
{
	size_t oldest = 0;

	for (size_t i = 1; i < db->count; i++) {
		bool worse = db->at[i].is_favorite < db->at[oldest].is_favorite;
		bool same = db->at[i].is_favorite == db->at[oldest].is_favorite;

		if (worse || (same && db->at[i].last_heard < db->at[oldest].last_heard))
			oldest = i;
	}
	remove_at(db, oldest);
}

struct meshtcp_node *meshtcp_database_get(struct database *db, uint32_t num)
{
	struct meshtcp_node *node = meshtcp_database_find(db, num);
	size_t i;

	if (node || num <= LAST_RESERVED || num == MESHTCP_BROADCAST)
		return node;
	if (db->count == MESHTCP_MAX_NODES)
		make_room(db);
	if (db->count == db->room) {
		size_t room = db->room ? 2 * db->room : FIRST_ROOM;
		struct meshtcp_node *more = realloc(db->at, room * sizeof(*more));

		if (!more)
			return NULL;
		db->at = more;
		db->room = room;
	}
	i = place_of(db, num);
	memmove(&db->at[i + 1], &db->at[i], (db->count - i) * sizeof(db->at[0]));
	db->count++;
	memset(&db->at[i], 0, sizeof(db->at[i]));
	db->at[i].num = num;
	db->at[i].hops_away = -1;
	return &db->at[i];
}

static enum database_news take_user(struct meshtcp_node *n, const struct meshtcp_packet *p)
{
	struct meshtcp_user user;
	bool changed;

	if (meshtcp_decode_user(p->payload, p->size, &user) < 0)
		return DATABASE_NOTHING;
	/* Who only asks for ours says nothing about himself. */
	if (user.long_name[0] == '\0' && user.short_name[0] == '\0')
		return DATABASE_NOTHING;
	/* Over the air the id may be missing. */
	if (user.id[0] == '\0')
		meshtcp_node_text(n->num, user.id);
	changed = n->has_user && n->user.has_public_key && user.has_public_key &&
		  memcmp(n->user.public_key, user.public_key, sizeof(user.public_key)) != 0;
	/* Or else a record without a key would make room for any other one. */
	if (n->user.has_public_key && !user.has_public_key) {
		user.has_public_key = true;
		memcpy(user.public_key, n->user.public_key, sizeof(user.public_key));
	}
	n->has_user = true;
	n->user = user;
	return changed ? DATABASE_KEY_CHANGED : DATABASE_CHANGED;
}

static enum database_news take_position(struct meshtcp_node *n, const struct meshtcp_packet *p,
					bool own)
{
	struct meshtcp_position position;

	if (meshtcp_decode_position(p->payload, p->size, &position) < 0)
		return DATABASE_NOTHING;
	/* A question has none. */
	if (!position.has_position && n->position.has_position)
		return DATABASE_NOTHING;
	if (p->history && n->position.has_position &&
	    (position.time ? position.time : p->rx_time) < n->position.time)
		return DATABASE_NOTHING;
	/* The own position comes back coarser than it is known. */
	if (own && position.precision_bits < n->position.precision_bits)
		return DATABASE_NOTHING;
	n->position = position;
	return DATABASE_CHANGED;
}

static enum database_news take_status(struct meshtcp_node *n, const struct meshtcp_packet *p)
{
	struct pb_reader r;
	struct pb_value v;

	meshtcp_pb_reader_init(&r, p->payload, p->size);
	while (meshtcp_pb_next(&r, &v))
		if (v.number == 1 && v.wire == PB_BYTES)
			meshtcp_text_copy(n->status, sizeof(n->status), &v);
	return DATABASE_CHANGED;
}

static void take_link(struct meshtcp_node *n, const struct meshtcp_packet *p, bool own)
{
	/* What was queued or is history keeps the newer value. */
	if (p->history && p->rx_time <= n->last_heard)
		return;
	if (p->rx_time > n->last_heard)
		n->last_heard = p->rx_time;
	if (own)
		return;
	n->has_snr = true;
	n->snr = p->rx_snr;
	n->rssi = p->rx_rssi;
	n->via_mqtt = p->via_mqtt;
	if (!p->encrypted)
		n->channel = p->channel;
	if (p->hops >= 0)
		n->hops_away = p->hops;
}

enum database_news meshtcp_database_packet(struct database *db, const struct meshtcp_packet *p,
					   uint32_t own)
{
	struct meshtcp_node *n = meshtcp_database_get(db, p->from);

	if (!n)
		return DATABASE_NOTHING;
	take_link(n, p, p->from == own);
	if (p->encrypted)
		return DATABASE_CHANGED;
	switch (p->port) {
	case MESHTCP_PORT_NODEINFO:
		return take_user(n, p);
	case MESHTCP_PORT_POSITION:
		return take_position(n, p, p->from == own);
	case MESHTCP_PORT_TELEMETRY:
		meshtcp_metrics_merge(p->payload, p->size, &n->metrics);
		return DATABASE_CHANGED;
	case MESHTCP_PORT_STATUS:
		return take_status(n, p);
	default:
		return DATABASE_CHANGED;
	}
}

const struct meshtcp_nodes *meshtcp_database_snapshot(const struct database *db)
{
	struct meshtcp_nodes *nodes =
		malloc(sizeof(*nodes) + db->count * sizeof(struct meshtcp_node));

	if (!nodes)
		return NULL;
	nodes->count = db->count;
	nodes->node = (const struct meshtcp_node *)(nodes + 1);
	if (db->count > 0)
		memcpy(nodes + 1, db->at, db->count * sizeof(db->at[0]));
	return nodes;
}
