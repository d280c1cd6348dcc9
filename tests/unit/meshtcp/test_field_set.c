/* SPDX-License-Identifier: MIT */
/* One field of a section changed, and nothing else of it (appendix B: the whole is sent back). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <meshtcp/meshtcp.h>

#include "schema.h"
#include "wire.h"

static const struct meshtcp_schema *section(enum meshtcp_section_kind kind, unsigned number)
{
	const struct meshtcp_schema *schema = meshtcp_schema_for_section(kind, number);

	assert_non_null(schema);
	return schema;
}

#define LORA     section(MESHTCP_CONFIG, 6)
#define NETWORK  section(MESHTCP_CONFIG, 4)
#define SECURITY section(MESHTCP_CONFIG, 8)
#define POWER    section(MESHTCP_CONFIG, 3)
#define MQTT     section(MESHTCP_MODULE, 1)

static void sets(const struct meshtcp_schema *schema, const char *before, const char *name,
		 const char *value, const char *after)
{
	struct wire w = { .size = 0 }, expected = { .size = 0 };
	uint8_t data[512];
	int size;

	wire_hex(&w, before);
	wire_hex(&expected, after);
	memset(data, 0xee, sizeof(data));
	memcpy(data, w.data, w.size);
	size = meshtcp_field_set(schema, data, w.size, sizeof(data), name, value);
	if (size != (int)expected.size || memcmp(data, expected.data, expected.size) != 0)
		fail_msg("%s=%s: %d", name, value, size);
	/* In just as much room, and not in a byte less. */
	memset(data, 0xee, sizeof(data));
	memcpy(data, w.data, w.size);
	if (expected.size < w.size)
		return;
	assert_int_equal(meshtcp_field_set(schema, data, w.size, expected.size, name, value), size);
	assert_int_equal(data[expected.size], 0xee);
	if (expected.size == w.size)
		return;
	memcpy(data, w.data, w.size);
	assert_int_equal(meshtcp_field_set(schema, data, w.size, expected.size - 1, name, value),
			 -EMSGSIZE);
	assert_memory_equal(data, w.data, w.size);
}

static void refuses(const struct meshtcp_schema *schema, const char *before, const char *name,
		    const char *value, int error)
{
	struct wire w = { .size = 0 };
	uint8_t data[512];
	int ret;

	wire_hex(&w, before);
	memcpy(data, w.data, w.size);
	ret = meshtcp_field_set(schema, data, w.size, sizeof(data), name, value);
	if (ret != error)
		fail_msg("%s=%s: %d", name, value, ret);
	assert_memory_equal(data, w.data, w.size);
}

static void test_changed_in_its_place(void **state)
{
	(void)state;
	sets(LORA, "0801380340034801", "hop_limit", "5", "0801380340054801");
	sets(LORA, "0801380340034801", "use_preset", "false", "0800380340034801");
	sets(LORA, "0801380340034801", "tx_enabled", "off", "0801380340034800");
	/* Shorter and longer than before. */
	sets(LORA, "18fa014003", "bandwidth", "1", "18014003");
	sets(LORA, "18014003", "bandwidth", "250", "18fa014003");
}

static void test_added_in_order(void **state)
{
	(void)state;
	sets(LORA, "", "hop_limit", "5", "4005");
	sets(LORA, "08014801", "hop_limit", "5", "080140054801");
	sets(LORA, "4801", "use_preset", "1", "08014801");
	sets(LORA, "0801", "config_ok_to_mqtt", "yes", "0801c80601");
}

/* What no table knows stays, byte for byte and in its place. */
static void test_unknown_fields_stay(void **state)
{
	(void)state;
	sets(LORA, "08013800a001079a06036162639d060102030491060102030405060708", "region", "EU_868",
	     "08013803a001079a06036162639d060102030491060102030405060708");
	sets(LORA, "0801ba060a91a2c48801a2c4889102c80601", "hop_limit", "7",
	     "08014007ba060a91a2c48801a2c4889102c80601");
	sets(LORA, "a00107", "hop_limit", "7", "4007a00107");
}

