/* SPDX-License-Identifier: MIT */
/* monitor: what happens in the house, a line an event. monitoring: reporting on or off. */
#include "commands.h"
#include "common.h"
#include "events.h"

#include "tools/cli/output.h"
#include "tools/cli/progress.h"
#include "tools/cli/wait.h"

#include <errno.h>

/* A stream has time, and the box behind it is small. */
#define RETRY_MS     1000
#define RETRY_MAX_MS 60000
#define REPLY_MS     3000
#define IDLE_MS      30000 /* of the connection that asks what was missed */
#define PROBE_MAX_MS 86400000

static bool want_buttons, want_loads, want_leds;
static int probe_ms = 60000;

const struct cli_option monitor_options[] = {
	{ .name = "buttons",
	  .kind = CLI_FLAG,
	  .help = "buttons, infrared and external functions",
	  .dest = &want_buttons },
	{ .name = "loads",
	  .kind = CLI_FLAG,
	  .help = "loads, station loads, variables, all on, all off",
	  .dest = &want_loads },
	{ .name = "leds",
	  .kind = CLI_FLAG,
	  .help = "LEDs of keypads and LCD stations",
	  .dest = &want_leds },
	{ .name = "probe",
	  .kind = CLI_SECONDS,
	  .arg = "SECONDS",
	  .help = "silence after which to ask for a sign of life (default 60, 0 never)",
	  .dest = &probe_ms,
	  .max = PROBE_MAX_MS },
	{ .name = NULL },
};

static bool selected(enum qlink_event_type type)
{
	bool all = !want_buttons && !want_loads && !want_leds;

	switch (type) {
	case QLINK_EVENT_BUTTON:
	case QLINK_EVENT_IR:
	case QLINK_EVENT_EXTERNAL:
		return all || want_buttons;
	case QLINK_EVENT_LOAD:
	case QLINK_EVENT_STATION_LOAD:
	case QLINK_EVENT_VARIABLE:
	case QLINK_EVENT_ALL_ON:
	case QLINK_EVENT_ALL_OFF:
		return all || want_loads;
	case QLINK_EVENT_LEDS:
	case QLINK_EVENT_LCD_LED:
		return all || want_leds;
	case QLINK_EVENT_TEXT:
	case QLINK_EVENT_CONNECTED:
	case QLINK_EVENT_SYNCHRONISED:
	case QLINK_EVENT_DISCONNECTED:
		return true;
	default:
		return false;
	}
}

struct monitor {
	struct job job;
	bool connected; /* it has been so once */
	bool done;      /* the end, with the status below */
	int status;
};

static void finish(struct monitor *m, int status)
{
	m->done = true;
	m->status = status;
}

/* An attempt that failed: fatal at first when the controller refuses reporting. */
static void attempt_failed(struct monitor *m, const struct qlink_event *e)
{
	struct qlink_event lost = *e;
	char reason[REASON_MAX];

	if (!m->connected && (e->device_error || e->error == -EPROTO)) {
		finish(m, job_failed(&m->job, e->error, e->device_error));
		return;
	}
	if (!e->device_error) {
		error_words(reason, e->error, 0);
		if (m->job.cli->verbose)
			cli_message("%s: %s, next attempt in %u ms", m->job.what, reason,
				    (unsigned)e->delay_ms);
		return;
	}
	lost.type = QLINK_EVENT_DISCONNECTED;
	if (event_print(m->job.cli, &lost) || cli_counted(m->job.cli))
		finish(m, CLI_EXIT_OK);
}

static void take(struct monitor *m, const struct qlink_event *e)
{
	if (e->type == QLINK_EVENT_CONNECT_FAILED) {
		attempt_failed(m, e);
		return;
	}
	if (e->type == QLINK_EVENT_OVERFLOW)
		cli_message("%s: too slow, %u events were dropped", m->job.what,
			    (unsigned)e->count);
	if (e->type == QLINK_EVENT_CONNECTED) {
		cli_progress_end();
		m->connected = true;
	}
	if (!selected(e->type))
		return;
	if (event_print(m->job.cli, e) || cli_counted(m->job.cli))
		finish(m, CLI_EXIT_OK);
}

