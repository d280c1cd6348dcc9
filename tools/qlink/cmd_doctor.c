/* SPDX-License-Identifier: MIT */
/*
 * doctor: what this installation really does, port by port. Eight handles of one connection each
 * ask for an echo, all in one loop; the first of them, which has the longest patience, is then
 * asked in what style it answers and listened to.
 */
#include "commands.h"
#include "common.h"
#include "findings.h"

#include "tools/cli/output.h"
#include "tools/cli/progress.h"
#include "tools/cli/trace.h"
#include "tools/cli/wait.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define CLIENTS      8
#define ECHO_FIRST   23456 /* each client asks for another number: they may hear each other */
#define ECHO_STEP    1111
#define STYLE_NUMBER "12345"
/* A box needs a moment to give a slot back that was just closed. */
#define BUSY_MS   1000
#define OTHERS_MS 4000
#define LISTEN_MS 1000

enum state {
	ASKED,
	ANSWERED,
	TURNED_AWAY,
	UNANSWERED
};

struct client {
	struct qlink *q;
	unsigned number;
	uint32_t id;       /* of its echo */
	uint32_t style_id; /* of the command without modifier, while under way */
	const char *style; /* that it was answered in, NULL unknown */
	enum state state;
	bool accepted; /* connected, at least for a moment */
	bool patient;  /* a refusal is not the end: it asks again */
	int error;     /* of the last failure */
};

struct doctor {
	struct job job;
	int epoll_fd;
	struct client clients[CLIENTS];
	struct finding ports[2];
	size_t port_count;
};

/* The numbers of connections tell the clients apart in the log: "<" becomes "<3". */
static void log_client(void *userdata, int level, const char *text)
{
	const struct client *c = userdata;
	struct cli_text line = { 0 };

	if (level != CLI_LOG_WIRE || c->number == 1) {
		cli_log(NULL, level, text);
		return;
	}
	cli_text_printf(&line, "%c%u%s", text[0], c->number, text + strcspn(text, " "));
	if (!line.error)
		cli_log(NULL, level, line.data);
	cli_text_free(&line);
}

static int make_echo(struct qlink *q, const void *arguments, uint32_t *ret_id)
{
	const struct client *c = arguments;

	return qlink_echo(q, ECHO_FIRST + ECHO_STEP * (c->number - 1), ret_id);
}

/* A client that begins to connect and has its echo queued; 0 or a negative errno. */
static int start_client(struct doctor *d, struct client *c, uint16_t port)
{
	struct job job;
	struct epoll_event event = { .events = EPOLLIN };
	int err;

	if (job_begin(&job, d->job.cli, "doctor", 0, NULL))
		return -ENOMEM;
	c->q = job.q;
	err = qlink_set_address(c->q, d->job.cli->host, port);
	if (!err)
		err = qlink_set_mode(c->q, QLINK_MODE_SPLIT);
	if (!err)
		err = qlink_set_connections(c->q, 1);
	if (!err && cli_log_level() >= 0)
		err = qlink_set_log(c->q, (enum qlink_log_level)cli_log_level(), log_client, c);
	if (!err)
		err = qlink_connect(c->q);
	if (!err)
		err = make_echo(c->q, c, &c->id);
	if (!err && epoll_ctl(d->epoll_fd, EPOLL_CTL_ADD, qlink_get_fd(c->q), &event) < 0)
		err = -errno;
	return err;
}

static void stop_clients(struct doctor *d)
{
	for (size_t i = 0; i < CLIENTS; i++) {
		qlink_free(d->clients[i].q);
		d->clients[i].q = NULL;
	}
}

static void take_result(struct client *c, const struct qlink_event *e)
{
	if (e->id == c->id && c->state == ASKED) {
		c->state = e->error ? UNANSWERED : ANSWERED;
		c->error = e->error;
	}
	if (e->id != c->style_id)
		return;
	c->style_id = 0;
	if (e->text.data && strcmp(e->text.data, STYLE_NUMBER) == 0)
		c->style = "regular";
	else if (e->text.data && strncmp(e->text.data, "REC", 3) == 0)
		c->style = "detailed";
}

static void take_event(struct client *c, const struct qlink_event *e)
{
	switch (e->type) {
	case QLINK_EVENT_CONNECTED:
		c->accepted = true;
		break;
	case QLINK_EVENT_CONNECT_FAILED:
	case QLINK_EVENT_DISCONNECTED:
		c->error = e->error;
		if (c->state == ANSWERED || (c->state == ASKED && !c->patient))
			c->state = TURNED_AWAY;
		break;
	case QLINK_EVENT_RESULT:
		take_result(c, e);
		break;
	default:
		break;
	}
}

/* Lets all clients work once; 0, -ETIMEDOUT at the deadline, or what ends the command. */
static int turn(struct doctor *d, int64_t deadline_ms)
{
	int64_t left = deadline_ms - cli_now_ms();
	int what;

	if (left <= 0)
		return -ETIMEDOUT;
	what = cli_wait(d->epoll_fd, (int)left);
	if (what < 0)
		return what;
	if (what & (CLI_WAIT_SIGNAL | CLI_WAIT_OUTPUT))
		return -EINTR;
	for (size_t i = 0; i < CLIENTS; i++) {
		struct client *c = &d->clients[i];
		const struct qlink_event *e;
		int err = c->q ? qlink_dispatch(c->q) : 0;

		if (err)
			return err;
		while ((e = qlink_next_event(c->q)) != NULL)
			take_event(c, e);
		if (c->state == TURNED_AWAY)
			qlink_disconnect(c->q);
	}
	return 0;
}

