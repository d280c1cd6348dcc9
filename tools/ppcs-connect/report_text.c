/* SPDX-License-Identifier: MIT */
/* What came of the race, in lines for people. */
#include "connect.h"

#include "tools/cli/output.h"
#include "tools/cli/text.h"

#include <string.h>

static unsigned long long number(uint64_t value)
{
	return value;
}

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
	const struct ppcs_statistics *s = &hold->counted;

	if (cli_line("held %lld ms: %llu ALIVE sent, %llu received, %llu missed, %llu bytes, %s",
		     (long long)hold->elapsed_ms, number(s->alive_sent), number(s->alive_received),
		     number(s->alive_missed), number(s->data_bytes), hold->ended) ||
	    cli_line("  received  %llu packets: %llu again, %llu out of order, %llu without room",
		     number(s->data_packets), number(s->data_duplicates), number(s->data_ahead),
		     number(s->data_refused)))
		return cli_out_error();
	if (s->data_packets_sent == 0)
		return 0;
	return cli_line("  sent      %llu bytes in %llu packets: %llu again, loss %u.%u %%, "
			"round trip %u ms (least %u), %llu bytes not acknowledged",
			number(s->data_bytes_sent), number(s->data_packets_sent),
			number(s->data_resent), s->loss_permille / 10, s->loss_permille % 10,
			s->rtt_ms, s->rtt_min_ms, number(hold->unsent));
}
