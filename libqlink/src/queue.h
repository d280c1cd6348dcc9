/* SPDX-License-Identifier: MIT */
#ifndef QLINK_QUEUE_H
#define QLINK_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <qlink/qlink.h>

#include "command.h"
#include "reply.h"

/** An event in the list; its text, if any, stands right behind it in memory. */
struct node {
	struct node *next;
	struct qlink_event event;
	bool is_request; /**< the head of a struct request */
};

/** Whose request it is. */
enum purpose {
	PURPOSE_CALLER, /**< ends in a result event */
	PURPOSE_ENABLE, /**< switching monitoring on at a new event connection */
	PURPOSE_PROBE,  /**< sign of life */
	PURPOSE_REFRESH /**< query of a watched item */
};

/**
 * One command on its way. Its result event is part of it, so that memory running out can never
 * swallow a result.
 */
struct request {
	struct node node; /**< first: the list of events holds finished requests */
	struct request *next;
	struct command command;
	enum purpose purpose;
	enum qlink_priority priority;
	uint32_t id;
	uint64_t key; /**< PURPOSE_REFRESH: the item */
	uint64_t deadline_ms;
	uint64_t sent_ms;
	uint64_t sent_sequence; /**< step of the session at which it went out */
	struct reply reply;
	char text[]; /**< copy of the command's text */
};

/** First in, first out; and back in at the front. */
struct request_list {
	struct request *head, *tail;
	size_t count;
};

/** @return a request with a copy of the command; NULL without memory. */
struct request *qlink_request_new(const struct command *command, enum purpose purpose);
void qlink_request_free(struct request *r);

void qlink_request_append(struct request_list *list, struct request *r);
void qlink_request_prepend(struct request_list *list, struct request *r);
struct request *qlink_request_shift(struct request_list *list);
/** @return the request with this id, taken out of the list; NULL when it is not there. */
struct request *qlink_request_remove(struct request_list *list, uint32_t id);

/** Events that wait to be taken, in order. */
struct event_list {
	struct node *head, *tail;
	struct node *taken; /**< handed out, valid until the next one is */
	struct node *spare; /**< a freed node without text, for the next event */
	size_t count;       /**< of nodes that are no requests */
	uint32_t dropped;   /**< since the last overflow event */
	uint64_t dropped_all;
	uint64_t dropped_ms;  /**< when the last one was */
	struct node overflow; /**< tells of them without memory */
	bool overflow_used;
};

void qlink_event_list_free(struct event_list *list);

/** Append a copy of an event; text may be NULL. Counted as dropped when the list is full or memory
 *  runs out. */
void qlink_event_list_add(struct event_list *list, const struct qlink_event *event,
			  struct span text);

/** Append a finished request; its event is filled. */
void qlink_event_list_add_request(struct event_list *list, struct request *r);

/** @return the next event; valid until the next call of this or qlink_event_list_take(). */
const struct qlink_event *qlink_event_list_next(struct event_list *list);

/** @return the result with this id, out of turn. */
const struct qlink_event *qlink_event_list_take(struct event_list *list, uint32_t id);

#endif
