/* SPDX-License-Identifier: MIT */
/* watch: what changes, line by line, over one connection that also takes commands. */
#include "tools/cli/json.h"
#include "tools/cli/output.h"
#include "tools/cli/wait.h"
#include "tools/ipcom/commands.h"
#include "tools/ipcom/common.h"
#include "tools/ipcom/options.h"
#include "tools/ipcom/watch_command.h"
#include "tools/ipcom/watch_input.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct watch {
	struct link link;
	struct cli_json json;
	struct ipcom_event change[IPCOM_MODULES * IPCOM_OUTPUTS]; /* since the last snapshot */
	size_t changes;
	bool over; /* --count lines were printed, or cannot be */
	bool lost;
	int told; /* why it was lost, as far as it was said */
	struct watch_input input;
	struct watch_commands commands;
};

static void print_change(struct watch *w, const struct ipcom_event *change)
{
	char text[OUTPUT_TEXT];
	const char *name = house_name(&w->link.house, change->output, text);

	cli_print_text(name, strlen(name));
	cli_print(" %u %u", change->old_value, change->value);
	if (cli_print_end() || cli_counted(w->link.cli))
		w->over = true;
}

static void add_change(struct watch *w, const struct ipcom_event *change)
{
	const struct device *d = house_device(&w->link.house, change->output);

	cli_json_object(&w->json, NULL);
	cli_json_uint(&w->json, "module", change->output.module);
	cli_json_uint(&w->json, "output", change->output.output);
	cli_json_uint(&w->json, "old", change->old_value);
	cli_json_uint(&w->json, "new", change->value);
	if (d) {
		cli_json_string(&w->json, "device_key", d->key);
		cli_json_string(&w->json, "display_name", d->display_name);
		cli_json_string(&w->json, "category", device_category_name(d->category));
	}
	cli_json_end(&w->json);
}

static void print_snapshot(struct watch *w)
{
	cli_json_begin(&w->json);
	cli_json_now(&w->json, "timestamp");
	cli_json_array(&w->json, "changes");
	for (size_t i = 0; i < w->changes; i++)
		add_change(w, &w->change[i]);
	cli_json_end(&w->json);
	if (cli_json_line(&w->json) || cli_counted(w->link.cli))
		w->over = true;
}

static void take_snapshot(struct watch *w)
{
	if (w->link.cli->json && (w->changes > 0 || !options.only_changes))
		print_snapshot(w);
	for (size_t i = 0; i < w->changes && !w->link.cli->json && !w->over; i++)
		print_change(w, &w->change[i]);
	w->changes = 0;
}

/* A line for the loss and for each new reason, not for every attempt. */
static void tell_state(struct watch *w, const struct ipcom_event *event)
{
	char text[CLI_WHY_MAX];

	if (event->state == IPCOM_STATE_READY) {
		if (w->lost)
			cli_message("connected again");
		w->lost = false;
		w->told = 0;
	}
	if (!w->link.ready || event->error == 0)
		return;
	if (!w->lost || event->error != w->told) {
		link_explain(&w->link, "connection lost", event->error, text);
		cli_message("%s; trying again", text);
	}
	w->lost = true;
	w->told = event->error;
}

static void take_event(struct watch *w, const struct ipcom_event *event)
{
	/* Before: of the first READY it must know that it was the first. */
	if (event->type == IPCOM_EVENT_STATE)
		tell_state(w, event);
	link_note(&w->link, event);
	switch (event->type) {
	case IPCOM_EVENT_CHANGED:
		if (w->changes < sizeof(w->change) / sizeof(w->change[0]))
			w->change[w->changes++] = *event;
		break;
	case IPCOM_EVENT_SNAPSHOT:
		take_snapshot(w);
		break;
	case IPCOM_EVENT_RESULT:
		watch_command_ended(&w->commands, &w->link, event);
		break;
	default:
		break;
	}
}

static void take_input(struct watch *w)
{
	char *line;
	size_t len;
	int ret;

	watch_input_read(&w->input, STDIN_FILENO);
	while ((ret = watch_input_line(&w->input, &line, &len)) != 0) {
		if (ret > 0)
			watch_command_start(&w->commands, &w->link, line, len);
		else
			cli_message("standard input: the line is too long");
	}
}

/* Until something ends it. 0, or the error that made it fail. */
static int loop(struct watch *w)
{
	struct ipcom *c = w->link.ipcom;
	const struct ipcom_event *event;

	for (;;) {
		int input = w->link.ready && !w->input.ended ? STDIN_FILENO : -1;
		int what, err;

		while (!w->over && (event = ipcom_next_event(c)) != NULL)
			take_event(w, event);
		if (w->over || cli_duration_left(w->link.cli) == 0)
			return 0;
		/* Only the way to the first snapshot can fail; later all is tried again. */
		if (w->link.error && !w->link.ready)
			return w->link.error;
		what = cli_wait_other(ipcom_get_fd(c), input, cli_duration_left(w->link.cli));
		if (what < 0)
			return what;
		if (what & (CLI_WAIT_SIGNAL | CLI_WAIT_OUTPUT))
			return 0;
		if (what & CLI_WAIT_OTHER)
			take_input(w);
		err = ipcom_dispatch(c);
		if (err)
			return err;
	}
}

/* A request of our own gets --timeout to be connected, and tells why it did not come to that. */
static int watch(struct watch *w)
{
	int status = link_connect(&w->link, true);
	int err;

	if (status)
		return status;
	link_expect(&w->link);
	err = ipcom_refresh(w->link.ipcom, NULL);
	if (!err)
		err = loop(w);
	return err ? link_fail(&w->link, err) : 0;
}

int cmd_watch(struct cli *cli, int argc, char **argv)
{
	static struct watch w;
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	const struct ipcom_event *event;
	int status;

	(void)argc;
	(void)argv;
	/* In the background of a terminal standard input ends instead of stopping the tool. */
	sigemptyset(&ignore.sa_mask);
	sigaction(SIGTTIN, &ignore, NULL);
	status = link_open(&w.link, cli, "watch");
	if (!status)
		status = watch(&w);
	link_disconnect(&w.link, status);
	/* Commands that did not come to their end are told of, too. */
	while (w.link.ipcom && (event = ipcom_next_event(w.link.ipcom)) != NULL)
		if (event->type == IPCOM_EVENT_RESULT)
			watch_command_ended(&w.commands, &w.link, event);
	cli_json_free(&w.json);
	return link_close(&w.link, status);
}
