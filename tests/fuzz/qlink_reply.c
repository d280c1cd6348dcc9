/* SPDX-License-Identifier: MIT */
/*
 * Answers: the first byte of an input says whether answers without a name are allowed (`@`), the
 * rest of its first line is the request, and the other lines are offered as its answer. What is
 * taken is bounded, and an answer without an error is a possible one.
 */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "qlink_words.h"
#include "reply.h"

static void check_numbers(const struct reply *r, const struct command *c)
{
	const struct command_spec *spec = qlink_command_spec(c->verb);

	must(r->value_count <= REPLY_MAX_VALUES);
	for (size_t i = 0; i < r->value_count; i++) {
		const struct range *range = NULL;

		if (spec->shape == REPLY_COUNTED)
			range = qlink_range_of('m');
		else if (spec->shape == REPLY_VALUES || spec->shape == REPLY_TIMER)
			range = qlink_range_of(spec->values[i]);
		if (range)
			must(r->values[i] >= range->min && r->values[i] <= range->max);
		else
			must(r->values[i] >= 0 && r->values[i] <= 0xffff);
	}
	if (spec->shape == REPLY_MASKS)
		must(r->value_count == 2);
	if (spec->shape == REPLY_TIMER)
		must(r->value_count == 13);
	if (spec->shape == REPLY_VALUES)
		must(r->value_count >= 1);
}

static void check_text(const struct reply *r, const char *data, size_t size)
{
	const char *text = (const char *)cmn_buf_data(&r->text);

	must(data >= text && data + size < text + cmn_buf_len(&r->text));
	must(data[size] == '\0');
}

static void check_rows(const struct reply *r, const struct command *c)
{
	must(cmn_buf_len(&r->text) <= (size_t)REPLY_MAX_TEXT);
	must(r->row_count <= REPLY_MAX_LINES);
	if (r->counted)
		must(r->row_count == r->rows_expected);
	for (size_t i = 0; i < r->row_count; i++) {
		if (r->lines)
			check_text(r, r->lines[i].data, r->lines[i].size);
		if (r->modules) {
			check_text(r, r->modules[i].version, strlen(r->modules[i].version));
			must(r->modules[i].master == (unsigned)c->params[0]);
		}
		if (r->stations) {
			check_text(r, r->stations[i].version, strlen(r->stations[i].version));
			must(r->stations[i].master == (unsigned)c->params[0]);
		}
	}
}

static void check_done(const struct reply *r, const struct command *c)
{
	if (r->error == 0) {
		check_numbers(r, c);
		check_rows(r, c);
		return;
	}
	must(r->error == -EIO || r->error == -EPROTO);
	must((r->error == -EIO) == (r->device_error != 0));
}

/* A line that is not ours leaves nothing behind. */
static void check_untouched(const struct reply *before, const struct reply *after)
{
	must(after->error == before->error && after->device_error == before->device_error);
	must(after->detailed == before->detailed && after->bare == before->bare);
	must(after->value_count == before->value_count && after->counted == before->counted);
	must(after->row_count == before->row_count);
	must(after->lines == before->lines && after->modules == before->modules);
	must(after->stations == before->stations);
	must(cmn_buf_len(&after->text) == cmn_buf_len(&before->text));
}

/* @return whether the answer is complete. */
static bool offer(struct reply *r, const struct command *c, struct span line, bool bare)
{
	struct reply before = *r;

	switch (qlink_reply_take(r, c, line, bare)) {
	case REPLY_NOT_OURS:
		check_untouched(&before, r);
		return false;
	case REPLY_MORE:
		must(r->error == 0);
		must(r->row_count <= REPLY_MAX_LINES);
		must(cmn_buf_len(&r->text) <= (size_t)REPLY_MAX_TEXT);
		return false;
	case REPLY_DONE:
		break;
	}
	check_done(r, c);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct line_splitter s = { 0 };
	struct input in = { data, size };
	struct reply reply = { 0 };
	struct words words;
	bool bare = take_byte(&in) == '@';
	bool done = !read_words(take_line(&in), &words);

	while (in.size > 0 && !done) {
		struct span line;
		size_t used;

		if (qlink_line_split(&s, in.data, in.size, &used, &line) == LINE_COMPLETE)
			done = offer(&reply, &words.command, line, bare);
		take_bytes(&in, used);
	}
	qlink_reply_free(&reply);
	return 0;
}
