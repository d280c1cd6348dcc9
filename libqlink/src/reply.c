/* SPDX-License-Identifier: MIT */
/*
 * Is this line the answer to that command, and what does it say? A detailed answer is recognised by
 * its name and the address that it repeats, a regular one by its shape alone (section 5.1).
 */
#include "reply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reply_rows.h"

#define DEVICE_ERROR_MIN 256
#define DEVICE_ERROR_MAX 258

static bool is_device_error(int32_t value)
{
	return value >= DEVICE_ERROR_MIN && value <= DEVICE_ERROR_MAX;
}

static enum reply_match device_error(struct reply *r, int32_t value)
{
	r->error = -EIO;
	r->device_error = value;
	return REPLY_DONE;
}

static enum reply_match impossible(struct reply *r)
{
	r->error = -EPROTO;
	return REPLY_DONE;
}

/* Section 2.1: the name may carry the modifier, may be the command's own, or a known misprint. */
static bool is_name(struct span word, const struct command_spec *spec)
{
	if (word.size == 4 && word.data[3] == '#')
		word.size = 3;
	if (word.size != 3)
		return false;
	if (memcmp(word.data + 1, spec->verb + 1, 2) == 0 &&
	    (word.data[0] == 'R' || word.data[0] == 'V'))
		return true;
	return spec->alternate && qlink_span_equals(word, spec->alternate);
}

static size_t echoed_fields(const struct command *c, const struct command_spec *spec)
{
	return c->verb == QLINK_COMMAND_VGH ? c->count : spec->echoed;
}

static size_t value_fields(const struct command *c, const struct command_spec *spec)
{
	return c->verb == QLINK_COMMAND_VGH ? c->count - spec->echoed : strlen(spec->values);
}

static bool echo_matches(const struct command *c, const struct span *at, size_t count)
{
	int32_t number;

	for (size_t i = 0; i < count; i++)
		if (!qlink_span_number(at[i], &number) || number != c->params[i])
			return false;
	return true;
}

/*
 * A detailed answer that ends in an error number (section 2.2). Where it stands is not documented:
 * alone, instead of the values, or behind all that was sent.
 */
static bool detailed_error(const struct command *c, const struct command_spec *spec,
			   const struct span *at, size_t count, int32_t *ret_error)
{
	size_t echoed = c->verb == QLINK_COMMAND_VSH ? 2 : echoed_fields(c, spec);
	size_t plain = echoed + strlen(spec->values); /* a fade's spelling may differ */

	if (count == 0 || count >= LINE_MAX_FIELDS ||
	    !qlink_span_number(at[count - 1], ret_error) || !is_device_error(*ret_error))
		return false;
	if (count == 1)
		return c->verb != QLINK_COMMAND_VEC || *ret_error != c->params[0];
	if (spec->shape == REPLY_LOOSE)
		return *ret_error != c->params[c->count - 1];
	if (count == echoed + 1)
		return echo_matches(c, at, echoed);
	return spec->shape == REPLY_VALUES && count == c->count + 1 &&
	       echo_matches(c, at, plain < c->count ? plain : c->count);
}

/* The values of commands whose answer repeats a parameter; another one is somebody else's. */
static bool repeats_parameter(const struct command *c, const struct reply *r)
{
	if (c->verb == QLINK_COMMAND_VEC)
		return r->values[0] == c->params[0];
	if (c->verb == QLINK_COMMAND_VSH)
		return r->values[0] == c->params[1];
	return true;
}

static enum reply_match check_values(struct reply *r, const struct command *c, const char *ranges,
				     size_t count)
{
	if (!repeats_parameter(c, r))
		return REPLY_NOT_OURS;
	r->value_count = count;
	for (size_t i = 0; i < count; i++) {
		const struct range *range = qlink_range_of(ranges[i]);

		bool possible = r->values[i] >= range->min && r->values[i] <= range->max;

		if (possible && range->letter != '*')
			continue;
		if (is_device_error(r->values[i]))
			return device_error(r, r->values[i]);
		if (!possible)
			return impossible(r);
	}
	if ((c->verb == QLINK_COMMAND_VSC || c->verb == QLINK_COMMAND_VPG) && r->values[0] != 0)
		return device_error(r, r->values[0]);
	return REPLY_DONE;
}

