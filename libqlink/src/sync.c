/* SPDX-License-Identifier: MIT */
/*
 * Blocking helpers, on the public API alone: make the request, dispatch until its result is there.
 */
#include <errno.h>

#include <qlink/qlink.h>

#include "common/wait.h"

/* Wait for the descriptor and dispatch; 0 also when the time is up. */
static int dispatch_once(struct qlink *q, int timeout_ms)
{
	int ret = cmn_wait_loop(qlink_get_fd(q), timeout_ms);

	return ret < 0 ? ret : qlink_dispatch(q);
}

int qlink_wait(struct qlink *q, int timeout_ms)
{
	uint64_t end = cmn_wait_end(timeout_ms);

	if (!q)
		return -EINVAL;
	for (;;) {
		int left = cmn_wait_left(end);
		int ret;

		if (qlink_has_event(q))
			return 1;
		ret = dispatch_once(q, left);
		if (ret < 0)
			return ret;
		if (left == 0)
			return qlink_has_event(q) ? 1 : 0;
	}
}

static int done(const struct qlink_event *result, const struct qlink_event **ret_event)
{
	if (ret_event)
		*ret_event = result;
	return result->error;
}

static int without_event(int error, const struct qlink_event **ret_event)
{
	if (ret_event)
		*ret_event = NULL;
	return error;
}

/* The time is up: say why there was no answer, and leave no request behind. */
static int give_up(struct qlink *q, uint32_t id, const struct qlink_event **ret_event)
{
	const struct qlink_statistics *statistics = qlink_get_statistics(q);
	int error = -ETIMEDOUT;

	if (statistics->connections == 0)
		error = statistics->last_error < 0 ? statistics->last_error : -EHOSTUNREACH;
	qlink_cancel(q, id);
	qlink_take_result(q, id);
	return without_event(error, ret_event);
}

int qlink_await(struct qlink *q, uint32_t id, int timeout_ms, const struct qlink_event **ret_event)
{
	uint64_t end = cmn_wait_end(timeout_ms);

	if (!q)
		return without_event(-EINVAL, ret_event);
	for (;;) {
		const struct qlink_event *result = qlink_take_result(q, id);
		int left = cmn_wait_left(end);
		int ret;

		if (result)
			return done(result, ret_event);
		if (!qlink_is_pending(q, id))
			return without_event(-ENOENT, ret_event);
		if (left == 0 && timeout_ms != 0)
			return give_up(q, id, ret_event);
		ret = dispatch_once(q, left);
		if (ret < 0)
			return without_event(ret, ret_event);
		if (timeout_ms == 0) {
			result = qlink_take_result(q, id);
			return result ? done(result, ret_event) : give_up(q, id, ret_event);
		}
	}
}

/* The twins differ in nothing but their parameters. */
/* NOLINTBEGIN(bugprone-macro-parentheses): the arguments are lists with their commas */
#define P(...) __VA_ARGS__
#define TWIN(name, params, args)                                            \
	int name##_sync(struct qlink *q, params int timeout_ms,             \
			const struct qlink_event **ret_event)               \
	{                                                                   \
		uint32_t id;                                                \
		int ret = name(q, args & id);                               \
                                                                            \
		return ret < 0 ? without_event(ret, ret_event) :            \
				 qlink_await(q, id, timeout_ms, ret_event); \
	}

/* clang-format off */
TWIN(qlink_load_set, P(struct qlink_load load, unsigned level, uint32_t fade_ms,),
     P(load, level, fade_ms,))
TWIN(qlink_load_get, P(struct qlink_load load,), P(load,))
TWIN(qlink_module_get, P(unsigned master, unsigned enclosure, unsigned module,),
     P(master, enclosure, module,))
TWIN(qlink_switch,
     P(unsigned master, unsigned station, unsigned button, enum qlink_switch_state state,),
     P(master, station, button, state,))
TWIN(qlink_switch_get, P(unsigned master, unsigned station, unsigned button,),
     P(master, station, button,))
TWIN(qlink_switches_get, P(unsigned master, unsigned station,), P(master, station,))
TWIN(qlink_led_set, P(unsigned master, unsigned station, unsigned led, unsigned state,),
     P(master, station, led, state,))
TWIN(qlink_led_get, P(unsigned master, unsigned station, unsigned led,), P(master, station, led,))
TWIN(qlink_leds_get, P(unsigned master, unsigned station,), P(master, station,))
TWIN(qlink_timer_run, P(unsigned master, unsigned function, unsigned state,),
     P(master, function, state,))
TWIN(qlink_timer_get, P(unsigned master, unsigned function,), P(master, function,))
TWIN(qlink_timer_set,
     P(unsigned master, unsigned function, const struct qlink_timer *timer,
       enum qlink_timer_parts parts,),
     P(master, function, timer, parts,))
TWIN(qlink_monitor_buttons, P(bool serials, bool on,), P(serials, on,))
TWIN(qlink_monitor_loads, P(bool on,), P(on,))
TWIN(qlink_monitor_leds, P(unsigned which,), P(which,))
TWIN(qlink_format_set, P(bool crlf, bool detailed,), P(crlf, detailed,))
TWIN(qlink_echo, P(unsigned number,), P(number,))
TWIN(qlink_firmware_get, P(unsigned master,), P(master,))
TWIN(qlink_name_get, P(unsigned master, unsigned address, unsigned position,),
     P(master, address, position,))
TWIN(qlink_where, P(), P())
TWIN(qlink_masters_get, P(), P())
TWIN(qlink_modules_get, P(unsigned master,), P(master,))
TWIN(qlink_stations_get, P(unsigned master,), P(master,))
TWIN(qlink_vacation_summary, P(unsigned master,), P(master,))
TWIN(qlink_vacation_day, P(unsigned master, unsigned day, unsigned most,), P(master, day, most,))
TWIN(qlink_station_tune,
     P(unsigned master, unsigned sixbit, unsigned max_adjust, unsigned max_error,),
     P(master, sixbit, max_adjust, max_error,))
TWIN(qlink_profile_set, P(struct qlink_load load, unsigned profile,), P(load, profile,))
TWIN(qlink_station_assign, P(unsigned master, unsigned station, uint32_t serial,),
     P(master, station, serial,))
TWIN(qlink_project_line, P(const char *line,), P(line,))
TWIN(qlink_thermostat_get,
     P(unsigned master, unsigned station, const unsigned *registers, size_t count,),
     P(master, station, registers, count,))
TWIN(qlink_thermostat_set,
     P(unsigned master, unsigned station, const unsigned *registers, const int *values,
       size_t count,),
     P(master, station, registers, values, count,))
TWIN(qlink_ir_send,
     P(unsigned master, unsigned set, unsigned code, bool on, unsigned emitter,),
     P(master, set, code, on, emitter,))
TWIN(qlink_raw, P(const char *command, enum qlink_raw_flags flags,), P(command, flags,))
/* clang-format on */
/* NOLINTEND(bugprone-macro-parentheses) */
