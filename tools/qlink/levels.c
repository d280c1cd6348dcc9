/* SPDX-License-Identifier: MIT */
/* Levels of several loads, asked for all at once; the library spreads them over its pool. */
#include "levels.h"

#include "tools/cli/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int levels_parse(struct levels *levels, int argc, char **argv)
{
	*levels = (struct levels){ .items = calloc((size_t)argc, sizeof(*levels->items)) };
	if (!levels->items) {
		cli_message("%s", qlink_strerror(-ENOMEM));
		return (int)cli_exit_for(-ENOMEM);
	}
	for (int i = 0; i < argc; i++) {
		struct level_item *item = &levels->items[i];
		int status = parse_load(argv[i], &item->load);

		if (status)
			return status;
		qlink_load_format(item->load, item->text);
		item->printed = -1;
		levels->count++;
	}
	return 0;
}

void levels_free(struct levels *levels)
{
	free(levels->items);
	levels->items = NULL;
}

static void note_failure(struct levels *levels, const struct level_item *item, int err,
			 int device_error)
{
	if (levels->error)
		return;
	levels->error = err;
	levels->device_error = device_error;
	levels->failed = item;
}

static void take(struct levels *levels, const struct qlink_event *event)
{
	for (size_t i = 0; i < levels->count; i++) {
		struct level_item *item = &levels->items[i];

		if (item->id != event->id)
			continue;
		item->id = 0;
		item->level = event->error ? -1 : event->level;
		levels->pending--;
		if (event->error)
			note_failure(levels, item, event->error, event->device_error);
		return;
	}
}

static void take_all(struct levels *levels, struct qlink *q)
{
	const struct qlink_event *event;

	while ((event = qlink_next_event(q)) != NULL)
		if (event->type == QLINK_EVENT_RESULT)
			take(levels, event);
}

static int ask_all(struct levels *levels, struct qlink *q)
{
	levels->pending = 0;
	levels->error = 0;
	levels->failed = NULL;
	for (size_t i = 0; i < levels->count; i++) {
		struct level_item *item = &levels->items[i];
		int err = qlink_load_get(q, item->load, &item->id);

		item->level = -1;
		if (err)
			return err;
		levels->pending++;
	}
	return 0;
}

int levels_round(struct levels *levels, struct job *job, int64_t deadline_ms, bool stop_early)
{
	int err = ask_all(levels, job->q);

	while (!err) {
		take_all(levels, job->q);
		if (levels->pending == 0 || (levels->error && stop_early))
			return levels->error;
		err = job_turn(job, deadline_ms);
	}
	if (err == -ETIMEDOUT)
		err = job_timeout(job);
	/* Stronger than the failure of a single load. */
	levels->error = 0;
	note_failure(levels, NULL, err, 0);
	return err;
}

int levels_failed(const struct levels *levels, struct job *job, const char *name)
{
	if (levels->failed)
		snprintf(job->what, sizeof(job->what), "%s %s", name, levels->failed->text);
	return job_failed(job, levels->error, levels->device_error);
}
