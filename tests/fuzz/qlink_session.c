/* SPDX-License-Identifier: MIT */
/*
 * A session against a random peer. An input is five bytes of settings and then steps: time, the
 * fate of connections, bytes in both directions, requests, events (see steps[]). Whatever happens,
 * each request ends in exactly one result and in its time, a connection has one command
 * outstanding, there are no more connections than allowed, and after a tick the next deadline lies
 * in the future.
 */
#include <errno.h>
#include <string.h>

#include "address.h"
#include "cache.h"
#include "qlink_peer.h"
#include "qlink_words.h"

#define MAX_REQUESTS 8192
#define MAX_STEPS    20000
#define FLOOD        300
#define HEAP_MAX     ((size_t)64 * 1024 * 1024)

/* Of the sanitizer, where there is one. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

struct world {
	struct session *session;
	struct session_config config;
	struct peer peer;
	uint64_t now;
	size_t made;
	size_t ended;
	size_t overdue; /**< requests before this one had their time */
	struct {
		uint32_t id;
		uint64_t due;
		bool ended;
	} requests[MAX_REQUESTS];
};

static void configure(struct world *w, struct input *in)
{
	static const unsigned times[] = { 0, 1, 50, 1000, 3000, 10000, 60000 };
	unsigned way = take_byte(in);
	unsigned connections = take_byte(in);
	unsigned speed = take_byte(in);
	struct session_config *c = &w->config;

	c->mode = way % 3;
	c->style = way / 3 % 3;
	c->crlf = way / 9 % 2;
	c->auto_watch = way / 18 % 2;
	c->adopted = way / 36 % 4 == 3;
	if (c->adopted && c->mode == QLINK_MODE_SPLIT)
		c->mode = QLINK_MODE_SHARED;
	c->connections = 1 + connections % QLINK_MAX_CONNECTIONS;
	c->monitoring = connections / QLINK_MAX_CONNECTIONS;
	c->gap_ms = times[speed % 3];
	c->idle_ms = times[speed / 3 % 7];
	c->probe_ms = times[speed / 21 % 7];
	c->reply_timeout_ms = times[1 + take_byte(in) % 6];
	c->timeout_ms = times[1 + take_byte(in) % 6];
	c->reconnect = (struct cmn_backoff){ 1000, 60000, 25 };
	w->peer.limit = c->mode == QLINK_MODE_SPLIT ? c->connections : 1;
}

static void start(struct world *w)
{
	static const struct cmn_log silent;

	if (qlink_session_running(w->session))
		return;
	qlink_session_start(w->session, &w->config, &silent, 42, w->now);
	peer_look(&w->peer);
	if (w->config.adopted)
		peer_accept(&w->peer, 0, w->now);
}

static void stop(struct world *w)
{
	qlink_session_stop(w->session, w->now);
	must(!qlink_session_running(w->session));
	must(qlink_session_deadline(w->session) == UINT64_MAX);
	peer_look(&w->peer);
}

static void check_result(struct world *w, const struct qlink_event *e)
{
	for (size_t i = 0; i < w->made; i++) {
		if (w->requests[i].id != e->id)
			continue;
		must(!w->requests[i].ended);
		must(!qlink_session_pending(w->session, e->id));
		w->requests[i].ended = true;
		w->ended++;
		return;
	}
	must(false); /* nobody made this request */
}

static bool take_event(struct world *w)
{
	const struct qlink_event *e = qlink_session_next_event(w->session);

	if (e && e->type == QLINK_EVENT_RESULT)
		check_result(w, e);
	return e != NULL;
}

static void take_events(struct world *w)
{
	size_t count = 0;

	while (take_event(w))
		count++;
	must(count <= QLINK_MAX_EVENTS + QLINK_MAX_REQUESTS + 1);
	must(!qlink_session_has_event(w->session));
}

static void request(struct world *w, const struct command *c, enum qlink_priority priority)
{
	uint32_t id;
	int ret;

	if (w->made == MAX_REQUESTS)
		return;
	ret = qlink_session_request(w->session, c, priority, w->now, &id);
	if (ret < 0) {
		must(ret == -ENOTCONN || ret == -EPERM || ret == -EBUSY);
		return;
	}
	w->requests[w->made].id = id;
	w->requests[w->made].due = w->now + w->config.timeout_ms;
	w->made++;
	peer_look(&w->peer);
}

static void tick(struct world *w)
{
	qlink_session_tick(w->session, w->now);
	must(qlink_session_deadline(w->session) > w->now);
	peer_look(&w->peer);
	for (; w->overdue < w->made && w->requests[w->overdue].due <= w->now; w->overdue++)
		must(!qlink_session_pending(w->session, w->requests[w->overdue].id));
}

static void step_deadline(struct world *w, struct input *in)
{
	uint64_t at = qlink_session_deadline(w->session);

	(void)in;
	if (at == UINT64_MAX)
		return;
	if (at > w->now)
		w->now = at;
	tick(w);
}

static void step_time(struct world *w, struct input *in)
{
	w->now += (uint64_t)7 * take_byte(in);
	tick(w);
}

static void step_accept(struct world *w, struct input *in)
{
	peer_accept(&w->peer, take_byte(in) % QLINK_MAX_CONNECTIONS, w->now);
}

