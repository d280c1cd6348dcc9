/* SPDX-License-Identifier: MIT */
/*
 * The race (section 12): its racers run side by side, the winner is decided once, all others are
 * closed, and only then the result is told.
 */
#include "state.h"

#include <stdlib.h>
#include <string.h>

void ppcs_race_see(struct session *s, enum reason reason)
{
	s->race.seen |= UINT32_C(1) << reason;
}

void ppcs_race_free(struct race *race)
{
	for (unsigned i = 0; i < PPCS_MODES; i++)
		ppcs_racer_free(&race->racers[i]);
	while (race->attempts) {
		struct attempt *a = race->attempts;

		race->attempts = a->next;
		ppcs_link_drop(&a->link);
		free(a);
	}
	memset(race, 0, sizeof(*race));
}

int ppcs_race_start(struct session *s, uint64_t now)
{
	struct race *race = &s->race;
	int error = ppcs_event_list_prepare(&s->events);

	ppcs_race_free(race);
	race->told = true;
	for (unsigned i = 0; i < PPCS_MODES && error == 0; i++) {
		race->racers[i].mode = (enum ppcs_mode)i;
		race->racers[i].round_at = NEVER;
		error = ppcs_racer_plan(s, &race->racers[i], now);
	}
	if (error < 0) {
		ppcs_race_free(race);
		race->told = true;
		return error;
	}
	ppcs_priority_plan(s, now);
	race->running = true;
	race->told = false;
	race->started_at = now;
	s->statistics.races++;
	return 0;
}

/* What came in one batch came at the same time: then LAN goes before P2P, and that before the
 * relay, and the one that started earlier before the one that started later. */
static struct attempt *find_winner(const struct session *s)
{
	static const enum ppcs_mode order[] = { PPCS_LAN, PPCS_P2P, PPCS_RELAY };
	struct attempt *found = NULL;

	for (unsigned i = 0; i < PPCS_MODES && !found; i++)
		for (struct attempt *a = s->race.attempts; a; a = a->next)
			if (a->mode == order[i] && a->level >= s->config.until)
				found = a; /* the last in the list is the oldest */
	return found;
}

/* Has the device answered one of its attempts? Servers and relays answer for themselves only. */
static bool meets_device(const struct session *s, enum ppcs_mode mode)
{
	for (const struct attempt *a = s->race.attempts; a; a = a->next) {
		bool itself = a->kind == ATTEMPT_LAN || a->kind == ATTEMPT_PUNCH;

		if (a->mode == mode && a->level >= (itself ? PPCS_LEVEL_ANSWER : PPCS_LEVEL_PATH))
			return true;
	}
	return false;
}

/* WINNER has won. Who was only slower has not failed, and who started after it neither. */
static void learn_won(struct session *s, const struct racer *winner, uint64_t now)
{
	for (unsigned i = 0; i < PPCS_MODES; i++) {
		const struct racer *r = &s->race.racers[i];
		bool meets = meets_device(s, r->mode);

		if (r == winner)
			ppcs_path_raced(&s->paths, r->mode, true, now);
		else if (r->round_failed || (r->retries > 0 && !meets))
			ppcs_path_raced(&s->paths, r->mode, false, now);
		else if (r->record_count > 0 && r->started_at <= winner->started_at && !meets)
			ppcs_path_outrun(&s->paths, r->mode);
	}
}

/* Nobody has won; who never started has not failed. */
static void learn_lost(struct session *s, uint64_t now)
{
	for (unsigned i = 0; i < PPCS_MODES; i++)
		if (s->race.racers[i].retries > 0)
			ppcs_path_raced(&s->paths, (enum ppcs_mode)i, false, now);
}

static void decide(struct session *s, uint64_t now)
{
	s->race.running = false;
	s->race.decided_at = now;
}

static void end_all(struct session *s, enum ppcs_racer_state state, enum reason reason,
		    uint64_t now)
{
	while (s->race.attempts)
		ppcs_attempt_end(s, s->race.attempts, state, reason, now);
	for (unsigned i = 0; i < PPCS_MODES; i++) {
		struct racer *r = &s->race.racers[i];

		if (r->state == PPCS_PENDING || r->state == PPCS_RUNNING)
			ppcs_racer_end(r, state, r->rests ? r->reason : reason, now);
	}
}

static void tell_connected(struct session *s, const struct attempt *a, uint64_t now)
{
	const struct ppcs_report *report = &s->race.report;
	struct ppcs_event event = { .type = PPCS_EVENT_CONNECTED,
				    .time_ms = now,
				    .attempt = a->number,
				    .mode = a->mode,
				    .level = a->level,
				    .destination = report->destination,
				    .local = report->local,
				    .peer = report->peer,
				    .uid = report->uid,
				    .key = report->key,
				    .elapsed_ms = report->elapsed_ms };

	ppcs_event_list_add_reserved(&s->events, RESERVE_CONNECTED, &event);
}

