/* SPDX-License-Identifier: MIT */
/* The race from its start to the exit status. */
#include "connect.h"

#include "dump.h"
#include "history.h"
#include "settings.h"

#include "tools/cli/output.h"
#include "tools/cli/progress.h"
#include "tools/cli/wait.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* How often the lines on a terminal are drawn anew. */
#define DRAW_MS 100

int exit_for(const struct ppcs_report *report)
{
	switch (-report->error) {
	case 0:
		return CLI_EXIT_OK;
	case EHOSTUNREACH:
	case ENOMEM: /* no socket could be opened */
		return CLI_EXIT_UNREACHABLE;
	case ETIMEDOUT:
		return CLI_EXIT_TIMEOUT;
	case EPROTO:
		return CLI_EXIT_PROTOCOL;
	default: /* somebody answered and refused */
		return CLI_EXIT_REFUSED;
	}
}

/*
 * Until the race and its losers are done. 0, or a negative errno: -ECANCELED after a signal. All
 * events stay to be taken: what the device says at once belongs to the session.
 */
static int await_race(struct ppcs *p, const char *target)
{
	for (;;) {
		enum ppcs_state state = ppcs_get_state(p);
		int what, err;

		if (state == PPCS_STATE_CONNECTED || state == PPCS_STATE_IDLE)
			return 0;
		live_update(p, target);
		what = cli_wait(ppcs_get_fd(p), DRAW_MS);
		if (what < 0)
			return what;
		if (what & (CLI_WAIT_SIGNAL | CLI_WAIT_OUTPUT))
			return -ECANCELED;
		err = ppcs_dispatch(p);
		if (err)
			return err;
	}
}

static int print_failure(const struct cli *cli, const struct ppcs_report *report,
			 const char *target)
{
	if (cli->json)
		report_json(report, NULL);
	cli_message("%s: not connected: %s", target, report->text);
	if (!cli->json && (cli->verbose > 0 || isatty(STDERR_FILENO)))
		report_racers(report, true);
	return exit_for(report);
}

/* Why a session that was won is no success. */
static void explain(const struct hold *hold, int status, bool piped, const char *target)
{
	unsigned long long unsent = hold->unsent, unwritten = hold->unwritten;

	if (status == CLI_EXIT_UNREACHABLE && piped)
		cli_message("%s: session lost: %s; %llu bytes were not acknowledged", target,
			    hold_lost(hold), unsent);
	else if (status == CLI_EXIT_UNREACHABLE)
		cli_message("%s: session lost: %s", target, hold_lost(hold));
	else if (status == CLI_EXIT_TIMEOUT)
		cli_message("%s: the time is up: %llu bytes were not acknowledged, %llu that came "
			    "were not written",
			    target, unsent, unwritten);
}

static int print_success(const struct cli *cli, struct ppcs *p, const struct ppcs_report *report,
			 const char *target)
{
	bool piped = settings.pipe < PPCS_CHANNELS; /* then standard output is not for words */
	struct hold hold = { .held = settings.hold_ms > 0 || piped };
	int status = CLI_EXIT_OK;

	if (!cli->json && report_success(report, piped) == 0)
		report_racers(report, piped);
	if (hold.held)
		status = piped ? pipe_run(p, &hold) : hold_run(p, &hold);
	if (cli->json)
		report_json(report, hold.held ? &hold : NULL);
	else if (hold.held)
		report_hold(&hold, piped);
	explain(&hold, status, piped, target);
	return status;
}

static int race(struct cli *cli, struct ppcs *p, const char *address, const char *target)
{
	const struct ppcs_report *report;
	int err = ppcs_connect(p);

	if (err) {
		const char *name = err == -EADDRNOTAVAIL ? settings_unresolved(address) : NULL;

		if (cli->json) {
			struct ppcs_report none = *ppcs_get_report(p);

			none.error = err;
			none.text = ppcs_strerror(err);
			report_json(&none, NULL);
		}
		cli_message("%s: %s", name ? name : target, ppcs_strerror(err));
		return err == -EADDRNOTAVAIL ? CLI_EXIT_UNREACHABLE : CLI_EXIT_REFUSED;
	}
	err = await_race(p, target);
	cli_progress_end();
	if (err == -ECANCELED)
		return CLI_EXIT_REFUSED;
	if (err) {
		cli_message("%s: %s", target, ppcs_strerror(err));
		return CLI_EXIT_REFUSED;
	}
	report = ppcs_get_report(p);
	history_save(p, report, target);
	return report->success ? print_success(cli, p, report, target) :
				 print_failure(cli, report, target);
}

static int start_dump(void)
{
	int err = settings.dump ? dump_open(settings.dump) : 0;

	if (!err)
		return 0;
	cli_message("--dump: %s: %s", settings.dump, strerror(-err));
	return CLI_EXIT_USAGE;
}

static void end_dump(void)
{
	int err = dump_close();

	if (err)
		cli_message("--dump: %s: %s", settings.dump, strerror(-err));
}

int cmd_connect(struct cli *cli, int argc, char **argv)
{
	const char *address = argc > 0 ? argv[0] : NULL;
	const char *target = address ? address : settings.uid ? settings.uid : "the LAN";
	struct ppcs *p = NULL;
	int err = ppcs_new(&p);
	int status;

	if (err) {
		cli_message("%s", ppcs_strerror(err));
		return CLI_EXIT_REFUSED;
	}
	status = settings_apply(cli, p, address);
	if (!status)
		status = start_dump();
	if (!status && settings.search) {
		status = search_run(cli, p);
	} else if (!status) {
		history_load(p, target);
		status = race(cli, p, address, target);
	}
	ppcs_disconnect_sync(p, DRAW_MS);
	ppcs_free(p);
	end_dump();
	return status;
}
