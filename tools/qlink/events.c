/* SPDX-License-Identifier: MIT */
/* An event as a line of text or as a JSON object. */
#include "events.h"

#include "commands.h"
#include "common.h"

#include "tools/cli/output.h"

static void print_load(const struct qlink_event *e)
{
	char text[QLINK_LOAD_TEXT];

	if (e->type == QLINK_EVENT_VARIABLE) {
		cli_print(" %u.%u %d", e->load.master, e->load.load, e->level);
		return;
	}
	qlink_load_format(e->load, text);
	cli_print(" %s %d", text, e->level);
}

static void print_leds(const struct qlink_event *e)
{
	cli_print(" %u/%u", e->master, e->station);
	if (e->on_leds) {
		cli_print(" on");
		leds_print(e->on_leds);
	}
	if (e->blink_leds) {
		cli_print(" blink");
		leds_print(e->blink_leds);
	}
}

static void print_reason(const struct qlink_event *e)
{
	char reason[REASON_MAX];

	error_words(reason, e->error, e->device_error);
	cli_print(" %s", reason);
}

static void print_fields(const struct qlink_event *e)
{
	switch (e->type) {
	case QLINK_EVENT_BUTTON:
		cli_print(" %u/%u/%u %s", e->master, e->station, e->button,
			  e->state ? "pressed" : "released");
		break;
	case QLINK_EVENT_IR:
		cli_print(" %u/%u %u %d", e->master, e->station, e->code, e->state);
		break;
	case QLINK_EVENT_EXTERNAL:
		cli_print(" %u/%u/%u %d", e->master, e->station, e->button, e->state);
		break;
	case QLINK_EVENT_LCD_LED:
		cli_print(" %u/%u/%u %s", e->master, e->station, e->button, off_on[e->state > 0]);
		break;
	case QLINK_EVENT_LOAD:
	case QLINK_EVENT_STATION_LOAD:
	case QLINK_EVENT_VARIABLE:
		print_load(e);
		break;
	case QLINK_EVENT_LEDS:
		print_leds(e);
		break;
	case QLINK_EVENT_ALL_ON:
	case QLINK_EVENT_ALL_OFF:
		cli_print(" %u", e->unaffected);
		break;
	case QLINK_EVENT_TEXT:
		cli_print(" ");
		cli_print_text(e->text.data, e->text.size);
		break;
	case QLINK_EVENT_DISCONNECTED:
		print_reason(e);
		break;
	default:
		break;
	}
}

static void json_load(struct cli_json *json, const struct qlink_event *e)
{
	cli_json_uint(json, "master", e->load.master);
	if (e->load.kind == QLINK_LOAD_MODULE) {
		cli_json_uint(json, "enclosure", e->load.enclosure);
		cli_json_uint(json, "module", e->load.module);
	}
	if (e->load.kind == QLINK_LOAD_STATION)
		cli_json_uint(json, "station", e->load.station);
	cli_json_uint(json, e->type == QLINK_EVENT_VARIABLE ? "variable" : "load", e->load.load);
	cli_json_int(json, "level", e->level);
}

/* `what` names the third number of the address, or is NULL. */
static void json_station(struct cli_json *json, const struct qlink_event *e, const char *what)
{
	cli_json_uint(json, "master", e->master);
	cli_json_uint(json, e->type == QLINK_EVENT_IR ? "zone" : "station", e->station);
	if (what)
		cli_json_uint(json, what, e->button);
}

static void json_button(struct cli_json *json, const struct qlink_event *e)
{
	json_station(json, e, "button");
	cli_json_string(json, "state", e->state ? "pressed" : "released");
	if (e->has_serial)
		cli_json_uint(json, "serial", e->serial);
}

static void json_leds(struct cli_json *json, const struct qlink_event *e)
{
	json_station(json, e, NULL);
	leds_json(json, "on", e->on_leds);
	leds_json(json, "blink", e->blink_leds);
}

static void json_reason(struct cli_json *json, const struct qlink_event *e)
{
	char reason[REASON_MAX];

	error_words(reason, e->error, e->device_error);
	cli_json_string(json, "reason", reason);
}

static void json_fields(struct cli_json *json, const struct qlink_event *e)
{
	switch (e->type) {
	case QLINK_EVENT_BUTTON:
		json_button(json, e);
		break;
	case QLINK_EVENT_IR:
		json_station(json, e, NULL);
		cli_json_uint(json, "code", e->code);
		cli_json_int(json, "state", e->state);
		break;
	case QLINK_EVENT_EXTERNAL:
		json_station(json, e, "switch");
		cli_json_int(json, "state", e->state);
		break;
	case QLINK_EVENT_LCD_LED:
		json_station(json, e, "button");
		cli_json_bool(json, "on", e->state > 0);
		break;
	case QLINK_EVENT_LOAD:
	case QLINK_EVENT_STATION_LOAD:
	case QLINK_EVENT_VARIABLE:
		json_load(json, e);
		break;
	case QLINK_EVENT_LEDS:
		json_leds(json, e);
		break;
	case QLINK_EVENT_ALL_ON:
	case QLINK_EVENT_ALL_OFF:
		cli_json_uint(json, "unaffected", e->unaffected);
		break;
	case QLINK_EVENT_TEXT:
		cli_json_text(json, "line", e->text.data, e->text.size);
		break;
	case QLINK_EVENT_DISCONNECTED:
		json_reason(json, e);
		break;
	default:
		break;
	}
}

int event_print(const struct cli *cli, const struct qlink_event *e)
{
	const char *name = qlink_event_name(e->type);
	struct cli_json json = { 0 };
	int err;

	if (!cli->json) {
		cli_print("%s", name);
		print_fields(e);
		return cli_print_end();
	}
	cli_json_begin(&json);
	cli_json_now(&json, "time");
	cli_json_string(&json, "event", name);
	json_fields(&json, e);
	err = cli_json_line(&json);
	cli_json_free(&json);
	return err;
}
