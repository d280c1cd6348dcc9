/* SPDX-License-Identifier: MIT */
/* The devices file: what is read of a good one, and the line and reason of each kind of bad one. */
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

#include "tools/ipcom/devices.h"

static char path[] = "/tmp/ipcom-devices-XXXXXX";
static struct devices devices;

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	if (fd >= 0)
		close(fd);
	return fd < 0;
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void write_bytes(const char *text, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void read_good(const char *text)
{
	char why[CLI_WHY_MAX] = "";

	write_bytes(text, strlen(text));
	assert_int_equal(devices_read(&devices, path, why), 0);
	assert_string_equal(why, "");
}

static void read_bad_bytes(const char *text, size_t size, const char *expected)
{
	char why[CLI_WHY_MAX] = "", all[CLI_WHY_MAX];

	write_bytes(text, size);
	assert_int_equal(devices_read(&devices, path, why), -EINVAL);
	snprintf(all, sizeof(all), "%s:%s", path, expected);
	assert_string_equal(why, all);
	devices_free(&devices);
}

static void read_bad(const char *text, const char *expected)
{
	read_bad_bytes(text, strlen(text), expected);
}

static void test_good(void **state)
{
	const struct device *d = devices.item;

	(void)state;
	read_good("# a comment\n"
		  "site: {name: x, list: [1, [2, 3]]}\n"
		  "lights:\n"
		  "  hall:\n"
		  "    module: 1\n"
		  "    output: \"8\"\n"
		  "    icon: [a, {b: c}]\n"
		  "  dining:\n"
		  "    output: 1\n"
		  "    module: 16\n"
		  "    type: dimmer\n"
		  "    display_name: 'Dining: room'\n"
		  "    description: x\n"
		  "    bus: 2\n"
		  "switches:\n"
		  "    porch: {module: 1, output: 7, type: light, display_name: ~,\n"
		  "            kind: ExoStore}\n");
	assert_int_equal(devices.count, 3);
	assert_string_equal(d[0].key, "hall");
	assert_string_equal(d[0].display_name, "HALL");
	assert_int_equal(d[0].category, DEVICE_LIGHTS);
	assert_int_equal(d[0].type, DEVICE_SWITCH);
	assert_int_equal(d[0].output.module, 1);
	assert_int_equal(d[0].output.output, 8);
	assert_int_equal(d[0].bus, 0);
	assert_int_equal(d[0].travel_ms, -1);
	assert_int_equal(d[0].dead_ms, -1);
	assert_null(d[0].pair);
	assert_string_equal(d[1].display_name, "Dining: room");
	assert_int_equal(d[1].type, DEVICE_DIMMER);
	assert_int_equal(d[1].output.module, 16);
	assert_int_equal(d[1].output.output, 1);
	assert_int_equal(d[1].bus, 2);
	assert_int_equal(d[1].line, 8);
	assert_string_equal(d[2].display_name, "PORCH");
	assert_int_equal(d[2].category, DEVICE_SWITCHES);
	assert_int_equal(d[2].type, DEVICE_LIGHT);
	assert_int_equal(d[2].kind, DEVICE_EXOSTORE);
	assert_ptr_equal(devices_find(&devices, "HaLL"), d);
	assert_null(devices_find(&devices, "hal"));
	devices_free(&devices);
}

static void test_shutter(void **state)
{
	const struct device *d = devices.item;

	(void)state;
	read_good("shutters:\n"
		  "  down: {module: 5, output: 7, relay_role: down, paired_device: UP,\n"
		  "         travel_time: 22.5, dead_time: 0.3}\n"
		  "  up: {module: 6, output: 7, relay_role: up, paired_device: down,\n"
		  "       travel_time: 0}\n");
	assert_int_equal(devices.count, 2);
	assert_ptr_equal(d[0].pair, &d[1]);
	assert_ptr_equal(d[1].pair, &d[0]);
	assert_int_equal(d[0].role, DEVICE_DOWN);
	assert_int_equal(d[1].role, DEVICE_UP);
	assert_int_equal(d[0].travel_ms, 22500);
	assert_int_equal(d[0].dead_ms, 300);
	assert_int_equal(d[1].travel_ms, 0);
	assert_int_equal(d[1].dead_ms, -1);
	devices_free(&devices);
}

static void test_kind_makes_dimmers(void **state)
{
	(void)state;
	read_good("lights:\n"
		  "  a: {module: 6, output: 1, kind: exodim}\n"
		  "  b: {module: 6, output: 2, kind: exodim, type: switch}\n");
	assert_int_equal(devices.item[0].type, DEVICE_DIMMER);
	assert_int_equal(devices.item[1].type, DEVICE_SWITCH);
	devices_free(&devices);
}

/* The same output on two buses is two outputs. */
static void test_two_buses(void **state)
{
	(void)state;
	read_good("lights:\n"
		  "  a: {module: 1, output: 1, bus: 1}\n"
		  "  b: {module: 1, output: 1, bus: 2}\n");
	assert_int_equal(devices.count, 2);
	devices_free(&devices);
	read_bad("lights:\n"
		 "  a: {module: 1, output: 1, bus: 1}\n"
		 "  b: {module: 1, output: 1}\n",
		 "3: b: output 1.1 belongs to a of line 2 already");
}

static void test_empty(void **state)
{
	static const char *const files[] = { "",
					     "# nothing\n",
					     "---\n",
					     "~\n",
					     "{}\n",
					     "lights:\n",
					     "lights: {}\nswitches: null\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		read_good(files[i]);
		assert_int_equal(devices.count, 0);
		devices_free(&devices);
	}
}

static void test_no_file(void **state)
{
	char why[CLI_WHY_MAX];

	(void)state;
	assert_int_equal(devices_read(&devices, "/nonexistent/devices.yaml", why), -ENOENT);
	assert_string_equal(why, "/nonexistent/devices.yaml: No such file or directory");
	assert_int_equal(devices_read(&devices, "/", why), -EISDIR);
	assert_string_equal(why, "/: Is a directory");
	devices_free(&devices);
}

static void test_shape(void **state)
{
	(void)state;
	read_bad("- a\n", "1: must have categories: lights, switches, shutters");
	read_bad("\nlights: [a]\n", "2: lights: must have devices");
	read_bad("lights:\n  hall: on\n", "2: hall: must have properties");
	read_bad("lights:\n  hall: [1]\n", "2: hall: must have properties");
	read_bad("lights:\n  ? [a, b]\n  : {}\n", "2: key: must be a text");
	read_bad("? {a: b}\n: c\n", "1: key: must be a text");
	read_bad("lights:\n  '': {module: 1, output: 1}\n", "2: a device without a key");
	read_bad("lights:\n  3.4: {module: 1, output: 1}\n",
		 "2: 3.4: a key must not look like MODULE.OUTPUT");
	read_bad("lights:\n  99.1: {module: 1, output: 1}\n",
		 "2: 99.1: a key must not look like MODULE.OUTPUT");
	read_bad("lights:\n---\nlights:\n", "2: more than one document");
	read_bad("lights:\n  hall: {module: 1, output: 1}\n  x: *none\n",
		 "3: x: must have properties");
}

static void test_yaml_errors(void **state)
{
	(void)state;
	read_bad("lights:\n  hall: {module: 1\n", "3: did not find expected ',' or '}'");
	read_bad("lights:\n\thall: 1\n", "2: found character that cannot start any token");
	read_bad("a: 'x\n\n", "3: found unexpected end of stream");
	read_bad("a: 1\nb: \xff\n", "1: invalid leading UTF-8 octet");
}

static void test_twice(void **state)
{
	(void)state;
	read_bad("lights:\nswitches:\nlights:\n", "3: lights: stands here twice");
	read_bad("lights:\n  a:\n    module: 1\n    output: 1\n    module: 2\n",
		 "5: module: stands here twice");
	read_bad("lights:\n"
		 "  a: {module: 1, output: 1}\n"
		 "  A: {module: 1, output: 2}\n",
		 "3: A: is the key of line 2 already");
	read_bad("lights:\n"
		 "  a: {module: 1, output: 1}\n"
		 "switches:\n"
		 "  a: {module: 1, output: 2}\n",
		 "4: a: is the key of line 2 already");
	read_bad("lights:\n"
		 "  a: {module: 1, output: 1}\n"
		 "switches:\n"
		 "  b: {module: 1, output: 1}\n",
		 "4: b: output 1.1 belongs to a of line 2 already");
}

static void test_missing(void **state)
{
	(void)state;
	read_bad("lights:\n  a:\n", "2: a: module is missing");
	read_bad("lights:\n  a: {output: 1}\n", "2: a: module is missing");
	read_bad("lights:\n  a: {module: 1}\n", "2: a: output is missing");
	read_bad("lights:\n  a: {module: 1, output: }\n", "2: a: output is missing");
	read_bad("shutters:\n  a: {module: 1, output: 1, paired_device: b}\n",
		 "2: a: relay_role is missing");
	read_bad("shutters:\n  a: {module: 1, output: 1, relay_role: up}\n",
		 "2: a: paired_device is missing");
	/* What one half says is meant for a shutter, wherever it stands. */
	read_bad("switches:\n  a: {module: 1, output: 1, relay_role: up}\n",
		 "2: a: paired_device is missing");
	read_bad("switches:\n  a: {module: 1, output: 1, paired_device: b}\n",
		 "2: a: relay_role is missing");
}

static void read_bad_property(const char *property, const char *expected)
{
	char text[200], reason[CLI_WHY_MAX];

	snprintf(text, sizeof(text), "lights:\n  a:\n    %s\n    ignored: 1\n", property);
	snprintf(reason, sizeof(reason), "3: %s", expected);
	read_bad(text, reason);
}

static void test_values(void **state)
{
	static const char *const bad[] = { "0", "17", "-1", "1.0", "0x1", "a", "1 2" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char property[40];

		snprintf(property, sizeof(property), "module: %s", bad[i]);
		read_bad_property(property, "module: must be 1 to 16");
	}
	read_bad_property("output: 9", "output: must be 1 to 8");
	read_bad_property("output: 99999999999999999999999", "output: must be 1 to 8");
	read_bad_property("bus: 3", "bus: must be 1 or 2");
	read_bad_property("type: lamp", "type: must be switch, light or dimmer");
	read_bad_property("relay_role: left", "relay_role: must be up or down");
	read_bad_property("relay_role: ''", "relay_role: must be up or down");
	read_bad_property("kind: exo9", "kind: must be exo8, exodim or exostore");
	read_bad_property("travel_time: 3600.1", "travel_time: must be 0 to 3600 seconds");
	read_bad_property("travel_time: -1", "travel_time: must be 0 to 3600 seconds");
	read_bad_property("dead_time: 0.299", "dead_time: must be 0.3 to 60 seconds");
	read_bad_property("dead_time: 60.001", "dead_time: must be 0.3 to 60 seconds");
	read_bad_property("module: [1]", "module: must be a text");
	read_bad_property("display_name: {a: b}", "display_name: must be a text");
	read_bad_property("display_name: \"a\\0b\"", "display_name: a NUL byte in the text");
	read_bad_property("module: *anchor", "module: must be a text");
}

static void test_pairs(void **state)
{
	(void)state;
	read_bad("shutters:\n"
		 "  a: {module: 1, output: 1, relay_role: up, paired_device: b}\n",
		 "2: a: paired_device b is not in this file");
	read_bad("shutters:\n"
		 "  a: {module: 1, output: 1, relay_role: up, paired_device: a}\n",
		 "2: a: paired_device is the device itself");
	read_bad("lights:\n"
		 "  b: {module: 1, output: 2}\n"
		 "shutters:\n"
		 "  a: {module: 1, output: 1, relay_role: up, paired_device: b}\n",
		 "4: a: paired_device b does not point back");
	read_bad("shutters:\n"
		 "  a: {module: 1, output: 1, relay_role: up, paired_device: b}\n"
		 "  b: {module: 1, output: 2, relay_role: down, paired_device: c}\n"
		 "  c: {module: 1, output: 3, relay_role: up, paired_device: b}\n",
		 "2: a: paired_device b does not point back");
	read_bad("shutters:\n"
		 "  a: {module: 1, output: 1, relay_role: up, paired_device: b}\n"
		 "  b: {module: 1, output: 2, relay_role: up, paired_device: a}\n",
		 "2: a: relay_role of its paired_device is up too");
	read_bad("shutters:\n"
		 "  a: {module: 1, output: 1, relay_role: up, paired_device: b, bus: 1}\n"
		 "  b: {module: 1, output: 2, relay_role: down, paired_device: a, bus: 2}\n",
		 "2: a: paired_device b is on another bus");
}

static void test_kinds(void **state)
{
	(void)state;
	read_bad("lights:\n  a: {module: 1, output: 1, type: dimmer, kind: exo8}\n",
		 "2: a: a dimmer on a module that is none");
	read_bad("lights:\n"
		 "  a: {module: 1, output: 1, kind: exo8}\n"
		 "  b: {module: 1, output: 2, kind: exodim}\n",
		 "3: b: kind differs from that of a of line 2 on module 1");
	read_bad("shutters:\n"
		 "  a: {module: 1, output: 1, type: dimmer, relay_role: up, paired_device: b}\n",
		 "2: a: a dimmer cannot drive a shutter");
	read_bad("shutters:\n"
		 "  a: {module: 1, output: 1, relay_role: up, paired_device: b}\n"
		 "  b: {module: 1, output: 2, relay_role: down, paired_device: a}\n"
		 "lights:\n"
		 "  c: {module: 1, output: 3, kind: exodim}\n",
		 "2: a: a dimmer cannot drive a shutter (kind of line 5)");
}

/* `count` times a character, framed. */
static char *repeat(const char *before, char c, size_t count, const char *after)
{
	size_t size = strlen(before) + count + strlen(after) + 1;
	char *text = malloc(size);
	int start;

	assert_non_null(text);
	start = snprintf(text, size, "%s", before);
	memset(text + start, c, count);
	snprintf(text + start + count, size - (size_t)start - count, "%s", after);
	return text;
}

static void test_bounds(void **state)
{
	char why[CLI_WHY_MAX], all[CLI_WHY_MAX];
	char *text = repeat("x: ", '[', 17, "]]]]]]]]]]]]]]]]]\n");

	(void)state;
	read_bad(text, "1: nested too deeply");
	free(text);
	text = repeat("x: ", '[', 16, "]]]]]]]]]]]]]]]]\n");
	read_good(text);
	free(text);
	text = repeat("lights:\n  ", 'k', 101, ": {module: 1, output: 1}\n");
	read_bad(text, "2: key: longer than 100 bytes");
	free(text);
	text = repeat("lights:\n  a: {display_name: ", 'n', 301, "}\n");
	read_bad(text, "2: display_name: longer than 300 bytes");
	free(text);
	text = repeat("#", ' ', 1u << 20, "\n");
	write_bytes(text, strlen(text));
	assert_int_equal(devices_read(&devices, path, why), -EFBIG);
	snprintf(all, sizeof(all), "%s: File too large", path);
	assert_string_equal(why, all);
	free(text);
}

/* All 128 outputs of both buses, and not one more. */
static void test_full(void **state)
{
	char *text = malloc(64 * DEVICES_MAX);
	size_t len = 0;

	(void)state;
	assert_non_null(text);
	len += (size_t)sprintf(text, "lights:\n");
	for (unsigned i = 0; i < DEVICES_MAX; i++)
		len += (size_t)sprintf(text + len, "  d%u: {bus: %u, module: %u, output: %u}\n", i,
				       i / 128 + 1, i / 8 % 16 + 1, i % 8 + 1);
	read_good(text);
	assert_int_equal(devices.count, DEVICES_MAX);
	devices_free(&devices);
	sprintf(text + len, "  more: {}\n");
	read_bad(text, "258: more than 256 devices");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_shutter),
		cmocka_unit_test(test_kind_makes_dimmers),
		cmocka_unit_test(test_two_buses),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_shape),
		cmocka_unit_test(test_yaml_errors),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
