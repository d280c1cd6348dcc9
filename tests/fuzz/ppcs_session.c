/* SPDX-License-Identifier: MIT */
/*
 * A core against a random network. An input is settings and then steps: time, the fate of sockets,
 * datagrams, data, calls (see steps[]). Whatever happens, each race and each search has one result,
 * nobody wins without having been heard, nothing goes to a host that nobody named, states that are
 * final stay, after a tick the next deadline lies in the future, and a stop is over after 50 ms.
 */
#include <errno.h>
#include <string.h>

#include "ppcs_peer.h"

#define MAX_STEPS   5000
#define STOP_MS     50
#define HEAP_MAX    ((size_t)8 * 1024 * 1024)
#define MAX_SOCKETS 400

/* Of the sanitizer, where there is one. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

struct world {
	struct session *session;
	struct peer peer;
	uint64_t now;
	unsigned begun, results, connects, closes; /**< races and searches */
	unsigned standing;
	size_t written; /**< to the device, in this session */
	bool searching;
	enum ppcs_racer_state states[PPCS_MODES];
};

/* Somebody who was not heard has not won. */
static void check_winner(const struct world *w, const struct ppcs_report *r)
{
	const struct peer_socket *s = peer_at(&w->peer, r->local.port);

	must(r->error == 0 && r->winner && r->uid && r->key);
	must(r->racers[r->mode].state == PPCS_SUCCESS);
	if (!s) /* it may have ended since, or been taken */
		return;
	must(s->ready);
	must(s->verified || w->peer.config.until == PPCS_LEVEL_PATH);
}

static void check_result(struct world *w, const struct ppcs_event *e)
{
	w->results++;
	must(w->results == w->begun);
	if (!e->report) {
		must(w->searching);
		return;
	}
	must(e->report->success == (e->report->verdict == PPCS_VERDICT_CONNECTED));
	must(e->report->success == (e->error == 0) && e->error == e->report->error);
	must(e->report->text && *e->report->text);
	must(e->report->success == (w->connects == 1));
	for (unsigned i = 0; i < PPCS_MODES; i++) {
		must(e->report->racers[i].state != PPCS_RUNNING);
		must(e->report->racers[i].state != PPCS_PENDING);
	}
	if (e->report->success)
		check_winner(w, e->report);
}

static bool take_event(struct world *w)
{
	const struct ppcs_event *e = ppcs_session_next_event(w->session);

	if (!e)
		return false;
	must(e->time_ms > 0 && e->time_ms <= w->now);
	if (e->type == PPCS_EVENT_RESULT)
		check_result(w, e);
	if (e->type == PPCS_EVENT_CONNECTED)
		must(++w->connects == 1);
	if (e->type == PPCS_EVENT_CLOSED)
		must(++w->closes == 1 && w->connects == 1 && e->unsent <= w->written);
	if (e->type == PPCS_EVENT_DATA)
		must(e->channel < PACKET_CHANNELS && e->size > 0 &&
		     e->size <= 2 * PPCS_MAX_WAITING);
	return true;
}

static void take_events(struct world *w)
{
	size_t count = 0;

	while (take_event(w))
		count++;
	must(count <= PPCS_MAX_EVENTS + 8);
	must(!ppcs_session_has_event(w->session));
}

static bool is_final(enum ppcs_racer_state state)
{
	return state == PPCS_SUCCESS || state == PPCS_FAILED || state == PPCS_CANCELLED;
}

static void check_report(struct world *w)
{
	const struct ppcs_report *r = ppcs_session_report(w->session, w->now);

	for (unsigned i = 0; i < PPCS_MODES; i++) {
		const struct ppcs_racer *racer = &r->racers[i];

		must(racer->attempt_count <= PPCS_MAX_ATTEMPTS);
		must(!is_final(w->states[i]) || racer->state == w->states[i]);
		w->states[i] = racer->state;
		for (size_t k = 0; k < racer->attempt_count; k++) {
			const struct ppcs_attempt *a = &racer->attempts[k];

			must(is_final(a->state) || racer->state == PPCS_RUNNING);
			must(!is_final(a->state) ||
			     (a->error == NULL) == (a->state == PPCS_SUCCESS));
		}
	}
}

