/* SPDX-License-Identifier: MIT */
#ifndef PPCS_QUEUE_H
#define PPCS_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ppcs/ppcs.h>

#include "common/buf.h"

#include "packet.h"

/** Most bytes of an event: all of a channel that may wait, and all that was kept for its turn. */
#define EVENT_DATA_BYTES 262144

/** An event in the list, with what it points to. */
struct node {
	struct node *next;
	struct ppcs_event event;
	bool reserved; /**< not counted: it was set aside beforehand */
	char uid[PPCS_UID_BYTES];
	char key[PPCS_MAX_KEY + 1];
	struct cmn_buf data; /**< of PPCS_EVENT_DATA */
};

/** Events that are told whatever happens: their memory is set aside before they can come. */
enum reserve {
	RESERVE_RESULT,
	RESERVE_CONNECTED,
	RESERVE_CLOSED,
	RESERVES
};

/** Events that wait to be taken, in order. */
struct event_list {
	struct node *head, *tail;
	struct node *taken; /**< handed out, valid until the next one is */
	struct node *reserve[RESERVES];
	struct node *data[PACKET_CHANNELS]; /**< in the list, and can take more of the channel */
	struct node overflow; /**< needs no memory: want of it is what it may have to tell of */
	bool overflow_used;   /**< it is in the list, or taken */
	bool ending;          /**< data is added even when the list is full: it was acknowledged */
	size_t count;         /**< of nodes that are not reserved */
	uint32_t dropped;     /**< since the last overflow event */
	uint64_t dropped_all;
	uint64_t dropped_ms; /**< when the last one was */
};

void ppcs_event_list_free(struct event_list *list);
/** Set aside what RESERVE_… needs. @return 0 or -ENOMEM */
int ppcs_event_list_prepare(struct event_list *list);
/** Append a copy of an event and of its texts but `text`. Counted as dropped when the list is full
 *  or memory runs out. @return whether it was appended */
bool ppcs_event_list_add(struct event_list *list, const struct ppcs_event *event);
/** Bytes of a channel, in the event that waits for it or a new one.
 *  @return whether they were; nothing is dropped */
bool ppcs_event_list_add_data(struct event_list *list, unsigned channel, const uint8_t *data,
			      size_t size, uint64_t now);
/** @return bytes of a channel that wait, since ppcs_event_list_end_data() */
size_t ppcs_event_list_waiting(const struct event_list *list, unsigned channel);
/** From now until ppcs_event_list_end_data() data has a place also when the list is full. */
void ppcs_event_list_last_data(struct event_list *list);
/** What waits is complete: more would be of another session. */
void ppcs_event_list_end_data(struct event_list *list);
/** Likewise, but what was not appended does not count as dropped: it is told later. */
bool ppcs_event_list_try(struct event_list *list, const struct ppcs_event *event);
/** Append it in the memory set aside for it; nothing when that is used up. */
void ppcs_event_list_add_reserved(struct event_list *list, enum reserve reserve,
				  const struct ppcs_event *event);
/** Drop what waits of these types. */
void ppcs_event_list_drop(struct event_list *list, enum ppcs_event_type first,
			  enum ppcs_event_type last);
/** @return the next event; valid until the next call. */
const struct ppcs_event *ppcs_event_list_next(struct event_list *list);

#endif
