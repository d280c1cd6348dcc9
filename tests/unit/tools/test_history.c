/* SPDX-License-Identifier: MIT */
/* The history file of ppcs-connect: what is written and read again, and what counts as damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "history_place.h"

static int read_text(const char *text, size_t size, int64_t now)
{
	put(text, size);
	history_free(&history);
	return history_read(path, now, &history);
}

static int read_lines(const char *lines)
{
	char text[2048];

	snprintf(text, sizeof(text), TITLE "%s", lines);
	return read_text(text, strlen(text), NOW);
}

static void test_written_and_read_again(void **state)
{
	const struct history_peer *peer;

	(void)state;
	assert_int_equal(read_text(GOOD, strlen(GOOD), NOW), 0);
	assert_int_equal(history.count, 1);
	peer = history_find(&history, "192.0.2.7");
	assert_non_null(peer);
	assert_string_equal(peer->uid, "TEST-012345-ABCDE");
	assert_int_equal(peer->time, DAY);
	assert_int_equal(peer->won_mode, PPCS_LAN);
	assert_int_equal(peer->won_port, 32108);
	assert_int_equal(peer->path_count, 2);
	assert_int_equal(peer->paths[0].mode, PPCS_LAN);
	assert_int_equal(peer->paths[0].port, 32108);
	assert_int_equal(peer->paths[0].failures, 1);
	assert_int_equal(peer->paths[0].srtt_ms, 85);
	assert_int_equal(peer->paths[0].rttvar_ms, 12);
	assert_int_equal(peer->paths[0].rest_ms, 0);
	assert_int_equal(peer->paths[1].mode, PPCS_P2P);
	assert_int_equal(peer->paths[1].weight, 237);
	assert_int_equal(peer->paths[1].rest_ms, 60000 - 123);
	assert_null(history_find(&history, "192.0.2.8"));
	assert_int_equal(history_write(path, NOW, &history), 0);
	assert_file(GOOD);
}

/* Seconds are what is written, and however often, the time stays the same. */
static void test_rest(void **state)
{
	static const struct {
		int64_t now; /* ms from DAY on */
		uint32_t rest_ms;
	} rows
		[] = {
			{ 0, 60000 },    { 1, 59999 },       { 30000, 30000 }, { 59999, 1 },
			{ 60000, 0 },    { 3600000, 0 },     { -1, 60000 },    { -500, 60000 },
			{ -501, 0 }, /* there is no such rest: the clock went back */
			{ -3600000, 0 }, { -DAY * 1000, 0 },
		};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t now = DAY * 1000 + rows[i].now;

		assert_int_equal(read_text(GOOD, strlen(GOOD), now), 0);
		assert_int_equal(history.peers[0].paths[1].rest_ms, rows[i].rest_ms);
		assert_int_equal(history_write(path, now, &history), 0);
		assert_file(rows[i].rest_ms > 0 ? GOOD :
						  TITLE PEER PATH "path\tp2p\t0\t5\t237\t0\t0\n");
	}
	assert_int_equal(read_lines(PEER "path\tp2p\t0\t5\t237\t0\t0\t9223372036854775\n"), 0);
	assert_int_equal(history.peers[0].paths[0].rest_ms, 0);
}

/* Cut anywhere: at the end of a line it is a shorter file, anywhere else damaged. */
static void test_cut(void **state)
{
	const char *good = GOOD;

	(void)state;
	for (size_t size = 0; size <= strlen(good); size++)
		assert_int_equal(read_text(good, size, NOW),
				 size > 0 && good[size - 1] == '\n' ? 0 : -EBADMSG);
}

/* Any one byte is another one: no crash, no matter whether it is noticed. */
static void test_garbled(void **state)
{
	char text[] = GOOD;

	(void)state;
	for (size_t i = 0; i < strlen(GOOD); i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			text[i] = (char)(GOOD[i] ^ 1 << bit);
			read_text(text, strlen(GOOD), NOW);
			assert_in_range(history.count, 0, 1);
		}
		text[i] = '\0';
		assert_int_equal(read_text(text, strlen(GOOD), NOW), -EBADMSG);
		text[i] = GOOD[i];
	}
}

static void test_bad_lines(void **state)
{
	static const char *const bad[] = {
		"\n",
		"more\n",
		PATH, /* nobody's */
		PEER PEER,
		PEER "path\tlan\t32108\t1\t0\t85\n",
		PEER "path\tlan\t32108\t1\t0\t85\t12\t0\t0\n",
		PEER "path\twan\t32108\t1\t0\t85\t12\n",
		PEER "path\tlan\t65536\t1\t0\t85\t12\n",
		PEER "path\tlan\t32108\t4294967296\t0\t85\t12\n",
		PEER "path\tlan\t32108\t1\t1001\t85\t12\n",
		PEER "path\tlan\t32108\t1\t0\t65536\t12\n",
		PEER "path\tlan\t32108\t1\t0\t85\t65536\n",
		PEER "path\tlan\t0\t5\t0\t0\t0\t9223372036854776\n",
		PEER "path\tlan\t32108\t-1\t0\t85\t12\n",
		PEER "path\tlan\t32108\t+1\t0\t85\t12\n",
		PEER "path\tlan\t32108\t 1\t0\t85\t12\n",
		PEER "path\tlan\t32108\t\t0\t85\t12\n",
		PEER "path\tlan\t32108\t1e3\t0\t85\t12\n",
		PEER "path\tlan\t32108\t0x1\t0\t85\t12\n",
		PEER "path\tlan\t99999999999999999999999\t1\t0\t85\t12\n",
		PEER "path\tlan\t32108\t1\t0\t85\t12\r\n",
		"peer\t\t-\t0\t-\t0\n",
		"peer\ta\t-\t-1\t-\t0\n",
		"peer\ta\t-\t9223372036854775808\t-\t0\n",
		"peer\ta\t-\t0\tlan\t65536\n",
		"peer\ta\t-\t0\twan\t1\n",
		"peer\ta\tno-id\t0\t-\t0\n",
		"peer\ta\tTEST-012345-ABCDE\t0\t-\n",
		"Peer\ta\t-\t0\t-\t0\n",
	};
	char line[1024];

	(void)state;
	assert_int_equal(read_lines("peer\ta\t-\t0\t-\t0\n"), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(read_lines(bad[i]), -EBADMSG);
		assert_int_equal(history.count, 0);
	}
	for (int size = 255; size < 1000; size++) {
		snprintf(line, sizeof(line), "peer\t%0*d\t-\t0\t-\t0\n", size, 7);
		assert_int_equal(read_lines(line), size > 255 ? -EBADMSG : 0);
	}
}

