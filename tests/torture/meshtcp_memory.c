/* SPDX-License-Identifier: MIT */
/*
 * The session alone, time being a number, while memory runs out: download, packets, administration,
 * loss and the way back, the end. What was not possible for want of memory is made up for.
 */
#include <errno.h>
#include <string.h>

#include "message.h"
#include "pb.h"
#include "queue.h"
#include "session.h"
#include "torture.h"

#define US       UINT32_C(0x9ea2f1c4)
#define BOB      UINT32_C(0x433b2f10)
#define EPOCH    UINT32_C(1760000000)
#define REQUESTS 24
#define MINUTE   60000

struct world {
	struct session *session;
	uint64_t now;
	uint32_t open; /**< number of the open connection */
	bool for_good; /**< memory does not come back: nothing is made up for */
	uint32_t ids[REQUESTS];
	bool ended[REQUESTS];
	unsigned made;
	uint32_t next_id;
};

/* A message within messages, the inner one first. */
struct content {
	uint8_t data[400];
	struct pb_writer w;
};

static struct pb_writer *begin(struct content *c)
{
	meshtcp_pb_writer_init(&c->w, c->data, sizeof(c->data));
	return &c->w;
}

static void say(struct world *w, unsigned member, const struct content *c)
{
	uint8_t frame[FRAME_MAX_BYTES];
	struct pb_writer out;

	meshtcp_pb_writer_init(&out, frame + FRAME_HEADER_BYTES, FRAME_MAX_PAYLOAD);
	meshtcp_pb_put_bytes(&out, member, c->w.data, c->w.pos);
	must(!c->w.failed && !out.failed);
	meshtcp_frame_head(frame, out.pos);
	meshtcp_session_receive(w->session, frame, FRAME_HEADER_BYTES + out.pos, w->now);
}

static void say_end(struct world *w, uint32_t nonce)
{
	uint8_t frame[16];
	struct pb_writer out;

	meshtcp_pb_writer_init(&out, frame + FRAME_HEADER_BYTES,
			       sizeof(frame) - FRAME_HEADER_BYTES);
	meshtcp_pb_put_varint(&out, FROM_CONFIG_COMPLETE, nonce);
	meshtcp_frame_head(frame, out.pos);
	meshtcp_session_receive(w->session, frame, FRAME_HEADER_BYTES + out.pos, w->now);
}

static void say_packet(struct world *w, uint32_t from, unsigned port, uint32_t request_id,
		       const void *payload, size_t size)
{
	struct content data, packet;

	meshtcp_pb_put_varint(begin(&data), 1, port);
	meshtcp_pb_put_bytes(&data.w, 2, payload, size);
	if (request_id != 0)
		meshtcp_pb_put_fixed32(&data.w, 6, request_id);
	meshtcp_pb_put_fixed32(begin(&packet), 1, from);
	meshtcp_pb_put_fixed32(&packet.w, 2, US);
	meshtcp_pb_put_bytes(&packet.w, 4, data.data, data.w.pos);
	meshtcp_pb_put_fixed32(&packet.w, 6, ++w->next_id);
	meshtcp_pb_put_fixed32(&packet.w, 7, EPOCH + 10);
	say(w, FROM_PACKET, &packet);
}

static void download(struct world *w, uint32_t nonce)
{
	struct content c, user;

	meshtcp_pb_put_varint(begin(&c), 1, US);
	say(w, FROM_MY_INFO, &c);
	meshtcp_pb_put_text(begin(&c), 1, "2.7.15.567b8ea");
	say(w, FROM_METADATA, &c);
	/* More nodes than there is room for at first, and more records. */
	for (uint32_t i = 0; i < 20; i++) {
		meshtcp_pb_put_text(begin(&user), 2, "Somebody");
		meshtcp_pb_put_varint(begin(&c), 1, BOB + i);
		meshtcp_pb_put_bytes(&c.w, 2, user.data, user.w.pos);
		say(w, FROM_NODE_INFO, &c);
	}
	for (unsigned i = 0; i < 70; i++) {
		meshtcp_pb_put_text(begin(&c), 1, "/prefs/config.proto");
		say(w, FROM_FILE_INFO, &c);
	}
	say_end(w, nonce);
}

