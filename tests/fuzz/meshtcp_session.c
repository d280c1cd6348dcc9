/* SPDX-License-Identifier: MIT */
/*
 * A session against a random node. An input is four bytes of settings and then steps: time, the
 * fate of the connection, bytes, messages, answers, requests, events (see steps[]). Whatever
 * happens, each request ends in exactly one result and in its time, each frame is sound and none is
 * sent in the middle of a download, memory is bounded, and after a tick the next deadline lies in
 * the future.
 */
#include <errno.h>
#include <string.h>

#include "meshtcp_peer.h"
#include "queue.h"

#define MAX_REQUESTS 4096
#define MAX_STEPS    5000
#define FLOOD        100
#define HEAP_MAX     ((size_t)16 * 1024 * 1024)

/* Of the sanitizer, where there is one. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

struct world {
	struct session *session;
	struct session_config config;
	struct peer peer;
	uint64_t now;
	unsigned timeout_ms;
	size_t made, ended;
	struct {
		uint32_t id, owner;
		uint64_t due;
		bool ended;
	} requests[MAX_REQUESTS];
};

static void configure(struct world *w, struct input *in)
{
	static const unsigned times[] = { 10, 100, 1000, 5000, 25000, 30000, 60000, 300000 };
	unsigned way = take_byte(in);
	unsigned health = take_byte(in);
	unsigned beat = take_byte(in);
	struct session_config *c = &w->config;

	c->download = (enum meshtcp_download)(way % 3);
	c->adopted = way / 64 == 3;
	c->check_ms = times[health % 8] * (health / 64 != 3);
	c->silent_ms = times[health / 8 % 8];
	c->heartbeat_ms = times[beat % 8] * (beat / 64 != 3);
	c->reconnect = (struct cmn_backoff){ 1000, 60000, 20 };
	w->timeout_ms = times[take_byte(in) % 8];
}

static void start(struct world *w)
{
	if (meshtcp_session_state(w->session) != MESHTCP_STATE_IDLE &&
	    meshtcp_session_state(w->session) != MESHTCP_STATE_CLOSING)
		return;
	/* Another seed each time, so that no id comes twice. */
	must(meshtcp_session_start(w->session, &w->config, 42 + w->made, w->now) == 0);
	peer_look(&w->peer);
}

static void check_result(struct world *w, const struct node *node)
{
	const struct meshtcp_event *e = &node->event;

	must(e->error != 0 || e->send_state != MESHTCP_SEND_FAILED);
	for (size_t i = 0; i < w->made; i++) {
		if (w->requests[i].id != e->id || w->requests[i].ended)
			continue;
		must(!meshtcp_session_pending(w->session, e->id));
		must(node->owner == w->requests[i].owner);
		w->requests[i].ended = true;
		w->ended++;
		return;
	}
	must(false); /* nobody made this request, or it has ended before */
}

static bool take_event(struct world *w)
{
	struct node *node = meshtcp_session_pop_event(w->session);

	if (node && node->event.type == MESHTCP_EVENT_RESULT)
		check_result(w, node);
	free(node);
	return node != NULL;
}

static void take_events(struct world *w)
{
	size_t count = 0;

	while (take_event(w))
		count++;
	must(count <= MESHTCP_MAX_EVENTS + MAX_REQUESTS + 1);
}

static void tick(struct world *w)
{
	meshtcp_session_tick(w->session, w->now);
	peer_look(&w->peer);
	must(meshtcp_session_deadline(w->session) > w->now);
	for (size_t i = 0; i < w->made; i++)
		if (!w->requests[i].ended && w->requests[i].due <= w->now)
			must(!meshtcp_session_pending(w->session, w->requests[i].id));
}

static void step_deadline(struct world *w, struct input *in)
{
	uint64_t at = meshtcp_session_deadline(w->session);

	(void)in;
	if (at == UINT64_MAX)
		return;
	if (at > w->now)
		w->now = at;
	tick(w);
}

