/* SPDX-License-Identifier: MIT */
/*
 * Event lines: a word and a fixed number of numbers, all of which must be possible. A line that
 * begins like an event but is none must not become one: half a mask is not "all LEDs off".
 */
#include "event.h"

#include <string.h>

#include "command.h"

/** The shape of an event line; ranges as in the table of commands, `H` is a mask. */
struct event_shape {
	char word[5];
	enum qlink_event_type type;
	const char *fields;
	bool serial; /**< a serial number may follow */
};

static const struct event_shape shapes[] = {
	{ "SW", QLINK_EVENT_BUTTON, "mswb", true },
	{ "IR", QLINK_EVENT_IR, "mSCb", true },
	{ "LO", QLINK_EVENT_LOAD, "meolv", false },
	{ "LS", QLINK_EVENT_STATION_LOAD, "mslv", false },
	{ "LV", QLINK_EVENT_VARIABLE, "mlv", false },
	{ "LE", QLINK_EVENT_LEDS, "msHH", false },
	{ "LC", QLINK_EVENT_LCD_LED, "mswb", false },
	{ "AON", QLINK_EVENT_ALL_ON, "n", false },
	{ "AOFF", QLINK_EVENT_ALL_OFF, "n", false },
	{ "ST", QLINK_EVENT_EXTERNAL, "mswb", false },
};

#define MAX_FIELDS 6

static const struct event_shape *find_shape(struct span word)
{
	/* Stray signs of the vendor's text: "AOFF@" (section 6.1). */
	if (word.size > 2 && word.data[word.size - 1] == '@')
		word.size--;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (qlink_span_equals(word, shapes[i].word))
			return &shapes[i];
	return NULL;
}

static bool parse_field(struct span text, char letter, int32_t *ret)
{
	const struct range *range;

	if (letter == 'H')
		return qlink_span_hex(text, ret);
	range = qlink_range_of(letter);
	return qlink_span_number(text, ret) && *ret >= range->min && *ret <= range->max;
}

static void fill(struct qlink_event *e, const int32_t *v)
{
	e->master = (unsigned)v[0];
	e->station = (unsigned)v[1];
	switch (e->type) {
	case QLINK_EVENT_LOAD:
		e->station = 0;
		e->load = qlink_module_load((unsigned)v[0], (unsigned)v[1], (unsigned)v[2],
					    (unsigned)v[3]);
		e->level = v[4];
		break;
	case QLINK_EVENT_STATION_LOAD:
		e->load = qlink_station_load((unsigned)v[0], (unsigned)v[1], (unsigned)v[2]);
		e->level = v[3];
		break;
	case QLINK_EVENT_VARIABLE:
		e->station = 0;
		e->load = qlink_variable((unsigned)v[0], (unsigned)v[1]);
		e->level = v[2];
		break;
	case QLINK_EVENT_LEDS:
		e->on_leds = (uint16_t)(v[2] & ~v[3]); /* blinking wins (section 6.4) */
		e->blink_leds = (uint16_t)v[3];
		break;
	case QLINK_EVENT_ALL_ON:
	case QLINK_EVENT_ALL_OFF:
		e->master = 0;
		e->station = 0;
		e->unaffected = (unsigned)v[0];
		break;
	case QLINK_EVENT_IR:
		e->code = (unsigned)v[2];
		e->state = v[3];
		break;
	default:
		e->button = (unsigned)v[2];
		e->state = v[3];
		break;
	}
}

bool qlink_event_parse(struct span line, struct qlink_event *ret)
{
	int32_t values[MAX_FIELDS] = { 0 };
	const struct event_shape *shape;
	struct line_fields f;
	int32_t serial = 0;
	size_t count;

	qlink_line_fields(line, &f);
	if (f.count < 2 || f.count > MAX_FIELDS)
		return false;
	shape = find_shape(f.at[0]);
	if (!shape)
		return false;
	count = strlen(shape->fields);
	if (f.count != count + 1 && !(shape->serial && f.count == count + 2))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!parse_field(f.at[i + 1], shape->fields[i], &values[i]))
			return false;
	if (f.count == count + 2 && (!qlink_span_number(f.at[count + 1], &serial) || serial < 0))
		return false;
	memset(ret, 0, sizeof(*ret));
	ret->type = shape->type;
	ret->level = -1;
	ret->state = -1;
	ret->has_serial = f.count == count + 2;
	ret->serial = (uint32_t)serial;
	fill(ret, values);
	return true;
}
