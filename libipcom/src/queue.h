/* SPDX-License-Identifier: MIT */
#ifndef IPCOM_QUEUE_H
#define IPCOM_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ipcom/ipcom.h>

/** An event in the list. Bytes or values that it carries stand right behind it in memory. */
struct node {
	struct node *next;
	struct ipcom_event event;
	bool is_request; /**< the head of a struct request */
};

/**
 * One request. Its result event is part of it, so that memory running out can never swallow a
 * result.
 */
struct request {
	struct node node; /**< first: the list of events holds finished requests */
	struct request *next;
	uint32_t id;
	uint64_t deadline_ms;
	unsigned open;   /**< outputs that are not confirmed, and steps of a shutter to come */
	unsigned unsent; /**< outputs that are not written */
	bool told_sent;
	bool refresh; /**< ends with a snapshot asked for after refresh_ms */
	uint64_t refresh_step;
	bool shutter; /**< moves one */
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

void ipcom_event_list_free(struct event_list *list);
/** Append a copy of an event and of the bytes it carries (`data size`, or all `values`). Counted as
 *  dropped when the list is full or memory runs out. */
void ipcom_event_list_add(struct event_list *list, const struct ipcom_event *event);
/** Append a finished request; its event is filled. */
void ipcom_event_list_add_request(struct event_list *list, struct request *r);
/** @return the next event; valid until the next call of this or ipcom_event_list_take(). */
const struct ipcom_event *ipcom_event_list_next(struct event_list *list);
/** @return the result with this id, out of turn. */
const struct ipcom_event *ipcom_event_list_take(struct event_list *list, uint32_t id);

#endif
