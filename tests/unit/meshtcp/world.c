/* SPDX-License-Identifier: MIT */
/* A session, a node, and the time between them; see world.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "queue.h"

#define NEVER UINT64_MAX

void world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	assert_int_equal(meshtcp_session_new(&w->session), 0);
	w->told = calloc(WORLD_TOLD, sizeof(*w->told));
	w->coming = calloc(WORLD_COMING, sizeof(*w->coming));
	assert_non_null(w->told);
	assert_non_null(w->coming);
	w->config = (struct session_config){
		.download = MESHTCP_DOWNLOAD_ALL,
		.check_ms = 30000,
		.silent_ms = 60000,
		.heartbeat_ms = 25000,
		.reconnect = { 1000, 60000, 20 },
	};
	w->now = 5000000;
	w->epoch = EPOCH;
	w->refusal = -ECONNREFUSED;
	w->delay_ms = 5;
	w->num = US;
	w->queue_free = 16;
	w->firmware = "2.7.15.567b8ea";
	w->hop_limit = 3;
	w->next_id = 0x51c00000;
}

void world_free(struct world *w)
{
	meshtcp_session_abort(w->session, w->now);
	world_follow(w);
	for (size_t i = 0; i < w->made_count; i++)
		assert_non_null(world_result(w, w->made[i]));
	assert_int_equal(world_count(w, MESHTCP_EVENT_RESULT), w->made_count);
	assert_int_equal(meshtcp_session_state(w->session), MESHTCP_STATE_IDLE);
	assert_true(meshtcp_session_deadline(w->session) == NEVER);
	assert_int_equal(meshtcp_session_wants(w->session), 0);
	assert_int_equal(w->violations, 0);
	meshtcp_session_free(w->session);
	free(w->told);
	free(w->coming);
}

int world_setup(void **state)
{
	static struct world w;

	world_init(&w);
	*state = &w;
	return 0;
}

int world_teardown(void **state)
{
	world_free(*state);
	return 0;
}

static void copy_event(struct told *t, const struct node *node)
{
	t->e = node->event;
	t->owner = node->owner;
	if (t->e.text) {
		assert_true(strlen(t->e.text) < sizeof(t->text));
		strcpy(t->text, t->e.text);
		t->e.text = t->text;
	}
	if (t->e.size > 0) {
		assert_true(t->e.size <= sizeof(t->data));
		memcpy(t->data, t->e.data, t->e.size);
		t->e.data = t->data;
	}
	if (!t->e.packet)
		return;
	t->packet = *t->e.packet;
	t->e.packet = &t->packet;
	assert_true(t->packet.size <= sizeof(t->payload));
	if (t->packet.size > 0)
		memcpy(t->payload, t->packet.payload, t->packet.size);
	t->packet.payload = t->payload;
}

static void take_events(struct world *w)
{
	struct node *node;

	while ((node = meshtcp_session_pop_event(w->session)) != NULL) {
		assert_true(w->told_count < WORLD_TOLD);
		assert_true(node->event.time_ms == w->now);
		copy_event(&w->told[w->told_count++], node);
		free(node);
	}
}

static void connect_if_wanted(struct world *w)
{
	uint32_t wanted = meshtcp_session_wants(w->session);

	if (wanted != w->generation) {
		w->generation = 0;
		node_forget(w);
	}
	if (wanted == 0 || w->generation != 0)
		return;
	w->generation = wanted;
	if (w->refuses) {
		meshtcp_session_failed(w->session, w->refusal, w->now);
		return;
	}
	w->connection++;
	meshtcp_session_opened(w->session, w->epoch, w->now);
}

void world_follow(struct world *w)
{
	for (;;) {
		uint8_t frame[520];
		const uint8_t *data;
		size_t size;

		connect_if_wanted(w);
		size = meshtcp_session_output(w->session, &data);
		if (size == 0 || w->blocked || meshtcp_session_wants(w->session) != w->generation)
			break;
		assert_true(size <= sizeof(frame));
		memcpy(frame, data, size);
		meshtcp_session_sent(w->session, w->now);
		node_hear(w, frame, size);
	}
	take_events(w);
	if (meshtcp_session_wants(w->session) == w->generation)
		return;
	connect_if_wanted(w);
	take_events(w);
}

void world_start(struct world *w)
{
	assert_int_equal(meshtcp_session_start(w->session, &w->config, 42, w->now), 0);
	world_follow(w);
}

void world_ready(struct world *w)
{
	world_start(w);
	world_run(w, 1000);
	assert_int_equal(meshtcp_session_state(w->session), MESHTCP_STATE_READY);
}

static size_t next_coming(const struct world *w)
{
	size_t next = 0;

	for (size_t i = 1; i < w->coming_count; i++)
		if (w->coming[i].at < w->coming[next].at)
			next = i;
	return next;
}

static void receive(struct world *w, const uint8_t *data, size_t size)
{
	size_t step = w->chunk > 0 ? w->chunk : size;
	uint32_t generation = w->generation;

	for (size_t i = 0; i < size && w->generation == generation; i += step) {
		size_t n = step < size - i ? step : size - i;
		uint8_t *copy = malloc(n);

		assert_non_null(copy);
		memcpy(copy, data + i, n);
		meshtcp_session_receive(w->session, copy, n, w->now);
		free(copy);
		world_follow(w);
	}
}

/* The end mark of what was asked for last ends the download. */
static void look_for_end(struct world *w, const uint8_t *frame, size_t size)
{
	uint64_t nonce;

	if (size > 4 && wire_find_number(frame + 4, size - 4, 7, &nonce) && w->downloading &&
	    nonce == world_last_heard(w, HEARD_WANT)->nonce)
		w->downloading = false;
}

