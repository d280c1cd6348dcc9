/* SPDX-License-Identifier: MIT */
/*
 * Init strings: those of section 14, from the table that is the program's argument, and broken
 * ones. The latter are made by the rule of section 9.3 turned round.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "init_string.h"

#include "hex.h"

#define MASK                                                               \
	"4959433db5bf6da347534f6165e371e9677f02030badb3892b2f35c16b8b9597" \
	"11e5a70deff1050783fb9d3bc5c713171d1f2529d3df"

#define MAX_TEXT 1024
/* The three servers of the first row of the table. */
#define THREE "EBGDEOBOKGICGAIAFFGNEAFMGPMHGFNDGNFLBEDJAAJELNKJDLBBDLOBHILE"

static const char *table_path;

/* The letters of a list of servers: A to P, four bits each. */
static const char *encode(const char *list, char letters[MAX_TEXT])
{
	uint8_t mask[54], chain = 0x39;
	size_t size = strlen(list);

	assert_int_equal(from_hex(MASK, mask, sizeof(mask)), sizeof(mask));
	assert_true(2 * size < MAX_TEXT);
	for (size_t i = 0; i < size; i++) {
		uint8_t value = (uint8_t)((uint8_t)list[i] ^ mask[i % 54] ^ chain);

		chain ^= (uint8_t)list[i];
		letters[2 * i] = (char)('A' + value / 16);
		letters[2 * i + 1] = (char)('A' + value % 16);
	}
	letters[2 * size] = '\0';
	return letters;
}

static int parse_list(const char *list, struct init_string *ret)
{
	char letters[MAX_TEXT];

	return ppcs_init_string_parse(encode(list, letters), ret);
}

static void check_row(const char *text, const char *hosts, const char *key)
{
	struct init_string init;
	char joined[MAX_TEXT] = "";

	memset(&init, 0x5a, sizeof(init));
	assert_int_equal(ppcs_init_string_parse(text, &init), 0);
	for (unsigned i = 0; i < init.count; i++) {
		strcat(joined, i > 0 ? "," : "");
		strcat(joined, init.servers[i]);
	}
	assert_string_equal(joined, hosts);
	assert_string_equal(init.key, strcmp(key, "-") == 0 ? "" : key);
}

static void test_table(void **state)
{
	FILE *file = fopen(table_path, "r");
	char line[MAX_TEXT], text[MAX_TEXT], hosts[MAX_TEXT], key[MAX_TEXT];
	unsigned rows = 0;

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		if (line[0] == '#')
			continue;
		assert_int_equal(sscanf(line, "%1023s %1023s %1023s", text, hosts, key), 3);
		check_row(text, hosts, key);
		rows++;
	}
	fclose(file);
	assert_int_equal(rows, 4);
}

/* The rule turned round gives the letters of section 14, so it can make others. */
static void test_letters(void **state)
{
	char letters[MAX_TEXT];

	(void)state;
	assert_string_equal(encode("127.0.0.1,127.0.0.2,127.0.0.3,", letters), THREE);
	assert_string_equal(encode("127.0.0.1,", letters), "EBGDEOBOKGICGAIAFFGN");
	assert_string_equal(encode("192.0.2.1,192.0.2.2,192.0.2.3,", letters),
			    "EBGIEABAKIIMGMIMFJGBEMFLGNMFGHNBGNFLBEDJAAJPLDKHDFBPDHONHELI");
}

static void test_lists(void **state)
{
	struct init_string init;

	(void)state;
	assert_int_equal(parse_list("a,b.example,c-d.example,", &init), 0);
	assert_int_equal(init.count, 3);
	assert_string_equal(init.servers[0], "a");
	assert_string_equal(init.servers[1], "b.example");
	assert_string_equal(init.servers[2], "c-d.example");
	assert_string_equal(init.key, "");
	/* An entry is taken when its comma is met. */
	assert_int_equal(parse_list("127.0.0.1", &init), -EINVAL);
	assert_int_equal(parse_list("127.0.0.1,127.0.0.2", &init), -EINVAL);
	assert_int_equal(parse_list(",", &init), -EINVAL);
	assert_int_equal(parse_list("a,,", &init), -EINVAL);
	assert_int_equal(parse_list(",a,", &init), -EINVAL);
	assert_int_equal(parse_list("a,b,c,d,", &init), -EINVAL);
	assert_int_equal(parse_list("a b,", &init), -EINVAL);
	assert_int_equal(parse_list("a\x7f,", &init), -EINVAL);
	assert_int_equal(parse_list("a\xe4,", &init), -EINVAL);
	assert_int_equal(parse_list("a\n,", &init), -EINVAL);
	assert_int_equal(parse_list("!~,", &init), 0);
}

