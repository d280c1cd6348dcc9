/* SPDX-License-Identifier: MIT */
/* The commands that `watch` reads. */
#include "tools/ipcom/watch_input.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define JSON_DEPTH_MAX 4
#define BLANKS         " \t\r"

void watch_input_read(struct watch_input *in, int fd)
{
	ssize_t n;

	in->len -= in->used;
	memmove(in->data, in->data + in->used, in->len);
	in->used = 0;
	/* watch_input_line() has made room: it never leaves the buffer full. */
	n = read(fd, in->data + in->len, WATCH_LINE_MAX - in->len);
	if (n > 0)
		in->len += (size_t)n;
	else if (n == 0 || (errno != EINTR && errno != EAGAIN))
		in->ended = true;
}

/* Everything so far belongs to a line too long; what follows up to its end goes the same way. */
static int pass_over(struct watch_input *in)
{
	bool told = in->passing_over;

	in->used = in->len;
	in->passing_over = true;
	return told ? 0 : -EMSGSIZE;
}

int watch_input_line(struct watch_input *in, char **ret_line, size_t *ret_len)
{
	for (;;) {
		char *start = in->data + in->used;
		size_t have = in->len - in->used;
		char *end = memchr(start, '\n', have);

		if (!end && in->ended && have > 0)
			end = start + have; /* the last line may lack its end */
		if (!end)
			return in->used == 0 && have == WATCH_LINE_MAX ? pass_over(in) : 0;
		in->used = (size_t)(end - in->data) + (end < in->data + in->len);
		*end = '\0';
		if (in->passing_over) {
			in->passing_over = false;
			continue;
		}
		*ret_line = start;
		*ret_len = (size_t)(end - start);
		return 1;
	}
}

static int say(char why[CLI_WHY_MAX], const char *reason)
{
	snprintf(why, CLI_WHY_MAX, "%s", reason);
	return -EINVAL;
}

static int split(struct watch_words *words, char *line, char why[CLI_WHY_MAX])
{
	char *rest = NULL;

	for (char *w = strtok_r(line, BLANKS, &rest); w; w = strtok_r(NULL, BLANKS, &rest)) {
		if (words->count == WATCH_WORDS_MAX)
			return say(why, "too many words");
		words->word[words->count++] = w;
	}
	return 0;
}

/* Adds a word; the line was bounded, and so are the words that came from it. */
static int add(struct watch_words *words, size_t *used, const char *text, size_t len,
	       char why[CLI_WHY_MAX])
{
	if (len >= sizeof(words->copy) - *used || memchr(text, '\0', len))
		return say(why, "a text that cannot be");
	words->word[words->count++] = words->copy + *used;
	memcpy(words->copy + *used, text, len);
	words->copy[*used + len] = '\0';
	*used += len + 1;
	return 0;
}

static int add_text(struct watch_words *words, size_t *used, json_object *object, const char *key,
		    char why[CLI_WHY_MAX])
{
	json_object *value;

	if (!json_object_object_get_ex(object, key, &value) ||
	    !json_object_is_type(value, json_type_string)) {
		snprintf(why, CLI_WHY_MAX, "\"%s\": must be there, and a text", key);
		return -EINVAL;
	}
	return add(words, used, json_object_get_string(value),
		   (size_t)json_object_get_string_len(value), why);
}

static int from_object(struct watch_words *words, json_object *object, char why[CLI_WHY_MAX])
{
	json_object *value;
	char number[24];
	size_t used = 0;
	int err;

	err = add_text(words, &used, object, "command", why);
	if (!err)
		err = add_text(words, &used, object, "output", why);
	if (err || !json_object_object_get_ex(object, "value", &value))
		return err;
	if (!json_object_is_type(value, json_type_int))
		return say(why, "\"value\": must be a whole number");
	snprintf(number, sizeof(number), "%" PRId64, json_object_get_int64(value));
	return add(words, &used, number, strlen(number), why);
}

static int parse_json(struct watch_words *words, const char *line, size_t len,
		      char why[CLI_WHY_MAX])
{
	json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH_MAX);
	json_object *object;
	int err;

	if (!tokener)
		return say(why, strerror(ENOMEM));
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	/* With the NUL behind the line, so that the tokener knows it to be complete. */
	object = json_tokener_parse_ex(tokener, line, (int)len + 1);
	if (json_tokener_get_error(tokener) != json_tokener_success)
		err = say(why, json_tokener_error_desc(json_tokener_get_error(tokener)));
	else if (!json_object_is_type(object, json_type_object))
		err = say(why, "no JSON object");
	else
		err = from_object(words, object, why);
	json_object_put(object);
	json_tokener_free(tokener);
	return err;
}

int watch_words_parse(struct watch_words *words, char *line, size_t len, char why[CLI_WHY_MAX])
{
	words->count = 0;
	if (memchr(line, '\0', len))
		return say(why, "a NUL byte in the line");
	while (len > 0 && strchr(BLANKS, line[len - 1]))
		line[--len] = '\0';
	if (line[strspn(line, BLANKS)] == '{')
		return parse_json(words, line, len, why);
	return split(words, line, why);
}