static bool any_asked(const struct doctor *d)
{
	for (size_t i = 0; i < CLIENTS; i++)
		if (d->clients[i].q && d->clients[i].state == ASKED)
			return true;
	return false;
}

/* Until everybody has an answer or none to hope for. */
static int settle(struct doctor *d, int64_t deadline_ms)
{
	int err = 0;

	while (!err && any_asked(d))
		err = turn(d, deadline_ms);
	return err == -ETIMEDOUT ? 0 : err;
}

/* The first client, alone: it is refused for good only when that lasts. */
static int ask_first(struct doctor *d, struct finding *port, int64_t deadline_ms)
{
	struct client *c = &d->clients[0];
	int64_t busy_ms = cli_now_ms() + BUSY_MS;
	int err = start_client(d, c, port->number);

	c->patient = true;
	while (!err && c->state == ASKED) {
		/* Refused before it was ever let in: patience for a moment only. */
		bool refused = !c->accepted && c->error;

		err = turn(d, refused && busy_ms < deadline_ms ? busy_ms : deadline_ms);
		if (err == -ETIMEDOUT)
			break;
	}
	c->patient = false;
	port->open = c->accepted;
	port->error = c->error ? c->error : c->accepted ? -ETIMEDOUT : -EHOSTUNREACH;
	if (c->state == ANSWERED)
		port->round_trip_ms = qlink_get_statistics(c->q)->answer_ms_last;
	return err == -ETIMEDOUT ? 0 : err;
}

/* The others, all at once while the first stays; those count that are there in the end. */
static int ask_others(struct doctor *d, struct finding *port, int64_t deadline_ms)
{
	int64_t limit_ms = cli_now_ms() + OTHERS_MS;
	int err = 0;

	for (size_t i = 1; i < CLIENTS && !err; i++)
		err = start_client(d, &d->clients[i], port->number);
	if (!err)
		err = settle(d, limit_ms < deadline_ms ? limit_ms : deadline_ms);
	for (size_t i = 0; i < CLIENTS; i++)
		port->connections += d->clients[i].state == ANSWERED;
	return err;
}

/* What a command without modifier is answered with. */
static int ask_style(struct doctor *d, struct finding *port, int64_t deadline_ms)
{
	struct client *c = &d->clients[0];
	int err = qlink_raw(c->q, "VEC " STYLE_NUMBER, QLINK_RAW_LINE, &c->style_id);

	while (!err && c->style_id)
		err = turn(d, deadline_ms);
	port->style = c->style;
	return err == -ETIMEDOUT ? 0 : err;
}

static int listen_a_while(struct doctor *d, struct finding *port, int64_t deadline_ms)
{
	const struct qlink_statistics *statistics = qlink_get_statistics(d->clients[0].q);
	int64_t limit_ms = cli_now_ms() + LISTEN_MS;
	int err = 0;

	while (!err)
		err = turn(d, limit_ms < deadline_ms ? limit_ms : deadline_ms);
	port->events = statistics->events;
	port->delimiter = statistics->crlf_lines > 0 ? "crlf" : "cr";
	return err == -ETIMEDOUT ? 0 : err;
}

static int examine(struct doctor *d, struct finding *port, int64_t deadline_ms)
{
	int err;

	for (unsigned i = 0; i < CLIENTS; i++)
		d->clients[i] = (struct client){ .number = i + 1 };
	cli_progress("port %u", port->number);
	err = ask_first(d, port, deadline_ms);
	if (!err && d->clients[0].state == ANSWERED)
		err = ask_others(d, port, deadline_ms);
	if (!err && d->clients[0].state == ANSWERED)
		err = ask_style(d, port, deadline_ms);
	if (!err && d->clients[0].state == ANSWERED)
		err = listen_a_while(d, port, deadline_ms);
	stop_clients(d);
	return err;
}

/* Findings, or the one line that says that there is nothing to find. */
static int conclude(struct doctor *d)
{
	char reason[REASON_MAX], all[2 * REASON_MAX + 64] = "";
	bool open = false;
	size_t len = 0;

	for (size_t i = 0; i < d->port_count; i++) {
		const struct finding *p = &d->ports[i];

		if (p->connections > 0) {
			findings_print(d->job.cli, d->ports, d->port_count);
			return CLI_EXIT_OK;
		}
		open |= p->open;
		error_words(reason, p->error, 0);
		len += (size_t)snprintf(all + len, sizeof(all) - len, "%sport %u: %s",
					i > 0 ? "; " : "", p->number, reason);
	}
	cli_message("%s: %s", d->job.what, all);
	return open ? CLI_EXIT_TIMEOUT : CLI_EXIT_UNREACHABLE;
}

static int examine_all(struct doctor *d)
{
	int err = 0;

	for (size_t i = 0; i < d->port_count && !err; i++) {
		int64_t left = d->job.deadline_ms - cli_now_ms();
		int64_t share = left / (int64_t)(d->port_count - i);

		err = examine(d, &d->ports[i], cli_now_ms() + share);
	}
	return err ? job_failed(&d->job, err, 0) : conclude(d);
}

int run_doctor(struct cli *cli, int argc, char **argv)
{
	struct doctor d = {
		.epoll_fd = -1,
		.ports = { { .number = cli->port, .role = "read and write" },
			   { .number = settings.query_port, .role = "queries" } },
		.port_count = cli->port == settings.query_port ? 1 : 2,
	};
	int status = job_begin(&d.job, cli, "doctor", argc, argv);

	if (!status) {
		d.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
		status = d.epoll_fd < 0 ? job_failed(&d.job, -errno, 0) : examine_all(&d);
	}
	if (d.epoll_fd >= 0)
		close(d.epoll_fd);
	job_end(&d.job);
	return status;
}
