/* SPDX-License-Identifier: MIT */
/* One connection to the node, from the options to the exit status. */
#include "tools/meshtcp/common.h"
#include "tools/cli/output.h"
#include "tools/cli/progress.h"
#include "tools/cli/signal.h"
#include "tools/cli/trace.h"
#include "tools/cli/wait.h"
#include "tools/meshtcp/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define REQUEST_MAX_MS 3600000
/* Who waits for a command does not wait long for the next attempt. */
#define RETRY_MS     500
#define RETRY_MAX_MS 4000

/* Whom to talk to for the node that the options name; without a host it is a share. */
static int set_peer(const struct link *link)
{
	if (!link->cli->host)
		return 0;
	return meshtcp_set_address(link->m, link->cli->host, link->cli->port);
}

static int set_options(const struct link *link, bool streaming, enum meshtcp_download download)
{
	struct meshtcp *m = link->m;
	int err = set_peer(link);

	if (!err)
		err = meshtcp_set_download(m, download);
	if (!err)
		err = meshtcp_set_force(m, options.force);
	if (!err && !streaming)
		err = meshtcp_set_reconnect(m, RETRY_MS, RETRY_MAX_MS);
	if (!err && cli_log_level() >= 0)
		err = meshtcp_set_log(m, (enum meshtcp_log_level)cli_log_level(), cli_log, NULL);
	return err;
}

int link_prepare(struct link *link, struct cli *cli, const char *command, bool streaming,
		 enum meshtcp_download download)
{
	int err;

	*link = (struct link){ .cli = cli, .command = command };
	err = meshtcp_new(&link->m);
	if (!err)
		err = set_options(link, streaming, download);
	return err ? link_fail(link, err, NULL) : 0;
}

int link_no_host(void)
{
	return cli_usage("no host: give --host, set MESHTCP_HOST, or name it in the configuration "
			 "file");
}

