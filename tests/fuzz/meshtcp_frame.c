/* SPDX-License-Identifier: MIT */
/*
 * The reader of frames. An input is a number of pieces, their sizes (0: give up a partial frame
 * there), and a stream. However it is cut, the same frames and lines come out, no byte is lost or
 * counted twice, and nothing is larger than it may be.
 */
#include <stdbool.h>
#include <string.h>

#include "frame.h"
#include "fuzz.h"

#define MOST (1 << 18)

struct seen {
	struct frame_reader reader;
	uint8_t said[MOST]; /* all frames and lines, with their sizes */
	size_t size;
	size_t in_frames;
};

static void append(struct seen *s, const void *data, size_t size)
{
	must(s->size + size <= sizeof(s->said));
	if (size > 0)
		memcpy(s->said + s->size, data, size);
	s->size += size;
}

static void take(struct seen *s, const struct frame *f)
{
	if (f->kind == FRAME_TEXT) {
		must(strlen(f->text) <= FRAME_MAX_TEXT);
		append(s, f->text, strlen(f->text) + 1);
		return;
	}
	must(f->kind == FRAME_PAYLOAD && f->size <= FRAME_MAX_PAYLOAD);
	append(s, &f->size, sizeof(f->size));
	append(s, f->data, f->size);
	s->in_frames += FRAME_HEADER_BYTES + f->size;
}

static void feed(struct seen *s, const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size > 0 ? size : 1);
	const uint8_t *at = copy;
	struct frame f;

	must(copy != NULL);
	if (size > 0)
		memcpy(copy, data, size);
	do {
		meshtcp_frame_read(&s->reader, &at, &size, &f);
		if (f.kind != FRAME_NONE)
			take(s, &f);
	} while (f.kind != FRAME_NONE);
	must(size == 0);
	free(copy);
}

/* @return whether a frame was given up on the way */
static bool run(struct seen *s, struct input sizes, struct input stream)
{
	size_t total = stream.size;
	bool gave_up = false;
	size_t n = 0;

	memset(s, 0, sizeof(*s));
	meshtcp_frame_init(&s->reader);
	while (stream.size > 0) {
		unsigned size = sizes.size > 0 ? sizes.data[n++ % sizes.size] : UINT16_MAX;
		struct input part = take_bytes(&stream, size > 0 ? size : 1);

		if (size == 0 && meshtcp_frame_partial(&s->reader)) {
			meshtcp_frame_give_up(&s->reader);
			feed(s, NULL, 0);
			gave_up = true;
		}
		feed(s, part.data, part.size);
	}
	must(s->in_frames + s->reader.skipped + s->reader.size == total);
	must(meshtcp_frame_partial(&s->reader) == (s->reader.size > 0));
	while (meshtcp_frame_partial(&s->reader)) {
		size_t left = s->reader.size;

		meshtcp_frame_give_up(&s->reader);
		feed(s, NULL, 0);
		must(s->reader.size < left);
	}
	return gave_up;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct seen whole, cut;
	struct input in = { data, size };
	struct input sizes = take_bytes(&in, take_byte(&in));

	if (in.size > MOST / 16)
		return 0;
	run(&whole, (struct input){ NULL, 0 }, in);
	if (!run(&cut, sizes, in))
		must(cut.size == whole.size && memcmp(cut.said, whole.said, cut.size) == 0);
	return 0;
}
