/* SPDX-License-Identifier: MIT */
/* press, switch and state: the functions of a station's buttons. */
#include "commands.h"
#include "common.h"

#include "tools/cli/output.h"
#include "tools/cli/wait.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define HOLD_MAX_MS 3600000
/* After a press that went out, at least this long is spent on its release. */
#define RELEASE_MS 3000

static unsigned hold_ms;

const struct cli_option press_options[] = {
	{ .name = "hold",
	  .kind = CLI_UINT,
	  .arg = "MS",
	  .help = "hold the button down that long",
	  .dest = &hold_ms,
	  .max = HOLD_MAX_MS },
	{ .name = NULL },
};

static const struct place button_places[] = {
	PLACE_MASTER,
	PLACE_STATION,
	{ "BUTTON", 1, 255 },
};

struct button {
	unsigned at[3]; /* master, station, button */
	unsigned state;
};

static int make_switch(struct qlink *q, const void *arguments, uint32_t *ret_id)
{
	const struct button *b = arguments;

	return qlink_switch(q, b->at[0], b->at[1], b->at[2], (enum qlink_switch_state)b->state,
			    ret_id);
}

/* From now on nothing but the time ends the job. */
static void finish_soon(struct job *job, bool at_least)
{
	int64_t end = cli_now_ms() + RELEASE_MS;

	job->finishing = true;
	if (at_least ? job->deadline_ms < end : job->deadline_ms > end)
		job->deadline_ms = end;
}

/* Has the command left, or may it have? Then the button is down. */
static bool sent(const struct job *job)
{
	return qlink_get_statistics(job->q)->commands > 0;
}

/* Presses and learns what came of it, also when a signal comes meanwhile: -EINTR then. */
static int press(struct job *job, const struct button *b, int *device_error)
{
	const struct qlink_event *answer = NULL;
	uint32_t id;
	int err = make_switch(job->q, b, &id);
	bool interrupted;

	if (!err)
		err = job_await(job, id, &answer);
	interrupted = err == -EINTR;
	if (interrupted && sent(job)) {
		finish_soon(job, false);
		err = job_await(job, id, &answer);
	}
	*device_error = answer ? answer->device_error : 0;
	return interrupted && !err ? -EINTR : err;
}

/* 0 when the time is over, -EINTR when a signal ended it; the time does not count. */
static int hold(struct job *job)
{
	int64_t begin = cli_now_ms();
	int err = 0;

	while (!err)
		err = job_turn(job, begin + hold_ms);
	job->deadline_ms += cli_now_ms() - begin;
	return err == -ETIMEDOUT ? 0 : err;
}

static int release(struct job *job, struct button *b, int *device_error)
{
	const struct qlink_event *answer;
	int err;

	b->state = QLINK_SWITCH_RELEASE;
	finish_soon(job, true);
	/* A second release does no harm, a button that stays down does. */
	do {
		err = job_request(job, make_switch, b, &answer);
	} while (err == -ECONNRESET && cli_now_ms() < job->deadline_ms);
	*device_error = answer ? answer->device_error : 0;
	return err;
}

/* Into the one line that says why. */
static void warn_held(struct job *job)
{
	size_t len = strlen(job->what);

	snprintf(job->what + len, sizeof(job->what) - len, " (may still be held down)");
}

static int press_and_hold(struct job *job, struct button *b)
{
	int device_error, release_error;
	int err = press(job, b, &device_error);
	int late;

	if (err == -EIO || (err && !sent(job)))
		return job_failed(job, err, device_error);
	if (!err)
		err = hold(job);
	else if (err != -EINTR)
		job_renew(job);
	late = release(job, b, &release_error);
	if (late)
		warn_held(job);
	if (err && err != -EINTR)
		return job_failed(job, err, device_error);
	return late ? job_failed(job, late, release_error) : CLI_EXIT_OK;
}

int run_press(struct cli *cli, int argc, char **argv)
{
	static const struct one_shot tap = { "press", make_switch, NULL };
	struct button b = { .state = QLINK_SWITCH_TAP };
	struct job job;
	int status = parse_numbers(button_places, 3, argv, b.at);

	if (status)
		return status;
	if (cli_source(cli, "hold") == CLI_BUILT_IN)
		return one_shot(cli, &tap, &b, argc, argv);
	b.state = QLINK_SWITCH_PRESS;
	status = job_begin(&job, cli, "press", argc, argv);
	if (!status)
		status = job_check(&job, make_switch, &b);
	if (!status)
		status = job_connect(&job);
	if (!status)
		status = press_and_hold(&job, &b);
	job_end(&job);
	return status;
}

int run_switch(struct cli *cli, int argc, char **argv)
{
	/* The words behind the numbers, in the order of enum qlink_switch_state. */
	static const char *const states[] = { "0",   "1",     "2",       "3",   "4",
					      "5",   "6",     "off",     "on",  "learn",
					      "dim", "press", "release", "tap", NULL };
	static const struct one_shot shot = { "switch", make_switch, NULL };
	struct button b;
	int status = parse_numbers(button_places, 3, argv, b.at);

	if (!status)
		status = parse_word("STATE", states, argv[3], &b.state);
	b.state %= QLINK_SWITCH_TAP + 1;
	return status ? status : one_shot(cli, &shot, &b, argc, argv);
}

static int make_state(struct qlink *q, const void *arguments, uint32_t *ret_id)
{
	const struct button *b = arguments;

	if (b->at[2] == 0)
		return qlink_switches_get(q, b->at[0], b->at[1], ret_id);
	return qlink_switch_get(q, b->at[0], b->at[1], b->at[2], ret_id);
}

static void json_state(const struct button *b, const struct qlink_event *answer)
{
	struct cli_json json = { 0 };

	cli_json_begin(&json);
	cli_json_uint(&json, "master", b->at[0]);
	cli_json_uint(&json, "station", b->at[1]);
	if (b->at[2] > 0) {
		cli_json_uint(&json, "switch", b->at[2]);
		cli_json_int(&json, "state", answer->state);
	} else {
		cli_json_array(&json, "states");
		for (size_t i = 0; i < answer->value_count; i++)
			cli_json_int(&json, NULL, answer->values[i]);
		cli_json_end(&json);
	}
	cli_json_line(&json);
	cli_json_free(&json);
}

static void print_state(const struct cli *cli, const void *arguments,
			const struct qlink_event *answer)
{
	const struct button *b = arguments;

	if (cli->json) {
		json_state(b, answer);
		return;
	}
	if (b->at[2] > 0) {
		cli_line("%d", answer->state);
		return;
	}
	for (size_t i = 0; i < answer->value_count; i++)
		cli_print("%s%d", i > 0 ? " " : "", (int)answer->values[i]);
	cli_print_end();
}

int run_state(struct cli *cli, int argc, char **argv)
{
	static const struct one_shot shot = { "state", make_state, print_state };
	static const struct place places[] = {
		PLACE_MASTER,
		PLACE_STATION,
		{ "SWITCH", 1, 255 },
	};
	struct button b = { .state = 0 };
	int status = parse_numbers(places, (size_t)argc, argv, b.at);

	return status ? status : one_shot(cli, &shot, &b, argc, argv);
}
