/* SPDX-License-Identifier: MIT */
/*
 * Why a race was not won, out of all that was seen on the way: the most telling observation becomes
 * one sentence that a person can act upon.
 */
#include "state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const reasons[REASONS] = {
	[REASON_NONE] = NULL,
	[REASON_TIME] = "the time of the race was over",
	[REASON_CANCELLED] = "cancelled",
	[REASON_NO_ANSWER] = "no answer",
	[REASON_CLOSED_PORT] = "port closed",
	[REASON_UNREADABLE] = "answers that cannot be read",
	[REASON_REFLECTED] = "only our own packets came back",
	[REASON_STRANGER] = "a stranger's P2P_RDY",
	[REASON_BLOCKED] = "answered, but no P2P_RDY came",
	[REASON_SILENT] = "path up, device silent",
	[REASON_DEVICE_CLOSED] = "closed by the device",
	[REASON_OTHER_DEVICE] = "another device answered",
	[REASON_OFFLINE] = "device off line",
	[REASON_UNKNOWN_UID] = "device id unknown",
	[REASON_DSK] = "device key refused",
	[REASON_NO_SERVER] = "no directory server answers",
	[REASON_NO_PUNCH] = "directory servers answer, the device does not",
	[REASON_NO_LIST] = "no relay listed",
	[REASON_NO_RELAY] = "no relay answers",
	[REASON_RELAYS_SILENT] = "no relay answers",
	[REASON_RELAY_FULL] = "the relay has no free port",
	[REASON_NO_DEVICE] = "the device does not come to the relay",
	[REASON_NO_TCP_RELAY] = "no relay over TCP",
	[REASON_NO_SOCKET] = "no socket",
	[REASON_WITHOUT_ADDRESS] = "no address and no broadcast",
	[REASON_WITHOUT_SERVER] = "no directory server given",
	[REASON_WITHOUT_RELAY] = "no relay given",
	[REASON_WITHOUT_UID] = "no device id given",
	[REASON_RESTS] = "rests after 5 races without success",
};

/* The most telling first. TEXT may name the id of the other device. */
static const struct rule {
	enum reason reason;
	enum ppcs_verdict verdict;
	int error;
	const char *text;
} rules[] = {
	{ REASON_DEVICE_CLOSED, PPCS_VERDICT_DEVICE_CLOSED, -ECONNREFUSED,
	  "the device closed the path again: perhaps it has too many clients" },
	{ REASON_SILENT, PPCS_VERDICT_SILENT, -ETIMEDOUT,
	  "the path was up, but the device itself was not heard over it" },
	{ REASON_BLOCKED, PPCS_VERDICT_BLOCKED, -ETIMEDOUT,
	  "the device answered, but packets are not let through: a firewall is likely" },
	{ REASON_OTHER_DEVICE, PPCS_VERDICT_OTHER_DEVICE, -ECONNREFUSED, "another device" },
	{ REASON_UNKNOWN_UID, PPCS_VERDICT_UNKNOWN_UID, -ECONNREFUSED,
	  "a directory server does not know this device id" },
	{ REASON_DSK, PPCS_VERDICT_DSK, -ECONNREFUSED,
	  "a directory server refuses the device key" },
	{ REASON_OFFLINE, PPCS_VERDICT_OFFLINE, -ECONNREFUSED,
	  "the directory servers say that the device is off line" },
	{ REASON_NO_DEVICE, PPCS_VERDICT_NO_DEVICE, -ETIMEDOUT,
	  "a relay gave a port, but the device did not come to it" },
	{ REASON_RELAY_FULL, PPCS_VERDICT_RELAY_FULL, -ECONNREFUSED,
	  "the relays answer, but none has a free port" },
	{ REASON_NO_PUNCH, PPCS_VERDICT_NO_PUNCH, -ETIMEDOUT,
	  "the directory servers answered, but nothing came from the device" },
	{ REASON_STRANGER, PPCS_VERDICT_STRANGER, -EPROTO,
	  "only somebody who was not asked says that he is the device" },
	{ REASON_REFLECTED, PPCS_VERDICT_REFLECTED, -EPROTO,
	  "only our own packets came back: this is an echo and no camera" },
	{ REASON_UNREADABLE, PPCS_VERDICT_UNREADABLE, -EPROTO, "unreadable" },
	{ REASON_NO_TCP_RELAY, PPCS_VERDICT_NO_RELAY, -ETIMEDOUT,
	  "the directory servers answered, but named no relay over TCP" },
	{ REASON_NO_LIST, PPCS_VERDICT_NO_RELAY, -ETIMEDOUT,
	  "the directory servers answered, but listed no relay" },
	{ REASON_RELAYS_SILENT, PPCS_VERDICT_NO_RELAY, -ETIMEDOUT,
	  "the directory servers answered, but no relay did" },
	{ REASON_NO_RELAY, PPCS_VERDICT_NO_RELAY, -EHOSTUNREACH, "no relay answered" },
	{ REASON_CLOSED_PORT, PPCS_VERDICT_CLOSED_PORT, -EHOSTUNREACH,
	  "nobody listens there: the ports are closed" },
	{ REASON_NO_SERVER, PPCS_VERDICT_NOTHING, -EHOSTUNREACH,
	  "nothing was heard, not even from a directory server" },
	{ REASON_NO_ANSWER, PPCS_VERDICT_NOTHING, -EHOSTUNREACH,
	  "nothing was heard: no device at this address, or a firewall between" },
	{ REASON_NO_SOCKET, PPCS_VERDICT_NO_WAY, -ENOMEM, "no socket could be opened" },
};

