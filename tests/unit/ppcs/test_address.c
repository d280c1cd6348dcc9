/* SPDX-License-Identifier: MIT */
/* Addresses: equal or not, of one host or not, as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "address.h"

static void test_same(void **state)
{
	const struct ppcs_address a = { { 192, 168, 43, 1 }, 40611 };
	struct ppcs_address b = ppcs_address_with_port(a, 32108);

	(void)state;
	assert_int_equal(b.port, 32108);
	assert_true(ppcs_address_same_ip(&a, &b));
	assert_false(ppcs_address_same(&a, &b));
	b.port = 40611;
	assert_true(ppcs_address_same(&a, &b));
	for (unsigned i = 0; i < 4; i++) {
		b = a;
		b.ip[i] ^= 0x80;
		assert_false(ppcs_address_same_ip(&a, &b));
		assert_false(ppcs_address_same(&a, &b));
	}
}

static void test_usable(void **state)
{
	static const struct {
		struct ppcs_address a;
		bool usable;
	} rows[] = {
		{ { { 127, 0, 0, 1 }, 1 }, true },
		{ { { 1, 0, 0, 0 }, 65535 }, true },
		{ { { 223, 255, 255, 255 }, 1 }, true },
		{ { { 192, 168, 43, 1 }, 0 }, false },
		{ { { 0, 0, 0, 0 }, 32100 }, false },
		{ { { 0, 1, 2, 3 }, 32100 }, false },
		{ { { 224, 0, 0, 1 }, 32100 }, false },
		{ { { 255, 255, 255, 255 }, 32100 }, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(ppcs_address_usable(&rows[i].a), rows[i].usable);
}

static void test_text(void **state)
{
	const struct ppcs_address longest = { { 255, 255, 255, 255 }, 65535 };
	const struct ppcs_address camera = { { 192, 168, 43, 1 }, 40611 };
	const struct ppcs_address none = { .port = 0 };
	char text[ADDRESS_TEXT_BYTES];

	(void)state;
	ppcs_address_text(&longest, text);
	assert_string_equal(text, "255.255.255.255:65535");
	ppcs_address_text(&camera, text);
	assert_string_equal(text, "192.168.43.1:40611");
	ppcs_address_text(&none, text);
	assert_string_equal(text, "0.0.0.0:0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_usable),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
