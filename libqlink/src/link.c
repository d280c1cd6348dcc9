/* SPDX-License-Identifier: MIT */
/*
 * One connection: at most one command outstanding, every line classified in the order of section
 * 5.1, a pause after each answer, and no trust after a time-out until an echo has come back.
 */
#include <errno.h>
#include <string.h>

#include "event.h"
#include "state.h"

#define NONCE_MIN        10000
#define NONCE_COUNT      55536
#define LINES_SILENCE_MS 1000
#define OUT_MAX_BYTES    1024

static unsigned number_of(const struct session *s, const struct link *l)
{
	return (unsigned)(l - s->links) + 1;
}

void qlink_link_open(struct session *s, struct link *l, uint64_t now)
{
	l->state = LINK_OPEN;
	l->ready_at = now;
	l->used_at = now;
	l->heard_at = now;
	cmn_buf_init(&l->out, OUT_MAX_BYTES);
	if (s->lost_answers > s->cleared_answers)
		qlink_link_resync(s, l, now);
}

void qlink_link_close(struct session *s, struct link *l)
{
	uint32_t generation = l->generation + 1;

	/* An answer that was on its way reaches whoever holds the serial port next. */
	if (l->phase == PHASE_REPLY)
		s->lost_answers++;
	cmn_buf_free(&l->out);
	memset(l, 0, sizeof(*l));
	l->generation = generation ? generation : 1;
}

bool qlink_link_ready(const struct link *l, uint64_t now)
{
	return l->state == LINK_OPEN && l->phase == PHASE_IDLE && now >= l->ready_at;
}

static int put(struct session *s, struct link *l, const char *bytes, size_t size)
{
	const char *end = s->config.crlf ? "\r\n" : "\r";
	int ret = cmn_buf_append(&l->out, (const uint8_t *)bytes, size);

	if (ret == 0)
		ret = cmn_buf_append(&l->out, (const uint8_t *)end, strlen(end));
	if (ret < 0)
		cmn_buf_clear(&l->out);
	else
		s->statistics.commands++;
	return ret;
}

static char modifier_for(const struct session *s, const struct link *l, const struct request *r)
{
	if (s->config.style == QLINK_STYLE_REGULAR || l->regular_only)
		return '@';
	if (s->config.style == QLINK_STYLE_DETAILED)
		return '#';
	/* A name may begin with anything, even with an event word (section 3.5). */
	if (r->command.verb == QLINK_COMMAND_VGN)
		return '#';
	return l->events || s->config.mode == QLINK_MODE_SHARED ? '#' : '@';
}

void qlink_link_send(struct session *s, struct link *l, struct request *r, uint64_t now)
{
	char bytes[COMMAND_MAX_BYTES];
	char modifier = modifier_for(s, l, r);
	size_t size = qlink_command_encode(&r->command, modifier, bytes);
	int ret = size > 0 ? put(s, l, bytes, size) : -EINVAL;

	l->current = r;
	if (ret < 0) {
		qlink_session_finish(s, l, r, ret, now);
		return;
	}
	qlink_reply_free(&r->reply);
	l->modifier = modifier;
	r->sent_ms = now;
	r->sent_sequence = ++s->sequence;
	l->used_at = now;
	l->phase = qlink_command_answered(&r->command) ? PHASE_REPLY : PHASE_FLUSH;
	l->reply_by = now + s->config.reply_timeout_ms;
}

void qlink_link_resync(struct session *s, struct link *l, uint64_t now)
{
	struct command echo = { .verb = QLINK_COMMAND_VEC, .count = 1 };
	bool regular = s->config.style == QLINK_STYLE_REGULAR || l->regular_only;
	char bytes[COMMAND_MAX_BYTES];
	size_t size;

	l->nonce = NONCE_MIN + (int32_t)cmn_prng_below(&s->prng, NONCE_COUNT);
	echo.params[0] = l->nonce;
	l->clears = ++s->lost_answers;
	size = qlink_command_encode(&echo, regular ? '@' : '#', bytes);
	l->phase = PHASE_RESYNC;
	l->reply_by = now + s->config.reply_timeout_ms;
	l->no_echo = put(s, l, bytes, size);
	if (l->no_echo < 0)
		l->reply_by = now;
}

static void pause_after_answer(struct session *s, struct link *l, uint64_t now)
{
	l->phase = PHASE_IDLE;
	l->ready_at = now + s->config.gap_ms;
	l->used_at = now;
}

static void finish_current(struct session *s, struct link *l, int error, uint64_t now)
{
	struct request *r = l->current;

	pause_after_answer(s, l, now);
	qlink_session_finish(s, l, r, error, now);
}

/* More of the answer may be on its way: it must not meet the next command. */
static void distrust_current(struct session *s, struct link *l, int error, uint64_t now)
{
	struct request *r = l->current;

	l->current = NULL;
	qlink_link_resync(s, l, now);
	qlink_session_finish(s, l, r, error, now);
}

/* A server that passes over the modifier is believed once; from then on it is asked in its own
 * style, because taking both would open the door to stale answers (section 5.2). */
static void note_answer(struct session *s, struct link *l, const struct request *r, uint64_t now)
{
	uint64_t ms = now - r->sent_ms;

	s->statistics.replies++;
	s->statistics.answer_ms_last = ms;
	if (ms > s->statistics.answer_ms_max)
		s->statistics.answer_ms_max = ms;
	if (r->reply.detailed)
		l->detailed_seen = true;
	else if (r->reply.bare && l->modifier == '#')
		l->regular_only = true;
}

