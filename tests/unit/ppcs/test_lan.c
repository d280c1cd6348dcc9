/* SPDX-License-Identifier: MIT */
/* LAN search step by step (6.1): search, PUNCH_PKT and its echo, offers of TCP, P2P_RDY. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "client.h"
#include "hosts.h"

#define UID         "TEST-012345-ABCDE"
#define PUNCH_BYTES "f14100145445535400000000000030394142434445000000"

static struct {
	struct world world;
	struct client *client;
	struct camera camera;
	struct ppcs_address search, main; /**< ports of the camera */
	uint64_t started;
} t;

static int setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	world_init(&t.world, 1);
	t.world.quality = (struct quality){ .latency_min = 5, .latency_max = 5 };
	camera_init(&t.camera, &t.world, at(192, 0, 2, 7, 0), UID);
	t.search = with_port(t.camera.host.ip, SEARCH_PORT);
	t.main = with_port(t.camera.host.ip, CAMERA_PORT);
	t.client = client_new(&t.world, at(192, 0, 2, 100, 0));
	client_aim(t.client, t.camera.host.ip);
	client_uid(t.client, UID);
	client_modes(t.client, false, true, false);
	client_ports(t.client, (const uint16_t[]){ SEARCH_PORT }, 1);
	t.client->config.key_fixed = true;
	t.started = t.world.now;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_free(&t.world);
	return 0;
}

static void won(void)
{
	const struct ppcs_report *r = &t.client->kept.report;

	assert_true(r->success);
	assert_int_equal(r->mode, PPCS_LAN);
	assert_string_equal(r->uid, UID);
	assert_true(same_address(&r->peer, &t.main));
	assert_true(same_address(&r->destination, &t.search));
}

static void check_step(size_t i, uint64_t ms, const struct ppcs_address *to, const char *hex)
{
	assert_true(i < t.client->sent_count);
	assert_int_equal(t.client->sent[i].at - t.started, ms);
	assert_true(same_address(&t.client->sent[i].to, to));
	check_sent(&t.client->sent[i], hex);
}

static void check_event(enum ppcs_event_type type, uint64_t ms, const struct ppcs_address *peer)
{
	const struct seen *s = client_event(t.client, 0, type);

	assert_non_null(s);
	assert_int_equal(s->event.time_ms - t.started, ms);
	assert_int_equal(s->event.mode, PPCS_LAN);
	assert_int_equal(s->event.attempt, 1);
	assert_true(same_address(&s->event.destination, &t.search));
	assert_true(same_ip(&s->event.local, &t.client->ip));
	assert_int_not_equal(s->event.local.port, 0);
	if (!peer)
		return;
	assert_true(same_address(&s->event.peer, peer));
	assert_string_equal(s->uid, UID);
}

static void test_step_by_step(void **state)
{
	(void)state;
	client_run(t.client);
	won();
	check_step(0, 0, &t.search, "f1300000");
	check_step(1, 10, &t.main, PUNCH_BYTES);
	check_step(2, 20, &t.main, "f1e00000");
	assert_int_equal(t.client->kept.report.elapsed_ms, 30);
	check_event(PPCS_EVENT_ATTEMPT_STARTED, 0, NULL);
	check_event(PPCS_EVENT_ATTEMPT_ANSWERED, 10, &t.main);
	check_event(PPCS_EVENT_ATTEMPT_UP, 20, &t.main);
	check_event(PPCS_EVENT_CONNECTED, 30, &t.main);
	check_event(PPCS_EVENT_ATTEMPT_ENDED, 30, NULL);
	assert_int_equal(client_event(t.client, 0, PPCS_EVENT_ATTEMPT_UP)->event.elapsed_ms, 20);
	/* The greeting follows, and is acknowledged at once. */
	world_run(&t.world, 200);
	assert_true(camera_line(&t.camera)->greeted);
	check_sent(client_first(t.client, 0, DRW_ACK, &t.main), "f1d10006d10000010000");
}

