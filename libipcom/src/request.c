/* SPDX-License-Identifier: MIT */
/*
 * The requests of the public API: their arguments are checked here, the rest is the session's.
 */
#include <errno.h>

#include <ipcom/ipcom.h>

#include "common/clock.h"

#include "handle.h"

#define MAX_SETTINGS ((size_t)IPCOM_MODULES * IPCOM_OUTPUTS)

static int send_now(struct ipcom *c, int ret, uint64_t now)
{
	if (ret == 0)
		ipcom_transport_update(&c->transport, now);
	return ret;
}

static bool valid_output(struct ipcom_output output)
{
	return output.module >= 1 && output.module <= IPCOM_MODULES && output.output >= 1 &&
	       output.output <= IPCOM_OUTPUTS;
}

/* Every output once, every value a byte. */
static bool valid_settings(const struct ipcom_setting *settings, size_t count)
{
	bool seen[IPCOM_MODULES][IPCOM_OUTPUTS] = { 0 };

	if (!settings || count < 1 || count > MAX_SETTINGS)
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct ipcom_output output = settings[i].output;
		bool *place;

		if (!valid_output(output) || settings[i].value > 255)
			return false;
		place = &seen[output.module - 1][output.output - 1];
		if (*place)
			return false;
		*place = true;
	}
	return true;
}

int ipcom_outputs_set(struct ipcom *c, const struct ipcom_setting *settings, size_t count,
		      uint32_t *ret_id)
{
	uint64_t now = cmn_clock_ms();

	if (!c || !valid_settings(settings, count))
		return -EINVAL;
	return send_now(c, ipcom_session_set(c->session, settings, count, now, ret_id), now);
}

int ipcom_output_set(struct ipcom *c, struct ipcom_output output, unsigned value, uint32_t *ret_id)
{
	const struct ipcom_setting setting = { output, value };

	return ipcom_outputs_set(c, &setting, 1, ret_id);
}

int ipcom_output_toggle(struct ipcom *c, struct ipcom_output output, uint32_t *ret_id)
{
	uint64_t now = cmn_clock_ms();

	if (!c || !valid_output(output))
		return -EINVAL;
	return send_now(c, ipcom_session_toggle(c->session, output, now, ret_id), now);
}

int ipcom_shutter_move(struct ipcom *c, unsigned shutter, enum ipcom_direction direction,
		       uint32_t *ret_id)
{
	uint64_t now = cmn_clock_ms();

	if (!c || direction < IPCOM_STOP || direction > IPCOM_CLOSE)
		return -EINVAL;
	return send_now(c, ipcom_session_move(c->session, shutter, direction, now, ret_id), now);
}

int ipcom_refresh(struct ipcom *c, uint32_t *ret_id)
{
	uint64_t now = cmn_clock_ms();

	if (!c)
		return -EINVAL;
	return send_now(c, ipcom_session_refresh(c->session, now, ret_id), now);
}
