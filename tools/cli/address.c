/* SPDX-License-Identifier: MIT */
/* HOST and HOST:PORT as typed. */
#include "tools/cli/address.h"
#include "tools/cli/number.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static int copy_host(const char *text, size_t len, char host[CLI_HOST_MAX])
{
	if (len == 0 || len >= CLI_HOST_MAX)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c <= ' ' || c == 0x7f || c == '[' || c == ']' || c == '/')
			return -EINVAL;
	}
	memcpy(host, text, len);
	host[len] = '\0';
	return 0;
}

/* Copies the host; *rest is the ":PORT" behind it or the end. */
static int split(const char *text, char host[CLI_HOST_MAX], const char **rest)
{
	const char *colon = strchr(text, ':');

	if (*text == '[') {
		const char *end = strchr(text, ']');

		if (!end || !colon || colon > end || (end[1] && end[1] != ':'))
			return -EINVAL;
		*rest = end + 1;
		return copy_host(text + 1, (size_t)(end - text - 1), host);
	}
	if (!colon || strchr(colon + 1, ':'))
		colon = text + strlen(text);
	*rest = colon;
	return copy_host(text, (size_t)(colon - text), host);
}

int cli_host(const char *text, char host[CLI_HOST_MAX])
{
	char copy[CLI_HOST_MAX];
	const char *rest;

	if (split(text, copy, &rest) || *rest)
		return -EINVAL;
	memcpy(host, copy, strlen(copy) + 1);
	return 0;
}

int cli_host_port(const char *text, uint16_t min_port, char host[CLI_HOST_MAX], uint16_t *port)
{
	char copy[CLI_HOST_MAX];
	const char *rest;
	uint64_t number;

	if (split(text, copy, &rest))
		return -EINVAL;
	if (*rest) {
		if (cli_number(rest + 1, min_port, UINT16_MAX, &number))
			return -EINVAL;
		*port = (uint16_t)number;
	}
	memcpy(host, copy, strlen(copy) + 1);
	return 0;
}
