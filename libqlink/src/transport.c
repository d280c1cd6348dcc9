/* SPDX-License-Identifier: MIT */
/*
 * Sockets for the session: opens what it wants, sends what it has, hands in what arrives. The only
 * file besides qlink.c that knows the clock.
 */
#include "transport.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "common/clock.h"

#define READ_BYTES	4096
#define READS_AT_ONCE	16 /* then others get their turn */
#define UPDATES_AT_ONCE 64

int transport_init(struct transport *t, struct session *session)
{
	t->session = session;
	for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++) {
		t->slots[i].generation = 0;
		t->slots[i].fd = -1;
		t->slots[i].watched_fd = -1;
	}
	return cmn_loop_init(&t->loop);
}

static void watch(struct transport *t, unsigned i, int fd, unsigned events)
{
	struct slot *slot = &t->slots[i];

	if (slot->watched_fd == fd && slot->watched_for == events)
		return;
	if (slot->watched_fd == fd) {
		cmn_loop_modify(&t->loop, fd, events, i);
	} else {
		if (slot->watched_fd >= 0)
			cmn_loop_remove(&t->loop, slot->watched_fd);
		if (fd >= 0 && cmn_loop_add(&t->loop, fd, events, i) < 0)
			fd = -1;
	}
	slot->watched_fd = fd;
	slot->watched_for = events;
}

static bool connecting(const struct slot *slot)
{
	return slot->generation != 0 && slot->fd < 0;
}

static void close_slot(struct transport *t, unsigned i)
{
	struct slot *slot = &t->slots[i];

	watch(t, i, -1, 0);
	if (connecting(slot))
		cmn_tcp_connect_cancel(&slot->connect);
	else if (slot->fd >= 0)
		close(slot->fd);
	slot->fd = -1;
	slot->generation = 0;
}

void transport_free(struct transport *t)
{
	for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++)
		close_slot(t, i);
	cmn_loop_free(&t->loop);
}

static void fail_slot(struct transport *t, unsigned i, int error, uint64_t now)
{
	close_slot(t, i);
	session_failed(t->session, i, error, now);
}

static void connected(struct transport *t, unsigned i, int fd, uint64_t now)
{
	struct slot *slot = &t->slots[i];

	slot->fd = fd;
	watch(t, i, fd, CMN_LOOP_READ);
	if (slot->watched_fd != fd) {
		fail_slot(t, i, -ENOMEM, now);
		return;
	}
	session_opened(t->session, i, now);
}

static void continue_connect(struct transport *t, unsigned i, uint64_t now)
{
	struct slot *slot = &t->slots[i];
	int ret;

	/* The attempt may close its socket and open another with the same number. */
	watch(t, i, -1, 0);
	ret = cmn_tcp_connect_continue(&slot->connect, now);
	if (ret == 0)
		connected(t, i, cmn_tcp_connect_take(&slot->connect), now);
	else if (ret == -EINPROGRESS)
		watch(t, i, cmn_tcp_connect_fd(&slot->connect), CMN_LOOP_WRITE);
	else
		fail_slot(t, i, ret, now);
}

static void open_slot(struct transport *t, unsigned i, uint32_t generation, uint64_t now)
{
	struct slot *slot = &t->slots[i];

	slot->generation = generation;
	slot->fd = -1;
	cmn_tcp_connect_start(&slot->connect, &t->addresses, now + t->connect_timeout_ms);
	continue_connect(t, i, now);
}

int transport_adopt(struct transport *t, int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -EINVAL;
	t->slots[0].generation = session_wants(t->session, 0);
	connected(t, 0, fd, cmn_clock_ms());
	return 0;
}

/* Send what waits; true when the session may want something else now. */
static bool flush_slot(struct transport *t, unsigned i, uint64_t now)
{
	struct slot *slot = &t->slots[i];
	const uint8_t *data;
	size_t size = session_output(t->session, i, &data);
	ssize_t sent;

	if (size == 0) {
		watch(t, i, slot->fd, CMN_LOOP_READ);
		return false;
	}
	sent = cmn_tcp_send(slot->fd, data, size);
	if (sent == -EAGAIN) {
		watch(t, i, slot->fd, CMN_LOOP_READ | CMN_LOOP_WRITE);
		return false;
	}
	if (sent < 0)
		fail_slot(t, i, -ECONNRESET, now);
	else
		session_sent(t->session, i, (size_t)sent, now);
	return true;
}

static bool update_slot(struct transport *t, unsigned i, uint64_t now)
{
	struct slot *slot = &t->slots[i];
	uint32_t wanted = session_wants(t->session, i);

	if (slot->generation != 0 && slot->generation != wanted)
		close_slot(t, i);
	if (slot->generation == 0 && wanted != 0) {
		open_slot(t, i, wanted, now);
		return true;
	}
	return slot->fd >= 0 && flush_slot(t, i, now);
}

static void set_timer(struct transport *t)
{
	uint64_t at = session_deadline(t->session);

	for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++) {
		const struct slot *slot = &t->slots[i];

		if (connecting(slot) && cmn_tcp_connect_deadline(&slot->connect) < at)
			at = cmn_tcp_connect_deadline(&slot->connect);
	}
	cmn_loop_set_deadline(&t->loop, at);
}

void transport_update(struct transport *t, uint64_t now)
{
	bool moved = true;

	for (unsigned n = 0; moved && n < UPDATES_AT_ONCE; n++) {
		moved = false;
		for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++)
			moved |= update_slot(t, i, now);
	}
	set_timer(t);
}

static void read_slot(struct transport *t, unsigned i, uint64_t now)
{
	struct slot *slot = &t->slots[i];
	uint32_t generation = slot->generation;
	uint8_t bytes[READ_BYTES];

	for (unsigned n = 0; n < READS_AT_ONCE; n++) {
		ssize_t size = cmn_tcp_recv(slot->fd, bytes, sizeof(bytes));

		if (size == -EAGAIN)
			return;
		if (size <= 0) {
			fail_slot(t, i, size == 0 ? 0 : -ECONNRESET, now);
			return;
		}
		session_receive(t->session, i, bytes, (size_t)size, now);
		if ((size_t)size < sizeof(bytes) ||
		    session_wants(t->session, i) != generation)
			return;
	}
}

int transport_dispatch(struct transport *t)
{
	struct cmn_loop_event events[QLINK_MAX_CONNECTIONS + 1];
	uint64_t now = cmn_clock_ms();
	int count = cmn_loop_wait(&t->loop, events, QLINK_MAX_CONNECTIONS + 1);

	for (int e = 0; e < count; e++) {
		unsigned i = events[e].token;

		if (connecting(&t->slots[i]))
			continue_connect(t, i, now);
		else if (t->slots[i].fd >= 0)
			read_slot(t, i, now);
	}
	for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++)
		if (connecting(&t->slots[i]) &&
		    now >= cmn_tcp_connect_deadline(&t->slots[i].connect))
			continue_connect(t, i, now);
	session_tick(t->session, now);
	transport_update(t, now);
	return count < 0 ? count : 0;
}
