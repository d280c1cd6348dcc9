/* SPDX-License-Identifier: MIT */
/* What came of the race, in lines for people. */
#include "connect.h"

#include "tools/cli/output.h"
#include "tools/cli/text.h"

#include <string.h>

static void add_racer(struct cli_text *text, const struct ppcs_racer *racer)
{
	cli_text_printf(text, "  %-5s  %-11s", ppcs_mode_name(racer->mode),
			ppcs_racer_state_name(racer->state));
	if (racer->state == PPCS_NOT_STARTED)
		return;
	if (racer->destination_port)
		cli_text_printf(text, "  port %-5u  local %-5u  retries %u",
				racer->destination_port, racer->local_port, racer->retries);
	cli_text_printf(text, "  %u ms", racer->elapsed_ms);
	if (racer->error && strcmp(racer->error, ppcs_racer_state_name(racer->state)) != 0)
		cli_text_printf(text, "  %s", racer->error);
}

void report_racers(const struct ppcs_report *report, bool to_stderr)
{
	for (int mode = 0; mode < PPCS_MODES; mode++) {
		struct cli_text text = { 0 };

		add_racer(&text, &report->racers[mode]);
		if (!text.error && to_stderr)
			cli_message("%s", text.data);
		else if (!text.error)
			cli_line("%s", text.data);
		cli_text_free(&text);
	}
}

int report_success(const struct ppcs_report *report)
{
	const struct ppcs_address *peer = &report->peer;

	return cli_line("connected via %s to %u.%u.%u.%u:%u in %u ms "
			"(asked port %u, local port %u, %s)",
			ppcs_mode_name(report->mode), peer->ip[0], peer->ip[1], peer->ip[2],
			peer->ip[3], peer->port, report->elapsed_ms, report->destination.port,
			report->local.port, report->uid);
}

int report_hold(const struct hold *hold)
{
	return cli_line("held %lld ms: %llu ALIVE sent, %llu received, %llu missed, %llu bytes, %s",
			(long long)hold->elapsed_ms, (unsigned long long)hold->alive_sent,
			(unsigned long long)hold->alive_received,
			(unsigned long long)hold->alive_missed,
			(unsigned long long)hold->data_bytes, hold->ended);
}
