/* SPDX-License-Identifier: MIT */
/* Events that wait: order, the bound and its notice, results out of turn, copies and lifetimes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "queue.h"

/* The linker puts this in the place of malloc(). */
static bool no_memory;
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_malloc(size_t size)
{
	return no_memory ? NULL : __real_malloc(size);
}

static void add(struct event_list *list, uint32_t number)
{
	const struct meshtcp_event e = { .type = MESHTCP_EVENT_NODE, .node = number };

	meshtcp_event_list_add(list, &e, 0);
}

/* As a finished request is one. */
static void add_result(struct event_list *list, uint32_t id)
{
	struct node *node = calloc(1, sizeof(*node));

	assert_non_null(node);
	node->event.type = MESHTCP_EVENT_RESULT;
	node->event.id = id;
	node->is_request = true;
	meshtcp_event_list_append(list, node);
}

static void next(struct event_list *list, enum meshtcp_event_type type, uint32_t number)
{
	const struct meshtcp_event *e = meshtcp_event_list_next(list);

	assert_non_null(e);
	assert_int_equal(e->type, type);
	assert_int_equal(type == MESHTCP_EVENT_NODE     ? e->node :
			 type == MESHTCP_EVENT_OVERFLOW ? e->count :
							  e->id,
			 number);
}

static void test_order(void **state)
{
	struct event_list list = { 0 };

	(void)state;
	assert_null(meshtcp_event_list_next(&list));
	for (uint32_t i = 0; i < 5; i++)
		add(&list, i);
	next(&list, MESHTCP_EVENT_NODE, 0);
	next(&list, MESHTCP_EVENT_NODE, 1);
	add(&list, 5);
	for (uint32_t i = 2; i <= 5; i++)
		next(&list, MESHTCP_EVENT_NODE, i);
	assert_null(meshtcp_event_list_next(&list));
	assert_null(meshtcp_event_list_next(&list));
	assert_int_equal(list.count, 0);
	add(&list, 6);
	next(&list, MESHTCP_EVENT_NODE, 6);
	add(&list, 7);
	meshtcp_event_list_free(&list);
	assert_null(meshtcp_event_list_next(&list));
}

/* What does not fit is counted, and told where it would have stood. */
static void test_overflow(void **state)
{
	struct event_list list = { 0 };

	(void)state;
	for (uint32_t i = 0; i < MESHTCP_MAX_EVENTS; i++)
		add(&list, i);
	assert_int_equal(list.dropped_all, 0);
	for (uint32_t i = 0; i < 10; i++)
		add(&list, 99999);
	assert_int_equal(list.count, MESHTCP_MAX_EVENTS);
	assert_int_equal(list.dropped_all, 10);
	/* Results always fit. */
	add_result(&list, 0x777);
	next(&list, MESHTCP_EVENT_NODE, 0);
	next(&list, MESHTCP_EVENT_NODE, 1);
	add(&list, 5000);
	for (uint32_t i = 2; i < MESHTCP_MAX_EVENTS; i++)
		next(&list, MESHTCP_EVENT_NODE, i);
	next(&list, MESHTCP_EVENT_RESULT, 0x777);
	next(&list, MESHTCP_EVENT_OVERFLOW, 10);
	next(&list, MESHTCP_EVENT_NODE, 5000);
	assert_null(meshtcp_event_list_next(&list));
	assert_int_equal(list.dropped_all, 10);
	meshtcp_event_list_free(&list);
}

/* What is dropped while the notice still waits is told by another one. */
static void test_overflow_twice(void **state)
{
	struct event_list list = { 0 };

	(void)state;
	for (uint32_t i = 0; i < MESHTCP_MAX_EVENTS + 2; i++)
		add(&list, i);
	next(&list, MESHTCP_EVENT_NODE, 0);
	next(&list, MESHTCP_EVENT_NODE, 1);
	for (uint32_t i = 0; i < 5; i++)
		add(&list, 7000);
	for (uint32_t i = 2; i < MESHTCP_MAX_EVENTS; i++)
		next(&list, MESHTCP_EVENT_NODE, i);
	next(&list, MESHTCP_EVENT_OVERFLOW, 2);
	next(&list, MESHTCP_EVENT_NODE, 7000);
	next(&list, MESHTCP_EVENT_OVERFLOW, 4);
	assert_null(meshtcp_event_list_next(&list));
	assert_int_equal(list.dropped_all, 6);
	meshtcp_event_list_free(&list);
}

