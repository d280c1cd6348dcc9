/* SPDX-License-Identifier: MIT */
/* The other end of a session; see qlink_peer.h. */
#include "qlink_peer.h"

#include <string.h>

#include "command.h"
#include "event.h"

#define OUTPUT_MAX 1024
#define ANSWER_MAX 256

/* At most one command outstanding. Only the echo that resynchronises may follow one that was given
 * up; with '!' nothing is awaited. */
static void see_command(struct peer *p, struct peer_link *l)
{
	uint64_t timeouts = qlink_session_statistics(p->session)->timeouts;

	must(l->line_size > 3 || l->line[0] == 'V');
	memcpy(l->command, l->line, sizeof(l->command));
	if (l->unanswered > 0) {
		must(strncmp(l->command, "VEC", 3) == 0);
		must(l->excused || timeouts > l->timeouts);
	}
	l->excused = false;
	l->timeouts = timeouts;
	l->unanswered += l->command[3] != '!';
	must(l->unanswered <= 2);
}

static void see_output(struct peer *p, unsigned slot)
{
	struct peer_link *l = &p->links[slot];
	const uint8_t *data;
	size_t size = qlink_session_output(p->session, slot, &data);

	must(size <= OUTPUT_MAX);
	must(size >= l->seen);
	for (; l->seen < size; l->seen++) {
		if (data[l->seen] == '\n')
			continue;
		if (data[l->seen] != '\r') {
			must(l->line_size < sizeof(l->line) - 1);
			l->line[l->line_size++] = (char)data[l->seen];
			continue;
		}
		l->line[l->line_size] = '\0';
		see_command(p, l);
		l->line_size = 0;
	}
}

void peer_look(struct peer *p)
{
	unsigned wanted = 0;

	for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++) {
		struct peer_link *l = &p->links[i];
		uint32_t generation = qlink_session_wants(p->session, i);

		wanted += generation != 0;
		if (generation != l->generation)
			*l = (struct peer_link){ .generation = generation };
		if (l->open)
			see_output(p, i);
	}
	must(wanted <= p->limit);
}

void peer_accept(struct peer *p, unsigned slot, uint64_t now)
{
	struct peer_link *l = &p->links[slot];

	if (l->generation == 0 || l->open)
		return;
	l->open = true;
	qlink_session_opened(p->session, slot, now);
	peer_look(p);
}

void peer_fail(struct peer *p, unsigned slot, int error, uint64_t now)
{
	qlink_session_failed(p->session, slot, error, now);
	/* The new connection of this slot, if any, is another one. */
	must(qlink_session_wants(p->session, slot) != p->links[slot].generation ||
	     p->links[slot].generation == 0);
	peer_look(p);
}

void peer_send(struct peer *p, unsigned slot, size_t most, uint64_t now)
{
	struct peer_link *l = &p->links[slot];
	const uint8_t *data;
	size_t size = l->open ? qlink_session_output(p->session, slot, &data) : 0;

	if (size == 0)
		return;
	if (size > most)
		size = most;
	l->seen -= size;
	qlink_session_sent(p->session, slot, size, now);
	peer_look(p);
}

/* Which commands can have been answered by now. */
static void hear(struct peer_link *l, struct input bytes)
{
	while (bytes.size > 0) {
		struct qlink_event event;
		struct span line;
		size_t used;

		if (qlink_line_split(&l->heard, bytes.data, bytes.size, &used, &line) ==
			    LINE_COMPLETE &&
		    !qlink_event_parse(line, &event))
			l->unanswered = 0;
		take_bytes(&bytes, used);
	}
}

void peer_say(struct peer *p, unsigned slot, struct input bytes, uint64_t now)
{
	struct peer_link *l = &p->links[slot];

	if (!l->open || bytes.size == 0)
		return;
	hear(l, bytes);
	qlink_session_receive(p->session, slot, bytes.data, bytes.size, now);
	peer_look(p);
}

void peer_excuse(struct peer *p)
{
	for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++)
		p->links[i].excused = true;
}

static size_t add(char *text, size_t size, const char *word)
{
	return size +
	       (size_t)snprintf(text + size, ANSWER_MAX - size, "%s%s", size ? " " : "", word);
}

/* The values of an answer; what is repeated from the command is repeated rightly. */
static size_t add_values(char *text, size_t size, const struct command_spec *spec,
			 const struct line_fields *words, unsigned choice)
{
	bool repeats = strcmp(spec->verb, "VEC") == 0 || strncmp(spec->verb, "VO", 2) == 0;
	char word[16];

	if (repeats && words->count > 1) {
		snprintf(word, sizeof(word), "%.*s", (int)words->at[words->count - 1].size,
			 words->at[words->count - 1].data);
		return add(text, size, word);
	}
	if (spec->shape == REPLY_MASKS)
		return add(text, add(text, size, "4C"), choice % 2 ? "20" : "00");
	for (const char *v = spec->values; *v != '\0'; v++) {
		const struct range *range = qlink_range_of(*v);
		int32_t span = range->max - range->min + 1;

		snprintf(word, sizeof(word), "%d", (int)(range->min + (int32_t)choice % span));
		size = add(text, size, word);
	}
	return size;
}

void peer_answer(struct peer *p, unsigned slot, unsigned choice, uint64_t now)
{
	const char *command = p->links[slot].command;
	const struct command_spec *spec;
	struct line_fields words;
	enum qlink_command verb;
	char text[ANSWER_MAX] = "";
	char word[16];
	size_t size = 0;

	if (!qlink_command_verb(command, &verb))
		return;
	spec = qlink_command_spec(verb);
	qlink_line_fields((struct span){ command, strlen(command) }, &words);
	if (command[3] == '#') {
		snprintf(word, sizeof(word), "R%.2s", spec->verb + 1);
		size = add(text, size, word);
		for (size_t i = 1; i <= spec->echoed && i < words.count; i++) {
			snprintf(word, sizeof(word), "%.*s", (int)words.at[i].size,
				 words.at[i].data);
			size = add(text, size, word);
		}
	}
	size = add_values(text, size, spec, &words, choice);
	text[size++] = '\r';
	peer_say(p, slot, (struct input){ (const uint8_t *)text, size }, now);
}
