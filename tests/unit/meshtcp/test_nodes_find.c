/* SPDX-License-Identifier: MIT */
/* Finding a node by what people call it, and in a snapshot by its number (section 8). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <meshtcp/meshtcp.h>

static struct meshtcp_node list[6];
static struct meshtcp_nodes nodes = { 6, list };

static void fill(size_t i, uint32_t num, const char *short_name, const char *long_name)
{
	list[i].num = num;
	strcpy(list[i].user.short_name, short_name);
	strcpy(list[i].user.long_name, long_name);
}

static int setup(void **state)
{
	(void)state;
	fill(0, 0x00000042, "42", "The Answer");
	fill(1, 0x433b2f10, "BOB", "Bob's Place");
	fill(2, 0x433b2f11, "bob", "Another Bob");
	fill(3, 0x9ea2f1c4, "CAFE", "Base Camp");
	fill(4, 0xda5ae2a0, "", "");
	fill(5, 0xda5ae2a1, "\xf0\x9f\x9a\xb2",
	     "K\xc3\xbc"
	     "che");
	return 0;
}

static void finds(const char *text, uint32_t num)
{
	uint32_t found = 0x5a5a5a5a;

	assert_int_equal(meshtcp_nodes_find(&nodes, text, &found), 1);
	assert_int_equal(found, num);
}

static void finds_not(const char *text, size_t count)
{
	uint32_t found = 0x5a5a5a5a;

	assert_int_equal(meshtcp_nodes_find(&nodes, text, &found), count);
	assert_int_equal(found, 0x5a5a5a5a);
}

static void test_numbers(void **state)
{
	(void)state;
	finds("!9ea2f1c4", 0x9ea2f1c4);
	finds("!9EA2F1C4", 0x9ea2f1c4);
	finds("!00000042", 0x42);
	finds("0x9ea2f1c4", 0x9ea2f1c4);
	finds("0x42", 0x42);
	finds("9ea2f1c4", 0x9ea2f1c4);
	finds("DEADBEEF", 0xdeadbeef);
	finds("2661478852", 2661478852);
	finds("0", 0);
	finds("4294967295", 4294967295);
	finds("^all", MESHTCP_BROADCAST);
	finds("^local", MESHTCP_LOCAL);
	/* Also one that is not in the list. */
	finds("!12345678", 0x12345678);
}

static void test_no_numbers(void **state)
{
	(void)state;
	finds_not("", 0);
	finds_not("!", 0);
	finds_not("!9ea2f1c4a", 0);
	finds_not("!9ea2f1cg", 0);
	finds_not("! 9ea2f1c", 0);
	finds_not("0x", 0);
	finds_not("0x123456789", 0);
	finds_not("4294967296", 0);
	finds_not("99999999999999999999", 0);
	finds_not("-1", 0);
	finds_not("12 ", 0);
	finds_not("9ea2f1c", 0);
	finds_not("^some", 0);
}

static void test_names(void **state)
{
	(void)state;
	finds("Base Camp", 0x9ea2f1c4);
	finds("base camp", 0x9ea2f1c4);
	finds("cafe", 0x9ea2f1c4);
	finds("The Answer", 0x42);
	finds("\xf0\x9f\x9a\xb2", 0xda5ae2a1);
	finds("k\xc3\xbc"
	      "CHE",
	      0xda5ae2a1);
	finds_not("Base", 0);
	finds_not("Base Camp ", 0);
	finds_not("nobody", 0);
	/* More than one. */
	finds_not("Bob", 2);
	finds("another bob", 0x433b2f11);
}

static void test_without_a_list(void **state)
{
	uint32_t num = 7;

	(void)state;
	assert_int_equal(meshtcp_nodes_find(NULL, "!9ea2f1c4", &num), 1);
	assert_int_equal(num, 0x9ea2f1c4);
	assert_int_equal(meshtcp_nodes_find(NULL, "Base Camp", &num), 0);
	assert_int_equal(meshtcp_nodes_find(NULL, NULL, &num), 0);
	assert_int_equal(num, 0x9ea2f1c4);
	assert_null(meshtcp_nodes_get(NULL, 1));
	meshtcp_nodes_free(NULL);
}

static void test_get(void **state)
{
	static const struct meshtcp_nodes none = { 0, NULL };

	(void)state;
	for (size_t i = 0; i < nodes.count; i++)
		assert_ptr_equal(meshtcp_nodes_get(&nodes, list[i].num), &list[i]);
	assert_null(meshtcp_nodes_get(&nodes, 0));
	assert_null(meshtcp_nodes_get(&nodes, 0x433b2f12));
	assert_null(meshtcp_nodes_get(&nodes, UINT32_MAX));
	assert_null(meshtcp_nodes_get(&none, 0x42));
}

static void test_text(void **state)
{
	char text[MESHTCP_NODE_TEXT];

	(void)state;
	meshtcp_node_text(0x9ea2f1c4, text);
	assert_string_equal(text, "!9ea2f1c4");
	meshtcp_node_text(0x42, text);
	assert_string_equal(text, "!00000042");
	meshtcp_node_text(UINT32_MAX, text);
	assert_string_equal(text, "!ffffffff");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_no_numbers),
		cmocka_unit_test(test_names),   cmocka_unit_test(test_without_a_list),
		cmocka_unit_test(test_get),     cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
