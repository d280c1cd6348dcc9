/* SPDX-License-Identifier: MIT */
/* Events that wait: order, the bound and its notice, those set aside, copies and lifetimes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <limits.h>
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

static bool add(struct event_list *list, uint32_t number)
{
	const struct ppcs_event e = { .type = PPCS_EVENT_ATTEMPT_STARTED, .attempt = number };

	return ppcs_event_list_add(list, &e);
}

static void add_reserved(struct event_list *list, enum reserve reserve, uint32_t number)
{
	const struct ppcs_event e = { .type = PPCS_EVENT_RESULT, .attempt = number };

	ppcs_event_list_add_reserved(list, reserve, &e);
}

static void next(struct event_list *list, enum ppcs_event_type type, uint32_t number)
{
	const struct ppcs_event *e = ppcs_event_list_next(list);

	assert_non_null(e);
	assert_int_equal(e->type, type);
	assert_int_equal(type == PPCS_EVENT_OVERFLOW ? e->count : e->attempt, number);
}

static void test_order(void **state)
{
	struct event_list list = { 0 };

	(void)state;
	assert_null(ppcs_event_list_next(&list));
	for (uint32_t i = 0; i < 5; i++)
		assert_true(add(&list, i));
	next(&list, PPCS_EVENT_ATTEMPT_STARTED, 0);
	next(&list, PPCS_EVENT_ATTEMPT_STARTED, 1);
	assert_true(add(&list, 5));
	assert_int_equal(list.count, 4);
	for (uint32_t i = 2; i <= 5; i++)
		next(&list, PPCS_EVENT_ATTEMPT_STARTED, i);
	assert_null(ppcs_event_list_next(&list));
	assert_null(ppcs_event_list_next(&list));
	assert_int_equal(list.count, 0);
	assert_true(add(&list, 6));
	next(&list, PPCS_EVENT_ATTEMPT_STARTED, 6);
	add(&list, 7);
	ppcs_event_list_free(&list);
	assert_null(ppcs_event_list_next(&list));
}

static void assert_address(const struct ppcs_address *a, const struct ppcs_address *b)
{
	assert_memory_equal(a->ip, b->ip, sizeof(a->ip));
	assert_int_equal(a->port, b->port);
}

static void assert_numbers(const struct ppcs_event *a, const struct ppcs_event *b)
{
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->time_ms, b->time_ms);
	assert_int_equal(a->error, b->error);
	assert_int_equal(a->attempt, b->attempt);
	assert_int_equal(a->mode, b->mode);
	assert_int_equal(a->state, b->state);
	assert_int_equal(a->level, b->level);
	assert_int_equal(a->elapsed_ms, b->elapsed_ms);
	assert_int_equal(a->count, b->count);
	assert_address(&a->destination, &b->destination);
	assert_address(&a->local, &b->local);
	assert_address(&a->peer, &b->peer);
	assert_int_equal(a->channel, b->channel);
	assert_ptr_equal(a->data, b->data);
	assert_int_equal(a->size, b->size);
}

/* All fields, and copies of what they point to, until the next one is taken. */
static void test_copies(void **state)
{
	char uid[] = "TEST-012345-ABCDE", key[] = "SSD@cs2-network.";
	static const uint8_t data[] = { 'A', 0, 'C', 'K' };
	static const struct ppcs_report report;
	static const char text[] = "a text that lives for ever";
	const struct ppcs_event e = {
		.type = PPCS_EVENT_CONNECTED,
		.time_ms = (uint64_t)1 << 40,
		.error = -5,
		.attempt = 6,
		.mode = PPCS_RELAY,
		.state = PPCS_FAILED,
		.level = PPCS_LEVEL_PATH,
		.elapsed_ms = 7,
		.count = 8,
		.destination = { { 1, 2, 3, 4 }, 5 },
		.local = { { 6, 7, 8, 9 }, 10 },
		.peer = { { 11, 12, 13, 14 }, 15 },
		.uid = uid,
		.key = key,
		.text = text,
		.channel = 3,
		.data = data,
		.size = sizeof(data),
		.report = &report,
	};
	struct event_list list = { 0 };
	const struct ppcs_event *taken;

	(void)state;
	assert_true(ppcs_event_list_add(&list, &e));
	memset(uid, 'x', sizeof(uid) - 1);
	memset(key, 'x', sizeof(key) - 1);
	add(&list, 9);
	taken = ppcs_event_list_next(&list);
	add(&list, 10);
	assert_string_equal(taken->uid, "TEST-012345-ABCDE");
	assert_string_equal(taken->key, "SSD@cs2-network.");
	assert_ptr_equal(taken->text, text);
	assert_ptr_equal(taken->report, &report);
	assert_numbers(taken, &e);
	next(&list, PPCS_EVENT_ATTEMPT_STARTED, 9);
	next(&list, PPCS_EVENT_ATTEMPT_STARTED, 10);
	ppcs_event_list_add(&list, &e);
	ppcs_event_list_free(&list); /* with one that waits, and one that was taken */
}

