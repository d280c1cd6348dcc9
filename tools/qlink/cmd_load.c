/* SPDX-License-Identifier: MIT */
/* set and get: the level of a load. */
#include "commands.h"
#include "common.h"
#include "levels.h"

#include "tools/cli/output.h"
#include "tools/cli/progress.h"

/* 6553.5 s is the longest fade of the protocol. */
#define FADE_MAX_MS 6553500

static int fade_ms;

const struct cli_option set_options[] = {
	{ .name = "fade",
	  .kind = CLI_SECONDS,
	  .arg = "SECONDS",
	  .help = "time to get there, to a tenth (default 0)",
	  .dest = &fade_ms,
	  .max = FADE_MAX_MS },
	{ .name = NULL },
};

struct set_arguments {
	struct qlink_load load;
	unsigned level;
};

static void print_level(const char *load, int level)
{
	struct cli_json json = { 0 };

	cli_json_begin(&json);
	cli_json_string(&json, "load", load);
	cli_json_int(&json, "level", level);
	cli_json_line(&json);
	cli_json_free(&json);
}

static int make_set(struct qlink *q, const void *arguments, uint32_t *ret_id)
{
	const struct set_arguments *a = arguments;

	return qlink_load_set(q, a->load, a->level, (uint32_t)fade_ms, ret_id);
}

static void print_set(const struct cli *cli, const void *arguments,
		      const struct qlink_event *answer)
{
	const struct set_arguments *a = arguments;
	char text[QLINK_LOAD_TEXT];

	if (!cli->json)
		return;
	qlink_load_format(a->load, text);
	print_level(text, answer->level);
}

int run_set(struct cli *cli, int argc, char **argv)
{
	static const struct one_shot shot = { "set", make_set, print_set };
	static const struct place level = { "LEVEL", 0, 100 };
	struct set_arguments a;
	int status = parse_load(argv[0], &a.load);

	if (!status)
		status = parse_numbers(&level, 1, &argv[1], &a.level);
	return status ? status : one_shot(cli, &shot, &a, argc, argv);
}

static void print_levels(const struct cli *cli, const struct levels *levels)
{
	for (size_t i = 0; i < levels->count; i++) {
		const struct level_item *item = &levels->items[i];

		if (cli->json)
			print_level(item->text, item->level);
		else if (levels->count == 1)
			cli_line("%d", item->level);
		else
			cli_line("%s %d", item->text, item->level);
	}
}

static int get(struct job *job, struct levels *levels)
{
	int status = job_connect(job);

	if (status)
		return status;
	cli_progress("%s", job->what);
	if (levels_round(levels, job, job->deadline_ms, true))
		return levels_failed(levels, job, "get");
	print_levels(job->cli, levels);
	return CLI_EXIT_OK;
}

int run_get(struct cli *cli, int argc, char **argv)
{
	struct levels levels;
	struct job job;
	int status = levels_parse(&levels, argc, argv);

	if (!status) {
		status = job_begin(&job, cli, "get", argc, argv);
		if (!status)
			status = get(&job, &levels);
		job_end(&job);
	}
	levels_free(&levels);
	return status;
}
