/* SPDX-License-Identifier: MIT */
/* The channels without a session; see alone.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alone.h"

#include <limits.h>
#include <string.h>

#include "hex.h"

static unsigned allowed = UINT_MAX;
static size_t pieces;

/* The linker puts these in the place of the functions of the C library. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void __wrap_free(void *memory);

static bool may(void)
{
	if (allowed == UINT_MAX)
		return true;
	if (allowed == 0)
		return false;
	allowed--;
	return true;
}

void *__wrap_malloc(size_t size)
{
	void *memory = may() ? __real_malloc(size) : NULL;

	pieces += memory != NULL;
	return memory;
}

void *__wrap_calloc(size_t count, size_t size)
{
	void *memory = may() ? __real_calloc(count, size) : NULL;

	pieces += memory != NULL;
	return memory;
}

void *__wrap_realloc(void *old, size_t size)
{
	void *memory = may() ? __real_realloc(old, size) : NULL;

	pieces += memory != NULL && old == NULL;
	return memory;
}

void __wrap_free(void *memory)
{
	pieces -= memory != NULL;
	__real_free(memory);
}

void alone_memory(unsigned allocations)
{
	allowed = allocations;
}

void alone_memory_back(void)
{
	allowed = UINT_MAX;
}

size_t alone_pieces(void)
{
	return pieces;
}

void alone_begin(struct alone *a)
{
	memset(a, 0, sizeof(*a));
	a->now = 1000000;
	assert_int_equal(ppcs_channels_new(&a->channels, &a->st), 0);
}

void alone_end(struct alone *a)
{
	alone_memory_back();
	ppcs_channels_free(a->channels);
	ppcs_event_list_free(&a->events);
}

uint8_t alone_byte(unsigned channel, size_t position)
{
	return (uint8_t)(position * 31 + position / 251 + channel * 97);
}

int alone_write(struct alone *a, unsigned channel, const char *text)
{
	return ppcs_channels_write(a->channels, channel, (const uint8_t *)text, strlen(text));
}

int alone_write_stream(struct alone *a, unsigned channel, size_t from, size_t size)
{
	static uint8_t bytes[262144];

	assert_in_range(size, 1, sizeof(bytes));
	for (size_t i = 0; i < size; i++)
		bytes[i] = alone_byte(channel, from + i);
	return ppcs_channels_write(a->channels, channel, bytes, size);
}

/* As it leaves: what the session does with it. */
static struct wire next(struct alone *a)
{
	struct packet p;
	struct wire m = { .size = 0 };

	if (!ppcs_channels_next_data(a->channels, a->now, &p))
		return m;
	m.size = ppcs_packet_encode(&p, m.bytes, WIRE_MAX);
	assert_in_range(m.size, 9, 1032); /* 8.1: 1 to 1024 bytes of data */
	return m;
}

static void begin_drw(struct wire *m, unsigned channel, unsigned index)
{
	wire_begin(m, DRW);
	wire_put(m, (uint8_t[]){ 0xd1, (uint8_t)channel }, 2);
	wire_put_u16be(m, index);
}

void alone_sends(struct alone *a, unsigned channel, unsigned index, const char *text)
{
	struct wire is = next(a), expected;

	begin_drw(&expected, channel, index);
	wire_put(&expected, text, strlen(text));
	assert_int_equal(is.size, expected.size);
	assert_memory_equal(is.bytes, expected.bytes, expected.size);
}

void alone_sends_index(struct alone *a, unsigned channel, unsigned index)
{
	struct wire is = next(a), expected;

	begin_drw(&expected, channel, index);
	assert_true(is.size > 8);
	assert_memory_equal(is.bytes + 4, expected.bytes + 4, 4);
}

void alone_send_packets(struct alone *a, unsigned channel, unsigned first, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		assert_int_equal(alone_write(a, channel, "x"), 1);
		alone_sends(a, channel, (first + i) % 65536, "x");
	}
}