static void deliver(struct world *w, size_t i)
{
	static struct coming c;

	c = w->coming[i];
	w->coming_count--;
	memmove(&w->coming[i], &w->coming[i + 1], (w->coming_count - i) * sizeof(c));
	if (w->generation == 0 || w->mute)
		return;
	look_for_end(w, c.data, c.size);
	receive(w, c.data, c.size);
}

void world_run(struct world *w, uint64_t ms)
{
	uint64_t until = w->now + ms;
	unsigned standing = 0;

	world_follow(w);
	for (;;) {
		uint64_t next = meshtcp_session_deadline(w->session);
		size_t i = next_coming(w);
		bool comes = w->coming_count > 0 && w->coming[i].at <= next;

		if (comes)
			next = w->coming[i].at;
		if (next > until)
			break;
		standing = next > w->now || comes ? 0 : standing + 1;
		if (standing > 2)
			fail_msg("the deadline does not lie ahead");
		if (next > w->now)
			w->now = next;
		w->ticks += !comes;
		if (comes)
			deliver(w, i);
		else
			meshtcp_session_tick(w->session, w->now);
		world_follow(w);
	}
	w->now = until;
	meshtcp_session_tick(w->session, w->now);
	world_follow(w);
}

void world_close(struct world *w, int error)
{
	node_forget(w);
	meshtcp_session_failed(w->session, error, w->now);
	world_follow(w);
}

void world_say_later(struct world *w, const struct wire *message, uint64_t ms)
{
	struct coming *c = &w->coming[w->coming_count++];
	struct wire frame = { .size = 0 };

	assert_true(w->coming_count <= WORLD_COMING);
	wire_frame(&frame, message);
	c->at = w->now + ms;
	c->size = frame.size;
	memcpy(c->data, frame.data, frame.size);
}

void world_say_raw(struct world *w, const void *data, size_t size)
{
	receive(w, data, size);
}

void world_say(struct world *w, const struct wire *message)
{
	struct wire frame = { .size = 0 };

	wire_frame(&frame, message);
	look_for_end(w, frame.data, frame.size);
	receive(w, frame.data, frame.size);
}

uint32_t world_request(struct world *w, const struct order *order)
{
	uint32_t id = 0;

	assert_true(w->made_count < WORLD_MADE);
	assert_int_equal(meshtcp_session_request(w->session, order, w->now, &id), 0);
	assert_int_not_equal(id, 0);
	for (size_t i = 0; i < w->made_count; i++)
		assert_int_not_equal(w->made[i], id);
	w->made[w->made_count++] = id;
	world_follow(w);
	return id;
}
