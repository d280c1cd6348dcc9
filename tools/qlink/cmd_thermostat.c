/* SPDX-License-Identifier: MIT */
/* thermostat get and set: registers by name or number, temperatures in degrees Celsius. */
#include "commands.h"
#include "common.h"

#include "tools/cli/output.h"

#include <errno.h>
#include <string.h>

/* How many registers go into one command. */
#define READ_MOST  4
#define WRITE_MOST 3
/* Half degrees are the unit of the wire; what is typed has up to nine decimals. */
#define DIGITS    9
#define HALF      500000000
#define VALUE_MIN (-200)
#define VALUE_MAX 300

enum unit {
	TEMPERATURE,
	DAY_NIGHT, /* 0 day, 1 night */
	FAN,       /* 0 auto, 1 on */
	MODE       /* 0 off, 1 cool, 2 heat, 3 auto */
};

static const int unit_max[] = { [DAY_NIGHT] = 1, [FAN] = 1, [MODE] = 3 };

struct reg {
	unsigned number;
	enum unit unit;
	const char *name; /* as typed */
	const char *key;  /* in JSON */
};

static const struct reg registers[] = {
	{ 5, TEMPERATURE, "heat-day", "heat_day" },
	{ 6, TEMPERATURE, "heat-night", "heat_night" },
	{ 7, TEMPERATURE, "cool-day", "cool_day" },
	{ 8, TEMPERATURE, "cool-night", "cool_night" },
	{ 9, DAY_NIGHT, "day-night", "day_night" },
	{ 10, FAN, "fan", "fan" },
	{ 11, MODE, "mode", "mode" },
	{ 12, TEMPERATURE, "outdoor", "outdoor" },
	{ 13, TEMPERATURE, "indoor", "indoor" },
	{ 48, TEMPERATURE, "indoor-high", "indoor_high" },
	{ 49, TEMPERATURE, "indoor-low", "indoor_low" },
	{ 50, TEMPERATURE, "indoor-hysteresis", "indoor_hysteresis" },
	{ 51, TEMPERATURE, "outdoor-high", "outdoor_high" },
	{ 52, TEMPERATURE, "outdoor-low", "outdoor_low" },
	{ 53, TEMPERATURE, "outdoor-hysteresis", "outdoor_hysteresis" },
};

#define REGISTER_COUNT (sizeof(registers) / sizeof(registers[0]))

struct item {
	const struct reg *reg;
	int value; /* as on the wire */
};

struct arguments {
	unsigned at[2]; /* master, station */
	struct item items[REGISTER_COUNT];
	size_t count;
	/* The items of the command under way. */
	size_t first, size;
};

static const struct reg *find_register(const char *text)
{
	uint64_t number;
	bool numeric = cli_number(text, 0, UINT16_MAX, &number) == 0;

	for (size_t i = 0; i < REGISTER_COUNT; i++)
		if (numeric ? registers[i].number == number : strcmp(registers[i].name, text) == 0)
			return &registers[i];
	return NULL;
}

static int parse_register(struct arguments *a, const char *text)
{
	const struct reg *reg = find_register(text);

	if (!reg)
		return cli_usage("REGISTER: '%.100s' is none", text);
	for (size_t i = 0; i < a->count; i++)
		if (a->items[i].reg == reg)
			return cli_usage("REGISTER: '%.100s' stands there twice", text);
	a->items[a->count++].reg = reg;
	return 0;
}

static int parse_value(struct item *item, const char *text)
{
	const struct reg *reg = item->reg;
	uint64_t number;
	int64_t value;

	if (reg->unit != TEMPERATURE) {
		if (cli_number(text, 0, (uint64_t)unit_max[reg->unit], &number))
			return cli_usage("%s: '%.100s' is no number from 0 to %d", reg->name, text,
					 unit_max[reg->unit]);
		item->value = (int)number;
		return 0;
	}
	if (cli_decimal(text, DIGITS, (int64_t)VALUE_MIN * HALF, (int64_t)VALUE_MAX * HALF,
			&value) ||
	    value % HALF != 0)
		return cli_usage("%s: '%.100s' is no temperature from %d to %d in half degrees",
				 reg->name, text, VALUE_MIN / 2, VALUE_MAX / 2);
	item->value = (int)(value / HALF);
	return 0;
}

static int parse_address(struct arguments *a, char **argv)
{
	static const struct place places[] = { PLACE_MASTER, { "STATION", 1, 50 } };

	return parse_numbers(places, 2, argv, a->at);
}

