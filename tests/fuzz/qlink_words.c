/* SPDX-License-Identifier: MIT */
/* Requests in the words of conversation files. */
#include "qlink_words.h"

#include <string.h>

struct span take_line(struct input *in)
{
	const uint8_t *end = in->size > 0 ? memchr(in->data, '\n', in->size) : NULL;
	size_t size = end ? (size_t)(end - in->data) : in->size;
	struct input line = take_bytes(in, size);

	take_byte(in);
	return (struct span){ (const char *)line.data, line.size };
}

/* The rest of the line behind its first word. */
static bool take_text(struct words *w, struct span line, const struct line_fields *f)
{
	size_t skip = (size_t)(f->at[0].data - line.data) + f->at[0].size + 1;

	if (skip >= line.size || line.size - skip >= sizeof(w->text))
		return false;
	memcpy(w->text, line.data + skip, line.size - skip);
	w->text[line.size - skip] = '\0';
	w->command.text = w->text;
	return qlink_command_check(&w->command) == 0;
}

bool read_words(struct span line, struct words *ret)
{
	struct command *c = &ret->command;
	struct line_fields f;
	char verb[4] = "";

	memset(ret, 0, sizeof(*ret));
	qlink_line_fields(line, &f);
	if (f.count == 0)
		return false;
	c->collect = qlink_span_equals(f.at[0], "raw-lines");
	if (c->collect || qlink_span_equals(f.at[0], "raw"))
		return take_text(ret, line, &f);
	if (f.at[0].size != 3 || f.count > COMMAND_MAX_PARAMS + 1)
		return false;
	memcpy(verb, f.at[0].data, 3);
	if (!qlink_command_verb(verb, &c->verb))
		return false;
	if (c->verb == QLINK_COMMAND_VPG)
		return take_text(ret, line, &f);
	for (size_t i = 1; i < f.count; i++)
		if (!qlink_span_number(f.at[i], &c->params[c->count++]))
			return false;
	return qlink_command_check(c) == 0;
}
