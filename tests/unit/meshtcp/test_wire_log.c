/* SPDX-License-Identifier: MIT */
/* The log of a session: frames of both directions as lines of a conversation file, without secrets.
 * */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "world.h"

static char lines[400000];
static int least;

static void take(void *userdata, int level, const char *text)
{
	(void)userdata;
	least = level > least ? level : least;
	assert_true(strlen(lines) + strlen(text) + 2 < sizeof(lines));
	strcat(lines, text);
	strcat(lines, "\n");
}

static void listen(struct world *w, int level)
{
	const struct cmn_log log = { take, NULL, level };

	lines[0] = '\0';
	least = 0;
	meshtcp_session_set_log(w->session, &log);
}

static void test_frames(void **state)
{
	struct world *w = *state;

	listen(w, CMN_LOG_WIRE);
	world_ready(w);
	world_send(w, BOB, "Hello", false);
	/* The wake-up bytes, the request, an end mark, a text. */
	assert_non_null(strstr(lines, "> c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3"
				      "c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3\n"));
	assert_non_null(strstr(lines, "\n> 94c3000"));
	assert_non_null(strstr(lines, "\n< 94c300"));
	assert_non_null(strstr(lines, "120548656c6c6f"));
}

/* What the node tells of itself, and what is written to it and to others. */
static void test_no_secrets(void **state)
{
	struct world *w = *state;
	struct wire config = { .size = 0 }, message = { .size = 0 }, key = { .size = 0 };
	struct order order =
		world_order(BOB, MESHTCP_PORT_ADMIN, "\x92\x02\x0b\x22\x09\x22\x07hunter2", 14);

	listen(w, CMN_LOG_WIRE);
	world_ready(w);
	wire_hex(&config, "220d1a026869220768756e74657232");
	wire_message(&message, 5, &config);
	world_say(w, &message);
	order.admin = order.admin_write = true;
	order.admin_node = BOB;
	order.message.want_ack = true;
	world_request(w, &order);
	wire_hex(&key, "32024a00aa06085152535455565758");
	world_answer(w, BOB, 6, world_last_heard(w, HEARD_PACKET)->id, &key);
	assert_int_equal(world_last_heard(w, HEARD_PACKET)->payload_size, 14 + 11);
	/* They went over the wire as they are. */
	assert_memory_equal(world_last_heard(w, HEARD_PACKET)->payload + 7, "hunter2", 7);
	assert_memory_equal(world_last_heard(w, HEARD_PACKET)->payload + 17, "QRSTUVWX", 8);
	assert_null(strstr(lines, "68756e74657232"));
	assert_null(strstr(lines, "5152535455565758"));
	assert_non_null(strstr(lines, "1a02686922072a2a2a2a2a2a2a"));
	assert_non_null(strstr(lines, "aa06082a2a2a2a2a2a2a2a"));
	/* The node's record still says what it said. */
	assert_int_equal(meshtcp_session_section(w->session, MESHTCP_CONFIG, 4, config.data, 64),
			 13);
	assert_memory_equal(config.data + 6, "hunter2", 7);
}

/* Who wants less gets no frames. */
static void test_levels(void **state)
{
	struct world *w = *state;

	listen(w, CMN_LOG_INFO);
	world_ready(w);
	assert_null(strstr(lines, "94c3"));
	assert_non_null(strstr(lines, "ready\n"));
	assert_int_equal(least, CMN_LOG_INFO);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_frames),
		TEST(test_no_secrets),
		TEST(test_levels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
