/* SPDX-License-Identifier: MIT */
/* The commands, for the table in main.c. */
#ifndef TOOLS_IPCOM_COMMANDS_H
#define TOOLS_IPCOM_COMMANDS_H

#include "tools/cli/cli.h"

int cmd_status(struct cli *cli, int argc, char **argv);
int cmd_get(struct cli *cli, int argc, char **argv);
int cmd_set(struct cli *cli, int argc, char **argv);
int cmd_on(struct cli *cli, int argc, char **argv);
int cmd_off(struct cli *cli, int argc, char **argv);
int cmd_toggle(struct cli *cli, int argc, char **argv);
int cmd_dim(struct cli *cli, int argc, char **argv);
int cmd_open(struct cli *cli, int argc, char **argv);
int cmd_close(struct cli *cli, int argc, char **argv);
int cmd_stop(struct cli *cli, int argc, char **argv);
int cmd_dump(struct cli *cli, int argc, char **argv);
int cmd_watch(struct cli *cli, int argc, char **argv);
int cmd_probe(struct cli *cli, int argc, char **argv);

#endif
