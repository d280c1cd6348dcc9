/* SPDX-License-Identifier: MIT */
/* Lists of requests and of events: order, removal, the bound and its notice, lifetimes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "queue.h"

#include <stdlib.h>
#include <string.h>

static bool no_memory;
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_malloc(size_t size)
{
	return no_memory ? NULL : __real_malloc(size);
}

static struct request *new_request(uint32_t id)
{
	const struct command c = { .verb = QLINK_COMMAND_VQA };
	struct request *r = qlink_request_new(&c, PURPOSE_CALLER);

	assert_non_null(r);
	r->id = id;
	r->node.event.type = QLINK_EVENT_RESULT;
	r->node.event.id = id;
	return r;
}

static void shift(struct request_list *list, uint32_t id)
{
	struct request *r = qlink_request_shift(list);

	assert_non_null(r);
	assert_int_equal(r->id, id);
	assert_null(r->next);
	qlink_request_free(r);
}

static void test_requests(void **state)
{
	struct request_list list = { 0 };

	(void)state;
	assert_null(qlink_request_shift(&list));
	assert_null(qlink_request_remove(&list, 1));
	for (uint32_t id = 1; id <= 6; id++)
		qlink_request_append(&list, new_request(id));
	qlink_request_prepend(&list, new_request(7));
	assert_int_equal(list.count, 7);
	assert_null(qlink_request_remove(&list, 8));
	qlink_request_free(qlink_request_remove(&list, 3));
	qlink_request_free(qlink_request_remove(&list, 6));
	qlink_request_append(&list, new_request(9));
	qlink_request_free(qlink_request_remove(&list, 7));
	assert_int_equal(list.count, 5);
	shift(&list, 1);
	shift(&list, 2);
	shift(&list, 4);
	qlink_request_prepend(&list, new_request(10));
	shift(&list, 10);
	qlink_request_append(&list, new_request(11));
	shift(&list, 5);
	shift(&list, 9);
	qlink_request_free(qlink_request_remove(&list, 11));
	assert_int_equal(list.count, 0);
	assert_null(qlink_request_shift(&list));
	qlink_request_prepend(&list, new_request(12));
	qlink_request_append(&list, new_request(13));
	shift(&list, 12);
	shift(&list, 13);
	qlink_request_free(NULL);
}

static void test_text_is_copied(void **state)
{
	char text[] = "VXX@ 1";
	const struct command c = { .verb = QLINK_COMMAND_RAW, .text = text };
	struct request *r = qlink_request_new(&c, PURPOSE_CALLER);

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_string_equal(r->command.text, "VXX@ 1");
	qlink_request_free(r);
}

static void add(struct event_list *list, uint32_t number)
{
	struct qlink_event e = { .type = QLINK_EVENT_ALL_ON, .unaffected = number };

	qlink_event_list_add(list, &e, (struct span){ NULL, 0 });
}

static void next(struct event_list *list, enum qlink_event_type type, uint32_t number)
{
	const struct qlink_event *e = qlink_event_list_next(list);

	assert_non_null(e);
	assert_int_equal(e->type, type);
	assert_int_equal(type == QLINK_EVENT_RESULT   ? e->id :
			 type == QLINK_EVENT_OVERFLOW ? e->count :
							e->unaffected,
			 number);
}

static void test_events(void **state)
{
	struct event_list list = { 0 };

	(void)state;
	assert_null(qlink_event_list_next(&list));
	for (uint32_t i = 0; i < 5; i++) {
		add(&list, i);
		qlink_event_list_add_request(&list, new_request(100 + i));
	}
	assert_null(qlink_event_list_take(&list, 99));
	assert_int_equal(qlink_event_list_take(&list, 104)->id, 104);
	assert_int_equal(qlink_event_list_take(&list, 102)->id, 102);
	next(&list, QLINK_EVENT_ALL_ON, 0);
	assert_int_equal(qlink_event_list_take(&list, 100)->id, 100);
	assert_null(qlink_event_list_take(&list, 100));
	next(&list, QLINK_EVENT_ALL_ON, 1);
	next(&list, QLINK_EVENT_RESULT, 101);
	next(&list, QLINK_EVENT_ALL_ON, 2);
	next(&list, QLINK_EVENT_ALL_ON, 3);
	next(&list, QLINK_EVENT_RESULT, 103);
	next(&list, QLINK_EVENT_ALL_ON, 4);
	assert_null(qlink_event_list_next(&list));
	qlink_event_list_add_request(&list, new_request(105));
	assert_int_equal(qlink_event_list_take(&list, 105)->id, 105);
	add(&list, 6);
	next(&list, QLINK_EVENT_ALL_ON, 6);
	qlink_event_list_free(&list);
}

static void test_text(void **state)
{
	struct qlink_event e = { .type = QLINK_EVENT_TEXT };
	struct event_list list = { 0 };
	char bytes[] = "a\0b";
	const struct qlink_event *taken;

	(void)state;
	qlink_event_list_add(&list, &e, (struct span){ bytes, 3 });
	memset(bytes, 'x', sizeof(bytes));
	add(&list, 1);
	taken = qlink_event_list_next(&list);
	assert_int_equal(taken->text.size, 3);
	assert_memory_equal(taken->text.data, "a\0b", 4);
	add(&list, 2);
	assert_memory_equal(taken->text.data, "a\0b", 4);
	next(&list, QLINK_EVENT_ALL_ON, 1);
	next(&list, QLINK_EVENT_ALL_ON, 2);
	qlink_event_list_add(&list, &e, (struct span){ bytes, 3 });
	qlink_event_list_free(&list);
}

/* Dropped events are told once, with their number; results are never dropped. */
static void test_overflow(void **state)
{
	struct event_list list = { 0 };

	(void)state;
	for (uint32_t i = 0; i < QLINK_MAX_EVENTS + 7; i++)
		add(&list, i);
	qlink_event_list_add_request(&list, new_request(1));
	add(&list, 12345);
	assert_int_equal(list.dropped_all, 8);
	for (uint32_t i = 0; i < QLINK_MAX_EVENTS; i++)
		next(&list, QLINK_EVENT_ALL_ON, i);
	next(&list, QLINK_EVENT_RESULT, 1);
	next(&list, QLINK_EVENT_OVERFLOW, 8);
	assert_null(qlink_event_list_next(&list));
	assert_int_equal(list.dropped_all, 8);
	add(&list, 3);
	next(&list, QLINK_EVENT_ALL_ON, 3);
	assert_null(qlink_event_list_next(&list));
	assert_int_equal(list.count, 0);
	qlink_event_list_free(&list);
}

