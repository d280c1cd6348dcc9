/* SPDX-License-Identifier: MIT */
/*
 * Words for the errors of the public header, and names of modes, states and levels.
 */
#include <errno.h>
#include <string.h>

#include <ppcs/ppcs.h>

struct words {
	int number;
	const char *text;
};

static const struct words errors[] = {
	{ 0, "no error" },
	{ -EINVAL, "argument out of range, or nothing to start with" },
	{ -ENOMEM, "out of memory" },
	{ -EBUSY,
	  "busy: a race, a search or a session is there already, or too many of something" },
	{ -ENOTCONN, "no session" },
	{ -ECONNRESET, "closed by the device" },
	{ -ECONNREFUSED, "refused by the device, a directory server or a relay" },
	{ -EHOSTUNREACH, "nobody was heard" },
	{ -EADDRNOTAVAIL, "name does not resolve to an IPv4 address" },
	{ -ETIMEDOUT, "not proven in time, or fell silent" },
	{ -ECANCELED, "cancelled" },
	{ -EPROTO, "only packets that cannot be used" },
	{ -ENOENT, "nothing found" },
};

static const char *const modes[PPCS_MODES] = {
	[PPCS_P2P] = "p2p",
	[PPCS_LAN] = "lan",
	[PPCS_RELAY] = "relay",
};

static const char *const states[] = {
	[PPCS_STATE_IDLE] = "idle",       [PPCS_STATE_SEARCHING] = "searching",
	[PPCS_STATE_RACING] = "racing",   [PPCS_STATE_CONNECTED] = "connected",
	[PPCS_STATE_CLOSING] = "closing",
};

static const char *const racer_states[] = {
	[PPCS_NOT_STARTED] = "not_started", [PPCS_PENDING] = "pending",
	[PPCS_RUNNING] = "running",         [PPCS_SUCCESS] = "success",
	[PPCS_FAILED] = "failed",           [PPCS_CANCELLED] = "cancelled",
};

static const char *const levels[] = {
	[PPCS_LEVEL_NONE] = "none",
	[PPCS_LEVEL_ANSWER] = "answer",
	[PPCS_LEVEL_PATH] = "path",
	[PPCS_LEVEL_VERIFIED] = "verified",
};

const char *ppcs_strerror(int error)
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

const char *ppcs_mode_name(enum ppcs_mode mode)
{
	return NAME(modes, mode);
}

const char *ppcs_state_name(enum ppcs_state state)
{
	return NAME(states, state);
}

const char *ppcs_racer_state_name(enum ppcs_racer_state state)
{
	return NAME(racer_states, state);
}

const char *ppcs_level_name(enum ppcs_level level)
{
	return NAME(levels, level);
}

const char *ppcs_version(void)
{
	return PPCS_VERSION;
}
