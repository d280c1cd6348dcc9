/* SPDX-License-Identifier: MIT */
/* Offers lines to the decoder of answers; see replies.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "replies.h"

#include <stdio.h>
#include <string.h>

#include "reply.h"
#include "words.h"

static char outcome[4096];

static void put(const char *text)
{
	assert_true(strlen(outcome) + strlen(text) < sizeof(outcome));
	strcat(outcome, text);
}

static void put_number(const char *before, long number)
{
	char text[32];

	snprintf(text, sizeof(text), "%s%ld", before, number);
	put(text);
}

static void put_rows(const struct reply *r)
{
	for (size_t i = 0; i < r->row_count; i++) {
		if (r->modules) {
			put_number(" | ", (long)r->modules[i].master);
			put_number(" ", (long)r->modules[i].enclosure);
			put_number(" ", (long)r->modules[i].module);
			put_number(" ", (long)r->modules[i].type);
			put(" ");
			put(r->modules[i].version);
		} else if (r->stations) {
			put_number(" | ", (long)r->stations[i].master);
			put_number(" ", (long)r->stations[i].station);
			put_number(" ", (long)r->stations[i].type);
			put_number(" ", (long)r->stations[i].config);
			put(" ");
			put(r->stations[i].version);
			put_number(" ", (long)r->stations[i].sixbit);
			put_number(" ", (long)r->stations[i].serial);
		} else {
			put(" <");
			put(r->lines[i].data);
			put(">");
			assert_int_equal(strlen(r->lines[i].data), r->lines[i].size);
		}
	}
}

static void put_match(enum reply_match match, const struct reply *r)
{
	if (outcome[0] != '\0')
		put(", ");
	if (match == REPLY_NOT_OURS)
		put("no");
	else if (match == REPLY_MORE)
		put("more");
	else if (r->error < 0)
		put(words_errno(r->error));
	else
		put(r->detailed ? "named" : "bare");
	if (match != REPLY_DONE)
		return;
	if (r->error < 0) {
		if (r->device_error)
			put_number(" ", r->device_error);
		return;
	}
	for (size_t i = 0; i < r->value_count; i++)
		put_number(" ", (long)r->values[i]);
	put_rows(r);
}

/* Offer lines (a `\n` between them); what became of each. */
static const char *take(const char *request, const char *lines, bool bare_allowed)
{
	struct reply r = { 0 };
	struct command c;
	bool done = false;

	assert_true(words_request(request, &c));
	assert_int_equal(qlink_command_check(&c), 0);
	outcome[0] = '\0';
	while (lines) {
		const char *end = strchr(lines, '\n');
		size_t size = end ? (size_t)(end - lines) : strlen(lines);
		enum reply_match match;

		assert_false(done);
		match = qlink_reply_take(&r, &c, (struct span){ lines, size }, bare_allowed);
		put_match(match, &r);
		done = match == REPLY_DONE;
		lines = end ? end + 1 : NULL;
	}
	qlink_reply_free(&r);
	return outcome;
}

void reply_check_at(const char *request, const char *lines, bool bare_allowed, const char *expected,
		    const char *file, int line)
{
	const char *is = take(request, lines, bare_allowed);

	if (strcmp(is, expected) == 0)
		return;
	print_error("%s with \"%s\" gives \"%s\"\n  expected \"%s\"\n", request, lines, is,
		    expected);
	_fail(file, line);
}
