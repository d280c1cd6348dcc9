/* SPDX-License-Identifier: MIT */
/* Commands under way in `watch`. */
#include "tools/ipcom/watch_command.h"
#include "tools/cli/output.h"
#include "tools/ipcom/action.h"
#include "tools/ipcom/watch_input.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void remember(struct watch_commands *commands, uint32_t id, const char *text)
{
	for (size_t i = 0; i < IPCOM_MAX_REQUESTS; i++) {
		if (commands->item[i].id != 0)
			continue;
		commands->item[i].id = id;
		snprintf(commands->item[i].text, WATCH_TEXT_MAX, "%s", text);
		return;
	}
}

static void fail(const struct link *link, const char *text, int err)
{
	char why[CLI_WHY_MAX];

	link_explain(link, text, err, why);
	cli_message("%s", why);
}

void watch_command_start(struct watch_commands *commands, struct link *link, char *line, size_t len)
{
	char text[WATCH_TEXT_MAX], why[CLI_WHY_MAX];
	uint32_t ids[ACTION_OUTPUTS];
	struct watch_words words;
	struct action action;
	size_t count = 0;
	int err;

	/* Before the line is taken apart. */
	snprintf(text, sizeof(text), "%s", line);
	err = watch_words_parse(&words, line, len, why);
	if (!err && words.count == 0)
		return;
	if (!err)
		err = action_parse(&link->house, words.word[0], words.count - 1, words.word + 1,
				   &action, why);
	if (err) {
		cli_message("standard input: %s", why);
		return;
	}
	link_set_timeout(link, link->cli->timeout_ms);
	err = action_start(&action, link->ipcom, ids, &count);
	for (size_t i = 0; i < count; i++)
		remember(commands, ids[i], text);
	if (err)
		fail(link, text, err);
}

void watch_command_ended(struct watch_commands *commands, const struct link *link,
			 const struct ipcom_event *result)
{
	for (size_t i = 0; i < IPCOM_MAX_REQUESTS; i++) {
		if (commands->item[i].id != result->id)
			continue;
		commands->item[i].id = 0;
		if (result->error)
			fail(link, commands->item[i].text, result->error);
		return;
	}
}
