/* SPDX-License-Identifier: MIT */
/* Keeping the session that was won alive for a while, and what became of it. */
#include "connect.h"

#include "settings.h"

#include "tools/cli/progress.h"
#include "tools/cli/wait.h"

#include <errno.h>

void hold_count(const struct ppcs *p, struct hold *hold, int64_t start_ms)
{
	hold->elapsed_ms = cli_now_ms() - start_ms;
	hold->counted = *ppcs_get_statistics(p);
	/* The event of the end has told it when there is no session any more. */
	for (unsigned i = 0; i < PPCS_CHANNELS; i++)
		hold->unsent += ppcs_get_unsent(p, i);
}

static const char *ended_by(int error)
{
	switch (error) {
	case 0:
		return "done";
	case -ETIMEDOUT:
		return "silent";
	case -ECONNREFUSED:
		return "other";
	default:
		return "closed";
	}
}

const char *hold_lost(const struct hold *hold)
{
	switch (hold->error) {
	case -ECONNRESET:
		return "the device closed it";
	case -ETIMEDOUT:
		return "the device fell silent";
	case -ECONNREFUSED:
		return "another device answers there now";
	default:
		return ppcs_strerror(hold->error);
	}
}

bool hold_note(struct hold *hold, const struct ppcs_event *event)
{
	if (event->type == PPCS_EVENT_DATA)
		hold->channel_bytes[event->channel] += event->size;
	if (event->type != PPCS_EVENT_CLOSED)
		return false;
	hold->error = event->error;
	hold->ended = ended_by(event->error);
	hold->unsent = event->unsent;
	return true;
}

/* True when the session is over. */
static bool take_events(struct ppcs *p, struct hold *hold)
{
	const struct ppcs_event *event;

	while ((event = ppcs_next_event(p)) != NULL)
		if (hold_note(hold, event))
			return true;
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

		if (left <= 0 || what < 0 || (what & (CLI_WAIT_SIGNAL | CLI_WAIT_OUTPUT)))
			break;
		what = cli_wait(ppcs_get_fd(p), (int)left);
		if (what >= 0 && ppcs_dispatch(p))
			break;
	}
	hold_count(p, hold, start);
	cli_progress_end();
	return hold->error ? CLI_EXIT_UNREACHABLE : CLI_EXIT_OK;
}