static void add_data(struct event_list *list, unsigned channel, const char *text)
{
	assert_true(
		ppcs_event_list_add_data(list, channel, (const uint8_t *)text, strlen(text), 5));
}

static void next_data(struct event_list *list, unsigned channel, const char *text)
{
	const struct ppcs_event *e = ppcs_event_list_next(list);

	assert_non_null(e);
	assert_int_equal(e->type, PPCS_EVENT_DATA);
	assert_int_equal(e->channel, channel);
	assert_int_equal(e->size, strlen(text));
	assert_memory_equal(e->data, text, e->size);
}

/* One event for all that waits of a channel, where its first byte stood. */
static void test_data(void **state)
{
	struct event_list list = { 0 };

	(void)state;
	add_data(&list, 0, "one ");
	add(&list, 1);
	add_data(&list, 7, "other");
	add_data(&list, 0, "two");
	assert_int_equal(list.count, 3);
	assert_int_equal(ppcs_event_list_waiting(&list, 0), 7);
	assert_int_equal(ppcs_event_list_waiting(&list, 7), 5);
	assert_int_equal(ppcs_event_list_waiting(&list, 1), 0);
	next_data(&list, 0, "one two");
	assert_int_equal(ppcs_event_list_waiting(&list, 0), 0);
	add_data(&list, 0, "three");
	next(&list, PPCS_EVENT_ATTEMPT_STARTED, 1);
	/* Of another session. */
	ppcs_event_list_end_data(&list);
	assert_int_equal(ppcs_event_list_waiting(&list, 7), 0);
	add_data(&list, 7, "more");
	next_data(&list, 7, "other");
	next_data(&list, 0, "three");
	assert_int_equal(ppcs_event_list_waiting(&list, 7), 4);
	next_data(&list, 7, "more");
	assert_null(ppcs_event_list_next(&list));
	add_data(&list, 2, "dropped");
	ppcs_event_list_drop(&list, PPCS_EVENT_DATA, PPCS_EVENT_DATA);
	assert_int_equal(ppcs_event_list_waiting(&list, 2), 0);
	add_data(&list, 2, "left");
	ppcs_event_list_free(&list);
}

/* What was handed out stays as it is while more comes. */
static void test_data_taken_stays(void **state)
{
	struct event_list list = { 0 };
	const struct ppcs_event *taken;

	(void)state;
	add_data(&list, 3, "taken");
	taken = ppcs_event_list_next(&list);
	for (unsigned i = 0; i < 1000; i++)
		add_data(&list, 3, "more");
	assert_memory_equal(taken->data, "taken", 5);
	assert_int_equal(taken->size, 5);
	assert_int_equal(ppcs_event_list_waiting(&list, 3), 4000);
	ppcs_event_list_free(&list);
}

/* Data without room is not taken, and does not count as dropped. */
static void test_data_without_room(void **state)
{
	static const uint8_t much[EVENT_DATA_BYTES];
	struct event_list list = { 0 };

	(void)state;
	assert_true(ppcs_event_list_add_data(&list, 0, much, sizeof(much) - 1, 5));
	assert_false(ppcs_event_list_add_data(&list, 0, much, 2, 5));
	assert_true(ppcs_event_list_add_data(&list, 0, much, 1, 5));
	for (uint32_t i = 1; i < PPCS_MAX_EVENTS; i++)
		assert_true(add(&list, i));
	assert_false(ppcs_event_list_add_data(&list, 1, much, 1, 5));
	no_memory = true;
	ppcs_event_list_next(&list);
	assert_false(ppcs_event_list_add_data(&list, 1, much, 1, 5));
	no_memory = false;
	assert_int_equal(list.dropped_all, 0);
	assert_true(ppcs_event_list_add_data(&list, 1, much, 1, 5));
	ppcs_event_list_free(&list);
}

