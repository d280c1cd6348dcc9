/* SPDX-License-Identifier: MIT */
/* Keeping the session that was won alive for a while, and what became of it. */
#include "connect.h"

#include "settings.h"

#include "tools/cli/progress.h"
#include "tools/cli/wait.h"

#include <errno.h>

static void count(const struct ppcs *p, struct hold *hold, int64_t start)
{
	const struct ppcs_statistics *s = ppcs_get_statistics(p);

	hold->elapsed_ms = cli_now_ms() - start;
	hold->alive_sent = s->alive_sent;
	hold->alive_received = s->alive_received;
	hold->alive_missed = s->alive_missed;
	hold->data_bytes = s->data_bytes;
}

/* True when the session is over. */
static bool take_events(struct ppcs *p, struct hold *hold)
{
	const struct ppcs_event *event;

	while ((event = ppcs_next_event(p)) != NULL) {
		if (event->type != PPCS_EVENT_CLOSED)
			continue;
		hold->ended = event->error == -ETIMEDOUT ? "silent" : "closed";
		return true;
	}
	return false;
}

int hold_run(struct ppcs *p, struct hold *hold)
{
	int64_t start = cli_now_ms(), end = start + settings.hold_ms;
	int what = 0;

	hold->ended = "done";
	cli_progress("holding the session");
	while (!take_events(p, hold)) {
		int64_t left = end - cli_now_ms();

		/* It ended while the losers were closed, and that was told before the result. */
		if (ppcs_get_state(p) != PPCS_STATE_CONNECTED) {
			hold->ended = "closed";
			break;
		}
		if (left <= 0 || what < 0 || (what & (CLI_WAIT_SIGNAL | CLI_WAIT_OUTPUT)))
			break;
		what = cli_wait(ppcs_get_fd(p), (int)left);
		if (what >= 0 && ppcs_dispatch(p))
			break;
	}
	count(p, hold, start);
	cli_progress_end();
	return ppcs_get_state(p) == PPCS_STATE_CONNECTED ? CLI_EXIT_OK : CLI_EXIT_UNREACHABLE;
}