static int follow(struct monitor *m)
{
	int left = cli_duration_left(m->job.cli);
	int64_t end_ms = left < 0 ? -1 : cli_now_ms() + left;
	int64_t first_ms = m->job.deadline_ms;

	if (end_ms >= 0 && end_ms < first_ms)
		first_ms = end_ms;
	for (;;) {
		const struct qlink_event *e;
		int err;

		while (!m->done && (e = qlink_next_event(m->job.q)) != NULL)
			take(m, e);
		if (m->done)
			return m->status;
		err = job_turn(&m->job, m->connected ? end_ms : first_ms);
		if (err == -ETIMEDOUT && m->connected)
			return CLI_EXIT_OK;
		if (err == -ETIMEDOUT)
			err = job_timeout(&m->job);
		if (err)
			return job_failed(&m->job, err, 0);
	}
}

static unsigned reports(void)
{
	unsigned found = QLINK_MONITOR_NONE;

	if (settings.mode == QLINK_MODE_READ_ONLY)
		return QLINK_MONITOR_LISTEN;
	if (want_buttons)
		found |= QLINK_MONITOR_BUTTONS;
	if (want_loads)
		found |= QLINK_MONITOR_LOADS;
	if (want_leds)
		found |= QLINK_MONITOR_LEDS | QLINK_MONITOR_LCD_LEDS;
	return found ? found : QLINK_MONITOR_ALL;
}

static int begin(struct monitor *m)
{
	struct qlink *q = m->job.q;
	const int errors[] = {
		qlink_set_monitoring(q, reports()),
		/* So that a change that was missed is told after a reconnect. */
		qlink_set_auto_watch(q, true),
		qlink_set_probe(q, (unsigned)probe_ms),
		qlink_set_reply_timeout(q, REPLY_MS),
		qlink_set_idle_close(q, IDLE_MS),
		qlink_set_reconnect(q, RETRY_MS, RETRY_MAX_MS),
	};

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i])
			return job_failed(&m->job, errors[i], 0);
	if (settings.mode == QLINK_MODE_READ_ONLY)
		cli_message("read-only: reporting is not switched on, only what others have "
			    "switched on is heard");
	cli_progress("connecting to %s", m->job.cli->host);
	return job_connect(&m->job);
}

int run_monitor(struct cli *cli, int argc, char **argv)
{
	struct monitor m = { .connected = false };
	int status = job_begin(&m.job, cli, "monitor", argc, argv);

	if (!status)
		status = begin(&m);
	if (!status)
		status = follow(&m);
	job_end(&m.job);
	return status;
}

static int make_buttons(struct qlink *q, const void *arguments, uint32_t *ret_id)
{
	const unsigned *on = arguments;

	return qlink_monitor_buttons(q, *on > 0, *on > 0, ret_id);
}

static int make_loads(struct qlink *q, const void *arguments, uint32_t *ret_id)
{
	const unsigned *on = arguments;

	return qlink_monitor_loads(q, *on > 0, ret_id);
}

static int make_leds(struct qlink *q, const void *arguments, uint32_t *ret_id)
{
	const unsigned *on = arguments;

	return qlink_monitor_leds(q, *on > 0 ? 3 : 0, ret_id);
}

/* All three one after the other; only the value that was asked for counts. */
static int switch_reporting(struct job *job, unsigned on)
{
	static request_fn *const make[] = { make_buttons, make_loads, make_leds };
	const int wanted[] = { (int)on, (int)on, on ? 3 : 0 };

	for (size_t i = 0; i < sizeof(make) / sizeof(make[0]); i++) {
		const struct qlink_event *answer;
		int status = job_ask(job, make[i], &on, &answer);

		if (status)
			return status;
		if (answer->state != wanted[i])
			return job_failed(job, -EPROTO, 0);
	}
	return CLI_EXIT_OK;
}

int run_monitoring(struct cli *cli, int argc, char **argv)
{
	struct job job;
	unsigned on;
	int status = parse_word("STATE", off_on, argv[0], &on);

	if (status)
		return status;
	status = job_begin(&job, cli, "monitoring", argc, argv);
	if (!status)
		status = job_check(&job, make_buttons, &on);
	if (!status)
		status = job_connect(&job);
	if (!status)
		status = switch_reporting(&job, on);
	job_end(&job);
	return status;
}
