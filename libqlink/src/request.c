/* SPDX-License-Identifier: MIT */
/*
 * The typed calls: arguments to a command of the table; the ranges are checked there.
 */
#include <errno.h>
#include <string.h>

#include <qlink/qlink.h>

#include "common/clock.h"

#include "address.h"
#include "command.h"
#include "handle.h"

static int submit(struct qlink *q, const struct command *c, uint32_t *ret_id)
{
	uint64_t now = cmn_clock_ms();
	int ret;

	if (!q)
		return -EINVAL;
	ret = qlink_session_request(q->session, c, q->priority, now, ret_id);
	if (ret == 0)
		qlink_transport_update(&q->transport, now);
	return ret;
}

/* Add a parameter; one that does not fit 32 bits is out of every range. */
static void put(struct command *c, uint64_t value)
{
	c->params[c->count++] = value <= INT32_MAX ? (int32_t)value : INT32_MIN;
}

#define COMMAND(name, verb_name) struct command name = { .verb = QLINK_COMMAND_##verb_name }

int qlink_load_set(struct qlink *q, struct qlink_load load, unsigned level, uint32_t fade_ms,
		   uint32_t *ret_id)
{
	struct command c;

	if (qlink_load_check(load) < 0)
		return -EINVAL;
	qlink_load_command(load, true, &c);
	put(&c, level);
	if (fade_ms > 0)
		put(&c, fade_ms);
	return submit(q, &c, ret_id);
}

int qlink_load_get(struct qlink *q, struct qlink_load load, uint32_t *ret_id)
{
	struct command c;

	if (qlink_load_check(load) < 0)
		return -EINVAL;
	qlink_load_command(load, false, &c);
	return submit(q, &c, ret_id);
}

int qlink_module_get(struct qlink *q, unsigned master, unsigned enclosure, unsigned module,
		     uint32_t *ret_id)
{
	COMMAND(c, VGD);

	put(&c, master);
	put(&c, enclosure);
	put(&c, module);
	return submit(q, &c, ret_id);
}

int qlink_switch(struct qlink *q, unsigned master, unsigned station, unsigned button,
		 enum qlink_switch_state state, uint32_t *ret_id)
{
	COMMAND(c, VSW);

	put(&c, master);
	put(&c, station);
	put(&c, button);
	put(&c, (unsigned)state);
	return submit(q, &c, ret_id);
}

int qlink_switch_get(struct qlink *q, unsigned master, unsigned station, unsigned button,
		     uint32_t *ret_id)
{
	COMMAND(c, VGS);

	put(&c, master);
	put(&c, station);
	put(&c, button);
	return submit(q, &c, ret_id);
}

int qlink_switches_get(struct qlink *q, unsigned master, unsigned station, uint32_t *ret_id)
{
	COMMAND(c, VGT);

	put(&c, master);
	put(&c, station);
	return submit(q, &c, ret_id);
}

int qlink_led_set(struct qlink *q, unsigned master, unsigned station, unsigned led, unsigned state,
		  uint32_t *ret_id)
{
	COMMAND(c, VLD);

	put(&c, master);
	put(&c, station);
	put(&c, led);
	put(&c, state);
	return submit(q, &c, ret_id);
}

int qlink_led_get(struct qlink *q, unsigned master, unsigned station, unsigned led,
		  uint32_t *ret_id)
{
	COMMAND(c, VLS);

	put(&c, master);
	put(&c, station);
	put(&c, led);
	return submit(q, &c, ret_id);
}

int qlink_leds_get(struct qlink *q, unsigned master, unsigned station, uint32_t *ret_id)
{
	COMMAND(c, VLT);

	put(&c, master);
	put(&c, station);
	return submit(q, &c, ret_id);
}

int qlink_timer_run(struct qlink *q, unsigned master, unsigned function, unsigned state,
		    uint32_t *ret_id)
{
	COMMAND(c, VET);

	put(&c, master);
	put(&c, function);
	put(&c, state);
	return submit(q, &c, ret_id);
}

int qlink_timer_get(struct qlink *q, unsigned master, unsigned function, uint32_t *ret_id)
{
	COMMAND(c, VQT);

	put(&c, master);
	put(&c, function);
	return submit(q, &c, ret_id);
}

int qlink_timer_set(struct qlink *q, unsigned master, unsigned function,
		    const struct qlink_timer *timer, enum qlink_timer_parts parts, uint32_t *ret_id)
{
	COMMAND(c, VST);
	size_t count = (size_t)parts;

	if (!timer || (parts != QLINK_TIMER_STATE && parts != QLINK_TIMER_TIME &&
		       parts != QLINK_TIMER_DAYS && parts != QLINK_TIMER_DATE))
		return -EINVAL;
	put(&c, master);
	put(&c, function);
	{
		const int values[] = {
			timer->state,   timer->hour,    timer->minute,  timer->days[0],
			timer->days[1], timer->days[2], timer->days[3], timer->days[4],
			timer->days[5], timer->days[6], timer->day,     timer->month,
			timer->year,
		};

		for (size_t i = 0; i < count; i++)
			c.params[c.count++] = values[i];
	}
	return submit(q, &c, ret_id);
}

int qlink_monitor_buttons(struct qlink *q, bool serials, bool on, uint32_t *ret_id)
{
	COMMAND(c, VOS);

	put(&c, serials);
	put(&c, on);
	return submit(q, &c, ret_id);
}

int qlink_monitor_loads(struct qlink *q, bool on, uint32_t *ret_id)
{
	COMMAND(c, VOL);

	put(&c, on);
	return submit(q, &c, ret_id);
}

