/* SPDX-License-Identifier: MIT */
/* Messages: the plain bytes of the protocol sheet, and where one ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "message.h"

#include "hex.h"
#include "sheet.h"

static void test_login(void **state)
{
	uint8_t expected[MESSAGE_LOGIN_BYTES];
	uint8_t bytes[MESSAGE_LOGIN_BYTES];

	(void)state;
	assert_int_equal(from_hex(LOGIN_PLAIN, expected, sizeof(expected)), sizeof(expected));
	ipcom_message_login("demo", "secret", 1, bytes);
	assert_memory_equal(bytes, expected, sizeof(bytes));
}

/* Section 4.1: bytes are counted, and what fills the field is blanks. */
static void test_login_of_every_length(void **state)
{
	const char *const all = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	(void)state;
	for (unsigned name = 1; name <= IPCOM_MAX_USERNAME; name++) {
		for (unsigned word = 1; word <= IPCOM_MAX_PASSWORD; word++) {
			uint8_t bytes[MESSAGE_LOGIN_BYTES];
			char username[IPCOM_MAX_USERNAME + 1] = "";
			char password[IPCOM_MAX_PASSWORD + 1] = "";
			char expected[80];

			memcpy(username, all, name);
			memcpy(password, all, word);
			snprintf(expected, sizeof(expected), "USER:%-21sPWD:%-22s", username,
				 password);
			ipcom_message_login(username, password, 2, bytes);
			assert_memory_equal(bytes, "\1\2", 2);
			assert_memory_equal(bytes + 2, expected, 52);
			assert_memory_equal(bytes + 54, "\2\0", 2);
		}
	}
}

static void test_short(void **state)
{
	uint8_t bytes[2];

	(void)state;
	ipcom_message_short(MESSAGE_OUTPUTS, bytes);
	assert_memory_equal(bytes, "\5\1", 2);
	ipcom_message_short(MESSAGE_KEEPALIVE, bytes);
	assert_memory_equal(bytes, "\3\1", 2);
	ipcom_message_short(MESSAGE_DISCONNECT, bytes);
	assert_memory_equal(bytes, "\2\1", 2);
}

static void test_writes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sheet_writes) / sizeof(sheet_writes[0]); i++) {
		const struct sheet_write *w = &sheet_writes[i];
		uint8_t expected[MESSAGE_WRITE_BYTES];
		uint8_t bytes[MESSAGE_WRITE_BYTES];

		assert_int_equal(from_hex(w->plain, expected, sizeof(expected)), sizeof(expected));
		assert_int_equal(ipcom_message_write(ipcom_frame_address(1, w->type), w->module,
						     w->values, bytes),
				 sizeof(expected));
		assert_memory_equal(bytes, expected, sizeof(expected));
	}
}

/* What is known after so many bytes never changes with more. */
static void check_size(const uint8_t *bytes, size_t size, size_t known_after, int expected)
{
	for (size_t part = 0; part <= size; part++)
		assert_int_equal(ipcom_message_size(bytes, part),
				 part < known_after ? 0 : expected);
}

static void test_sizes_by_id(void **state)
{
	(void)state;
	for (unsigned id = 0; id < 256; id++) {
		uint8_t bytes[MESSAGE_MAX_BYTES] = { (uint8_t)id, 0xee };
		int expected = -1;

		if (id == MESSAGE_FRAME)
			continue;
		if (id == MESSAGE_CONNECT)
			expected = 135;
		else if (id == MESSAGE_DISCONNECT || id == MESSAGE_KEEPALIVE)
			expected = 2;
		else if (id == MESSAGE_OUTPUTS)
			expected = 130;
		check_size(bytes, sizeof(bytes), 1, expected);
	}
}

static void test_sizes_of_frames(void **state)
{
	(void)state;
	for (unsigned length = 0; length < 256; length++) {
		uint8_t bytes[MESSAGE_MAX_BYTES] = { 4, 1, 0x23, 0, 0x3c, (uint8_t)length };

		check_size(bytes, sizeof(bytes), 6, (int)(6 + length));
		memcpy(bytes, "\4\1\2\x23\0\x3c", 6);
		bytes[6] = (uint8_t)length;
		check_size(bytes, sizeof(bytes), 7, (int)(7 + length));
		assert_true(7 + length <= MESSAGE_MAX_BYTES);
	}
}

/* Section 6, rule 3: neither of the two layouts. */
static void test_unknown_frames(void **state)
{
	uint8_t bytes[8] = { 4, 1 };

	(void)state;
	for (unsigned third = 0; third < 256; third++) {
		bytes[2] = (uint8_t)third;
		if (third == 0x23)
			continue;
		check_size(bytes, sizeof(bytes), third == 1 || third == 2 ? 4 : 3, -1);
	}
}

static void test_accept(void **state)
{
	const struct cipher login = { 0 };
	const struct cipher p = cipher_p();
	uint8_t plain[MESSAGE_ACCEPT_BYTES];
	struct message_accept accept;

	(void)state;
	assert_int_equal(from_hex(ACCEPT_P, plain, sizeof(plain)), sizeof(plain));
	ipcom_cipher_decode(&login, plain, plain, sizeof(plain));
	ipcom_message_accept(plain, &accept);
	assert_true(accept.accepted);
	assert_string_equal(accept.firmware, "3.10");
	assert_memory_equal(accept.key, p.key, sizeof(p.key));
	for (unsigned status = 0; status < 256; status++) {
		plain[0] = (uint8_t)status;
		plain[1] = (uint8_t)(status * 7); /* the version is not looked at */
		ipcom_message_accept(plain, &accept);
		assert_int_equal(accept.accepted, status == 1);
	}
}

static void check_firmware(const char *bytes, const char *expected)
{
	uint8_t plain[MESSAGE_ACCEPT_BYTES] = { 1 };
	struct message_accept accept;

	memcpy(plain + 2, bytes, 4);
	plain[6] = 'x'; /* unknown, and no part of it */
	ipcom_message_accept(plain, &accept);
	assert_string_equal(accept.firmware, expected);
}

static void test_firmware_is_printable(void **state)
{
	(void)state;
	check_firmware("3.10", "3.10");
	check_firmware("2.1\0", "2.1");
	check_firmware("\0abc", "");
	check_firmware("\x1b[2J", "?[2J");
	check_firmware("\x7f\xff \n", "?? ?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_login),
		cmocka_unit_test(test_login_of_every_length),
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_writes),
		cmocka_unit_test(test_sizes_by_id),
		cmocka_unit_test(test_sizes_of_frames),
		cmocka_unit_test(test_unknown_frames),
		cmocka_unit_test(test_accept),
		cmocka_unit_test(test_firmware_is_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
