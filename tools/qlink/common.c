/* SPDX-License-Identifier: MIT */
/* What the commands share: arguments, a handle at work, failures made into words and statuses. */
#include "common.h"

#include "tools/cli/output.h"
#include "tools/cli/progress.h"
#include "tools/cli/trace.h"
#include "tools/cli/wait.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Refused is busy: a one-shot command asks again soon, its user waits for it. */
#define RETRY_MS     100
#define RETRY_MAX_MS 2000

const char *const off_on[] = { "off", "on", NULL };

int parse_numbers(const struct place *places, size_t count, char **argv, unsigned *numbers)
{
	for (size_t i = 0; i < count; i++) {
		const struct place *p = &places[i];
		uint64_t number;

		if (cli_number(argv[i], p->min, p->max, &number))
			return cli_usage("%s: '%.100s' is no number from %u to %u", p->name,
					 argv[i], p->min, p->max);
		numbers[i] = (unsigned)number;
	}
	return 0;
}

int parse_word(const char *name, const char *const *words, const char *text, unsigned *index)
{
	char all[100] = "";
	size_t len = 0;

	for (unsigned i = 0; words[i]; i++) {
		if (strcmp(words[i], text) == 0) {
			*index = i;
			return 0;
		}
		if (len < sizeof(all))
			len += (size_t)snprintf(all + len, sizeof(all) - len, " %s", words[i]);
	}
	return cli_usage("%s: '%.100s' is none of%s", name, text, all);
}

int parse_load(const char *text, struct qlink_load *load)
{
	if (qlink_load_parse(text, load) == 0)
		return 0;
	return cli_usage("LOAD: '%.100s' is no contractor number, MASTER.ENCLOSURE.MODULE.LOAD or "
			 "MASTER/STATION/LOAD",
			 text);
}

static void describe(char what[WHAT_MAX], const char *name, int argc, char **argv)
{
	size_t len = (size_t)snprintf(what, WHAT_MAX, "%s", name);

	for (int i = 0; i < argc && len < WHAT_MAX; i++)
		len += (size_t)snprintf(what + len, WHAT_MAX - len, " %s", argv[i]);
}

static int configure(struct qlink *q, const struct cli *cli)
{
	int most = cli->timeout_ms < TIMEOUT_MAX_MS ? cli->timeout_ms : TIMEOUT_MAX_MS;
	unsigned timeout_ms = (unsigned)most;
	int style = settings.style < 0 ? QLINK_STYLE_AUTO : QLINK_STYLE_REGULAR + settings.style;
	const int errors[] = {
		qlink_set_address(q, cli->host, cli->port),
		qlink_set_query_port(q, settings.query_port),
		qlink_set_mode(q, (enum qlink_mode)settings.mode),
		qlink_set_style(q, (enum qlink_style)style),
		qlink_set_crlf(q, settings.crlf),
		qlink_set_gap(q, settings.gap_ms),
		qlink_set_connections(q, settings.connections),
		qlink_set_program(q, settings.program),
		qlink_set_timeout(q, timeout_ms),
		qlink_set_reply_timeout(q, timeout_ms),
		qlink_set_reconnect(q, RETRY_MS, RETRY_MAX_MS),
		/* A held button is released over the connection that pressed it. */
		qlink_set_idle_close(q, 0),
	};

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i])
			return errors[i];
	if (cli_log_level() < 0)
		return 0;
	return qlink_set_log(q, (enum qlink_log_level)cli_log_level(), cli_log, NULL);
}

static int new_handle(struct job *job)
{
	int err = qlink_new(&job->q);

	return err ? err : configure(job->q, job->cli);
}

int job_begin(struct job *job, struct cli *cli, const char *name, int argc, char **argv)
{
	int err;

	*job = (struct job){ .cli = cli, .deadline_ms = cli->start_ms + cli->timeout_ms };
	describe(job->what, name, argc, argv);
	if (!cli->host)
		return cli_usage("no host: give --host, set QLINK_HOST, or name it in the "
				 "configuration file");
	err = new_handle(job);
	return err ? job_failed(job, err, 0) : 0;
}

