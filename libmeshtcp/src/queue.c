/* SPDX-License-Identifier: MIT */
/*
 * Events waiting to be taken; bounded by MESHTCP_MAX_EVENTS with a notice of what was dropped.
 */
#include "queue.h"

#include <stdlib.h>
#include <string.h>

static void release(struct event_list *list, struct node *node)
{
	if (node == &list->overflow)
		list->overflow_used = false;
	else
		free(node);
}

void meshtcp_event_list_free(struct event_list *list)
{
	struct node *node;

	while ((node = meshtcp_event_list_pop(list)) != NULL)
		release(list, node);
	release(list, list->taken);
	*list = (struct event_list){ 0 };
}

/* Bytes behind the node; returns where they are now. */
static const void *carry(uint8_t **at, const void *data, size_t size)
{
	uint8_t *to = *at;

	if (size == 0)
		return NULL;
	memcpy(to, data, size);
	*at += size;
	return to;
}

struct node *meshtcp_node_new(const struct meshtcp_event *event, uint32_t owner)
{
	size_t text = event->text ? strlen(event->text) + 1 : 0;
	size_t payload = event->packet ? event->packet->size : 0;
	struct node *node = malloc(sizeof(*node) + text + event->size + payload);
	uint8_t *at;

	if (!node)
		return NULL;
	at = (uint8_t *)(node + 1);
	node->next = NULL;
	node->is_request = false;
	node->owner = owner;
	node->event = *event;
	node->event.data = carry(&at, event->data, event->size);
	if (event->packet) {
		node->packet = *event->packet;
		node->packet.payload = carry(&at, event->packet->payload, payload);
		node->event.packet = &node->packet;
	}
	node->event.text = carry(&at, event->text, text);
	return node;
}

void meshtcp_event_list_append(struct event_list *list, struct node *node)
{
	node->next = NULL;
	if (list->tail)
		list->tail->next = node;
	else
		list->head = node;
	list->tail = node;
	if (!node->is_request)
		list->count++;
}

void meshtcp_event_list_add(struct event_list *list, const struct meshtcp_event *event,
			    uint32_t owner)
{
	struct node *node = NULL;

	if (list->count < MESHTCP_MAX_EVENTS)
		node = meshtcp_node_new(event, owner);
	if (node) {
		meshtcp_event_list_append(list, node);
		return;
	}
	list->dropped++;
	list->dropped_all++;
	list->dropped_ms = event->time_ms;
}

static void unlink_node(struct event_list *list, struct node *before, struct node *node)
{
	if (before)
		before->next = node->next;
	else
		list->head = node->next;
	if (list->tail == node)
		list->tail = before;
	if (!node->is_request)
		list->count--;
}

struct node *meshtcp_event_list_pop(struct event_list *list)
{
	struct node *node = list->head;

	if (node)
		unlink_node(list, NULL, node);
	return node;
}

static const struct meshtcp_event *hand_out(struct event_list *list, struct node *node)
{
	release(list, list->taken);
	list->taken = node;
	return &node->event;
}

/* What was dropped is told where it would have stood: behind all that waited then. */
static void add_overflow(struct event_list *list)
{
	struct node *node = &list->overflow;

	node->event =
		(struct meshtcp_event){ .type = MESHTCP_EVENT_OVERFLOW, .count = list->dropped };
	node->event.time_ms = list->dropped_ms;
	list->dropped = 0;
	list->overflow_used = true;
	meshtcp_event_list_append(list, node);
}

const struct meshtcp_event *meshtcp_event_list_next(struct event_list *list)
{
	struct node *node;

	release(list, list->taken);
	list->taken = NULL;
	if (list->dropped > 0 && list->count < MESHTCP_MAX_EVENTS && !list->overflow_used)
		add_overflow(list);
	node = meshtcp_event_list_pop(list);
	return node ? hand_out(list, node) : NULL;
}

const struct meshtcp_event *meshtcp_event_list_take(struct event_list *list, uint32_t id)
{
	struct node *before = NULL;

	for (struct node *node = list->head; node; before = node, node = node->next) {
		if (!node->is_request || node->event.id != id)
			continue;
		unlink_node(list, before, node);
		return hand_out(list, node);
	}
	return NULL;
}
