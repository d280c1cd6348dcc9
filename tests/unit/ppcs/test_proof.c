/* SPDX-License-Identifier: MIT */
/* What proves a path that is up, and who wins by it (12.3): each datagram is the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "client.h"
#include "hosts.h"

#define UID   "TEST-012345-ABCDE"
#define KJK   "LBCS-000000-CCCJJ"
#define PORTS 3

static struct {
	struct world world;
	struct client *client;
	struct host host;
	struct ppcs_address us[PORTS],
		there[PORTS]; /**< ends of the paths, in order of their start */
	uint8_t did[DID_BYTES];
} t;

static void take(struct host *h, uint16_t port, const struct ppcs_address *from, struct wire *m)
{
	(void)h;
	(void)port;
	(void)from;
	(void)m;
}

static void say(const struct ppcs_address *source, const struct ppcs_address *to, uint8_t type,
		const void *body, size_t size)
{
	struct wire m;

	wire_begin(&m, type);
	wire_put(&m, body, size);
	world_send(&t.world, source, to, &m);
}

/* A race by direct punch of so many ports, each of which is up. */
static void begin(const char *uid, unsigned count)
{
	static const uint16_t ports[PORTS] = { 1001, 1002, 1003 };

	memset(&t, 0, sizeof(t));
	world_init(&t.world, 1);
	stub_init(&t.host, &t.world, at(192, 0, 2, 7, 0), take);
	wire_did(t.did, uid);
	t.client = client_new(&t.world, at(192, 0, 2, 100, 0));
	t.client->watches = true;
	t.client->config.key_fixed = true;
	client_aim(t.client, t.host.ip);
	client_uid(t.client, uid);
	client_modes(t.client, true, false, false);
	client_ports(t.client, ports, count);
	client_race(t.client);
	world_run(&t.world, 100 * (count - 1) + 10);
	for (unsigned i = 0; i < count; i++) {
		t.there[i] = with_port(t.host.ip, ports[i]);
		t.us[i] = with_port(t.client->ip,
				    client_first(t.client, 0, PUNCH_PKT, &t.there[i])->port);
		say(&t.there[i], &t.us[i], P2P_RDY, t.did, DID_BYTES);
	}
	world_run(&t.world, 2);
	assert_int_equal(client_events(t.client, PPCS_EVENT_ATTEMPT_UP), count);
	assert_int_equal(t.client->connects, 0);
}

static void end(void)
{
	world_free(&t.world);
}

/* @return whether the race is won by it */
static bool proves(const char *uid, uint8_t type, const void *body, size_t size)
{
	bool won;

	begin(uid, 1);
	say(&t.there[0], &t.us[0], type, body, size);
	world_run(&t.world, 5);
	won = t.client->connects == 1;
	assert_int_equal(won, t.client->results == 1);
	end();
	return won;
}

static void test_what_proves_a_path(void **state)
{
	(void)state;
	assert_true(proves(UID, ALIVE_ACK, NULL, 0));
	assert_true(proves(KJK, ALIVE_ACK, NULL, 0));
	assert_true(proves(UID, DRW, "\xd1\0\0\0ACK", 7));
	assert_true(proves(UID, DRW, "\xd1\0\0\0x", 5));
	assert_true(proves(KJK, DRW, "\xd1\0\0\0ACK", 7));
	/* The stream may go on in the same packet. */
	assert_true(proves(KJK, DRW, "\xd1\0\0\0ACKARTEMIS", 14));
}

static void test_what_does_not(void **state)
{
	(void)state;
	assert_false(proves(KJK, DRW, "\xd1\0\0\0NAK", 7));
	assert_false(proves(KJK, DRW, "\xd1\0\0\0AC", 6));
	assert_false(proves(UID, DRW, "\xd1\0\0\0", 4));
	assert_false(proves(UID, DRW, "\xd1\1\0\0ACK", 7));
	assert_false(proves(UID, DRW, "\xd2\0\0\0ACK", 7));
	assert_false(proves(UID, DRW, "\xd1\x8\0\0ACK", 7));
	assert_false(proves(UID, DRW_ACK, "\xd1\0\0\1\0\0", 6));
	assert_false(proves(UID, ALIVE, NULL, 0));
	assert_false(proves(UID, LAN_SEARCH, NULL, 0));
	assert_false(proves(UID, 0xee, NULL, 0));
}

