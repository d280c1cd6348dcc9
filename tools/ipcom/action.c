/* SPDX-License-Identifier: MIT */
/* What can be asked of outputs and shutters. */
#include "tools/ipcom/action.h"
#include "tools/cli/number.h"
#include "tools/ipcom/options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ON_RELAY    255
#define ON_DIMMER   100
#define COVER       "cover_"
#define PERCENT_MAX 100
#define VALUE_MAX   255

struct request {
	const struct house *house;
	const char *verb;
	struct action *action;
	char *why;
};

__attribute__((format(printf, 3, 4))) static int fail(const struct request *r, int err,
						      const char *format, ...)
{
	char text[CLI_WHY_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(r->why, CLI_WHY_MAX, "%.20s: %.450s", r->verb, text);
	return err;
}

/* Adds an output that no earlier word has named, whose value is to follow. */
static int add_output(const struct request *r, const char *text, struct ipcom_setting **ret,
		      const struct device **ret_device)
{
	struct action *a = r->action;
	struct ipcom_output output;
	char reason[CLI_WHY_MAX];
	int err = house_find(r->house, text, &output, ret_device, reason);

	if (err)
		return fail(r, err, "%s", reason);
	for (size_t i = 0; i < a->count; i++) {
		const struct ipcom_output *o = &a->settings[i].output;

		if (o->module == output.module && o->output == output.output)
			return fail(r, -EINVAL, "%.100s: output %u.%u stands here twice", text,
				    output.module, output.output);
	}
	/* Each output once: there is always room. */
	*ret = &a->settings[a->count++];
	(*ret)->output = output;
	return 0;
}

static int take_value(const struct request *r, const char *text, unsigned max, unsigned *ret)
{
	uint64_t value;

	if (cli_number(text, 0, max, &value))
		return fail(r, -EINVAL, "%.100s: must be 0 to %u", text, max);
	*ret = (unsigned)value;
	return 0;
}

static int parse_set(const struct request *r, int argc, char **argv)
{
	struct ipcom_setting *setting;
	int err = 0;

	if (argc < 2 || argc % 2 != 0)
		return fail(r, -EINVAL, "wanted: OUTPUT VALUE [OUTPUT VALUE]...");
	for (int i = 0; i < argc && !err; i += 2) {
		err = add_output(r, argv[i], &setting, NULL);
		if (!err)
			err = take_value(r, argv[i + 1], VALUE_MAX, &setting->value);
	}
	return err;
}

static int parse_switch(const struct request *r, int argc, char **argv)
{
	bool on = strcmp(r->verb, "on") == 0;
	struct ipcom_setting *setting;

	if (argc < 1)
		return fail(r, -EINVAL, "wanted: OUTPUT...");
	for (int i = 0; i < argc; i++) {
		int err = add_output(r, argv[i], &setting, NULL);

		if (err)
			return err;
		setting->value = 0;
		if (on)
			setting->value = house_dims(r->house, setting->output) ? ON_DIMMER :
										 ON_RELAY;
	}
	return 0;
}

static int parse_toggle(const struct request *r, int argc, char **argv)
{
	r->action->kind = ACTION_TOGGLE;
	return parse_switch(r, argc, argv);
}

static int parse_dim(const struct request *r, int argc, char **argv)
{
	const struct device *device;
	struct ipcom_setting *setting;
	int err;

	if (argc != 2)
		return fail(r, -EINVAL, "wanted: OUTPUT PERCENT");
	err = add_output(r, argv[0], &setting, &device);
	if (err)
		return err;
	/* Of an output that the file does not know the command itself says that it can. */
	if (device && !house_dims(r->house, setting->output))
		return fail(r, -EINVAL, "%.100s: is no dimmer", argv[0]);
	r->action->dim = true;
	return take_value(r, argv[1], PERCENT_MAX, &setting->value);
}

static int parse_move(const struct request *r, int argc, char **argv)
{
	const struct device *device;
	struct ipcom_setting *setting;
	int err;

	if (argc != 1)
		return fail(r, -EINVAL, "wanted: NAME");
	err = add_output(r, argv[0], &setting, &device);
	if (err)
		return err;
	if (!device || !device->pair)
		return fail(r, -EINVAL, "%.100s: is no relay of a shutter", argv[0]);
	r->action->kind = ACTION_MOVE;
	r->action->device = device;
	r->action->direction = strcmp(r->verb, "open") == 0  ? IPCOM_OPEN :
			       strcmp(r->verb, "close") == 0 ? IPCOM_CLOSE :
							       IPCOM_STOP;
	return 0;
}

static const struct verb {
	const char *name;
	bool cover; /* "cover_" may stand before it */
	int (*parse)(const struct request *r, int argc, char **argv);
} verbs[] = {
	{ "set", false, parse_set },    { "on", false, parse_switch },
	{ "off", false, parse_switch }, { "toggle", false, parse_toggle },
	{ "dim", false, parse_dim },    { "open", true, parse_move },
	{ "close", true, parse_move },  { "stop", true, parse_move },
};

static const struct verb *find_verb(const char *name)
{
	bool cover = strncmp(name, COVER, strlen(COVER)) == 0;

	if (cover)
		name += strlen(COVER);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, name) == 0 && (verbs[i].cover || !cover))
			return &verbs[i];
	return NULL;
}

/* Is this output among those to be switched on, or toggled, whatever that gives? */
static bool may_switch_on(const struct action *a, struct ipcom_output output)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct ipcom_setting *s = &a->settings[i];

		if (s->output.module == output.module && s->output.output == output.output)
			return a->kind == ACTION_TOGGLE || (a->kind == ACTION_SET && s->value != 0);
	}
	return false;
}

static int check(const struct request *r)
{
	const struct devices *devices = &r->house->devices;

	for (size_t i = 0; i < devices->count && !options.force; i++) {
		const struct device *d = &devices->item[i];

		if (d->role == DEVICE_UP && house_has(r->house, d) &&
		    may_switch_on(r->action, d->output) &&
		    may_switch_on(r->action, d->pair->output))
			return fail(r, -EPERM, "%.100s and %.100s must not be on together", d->key,
				    d->pair->key);
	}
	return 0;
}

int action_parse(const struct house *house, const char *verb, int argc, char **argv,
		 struct action *ret, char why[CLI_WHY_MAX])
{
	const struct verb *found = find_verb(verb);
	struct request r = { .house = house, .action = ret, .why = why };
	int err;

	if (!found) {
		snprintf(why, CLI_WHY_MAX, "unknown command '%.100s'", verb);
		return -EINVAL;
	}
	r.verb = found->name;
	*ret = (struct action){ .kind = ACTION_SET };
	err = found->parse(&r, argc, argv);
	return err ? err : check(&r);
}

int action_start(const struct action *action, struct ipcom *ipcom, uint32_t *ids, size_t *count)
{
	int err = 0;

	*count = 0;
	if (action->kind == ACTION_TOGGLE) {
		for (size_t i = 0; i < action->count && !err; i++) {
			err = ipcom_output_toggle(ipcom, action->settings[i].output, &ids[i]);
			*count += !err;
		}
		return err;
	}
	if (action->kind == ACTION_MOVE)
		err = ipcom_shutter_move(ipcom, action->device->shutter, action->direction, ids);
	else
		err = ipcom_outputs_set(ipcom, action->settings, action->count, ids);
	*count += !err;
	return err;
}
