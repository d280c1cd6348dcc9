/* SPDX-License-Identifier: MIT */
/*
 * The connection's life (section 15): connecting, downloading, ready, lost and back, and why it
 * ended.
 */
#include "state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define GOOD_MS    60000  /* of a ready connection: the backoff begins anew */
#define EVICTED_MS 60000  /* so many ends within this time are somebody else's doing */
#define IDLE_MS    880000 /* the node drops who says nothing for 15 minutes */
#define RESTART_MS 60000  /* an end soon after a write is the restart that it caused */
#define CLOSING_MS 1000

int meshtcp_session_new(struct session **ret)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->generation = 1;
	s->queue_free = -1;
	meshtcp_frame_init(&s->reader);
	*ret = s;
	return 0;
}

void meshtcp_session_free(struct session *s)
{
	if (!s)
		return;
	while (s->requests) {
		struct request *r = s->requests;

		s->requests = r->next;
		explicit_bzero(r, sizeof(*r));
		free(r);
	}
	meshtcp_output_clear(s);
	meshtcp_download_drop(s);
	meshtcp_store_free(&s->store);
	meshtcp_database_free(&s->nodes);
	meshtcp_event_list_free(&s->events);
	explicit_bzero(s, sizeof(*s));
	free(s);
}

void meshtcp_session_set_log(struct session *s, const struct cmn_log *log)
{
	s->log = *log;
}

void meshtcp_session_emit(struct session *s, struct meshtcp_event *event, uint32_t owner,
			  uint64_t now)
{
	event->time_ms = now;
	meshtcp_event_list_add(&s->events, event, owner);
}

void meshtcp_session_set_state(struct session *s, enum meshtcp_state state,
			       enum meshtcp_reason reason, int error, uint64_t now)
{
	struct meshtcp_event event = {
		.type = MESHTCP_EVENT_STATE, .state = state, .reason = reason, .error = error
	};

	s->state = state;
	s->reason = reason;
	if (state == MESHTCP_STATE_BACKOFF)
		event.delay_ms = s->retry_at > now ? (uint32_t)(s->retry_at - now) : 0;
	cmn_log_printf(&s->log, CMN_LOG_INFO, "%s%s%s", meshtcp_state_name(state),
		       reason ? ": " : "", reason ? meshtcp_reason_name(reason) : "");
	meshtcp_session_emit(s, &event, 0, now);
}

static void drop_connection(struct session *s)
{
	uint32_t generation = s->generation + 1;
	uint64_t skipped = s->reader.skipped;

	s->generation = generation ? generation : 1;
	s->open = false;
	s->goodbye = false;
	s->partial_ms = 0;
	s->ready_ms = 0;
	meshtcp_output_clear(s);
	meshtcp_download_drop(s);
	meshtcp_frame_init(&s->reader);
	s->reader.skipped = skipped;
}

static void connect_now(struct session *s, uint64_t now)
{
	meshtcp_session_set_state(s, MESHTCP_STATE_CONNECTING, MESHTCP_REASON_NONE, 0, now);
}

static void begin(struct session *s, uint64_t now)
{
	s->attempt = 0;
	s->was_ready = false;
	s->has_store = false;
	connect_now(s, now);
}

int meshtcp_session_start(struct session *s, const struct session_config *config, uint64_t seed,
			  uint64_t now)
{
	s->config = *config;
	cmn_prng_seed(&s->prng, seed);
	s->id_counter = cmn_prng_next(&s->prng);
	s->again = s->state == MESHTCP_STATE_CLOSING;
	if (!s->again)
		begin(s, now);
	return 0;
}

static void become_idle(struct session *s, enum meshtcp_reason reason, int error, uint64_t now)
{
	/* What was asked for since it began to close belongs to the new beginning. */
	if (s->again) {
		s->again = false;
		drop_connection(s);
		begin(s, now);
		return;
	}
	meshtcp_request_finish_all(
		s, error < 0 && reason != MESHTCP_REASON_LOCAL ? -ECONNRESET : -ECANCELED, now);
	drop_connection(s);
	meshtcp_session_set_state(s, MESHTCP_STATE_IDLE, reason, error, now);
}

