/* SPDX-License-Identifier: MIT */
/* Requests and events as text; see words.h. */
#include "words.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char words[WORDS_BYTES];
static size_t used;

static void put(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void put(const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(words + used, sizeof(words) - used, format, args);
	va_end(args);
	used += n > 0 && (size_t)n < sizeof(words) - used ? (size_t)n : 0;
}

bool words_request(const char *text, struct command *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (strncmp(text, "raw ", 4) == 0 || strncmp(text, "raw-lines ", 10) == 0) {
		ret->collect = text[3] == '-';
		ret->text = strchr(text, ' ') + 1;
		return true;
	}
	if (!qlink_command_verb(text, &ret->verb))
		return false;
	text += 3;
	if (ret->verb == QLINK_COMMAND_VPG) {
		ret->text = text + 1;
		return *text == ' ';
	}
	while (*text != '\0') {
		char *end;

		if (*text != ' ' || ret->count == COMMAND_MAX_PARAMS)
			return false;
		ret->params[ret->count++] = (int32_t)strtol(text + 1, &end, 10);
		if (end == text + 1)
			return false;
		text = end;
	}
	return true;
}

const char *words_errno(int error)
{
	static const struct {
		int number;
		const char *name;
	} names[] = {
		{ EINVAL, "EINVAL" },       { ENOMEM, "ENOMEM" },
		{ EBUSY, "EBUSY" },         { EPERM, "EPERM" },
		{ ENOTCONN, "ENOTCONN" },   { ECONNRESET, "ECONNRESET" },
		{ ETIMEDOUT, "ETIMEDOUT" }, { ECONNREFUSED, "ECONNREFUSED" },
		{ ECANCELED, "ECANCELED" }, { EHOSTUNREACH, "EHOSTUNREACH" },
		{ EPROTO, "EPROTO" },       { EIO, "EIO" },
		{ ENOENT, "ENOENT" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].number == -error)
			return names[i].name;
	return "unknown";
}

static void put_list(const char *name, const struct qlink_event *e)
{
	put(" %s=", name);
	for (size_t i = 0; i < e->value_count; i++)
		put("%s%d", i ? "," : "", (int)e->values[i]);
	if (e->value_count == 0)
		put("-");
}

static void put_leds(const char *before, unsigned mask, const char *between)
{
	put("%s", before);
	for (unsigned i = 0; i < 16; i++) {
		if (!(mask >> i & 1))
			continue;
		put("%u%s", i + 1, mask >> i > 1 ? between : "");
	}
}

static void put_rows(const struct qlink_event *e)
{
	put(" rows=%zu", e->row_count);
	for (size_t i = 0; i < e->row_count; i++) {
		if (e->modules) {
			const struct qlink_module *m = &e->modules[i];

			put("\nrow %u %u %u %u %s", m->master, m->enclosure, m->module, m->type,
			    m->version);
		} else if (e->stations) {
			const struct qlink_station *s = &e->stations[i];

			put("\nrow %u %u %u %X %s %u %u", s->master, s->station, s->type, s->config,
			    s->version, s->sixbit, (unsigned)s->serial);
		} else {
			put("\nrow %s", e->lines[i].data);
		}
	}
}

static void put_name(const struct qlink_event *e)
{
	put(" name=");
	for (size_t i = 0; i < e->row_count; i++)
		put("%s%s", i ? "|" : "", e->lines[i].data);
}

static void put_raw(const struct qlink_event *e)
{
	if (e->row_count == 0)
		put(" sent");
	else if (e->text.data)
		put(" line=%s", e->text.data);
	else
		put_rows(e);
}

static void put_level_or_state(const struct qlink_event *e)
{
	if (e->level >= 0)
		put(" level=%d", e->level);
	else if (e->state >= 0)
		put(" state=%d", e->state);
	else
		put(" text=%s", e->text.data ? e->text.data : "");
}

static void put_values(const struct qlink_event *e)
{
	switch (e->command) {
	case QLINK_COMMAND_VGD:
		put_list("levels", e);
		break;
	case QLINK_COMMAND_VGT:
		put_list("states", e);
		break;
	case QLINK_COMMAND_VLT:
		put_leds(e->on_leds ? " on=" : " on=-", e->on_leds, ",");
		put_leds(e->blink_leds ? " blink=" : " blink=-", e->blink_leds, ",");
		break;
	case QLINK_COMMAND_VQT:
	case QLINK_COMMAND_VST:
		put_list("timer", e);
		break;
	case QLINK_COMMAND_VGV:
		put(" version=%s date=%s", e->lines[0].data, e->lines[1].data);
		break;
	case QLINK_COMMAND_VGN:
		put_name(e);
		break;
	case QLINK_COMMAND_VQA:
		put(" master=%d port=%d", (int)e->values[0], (int)e->values[1]);
		break;
	case QLINK_COMMAND_VQM:
		put_list("masters", e);
		break;
	case QLINK_COMMAND_VQP:
	case QLINK_COMMAND_VQS:
	case QLINK_COMMAND_VACATION_SUMMARY:
	case QLINK_COMMAND_VACATION_DAY:
		put_rows(e);
		break;
	case QLINK_COMMAND_VGH:
		put_list("values", e);
		break;
	case QLINK_COMMAND_VSH:
		put_list("station", e);
		break;
	case QLINK_COMMAND_VEC:
	case QLINK_COMMAND_VLP:
	case QLINK_COMMAND_VSP:
	case QLINK_COMMAND_VSC:
	case QLINK_COMMAND_VPG:
		put_list("value", e);
		break;
	case QLINK_COMMAND_RAW:
		put_raw(e);
		break;
	default:
		put_level_or_state(e);
		break;
	}
}

static void put_result(const struct qlink_event *e)
{
	put("result %s", qlink_command_name(e->command));
	if (e->error == 0) {
		put_values(e);
		return;
	}
	put(" error=%s", words_errno(e->error));
	if (e->device_error)
		put(" device=%d", e->device_error);
}

static void put_button(const struct qlink_event *e, const char *name, const char *state)
{
	put("event %s %u/%u/%u %s", name, e->master, e->station, e->button, state);
	if (e->has_serial)
		put(" %u", (unsigned)e->serial);
}

static void put_level(const struct qlink_event *e)
{
	const struct qlink_load *l = &e->load;

	switch (l->kind) {
	case QLINK_LOAD_MODULE:
		put("event load %u.%u.%u.%u", l->master, l->enclosure, l->module, l->load);
		break;
	case QLINK_LOAD_STATION:
		put("event station_load %u/%u/%u", l->master, l->station, l->load);
		break;
	case QLINK_LOAD_VARIABLE:
		put("event variable %u.%u", l->master, l->load);
		break;
	default:
		put("event load %u", l->load);
		break;
	}
	put(" %d", e->level);
}

static void put_led_event(const struct qlink_event *e)
{
	put("event leds %u/%u", e->master, e->station);
	if (e->on_leds)
		put_leds(" on ", e->on_leds, " ");
	if (e->blink_leds)
		put_leds(" blink ", e->blink_leds, " ");
}

static void put_lost(const struct qlink_event *e, const char *name)
{
	put("event %s %s", name, words_errno(e->error));
	if (e->device_error)
		put(" device=%d", e->device_error);
	if (e->delay_ms)
		put(" again in %u", (unsigned)e->delay_ms);
}

static void put_happening(const struct qlink_event *e)
{
	switch (e->type) {
	case QLINK_EVENT_CONNECTED:
		put("event connected");
		break;
	case QLINK_EVENT_SYNCHRONISED:
		put("event synchronised");
		break;
	case QLINK_EVENT_DISCONNECTED:
		put_lost(e, "disconnected");
		break;
	case QLINK_EVENT_CONNECT_FAILED:
		put_lost(e, "connect_failed");
		break;
	case QLINK_EVENT_TEXT:
		put("event text %s", e->text.data);
		break;
	case QLINK_EVENT_OVERFLOW:
		put("event overflow %u", (unsigned)e->count);
		break;
	default:
		put("event type %d", (int)e->type);
		break;
	}
}

const char *words_event(const struct qlink_event *e)
{
	used = 0;
	words[0] = '\0';
	switch (e->type) {
	case QLINK_EVENT_RESULT:
		put_result(e);
		break;
	case QLINK_EVENT_BUTTON:
		put_button(e, "button", e->state ? "pressed" : "released");
		break;
	case QLINK_EVENT_LCD_LED:
		put_button(e, "lcd_led", e->state ? "1" : "0");
		break;
	case QLINK_EVENT_EXTERNAL:
		put_button(e, "external", e->state ? "1" : "0");
		break;
	case QLINK_EVENT_SWITCH:
		put("event switch %u/%u/%u %d", e->master, e->station, e->button, e->state);
		break;
	case QLINK_EVENT_IR:
		put("event ir %u/%u %u %d", e->master, e->station, e->code, e->state);
		if (e->has_serial)
			put(" %u", (unsigned)e->serial);
		break;
	case QLINK_EVENT_LOAD:
	case QLINK_EVENT_STATION_LOAD:
	case QLINK_EVENT_VARIABLE:
		put_level(e);
		break;
	case QLINK_EVENT_ALL_ON:
	case QLINK_EVENT_ALL_OFF:
		put("event all_%s %u", e->type == QLINK_EVENT_ALL_ON ? "on" : "off", e->unaffected);
		break;
	case QLINK_EVENT_LEDS:
		put_led_event(e);
		break;
	default:
		put_happening(e);
		break;
	}
	if (e->resynchronised)
		put(" resynchronised");
	return words;
}