const char *ppcs_reason_text(enum reason reason)
{
	return reasons[reason];
}

static size_t rank(enum reason reason)
{
	size_t i = 0;

	while (i < sizeof(rules) / sizeof(rules[0]) && rules[i].reason != reason)
		i++;
	return i;
}

enum reason ppcs_reason_telling(enum reason a, enum reason b)
{
	return rank(b) <= rank(a) ? b : a;
}

static bool seen(const struct race *race, enum reason reason)
{
	return (race->seen & UINT32_C(1) << reason) != 0;
}

static void set(struct race *race, enum ppcs_verdict verdict, int error, const char *text)
{
	race->report.verdict = verdict;
	race->report.error = error;
	snprintf(race->text, sizeof(race->text), "%s", text);
}

static void name_other_device(struct race *race)
{
	ppcs_uid_text(&race->other, race->uid);
	race->report.uid = race->uid;
	snprintf(race->text, sizeof(race->text), "another device answered: %s", race->uid);
}

static void name_key(struct race *race, bool fixed)
{
	if (!race->other_key || !fixed)
		set(race, race->report.verdict, race->report.error,
		    "what answered cannot be read: another key, or no camera");
	else if (race->other_key[0] == '\0')
		set(race, race->report.verdict, race->report.error,
		    "wrong key: what answered is not obfuscated at all");
	else
		snprintf(race->text, sizeof(race->text),
			 "wrong key: what answered uses the key '%s'", race->other_key);
}

static void name_winner(struct race *race)
{
	char peer[ADDRESS_TEXT_BYTES];

	ppcs_address_text(&race->report.peer, peer);
	race->report.verdict = PPCS_VERDICT_CONNECTED;
	snprintf(race->text, sizeof(race->text), "connected via %s to %s",
		 ppcs_mode_name(race->report.mode), peer);
}

void ppcs_verdict(struct session *s, bool cancelled)
{
	struct race *race = &s->race;
	const struct rule *rule = NULL;

	race->report.text = race->text;
	if (race->report.success) {
		name_winner(race);
		return;
	}
	if (cancelled) {
		set(race, PPCS_VERDICT_CANCELLED, -ECANCELED, "cancelled");
		return;
	}
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]) && !rule; i++)
		if (seen(race, rules[i].reason))
			rule = &rules[i];
	if (!rule) {
		set(race, PPCS_VERDICT_NO_WAY, -EHOSTUNREACH,
		    "there was no time or nothing to try");
		return;
	}
	set(race, rule->verdict, rule->error, rule->text);
	if (rule->reason == REASON_OTHER_DEVICE)
		name_other_device(race);
	if (rule->reason == REASON_UNREADABLE)
		name_key(race, s->config.key_fixed);
}
