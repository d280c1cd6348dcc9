/* SPDX-License-Identifier: MIT */
/* What the benchmarks of libppcs have in common; see ppcs_client.h. */
#define _GNU_SOURCE /* sched_setaffinity() */
#include "ppcs_client.h"

#include <sched.h>

#include "bench.h"

#define LIMIT_MS 10000

struct ppcs *client_new(const struct camera *c, bool plain)
{
	struct ppcs *p;

	require(ppcs_new(&p) == 0);
	require(ppcs_set_address(p, "127.0.0.1") == 0);
	require(ppcs_set_ports(p, &c->main_port, 1) == 0);
	require(ppcs_set_search_port(p, c->search_port) == 0);
	require(ppcs_set_uid(p, CAMERA_UID) == 0);
	require(ppcs_set_key(p, plain ? "" : NULL) == 0);
	return p;
}

const struct ppcs_event *client_wait(struct ppcs *p, enum ppcs_event_type type)
{
	for (;;) {
		const struct ppcs_event *e = ppcs_next_event(p);

		if (e && e->type == type)
			return e;
		if (!e)
			require(ppcs_wait(p, LIMIT_MS) == 1);
	}
}

bool client_has(struct ppcs *p, enum ppcs_event_type type)
{
	const struct ppcs_event *e;
	bool found = false;

	while ((e = ppcs_next_event(p)) != NULL)
		found |= e->type == type;
	return found;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

void client_sort(double *values, unsigned count)
{
	qsort(values, count, sizeof(values[0]), compare);
}

void client_stay_on_one_core(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)sched_getcpu(), &set);
	require(sched_setaffinity(0, sizeof(set), &set) == 0);
}