int qlink_monitor_leds(struct qlink *q, unsigned which, uint32_t *ret_id)
{
	COMMAND(c, VOD);

	put(&c, which);
	return submit(q, &c, ret_id);
}

int qlink_format_set(struct qlink *q, bool crlf, bool detailed, uint32_t *ret_id)
{
	COMMAND(c, VCL);

	put(&c, crlf);
	put(&c, detailed);
	return submit(q, &c, ret_id);
}

int qlink_echo(struct qlink *q, unsigned number, uint32_t *ret_id)
{
	COMMAND(c, VEC);

	put(&c, number);
	return submit(q, &c, ret_id);
}

int qlink_firmware_get(struct qlink *q, unsigned master, uint32_t *ret_id)
{
	COMMAND(c, VGV);

	put(&c, master);
	return submit(q, &c, ret_id);
}

int qlink_name_get(struct qlink *q, unsigned master, unsigned address, unsigned position,
		   uint32_t *ret_id)
{
	COMMAND(c, VGN);

	put(&c, master);
	put(&c, address);
	put(&c, position);
	return submit(q, &c, ret_id);
}

int qlink_where(struct qlink *q, uint32_t *ret_id)
{
	COMMAND(c, VQA);

	return submit(q, &c, ret_id);
}

int qlink_masters_get(struct qlink *q, uint32_t *ret_id)
{
	COMMAND(c, VQM);

	return submit(q, &c, ret_id);
}

int qlink_modules_get(struct qlink *q, unsigned master, uint32_t *ret_id)
{
	COMMAND(c, VQP);

	put(&c, master);
	return submit(q, &c, ret_id);
}

int qlink_stations_get(struct qlink *q, unsigned master, uint32_t *ret_id)
{
	COMMAND(c, VQS);

	put(&c, master);
	return submit(q, &c, ret_id);
}

int qlink_vacation_summary(struct qlink *q, unsigned master, uint32_t *ret_id)
{
	COMMAND(c, VACATION_SUMMARY);

	put(&c, master);
	return submit(q, &c, ret_id);
}

int qlink_vacation_day(struct qlink *q, unsigned master, unsigned day, unsigned most,
		       uint32_t *ret_id)
{
	COMMAND(c, VACATION_DAY);

	put(&c, master);
	put(&c, day);
	if (most > 0)
		put(&c, most);
	return submit(q, &c, ret_id);
}

int qlink_station_tune(struct qlink *q, unsigned master, unsigned sixbit, unsigned max_adjust,
		       unsigned max_error, uint32_t *ret_id)
{
	COMMAND(c, STATION_TUNE);

	put(&c, master);
	put(&c, sixbit);
	put(&c, max_adjust);
	put(&c, max_error);
	return submit(q, &c, ret_id);
}

int qlink_profile_set(struct qlink *q, struct qlink_load load, unsigned profile, uint32_t *ret_id)
{
	COMMAND(c, VLP);

	load = qlink_load_normal(load);
	if (load.kind != QLINK_LOAD_MODULE && load.kind != QLINK_LOAD_STATION)
		return -EINVAL;
	put(&c, load.master);
	if (load.kind == QLINK_LOAD_MODULE) {
		put(&c, load.enclosure);
		put(&c, load.module);
	} else {
		c.verb = QLINK_COMMAND_VSP;
		put(&c, load.station);
	}
	put(&c, load.load);
	put(&c, profile);
	return submit(q, &c, ret_id);
}

int qlink_station_assign(struct qlink *q, unsigned master, unsigned station, uint32_t serial,
			 uint32_t *ret_id)
{
	COMMAND(c, VSC);

	put(&c, master);
	put(&c, station);
	put(&c, serial);
	return submit(q, &c, ret_id);
}

int qlink_project_line(struct qlink *q, const char *line, uint32_t *ret_id)
{
	COMMAND(c, VPG);

	c.text = line;
	return submit(q, &c, ret_id);
}

int qlink_thermostat_get(struct qlink *q, unsigned master, unsigned station,
			 const unsigned *registers, size_t count, uint32_t *ret_id)
{
	COMMAND(c, VGH);

	if (!registers || count < 1 || count > 4)
		return -EINVAL;
	put(&c, master);
	put(&c, station);
	for (size_t i = 0; i < count; i++)
		put(&c, registers[i]);
	return submit(q, &c, ret_id);
}

int qlink_thermostat_set(struct qlink *q, unsigned master, unsigned station,
			 const unsigned *registers, const int *values, size_t count,
			 uint32_t *ret_id)
{
	COMMAND(c, VSH);

	if (!registers || !values || count < 1 || count > 3)
		return -EINVAL;
	put(&c, master);
	put(&c, station);
	for (size_t i = 0; i < count; i++) {
		put(&c, registers[i]);
		c.params[c.count++] = values[i];
	}
	return submit(q, &c, ret_id);
}

int qlink_ir_send(struct qlink *q, unsigned master, unsigned set, unsigned code, bool on,
		  unsigned emitter, uint32_t *ret_id)
{
	COMMAND(c, VIR);

	put(&c, master);
	if (set > 0) {
		c.verb = QLINK_COMMAND_VIC;
		put(&c, set);
	}
	put(&c, code);
	put(&c, on);
	put(&c, emitter);
	return submit(q, &c, ret_id);
}

int qlink_raw(struct qlink *q, const char *command, enum qlink_raw_flags flags, uint32_t *ret_id)
{
	COMMAND(c, RAW);

	c.text = command;
	c.collect = flags == QLINK_RAW_LINES;
	return submit(q, &c, ret_id);
}
