/* SPDX-License-Identifier: MIT */
/* What doctor has found out, and how it is printed. */
#ifndef TOOLS_QLINK_FINDINGS_H
#define TOOLS_QLINK_FINDINGS_H

#include "tools/cli/cli.h"

/* How many connections are tried at once. */
#define CLIENTS 8

/* Of one port. */
struct finding {
	uint16_t number;
	const char *role;
	bool open;
	unsigned connections; /* that got their echo, at once */
	int error;            /* why none did */
	const char *style;    /* NULL unknown */
	const char *delimiter;
	uint64_t events;
	uint64_t round_trip_ms;
};

void findings_print(const struct cli *cli, const struct finding *findings, size_t count);

#endif
