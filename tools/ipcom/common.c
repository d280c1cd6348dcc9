/* SPDX-License-Identifier: MIT */
/* One session with the device, from the options to the exit status. */
#include "tools/ipcom/common.h"
#include "tools/cli/output.h"
#include "tools/cli/progress.h"
#include "tools/cli/trace.h"
#include "tools/cli/wait.h"
#include "tools/ipcom/options.h"
#include "tools/ipcom/password.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define REQUEST_MAX_MS   3600000
#define UNREADABLE_MAX   2
#define CLOSING_MS       2500 /* the library takes 2 s at most */
#define CLOSING_SHORT_MS 250  /* nobody answered: no need to wait for more */

void link_bare(struct link *link, struct cli *cli, const char *command)
{
	memset(link, 0, sizeof(*link));
	link->cli = cli;
	link->command = command;
	house_init(&link->house);
	if (options.debug && cli->verbose == 0)
		cli_log_init(1, false);
}

int link_open(struct link *link, struct cli *cli, const char *command)
{
	link_bare(link, cli, command);
	return house_load(&link->house, cli);
}

static int set_credentials(struct link *link)
{
	const char *password;
	int status;

	if (!options.username)
		return cli_usage("missing --username");
	if (strlen(options.username) > IPCOM_MAX_USERNAME)
		return cli_usage("--username: longer than %d bytes", IPCOM_MAX_USERNAME);
	status = password_get(link->cli, &password);
	if (!status)
		link->error = ipcom_set_credentials(link->ipcom, options.username, password);
	return status;
}

/* The setters refuse nothing that the options have let through; the first error counts. */
static int set_options(struct link *link, bool streaming)
{
	static const enum ipcom_bus_type types[] = { IPCOM_BUS_MINIDO, IPCOM_BUS_BIBUS,
						     IPCOM_BUS_OTHER };
	struct ipcom *c = link->ipcom;
	int err = ipcom_set_address(c, link->cli->host, link->cli->port);

	if (!err)
		err = ipcom_set_bus(c, link->house.bus, types[options.bus_type]);
	if (!err)
		err = house_setup(&link->house, c, streaming);
	if (!err)
		err = ipcom_set_allow_clear(c, options.allow_clear);
	if (!err)
		err = ipcom_set_force(c, options.force);
	/* Who set a shutter moving and leaves is not there to stop it. */
	if (!err)
		err = ipcom_set_stop_shutters(c, streaming);
	/* A stream that was logged in once knows its password to be right. */
	if (!err)
		err = ipcom_set_stop_when_refused(c, !streaming);
	if (!err && cli_log_level() >= 0)
		err = ipcom_set_log(c, (enum ipcom_log_level)cli_log_level(), cli_log, NULL);
	return err;
}

int link_prepare(struct link *link, bool streaming)
{
	int status;
	int err;

	if (!link->cli->host)
		return cli_usage("missing --host");
	err = ipcom_new(&link->ipcom);
	if (err)
		return link_fail(link, err);
	status = set_credentials(link);
	if (status)
		return status;
	err = link->error ? link->error : set_options(link, streaming);
	return err ? link_fail(link, err) : 0;
}

int link_connect(struct link *link, bool streaming)
{
	int status = link_prepare(link, streaming);
	int err;

	if (status)
		return status;
	cli_progress("connecting to %s", link->cli->host);
	err = ipcom_connect(link->ipcom);
	return err ? link_fail(link, err) : 0;
}

void link_set_timeout(struct link *link, int timeout_ms)
{
	if (timeout_ms < 1)
		timeout_ms = 1;
	if (timeout_ms > REQUEST_MAX_MS)
		timeout_ms = REQUEST_MAX_MS;
	ipcom_set_timeout(link->ipcom, (unsigned)timeout_ms);
}

void link_expect(struct link *link)
{
	link_set_timeout(link, cli_time_left(link->cli));
	link->waiting = 0;
	link->error = 0;
	link->sent = false;
}

static void note_state(struct link *link, const struct ipcom_event *event)
{
	if (event->state == IPCOM_STATE_READY) {
		link->ready = true;
		cli_progress_end();
	}
	if (event->error == -EPROTO)
		link->unreadable++;
	if (event->error == -EPERM)
		link->no_cipher = true;
	if (event->error == -EACCES) {
		link->answer_size = event->size <= sizeof(link->answer) ? event->size : 0;
		if (link->answer_size > 0)
			memcpy(link->answer, event->data, link->answer_size);
	}
	/* Trying again would not help these. */
	if (event->error == -EACCES || event->error == -EPERM)
		link->error = event->error;
	if (link->unreadable >= UNREADABLE_MAX)
		link->error = -EPROTO;
}

