/* SPDX-License-Identifier: MIT */
/* A small tool on the frame: an example of its tables, and what test_cli_frame.py drives. */
#include "tools/cli/cli.h"
#include "tools/cli/json.h"
#include "tools/cli/output.h"
#include "tools/cli/progress.h"
#include "tools/cli/signal.h"
#include "tools/cli/trace.h"
#include "tools/cli/wait.h"

#include <string.h>
#include <unistd.h>

static const char *const modes[] = { "split", "shared", NULL };
static struct cli_list servers;
static const char *password;
static int mode, fade_ms;
static bool stubborn;

static int show(struct cli *cli, int argc, char **argv)
{
	struct cli_json json = { 0 };
	int err;

	cli_json_begin(&json);
	cli_json_string(&json, "host", cli->host);
	cli_json_uint(&json, "port", cli->port);
	cli_json_int(&json, "timeout_ms", cli->timeout_ms);
	cli_json_string(&json, "mode", modes[mode]);
	cli_json_int(&json, "fade_ms", fade_ms);
	cli_json_uint(&json, "verbose", cli->verbose);
	cli_json_int(&json, "password_source", cli_source(cli, "password"));
	cli_json_array(&json, "servers");
	for (size_t i = 0; i < servers.count; i++)
		cli_json_string(&json, NULL, servers.item[i]);
	cli_json_end(&json);
	cli_json_array(&json, "args");
	for (int i = 0; i < argc; i++)
		cli_json_string(&json, NULL, argv[i]);
	cli_json_end(&json);
	err = cli_json_line(&json);
	cli_json_free(&json);
	return err ? CLI_EXIT_REFUSED : CLI_EXIT_OK;
}

/* Ends with the status given; on the way it logs as a library would. */
static int end(struct cli *cli, int argc, char **argv)
{
	uint64_t status;

	(void)cli;
	(void)argc;
	cli_log(NULL, CLI_LOG_INFO, "about to end \033[31m");
	cli_log(NULL, CLI_LOG_WIRE, "> 56 47 4c 0d");
	if (cli_number(argv[0], 0, 7, &status))
		return cli_usage("STATUS: \"%s\": must be 0 to 7", argv[0]);
	return (int)status;
}

/* A stream: a line for each piece of input, until a signal or the end of the input. */
static int echo(struct cli *cli, int argc, char **argv)
{
	char bytes[64];
	ssize_t n = 1;

	(void)argc;
	(void)argv;
	cli_signal_init();
	if (cli_line("ready") < 0)
		cli_message("cleaned up");
	cli_progress("waiting for\ninput");
	while (n > 0) {
		int what = cli_wait_other(-1, STDIN_FILENO, cli_duration_left(cli));

		if (what == 0 || (what & CLI_WAIT_OUTPUT))
			return CLI_EXIT_OK;
		if ((what & CLI_WAIT_SIGNAL) && cli_line("closed") == 0 && !stubborn)
			return CLI_EXIT_OK;
		if (!(what & CLI_WAIT_OTHER))
			continue;
		n = read(STDIN_FILENO, bytes, sizeof(bytes));
		if (n <= 0)
			break;
		cli_print("got ");
		cli_print_text(bytes, (size_t)n);
		if (cli_print_end() < 0 || cli_counted(cli))
			return CLI_EXIT_OK;
	}
	return CLI_EXIT_OK;
}

/* Blocks before any signal was asked for, as a name lookup would. */
static int block(struct cli *cli, int argc, char **argv)
{
	char byte;

	(void)cli;
	(void)argc;
	(void)argv;
	cli_line("ready");
	return read(STDIN_FILENO, &byte, 1) < 0 ? CLI_EXIT_REFUSED : CLI_EXIT_OK;
}

static const struct cli_option options[] = {
	{ .name = "mode",
	  .kind = CLI_CHOICE,
	  .arg = "MODE",
	  .help = "split or shared",
	  .dest = &mode,
	  .choices = modes },
	{ .name = "server",
	  .kind = CLI_TEXT_LIST,
	  .arg = "HOST",
	  .help = "may be repeated",
	  .dest = &servers },
	{ .name = "password",
	  .kind = CLI_TEXT,
	  .flags = CLI_SECRET,
	  .arg = "TEXT",
	  .help = "not shown",
	  .dest = &password },
	{ .name = NULL },
};

static const struct cli_option show_options[] = {
	{ .name = "fade",
	  .letter = 'f',
	  .kind = CLI_SECONDS,
	  .arg = "SECONDS",
	  .help = "fade time",
	  .dest = &fade_ms,
	  .max = 3600000 },
	{ .name = NULL },
};

static const struct cli_option echo_options[] = {
	{ .name = "stubborn",
	  .kind = CLI_FLAG,
	  .flags = CLI_ARGV_ONLY,
	  .help = "go on after a signal",
	  .dest = &stubborn },
	{ .name = NULL },
};

static const struct cli_command commands[] = {
	{ .name = "show",
	  .args = "[WORD]...",
	  .summary = "show all values",
	  .max_args = -1,
	  .details = "Prints what the options came to be.",
	  .options = show_options,
	  .run = show },
	{ .name = "end",
	  .args = "STATUS",
	  .summary = "end with a status",
	  .min_args = 1,
	  .max_args = 1,
	  .run = end },
	{ .name = "echo",
	  .summary = "repeat the input",
	  .flags = CLI_STREAMS,
	  .options = echo_options,
	  .run = echo },
	{ .name = "timer get",
	  .args = "[WORD]...",
	  .summary = "show too",
	  .max_args = -1,
	  .run = show },
	{ .name = "timer block", .summary = "do not answer", .run = block },
	{ .name = NULL },
};

static const struct cli_tool demo = {
	.name = "demo",
	.version = "1.2.3",
	.summary = "Try the frame.",
	.default_port = 3041,
	.flags = CLI_TEXT_WIRE,
	.options = options,
	.commands = commands,
};

static const struct cli_command only = {
	.args = "ADDRESS",
	.summary = "show all values",
	.min_args = 1,
	.max_args = 1,
	.options = show_options,
	.run = show,
};

static const struct cli_tool demo_one = {
	.name = "demo-one",
	.version = "1.2.3",
	.summary = "Try the frame.",
	.flags = CLI_NO_ADDRESS,
	.options = options,
	.command = &only,
};

int main(int argc, char **argv)
{
	return cli_main(strcmp(argv[0], "demo-one") == 0 ? &demo_one : &demo, argc, argv);
}
