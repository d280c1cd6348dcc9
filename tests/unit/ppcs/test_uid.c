/* SPDX-License-Identifier: MIT */
/* Device ids: the forms of their text that are read, the one that is written, and 20 bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "uid.h"

#include "hex.h"

/* All forms of text that stand for the same id. */
static const struct row {
	const char *text, *usual, *wire;
} rows[] = {
	{ "TEST-012345-ABCDE", "TEST-012345-ABCDE", "5445535400000000 00003039 4142434445000000" },
	{ "LBCS-000000-CCCJJ", "LBCS-000000-CCCJJ", "4c42435300000000 00000000 4343434a4a000000" },
	{ "BATE-692065-IURQM", "BATE-692065-IURQM", "4241544500000000 000a8f61 495552514d000000" },
	{ "test-012345-abcde", "TEST-012345-ABCDE", "5445535400000000 00003039 4142434445000000" },
	{ "TEST012345ABCDE", "TEST-012345-ABCDE", "5445535400000000 00003039 4142434445000000" },
	{ "tEsT012345aBcDe", "TEST-012345-ABCDE", "5445535400000000 00003039 4142434445000000" },
	{ "TEST-12345-ABCDE", "TEST-012345-ABCDE", "5445535400000000 00003039 4142434445000000" },
	{ "test0000012345abcde", "TEST-012345-ABCDE",
	  "5445535400000000 00003039 4142434445000000" },
	{ "az-0-za", "AZ-000000-ZA", "415a000000000000 00000000 5a41000000000000" },
	{ "A1B2C3D-1234567-9Z8Y7X6", "A1B2C3D-1234567-9Z8Y7X6",
	  "4131423243334400 0012d687 395a385937583600" },
	{ "ABCDEFG-4294967295-HIJKLMN", "ABCDEFG-4294967295-HIJKLMN",
	  "4142434445464700 ffffffff 48494a4b4c4d4e00" },
	{ "abcdefg4294967295hijklmn", "ABCDEFG-4294967295-HIJKLMN",
	  "4142434445464700 ffffffff 48494a4b4c4d4e00" },
};

static const char *const refused[] = {
	"",
	"-",
	"--",
	"T",
	"TEST",
	"TEST-",
	"TEST-012345",
	"TEST-012345-",
	"TEST--ABCDE",
	"-012345-ABCDE",
	"TEST012345",
	"012345ABCDE",
	"1EST-012345-ABCDE",
	" TEST-012345-ABCDE",
	"TEST-012345-ABCDE ",
	"TEST-012345-ABCDE-",
	"TEST-012345--ABCDE",
	"TEST--012345-ABCDE",
	"TEST 012345 ABCDE",
	"TEST-012345ABCDE",
	"TEST012345-ABCDE",
	"TEST_012345_ABCDE",
	"TEST-+12345-ABCDE",
	"TEST-12 345-ABCDE",
	"TEST-0x3039-ABCDE",
	"TEST012345ABCD1", /* without dashes a digit begins another part */
	"TE5T012345ABCDE",
	"TEST-012345-ABC/E",
	"TEST-012345-ABC:E",
	"TEST-012345-ABC@E",
	"TEST-012345-ABC[E",
	"TEST-012345-ABC`E",
	"TEST-012345-ABC{E",
	"T\xc3\x84ST-012345-ABCDE",
	"ABCDEFGH-012345-ABCDE",
	"TEST-012345-ABCDEFGH",
	"abcdefgh012345abcde",
	"test012345abcdefgh",
	"TEST-4294967296-ABCDE",
	"TEST-9999999999-ABCDE",
	"TEST-00000000000-ABCDE",
	"TEST-18446744073709551616-ABCDE",
};

static void test_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t expected[UID_WIRE_BYTES + 1], wire[UID_WIRE_BYTES] = { 0 };
		char text[PPCS_UID_BYTES];
		struct cmn_reader r;
		struct cmn_writer w;
		struct uid uid, back;

		assert_int_equal(from_hex(rows[i].wire, expected, sizeof(expected)), 20);
		assert_int_equal(ppcs_uid_parse(rows[i].text, &uid), 0);
		ppcs_uid_text(&uid, text);
		assert_string_equal(text, rows[i].usual);
		memset(text, 'x', sizeof(text));
		assert_int_equal(ppcs_uid_normalise(rows[i].text, text), 0);
		assert_string_equal(text, rows[i].usual);
		cmn_writer_init(&w, wire, sizeof(wire));
		ppcs_uid_write(&w, &uid);
		assert_false(w.failed);
		assert_int_equal(w.pos, UID_WIRE_BYTES);
		assert_memory_equal(wire, expected, sizeof(wire));
		cmn_reader_init(&r, expected, UID_WIRE_BYTES);
		memset(&back, 'x', sizeof(back));
		ppcs_uid_read(&r, &back);
		assert_false(r.failed);
		assert_int_equal(cmn_reader_left(&r), 0);
		assert_true(ppcs_uid_same(&uid, &back));
		assert_false(ppcs_uid_empty(&back));
	}
}

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		char text[PPCS_UID_BYTES] = "untouched";
		struct uid uid = { .serial = 7 };

		assert_int_equal(ppcs_uid_parse(refused[i], &uid), -EINVAL);
		assert_int_equal(uid.serial, 7);
		assert_int_equal(ppcs_uid_normalise(refused[i], text), -EINVAL);
		assert_string_equal(text, "untouched");
	}
}

