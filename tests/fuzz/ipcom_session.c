/* SPDX-License-Identifier: MIT */
/*
 * A session against a random peer. An input is four bytes of settings and then steps: time, the
 * fate of the connection, bytes, answers, requests, events (see steps[]). Whatever happens, each
 * request ends in exactly one result and in its time, one request is in flight, no write has both
 * relays of a shutter on, and after a tick the next deadline lies in the future.
 */
#include <errno.h>
#include <string.h>

#include "ipcom_peer.h"

#define MAX_REQUESTS 4096
#define MAX_STEPS    5000
#define FLOOD        100
#define HEAP_MAX     ((size_t)4 * 1024 * 1024)

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
	static const unsigned times[] = { 1, 50, 350, 1000, 3000, 6000, 10000, 60000 };
	unsigned way = take_byte(in);
	unsigned speed = take_byte(in);
	unsigned timeout = take_byte(in);
	struct session_config *c = &w->config;

	strcpy(c->username, "demo");
	strcpy(c->password, "secret");
	c->bus = 1;
	c->address = ipcom_frame_address(1, IPCOM_BUS_MINIDO);
	c->kinds[0][0] = IPCOM_DIMMER;
	c->allow_clear = way % 2;
	c->force = w->peer.forced = way / 2 % 8 == 7;
	c->stop_shutters = way / 16 % 4 != 3;
	c->stop_when_refused = way / 64 % 2;
	c->adopted = way / 128 % 2;
	c->poll_ms = 50 + times[speed % 8];
	c->keepalive_ms = times[speed / 8 % 8] * (speed / 64 % 4 != 3);
	c->reply_timeout_ms = times[timeout % 8];
	c->timeout_ms = times[timeout / 8 % 8];
	c->reconnect = (struct cmn_backoff){ 1000, 30000, 10 };
	c->history = take_byte(in) % 4;
}

/* One within a module, one over two. */
static void add_shutters(struct world *w)
{
	static const struct ipcom_output ups[] = { { 1, 8 }, { 2, 2 } };
	static const struct ipcom_output downs[] = { { 1, 7 }, { 3, 2 } };

	for (unsigned i = 0; i < PEER_SHUTTERS; i++) {
		w->peer.up[i] = ups[i];
		w->peer.down[i] = downs[i];
		must(ipcom_session_add_shutter(w->session, ups[i], downs[i], 3000 * i, 300, NULL) ==
		     0);
	}
}

static void start(struct world *w)
{
	static const struct cmn_log silent;

	if (ipcom_session_state(w->session) != IPCOM_STATE_IDLE)
		return;
	must(ipcom_session_start(w->session, &w->config, &silent, 42, w->now) == 0);
	peer_look(&w->peer, w->now);
	if (w->config.adopted)
		peer_accept(&w->peer, w->now);
}

static void check_result(struct world *w, const struct ipcom_event *e)
{
	for (size_t i = 0; i < w->made; i++) {
		if (w->requests[i].id != e->id)
			continue;
		must(!w->requests[i].ended);
		must(!ipcom_session_pending(w->session, e->id));
		w->requests[i].ended = true;
		w->ended++;
		return;
	}
	must(false); /* nobody made this request */
}

static bool take_event(struct world *w)
{
	const struct ipcom_event *e = ipcom_session_next_event(w->session);

	if (e && e->type == IPCOM_EVENT_RESULT)
		check_result(w, e);
	return e != NULL;
}

static void take_events(struct world *w)
{
	size_t count = 0;

	while (take_event(w))
		count++;
	must(count <= IPCOM_MAX_EVENTS + MAX_REQUESTS + 1);
	must(!ipcom_session_has_event(w->session));
}

static void made(struct world *w, int ret, uint32_t id)
{
	if (ret < 0) {
		must(ret == -ENOTCONN || ret == -EPERM || ret == -EBUSY);
		return;
	}
	w->requests[w->made].id = id;
	w->requests[w->made].due = w->now + w->config.timeout_ms;
	w->made++;
	peer_look(&w->peer, w->now);
}

static void tick(struct world *w)
{
	ipcom_session_tick(w->session, w->now);
	peer_look(&w->peer, w->now);
	must(ipcom_session_deadline(w->session) > w->now);
	for (; w->overdue < w->made && w->requests[w->overdue].due <= w->now; w->overdue++)
		must(!ipcom_session_pending(w->session, w->requests[w->overdue].id));
}

static void step_deadline(struct world *w, struct input *in)
{
	uint64_t at = ipcom_session_deadline(w->session);

	(void)in;
	if (at == UINT64_MAX)
		return;
	if (at > w->now)
		w->now = at;
	tick(w);
}

static void step_time(struct world *w, struct input *in)
{
	w->now += 3 * take_byte(in);
	tick(w);
}

static void step_accept(struct world *w, struct input *in)
{
	(void)in;
	peer_accept(&w->peer, w->now);
}

static void step_fail(struct world *w, struct input *in)
{
	static const int errors[] = { 0, -ECONNRESET, -ECONNREFUSED, -ETIMEDOUT, -EHOSTUNREACH };

	peer_fail(&w->peer, errors[take_byte(in) % 5], w->now);
}

static void step_bytes(struct world *w, struct input *in)
{
	unsigned size = take_byte(in);

	peer_say(&w->peer, take_bytes(in, size), w->now);
}

static void step_plain(struct world *w, struct input *in)
{
	unsigned size = take_byte(in);

	peer_say_plain(&w->peer, take_bytes(in, size), w->now);
}

