/* SPDX-License-Identifier: MIT */
/*
 * What can be asked of outputs and shutters, in the words of the command line; the commands of the
 * tool and those that `watch` reads are the same.
 */
#ifndef TOOLS_IPCOM_ACTION_H
#define TOOLS_IPCOM_ACTION_H

#include "tools/ipcom/house.h"

#define ACTION_OUTPUTS (IPCOM_MODULES * IPCOM_OUTPUTS)

enum action_kind {
	ACTION_SET,    /* settings[] */
	ACTION_TOGGLE, /* settings[] but their values */
	ACTION_MOVE    /* device, direction */
};

struct action {
	enum action_kind kind;
	struct ipcom_setting settings[ACTION_OUTPUTS];
	size_t count;
	bool dim;                    /* the one output was called a dimmer */
	const struct device *device; /* a relay of the shutter */
	enum ipcom_direction direction;
};

/*
 * verb is "set", "on", "off", "toggle", "dim", "open", "close", "stop" or one of the last three
 * with "cover_" in front. 0, -EPERM when no state of the device could make it safe, or another
 * negative errno; then with the reason, which begins with the verb.
 */
int action_parse(const struct house *house, const char *verb, int argc, char **argv,
		 struct action *ret, char why[CLI_WHY_MAX]);

/*
 * Makes its requests, at most ACTION_OUTPUTS, and counts their ids in *count. 0 or the error of
 * the library; those made before it stay made.
 */
int action_start(const struct action *action, struct ipcom *ipcom, uint32_t *ids, size_t *count);

#endif