static void react_to_packet(struct world *w, const uint8_t *data, size_t size)
{
	static const uint8_t key[] = "\x32\x02\x4a\x00\xaa\x06\x08"
				     "12345678";
	struct meshtcp_packet p;
	struct content c;

	must(meshtcp_packet_decode(data, size, &p) == 0);
	meshtcp_pb_put_varint(begin(&c), 2, 16);
	meshtcp_pb_put_varint(&c.w, 4, p.id);
	say(w, FROM_QUEUE_STATUS, &c);
	if (p.want_response)
		say_packet(w, p.to, p.port, p.id, key, p.port == MESHTCP_PORT_ADMIN ? 15 : 0);
	else if (p.want_ack)
		say_packet(w, p.to, MESHTCP_PORT_ROUTING, p.id, "\x18\x00", 2);
}

static void react(struct world *w, const uint8_t *frame, size_t size)
{
	struct pb_reader r;
	struct pb_value v;

	if (frame[0] == 0xc3)
		return;
	meshtcp_pb_reader_init(&r, frame + FRAME_HEADER_BYTES, size - FRAME_HEADER_BYTES);
	must(meshtcp_pb_next(&r, &v));
	if (v.number == 1)
		react_to_packet(w, v.data, v.size);
	else if (v.number == 3)
		download(w, (uint32_t)v.scalar);
	else if (v.number == 4)
		meshtcp_session_failed(w->session, 0, w->now);
}

/* Connections are accepted and frames answered until nothing moves. */
static void settle(struct world *w)
{
	for (unsigned i = 0; i < 1000; i++) {
		uint32_t wanted = meshtcp_session_wants(w->session);
		uint8_t copy[FRAME_MAX_BYTES];
		const uint8_t *data;
		size_t size;

		if (wanted != w->open) {
			w->open = wanted;
			if (wanted != 0)
				meshtcp_session_opened(w->session, EPOCH, w->now);
			continue;
		}
		size = meshtcp_session_output(w->session, &data);
		if (size == 0)
			return;
		memcpy(copy, data, size);
		meshtcp_session_sent(w->session, w->now);
		react(w, copy, size);
	}
	must(false); /* it never rests */
}

static void take_events(struct world *w)
{
	struct node *node;

	while ((node = meshtcp_session_pop_event(w->session)) != NULL) {
		const struct meshtcp_event *e = &node->event;
		unsigned i = 0;

		if (e->type == MESHTCP_EVENT_RESULT) {
			while (i < w->made && w->ids[i] != e->id)
				i++;
			must(i < w->made && !w->ended[i]);
			w->ended[i] = true;
			must(e->error == 0 || e->error == -ECANCELED || w->for_good);
		}
		free(node);
	}
}

static void advance(struct world *w, uint64_t ms)
{
	uint64_t end = w->now + ms;

	settle(w);
	while (meshtcp_session_deadline(w->session) <= end) {
		if (meshtcp_session_deadline(w->session) > w->now)
			w->now = meshtcp_session_deadline(w->session);
		meshtcp_session_tick(w->session, w->now);
		must(meshtcp_session_deadline(w->session) > w->now);
		settle(w);
	}
	w->now = end;
	meshtcp_session_tick(w->session, w->now);
	settle(w);
	take_events(w);
}

static void request(struct world *w, struct order *order)
{
	int ret;

	must(w->made < REQUESTS);
	order->owner = 1;
	order->timeout_ms = 5 * MINUTE;
	ret = meshtcp_session_request(w->session, order, w->now, &w->ids[w->made]);
	torture_error(ret);
	w->made += ret == 0;
}