/* The greeting alone is a proof too: cameras that do not answer ALIVE. */
static void test_verified_by_the_greeting(void **state)
{
	(void)state;
	t.camera.no_alive_ack = true;
	client_run(t.client);
	won();
	assert_int_equal(t.client->kept.report.elapsed_ms, 20 + 90);
	check_sent(client_first(t.client, 0, DRW_ACK, &t.main), "f1d10006d10000010000");
	/* ALIVE each 50 ms until then (12.3), and one for each P2P_RDY that comes again. */
	assert_in_range(client_sent(t.client, 0, ALIVE, &t.main), 2, 6);
}

static void test_search_each_100_ms_until_it_is_answered(void **state)
{
	(void)state;
	t.camera.answer_ms = 345;
	client_run(t.client);
	won();
	assert_int_equal(client_sent(t.client, 0, LAN_SEARCH, NULL), 4);
	for (unsigned i = 0; i < 4; i++)
		check_step(i, 100 * i, &t.search, "f1300000");
}

static void tell_punch(unsigned count, const struct ppcs_address *to)
{
	for (unsigned i = 0; i < count; i++)
		camera_say_did(&t.camera, to, PUNCH_PKT);
}

static struct ppcs_address local(void)
{
	return client_event(t.client, 0, PPCS_EVENT_ATTEMPT_STARTED)->event.local;
}

static void test_every_punch_packet_is_echoed(void **state)
{
	struct ppcs_address us;

	(void)state;
	t.camera.no_punch = true;
	t.camera.no_ready = true;
	client_race(t.client);
	us = local();
	for (unsigned i = 1; i <= 5; i++) {
		tell_punch(1, &us);
		world_run(&t.world, 10);
		assert_int_equal(client_sent(t.client, 0, PUNCH_PKT, &t.main), i);
	}
}

/* A liar starts no storm: 8 in 200 ms to each address. */
static void test_echoes_are_limited(void **state)
{
	struct ppcs_address us;

	(void)state;
	t.camera.no_punch = true;
	t.camera.no_ready = true;
	client_race(t.client);
	us = local();
	for (unsigned i = 0; i < 1000; i++) {
		tell_punch(3, &us);
		world_run(&t.world, 1);
	}
	for (size_t i = 0; i < t.client->sent_count; i++) {
		unsigned near = 0;

		for (size_t k = 0; k < t.client->sent_count; k++)
			near += t.client->sent[k].head[1] == PUNCH_PKT &&
				t.client->sent[k].at >= t.client->sent[i].at &&
				t.client->sent[k].at < t.client->sent[i].at + 200;
		assert_in_range(near, 0, 8);
	}
	assert_in_range(client_sent(t.client, 0, PUNCH_PKT, NULL), 32, 5 * 8);
}

/* The echo was lost and the camera says nothing more: it is repeated. */
static void test_lost_echo_is_repeated(void **state)
{
	(void)state;
	t.camera.no_ready = true;
	client_race(t.client);
	world_run(&t.world, 30);
	t.camera.no_punch = true;
	t.camera.no_ready = false;
	client_finish(t.client, 200);
	won();
}

/* 51 times, and then P2P_RDY; the real one takes 330 ms for it. */
static void test_offers_of_tcp_are_ignored(void **state)
{
	(void)state;
	t.camera.offers = 51;
	client_run(t.client);
	won();
	assert_in_range(t.client->kept.report.elapsed_ms, 51 * 6, 51 * 6 + 60);
	assert_int_equal(ppcs_session_statistics(t.client->session)->unreadable, 0);
	assert_int_equal(ppcs_session_statistics(t.client->session)->warnings_type, 0);
	/* Nothing but what the ticks send anyway. */
	assert_in_range(t.client->sent_count, 8, 20);
}

static void test_ready_with_8_bytes_too_many(void **state)
{
	(void)state;
	t.camera.extra = 8;
	client_run(t.client);
	won();
	assert_true(ppcs_session_statistics(t.client->session)->warnings_length > 0);
}

