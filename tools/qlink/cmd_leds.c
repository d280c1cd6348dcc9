/* SPDX-License-Identifier: MIT */
/* leds and led: the lights on a keypad. */
#include "commands.h"
#include "common.h"

#include "tools/cli/output.h"

#define MASK_BITS 16

void leds_print(uint16_t mask)
{
	for (unsigned i = 0; i < MASK_BITS; i++)
		if (mask >> i & 1)
			cli_print(" %u", i + 1);
}

void leds_json(struct cli_json *json, const char *key, uint16_t mask)
{
	cli_json_array(json, key);
	for (unsigned i = 0; i < MASK_BITS; i++)
		if (mask >> i & 1)
			cli_json_uint(json, NULL, i + 1);
	cli_json_end(json);
}

static int make_leds(struct qlink *q, const void *arguments, uint32_t *ret_id)
{
	const unsigned *n = arguments;

	return qlink_leds_get(q, n[0], n[1], ret_id);
}

static void print_line(const char *word, uint16_t mask)
{
	if (mask == 0)
		return;
	cli_print("%s", word);
	leds_print(mask);
	cli_print_end();
}

static void print_leds(const struct cli *cli, const void *arguments,
		       const struct qlink_event *answer)
{
	const unsigned *n = arguments;
	struct cli_json json = { 0 };

	if (!cli->json) {
		print_line("on", answer->on_leds);
		print_line("blink", answer->blink_leds);
		return;
	}
	cli_json_begin(&json);
	cli_json_uint(&json, "master", n[0]);
	cli_json_uint(&json, "station", n[1]);
	leds_json(&json, "on", answer->on_leds);
	leds_json(&json, "blink", answer->blink_leds);
	cli_json_line(&json);
	cli_json_free(&json);
}

int run_leds(struct cli *cli, int argc, char **argv)
{
	static const struct one_shot shot = { "leds", make_leds, print_leds };
	static const struct place places[] = { PLACE_MASTER, PLACE_STATION };
	unsigned n[2];
	int status = parse_numbers(places, 2, argv, n);

	return status ? status : one_shot(cli, &shot, n, argc, argv);
}

static int make_led(struct qlink *q, const void *arguments, uint32_t *ret_id)
{
	const unsigned *n = arguments;

	return qlink_led_set(q, n[0], n[1], n[2], n[3], ret_id);
}

int run_led(struct cli *cli, int argc, char **argv)
{
	static const struct one_shot shot = { "led", make_led, NULL };
	static const struct place places[] = { PLACE_MASTER, PLACE_STATION, { "LED", 1, 10 } };
	static const char *const states[] = { "off", "on", "blink", NULL };
	unsigned n[4];
	int status = parse_numbers(places, 3, argv, n);

	if (!status)
		status = parse_word("STATE", states, argv[3], &n[3]);
	return status ? status : one_shot(cli, &shot, n, argc, argv);
}
