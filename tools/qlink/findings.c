/* SPDX-License-Identifier: MIT */
/* What doctor has found out, for people or as one JSON object. */
#include "findings.h"

#include "common.h"

#include "tools/cli/json.h"
#include "tools/cli/output.h"

#include <string.h>

static void print_port(const struct finding *p)
{
	char reason[REASON_MAX];

	error_words(reason, p->error, 0);
	if (p->connections == 0) {
		cli_line("port %u (%s): %s: %s", p->number, p->role,
			 p->open ? "open, but nothing answers" : "closed", reason);
		return;
	}
	cli_line("port %u (%s): open", p->number, p->role);
	cli_line("  connections at once: %s%u", p->connections == CLIENTS ? "at least " : "",
		 p->connections);
	cli_line("  round trip: %u ms", (unsigned)p->round_trip_ms);
	cli_line("  answers without modifier: %s", p->style ? p->style : "unknown");
	if (p->delimiter)
		cli_line("  lines end in: %s", strcmp(p->delimiter, "cr") == 0 ? "CR" : "CR LF");
	cli_line("  uninvited events: %u", (unsigned)p->events);
}

static void json_port(struct cli_json *json, const struct finding *p)
{
	char reason[REASON_MAX];

	cli_json_object(json, NULL);
	cli_json_uint(json, "port", p->number);
	cli_json_string(json, "role", p->role);
	cli_json_bool(json, "open", p->open);
	cli_json_uint(json, "connections", p->connections);
	if (p->connections == 0) {
		error_words(reason, p->error, 0);
		cli_json_string(json, "error", reason);
	} else {
		cli_json_uint(json, "round_trip_ms", p->round_trip_ms);
		cli_json_string(json, "style", p->style);
		cli_json_string(json, "delimiter", p->delimiter);
		cli_json_uint(json, "uninvited_events", p->events);
	}
	cli_json_end(json);
}

void findings_print(const struct cli *cli, const struct finding *findings, size_t count)
{
	struct cli_json json = { 0 };

	if (!cli->json) {
		for (size_t i = 0; i < count; i++)
			print_port(&findings[i]);
		return;
	}
	cli_json_begin(&json);
	cli_json_string(&json, "host", cli->host);
	cli_json_array(&json, "ports");
	for (size_t i = 0; i < count; i++)
		json_port(&json, &findings[i]);
	cli_json_end(&json);
	cli_json_line(&json);
	cli_json_free(&json);
}
