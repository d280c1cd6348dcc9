/* SPDX-License-Identifier: MIT */
/* open, close, stop: set a shutter moving, or stop it, and wait until a snapshot shows it. */
#include "tools/ipcom/action.h"
#include "tools/ipcom/commands.h"
#include "tools/ipcom/common.h"

#include <errno.h>

static int move(struct link *link, const struct action *action)
{
	uint32_t id;
	size_t count = 0;
	int err;

	link_expect(link);
	err = action_start(action, link->ipcom, &id, &count);
	link->waiting = count;
	return err ? err : link_await(link);
}

/*
 * The library never moves a shutter again by itself, so one that is asked for without a connection
 * would be lost with it. Hence first a snapshot, then the movement; once more only if the device
 * was lost before the movement went out.
 */
static int perform(struct link *link, const struct action *action)
{
	uint8_t values[IPCOM_MODULES][IPCOM_OUTPUTS];
	int status, err;

	do {
		status = link_snapshot(link, values);
		if (status)
			return status;
		err = move(link, action);
	} while (err == -ECONNRESET && !link->sent && cli_time_left(link->cli) > 0);
	return err ? link_fail(link, err) : 0;
}

static int run(struct cli *cli, const char *verb, int argc, char **argv)
{
	struct action action;
	struct link link;
	char why[CLI_WHY_MAX];
	int status = link_open(&link, cli, verb);

	if (!status && action_parse(&link.house, verb, argc, argv, &action, why))
		status = cli_usage("%s", why);
	if (!status)
		status = link_connect(&link, false);
	if (!status)
		status = perform(&link, &action);
	return link_close(&link, status);
}

int cmd_open(struct cli *cli, int argc, char **argv)
{
	return run(cli, "open", argc, argv);
}

int cmd_close(struct cli *cli, int argc, char **argv)
{
	return run(cli, "close", argc, argv);
}

int cmd_stop(struct cli *cli, int argc, char **argv)
{
	return run(cli, "stop", argc, argv);
}