static void packets(struct world *w)
{
	struct order order = { .message = { .to = BOB, .payload = "hi", .size = 2 } };

	for (unsigned i = 0; i < 4; i++) {
		order.message.port = i < 2 ? MESHTCP_PORT_TEXT : 256;
		order.message.want_ack = i % 2;
		request(w, &order);
	}
	order.message.port = MESHTCP_PORT_TRACEROUTE;
	order.message.size = 0;
	order.message.want_response = order.expect_answer = true;
	request(w, &order);
}

static void administration(struct world *w, uint32_t node)
{
	struct order order = { .message = { .to = node, .port = MESHTCP_PORT_ADMIN },
			       .admin = true,
			       .admin_node = node };

	order.message.payload = "\x28\x08";
	order.message.size = 2;
	order.message.want_response = order.expect_answer = true;
	order.answer = 6;
	request(w, &order);
	order.message.payload = "\x88\x06\x0a";
	order.message.size = 3;
	order.message.want_response = order.expect_answer = false;
	order.answer = 0;
	order.message.want_ack = order.admin_write = true;
	request(w, &order);
}

/* Packets, a log line, a notification, an MQTT message: what the node says by itself. */
static void chatter(struct world *w)
{
	struct content c;

	for (unsigned i = 0; i < 3; i++)
		say_packet(w, BOB + 100 + i, MESHTCP_PORT_TEXT, 0, "hello", 5);
	meshtcp_pb_put_text(begin(&c), 1, "log");
	say(w, FROM_LOG, &c);
	meshtcp_pb_put_text(begin(&c), 4, "notification");
	say(w, FROM_NOTIFICATION, &c);
	meshtcp_pb_put_text(begin(&c), 1, "topic");
	meshtcp_pb_put_text(&c.w, 3, "message");
	say(w, FROM_MQTT, &c);
	meshtcp_session_receive(w->session, (const uint8_t *)"line\n", 5, w->now);
	settle(w);
}

static void look(struct world *w)
{
	const struct meshtcp_nodes *nodes = meshtcp_session_nodes(w->session);
	struct meshtcp_info info;

	must(nodes || fault_failed());
	meshtcp_nodes_free(nodes);
	must(meshtcp_session_info(w->session, &info) == 0 || w->for_good);
}

static void start(struct world *w)
{
	const struct session_config config = {
		.download = MESHTCP_DOWNLOAD_ALL,
		.check_ms = 30000,
		.silent_ms = MINUTE,
		.heartbeat_ms = 25000,
		.reconnect = { 1000, MINUTE, 0 },
	};

	must(meshtcp_session_start(w->session, &config, 42, w->now) == 0);
}

static void run(struct world *w)
{
	start(w);
	advance(w, 20000);
	must(meshtcp_session_state(w->session) == MESHTCP_STATE_READY || w->for_good);
	packets(w);
	administration(w, MESHTCP_LOCAL);
	administration(w, BOB);
	advance(w, 5000);
	chatter(w);
	look(w);
	/* Lost with things on their way. */
	packets(w);
	meshtcp_session_failed(w->session, -ECONNRESET, w->now);
	administration(w, BOB);
	advance(w, 2 * MINUTE);
	look(w);
	packets(w);
	meshtcp_session_stop(w->session, w->now);
	advance(w, 2000);
	must(meshtcp_session_state(w->session) == MESHTCP_STATE_IDLE);
	for (unsigned i = 0; i < w->made; i++)
		must(w->ended[i]);
	/* Freed with everything in it. */
	start(w);
	advance(w, 20000);
	w->made = 0;
	packets(w);
}

static void scenario(void *userdata)
{
	struct world w = { .now = MINUTE, .for_good = userdata != NULL };
	int ret = meshtcp_session_new(&w.session);

	torture_error(ret);
	if (ret < 0)
		return;
	run(&w);
	meshtcp_session_free(w.session);
}

int main(void)
{
	int status = torture(scenario, NULL, 60);

	return status ? status : torture_for_good(scenario, "", 60);
}
