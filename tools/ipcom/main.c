/* SPDX-License-Identifier: MIT */
/* ipcom: outputs and shutters behind an IPCom module. The tables of options and commands. */
#include "tools/ipcom/commands.h"
#include "tools/ipcom/options.h"

#include <ipcom/ipcom.h>

struct ipcom_options options = {
	.devices_file = "devices.yaml",
	.travel_ms = 30000,
	.dead_ms = 500,
};

static const char *const buses[] = { "1", "2", NULL };
static const char *const bus_types[] = { "minido", "bibus", "other", NULL };

static const struct cli_option tool_options[] = {
	{ .name = "username",
	  .kind = CLI_TEXT,
	  .arg = "NAME",
	  .help = "user name at the device",
	  .dest = &options.username },
	{ .name = "password-file",
	  .kind = CLI_TEXT,
	  .arg = "FILE",
	  .help = "its first line is the password",
	  .dest = &options.password_file },
	{ .name = "password",
	  .kind = CLI_TEXT,
	  .flags = CLI_SECRET,
	  .arg = "PASSWORD",
	  .help = "not safe here: better a file or IPCOM_PASSWORD",
	  .dest = &options.password },
	{ .name = "devices-file",
	  .kind = CLI_TEXT,
	  .arg = "FILE",
	  .help = "names of outputs (default devices.yaml)",
	  .dest = &options.devices_file },
	{ .name = "bus",
	  .kind = CLI_CHOICE,
	  .arg = "1|2",
	  .help = "bus of the outputs (default 1)",
	  .dest = &options.bus,
	  .choices = buses },
	{ .name = "bus-type",
	  .kind = CLI_CHOICE,
	  .arg = "TYPE",
	  .help = "minido (default), bibus or other",
	  .dest = &options.bus_type,
	  .choices = bus_types },
	{ .name = "dimmer-modules",
	  .kind = CLI_NUMBERS,
	  .arg = "LIST",
	  .help = "modules whose outputs are dimmers, as 6,7",
	  .dest = &options.dimmer_modules,
	  .min = 1,
	  .max = IPCOM_MODULES },
	{ .name = "travel-time",
	  .kind = CLI_SECONDS,
	  .arg = "SECONDS",
	  .help = "a shutter is stopped after it (default 30, 0 never)",
	  .dest = &options.travel_ms,
	  .min = 0,
	  .max = 3600000 },
	{ .name = "dead-time",
	  .kind = CLI_SECONDS,
	  .arg = "SECONDS",
	  .help = "pause before a shutter reverses (default 0.5)",
	  .dest = &options.dead_ms,
	  .min = 300,
	  .max = 60000 },
	{ .name = "allow-clear",
	  .kind = CLI_FLAG,
	  .help = "talk in clear text to a device that does not encrypt",
	  .dest = &options.allow_clear },
	{ .name = "force",
	  .kind = CLI_FLAG,
	  .help = "allow both relays of a shutter to be on",
	  .dest = &options.force },
	{ .name = "debug",
	  .kind = CLI_FLAG,
	  .help = "the same as --verbose",
	  .dest = &options.debug },
	{ .name = NULL },
};

static const struct cli_option watch_options[] = {
	{ .name = "changes",
	  .kind = CLI_FLAG,
	  .help = "with --json: leave snapshots without a change out",
	  .dest = &options.only_changes },
	{ .name = NULL },
};

#define OUTPUT_HELP "OUTPUT is MODULE.OUTPUT such as 3.4, or a name of the devices file."
#define SHUTTER_HELP                                                                         \
	"NAME is the key of either relay in the devices file. The shutter is left moving:\n" \
	"only watch stops the shutters that it has set moving."
#define WATCH_HELP                                                                              \
	"Standard input takes commands, a line each: on, off, toggle, dim, set, open, close,\n" \
	"stop as typed here, or {\"command\":\"dim\",\"output\":\"dining\",\"value\":40}."

static const struct cli_command commands[] = {
	{ .name = "status",
	  .args = "[NAME]...",
	  .summary = "what is on; with --json all devices",
	  .max_args = -1,
	  .run = cmd_status },
	{ .name = "get",
	  .args = "OUTPUT...",
	  .summary = "values of outputs, 0 to 255",
	  .details = OUTPUT_HELP,
	  .min_args = 1,
	  .max_args = -1,
	  .run = cmd_get },
	{ .name = "set",
	  .args = "OUTPUT VALUE [OUTPUT VALUE]...",
	  .summary = "set values, 0 to 255",
	  .details = OUTPUT_HELP,
	  .min_args = 2,
	  .max_args = -1,
	  .run = cmd_set },
	{ .name = "on",
	  .args = "OUTPUT...",
	  .summary = "switch on",
	  .details = OUTPUT_HELP,
	  .min_args = 1,
	  .max_args = -1,
	  .run = cmd_on },
	{ .name = "off",
	  .args = "OUTPUT...",
	  .summary = "switch off",
	  .details = OUTPUT_HELP,
	  .min_args = 1,
	  .max_args = -1,
	  .run = cmd_off },
	{ .name = "toggle",
	  .args = "OUTPUT...",
	  .summary = "switch on what is off, and off what is on",
	  .details = OUTPUT_HELP,
	  .min_args = 1,
	  .max_args = -1,
	  .run = cmd_toggle },
	{ .name = "dim",
	  .args = "OUTPUT PERCENT",
	  .summary = "set a dimmer, 0 to 100",
	  .details = OUTPUT_HELP,
	  .min_args = 2,
	  .max_args = 2,
	  .run = cmd_dim },
#define SHUTTER(word, text, fn)                                                             \
	{                                                                                   \
		.name = (word), .args = "NAME", .summary = (text), .details = SHUTTER_HELP, \
		.min_args = 1, .max_args = 1, .run = (fn)                                   \
	}
	SHUTTER("open", "open a shutter", cmd_open),
	SHUTTER("close", "close a shutter", cmd_close),
	SHUTTER("stop", "stop a shutter", cmd_stop),
	SHUTTER("cover_open", "the same as open", cmd_open),
	SHUTTER("cover_close", "the same as close", cmd_close),
	SHUTTER("cover_stop", "the same as stop", cmd_stop),
	{ .name = "dump", .summary = "the values of all modules, a line each", .run = cmd_dump },
	{ .name = "watch",
	  .summary = "a line for each change; takes commands",
	  .details = WATCH_HELP,
	  .flags = CLI_STREAMS,
	  .options = watch_options,
	  .run = cmd_watch },
	{ .name = "probe",
	  .summary = "what this device answers, how fast, and on how many connections",
	  .run = cmd_probe },
	{ .name = NULL },
};

static const struct cli_tool tool = {
	.name = "ipcom",
	.version = IPCOM_VERSION,
	.summary = "Outputs and shutters behind a HomeAnywhere / AnB IPCom module.",
	.default_port = 5000,
	.options = tool_options,
	.commands = commands,
};

int main(int argc, char **argv)
{
	return cli_main(&tool, argc, argv);
}