static void test_other_formats(void **state)
{
	static const struct {
		const char *text;
		int error;
	} rows[] = {
		{ "# linekeeper ppcs-history 1\n", 0 },
		{ "# linekeeper ppcs-history 2\nanything\n", -ENOTSUP },
		{ "# linekeeper ppcs-history 10\n", -ENOTSUP },
		{ "# linekeeper ppcs-history \n", -EBADMSG },
		{ "# linekeeper ppcs-history 1 \n", -EBADMSG },
		{ "# linekeeper ppcs-history x\n", -EBADMSG },
		{ "# linekeeper qlink-history 1\n", -EBADMSG },
		{ " # linekeeper ppcs-history 1\n", -EBADMSG },
		{ PEER, -EBADMSG },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(read_text(rows[i].text, strlen(rows[i].text), NOW), rows[i].error);
}

/* Nothing is waited for, and nothing is read that no writer made so big. */
static void test_no_file(void **state)
{
	(void)state;
	assert_int_equal(history_read(path, NOW, &history), -ENOENT);
	assert_int_equal(history_read("/dev/null", NOW, &history), -EBADMSG);
	assert_int_equal(history_read("/dev/zero", NOW, &history), -EBADMSG);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(history_read(path, NOW, &history), -EISDIR);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(history_read(path, NOW, &history), -EBADMSG);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink(path, path), 0);
	assert_int_equal(history_read(path, NOW, &history), -ELOOP);
	assert_int_equal(unlink(path), 0);
	put(GOOD, strlen(GOOD));
	assert_int_equal(truncate(path, HISTORY_BYTES_MAX + 1), 0);
	assert_int_equal(history_read(path, NOW, &history), -EFBIG);
	assert_int_equal(truncate(path, HISTORY_BYTES_MAX), 0);
	assert_int_equal(history_read(path, NOW, &history), -EBADMSG);
}

/* The fullest file that is written is read again. */
static void test_bounds(void **state)
{
	struct ppcs_path_statistics p = { .mode = PPCS_RELAY,
					  .failures = UINT32_MAX,
					  .weight = 1000,
					  .srtt_ms = UINT16_MAX,
					  .rttvar_ms = UINT16_MAX,
					  .rest_ms = 60000 };
	struct stat st;

	(void)state;
	for (unsigned i = 0; i < HISTORY_PEERS_MAX + 5; i++) {
		struct history_peer *peer = add_peer(0, i);

		memset(peer->name, 'x', sizeof(peer->name) - 1);
		snprintf(peer->name, 8, "%07u", i);
		peer->name[7] = 'x';
		peer->time = i == 7 ? 1 : INT64_MAX - 3;
		for (unsigned k = 0; k < HISTORY_PATHS_MAX + 5; k++) {
			p.port = (uint16_t)(k == 0 ? 0 : 10000 + k);
			history_put_path(peer, &p);
		}
		/* The mode stays; of the ports the oldest go. */
		assert_int_equal(peer->path_count, HISTORY_PATHS_MAX);
		assert_non_null(history_path(peer, PPCS_RELAY, 0));
		assert_null(history_path(peer, PPCS_RELAY, 10005));
		assert_int_equal(peer->paths[1].port, 10006);
		assert_int_equal(peer->paths[HISTORY_PATHS_MAX - 1].port,
				 10000 + HISTORY_PATHS_MAX + 4);
	}
	assert_int_equal(history.count, HISTORY_PEERS_MAX);
	/* Of those that were used longest ago five had to go. */
	for (size_t i = 0; i < history.count; i++)
		assert_memory_not_equal(history.peers[i].name, "0000007", 7);
	assert_int_equal(history_write(path, NOW, &history), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_in_range(st.st_size, HISTORY_BYTES_MAX / 2, HISTORY_BYTES_MAX);
	assert_int_equal(st.st_mode & 0777, 0600);
	history_free(&history);
	assert_int_equal(history_read(path, NOW, &history), 0);
	assert_int_equal(history.count, HISTORY_PEERS_MAX);
	assert_int_equal(history.peers[9].path_count, HISTORY_PATHS_MAX);
	assert_int_equal(history.peers[9].paths[0].failures, UINT32_MAX);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, clean_up)
	const struct CMUnitTest tests[] = {
		TEST(test_written_and_read_again),
		TEST(test_rest),
		TEST(test_cut),
		TEST(test_garbled),
		TEST(test_bad_lines),
		TEST(test_other_formats),
		TEST(test_no_file),
		TEST(test_bounds),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
