/* SPDX-License-Identifier: MIT */
/* The race as its user sees it, brought up to date when somebody looks. */
#include "state.h"

static const char *const names[PPCS_MODES] = {
	[PPCS_P2P] = "p2pConnectThread",
	[PPCS_LAN] = "lanConnectThread",
	[PPCS_RELAY] = "relayConnectThread",
};

/* Of several that run the one that started last counts, else the last one at all. */
static void update_ports(struct session *s, struct racer *r)
{
	if (r->state == PPCS_SUCCESS)
		return;
	if (r->record_count > 0) {
		r->local_port = r->records[r->record_count - 1].local_port;
		r->destination_port = r->records[r->record_count - 1].destination.port;
	}
	for (const struct attempt *a = s->race.attempts; a; a = a->next) {
		if (a->mode != r->mode)
			continue;
		r->local_port = a->local.port;
		r->destination_port = a->destination.port;
		return;
	}
}

static void fill(struct session *s, struct racer *r, uint64_t now)
{
	struct ppcs_racer *to = &s->race.report.racers[r->mode];
	uint64_t end = r->state == PPCS_RUNNING || r->state == PPCS_PENDING ? now : r->ended_at;

	to->name = names[r->mode];
	to->mode = r->mode;
	to->state = r->state;
	to->local_port = r->local_port;
	to->destination_port = r->destination_port;
	to->retries = r->retries;
	to->started = r->state != PPCS_NOT_STARTED;
	to->elapsed_ms = r->started_at != 0 ? (uint32_t)(end - r->started_at) : 0;
	to->error = r->state == PPCS_RUNNING ? NULL : ppcs_reason_text(r->reason);
	to->attempts = r->records;
	to->attempt_count = r->record_count;
	to->attempts_dropped = r->records_dropped;
}

void ppcs_report_update(struct session *s, uint64_t now)
{
	struct race *race = &s->race;

	for (struct attempt *a = race->attempts; a; a = a->next)
		ppcs_attempt_record(s, a, now);
	for (unsigned i = 0; i < PPCS_MODES; i++) {
		struct racer *r = &race->racers[i];

		r->mode = (enum ppcs_mode)i;
		update_ports(s, r);
		fill(s, r, now);
	}
	if (race->running)
		race->report.elapsed_ms = (uint32_t)(now - race->started_at);
	race->report.winner = race->report.success ? names[race->report.mode] : NULL;
	race->report.text = race->text;
}
