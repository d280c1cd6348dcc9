/* SPDX-License-Identifier: MIT */
/* Numbers with names, times, ports: the same for every command. */
#include "tools/meshtcp/words.h"
#include "tools/cli/number.h"

#include <meshtcp/meshtcp.h>

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* Ports that are called otherwise than their name says. */
static const struct {
	unsigned port;
	const char *word;
} short_words[] = {
	{ MESHTCP_PORT_TEXT, "text" },
	{ MESHTCP_PORT_NODEINFO, "userinfo" },
	{ MESHTCP_PORT_STATUS, "status" },
	{ MESHTCP_PORT_NEIGHBORS, "neighbors" },
};

const char *word_text(const char *name, uint32_t number, char text[WORD_MAX])
{
	if (name)
		return name;
	snprintf(text, WORD_MAX, "%" PRIu32, number);
	return text;
}

void word_json(struct cli_json *json, const char *key, const char *name, uint32_t number)
{
	if (name)
		cli_json_string(json, key, name);
	else
		cli_json_uint(json, key, number);
}

const char *time_text(uint32_t epoch, char text[WORD_MAX])
{
	time_t t = (time_t)epoch;
	struct tm tm;

	if (epoch == 0 || !localtime_r(&t, &tm) ||
	    strftime(text, WORD_MAX, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		return "-";
	return text;
}

void time_json(struct cli_json *json, const char *key, uint32_t epoch)
{
	if (epoch != 0)
		cli_json_time(json, key, (int64_t)epoch * 1000);
}

/* RANGE_TEST_APP becomes range-test. */
static void word_of_name(const char *name, char text[WORD_MAX])
{
	size_t len = strlen(name);
	size_t n = 0;

	if (len > 4 && strcmp(name + len - 4, "_APP") == 0)
		len -= 4;
	for (; n < len && n < WORD_MAX - 1; n++)
		text[n] = name[n] == '_' ? '-' : (char)tolower((unsigned char)name[n]);
	text[n] = '\0';
}

const char *port_word(unsigned port, char text[WORD_MAX])
{
	const char *name = meshtcp_port_name(port);

	for (size_t i = 0; i < sizeof(short_words) / sizeof(short_words[0]); i++)
		if (short_words[i].port == port)
			return short_words[i].word;
	if (name)
		word_of_name(name, text);
	else
		snprintf(text, WORD_MAX, "%u", port);
	return text;
}

static bool is_called(unsigned port, const char *text)
{
	const char *name = meshtcp_port_name(port);
	char word[WORD_MAX];

	if (!name)
		return false;
	if (strcasecmp(text, name) == 0 || strcmp(text, port_word(port, word)) == 0)
		return true;
	word_of_name(name, word);
	return strcmp(text, word) == 0;
}

int port_parse(const char *text, unsigned *ret_port)
{
	uint64_t number;

	if (cli_number(text, 1, PORT_MAX, &number) == 0) {
		*ret_port = (unsigned)number;
		return 0;
	}
	for (unsigned port = 1; port <= PORT_MAX; port++) {
		if (is_called(port, text)) {
			*ret_port = port;
			return 0;
		}
	}
	return -EINVAL;
}

const char *channel_role(unsigned role)
{
	static const char *const words[] = { "disabled", "primary", "secondary" };

	return role < sizeof(words) / sizeof(words[0]) ? words[role] : "unknown";
}
