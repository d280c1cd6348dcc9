/* SPDX-License-Identifier: MIT */
/*
 * probe: what the device tells at login, how fast it answers, and how many connections it bears:
 * one after the other is opened, and all are held, until one is not served or another one is lost.
 */
#include "tools/cli/json.h"
#include "tools/cli/output.h"
#include "tools/cli/progress.h"
#include "tools/cli/wait.h"
#include "tools/ipcom/commands.h"
#include "tools/ipcom/common.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/epoll.h>
#include <unistd.h>

#define CONNECTIONS_MAX 8
/* Time for one more connection; one that is not served is often not refused either. */
#define ONE_MORE_MS 3000
/* Long enough for never: connections are counted, not kept. */
#define NEVER_MS 3600000

struct probe {
	struct link link[CONNECTIONS_MAX];
	unsigned count; /* of the links opened */
	int epoll;      /* all of them as one descriptor */
};

/* How many have just proved to be alive. */
static unsigned alive(const struct probe *p)
{
	unsigned count = 0;

	for (unsigned i = 0; i < p->count; i++)
		count += !p->link[i].error && p->link[i].waiting == 0;
	return count;
}

/* Has each proved it, or failed? */
static bool settled(const struct probe *p)
{
	for (unsigned i = 0; i < p->count; i++)
		if (!p->link[i].error && p->link[i].waiting > 0)
			return false;
	return true;
}

static void take_events(struct link *link)
{
	const struct ipcom_event *event;

	ipcom_dispatch(link->ipcom);
	while ((event = ipcom_next_event(link->ipcom)) != NULL) {
		link_note(link, event);
		if (event->type == IPCOM_EVENT_STATE && event->error)
			link->error = event->error;
	}
}

/* Asks all for a snapshot and serves them until they have it or fail. 0 or an error. */
static int prove(struct probe *p, int64_t end)
{
	for (unsigned i = 0; i < p->count; i++) {
		int err;

		link_expect(&p->link[i]);
		err = ipcom_refresh(p->link[i].ipcom, NULL);
		if (err)
			return err;
		p->link[i].waiting = 1;
	}
	while (!settled(p) && cli_now_ms() < end) {
		int what = cli_wait(p->epoll, (int)(end - cli_now_ms()));

		if (what < 0)
			return what;
		if (what & (CLI_WAIT_SIGNAL | CLI_WAIT_OUTPUT))
			return -ECANCELED;
		for (unsigned i = 0; i < p->count; i++)
			take_events(&p->link[i]);
	}
	return 0;
}

static int add_to_epoll(struct probe *p, struct link *link)
{
	struct epoll_event event = { .events = EPOLLIN };
	int fd = ipcom_get_fd(link->ipcom);

	return epoll_ctl(p->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

/* One more connection, as quiet as can be. */
static int open_one(struct probe *p)
{
	struct link *link = &p->link[p->count++];
	int status;
	int err;

	link_bare(link, p->link[0].cli, "probe");
	status = link_prepare(link, false);
	if (status)
		return status;
	err = ipcom_set_poll_interval(link->ipcom, NEVER_MS);
	if (!err)
		err = ipcom_set_reconnect(link->ipcom, NEVER_MS, NEVER_MS);
	if (!err)
		err = ipcom_connect(link->ipcom);
	if (!err)
		err = add_to_epoll(p, link);
	return err ? link_fail(link, err) : 0;
}

/* 0, or an exit status with the failure told. */
static int count_connections(struct probe *p, unsigned *ret)
{
	struct cli *cli = p->link[0].cli;
	int err = add_to_epoll(p, &p->link[0]);

	*ret = 1;
	while (!err && p->count < CONNECTIONS_MAX && *ret == p->count) {
		int left = cli_time_left(cli);
		int status;

		cli_progress("opening connection %u", p->count + 1);
		status = open_one(p);
		if (status)
			return status;
		err = prove(p, cli_now_ms() + (left < ONE_MORE_MS ? left : ONE_MORE_MS));
		*ret = alive(p);
	}
	return err ? link_fail(&p->link[0], err) : 0;
}

static void print_json(const struct ipcom_statistics *s, unsigned connections)
{
	struct cli_json json = { 0 };

	cli_json_begin(&json);
	cli_json_string(&json, "firmware", *s->firmware ? s->firmware : NULL);
	cli_json_bool(&json, "encrypted", s->encrypted);
	cli_json_uint(&json, "login_ms", s->login_ms);
	cli_json_uint(&json, "poll_ms", s->answer_ms_last);
	cli_json_uint(&json, "connections", connections);
	cli_json_line(&json);
	cli_json_free(&json);
}

static void print_text(const struct ipcom_statistics *s, unsigned connections)
{
	cli_line("firmware %s", *s->firmware ? s->firmware : "unknown");
	cli_line("encrypted %s", s->encrypted ? "yes" : "no");
	cli_line("login %" PRIu64 " ms", s->login_ms);
	cli_line("poll %" PRIu64 " ms", s->answer_ms_last);
	cli_line("connections %u%s", connections, connections == CONNECTIONS_MAX ? " or more" : "");
}

static int run(struct probe *p)
{
	uint8_t values[IPCOM_MODULES][IPCOM_OUTPUTS];
	struct link *first = &p->link[0];
	struct ipcom_statistics statistics;
	unsigned connections = 1;
	int status = link_connect(first, false);

	if (!status)
		status = link_snapshot(first, values);
	if (status)
		return status;
	statistics = *ipcom_get_statistics(first->ipcom);
	status = count_connections(p, &connections);
	if (status)
		return status;
	if (first->cli->json)
		print_json(&statistics, connections);
	else
		print_text(&statistics, connections);
	return 0;
}

int cmd_probe(struct cli *cli, int argc, char **argv)
{
	static struct probe p;
	int status;

	(void)argc;
	(void)argv;
	link_bare(&p.link[0], cli, "probe");
	p.count = 1;
	p.epoll = epoll_create1(EPOLL_CLOEXEC);
	status = p.epoll < 0 ? link_fail(&p.link[0], -errno) : run(&p);
	while (p.count > 0)
		link_close(&p.link[--p.count], status);
	if (p.epoll >= 0)
		close(p.epoll);
	return status;
}
