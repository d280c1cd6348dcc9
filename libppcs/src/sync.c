/* SPDX-License-Identifier: MIT */
/* Blocking helpers: begin, and dispatch until it is over. Its end is told to the caller alone. */
#include <errno.h>

#include "common/wait.h"

#include "handle.h"

#define CLOSING_MS 100 /* CLOSE is said within 50 */

/* Wait for the descriptor and dispatch; 0 also when the time is up. */
static int dispatch_once(struct ppcs *p, int timeout_ms)
{
	int ret = cmn_wait_loop(ppcs_get_fd(p), timeout_ms);

	return ret < 0 ? ret : ppcs_dispatch(p);
}

int ppcs_wait(struct ppcs *p, int timeout_ms)
{
	uint64_t end = cmn_wait_end(timeout_ms);

	if (!p)
		return -EINVAL;
	for (;;) {
		int left = cmn_wait_left(end);
		int ret;

		if (ppcs_has_event(p))
			return 1;
		ret = dispatch_once(p, left);
		if (ret < 0)
			return ret;
		if (left == 0)
			return ppcs_has_event(p) ? 1 : 0;
	}
}

/* Neither a race nor a search goes on, and nobody is waiting for his CLOSE. */
static bool settled(const struct ppcs *p)
{
	enum ppcs_state state = ppcs_get_state(p);

	return state == PPCS_STATE_IDLE || state == PPCS_STATE_CONNECTED;
}

static int wait_until_settled(struct ppcs *p, int timeout_ms)
{
	uint64_t end = cmn_wait_end(timeout_ms);

	while (!settled(p)) {
		int left = cmn_wait_left(end);
		int ret = dispatch_once(p, left);

		if (ret < 0)
			return ret;
		if (left == 0 && !settled(p))
			return -ETIMEDOUT;
	}
	return 0;
}

/* The time of the caller is over, or it cannot be waited any more: take back what was begun. */
static int await(struct ppcs *p, int timeout_ms)
{
	int ret = wait_until_settled(p, timeout_ms);

	if (ret < 0) {
		ppcs_disconnect(p);
		wait_until_settled(p, CLOSING_MS);
	}
	return ret;
}

int ppcs_connect_sync(struct ppcs *p, int timeout_ms, const struct ppcs_report **ret_report)
{
	int ret = ppcs_connect(p);

	if (ret < 0)
		return ret;
	ret = await(p, timeout_ms);
	ppcs_session_drop_events(p->session, PPCS_EVENT_RESULT, PPCS_EVENT_CONNECTED);
	if (ret_report)
		*ret_report = ppcs_get_report(p);
	return ret < 0 ? ret : ppcs_get_report(p)->error;
}

int ppcs_search_sync(struct ppcs *p, unsigned wait_ms, int timeout_ms)
{
	int ret = ppcs_search(p, wait_ms);

	if (ret < 0)
		return ret;
	ret = await(p, timeout_ms);
	ppcs_session_drop_events(p->session, PPCS_EVENT_RESULT, PPCS_EVENT_RESULT);
	if (ret < 0)
		return ret;
	return ppcs_get_statistics(p)->devices > 0 ? 0 : -ENOENT;
}

int ppcs_disconnect_sync(struct ppcs *p, int timeout_ms)
{
	if (!p)
		return -EINVAL;
	ppcs_disconnect(p);
	return wait_until_settled(p, timeout_ms);
}

int ppcs_send_sync(struct ppcs *p, unsigned channel, const void *data, size_t size, int timeout_ms,
		   size_t *ret_taken)
{
	uint64_t end = cmn_wait_end(timeout_ms);
	size_t done = 0;
	int ret = 0;

	while (ret >= 0 && done < size) {
		int left = cmn_wait_left(end);

		ret = ppcs_send(p, channel, (const uint8_t *)data + done, size - done);
		if (ret > 0)
			done += (size_t)ret;
		else if (ret == -EAGAIN)
			ret = left == 0 ? -ETIMEDOUT : dispatch_once(p, left);
	}
	if (ret_taken)
		*ret_taken = done;
	return ret < 0 ? ret : 0;
}

static bool drained(const struct ppcs *p)
{
	size_t bytes = 0;

	for (unsigned i = 0; i < PPCS_CHANNELS; i++)
		bytes += ppcs_get_unsent(p, i);
	return bytes == 0;
}

int ppcs_flush_sync(struct ppcs *p, int timeout_ms)
{
	uint64_t end = cmn_wait_end(timeout_ms);

	while (p && ppcs_get_state(p) == PPCS_STATE_CONNECTED) {
		int left = cmn_wait_left(end);
		int ret;

		if (drained(p))
			return 0;
		if (left == 0)
			return -ETIMEDOUT;
		ret = dispatch_once(p, left);
		if (ret < 0)
			return ret;
	}
	return p ? -ENOTCONN : -EINVAL;
}