static void test_longest_texts(void **state)
{
	static const char uid[] = "ABCDEFG-4294967295-HIJKLMN";
	static const char key[] = "12345678901234567890";
	struct ppcs_event e = { .type = PPCS_EVENT_DEVICE, .uid = uid, .key = key };
	struct event_list list = { 0 };
	const struct ppcs_event *taken;

	(void)state;
	assert_true(ppcs_event_list_add(&list, &e));
	taken = ppcs_event_list_next(&list);
	assert_string_equal(taken->uid, uid);
	assert_string_equal(taken->key, key);
	/* Nothing of this length comes; if it does it is cut. */
	e.uid = "1234567890123456789012345678901234567890";
	e.key = e.uid;
	assert_true(ppcs_event_list_add(&list, &e));
	taken = ppcs_event_list_next(&list);
	assert_string_equal(taken->uid, "123456789012345678901234567");
	assert_string_equal(taken->key, "12345678901234567890");
	e.uid = e.key = "";
	assert_true(ppcs_event_list_add(&list, &e));
	taken = ppcs_event_list_next(&list);
	assert_string_equal(taken->uid, "");
	assert_string_equal(taken->key, "");
	ppcs_event_list_free(&list);
}

/* Dropped ones are told once, with their number, behind all that waited. */
static void test_overflow(void **state)
{
	struct event_list list = { 0 };

	(void)state;
	for (uint32_t i = 0; i < PPCS_MAX_EVENTS; i++)
		assert_true(add(&list, i));
	for (uint32_t i = 0; i < 7; i++)
		assert_false(add(&list, 12345));
	assert_int_equal(list.count, PPCS_MAX_EVENTS);
	assert_int_equal(list.dropped, 7);
	assert_int_equal(list.dropped_all, 7);
	for (uint32_t i = 0; i < PPCS_MAX_EVENTS; i++)
		next(&list, PPCS_EVENT_ATTEMPT_STARTED, i);
	next(&list, PPCS_EVENT_OVERFLOW, 7);
	assert_null(ppcs_event_list_next(&list));
	assert_int_equal(list.dropped, 0);
	assert_int_equal(list.dropped_all, 7);
	assert_true(add(&list, 3));
	next(&list, PPCS_EVENT_ATTEMPT_STARTED, 3);
	assert_null(ppcs_event_list_next(&list));
	ppcs_event_list_free(&list);
}

/* Full again and again: nothing is lost without being told. */
static void test_steady_overflow(void **state)
{
	struct event_list list = { 0 };
	uint64_t added = 0, got = 0, told = 0;
	const struct ppcs_event *e;

	(void)state;
	for (unsigned round = 0; round <= 20; round++) {
		for (unsigned i = 0; i < 2000; i++, added++)
			add(&list, 0);
		for (unsigned i = 0; i < (round < 20 ? 500U : UINT_MAX); i++) {
			e = ppcs_event_list_next(&list);
			if (!e)
				break;
			if (e->type == PPCS_EVENT_OVERFLOW)
				told += e->count;
			else
				got++;
			assert_true(list.count <= PPCS_MAX_EVENTS);
		}
	}
	assert_int_equal(got + told, added);
	assert_int_equal(told, list.dropped_all);
	assert_true(told > 0);
	ppcs_event_list_free(&list);
}

