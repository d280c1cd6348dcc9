/* SPDX-License-Identifier: MIT */
/*
 * The session alone, time being a number, while memory runs out: what is too slow for the scenario
 * with sockets. Writes, shutters, stray and unknown messages, the end with a shutter on its way.
 */
#include <errno.h>
#include <string.h>

#include "message.h"
#include "session.h"
#include "torture.h"

#define REQUESTS 16
#define SHUTTERS 5
#define MINUTE   60000

struct world {
	struct session *session;
	uint64_t now;
	uint32_t open; /**< number of the open connection */
	struct cipher cipher;
	uint8_t values[IPCOM_MODULES][IPCOM_OUTPUTS];
	uint32_t ids[REQUESTS];
	bool ended[REQUESTS];
	unsigned made;
};

static void say(struct world *w, const void *plain, size_t size)
{
	uint8_t wire[MESSAGE_MAX_BYTES];

	ipcom_cipher_encode(&w->cipher, plain, wire, size);
	ipcom_session_receive(w->session, wire, size, w->now);
}

static void accept_login(struct world *w)
{
	uint8_t plain[MESSAGE_ACCEPT_BYTES] = { 1, 2, '3', '.', '1', '0' };

	say(w, plain, sizeof(plain));
	w->cipher.mode = CIPHER_SESSION;
}

static void answer(struct world *w, const uint8_t *wire, size_t size)
{
	uint8_t plain[MESSAGE_MAX_BYTES];
	uint8_t snapshot[MESSAGE_SNAPSHOT_BYTES] = { 5, 1 };

	ipcom_cipher_decode(&w->cipher, wire, plain, size);
	if (plain[0] == MESSAGE_CONNECT) {
		accept_login(w);
	} else if (plain[0] == MESSAGE_KEEPALIVE) {
		say(w, plain, 2);
	} else if (plain[0] == MESSAGE_OUTPUTS) {
		memcpy(snapshot + 2, w->values, sizeof(w->values));
		say(w, snapshot, sizeof(snapshot));
	} else if (plain[0] == MESSAGE_FRAME) {
		memcpy(w->values[plain[4] - 60], plain + 8, IPCOM_OUTPUTS);
		say(w, "\4\1\x23\0\x3c\2\1\1", 8);
	}
}

/* Connections are accepted and messages answered until nothing moves. */
static void settle(struct world *w)
{
	const uint8_t *data;
	size_t size;

	for (unsigned i = 0; i < 100; i++) {
		if (ipcom_session_wants(w->session) != w->open) {
			w->open = ipcom_session_wants(w->session);
			w->cipher = (struct cipher){ 0 };
			ipcom_session_opened(w->session, w->now);
		}
		size = ipcom_session_output(w->session, &data);
		if (size > 0) {
			uint8_t copy[MESSAGE_MAX_BYTES];

			must(size <= sizeof(copy));
			memcpy(copy, data, size);
			ipcom_session_sent(w->session, size, w->now);
			if (ipcom_session_wants(w->session) == w->open)
				answer(w, copy, size);
		} else if (ipcom_session_wants(w->session) == w->open) {
			return;
		}
	}
	must(false); /* it never rests */
}

static void advance(struct world *w, uint64_t ms)
{
	uint64_t end = w->now + ms;

	settle(w);
	while (ipcom_session_deadline(w->session) <= end) {
		if (ipcom_session_deadline(w->session) > w->now)
			w->now = ipcom_session_deadline(w->session);
		ipcom_session_tick(w->session, w->now);
		must(ipcom_session_deadline(w->session) > w->now);
		settle(w);
	}
	w->now = end;
	ipcom_session_tick(w->session, w->now);
	settle(w);
}

static void take_events(struct world *w)
{
	const struct ipcom_event *e;

	while ((e = ipcom_session_next_event(w->session)) != NULL) {
		unsigned i = 0;

		if (e->type != IPCOM_EVENT_RESULT)
			continue;
		while (i < w->made && w->ids[i] != e->id)
			i++;
		must(i < w->made && !w->ended[i]);
		w->ended[i] = true;
		/* What was on the line when memory ran out is lost with it, and a shutter at
		 * once. */
		if (e->error != -ECANCELED && !(e->error == -ECONNRESET && fault_failed()))
			torture_error(e->error);
	}
}

