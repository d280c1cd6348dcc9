/* SPDX-License-Identifier: MIT */
/* set, on, off, toggle, dim: give outputs a value and wait until a snapshot shows it. */
#include "tools/cli/output.h"
#include "tools/ipcom/action.h"
#include "tools/ipcom/commands.h"
#include "tools/ipcom/common.h"

#include <errno.h>

/* The command calls the output a dimmer, also where no file does. */
static void note_dimmer(struct house *house, const struct action *action)
{
	const struct ipcom_output *o = &action->settings[0].output;

	house->kinds[o->module - 1][o->output - 1] = IPCOM_DIMMER;
}

/* The requests wait in the library for the first snapshot. */
static int perform(struct link *link, const struct action *action)
{
	uint32_t ids[ACTION_OUTPUTS];
	size_t count = 0;
	int err;

	link_expect(link);
	err = action_start(action, link->ipcom, ids, &count);
	link->waiting = count;
	if (!err)
		err = link_await(link);
	return err ? link_fail(link, err) : 0;
}

static int run(struct cli *cli, const char *verb, int argc, char **argv)
{
	struct action action;
	struct link link;
	char why[CLI_WHY_MAX];
	int status = link_open(&link, cli, verb);
	int err;

	if (status)
		return link_close(&link, status);
	err = action_parse(&link.house, verb, argc, argv, &action, why);
	if (err == -EPERM) {
		cli_message("%s", why);
		return link_close(&link, CLI_EXIT_PROTECTED);
	}
	if (err)
		return link_close(&link, cli_usage("%s", why));
	if (action.dim)
		note_dimmer(&link.house, &action);
	status = link_connect(&link, false);
	if (!status)
		status = perform(&link, &action);
	return link_close(&link, status);
}

int cmd_set(struct cli *cli, int argc, char **argv)
{
	return run(cli, "set", argc, argv);
}

int cmd_on(struct cli *cli, int argc, char **argv)
{
	return run(cli, "on", argc, argv);
}

int cmd_off(struct cli *cli, int argc, char **argv)
{
	return run(cli, "off", argc, argv);
}

int cmd_toggle(struct cli *cli, int argc, char **argv)
{
	return run(cli, "toggle", argc, argv);
}

int cmd_dim(struct cli *cli, int argc, char **argv)
{
	return run(cli, "dim", argc, argv);
}
