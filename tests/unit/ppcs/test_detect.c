/* SPDX-License-Identifier: MIT */
/* Which key a device speaks is found out by its first answer (section 9.2), and kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "client.h"
#include "hosts.h"

#define UID "TEST-012345-ABCDE"

/* Keys of section 9.2 and LAN_SEARCH in them. */
static const struct {
	const char *key, *search;
} known[] = {
	{ "", "f1300000" },         { "camera", "2cba5f5d" },
	{ "SHIX", "9fa1eeb9" },     { "SSD@cs2-network.", "b1a6bb9a" },
	{ "VMSV", "d19e23ab" },     { "vstarcam2018", "49b573d5" },
	{ "FERRY@88", "a92a6297" }, { "mycamera", "aa66af5c" },
	{ "@@@@....", "5d782818" },
};

#define KNOWN (sizeof(known) / sizeof(known[0]))

static struct {
	struct world world;
	struct client *client;
	struct camera camera;
} t;

static void begin(void)
{
	memset(&t, 0, sizeof(t));
	world_init(&t.world, 1);
	camera_init(&t.camera, &t.world, at(192, 0, 2, 7, 0), UID);
	t.client = client_new(&t.world, at(192, 0, 2, 100, 0));
	client_aim(t.client, t.camera.host.ip);
	client_uid(t.client, UID);
	client_modes(t.client, false, true, false);
	client_ports(t.client, (const uint16_t[]){ SEARCH_PORT }, 1);
}

static void end(void)
{
	world_free(&t.world);
}

/* How often one message, as it is on the wire, was sent from an index on. */
static size_t sent_as(size_t from, const char *key, uint8_t type)
{
	struct wire m;
	size_t count = 0;

	wire_begin(&m, type);
	wire_hide(&m, key);
	for (size_t i = from; i < t.client->sent_count; i++)
		count += memcmp(t.client->sent[i].head, m.bytes, m.size) == 0;
	return count;
}

static void test_the_first_search_goes_out_in_all_keys(void **state)
{
	(void)state;
	begin();
	t.camera.no_punch = true;
	client_race(t.client);
	assert_int_equal(t.client->sent_count, KNOWN);
	for (unsigned i = 0; i < KNOWN; i++)
		check_sent(&t.client->sent[i], known[i].search);
	/* Later plain each time, and the others in turn. */
	world_run(&t.world, 810);
	assert_int_equal(t.client->sent_count, KNOWN + 2 * 8);
	for (unsigned i = 0; i < KNOWN; i++)
		assert_int_equal(sent_as(0, known[i].key, LAN_SEARCH), i == 0 ? 9 : 2);
	end();
}

static void test_every_key_is_found(void **state)
{
	(void)state;
	for (unsigned mode = 0; mode < 2; mode++) {
		for (unsigned i = 0; i < KNOWN; i++) {
			const struct ppcs_report *r;
			size_t up;

			begin();
			client_modes(t.client, mode == PPCS_P2P, mode == PPCS_LAN, false);
			client_ports(t.client, (const uint16_t[]){ CAMERA_PORT }, 1);
			t.camera.key = known[i].key;
			t.camera.no_alive_ack = true;
			r = client_run(t.client);
			assert_true(r->success);
			assert_string_equal(r->key, known[i].key);
			assert_string_equal(client_event(t.client, 0, PPCS_EVENT_CONNECTED)->key,
					    known[i].key);
			/* And it is the only one from then on. */
			t.camera.no_alive_ack = false;
			world_run(&t.world, 3000);
			up = t.client->sent_count;
			world_run(&t.world, 5000);
			assert_int_equal(t.client->sent_count - up, 5);
			assert_int_equal(sent_as(up, known[i].key, ALIVE), 5);
			end();
		}
	}
}

/* After the first answer nothing goes out in another key. */
static void test_the_answer_decides(void **state)
{
	size_t answered;

	(void)state;
	begin();
	t.camera.key = "SHIX";
	t.camera.no_ready = true;
	client_race(t.client);
	world_run(&t.world, 2);
	answered = t.client->sent_count;
	world_run(&t.world, 1000);
	assert_int_equal(sent_as(answered, "SHIX", LAN_SEARCH), 10);
	for (size_t i = answered; i < t.client->sent_count; i++)
		assert_int_equal(t.client->sent[i].head[0], 0x9f);
	end();
}

/* Another key in the middle of a session is nobody's. */
static void test_no_other_key_inside_a_session(void **state)
{
	uint64_t unreadable;

	(void)state;
	begin();
	t.camera.key = "camera";
	assert_true(client_run(t.client)->success);
	unreadable = ppcs_session_statistics(t.client->session)->unreadable;
	t.camera.key = "SHIX";
	camera_say(&t.camera, &t.client->kept.report.local, CLOSE);
	world_run(&t.world, 10);
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_CONNECTED);
	assert_int_equal(ppcs_session_statistics(t.client->session)->unreadable, unreadable + 1);
	end();
}

static void test_fixed_key(void **state)
{
	(void)state;
	begin();
	t.client->config.key_fixed = true;
	strcpy(t.client->config.key, "my own key 123456789");
	t.camera.key = "my own key 123456789";
	client_race(t.client);
	assert_int_equal(t.client->sent_count, 1);
	client_finish(t.client, 100);
	assert_true(t.client->kept.report.success);
	assert_string_equal(t.client->kept.report.key, "my own key 123456789");
	assert_int_equal(t.client->kept.report.elapsed_ms, 6);
	end();
}

/* Of an init string: tried like the known ones. */
static void test_key_of_the_servers(void **state)
{
	(void)state;
	begin();
	strcpy(t.client->config.server_key, "SECRETKEY");
	t.camera.key = "SECRETKEY";
	assert_true(client_run(t.client)->success);
	assert_string_equal(t.client->kept.report.key, "SECRETKEY");
	assert_int_equal(t.client->kept.report.elapsed_ms, 6);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_first_search_goes_out_in_all_keys),
		cmocka_unit_test(test_every_key_is_found),
		cmocka_unit_test(test_the_answer_decides),
		cmocka_unit_test(test_no_other_key_inside_a_session),
		cmocka_unit_test(test_fixed_key),
		cmocka_unit_test(test_key_of_the_servers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
