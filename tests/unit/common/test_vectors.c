/* SPDX-License-Identifier: MIT */
/* The reader of conversation files: every kind of line, and the line number of every mistake. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/harness/vectors.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char whole[] = "# SPDX-License-Identifier: MIT\n"
			    "#\n"
			    "#   indented\n"
			    "! style regular\n"
			    "! sim map 201 1.2.1.1\n"
			    "\n"
			    ": VLO 201 50 2300\n"
			    "> 56 4c4f  00ff\n"
			    ">2 0d\n"
			    "<99 0a\n"
			    "= result VLO level=50\n";

static void assert_step(const struct vectors_step *step, unsigned line, char kind, const char *text)
{
	assert_int_equal(step->line, line);
	assert_int_equal(step->kind, kind);
	assert_string_equal(step->text, text);
	assert_int_equal(step->connection, 0);
	assert_null(step->data);
	assert_int_equal(step->size, 0);
}

static void assert_bytes(const struct vectors_step *step, unsigned line, char kind,
			 unsigned connection, const char *bytes, size_t size)
{
	assert_int_equal(step->line, line);
	assert_int_equal(step->kind, kind);
	assert_int_equal(step->connection, connection);
	assert_string_equal(step->text, "");
	assert_int_equal(step->size, size);
	assert_memory_equal(step->data, bytes, size);
}

static void assert_whole(const struct vectors *v)
{
	assert_int_equal(v->count, 10);
	assert_step(&v->steps[0], 1, '#', "SPDX-License-Identifier: MIT");
	assert_step(&v->steps[1], 2, '#', "");
	assert_step(&v->steps[2], 3, '#', "  indented");
	assert_step(&v->steps[3], 4, '!', "style regular");
	assert_step(&v->steps[4], 5, '!', "sim map 201 1.2.1.1");
	assert_step(&v->steps[5], 7, ':', "VLO 201 50 2300");
	assert_bytes(&v->steps[6], 8, '>', 1, "VLO\0\xff", 5);
	assert_bytes(&v->steps[7], 9, '>', 2, "\r", 1);
	assert_bytes(&v->steps[8], 10, '<', 99, "\n", 1);
	assert_step(&v->steps[9], 11, '=', "result VLO level=50");
}

static void test_parse(void **state)
{
	struct vectors v;

	(void)state;
	assert_int_equal(vectors_parse(&v, "x", whole, strlen(whole)), 0);
	assert_string_equal(v.error, "");
	assert_whole(&v);
	vectors_free(&v);
	vectors_free(&v);
	assert_int_equal(v.count, 0);
	assert_int_equal(vectors_parse(&v, "x", "", 0), 0);
	assert_int_equal(v.count, 0);
	vectors_free(&v);
}

static void test_mistakes(void **state)
{
	static const char *const kind = "x:2: unknown kind of line";
	static const char *const blank = "x:2: one blank has to stand behind the kind";
	static const char *const end = "x:2: blank at the end";
	static const char *const hex = "x:2: bytes must be pairs of lower case hexadecimal digits";
	static const char *const half = "x:2: half a byte";
	static const char *const control = "x:2: control character";
	static const char *const setting = "x:2: unknown setting";
	const struct {
		const char *line;
		const char *error;
	} cases[] = {
		{ "hello", kind },
		{ " > 00", kind },
		{ "\xef\xbb\xbf# x", kind },
		{ ">00", blank },
		{ ">", blank },
		{ ":", blank },
		{ "=", blank },
		{ "#x", blank },
		{ ">  00", blank },
		{ "=  x", blank },
		{ ":x", blank },
		{ ">0 00", blank },
		{ ">100 00", blank },
		{ ">01 00", blank },
		{ ">-1 00", blank },
		{ "> ", end },
		{ "> 00 ", end },
		{ "= x ", end },
		{ "# ", end },
		{ "> 0", half },
		{ "> 0 0", half },
		{ "> 00 1", half },
		{ "> 000", half },
		{ "> 0g", half },
		{ "> 0A", half },
		{ "> A0", hex },
		{ "> 0x00", half },
		{ "> 00,00", hex },
		{ "> 00\t00", control },
		{ "= x\r", control },
		{ "= \x7f", control },
		{ "! style", setting },
		{ "! style odd", setting },
		{ "! sim", setting },
		{ "! sim  x", setting },
		{ "! other x", setting },
		{ "! key", setting },
		{ "! key  x", setting },
		{ "! key two words", setting },
		{ "! key 123456789012345678901", setting },
		{ "! key caf\xc3\xa9", setting },
		{ "! keys x", setting },
		{ "! telemetry yes", setting },
		{ "! telemetries", setting },
		{ "! style regular x", setting },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vectors v;
		char text[100];

		snprintf(text, sizeof(text), "# good\n%s\n= good\n", cases[i].line);
		assert_int_equal(vectors_parse(&v, "x", text, strlen(text)), -EBADMSG);
		assert_string_equal(v.error, cases[i].error);
		assert_null(v.steps);
		assert_null(v.storage);
	}
}

static void test_key_and_telemetry(void **state)
{
	static const char text[] = "! key SSD@cs2-network.\n! key !2345678901234567~90\n"
				   "! telemetry\n! key x\n";
	struct vectors v;

	(void)state;
	assert_int_equal(vectors_parse(&v, "x", text, strlen(text)), 0);
	assert_int_equal(v.count, 4);
	assert_step(&v.steps[0], 1, '!', "key SSD@cs2-network.");
	assert_step(&v.steps[1], 2, '!', "key !2345678901234567~90");
	assert_step(&v.steps[2], 3, '!', "telemetry");
	assert_step(&v.steps[3], 4, '!', "key x");
	vectors_free(&v);
}

static void test_ends(void **state)
{
	struct vectors v;

	(void)state;
	assert_int_equal(vectors_parse(&v, "a.txt", "\n\n> 00", 6), -EBADMSG);
	assert_string_equal(v.error, "a.txt:3: the last line has no end");
	assert_int_equal(vectors_parse(&v, "a.txt", "= a\0b\n", 6), -EBADMSG);
	assert_string_equal(v.error, "a.txt:1: control character");
	assert_int_equal(vectors_parse(&v, "a.txt", whole, ((size_t)4 << 20) + 1), -EFBIG);
	assert_string_equal(v.error, "a.txt: File too large");
}

static void test_load(void **state)
{
	char path[] = "/tmp/test-vectors-XXXXXX";
	int fd = mkstemp(path);
	char wanted[100];
	struct vectors v;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, whole, strlen(whole)), strlen(whole));
	assert_int_equal(vectors_load(&v, path), 0);
	assert_whole(&v);
	vectors_free(&v);
	assert_int_equal(write(fd, "oops\n", 5), 5);
	close(fd);
	assert_int_equal(vectors_load(&v, path), -EBADMSG);
	snprintf(wanted, sizeof(wanted), "%s:12: unknown kind of line", path);
	assert_string_equal(v.error, wanted);
	unlink(path);
	assert_int_equal(vectors_load(&v, path), -ENOENT);
	snprintf(wanted, sizeof(wanted), "%s: No such file or directory", path);
	assert_string_equal(v.error, wanted);
	assert_int_equal(vectors_load(&v, "/"), -EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_key_and_telemetry),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
