/* SPDX-License-Identifier: MIT */
/* The devices file, read event by event; nothing of it is trusted. */
#include "tools/ipcom/devices.h"
#include "tools/ipcom/device_property.h"
#include "tools/ipcom/device_rules.h"
#include "tools/ipcom/output_text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

#define FILE_MAX_BYTES (1u << 20)
#define KEY_MAX_BYTES  100
#define TEXT_MAX_BYTES 300
#define DEPTH_MAX      16

struct reader {
	yaml_parser_t parser;
	yaml_event_t event; /* the current one */
	struct devices *devices;
	const char *path;
	char *why;
};

__attribute__((format(printf, 3, 4))) static int fail(struct reader *r, size_t line,
						      const char *format, ...)
{
	char text[CLI_WHY_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(r->why, CLI_WHY_MAX, "%.200s:%zu: %.280s", r->path, line, text);
	return -EINVAL;
}

static int no_memory(struct reader *r)
{
	snprintf(r->why, CLI_WHY_MAX, "%.200s: %s", r->path, strerror(ENOMEM));
	return -ENOMEM;
}

static size_t line_of(const struct reader *r)
{
	return r->event.start_mark.line + 1;
}

static int next(struct reader *r)
{
	size_t line;

	yaml_event_delete(&r->event);
	if (yaml_parser_parse(&r->parser, &r->event))
		return 0;
	if (r->parser.error == YAML_MEMORY_ERROR)
		return no_memory(r);
	/* The reader, for bytes that are no text, tells no line of its own. */
	line = r->parser.error == YAML_READER_ERROR ? r->parser.mark.line :
						      r->parser.problem_mark.line;
	return fail(r, line + 1, "%s", r->parser.problem ? r->parser.problem : "no YAML");
}

/* Passes over the value that begins with the current event. */
static int skip(struct reader *r)
{
	unsigned depth = 0;

	for (;;) {
		switch (r->event.type) {
		case YAML_MAPPING_START_EVENT:
		case YAML_SEQUENCE_START_EVENT:
			if (++depth > DEPTH_MAX)
				return fail(r, line_of(r), "nested too deeply");
			break;
		case YAML_MAPPING_END_EVENT:
		case YAML_SEQUENCE_END_EVENT:
			depth--;
			break;
		default:
			break;
		}
		if (depth == 0)
			return 0;
		if (next(r))
			return -EINVAL;
	}
}

/* An empty value, "~" or "null": as if the key were not there. */
static bool is_null(const struct reader *r)
{
	const char *text = (const char *)r->event.data.scalar.value;

	return r->event.type == YAML_SCALAR_EVENT &&
	       r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       (!*text || strcmp(text, "~") == 0 || strcmp(text, "null") == 0);
}

/* The current event as a text, up to `max` bytes; NULL with the reason told. */
static const char *scalar(struct reader *r, const char *what, size_t max)
{
	size_t len = r->event.data.scalar.length;
	const char *text = (const char *)r->event.data.scalar.value;

	if (r->event.type != YAML_SCALAR_EVENT)
		fail(r, line_of(r), "%s: must be a text", what);
	else if (len > max)
		fail(r, line_of(r), "%s: longer than %zu bytes", what, max);
	else if (memchr(text, '\0', len))
		fail(r, line_of(r), "%s: a NUL byte in the text", what);
	else
		return text;
	return NULL;
}

/* One key and its value; the key is the current event. */
static int read_property(struct reader *r, struct device *d, unsigned *seen)
{
	const char *key = scalar(r, "key", TEXT_MAX_BYTES);
	char reason[CLI_WHY_MAX];
	const char *value;
	int property, err;

	if (!key)
		return -EINVAL;
	property = device_property(key);
	if (property >= 0 && (*seen & 1u << property))
		return fail(r, line_of(r), "%s: stands here twice", key);
	if (property >= 0)
		*seen |= 1u << property;
	if (next(r))
		return -EINVAL;
	if (property < 0)
		return skip(r);
	if (is_null(r)) {
		*seen &= ~(1u << property);
		return 0;
	}
	value = scalar(r, device_property_name(property), TEXT_MAX_BYTES);
	if (!value)
		return -EINVAL;
	err = device_take(d, property, value, reason);
	return err == -ENOMEM ? no_memory(r) : err ? fail(r, line_of(r), "%s", reason) : 0;
}

/* The default name: the key in upper case, as far as it is ASCII. */
static int default_name(struct reader *r, struct device *d)
{
	d->display_name = strdup(d->key);
	if (!d->display_name)
		return no_memory(r);
	for (char *c = d->display_name; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	return 0;
}

static int finish_device(struct reader *r, struct device *d, unsigned seen)
{
	char reason[CLI_WHY_MAX];

	if (!(seen & 1u << DEVICE_MODULE))
		return fail(r, d->line, "%s: module is missing", d->key);
	if (!(seen & 1u << DEVICE_OUTPUT))
		return fail(r, d->line, "%s: output is missing", d->key);
	if (!(seen & 1u << DEVICE_TYPE) && d->kind == DEVICE_EXODIM)
		d->type = DEVICE_DIMMER;
	if (!d->display_name && default_name(r, d))
		return -ENOMEM;
	return device_check(r->devices, d, reason) ? fail(r, d->line, "%s", reason) : 0;
}

/* A device: its key is the current event. */
static int read_device(struct reader *r, enum device_category category)
{
	const char *key = scalar(r, "key", KEY_MAX_BYTES);
	struct ipcom_output output;
	unsigned seen = 0;
	struct device *d;

	if (!key)
		return -EINVAL;
	if (!*key)
		return fail(r, line_of(r), "a device without a key");
	if (output_parse(key, &output) != -EINVAL)
		return fail(r, line_of(r), "%s: a key must not look like MODULE.OUTPUT", key);
	if (r->devices->count == DEVICES_MAX)
		return fail(r, line_of(r), "more than %zu devices", DEVICES_MAX);
	d = &r->devices->item[r->devices->count++];
	*d = (struct device){
		.category = category, .travel_ms = -1, .dead_ms = -1, .line = line_of(r)
	};
	d->key = strdup(key);
	if (!d->key)
		return no_memory(r);
	if (next(r))
		return -EINVAL;
	if (is_null(r))
		return finish_device(r, d, seen);
	if (r->event.type != YAML_MAPPING_START_EVENT)
		return fail(r, line_of(r), "%s: must have properties", d->key);
	for (;;) {
		if (next(r))
			return -EINVAL;
		if (r->event.type == YAML_MAPPING_END_EVENT)
			return finish_device(r, d, seen);
		if (read_property(r, d, &seen))
			return -EINVAL;
	}
}

/* A category: its key is the current event. */
static int read_category(struct reader *r, bool seen[DEVICE_CATEGORIES])
{
	const char *key = scalar(r, "key", TEXT_MAX_BYTES);
	int category;

	if (!key)
		return -EINVAL;
	category = device_category(key);
	if (category >= 0 && seen[category])
		return fail(r, line_of(r), "%s: stands here twice", key);
	if (next(r))
		return -EINVAL;
	if (category < 0)
		return skip(r);
	seen[category] = true;
	if (is_null(r))
		return 0;
	if (r->event.type != YAML_MAPPING_START_EVENT)
		return fail(r, line_of(r), "%s: must have devices",
			    device_category_name((enum device_category)category));
	for (;;) {
		if (next(r))
			return -EINVAL;
		if (r->event.type == YAML_MAPPING_END_EVENT)
			return 0;
		if (read_device(r, (enum device_category)category))
			return -EINVAL;
	}
}

static int read_document(struct reader *r)
{
	bool seen[DEVICE_CATEGORIES] = { false };

	if (next(r))
		return -EINVAL;
	if (is_null(r))
		return next(r);
	if (r->event.type != YAML_MAPPING_START_EVENT)
		return fail(r, line_of(r), "must have categories: lights, switches, shutters");
	for (;;) {
		if (next(r))
			return -EINVAL;
		if (r->event.type == YAML_MAPPING_END_EVENT)
			return next(r);
		if (read_category(r, seen))
			return -EINVAL;
	}
}

static int read_stream(struct reader *r)
{
	bool document = false;

	for (;;) {
		if (next(r))
			return -EINVAL;
		if (r->event.type == YAML_STREAM_END_EVENT)
			return 0;
		if (r->event.type != YAML_DOCUMENT_START_EVENT)
			continue;
		if (document)
			return fail(r, line_of(r), "more than one document");
		document = true;
		if (read_document(r))
			return -EINVAL;
	}
}

static int parse(struct reader *r, const char *text, size_t size)
{
	char reason[CLI_WHY_MAX];
	size_t line;
	int err;

	if (!yaml_parser_initialize(&r->parser))
		return no_memory(r);
	yaml_parser_set_input_string(&r->parser, (const unsigned char *)text, size);
	err = read_stream(r);
	if (!err && devices_pair(r->devices, &line, reason))
		err = fail(r, line, "%s", reason);
	yaml_event_delete(&r->event);
	yaml_parser_delete(&r->parser);
	return err;
}

/* As much of the file as text[] takes; one byte too many tells that it is too long. */
static int read_all(const char *path, char *text, size_t *ret_size)
{
	FILE *file = fopen(path, "re");
	int err = 0;

	if (!file)
		return -errno;
	errno = 0;
	*ret_size = fread(text, 1, FILE_MAX_BYTES + 1, file);
	if (ferror(file))
		err = errno ? -errno : -EIO;
	else if (*ret_size > FILE_MAX_BYTES)
		err = -EFBIG;
	fclose(file);
	return err;
}

int devices_read(struct devices *devices, const char *path, char why[CLI_WHY_MAX])
{
	struct reader r = { .devices = devices, .path = path, .why = why };
	char *text = malloc(FILE_MAX_BYTES + 1);
	size_t size = 0;
	int err;

	devices->count = 0;
	if (!text)
		return no_memory(&r);
	err = read_all(path, text, &size);
	if (err)
		snprintf(why, CLI_WHY_MAX, "%.200s: %s", path, strerror(-err));
	else
		err = parse(&r, text, size);
	free(text);
	return err;
}

void devices_free(struct devices *devices)
{
	for (size_t i = 0; i < devices->count; i++) {
		free(devices->item[i].key);
		free(devices->item[i].display_name);
		free(devices->item[i].paired);
	}
	devices->count = 0;
}

const struct device *devices_find(const struct devices *devices, const char *key)
{
	for (size_t i = 0; i < devices->count; i++)
		if (strcasecmp(devices->item[i].key, key) == 0)
			return &devices->item[i];
	return NULL;
}
