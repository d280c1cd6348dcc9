/* SPDX-License-Identifier: MIT */
/*
 * Addresses of loads: their text, their ranges, and which command speaks to which kind. The
 * controller cannot translate between contractor numbers and physical addresses (section 4).
 */
#include "address.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "line.h"

#define VARIABLE_BASE         10000
#define VARIABLE_MODULE       17 /* a virtual module holds the variables (3.1) */
#define MODULES_PER_ENCLOSURE 4

struct qlink_load qlink_contractor(unsigned number)
{
	return (struct qlink_load){ .kind = QLINK_LOAD_CONTRACTOR, .load = number };
}

struct qlink_load qlink_module_load(unsigned master, unsigned enclosure, unsigned module,
				    unsigned load)
{
	return (struct qlink_load){ .kind = QLINK_LOAD_MODULE,
				    .master = master,
				    .enclosure = enclosure,
				    .module = module,
				    .load = load };
}

struct qlink_load qlink_module16_load(unsigned master, unsigned module, unsigned load)
{
	return (struct qlink_load){
		.kind = QLINK_LOAD_MODULE16, .master = master, .module = module, .load = load
	};
}

struct qlink_load qlink_station_load(unsigned master, unsigned station, unsigned load)
{
	return (struct qlink_load){
		.kind = QLINK_LOAD_STATION, .master = master, .station = station, .load = load
	};
}

struct qlink_load qlink_variable(unsigned master, unsigned number)
{
	return (struct qlink_load){ .kind = QLINK_LOAD_VARIABLE, .master = master, .load = number };
}

static bool within(unsigned value, char letter)
{
	const struct range *range = qlink_range_of(letter);

	return value >= (unsigned)range->min && value <= (unsigned)range->max;
}

struct qlink_load qlink_load_normal(struct qlink_load load)
{
	unsigned variable = load.load - VARIABLE_BASE;

	if (load.kind == QLINK_LOAD_CONTRACTOR && load.load > VARIABLE_BASE &&
	    within(variable / 10, 'm') && within(variable % 10, 'l'))
		return qlink_variable(variable / 10, variable % 10);
	if (load.kind != QLINK_LOAD_MODULE16)
		return load;
	if (load.module == VARIABLE_MODULE)
		return qlink_variable(load.master, load.load);
	return qlink_module_load(load.master, (load.module - 1) / MODULES_PER_ENCLOSURE + 1,
				 (load.module - 1) % MODULES_PER_ENCLOSURE + 1, load.load);
}

int qlink_load_check(struct qlink_load load)
{
	bool ok = false;

	switch (load.kind) {
	case QLINK_LOAD_CONTRACTOR:
		ok = within(load.load, 'c') || qlink_load_normal(load).kind == QLINK_LOAD_VARIABLE;
		break;
	case QLINK_LOAD_MODULE:
		ok = within(load.master, 'm') && within(load.enclosure, 'e') &&
		     within(load.module, 'o') && within(load.load, 'l');
		break;
	case QLINK_LOAD_MODULE16:
		ok = within(load.master, 'm') && within(load.module, 'O') && within(load.load, 'l');
		break;
	case QLINK_LOAD_STATION:
		ok = within(load.master, 'm') && within(load.station, 's') &&
		     within(load.load, 'l');
		break;
	case QLINK_LOAD_VARIABLE:
		ok = within(load.master, 'm') && within(load.load, 'l');
		break;
	case QLINK_LOAD_NONE:
		break;
	}
	return ok ? 0 : -EINVAL;
}

static void put(struct command *c, unsigned value)
{
	c->params[c->count++] = (int32_t)value;
}