/* With what came at the same time done, nothing may be due at once but what that brings. */
static void tick(struct world *w)
{
	ppcs_session_tick(w->session, w->now);
	must(ppcs_session_deadline(w->session) > w->now);
	peer_look(&w->peer, w->now);
	must(w->peer.count <= MAX_SOCKETS);
	check_report(w);
}

/* A batch is over before time goes on. */
static void step_deadline(struct world *w, struct input *in)
{
	uint64_t at;

	(void)in;
	tick(w);
	at = ppcs_session_deadline(w->session);
	if (at == UINT64_MAX)
		return;
	w->standing = at > w->now ? 0 : w->standing + 1;
	must(w->standing < 200);
	if (at > w->now)
		w->now = at;
	tick(w);
}

static void step_time(struct world *w, struct input *in)
{
	tick(w);
	w->now += 5 * take_byte(in);
	tick(w);
}

static void step_open(struct world *w, struct input *in)
{
	(void)in;
	peer_open(&w->peer, SIZE_MAX / 2, 0, w->now);
}

static void step_open_some(struct world *w, struct input *in)
{
	unsigned what = take_byte(in);

	peer_open(&w->peer, 1 + what % 4, what / 4 % 4 == 3 ? -EMFILE : 0, w->now);
}

static void step_say(struct world *w, struct input *in)
{
	peer_say(&w->peer, in, w->now);
}

static void step_raw(struct world *w, struct input *in)
{
	peer_say_raw(&w->peer, in, w->now);
}

static void step_answer(struct world *w, struct input *in)
{
	peer_send(&w->peer, SIZE_MAX, w->now);
	peer_answer(&w->peer, take_byte(in), w->now);
}

static void step_send(struct world *w, struct input *in)
{
	peer_send(&w->peer, 1 + take_byte(in), w->now);
}

static void step_unreachable(struct world *w, struct input *in)
{
	peer_unreachable(&w->peer, in, w->now);
}

static void step_fail(struct world *w, struct input *in)
{
	peer_fail(&w->peer, in, w->now);
}

/* As time goes by with hosts that work: for when the rest needs a session. */
static void step_work(struct world *w, struct input *in)
{
	unsigned rounds = take_byte(in) % 32;

	for (unsigned i = 0; i <= rounds; i++) {
		peer_open(&w->peer, SIZE_MAX / 2, 0, w->now);
		peer_send(&w->peer, SIZE_MAX, w->now);
		if (w->peer.asked_count > 0)
			peer_answer(&w->peer, 0, w->now);
		else
			step_deadline(w, in);
	}
}

static void begin(struct world *w, bool search)
{
	take_events(w);
	must(w->results == w->begun);
	w->begun++;
	w->connects = 0;
	w->closes = 0;
	w->written = 0;
	w->searching = search;
	w->peer.asked_count = 0;
	memset(w->states, 0, sizeof(w->states));
}

static void step_race(struct world *w, struct input *in)
{
	struct session_config c = peer_configure(&w->peer, in);

	if (ppcs_session_state(w->session) != PPCS_STATE_IDLE)
		return;
	begin(w, false);
	w->peer.config = c;
	must(ppcs_session_race(w->session, &c, take_byte(in), w->now) == 0);
	peer_look(&w->peer, w->now);
	check_report(w);
}

static void step_search(struct world *w, struct input *in)
{
	struct session_config c = peer_configure(&w->peer, in);

	if (ppcs_session_state(w->session) != PPCS_STATE_IDLE)
		return;
	begin(w, true);
	c.broadcast = true;
	w->peer.config = c;
	must(ppcs_session_search(w->session, &c, 1 + 10 * take_byte(in), 1, w->now) == 0);
	peer_look(&w->peer, w->now);
}

/* Over after 50 ms, with one result and no socket left. */
static void step_stop(struct world *w, struct input *in)
{
	uint64_t until = w->now + STOP_MS;

	(void)in;
	ppcs_session_stop(w->session, w->now);
	peer_look(&w->peer, w->now);
	while (ppcs_session_state(w->session) != PPCS_STATE_IDLE) {
		must(ppcs_session_deadline(w->session) <= until);
		step_deadline(w, in);
	}
	must(w->peer.count == 0 && ppcs_session_deadline(w->session) == UINT64_MAX);
	take_events(w);
	must(w->results == w->begun);
}