/* Data that nobody is there to take is not acknowledged, but for a kilobyte of channel 0. */
static void test_data_before_the_proof(void **state)
{
	(void)state;
	begin(KJK, 1);
	say(&t.there[0], &t.us[0], DRW, "\xd1\1\0\0data", 8);
	world_run(&t.world, 3);
	assert_int_equal(client_sent(t.client, 0, DRW_ACK, NULL), 0);
	say(&t.there[0], &t.us[0], DRW, "\xd1\0\0\0ACK", 7);
	say(&t.there[0], &t.us[0], DRW, "\xd1\0\0\1more", 8);
	world_run(&t.world, 3);
	assert_int_equal(t.client->connects, 1);
	assert_int_equal(client_sent(t.client, 0, DRW_ACK, NULL), 2);
	/* What comes again is taken now. */
	say(&t.there[0], &t.us[0], DRW, "\xd1\0\0\1more", 8);
	say(&t.there[0], &t.us[0], DRW, "\xd1\1\0\0data", 8);
	world_run(&t.world, 3);
	assert_int_equal(client_sent(t.client, 0, DRW_ACK, NULL), 4);
	assert_int_equal(client_events(t.client, PPCS_EVENT_DATA), 2);
	end();
}

static void test_not_from_elsewhere(void **state)
{
	const struct ppcs_address strays[] = { at(192, 0, 2, 7, 1002), at(192, 0, 2, 8, 1001) };

	(void)state;
	begin(UID, 1);
	for (unsigned i = 0; i < 2; i++) {
		say(&strays[i], &t.us[0], ALIVE_ACK, NULL, 0);
		say(&strays[i], &t.us[0], DRW, "\xd1\0\0\0ACK", 7);
		say(&strays[i], &t.us[0], CLOSE, NULL, 0);
	}
	world_run(&t.world, 5);
	assert_int_equal(t.client->connects, 0);
	assert_int_equal(client_events(t.client, PPCS_EVENT_ATTEMPT_ENDED), 0);
	end();
}

/* A mirror would make our ALIVE_ACK the proof. */
static void test_alive_is_not_answered_before_the_proof(void **state)
{
	(void)state;
	begin(UID, 1);
	for (unsigned i = 0; i < 10; i++)
		say(&t.there[0], &t.us[0], ALIVE, NULL, 0);
	world_run(&t.world, 5);
	assert_int_equal(client_sent(t.client, 0, ALIVE_ACK, NULL), 0);
	end();
}

static void test_alive_each_50_ms_until_the_proof(void **state)
{
	const struct sent *first;
	unsigned count = 0;

	(void)state;
	begin(UID, 1);
	world_run(&t.world, 4000);
	first = client_first(t.client, 0, ALIVE, NULL);
	for (size_t i = (size_t)(first - t.client->sent); i < t.client->sent_count; i++)
		assert_int_equal(t.client->sent[i].at, first->at + 50 * count++);
	assert_in_range(count, 80, 81);
	end();
}

/* Whatever comes then: somebody has answered once. */
static void test_one_answer_and_one_path_for_each_attempt(void **state)
{
	(void)state;
	begin(UID, 1);
	for (unsigned i = 0; i < 5; i++) {
		say(&t.there[0], &t.us[0], PUNCH_PKT, t.did, DID_BYTES);
		say(&t.there[0], &t.us[0], P2P_RDY, t.did, DID_BYTES);
		world_run(&t.world, 10);
	}
	assert_int_equal(client_events(t.client, PPCS_EVENT_ATTEMPT_ANSWERED), 1);
	assert_int_equal(client_events(t.client, PPCS_EVENT_ATTEMPT_UP), 1);
	end();
}

