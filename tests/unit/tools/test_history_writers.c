/* SPDX-License-Identifier: MIT */
/* Writers of the history file of ppcs-connect: many at once, killed ones, and ones without room. */
#define _DEFAULT_SOURCE /* flock */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "history_place.h"

#define WRITERS 8
#define RACES   12
#define BIG     60 /* peers of a file that is written in several pieces */

static const char *program;

/* The linker puts this in the place of nanosleep() while somebody holds the lock for ever. */
static unsigned naps, naps_until_signal;
static bool naps_counted;
int __real_nanosleep(const struct timespec *time, struct timespec *left);
int __wrap_nanosleep(const struct timespec *time, struct timespec *left);

int __wrap_nanosleep(const struct timespec *time, struct timespec *left)
{
	if (!naps_counted)
		return __real_nanosleep(time, left);
	if (++naps != naps_until_signal)
		return 0;
	errno = EINTR;
	return -1;
}

/* As the tool does it: read, change and write under the lock. These here have no time to lose, and
 * keep it from each other for longer than the tool waits. */
static int add_one(unsigned writer, unsigned number)
{
	int lock, err;

	do
		lock = history_lock(path, false);
	while (lock == -EBUSY);
	err = lock < 0 ? lock : history_read(path, NOW, &history);
	if (err == -ENOENT)
		err = 0;
	if (!err) {
		add_peer(writer, number)->time = 1;
		err = history_write(path, NOW, &history);
	}
	history_free(&history);
	history_unlock(lock);
	return err;
}

static bool whole(void)
{
	bool good = history_read(path, NOW, &history) == 0;

	history_free(&history);
	return good;
}

/* Writers are processes of their own, made of this program. */
static int be_writer(unsigned writer, unsigned races)
{
	for (unsigned i = 0; i < races; i++)
		if (add_one(writer, i) != 0)
			return 1;
	return 0;
}

static int be_confined(rlim_t size, bool killed)
{
	int err;

	for (unsigned i = 0; i < BIG; i++)
		for (uint16_t port = 1; port < 10; port++)
			history_put_path(add_peer(0, i),
					 &(struct ppcs_path_statistics){ .port = port });
	signal(SIGXFSZ, killed ? SIG_DFL : SIG_IGN);
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){ size, size });
	err = history_write(path, NOW, &history);
	history_free(&history);
	return -err;
}

static pid_t start(const char *what, unsigned a, unsigned b)
{
	char first[16], second[16];
	pid_t child;

	snprintf(first, sizeof(first), "%u", a);
	snprintf(second, sizeof(second), "%u", b);
	child = fork();
	assert_true(child >= 0);
	if (child > 0)
		return child;
	execl(program, program, what, directory, first, second, (char *)NULL);
	_exit(99);
}

static int child_main(char *const argv[])
{
	unsigned a = (unsigned)strtoul(argv[3], NULL, 10), b = (unsigned)strtoul(argv[4], NULL, 10);

	snprintf(directory, sizeof(directory), "%s", argv[2]);
	name_paths();
	return strcmp(argv[1], "writer") == 0 ? be_writer(a, b) : be_confined(a, b);
}

static void test_writers_at_once(void **state)
{
	pid_t writers[WRITERS];
	unsigned left = WRITERS;
	int status;

	(void)state;
	put(TITLE, strlen(TITLE));
	for (unsigned i = 0; i < WRITERS; i++)
		writers[i] = start("writer", i, RACES);
	/* Whoever looks in between sees a whole file. */
	while (left > 0) {
		assert_true(whole());
		for (unsigned i = 0; i < WRITERS; i++) {
			if (writers[i] == 0 || waitpid(writers[i], &status, WNOHANG) == 0)
				continue;
			assert_int_equal(status, 0);
			writers[i] = 0;
			left--;
		}
	}
	assert_int_equal(history_read(path, NOW, &history), 0);
	assert_int_equal(history.count, WRITERS * RACES);
	for (unsigned i = 0; i < WRITERS * RACES; i++) {
		char name[32];

		snprintf(name, sizeof(name), "%u.%u", i / RACES, i % RACES);
		assert_non_null(history_find(&history, name));
	}
	assert_int_equal(access(new_path, F_OK), -1);
}

/* SIGKILL at any moment: the file is whole, and the next writer goes on. */
static void test_killed(void **state)
{
	(void)state;
	put(TITLE, strlen(TITLE));
	for (unsigned i = 0; i < 30; i++) {
		pid_t child = start("writer", i, UINT16_MAX);
		int status;

		/* So that it is met here and there. */
		for (unsigned looks = 0; looks < i; looks++)
			assert_true(whole());
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		assert_true(whole());
		assert_int_equal(add_one(1000, i), 0);
		assert_int_equal(access(new_path, F_OK), -1);
	}
}

/* Write a big history where files have at most SIZE bytes. @return as waitpid() tells */
static int write_within(unsigned size, bool killed)
{
	pid_t child = start("confined", size, killed);
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

/* Killed, or out of room, in the midst of the file. */
static void test_no_room(void **state)
{
	static const unsigned sizes[] = { 0, 1, 28, 100, 4095, 4096, 4097, 8192, 9000 };

	(void)state;
	put(GOOD, strlen(GOOD));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		int status = write_within(sizes[i], false);
		struct stat st;

		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), EFBIG);
		assert_int_equal(access(new_path, F_OK), -1);
		assert_file(GOOD);
		status = write_within(sizes[i], true);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGXFSZ);
		assert_int_equal(stat(new_path, &st), 0);
		assert_int_equal(st.st_size, sizes[i]);
		assert_file(GOOD);
	}
	/* What is left behind is in nobody's way. */
	assert_int_equal(write_within(1 << 20, true), 0);
	assert_int_equal(access(new_path, F_OK), -1);
	assert_true(whole());
}

/* Who may write in that directory can make others write nowhere else. */
static void test_link_in_the_way(void **state)
{
	char victim[64];

	(void)state;
	snprintf(victim, sizeof(victim), "%s/victim", directory);
	assert_int_equal(symlink(victim, new_path), 0);
	assert_int_equal(add_one(1, 1), 0);
	assert_int_equal(access(victim, F_OK), -1);
	assert_true(whole());
	assert_int_equal(mkdir(new_path, 0700), 0);
	assert_int_equal(add_one(1, 2), -EEXIST);
	assert_true(whole());
	assert_int_equal(rmdir(new_path), 0);
}

/* Somebody holds the lock for ever: that has an end, and a signal is one at once. */
static void test_lock_is_not_waited_for_for_ever(void **state)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_int_equal(flock(fd, LOCK_EX), 0);
	naps_counted = true;
	assert_int_equal(history_lock(path, false), -EBUSY);
	assert_int_equal(naps, 5000); /* of 2 ms */
	naps = 0;
	naps_until_signal = 3;
	assert_int_equal(history_lock(path, false), -EINTR);
	assert_int_equal(naps, 3);
	naps_counted = false;
	close(fd);
	fd = history_lock(path, false);
	assert_true(fd >= 0);
	history_unlock(fd);
	assert_int_equal(history_lock("/nowhere/at/all", false), -ENOENT);
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_teardown(name, clean_up)
	const struct CMUnitTest tests[] = {
		TEST(test_writers_at_once),
		TEST(test_killed),
		TEST(test_no_room),
		TEST(test_link_in_the_way),
		TEST(test_lock_is_not_waited_for_for_ever),
	};

	if (argc == 5)
		return child_main(argv);
	program = argv[0];
	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
