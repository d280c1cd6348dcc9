/* SPDX-License-Identifier: MIT */
/*
 * The newest known values, by address. A hash table with open addressing: the key is the whole
 * address packed in 64 bits.
 */
#include "cache.h"

#include <stdlib.h>

#include "address.h"

#define CACHE_FIRST_SIZE 64

void qlink_cache_free(struct cache *c)
{
	free(c->items);
	*c = (struct cache){ 0 };
}

uint64_t qlink_cache_key(enum cache_kind kind, unsigned master, unsigned a, unsigned b, unsigned c)
{
	return (uint64_t)kind << 56 | (uint64_t)(master & 0xff) << 48 |
	       (uint64_t)(a & 0xffff) << 32 | (uint64_t)(b & 0xffff) << 16 | (c & 0xffff);
}

enum cache_kind qlink_cache_key_kind(uint64_t key)
{
	return (enum cache_kind)(key >> 56);
}

uint64_t qlink_cache_load_key(struct qlink_load load)
{
	load = qlink_load_normal(load);
	switch (load.kind) {
	case QLINK_LOAD_CONTRACTOR:
		return qlink_cache_key(CACHE_CONTRACTOR, 0, 0, 0, load.load);
	case QLINK_LOAD_MODULE:
		return qlink_cache_key(CACHE_MODULE_LOAD, load.master, load.enclosure, load.module,
				       load.load);
	case QLINK_LOAD_STATION:
		return qlink_cache_key(CACHE_STATION_LOAD, load.master, load.station, 0, load.load);
	case QLINK_LOAD_VARIABLE:
		return qlink_cache_key(CACHE_VARIABLE, load.master, 0, 0, load.load);
	default:
		return 0;
	}
}

struct qlink_load qlink_cache_key_load(uint64_t key)
{
	unsigned master = (unsigned)(key >> 48 & 0xff);
	unsigned a = (unsigned)(key >> 32 & 0xffff);
	unsigned b = (unsigned)(key >> 16 & 0xffff);
	unsigned load = (unsigned)(key & 0xffff);

	switch (qlink_cache_key_kind(key)) {
	case CACHE_CONTRACTOR:
		return qlink_contractor(load);
	case CACHE_MODULE_LOAD:
		return qlink_module_load(master, a, b, load);
	case CACHE_STATION_LOAD:
		return qlink_station_load(master, a, load);
	case CACHE_VARIABLE:
		return qlink_variable(master, load);
	default:
		return (struct qlink_load){ 0 };
	}
}

void qlink_cache_key_station(uint64_t key, unsigned *ret_master, unsigned *ret_station,
			     unsigned *ret_button)
{
	*ret_master = (unsigned)(key >> 48 & 0xff);
	*ret_station = (unsigned)(key >> 32 & 0xffff);
	*ret_button = (unsigned)(key & 0xffff);
}

static size_t place_of(const struct cache_item *items, size_t size, uint64_t key)
{
	size_t i = (size_t)((key ^ key >> 29) * UINT64_C(0x9e3779b97f4a7c15) >> 40);

	for (i &= size - 1; items[i].key != 0 && items[i].key != key; i = (i + 1) & (size - 1))
		;
	return i;
}

struct cache_item *qlink_cache_find(const struct cache *c, uint64_t key)
{
	struct cache_item *item;

	if (c->size == 0)
		return NULL;
	item = &c->items[place_of(c->items, c->size, key)];
	return item->key == key ? item : NULL;
}

static bool grow(struct cache *c)
{
	size_t size = c->size ? c->size * 2 : CACHE_FIRST_SIZE;
	struct cache_item *items = calloc(size, sizeof(*items));

	if (!items)
		return false;
	for (size_t i = 0; i < c->size; i++)
		if (c->items[i].key != 0)
			items[place_of(items, size, c->items[i].key)] = c->items[i];
	free(c->items);
	c->items = items;
	c->size = size;
	return true;
}

struct cache_item *qlink_cache_get(struct cache *c, uint64_t key)
{
	struct cache_item *item = qlink_cache_find(c, key);

	if (item)
		return item;
	if (key == 0 || c->count == CACHE_MAX_ITEMS)
		return NULL;
	if (c->count * 4 >= c->size * 3 && !grow(c))
		return NULL;
	item = &c->items[place_of(c->items, c->size, key)];
	item->key = key;
	c->count++;
	return item;
}
