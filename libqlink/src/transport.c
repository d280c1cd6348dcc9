/* SPDX-License-Identifier: MIT */
/*
 * Sockets for the session: opens what it wants, sends what it has, hands in what arrives. With
 * qlink.c the only file that knows the clock.
 */
#include "transport.h"

#include <errno.h>

#include "common/clock.h"

#define READ_BYTES      4096
#define READS_AT_ONCE   16 /* then others get their turn */
#define UPDATES_AT_ONCE 64

int qlink_transport_init(struct transport *t, struct session *session)
{
	int ret;

	t->session = session;
	t->wake_at = UINT64_MAX;
	for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++) {
		t->slots[i].generation = 0;
		cmn_stream_init(&t->slots[i].stream, &t->loop, i);
	}
	ret = cmn_loop_init(&t->loop);
	if (ret < 0)
		cmn_loop_free(&t->loop);
	return ret;
}

static void close_slot(struct slot *slot)
{
	cmn_stream_close(&slot->stream);
	slot->generation = 0;
}

void qlink_transport_free(struct transport *t)
{
	for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++)
		close_slot(&t->slots[i]);
	cmn_loop_free(&t->loop);
}

static void fail_slot(struct transport *t, unsigned i, int error, uint64_t now)
{
	close_slot(&t->slots[i]);
	qlink_session_failed(t->session, i, error, now);
}

/* What became of a connection attempt. */
static void settle_slot(struct transport *t, unsigned i, int ret, uint64_t now)
{
	if (ret == 0)
		qlink_session_opened(t->session, i, now);
	else if (ret != -EINPROGRESS)
		fail_slot(t, i, ret, now);
}

static void open_slot(struct transport *t, unsigned i, uint32_t generation, uint64_t now)
{
	struct slot *slot = &t->slots[i];

	slot->generation = generation;
	settle_slot(t, i,
		    cmn_stream_connect(&slot->stream, &t->addresses, now + t->connect_timeout_ms,
				       now),
		    now);
}

int qlink_transport_adopt(struct transport *t, int fd)
{
	int ret = cmn_stream_adopt(&t->slots[0].stream, fd);

	if (ret < 0)
		return ret;
	t->slots[0].generation = qlink_session_wants(t->session, 0);
	qlink_session_opened(t->session, 0, cmn_clock_ms());
	return 0;
}

/* Send what waits; true when the session may want something else now. */
static bool flush_slot(struct transport *t, unsigned i, uint64_t now)
{
	struct slot *slot = &t->slots[i];
	const uint8_t *data;
	size_t size = qlink_session_output(t->session, i, &data);
	ssize_t sent;

	if (size == 0) {
		cmn_stream_sent_all(&slot->stream);
		return false;
	}
	sent = cmn_stream_send(&slot->stream, data, size);
	if (sent == 0)
		return false;
	if (sent < 0)
		fail_slot(t, i, -ECONNRESET, now);
	else
		qlink_session_sent(t->session, i, (size_t)sent, now);
	return true;
}

static bool update_slot(struct transport *t, unsigned i, uint64_t now)
{
	struct slot *slot = &t->slots[i];
	uint32_t wanted = qlink_session_wants(t->session, i);

	if (slot->generation != 0 && slot->generation != wanted)
		close_slot(slot);
	if (slot->generation == 0 && wanted != 0) {
		open_slot(t, i, wanted, now);
		return true;
	}
	return slot->stream.fd >= 0 && flush_slot(t, i, now);
}

/* To move the timer to a later time would cost two system calls for each command: it stays where it
 * is instead, and wakes up once too early. */
static void set_timer(struct transport *t)
{
	uint64_t at = qlink_session_deadline(t->session);

	for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++)
		if (cmn_stream_deadline(&t->slots[i].stream) < at)
			at = cmn_stream_deadline(&t->slots[i].stream);
	if (at < t->wake_at && cmn_loop_set_deadline(&t->loop, at) == 0)
		t->wake_at = at;
}

void qlink_transport_update(struct transport *t, uint64_t now)
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
		ssize_t size = cmn_stream_recv(&slot->stream, bytes, sizeof(bytes));

		if (size == -EAGAIN)
			return;
		if (size <= 0) {
			fail_slot(t, i, size == 0 ? 0 : -ECONNRESET, now);
			return;
		}
		qlink_session_receive(t->session, i, bytes, (size_t)size, now);
		if ((size_t)size < sizeof(bytes) ||
		    qlink_session_wants(t->session, i) != generation)
			return;
	}
}

static void handle_slot(struct transport *t, unsigned i, uint64_t now)
{
	struct slot *slot = &t->slots[i];

	if (slot->stream.connecting)
		settle_slot(t, i, cmn_stream_continue(&slot->stream, now), now);
	else if (slot->stream.fd >= 0)
		read_slot(t, i, now);
}

/* A connection that is the only one is asked itself, which saves a system call for each command. */
static bool read_only_slot(struct transport *t, uint64_t now)
{
	unsigned count = 0;
	unsigned only = 0;

	for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++) {
		if (t->slots[i].generation == 0)
			continue;
		only = i;
		count++;
	}
	if (count != 1 || t->slots[only].stream.fd < 0 || now >= t->wake_at)
		return false;
	read_slot(t, only, now);
	return true;
}

static int handle_events(struct transport *t, uint64_t now)
{
	struct cmn_loop_event events[QLINK_MAX_CONNECTIONS + 1];
	int count = cmn_loop_wait(&t->loop, events, QLINK_MAX_CONNECTIONS + 1);

	/* It may have come after NOW. */
	if (cmn_clock_ms() >= t->wake_at)
		t->wake_at = UINT64_MAX;
	for (int e = 0; e < count; e++)
		handle_slot(t, events[e].token, now);
	return count < 0 ? count : 0;
}

int qlink_transport_dispatch(struct transport *t)
{
	uint64_t now = cmn_clock_ms();
	int ret = read_only_slot(t, now) ? 0 : handle_events(t, now);

	for (unsigned i = 0; i < QLINK_MAX_CONNECTIONS; i++)
		if (now >= cmn_stream_deadline(&t->slots[i].stream))
			handle_slot(t, i, now);
	qlink_session_tick(t->session, now);
	qlink_transport_update(t, now);
	return ret;
}
