/* SPDX-License-Identifier: MIT */
/* The frame of a tool: from argv to the exit status. */
#include "tools/cli/cli.h"
#include "tools/cli/config.h"
#include "tools/cli/frame.h"
#include "tools/cli/output.h"
#include "tools/cli/progress.h"
#include "tools/cli/signal.h"
#include "tools/cli/trace.h"
#include "tools/cli/wait.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT_MS     10000
#define SECONDS_MAX_MS 2000000000

static struct cli state;
static bool flag_help, flag_version;

static const struct cli_option shared_options[] = {
	{ .name = "timeout",
	  .letter = 't',
	  .kind = CLI_SECONDS,
	  .arg = "SECONDS",
	  .help = "limit for the whole command (default 10)",
	  .dest = &state.timeout_ms,
	  .min = 1,
	  .max = SECONDS_MAX_MS },
	{ .name = "json",
	  .letter = 'j',
	  .kind = CLI_FLAG,
	  .help = "JSON Lines on standard output",
	  .dest = &state.json },
	{ .name = "verbose",
	  .letter = 'v',
	  .kind = CLI_COUNT,
	  .help = "the log on standard error; twice: every message",
	  .dest = &state.verbose },
	{ .name = "trace",
	  .kind = CLI_TEXT,
	  .arg = "FILE",
	  .help = "write the conversation to a file",
	  .dest = &state.trace },
	{ .name = "help",
	  .letter = 'h',
	  .kind = CLI_FLAG,
	  .flags = CLI_ARGV_ONLY,
	  .help = "show this help",
	  .dest = &flag_help },
	{ .name = "version",
	  .letter = 'V',
	  .kind = CLI_FLAG,
	  .flags = CLI_ARGV_ONLY,
	  .help = "show the version",
	  .dest = &flag_version },
	{ .name = NULL },
};

static const struct cli_option address_options[] = {
	{ .name = "host",
	  .letter = 'H',
	  .kind = CLI_HOST,
	  .arg = "HOST",
	  .help = "address or name of the device",
	  .dest = &state.host },
	{ .name = "port",
	  .letter = 'p',
	  .kind = CLI_PORT,
	  .arg = "PORT",
	  .help = "TCP port of the device",
	  .dest = &state.port },
	{ .name = NULL },
};

static const struct cli_option stream_options[] = {
	{ .name = "count",
	  .kind = CLI_UINT,
	  .arg = "N",
	  .help = "end after N lines",
	  .dest = &state.count,
	  .min = 1,
	  .max = UINT_MAX },
	{ .name = "duration",
	  .kind = CLI_SECONDS,
	  .arg = "SECONDS",
	  .help = "end after this time",
	  .dest = &state.duration_ms,
	  .min = 1,
	  .max = SECONDS_MAX_MS },
	{ .name = NULL },
};

void cli_tables(const struct cli_tool *tool, const struct cli_command *command,
		struct cli_options *options)
{
	options->tables = 0;
	if (command && command->options)
		options->table[options->tables++] = command->options;
	if (command && (command->flags & CLI_STREAMS))
		options->table[options->tables++] = stream_options;
	if (tool->options)
		options->table[options->tables++] = tool->options;
	if (!(tool->flags & CLI_NO_ADDRESS))
		options->table[options->tables++] = address_options;
	options->table[options->tables++] = shared_options;
}

