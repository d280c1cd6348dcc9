/* SPDX-License-Identifier: MIT */
/* The live line on standard error. The lock of stderr guards the state: messages of a library's
 * log may come from another thread. */
#include "tools/cli/progress.h"
#include "tools/cli/wait.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define APPEAR_MS     500
#define WIDTH_DEFAULT 80

static struct {
	bool enabled;
	bool active;
	unsigned lines; /* on the screen now */
	int64_t start_ms;
	int shown_seconds;
	char text[1024];
} progress;

bool cli_progress_allowed(bool terminal, bool json, const char *term)
{
	return terminal && !json && term && *term && strcmp(term, "dumb") != 0;
}

void cli_progress_init(bool json)
{
	memset(&progress, 0, sizeof(progress));
	progress.enabled = cli_progress_allowed(isatty(STDERR_FILENO), json, getenv("TERM"));
}

/* Bytes of `text` that take at most `columns`, a column a character. */
static size_t fitting(const char *text, size_t len, unsigned columns)
{
	size_t used = 0;

	while (used < len && columns-- > 0) {
		size_t n = cli_utf8_length((const unsigned char *)text + used, len - used);

		used += n > 0 ? n : 1;
	}
	return used;
}

unsigned cli_progress_format(struct cli_text *to, const char *text, int seconds, unsigned width)
{
	unsigned lines = 0;
	char count[24];

	snprintf(count, sizeof(count), " (%d s)", seconds);
	for (;;) {
		size_t len = strcspn(text, "\n");
		const char *tail = lines == 0 ? count : "";
		unsigned taken = (unsigned)strlen(tail) + 1;
		struct cli_text safe = { 0 };

		cli_text_harmless(&safe, text, len);
		if (safe.len > 0)
			cli_text_add(to, safe.data,
				     fitting(safe.data, safe.len,
					     width > taken ? width - taken : 0));
		cli_text_free(&safe);
		cli_text_puts(to, tail);
		lines++;
		if (!text[len])
			return lines;
		text += len + 1;
		cli_text_add(to, "\n", 1);
	}
}

static unsigned terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return WIDTH_DEFAULT;
}

static void add_wipe(struct cli_text *to)
{
	if (progress.lines > 1)
		cli_text_printf(to, "\033[%uA", progress.lines - 1);
	if (progress.lines > 0)
		cli_text_puts(to, "\r\033[J");
	progress.lines = 0;
}

static void draw(int64_t elapsed_ms)
{
	struct cli_text frame = { 0 };
	unsigned lines;

	progress.shown_seconds = (int)(elapsed_ms / 1000);
	add_wipe(&frame);
	lines = cli_progress_format(&frame, progress.text, progress.shown_seconds,
				    terminal_width());
	if (!frame.error) {
		fwrite(frame.data, 1, frame.len, stderr);
		progress.lines = lines;
	}
	cli_text_free(&frame);
}

void cli_progress(const char *format, ...)
{
	int64_t now = cli_now_ms();
	va_list args;

	if (!progress.enabled)
		return;
	flockfile(stderr);
	va_start(args, format);
	vsnprintf(progress.text, sizeof(progress.text), format, args);
	va_end(args);
	if (!progress.active)
		progress.start_ms = now;
	progress.active = true;
	if (now - progress.start_ms >= APPEAR_MS)
		draw(now - progress.start_ms);
	funlockfile(stderr);
}

int cli_progress_tick(void)
{
	int64_t elapsed;
	int next;

	if (!progress.active)
		return -1;
	elapsed = cli_now_ms() - progress.start_ms;
	if (elapsed < APPEAR_MS)
		return (int)(APPEAR_MS - elapsed);
	flockfile(stderr);
	if (progress.lines == 0 || progress.shown_seconds != elapsed / 1000)
		draw(elapsed);
	next = (int)(1000 - elapsed % 1000);
	funlockfile(stderr);
	return next;
}

void cli_progress_hide(void)
{
	struct cli_text wipe = { 0 };

	if (!progress.enabled)
		return;
	flockfile(stderr);
	add_wipe(&wipe);
	if (wipe.len > 0)
		fwrite(wipe.data, 1, wipe.len, stderr);
	funlockfile(stderr);
	cli_text_free(&wipe);
}

void cli_progress_end(void)
{
	cli_progress_hide();
	progress.active = false;
}
