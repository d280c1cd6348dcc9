/* SPDX-License-Identifier: MIT */
/*
 * Experimental: relay over TCP (6.5). A directory server is asked over TCP for a relay; the
 * connection to that begins with 28 and 48 bare bytes, and then the session is spoken in frames.
 */
#include "state.h"

#include <errno.h>
#include <string.h>

#include "frame.h"

#define HELLO_BYTES  28
#define ANSWER_BYTES 48

static const uint8_t version[3] = { 5, 2, 1 };

/* On a stream no key can be tried: the one of the servers, or plain. */
static int stream_key(const struct session *s)
{
	return s->keys.count > 1 && s->config.server_key[0] != '\0' ? 1 : 0;
}

void ppcs_tcp_start(struct session *s, struct attempt *a, uint64_t now)
{
	struct tcp_path *tp = &a->path.tcp;
	bool any = false;

	(void)now;
	a->key = stream_key(s);
	for (size_t i = 0; i < s->config.server_count; i++) {
		struct ppcs_address to =
			ppcs_address_with_port(s->config.servers[i], s->config.relay_tcp);

		tp->servers[i] = ppcs_socket_add(s, true, false, to);
		any |= tp->servers[i] != 0;
	}
	tp->refused = !any;
}

bool ppcs_tcp_owns(const struct attempt *a, uint32_t socket)
{
	for (size_t i = 0; i < PPCS_MAX_SERVERS; i++)
		if (a->path.tcp.servers[i] == socket)
			return true;
	return a->path.tcp.relay == socket;
}

void ppcs_tcp_close(struct session *s, struct attempt *a)
{
	struct tcp_path *tp = &a->path.tcp;

	for (size_t i = 0; i < PPCS_MAX_SERVERS; i++) {
		ppcs_socket_close(s, tp->servers[i]);
		tp->servers[i] = 0;
	}
	if (!a->link.up)
		ppcs_socket_close(s, tp->relay);
	tp->relay = 0;
}

static void ask_server(struct session *s, struct attempt *a, const struct socket *socket)
{
	struct packet p = {
		.type = PACKET_TCP_RLY_REQ, .uid = a->uid, .address = socket->local, .flag = 1
	};

	memcpy(p.version, version, sizeof(version));
	if (s->config.dsk[0] != '\0') {
		p.type = PACKET_TCP_RLY_REQ_DSK;
		memcpy(p.dsk, s->config.dsk, sizeof(p.dsk));
	}
	s->race.racers[a->mode].records[a->record].sent +=
		ppcs_output(s, socket->wish.id, &socket->wish.to, a->key, 0, &p);
}

/* Who we are and with whom we want to be joined, in bare bytes. */
static void greet_relay(struct session *s, struct attempt *a)
{
	struct tcp_path *tp = &a->path.tcp;
	uint8_t bytes[HELLO_BYTES] = { 0 };
	struct cmn_writer w;

	cmn_writer_init(&w, bytes, sizeof(bytes));
	ppcs_uid_write(&w, &a->uid);
	cmn_writer_u32be(&w, tp->key);
	ppcs_output_raw(s, tp->relay, bytes, sizeof(bytes));
	tp->sent = true;
}

void ppcs_tcp_opened(struct session *s, struct attempt *a, uint32_t socket, uint64_t now)
{
	const struct socket *found = ppcs_socket_find(s, socket);

	(void)now;
	if (socket == a->path.tcp.relay)
		greet_relay(s, a);
	else
		ask_server(s, a, found);
}

void ppcs_tcp_failed(struct session *s, struct attempt *a, uint32_t socket, uint64_t now)
{
	struct tcp_path *tp = &a->path.tcp;

	ppcs_socket_close(s, socket);
	if (socket == tp->relay) {
		ppcs_attempt_end(s, a, PPCS_FAILED,
				 a->link.up ? REASON_DEVICE_CLOSED : REASON_NO_TCP_RELAY, now);
		return;
	}
	tp->refused = tp->relay == 0;
	for (size_t i = 0; i < PPCS_MAX_SERVERS; i++) {
		if (tp->servers[i] == socket)
			tp->servers[i] = 0;
		if (tp->servers[i] != 0)
			tp->refused = false;
	}
}

static void start_relay(struct session *s, struct attempt *a, const struct packet *p)
{
	struct tcp_path *tp = &a->path.tcp;

	if (tp->relay != 0 || !ppcs_address_usable(&p->address))
		return;
	tp->key = p->key;
	a->destination = p->address;
	tp->relay = ppcs_socket_add(s, true, false, p->address);
}

static void receive_server(struct session *s, struct attempt *a, const struct packet *p,
			   const struct ppcs_address *from, uint64_t now)
{
	struct tcp_path *tp = &a->path.tcp;

	if (p->type == PACKET_TCP_RLY_REQ_ACK) {
		ppcs_attempt_answered(s, a, from, a->key, now);
		tp->result = p->result;
	} else if (p->type == PACKET_TCP_RS_START && ppcs_attempt_wanted(s, a, &p->uid)) {
		ppcs_attempt_answered(s, a, from, a->key, now);
		start_relay(s, a, p);
	}
}

