/* SPDX-License-Identifier: MIT */
/*
 * Words for the errors of the public header, and names of states and reasons.
 */
#include <errno.h>
#include <string.h>

#include <meshtcp/meshtcp.h>

struct words {
	int number;
	const char *text;
};

static const struct words errors[] = {
	{ 0, "no error" },
	{ -EINVAL, "argument out of range" },
	{ -ENOMEM, "out of memory, descriptors or threads" },
	{ -EBUSY, "busy: already connected, too many requests, or the node is in use" },
	{ -ENOTCONN, "not connected" },
	{ -ECONNRESET, "connection lost" },
	{ -ECONNREFUSED, "connection refused" },
	{ -EHOSTUNREACH, "host unreachable" },
	{ -EADDRNOTAVAIL, "name does not resolve" },
	{ -ETIMEDOUT, "no answer in time" },
	{ -ECANCELED, "cancelled" },
	{ -EMSGSIZE, "longer than a packet can be" },
	{ -EIO, "refused by the node or the other side" },
	{ -ENOENT, "no such node, channel or record" },
	{ -EBADMSG, "cannot be decoded" },
};

static const char *const states[] = {
	[MESHTCP_STATE_IDLE] = "idle",
	[MESHTCP_STATE_CONNECTING] = "connecting",
	[MESHTCP_STATE_DOWNLOADING] = "downloading",
	[MESHTCP_STATE_READY] = "ready",
	[MESHTCP_STATE_BACKOFF] = "backoff",
	[MESHTCP_STATE_CLOSING] = "closing",
};

static const char *const reasons[] = {
	[MESHTCP_REASON_NONE] = "none",
	[MESHTCP_REASON_CLOSED] = "closed",
	[MESHTCP_REASON_RESET] = "reset",
	[MESHTCP_REASON_SILENT] = "silent",
	[MESHTCP_REASON_EVICTED] = "evicted",
	[MESHTCP_REASON_IDLE] = "idle",
	[MESHTCP_REASON_REBOOTED] = "rebooted",
	[MESHTCP_REASON_REFUSED] = "refused",
	[MESHTCP_REASON_UNREACHABLE] = "unreachable",
	[MESHTCP_REASON_TIMEOUT] = "timeout",
	[MESHTCP_REASON_LOCAL] = "local",
};

static const char *const send_states[] = {
	[MESHTCP_SEND_WAITING] = "waiting", [MESHTCP_SEND_QUEUED] = "queued",
	[MESHTCP_SEND_RELAYED] = "relayed", [MESHTCP_SEND_DELIVERED] = "delivered",
	[MESHTCP_SEND_FAILED] = "failed",   [MESHTCP_SEND_UNKNOWN] = "unknown",
};

const char *meshtcp_strerror(int error)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].number == error)
			return errors[i].text;
	/* Others come from the system alone: EMFILE and its like. */
	return strerror(error < 0 ? -error : error);
}

static const char *name(const char *const *names, size_t count, unsigned number)
{
	return number < count ? names[number] : "unknown";
}

#define NAME(names, number) name(names, sizeof(names) / sizeof((names)[0]), (unsigned)(number))

const char *meshtcp_state_name(enum meshtcp_state state)
{
	return NAME(states, state);
}

const char *meshtcp_reason_name(enum meshtcp_reason reason)
{
	return NAME(reasons, reason);
}

const char *meshtcp_send_state_name(enum meshtcp_send_state state)
{
	return NAME(send_states, state);
}

const char *meshtcp_version(void)
{
	return MESHTCP_VERSION;
}
