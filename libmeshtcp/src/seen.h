/* SPDX-License-Identifier: MIT */
#ifndef MESHTCP_SEEN_H
#define MESHTCP_SEEN_H

#include <stdbool.h>
#include <stdint.h>

#include <meshtcp/meshtcp.h>

#define SEEN_PACKETS (3 * MESHTCP_MAX_NODES + 256) /* 2.8 tells three of each node anew */
#define SEEN_CHAINS  256

/** The packets heard last, in a ring, and chained by their ids: a new one would be compared with
 *  them all otherwise. All 0 is empty. Places count from 1 in the chains; 0 ends one. */
struct seen {
	struct {
		uint32_t from, id;
	} at[SEEN_PACKETS];
	uint16_t behind[SEEN_PACKETS]; /**< the one before it in its chain */
	uint16_t chain[SEEN_CHAINS];   /**< the newest */
	unsigned next;
};

/** @return whether it is among them; if not it is from now on, in the place of the oldest. */
bool meshtcp_seen_before(struct seen *seen, uint32_t from, uint32_t id);

#endif
