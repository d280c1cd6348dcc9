/* SPDX-License-Identifier: MIT */
/*
 * A wall switch and a second client change neighbours of what is being written, at every
 * millisecond of a command. A change may only be undone when it falls between the snapshot that the
 * write was merged from and the write itself (section 10): that window cannot be closed, but it is
 * short.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "peer.h"

#define TRAVEL   3000
#define DEAD     500
#define BEFORE   400 /* ms to the first change */
#define FRESH_MS 100

struct run {
	struct peer peer;
	uint8_t changed[IPCOM_MODULES][IPCOM_OUTPUTS]; /**< what the neighbours should be */
	uint64_t change_at;
};

static void begin(struct run *r)
{
	static const struct ipcom_output up = { 5, 8 };
	static const struct ipcom_output down = { 5, 7 };
	struct peer *p = &r->peer;

	memset(r, 0, sizeof(*r));
	peer_init(p);
	assert_int_equal(ipcom_session_add_shutter(p->session, up, down, TRAVEL, DEAD, NULL), 0);
	p->values[2][3] = 255;
	p->values[4][0] = 40;
	p->values[4][7] = 255; /* going up, by somebody else */
	p->delay_ms = 7;
	peer_start(p);
	peer_run(p, BEFORE);
	assert_int_equal(ipcom_session_state(p->session), IPCOM_STATE_READY);
}

static void put(struct run *r, unsigned module, unsigned output, uint8_t value)
{
	r->peer.values[module - 1][output - 1] = value;
	r->changed[module - 1][output - 1] = value;
}

/* One output by a wall switch, or whole modules by a second client. */
static void change_neighbours(struct run *r, bool whole)
{
	r->change_at = r->peer.now;
	put(r, 3, 8, 77);
	put(r, 5, 1, 41);
	if (!whole)
		return;
	put(r, 3, 1, 11);
	put(r, 3, 4, 12);
	put(r, 3, 5, 13);
	put(r, 5, 2, 14);
	put(r, 5, 6, 15);
}

static bool in_window(const struct run *r, unsigned module)
{
	for (size_t i = 0; i < r->peer.message_count; i++) {
		const struct peer_message *m = &r->peer.messages[i];

		if (m->plain[0] == 4 && m->plain[4] == 59 + module &&
		    r->change_at >= m->snapshot_at && r->change_at <= m->at)
			return true;
	}
	return false;
}

/* Each write is merged from a young snapshot. */
static void check_windows(const struct run *r)
{
	size_t writes = 0;

	for (size_t i = 0; i < r->peer.message_count; i++) {
		const struct peer_message *m = &r->peer.messages[i];

		if (m->plain[0] != 4)
			continue;
		assert_in_range(m->at - m->snapshot_at, 0, FRESH_MS + r->peer.delay_ms);
		writes++;
	}
	assert_true(writes > 0);
}

/* @return whether the change was undone */
static bool check(const struct run *r)
{
	bool undone = false;

	for (unsigned m = 0; m < IPCOM_MODULES; m++)
		for (unsigned o = 0; o < IPCOM_OUTPUTS; o++) {
			if (r->changed[m][o] == 0 || r->changed[m][o] == r->peer.values[m][o])
				continue;
			assert_true(in_window(r, m + 1));
			undone = true;
		}
	return undone;
}

static void command_set(struct peer *p)
{
	static const struct ipcom_setting settings[] = { { { 3, 2 }, 255 }, { { 5, 3 }, 9 } };

	assert_int_equal(ipcom_session_set(p->session, settings, 2, p->now, NULL), 0);
}

static void command_toggle(struct peer *p)
{
	const struct ipcom_output output = { 3, 2 };

	assert_int_equal(ipcom_session_toggle(p->session, output, p->now, NULL), 0);
}

/* Stop, pause, move and stop again after the travel time: three writes. */
static void command_close(struct peer *p)
{
	assert_int_equal(ipcom_session_move(p->session, 0, IPCOM_CLOSE, p->now, NULL), 0);
}

/* @return how many of the changes, one at each millisecond, were undone */
static unsigned every_millisecond(void (*command)(struct peer *p), unsigned length, bool whole)
{
	static struct run r;
	unsigned undone = 0;

	for (unsigned at = 0; at < length; at++) {
		begin(&r);
		peer_run(&r.peer, at < 100 ? at : 100);
		if (at < 100) {
			change_neighbours(&r, whole);
			peer_run(&r.peer, 100 - at);
		}
		command(&r.peer);
		if (at >= 100) {
			peer_run(&r.peer, at - 100);
			change_neighbours(&r, whole);
		}
		peer_run_until(&r.peer, 1000 + BEFORE + length);
		undone += check(&r);
		check_windows(&r);
		assert_int_equal(r.peer.result, 0);
		assert_int_equal(r.peer.results, 1);
		assert_int_equal(r.peer.violations, 0);
		peer_free(&r.peer);
	}
	return undone;
}

/* The window is there, and the test sees it; but it is far from the whole time. */
static void check_command(void (*command)(struct peer *p), unsigned length, unsigned most)
{
	unsigned wall = every_millisecond(command, length, false);
	unsigned client = every_millisecond(command, length, true);

	assert_in_range(wall, 1, most);
	assert_int_equal(client, wall);
}

static void test_set(void **state)
{
	(void)state;
	check_command(command_set, 1000, 20);
}

static void test_toggle(void **state)
{
	(void)state;
	check_command(command_toggle, 1000, 10);
}

static void test_shutter(void **state)
{
	(void)state;
	check_command(command_close, 4600, 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_toggle),
		cmocka_unit_test(test_shutter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
