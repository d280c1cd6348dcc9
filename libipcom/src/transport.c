/* SPDX-License-Identifier: MIT */
/*
 * The socket for the session: opens it when wanted, sends what there is, hands in what arrives.
 * With ipcom.c the only file that knows the clock.
 */
#include "transport.h"

#include <errno.h>

#include "common/clock.h"

#define READ_BYTES      4096
#define READS_AT_ONCE   16 /* then others get their turn */
#define UPDATES_AT_ONCE 16

int ipcom_transport_init(struct transport *t, struct session *session)
{
	int ret;

	t->session = session;
	t->generation = 0;
	cmn_stream_init(&t->stream, &t->loop, 0);
	ret = cmn_loop_init(&t->loop);
	if (ret < 0)
		cmn_loop_free(&t->loop);
	return ret;
}

static void close_stream(struct transport *t)
{
	cmn_stream_drain(&t->stream);
	cmn_stream_close(&t->stream);
	t->generation = 0;
}

void ipcom_transport_free(struct transport *t)
{
	close_stream(t);
	cmn_loop_free(&t->loop);
}

static void fail(struct transport *t, int error, uint64_t now)
{
	close_stream(t);
	ipcom_session_failed(t->session, error, now);
}

/* What became of the connection attempt. */
static void settle(struct transport *t, int ret, uint64_t now)
{
	if (ret == 0)
		ipcom_session_opened(t->session, now);
	else if (ret != -EINPROGRESS)
		fail(t, ret, now);
}

int ipcom_transport_adopt(struct transport *t, int fd)
{
	int ret = cmn_stream_adopt(&t->stream, fd);

	if (ret < 0)
		return ret;
	t->generation = ipcom_session_wants(t->session);
	ipcom_session_opened(t->session, cmn_clock_ms());
	return 0;
}

/* Each message leaves in one call: the device may take one read for one message. */
static bool flush(struct transport *t, uint64_t now)
{
	const uint8_t *data;
	size_t size = ipcom_session_output(t->session, &data);
	ssize_t sent;

	if (size == 0) {
		cmn_stream_sent_all(&t->stream);
		return false;
	}
	sent = cmn_stream_send(&t->stream, data, size);
	if (sent == 0)
		return false;
	if (sent < 0)
		fail(t, -ECONNRESET, now);
	else
		ipcom_session_sent(t->session, (size_t)sent, now);
	return true;
}

static bool update(struct transport *t, uint64_t now)
{
	uint32_t wanted = ipcom_session_wants(t->session);

	if (t->generation != 0 && t->generation != wanted)
		close_stream(t);
	if (t->generation == 0 && wanted != 0) {
		t->generation = wanted;
		settle(t,
		       cmn_stream_connect(&t->stream, &t->addresses, now + t->connect_timeout_ms,
					  now),
		       now);
		return true;
	}
	return t->stream.fd >= 0 && flush(t, now);
}

void ipcom_transport_update(struct transport *t, uint64_t now)
{
	uint64_t at;

	for (unsigned n = 0; n < UPDATES_AT_ONCE && update(t, now); n++)
		;
	at = ipcom_session_deadline(t->session);
	if (cmn_stream_deadline(&t->stream) < at)
		at = cmn_stream_deadline(&t->stream);
	cmn_loop_set_deadline(&t->loop, at);
}

static void read_stream(struct transport *t, uint64_t now)
{
	uint32_t generation = t->generation;
	uint8_t bytes[READ_BYTES];

	for (unsigned n = 0; n < READS_AT_ONCE; n++) {
		ssize_t size = cmn_stream_recv(&t->stream, bytes, sizeof(bytes));

		if (size == -EAGAIN)
			return;
		if (size <= 0) {
			fail(t, size == 0 ? 0 : -ECONNRESET, now);
			return;
		}
		ipcom_session_receive(t->session, bytes, (size_t)size, now);
		if ((size_t)size < sizeof(bytes) || ipcom_session_wants(t->session) != generation)
			return;
	}
}

static void handle(struct transport *t, uint64_t now)
{
	if (t->stream.connecting)
		settle(t, cmn_stream_continue(&t->stream, now), now);
	else if (t->stream.fd >= 0)
		read_stream(t, now);
}

int ipcom_transport_dispatch(struct transport *t)
{
	struct cmn_loop_event events[2];
	uint64_t now = cmn_clock_ms();
	int count = cmn_loop_wait(&t->loop, events, 2);

	if (count > 0 || now >= cmn_stream_deadline(&t->stream))
		handle(t, now);
	ipcom_session_tick(t->session, now);
	ipcom_transport_update(t, now);
	return count < 0 ? count : 0;
}