static void test_longest(void **state)
{
	struct init_string init;
	char list[INIT_STRING_MAX + 2];

	(void)state;
	memset(list, 'h', sizeof(list));
	list[INIT_STRING_MAX - 1] = ',';
	list[INIT_STRING_MAX] = '\0';
	assert_int_equal(parse_list(list, &init), 0);
	assert_int_equal(init.count, 1);
	list[INIT_STRING_MAX - 1] = '\0';
	assert_string_equal(init.servers[0], list);
	memset(list, 'h', sizeof(list));
	list[INIT_STRING_MAX] = ',';
	list[INIT_STRING_MAX + 1] = '\0';
	assert_int_equal(parse_list(list, &init), -EINVAL);
}

static void test_keys(void **state)
{
	struct init_string init;

	(void)state;
	assert_int_equal(ppcs_init_string_parse(THREE ":12345678901234567890", &init), 0);
	assert_string_equal(init.key, "12345678901234567890");
	assert_int_equal(init.count, 3);
	assert_int_equal(ppcs_init_string_parse(THREE ":123456789012345678901", &init), -EINVAL);
	assert_int_equal(ppcs_init_string_parse(THREE ":", &init), 0);
	assert_string_equal(init.key, "");
	assert_int_equal(ppcs_init_string_parse(THREE ": a:b~", &init), 0);
	assert_string_equal(init.key, " a:b~");
	assert_int_equal(ppcs_init_string_parse(THREE ":a\tb", &init), -EINVAL);
	assert_int_equal(ppcs_init_string_parse(THREE ":a\x7f", &init), -EINVAL);
	assert_int_equal(ppcs_init_string_parse(THREE ":a\xe4", &init), -EINVAL);
}

static void test_broken(void **state)
{
	static const char *const broken[] = {
		"",
		":",
		":SECRETKEY",
		"E",
		"EBGDEOBOKGICGAIAFFG", /* half a pair */
		"EBGDEOBOKGICGAIAFF",  /* without its comma */
		"EBGDEOBOKGICGAIAFFGNE",
		"ebgdeobokgicgaiaffgn",
		"EBGDEOBOKGICGAIAFFG1",
		"EBGDEOBOKGICGAIAFF1N",
		"EBGDEOBOKGICGAIAFFG@",
		"EBGDEOBOKGICGAIAFFG[",
		" EBGDEOBOKGICGAIAFFGN",
		"EBGDEOBOKGICGAIAFFGN ",
		"EBGDEOBOKG ICGAIAFFGN",
		"AAAAAAAA",
		"127.0.0.1,",
		"{\"InitString\":\"EBGDEOBOKGICGAIAFFGN\"}",
	};
	struct init_string init;

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		assert_int_equal(ppcs_init_string_parse(broken[i], &init), -EINVAL);
}

/* Each letter counts; but the first of a pair is worth the same sixteen letters on (9.3). */
static void test_each_letter(void **state)
{
	struct init_string right, init;

	(void)state;
	assert_int_equal(ppcs_init_string_parse(THREE, &right), 0);
	for (size_t i = 0; i < strlen(THREE); i++) {
		char text[] = THREE;

		for (int letter = 'A'; letter <= 'Z'; letter++) {
			int error;

			text[i] = (char)letter;
			error = ppcs_init_string_parse(text, &init);
			if (letter == THREE[i] || (i % 2 == 0 && letter == THREE[i] + 16)) {
				assert_int_equal(error, 0);
				assert_memory_equal(&init, &right, sizeof(init));
			} else if (error == 0) {
				assert_memory_not_equal(&init, &right, sizeof(init));
			}
		}
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),       cmocka_unit_test(test_letters),
		cmocka_unit_test(test_lists),       cmocka_unit_test(test_longest),
		cmocka_unit_test(test_keys),        cmocka_unit_test(test_broken),
		cmocka_unit_test(test_each_letter),
	};

	if (argc != 2) {
		fprintf(stderr, "usage: %s TABLE\n", argv[0]);
		return 2;
	}
	table_path = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
