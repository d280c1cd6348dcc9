/* SPDX-License-Identifier: MIT */
/* Everybody on the LAN: the search for devices, and the race by broadcast (6.1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "client.h"
#include "hosts.h"

static struct {
	struct world world;
	struct client *client;
	struct camera cameras[3];
	struct ppcs_address everywhere, subnet;
} t;

static const char *const uids[] = { "TEST-012345-ABCDE", "TEST-000007-BCDEF", "ABCD-000001-XYZZY" };

static int setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	world_init(&t.world, 1);
	for (unsigned i = 0; i < 3; i++)
		camera_init(&t.cameras[i], &t.world, at(192, 0, 2, 7 + i, 0), uids[i]);
	t.client = client_new(&t.world, at(192, 0, 2, 100, 0));
	t.everywhere = at(255, 255, 255, 255, SEARCH_PORT);
	t.subnet = at(192, 0, 2, 255, SEARCH_PORT);
	t.client->config.broadcast = true;
	t.client->config.broadcasts[0] = t.subnet;
	t.client->config.broadcast_count = 1;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_free(&t.world);
	return 0;
}

static const struct seen *device(const char *uid)
{
	const struct seen *found = NULL;

	for (size_t i = 0; i < t.client->seen_count; i++) {
		const struct seen *s = &t.client->seen[i];

		if (s->event.type != PPCS_EVENT_DEVICE || strcmp(s->uid, uid) != 0)
			continue;
		assert_null(found); /* each is told once */
		found = s;
	}
	return found;
}

static void test_all_devices(void **state)
{
	uint64_t started = t.world.now;

	(void)state;
	t.cameras[1].port = 61234;
	t.cameras[2].key = "SHIX";
	client_search(t.client, 3000);
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_SEARCHING);
	client_finish(t.client, 3000);
	assert_int_equal(t.client->result, 0);
	assert_int_equal(t.client->result_at - started, 3000);
	assert_int_equal(client_event(t.client, 0, PPCS_EVENT_RESULT)->event.count, 3);
	assert_null(client_event(t.client, 0, PPCS_EVENT_RESULT)->event.report);
	for (unsigned i = 0; i < 3; i++) {
		const struct seen *s = device(uids[i]);
		struct ppcs_address where = with_port(t.cameras[i].host.ip, t.cameras[i].port);

		assert_non_null(s);
		assert_true(same_address(&s->event.peer, &where));
		assert_string_equal(s->key, t.cameras[i].key);
		/* A search opens no path. */
		assert_int_equal(t.cameras[i].punches, 0);
	}
	assert_int_equal(ppcs_session_statistics(t.client->session)->devices, 3);
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_IDLE);
	assert_int_equal(client_open(t.client), 0);
}

static void test_14_rounds_to_all_broadcast_addresses(void **state)
{
	(void)state;
	t.client->config.key_fixed = true;
	client_search(t.client, 5000);
	client_finish(t.client, 5000);
	assert_int_equal(client_sent(t.client, 0, LAN_SEARCH, &t.everywhere), 14);
	assert_int_equal(client_sent(t.client, 0, LAN_SEARCH, &t.subnet), 14);
	assert_int_equal(t.client->sent_count, 28);
	assert_int_equal(t.client->sent[27].at - t.client->sent[0].at, 1300);
}

static void test_nobody_on_the_lan(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		t.cameras[i].search_port = 0;
	client_search(t.client, 100);
	client_finish(t.client, 100);
	assert_int_equal(t.client->result, -ENOENT);
	assert_int_equal(client_events(t.client, PPCS_EVENT_DEVICE), 0);
}

static void test_only_the_device_with_this_id(void **state)
{
	(void)state;
	client_uid(t.client, uids[1]);
	client_search(t.client, 500);
	client_finish(t.client, 500);
	assert_int_equal(t.client->result, 0);
	assert_int_equal(client_events(t.client, PPCS_EVENT_DEVICE), 1);
	assert_non_null(device(uids[1]));
}

