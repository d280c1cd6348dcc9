/* SPDX-License-Identifier: MIT */
/*
 * A year of an idle session: its cadence neither drifts nor slips, nothing is ever asked twice at
 * once and no memory is gathered. Days at the usual cadence stand at its beginning, where 32 bits
 * of milliseconds run over, and at its end; between them the polls are ten seconds apart, for
 * speed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <malloc.h>

#include "peer.h"

#define HOUR      UINT64_C(3600000)
#define DAY       (24 * HOUR)
#define KEEPALIVE 30000
#ifdef __SANITIZE_ADDRESS__ /* a sixth of the speed */
#define YEAR (60 * DAY)
#else
#define YEAR (365 * DAY)
#endif
#define ANSWER 5 /* ms, of the peer */

/* What was seen as it came. */
static struct cadence {
	unsigned poll_ms;
	uint64_t polls, keepalives;
	uint64_t last_at; /**< of any message; 0 = before the first */
	uint64_t kept_alive_at;
	uint64_t wrong;
	uint64_t max_late; /**< of a keepalive */
} cadence;

/* Section 12: a poll so long after the last answer, a keepalive every 30 s, and nothing else. */
static void see(struct peer *p, const struct peer_message *m)
{
	uint64_t late;

	(void)p;
	if (cadence.last_at == 0 || m->size != 2) {
		cadence.wrong += m->size != 2;
	} else if (m->plain[0] == 5) {
		cadence.polls++;
		cadence.wrong += m->at != cadence.last_at + ANSWER + cadence.poll_ms;
	} else if (m->plain[0] == 3) {
		cadence.keepalives++;
		late = m->at - cadence.kept_alive_at - KEEPALIVE;
		if (late > cadence.max_late)
			cadence.max_late = late;
		cadence.kept_alive_at = m->at;
	} else {
		cadence.wrong++;
	}
	cadence.last_at = m->at;
}

/* Bytes in use; 0 where nobody can tell. */
static size_t heap(void)
{
#ifdef __GLIBC_PREREQ
#if __GLIBC_PREREQ(2, 33)
	return mallinfo2().uordblks;
#endif
#endif
	return 0;
}

static struct peer peer;

static void begin(uint64_t now, unsigned poll_ms)
{
	peer_init(&peer);
	peer.now = now;
	peer.config.poll_ms = poll_ms;
	peer_start(&peer);
	peer_run(&peer, 2 * ANSWER);
	assert_int_equal(ipcom_session_state(peer.session), IPCOM_STATE_READY);
	cadence = (struct cadence){ .poll_ms = poll_ms,
				    .last_at = now + ANSWER,
				    .kept_alive_at = now + ANSWER };
	peer.seen = see;
}

static void run(uint64_t until)
{
	const struct ipcom_statistics *s = ipcom_session_statistics(peer.session);
	size_t before = heap();
	uint64_t began = peer.now;
	uint64_t keepalives = (until - began) / KEEPALIVE;

	peer_run_until(&peer, until);
	assert_int_equal(cadence.wrong, 0);
	assert_in_range(cadence.max_late, 0, ANSWER);
	assert_in_range(cadence.keepalives, keepalives - 1 - keepalives * ANSWER / KEEPALIVE,
			keepalives + 1);
	assert_int_equal(s->keepalives, cadence.keepalives);
	assert_int_equal(s->polls, cadence.polls + 1);
	assert_in_range(s->answers, s->polls + s->keepalives - 1, s->polls + s->keepalives);
	assert_int_equal(peer.max_in_flight, 1);
	assert_int_equal(s->connects, 1);
	assert_int_equal(s->missed_answers + s->stray_messages + s->unknown_messages +
				 s->dropped_bytes + s->dropped_events,
			 0);
	assert_int_equal(s->answer_ms_max, ANSWER);
	assert_true(heap() <= before);
	peer_free(&peer);
}

static void test_first_day(void **state)
{
	(void)state;
	begin(1000, 350);
	run(DAY);
}

/* 49.7 days: a clock of 32 bits would begin anew. */
static void test_days_around_32_bits(void **state)
{
	(void)state;
	begin((UINT64_C(1) << 32) - 12 * HOUR, 350);
	run((UINT64_C(1) << 32) + 12 * HOUR);
}

static void test_last_day(void **state)
{
	(void)state;
	begin(YEAR - DAY, 350);
	run(YEAR);
}

static void test_year(void **state)
{
	(void)state;
	begin(1000, 10000);
	run(YEAR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_day),
		cmocka_unit_test(test_days_around_32_bits),
		cmocka_unit_test(test_last_day),
		cmocka_unit_test(test_year),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