int cli_usage(const char *format, ...)
{
	char text[CLI_WHY_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	cli_message("%s (try '%s --help')", text, state.tool->name);
	return CLI_EXIT_USAGE;
}

/* How many of the words the name of the command takes up; 0 when it is another one. */
static int match(const struct cli_command *command, int argc, char **argv)
{
	const char *space = strchr(command->name, ' ');
	size_t first = space ? (size_t)(space - command->name) : strlen(command->name);

	if (argc < 1 || strlen(argv[0]) != first || memcmp(argv[0], command->name, first) != 0)
		return 0;
	if (!space)
		return 1;
	return argc > 1 && strcmp(argv[1], space + 1) == 0 ? 2 : 0;
}

/* Finds the command and moves the words behind it. NULL when there is none. */
static const struct cli_command *find_command(const struct cli_tool *tool, struct cli_args *args)
{
	if (tool->command)
		return tool->command;
	for (const struct cli_command *c = tool->commands; c->name; c++) {
		int words = match(c, args->argc, args->argv);

		if (words == 0)
			continue;
		args->argc -= words;
		args->argv += words;
		return c;
	}
	return NULL;
}

/* Is it the first word of commands of two words? */
static bool is_group(const struct cli_tool *tool, const char *word)
{
	size_t len = strlen(word);

	for (const struct cli_command *c = tool->commands; c->name; c++) {
		if (strncmp(c->name, word, len) == 0 && c->name[len] == ' ')
			return true;
	}
	return false;
}

/* No command was found: help for all, or for a group, or a complaint. */
static int without_command(const struct cli_tool *tool, const struct cli_args *args)
{
	bool help = cli_args_has(args, "help");
	const char *word = args->argc > 0 ? args->argv[0] : NULL;

	if (help && (!word || (args->argc == 1 && is_group(tool, word)))) {
		cli_help_tool(tool, word);
		return CLI_EXIT_OK;
	}
	if (!word)
		return cli_usage("missing command");
	if (!is_group(tool, word))
		return cli_usage("unknown command '%.100s'", word);
	if (args->argc == 1)
		return cli_usage("incomplete command '%s'", word);
	return cli_usage("unknown command '%s %.100s'", word, args->argv[1]);
}

static int set_from_file(void *userdata, const char *key, const char *value, char *why)
{
	const struct cli_option *option = cli_options_find(&state.options, key);
	bool ours = option != NULL;
	char reason[CLI_WHY_MAX];
	int err;

	(void)userdata;
	if (!option)
		option = cli_tool_find(state.tool, key);
	if (!option || (option->flags & CLI_ARGV_ONLY)) {
		snprintf(why, CLI_WHY_MAX,
			 option ? "%.100s: not for this file" : "unknown key \"%.100s\"", key);
		return -EINVAL;
	}
	err = ours ? cli_options_set(&state.options, option, CLI_FILE, value, reason) :
		     cli_option_check(option, value, reason);
	if (err)
		snprintf(why, CLI_WHY_MAX, "%.100s: %.400s", key, reason);
	return err;
}

static int set_from_argv(const struct cli_command *command, const struct cli_args *args)
{
	char why[CLI_WHY_MAX];

	for (size_t i = 0; i < args->given_count; i++) {
		const struct cli_given *given = &args->given[i];
		const struct cli_option *option = cli_options_find(&state.options, given->name);

		if (!option)
			return cli_usage("%s: has no option '--%s'", command->name, given->name);
		if (cli_options_set(&state.options, option, CLI_ARGV, given->value, why))
			return cli_usage("--%s: %s", given->name, why);
	}
	return 0;
}

/* All values, the weakest source first. */
static int read_options(const struct cli_command *command, const struct cli_args *args)
{
	char path[4096], why[CLI_WHY_MAX];

	if (cli_config_path(path, sizeof(path)) &&
	    cli_config_read(path, state.tool->name, set_from_file, NULL, why)) {
		cli_message("%s", why);
		return CLI_EXIT_USAGE;
	}
	if (cli_options_environment(&state.options, state.tool->name, why)) {
		cli_message("%s", why);
		return CLI_EXIT_USAGE;
	}
	return set_from_argv(command, args);
}

static int check_arguments(const struct cli_command *command, const struct cli_args *args)
{
	const char *name = command->name && command != state.tool->command ? command->name : "";
	const char *colon = *name ? ": " : "";

	if (args->argc < command->min_args)
		return cli_usage("%s%smissing argument, wanted: %s", name, colon,
				 command->args ? command->args : "");
	if (command->max_args >= 0 && args->argc > command->max_args)
		return cli_usage("%s%stoo many arguments: '%.100s'", name, colon,
				 args->argv[command->max_args]);
	return 0;
}

static int start_log(void)
{
	char title[128];
	int err;

	cli_progress_init(state.json);
	cli_log_init(state.verbose, state.tool->flags & CLI_TEXT_WIRE);
	if (!state.trace)
		return 0;
	snprintf(title, sizeof(title), "%s %s", state.tool->name, state.tool->version);
	err = cli_trace_open(state.trace, title);
	if (!err)
		return 0;
	cli_message("--trace: %s: %s", state.trace, strerror(-err));
	return CLI_EXIT_USAGE;
}

static int run(const struct cli_tool *tool, struct cli_args *args)
{
	const struct cli_command *command;
	int status;

	if (cli_args_has(args, "version"))
		return cli_line("%s %s", tool->name, tool->version) ? CLI_EXIT_REFUSED : 0;
	command = find_command(tool, args);
	if (!command)
		return without_command(tool, args);
	if (cli_args_has(args, "help")) {
		cli_help_command(tool, command);
		return CLI_EXIT_OK;
	}
	cli_tables(tool, command, &state.options);
	status = read_options(command, args);
	if (!status)
		status = check_arguments(command, args);
	if (!status)
		status = start_log();
	return status ? status : command->run(&state, args->argc, args->argv);
}

/* Closes everything and turns what happened on the way into the exit status. */
static int finish(int status)
{
	int err;

	cli_progress_end();
	err = cli_trace_close();
	if (err)
		cli_message("--trace: %s: %s", state.trace, strerror(-err));
	cli_options_free(&state.options);
	err = cli_out_finish();
	cli_signal_reraise();
	if (err == -EPIPE)
		cli_signal_die(SIGPIPE);
	if (err) {
		cli_message("standard output: %s", strerror(-err));
		return status ? status : CLI_EXIT_REFUSED;
	}
	return status;
}

/* A socket must never get the number of a standard stream that the caller has closed. */
static void fill_standard_streams(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDONLY);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int cli_main(const struct cli_tool *tool, int argc, char **argv)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct cli_args args;
	char why[CLI_WHY_MAX];
	int status;

	sigemptyset(&ignore.sa_mask);
	sigaction(SIGPIPE, &ignore, NULL);
	fill_standard_streams();
	state = (struct cli){ .tool = tool,
			      .port = tool->default_port,
			      .timeout_ms = TIMEOUT_MS,
			      .start_ms = cli_now_ms() };
	cli_set_tool_name(tool->name);
	if (cli_args_parse(&args, tool, argc, argv, why))
		status = cli_usage("%s", why);
	else
		status = run(tool, &args);
	cli_args_free(&args);
	return finish(status);
}
