/* SPDX-License-Identifier: MIT */
/*
 * Words for the errors of the public header, and names of what events and answers carry.
 */
#include <errno.h>
#include <string.h>

#include <qlink/qlink.h>

struct words {
	int number;
	const char *text;
};

static const struct words errors[] = {
	{ 0, "no error" },
	{ -EINVAL, "argument out of range" },
	{ -ENOMEM, "out of memory" },
	{ -EBUSY, "busy: already connected, or too many requests" },
	{ -EPERM, "refused here to protect the controller" },
	{ -ENOTCONN, "not connected" },
	{ -ECONNRESET, "connection lost" },
	{ -ECONNREFUSED, "connection refused: another client may hold it" },
	{ -EHOSTUNREACH, "host unreachable" },
	{ -EADDRNOTAVAIL, "name does not resolve" },
	{ -ETIMEDOUT, "no answer in time" },
	{ -ECANCELED, "cancelled" },
	{ -EPROTO, "impossible answer" },
	{ -EIO, "the controller answered with an error" },
	{ -ENOENT, "not known" },
};

static const struct words event_names[] = {
	{ QLINK_EVENT_RESULT, "result" },
	{ QLINK_EVENT_CONNECTED, "connected" },
	{ QLINK_EVENT_SYNCHRONISED, "synchronised" },
	{ QLINK_EVENT_DISCONNECTED, "disconnected" },
	{ QLINK_EVENT_CONNECT_FAILED, "connect_failed" },
	{ QLINK_EVENT_BUTTON, "button" },
	{ QLINK_EVENT_IR, "ir" },
	{ QLINK_EVENT_LOAD, "load" },
	{ QLINK_EVENT_STATION_LOAD, "station_load" },
	{ QLINK_EVENT_VARIABLE, "variable" },
	{ QLINK_EVENT_ALL_ON, "all_on" },
	{ QLINK_EVENT_ALL_OFF, "all_off" },
	{ QLINK_EVENT_LEDS, "leds" },
	{ QLINK_EVENT_LCD_LED, "lcd_led" },
	{ QLINK_EVENT_EXTERNAL, "external" },
	{ QLINK_EVENT_TEXT, "text" },
	{ QLINK_EVENT_SWITCH, "switch" },
	{ QLINK_EVENT_OVERFLOW, "overflow" },
};

/* The vendor's numbers, as far as its samples and list order tell (section 3.5). */
static const struct words module_types[] = {
	{ 2, "relay" },
	{ 3, "CAR160A" },
	{ 5, "dimmer" },
	{ 6, "electronic dimmer" },
};

static const struct words station_types[] = {
	{ 0, "keypad" }, { 1, "contact input" }, { 2, "low-voltage relay" }, { 3, "IR emitter" },
	{ 4, "0-10 V" }, { 5, "dimming" },       { 6, "LCD station" },
};

static const char *find(const struct words *list, size_t count, int number)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].number == number)
			return list[i].text;
	return NULL;
}

#define FIND(list, number) find(list, sizeof(list) / sizeof((list)[0]), number)

const char *qlink_strerror(int error)
{
	const char *text = FIND(errors, error);

	/* Others come from the system alone: EMFILE and its like. */
	return text ? text : strerror(error < 0 ? -error : error);
}

const char *qlink_event_name(enum qlink_event_type type)
{
	const char *text = FIND(event_names, (int)type);

	return text ? text : "unknown";
}

const char *qlink_module_type_name(unsigned type)
{
	const char *text = FIND(module_types, (int)type);

	return text ? text : "unknown";
}

const char *qlink_station_type_name(unsigned type)
{
	const char *text = FIND(station_types, (int)type);

	return text ? text : "unknown";
}

const char *qlink_version(void)
{
	return QLINK_VERSION;
}