static void test_normalise_without(void **state)
{
	char text[PPCS_UID_BYTES];

	(void)state;
	assert_int_equal(ppcs_uid_normalise(NULL, text), -EINVAL);
	assert_int_equal(ppcs_uid_normalise("TEST-012345-ABCDE", NULL), -EINVAL);
}

static void test_same(void **state)
{
	struct uid a = { .prefix = "TEST", .serial = 12345, .check = "ABCDE" };
	struct uid b = a;

	(void)state;
	assert_true(ppcs_uid_same(&a, &b));
	b.prefix[3] = 'S';
	assert_false(ppcs_uid_same(&a, &b));
	b = a;
	b.serial++;
	assert_false(ppcs_uid_same(&a, &b));
	b = a;
	b.check[4] = '\0';
	assert_false(ppcs_uid_same(&a, &b));
	b = a;
	b.check[6] = 'X';
	assert_false(ppcs_uid_same(&a, &b));
	assert_false(ppcs_uid_empty(&a));
	b = (struct uid){ .serial = 0 };
	assert_true(ppcs_uid_empty(&b));
	assert_int_equal(ppcs_uid_parse("LBCS-000000-CCCJJ", &a), 0);
	assert_true(ppcs_uid_same(&a, &ppcs_uid_access_point));
}

static void read_hex(const char *hex, struct uid *ret)
{
	uint8_t wire[UID_WIRE_BYTES];
	struct cmn_reader r;

	assert_int_equal(from_hex(hex, wire, sizeof(wire)), sizeof(wire));
	cmn_reader_init(&r, wire, sizeof(wire));
	ppcs_uid_read(&r, ret);
	assert_false(r.failed);
}

/* What a device may send instead: no NUL, noise behind it, bytes that are no letters. */
static void test_noise(void **state)
{
	char text[PPCS_UID_BYTES];
	struct uid uid, other;

	(void)state;
	read_hex("54455354 00 414243 00003039 4142434445 00 5a ff", &uid);
	read_hex("5445535400000000 00003039 4142434445000000", &other);
	assert_true(ppcs_uid_same(&uid, &other));
	read_hex("5a5a5a5a5a5a5a5a ffffffff 5858585858585858", &uid);
	ppcs_uid_text(&uid, text);
	assert_string_equal(text, "ZZZZZZZ-4294967295-XXXXXXX");
	read_hex("1b5b4a0a2d2058ff 00000001 2fc3a4417a300000", &uid);
	ppcs_uid_text(&uid, text);
	assert_string_equal(text, "??J???X-000001-???Az0");
	read_hex("0000000000000000 00000000 0000000000000000", &uid);
	assert_true(ppcs_uid_empty(&uid));
	ppcs_uid_text(&uid, text);
	assert_string_equal(text, "-000000-");
}

static void test_sound(void **state)
{
	static const struct {
		const char *hex;
		bool sound;
	} cases[] = {
		{ "5445535400000000 00003039 4142434445000000", true },
		{ "41000000000000ff 00000000 4100000000000000", true },
		{ "5a39393939393900 ffffffff 3939393939393900", true },
		{ "7465737400000000 00003039 6162636465000000", true },
		{ "0000000000000000 00003039 4142434445000000", false },
		{ "5445535400000000 00003039 0000000000000000", false },
		{ "3945535400000000 00003039 4142434445000000", false },
		{ "5445532d00000000 00003039 4142434445000000", false },
		{ "5445535400000000 00003039 41c4434445000000", false },
		{ "5a5a5a5a5a5a5a5a 00003039 4142434445000000", false },
		{ "5445535400000000 00003039 5858585858585858", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct uid uid;

		read_hex(cases[i].hex, &uid);
		assert_int_equal(ppcs_uid_sound(&uid), cases[i].sound);
	}
	assert_true(ppcs_uid_sound(&ppcs_uid_access_point));
}

/* A wire that ends too early: no id, and nothing read behind its end. */
static void test_cut(void **state)
{
	(void)state;
	for (size_t size = 0; size < UID_WIRE_BYTES; size++) {
		uint8_t *wire = test_malloc(size + (size == 0));
		struct cmn_reader r;
		struct uid uid;

		memset(wire, 'A', size);
		cmn_reader_init(&r, wire, size);
		ppcs_uid_read(&r, &uid);
		assert_true(r.failed);
		assert_int_equal(uid.check[0], 0);
		test_free(wire);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_normalise_without),
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_sound),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