/* Which shutter it was: the library counts them as they were told to it. */
static void tell_fault(const struct link *link, unsigned shutter)
{
	const struct devices *devices = &link->house.devices;

	for (size_t i = 0; i < devices->count; i++) {
		const struct device *d = &devices->item[i];

		if (d->role == DEVICE_UP && house_has(&link->house, d) && d->shutter == shutter)
			cli_message("%s and %s: both were on, switching them off", d->key,
				    d->pair->key);
	}
}

void link_note(struct link *link, const struct ipcom_event *event)
{
	switch (event->type) {
	case IPCOM_EVENT_RESULT:
		if (link->waiting > 0)
			link->waiting--;
		if (event->error && !link->error)
			link->error = event->error;
		break;
	case IPCOM_EVENT_STATE:
		note_state(link, event);
		break;
	case IPCOM_EVENT_SENT:
		link->sent = true;
		break;
	case IPCOM_EVENT_SHUTTER_FAULT:
		tell_fault(link, event->shutter);
		break;
	default:
		break;
	}
}

int link_await(struct link *link)
{
	const struct ipcom_event *event;

	for (;;) {
		int what, err;

		while ((event = ipcom_next_event(link->ipcom)) != NULL)
			link_note(link, event);
		if (link->error || link->waiting == 0)
			return link->error;
		/* Every request ends by itself in the time that link_expect() has given it. */
		what = cli_wait(ipcom_get_fd(link->ipcom), -1);
		if (what < 0)
			return what;
		if (what & (CLI_WAIT_SIGNAL | CLI_WAIT_OUTPUT))
			return -ECANCELED;
		err = ipcom_dispatch(link->ipcom);
		if (err)
			return err;
	}
}

int link_snapshot(struct link *link, uint8_t values[IPCOM_MODULES][IPCOM_OUTPUTS])
{
	int err;

	link_expect(link);
	err = ipcom_refresh(link->ipcom, NULL);
	if (!err) {
		link->waiting = 1;
		err = link_await(link);
	}
	if (!err)
		err = ipcom_values(link->ipcom, values, NULL);
	return err ? link_fail(link, err) : 0;
}

static void explain_refusal(const struct link *link, char text[CLI_WHY_MAX])
{
	size_t len = (size_t)snprintf(text, CLI_WHY_MAX, "Authentication failed: %s",
				      ipcom_strerror(-EACCES));

	if (link->answer_size == 0)
		return;
	len += (size_t)snprintf(text + len, CLI_WHY_MAX - len, " (the answer was");
	for (size_t i = 0; i < link->answer_size; i++)
		len += (size_t)snprintf(text + len, CLI_WHY_MAX - len, " %02x", link->answer[i]);
	snprintf(text + len, CLI_WHY_MAX - len, ")");
}

void link_explain(const struct link *link, const char *what, int err, char text[CLI_WHY_MAX])
{
	switch (-err) {
	case EACCES:
		explain_refusal(link, text);
		break;
	case ENOTCONN:
	case ECONNRESET:
	case ECONNREFUSED:
	case EHOSTUNREACH:
	case EADDRNOTAVAIL:
		snprintf(text, CLI_WHY_MAX, "Connection failed: %.250s port %u: %s",
			 link->cli->host, link->cli->port, ipcom_strerror(err));
		break;
	case ETIMEDOUT:
		snprintf(text, CLI_WHY_MAX, "%.200s: timed out: %s", what,
			 link->sent ? "no snapshot showed it" : "no answer");
		break;
	case EPERM:
		snprintf(text, CLI_WHY_MAX, "%.200s: %s", what,
			 link->no_cipher ?
				 "the device does not encrypt (--allow-clear permits it)" :
				 "both relays of a shutter would be on");
		break;
	default:
		snprintf(text, CLI_WHY_MAX, "%.200s: %s", what, ipcom_strerror(err));
		break;
	}
}

int link_fail(const struct link *link, int err)
{
	char text[CLI_WHY_MAX];

	/* The end that somebody asked for needs no words. */
	if (err == -ECANCELED)
		return CLI_EXIT_REFUSED;
	link_explain(link, link->command, err, text);
	cli_message("%s", text);
	return err == -EPERM ? CLI_EXIT_PROTECTED : (int)cli_exit_for(err);
}

void link_disconnect(struct link *link, int status)
{
	int64_t end = cli_now_ms() + (status == CLI_EXIT_TIMEOUT ? CLOSING_SHORT_MS : CLOSING_MS);

	cli_progress_end();
	if (!link->ipcom)
		return;
	ipcom_disconnect(link->ipcom);
	while (ipcom_get_state(link->ipcom) != IPCOM_STATE_IDLE) {
		int64_t left = end - cli_now_ms();

		if (left <= 0 || cli_wait(ipcom_get_fd(link->ipcom), (int)left) < 0 ||
		    ipcom_dispatch(link->ipcom))
			break;
	}
}

int link_close(struct link *link, int status)
{
	link_disconnect(link, status);
	ipcom_free(link->ipcom);
	house_free(&link->house);
	password_forget();
	return status;
}