static enum reply_match take_values(struct reply *r, const struct command *c, const struct span *at,
				    size_t count, bool named)
{
	const struct command_spec *spec = qlink_command_spec(c->verb);
	size_t echoed = named ? echoed_fields(c, spec) : 0;
	size_t values = value_fields(c, spec);
	size_t tail = named || c->verb == QLINK_COMMAND_VCL ? spec->tail : 0;

	if (named && c->verb == QLINK_COMMAND_VPG && count > 1) {
		at += count - 1; /* before it stands the line that was fed */
		count = 1;
	}
	if (count < echoed + values || count > echoed + values + tail)
		return REPLY_NOT_OURS;
	if (!echo_matches(c, at, echoed))
		return REPLY_NOT_OURS;
	for (size_t i = 0; i < values; i++)
		if (!qlink_span_number(at[echoed + i], &r->values[i]))
			return named ? impossible(r) : REPLY_NOT_OURS;
	return check_values(r, c, spec->values, values);
}

/* Vendor samples leave the master out: 14 numbers are without it, 15 with it (section 3.2). */
static enum reply_match take_timer(struct reply *r, const struct command *c, const struct span *at,
				   size_t count, bool named)
{
	const char *ranges = qlink_command_spec(c->verb)->values;
	size_t values = strlen(ranges);
	size_t echoed = count - values;

	if (count < values || echoed > 2 || (named ? echoed == 0 : echoed > 0))
		return REPLY_NOT_OURS;
	for (size_t i = 0; i < echoed; i++) {
		int32_t number;

		if (!qlink_span_number(at[i], &number) || number != c->params[2 - echoed + i])
			return REPLY_NOT_OURS;
	}
	for (size_t i = 0; i < values; i++)
		if (!qlink_span_number(at[echoed + i], &r->values[i]))
			return named ? impossible(r) : REPLY_NOT_OURS;
	return check_values(r, c, ranges, values);
}

/* A format field may stand before the masks: the last two fields count (section 3.3). */
static enum reply_match take_masks(struct reply *r, const struct command *c, const struct span *at,
				   size_t count, bool named)
{
	size_t echoed = named ? 2 : 0;
	size_t most = named ? echoed + 3 : 2;

	if (count < echoed + 2 || count > most || !echo_matches(c, at, echoed))
		return REPLY_NOT_OURS;
	for (size_t i = 0; i < 2; i++)
		if (!qlink_span_hex(at[count - 2 + i], &r->values[i]))
			return named ? impossible(r) : REPLY_NOT_OURS;
	r->value_count = 2;
	return REPLY_DONE;
}

static enum reply_match take_counted(struct reply *r, const struct span *at, size_t count,
				     bool named)
{
	/* Two numbers alone are an answer to nothing else; one may be somebody's level. */
	bool ours = named || count > 1;
	int32_t expected;

	for (size_t i = 0; i < count; i++) {
		int32_t number;

		if (!qlink_span_number(at[i], &number))
			return REPLY_NOT_OURS;
		if (i > 0 && i <= REPLY_MAX_VALUES)
			r->values[i - 1] = number;
	}
	if (count == 0 || !qlink_span_number(at[0], &expected))
		return REPLY_NOT_OURS;
	if (expected < 0 || (size_t)expected != count - 1 || expected > qlink_range_of('m')->max)
		return ours ? impossible(r) : REPLY_NOT_OURS;
	for (size_t i = 0; i < (size_t)expected; i++)
		if (r->values[i] < 1 || r->values[i] > qlink_range_of('m')->max)
			return ours ? impossible(r) : REPLY_NOT_OURS;
	r->value_count = (size_t)expected;
	return REPLY_DONE;
}

static enum reply_match take_loose(struct reply *r, struct span line, const struct span *at,
				   size_t count, bool named)
{
	int32_t number;

	if (!named && !(count == 1 && qlink_span_number(at[0], &number)))
		return REPLY_NOT_OURS;
	qlink_reply_add_line(r, line);
	return REPLY_DONE;
}

