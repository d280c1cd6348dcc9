/* SPDX-License-Identifier: MIT */
/* One client of a share: its bytes, and what it asks for. */
#include "share_state.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES  4096
#define PARTIAL_MS  30000 /* a frame that is not whole by then never will be */
#define TRANSFER_MS 30000 /* without a block: somebody else may have it */

struct share_client *meshtcp_client_find(const struct meshtcp_share *s, uint32_t number)
{
	struct share_client *c = s->clients;

	while (c && c->number != number)
		c = c->next;
	return c;
}

void meshtcp_client_send(struct meshtcp_share *s, struct share_client *c, const uint8_t *frame,
			 size_t size)
{
	if (c->gone || size == 0)
		return;
	if (cmn_buf_len(&c->out) - c->replay_left + size > SHARE_OUT_BYTES ||
	    cmn_buf_append(&c->out, frame, size) < 0)
		c->gone = "slow";
	else
		SHARE_COUNT(s, frames_to_clients);
}

struct share_client *meshtcp_client_gateway(const struct meshtcp_share *s)
{
	struct share_client *c = s->clients;

	while (c && (!c->served || c->gone))
		c = c->next;
	return c;
}

static void watch_write(struct meshtcp_share *s, struct share_client *c, bool on)
{
	struct epoll_event event = { .events = EPOLLIN | (on ? EPOLLOUT : 0u),
				     .data.u64 = (uint64_t)c->number << 8 };

	if (c->watches_write == on)
		return;
	if (epoll_ctl(s->epoll_fd, EPOLL_CTL_MOD, c->fd, &event) == 0)
		c->watches_write = on;
}

static void sent(struct share_client *c, size_t size)
{
	cmn_buf_consume(&c->out, size);
	c->replay_left -= size < c->replay_left ? size : c->replay_left;
}

/* Returns whether all is sent. */
static bool send_out(struct share_client *c)
{
	while (cmn_buf_len(&c->out) > 0) {
		ssize_t size =
			send(c->fd, cmn_buf_data(&c->out), cmn_buf_len(&c->out), MSG_NOSIGNAL);

		if (size < 0) {
			if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
				c->gone = "reset";
			return false;
		}
		sent(c, (size_t)size);
	}
	return true;
}

void meshtcp_client_flush(struct meshtcp_share *s, struct share_client *c)
{
	bool all = send_out(c);

	/* It has asked once more during a download: now it is the turn of that one. */
	if (c->waits && s->ready && c->replay_left == 0 && !c->gone) {
		meshtcp_share_serve(s, c, c->nonce);
		all = false;
	}
	if (c->gone)
		return;
	/* A download needs much more room than what follows. */
	if (all)
		cmn_buf_free(&c->out);
	watch_write(s, c, !all);
}

void meshtcp_client_close(struct meshtcp_share *s, struct share_client *c)
{
	struct share_client **place = &s->clients;

	while (*place != c)
		place = &(*place)->next;
	*place = c->next;
	s->client_count--;
	if (s->transfer == c->number)
		s->transfer = 0;
	meshtcp_share_tell(s, MESHTCP_SHARE_GONE, c, c->gone);
	epoll_ctl(s->epoll_fd, EPOLL_CTL_DEL, c->fd, NULL);
	close(c->fd);
	cmn_buf_free(&c->out);
	free(c);
}

/* A message that is no packet to the node; only so many at a time. */
static bool say(struct meshtcp_share *s, const uint8_t *message, size_t size)
{
	unsigned i = 0;

	while (i < SHARE_SAYS && s->says[i] != 0)
		i++;
	return s->ready && i < SHARE_SAYS &&
	       meshtcp_handle_say(s->node, message, size, &s->says[i]) == 0;
}

/* A transfer belongs to one client, as long as it goes on; the others are told that it is off. */
static void transfer(struct meshtcp_share *s, struct share_client *c, const uint8_t *message,
		     size_t size, uint64_t now)
{
	/* xmodemPacket { control CAN } */
	static const uint8_t cancel[] = { 0x62, 0x02, 0x08, 24 };
	uint8_t frame[FRAME_MAX_BYTES];

	if (s->ready && (s->transfer == 0 || now - s->transfer_ms >= TRANSFER_MS))
		s->transfer = c->number;
	if (s->transfer == c->number && say(s, message, size))
		s->transfer_ms = now;
	else
		meshtcp_client_send(s, c, frame,
				    meshtcp_share_plain(frame, cancel, sizeof(cancel)));
}

static void take_message(struct meshtcp_share *s, struct share_client *c, const uint8_t *message,
			 size_t size, uint64_t now)
{
	struct from_message m;

	if (meshtcp_to_decode(message, size, &m) < 0) {
		SHARE_COUNT(s, ignored);
		return;
	}
	switch (m.member) {
	case TO_PACKET:
		meshtcp_share_packet(s, c, m.data, m.size);
		break;
	case TO_WANT_CONFIG:
		meshtcp_share_serve(s, c, (uint32_t)m.number);
		break;
	case TO_DISCONNECT:
		c->gone = "goodbye";
		break;
	case TO_HEARTBEAT:
		meshtcp_share_status(s, c, 0, 0);
		break;
	case TO_XMODEM:
		transfer(s, c, message, size, now);
		break;
	case TO_MQTT:
		if (c != meshtcp_client_gateway(s) || !say(s, message, size))
			SHARE_COUNT(s, ignored);
		break;
	default:
		SHARE_COUNT(s, ignored);
		break;
	}
}

static void take_bytes(struct meshtcp_share *s, struct share_client *c, const uint8_t *bytes,
		       size_t size, uint64_t now)
{
	struct frame frame;

	while (!c->gone) {
		meshtcp_frame_read(&c->reader, &bytes, &size, &frame);
		if (frame.kind == FRAME_NONE)
			return;
		if (frame.kind != FRAME_PAYLOAD)
			continue;
		c->heard_ms = now;
		c->frames++;
		take_message(s, c, frame.data, frame.size, now);
	}
}

/* With no bytes: what the reader still has. */
static void take_in(struct meshtcp_share *s, struct share_client *c, const uint8_t *bytes,
		    size_t size, uint64_t now)
{
	uint64_t frames = c->frames;

	take_bytes(s, c, bytes, size, now);
	if (!meshtcp_frame_partial(&c->reader))
		c->partial_ms = 0;
	else if (c->partial_ms == 0 || c->frames != frames || size == 0)
		c->partial_ms = now;
}

void meshtcp_client_tick(struct meshtcp_share *s, struct share_client *c, uint64_t now)
{
	if (!c->gone && now - c->heard_ms >= s->idle_ms)
		c->gone = "idle";
	if (!c->gone && c->partial_ms != 0 && now - c->partial_ms >= PARTIAL_MS) {
		meshtcp_frame_give_up(&c->reader);
		take_in(s, c, NULL, 0, now);
	}
}

uint64_t meshtcp_client_deadline(const struct meshtcp_share *s, const struct share_client *c)
{
	uint64_t idle = c->heard_ms + s->idle_ms, partial = c->partial_ms + PARTIAL_MS;

	return c->partial_ms != 0 && partial < idle ? partial : idle;
}

void meshtcp_client_read(struct meshtcp_share *s, struct share_client *c, uint64_t now)
{
	uint8_t bytes[READ_BYTES];
	ssize_t size = recv(c->fd, bytes, sizeof(bytes), 0);

	if (size > 0)
		take_in(s, c, bytes, (size_t)size, now);
	else if (size == 0)
		c->gone = "closed";
	else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		c->gone = "reset";
}
