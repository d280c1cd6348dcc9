/* SPDX-License-Identifier: MIT */
/* telemetry, position, userinfo: what a node answers when it is asked. */
#include "tools/cli/output.h"
#include "tools/meshtcp/answer.h"
#include "tools/meshtcp/commands.h"
#include "tools/meshtcp/nodes.h"

#include <errno.h>

static int kind;
static const char *const kinds[] = { "device", "environment", "air", "power", "local", NULL };

const struct cli_option telemetry_options[] = {
	{ .name = "kind",
	  .kind = CLI_CHOICE,
	  .arg = "KIND",
	  .help = "device (default), environment, air, power or local",
	  .dest = &kind,
	  .choices = kinds },
	{ .name = NULL },
};

typedef int ask_fn(struct meshtcp *m, uint32_t to, uint32_t *ret_id);

static int ask(struct link *link, const char *text, ask_fn *make)
{
	const struct meshtcp_event *event;
	uint32_t num, id = 0;
	int status = link_node(link, text, &num);

	if (status)
		return status;
	link_expect(link);
	status = link_result(link, make(link->m, num, &id), &id, &event);
	return status ? status : answer_print(link, event->packet);
}

static int ask_node(struct cli *cli, const char *command, const char *text, ask_fn *make)
{
	struct link link;
	int status = node_single(command, text);

	if (status)
		return status;
	status = link_open(&link, cli, command, node_download(text, MESHTCP_DOWNLOAD_CONFIG));
	if (!status)
		status = ask(&link, text, make);
	return link_close(&link, status);
}

static int ask_telemetry(struct meshtcp *m, uint32_t num, uint32_t *ret_id)
{
	return meshtcp_ask_telemetry(
		m, num, (enum meshtcp_telemetry)(MESHTCP_TELEMETRY_DEVICE + kind), ret_id);
}

int cmd_telemetry(struct cli *cli, int argc, char **argv)
{
	(void)argc;
	return ask_node(cli, "telemetry", argv[0], ask_telemetry);
}

int cmd_position(struct cli *cli, int argc, char **argv)
{
	(void)argc;
	return ask_node(cli, "position", argv[0], meshtcp_ask_position);
}

int cmd_userinfo(struct cli *cli, int argc, char **argv)
{
	(void)argc;
	return ask_node(cli, "userinfo", argv[0], meshtcp_ask_user);
}
