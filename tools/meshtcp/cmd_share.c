/* SPDX-License-Identifier: MIT */
/* share: one node, many clients. A line for each that comes and goes. */
#include "tools/cli/address.h"
#include "tools/cli/json.h"
#include "tools/cli/output.h"
#include "tools/cli/progress.h"
#include "tools/cli/wait.h"
#include "tools/meshtcp/commands.h"
#include "tools/meshtcp/common.h"
#include "tools/meshtcp/notify.h"
#include "tools/meshtcp/share_socket.h"
#include "tools/meshtcp/words.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_CLIENTS 10
/* Address and port, with the brackets of IPv6. */
#define LISTEN_MAX (CLI_HOST_MAX + 8)

struct listen_address {
	char host[CLI_HOST_MAX];
	uint16_t port;
};

static struct listen_address listen_at = { "127.0.0.1", MESHTCP_SHARE_PORT };
static unsigned max_clients = DEFAULT_CLIENTS;
static bool allow_admin;

static int parse_listen(const char *value, void *dest, const char **why)
{
	struct listen_address *at = dest;

	*why = "not an address and a port (0: any)";
	at->port = MESHTCP_SHARE_PORT;
	return cli_host_port(value, 0, at->host, &at->port);
}

const struct cli_option share_options[] = {
	{ .name = "listen",
	  .kind = CLI_CUSTOM,
	  .arg = "ADDR:PORT",
	  .help = "where clients connect (default 127.0.0.1:4404)",
	  .dest = &listen_at,
	  .parse = parse_listen },
	{ .name = "max-clients",
	  .kind = CLI_UINT,
	  .arg = "N",
	  .help = "most clients at once (default 10)",
	  .dest = &max_clients,
	  .min = 1,
	  .max = MESHTCP_SHARE_MAX_CLIENTS },
	{ .name = "allow-admin",
	  .kind = CLI_FLAG,
	  .help = "let clients change and restart the node",
	  .dest = &allow_admin },
	{ .name = NULL },
};

struct share {
	struct link link;
	struct meshtcp_share *s;
	char path[SHARE_PATH_MAX]; /* of the Unix socket; "" = none */
	bool over;                 /* --count lines were printed, or cannot be */
};

/* A line: its time and name, then what there is of client, address and reason. */
static void tell(struct share *share, const char *name, const struct meshtcp_share_event *event)
{
	struct cli_json json = { 0 };
	char word[WORD_MAX];
	int err;

	if (share->link.cli->json) {
		cli_json_begin(&json);
		cli_json_now(&json, "time");
		cli_json_string(&json, "event", name);
		if (event->client)
			cli_json_uint(&json, "client", event->client);
		if (event->address)
			cli_json_string(&json, "address", event->address);
		if (event->reason)
			cli_json_string(&json, "reason", event->reason);
		err = cli_json_line(&json);
		cli_json_free(&json);
	} else {
		cli_print("%s %s", time_text((uint32_t)time(NULL), word), name);
		if (event->client)
			cli_print(" %" PRIu32, event->client);
		if (event->address)
			cli_print(" %s", event->address);
		if (event->reason)
			cli_print(" %s", event->reason);
		err = cli_print_end();
	}
	if (cli_counted(share->link.cli) || err)
		share->over = true;
}

static void tell_listening(struct share *share, const char *address)
{
	struct meshtcp_share_event event = { .address = address };

	if (!share->over)
		tell(share, "listening", &event);
}

static void take_event(struct share *share, const struct meshtcp_share_event *event)
{
	switch (event->type) {
	case MESHTCP_SHARE_CLIENT:
		tell(share, "client", event);
		break;
	case MESHTCP_SHARE_GONE:
		tell(share, "gone", event);
		break;
	case MESHTCP_SHARE_NODE_LOST:
		tell(share, "node_lost", event);
		notify("STATUS=the node is lost");
		break;
	case MESHTCP_SHARE_NODE_READY:
		cli_progress_end();
		share->link.ready = true;
		tell(share, "node_ready", event);
		notify("STATUS=the node serves");
		break;
	case MESHTCP_SHARE_OVERFLOW:
		cli_message("too slow: %" PRIu32 " lines were dropped", event->count);
		break;
	default:
		break;
	}
}

/* The node was never ready: a handle on the same connection knows why. */
static int why_not(struct share *share)
{
	int err = meshtcp_connect(share->link.m);

	return err ? err : link_reason(&share->link, -ETIMEDOUT);
}

