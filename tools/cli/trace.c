/* SPDX-License-Identifier: MIT */
/* The log of the library: standard error and the trace file. */
#include "tools/cli/trace.h"
#include "tools/cli/output.h"
#include "tools/cli/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const level_names[] = { "error", "warning", "info", "debug" };

static struct {
	int level; /* up to here on standard error */
	bool text_wire;
	FILE *trace;
	int trace_error;
} log_state = { .level = -1 };

void cli_log_init(unsigned verbose, bool text_wire)
{
	log_state.level = verbose == 0 ? -1 : verbose == 1 ? CLI_LOG_DEBUG : CLI_LOG_WIRE;
	log_state.text_wire = text_wire;
}

int cli_log_level(void)
{
	return log_state.trace ? CLI_LOG_WIRE : log_state.level;
}

int cli_trace_open(const char *path, const char *title)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	time_t now = time(NULL);
	char date[32] = "";
	struct tm tm;

	if (fd < 0)
		return -errno;
	log_state.trace = fdopen(fd, "w");
	if (!log_state.trace) {
		int err = -errno;

		close(fd);
		return err;
	}
	log_state.trace_error = 0;
	if (gmtime_r(&now, &tm))
		strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &tm);
	fprintf(log_state.trace, "# %s %s\n", title, date);
	return 0;
}

int cli_trace_close(void)
{
	FILE *file = log_state.trace;
	int err = log_state.trace_error;

	log_state.trace = NULL;
	if (file && fclose(file) != 0 && !err)
		err = -errno;
	return err;
}

static void write_trace(const char *text)
{
	FILE *file = log_state.trace;

	flockfile(file);
	/* A flush a line: the trace is wanted most when the tool came to a bad end. */
	if (!log_state.trace_error && (fprintf(file, "%s\n", text) < 0 || fflush(file) != 0))
		log_state.trace_error = -errno;
	funlockfile(file);
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* "> 564c 4f" as "> VLO". False when it is no such line. */
static bool decode_wire(const char *text, struct cli_text *to)
{
	size_t mark = strcspn(text, " ");

	cli_text_add(to, text, mark);
	cli_text_puts(to, " ");
	for (text += mark; *text;) {
		int high = hex_digit(text[0]);
		int low = high < 0 ? -1 : hex_digit(text[1]);
		char byte;

		if (*text == ' ') {
			text++;
			continue;
		}
		if (low < 0)
			return false;
		byte = (char)(high << 4 | low);
		cli_text_add(to, &byte, 1);
		text += 2;
	}
	return true;
}

static void show_wire(const char *text)
{
	struct cli_text plain = { 0 }, safe = { 0 };

	if (log_state.text_wire && decode_wire(text, &plain))
		cli_text_harmless(&safe, plain.data, plain.len);
	else
		cli_text_puts(&safe, text);
	if (!plain.error && !safe.error)
		cli_message("%s", safe.data);
	cli_text_free(&plain);
	cli_text_free(&safe);
}

void cli_log(void *userdata, int level, const char *text)
{
	(void)userdata;
	if (level == CLI_LOG_WIRE && log_state.trace)
		write_trace(text);
	if (level < 0 || level > log_state.level)
		return;
	if (level == CLI_LOG_WIRE)
		show_wire(text);
	else if (level < CLI_LOG_WIRE)
		cli_message("%s: %s", level_names[level], text);
}
