/* SPDX-License-Identifier: MIT */
/*
 * Which racer starts when (section 13): modes that won go first, and one that has failed in five
 * races in a row rests, as long as there is another one to hope for.
 */
#include "state.h"

#define MAX_WEIGHT 1000

static bool waits_or_runs(const struct racer *r)
{
	return r->state == PPCS_PENDING || r->state == PPCS_RUNNING;
}

/* Of the learnt weights of those that start; of all when all rest. */
static unsigned best_weight(const struct session *s)
{
	unsigned best[2] = { 0, 0 };
	bool any = false;

	for (unsigned i = 0; i < PPCS_MODES; i++) {
		const struct racer *r = &s->race.racers[i];
		unsigned weight = ppcs_path_weight(&s->paths, r->mode);

		if (r->state != PPCS_PENDING)
			continue;
		any |= !r->rests;
		if (weight > best[r->rests])
			best[r->rests] = weight;
	}
	return best[!any];
}

/* A weight that was set counts as it is; learnt ones against the best, so that nobody waits for
 * nobody. */
static unsigned start_delay(const struct session *s, enum ppcs_mode mode, unsigned best)
{
	unsigned weight = ppcs_path_weight(&s->paths, mode);

	if (s->config.weight_fixed[mode])
		return (MAX_WEIGHT - s->config.weights[mode]) / 2;
	return weight < best ? (best - weight) / 2 : 0;
}

void ppcs_priority_plan(struct session *s, uint64_t now)
{
	struct racer *racers = s->race.racers;
	unsigned rest[PPCS_MODES];
	unsigned best;

	for (unsigned i = 0; i < PPCS_MODES; i++) {
		rest[i] = s->config.weight_fixed[i] ?
				  0 :
				  ppcs_path_rest(&s->paths, (enum ppcs_mode)i, now);
		racers[i].rests = racers[i].state == PPCS_PENDING && rest[i] > 0;
	}
	best = best_weight(s);
	for (unsigned i = 0; i < PPCS_MODES; i++) {
		if (racers[i].state != PPCS_PENDING)
			continue;
		racers[i].start_at = now + start_delay(s, racers[i].mode, best);
		racers[i].round_at = racers[i].start_at + rest[i];
		if (racers[i].rests)
			racers[i].reason = REASON_RESTS;
	}
}

void ppcs_priority_wake(struct session *s, uint64_t now)
{
	struct racer *racers = s->race.racers;

	for (unsigned i = 0; i < PPCS_MODES; i++)
		if (waits_or_runs(&racers[i]) && !racers[i].rests && !racers[i].round_failed)
			return;
	for (unsigned i = 0; i < PPCS_MODES; i++) {
		if (!racers[i].rests)
			continue;
		racers[i].rests = false;
		racers[i].reason = REASON_NONE;
		racers[i].round_at = racers[i].start_at;
		ppcs_racer_tick(s, &racers[i], now);
	}
}
