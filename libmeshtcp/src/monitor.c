/* SPDX-License-Identifier: MIT */
/*
 * The thread that keeps the time: the session's deadlines, the limit of a connect, and sockets that
 * are to be given up. It makes the others come back by shutdown(), again and again until they have:
 * one that lands right before a connect() is lost.
 */
#include <sys/socket.h>

#include "common/clock.h"

#include "handle.h"
#include "shared.h"

#define SHUT_AGAIN_MS 50
#define HALF_CLOSE_MS 250 /* for the node to close after goodbye (15.5) */

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Is the socket of a connection that nobody wants any more, or that took too long? */
static bool unwanted(struct shared *c, uint64_t now)
{
	if (c->fd < 0)
		return false;
	if (c->connecting && now >= c->connect_by)
		c->timed_out = true;
	return c->quit || (c->connecting && c->timed_out) ||
	       meshtcp_session_wants(c->session) != c->generation;
}

static void watch_socket(struct shared *c, uint64_t now)
{
	if (!unwanted(c, now) || now < c->shut_at)
		return;
	shutdown(c->fd, SHUT_RDWR);
	c->shut_at = now + SHUT_AGAIN_MS;
}

/* Goodbye was said and the node has had its time to close. */
static void watch_goodbye(struct shared *c, uint64_t now)
{
	if (c->fd >= 0 && c->half_closed && now >= c->half_closed_ms + HALF_CLOSE_MS)
		meshtcp_session_failed(c->session, 0, now);
}

static uint64_t deadline(struct shared *c, uint64_t now)
{
	uint64_t at = meshtcp_session_deadline(c->session);

	if (c->fd >= 0 && c->connecting && !c->timed_out)
		at = earlier(at, c->connect_by);
	if (c->fd >= 0 && c->half_closed)
		at = earlier(at, c->half_closed_ms + HALF_CLOSE_MS);
	if (unwanted(c, now))
		at = earlier(at, c->shut_at);
	return at;
}

void *meshtcp_monitor_run(void *shared)
{
	struct shared *c = shared;

	meshtcp_shared_name_thread("meshtcp-time");
	meshtcp_shared_lock(c);
	/* To the end: the reader may need more than one shutdown() to come back. */
	while (!c->quit || c->fd >= 0) {
		uint64_t now = cmn_clock_ms();

		meshtcp_session_tick(c->session, now);
		watch_goodbye(c, now);
		watch_socket(c, now);
		meshtcp_shared_unlock_calling(c);
		meshtcp_lock_drain(&c->lock);
		meshtcp_shared_lock(c);
		if (c->quit && c->fd < 0)
			break;
		meshtcp_shared_wait(c, deadline(c, cmn_clock_ms()));
	}
	meshtcp_shared_unlock_calling(c);
	return NULL;
}
