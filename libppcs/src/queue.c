/* SPDX-License-Identifier: MIT */
/*
 * Events waiting to be taken; bounded by PPCS_MAX_EVENTS with a notice of what was dropped.
 */
#include "queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void release(struct event_list *list, struct node *node)
{
	if (!node)
		return;
	cmn_buf_free(&node->data);
	if (node == &list->overflow)
		list->overflow_used = false;
	else
		free(node);
}

void ppcs_event_list_free(struct event_list *list)
{
	while (list->head) {
		struct node *node = list->head;

		list->head = node->next;
		release(list, node);
	}
	for (unsigned i = 0; i < RESERVES; i++)
		free(list->reserve[i]);
	release(list, list->taken);
	*list = (struct event_list){ 0 };
}

int ppcs_event_list_prepare(struct event_list *list)
{
	for (unsigned i = 0; i < RESERVES; i++) {
		if (!list->reserve[i])
			list->reserve[i] = malloc(sizeof(struct node));
		if (!list->reserve[i])
			return -ENOMEM;
	}
	return 0;
}

static void fill(struct node *node, const struct ppcs_event *event)
{
	node->event = *event;
	cmn_buf_init(&node->data, EVENT_DATA_BYTES);
	if (event->uid) {
		strncpy(node->uid, event->uid, sizeof(node->uid) - 1);
		node->uid[sizeof(node->uid) - 1] = '\0';
		node->event.uid = node->uid;
	}
	if (event->key) {
		strncpy(node->key, event->key, sizeof(node->key) - 1);
		node->key[sizeof(node->key) - 1] = '\0';
		node->event.key = node->key;
	}
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

/* @return NULL when the list is full, or without memory */
static struct node *add(struct event_list *list, const struct ppcs_event *event)
{
	struct node *node = NULL;

	if (list->count < PPCS_MAX_EVENTS || list->ending)
		node = malloc(sizeof(*node));
	if (!node)
		return NULL;
	fill(node, event);
	node->reserved = list->ending;
	append(list, node);
	if (!node->reserved)
		list->count++;
	return node;
}

bool ppcs_event_list_add(struct event_list *list, const struct ppcs_event *event)
{
	if (add(list, event))
		return true;
	list->dropped++;
	list->dropped_all++;
	list->dropped_ms = event->time_ms;
	return false;
}

bool ppcs_event_list_add_data(struct event_list *list, unsigned channel, const uint8_t *data,
			      size_t size, uint64_t now)
{
	struct ppcs_event event = { .type = PPCS_EVENT_DATA, .time_ms = now, .channel = channel };
	struct cmn_buf first;

	if (list->data[channel])
		return cmn_buf_append(&list->data[channel]->data, data, size) == 0;
	cmn_buf_init(&first, EVENT_DATA_BYTES);
	if (cmn_buf_append(&first, data, size) < 0)
		return false;
	list->data[channel] = add(list, &event);
	if (!list->data[channel]) {
		cmn_buf_free(&first);
		return false;
	}
	list->data[channel]->data = first;
	return true;
}

size_t ppcs_event_list_waiting(const struct event_list *list, unsigned channel)
{
	return list->data[channel] ? cmn_buf_len(&list->data[channel]->data) : 0;
}

void ppcs_event_list_last_data(struct event_list *list)
{
	list->ending = true;
}

void ppcs_event_list_end_data(struct event_list *list)
{
	list->ending = false;
	memset(list->data, 0, sizeof(list->data));
}

bool ppcs_event_list_try(struct event_list *list, const struct ppcs_event *event)
{
	return add(list, event) != NULL;
}

void ppcs_event_list_add_reserved(struct event_list *list, enum reserve reserve,
				  const struct ppcs_event *event)
{
	struct node *node = list->reserve[reserve];

	if (!node)
		return;
	list->reserve[reserve] = NULL;
	fill(node, event);
	node->reserved = true;
	append(list, node);
}

/* What was dropped is told where it would have stood: behind all that waited then. */
static void add_overflow(struct event_list *list)
{
	struct ppcs_event event = { .type = PPCS_EVENT_OVERFLOW,
				    .time_ms = list->dropped_ms,
				    .count = list->dropped };

	list->overflow_used = true;
	fill(&list->overflow, &event);
	list->overflow.reserved = true;
	append(list, &list->overflow);
	list->dropped = 0;
}

static void take_data(struct event_list *list, struct node *node)
{
	if (list->data[node->event.channel] == node)
		list->data[node->event.channel] = NULL;
	node->event.data = cmn_buf_data(&node->data);
	node->event.size = cmn_buf_len(&node->data);
}

const struct ppcs_event *ppcs_event_list_next(struct event_list *list)
{
	struct node *node;

	release(list, list->taken);
	list->taken = NULL;
	if (list->dropped > 0 && list->count < PPCS_MAX_EVENTS && !list->overflow_used)
		add_overflow(list);
	node = list->head;
	if (!node)
		return NULL;
	list->head = node->next;
	if (!list->head)
		list->tail = NULL;
	if (!node->reserved)
		list->count--;
	list->taken = node;
	if (node->event.type == PPCS_EVENT_DATA)
		take_data(list, node);
	return &node->event;
}

void ppcs_event_list_drop(struct event_list *list, enum ppcs_event_type first,
			  enum ppcs_event_type last)
{
	struct node *node = list->head;

	list->head = list->tail = NULL;
	while (node) {
		struct node *next = node->next;

		if (node->event.type < first || node->event.type > last) {
			append(list, node);
		} else {
			if (!node->reserved)
				list->count--;
			if (list->data[node->event.channel] == node)
				list->data[node->event.channel] = NULL;
			release(list, node);
		}
		node = next;
	}
}
