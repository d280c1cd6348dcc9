/* SPDX-License-Identifier: MIT */
/* Numbers with names, times, ports: the same for every command. */
#ifndef TOOLS_MESHTCP_WORDS_H
#define TOOLS_MESHTCP_WORDS_H

#include "tools/cli/json.h"

#include <stddef.h>

/* Room for a number, a time or a word for a port, and the NUL. */
#define WORD_MAX 32
#define PORT_MAX 511

/* The name of a number if it has one, else the number. */
const char *word_text(const char *name, uint32_t number, char text[WORD_MAX]);
void word_json(struct cli_json *json, const char *key, const char *name, uint32_t number);

/* Seconds since 1970 as local time for people; "-" for 0, which is unknown. */
const char *time_text(uint32_t epoch, char text[WORD_MAX]);
/* RFC 3339; the key is left out for 0. */
void time_json(struct cli_json *json, const char *key, uint32_t epoch);

/* What people call a port: `text`, `position`, `telemetry`, … or its number. */
const char *port_word(unsigned port, char text[WORD_MAX]);
/* The port of such a word, of a name such as TEXT_MESSAGE_APP, or of a number. 0 or -EINVAL. */
int port_parse(const char *text, unsigned *ret_port);

/* "primary", "secondary" or "disabled". */
const char *channel_role(unsigned role);

#endif
