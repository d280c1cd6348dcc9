/* SPDX-License-Identifier: MIT */
/* The byte queue: order, bound, storage, and that moving bytes stays cheap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/buf.h"
#include "common/prng.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* The linker puts this in the place of realloc(). */
static bool no_memory;
void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_realloc(void *p, size_t size)
{
	return no_memory ? NULL : __real_realloc(p, size);
}

static int append(struct cmn_buf *b, const char *text, size_t size)
{
	return cmn_buf_append(b, (const uint8_t *)text, size);
}

static void test_order(void **state)
{
	struct cmn_buf b;

	(void)state;
	cmn_buf_init(&b, 100);
	assert_int_equal(cmn_buf_len(&b), 0);
	assert_null(b.data);
	assert_int_equal(cmn_buf_append(&b, NULL, 0), 0);
	assert_int_equal(append(&b, "hello ", 6), 0);
	assert_int_equal(append(&b, "world", 5), 0);
	assert_int_equal(cmn_buf_len(&b), 11);
	assert_memory_equal(cmn_buf_data(&b), "hello world", 11);
	cmn_buf_consume(&b, 0);
	cmn_buf_consume(&b, 6);
	assert_int_equal(cmn_buf_len(&b), 5);
	assert_memory_equal(cmn_buf_data(&b), "world", 5);
	cmn_buf_consume(&b, 6);
	assert_int_equal(cmn_buf_len(&b), 0);
	assert_int_equal(append(&b, "once", 4), 0);
	assert_memory_equal(cmn_buf_data(&b), "once", 4);
	cmn_buf_clear(&b);
	assert_int_equal(cmn_buf_len(&b), 0);
	assert_int_equal(append(&b, "again", 5), 0);
	assert_memory_equal(cmn_buf_data(&b), "again", 5);
	cmn_buf_free(&b);
	assert_int_equal(cmn_buf_len(&b), 0);
	assert_int_equal(append(&b, "x", 1), 0);
	assert_int_equal(cmn_buf_len(&b), 1);
	cmn_buf_free(&b);
	cmn_buf_free(&b);
}

static void test_bound(void **state)
{
	struct cmn_buf zero = { 0 };
	struct cmn_buf b;

	(void)state;
	cmn_buf_init(&b, 10);
	assert_int_equal(append(&b, "01234567890", 11), -ENOBUFS);
	assert_int_equal(append(&b, "0123456", 7), 0);
	assert_int_equal(append(&b, "abcd", 4), -ENOBUFS);
	assert_int_equal(append(&b, "abcd", SIZE_MAX), -ENOBUFS);
	assert_int_equal(cmn_buf_len(&b), 7);
	assert_int_equal(append(&b, "abc", 3), 0);
	assert_int_equal(append(&b, "x", 1), -ENOBUFS);
	assert_memory_equal(cmn_buf_data(&b), "0123456abc", 10);
	cmn_buf_consume(&b, 4);
	assert_int_equal(append(&b, "vwxyz", 5), -ENOBUFS);
	assert_int_equal(append(&b, "vwxy", 4), 0);
	assert_memory_equal(cmn_buf_data(&b), "456abcvwxy", 10);
	cmn_buf_free(&b);
	assert_int_equal(append(&zero, "x", 1), -ENOBUFS);
	assert_int_equal(append(&zero, "", 0), 0);
	cmn_buf_free(&zero);
}

static void test_no_memory(void **state)
{
	char text[70];
	struct cmn_buf b;

	(void)state;
	memset(text, 'x', sizeof(text));
	cmn_buf_init(&b, 1000);
	no_memory = true;
	assert_int_equal(append(&b, "abc", 3), -ENOMEM);
	assert_int_equal(cmn_buf_len(&b), 0);
	no_memory = false;
	assert_int_equal(append(&b, "abc", 3), 0);
	no_memory = true;
	assert_int_equal(append(&b, text, sizeof(text)), -ENOMEM);
	assert_int_equal(cmn_buf_len(&b), 3);
	assert_memory_equal(cmn_buf_data(&b), "abc", 3);
	/* What fits into the memory there is needs no more. */
	assert_int_equal(append(&b, "def", 3), 0);
	no_memory = false;
	assert_memory_equal(cmn_buf_data(&b), "abcdef", 6);
	cmn_buf_free(&b);
}

/* More is needed than twice the memory, with consumed bytes still in front. */
static void test_grow(void **state)
{
	uint8_t bytes[140];
	struct cmn_buf b;

	(void)state;
	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	cmn_buf_init(&b, 1000);
	assert_int_equal(cmn_buf_append(&b, bytes, 50), 0);
	cmn_buf_consume(&b, 20);
	assert_int_equal(cmn_buf_append(&b, bytes + 50, 90), 0);
	assert_true(b.head + b.size <= b.capacity);
	assert_int_equal(cmn_buf_len(&b), 120);
	assert_memory_equal(cmn_buf_data(&b), bytes + 20, 120);
	cmn_buf_free(&b);
}

/* Random appends and consumes against numbers in order. */
static void test_random(void **state)
{
	static uint8_t chunk[600];
	uint8_t in = 0, out = 0;
	size_t held = 0;
	struct cmn_prng random;
	struct cmn_buf b;

	(void)state;
	cmn_prng_seed(&random, 1);
	cmn_buf_init(&b, 500);
	for (unsigned n = 0; n < 20000; n++) {
		size_t size = cmn_prng_below(&random, n % 100 == 0 ? sizeof(chunk) : 40);
		int wanted = size > 500 - held ? -ENOBUFS : 0;

		for (size_t i = 0; i < size; i++)
			chunk[i] = (uint8_t)(in + i);
		assert_int_equal(cmn_buf_append(&b, chunk, size), wanted);
		if (wanted == 0) {
			in = (uint8_t)(in + size);
			held += size;
		}
		assert_int_equal(cmn_buf_len(&b), held);
		size = cmn_prng_below(&random, (uint32_t)held + 1);
		for (size_t i = 0; i < held; i++)
			assert_int_equal(cmn_buf_data(&b)[i], (uint8_t)(out + i));
		cmn_buf_consume(&b, size);
		out = (uint8_t)(out + size);
		held -= size;
		assert_true(b.capacity <= 1000);
		assert_true(b.head + b.size <= b.capacity);
	}
	cmn_buf_free(&b);
}

/* A full buffer from which one byte goes and to which one comes must not move all others. */
static void test_moves(void **state)
{
	static const uint8_t zeroes[4096];
	const unsigned rounds = 100000;
	unsigned moves = 0;
	struct cmn_buf b;

	(void)state;
	cmn_buf_init(&b, sizeof(zeroes));
	assert_int_equal(cmn_buf_append(&b, zeroes, sizeof(zeroes)), 0);
	for (unsigned n = 0; n < rounds; n++) {
		size_t head;

		cmn_buf_consume(&b, 1);
		head = b.head;
		assert_int_equal(cmn_buf_append(&b, zeroes, 1), 0);
		moves += b.head < head;
	}
	assert_int_equal(cmn_buf_len(&b), sizeof(zeroes));
	assert_in_range(moves, 1, rounds / sizeof(zeroes) + 1);
	assert_true(b.capacity <= 2 * sizeof(zeroes));
	cmn_buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),     cmocka_unit_test(test_bound),
		cmocka_unit_test(test_no_memory), cmocka_unit_test(test_random),
		cmocka_unit_test(test_moves),     cmocka_unit_test(test_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
