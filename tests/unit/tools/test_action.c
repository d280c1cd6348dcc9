/* SPDX-License-Identifier: MIT */
/* Commands for outputs and shutters: what they become, and every way of being wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/ipcom/action.h"
#include "tools/ipcom/options.h"

/* What main.c has in the tool. */
struct ipcom_options options;

static struct house house;
static struct action action;
static char why[CLI_WHY_MAX];

static const char text[] = "lights:\n"
			   "  hall: {module: 2, output: 1}\n"
			   "  dining: {module: 6, output: 1, type: dimmer}\n"
			   "  far: {module: 1, output: 1, bus: 2}\n"
			   "shutters:\n"
			   "  down: {module: 5, output: 7, relay_role: down, paired_device: up}\n"
			   "  up: {module: 5, output: 8, relay_role: up, paired_device: down}\n";

static int load(void **state)
{
	char path[] = "/tmp/ipcom-action-XXXXXX";
	int fd = mkstemp(path);
	int err;

	(void)state;
	if (fd < 0)
		return 1;
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	options = (struct ipcom_options){ .devices_file = path, .travel_ms = 1, .dead_ms = 300 };
	house_init(&house);
	err = devices_read(&house.devices, path, why);
	house.kinds[5][0] = IPCOM_DIMMER;
	unlink(path);
	return err;
}

static int unload(void **state)
{
	(void)state;
	house_free(&house);
	return 0;
}

/* The words of one string; "on a b". */
static int parse(const char *line)
{
	static char copy[4096];
	char *word[300] = { NULL }, *rest = NULL;
	int count = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *w = strtok_r(copy, " ", &rest); w; w = strtok_r(NULL, " ", &rest))
		word[count++] = w;
	assert_true(count > 0);
	why[0] = '\0';
	return action_parse(&house, word[0], count - 1, word + 1, &action, why);
}

static void settings(const char *line, const char *expected)
{
	char found[200] = "";

	assert_int_equal(parse(line), 0);
	for (size_t i = 0; i < action.count; i++)
		snprintf(found + strlen(found), sizeof(found) - strlen(found), "%u.%u=%u ",
			 action.settings[i].output.module, action.settings[i].output.output,
			 action.settings[i].value);
	assert_string_equal(found, expected);
}

static void fails(const char *line, int err, const char *expected)
{
	assert_int_equal(parse(line), err);
	assert_string_equal(why, expected);
}

static void test_settings(void **state)
{
	(void)state;
	settings("set 1.1 255 dining 40", "1.1=255 6.1=40 ");
	assert_int_equal(action.kind, ACTION_SET);
	settings("on HALL 6.1 6.2", "2.1=255 6.1=100 6.2=255 ");
	assert_int_equal(action.kind, ACTION_SET);
	settings("off hall dining", "2.1=0 6.1=0 ");
	settings("toggle hall 16.8", "2.1=0 16.8=0 ");
	assert_int_equal(action.kind, ACTION_TOGGLE);
	settings("dim dining 100", "6.1=100 ");
	assert_true(action.dim);
	settings("dim 7.1 0", "7.1=0 ");
	settings("on 5.7", "5.7=255 ");
	assert_false(action.dim);
}

static void test_moves(void **state)
{
	static const struct {
		const char *line;
		enum ipcom_direction direction;
	} moves[] = {
		{ "open up", IPCOM_OPEN },         { "close down", IPCOM_CLOSE },
		{ "stop 5.8", IPCOM_STOP },        { "cover_open down", IPCOM_OPEN },
		{ "cover_close up", IPCOM_CLOSE }, { "cover_stop UP", IPCOM_STOP },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		assert_int_equal(parse(moves[i].line), 0);
		assert_int_equal(action.kind, ACTION_MOVE);
		assert_int_equal(action.direction, moves[i].direction);
		assert_int_equal(action.device->output.module, 5);
	}
}

static void test_bad(void **state)
{
	(void)state;
	fails("fly hall", -EINVAL, "unknown command 'fly'");
	fails("cover_on hall", -EINVAL, "unknown command 'cover_on'");
	fails("on", -EINVAL, "on: wanted: OUTPUT...");
	fails("set hall", -EINVAL, "set: wanted: OUTPUT VALUE [OUTPUT VALUE]...");
	fails("set hall 1 dining", -EINVAL, "set: wanted: OUTPUT VALUE [OUTPUT VALUE]...");
	fails("set hall 256", -EINVAL, "set: 256: must be 0 to 255");
	fails("set hall on", -EINVAL, "set: on: must be 0 to 255");
	fails("dim dining", -EINVAL, "dim: wanted: OUTPUT PERCENT");
	fails("dim dining 101", -EINVAL, "dim: 101: must be 0 to 100");
	fails("dim hall 40", -EINVAL, "dim: hall: is no dimmer");
	fails("dim 2.1 40", -EINVAL, "dim: 2.1: is no dimmer");
	fails("on 1.9", -ERANGE, "on: 1.9: no such output: modules are 1 to 16, outputs 1 to 8");
	fails("on attic", -EINVAL, "on: attic: unknown output, neither MODULE.OUTPUT nor a name");
	fails("on far", -ENOENT, "on: far: is on bus 2");
	fails("on hall 2.1", -EINVAL, "on: 2.1: output 2.1 stands here twice");
	fails("open hall", -EINVAL, "open: hall: is no relay of a shutter");
	fails("open up down", -EINVAL, "open: wanted: NAME");
	fails("stop 1.1", -EINVAL, "stop: 1.1: is no relay of a shutter");
}

static void test_unsafe(void **state)
{
	(void)state;
	fails("on up down", -EPERM, "on: up and down must not be on together");
	fails("set 5.7 1 hall 0 5.8 255", -EPERM, "set: up and down must not be on together");
	fails("toggle down 5.8", -EPERM, "toggle: up and down must not be on together");
	assert_int_equal(parse("off up down"), 0);
	assert_int_equal(parse("set up 255 down 0"), 0);
	assert_int_equal(parse("on up 5.6"), 0);
	options.force = true;
	assert_int_equal(parse("on up down"), 0);
	options.force = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_moves),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_unsafe),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
