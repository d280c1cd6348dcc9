/* SPDX-License-Identifier: MIT */
/* Waiting: what is told, that a signal is told once, and the end of standard output's reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tools/cli/cli.h"
#include "tools/cli/output.h"
#include "tools/cli/signal.h"
#include "tools/cli/wait.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

static void test_descriptors(void **state)
{
	int one[2], two[2];

	(void)state;
	assert_int_equal(pipe(one), 0);
	assert_int_equal(pipe(two), 0);
	assert_int_equal(cli_wait(one[0], 0), 0);
	assert_int_equal(cli_wait_other(one[0], two[0], 0), 0);
	assert_int_equal(write(two[1], "x", 1), 1);
	assert_int_equal(cli_wait(one[0], 0), 0);
	assert_int_equal(cli_wait_other(one[0], two[0], -1), CLI_WAIT_OTHER);
	close(one[1]);
	assert_int_equal(cli_wait_other(one[0], two[0], -1), CLI_WAIT_FD | CLI_WAIT_OTHER);
	close(one[0]);
	close(two[0]);
	close(two[1]);
}

static void test_signal(void **state)
{
	struct sigaction now;

	(void)state;
	signal(SIGHUP, SIG_IGN);
	assert_int_equal(cli_signal_fd(), -1);
	assert_int_equal(cli_signal_init(), 0);
	assert_true(cli_signal_fd() >= 0);
	assert_int_equal(cli_signal_caught(), 0);
	assert_int_equal(cli_wait(-1, 0), 0);
	assert_int_equal(raise(SIGTERM), 0);
	assert_int_equal(cli_wait(-1, -1), CLI_WAIT_SIGNAL);
	assert_int_equal(cli_signal_caught(), SIGTERM);
	assert_int_equal(cli_wait(-1, 0), 0);
	assert_int_equal(cli_signal_caught(), SIGTERM);
	/* The second one would kill; one ignored before stays ignored. */
	assert_int_equal(sigaction(SIGTERM, NULL, &now), 0);
	assert_true(now.sa_handler == SIG_DFL);
	assert_int_equal(sigaction(SIGHUP, NULL, &now), 0);
	assert_true(now.sa_handler == SIG_IGN);
}

static void test_output(void **state)
{
	int keep = dup(STDOUT_FILENO), out[2];
	int before, first, second, line, error;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(out), 0);
	assert_int_equal(dup2(out[1], STDOUT_FILENO), STDOUT_FILENO);
	close(out[1]);
	before = cli_wait(-1, 0);
	close(out[0]);
	first = cli_wait(-1, -1);
	second = cli_wait(-1, 0);
	line = cli_line("x");
	error = cli_out_finish();
	assert_int_equal(dup2(keep, STDOUT_FILENO), STDOUT_FILENO);
	close(keep);
	assert_int_equal(before, 0);
	assert_int_equal(first, CLI_WAIT_OUTPUT);
	assert_int_equal(second, 0);
	assert_int_equal(line, -EPIPE);
	assert_int_equal(error, -EPIPE);
	assert_int_equal(cli_out_error(), 0);
}

static void test_limits(void **state)
{
	struct cli cli = { .start_ms = cli_now_ms() - 5000, .timeout_ms = 3600000, .count = 2 };

	(void)state;
	assert_in_range(cli_time_left(&cli), 3000000, 3595000);
	assert_int_equal(cli_duration_left(&cli), -1);
	cli.timeout_ms = 5000;
	cli.duration_ms = 5000;
	assert_int_equal(cli_time_left(&cli), 0);
	assert_int_equal(cli_duration_left(&cli), 0);
	assert_false(cli_counted(&cli));
	assert_true(cli_counted(&cli));
	cli.count = cli.counted = 0;
	assert_false(cli_counted(&cli));
}

static void test_exit(void **state)
{
	static const int err[] = { 0,
				   -EIO,
				   -ENOENT,
				   -EINVAL,
				   -ECONNREFUSED,
				   -EHOSTUNREACH,
				   -EADDRNOTAVAIL,
				   -ENOTCONN,
				   -ECONNRESET,
				   -ETIMEDOUT,
				   -EACCES,
				   -EBADMSG,
				   -EPROTO,
				   -EBUSY,
				   -ENOMEM,
				   -ECANCELED };
	static const int status[] = { 0, 1, 1, 2, 3, 3, 3, 3, 3, 4, 5, 6, 6, 7, 1, 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(err) / sizeof(err[0]); i++)
		assert_int_equal(cli_exit_for(err[i]), status[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signal), cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_output), cmocka_unit_test(test_limits),
		cmocka_unit_test(test_exit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
