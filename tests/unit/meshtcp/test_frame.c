/* SPDX-License-Identifier: MIT */
/* Frames in a stream (section 3): every split, resynchronisation, lengths, text between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "frame.h"
#include "wire.h"

#define MAX_FRAMES 8

static const char *vectors;

struct seen {
	struct frame_reader reader;
	size_t frames;
	struct {
		uint8_t data[FRAME_MAX_PAYLOAD];
		size_t size;
	} frame[MAX_FRAMES];
	char text[2000]; /* lines, joined with | */
};

static void take(struct seen *s, const struct frame *f)
{
	if (f->kind == FRAME_TEXT) {
		if (s->text[0])
			strcat(s->text, "|");
		assert_true(strlen(f->text) <= FRAME_MAX_TEXT);
		strcat(s->text, f->text);
		return;
	}
	assert_int_equal(f->kind, FRAME_PAYLOAD);
	assert_true(s->frames < MAX_FRAMES);
	assert_true(f->size <= FRAME_MAX_PAYLOAD);
	memcpy(s->frame[s->frames].data, f->data, f->size);
	s->frame[s->frames++].size = f->size;
}

/* In a block of its own size, so that a sanitizer sees a read behind it. */
static void feed(struct seen *s, const void *data, size_t size)
{
	uint8_t *copy = malloc(size > 0 ? size : 1);
	const uint8_t *at = copy;
	struct frame f;

	assert_non_null(copy);
	if (size > 0)
		memcpy(copy, data, size);
	for (;;) {
		meshtcp_frame_read(&s->reader, &at, &size, &f);
		if (f.kind == FRAME_NONE)
			break;
		take(s, &f);
	}
	assert_int_equal(size, 0);
	free(copy);
}

static void begin(struct seen *s)
{
	memset(s, 0, sizeof(*s));
	meshtcp_frame_init(&s->reader);
}

static void check(const struct seen *s, const struct block *b)
{
	uint8_t payload[FRAME_MAX_PAYLOAD];
	const char *text = block_value(b, "text");

	assert_int_equal(s->frames, atoi(block_value(b, "frames")));
	for (size_t i = 0; i < s->frames; i++) {
		char path[16];
		size_t size;

		snprintf(path, sizeof(path), "frame%zu", i);
		size = block_unhex(block_value(b, path), payload, sizeof(payload));
		assert_int_equal(s->frame[i].size, size);
		assert_memory_equal(s->frame[i].data, payload, size);
	}
	assert_string_equal(s->text, text ? text : "");
}

static void split(const struct block *b, size_t first, size_t second)
{
	static struct seen s;

	begin(&s);
	feed(&s, b->data, first);
	feed(&s, b->data + first, second - first);
	feed(&s, b->data + second, b->size - second);
	check(&s, b);
}

static void stream(const struct block *b, void *userdata)
{
	static struct seen s;

	if (strcmp(b->kind, "stream-in") != 0)
		return;
	print_message("%s\n", b->name);
	(*(size_t *)userdata)++;
	begin(&s);
	for (size_t i = 0; i < b->size; i++)
		feed(&s, b->data + i, 1);
	check(&s, b);
	for (size_t first = 0; first <= b->size; first++) {
		split(b, first, b->size);
		for (size_t second = first; b->size < 100 && second <= b->size; second++)
			split(b, first, second);
	}
}

static void test_every_stream_in_every_split(void **state)
{
	size_t streams = 0;

	(void)state;
	blocks_each(vectors, stream, &streams);
	assert_int_equal(streams, 14);
}

/* The reader forgets nothing of a frame that comes after whatever came before. */
static void good_after(const char *hex)
{
	static const uint8_t good[] = { 0x94, 0xc3, 0, 2, 0x38, 1 };
	static struct seen s;
	struct wire w = { .size = 0 };

	wire_hex(&w, hex);
	wire_raw(&w, good, sizeof(good));
	for (size_t step = 1; step <= w.size; step++) {
		begin(&s);
		for (size_t i = 0; i < w.size; i += step)
			feed(&s, w.data + i, step < w.size - i ? step : w.size - i);
		assert_int_equal(s.frames, 1);
		assert_int_equal(s.frame[0].size, 2);
		assert_memory_equal(s.frame[0].data, "\x38\1", 2);
	}
}

