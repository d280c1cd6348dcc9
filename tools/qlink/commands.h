/* SPDX-License-Identifier: MIT */
/*
 * The commands for the table in main.c, a group a file, and their own options. And what one group
 * lends to another.
 */
#ifndef TOOLS_QLINK_COMMANDS_H
#define TOOLS_QLINK_COMMANDS_H

#include "tools/cli/cli.h"
#include "tools/cli/json.h"

#define COMMAND(name) int name(struct cli *cli, int argc, char **argv)

/* cmd_load.c */
extern const struct cli_option set_options[];
COMMAND(run_set);
COMMAND(run_get);

/* cmd_button.c */
extern const struct cli_option press_options[];
COMMAND(run_press);
COMMAND(run_switch);
COMMAND(run_state);

/* cmd_leds.c */
COMMAND(run_leds);
COMMAND(run_led);
/* " 3 4 7" for the mask 0x4c, in a line that is being printed. */
void leds_print(uint16_t mask);
/* [3,4,7] */
void leds_json(struct cli_json *json, const char *key, uint16_t mask);

/* cmd_monitor.c */
extern const struct cli_option monitor_options[];
COMMAND(run_monitor);
COMMAND(run_monitoring);

/* cmd_poll.c */
extern const struct cli_option poll_options[];
COMMAND(run_poll);

/* cmd_system.c */
COMMAND(run_masters);
COMMAND(run_modules);
COMMAND(run_stations);
COMMAND(run_name);
COMMAND(run_firmware);
COMMAND(run_where);

/* cmd_timer.c */
COMMAND(run_timer_get);
COMMAND(run_timer_run);
COMMAND(run_timer_set);

/* cmd_thermostat.c */
COMMAND(run_thermostat_get);
COMMAND(run_thermostat_set);

/* cmd_ir.c */
extern const struct cli_option ir_options[];
COMMAND(run_ir_send);

/* cmd_raw.c */
extern const struct cli_option raw_options[];
COMMAND(run_raw);

/* cmd_doctor.c */
COMMAND(run_doctor);

#endif
