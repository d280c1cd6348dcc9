/* SPDX-License-Identifier: MIT */
/* The thread that sends: each frame with one call, which may block for as long as the node wants.
 * */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "common/clock.h"

#include "shared.h"

#define FRAME_BYTES 516

/* The whole frame; a short write goes on. 0 or a negative errno. */
static int send_all(int fd, const uint8_t *data, size_t size)
{
	while (size > 0) {
		ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return -errno;
		data += sent;
		size -= (size_t)sent;
	}
	return 0;
}

/* With the mutex: is there a socket for the connection that the session means? */
static bool usable(const struct shared *c)
{
	return c->fd >= 0 && !c->connecting && !c->half_closed && c->send_error == 0 &&
	       meshtcp_session_wants(c->session) == c->generation;
}

/* One frame. With the mutex, which is left while it is sent. */
static void send_frame(struct shared *c, const uint8_t *data, size_t size)
{
	uint32_t generation = c->generation;
	uint8_t frame[FRAME_BYTES];
	int fd = c->fd;
	int error;

	memcpy(frame, data, size);
	c->sending = true;
	meshtcp_shared_unlock_calling(c);
	error = send_all(fd, frame, size);
	meshtcp_shared_lock(c);
	c->sending = false;
	if (meshtcp_session_wants(c->session) != generation || c->generation != generation)
		return;
	if (error == 0) {
		meshtcp_session_sent(c->session, cmn_clock_ms());
		return;
	}
	/* The reader tells of it: there is one way for a connection to die. */
	c->send_error = error;
	shutdown(fd, SHUT_RDWR);
}

/* All is said: the other side may see the end, but its last words are still heard. */
static void half_close(struct shared *c)
{
	if (!usable(c) || !meshtcp_session_farewell_said(c->session))
		return;
	shutdown(c->fd, SHUT_WR);
	c->half_closed = true;
	c->half_closed_ms = cmn_clock_ms();
}

void *meshtcp_writer_run(void *shared)
{
	struct shared *c = shared;

	meshtcp_shared_name_thread("meshtcp-write");
	meshtcp_shared_lock(c);
	while (!c->quit) {
		const uint8_t *data;
		size_t size = usable(c) ? meshtcp_session_output(c->session, &data) : 0;

		if (size > 0 && size <= FRAME_BYTES) {
			send_frame(c, data, size);
			/* Others wait for it to be over. */
			meshtcp_shared_unlock_calling(c);
			meshtcp_shared_lock(c);
			continue;
		}
		if (usable(c) && meshtcp_session_farewell_said(c->session)) {
			half_close(c);
			meshtcp_shared_unlock_calling(c);
			meshtcp_shared_lock(c);
			continue;
		}
		meshtcp_shared_wait(c, UINT64_MAX);
	}
	meshtcp_shared_unlock_calling(c);
	return NULL;
}