/* Memory runs out: what was dropped is told all the same. */
static void test_overflow_without_memory(void **state)
{
	struct event_list list = { 0 };
	const struct qlink_event e = { .type = QLINK_EVENT_ALL_ON, .time_ms = 77 };
	const struct qlink_event *got;

	(void)state;
	no_memory = true;
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < 3; i++)
			qlink_event_list_add(&list, &e, (struct span){ NULL, 0 });
		got = qlink_event_list_next(&list);
		assert_non_null(got);
		assert_int_equal(got->type, QLINK_EVENT_OVERFLOW);
		assert_int_equal(got->count, 3);
		assert_int_equal(got->time_ms, 77);
		assert_null(qlink_event_list_next(&list));
	}
	/* The notice that nobody took is not freed. */
	qlink_event_list_add(&list, &e, (struct span){ NULL, 0 });
	assert_non_null(qlink_event_list_next(&list));
	no_memory = false;
	qlink_event_list_free(&list);
}

/* Full again and again: nothing is lost without being told. */
static void test_steady_overflow(void **state)
{
	struct event_list list = { 0 };
	const struct qlink_event *e;
	uint64_t added = 0;
	uint64_t got = 0;
	uint64_t told = 0;

	(void)state;
	for (unsigned round = 0; round < 40; round++) {
		for (unsigned i = 0; i < 5000; i++, added++)
			add(&list, 0);
		for (unsigned i = 0; i < 1000; i++) {
			e = qlink_event_list_next(&list);
			if (e->type == QLINK_EVENT_OVERFLOW)
				told += e->count;
			else
				got++;
		}
		assert_true(list.count <= QLINK_MAX_EVENTS);
	}
	while ((e = qlink_event_list_next(&list)) != NULL) {
		if (e->type == QLINK_EVENT_OVERFLOW)
			told += e->count;
		else
			got++;
	}
	assert_int_equal(got + told, added);
	assert_int_equal(told, list.dropped_all);
	qlink_event_list_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_text_is_copied),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_overflow_without_memory),
		cmocka_unit_test(test_steady_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
