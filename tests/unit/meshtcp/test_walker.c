/* SPDX-License-Identifier: MIT */
/* Messages field by field: nesting, lists, what is unknown, what is torn; names of ports and
 * values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include <meshtcp/meshtcp.h>

#include "schema.h"
#include "wire.h"

/* The walk as text: `name=value` and `name{` `}`, with `!` for a secret and `~` for a list. */
static const char *walk(const struct meshtcp_schema *schema, const char *hex, bool failed)
{
	static char text[2000];
	const struct meshtcp_field *f;
	static struct wire w;
	struct meshtcp_walker walker;
	char *to = text;

	w.size = 0;
	wire_hex(&w, hex);
	*to = '\0';
	meshtcp_walker_init(&walker, schema, w.data, w.size);
	while ((f = meshtcp_walker_next(&walker)) != NULL) {
		assert_true(to - text < 1800);
		if (f->kind == MESHTCP_FIELD_END) {
			to += sprintf(to, "} ");
			continue;
		}
		to += f->name[0] ? sprintf(to, "%s", f->name) : sprintf(to, "%u", f->number);
		to += sprintf(to, "%s%s", f->secret ? "!" : "", f->repeated ? "~" : "");
		if (f->kind == MESHTCP_FIELD_BEGIN)
			to += sprintf(to, "{ ");
		else if (f->kind == MESHTCP_FIELD_INT)
			to += sprintf(to, "=%lld ", (long long)f->value.i);
		else if (f->kind == MESHTCP_FIELD_FLOAT)
			to += sprintf(to, "=%g ", f->value.f);
		else if (f->kind == MESHTCP_FIELD_TEXT)
			to += sprintf(to, "=\"%.*s\" ", (int)f->size, (const char *)f->data);
		else if (f->kind == MESHTCP_FIELD_BYTES)
			to += sprintf(to, "=%zu bytes ", f->size);
		else
			to += sprintf(to, "=%llu%s%s ", (unsigned long long)f->value.u,
				      f->word ? ":" : "", f->word ? f->word : "");
	}
	assert_int_equal(meshtcp_walker_failed(&walker), failed);
	assert_null(meshtcp_walker_next(&walker));
	return text;
}

static void test_admin(void **state)
{
	(void)state;
	assert_string_equal(
		walk(&meshtcp_schema_admin,
		     "920213321108013803ba060a91a2c48801a2c4889102aa06080102030405060708", false),
		"set_config{ lora{ use_preset=1 region=3:EU_868 "
		"ignore_incoming~=286331153 ignore_incoming~=572662306 } } "
		"session_passkey!=8 bytes ");
	assert_string_equal(walk(&meshtcp_schema_admin, "88060a", false), "reboot_seconds=10 ");
	assert_string_equal(walk(&meshtcp_schema_admin, "8806ffffffffffffffffff01", false),
			    "reboot_seconds=-1 ");
	assert_string_equal(walk(&meshtcp_schema_admin, "2800", false), "get_config_request=0 ");
}

static void test_empty(void **state)
{
	struct meshtcp_walker w;

	(void)state;
	assert_string_equal(walk(&meshtcp_schema_user, "", false), "");
	assert_string_equal(walk(&meshtcp_schema_config, "4a00", false), "sessionkey{ } ");
	meshtcp_walker_init(&w, &meshtcp_schema_user, NULL, 0);
	assert_null(meshtcp_walker_next(&w));
	assert_false(meshtcp_walker_failed(&w));
}

/* Packed in one block, element by element, and both. */
static void test_lists(void **state)
{
	(void)state;
	assert_string_equal(
		walk(&meshtcp_schema_route, "0a08102f3b43ffffffff120b1a80ffffffffffffffff01",
		     false),
		"route~=1127952144 route~=4294967295 snr_towards~=26 snr_towards~=-128 ");
	assert_string_equal(walk(&meshtcp_schema_route, "0d010000000a04020000000d03000000", false),
			    "route~=1 route~=2 route~=3 ");
	assert_string_equal(walk(&meshtcp_schema_route, "0a001200101a", false), "snr_towards~=26 ");
	assert_string_equal(walk(&meshtcp_schema_route, "0a050100000002101a", true),
			    "route~=1 snr_towards~=26 ");
	assert_string_equal(walk(&meshtcp_schema_neighbors, "220515000098c022020805", false),
			    "neighbors~{ snr=-4.75 } neighbors~{ node_id=5 } ");
}

static void test_unknown(void **state)
{
	(void)state;
	assert_string_equal(walk(&meshtcp_schema_status,
				 "9a06036162639806059d0601020304910601020304050607080a026869",
				 false),
			    "99=3 bytes 99=5 99=67305985 98=578437695752307201 status=\"hi\" ");
	/* Another wire type than the table says is another field. */
	assert_string_equal(walk(&meshtcp_schema_status, "08050d01000000", false), "1=5 1=1 ");
	assert_string_equal(walk(&meshtcp_schema_paxcounter, "0a001005", false),
			    "1=0 bytes ble=5 ");
	/* Without a table. */
	assert_string_equal(walk(NULL, "0805120101", false), "1=5 2=1 bytes ");
}

static void test_torn(void **state)
{
	(void)state;
	assert_string_equal(walk(&meshtcp_schema_user, "1202426f1aff", true), "long_name=\"Bo\" ");
	/* Within: what is around it goes on where the inner one should have ended. */
	assert_string_equal(walk(&meshtcp_schema_telemetry, "0d050000001204080115801a00", true),
			    "time=5 device_metrics{ battery_level=1 } environment_metrics{ } ");
	assert_string_equal(walk(&meshtcp_schema_telemetry, "12040801", true), "");
	assert_string_equal(walk(&meshtcp_schema_telemetry, "0001", true), "");
	assert_string_equal(walk(&meshtcp_schema_telemetry, "0e", true), "");
}