static void test_several_answers(void **state)
{
	struct ppcs_path_statistics st;

	(void)state;
	begin(UID, 1);
	client_stop(t.client);
	world_run(&t.world, 100);
	t.client->seen_count = 0;
	t.client->sent_count = 0;
	client_race(t.client);
	t.us[0] = with_port(t.client->ip, t.client->sent[0].port);
	for (unsigned i = 0; i < 5; i++)
		say(&t.there[0], &t.us[0], PUNCH_PKT, t.did, DID_BYTES);
	world_run(&t.world, 10);
	assert_int_equal(client_events(t.client, PPCS_EVENT_ATTEMPT_ANSWERED), 1);
	assert_int_equal(ppcs_session_path_statistics(t.client->session, 0, t.world.now, &st), 0);
	assert_int_equal(st.attempts, 2);
	assert_int_equal(st.answers, 2);
	end();
}

/* Of one mode, in one batch: the one that started first, whatever the order of the proofs. */
static void test_tie_within_a_mode(void **state)
{
	(void)state;
	begin(UID, 3);
	for (unsigned i = 3; i-- > 0;)
		say(&t.there[i], &t.us[i], ALIVE_ACK, NULL, 0);
	client_finish(t.client, 100);
	assert_int_equal(t.client->kept.report.destination.port, 1001);
	assert_int_equal(t.client->kept.report.racers[PPCS_P2P].destination_port, 1001);
	end();
}

/* In the very millisecond in which the time is over it is not too late; after it, it is. */
static void test_proof_at_the_time_limit(void **state)
{
	(void)state;
	for (unsigned late = 0; late < 2; late++) {
		begin(UID, 1);
		client_stop(t.client);
		world_run(&t.world, 100);
		t.client->config.timeout_ms = 300;
		t.client->sent_count = 0;
		client_race(t.client);
		t.us[0] = with_port(t.client->ip, t.client->sent[0].port);
		world_run(&t.world, 100);
		say(&t.there[0], &t.us[0], P2P_RDY, t.did, DID_BYTES);
		world_run(&t.world, 199 + late);
		say(&t.there[0], &t.us[0], ALIVE_ACK, NULL, 0);
		client_finish(t.client, 100);
		assert_int_equal(t.client->kept.report.success, late == 0);
		assert_int_equal(t.client->kept.report.elapsed_ms, 300);
		end();
	}
}

/* Counters of the session are those of the last one. */
static void test_counters_of_the_last_session(void **state)
{
	const struct ppcs_statistics *st;

	(void)state;
	begin(UID, 1);
	st = ppcs_session_statistics(t.client->session);
	say(&t.there[0], &t.us[0], DRW, "\xd1\0\0\0ACK", 7);
	world_run(&t.world, 2500);
	say(&t.there[0], &t.us[0], ALIVE, NULL, 0);
	world_run(&t.world, 5);
	assert_int_equal(st->alive_sent, 2);
	assert_int_equal(st->alive_received, 1);
	assert_int_equal(st->alive_missed, 1);
	assert_int_equal(st->data_packets, 1);
	client_stop(t.client);
	world_run(&t.world, 100);
	t.client->sent_count = 0;
	client_race(t.client);
	t.us[0] = with_port(t.client->ip, t.client->sent[0].port);
	say(&t.there[0], &t.us[0], P2P_RDY, t.did, DID_BYTES);
	world_run(&t.world, 5);
	say(&t.there[0], &t.us[0], ALIVE_ACK, NULL, 0);
	client_finish(t.client, 100);
	assert_int_equal(st->alive_sent, 0);
	assert_int_equal(st->alive_received, 0);
	assert_int_equal(st->alive_missed, 0);
	assert_int_equal(st->data_packets, 0);
	assert_int_equal(st->data_bytes, 0);
	assert_int_equal(st->data_duplicates, 0);
	assert_int_equal(st->data_ahead, 0);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_proves_a_path),
		cmocka_unit_test(test_what_does_not),
		cmocka_unit_test(test_data_before_the_proof),
		cmocka_unit_test(test_not_from_elsewhere),
		cmocka_unit_test(test_alive_is_not_answered_before_the_proof),
		cmocka_unit_test(test_alive_each_50_ms_until_the_proof),
		cmocka_unit_test(test_one_answer_and_one_path_for_each_attempt),
		cmocka_unit_test(test_several_answers),
		cmocka_unit_test(test_tie_within_a_mode),
		cmocka_unit_test(test_proof_at_the_time_limit),
		cmocka_unit_test(test_counters_of_the_last_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