static void test_resynchronisation(void **state)
{
	(void)state;
	good_after("");
	good_after("94");
	good_after("949494");
	good_after("94c3");
	good_after("94c394c3");
	good_after("94c3ff");
	good_after("94c39494c3");
	good_after("94c30201");
	good_after("94c38000");
	good_after("c3");
	good_after("94c2");
	good_after("00ff7f80");
}

static void test_longest_and_too_long(void **state)
{
	static const uint8_t longest[] = { 0x94, 0xc3, 0x02, 0x00 };
	static struct seen s;
	uint8_t payload[513], stream[522];

	(void)state;
	memset(payload, 0x94, sizeof(payload));
	begin(&s);
	feed(&s, longest, 4);
	feed(&s, payload, 511);
	assert_int_equal(s.frames, 0);
	assert_true(meshtcp_frame_partial(&s.reader));
	feed(&s, payload, 1);
	assert_int_equal(s.frames, 1);
	assert_int_equal(s.frame[0].size, 512);
	assert_false(meshtcp_frame_partial(&s.reader));
	assert_true(s.reader.skipped == 0);
	/* 513 is no length, although all of it is there. */
	begin(&s);
	memset(payload, 'x', sizeof(payload));
	memcpy(stream, "\x94\xc3\x02\x01", 4);
	memcpy(stream + 4, payload, 513);
	memcpy(stream + 517, "\x94\xc3\x00\x01y", 5);
	feed(&s, stream, sizeof(stream));
	assert_int_equal(s.frames, 1);
	assert_int_equal(s.frame[0].size, 1);
	/* Nor is any of it waited for. */
	begin(&s);
	feed(&s, "\x94\xc3\x02\x01", 4);
	assert_false(meshtcp_frame_partial(&s.reader));
	feed(&s, "\x94\xc3\x00\x01x", 5);
	assert_int_equal(s.frames, 1);
	assert_true(s.reader.skipped == 4);
}

static void test_start_inside_a_payload_is_none(void **state)
{
	static struct seen s;

	(void)state;
	begin(&s);
	feed(&s, "\x94\xc3\x00\x08\x94\xc3\x00\x01x\x94\xc3\x00", 12);
	assert_int_equal(s.frames, 1);
	assert_int_equal(s.frame[0].size, 8);
	assert_false(meshtcp_frame_partial(&s.reader));
}

static void test_partial(void **state)
{
	static struct seen s;

	(void)state;
	begin(&s);
	assert_false(meshtcp_frame_partial(&s.reader));
	feed(&s, "text", 4);
	assert_false(meshtcp_frame_partial(&s.reader));
	feed(&s, "\x94", 1);
	assert_true(meshtcp_frame_partial(&s.reader));
	feed(&s, "\xc3\x00\x02\x38", 4);
	assert_true(meshtcp_frame_partial(&s.reader));
	feed(&s, "\x01", 1);
	assert_false(meshtcp_frame_partial(&s.reader));
}

/* It is dropped, and its bytes are looked at again from the second one on. */
static void test_giving_up(void **state)
{
	static struct seen s;

	(void)state;
	begin(&s);
	meshtcp_frame_give_up(&s.reader);
	feed(&s, "\x94\xc3\x00\x40\x94\xc3\x00\x02\x38\x01\x94\xc3\x00\x02\x38\x02\x94\xc3", 18);
	assert_int_equal(s.frames, 0);
	meshtcp_frame_give_up(&s.reader);
	feed(&s, NULL, 0);
	assert_int_equal(s.frames, 2);
	assert_memory_equal(s.frame[0].data, "\x38\1", 2);
	assert_memory_equal(s.frame[1].data, "\x38\2", 2);
	assert_true(meshtcp_frame_partial(&s.reader));
	feed(&s, "\x00\x00", 2);
	assert_int_equal(s.frames, 3);
	assert_int_equal(s.frame[2].size, 0);
	/* Again and again, until nothing is left. */
	begin(&s);
	feed(&s, "\x94\xc3\x00\x40\x94\xc3\x00\x30\x94\xc3\x00\x20", 12);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(meshtcp_frame_partial(&s.reader));
		meshtcp_frame_give_up(&s.reader);
		feed(&s, NULL, 0);
	}
	assert_false(meshtcp_frame_partial(&s.reader));
	assert_int_equal(s.frames, 0);
}

