/* SPDX-License-Identifier: MIT */
/*
 * The session alone, time being a number, while memory runs out: what is too slow for the scenario
 * with sockets. Answers of several lines, lines until silence, texts, watched items.
 */
#include <errno.h>
#include <string.h>

#include "cache.h"
#include "queue.h"
#include "session.h"
#include "torture.h"

#define REQUESTS 8
#define MINUTE   60000

/** One request and the bytes that answer it. */
struct exchange {
	struct command command;
	const char *answer;
};

static const struct exchange exchanges[REQUESTS] = {
	{ { QLINK_COMMAND_VLO, 2, { 101, 50 }, NULL, false }, "50\r" },
	{ { QLINK_COMMAND_VGL, 1, { 101 }, NULL, false }, "50\r" },
	{ { QLINK_COMMAND_VQP, 1, { 1 }, NULL, false }, "2\r1 1 1 5 1.0\r1 1 2 2 1.0\r" },
	{ { QLINK_COMMAND_VQS, 1, { 1 }, NULL, false }, "1\rLE 1 2 4C 20\r1 1 0 15 1.0 1 10123\r" },
	{ { QLINK_COMMAND_VGN, 3, { 1, 5, 255 }, NULL, false }, "RGN 1 5 255 Name|Room|Floor|0\r" },
	{ { QLINK_COMMAND_RAW, 0, { 0 }, "V?V@ 1", true },
	  "a\rb\rc\rd\re\rf\rg\rh\ri\rj\rk\rl\r"
	  "m\rn\ro\rp\rq\rr\rs\rt\ru\rv\rw\r" },
	{ { QLINK_COMMAND_RAW, 0, { 0 }, "VGL@ 101", false }, "50\r" },
	{ { QLINK_COMMAND_VACATION_SUMMARY, 1, { 1 }, NULL, false }, "a log\r" },
};

static const struct session_config config = {
	.mode = QLINK_MODE_SHARED,
	.connections = 1,
	.style = QLINK_STYLE_REGULAR,
	.timeout_ms = 10000,
	.reply_timeout_ms = 3000,
	.reconnect = { .base_ms = 1000, .max_ms = 1000 },
	.monitoring = QLINK_MONITOR_LISTEN,
};

struct world {
	struct session *session;
	uint64_t now;
	uint32_t open;      /**< number of the open connection */
	const char *answer; /**< to the caller's newest command */
	uint32_t id;
	bool ended;
};

static void say(struct world *w, const char *text)
{
	qlink_session_receive(w->session, 0, (const uint8_t *)text, strlen(text), w->now);
}

/* A queried watched item, or an echo that resynchronises, or the caller's command. */
static void answer(struct world *w, const char *sent, size_t size)
{
	char text[COMMAND_MAX_BYTES] = "";

	must(size < sizeof(text) && sent[size - 1] == '\r');
	memcpy(text, sent, size);
	if (strncmp(text, "VEC@ ", 5) == 0)
		say(w, text + 5);
	else if (strncmp(text, "VGL@ 7\r", 7) == 0)
		say(w, "70\r");
	else if (strncmp(text, "VLT@ ", 5) == 0)
		say(w, "4C 20\r");
	else
		say(w, w->answer);
}

/* Connections are accepted and commands answered until nothing moves. */
static void settle(struct world *w)
{
	const uint8_t *data;
	size_t size;

	for (unsigned i = 0; i < 100; i++) {
		if (qlink_session_wants(w->session, 0) != w->open) {
			w->open = qlink_session_wants(w->session, 0);
			qlink_session_opened(w->session, 0, w->now);
		}
		size = qlink_session_output(w->session, 0, &data);
		if (size > 0) {
			char copy[COMMAND_MAX_BYTES];

			must(size <= sizeof(copy));
			memcpy(copy, data, size);
			qlink_session_sent(w->session, 0, size, w->now);
			answer(w, copy, size);
		} else if (qlink_session_wants(w->session, 0) == w->open) {
			return;
		}
	}
	must(false); /* it never rests */
}

static void take_events(struct world *w)
{
	const struct qlink_event *e;

	while ((e = qlink_session_next_event(w->session)) != NULL) {
		if (e->type != QLINK_EVENT_RESULT)
			continue;
		must(e->id == w->id && !w->ended);
		w->ended = true;
		torture_error(e->error);
	}
}

static void advance(struct world *w, uint64_t ms)
{
	uint64_t end = w->now + ms;

	settle(w);
	while (qlink_session_deadline(w->session) <= end) {
		w->now = qlink_session_deadline(w->session);
		qlink_session_tick(w->session, w->now);
		must(qlink_session_deadline(w->session) > w->now);
		settle(w);
	}
	w->now = end;
	qlink_session_tick(w->session, w->now);
	settle(w);
}

static void exchange(struct world *w, const struct exchange *e)
{
	int ret;

	w->answer = e->answer;
	w->ended = false;
	ret = qlink_session_request(w->session, &e->command, QLINK_PRIORITY_USER, w->now, &w->id);
	torture_error(ret);
	if (ret < 0)
		return;
	advance(w, MINUTE);
	take_events(w);
	must(w->ended);
}

static void watch(struct world *w)
{
	uint64_t load = qlink_cache_load_key(qlink_contractor(7));
	uint64_t leds = qlink_cache_key(CACHE_LEDS, 1, 2, 0, 0);

	torture_error(qlink_session_watch(w->session, load, true, w->now));
	torture_error(qlink_session_watch(w->session, leds, true, w->now));
	advance(w, MINUTE);
	say(w, "LO 1 1 1 1 100\rSW 1 2 3 1 182003\rsome text\rAON 3\r");
	advance(w, MINUTE);
	take_events(w);
}

static void scenario(void *userdata)
{
	static const struct cmn_log silent;
	struct world w = { .now = MINUTE };
	int ret = qlink_session_new(&w.session);

	(void)userdata;
	torture_error(ret);
	if (ret < 0)
		return;
	qlink_session_start(w.session, &config, &silent, 42, w.now);
	settle(&w);
	watch(&w);
	for (unsigned i = 0; i < REQUESTS; i++)
		exchange(&w, &exchanges[i]);
	qlink_session_stop(w.session, w.now);
	take_events(&w);
	qlink_session_free(w.session);
}

int main(void)
{
	return torture(scenario, NULL, 30);
}
