/* SPDX-License-Identifier: MIT */
/* Numbers, lists of them, and addresses as typed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tools/cli/address.h"
#include "tools/cli/number.h"

#include <errno.h>
#include <string.h>

static void test_number(void **state)
{
	static const struct {
		const char *text;
		int err;
		uint64_t value;
	} cases[] = {
		{ "0", 0, 0 },
		{ "007", 0, 7 },
		{ "100", 0, 100 },
		{ "101", -ERANGE, 0 },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "99999999999999999999999999", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ " 1", -EINVAL, 0 },
		{ "1 ", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "0x1", -EINVAL, 0 },
		{ "1e1", -EINVAL, 0 },
		{ "1.0", -EINVAL, 0 },
		{ "nan", -EINVAL, 0 },
		{ "99999999999999999999999999x", -EINVAL, 0 },
		{ "\xd9\xa1", -EINVAL, 0 },
	};
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		value = 4711;
		assert_int_equal(cli_number(cases[i].text, 0, 100, &value), cases[i].err);
		assert_int_equal(value, cases[i].err ? 4711 : cases[i].value);
	}
	assert_int_equal(cli_number("4", 5, 9, &value), -ERANGE);
	assert_int_equal(cli_number("18446744073709551615", 0, UINT64_MAX, &value), 0);
	assert_true(value == UINT64_MAX);
}

static void test_seconds(void **state)
{
	static const struct {
		const char *text;
		int err;
		int ms;
	} cases[] = {
		{ "0", 0, 0 },
		{ "2", 0, 2000 },
		{ "0.1", 0, 100 },
		{ "1.25", 0, 1250 },
		{ "0.001", 0, 1 },
		{ "60.000", 0, 60000 },
		{ "60.001", -ERANGE, 0 },
		{ "99999999999999999999", -ERANGE, 0 },
		{ "9223372036854775807", -ERANGE, 0 },
		{ "18446744073709551.617", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ ".5", -EINVAL, 0 },
		{ "5.", -EINVAL, 0 },
		{ "1.2345", -EINVAL, 0 },
		{ "1,5", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ "1e3", -EINVAL, 0 },
		{ "nan", -EINVAL, 0 },
		{ "inf", -EINVAL, 0 },
		{ "0x1p3", -EINVAL, 0 },
		{ " 1", -EINVAL, 0 },
		{ "1 ", -EINVAL, 0 },
		{ "1.5.5", -EINVAL, 0 },
		{ "2s", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int ms = -7;

		assert_int_equal(cli_seconds(cases[i].text, 0, 60000, &ms), cases[i].err);
		assert_int_equal(ms, cases[i].err ? -7 : cases[i].ms);
	}
}

static void test_decimal(void **state)
{
	int64_t value;

	(void)state;
	assert_int_equal(cli_decimal("-21.5", 1, -400, 900, &value), 0);
	assert_int_equal(value, -215);
	assert_int_equal(cli_decimal("-0.5", 1, -400, 900, &value), 0);
	assert_int_equal(value, -5);
	assert_int_equal(cli_decimal("-40.1", 1, -400, 900, &value), -ERANGE);
	assert_int_equal(cli_decimal("--4", 1, -400, 900, &value), -EINVAL);
	assert_int_equal(cli_decimal("-", 1, -400, 900, &value), -EINVAL);
	assert_int_equal(cli_decimal("7", 0, 0, 9, &value), 0);
	assert_int_equal(value, 7);
	assert_int_equal(cli_decimal("7.0", 0, 0, 9, &value), -EINVAL);
	assert_int_equal(cli_decimal("9223372036.854775807", 9, 0, INT64_MAX, &value), 0);
	assert_true(value == INT64_MAX);
	assert_int_equal(cli_decimal("9223372036.854775808", 9, 0, INT64_MAX, &value), -ERANGE);
}

static void test_list(void **state)
{
	struct cli_numbers list = { .count = 99 };

	(void)state;
	assert_int_equal(cli_number_list("1-3,5,2", 1, 9, &list), 0);
	assert_int_equal(list.count, 5);
	assert_memory_equal(list.item, ((unsigned[]){ 1, 2, 3, 5, 2 }), 5 * sizeof(unsigned));
	assert_int_equal(cli_number_list("7", 1, 9, &list), 0);
	assert_int_equal(list.count, 1);
	assert_int_equal(cli_number_list("0-3", 1, 9, &list), -ERANGE);
	assert_int_equal(cli_number_list("3-10", 1, 9, &list), -ERANGE);
	assert_int_equal(cli_number_list("3-1", 1, 9, &list), -EINVAL);
	assert_int_equal(cli_number_list("", 1, 9, &list), -EINVAL);
	assert_int_equal(cli_number_list("1,", 1, 9, &list), -EINVAL);
	assert_int_equal(cli_number_list(",1", 1, 9, &list), -EINVAL);
	assert_int_equal(cli_number_list("1-", 1, 9, &list), -EINVAL);
	assert_int_equal(cli_number_list("1 ,2", 1, 9, &list), -EINVAL);
	assert_int_equal(cli_number_list("1-2-3", 1, 9, &list), -EINVAL);
	assert_int_equal(list.count, 1);
	assert_int_equal(cli_number_list("0-255", 0, UINT32_MAX, &list), 0);
	assert_int_equal(list.count, CLI_NUMBERS_MAX);
	assert_int_equal(list.item[255], 255);
	assert_int_equal(cli_number_list("0-255,1", 0, UINT32_MAX, &list), -E2BIG);
	assert_int_equal(cli_number_list("0-4294967295", 0, UINT32_MAX, &list), -E2BIG);
}

static void test_host(void **state)
{
	static const char *const bad[] = {
		"",     "[]",     "[::1",     "::1]",   "[::1]x", "a b",
		"a\tb", "host:1", "[::1]:80", "[host]", "a/b",    "a\n",
	};
	char host[CLI_HOST_MAX], big[CLI_HOST_MAX + 1];

	(void)state;
	assert_int_equal(cli_host("192.0.2.7", host), 0);
	assert_string_equal(host, "192.0.2.7");
	assert_int_equal(cli_host("[fe80::1%eth0]", host), 0);
	assert_string_equal(host, "fe80::1%eth0");
	assert_int_equal(cli_host("::1", host), 0);
	assert_string_equal(host, "::1");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(cli_host(bad[i], host), -EINVAL);
	assert_string_equal(host, "::1");
	memset(big, 'a', sizeof(big));
	big[CLI_HOST_MAX] = '\0';
	assert_int_equal(cli_host(big, host), -EINVAL);
	big[CLI_HOST_MAX - 1] = '\0';
	assert_int_equal(cli_host(big, host), 0);
}

static void test_host_port(void **state)
{
	static const char *const bad[] = {
		"",       ":80",     "host:",  "host:0", "host:65536",
		"host:x", "[::1]80", "[::1]:", "h:1:x]", "[host]:80",
	};
	char host[CLI_HOST_MAX];
	uint16_t port = 99;

	(void)state;
	assert_int_equal(cli_host_port("relay.example", 1, host, &port), 0);
	assert_string_equal(host, "relay.example");
	assert_int_equal(port, 99);
	assert_int_equal(cli_host_port("relay.example:32100", 1, host, &port), 0);
	assert_string_equal(host, "relay.example");
	assert_int_equal(port, 32100);
	assert_int_equal(cli_host_port("[::1]:65535", 1, host, &port), 0);
	assert_string_equal(host, "::1");
	assert_int_equal(port, 65535);
	assert_int_equal(cli_host_port("fe80::7:80", 1, host, &port), 0);
	assert_string_equal(host, "fe80::7:80");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(cli_host_port(bad[i], 1, host, &port), -EINVAL);
	assert_int_equal(port, 65535);
	assert_int_equal(cli_host_port("127.0.0.1:0", 0, host, &port), 0);
	assert_int_equal(port, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_number),  cmocka_unit_test(test_seconds),
		cmocka_unit_test(test_decimal), cmocka_unit_test(test_list),
		cmocka_unit_test(test_host),    cmocka_unit_test(test_host_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
