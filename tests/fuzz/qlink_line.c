/* SPDX-License-Identifier: MIT */
/*
 * The line splitter: what it says does not depend on how the stream is cut. An input is the number
 * of cut sizes, these sizes, and the stream; they are used in turns. All ways of cutting must give
 * the same lines, and each line must be one that the stream holds.
 */
#include <string.h>

#include "fuzz.h"
#include "line.h"

/** What the splitter said, one mark or line after the other. */
struct transcript {
	uint8_t *bytes;
	size_t size, room;
	unsigned crlf_lines;
};

static void put(struct transcript *t, const void *data, size_t size)
{
	must(size <= t->room - t->size);
	memcpy(t->bytes + t->size, data, size);
	t->size += size;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void check_line(struct span line)
{
	must(line.size > 0 && line.size <= LINE_MAX_BYTES);
	must(!memchr(line.data, '\r', line.size) && !memchr(line.data, '\n', line.size));
	must(!is_blank(line.data[0]) && !is_blank(line.data[line.size - 1]));
}

static void split(struct line_splitter *s, struct input part, struct transcript *t)
{
	while (part.size > 0) {
		struct span line = { NULL, 0 };
		size_t used = 0;
		enum line_status status = qlink_line_split(s, part.data, part.size, &used, &line);

		must(used > 0 && used <= part.size);
		must(status != LINE_NONE || used == part.size);
		take_bytes(&part, used);
		if (status == LINE_OVERLONG)
			put(t, "!", 1);
		if (status != LINE_COMPLETE)
			continue;
		check_line(line);
		put(t, s->fragment ? "f" : "c", 1);
		put(t, line.data, line.size);
		put(t, "\r", 1);
	}
}

/* Cut sizes in turns, 0 meaning all; without sizes the stream is one part. */
static void split_all(struct input stream, struct input cuts, struct transcript *t)
{
	struct line_splitter s = { 0 };

	/* A line costs two bytes beside its own, which had at least a delimiter. */
	t->room = 2 * stream.size + 2;
	t->bytes = malloc(t->room);
	must(t->bytes);
	for (size_t i = 0; stream.size > 0; i++) {
		size_t size = cuts.size > 0 ? cuts.data[i % cuts.size] : 0;

		split(&s, take_bytes(&stream, size > 0 ? size : stream.size), t);
	}
	t->crlf_lines = s.crlf_lines;
}

static void check_same(const struct transcript *a, const struct transcript *b)
{
	must(a->size == b->size);
	must(memcmp(a->bytes, b->bytes, a->size) == 0);
	must(a->crlf_lines == b->crlf_lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t one = 1;
	struct input in = { data, size };
	struct input cuts = take_bytes(&in, take_byte(&in) % 16);
	struct transcript whole = { 0 };
	struct transcript bytewise = { 0 };
	struct transcript cut = { 0 };

	split_all(in, (struct input){ NULL, 0 }, &whole);
	split_all(in, (struct input){ &one, 1 }, &bytewise);
	split_all(in, cuts, &cut);
	check_same(&whole, &bytewise);
	check_same(&whole, &cut);
	free(whole.bytes);
	free(bytewise.bytes);
	free(cut.bytes);
	return 0;
}