/* Those set aside come in their place whatever else there is, each once until prepared anew. */
static void test_reserved(void **state)
{
	struct event_list list = { 0 };
	char uid[] = "TEST-012345-ABCDE", key[] = "camera";
	struct ppcs_event e = { .type = PPCS_EVENT_CONNECTED, .uid = uid, .key = key };
	const struct ppcs_event *taken;

	(void)state;
	add_reserved(&list, RESERVE_RESULT, 99); /* not prepared */
	assert_null(ppcs_event_list_next(&list));
	assert_int_equal(ppcs_event_list_prepare(&list), 0);
	for (uint32_t i = 0; i < PPCS_MAX_EVENTS; i++)
		add(&list, i);
	add_reserved(&list, RESERVE_RESULT, 100);
	ppcs_event_list_add_reserved(&list, RESERVE_CONNECTED, &e);
	memset(uid, 'x', sizeof(uid) - 1);
	memset(key, 'x', sizeof(key) - 1);
	assert_false(add(&list, 12345));
	add_reserved(&list, RESERVE_CLOSED, 102);
	add_reserved(&list, RESERVE_CLOSED, 103); /* used up */
	assert_int_equal(list.count, PPCS_MAX_EVENTS);
	for (uint32_t i = 0; i < PPCS_MAX_EVENTS; i++)
		next(&list, PPCS_EVENT_ATTEMPT_STARTED, i);
	next(&list, PPCS_EVENT_RESULT, 100);
	taken = ppcs_event_list_next(&list);
	assert_int_equal(taken->type, PPCS_EVENT_CONNECTED);
	assert_string_equal(taken->uid, "TEST-012345-ABCDE");
	assert_string_equal(taken->key, "camera");
	next(&list, PPCS_EVENT_RESULT, 102);
	next(&list, PPCS_EVENT_OVERFLOW, 1);
	assert_null(ppcs_event_list_next(&list));
	assert_int_equal(list.count, 0);
	/* Prepared anew, what is still there stays. */
	assert_int_equal(ppcs_event_list_prepare(&list), 0);
	assert_int_equal(ppcs_event_list_prepare(&list), 0);
	for (uint32_t i = 0; i < RESERVES; i++)
		add_reserved(&list, (enum reserve)i, i);
	for (uint32_t i = 0; i < RESERVES; i++)
		next(&list, PPCS_EVENT_RESULT, i);
	assert_int_equal(list.count, 0);
	assert_int_equal(ppcs_event_list_prepare(&list), 0);
	ppcs_event_list_free(&list); /* what is set aside, too */
}

/* One that there is no memory for. */
static void lose(struct event_list *list)
{
	no_memory = true;
	assert_false(add(list, 12345));
	no_memory = false;
}

/* Without memory events are dropped like those that are too many, but not those set aside, and the
 * notice is told. */
static void test_without_memory(void **state)
{
	struct event_list list = { 0 };

	(void)state;
	no_memory = true;
	assert_int_equal(ppcs_event_list_prepare(&list), -ENOMEM);
	no_memory = false;
	assert_int_equal(ppcs_event_list_prepare(&list), 0);
	no_memory = true;
	assert_int_equal(ppcs_event_list_prepare(&list), 0);
	lose(&list);
	lose(&list);
	no_memory = true;
	add_reserved(&list, RESERVE_RESULT, 3);
	next(&list, PPCS_EVENT_RESULT, 3);
	next(&list, PPCS_EVENT_OVERFLOW, 2);
	no_memory = false;
	assert_null(ppcs_event_list_next(&list));
	assert_int_equal(list.dropped_all, 2);
	assert_int_equal(list.count, 0);
	ppcs_event_list_free(&list);
}

/* While one notice waits or is read, more may be dropped: the next one tells of that. */
static void test_notices(void **state)
{
	struct event_list list = { 0 };

	(void)state;
	assert_true(add(&list, 4));
	lose(&list);
	next(&list, PPCS_EVENT_ATTEMPT_STARTED, 4);
	lose(&list);
	assert_true(add(&list, 7));
	next(&list, PPCS_EVENT_OVERFLOW, 1);
	lose(&list);
	next(&list, PPCS_EVENT_ATTEMPT_STARTED, 7);
	next(&list, PPCS_EVENT_OVERFLOW, 2);
	assert_null(ppcs_event_list_next(&list));
	assert_int_equal(list.dropped_all, 3);
	/* Freed with a notice that is read, and with one that waits. */
	lose(&list);
	next(&list, PPCS_EVENT_OVERFLOW, 1);
	ppcs_event_list_free(&list);
	add(&list, 9);
	lose(&list);
	next(&list, PPCS_EVENT_ATTEMPT_STARTED, 9);
	ppcs_event_list_free(&list);
	assert_null(ppcs_event_list_next(&list));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_data),
		cmocka_unit_test(test_data_taken_stays),
		cmocka_unit_test(test_data_without_room),
		cmocka_unit_test(test_longest_texts),
		cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_steady_overflow),
		cmocka_unit_test(test_reserved),
		cmocka_unit_test(test_without_memory),
		cmocka_unit_test(test_notices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