static void step_fail(struct world *w, struct input *in)
{
	static const int errors[] = { 0,          -ECONNRESET,   -ECONNREFUSED,
				      -ETIMEDOUT, -EHOSTUNREACH, -ENOMEM };
	unsigned how = take_byte(in);

	peer_fail(&w->peer, how % QLINK_MAX_CONNECTIONS, errors[how / QLINK_MAX_CONNECTIONS % 6],
		  w->now);
}

static void step_bytes(struct world *w, struct input *in)
{
	unsigned slot = take_byte(in) % QLINK_MAX_CONNECTIONS;
	unsigned size = take_byte(in);

	peer_say(&w->peer, slot, take_bytes(in, size), w->now);
}

static void step_flood(struct world *w, struct input *in)
{
	unsigned slot = take_byte(in) % QLINK_MAX_CONNECTIONS;
	unsigned size = take_byte(in);
	struct input bytes = take_bytes(in, size);

	for (unsigned i = 0; i < FLOOD; i++)
		peer_say(&w->peer, slot, bytes, w->now);
}

static void step_answer(struct world *w, struct input *in)
{
	unsigned slot = take_byte(in) % QLINK_MAX_CONNECTIONS;

	peer_send(&w->peer, slot, SIZE_MAX, w->now);
	peer_answer(&w->peer, slot, take_byte(in), w->now);
}

static void step_send(struct world *w, struct input *in)
{
	unsigned slot = take_byte(in) % QLINK_MAX_CONNECTIONS;

	peer_send(&w->peer, slot, 1 + take_byte(in), w->now);
}

static void step_request(struct world *w, struct input *in)
{
	struct words words;

	if (read_words(take_line(in), &words))
		request(w, &words.command, QLINK_PRIORITY_USER);
}

static void step_poll(struct world *w, struct input *in)
{
	unsigned count = take_byte(in);
	struct words words;

	if (read_words(take_line(in), &words))
		for (unsigned i = 0; i < 1 + count / 8; i++)
			request(w, &words.command, QLINK_PRIORITY_POLL);
}

static void step_cancel(struct world *w, struct input *in)
{
	unsigned back = take_byte(in);

	if (back >= w->made)
		return;
	peer_excuse(&w->peer);
	qlink_session_cancel(w->session, w->requests[w->made - 1 - back].id, w->now);
	must(!qlink_session_pending(w->session, w->requests[w->made - 1 - back].id));
	peer_look(&w->peer);
}

static void step_events(struct world *w, struct input *in)
{
	unsigned count = take_byte(in);

	if (count == 0)
		take_events(w);
	while (count-- > 0 && take_event(w))
		;
}

static void step_result(struct world *w, struct input *in)
{
	unsigned back = take_byte(in);
	const struct qlink_event *e;

	if (back >= w->made)
		return;
	e = qlink_session_take_result(w->session, w->requests[w->made - 1 - back].id);
	if (e)
		check_result(w, e);
}

static void step_watch(struct world *w, struct input *in)
{
	unsigned what = take_byte(in);
	unsigned number = 1 + take_byte(in) % 16;
	uint64_t key = qlink_cache_load_key(qlink_contractor(number));

	if (what % 4 == 1)
		key = qlink_cache_key(CACHE_LEDS, 1, number, 0, 0);
	else if (what % 4 == 2)
		key = qlink_cache_key(CACHE_SWITCHES, 1, number, 0, 0);
	else if (what % 4 == 3)
		key = qlink_cache_load_key(qlink_module_load(1, 1, 1, 1 + number % 8));
	must(qlink_session_watch(w->session, key, what < 192, w->now) == 0);
	peer_look(&w->peer);
}

static void step_running(struct world *w, struct input *in)
{
	unsigned what = take_byte(in);

	qlink_session_allow_program(w->session, what % 2 == 1);
	if (qlink_session_running(w->session) && what >= 192)
		stop(w);
	else
		start(w);
}

/* The step is the remainder of its byte. */
static void (*const steps[])(struct world *w, struct input *in) = {
	step_deadline, step_time,   step_accept,  step_fail,    step_bytes,
	step_answer,   step_send,   step_request, step_poll,    step_cancel,
	step_events,   step_result, step_watch,   step_running, step_flood,
};

static void finish(struct world *w, size_t heap)
{
	stop(w);
	take_events(w);
	must(w->ended == w->made);
	if (heap > 0)
		must(__sanitizer_get_current_allocated_bytes() - heap < HEAP_MAX);
	qlink_session_free(w->session);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;
	struct input in = { data, size };
	size_t heap = __sanitizer_get_current_allocated_bytes ?
			      __sanitizer_get_current_allocated_bytes() :
			      0;

	memset(&w, 0, sizeof(w));
	w.now = 1000000;
	must(qlink_session_new(&w.session) == 0);
	w.peer.session = w.session;
	configure(&w, &in);
	start(&w);
	for (unsigned i = 0; in.size > 0 && i < MAX_STEPS; i++)
		steps[take_byte(&in) % (sizeof(steps) / sizeof(steps[0]))](&w, &in);
	finish(&w, heap);
	return 0;
}
