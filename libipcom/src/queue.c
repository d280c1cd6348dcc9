/* SPDX-License-Identifier: MIT */
/*
 * Events waiting to be taken; bounded by IPCOM_MAX_EVENTS with a notice of what was dropped.
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

void ipcom_event_list_free(struct event_list *list)
{
	while (list->head) {
		struct node *node = list->head;

		list->head = node->next;
		release(list, node);
	}
	release(list, list->taken);
	*list = (struct event_list){ 0 };
}

static void append(struct event_list *list, struct node *node)
{
	node->next = NULL;
	if (list->tail)
		list->tail->next = node;
	else
		list->head = node;
	list->tail = node;
}

void ipcom_event_list_add(struct event_list *list, const struct ipcom_event *event)
{
	const void *carried = event->values ? (const void *)event->values : event->data;
	size_t size = event->values ? sizeof(event->values[0]) * IPCOM_MODULES : event->size;
	struct node *node = NULL;

	if (list->count < IPCOM_MAX_EVENTS)
		node = malloc(sizeof(*node) + size);
	if (!node) {
		list->dropped++;
		list->dropped_all++;
		list->dropped_ms = event->time_ms;
		return;
	}
	node->event = *event;
	node->is_request = false;
	if (size > 0)
		memcpy(node + 1, carried, size);
	if (event->values)
		node->event.values = (const uint8_t(*)[IPCOM_OUTPUTS])(node + 1);
	else if (size > 0)
		node->event.data = (const uint8_t *)(node + 1);
	append(list, node);
	list->count++;
}

void ipcom_event_list_add_request(struct event_list *list, struct request *r)
{
	append(list, &r->node);
}

static const struct ipcom_event *hand_out(struct event_list *list, struct node *node)
{
	if (!node->is_request)
		list->count--;
	release(list, list->taken);
	list->taken = node;
	return &node->event;
}

/* What was dropped is told where it would have stood: behind all that waited then. */
static void add_overflow(struct event_list *list)
{
	struct node *node = &list->overflow;

	node->event = (struct ipcom_event){ .type = IPCOM_EVENT_OVERFLOW };
	node->event.count = list->dropped;
	node->event.time_ms = list->dropped_ms;
	list->dropped = 0;
	list->overflow_used = true;
	append(list, node);
	list->count++;
}

static void unlink_node(struct event_list *list, struct node *before, struct node *node)
{
	if (before)
		before->next = node->next;
	else
		list->head = node->next;
	if (list->tail == node)
		list->tail = before;
}

const struct ipcom_event *ipcom_event_list_next(struct event_list *list)
{
	struct node *node;

	release(list, list->taken);
	list->taken = NULL;
	if (list->dropped > 0 && list->count < IPCOM_MAX_EVENTS && !list->overflow_used)
		add_overflow(list);
	node = list->head;
	if (!node)
		return NULL;
	unlink_node(list, NULL, node);
	return hand_out(list, node);
}

const struct ipcom_event *ipcom_event_list_take(struct event_list *list, uint32_t id)
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
