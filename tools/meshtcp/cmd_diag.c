/* SPDX-License-Identifier: MIT */
/* diag: how stable the connection is, and what becomes of one that asks for nothing. */
#include "tools/cli/json.h"
#include "tools/cli/output.h"
#include "tools/cli/progress.h"
#include "tools/cli/wait.h"
#include "tools/meshtcp/commands.h"
#include "tools/meshtcp/common.h"
#include "tools/meshtcp/stability.h"
#include "tools/meshtcp/words.h"

#include <errno.h>
#include <inttypes.h>
#include <time.h>

/* The counters are looked at so often. */
#define LOOK_MS 200
/* More than a heartbeat and its answer: on a good connection there is no such gap. */
#define GAP_MS     30000
#define GAP_MAX_MS 3600000

static bool raw;
static int gap_ms = GAP_MS;

const struct cli_option diag_options[] = {
	{ .name = "raw",
	  .kind = CLI_FLAG,
	  .flags = CLI_ARGV_ONLY,
	  .help = "connect and ask for nothing, to see what the node does with it",
	  .dest = &raw },
	{ .name = "gap",
	  .kind = CLI_SECONDS,
	  .arg = "SECONDS",
	  .help = "silence that is told as a packet_gap (default 30)",
	  .dest = &gap_ms,
	  .min = 1,
	  .max = GAP_MAX_MS },
	{ .name = NULL },
};

struct diag {
	struct link link;
	struct stability stability;
	bool over; /* nothing can be written */
};

/* An event on its way out: its time and name, then what it has more. */
static void begin_line(const struct diag *d, struct cli_json *json, const char *name)
{
	char word[WORD_MAX];

	if (d->link.cli->json) {
		cli_json_begin(json);
		cli_json_now(json, "time");
		cli_json_string(json, "event", name);
	} else {
		cli_print("%s %s", time_text((uint32_t)time(NULL), word), name);
	}
}

static void end_line(struct diag *d, struct cli_json *json)
{
	int err = d->link.cli->json ? cli_json_line(json) : cli_print_end();

	cli_json_free(json);
	cli_counted(d->link.cli);
	if (err)
		d->over = true;
}

/* With --count the last line is the summary. */
static bool has_room(const struct diag *d)
{
	const struct cli *cli = d->link.cli;

	return !d->over && (cli->count == 0 || cli->counted + 1 < cli->count);
}

/* All lines but the summary are there; it says nothing before anything has happened. */
static bool is_complete(const struct diag *d)
{
	return !has_room(d) && (d->link.connected || d->link.cli->counted > 0);
}

static void tell(struct diag *d, const char *name)
{
	struct cli_json json = { 0 };

	if (!has_room(d))
		return;
	begin_line(d, &json, name);
	end_line(d, &json);
}

static void tell_ms(struct diag *d, const char *name, const char *key, int64_t ms)
{
	struct cli_json json = { 0 };

	if (!has_room(d))
		return;
	begin_line(d, &json, name);
	if (d->link.cli->json)
		cli_json_int(&json, key, ms);
	else
		cli_print(" %" PRId64 " ms", ms);
	end_line(d, &json);
}

static void tell_lost(struct diag *d, const struct meshtcp_event *event)
{
	const char *reason = meshtcp_reason_name(event->reason);
	struct cli_json json = { 0 };

	if (!has_room(d))
		return;
	begin_line(d, &json, "disconnected");
	if (d->link.cli->json) {
		cli_json_string(&json, "reason", reason);
		cli_json_uint(&json, "retry_ms", event->delay_ms);
	} else {
		cli_print(" %s, next attempt in %" PRIu32 " ms", reason, event->delay_ms);
	}
	end_line(d, &json);
}

static void take_state(struct diag *d, const struct meshtcp_event *event)
{
	const struct meshtcp_statistics *statistics = meshtcp_get_statistics(d->link.m);
	int64_t now = (int64_t)event->time_ms;
	bool opens = !d->stability.is_open;

	switch (event->state) {
	case MESHTCP_STATE_DOWNLOADING:
	case MESHTCP_STATE_READY:
		cli_progress_end();
		stability_open(&d->stability, now);
		if (opens)
			tell(d, "connected");
		if (event->state != MESHTCP_STATE_READY)
			break;
		stability_ready(&d->stability, now);
		/* Who asks for nothing waits for nothing. */
		if (!raw)
			tell_ms(d, "ready", "download_ms", (int64_t)statistics->download_ms);
		break;
	case MESHTCP_STATE_IDLE:
	case MESHTCP_STATE_BACKOFF:
		/* What became idle by itself is a share that has gone. */
		if (event->state == MESHTCP_STATE_IDLE && !d->link.lost)
			break;
		stability_lost(&d->stability, event->reason, now);
		tell_lost(d, event);
		break;
	default:
		break;
	}
}

