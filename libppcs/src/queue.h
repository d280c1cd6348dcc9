/* SPDX-License-Identifier: MIT */
#ifndef PPCS_QUEUE_H
#define PPCS_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ppcs/ppcs.h>

/** An event in the list, with what it points to. The bytes of `data` stand behind it in memory. */
struct node {
	struct node *next;
	struct ppcs_event event;
	bool reserved; /**< not counted: it was set aside beforehand */
	char uid[PPCS_UID_BYTES];
	char key[PPCS_MAX_KEY + 1];
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
	struct node overflow; /**< needs no memory: want of it is what it may have to tell of */
	bool overflow_used;   /**< it is in the list, or taken */
	size_t count;         /**< of nodes that are not reserved */
	uint32_t dropped;     /**< since the last overflow event */
	uint64_t dropped_all;
	uint64_t dropped_ms; /**< when the last one was */
};

void ppcs_event_list_free(struct event_list *list);
/** Set aside what RESERVE_… needs. @return 0 or -ENOMEM */
int ppcs_event_list_prepare(struct event_list *list);
/** Append a copy of an event and of all that it points to but `text` and `report`. Counted as
 *  dropped when the list is full or memory runs out. @return whether it was appended */
bool ppcs_event_list_add(struct event_list *list, const struct ppcs_event *event);
/** Append it in the memory set aside for it; nothing when that is used up. */
void ppcs_event_list_add_reserved(struct event_list *list, enum reserve reserve,
				  const struct ppcs_event *event);
/** Drop what waits of these types. */
void ppcs_event_list_drop(struct event_list *list, enum ppcs_event_type first,
			  enum ppcs_event_type last);
/** @return the next event; valid until the next call. */
const struct ppcs_event *ppcs_event_list_next(struct event_list *list);

#endif