/* A field that is there twice is there once afterwards. */
static void test_repeated_occurrence(void **state)
{
	(void)state;
	sets(LORA, "4001400248014003", "hop_limit", "7", "40074801");
}

static void test_values(void **state)
{
	(void)state;
	sets(LORA, "", "region", "US", "3801");
	sets(LORA, "", "region", "eu_868", "3803");
	sets(LORA, "", "region", "37", "3825");
	sets(LORA, "", "modem_preset", "LONG_FAST", "1000");
	sets(LORA, "", "tx_power", "-9", "50f7ffffffffffffffff01");
	sets(LORA, "", "tx_power", "2147483647", "50ffffffff07");
	sets(LORA, "", "tx_power", "-2147483648", "5080808080f8ffffffff01");
	sets(LORA, "", "frequency_offset", "-12.5", "35000048c1");
	sets(LORA, "", "bandwidth", "0x1f4", "18f403");
	sets(LORA, "", "bandwidth", "4294967295", "18ffffffff0f");
	sets(POWER, "", "powermon_enables", "18446744073709551615", "8002ffffffffffffffffff01");
	sets(NETWORK, "", "wifi_ssid", "barn", "1a046261726e");
	sets(NETWORK, "1a046261726e", "wifi_ssid", "", "1a00");
	sets(SECURITY, "", "private_key", "00ffA0", "120300ffa0");
	sets(SECURITY, "120300ffa0", "private_key", "", "1200");
	sets(&meshtcp_schema_position, "", "latitude_i", "-338688000", "0d0008d0eb");
	sets(&meshtcp_schema_position, "", "altitude_hae", "-12", "4817");
	sets(&meshtcp_schema_position, "", "time", "4294967295", "25ffffffff");
	sets(LORA, "", "use_preset", "true", "0801");
	sets(LORA, "", "use_preset", "0", "0800");
}

static void test_within(void **state)
{
	(void)state;
	sets(NETWORK, "", "ipv4_config.ip", "16777343", "42050d7f000001");
	sets(NETWORK, "080142050d7f0000015001", "ipv4_config.dns", "1",
	     "0801420a0d7f00000125010000005001");
	sets(&meshtcp_schema_channel, "080112061201a11a01411802", "settings.name", "Trail",
	     "0801120a1201a11a05547261696c1802");
	sets(&meshtcp_schema_channel, "0801", "settings.module_settings.position_precision", "13",
	     "080112043a02080d");
	/* Unknown fields within stay, too. */
	sets(NETWORK, "4203980605", "ipv4_config.ip", "1", "42080d01000000980605");
}

static void test_no_such_field(void **state)
{
	(void)state;
	refuses(LORA, "0801", "nothing", "1", -ENOENT);
	refuses(LORA, "0801", "", "1", -ENOENT);
	refuses(LORA, "0801", "hop_limi", "1", -ENOENT);
	refuses(LORA, "0801", "hop_limits", "1", -ENOENT);
	refuses(LORA, "0801", "hop_limit.x", "1", -ENOENT);
	refuses(LORA, "0801", "hop_limit.", "1", -ENOENT);
	refuses(NETWORK, "0801", "ipv4_config", "1", -ENOENT);
	refuses(NETWORK, "0801", "ipv4_config.", "1", -ENOENT);
	refuses(NETWORK, "0801", "ipv4_config.nothing", "1", -ENOENT);
	refuses(NETWORK, "0801", ".ip", "1", -ENOENT);
	/* What is in it is not known. */
	refuses(MQTT, "0801", "map_report_settings.x", "1", -ENOENT);
}