static void step_time(struct world *w, struct input *in)
{
	unsigned byte = take_byte(in);

	w->now += byte < 128 ? byte : 100 * (byte - 127);
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

static void step_message(struct world *w, struct input *in)
{
	unsigned member = 1 + take_byte(in) % 20;
	unsigned size = take_byte(in);

	peer_say_message(&w->peer, member, take_bytes(in, size), w->now);
}

static void step_download(struct world *w, struct input *in)
{
	peer_send(&w->peer, SIZE_MAX, w->now);
	peer_download(&w->peer, take_byte(in), w->now);
}

static void step_answer(struct world *w, struct input *in)
{
	unsigned way = take_byte(in);
	unsigned size = way % 4 == 2 ? take_byte(in) % 64 : 0;

	peer_send(&w->peer, SIZE_MAX, w->now);
	peer_answer(&w->peer, way, take_bytes(in, size), w->now);
}

/* As time goes by with a node that works: for when the rest needs a session that is ready. */
static void step_work(struct world *w, struct input *in)
{
	unsigned rounds = take_byte(in) % 16;

	for (unsigned i = 0; i <= rounds; i++) {
		peer_accept(&w->peer, w->now);
		peer_send(&w->peer, SIZE_MAX, w->now);
		if (w->peer.nonce != 0)
			peer_download(&w->peer, 8, w->now);
		else if (w->peer.id != 0 && !w->peer.taken)
			peer_answer(&w->peer, 4, (struct input){ NULL, 0 }, w->now);
		else
			step_deadline(w, in);
	}
}

static void step_send(struct world *w, struct input *in)
{
	peer_send(&w->peer, 1 + take_byte(in), w->now);
}

static void step_flood(struct world *w, struct input *in)
{
	unsigned size = take_byte(in);
	struct input bytes = take_bytes(in, size);

	for (unsigned i = 0; i < FLOOD; i++)
		peer_say(&w->peer, bytes, w->now);
}

static void request(struct world *w, struct order *order)
{
	uint32_t id = 0;
	int ret;

	if (w->made == MAX_REQUESTS)
		return;
	order->timeout_ms = w->timeout_ms;
	ret = meshtcp_session_request(w->session, order, w->now, &id);
	peer_look(&w->peer);
	if (ret < 0) {
		must(ret == -ENOTCONN || ret == -EBUSY || ret == -EMSGSIZE);
		return;
	}
	w->requests[w->made].id = id;
	w->requests[w->made].owner = order->owner;
	w->requests[w->made].due = w->now + w->timeout_ms;
	w->made++;
}

static void step_packet(struct world *w, struct input *in)
{
	static const unsigned ports[] = { 1, 3, 8, 11, 67, 70, 256, 511 };
	static const uint32_t targets[] = { PEER_BOB, MESHTCP_BROADCAST, MESHTCP_LOCAL, PEER_US };
	unsigned what = take_byte(in);
	unsigned how = take_byte(in);
	struct input payload = take_bytes(in, what >= 192 ? 234 : how / 32 % 4);
	struct order order = {
		.message = { .to = targets[how % 4],
			     .channel = how % 8,
			     .port = ports[what % 8],
			     .payload = payload.data,
			     .size = payload.size,
			     .want_ack = what / 8 % 2,
			     .want_response = what / 16 % 2,
			     .hop_limit = (int)(how / 4 % 9) - 1 },
		.expect_answer = what / 16 % 2,
		.owner = 1 + what / 32 % 2,
	};

	request(w, &order);
}

static void step_admin(struct world *w, struct input *in)
{
	unsigned what = take_byte(in);
	struct input payload = take_bytes(in, what / 16 % 4 == 3 ? 225 : 2);
	struct order order = {
		.message = { .port = MESHTCP_PORT_ADMIN,
			     .payload = payload.data,
			     .size = payload.size,
			     .want_ack = what % 2 == 0,
			     .want_response = what % 2 },
		.admin = true,
		.admin_node = what / 2 % 2 ? PEER_BOB : MESHTCP_LOCAL,
		.admin_write = what % 2 == 0,
		.expect_answer = what % 2,
		.answer = what % 2 ? 2 * (1 + what / 4 % 4) : 0,
		.forget_node = what == 0,
		.node = PEER_BOB,
		.restarts = what / 4 % 2,
		.owner = 1,
	};

	order.message.to = order.admin_node;
	request(w, &order);
}

static void step_cancel(struct world *w, struct input *in)
{
	unsigned back = take_byte(in);
	size_t i = w->made - 1 - back;

	if (back >= w->made) {
		meshtcp_session_cancel_owner(w->session, 1 + back % 2, w->now);
		return;
	}
	meshtcp_session_cancel(w->session, w->requests[i].id, w->requests[i].owner, w->now);
	must(!meshtcp_session_pending(w->session, w->requests[i].id));
}

static void step_want(struct world *w, struct input *in)
{
	meshtcp_session_want(w->session, (enum meshtcp_download)(take_byte(in) % 3), w->now);
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

/* What the public functions look at. */
static void step_values(struct world *w, struct input *in)
{
	unsigned what = take_byte(in);
	const struct meshtcp_nodes *nodes = meshtcp_session_nodes(w->session);
	struct meshtcp_statistics statistics;
	struct meshtcp_info info;
	uint8_t data[64];

	must(nodes && nodes->count <= MESHTCP_MAX_NODES);
	for (size_t i = 1; i < nodes->count; i++)
		must(nodes->node[i - 1].num < nodes->node[i].num);
	meshtcp_nodes_free(nodes);
	meshtcp_session_statistics(w->session, &statistics);
	meshtcp_session_info(w->session, &info);
	meshtcp_session_section(w->session, what % 2 ? MESHTCP_MODULE : MESHTCP_CONFIG, what / 2,
				data, sizeof(data));
}

static void step_running(struct world *w, struct input *in)
{
	unsigned what = take_byte(in);

	if (what >= 208)
		meshtcp_session_abort(w->session, w->now);
	else if (what >= 128)
		meshtcp_session_stop(w->session, w->now);
	peer_look(&w->peer);
	if (what % 2)
		start(w);
}

/* The step is the remainder of its byte. */
static void (*const steps[])(struct world *w, struct input *in) = {
	step_deadline, step_time,   step_accept, step_fail,  step_bytes,  step_message,
	step_download, step_answer, step_work,   step_send,  step_packet, step_admin,
	step_cancel,   step_want,   step_events, step_flood, step_values, step_running,
};

/* Stopped, it comes to rest by itself, whatever the node does not do. */
static void finish(struct world *w, size_t heap)
{
	meshtcp_session_stop(w->session, w->now);
	peer_look(&w->peer);
	w->now += 10000;
	meshtcp_session_tick(w->session, w->now);
	must(meshtcp_session_state(w->session) == MESHTCP_STATE_IDLE);
	must(meshtcp_session_deadline(w->session) == UINT64_MAX);
	must(meshtcp_session_wants(w->session) == 0);
	if (heap > 0)
		must(__sanitizer_get_current_allocated_bytes() - heap < HEAP_MAX);
	take_events(w);
	must(w->ended == w->made);
	meshtcp_session_free(w->session);
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
	must(meshtcp_session_new(&w.session) == 0);
	w.peer.session = w.session;
	configure(&w, &in);
	start(&w);
	for (unsigned i = 0; in.size > 0 && i < MAX_STEPS; i++)
		steps[take_byte(&in) % (sizeof(steps) / sizeof(steps[0]))](&w, &in);
	finish(&w, heap);
	return 0;
}
