/* SPDX-License-Identifier: MIT */
/* Data on standard output with its failures remembered; messages on standard error. */
#include "tools/cli/output.h"
#include "tools/cli/progress.h"
#include "tools/cli/text.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *tool_name = "linekeeper";
static struct cli_text line;
static int out_error;

int cli_out_error(void)
{
	return out_error;
}

int cli_out_fail(int err)
{
	if (!out_error)
		out_error = err;
	return out_error;
}

/* Whoever gave us the descriptor may have made it non-blocking; data must not be lost for that. */
static int wait_writable(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

	if (poll(&out, 1, -1) < 0 && errno != EINTR)
		return -errno;
	return 0;
}

int cli_out_write(const char *data, size_t len)
{
	cli_progress_hide();
	while (len > 0 && !out_error) {
		ssize_t n = write(STDOUT_FILENO, data, len);

		if (n >= 0) {
			data += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) {
			int err = wait_writable();

			if (err)
				cli_out_fail(err);
		} else if (errno != EINTR) {
			cli_out_fail(-errno);
		}
	}
	return out_error;
}

void cli_print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	cli_text_vprintf(&line, format, args);
	va_end(args);
}

void cli_print_text(const void *text, size_t len)
{
	cli_text_harmless(&line, text, len);
}

int cli_print_end(void)
{
	int err;

	cli_text_add(&line, "\n", 1);
	err = line.error ? cli_out_fail(line.error) : cli_out_write(line.data, line.len);
	cli_text_reset(&line);
	return err;
}

int cli_line(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	cli_text_vprintf(&line, format, args);
	va_end(args);
	return cli_print_end();
}

int cli_out_finish(void)
{
	int err = out_error;

	cli_text_free(&line);
	out_error = 0;
	return err;
}

void cli_set_tool_name(const char *name)
{
	tool_name = name;
}

void cli_message(const char *format, ...)
{
	struct cli_text plain = { 0 }, safe = { 0 };
	va_list args;

	va_start(args, format);
	cli_text_vprintf(&plain, format, args);
	va_end(args);
	cli_text_printf(&safe, "%s: ", tool_name);
	if (plain.len > 0)
		cli_text_harmless(&safe, plain.data, plain.len);
	cli_text_add(&safe, "\n", 1);
	if (!safe.error) {
		flockfile(stderr);
		cli_progress_hide();
		fwrite(safe.data, 1, safe.len, stderr);
		funlockfile(stderr);
	}
	cli_text_free(&plain);
	cli_text_free(&safe);
}

bool cli_colour(int fd)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (no_color && *no_color)
		return false;
	return term && strcmp(term, "dumb") != 0 && isatty(fd);
}
