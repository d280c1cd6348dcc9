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

/* Finishes a line. 0 or a negative errno. */
static int say(struct cli_text *text, bool to_stderr)
{
	int err = text->error;

	if (!err && to_stderr)
		cli_message("%s", text->data);
	else if (!err)
		err = cli_line("%s", text->data);
	cli_text_free(text);
	return err;
}

void report_racers(const struct ppcs_report *report, bool to_stderr)
{
	for (int mode = 0; mode < PPCS_MODES; mode++) {
		struct cli_text text = { 0 };

		add_racer(&text, &report->racers[mode]);
		say(&text, to_stderr);
	}
}

int report_success(const struct ppcs_report *report, bool to_stderr)
{
	const struct ppcs_address *peer = &report->peer;
	struct cli_text text = { 0 };

	cli_text_printf(&text,
			"connected via %s to %u.%u.%u.%u:%u in %u ms "
			"(asked port %u, local port %u, %s)",
			ppcs_mode_name(report->mode), peer->ip[0], peer->ip[1], peer->ip[2],
			peer->ip[3], peer->port, report->elapsed_ms, report->destination.port,
			report->local.port, report->uid);
	return say(&text, to_stderr);
}

static int say_life(const struct hold *hold, bool to_stderr)
{
	const struct ppcs_statistics *s = &hold->counted;
	struct cli_text text = { 0 };

	cli_text_printf(&text,
			"held %lld ms: %llu ALIVE sent, %llu received, %llu missed, %llu bytes, %s",
			(long long)hold->elapsed_ms, number(s->alive_sent),
			number(s->alive_received), number(s->alive_missed), number(s->data_bytes),
			hold->ended);
	return say(&text, to_stderr);
}

static int say_received(const struct ppcs_statistics *s, bool to_stderr)
{
	struct cli_text text = { 0 };

	cli_text_printf(
		&text, "  received  %llu packets: %llu again, %llu out of order, %llu without room",
		number(s->data_packets), number(s->data_duplicates), number(s->data_ahead),
		number(s->data_refused));
	return say(&text, to_stderr);
}

static int say_sent(const struct hold *hold, bool to_stderr)
{
	const struct ppcs_statistics *s = &hold->counted;
	struct cli_text text = { 0 };

	cli_text_printf(&text,
			"  sent      %llu bytes in %llu packets: %llu again, loss %u.%u %%, "
			"round trip %u ms (least %u), %llu bytes not acknowledged",
			number(s->data_bytes_sent), number(s->data_packets_sent),
			number(s->data_resent), s->loss_permille / 10, s->loss_permille % 10,
			s->rtt_ms, s->rtt_min_ms, number(hold->unsent));
	return say(&text, to_stderr);
}

int report_hold(const struct hold *hold, bool to_stderr)
{
	const struct ppcs_statistics *s = &hold->counted;
	int err = say_life(hold, to_stderr);

	if (!err)
		err = say_received(s, to_stderr);
	if (!err && (s->data_packets_sent > 0 || hold->unsent > 0))
		err = say_sent(hold, to_stderr);
	return err;
}
