/* SPDX-License-Identifier: MIT */
/*
 * Blocking helpers, on the public API and one thing more, since other events keep the descriptor
 * readable: waiting for any change of the connection.
 */
#include <errno.h>

#include "common/clock.h"
#include "common/wait.h"

#include "handle.h"

static int wait_fd(struct meshtcp *m, int timeout_ms)
{
	int ret = cmn_wait_fd(meshtcp_get_fd(m), timeout_ms);

	return ret < 0 ? ret : meshtcp_dispatch(m);
}

int meshtcp_wait(struct meshtcp *m, int timeout_ms)
{
	uint64_t end = cmn_wait_end(timeout_ms);

	if (!m)
		return -EINVAL;
	for (;;) {
		int left = cmn_wait_left(end);
		int ret;

		if (meshtcp_has_event(m))
			return 1;
		ret = wait_fd(m, left);
		if (ret < 0)
			return ret;
		if (left == 0)
			return meshtcp_has_event(m) ? 1 : 0;
	}
}

static int done(const struct meshtcp_event *result, const struct meshtcp_event **ret_event)
{
	if (ret_event)
		*ret_event = result;
	return result->error;
}

static int without_event(int error, const struct meshtcp_event **ret_event)
{
	if (ret_event)
		*ret_event = NULL;
	return error;
}

/* Why there is no connection, when there is none. */
static int state_error(struct meshtcp *m)
{
	switch (meshtcp_get_state(m)) {
	case MESHTCP_STATE_CONNECTING:
	case MESHTCP_STATE_BACKOFF:
		break;
	default:
		return -ETIMEDOUT;
	}
	switch (meshtcp_get_statistics(m)->last_reason) {
	case MESHTCP_REASON_REFUSED:
		return -ECONNREFUSED;
	case MESHTCP_REASON_NONE:
	case MESHTCP_REASON_UNREACHABLE:
	case MESHTCP_REASON_TIMEOUT:
		return -EHOSTUNREACH;
	default:
		return -ECONNRESET;
	}
}

/* The time is up: say why there was no answer, and leave no request behind. */
static int give_up(struct meshtcp *m, uint32_t id, const struct meshtcp_event **ret_event)
{
	int error = state_error(m);
	const struct meshtcp_event *result;

	meshtcp_cancel(m, id);
	result = meshtcp_take_result(m, id);
	/* It may have come at the last moment. */
	if (result && result->error != -ECANCELED)
		return done(result, ret_event);
	return without_event(error, ret_event);
}

/* Until something changes after SEEN, or the time is up. */
static void wait_change(struct meshtcp *m, uint64_t seen, int left)
{
	meshtcp_handle_wait(m, seen, left < 0 ? UINT64_MAX : cmn_clock_ms() + (uint64_t)left);
}

int meshtcp_await(struct meshtcp *m, uint32_t id, int timeout_ms,
		  const struct meshtcp_event **ret_event)
{
	uint64_t end = cmn_wait_end(timeout_ms);

	if (!m)
		return without_event(-EINVAL, ret_event);
	for (;;) {
		uint64_t seen = meshtcp_handle_changes(m);
		const struct meshtcp_event *result = meshtcp_take_result(m, id);
		int left = cmn_wait_left(end);

		if (result)
			return done(result, ret_event);
		if (!meshtcp_is_pending(m, id)) {
			/* Between the two looks it may have ended. */
			result = meshtcp_take_result(m, id);
			return result ? done(result, ret_event) : without_event(-ENOENT, ret_event);
		}
		if (left == 0)
			return give_up(m, id, ret_event);
		wait_change(m, seen, left);
	}
}

int meshtcp_ready_sync(struct meshtcp *m, int timeout_ms)
{
	uint64_t end = cmn_wait_end(timeout_ms);

	if (!m)
		return -EINVAL;
	for (;;) {
		uint64_t seen = meshtcp_handle_changes(m);
		enum meshtcp_state state = meshtcp_get_state(m);
		int left = cmn_wait_left(end);

		if (state == MESHTCP_STATE_READY)
			return 0;
		if (state == MESHTCP_STATE_IDLE)
			return -ENOTCONN;
		if (left == 0)
			return state_error(m);
		wait_change(m, seen, left);
	}
}

int meshtcp_disconnect_sync(struct meshtcp *m, int timeout_ms)
{
	uint64_t end = cmn_wait_end(timeout_ms);

	if (!m)
		return -EINVAL;
	meshtcp_disconnect(m);
	for (;;) {
		uint64_t seen = meshtcp_handle_changes(m);
		int left = cmn_wait_left(end);

		if (meshtcp_get_state(m) == MESHTCP_STATE_IDLE)
			return 0;
		if (left == 0)
			return -ETIMEDOUT;
		wait_change(m, seen, left);
	}
}

int meshtcp_send_sync(struct meshtcp *m, const struct meshtcp_message *message, int timeout_ms,
		      const struct meshtcp_event **ret_event)
{
	uint32_t id;
	int ret = meshtcp_send(m, message, &id);

	return ret < 0 ? without_event(ret, ret_event) :
			 meshtcp_await(m, id, timeout_ms, ret_event);
}

int meshtcp_send_text_sync(struct meshtcp *m, uint32_t to, unsigned channel, const char *text,
			   bool want_ack, int timeout_ms, const struct meshtcp_event **ret_event)
{
	uint32_t id;
	int ret = meshtcp_send_text(m, to, channel, text, want_ack, &id);

	return ret < 0 ? without_event(ret, ret_event) :
			 meshtcp_await(m, id, timeout_ms, ret_event);
}

int meshtcp_traceroute_sync(struct meshtcp *m, uint32_t to, int timeout_ms,
			    const struct meshtcp_event **ret_event)
{
	uint32_t id;
	int ret = meshtcp_traceroute(m, to, &id);

	return ret < 0 ? without_event(ret, ret_event) :
			 meshtcp_await(m, id, timeout_ms, ret_event);
}

int meshtcp_visit_sync(struct meshtcp *m, int timeout_ms,
		       int (*fn)(struct meshtcp *m, void *userdata), void *userdata,
		       uint64_t *ret_ms)
{
	uint64_t start = cmn_clock_ms();
	int ret = fn ? meshtcp_join(m, true) : -EINVAL;

	if (ret == 0) {
		ret = meshtcp_ready_sync(m, timeout_ms);
		if (ret == 0)
			ret = fn(m, userdata);
		meshtcp_disconnect_sync(m, -1);
	}
	if (ret_ms)
		*ret_ms = cmn_clock_ms() - start;
	return ret;
}
