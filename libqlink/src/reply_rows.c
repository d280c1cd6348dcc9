/* SPDX-License-Identifier: MIT */
/*
 * Answers that carry text or several lines: VQP, VQS, VGN, VGV and answers without a documented
 * layout. All texts of an answer live in one buffer; the pointers to them are set when it is whole.
 */
#include "reply_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NAME_PARTS 4

void qlink_reply_free(struct reply *r)
{
	free(r->modules);
	free(r->stations);
	free(r->lines);
	cmn_buf_free(&r->text);
	*r = (struct reply){ 0 };
}

static enum reply_match fail(struct reply *r, int error)
{
	r->error = error;
	return REPLY_DONE;
}

/* Append a text and its NUL; NULs inside are for those who know its size. */
static int add_text(struct reply *r, struct span text)
{
	static const uint8_t nul;
	int ret;

	if (r->text.max == 0)
		cmn_buf_init(&r->text, REPLY_MAX_TEXT);
	ret = cmn_buf_append(&r->text, (const uint8_t *)text.data, text.size);
	return ret < 0 ? ret : cmn_buf_append(&r->text, &nul, 1);
}

/* The texts' sizes are known from the start, their places only when the buffer stops moving. */
static void place_lines(struct reply *r)
{
	const char *text = (const char *)cmn_buf_data(&r->text);

	for (size_t i = 0; i < r->row_count; i++) {
		r->lines[i].data = text;
		text += r->lines[i].size + 1;
	}
}

static int add_line(struct reply *r, struct span line)
{
	int ret;

	if (r->row_count % 16 == 0) {
		size_t count = r->row_count + 16;
		struct qlink_text *lines = realloc(r->lines, count * sizeof(*lines));

		if (!lines)
			return -ENOMEM;
		r->lines = lines;
	}
	ret = add_text(r, line);
	if (ret < 0)
		return ret == -ENOMEM ? ret : -EPROTO;
	r->lines[r->row_count++].size = line.size;
	place_lines(r);
	return 0;
}

enum reply_match qlink_reply_add_line(struct reply *r, struct span line)
{
	int ret = r->row_count < REPLY_MAX_LINES ? add_line(r, line) : -EPROTO;

	return ret < 0 ? fail(r, ret) : REPLY_MORE;
}

static void place_versions(struct reply *r)
{
	const char *text = (const char *)cmn_buf_data(&r->text);

	for (size_t i = 0; i < r->row_count; i++) {
		if (r->modules)
			r->modules[i].version = text;
		else
			r->stations[i].version = text;
		text += strlen(text) + 1;
	}
}

static enum reply_match take_count(struct reply *r, const struct command *c, const struct span *at,
				   size_t count)
{
	bool modules = c->verb == QLINK_COMMAND_VQP;
	size_t most = modules ? REPLY_MAX_MODULES : REPLY_MAX_STATIONS;
	int32_t expected;

	if (count == 2 && !(qlink_span_number(at[0], &expected) && expected == c->params[0]))
		return REPLY_NOT_OURS;
	if (count < 1 || count > 2 || !qlink_span_number(at[count - 1], &expected))
		return REPLY_NOT_OURS;
	if (expected < 0 || (size_t)expected > most)
		return fail(r, -EPROTO);
	r->counted = true;
	r->rows_expected = (size_t)expected;
	if (expected == 0)
		return REPLY_DONE;
	if (modules)
		r->modules = calloc(r->rows_expected, sizeof(*r->modules));
	else
		r->stations = calloc(r->rows_expected, sizeof(*r->stations));
	return r->modules || r->stations ? REPLY_MORE : fail(r, -ENOMEM);
}

static bool parse_module(struct qlink_module *m, const struct span *at, size_t count)
{
	int32_t number[4];

	if (count < 5)
		return false;
	for (size_t i = 0; i < 4; i++)
		if (!qlink_span_number(at[i], &number[i]) || number[i] < 0)
			return false;
	*m = (struct qlink_module){ (unsigned)number[0], (unsigned)number[1], (unsigned)number[2],
				    (unsigned)number[3], NULL };
	return true;
}

static bool parse_station(struct qlink_station *s, const struct span *at, size_t count)
{
	int32_t number[3];
	int32_t config;
	int32_t sixbit;
	int32_t serial;

	if (count < 7)
		return false;
	for (size_t i = 0; i < 3; i++)
		if (!qlink_span_number(at[i], &number[i]) || number[i] < 0)
			return false;
	if (!qlink_span_hex(at[3], &config) || !qlink_span_number(at[5], &sixbit) || sixbit < 0 ||
	    !qlink_span_number(at[6], &serial) || serial < 0)
		return false;
	*s = (struct qlink_station){ (unsigned)number[0],
				     (unsigned)number[1],
				     (unsigned)number[2],
				     (unsigned)config,
				     NULL,
				     (unsigned)sixbit,
				     (uint32_t)serial };
	return true;
}

enum reply_match qlink_reply_take_row(struct reply *r, const struct command *c,
				      const struct span *at, size_t count)
{
	struct qlink_module module;
	struct qlink_station station;
	struct span version;
	bool modules = c->verb == QLINK_COMMAND_VQP;
	int ret;

	if (!r->counted)
		return take_count(r, c, at, count);
	if (modules ? !parse_module(&module, at, count) : !parse_station(&station, at, count))
		return REPLY_NOT_OURS;
	if ((modules ? module.master : station.master) != (unsigned)c->params[0])
		return REPLY_NOT_OURS;
	version = at[4];
	version.size = strnlen(version.data, version.size);
	ret = add_text(r, version);
	if (ret < 0)
		return fail(r, ret == -ENOMEM ? ret : -EPROTO);
	if (modules)
		r->modules[r->row_count++] = module;
	else
		r->stations[r->row_count++] = station;
	if (r->row_count < r->rows_expected)
		return REPLY_MORE;
	place_versions(r);
	return REPLY_DONE;
}

enum reply_match qlink_reply_take_name(struct reply *r, struct span text, bool named)
{
	struct span parts[NAME_PARTS];
	size_t count = 0;

	while (count < NAME_PARTS) {
		const char *bar = memchr(text.data, '|', text.size);
		size_t size = bar && count < NAME_PARTS - 1 ? (size_t)(bar - text.data) : text.size;

		parts[count++] = (struct span){ text.data, size };
		if (size == text.size)
			break;
		text.data += size + 1;
		text.size -= size + 1;
	}
	if (!named && count < NAME_PARTS)
		return REPLY_NOT_OURS;
	for (size_t i = 0; i < count; i++) {
		int ret = add_line(r, parts[i]);

		if (ret < 0)
			return fail(r, ret);
	}
	return REPLY_DONE;
}

/* One vendor sample ends in a full stop, and the date may stand in parentheses (section 3.5). */
static struct span strip(struct span s)
{
	while (s.size > 0 && (s.data[s.size - 1] == '.' || s.data[s.size - 1] == ')'))
		s.size--;
	if (s.size > 0 && s.data[0] == '(') {
		s.data++;
		s.size--;
	}
	return s;
}

enum reply_match qlink_reply_take_firmware(struct reply *r, struct span text)
{
	struct line_fields f;
	int ret;

	qlink_line_fields(text, &f);
	if (f.count < 2 || f.count > 4 || !qlink_span_equals(f.at[0], "VER"))
		return REPLY_NOT_OURS;
	ret = add_line(r, strip(f.at[1]));
	if (ret == 0)
		ret = add_line(r, f.count > 2 ? strip(f.at[2]) : (struct span){ "", 0 });
	return ret < 0 ? fail(r, ret) : REPLY_DONE;
}