/* A host that was given is asked, whether broadcasts reach it or not, and at its ports too. */
static void test_a_host_that_was_given(void **state)
{
	(void)state;
	t.client->config.key_fixed = true;
	t.client->config.broadcast = false;
	t.client->config.broadcast_count = 0;
	client_aim(t.client, t.cameras[2].host.ip);
	t.cameras[2].search_port = 10000;
	client_search(t.client, 500);
	client_finish(t.client, 500);
	assert_int_equal(t.client->result, 0);
	assert_int_equal(client_events(t.client, PPCS_EVENT_DEVICE), 1);
	assert_non_null(device(uids[2]));
	for (size_t i = 0; i < t.client->sent_count; i++)
		assert_true(same_ip(&t.client->sent[i].to, &t.cameras[2].host.ip));
}

static void test_no_socket_for_a_search(void **state)
{
	(void)state;
	t.client->open_error = -EMFILE;
	client_search(t.client, 500);
	assert_int_equal(t.client->results, 1);
	assert_int_equal(t.client->result, -EMFILE);
	assert_int_equal(ppcs_session_state(t.client->session), PPCS_STATE_IDLE);
}

/* What is no answer of a device is none. */
static void test_answers_that_are_none(void **state)
{
	struct ppcs_address us;
	struct wire m;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		t.cameras[i].no_punch = true;
	client_search(t.client, 500);
	us = with_port(t.client->ip, t.client->sent[0].port);
	camera_say_did(&t.cameras[0], &us, P2P_RDY);
	camera_say(&t.cameras[0], &us, LAN_SEARCH);
	camera_say(&t.cameras[0], &us, ALIVE);
	wire_begin(&m, PUNCH_PKT);
	wire_put(&m, (uint8_t[DID_BYTES]){ 0 }, DID_BYTES);
	host_send(&t.cameras[0].host, 1, &us, &m, "");
	m.size = 12;
	host_send(&t.cameras[0].host, 1, &us, &m, "");
	m.bytes[0] = 0;
	host_send(&t.cameras[0].host, 1, &us, &m, "");
	client_finish(t.client, 500);
	assert_int_equal(t.client->result, -ENOENT);
	assert_int_equal(ppcs_session_statistics(t.client->session)->unreadable, 2);
}

/* A second search begins anew. */
static void test_search_twice(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		size_t before = t.client->seen_count;

		client_search(t.client, 200);
		client_finish(t.client, 200);
		assert_int_equal(t.client->seen_count - before, 4);
	}
}

static void test_race_by_broadcast(void **state)
{
	const struct ppcs_report *r;

	(void)state;
	client_uid(t.client, uids[1]);
	r = client_run(t.client);
	assert_true(r->success);
	assert_int_equal(r->mode, PPCS_LAN);
	assert_string_equal(r->uid, uids[1]);
	assert_true(same_ip(&r->peer, &t.cameras[1].host.ip));
	assert_true(same_address(&r->destination, &t.everywhere));
	assert_true(client_sent(t.client, 0, LAN_SEARCH, &t.subnet) > 0);
	assert_string_equal(r->racers[PPCS_P2P].error, "no address and no broadcast");
}

/* Without an id the address says which device is meant: a neighbour that is faster is another. */
static void test_broadcast_does_not_lead_away_from_the_address(void **state)
{
	const struct ppcs_report *r;

	(void)state;
	t.cameras[1].answer_ms = 200;
	client_aim(t.client, t.cameras[1].host.ip);
	r = client_run(t.client);
	assert_true(r->success);
	assert_string_equal(r->uid, uids[1]);
	assert_true(same_ip(&r->peer, &t.cameras[1].host.ip));
}

static void test_no_broadcast_unless_it_was_asked_for(void **state)
{
	(void)state;
	t.client->config.broadcast = false;
	client_aim(t.client, at(192, 0, 2, 66, 0));
	t.client->config.timeout_ms = 3000;
	assert_false(client_run(t.client)->success);
	for (size_t i = 0; i < t.client->sent_count; i++)
		assert_true(t.client->sent[i].to.ip[3] == 66);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_all_devices),
		TEST(test_14_rounds_to_all_broadcast_addresses),
		TEST(test_nobody_on_the_lan),
		TEST(test_only_the_device_with_this_id),
		TEST(test_a_host_that_was_given),
		TEST(test_no_socket_for_a_search),
		TEST(test_answers_that_are_none),
		TEST(test_search_twice),
		TEST(test_race_by_broadcast),
		TEST(test_no_broadcast_unless_it_was_asked_for),
		TEST(test_broadcast_does_not_lead_away_from_the_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