/* That something was dropped is told without memory, too, with the time of the last one. */
static void test_no_memory(void **state)
{
	const struct meshtcp_event late = { .type = MESHTCP_EVENT_NODE, .time_ms = 4711 };
	struct event_list list = { 0 };

	(void)state;
	add(&list, 1);
	no_memory = true;
	add(&list, 2);
	meshtcp_event_list_add(&list, &late, 0);
	next(&list, MESHTCP_EVENT_NODE, 1);
	next(&list, MESHTCP_EVENT_OVERFLOW, 2);
	add(&list, 4);
	next(&list, MESHTCP_EVENT_OVERFLOW, 1);
	assert_null(meshtcp_event_list_next(&list));
	no_memory = false;
	add(&list, 5);
	next(&list, MESHTCP_EVENT_NODE, 5);
	assert_null(meshtcp_event_list_next(&list));
	assert_int_equal(list.dropped_all, 3);
	no_memory = true;
	meshtcp_event_list_add(&list, &late, 0);
	no_memory = false;
	assert_int_equal(meshtcp_event_list_next(&list)->time_ms, 4711);
	meshtcp_event_list_free(&list);
	/* Freed with the notice in the list. */
	no_memory = true;
	add(&list, 6);
	no_memory = false;
	assert_non_null(meshtcp_event_list_next(&list));
	meshtcp_event_list_free(&list);
}

static void test_results_out_of_turn(void **state)
{
	struct event_list list = { 0 };

	(void)state;
	add(&list, 1);
	add_result(&list, 0x11);
	add(&list, 2);
	add_result(&list, 0x22);
	add_result(&list, 0x33);
	assert_null(meshtcp_event_list_take(&list, 0x44));
	assert_int_equal(meshtcp_event_list_take(&list, 0x22)->id, 0x22);
	assert_null(meshtcp_event_list_take(&list, 0x22));
	/* From the end, and from the beginning; the others keep their order. */
	assert_int_equal(meshtcp_event_list_take(&list, 0x33)->id, 0x33);
	add(&list, 3);
	next(&list, MESHTCP_EVENT_NODE, 1);
	assert_int_equal(meshtcp_event_list_take(&list, 0x11)->id, 0x11);
	next(&list, MESHTCP_EVENT_NODE, 2);
	next(&list, MESHTCP_EVENT_NODE, 3);
	assert_null(meshtcp_event_list_next(&list));
	meshtcp_event_list_free(&list);
}

/* Everything that an event points to is a copy, whole, and good until the next call. */
static void test_copies(void **state)
{
	struct event_list list = { 0 };
	uint8_t payload[3] = { 1, 0, 3 }, data[4] = { 9, 8, 0, 6 };
	char text[] = "text";
	struct meshtcp_packet packet = { .from = 7, .id = 8, .payload = payload, .size = 3 };
	struct meshtcp_event e = { .type = MESHTCP_EVENT_PACKET,
				   .time_ms = 12345,
				   .id = 1,
				   .error = -EIO,
				   .state = MESHTCP_STATE_READY,
				   .reason = MESHTCP_REASON_IDLE,
				   .delay_ms = 2,
				   .count = 3,
				   .send_state = MESHTCP_SEND_RELAYED,
				   .routing_error = 4,
				   .node = 5,
				   .level = 6,
				   .text = text,
				   .data = data,
				   .size = 4,
				   .packet = &packet };
	const struct meshtcp_event *got;

	(void)state;
	meshtcp_event_list_add(&list, &e, 3);
	assert_int_equal(list.head->owner, 3);
	memset(text, 'x', 4);
	memset(payload, 0xff, sizeof(payload));
	memset(data, 0xff, sizeof(data));
	packet.from = 0;
	got = meshtcp_event_list_next(&list);
	assert_string_equal(got->text, "text");
	assert_int_equal(got->size, 4);
	assert_memory_equal(got->data, "\x09\x08\x00\x06", 4);
	assert_int_equal(got->packet->from, 7);
	assert_int_equal(got->packet->size, 3);
	assert_memory_equal(got->packet->payload, "\x01\x00\x03", 3);
	assert_int_equal(got->time_ms, 12345);
	assert_int_equal(got->error, -EIO);
	assert_int_equal(got->send_state, MESHTCP_SEND_RELAYED);
	assert_int_equal(got->level, 6);
	assert_null(meshtcp_event_list_next(&list));
	/* Nothing of what it does not have. */
	add(&list, 1);
	got = meshtcp_event_list_next(&list);
	assert_null(got->text);
	assert_null(got->data);
	assert_null(got->packet);
	meshtcp_event_list_free(&list);
}

static void test_pop(void **state)
{
	struct event_list list = { 0 };
	struct node *node;

	(void)state;
	add(&list, 1);
	add_result(&list, 2);
	node = meshtcp_event_list_pop(&list);
	assert_int_equal(node->event.node, 1);
	free(node);
	assert_int_equal(list.count, 0);
	node = meshtcp_event_list_pop(&list);
	assert_true(node->is_request);
	free(node);
	assert_null(meshtcp_event_list_pop(&list));
	add(&list, 3);
	assert_int_equal(list.count, 1);
	meshtcp_event_list_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_overflow_twice),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_results_out_of_turn),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_pop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