static void test_no_such_value(void **state)
{
	static const char *const bad_numbers[] = {
		"", " 1", "1 ", "x", "-1", "1.5", "0xg", "0x", "4294967296", "99999999999999999999"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad_numbers) / sizeof(bad_numbers[0]); i++)
		refuses(LORA, "4003", "hop_limit", bad_numbers[i], -EINVAL);
	refuses(LORA, "", "tx_power", "2147483648", -EINVAL);
	refuses(LORA, "", "tx_power", "-2147483649", -EINVAL);
	refuses(LORA, "", "tx_power", "--1", -EINVAL);
	refuses(LORA, "", "use_preset", "maybe", -EINVAL);
	refuses(LORA, "", "use_preset", "2", -EINVAL);
	refuses(LORA, "", "use_preset", "", -EINVAL);
	refuses(LORA, "", "region", "ATLANTIS", -EINVAL);
	refuses(LORA, "", "region", "", -EINVAL);
	refuses(LORA, "", "frequency_offset", "1,5", -EINVAL);
	refuses(LORA, "", "frequency_offset", "", -EINVAL);
	refuses(LORA, "", "frequency_offset", "nan", -EINVAL);
	refuses(LORA, "", "frequency_offset", " 1", -EINVAL);
	refuses(SECURITY, "", "private_key", "0", -EINVAL);
	refuses(SECURITY, "", "private_key", "0g", -EINVAL);
	refuses(SECURITY, "", "private_key", "00 11", -EINVAL);
	refuses(POWER, "", "powermon_enables", "18446744073709551616", -EINVAL);
	/* A list has no one value. */
	refuses(LORA, "", "ignore_incoming", "1", -EINVAL);
	refuses(SECURITY, "", "admin_key", "00", -EINVAL);
}

static void test_broken_sections(void **state)
{
	(void)state;
	refuses(LORA, "080140", "hop_limit", "5", -EBADMSG);
	refuses(LORA, "08019aff", "hop_limit", "5", -EBADMSG);
	refuses(NETWORK, "42020d7f", "ipv4_config.dns", "1", -EBADMSG);
}

static void test_arguments(void **state)
{
	uint8_t data[8] = { 0x08, 0x01 };

	(void)state;
	assert_int_equal(meshtcp_field_set(NULL, data, 2, 8, "use_preset", "0"), -EINVAL);
	assert_int_equal(meshtcp_field_set(LORA, data, 2, 8, NULL, "0"), -EINVAL);
	assert_int_equal(meshtcp_field_set(LORA, data, 2, 8, "use_preset", NULL), -EINVAL);
	assert_int_equal(meshtcp_field_set(LORA, data, 9, 8, "use_preset", "0"), -EINVAL);
	assert_int_equal(meshtcp_field_set(LORA, NULL, 0, 8, "use_preset", "0"), -EINVAL);
	assert_int_equal(meshtcp_field_set(LORA, NULL, 0, 0, "use_preset", "0"), -EMSGSIZE);
	assert_memory_equal(data, "\x08\x01", 2);
}

/* Values as long as they like. */
static void test_long_values(void **state)
{
	char *text = calloc(1, 5000);
	uint8_t *data = calloc(1, 512);

	(void)state;
	assert_non_null(text);
	assert_non_null(data);
	memset(text, 'a', 4999);
	assert_int_equal(meshtcp_field_set(NETWORK, data, 0, 512, "wifi_ssid", text), -EMSGSIZE);
	assert_true(meshtcp_field_set(SECURITY, data, 0, 512, "private_key", text) < 0);
	text[509] = '\0';
	assert_int_equal(meshtcp_field_set(NETWORK, data, 0, 512, "wifi_ssid", text), 512);
	free(text);
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changed_in_its_place),
		cmocka_unit_test(test_added_in_order),
		cmocka_unit_test(test_unknown_fields_stay),
		cmocka_unit_test(test_repeated_occurrence),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_within),
		cmocka_unit_test(test_no_such_field),
		cmocka_unit_test(test_no_such_value),
		cmocka_unit_test(test_broken_sections),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_long_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
