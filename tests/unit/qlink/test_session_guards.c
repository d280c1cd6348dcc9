/* SPDX-License-Identifier: MIT */
/*
 * Guards in front of the queue: what a read-only session and one without leave to program refuse
 * before a byte leaves (protocol sheet, section 5.3).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "peer.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct peer peer;

static void start(unsigned connections)
{
	struct session_config config = peer_config();

	config.connections = connections;
	peer_connected(&peer, &config);
}

static const char *const controls[] = {
	"VLO 201 50",  "VLA 3 1 2 75",   "VLB 3 4 1 2 75", "VLC 3 1 2 100", "VSW 2 10 4 6",
	"VET 1 4 1",   "VLD 2 3 4 1",    "VSH 1 7 5 40",   "VIR 1 0 1 4",   "VIC 1 2 31 1 4",
	"VOS 1 1",     "VOL 1",          "VOD 3",          "VCL 1",         "raw VLO@ 201 50",
	"raw VOS 1 1", "raw VLO! 201 0", "raw VCL 1",
};
static const char *const programs[] = {
	"VSW 2 10 4 2",  "VST 1 4 1", "V?S 1 5 16 3",      "VLP 1 1 1 1 5",  "VSP 1 1 1 5",
	"VSC 1 4 10878", "VPG Load:", "raw VSW@ 2 10 4 2", "raw VST@ 1 4 1", "raw VPG@ x",
};
static const char *const unknown[] = { "raw VXX@ 1", "raw VZZ", "raw V?? 1" };

static void test_read_only(void **state)
{
	struct session_config config = peer_config();

	(void)state;
	config.mode = QLINK_MODE_READ_ONLY;
	peer_connected(&peer, &config);
	assert_true(qlink_session_to_query_port(peer.session));
	qlink_session_allow_program(peer.session, true);
	for (size_t i = 0; i < COUNT(controls); i++)
		peer_refused(&peer, controls[i], -EPERM);
	for (size_t i = 0; i < COUNT(programs); i++)
		peer_refused(&peer, programs[i], -EPERM);
	for (size_t i = 0; i < COUNT(unknown); i++)
		peer_refused(&peer, unknown[i], -EPERM);
	peer_advance(&peer, 1000);
	peer_expect(&peer, 0, "");
	peer_event(&peer, NULL);
	assert_int_equal(peer_open(&peer), 1);
	peer_request(&peer, "raw VGL@ 101");
	peer_expect(&peer, 0, "VGL@ 101\r");
	peer_free(&peer);
}

static void test_program(void **state)
{
	(void)state;
	start(1);
	assert_false(qlink_session_to_query_port(peer.session));
	for (size_t i = 0; i < COUNT(programs); i++)
		peer_refused(&peer, programs[i], -EPERM);
	peer_expect(&peer, 0, "");
	peer_event(&peer, NULL);
	qlink_session_allow_program(peer.session, true);
	peer_request(&peer, "VSC 1 4 10878");
	peer_expect(&peer, 0, "VSC@ 1 4 10878\r");
	peer_say(&peer, 0, "2\r");
	peer_event(&peer, "result VSC error=EIO device=2");
	qlink_session_allow_program(peer.session, false);
	peer_refused(&peer, "VSC 1 4 10878", -EPERM);
	for (size_t i = 0; i < COUNT(controls); i++)
		peer_request(&peer, controls[i]);
	peer_free(&peer);
}

static void test_refused_at_once(void **state)
{
	(void)state;
	start(1);
	peer_refused(&peer, "VLO 201 101", -EINVAL);
	peer_refused(&peer, "VGL 0", -EINVAL);
	peer_refused(&peer, "raw GLV", -EINVAL);
	qlink_session_stop(peer.session, peer.now);
	peer_event(&peer, "event disconnected ECANCELED");
	peer_refused(&peer, "VGL 101", -ENOTCONN);
	peer_refused(&peer, "VGL 0", -EINVAL);
	assert_true(qlink_session_deadline(peer.session) == UINT64_MAX);
	peer_free(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_only),
		cmocka_unit_test(test_program),
		cmocka_unit_test(test_refused_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
