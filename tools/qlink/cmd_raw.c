/* SPDX-License-Identifier: MIT */
/* raw: a command as typed, and the line or lines that come back. */
#include "commands.h"
#include "common.h"

#include "tools/cli/output.h"

static bool lines;

const struct cli_option raw_options[] = {
	{ .name = "lines",
	  .kind = CLI_FLAG,
	  .help = "all lines until one second of silence",
	  .dest = &lines },
	{ .name = NULL },
};

static int make_raw(struct qlink *q, const void *arguments, uint32_t *ret_id)
{
	return qlink_raw(q, arguments, lines ? QLINK_RAW_LINES : QLINK_RAW_LINE, ret_id);
}

static void print_text(const struct cli *cli, const struct qlink_text *text)
{
	struct cli_json json = { 0 };

	if (!cli->json) {
		cli_print_text(text->data, text->size);
		cli_print_end();
		return;
	}
	cli_json_begin(&json);
	cli_json_text(&json, "line", text->data, text->size);
	cli_json_line(&json);
	cli_json_free(&json);
}

static void print_raw(const struct cli *cli, const void *arguments,
		      const struct qlink_event *answer)
{
	(void)arguments;
	if (!lines && answer->text.data)
		print_text(cli, &answer->text);
	for (size_t i = 0; lines && i < answer->row_count; i++)
		print_text(cli, &answer->lines[i]);
}

int run_raw(struct cli *cli, int argc, char **argv)
{
	static const struct one_shot shot = { "raw", make_raw, print_raw };

	return one_shot(cli, &shot, argv[0], argc, argv);
}