static bool made(struct world *w, int ret)
{
	torture_error(ret);
	w->made += ret == 0;
	return ret == 0;
}

static void move(struct world *w, enum ipcom_direction direction, uint64_t ms)
{
	must(w->made < REQUESTS);
	made(w, ipcom_session_move(w->session, 0, direction, w->now, &w->ids[w->made]));
	advance(w, ms);
	take_events(w);
}

static void lights(struct world *w)
{
	static const struct ipcom_setting settings[] = { { { 1, 1 }, 255 }, { { 4, 2 }, 40 } };
	const struct ipcom_output output = { 4, 2 };

	made(w, ipcom_session_set(w->session, settings, 2, w->now, &w->ids[w->made]));
	advance(w, 2000);
	if (made(w, ipcom_session_toggle(w->session, output, w->now, &w->ids[w->made])))
		made(w, ipcom_session_refresh(w->session, w->now, &w->ids[w->made]));
	advance(w, 2000);
	if (made(w, ipcom_session_refresh(w->session, w->now, &w->ids[w->made])))
		ipcom_session_cancel(w->session, w->ids[w->made - 1], w->now);
	take_events(w);
}

/* Changes by others, messages of its own, and a Disconnect. */
static void device(struct world *w)
{
	memset(w->values[8], 1, IPCOM_OUTPUTS);
	advance(w, 1000);
	say(w, "\3\1", 2);
	say(w, "\x77\1\2\3", 4);
	advance(w, 1000);
	say(w, "\2\1", 2);
	advance(w, MINUTE);
	take_events(w);
}

/* Many writes at once: the only time that the output grows. */
static void last_words(struct world *w)
{
	w->made = 0;
	memset(w->ended, 0, sizeof(w->ended));
	for (unsigned i = 1; i < SHUTTERS; i++)
		made(w, ipcom_session_move(w->session, i, IPCOM_OPEN, w->now, &w->ids[w->made]));
	move(w, IPCOM_OPEN, 2000);
	ipcom_session_stop(w->session, w->now);
	ipcom_session_farewell(w->session, w->now);
	ipcom_session_abort(w->session, w->now);
	take_events(w);
	for (unsigned i = 0; i < w->made; i++)
		must(w->ended[i]);
	must(ipcom_session_state(w->session) == IPCOM_STATE_IDLE);
}

static bool start(struct world *w)
{
	static const struct cmn_log silent;
	const struct session_config config = {
		.username = "demo",
		.password = "secret",
		.bus = 1,
		.address = { 60, 2 },
		.stop_shutters = true,
		.timeout_ms = 2 * MINUTE,
		.reply_timeout_ms = 6000,
		.poll_ms = 350,
		.keepalive_ms = 30000,
		.reconnect = { 1000, 1000, 0 },
		.history = 4,
	};
	int ret = ipcom_session_start(w->session, &config, &silent, 42, w->now);

	torture_error(ret);
	return ret == 0;
}

/* The first one over two modules. */
static void add_shutters(struct world *w)
{
	for (unsigned i = 0; i < SHUTTERS; i++) {
		struct ipcom_output up = { 2 + i, 1 };
		struct ipcom_output down = { i == 0 ? 9 : 2 + i, 2 };

		must(ipcom_session_add_shutter(w->session, up, down, 5000, 500, NULL) == 0);
	}
}

static void scenario(void *userdata)
{
	struct world w = { .now = MINUTE };
	int ret = ipcom_session_new(&w.session);

	(void)userdata;
	torture_error(ret);
	if (ret < 0)
		return;
	add_shutters(&w);
	if (start(&w)) {
		advance(&w, 100);
		lights(&w);
		move(&w, IPCOM_OPEN, 1500);
		move(&w, IPCOM_CLOSE, MINUTE);
		device(&w);
		advance(&w, 3 * MINUTE); /* all that waits has its time */
		take_events(&w);
		for (unsigned i = 0; i < w.made; i++)
			must(w.ended[i]);
		last_words(&w);
		if (start(&w))
			advance(&w, 1000);
	}
	ipcom_session_free(w.session);
}

int main(void)
{
	return torture(scenario, NULL, 30);
}
