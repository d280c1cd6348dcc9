/* SPDX-License-Identifier: MIT */
/*
 * Requests waiting to be sent, and events waiting to be taken. Both are bounded: requests by
 * QLINK_MAX_REQUESTS, events by QLINK_MAX_EVENTS with a notice of what was dropped.
 */
#include "queue.h"

#include <stdlib.h>
#include <string.h>

struct request *qlink_request_new(const struct command *command, enum purpose purpose)
{
	size_t size = command->text ? strlen(command->text) + 1 : 0;
	struct request *r = calloc(1, sizeof(*r) + size);

	if (!r)
		return NULL;
	r->node.is_request = true;
	r->command = *command;
	r->purpose = purpose;
	if (size > 0) {
		memcpy(r->text, command->text, size);
		r->command.text = r->text;
	}
	return r;
}

void qlink_request_free(struct request *r)
{
	if (!r)
		return;
	qlink_reply_free(&r->reply);
	free(r);
}

void qlink_request_append(struct request_list *list, struct request *r)
{
	r->next = NULL;
	if (list->tail)
		list->tail->next = r;
	else
		list->head = r;
	list->tail = r;
	list->count++;
}

void qlink_request_prepend(struct request_list *list, struct request *r)
{
	r->next = list->head;
	list->head = r;
	if (!list->tail)
		list->tail = r;
	list->count++;
}

struct request *qlink_request_shift(struct request_list *list)
{
	struct request *r = list->head;

	if (!r)
		return NULL;
	list->head = r->next;
	if (!list->head)
		list->tail = NULL;
	r->next = NULL;
	list->count--;
	return r;
}

struct request *qlink_request_remove(struct request_list *list, uint32_t id)
{
	struct request *before = NULL;

	for (struct request *r = list->head; r; before = r, r = r->next) {
		if (r->id != id)
			continue;
		if (before)
			before->next = r->next;
		else
			list->head = r->next;
		if (list->tail == r)
			list->tail = before;
		r->next = NULL;
		list->count--;
		return r;
	}
	return NULL;
}

static void release(struct event_list *list, struct node *node)
{
	if (!node)
		return;
	if (node == &list->overflow) {
		list->overflow_used = false;
	} else if (node->is_request) {
		qlink_request_free((struct request *)node);
	} else if (!list->spare && node->event.text.size == 0) {
		list->spare = node;
	} else {
		free(node);
	}
}

void qlink_event_list_free(struct event_list *list)
{
	while (list->head) {
		struct node *node = list->head;

		list->head = node->next;
		release(list, node);
	}
	release(list, list->taken);
	free(list->spare);
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

static struct node *new_node(struct event_list *list, size_t text_size)
{
	struct node *node = list->spare;

	if (node && text_size == 0) {
		list->spare = NULL;
		return node;
	}
	return malloc(sizeof(*node) + text_size + 1);
}

void qlink_event_list_add(struct event_list *list, const struct qlink_event *event,
			  struct span text)
{
	struct node *node = NULL;

	if (list->count < QLINK_MAX_EVENTS)
		node = new_node(list, text.size);
	if (!node) {
		list->dropped++;
		list->dropped_all++;
		list->dropped_ms = event->time_ms;
		return;
	}
	node->event = *event;
	node->is_request = false;
	if (text.size > 0) {
		char *copy = (char *)(node + 1);

		memcpy(copy, text.data, text.size);
		copy[text.size] = '\0';
		node->event.text = (struct qlink_text){ copy, text.size };
	}
	append(list, node);
	list->count++;
}

void qlink_event_list_add_request(struct event_list *list, struct request *r)
{
	append(list, &r->node);
}

static const struct qlink_event *hand_out(struct event_list *list, struct node *node)
{
	if (!node->is_request)
		list->count--;
	list->taken = node;
	return &node->event;
}

/* What was dropped is told where it would have stood: behind all that waited then. */
static void add_overflow(struct event_list *list)
{
	struct node *node = &list->overflow;

	node->event =
		(struct qlink_event){ .type = QLINK_EVENT_OVERFLOW, .level = -1, .state = -1 };
	node->event.count = list->dropped;
	node->event.time_ms = list->dropped_ms;
	list->dropped = 0;
	list->overflow_used = true;
	append(list, node);
	list->count++;
}

const struct qlink_event *qlink_event_list_next(struct event_list *list)
{
	struct node *node;

	release(list, list->taken);
	list->taken = NULL;
	if (list->dropped > 0 && list->count < QLINK_MAX_EVENTS && !list->overflow_used)
		add_overflow(list);
	node = list->head;
	if (!node)
		return NULL;
	list->head = node->next;
	if (!list->head)
		list->tail = NULL;
	return hand_out(list, node);
}

const struct qlink_event *qlink_event_list_take(struct event_list *list, uint32_t id)
{
	struct node *before = NULL;

	for (struct node *node = list->head; node; before = node, node = node->next) {
		if (!node->is_request || node->event.id != id)
			continue;
		if (before)
			before->next = node->next;
		else
			list->head = node->next;
		if (list->tail == node)
			list->tail = before;
		release(list, list->taken);
		return hand_out(list, node);
	}
	return NULL;
}
