/* SPDX-License-Identifier: MIT */
/* What the options of ppcs-connect are set to, and a handle made of them. */
#ifndef TOOLS_PPCS_CONNECT_SETTINGS_H
#define TOOLS_PPCS_CONNECT_SETTINGS_H

#include "tools/cli/cli.h"

#include <ppcs/ppcs.h>

struct settings {
	struct cli_numbers ports, defaults;
	int walk;
	bool no_p2p, no_lan;
	struct cli_list relays, servers, init_strings;
	const char *uid, *dsk, *key;
	int until;
	int max_ms, port_ms;
	int weights[PPCS_MODES]; /* thousandths, -1 = as learnt */
	bool broadcast;
	bool search;
	int wait_ms;
	int hold_ms;
	unsigned pipe; /* PPCS_CHANNELS = none */
	int quit_ms;   /* -1 = never */
	const char *dump;
	const char *history;
	bool no_history;
	uint16_t search_port, tcp_relay;
};

extern struct settings settings;

/* A whole --weights argument. 0, or -EINVAL with the reason in *why. */
int settings_parse_weights(const char *text, void *dest, const char **why);

/*
 * Sets the options on a new handle. `address` is the argument, or NULL. 0, or an exit status with
 * the message given.
 */
int settings_apply(struct cli *cli, struct ppcs *p, const char *address);

/* Of the address, the servers and the relays the one that does not resolve, or NULL. */
const char *settings_unresolved(const char *address);

#endif
