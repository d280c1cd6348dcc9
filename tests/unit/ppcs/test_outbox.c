/* SPDX-License-Identifier: MIT */
/* Datagrams that wait to be sent: order, copies, bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "outbox.h"
#include "packet.h"

/* The N-th of a row of datagrams that all differ. */
static struct datagram number(unsigned n, uint8_t *bytes, size_t size)
{
	struct datagram d = { .socket = 1000 + n, .data = bytes, .size = size };

	memset(bytes, (int)n, size);
	d.to = (struct ppcs_address){ { 10, 0, (uint8_t)(n >> 8), (uint8_t)n },
				      (uint16_t)(32100 + n) };
	return d;
}

static void add(struct outbox *o, unsigned n, size_t size)
{
	uint8_t bytes[PACKET_MAX_BYTES];
	struct datagram d = number(n, bytes, size);

	assert_true(ppcs_outbox_add(o, &d));
	memset(bytes, 0xee, sizeof(bytes)); /* it was copied */
}

/* Look twice, take once. */
static void take(struct outbox *o, unsigned n, size_t size)
{
	uint8_t bytes[PACKET_MAX_BYTES];
	struct datagram expected = number(n, bytes, size);
	struct datagram d;

	for (unsigned look = 0; look < 2; look++) {
		assert_true(ppcs_outbox_first(o, &d));
		assert_int_equal(d.socket, expected.socket);
		assert_int_equal(d.to.port, expected.to.port);
		assert_memory_equal(d.to.ip, expected.to.ip, 4);
		assert_int_equal(d.size, size);
		assert_memory_equal(d.data, bytes, size);
	}
	ppcs_outbox_pop(o);
}

static void test_order(void **state)
{
	struct outbox o;
	struct datagram d;

	(void)state;
	ppcs_outbox_init(&o);
	assert_false(ppcs_outbox_first(&o, &d));
	ppcs_outbox_pop(&o);
	add(&o, 1, 4);
	add(&o, 2, 0);
	add(&o, 3, PACKET_MAX_BYTES);
	take(&o, 1, 4);
	add(&o, 4, 24);
	take(&o, 2, 0);
	take(&o, 3, PACKET_MAX_BYTES);
	take(&o, 4, 24);
	assert_false(ppcs_outbox_first(&o, &d));
	ppcs_outbox_pop(&o);
	add(&o, 5, 1);
	take(&o, 5, 1);
	add(&o, 6, 1);
	ppcs_outbox_free(&o);
	assert_false(ppcs_outbox_first(&o, &d));
}

/* One datagram more than fits is refused and harms nothing; later there is room again. */
static void test_full(void **state)
{
	uint8_t bytes[PACKET_MAX_BYTES];
	struct datagram d;
	struct outbox o;
	unsigned count = 0;

	(void)state;
	ppcs_outbox_init(&o);
	for (;; count++) {
		d = number(count, bytes, 1000);
		if (!ppcs_outbox_add(&o, &d))
			break;
		assert_true(count < 262);
	}
	/* 256 KiB, the heads included. */
	assert_in_range(count, 250, 262);
	assert_false(ppcs_outbox_add(&o, &d));
	for (unsigned n = 0; n < 10; n++)
		take(&o, n, 1000);
	for (unsigned n = 0; n < 10; n++)
		add(&o, count + n, 1000);
	assert_false(ppcs_outbox_add(&o, &d));
	for (unsigned n = 10; n < count + 10; n++)
		take(&o, n, 1000);
	assert_false(ppcs_outbox_first(&o, &d));
	ppcs_outbox_free(&o);
}

static void test_biggest(void **state)
{
	uint8_t bytes[4096];
	struct datagram d = number(7, bytes, 2048);
	struct datagram first;
	struct outbox o;

	(void)state;
	ppcs_outbox_init(&o);
	assert_true(ppcs_outbox_add(&o, &d));
	d.size = 2049;
	assert_false(ppcs_outbox_add(&o, &d));
	d.size = SIZE_MAX;
	assert_false(ppcs_outbox_add(&o, &d));
	assert_true(ppcs_outbox_first(&o, &first));
	assert_int_equal(first.size, 2048);
	assert_memory_equal(first.data, bytes, 2048);
	ppcs_outbox_pop(&o);
	assert_false(ppcs_outbox_first(&o, &first));
	ppcs_outbox_free(&o);
}

/* In and out for a long time, in steady amounts. */
static void test_steady(void **state)
{
	struct outbox o;
	unsigned in = 0, out = 0;

	(void)state;
	ppcs_outbox_init(&o);
	for (unsigned round = 0; round < 300; round++) {
		for (unsigned i = 0; i < 1 + round % 7; i++, in++)
			add(&o, in, in % 90);
		for (unsigned i = 0; i < 1 + round % 6 && out < in; i++, out++)
			take(&o, out, out % 90);
	}
	for (; out < in; out++)
		take(&o, out, out % 90);
	ppcs_outbox_free(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_biggest),
		cmocka_unit_test(test_steady),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
