/* SPDX-License-Identifier: MIT */
/* meshtcp: a Meshtastic node over TCP. The tables of options and commands. */
#include "tools/meshtcp/commands.h"
#include "tools/meshtcp/options.h"

#include <meshtcp/meshtcp.h>

#define DEFAULT_PORT 4403

struct meshtcp_options options;

static const struct cli_option tool_options[] = {
	{ .name = "force",
	  .kind = CLI_FLAG,
	  .help = "connect although another process holds the node",
	  .dest = &options.force },
	{ .name = NULL },
};

#define NODE_HELP                                                                          \
	"NODE is !9ea2f1c4, 0x9ea2f1c4, a decimal number, a short or long name, ^all or\n" \
	"^local, the node that is connected."
#define SEND_HELP                                                                            \
	"Without --ack it prints the id of the packet when the node has read it. With it:\n" \
	"relayed or delivered; a broadcast can only be relayed.\n" NODE_HELP
#define RAW_HELP                                                                           \
	"PORT is a number from 1 to 511 or the name of a port, HEX the payload, at most\n" \
	"233 bytes.\n" NODE_HELP
#define LISTEN_HELP                                                                      \
	"KIND is text, position, userinfo, telemetry, routing, traceroute, neighbors,\n" \
	"waypoint, alert, admin, ..., encrypted, or the number of a port.\n" NODE_HELP
#define CONFIG_HELP                                                                         \
	"SECTION alone prints its fields, SECTION.FIELD one of them, SECTION.FIELD=VALUE\n" \
	"changes it; most nodes restart then. A section of the node goes before one of a\n" \
	"module with that name, which is module.SECTION."
#define DELAY_HELP "Default is 5 seconds; -1 behind '--' takes it back."
#define SHARE_HELP                                                                               \
	"Clients connect to it as they would to the node, by TCP; there is no login. Commands\n" \
	"of the same user on this machine find it by themselves."
#define DIAG_HELP                                                                             \
	"Tells when the connection is made, ready, silent or lost, and sums up at the end.\n" \
	"With --count the summary is the last of so many lines."

static const struct cli_command commands[] = {
	{ .name = "info",
	  .summary = "the node itself: firmware, region, channels",
	  .options = info_options,
	  .run = cmd_info },
	{ .name = "nodes",
	  .summary = "the nodes that are known",
	  .options = nodes_options,
	  .run = cmd_nodes },
	{ .name = "channels",
	  .summary = "channels of the node",
	  .options = info_options,
	  .run = cmd_channels },
	{ .name = "send",
	  .args = "TEXT",
	  .summary = "send a text",
	  .details = SEND_HELP,
	  .min_args = 1,
	  .max_args = 1,
	  .options = send_options,
	  .run = cmd_send },
	{ .name = "listen",
	  .summary = "a line for each packet",
	  .details = LISTEN_HELP,
	  .flags = CLI_STREAMS,
	  .options = listen_options,
	  .run = cmd_listen },
	{ .name = "traceroute",
	  .args = "NODE",
	  .summary = "the way to a node",
	  .details = NODE_HELP,
	  .min_args = 1,
	  .max_args = 1,
	  .run = cmd_traceroute },
	{ .name = "telemetry",
	  .args = "NODE",
	  .summary = "what a node measures",
	  .details = NODE_HELP,
	  .min_args = 1,
	  .max_args = 1,
	  .options = telemetry_options,
	  .run = cmd_telemetry },
	{ .name = "position",
	  .args = "NODE",
	  .summary = "where a node is",
	  .details = NODE_HELP,
	  .min_args = 1,
	  .max_args = 1,
	  .run = cmd_position },
	{ .name = "userinfo",
	  .args = "NODE",
	  .summary = "who a node is",
	  .details = NODE_HELP,
	  .min_args = 1,
	  .max_args = 1,
	  .run = cmd_userinfo },
	{ .name = "config",
	  .args = "[SECTION[.FIELD[=VALUE]]]",
	  .summary = "read or change the configuration",
	  .details = CONFIG_HELP,
	  .max_args = 1,
	  .options = config_options,
	  .run = cmd_config },
	{ .name = "owner",
	  .args = "[LONG SHORT]",
	  .summary = "read or change the names of the node",
	  .max_args = 2,
	  .options = admin_options,
	  .run = cmd_owner },
	{ .name = "set-time",
	  .summary = "give the node the time of this machine",
	  .options = admin_options,
	  .run = cmd_set_time },
	{ .name = "reboot",
	  .args = "[SECONDS]",
	  .summary = "restart the node",
	  .details = DELAY_HELP,
	  .max_args = 1,
	  .options = admin_options,
	  .run = cmd_reboot },
	{ .name = "shutdown",
	  .args = "[SECONDS]",
	  .summary = "switch the node off",
	  .details = DELAY_HELP,
	  .max_args = 1,
	  .options = admin_options,
	  .run = cmd_shutdown },
	{ .name = "remove-node",
	  .args = "NODE",
	  .summary = "remove a node from the node list",
	  .details = NODE_HELP,
	  .min_args = 1,
	  .max_args = 1,
	  .options = admin_options,
	  .run = cmd_remove_node },
	{ .name = "favorite",
	  .args = "NODE [on|off]",
	  .summary = "make a node a favourite, or no favourite any more",
	  .details = NODE_HELP,
	  .min_args = 1,
	  .max_args = 2,
	  .options = admin_options,
	  .run = cmd_favorite },
	{ .name = "share",
	  .summary = "let many clients use the node at once",
	  .details = SHARE_HELP,
	  .flags = CLI_STREAMS,
	  .options = share_options,
	  .run = cmd_share },
	{ .name = "diag",
	  .summary = "how stable the connection is",
	  .details = DIAG_HELP,
	  .flags = CLI_STREAMS,
	  .options = diag_options,
	  .run = cmd_diag },
	{ .name = "raw",
	  .args = "PORT HEX",
	  .summary = "send a payload of any port",
	  .details = RAW_HELP,
	  .min_args = 2,
	  .max_args = 2,
	  .options = raw_options,
	  .run = cmd_raw },
	{ .name = NULL },
};

static const struct cli_tool tool = {
	.name = "meshtcp",
	.version = MESHTCP_VERSION,
	.summary = "A Meshtastic node over TCP.",
	.default_port = DEFAULT_PORT,
	.options = tool_options,
	.commands = commands,
};

int main(int argc, char **argv)
{
	return cli_main(&tool, argc, argv);
}