static void fill_report(struct session *s, const struct attempt *a, uint64_t now)
{
	struct race *race = &s->race;
	struct ppcs_report *report = &race->report;

	ppcs_uid_text(&a->link.uid, race->uid);
	memcpy(race->key, s->keys.at[a->link.key].text, sizeof(race->key));
	report->success = true;
	report->mode = a->mode;
	report->uid = race->uid;
	report->key = race->key;
	report->local = a->local;
	report->destination = a->destination;
	report->peer = a->link.peer;
	report->elapsed_ms = (uint32_t)(now - race->started_at);
}

static void win(struct session *s, struct attempt *a, uint64_t now)
{
	struct racer *r = &s->race.racers[a->mode];
	struct path *path = ppcs_attempt_path(s, a);

	if (path) {
		path->numbers.successes++;
		path->numbers.failures = 0;
	}
	learn_won(s, r, now);
	fill_report(s, a, now);
	ppcs_attempt_record(s, a, now);
	s->statistics.races_won++;
	ppcs_statistics_new_session(&s->statistics);
	s->link = a->link;
	memset(&a->link, 0, sizeof(a->link));
	if (a->kind == ATTEMPT_TCP_RELAY)
		a->path.tcp.relay = 0;
	tell_connected(s, a, now);
	ppcs_link_win(s, &s->link, now);
	ppcs_attempt_end(s, a, PPCS_SUCCESS, REASON_NONE, now);
	ppcs_racer_end(r, PPCS_SUCCESS, REASON_NONE, now);
	end_all(s, PPCS_CANCELLED, REASON_CANCELLED, now);
	r->local_port = s->race.report.local.port;
	r->destination_port = s->race.report.destination.port;
	decide(s, now);
	ppcs_verdict(s, false);
}

static void lose(struct session *s, bool cancelled, uint64_t now)
{
	decide(s, now);
	/* What was given up might have been won. */
	if (!cancelled)
		learn_lost(s, now);
	s->race.report.elapsed_ms = (uint32_t)(now - s->race.started_at);
	ppcs_verdict(s, cancelled);
}

/* The time is over: each attempt says how far it has come. */
static void run_out(struct session *s, uint64_t now)
{
	while (s->race.attempts)
		ppcs_attempt_end(s, s->race.attempts, PPCS_FAILED,
				 ppcs_attempt_late(s, s->race.attempts), now);
	for (unsigned i = 0; i < PPCS_MODES; i++) {
		struct racer *r = &s->race.racers[i];

		if (r->state == PPCS_PENDING || r->state == PPCS_RUNNING)
			ppcs_racer_end(r, PPCS_FAILED,
				       r->reason != REASON_NONE ? r->reason : REASON_TIME, now);
	}
	lose(s, false, now);
}

void ppcs_race_give_up(struct session *s, uint64_t now)
{
	if (!s->race.running)
		return;
	end_all(s, PPCS_CANCELLED, REASON_CANCELLED, now);
	lose(s, true, now);
}

static bool all_failed(const struct race *race)
{
	for (unsigned i = 0; i < PPCS_MODES; i++)
		if (race->racers[i].state == PPCS_PENDING || race->racers[i].state == PPCS_RUNNING)
			return false;
	return true;
}

static void run(struct session *s, uint64_t now)
{
	struct attempt *winner = find_winner(s);
	struct attempt *next;

	if (winner) {
		win(s, winner, now);
		return;
	}
	if (now >= s->race.started_at + s->config.timeout_ms) {
		run_out(s, now);
		return;
	}
	for (struct attempt *a = s->race.attempts; a; a = next) {
		next = a->next;
		ppcs_attempt_tick(s, a, now);
	}
	for (unsigned i = 0; i < PPCS_MODES; i++)
		ppcs_racer_tick(s, &s->race.racers[i], now);
	ppcs_priority_wake(s, now);
	if (all_failed(&s->race))
		lose(s, false, now);
}

static void tell_result(struct session *s, uint64_t now)
{
	struct ppcs_event event = { .type = PPCS_EVENT_RESULT, .time_ms = now };

	ppcs_report_update(s, now);
	event.report = &s->race.report;
	event.error = s->race.report.error;
	event.mode = s->race.report.mode;
	event.elapsed_ms = s->race.report.elapsed_ms;
	ppcs_event_list_add_reserved(&s->events, RESERVE_RESULT, &event);
	s->race.told = true;
	cmn_log_printf(&s->log, CMN_LOG_INFO, "%s", s->race.text);
}

void ppcs_race_tick(struct session *s, uint64_t now)
{
	if (s->race.running)
		run(s, now);
	/* The losers are closed before anybody hears of the end. */
	if (!s->race.running && !s->race.told && s->farewell_count == 0)
		tell_result(s, now);
}

uint64_t ppcs_race_deadline(const struct session *s)
{
	const struct race *race = &s->race;
	uint64_t at = race->started_at + s->config.timeout_ms;

	if (!race->running)
		return NEVER;
	for (const struct attempt *a = race->attempts; a; a = a->next) {
		uint64_t other = ppcs_attempt_deadline(s, a);

		if (other < at)
			at = other;
	}
	for (unsigned i = 0; i < PPCS_MODES; i++) {
		uint64_t other = ppcs_racer_deadline(s, &race->racers[i]);

		if (other < at)
			at = other;
	}
	return at;
}