static enum reply_match take_text(struct reply *r, const struct command *c, struct span line,
				  const struct line_fields *f, bool named)
{
	const struct command_spec *spec = qlink_command_spec(c->verb);
	size_t skip = named ? 1 + spec->echoed : 0;

	if (f->count <= skip || !echo_matches(c, &f->at[1], named ? spec->echoed : 0))
		return REPLY_NOT_OURS;
	if (skip >= LINE_MAX_FIELDS)
		return REPLY_NOT_OURS;
	line.size -= (size_t)(f->at[skip].data - line.data);
	line.data = f->at[skip].data;
	return spec->shape == REPLY_NAME ? qlink_reply_take_name(r, line, named) :
					   qlink_reply_take_firmware(r, line);
}

static enum reply_match take_shape(struct reply *r, const struct command *c, struct span line,
				   const struct line_fields *f, bool named)
{
	const struct span *at = named ? &f->at[1] : &f->at[0];
	size_t count = named ? f->count - 1 : f->count;

	switch (qlink_command_spec(c->verb)->shape) {
	case REPLY_VALUES:
		return take_values(r, c, at, count, named);
	case REPLY_TIMER:
		return take_timer(r, c, at, count, named);
	case REPLY_MASKS:
		return take_masks(r, c, at, count, named);
	case REPLY_COUNTED:
		return take_counted(r, at, count, named);
	case REPLY_ROWS:
		return qlink_reply_take_row(r, c, at, count);
	case REPLY_LOOSE:
		return take_loose(r, line, at, count, named);
	case REPLY_NAME:
	case REPLY_FIRMWARE:
		return take_text(r, c, line, f, named);
	case REPLY_LINE:
	case REPLY_LINES:
		break;
	}
	return REPLY_NOT_OURS;
}

/* The number alone means an error to every command but an echo of that number (section 2.2). */
static bool bare_error(const struct command *c, const struct line_fields *f, int32_t *ret_error)
{
	int32_t sent = -1;

	if (f->count != 1 || !qlink_span_number(f->at[0], ret_error) ||
	    !is_device_error(*ret_error))
		return false;
	if (c->verb == QLINK_COMMAND_VEC)
		sent = c->params[0];
	if (c->verb == QLINK_COMMAND_RAW) {
		struct line_fields words;
		enum qlink_command verb;

		qlink_line_fields((struct span){ c->text, strlen(c->text) }, &words);
		if (qlink_command_verb(c->text, &verb) && verb == QLINK_COMMAND_VEC &&
		    words.count == 2)
			qlink_span_number(words.at[1], &sent);
	}
	return *ret_error != sent;
}

enum reply_match qlink_reply_take(struct reply *r, const struct command *c, struct span line,
				  bool bare_allowed)
{
	const struct command_spec *spec = qlink_command_spec(c->verb);
	enum reply_match match;
	struct line_fields f;
	bool collecting;
	int32_t error;
	bool named;

	qlink_line_fields(line, &f);
	collecting = spec->shape == REPLY_LINES || (spec->shape == REPLY_LINE && c->collect);
	if (!(collecting && r->row_count > 0) && bare_error(c, &f, &error))
		return device_error(r, error);
	if (collecting)
		return qlink_reply_add_line(r, line);
	if (spec->shape == REPLY_LINE) {
		qlink_reply_add_line(r, line);
		return REPLY_DONE;
	}
	if (f.count == 0 || (f.count > LINE_MAX_FIELDS && spec->shape != REPLY_NAME))
		return REPLY_NOT_OURS;
	named = is_name(f.at[0], spec);
	if (!named && !bare_allowed)
		return REPLY_NOT_OURS;
	if (named && detailed_error(c, spec, &f.at[1], f.count - 1, &error)) {
		r->detailed = true;
		return device_error(r, error);
	}
	match = take_shape(r, c, line, &f, named);
	if (match != REPLY_NOT_OURS) {
		r->detailed |= named;
		r->bare |= !named;
	}
	return match;
}