static void test_numbers(void **state)
{
	(void)state;
	assert_string_equal(walk(&meshtcp_schema_user, "300228ff01380c2864", false),
			    "is_licensed=1 hw_model=255:PRIVATE_HW role=12:CLIENT_BASE "
			    "hw_model=100:SEEED_WIO_TRACKER_L1_EINK ");
	assert_string_equal(walk(&meshtcp_schema_user, "28e80738ffffffffffffffffff01", false),
			    "hw_model=1000 role=4294967295 ");
	assert_string_equal(walk(&meshtcp_schema_position, "0d0008d0eb481750ffffffff0f", false),
			    "latitude_i=-338688000 altitude_hae=-12 "
			    "altitude_geoidal_separation=-2147483648 ");
	/* Low 32 bits of what is too large. */
	assert_string_equal(walk(&meshtcp_schema_paxcounter, "0881808080f001", false), "wifi=1 ");
}

static const struct meshtcp_schema deep;
static const struct meshtcp_schema *const deep_messages[] = { &deep };
static const struct meshtcp_schema deep = { "1m& in\0"
					    "2u number\0",
					    deep_messages, NULL };

/* Deeper than the most it is bytes, and each beginning has its end. */
static void test_depth(void **state)
{
	struct wire w = { .size = 0 }, outer;
	struct meshtcp_walker walker;
	const struct meshtcp_field *f;
	unsigned depth = 0, most = 0, bytes = 0;

	(void)state;
	wire_number(&w, 2, 7);
	for (unsigned i = 0; i < 20; i++) {
		outer.size = 0;
		wire_message(&outer, 1, &w);
		w = outer;
	}
	meshtcp_walker_init(&walker, &deep, w.data, w.size);
	while ((f = meshtcp_walker_next(&walker)) != NULL) {
		depth += f->kind == MESHTCP_FIELD_BEGIN;
		depth -= f->kind == MESHTCP_FIELD_END;
		bytes += f->kind == MESHTCP_FIELD_BYTES;
		most = depth > most ? depth : most;
	}
	assert_int_equal(depth, 0);
	assert_int_equal(most, MESHTCP_MAX_DEPTH - 1);
	assert_int_equal(bytes, 1);
	assert_false(meshtcp_walker_failed(&walker));
}

static void test_secrets(void **state)
{
	(void)state;
	assert_non_null(strstr(walk(&meshtcp_schema_config, "220422026869", false), "wifi_psk!"));
	assert_non_null(strstr(walk(&meshtcp_schema_config, "3a021805", false), "fixed_pin!"));
	assert_non_null(
		strstr(walk(&meshtcp_schema_config, "420412026869", false), "private_key!"));
	assert_null(strchr(walk(&meshtcp_schema_config, "42040a026869", false), '!'));
	assert_non_null(strstr(walk(&meshtcp_schema_module, "0a0422026869", false), "password!"));
	assert_non_null(strstr(walk(&meshtcp_schema_channel, "120412026869", false), "psk!"));
	assert_non_null(strstr(walk(&meshtcp_schema_admin, "aa06026869", false), "passkey!"));
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(meshtcp_port_name(0), "UNKNOWN_APP");
	assert_string_equal(meshtcp_port_name(1), "TEXT_MESSAGE_APP");
	assert_string_equal(meshtcp_port_name(67), "TELEMETRY_APP");
	assert_string_equal(meshtcp_port_name(78), "ATAK_PLUGIN_V2");
	assert_string_equal(meshtcp_port_name(112), "GROUPALARM_APP");
	assert_string_equal(meshtcp_port_name(257), "ATAK_FORWARDER");
	assert_null(meshtcp_port_name(14));
	assert_null(meshtcp_port_name(511));
	assert_null(meshtcp_schema_for_port(1));
	assert_null(meshtcp_schema_for_port(256));
	assert_string_equal(meshtcp_section_name(MESHTCP_CONFIG, 6), "lora");
	assert_string_equal(meshtcp_section_name(MESHTCP_CONFIG, 10), "device_ui");
	assert_null(meshtcp_section_name(MESHTCP_CONFIG, 11));
	assert_null(meshtcp_section_name(MESHTCP_CONFIG, 0));
	assert_string_equal(meshtcp_section_name(MESHTCP_MODULE, 1), "mqtt");
	assert_string_equal(meshtcp_section_name(MESHTCP_MODULE, 16), "tak");
	assert_null(meshtcp_section_name(MESHTCP_MODULE, 18));
	assert_string_equal(meshtcp_hw_model_name(43), "HELTEC_V3");
	assert_string_equal(meshtcp_hw_model_name(146), "MESHPAGER_X2");
	assert_null(meshtcp_hw_model_name(147));
	assert_string_equal(meshtcp_role_name(11), "ROUTER_LATE");
	assert_null(meshtcp_role_name(13));
	assert_string_equal(meshtcp_region_name(37), "ITU2_125CM");
	assert_null(meshtcp_region_name(38));
	assert_string_equal(meshtcp_preset_name(16), "MEDIUM_TURBO");
	assert_null(meshtcp_preset_name(17));
	assert_string_equal(meshtcp_routing_error_name(0), "NONE");
	assert_string_equal(meshtcp_routing_error_name(39), "PKI_SEND_FAIL_PUBLIC_KEY");
	assert_null(meshtcp_routing_error_name(10));
	assert_null(meshtcp_routing_error_name(150));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_admin), cmocka_unit_test(test_empty),
		cmocka_unit_test(test_lists), cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_torn),  cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_depth), cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
