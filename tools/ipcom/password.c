/* SPDX-License-Identifier: MIT */
/* The password. */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "tools/ipcom/password.h"
#include "tools/cli/output.h"
#include "tools/cli/wait.h"
#include "tools/ipcom/options.h"

#include <ipcom/ipcom.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* More than any password, so that one too long is seen to be so. */
#define LINE_BYTES 256

static char password[IPCOM_MAX_PASSWORD + 1];

void password_forget(void)
{
	explicit_bzero(password, sizeof(password));
}

static int take(const char *from, const char *text, size_t len)
{
	if (len == 0)
		return cli_usage("%.200s: the password is empty", from);
	if (memchr(text, '\0', len))
		return cli_usage("%.200s: a NUL byte in the password", from);
	if (len > IPCOM_MAX_PASSWORD)
		return cli_usage("%.200s: the password is longer than %d bytes", from,
				 IPCOM_MAX_PASSWORD);
	memcpy(password, text, len);
	password[len] = '\0';
	return 0;
}

/* Up to a line or what fits, whichever comes first; the length, or a negative errno. */
static ssize_t read_line(int fd, char line[LINE_BYTES])
{
	size_t len = 0;

	while (len < LINE_BYTES && !memchr(line, '\n', len)) {
		ssize_t n = read(fd, line + len, LINE_BYTES - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

/* The first line without its end. */
static int take_line(const char *from, const char *line, ssize_t size)
{
	const char *end;
	size_t len;

	if (size < 0) {
		cli_message("%.200s: %s", from, strerror((int)-size));
		return CLI_EXIT_USAGE;
	}
	end = memchr(line, '\n', (size_t)size);
	len = end ? (size_t)(end - line) : (size_t)size;
	if (len > 0 && line[len - 1] == '\r')
		len--;
	return take(from, line, len);
}

static int from_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char line[LINE_BYTES] = { 0 };
	int status;

	status = take_line(path, line, fd < 0 ? -errno : read_line(fd, line));
	explicit_bzero(line, sizeof(line));
	if (fd >= 0)
		close(fd);
	return status;
}

/* Echo is off only here, and a signal does not leave it off. */
static int ask(void)
{
	struct termios before, silent;
	char line[LINE_BYTES] = { 0 };
	int status = CLI_EXIT_USAGE;
	int what;

	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return cli_usage("missing password");
	silent = before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	fprintf(stderr, "Password for %s: ", options.username);
	fflush(stderr);
	/* Before the first wait a signal would kill at once. */
	what = cli_wait(-1, 0);
	if (what == 0 && tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0) {
		what = cli_wait_other(-1, STDIN_FILENO, -1);
		if (what == CLI_WAIT_OTHER)
			status = take_line("terminal", line, read_line(STDIN_FILENO, line));
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	}
	fputc('\n', stderr);
	explicit_bzero(line, sizeof(line));
	return status;
}

static int from_terminal(struct cli *cli)
{
	int64_t start = cli_now_ms();
	int status;

	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return cli_usage("missing password: --password-file or IPCOM_PASSWORD");
	status = ask();
	/* People type slowly; --timeout is meant for the device. */
	cli->start_ms += cli_now_ms() - start;
	return status;
}

static int find(struct cli *cli)
{
	enum cli_source text = cli_source(cli, "password");
	enum cli_source file = cli_source(cli, "password-file");

	if (text != CLI_BUILT_IN && text == file)
		return cli_usage("--password and --password-file exclude each other");
	if (file > text)
		return from_file(options.password_file);
	if (text != CLI_BUILT_IN)
		return take("--password", options.password, strlen(options.password));
	return from_terminal(cli);
}

int password_get(struct cli *cli, const char **ret)
{
	int status = *password ? 0 : find(cli);

	*ret = password;
	return status;
}
