/* SPDX-License-Identifier: MIT */
/*
 * Words for the errors of the public header, and names of states.
 */
#include <errno.h>
#include <string.h>

#include <ipcom/ipcom.h>

struct words {
	int number;
	const char *text;
};

static const struct words errors[] = {
	{ 0, "no error" },
	{ -EINVAL, "argument out of range" },
	{ -ENOMEM, "out of memory" },
	{ -EBUSY, "busy: already connected, or too many requests" },
	{ -EPERM, "refused here to protect the house or its user" },
	{ -ENOTCONN, "not connected" },
	{ -ECONNRESET, "connection lost" },
	{ -ECONNREFUSED, "connection refused" },
	{ -EHOSTUNREACH, "host unreachable" },
	{ -EADDRNOTAVAIL, "name does not resolve" },
	{ -EACCES, "user name or password refused" },
	{ -ETIMEDOUT, "no answer or confirmation in time" },
	{ -ECANCELED, "cancelled" },
	{ -EPROTO, "answers that cannot be read" },
	{ -ENOENT, "not known yet" },
};

static const char *const states[] = {
	[IPCOM_STATE_IDLE] = "idle",       [IPCOM_STATE_CONNECTING] = "connecting",
	[IPCOM_STATE_LOGIN] = "login",     [IPCOM_STATE_SYNC] = "sync",
	[IPCOM_STATE_READY] = "ready",     [IPCOM_STATE_BACKOFF] = "backoff",
	[IPCOM_STATE_REFUSED] = "refused", [IPCOM_STATE_CLOSING] = "closing",
};

const char *ipcom_strerror(int error)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].number == error)
			return errors[i].text;
	/* Others come from the system alone: EMFILE and its like. */
	return strerror(error < 0 ? -error : error);
}

const char *ipcom_state_name(enum ipcom_state state)
{
	return (size_t)state < sizeof(states) / sizeof(states[0]) ? states[state] : "unknown";
}

const char *ipcom_version(void)
{
	return IPCOM_VERSION;
}
