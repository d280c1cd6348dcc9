/* SPDX-License-Identifier: MIT */
/*
 * The frame of a tool. A tool is a table of options and a table of commands, and its main() is
 * "return cli_main(&tool, argc, argv)". The frame parses, answers --help and --version, reads
 * the configuration and the environment, opens the trace, runs the command, and turns failed
 * output and signals into the exit status.
 */
#ifndef TOOLS_CLI_CLI_H
#define TOOLS_CLI_CLI_H

#include "tools/cli/options.h"

/* Exit statuses: the same in all tools, never renumbered. A signal gives 130, 143, 129. */
enum cli_exit {
	CLI_EXIT_OK = 0,
	CLI_EXIT_REFUSED = 1,     /* the device answered no, or nothing was found */
	CLI_EXIT_USAGE = 2,       /* wrong usage or configuration; nothing was sent */
	CLI_EXIT_UNREACHABLE = 3, /* cannot reach the device, or it was lost */
	CLI_EXIT_TIMEOUT = 4,     /* connected, but no answer in time */
	CLI_EXIT_CREDENTIALS = 5, /* credentials refused */
	CLI_EXIT_PROTOCOL = 6,    /* the peer broke the protocol */
	CLI_EXIT_PROTECTED = 7,   /* refused here; nothing was sent */
};

/* What a command is given. The options it has itself are where their tables put them. */
struct cli {
	const struct cli_tool *tool;
	const char *host;  /* --host without brackets, or NULL */
	uint16_t port;     /* --port, or the default of the tool */
	int timeout_ms;    /* --timeout */
	bool json;         /* --json */
	unsigned verbose;  /* number of -v */
	const char *trace; /* --trace; the frame opens and writes it */
	unsigned count;    /* --count, 0 for no limit */
	int duration_ms;   /* --duration, 0 for no limit */

	struct cli_options options;
	int64_t start_ms; /* cli_now_ms() at the start */
	unsigned counted;
};

/* Flags of a command. */
enum {
	CLI_STREAMS = 1, /* takes --count and --duration */
};

struct cli_command {
	const char *name;    /* "set", or of two words "timer set"; NULL ends a table */
	const char *args;    /* for the help: "LOAD LEVEL" */
	const char *summary; /* one line */
	const char *details; /* more for "TOOL COMMAND --help", or NULL */
	unsigned flags;
	int min_args, max_args;           /* checked by the frame; max_args -1 for any number */
	const struct cli_option *options; /* its own, or NULL */
	/*
	 * Returns an exit status. argv are the arguments behind the name of the command alone,
	 * with NULL behind the last. Must return soon after CLI_WAIT_SIGNAL or _OUTPUT.
	 */
	int (*run)(struct cli *cli, int argc, char **argv);
};

/* Flags of a tool. */
enum {
	CLI_NO_ADDRESS = 1, /* no --host and --port: the tool has them in another way */
	CLI_TEXT_WIRE = 2,  /* the protocol is text: -vv shows it as such */
};

struct cli_tool {
	const char *name; /* also the section of the file and the variables' prefix */
	const char *version;
	const char *summary;
	unsigned flags;
	uint16_t default_port;
	const struct cli_option *options;   /* its own beside the shared ones, or NULL */
	const struct cli_command *commands; /* either these … */
	const struct cli_command *command;  /* … or the only one, whose name is not typed */
};

/*
 * The same option name in several tables has to take an argument in all of them or in none, and
 * the same letter means the same name. A command's option goes before the tool's, and that before
 * the shared ones. Options of other commands are refused on the command line and passed over,
 * once checked, in the configuration file.
 */
int cli_main(const struct cli_tool *tool, int argc, char **argv);

/* "TOOL: text (try 'TOOL --help')"; returns CLI_EXIT_USAGE. */
int cli_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * The status for an error of a library, from its closed list. -ETIMEDOUT is 4: a command that
 * was not connected yet says CLI_EXIT_UNREACHABLE itself.
 */
enum cli_exit cli_exit_for(int err);

/* Milliseconds left of --timeout, 0 when it is over. */
int cli_time_left(const struct cli *cli);
/* Milliseconds left of --duration, counted from the start; -1 without that option. */
int cli_duration_left(const struct cli *cli);
/* Counts a line that was printed; true when --count of them have been. */
bool cli_counted(struct cli *cli);
/* Where an option came from: for rules such as "from one source they exclude each other". */
enum cli_source cli_source(const struct cli *cli, const char *long_name);

#endif