void job_end(struct job *job)
{
	qlink_free(job->q);
	job->q = NULL;
}

int job_check(struct job *job, request_fn *make, const void *arguments)
{
	/* A handle that is not connected looks at the request, and says no more than this to a
	 * good one. */
	int err = make(job->q, arguments, NULL);

	return err == -ENOTCONN ? 0 : job_failed(job, err, 0);
}

int job_connect(struct job *job)
{
	int err = qlink_connect(job->q);

	return err ? job_failed(job, err, 0) : 0;
}

void job_renew(struct job *job)
{
	job_end(job);
	/* What fails here fails the next request too. */
	if (new_handle(job) == 0)
		qlink_connect(job->q);
}

int job_turn(struct job *job, int64_t deadline_ms)
{
	int64_t left = deadline_ms < 0 ? -1 : deadline_ms - cli_now_ms();
	int what;

	if (deadline_ms >= 0 && left <= 0)
		return -ETIMEDOUT;
	what = cli_wait(qlink_get_fd(job->q), (int)left);
	if (what < 0)
		return what;
	if ((what & (CLI_WAIT_SIGNAL | CLI_WAIT_OUTPUT)) && !job->finishing)
		return -EINTR;
	return qlink_dispatch(job->q);
}

int job_timeout(const struct job *job)
{
	const struct qlink_statistics *statistics = qlink_get_statistics(job->q);

	if (statistics->connections > 0)
		return -ETIMEDOUT;
	return statistics->last_error ? statistics->last_error : -EHOSTUNREACH;
}

int job_await(struct job *job, uint32_t id, const struct qlink_event **answer)
{
	int err = 0;

	cli_progress("%s", job->what);
	while (!err) {
		*answer = qlink_take_result(job->q, id);
		if (*answer)
			return (*answer)->error;
		err = job_turn(job, job->deadline_ms);
	}
	return err == -ETIMEDOUT ? qlink_await(job->q, id, 0, answer) : err;
}

int job_request(struct job *job, request_fn *make, const void *arguments,
		const struct qlink_event **answer)
{
	uint32_t id;
	int err = make(job->q, arguments, &id);

	*answer = NULL;
	return err ? err : job_await(job, id, answer);
}

int job_ask(struct job *job, request_fn *make, const void *arguments,
	    const struct qlink_event **answer)
{
	int err = job_request(job, make, arguments, answer);

	return err ? job_failed(job, err, *answer ? (*answer)->device_error : 0) : 0;
}

void error_words(char text[REASON_MAX], int err, int device_error)
{
	static const char *const meanings[] = { "bad command", "bad parameter", "system error" };

	if (err != -EIO)
		snprintf(text, REASON_MAX, "%s", qlink_strerror(err));
	else if (device_error >= 256 && device_error <= 258)
		snprintf(text, REASON_MAX, "the controller answered %d, %s", device_error,
			 meanings[device_error - 256]);
	else
		snprintf(text, REASON_MAX, "the controller answered %d", device_error);
}

int job_failed(const struct job *job, int err, int device_error)
{
	char text[REASON_MAX];

	if (err == -EINTR)
		return CLI_EXIT_REFUSED;
	error_words(text, err, device_error);
	cli_message("%s: %s", job->what, text);
	return err == -EPERM ? (int)CLI_EXIT_PROTECTED : (int)cli_exit_for(err);
}

int one_shot(struct cli *cli, const struct one_shot *shot, const void *arguments, int argc,
	     char **argv)
{
	const struct qlink_event *answer;
	struct job job;
	int status = job_begin(&job, cli, shot->name, argc, argv);

	if (!status)
		status = job_check(&job, shot->make, arguments);
	if (!status)
		status = job_connect(&job);
	if (!status)
		status = job_ask(&job, shot->make, arguments, &answer);
	if (!status && shot->print)
		shot->print(cli, arguments, answer);
	job_end(&job);
	return status;
}
