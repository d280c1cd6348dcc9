/* SPDX-License-Identifier: MIT */
/*
 * Blocking helpers, on the public API alone: make the request, dispatch until its result is there.
 */
#include <errno.h>

#include <ipcom/ipcom.h>

#include "common/wait.h"

/* Wait for the descriptor and dispatch; 0 also when the time is up. */
static int dispatch_once(struct ipcom *c, int timeout_ms)
{
	int ret = cmn_wait_loop(ipcom_get_fd(c), timeout_ms);

	return ret < 0 ? ret : ipcom_dispatch(c);
}

int ipcom_wait(struct ipcom *c, int timeout_ms)
{
	uint64_t end = cmn_wait_end(timeout_ms);

	if (!c)
		return -EINVAL;
	for (;;) {
		int left = cmn_wait_left(end);
		int ret;

		if (ipcom_has_event(c))
			return 1;
		ret = dispatch_once(c, left);
		if (ret < 0)
			return ret;
		if (left == 0)
			return ipcom_has_event(c) ? 1 : 0;
	}
}

static int done(const struct ipcom_event *result, const struct ipcom_event **ret_event)
{
	if (ret_event)
		*ret_event = result;
	return result->error;
}

static int without_event(int error, const struct ipcom_event **ret_event)
{
	if (ret_event)
		*ret_event = NULL;
	return error;
}

/* The time is up: say why there was no answer, and leave no request behind. */
static int give_up(struct ipcom *c, uint32_t id, const struct ipcom_event **ret_event)
{
	const struct ipcom_statistics *statistics = ipcom_get_statistics(c);
	int error = -ETIMEDOUT;

	if (ipcom_get_state(c) == IPCOM_STATE_CONNECTING ||
	    ipcom_get_state(c) == IPCOM_STATE_BACKOFF || ipcom_get_state(c) == IPCOM_STATE_REFUSED)
		error = statistics->last_error < 0 ? statistics->last_error : -EHOSTUNREACH;
	ipcom_cancel(c, id);
	ipcom_take_result(c, id);
	return without_event(error, ret_event);
}

int ipcom_await(struct ipcom *c, uint32_t id, int timeout_ms, const struct ipcom_event **ret_event)
{
	uint64_t end = cmn_wait_end(timeout_ms);

	if (!c)
		return without_event(-EINVAL, ret_event);
	for (;;) {
		const struct ipcom_event *result = ipcom_take_result(c, id);
		int left = cmn_wait_left(end);
		int ret;

		if (result)
			return done(result, ret_event);
		if (!ipcom_is_pending(c, id))
			return without_event(-ENOENT, ret_event);
		if (left == 0 && timeout_ms != 0)
			return give_up(c, id, ret_event);
		ret = dispatch_once(c, left);
		if (ret < 0)
			return without_event(ret, ret_event);
		if (timeout_ms == 0) {
			result = ipcom_take_result(c, id);
			return result ? done(result, ret_event) : give_up(c, id, ret_event);
		}
	}
}

int ipcom_disconnect_sync(struct ipcom *c, int timeout_ms)
{
	uint64_t end = cmn_wait_end(timeout_ms);

	ipcom_disconnect(c);
	while (ipcom_get_state(c) != IPCOM_STATE_IDLE) {
		int left = cmn_wait_left(end);
		int ret = dispatch_once(c, left);

		if (ret < 0)
			return ret;
		if (left == 0)
			return ipcom_get_state(c) == IPCOM_STATE_IDLE ? 0 : -ETIMEDOUT;
	}
	return 0;
}

/* The twins differ in nothing but their parameters. */
/* NOLINTBEGIN(bugprone-macro-parentheses): the arguments are lists with their commas */
#define P(...) __VA_ARGS__
#define TWIN(name, params, args)                                            \
	int name##_sync(struct ipcom *c, params int timeout_ms,             \
			const struct ipcom_event **ret_event)               \
	{                                                                   \
		uint32_t id;                                                \
		int ret = name(c, args & id);                               \
                                                                            \
		return ret < 0 ? without_event(ret, ret_event) :            \
				 ipcom_await(c, id, timeout_ms, ret_event); \
	}

/* clang-format off */
TWIN(ipcom_output_set, P(struct ipcom_output output, unsigned value,), P(output, value,))
TWIN(ipcom_outputs_set, P(const struct ipcom_setting *settings, size_t count,), P(settings, count,))
TWIN(ipcom_output_toggle, P(struct ipcom_output output,), P(output,))
TWIN(ipcom_shutter_move, P(unsigned shutter, enum ipcom_direction direction,),
     P(shutter, direction,))
TWIN(ipcom_refresh, P(), P())
/* clang-format on */
/* NOLINTEND(bugprone-macro-parentheses) */
