/* SPDX-License-Identifier: MIT */
/* The commands, for the table in main.c, and their own options. */
#ifndef TOOLS_MESHTCP_COMMANDS_H
#define TOOLS_MESHTCP_COMMANDS_H

#include "tools/cli/cli.h"

#define COMMAND(name) int name(struct cli *cli, int argc, char **argv)

/* cmd_info.c */
extern const struct cli_option info_options[];
COMMAND(cmd_info);
COMMAND(cmd_channels);

/* cmd_nodes.c */
extern const struct cli_option nodes_options[];
COMMAND(cmd_nodes);

/* cmd_send.c */
extern const struct cli_option send_options[], raw_options[];
COMMAND(cmd_send);
COMMAND(cmd_raw);

/* cmd_listen.c */
extern const struct cli_option listen_options[];
COMMAND(cmd_listen);

/* cmd_ask.c */
extern const struct cli_option telemetry_options[];
COMMAND(cmd_telemetry);
COMMAND(cmd_position);
COMMAND(cmd_userinfo);

/* cmd_traceroute.c */
COMMAND(cmd_traceroute);

/* cmd_config.c */
extern const struct cli_option config_options[];
COMMAND(cmd_config);

/* cmd_admin.c */
extern const struct cli_option admin_options[];
COMMAND(cmd_owner);
COMMAND(cmd_set_time);
COMMAND(cmd_reboot);
COMMAND(cmd_shutdown);
COMMAND(cmd_remove_node);
COMMAND(cmd_favorite);

/* cmd_share.c */
extern const struct cli_option share_options[];
COMMAND(cmd_share);

/* cmd_diag.c */
extern const struct cli_option diag_options[];
COMMAND(cmd_diag);

#endif