/* Is it the answer that is awaited? True when the line is used up. */
static bool take_reply(struct session *s, struct link *l, struct span line, uint64_t now)
{
	struct request *r = l->current;
	bool collecting = qlink_command_spec(r->command.verb)->shape == REPLY_LINES ||
			  r->command.collect;
	bool bare = l->modifier == '@' || !l->detailed_seen;

	switch (qlink_reply_take(&r->reply, &r->command, line, bare)) {
	case REPLY_NOT_OURS:
		return false;
	case REPLY_MORE:
		l->reply_by = now + (collecting ? LINES_SILENCE_MS : s->config.reply_timeout_ms);
		return true;
	case REPLY_DONE:
		break;
	}
	note_answer(s, l, r, now);
	if (r->reply.error == 0 || r->reply.error == -EIO)
		finish_current(s, l, r->reply.error, now);
	else
		distrust_current(s, l, r->reply.error, now);
	return true;
}

/* True when the line is the echo, or belongs to what was asked before it. */
static bool take_resync(struct session *s, struct link *l, struct span line, uint64_t now)
{
	struct command echo = { .verb = QLINK_COMMAND_VEC, .count = 1, .params = { l->nonce } };
	struct reply reply = { 0 };
	enum reply_match match = qlink_reply_take(&reply, &echo, line, true);

	if (match == REPLY_DONE && reply.error == 0) {
		l->detailed_seen |= reply.detailed;
		if (l->clears > s->cleared_answers)
			s->cleared_answers = l->clears;
		pause_after_answer(s, l, now);
	}
	qlink_reply_free(&reply);
	return true;
}

/* Answers to another client's commands come by here too (section 12, Q5). */
static bool looks_like_an_answer(struct span line)
{
	struct line_fields f;
	int32_t number;
	size_t numbers = 0;

	qlink_line_fields(line, &f);
	if (f.count == 0 || f.count > LINE_MAX_FIELDS)
		return false;
	if ((f.at[0].size == 3 || (f.at[0].size == 4 && f.at[0].data[3] == '#')) &&
	    f.at[0].data[0] == 'R') {
		char verb[] = { 'V', f.at[0].data[1], f.at[0].data[2], '\0' };
		enum qlink_command found;

		if (qlink_command_verb(verb, &found))
			return true;
	}
	while (numbers < f.count && qlink_span_number(f.at[numbers], &number))
		numbers++;
	if (numbers == f.count)
		return true;
	return f.count == 2 && f.at[0].size == 2 && f.at[1].size == 2 &&
	       qlink_span_hex(f.at[0], &number) && qlink_span_hex(f.at[1], &number);
}

static void take_text(struct session *s, struct link *l, struct span line, uint64_t now)
{
	struct qlink_event event = { .type = QLINK_EVENT_TEXT, .level = -1, .state = -1 };

	if (l->splitter.fragment)
		return;
	s->statistics.texts++;
	if (looks_like_an_answer(line)) {
		cmn_log_printf(&s->log, CMN_LOG_DEBUG, "connection %u: an answer nobody awaits",
			       number_of(s, l));
		return;
	}
	if (qlink_pool_event_link(s) == l)
		qlink_session_emit(s, &event, line, now);
}

static void take_line(struct session *s, struct link *l, struct span line, uint64_t now)
{
	struct qlink_event event;

	s->statistics.lines++;
	l->heard = true;
	if (qlink_event_parse(line, &event)) {
		s->statistics.events++;
		if (qlink_pool_event_link(s) == l)
			qlink_monitor_event(s, &event, now);
		return;
	}
	if (l->phase == PHASE_RESYNC && take_resync(s, l, line, now))
		return;
	if (l->phase == PHASE_REPLY && take_reply(s, l, line, now))
		return;
	take_text(s, l, line, now);
}

void qlink_link_receive(struct session *s, struct link *l, const uint8_t *data, size_t size,
			uint64_t now)
{
	uint32_t generation = l->generation;

	cmn_log_wire(&s->log, '<', number_of(s, l), data, size);
	s->statistics.bytes_received += size;
	l->heard_at = now;
	/* A line can end the connection: enabling refused. */
	while (size > 0 && l->state == LINK_OPEN && l->generation == generation) {
		struct span line;
		size_t used;
		enum line_status status = qlink_line_split(&l->splitter, data, size, &used, &line);

		data += used;
		size -= used;
		s->statistics.crlf_lines += l->splitter.crlf_lines;
		l->splitter.crlf_lines = 0;
		if (status == LINE_COMPLETE) {
			take_line(s, l, line, now);
		} else if (status == LINE_OVERLONG) {
			s->statistics.overlong_lines++;
			cmn_log_printf(&s->log, CMN_LOG_WARNING,
				       "connection %u: a line of over %d bytes is passed over",
				       number_of(s, l), LINE_MAX_BYTES);
		}
	}
}

void qlink_link_sent(struct session *s, struct link *l, size_t size, uint64_t now)
{
	cmn_log_wire(&s->log, '>', number_of(s, l), cmn_buf_data(&l->out), size);
	cmn_buf_consume(&l->out, size);
	s->statistics.bytes_sent += size;
	if (l->phase == PHASE_FLUSH && cmn_buf_len(&l->out) == 0)
		finish_current(s, l, 0, now);
}

void qlink_link_reply_timeout(struct session *s, struct link *l, uint64_t now)
{
	struct request *r = l->current;

	if (l->phase == PHASE_RESYNC) {
		qlink_pool_failed(s, l, l->no_echo == -ENOMEM ? -ENOMEM : -ETIMEDOUT, 0, now);
		return;
	}
	if (r->reply.row_count > 0 && !r->reply.counted) {
		note_answer(s, l, r, now);
		finish_current(s, l, 0, now);
		return;
	}
	s->statistics.timeouts++;
	distrust_current(s, l, -ETIMEDOUT, now);
}