/* The bare answer of the relay: the path is up. Returns false while it is not all there. */
static bool take_answer(struct session *s, struct attempt *a, struct socket *socket, uint64_t now)
{
	struct ppcs_address peer = socket->wish.to;

	if (cmn_buf_len(&socket->in) < ANSWER_BYTES)
		return false;
	cmn_buf_consume(&socket->in, ANSWER_BYTES);
	a->path.tcp.open = true;
	a->socket = socket->wish.id;
	ppcs_attempt_up(s, a, &peer, &a->uid, a->key, now);
	return true;
}

int ppcs_tcp_next(struct session *s, struct socket *socket, int key, uint8_t *message,
		  struct packet *ret)
{
	size_t size;
	long used = ppcs_frame_decode(&s->keys.at[key], cmn_buf_data(&socket->in),
				      cmn_buf_len(&socket->in), message, &size);

	if (used <= 0)
		return (int)used;
	cmn_buf_consume(&socket->in, (size_t)used);
	if (ppcs_packet_decode(message, size, ret) < 0)
		return -EBADMSG;
	return 1;
}

/* One frame; false when there is none or the attempt is gone. */
static bool receive_one(struct session *s, struct attempt *a, struct socket *socket, uint64_t now)
{
	uint8_t message[PACKET_MAX_BYTES];
	struct ppcs_address from = socket->wish.to;
	struct packet p;
	int ret;

	ret = ppcs_tcp_next(s, socket, a->key, message, &p);
	if (ret == 0)
		return false;
	if (ret < 0) {
		ppcs_race_see(s, REASON_UNREADABLE);
		ppcs_attempt_failed(s, a, socket->wish.id, now);
		return false;
	}
	s->race.racers[a->mode].records[a->record].received++;
	if (socket->wish.id != a->path.tcp.relay) {
		receive_server(s, a, &p, &from, now);
		return true;
	}
	switch (ppcs_link_receive(s, &a->link, &p, now)) {
	case LINK_CLOSED:
		ppcs_attempt_end(s, a, PPCS_FAILED, REASON_DEVICE_CLOSED, now);
		return false;
	case LINK_VERIFIED:
		a->level = PPCS_LEVEL_VERIFIED;
		return true;
	default:
		return true;
	}
}

void ppcs_tcp_receive(struct session *s, struct attempt *a, uint32_t socket, const uint8_t *data,
		      size_t size, uint64_t now)
{
	struct socket *found = ppcs_socket_find(s, socket);

	if (!found || cmn_buf_append(&found->in, data, size) < 0) {
		ppcs_attempt_failed(s, a, socket, now);
		return;
	}
	if (socket == a->path.tcp.relay && !a->path.tcp.open && !take_answer(s, a, found, now))
		return;
	/* A frame may add a socket, and with that move them all. */
	while (found && receive_one(s, a, found, now))
		found = ppcs_socket_find(s, socket);
}

static void start(struct session *s, struct attempt *a, uint64_t now)
{
	(void)s;
	(void)a;
	(void)now;
}

static void tick(struct session *s, struct attempt *a, uint64_t now)
{
	(void)s;
	(void)now;
	a->tick_at = NEVER;
}

static bool asked(const struct session *s, const struct attempt *a, const struct ppcs_address *from)
{
	(void)s;
	(void)a;
	(void)from;
	return true;
}

static void receive(struct session *s, struct attempt *a, const struct ppcs_address *from,
		    const struct packet *p, int key, uint64_t now)
{
	(void)key;
	receive_server(s, a, p, from, now);
}

static enum reason late(const struct session *s, const struct attempt *a)
{
	const struct tcp_path *tp = &a->path.tcp;

	(void)s;
	switch (tp->result) {
	case RESULT_CHECK_CODE:
	case RESULT_PREFIX:
		return REASON_UNKNOWN_UID;
	case RESULT_DSK:
		return REASON_DSK;
	case RESULT_OFFLINE:
		return REASON_OFFLINE;
	default:
		break;
	}
	if (tp->relay != 0)
		return REASON_NO_DEVICE;
	return a->level > PPCS_LEVEL_NONE ? REASON_NO_TCP_RELAY : REASON_NO_SERVER;
}

static enum reason hopeless(const struct session *s, const struct attempt *a, uint64_t now)
{
	(void)now;
	if (a->path.tcp.refused)
		return late(s, a);
	return a->path.tcp.result < 0 && a->path.tcp.result != RESULT_LATER ? late(s, a) :
									      REASON_NONE;
}

static uint64_t deadline(const struct session *s, const struct attempt *a)
{
	(void)s;
	return a->path.tcp.refused ? a->started_at : NEVER;
}

const struct attempt_ops ppcs_tcp_ops = {
	.start = start,
	.tick = tick,
	.asked = asked,
	.receive = receive,
	.hopeless = hopeless,
	.late = late,
	.deadline = deadline,
};