static void step_take(struct world *w, struct input *in)
{
	struct ppcs_address local, peer;
	uint32_t id;

	(void)in;
	if (ppcs_session_state(w->session) != PPCS_STATE_CONNECTED)
		return;
	peer_send(&w->peer, SIZE_MAX, w->now);
	id = ppcs_session_take(w->session, &local, &peer);
	if (id == 0)
		return;
	must(peer_at(&w->peer, local.port) && peer_at(&w->peer, local.port)->id == id);
	w->peer.taken = id;
	peer_look(&w->peer, w->now);
	must(ppcs_session_state(w->session) == PPCS_STATE_IDLE);
}

static void step_events(struct world *w, struct input *in)
{
	unsigned count = take_byte(in);

	if (count == 0)
		take_events(w);
	while (count-- > 0 && take_event(w))
		;
}

static void step_statistics(struct world *w, struct input *in)
{
	struct ppcs_path_statistics st = { .mode = (enum ppcs_mode)(take_byte(in) % PPCS_MODES) };

	st.port = (uint16_t)(take_byte(in) % 2 ? 40611 : 0);
	st.weight = 4 * take_byte(in) % 1001;
	st.failures = take_byte(in);
	st.srtt_ms = take_byte(in);
	st.rttvar_ms = take_byte(in);
	st.rest_ms = st.failures % 2 * 235 * st.rttvar_ms;
	must(ppcs_session_set_path_statistics(w->session, &st, w->now) == 0);
	must(ppcs_session_path_statistics(w->session, 0, w->now, &st) == 0);
}

static void step_write(struct world *w, struct input *in)
{
	static const uint8_t data[4096];
	unsigned channel = take_byte(in) % PACKET_CHANNELS;
	size_t size = 1 + take_word(in) % sizeof(data), unsent = 0;
	int ret = ppcs_session_send(w->session, channel, data, size);

	must(ret == -ENOTCONN || ret == -EAGAIN || (ret > 0 && (size_t)ret <= size));
	must(ret != -ENOTCONN || ppcs_session_state(w->session) != PPCS_STATE_CONNECTED);
	w->written += ret > 0 ? (size_t)ret : 0;
	for (unsigned i = 0; i < PACKET_CHANNELS; i++)
		unsent += ppcs_session_unsent(w->session, i);
	must(unsent <= w->written);
}

/* Device keys are nobody's business ("sesame"). */
static void read_log(void *userdata, int level, const char *text)
{
	(void)userdata;
	must(level >= CMN_LOG_ERROR && level <= CMN_LOG_WIRE);
	must(*text != '>' || !strstr(text, "736573616d65"));
}

/* The step is the remainder of its byte. */
static void (*const steps[])(struct world *w, struct input *in) = {
	step_deadline, step_time, step_open,        step_open_some, step_say,        step_raw,
	step_answer,   step_send, step_unreachable, step_fail,      step_work,       step_race,
	step_search,   step_stop, step_take,        step_events,    step_statistics, step_write,
};

static void finish(struct world *w, size_t heap)
{
	ppcs_session_abort(w->session, w->now);
	peer_look(&w->peer, w->now);
	must(ppcs_session_state(w->session) == PPCS_STATE_IDLE);
	must(ppcs_session_deadline(w->session) == UINT64_MAX);
	must(w->peer.count == 0);
	take_events(w);
	must(w->results == w->begun);
	if (heap > 0)
		must(__sanitizer_get_current_allocated_bytes() - heap < HEAP_MAX);
	ppcs_session_free(w->session);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct cmn_log log = { .fn = read_log, .level = CMN_LOG_WIRE };
	static struct world w;
	struct input in = { data, size };
	size_t heap = __sanitizer_get_current_allocated_bytes ?
			      __sanitizer_get_current_allocated_bytes() :
			      0;

	memset(&w, 0, sizeof(w));
	w.now = 1000000;
	must(ppcs_session_new(&w.session) == 0);
	ppcs_session_set_log(w.session, &log);
	peer_init(&w.peer, w.session);
	step_race(&w, &in);
	for (unsigned i = 0; in.size > 0 && i < MAX_STEPS; i++)
		steps[take_byte(&in) % (sizeof(steps) / sizeof(steps[0]))](&w, &in);
	finish(&w, heap);
	return 0;
}