static int make_get(struct qlink *q, const void *arguments, uint32_t *ret_id)
{
	const struct arguments *a = arguments;
	unsigned numbers[READ_MOST];

	for (size_t i = 0; i < a->size; i++)
		numbers[i] = a->items[a->first + i].reg->number;
	return qlink_thermostat_get(q, a->at[0], a->at[1], numbers, a->size, ret_id);
}

static int make_set(struct qlink *q, const void *arguments, uint32_t *ret_id)
{
	const struct arguments *a = arguments;
	unsigned numbers[WRITE_MOST];
	int values[WRITE_MOST];

	for (size_t i = 0; i < a->size; i++) {
		numbers[i] = a->items[a->first + i].reg->number;
		values[i] = a->items[a->first + i].value;
	}
	return qlink_thermostat_set(q, a->at[0], a->at[1], numbers, values, a->size, ret_id);
}

/* Puts the next items into a command of at most that many; false at the end. */
static bool next_part(struct arguments *a, size_t most)
{
	a->first += a->size;
	a->size = a->count - a->first < most ? a->count - a->first : most;
	return a->size > 0;
}

static void keep_values(struct arguments *a, const struct qlink_event *answer)
{
	for (size_t i = 0; i < a->size && i < answer->value_count; i++)
		a->items[a->first + i].value = (int)answer->values[i];
}

/* All items, in as many commands as they need. */
static int run_parts(struct job *job, struct arguments *a, request_fn *make, size_t most)
{
	const struct qlink_event *answer;
	int status;

	a->first = 0;
	a->size = 0;
	next_part(a, most);
	status = job_check(job, make, a);
	if (!status)
		status = job_connect(job);
	if (status)
		return status;
	do {
		status = job_ask(job, make, a, &answer);
		if (status)
			return status;
		if (make == make_get)
			keep_values(a, answer);
	} while (next_part(a, most));
	return CLI_EXIT_OK;
}

static void json_items(const struct arguments *a)
{
	struct cli_json json = { 0 };

	cli_json_begin(&json);
	cli_json_uint(&json, "master", a->at[0]);
	cli_json_uint(&json, "station", a->at[1]);
	for (size_t i = 0; i < a->count; i++) {
		const struct item *item = &a->items[i];

		if (item->reg->unit == TEMPERATURE)
			cli_json_fixed(&json, item->reg->key, (int64_t)item->value * 5, 1);
		else
			cli_json_int(&json, item->reg->key, item->value);
	}
	cli_json_line(&json);
	cli_json_free(&json);
}

/* One value alone, several with their names. */
static void print_items(const struct arguments *a)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct item *item = &a->items[i];
		int64_t tenths = (int64_t)item->value * 5;
		int64_t size = tenths < 0 ? -tenths : tenths;

		if (a->count > 1)
			cli_print("%s ", item->reg->name);
		if (item->reg->unit == TEMPERATURE)
			cli_print("%s%d.%d", tenths < 0 ? "-" : "", (int)(size / 10),
				  (int)(size % 10));
		else
			cli_print("%d", item->value);
		cli_print_end();
	}
}

int run_thermostat_get(struct cli *cli, int argc, char **argv)
{
	struct arguments a = { .count = 0 };
	struct job job;
	int status = parse_address(&a, argv);

	for (int i = 2; !status && i < argc; i++)
		status = parse_register(&a, argv[i]);
	if (status)
		return status;
	status = job_begin(&job, cli, "thermostat get", argc, argv);
	if (!status)
		status = run_parts(&job, &a, make_get, READ_MOST);
	if (!status && cli->json)
		json_items(&a);
	else if (!status)
		print_items(&a);
	job_end(&job);
	return status;
}

int run_thermostat_set(struct cli *cli, int argc, char **argv)
{
	struct arguments a = { .count = 0 };
	struct job job;
	int status = parse_address(&a, argv);

	for (int i = 2; !status && i < argc; i += 2) {
		if (i + 1 == argc)
			return cli_usage("thermostat set: no VALUE behind '%.100s'", argv[i]);
		status = parse_register(&a, argv[i]);
		if (!status)
			status = parse_value(&a.items[a.count - 1], argv[i + 1]);
	}
	if (status)
		return status;
	status = job_begin(&job, cli, "thermostat set", argc, argv);
	if (!status)
		status = run_parts(&job, &a, make_set, WRITE_MOST);
	job_end(&job);
	return status;
}
