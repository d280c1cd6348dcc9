/* SPDX-License-Identifier: MIT */
/* The race on the terminal as it runs: a line per racer. */
#include "connect.h"

#include "tools/cli/progress.h"
#include "tools/cli/text.h"

/* How far the best of the attempts that run has come. */
static enum ppcs_level best_level(const struct ppcs_racer *racer)
{
	enum ppcs_level best = PPCS_LEVEL_NONE;

	for (size_t i = 0; i < racer->attempt_count; i++)
		if (racer->attempts[i].state == PPCS_RUNNING && racer->attempts[i].level > best)
			best = racer->attempts[i].level;
	return best;
}

static unsigned running(const struct ppcs_racer *racer)
{
	unsigned count = 0;

	for (size_t i = 0; i < racer->attempt_count; i++)
		count += racer->attempts[i].state == PPCS_RUNNING;
	return count;
}

static const char *words_for(enum ppcs_level level)
{
	switch (level) {
	case PPCS_LEVEL_ANSWER:
		return "answered";
	case PPCS_LEVEL_PATH:
		return "path up";
	case PPCS_LEVEL_VERIFIED:
		return "device heard";
	default:
		return "asking";
	}
}

static void add_racer(struct cli_text *text, const struct ppcs_racer *racer)
{
	cli_text_printf(text, "\n  %-5s  ", ppcs_mode_name(racer->mode));
	if (racer->state == PPCS_RUNNING)
		cli_text_printf(text, "%-12s  port %-5u  attempts %u running, %u failed",
				words_for(best_level(racer)), racer->destination_port,
				running(racer), racer->retries);
	else
		cli_text_printf(text, "%-12s  %s", ppcs_racer_state_name(racer->state),
				racer->error ? racer->error : "");
}

void live_update(struct ppcs *p, const char *target)
{
	const struct ppcs_report *report = ppcs_get_report(p);
	struct cli_text text = { 0 };

	for (int mode = 0; mode < PPCS_MODES; mode++)
		add_racer(&text, &report->racers[mode]);
	if (!text.error)
		cli_progress("connecting to %.200s%s", target, text.data);
	cli_text_free(&text);
}