static void test_text(void **state)
{
	static struct seen s;

	(void)state;
	begin(&s);
	feed(&s, "one\r\n\r\n\ntwo\rtoo\nno end", 22);
	assert_string_equal(s.text, "one|twotoo");
	/* A frame in the middle of a line does not end it. */
	feed(&s, "\x94\xc3\x00\x00 here\n", 10);
	assert_string_equal(s.text, "one|twotoo|no end here");
	assert_int_equal(s.frames, 1);
	assert_true(s.reader.skipped == 22 + 6);
}

/* Invalid UTF-8 becomes ? per byte. */
static void test_text_and_utf8(void **state)
{
	static const struct {
		const char *in, *out;
	} lines[] = {
		{ "caf\xc3\xa9 \xe2\x9c\x93 \xf0\x9f\x91\x8d\n",
		  "caf\xc3\xa9 \xe2\x9c\x93 \xf0\x9f\x91\x8d" },
		{ "\xc3\xa9t\xc3\xa9\n", "\xc3\xa9t\xc3\xa9" },
		{ "a\xff\xfe-b\n", "a?"
				   "?-b" },
		{ "a\x80\n", "a?" },
		{ "cut \xe2\x9c\n", "cut ??" },
		{ "long \xc0\x80 \xe0\x80\x80 \xf0\x80\x80\x80\n", "long ?? ??? ????" },
		{ "surrogate \xed\xa0\x80\n", "surrogate ???" },
		{ "high \xf4\x90\x80\x80 \xf5\x80\x80\x80\n", "high ???? ????" },
		{ "top \xf4\x8f\xbf\xbf\n", "top \xf4\x8f\xbf\xbf" },
	};
	static struct seen s;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		begin(&s);
		feed(&s, lines[i].in, strlen(lines[i].in));
		assert_string_equal(s.text, lines[i].out);
	}
	/* A NUL does not hide what comes behind it. */
	begin(&s);
	feed(&s, "a\0b\n", 4);
	assert_string_equal(s.text, "a?b");
	/* The wake-up bytes of somebody are no text. */
	begin(&s);
	feed(&s, "\xc3\xc3\xc3\xc3\x94\xc3\x00\x00\xc3\xc3OK\n", 13);
	assert_string_equal(s.text, "OK");
}

static void test_endless_line(void **state)
{
	static struct seen s;
	char x[FRAME_MAX_TEXT + 10];

	(void)state;
	memset(x, 'x', sizeof(x));
	begin(&s);
	feed(&s, x, sizeof(x));
	assert_int_equal(strlen(s.text), FRAME_MAX_TEXT);
	feed(&s, "\n", 1);
	assert_int_equal(strlen(s.text), FRAME_MAX_TEXT + 1 + 10);
}

static void test_head(void **state)
{
	uint8_t frame[FRAME_MAX_BYTES] = { 0 };

	(void)state;
	meshtcp_frame_head(frame, 6);
	assert_memory_equal(frame, "\x94\xc3\x00\x06", 4);
	meshtcp_frame_head(frame, 504);
	assert_memory_equal(frame, "\x94\xc3\x01\xf8", 4);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_stream_in_every_split),
		cmocka_unit_test(test_resynchronisation),
		cmocka_unit_test(test_longest_and_too_long),
		cmocka_unit_test(test_start_inside_a_payload_is_none),
		cmocka_unit_test(test_partial),
		cmocka_unit_test(test_giving_up),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_text_and_utf8),
		cmocka_unit_test(test_endless_line),
		cmocka_unit_test(test_head),
	};

	assert_int_equal(argc, 2);
	vectors = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
