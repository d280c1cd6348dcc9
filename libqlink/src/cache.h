/* SPDX-License-Identifier: MIT */
#ifndef QLINK_CACHE_H
#define QLINK_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <qlink/qlink.h>

/** Most items remembered; a house has a few hundred. */
#define CACHE_MAX_ITEMS 4096

/** What an item is about. */
enum cache_kind {
	CACHE_NONE,
	CACHE_CONTRACTOR,
	CACHE_MODULE_LOAD,
	CACHE_STATION_LOAD,
	CACHE_VARIABLE,
	CACHE_LEDS,    /**< value: on mask | blink mask << 16 */
	CACHE_SWITCH,  /**< value: state of one switch */
	CACHE_SWITCHES /**< a watched station; its states are CACHE_SWITCH items */
};

/** One remembered value. */
struct cache_item {
	uint64_t key;  /**< qlink_cache_key(); 0 = free place */
	int32_t value; /**< newest value; meaningless before `known_once` */
	bool known;    /**< false after an all-on or all-off */
	bool known_once;
	bool watched;      /**< queried after a reconnect */
	bool stale;        /**< such a query is due */
	uint64_t sequence; /**< when it was learnt, in steps of the session */
	uint64_t time_ms;
};

/** Open addressing, grown by doubling. Items are never removed, so that places stay valid until
 *  the next qlink_cache_get(). */
struct cache {
	struct cache_item *items;
	size_t size;
	size_t count;
};

void qlink_cache_free(struct cache *c);

uint64_t qlink_cache_key(enum cache_kind kind, unsigned master, unsigned a, unsigned b, unsigned c);
enum cache_kind qlink_cache_key_kind(uint64_t key);
uint64_t qlink_cache_load_key(struct qlink_load load);

/** @return the load of a key of the four kinds of loads. */
struct qlink_load qlink_cache_key_load(uint64_t key);
/** Master, station and switch of a key of the other kinds. */
void qlink_cache_key_station(uint64_t key, unsigned *ret_master, unsigned *ret_station,
			     unsigned *ret_button);

/** @return the item, or NULL. */
struct cache_item *qlink_cache_find(const struct cache *c, uint64_t key);

/** @return the item, made when it is not there; NULL when the cache is full or without memory. */
struct cache_item *qlink_cache_get(struct cache *c, uint64_t key);

#endif