void meshtcp_session_abort(struct session *s, uint64_t now)
{
	s->again = false;
	if (s->state != MESHTCP_STATE_IDLE)
		become_idle(s, MESHTCP_REASON_LOCAL, 0, now);
}

static void say_goodbye(struct session *s)
{
	uint8_t frame[FRAME_MAX_BYTES];

	if (s->goodbye)
		return;
	s->goodbye = true;
	meshtcp_output_add(s, frame, meshtcp_disconnect_encode(frame));
}

void meshtcp_session_stop(struct session *s, uint64_t now)
{
	s->again = false;
	if (s->state == MESHTCP_STATE_IDLE || s->state == MESHTCP_STATE_CLOSING)
		return;
	meshtcp_request_finish_all(s, -ECANCELED, now);
	if (!s->open) {
		become_idle(s, MESHTCP_REASON_LOCAL, 0, now);
		return;
	}
	s->close_by = now + CLOSING_MS;
	/* Its end mark may still come. */
	meshtcp_download_drop(s);
	say_goodbye(s);
	meshtcp_session_set_state(s, MESHTCP_STATE_CLOSING, MESHTCP_REASON_LOCAL, 0, now);
}

bool meshtcp_session_farewell_said(const struct session *s)
{
	return s->state == MESHTCP_STATE_CLOSING && s->goodbye && !s->out;
}

void meshtcp_session_want(struct session *s, enum meshtcp_download download, uint64_t now)
{
	/* The smaller number is the larger download. */
	if (download >= s->config.download)
		return;
	s->config.download = download;
	meshtcp_download_more(s, now);
}

enum meshtcp_state meshtcp_session_state(const struct session *s)
{
	return s->state;
}

struct node *meshtcp_session_pop_event(struct session *s)
{
	return meshtcp_event_list_pop(&s->events);
}

unsigned meshtcp_session_take_dead(struct session *s, enum meshtcp_reason *ret_reason)
{
	unsigned dead = s->dead;

	s->dead = 0;
	if (dead > 0)
		*ret_reason = s->statistics.last_reason;
	return dead;
}

unsigned meshtcp_session_take_dropped(struct session *s)
{
	unsigned dropped = s->events.dropped;

	s->events.dropped = 0;
	return dropped;
}

void meshtcp_session_statistics(const struct session *s, struct meshtcp_statistics *ret)
{
	*ret = s->statistics;
	ret->queue_free = s->queue_free;
	ret->skipped_bytes = s->reader.skipped;
}

const struct meshtcp_nodes *meshtcp_session_nodes(const struct session *s)
{
	return meshtcp_database_snapshot(&s->nodes);
}

uint32_t meshtcp_session_wants(const struct session *s)
{
	return s->state == MESHTCP_STATE_IDLE || s->state == MESHTCP_STATE_BACKOFF ? 0 :
										     s->generation;
}

void meshtcp_session_opened(struct session *s, uint32_t epoch, uint64_t now)
{
	if (s->state != MESHTCP_STATE_CONNECTING)
		return;
	s->open = true;
	s->epoch = epoch;
	s->heard_ms = now;
	s->said_ms = now;
	s->check_at = now + s->config.check_ms;
	s->beat_answered = false;
	s->patience_told = false;
	s->queue_free = -1;
	s->quiet_at = now;
	s->statistics.connects++;
	memset(s->paced_at, 0, sizeof(s->paced_at));
	if (s->config.download == MESHTCP_DOWNLOAD_NONE) {
		s->ready_ms = now;
		s->was_ready = true;
		s->lost_ms = 0;
		meshtcp_session_set_state(s, MESHTCP_STATE_READY, MESHTCP_REASON_NONE, 0, now);
	} else {
		meshtcp_session_set_state(s, MESHTCP_STATE_DOWNLOADING, MESHTCP_REASON_NONE, 0,
					  now);
		meshtcp_download_begin(s, now);
	}
	meshtcp_session_tick(s, now);
}

static void back_off(struct session *s, enum meshtcp_reason reason, int error, uint64_t now)
{
	unsigned attempt = reason == MESHTCP_REASON_EVICTED ? 31 : s->attempt;

	if (s->attempt < 31)
		s->attempt++;
	s->retry_at = now + cmn_backoff_ms(&s->config.reconnect, attempt, cmn_prng_next(&s->prng));
	meshtcp_session_set_state(s, MESHTCP_STATE_BACKOFF, reason, error, now);
}