static void look(struct diag *d)
{
	const struct meshtcp_statistics *statistics = meshtcp_get_statistics(d->link.m);
	int64_t gap =
		stability_look(&d->stability, statistics->frames_received, gap_ms, cli_now_ms());

	/* A node that was asked for nothing says nothing. */
	if (gap > 0 && !raw)
		tell_ms(d, "packet_gap", "gap_ms", gap);
}

static void json_summary(const struct diag *d, const struct meshtcp_statistics *statistics,
			 int64_t now, struct cli_json *json)
{
	const struct stability *s = &d->stability;
	int64_t mean = stability_mean_return_ms(s);

	cli_json_int(json, "duration_ms", now - s->start_ms);
	cli_json_fixed(json, "connected_percent", stability_open_permille(s, now), 1);
	cli_json_uint(json, "packets", statistics->packets_received);
	cli_json_uint(json, "bytes", statistics->bytes_received);
	cli_json_int(json, "longest_gap_ms", s->longest_gap_ms);
	cli_json_object(json, "reconnects");
	for (unsigned i = 0; i <= MESHTCP_REASON_LOCAL; i++)
		if (s->lost[i] > 0)
			cli_json_uint(json, meshtcp_reason_name((enum meshtcp_reason)i),
				      s->lost[i]);
	cli_json_end(json);
	if (mean >= 0)
		cli_json_int(json, "mean_back_ms", mean);
	else
		cli_json_null(json, "mean_back_ms");
}

static void print_summary(const struct diag *d, const struct meshtcp_statistics *statistics,
			  int64_t now)
{
	const struct stability *s = &d->stability;
	int64_t permille = stability_open_permille(s, now);
	int64_t mean = stability_mean_return_ms(s);
	unsigned count = 0;

	cli_print(" connected %" PRId64 ".%" PRId64 " %%, %" PRIu64 " packets, longest gap %" PRId64
		  " ms, reconnects",
		  permille / 10, permille % 10, statistics->packets_received, s->longest_gap_ms);
	for (unsigned i = 0; i <= MESHTCP_REASON_LOCAL; i++) {
		if (s->lost[i] == 0)
			continue;
		cli_print(" %s %u", meshtcp_reason_name((enum meshtcp_reason)i), s->lost[i]);
		count++;
	}
	if (count == 0)
		cli_print(" none");
	if (mean >= 0)
		cli_print(", mean time to be back %" PRId64 " ms", mean);
}

static void tell_summary(struct diag *d)
{
	const struct meshtcp_statistics *statistics = meshtcp_get_statistics(d->link.m);
	struct cli_json json = { 0 };
	int64_t now = cli_now_ms();

	begin_line(d, &json, "summary");
	if (d->link.cli->json)
		json_summary(d, statistics, now, &json);
	else
		print_summary(d, statistics, now);
	end_line(d, &json);
}

static void take_events(struct diag *d)
{
	const struct meshtcp_event *event;

	while (!d->over && (event = meshtcp_next_event(d->link.m)) != NULL) {
		link_note(&d->link, event);
		if (event->type == MESHTCP_EVENT_STATE)
			take_state(d, event);
	}
}

/* Until something ends it. 0, or the error that made it fail. */
static int loop(struct diag *d)
{
	for (;;) {
		int what, left;

		take_events(d);
		look(d);
		left = link_time_left(&d->link);
		if (is_complete(d) || (d->link.ready && left == 0))
			return 0;
		if (left == 0)
			return link_reason(&d->link, -ETIMEDOUT);
		what = cli_wait(meshtcp_get_fd(d->link.m),
				link_mend(&d->link, left >= 0 && left < LOOK_MS ? left : LOOK_MS));
		if (what < 0)
			return what;
		if (what & (CLI_WAIT_SIGNAL | CLI_WAIT_OUTPUT))
			return 0;
		meshtcp_dispatch(d->link.m);
	}
}

/* Nothing is sent that makes the node answer. */
static int be_silent(const struct link *link)
{
	int err = meshtcp_set_heartbeat(link->m, 0);

	return err ? err : meshtcp_set_health(link->m, 0, GAP_MS);
}

static int diagnose(struct diag *d)
{
	int err = raw ? be_silent(&d->link) : 0;
	int status = err ? link_fail(&d->link, err, NULL) : link_connect(&d->link);

	if (status)
		return status;
	stability_begin(&d->stability, cli_now_ms());
	err = loop(d);
	tell_summary(d);
	return err ? link_fail(&d->link, err, NULL) : 0;
}

int cmd_diag(struct cli *cli, int argc, char **argv)
{
	static struct diag d;
	int status = link_prepare(&d.link, cli, "diag", true,
				  raw ? MESHTCP_DOWNLOAD_NONE : MESHTCP_DOWNLOAD_CONFIG);

	(void)argc;
	(void)argv;
	if (!status)
		status = diagnose(&d);
	return link_close(&d.link, status);
}
