/* SPDX-License-Identifier: MIT */
/* What the share asks of its handle and no user may: messages of others, sent and received whole.
 * */
#include "handle.h"

#include <errno.h>
#include <stdlib.h>

#include "common/clock.h"

#include "frame.h"

#define SAY_MS 5000 /* later it would be of no use */
/* All records that are kept, which are a few KiB in practice. */
#define MAX_RECORDS_BYTES ((size_t)256 * FRAME_MAX_BYTES)

int meshtcp_handle_tap(struct meshtcp *m, bool on)
{
	int ret;

	meshtcp_shared_lock(m->shared);
	ret = meshtcp_session_tap(m->shared->session, on ? m->owner : 0);
	meshtcp_shared_unlock(m->shared);
	return ret;
}

static int submit(struct meshtcp *m, struct order *order, uint32_t *ret_id)
{
	int ret;

	meshtcp_shared_lock(m->shared);
	order->owner = m->owner;
	ret = meshtcp_session_request(m->shared->session, order, cmn_clock_ms(), ret_id);
	meshtcp_shared_unlock(m->shared);
	return ret;
}

int meshtcp_handle_forward(struct meshtcp *m, const uint8_t *packet, size_t size, unsigned port,
			   uint32_t id, uint32_t *ret_wire)
{
	struct order order = { .message = { .port = port },
			       .raw = packet,
			       .raw_size = size,
			       .raw_id = id,
			       .timeout_ms = m->timeout_ms };

	return submit(m, &order, ret_wire);
}

int meshtcp_handle_say(struct meshtcp *m, const uint8_t *message, size_t size, uint32_t *ret_id)
{
	struct order order = {
		.raw = message, .raw_size = size, .whole = true, .timeout_ms = SAY_MS
	};

	return submit(m, &order, ret_id);
}

int meshtcp_handle_records(struct meshtcp *m, uint8_t **ret, size_t *ret_before)
{
	uint8_t *data = malloc(MAX_RECORDS_BYTES);
	int size;

	if (!data)
		return -ENOMEM;
	meshtcp_shared_lock(m->shared);
	size = meshtcp_session_records(m->shared->session, data, MAX_RECORDS_BYTES, ret_before);
	meshtcp_shared_unlock_unchanged(m->shared);
	if (size > (int)MAX_RECORDS_BYTES)
		size = -ENOMEM;
	if (size < 0)
		free(data);
	else
		*ret = data;
	return size;
}