/* A connection that was ready has ended again: the third time in a minute is no accident. */
static bool evicted(struct session *s, uint64_t now)
{
	bool all = true;

	memmove(&s->ends[1], &s->ends[0], (ENDS - 1) * sizeof(s->ends[0]));
	s->ends[0] = now;
	for (unsigned i = 0; i < ENDS; i++)
		all &= s->ends[i] != 0 && now - s->ends[i] <= EVICTED_MS;
	return all;
}

/* What the end of an open connection means. */
static enum meshtcp_reason explain(struct session *s, int error, uint64_t now)
{
	bool ready = s->ready_ms != 0;

	if (s->restart_ms != 0 && now - s->restart_ms <= RESTART_MS)
		return MESHTCP_REASON_REBOOTED;
	if (ready && evicted(s, now))
		return MESHTCP_REASON_EVICTED;
	if (error == 0 && now - s->said_ms >= IDLE_MS)
		return MESHTCP_REASON_IDLE;
	return error == 0 ? MESHTCP_REASON_CLOSED : MESHTCP_REASON_RESET;
}

void meshtcp_session_lost(struct session *s, enum meshtcp_reason reason, int error, uint64_t now)
{
	if (s->ready_ms != 0 && now - s->ready_ms >= GOOD_MS)
		s->attempt = 0;
	if (reason == MESHTCP_REASON_REBOOTED)
		s->restart_ms = 0;
	s->statistics.lost[reason]++;
	s->statistics.last_reason = reason;
	s->dead += s->open;
	if (s->lost_ms == 0 && s->was_ready)
		s->lost_ms = now;
	if (s->config.adopted) {
		become_idle(s, reason, -ECONNRESET, now);
		return;
	}
	drop_connection(s);
	back_off(s, reason, error == 0 || error == -1 ? -ECONNRESET : error, now);
	meshtcp_send_lost(s, now);
}

static enum meshtcp_reason why_not(int error)
{
	switch (error) {
	case -ECONNREFUSED:
		return MESHTCP_REASON_REFUSED;
	case -ETIMEDOUT:
		return MESHTCP_REASON_TIMEOUT;
	case -ECONNRESET:
		return MESHTCP_REASON_RESET;
	default:
		return MESHTCP_REASON_UNREACHABLE;
	}
}

void meshtcp_session_failed(struct session *s, int error, uint64_t now)
{
	if (s->state == MESHTCP_STATE_IDLE || s->state == MESHTCP_STATE_BACKOFF)
		return;
	/* The end that was asked for needs no explanation. */
	if (s->state == MESHTCP_STATE_CLOSING) {
		become_idle(s, MESHTCP_REASON_LOCAL, 0, now);
		return;
	}
	if (s->open) {
		meshtcp_session_lost(s, explain(s, error, now), error, now);
		return;
	}
	s->statistics.connect_failures++;
	meshtcp_session_lost(s, why_not(error), error, now);
}

static void tick_connection(struct session *s, uint64_t now)
{
	if (s->state == MESHTCP_STATE_BACKOFF && now >= s->retry_at)
		connect_now(s, now);
	if (s->state == MESHTCP_STATE_CLOSING && now >= s->close_by)
		become_idle(s, MESHTCP_REASON_LOCAL, 0, now);
}

void meshtcp_session_tick(struct session *s, uint64_t now)
{
	tick_connection(s, now);
	meshtcp_answer_tick(s, now);
	if (!s->open || s->state == MESHTCP_STATE_CLOSING)
		return;
	meshtcp_download_tick(s, now);
	if (s->open)
		meshtcp_send_tick(s, now);
	if (s->open)
		meshtcp_health_tick(s, now);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t meshtcp_session_deadline(const struct session *s)
{
	uint64_t at = NEVER;

	if (s->state == MESHTCP_STATE_BACKOFF)
		at = s->retry_at;
	if (s->state == MESHTCP_STATE_CLOSING)
		at = s->close_by;
	at = earlier(at, meshtcp_download_deadline(s));
	at = earlier(at, meshtcp_health_deadline(s));
	return earlier(at, meshtcp_send_deadline(s));
}
