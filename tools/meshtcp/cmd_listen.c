/* SPDX-License-Identifier: MIT */
/* listen: a line for each packet that the node hands over. */
#include "tools/cli/output.h"
#include "tools/cli/progress.h"
#include "tools/cli/wait.h"
#include "tools/meshtcp/commands.h"
#include "tools/meshtcp/nodes.h"
#include "tools/meshtcp/options.h"
#include "tools/meshtcp/packet.h"
#include "tools/meshtcp/words.h"

#include <errno.h>
#include <string.h>

static struct cli_list kinds;
static const char *sender;

const struct cli_option listen_options[] = {
	{ .name = "kind",
	  .kind = CLI_TEXT_LIST,
	  .arg = "KIND",
	  .help = "text, position, telemetry, ... or a port; may be given again",
	  .dest = &kinds },
	{ .name = "from",
	  .kind = CLI_TEXT,
	  .arg = "NODE",
	  .help = "from this node alone",
	  .dest = &sender },
	SHOW_KEYS_OPTION,
	{ .name = NULL },
};

#define ENCRYPTED "encrypted"

struct listen {
	struct link link;
	bool wanted[PORT_MAX + 1]; /* ports */
	bool encrypted;            /* packets that the node cannot read are wanted */
	uint32_t from;             /* 0: from all */
	bool over;                 /* --count lines were printed, or cannot be */
	bool lost;
};

static int parse_kinds(struct listen *l)
{
	unsigned port;

	for (size_t i = 0; i < kinds.count; i++) {
		if (strcmp(kinds.item[i], ENCRYPTED) == 0)
			l->encrypted = true;
		else if (port_parse(kinds.item[i], &port) == 0)
			l->wanted[port] = true;
		else
			return cli_usage("listen: '%.100s' is no kind of packet", kinds.item[i]);
	}
	return 0;
}

static bool is_wanted(const struct listen *l, const struct meshtcp_packet *packet)
{
	if (l->from != 0 && packet->from != l->from)
		return false;
	if (kinds.count == 0)
		return true;
	return packet->encrypted ? l->encrypted : l->wanted[packet->port];
}

static void tell_state(struct listen *l, const struct meshtcp_event *event)
{
	if (event->state == MESHTCP_STATE_READY) {
		cli_progress_end();
		if (l->lost)
			cli_message("connected again");
		l->lost = false;
	}
	/* Once for a loss, not for every attempt to mend it. */
	if ((event->state == MESHTCP_STATE_BACKOFF || l->link.lost) && l->link.ready && !l->lost) {
		cli_message("connection lost: %s; trying again",
			    meshtcp_reason_name(event->reason));
		l->lost = true;
	}
}

static void take_event(struct listen *l, const struct meshtcp_event *event)
{
	char label[NODE_LABEL];

	link_note(&l->link, event);
	switch (event->type) {
	case MESHTCP_EVENT_STATE:
		tell_state(l, event);
		if (event->state == MESHTCP_STATE_READY && !l->link.cli->json)
			link_names(&l->link);
		break;
	case MESHTCP_EVENT_NODE:
		if (!l->link.cli->json)
			link_names(&l->link);
		break;
	case MESHTCP_EVENT_PACKET:
		if (is_wanted(l, event->packet) &&
		    (packet_print(&l->link, event->packet) || cli_counted(l->link.cli)))
			l->over = true;
		break;
	case MESHTCP_EVENT_KEY_CHANGED:
		cli_message("warning: %s has another public key than before",
			    node_label(&l->link, event->node, label));
		break;
	case MESHTCP_EVENT_NOTIFICATION:
		cli_message("the node says: %s", event->text);
		break;
	case MESHTCP_EVENT_OVERFLOW:
		cli_message("too slow: %u packets were dropped", (unsigned)event->count);
		break;
	default:
		break;
	}
}

/* Until something ends it. 0, or the error that made it fail. */
static int loop(struct listen *l)
{
	const struct meshtcp_event *event;

	for (;;) {
		int what, left;

		while (!l->over && (event = meshtcp_next_event(l->link.m)) != NULL)
			take_event(l, event);
		left = link_time_left(&l->link);
		if (l->over || (l->link.ready && left == 0))
			return 0;
		if (left == 0)
			return link_reason(&l->link, -ETIMEDOUT);
		what = cli_wait(meshtcp_get_fd(l->link.m), link_mend(&l->link, left));
		if (what < 0)
			return what;
		if (what & (CLI_WAIT_SIGNAL | CLI_WAIT_OUTPUT))
			return 0;
		meshtcp_dispatch(l->link.m);
	}
}

static enum meshtcp_download download(const struct cli *cli)
{
	/* People are shown names. */
	enum meshtcp_download enough = cli->json ? MESHTCP_DOWNLOAD_CONFIG : MESHTCP_DOWNLOAD_ALL;

	return sender ? node_download(sender, enough) : enough;
}

static int follow(struct listen *l)
{
	struct meshtcp_info info;
	int status = sender ? link_node(&l->link, sender, &l->from) : 0;
	int err;

	/* The node itself is named by its number in what it sends. */
	if (!status && sender && l->from == MESHTCP_LOCAL) {
		status = link_ready(&l->link);
		if (!status && meshtcp_get_info(l->link.m, &info) == 0)
			l->from = info.num;
	}
	if (!status && l->link.ready && !l->link.cli->json)
		status = link_names(&l->link);
	if (status)
		return status;
	err = loop(l);
	return err ? link_fail(&l->link, err, NULL) : 0;
}

int cmd_listen(struct cli *cli, int argc, char **argv)
{
	static struct listen l;
	int status = parse_kinds(&l);

	(void)argc;
	(void)argv;
	if (!status && sender)
		status = node_single("listen", sender);
	if (status)
		return status;
	status = link_prepare(&l.link, cli, "listen", true, download(cli));
	if (!status)
		status = link_connect(&l.link);
	if (!status)
		status = follow(&l);
	return link_close(&l.link, status);
}