int link_in_use(const struct link *link, int pid)
{
	char path[64], name[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	file = pid > 0 ? fopen(path, "re") : NULL;
	if (file && fgets(name, sizeof(name), file))
		name[strcspn(name, "\n")] = '\0';
	if (file)
		fclose(file);
	if (pid > 0)
		cli_message("%s: the node is in use by process %d%s%s%s: --force takes it away",
			    link->command, pid, *name ? " (" : "", name, *name ? ")" : "");
	else
		cli_message("%s: the node is in use by another process: --force takes it away",
			    link->command);
	return CLI_EXIT_PROTECTED;
}

/* Through a share: its connection, or an error. */
static int adopt(struct link *link, int fd)
{
	int err = fd < 0 ? fd : meshtcp_connect_fd(link->m, fd);

	if (err && fd >= 0)
		close(fd);
	/* From now on there is somebody to say goodbye to. */
	if (!err)
		err = cli_signal_init();
	if (err)
		*link->share = '\0';
	return err;
}

static int connect_anywhere(struct link *link)
{
	int err = adopt(link, share_find(0, link->share));

	if (err == -ENOENT)
		return link_no_host();
	if (err == -E2BIG)
		return cli_usage("several nodes are shared here: give --host");
	return err ? link_fail(link, err, NULL) : 0;
}

/* The share of the node by the name that it has here. */
static bool connect_named(struct link *link)
{
	int pid;

	return !options.force && share_path(link->cli->host, link->cli->port, link->share) &&
	       adopt(link, share_open(link->share, &pid)) == 0;
}

int link_connect(struct link *link)
{
	int err, pid;

	if (!link->cli->host)
		return connect_anywhere(link);
	if (connect_named(link))
		return 0;
	cli_progress("connecting to %s", link->cli->host);
	err = meshtcp_connect(link->m);
	if (!err)
		err = cli_signal_init();
	if (err != -EBUSY)
		return err ? link_fail(link, err, NULL) : 0;
	/* A share may know the node by another name. */
	pid = meshtcp_get_holder(link->m);
	if (pid > 0 && adopt(link, share_find(pid, link->share)) == 0)
		return 0;
	return link_in_use(link, pid);
}

int link_mend(struct link *link, int left)
{
	int64_t now = cli_now_ms();
	int wait;

	if (!link->lost)
		return left;
	if (now >= link->retry_at) {
		int pid, fd = share_open(link->share, &pid);

		/* Out of the connection that is lost. */
		meshtcp_disconnect(link->m);
		link->lost = fd < 0 || meshtcp_connect_fd(link->m, fd) != 0;
		if (link->lost && fd >= 0)
			close(fd);
		if (!link->lost)
			return left;
		link->retry_at = now + RETRY_MS;
	}
	wait = (int)(link->retry_at - now);
	return left >= 0 && left < wait ? left : wait;
}

int link_open(struct link *link, struct cli *cli, const char *command,
	      enum meshtcp_download download)
{
	int status = link_prepare(link, cli, command, false, download);

	return status ? status : link_connect(link);
}

void link_note(struct link *link, const struct meshtcp_event *event)
{
	switch (event->type) {
	case MESHTCP_EVENT_STATE:
		if (event->state == MESHTCP_STATE_DOWNLOADING ||
		    event->state == MESHTCP_STATE_READY)
			link->connected = true;
		if (event->state == MESHTCP_STATE_READY)
			link->ready = true;
		/* Through a share nothing is mended without us. */
		if (event->state == MESHTCP_STATE_IDLE && event->reason != MESHTCP_REASON_LOCAL &&
		    *link->share) {
			link->lost = true;
			link->retry_at = cli_now_ms() + RETRY_MS;
		}
		break;
	case MESHTCP_EVENT_NOTIFICATION:
		snprintf(link->notice, sizeof(link->notice), "%s", event->text);
		break;
	default:
		break;
	}
}

static const struct meshtcp_event *next_event(struct link *link)
{
	const struct meshtcp_event *event = meshtcp_next_event(link->m);

	if (event)
		link_note(link, event);
	return event;
}

/* Until something comes or the time is up. 0, -ETIMEDOUT, -ECANCELED or an error. */
static int turn(const struct link *link, int timeout_ms)
{
	int what = cli_wait(meshtcp_get_fd(link->m), timeout_ms);

	if (what < 0)
		return what;
	if (what & (CLI_WAIT_SIGNAL | CLI_WAIT_OUTPUT))
		return -ECANCELED;
	if (what == 0)
		return -ETIMEDOUT;
	return meshtcp_dispatch(link->m);
}

int link_ready(struct link *link)
{
	int err = 0;

	while (!err && !link->ready) {
		if (link->lost)
			err = -ECONNRESET;
		else if (!next_event(link))
			err = turn(link, cli_time_left(link->cli));
	}
	return err ? link_fail(link, link_reason(link, err), NULL) : 0;
}

int link_time_left(const struct link *link)
{
	int duration = cli_duration_left(link->cli);
	int limit = cli_time_left(link->cli);

	if (link->ready)
		return duration;
	return duration >= 0 && duration < limit ? duration : limit;
}

int link_names(struct link *link)
{
	const struct meshtcp_nodes *nodes;
	int err = meshtcp_get_nodes(link->m, &nodes);

	if (err)
		return link_fail(link, err, NULL);
	meshtcp_nodes_free(link->nodes);
	link->nodes = nodes;
	return 0;
}

void link_expect(struct link *link)
{
	int left = cli_time_left(link->cli);

	if (left < 1)
		left = 1;
	if (left > REQUEST_MAX_MS)
		left = REQUEST_MAX_MS;
	meshtcp_set_timeout(link->m, (unsigned)left);
	cli_progress("%s", link->command);
}

int link_await(struct link *link, uint32_t id, const struct meshtcp_event **ret_event)
{
	*ret_event = NULL;
	for (;;) {
		const struct meshtcp_event *event = next_event(link);
		int err;

		if (event && event->type == MESHTCP_EVENT_RESULT && event->id == id) {
			*ret_event = event;
			return event->error;
		}
		/* It ends by itself in the time that link_expect() has given it. */
		err = event ? 0 : turn(link, -1);
		if (err)
			return err;
	}
}

int link_result(struct link *link, int err, const uint32_t *id,
		const struct meshtcp_event **ret_event)
{
	*ret_event = NULL;
	if (!err)
		err = link_await(link, *id, ret_event);
	return err ? link_fail(link, link_reason(link, err), *ret_event) : 0;
}

int link_reason(struct link *link, int err)
{
	int other;

	if (err != -ETIMEDOUT)
		return err;
	other = meshtcp_ready_sync(link->m, 0);
	/* A node that takes connections but gives no download was reached all the same. */
	if (!other || (link->connected && !link->ready &&
		       meshtcp_get_statistics(link->m)->last_reason == MESHTCP_REASON_TIMEOUT))
		return -ETIMEDOUT;
	return other;
}

static bool is_unreachable(int err)
{
	return cli_exit_for(err) == CLI_EXIT_UNREACHABLE;
}

/* What the node's queue said has names of its own. */
static const char *refusal_name(const struct meshtcp_event *event)
{
	static const struct {
		unsigned number;
		const char *name;
	} names[] = { { 32, "QUEUE_FULL" }, { 33, "NO_RADIO" }, { 34, "SENDING_DISABLED" } };

	if (!event)
		return NULL;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (event->queue_error == names[i].number)
			return names[i].name;
	return meshtcp_routing_error_name(event->routing_error);
}

void link_words(const struct link *link, int err, const struct meshtcp_event *event,
		char why[WHY_MAX])
{
	const char *name = refusal_name(event);

	if (is_unreachable(err) && *link->share)
		snprintf(why, WHY_MAX, "share at %.150s: %s", link->share, meshtcp_strerror(err));
	else if (is_unreachable(err))
		snprintf(why, WHY_MAX, "%.150s port %u: %s", link->cli->host, link->cli->port,
			 meshtcp_strerror(err));
	else if (err == -EIO && name)
		snprintf(why, WHY_MAX, "%s", name);
	else if (err == -EIO)
		snprintf(why, WHY_MAX, "error %u", event ? event->routing_error : 0);
	else
		snprintf(why, WHY_MAX, "%s", meshtcp_strerror(err));
}

int link_fail(struct link *link, int err, const struct meshtcp_event *event)
{
	char why[WHY_MAX];

	/* The end that somebody asked for needs no words. */
	if (err == -ECANCELED)
		return CLI_EXIT_REFUSED;
	link_words(link, err, event, why);
	cli_message("%s: %s%s%s%s%s", link->command, err == -EIO ? "refused: " : "", why,
		    *link->notice ? " (the node says: " : "", link->notice,
		    *link->notice ? ")" : "");
	return err == -EMSGSIZE ? CLI_EXIT_USAGE : (int)cli_exit_for(err);
}

int link_close(struct link *link, int status)
{
	cli_progress_end();
	meshtcp_nodes_free(link->nodes);
	meshtcp_free(link->m);
	return status;
}
