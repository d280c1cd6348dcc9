/* SPDX-License-Identifier: MIT */
/*
 * --pipe: standard input and output are connected to a channel of the session. What cannot go on
 * waits where it came from: standard input is not read while the channel is full, and while
 * standard output is, no event is taken, so that the library stops acknowledging. For that reason
 * room in the channel is asked for and not awaited as an event, which would stand behind the data.
 */
#include "connect.h"

#include "settings.h"

#include "tools/cli/output.h"
#include "tools/cli/wait.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define IN_BYTES 32768
#define PAUSE_MS 20
#define NEVER    INT64_MAX

struct pump {
	struct ppcs *p;
	struct hold *hold;
	int out_fd;
	bool out_stuck;     /* it was said to be ready and took nothing */
	const uint8_t *out; /* what is left of the event that was taken last */
	size_t out_len;
	uint8_t in[IN_BYTES];
	size_t in_at, in_len; /* what the channel has not taken yet */
	bool in_ended;
	int in_error;
	int64_t end_ms;  /* of --hold */
	int64_t quit_ms; /* of --quit-after, once it runs */
	bool out_of_time;
};

/* Takes events until there is something to write. */
static void take_events(struct pump *pump)
{
	const struct ppcs_event *event;

	while (pump->out_len == 0 && (event = ppcs_next_event(pump->p)) != NULL) {
		hold_note(pump->hold, event);
		if (event->type != PPCS_EVENT_DATA || event->channel != settings.pipe)
			continue;
		pump->out = event->data;
		pump->out_len = event->size;
	}
}

/*
 * Standard output is not made non-blocking, for others may have it as well. No more is written at
 * once than a pipe takes that poll() calls ready; but a terminal may then take a byte only. One is
 * opened once more, which can be non-blocking; if that is refused, it is used as it is.
 */
static int open_output(void)
{
	int fd = -1;

	if (isatty(STDOUT_FILENO))
		fd = open("/proc/self/fd/1", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	return fd >= 0 ? fd : STDOUT_FILENO;
}

static void write_output(struct pump *pump)
{
	size_t part = pump->out_len < PIPE_BUF ? pump->out_len : PIPE_BUF;
	ssize_t n = write(pump->out_fd, pump->out, part);

	if (n >= 0) {
		pump->out += n;
		pump->out_len -= (size_t)n;
	} else if (errno == EAGAIN) {
		pump->out_stuck = true;
	} else if (errno != EINTR) {
		cli_out_fail(-errno);
	}
}

static void read_input(struct pump *pump)
{
	ssize_t n = read(STDIN_FILENO, pump->in, sizeof(pump->in));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		pump->in_error = -errno;
		cli_message("standard input: %s", strerror(errno));
	}
	pump->in_at = 0;
	pump->in_len = n > 0 ? (size_t)n : 0;
	pump->in_ended = n <= 0;
}

static void send_input(struct pump *pump)
{
	while (pump->in_len > 0) {
		int n = ppcs_send(pump->p, settings.pipe, pump->in + pump->in_at, pump->in_len);

		if (n <= 0) /* full, or over, which an event tells */
			return;
		pump->in_at += (size_t)n;
		pump->in_len -= (size_t)n;
	}
}

/* Starts the time of --quit-after when all has been said and nothing came since. */
static void watch_quiet(struct pump *pump, int64_t now)
{
	bool quiet = pump->in_ended && pump->in_len == 0 && pump->out_len == 0 &&
		     ppcs_get_unsent(pump->p, settings.pipe) == 0;

	if (!quiet || settings.quit_ms < 0)
		pump->quit_ms = NEVER;
	else if (pump->quit_ms == NEVER)
		pump->quit_ms = now + settings.quit_ms;
}

static bool is_over(struct pump *pump, int64_t now)
{
	if (cli_out_error())
		return true;
	if (pump->hold->ended)
		return pump->out_len == 0;
	pump->out_of_time = now >= pump->end_ms;
	return pump->out_of_time || now >= pump->quit_ms;
}

static int time_left(const struct pump *pump, int64_t now)
{
	int64_t at = pump->quit_ms < pump->end_ms ? pump->quit_ms : pump->end_ms;

	if (at == NEVER)
		return -1;
	return at > now ? (int)(at - now) : 0;
}

/* Until there is something to be done. As cli_wait(). */
static int await(struct pump *pump, int timeout_ms)
{
	bool listen = !pump->in_ended && pump->in_len == 0 && !pump->hold->ended;
	bool output = pump->out_len > 0 && !pump->out_stuck;

	if (pump->out_stuck && (timeout_ms < 0 || timeout_ms > PAUSE_MS))
		timeout_ms = PAUSE_MS;
	pump->out_stuck = false;
	return cli_wait_output(ppcs_get_fd(pump->p), listen ? STDIN_FILENO : -1, output,
			       timeout_ms);
}

/* One turn. 1 = go on, 0 = over, or a negative errno: -ECANCELED after a signal. */
static int turn(struct pump *pump)
{
	int64_t now = cli_now_ms();
	int what;

	take_events(pump);
	send_input(pump);
	watch_quiet(pump, now);
	if (is_over(pump, now))
		return 0;
	what = await(pump, time_left(pump, now));
	if (what < 0)
		return what;
	if (what & CLI_WAIT_SIGNAL)
		return -ECANCELED;
	if (what & CLI_WAIT_WRITABLE)
		write_output(pump);
	if (what & CLI_WAIT_OTHER)
		read_input(pump);
	what = ppcs_dispatch(pump->p);
	return what ? what : 1;
}

/* What has come already goes on, as far as nobody has to wait. How much is left. */
static size_t write_rest(struct pump *pump)
{
	const struct ppcs_event *event;
	size_t left;

	for (;;) {
		take_events(pump);
		if (pump->out_len == 0 || pump->out_stuck || cli_out_error() ||
		    !(cli_wait_output(-1, -1, true, 0) & CLI_WAIT_WRITABLE))
			break;
		write_output(pump);
	}
	left = pump->out_len;
	while ((event = ppcs_next_event(pump->p)) != NULL) {
		hold_note(pump->hold, event);
		if (event->type == PPCS_EVENT_DATA && event->channel == settings.pipe)
			left += event->size;
	}
	return left;
}

static int status_of(const struct pump *pump, int err)
{
	const struct hold *hold = pump->hold;

	if (err == -ECANCELED || cli_out_error())
		return CLI_EXIT_OK; /* the frame knows better */
	if (err) {
		cli_message("%s", ppcs_strerror(err));
		return CLI_EXIT_REFUSED;
	}
	if (hold->error)
		return CLI_EXIT_UNREACHABLE;
	if (pump->out_of_time && (hold->unsent > 0 || hold->unwritten > 0))
		return CLI_EXIT_TIMEOUT;
	return pump->in_error ? CLI_EXIT_REFUSED : CLI_EXIT_OK;
}

int pipe_run(struct ppcs *p, struct hold *hold)
{
	int64_t start = cli_now_ms();
	static struct pump pump;
	int ret;

	pump = (struct pump){ .p = p,
			      .hold = hold,
			      .out_fd = open_output(),
			      .end_ms = settings.hold_ms ? start + settings.hold_ms : NEVER,
			      .quit_ms = NEVER };
	while ((ret = turn(&pump)) > 0)
		;
	if (pump.out_of_time)
		hold->unwritten = write_rest(&pump);
	if (pump.out_fd != STDOUT_FILENO)
		close(pump.out_fd);
	hold_count(p, hold, start);
	hold->unsent += pump.in_len;
	if (!hold->ended)
		hold->ended = "done";
	return status_of(&pump, ret);
}
