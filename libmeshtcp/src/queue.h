/* SPDX-License-Identifier: MIT */
#ifndef MESHTCP_QUEUE_H
#define MESHTCP_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <meshtcp/meshtcp.h>

/** An event in a list, with what it points to. Text and bytes stand right behind it in memory. */
struct node {
	struct node *next;
	struct meshtcp_event event;
	struct meshtcp_packet packet;
	bool is_request; /**< the head of a struct request */
	uint32_t owner;  /**< the subscriber that it is for; 0 = all */
};

/** Events that wait to be taken, in order. */
struct event_list {
	struct node *head, *tail;
	struct node *taken; /**< handed out, valid until the next one is */
	size_t count;       /**< of nodes that are no requests */
	uint32_t dropped;   /**< since the last overflow event */
	uint64_t dropped_all;
	uint64_t dropped_ms;  /**< when the last one was */
	struct node overflow; /**< tells of them without memory */
	bool overflow_used;
};

void meshtcp_event_list_free(struct event_list *list);
/** A copy of an event and of what it carries. @return NULL without memory */
struct node *meshtcp_node_new(const struct meshtcp_event *event, uint32_t owner);
void meshtcp_event_list_append(struct event_list *list, struct node *node);
/** Append a copy. Counted as dropped when the list is full or memory runs out. */
void meshtcp_event_list_add(struct event_list *list, const struct meshtcp_event *event,
			    uint32_t owner);
/** Take the first node off, whatever it is; the caller frees it. @return NULL when empty */
struct node *meshtcp_event_list_pop(struct event_list *list);
/** @return the next event; valid until the next call of this or meshtcp_event_list_take(). */
const struct meshtcp_event *meshtcp_event_list_next(struct event_list *list);
/** @return the result with this id, out of turn. */
const struct meshtcp_event *meshtcp_event_list_take(struct event_list *list, uint32_t id);

#endif