static void step_answer(struct world *w, struct input *in)
{
	peer_send(&w->peer, SIZE_MAX, w->now);
	peer_answer(&w->peer, take_byte(in), w->now);
}

/* As time goes by with a device that works: for when the rest needs a session that is ready. */
static void step_work(struct world *w, struct input *in)
{
	unsigned rounds = take_byte(in) % 32;

	for (unsigned i = 0; i <= rounds; i++) {
		peer_accept(&w->peer, w->now);
		peer_send(&w->peer, SIZE_MAX, w->now);
		if (w->peer.asked)
			peer_answer(&w->peer, 0, w->now);
		else
			step_deadline(w, in);
	}
}

static void step_flood(struct world *w, struct input *in)
{
	unsigned size = take_byte(in);
	struct input bytes = take_bytes(in, size);

	for (unsigned i = 0; i < FLOOD; i++)
		peer_say_plain(&w->peer, bytes, w->now);
}

static void step_send(struct world *w, struct input *in)
{
	peer_send(&w->peer, 1 + take_byte(in), w->now);
}

/* Three bits of module, so that requests meet; three of output. */
static struct ipcom_output take_output(struct input *in)
{
	unsigned byte = take_byte(in);

	return (struct ipcom_output){ 1 + byte / 8 % 4, 1 + byte % 8 };
}

static void step_set(struct world *w, struct input *in)
{
	struct ipcom_setting settings[8];
	unsigned count = 1 + take_byte(in) % 8;
	uint32_t id;
	int ret;

	for (unsigned i = 0; i < count; i++) {
		settings[i].output = take_output(in);
		settings[i].value = take_byte(in);
		for (unsigned n = 0; n < i; n++)
			if (memcmp(&settings[n].output, &settings[i].output,
				   sizeof(settings[n].output)) == 0)
				return; /* the public API refuses it */
	}
	if (w->made == MAX_REQUESTS)
		return;
	ret = ipcom_session_set(w->session, settings, count, w->now, &id);
	made(w, ret, id);
}

static void step_toggle(struct world *w, struct input *in)
{
	struct ipcom_output output = take_output(in);
	uint32_t id;
	int ret;

	if (w->made == MAX_REQUESTS)
		return;
	ret = ipcom_session_toggle(w->session, output, w->now, &id);
	made(w, ret, id);
}

static void step_move(struct world *w, struct input *in)
{
	unsigned what = take_byte(in);
	uint32_t id;
	int ret;

	if (w->made == MAX_REQUESTS)
		return;
	ret = ipcom_session_move(w->session, what % PEER_SHUTTERS,
				 (enum ipcom_direction)(what / PEER_SHUTTERS % 3), w->now, &id);
	made(w, ret, id);
}

static void step_refresh(struct world *w, struct input *in)
{
	unsigned count = take_byte(in);

	for (unsigned i = 0; i <= count / 4 && w->made < MAX_REQUESTS; i++) {
		uint32_t id;
		int ret = ipcom_session_refresh(w->session, w->now, &id);

		made(w, ret, id);
	}
}

static void step_cancel(struct world *w, struct input *in)
{
	unsigned back = take_byte(in);

	if (back >= w->made)
		return;
	ipcom_session_cancel(w->session, w->requests[w->made - 1 - back].id, w->now);
	must(!ipcom_session_pending(w->session, w->requests[w->made - 1 - back].id));
	peer_look(&w->peer, w->now);
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
	const struct ipcom_event *e;

	if (back >= w->made)
		return;
	e = ipcom_session_take_result(w->session, w->requests[w->made - 1 - back].id);
	if (e)
		check_result(w, e);
}

static void step_running(struct world *w, struct input *in)
{
	unsigned what = take_byte(in);

	if (what >= 224)
		ipcom_session_farewell(w->session, w->now);
	w->peer.closing = what >= 224;
	if (what >= 208)
		ipcom_session_abort(w->session, w->now);
	else if (what >= 128)
		ipcom_session_stop(w->session, w->now);
	peer_look(&w->peer, w->now);
	if (what % 2)
		start(w);
}

/* The step is the remainder of its byte. */
static void (*const steps[])(struct world *w, struct input *in) = {
	step_deadline, step_time,   step_accept, step_fail,   step_bytes,  step_plain,
	step_answer,   step_work,   step_send,   step_set,    step_toggle, step_move,
	step_refresh,  step_cancel, step_events, step_result, step_flood,  step_running,
};

static void finish(struct world *w, size_t heap)
{
	ipcom_session_abort(w->session, w->now);
	must(ipcom_session_state(w->session) == IPCOM_STATE_IDLE);
	must(ipcom_session_deadline(w->session) == UINT64_MAX);
	must(ipcom_session_wants(w->session) == 0);
	take_events(w);
	must(w->ended == w->made);
	if (heap > 0)
		must(__sanitizer_get_current_allocated_bytes() - heap < HEAP_MAX);
	ipcom_session_free(w->session);
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
	must(ipcom_session_new(&w.session) == 0);
	w.peer.session = w.session;
	configure(&w, &in);
	add_shutters(&w);
	start(&w);
	for (unsigned i = 0; in.size > 0 && i < MAX_STEPS; i++)
		steps[take_byte(&in) % (sizeof(steps) / sizeof(steps[0]))](&w, &in);
	finish(&w, heap);
	return 0;
}