/* Two devices behind one address: the wanted one is taken, whoever answers first. */
static void test_the_wanted_device_of_two(void **state)
{
	struct camera other;

	(void)state;
	camera_init(&other, &t.world, t.camera.host.ip, "TEST-000007-BCDEF");
	other.port = 40000;
	client_run(t.client);
	won();
	assert_int_equal(other.punches, 0);
	assert_true(ppcs_session_statistics(t.client->session)->warnings_uid > 0);
}

/* What stands behind the first NUL of a name is noise (3.3). */
static void test_noise_in_the_padding(void **state)
{
	(void)state;
	t.camera.no_punch = true;
	client_race(t.client);
	t.camera.did[6] = 'x';
	t.camera.did[19] = 0xff;
	tell_punch(1, &(struct ppcs_address){ { 192, 0, 2, 100 }, local().port });
	memset(t.camera.did + 5, 0, 3);
	t.camera.did[19] = 0;
	client_finish(t.client, 1000);
	won();
}

/* No device is called "". */
static void test_empty_id(void **state)
{
	(void)state;
	memset(&t.client->config.uid, 0, sizeof(t.client->config.uid));
	memset(t.camera.did, 0, sizeof(t.camera.did));
	t.client->config.timeout_ms = 3000;
	client_run(t.client);
	assert_false(t.client->kept.report.success);
	assert_int_equal(client_sent(t.client, 0, PUNCH_PKT, NULL), 0);
}

static void test_device_that_is_not_known_before(void **state)
{
	(void)state;
	memset(&t.client->config.uid, 0, sizeof(t.client->config.uid));
	client_run(t.client);
	won();
	check_step(1, 10, &t.main, PUNCH_BYTES);
}

/* Without an id the direct punch begins with the well-known one, and goes on with the one that LAN
 * learns. */
static void test_direct_punch_uses_the_id_that_lan_learns(void **state)
{
	const struct sent *punch;
	struct ppcs_address other = with_port(t.camera.host.ip, 9);

	(void)state;
	memset(&t.client->config.uid, 0, sizeof(t.client->config.uid));
	client_modes(t.client, true, true, false);
	client_ports(t.client, (const uint16_t[]){ 9 }, 1);
	t.camera.no_ready = true;
	client_race(t.client);
	world_run(&t.world, 150);
	punch = client_first(t.client, 0, PUNCH_PKT, &other);
	check_sent(punch, "f14100144c42435300000000000000004343434a4a000000");
	punch = client_first(t.client, (size_t)(punch + 1 - t.client->sent), PUNCH_PKT, &other);
	check_sent(punch, PUNCH_BYTES);
}

/* Set by its user, it goes before the well-known one. */
static void test_hint(void **state)
{
	(void)state;
	memset(&t.client->config.uid, 0, sizeof(t.client->config.uid));
	assert_int_equal(ppcs_uid_parse(UID, &t.client->config.uid_hint), 0);
	client_modes(t.client, true, false, false);
	client_race(t.client);
	check_sent(client_first(t.client, 0, PUNCH_PKT, NULL), PUNCH_BYTES);
	client_stop(t.client);
}

/* All addresses of a name are raced. */
static void test_second_address_of_a_name(void **state)
{
	(void)state;
	t.client->config.addresses[1] = t.client->config.addresses[0];
	t.client->config.addresses[0] = at(192, 0, 2, 66, 0);
	t.client->config.address_count = 2;
	client_run(t.client);
	won();
	assert_int_equal(t.client->kept.report.elapsed_ms, 30);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_step_by_step),
		TEST(test_verified_by_the_greeting),
		TEST(test_search_each_100_ms_until_it_is_answered),
		TEST(test_every_punch_packet_is_echoed),
		TEST(test_echoes_are_limited),
		TEST(test_lost_echo_is_repeated),
		TEST(test_offers_of_tcp_are_ignored),
		TEST(test_ready_with_8_bytes_too_many),
		TEST(test_the_wanted_device_of_two),
		TEST(test_noise_in_the_padding),
		TEST(test_empty_id),
		TEST(test_device_that_is_not_known_before),
		TEST(test_direct_punch_uses_the_id_that_lan_learns),
		TEST(test_hint),
		TEST(test_second_address_of_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
