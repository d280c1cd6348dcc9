/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PPCS_WORLD_H
#define TESTS_PPCS_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/prng.h"

#include "wire.h"

/**
 * A network in memory with a clock of its own: carries datagrams between clients, which are cores
 * with sockets (client.h), and hosts. It delays, and where it is told to, loses, doubles and
 * overtakes them, all out of one seed. Its time is milliseconds and a number.
 */

struct client;
struct world;

/** Somebody with an IP address. Hosts are made part of bigger structs. */
struct host {
	struct host *next;
	struct world *world;
	struct ppcs_address ip; /**< its port has no meaning */
	bool icmp;              /**< closed ports answer "port unreachable" */
	uint64_t due;           /**< tick() is called then; UINT64_MAX = never */
	bool (*listens)(const struct host *h, uint16_t port);
	/** The message is the host's to change. */
	void (*receive)(struct host *h, uint16_t port, const struct ppcs_address *from,
			struct wire *message);
	void (*tick)(struct host *h);
};

/** Of the network, the same in both directions; shares in percent. */
struct quality {
	unsigned latency_min, latency_max;
	unsigned lost, doubled, late;
	unsigned late_max; /**< so much later come the late ones */
};

struct transit;

struct world {
	uint64_t now;
	struct cmn_prng prng;
	struct quality quality;
	struct transit **transits; /**< a heap, the next to arrive first */
	size_t transit_count, transit_room;
	uint64_t sequence;
	struct host *hosts;
	struct client *clients;
	/** Unless NULL: says which datagrams are lost beside those that the quality loses. */
	bool (*loses)(struct world *w, const struct ppcs_address *from,
		      const struct ppcs_address *to, const struct wire *message);
	void *user;
	uint64_t carried; /**< datagrams that arrived somewhere */
};

/** One millisecond each way and no losses. */
void world_init(struct world *w, uint64_t seed);
/** Also frees its clients. */
void world_free(struct world *w);
void world_add(struct world *w, struct host *h);
/** Put a datagram on its way. */
void world_send(struct world *w, const struct ppcs_address *from, const struct ppcs_address *to,
		const struct wire *message);
/** Let the next thing happen. @return false when it is after UNTIL: then that is the time now */
bool world_step(struct world *w, uint64_t until);
void world_run(struct world *w, uint64_t ms);

/** A host with nothing but an address: every port is closed. */
void host_init(struct host *h, struct ppcs_address ip);
/** Send from one of its ports, hidden with KEY. */
void host_send(struct host *h, uint16_t port, const struct ppcs_address *to, const struct wire *m,
	       const char *key);
/** Wake up then, unless earlier anyway. */
void host_wake(struct host *h, uint64_t when);

#endif