void alone_sends_nothing(struct alone *a)
{
	assert_int_equal(next(a).size, 0);
}

unsigned alone_send_all(struct alone *a)
{
	unsigned count = 0;

	while (next(a).size > 0)
		count++;
	return count;
}

static bool acknowledge(struct alone *a, const uint8_t *data, size_t size)
{
	struct packet p;

	if (ppcs_packet_decode(data, size, &p) < 0 || !p.useful)
		return false;
	assert_int_equal(p.type, DRW_ACK);
	ppcs_channels_acknowledged(a->channels, &p, a->now);
	return true;
}

void alone_ack_range(struct alone *a, unsigned channel, unsigned first, unsigned count)
{
	struct wire m;

	wire_begin(&m, DRW_ACK);
	wire_put(&m, (uint8_t[]){ 0xd1, (uint8_t)channel }, 2);
	wire_put_u16be(&m, count);
	for (unsigned i = 0; i < count; i++)
		wire_put_u16be(&m, (first + i) % 65536);
	assert_true(acknowledge(a, m.bytes, m.size));
}

void alone_ack(struct alone *a, unsigned channel, unsigned index)
{
	alone_ack_range(a, channel, index, 1);
}

bool alone_ack_hex(struct alone *a, const char *hex)
{
	uint8_t bytes[WIRE_MAX];

	return acknowledge(a, bytes, from_hex(hex, bytes, sizeof(bytes)));
}

void alone_round(struct alone *a, unsigned ms)
{
	assert_int_equal(ppcs_channels_deadline(a->channels), a->now + ms);
	a->now += ms - 1;
	ppcs_channels_tick(a->channels, a->now);
	alone_sends_nothing(a);
	a->now++;
	ppcs_channels_tick(a->channels, a->now);
}

static void receive(struct alone *a, struct wire *m)
{
	struct packet p;

	assert_int_equal(ppcs_packet_decode(m->bytes, m->size, &p), 0);
	ppcs_channels_receive(a->channels, &p, a->early ? NULL : &a->events, a->now);
	memset(m->bytes, 'x', m->size); /* the datagram is gone */
}

void alone_receive(struct alone *a, unsigned channel, unsigned index, const char *text)
{
	struct wire m;

	begin_drw(&m, channel, index);
	wire_put(&m, text, strlen(text));
	receive(a, &m);
}

void alone_receive_fill(struct alone *a, unsigned channel, unsigned index, char fill, size_t size)
{
	char text[1025] = "";

	memset(text, fill, size);
	alone_receive(a, channel, index, text);
}

void alone_acks(struct alone *a, const char *hex)
{
	uint8_t expected[WIRE_MAX], is[WIRE_MAX];
	size_t size = from_hex(hex, expected, sizeof(expected));
	struct packet p;

	assert_true(ppcs_channels_next_acks(a->channels, &p));
	assert_int_equal(ppcs_packet_encode(&p, is, sizeof(is)), size);
	assert_memory_equal(is, expected, size);
}

void alone_acks_nothing(struct alone *a)
{
	struct packet p;

	assert_false(ppcs_channels_next_acks(a->channels, &p));
}

const uint8_t *alone_takes_size(struct alone *a, unsigned channel, size_t size)
{
	const struct ppcs_event *e = ppcs_event_list_next(&a->events);

	assert_non_null(e);
	assert_int_equal(e->type, PPCS_EVENT_DATA);
	assert_int_equal(e->channel, channel);
	assert_int_equal(e->size, size);
	assert_int_equal(e->time_ms, a->now);
	return e->data;
}

void alone_takes(struct alone *a, unsigned channel, const char *text)
{
	const uint8_t *data = alone_takes_size(a, channel, strlen(text));

	assert_memory_equal(data, text, strlen(text));
}

void alone_takes_nothing(struct alone *a)
{
	assert_null(ppcs_event_list_next(&a->events));
}
