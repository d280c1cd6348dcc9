/* SPDX-License-Identifier: MIT */
/* Signals that end a tool. The handler notes the signal and writes a byte to a pipe. */
#include "tools/cli/signal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static const int ending[] = { SIGINT, SIGTERM, SIGHUP };
static int pipe_fd[2] = { -1, -1 };
static volatile sig_atomic_t caught;

static void note(int number)
{
	int saved = errno;
	ssize_t n;

	if (!caught)
		caught = number;
	/* May fail when the pipe is full; then it is readable, which is all that is wanted. */
	n = write(pipe_fd[1], "", 1);
	(void)n;
	errno = saved;
}

static int make_pipe(void)
{
	if (pipe(pipe_fd) < 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		if (fcntl(pipe_fd[i], F_SETFD, FD_CLOEXEC) < 0 ||
		    fcntl(pipe_fd[i], F_SETFL, O_NONBLOCK) < 0)
			return -errno;
	}
	return 0;
}

int cli_signal_init(void)
{
	/* The handler goes after one signal, so that an impatient second one kills. */
	struct sigaction act = { .sa_handler = note, .sa_flags = SA_RESTART | (int)SA_RESETHAND };
	struct sigaction old;
	int err;

	if (pipe_fd[0] >= 0)
		return 0;
	err = make_pipe();
	if (err)
		return err;
	sigemptyset(&act.sa_mask);
	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++) {
		if (sigaction(ending[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN)
			continue;
		if (sigaction(ending[i], &act, NULL) < 0)
			return -errno;
	}
	return 0;
}

int cli_signal_fd(void)
{
	return pipe_fd[0];
}

int cli_signal_caught(void)
{
	return caught;
}

void cli_signal_drain(void)
{
	char bytes[16];

	while (read(pipe_fd[0], bytes, sizeof(bytes)) > 0)
		;
}

void cli_signal_die(int number)
{
	struct sigaction act = { .sa_handler = SIG_DFL };
	sigset_t set;

	sigemptyset(&act.sa_mask);
	sigaction(number, &act, NULL);
	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(number);
	/* Only a debugger gets us here. */
	_exit(128 + number);
}

void cli_signal_reraise(void)
{
	if (caught)
		cli_signal_die(caught);
}