/* Until something ends it. 0, or the error that made it fail. */
static int loop(struct share *share)
{
	const struct meshtcp_share_event *event;

	for (;;) {
		int what, left;

		while (!share->over && (event = meshtcp_share_next_event(share->s)) != NULL)
			take_event(share, event);
		left = link_time_left(&share->link);
		if (share->over || (share->link.ready && left == 0))
			return 0;
		if (left == 0)
			return why_not(share);
		what = cli_wait(meshtcp_share_get_fd(share->s), left);
		if (what < 0)
			return what;
		if (what & (CLI_WAIT_SIGNAL | CLI_WAIT_OUTPUT))
			return 0;
	}
}

/* The owner's other commands come this way; clients have the port if it is not there. */
static int listen_unix(struct share *share)
{
	const struct cli *cli = share->link.cli;
	int pid = 0, fd, err;

	if (!share_path(cli->host, cli->port, share->path))
		return 0;
	err = meshtcp_share_listen_unix(share->s, share->path);
	if (err != -EADDRINUSE) {
		if (err)
			cli_message("warning: cannot listen on %s: %s", share->path,
				    meshtcp_strerror(err));
		if (err)
			*share->path = '\0';
		return 0;
	}
	fd = share_open(share->path, &pid);
	if (fd >= 0)
		close(fd);
	return link_in_use(&share->link, pid);
}

static bool is_loopback(const char *host)
{
	return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
}

static int listen_tcp(struct share *share, char address[LISTEN_MAX])
{
	bool v6 = strchr(listen_at.host, ':') != NULL;
	uint16_t port = listen_at.port;
	int err = meshtcp_share_listen(share->s, listen_at.host, port, &port);

	if (err == -EINVAL)
		return cli_usage("share: '%.100s' is no numeric address", listen_at.host);
	snprintf(address, LISTEN_MAX, "%s%s%s:%u", v6 ? "[" : "", listen_at.host, v6 ? "]" : "",
		 port);
	if (err) {
		cli_message("share: cannot listen on %s: %s", address, meshtcp_strerror(err));
		return CLI_EXIT_USAGE;
	}
	if (!is_loopback(listen_at.host))
		cli_message("warning: there is no login: whoever reaches %s uses the node",
			    address);
	return 0;
}

static int start(struct share *share)
{
	int err = meshtcp_share_start(share->s);

	if (err == -EBUSY)
		return link_in_use(&share->link, meshtcp_share_get_holder(share->s));
	return err ? link_fail(&share->link, err, NULL) : 0;
}

static int set_options(struct share *share)
{
	int err = meshtcp_share_new(share->link.m, &share->s);

	if (!err)
		err = meshtcp_share_set_max_clients(share->s, max_clients);
	if (!err)
		err = meshtcp_share_set_allow_admin(share->s, allow_admin);
	return err ? link_fail(&share->link, err, NULL) : 0;
}

static int serve(struct share *share)
{
	char address[LISTEN_MAX];
	int err, status = set_options(share);

	/* Who shares the node already is told before what he occupies. */
	if (!status)
		status = listen_unix(share);
	if (!status)
		status = listen_tcp(share, address);
	if (!status)
		status = start(share);
	if (status)
		return status;
	tell_listening(share, address);
	if (*share->path)
		tell_listening(share, share->path);
	notify("READY=1\nSTATUS=waiting for the node");
	cli_progress("connecting to %s", share->link.cli->host);
	err = loop(share);
	notify("STOPPING=1");
	return err ? link_fail(&share->link, err, NULL) : 0;
}

/* Those that are still here go now. */
static void tell_rest(struct share *share)
{
	const struct meshtcp_share_event *event;

	meshtcp_share_stop(share->s);
	while (!share->over && (event = meshtcp_share_next_event(share->s)) != NULL)
		if (event->type == MESHTCP_SHARE_GONE)
			take_event(share, event);
}

int cmd_share(struct cli *cli, int argc, char **argv)
{
	static struct share share;
	int status;

	(void)argc;
	(void)argv;
	if (!cli->host)
		return link_no_host();
	status = link_prepare(&share.link, cli, "share", true, MESHTCP_DOWNLOAD_ALL);
	if (!status)
		status = serve(&share);
	tell_rest(&share);
	meshtcp_share_free(share.s);
	return link_close(&share.link, status);
}
