/* SPDX-License-Identifier: MIT */
/*
 * Event lines: an input is a stream of lines. A line that is taken for an event and written anew
 * from what was understood must be understood in the same way.
 */
#include <string.h>

#include "event.h"
#include "fuzz.h"

#define TEXT_BYTES 128

static int write_address(const struct qlink_event *e, const char *word, char *text)
{
	return snprintf(text, TEXT_BYTES, "%s %u %u %u %d", word, e->master, e->station, e->button,
			e->state);
}

static int write_load(const struct qlink_event *e, char *text)
{
	const struct qlink_load *l = &e->load;

	switch (e->type) {
	case QLINK_EVENT_LOAD:
		return snprintf(text, TEXT_BYTES, "LO %u %u %u %u %d", l->master, l->enclosure,
				l->module, l->load, e->level);
	case QLINK_EVENT_STATION_LOAD:
		return snprintf(text, TEXT_BYTES, "LS %u %u %u %d", l->master, l->station, l->load,
				e->level);
	default:
		return snprintf(text, TEXT_BYTES, "LV %u %u %d", l->master, l->load, e->level);
	}
}

static int write_event(const struct qlink_event *e, char *text)
{
	switch (e->type) {
	case QLINK_EVENT_BUTTON:
		return write_address(e, "SW", text);
	case QLINK_EVENT_LCD_LED:
		return write_address(e, "LC", text);
	case QLINK_EVENT_EXTERNAL:
		return write_address(e, "ST", text);
	case QLINK_EVENT_IR:
		return snprintf(text, TEXT_BYTES, "IR %u %u %u %d", e->master, e->station, e->code,
				e->state);
	case QLINK_EVENT_LEDS:
		return snprintf(text, TEXT_BYTES, "LE %u %u %X %02X", e->master, e->station,
				(unsigned)e->on_leds, (unsigned)e->blink_leds);
	case QLINK_EVENT_ALL_ON:
		return snprintf(text, TEXT_BYTES, "AON@ %u", e->unaffected);
	case QLINK_EVENT_ALL_OFF:
		return snprintf(text, TEXT_BYTES, "AOFF %u", e->unaffected);
	case QLINK_EVENT_LOAD:
	case QLINK_EVENT_STATION_LOAD:
	case QLINK_EVENT_VARIABLE:
		return write_load(e, text);
	default:
		must(false); /* no event line has another type */
		return 0;
	}
}

static void check_same(const struct qlink_event *a, const struct qlink_event *b)
{
	must(a->type == b->type);
	must(a->master == b->master && a->station == b->station);
	must(a->button == b->button && a->code == b->code);
	must(a->level == b->level && a->state == b->state);
	must(a->has_serial == b->has_serial && a->serial == b->serial);
	must(a->on_leds == b->on_leds && a->blink_leds == b->blink_leds);
	must(a->unaffected == b->unaffected);
	must(memcmp(&a->load, &b->load, sizeof(a->load)) == 0);
}

static void check_line(struct span line)
{
	struct qlink_event event;
	struct qlink_event again;
	char text[TEXT_BYTES];
	size_t size;

	if (!qlink_event_parse(line, &event))
		return;
	must(event.level >= -1 && event.level <= 100);
	must(event.state >= -1 && event.state <= 1);
	must((event.on_leds & event.blink_leds) == 0);
	size = (size_t)write_event(&event, text);
	must(size < sizeof(text));
	if (event.has_serial)
		size += (size_t)snprintf(text + size, sizeof(text) - size, " %u", event.serial);
	must(size < sizeof(text));
	must(qlink_event_parse((struct span){ text, size }, &again));
	check_same(&event, &again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct line_splitter s = { 0 };
	struct input in = { data, size };

	while (in.size > 0) {
		struct span line;
		size_t used;

		if (qlink_line_split(&s, in.data, in.size, &used, &line) == LINE_COMPLETE)
			check_line(line);
		take_bytes(&in, used);
	}
	return 0;
}
