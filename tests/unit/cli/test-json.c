/* SPDX-License-Identifier: MIT */
/* The JSON writer: whole lines. That they are JSON is checked through jq by the frame's test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tools/cli/json.h"

#include <errno.h>
#include <math.h>

static void assert_json(struct cli_json *json, const char *expected)
{
	cli_json_finish(json);
	assert_int_equal(json->text.error, 0);
	assert_string_equal(json->text.data, expected);
	cli_json_begin(json);
}

static void test_values(void **state)
{
	struct cli_json json = { 0 };

	(void)state;
	cli_json_begin(&json);
	assert_json(&json, "{}");
	cli_json_string(&json, "load", "101");
	cli_json_int(&json, "level", 50);
	assert_json(&json, "{\"load\":\"101\",\"level\":50}");
	cli_json_int(&json, "a", INT64_MIN);
	cli_json_uint(&json, "b", UINT64_MAX);
	cli_json_bool(&json, "c", true);
	cli_json_bool(&json, "d", false);
	cli_json_null(&json, "e");
	cli_json_string(&json, "f", NULL);
	cli_json_hex(&json, "g", "\x00\xff\x1a", 3);
	cli_json_hex(&json, "h", NULL, 0);
	assert_json(&json, "{\"a\":-9223372036854775808,\"b\":18446744073709551615,\"c\":true,"
			   "\"d\":false,\"e\":null,\"f\":null,\"g\":\"00ff1a\",\"h\":\"\"}");
	cli_json_free(&json);
}

static void test_fixed(void **state)
{
	struct cli_json json = { 0 };

	(void)state;
	cli_json_begin(&json);
	cli_json_array(&json, "x");
	cli_json_fixed(&json, NULL, 215, 1);
	cli_json_fixed(&json, NULL, -5, 1);
	cli_json_fixed(&json, NULL, 5, 3);
	cli_json_fixed(&json, NULL, 1200, 2);
	cli_json_fixed(&json, NULL, 7, 0);
	cli_json_fixed(&json, NULL, INT64_MIN, 9);
	cli_json_end(&json);
	assert_json(&json, "{\"x\":[21.5,-0.5,0.005,12.00,7,-9223372036.854775808]}");
	cli_json_free(&json);
}

static void test_float(void **state)
{
	static const float values[] = { 6.5f, 0.0f, -0.25f, 3.3f, 16777216.0f, 1e20f, 0.1f + 0.2f };
	struct cli_json json = { 0 };

	(void)state;
	cli_json_begin(&json);
	cli_json_array(&json, "x");
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		cli_json_float(&json, NULL, values[i]);
	cli_json_float(&json, NULL, INFINITY);
	cli_json_float(&json, NULL, NAN);
	cli_json_end(&json);
	assert_json(&json, "{\"x\":[6.5,0,-0.25,3.3,16777216,1e+20,0.3,null,null]}");
	cli_json_free(&json);
}

static void test_nested(void **state)
{
	struct cli_json json = { 0 };

	(void)state;
	cli_json_begin(&json);
	cli_json_object(&json, "hold");
	cli_json_array(&json, "on");
	cli_json_end(&json);
	cli_json_array(&json, "blink");
	cli_json_int(&json, NULL, 3);
	cli_json_object(&json, NULL);
	cli_json_end(&json);
	cli_json_array(&json, NULL);
	cli_json_int(&json, NULL, 4);
	cli_json_int(&json, NULL, 5);
	cli_json_end(&json);
	cli_json_end(&json);
	cli_json_int(&json, "n", 1);
	cli_json_end(&json);
	cli_json_int(&json, "m", 2);
	assert_json(&json, "{\"hold\":{\"on\":[],\"blink\":[3,{},[4,5]],\"n\":1},\"m\":2}");
	/* What was begun and not ended leaves nothing behind. */
	cli_json_array(&json, "x");
	cli_json_begin(&json);
	assert_json(&json, "{}");
	cli_json_free(&json);
}

static void test_text(void **state)
{
	static const char bytes[] = "q\" b\\ /\n\r\t\x01\x1b\0z";
	struct cli_json json = { 0 };

	(void)state;
	cli_json_begin(&json);
	cli_json_text(&json, "a", bytes, sizeof(bytes) - 1);
	assert_json(&json, "{\"a\":\"q\\\" b\\\\ /\\u000a\\u000d\\u0009\\u0001\\u001b\\u0000z\"}");
	cli_json_string(&json, "k\"", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7f");
	assert_json(&json, "{\"k\\\"\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7f\"}");
	/* Alone, overlong, surrogate, too high, cut short. */
	cli_json_string(&json, "b", "\x80|\xc0\xaf|\xed\xa0\x80|\xf4\x90\x80\x80|\xe2\x82");
	assert_json(&json, "{\"b\":\"\\ufffd|\\ufffd\\ufffd|\\ufffd\\ufffd\\ufffd|"
			   "\\ufffd\\ufffd\\ufffd\\ufffd|\\ufffd\\ufffd\"}");
	cli_json_free(&json);
}

static void test_time(void **state)
{
	struct cli_json json = { 0 };

	(void)state;
	cli_json_begin(&json);
	cli_json_array(&json, "t");
	cli_json_time(&json, NULL, 1767323045678);
	cli_json_time(&json, NULL, 0);
	cli_json_time(&json, NULL, -1);
	cli_json_time(&json, NULL, 253402300799999);
	cli_json_time(&json, NULL, 253402300800000);
	cli_json_time(&json, NULL, -62167219200000);
	cli_json_time(&json, NULL, -62167219200001);
	cli_json_time(&json, NULL, INT64_MAX);
	cli_json_time(&json, NULL, INT64_MIN);
	cli_json_end(&json);
	assert_json(&json, "{\"t\":[\"2026-01-02T03:04:05.678Z\",\"1970-01-01T00:00:00.000Z\","
			   "\"1969-12-31T23:59:59.999Z\",\"9999-12-31T23:59:59.999Z\",null,"
			   "\"0000-01-01T00:00:00.000Z\",null,null,null]}");
	cli_json_now(&json, "now");
	cli_json_finish(&json);
	assert_int_equal(json.text.len, sizeof("{'now':'2026-01-02T03:04:05.678Z'}") - 1);
	cli_json_free(&json);
}

static void test_too_long(void **state)
{
	struct cli_json json = { 0 };
	char *big = test_calloc(1, CLI_TEXT_MAX);

	(void)state;
	cli_json_begin(&json);
	cli_json_text(&json, "x", big, CLI_TEXT_MAX);
	cli_json_finish(&json);
	assert_int_equal(json.text.error, -EMSGSIZE);
	assert_true(json.text.len < CLI_TEXT_MAX);
	cli_json_begin(&json);
	assert_json(&json, "{}");
	cli_json_free(&json);
	test_free(big);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),   cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_float),    cmocka_unit_test(test_nested),
		cmocka_unit_test(test_text),     cmocka_unit_test(test_time),
		cmocka_unit_test(test_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