void qlink_load_command(struct qlink_load load, bool set, struct command *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (load.kind == QLINK_LOAD_CONTRACTOR)
		load = qlink_load_normal(load);
	if (load.kind == QLINK_LOAD_VARIABLE)
		load = qlink_module16_load(load.master, VARIABLE_MODULE, load.load);
	if (load.kind != QLINK_LOAD_CONTRACTOR)
		put(ret, load.master);
	switch (load.kind) {
	case QLINK_LOAD_MODULE:
		ret->verb = set ? QLINK_COMMAND_VLB : QLINK_COMMAND_VGB;
		put(ret, load.enclosure);
		put(ret, load.module);
		break;
	case QLINK_LOAD_MODULE16:
		ret->verb = set ? QLINK_COMMAND_VLA : QLINK_COMMAND_VGA;
		put(ret, load.module);
		break;
	case QLINK_LOAD_STATION:
		ret->verb = set ? QLINK_COMMAND_VLC : QLINK_COMMAND_VGC;
		put(ret, load.station);
		break;
	default:
		ret->verb = set ? QLINK_COMMAND_VLO : QLINK_COMMAND_VGL;
		break;
	}
	put(ret, load.load);
}

struct qlink_load qlink_load_of_command(const struct command *c)
{
	const int32_t *p = c->params;

	switch (c->verb) {
	case QLINK_COMMAND_VLO:
	case QLINK_COMMAND_VGL:
		return qlink_contractor((unsigned)p[0]);
	case QLINK_COMMAND_VLA:
	case QLINK_COMMAND_VGA:
		return qlink_module16_load((unsigned)p[0], (unsigned)p[1], (unsigned)p[2]);
	case QLINK_COMMAND_VLB:
	case QLINK_COMMAND_VGB:
		return qlink_module_load((unsigned)p[0], (unsigned)p[1], (unsigned)p[2],
					 (unsigned)p[3]);
	case QLINK_COMMAND_VLC:
	case QLINK_COMMAND_VGC:
		return qlink_station_load((unsigned)p[0], (unsigned)p[1], (unsigned)p[2]);
	default:
		return (struct qlink_load){ 0 };
	}
}

/* Up to four numbers with one kind of separator between them; the count, or 0. */
static size_t split_numbers(const char *text, char separator, unsigned numbers[4])
{
	size_t count = 0;

	for (;;) {
		struct span part = { text, 0 };
		int32_t number;

		while (part.data[part.size] != '\0' && part.data[part.size] != separator)
			part.size++;
		if (count == 4 || !qlink_span_number(part, &number) || part.data[0] == '-')
			return 0;
		numbers[count++] = (unsigned)number;
		text += part.size;
		if (*text == '\0')
			return count;
		text++;
	}
}

int qlink_load_parse(const char *text, struct qlink_load *ret_load)
{
	struct qlink_load load;
	unsigned n[4];

	if (!text || !ret_load)
		return -EINVAL;
	if (strchr(text, '.')) {
		if (split_numbers(text, '.', n) != 4)
			return -EINVAL;
		load = qlink_module_load(n[0], n[1], n[2], n[3]);
	} else if (strchr(text, '/')) {
		if (split_numbers(text, '/', n) != 3)
			return -EINVAL;
		load = qlink_station_load(n[0], n[1], n[2]);
	} else {
		if (split_numbers(text, '.', n) != 1)
			return -EINVAL;
		load = qlink_contractor(n[0]);
	}
	if (qlink_load_check(load) < 0)
		return -EINVAL;
	*ret_load = load;
	return 0;
}

void qlink_load_format(struct qlink_load load, char text[QLINK_LOAD_TEXT])
{
	text[0] = '\0';
	if (qlink_load_check(load) < 0)
		return;
	if (load.kind == QLINK_LOAD_MODULE16)
		load = qlink_load_normal(load);
	switch (load.kind) {
	case QLINK_LOAD_CONTRACTOR:
		snprintf(text, QLINK_LOAD_TEXT, "%u", load.load);
		break;
	case QLINK_LOAD_MODULE:
		snprintf(text, QLINK_LOAD_TEXT, "%u.%u.%u.%u", load.master, load.enclosure,
			 load.module, load.load);
		break;
	case QLINK_LOAD_STATION:
		snprintf(text, QLINK_LOAD_TEXT, "%u/%u/%u", load.master, load.station, load.load);
		break;
	case QLINK_LOAD_VARIABLE:
		snprintf(text, QLINK_LOAD_TEXT, "%u", VARIABLE_BASE + 10 * load.master + load.load);
		break;
	default:
		break;
	}
}
