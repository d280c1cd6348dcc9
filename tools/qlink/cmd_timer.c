/* SPDX-License-Identifier: MIT */
/* timer get, run and set: the time functions of a master. */
#include "commands.h"
#include "common.h"

#include "tools/cli/output.h"

#include <string.h>

#define DAYS           7
#define VALUES         13
#define MINUTES_OF_DAY 1440
#define HOUR_SUNRISE   24

static const struct place function_places[] = {
	PLACE_MASTER,
	{ "FUNCTION", 1, 255 },
};

struct arguments {
	unsigned at[2]; /* master, function */
	unsigned state;
	struct qlink_timer timer;
	enum qlink_timer_parts parts;
};

static int make_get(struct qlink *q, const void *arguments, uint32_t *ret_id)
{
	const struct arguments *a = arguments;

	return qlink_timer_get(q, a->at[0], a->at[1], ret_id);
}

static void json_timer(const struct arguments *a, const int32_t *v)
{
	struct cli_json json = { 0 };

	cli_json_begin(&json);
	cli_json_uint(&json, "master", a->at[0]);
	cli_json_uint(&json, "function", a->at[1]);
	cli_json_int(&json, "state", v[0]);
	cli_json_int(&json, "hour", v[1]);
	cli_json_int(&json, "minute", v[2]);
	cli_json_array(&json, "days");
	for (size_t i = 0; i < DAYS; i++)
		cli_json_int(&json, NULL, v[3 + i]);
	cli_json_end(&json);
	cli_json_int(&json, "day", v[10]);
	cli_json_int(&json, "month", v[11]);
	cli_json_int(&json, "year", v[12]);
	cli_json_line(&json);
	cli_json_free(&json);
}

/* In text as "timer set" takes it. */
static void print_timer(const struct cli *cli, const void *arguments,
			const struct qlink_event *answer)
{
	const int32_t *v = answer->values;

	if (answer->value_count < VALUES)
		return;
	if (cli->json) {
		json_timer(arguments, v);
		return;
	}
	cli_print("%d %d %d ", (int)v[0], (int)v[1], (int)v[2]);
	for (size_t i = 0; i < DAYS; i++)
		cli_print("%d", (int)v[3 + i]);
	cli_print(" %d %d %d", (int)v[10], (int)v[11], (int)v[12]);
	cli_print_end();
}

int run_timer_get(struct cli *cli, int argc, char **argv)
{
	static const struct one_shot shot = { "timer get", make_get, print_timer };
	struct arguments a = { .state = 0 };
	int status = parse_numbers(function_places, 2, argv, a.at);

	return status ? status : one_shot(cli, &shot, &a, argc, argv);
}

static int make_run(struct qlink *q, const void *arguments, uint32_t *ret_id)
{
	const struct arguments *a = arguments;

	return qlink_timer_run(q, a->at[0], a->at[1], a->state, ret_id);
}

int run_timer_run(struct cli *cli, int argc, char **argv)
{
	static const struct one_shot shot = { "timer run", make_run, NULL };
	struct arguments a = { .state = 0 };
	int status = parse_numbers(function_places, 2, argv, a.at);

	if (!status)
		status = parse_word("STATE", off_on, argv[2], &a.state);
	return status ? status : one_shot(cli, &shot, &a, argc, argv);
}

/* Seven of 0 and 1, Sunday first. */
static int parse_days(const char *text, int days[DAYS])
{
	if (strlen(text) != DAYS || strspn(text, "01") != DAYS)
		return cli_usage("DAYS: '%.100s' is not seven of 0 and 1, Sunday first", text);
	for (size_t i = 0; i < DAYS; i++)
		days[i] = text[i] - '0';
	return 0;
}

static int parse_signed(const char *name, const char *text, int min, int max, int *number)
{
	int64_t value;

	if (cli_decimal(text, 0, min, max, &value) || strchr(text, '.'))
		return cli_usage("%s: '%.100s' is no number from %d to %d", name, text, min, max);
	*number = (int)value;
	return 0;
}

/* HOUR MINUTE; at sunrise and sunset the minute is an offset. */
static int parse_time(char **argv, struct qlink_timer *timer)
{
	int status = parse_signed("HOUR", argv[0], -1, HOUR_SUNRISE + 1, &timer->hour);
	bool sun = !status && timer->hour >= HOUR_SUNRISE;

	if (status)
		return status;
	return parse_signed("MINUTE", argv[1], sun ? 1 - MINUTES_OF_DAY : -1,
			    sun ? MINUTES_OF_DAY - 1 : 59, &timer->minute);
}

static int parse_date(char **argv, struct qlink_timer *timer)
{
	int status = parse_signed("DAY", argv[0], 0, 31, &timer->day);

	if (!status)
		status = parse_signed("MONTH", argv[1], 0, 12, &timer->month);
	if (!status)
		status = parse_signed("YEAR", argv[2], 0, 9999, &timer->year);
	return status;
}

/* STATE [HOUR MINUTE [DAYS [DAY MONTH YEAR]]] */
static int parse_timer(struct arguments *a, int argc, char **argv)
{
	int status = parse_signed("STATE", argv[0], 0, 2, &a->timer.state);

	a->parts = QLINK_TIMER_STATE;
	if (!status && argc >= 3) {
		a->parts = QLINK_TIMER_TIME;
		status = parse_time(&argv[1], &a->timer);
	}
	if (!status && argc >= 4) {
		a->parts = QLINK_TIMER_DAYS;
		status = parse_days(argv[3], a->timer.days);
	}
	if (!status && argc >= 7) {
		a->parts = QLINK_TIMER_DATE;
		status = parse_date(&argv[4], &a->timer);
	}
	return status;
}

static int make_set(struct qlink *q, const void *arguments, uint32_t *ret_id)
{
	const struct arguments *a = arguments;

	return qlink_timer_set(q, a->at[0], a->at[1], &a->timer, a->parts, ret_id);
}

int run_timer_set(struct cli *cli, int argc, char **argv)
{
	static const struct one_shot shot = { "timer set", make_set, NULL };
	struct arguments a = { .state = 0 };
	int status = parse_numbers(function_places, 2, argv, a.at);

	if (!status && (argc == 4 || argc == 7 || argc == 8))
		status = cli_usage("timer set: incomplete, wanted behind STATE: "
				   "[HOUR MINUTE [DAYS [DAY MONTH YEAR]]]");
	if (!status)
		status = parse_timer(&a, argc - 2, argv + 2);
	return status ? status : one_shot(cli, &shot, &a, argc, argv);
}
