/* SPDX-License-Identifier: MIT */
/* poll: levels over the query port, again and again; a line for each that changed. */
#include "commands.h"
#include "common.h"
#include "levels.h"

#include "tools/cli/output.h"
#include "tools/cli/progress.h"
#include "tools/cli/wait.h"

#include <errno.h>

#define INTERVAL_MAX_MS 86400000
/* Between rounds that are farther apart others may have the connection. */
#define IDLE_MS 30000

static int interval_ms = 5000;

const struct cli_option poll_options[] = {
	{ .name = "interval",
	  .kind = CLI_SECONDS,
	  .arg = "SECONDS",
	  .help = "from one round to the next (default 5)",
	  .dest = &interval_ms,
	  .min = 1,
	  .max = INTERVAL_MAX_MS },
	{ .name = NULL },
};

static int print_item(const struct cli *cli, const struct level_item *item)
{
	struct cli_json json = { 0 };
	int err;

	if (!cli->json)
		return cli_line("%s %d", item->text, item->level);
	cli_json_begin(&json);
	cli_json_now(&json, "time");
	cli_json_string(&json, "load", item->text);
	cli_json_int(&json, "level", item->level);
	err = cli_json_line(&json);
	cli_json_free(&json);
	return err;
}

/* Prints what changed; true when --count is reached or nobody reads any more. */
static bool print_changes(struct cli *cli, struct levels *levels)
{
	for (size_t i = 0; i < levels->count; i++) {
		struct level_item *item = &levels->items[i];

		if (item->level < 0 || item->level == item->printed)
			continue;
		item->printed = item->level;
		if (print_item(cli, item) || cli_counted(cli))
			return true;
	}
	return false;
}

/* The end of --duration, -1 for never. */
static int64_t end_of(const struct cli *cli)
{
	int left = cli_duration_left(cli);

	return left < 0 ? -1 : cli_now_ms() + left;
}

/* Until the next round; false when the command is to end before it. */
static bool pause_until(struct job *job, int64_t next_ms, int64_t end_ms)
{
	bool last = end_ms >= 0 && end_ms <= next_ms;
	int err = 0;

	while (!err)
		err = job_turn(job, last ? end_ms : next_ms);
	return err == -ETIMEDOUT && !last;
}

static int poll_rounds(struct job *job, struct levels *levels)
{
	int64_t end_ms = end_of(job->cli);

	for (bool first = true;; first = false) {
		int64_t begin = cli_now_ms();
		bool early = first && (end_ms < 0 || job->deadline_ms < end_ms);
		int err = levels_round(levels, job, early ? job->deadline_ms : end_ms, first);

		cli_progress_end();
		if (err == -EINTR || (err && first))
			return levels_failed(levels, job, "poll");
		if (!first && end_ms >= 0 && cli_now_ms() >= end_ms)
			return CLI_EXIT_OK;
		if (err)
			levels_failed(levels, job, "poll");
		if (print_changes(job->cli, levels) ||
		    !pause_until(job, begin + interval_ms, end_ms))
			return CLI_EXIT_OK;
	}
}

int run_poll(struct cli *cli, int argc, char **argv)
{
	struct levels levels;
	struct job job = { .q = NULL };
	int status = levels_parse(&levels, argc, argv);

	/* Nothing but questions, behind those of everybody else, and on the port for them. */
	settings.mode = QLINK_MODE_READ_ONLY;
	if (!status)
		status = job_begin(&job, cli, "poll", argc, argv);
	if (!status) {
		qlink_set_priority(job.q, QLINK_PRIORITY_POLL);
		qlink_set_idle_close(job.q, IDLE_MS);
		status = job_connect(&job);
	}
	if (!status) {
		cli_progress("%s", job.what);
		status = poll_rounds(&job, &levels);
	}
	job_end(&job);
	levels_free(&levels);
	return status;
}
