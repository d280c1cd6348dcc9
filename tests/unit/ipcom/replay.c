/* SPDX-License-Identifier: MIT */
/*
 * A conversation file through the session. It polls and keeps alive by itself; here it does so
 * hardly ever, and what the file asks for is brought about by a request or by time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "replay.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "session.h"
#include "words.h"

#define HOUR 3600000

struct replay {
	const char *path;
	const struct vectors_step *step; /**< for messages */
	struct session *session;
	uint64_t now;
	size_t cut;
	bool by_byte;
	size_t said; /**< bytes of the device so far */
	unsigned connection;
	uint32_t generation;
	uint64_t answers;       /**< accounted for */
	uint64_t bad_checksums; /**< likewise */
	enum ipcom_state state;
	char report[4 * WORDS_BYTES]; /**< lines reported and not expected yet */
};

static void wrong(const struct replay *r, const char *what, const char *is)
{
	print_error("%s:%u: cut at %zu: %s \"%s\"\n", r->path, r->step->line, r->cut, what, is);
	fail();
}

static void add_report(struct replay *r, const char *text)
{
	assert_true(strlen(r->report) + strlen(text) + 2 < sizeof(r->report));
	strcat(r->report, text);
	strcat(r->report, "\n");
}

static void report_login(struct replay *r)
{
	const struct ipcom_statistics *s = ipcom_session_statistics(r->session);
	char text[WORDS_BYTES];

	snprintf(text, sizeof(text), "login firmware=%s encrypted=%d",
		 s->firmware[0] != '\0' ? s->firmware : "-", s->encrypted);
	add_report(r, text);
}

/* In the words of the files; a state by itself is no report. */
static void report_state(struct replay *r, const struct ipcom_event *e)
{
	bool login = r->state == IPCOM_STATE_LOGIN;

	r->state = e->state;
	if (e->state == IPCOM_STATE_SYNC) {
		report_login(r);
	} else if (e->state == IPCOM_STATE_REFUSED) {
		add_report(r, "login error=EACCES");
	} else if (e->state == IPCOM_STATE_BACKOFF && login && e->error == 0) {
		add_report(r, "login unencrypted");
	} else if (e->state == IPCOM_STATE_BACKOFF && e->error == -EPROTO) {
		add_report(r, "error EBADMSG");
		r->answers--; /* what could not be read was none */
	} else if (e->state == IPCOM_STATE_BACKOFF && e->error == -ECONNRESET) {
		add_report(r, "disconnect");
	} else if (e->error != 0) {
		wrong(r, "lost", strerror(-e->error));
	}
}

static void collect(struct replay *r)
{
	const struct ipcom_event *e;
	char text[WORDS_BYTES];

	while ((e = ipcom_session_next_event(r->session)) != NULL) {
		if (e->type == IPCOM_EVENT_STATE) {
			report_state(r, e);
		} else if (e->type == IPCOM_EVENT_SNAPSHOT) {
			words_snapshot(&e->values[0][0], text);
			add_report(r, text);
			r->answers++;
		} else if (e->type == IPCOM_EVENT_MESSAGE) {
			words_message(e->data, e->size, text);
			add_report(r, text);
			/* One that cannot be read is an answer as well. */
			r->answers += strncmp(text, "unknown", 7) == 0;
		}
	}
}

/* Connections are accepted as they are wanted. */
static void follow(struct replay *r)
{
	uint32_t wanted = ipcom_session_wants(r->session);

	if (wanted != 0 && wanted != r->generation) {
		r->generation = wanted;
		r->connection++;
		ipcom_session_opened(r->session, r->now);
	}
	collect(r);
}

/* Let the next thing happen that is due within a second. @return false when there is none */
static bool advance(struct replay *r)
{
	uint64_t at = ipcom_session_deadline(r->session);

	if (at > r->now + 1000)
		return false;
	if (at > r->now)
		r->now = at;
	ipcom_session_tick(r->session, r->now);
	follow(r);
	return true;
}

static size_t output(const struct replay *r, const uint8_t **ret)
{
	return ipcom_session_output(r->session, ret);
}

static void start(struct replay *r, const struct words_request *login, enum ipcom_bus_type type)
{
	static const struct cmn_log silent;
	struct session_config config = {
		.bus = login->bus,
		.address = ipcom_frame_address(login->bus, type),
		.allow_clear = login->clear,
		.timeout_ms = HOUR,
		.reply_timeout_ms = 6000,
		.poll_ms = HOUR,
		.keepalive_ms = 30000,
		.reconnect = { 60000, 60000, 0 },
	};

	memcpy(config.username, login->username, sizeof(config.username));
	memcpy(config.password, login->password, sizeof(config.password));
	assert_int_equal(ipcom_session_start(r->session, &config, &silent, 1, r->now), 0);
	follow(r);
}

static void set(struct replay *r, const struct words_request *request)
{
	struct ipcom_setting settings[IPCOM_OUTPUTS];

	for (unsigned i = 0; i < IPCOM_OUTPUTS; i++)
		settings[i] =
			(struct ipcom_setting){ { request->module, i + 1 }, request->values[i] };
	assert_int_equal(ipcom_session_set(r->session, settings, IPCOM_OUTPUTS, r->now, NULL), 0);
}

/* The type of the bus stands in the writes only. */
static enum ipcom_bus_type type_of(const struct vectors *v)
{
	struct words_request request;

	for (size_t i = 0; i < v->count; i++)
		if (v->steps[i].kind == ':' && words_request(v->steps[i].text, &request) &&
		    request.kind == WORDS_SET)
			return request.type;
	return IPCOM_BUS_MINIDO;
}

static void ask(struct replay *r, const struct vectors *v)
{
	struct words_request request;
	const uint8_t *data;

	if (!words_request(r->step->text, &request))
		wrong(r, "request", r->step->text);
	switch (request.kind) {
	case WORDS_LOGIN:
		start(r, &request, type_of(v));
		break;
	case WORDS_SET:
		set(r, &request);
		break;
	case WORDS_DISCONNECT:
		ipcom_session_stop(r->session, r->now);
		break;
	case WORDS_KEEPALIVE:
		r->now = ipcom_session_deadline(r->session);
		ipcom_session_tick(r->session, r->now);
		break;
	case WORDS_POLL:
		/* The first one comes by itself, and so does one after a write. */
		while (output(r, &data) == 0 && advance(r))
			;
		if (output(r, &data) == 0)
			ipcom_session_refresh(r->session, r->now, NULL);
		break;
	case WORDS_MESSAGE:
		break;
	}
	follow(r);
}

static void sent(struct replay *r)
{
	const uint8_t *data;
	size_t size = output(r, &data);

	if (r->step->connection != r->connection)
		wrong(r, "another connection", "");
	if (size != r->step->size || memcmp(data, r->step->data, size) != 0)
		wrong(r, "sent something else than", r->step[-1].text);
	ipcom_session_sent(r->session, size, r->now);
	follow(r);
}

static void say(struct replay *r)
{
	const struct vectors_step *step = r->step;
	size_t done = 0;

	while (done < step->size) {
		size_t piece = step->size - done;

		if (r->by_byte)
			piece = 1;
		else if (r->cut > r->said && r->cut < r->said + piece)
			piece = r->cut - r->said;
		ipcom_session_receive(r->session, step->data + done, piece, r->now);
		follow(r);
		done += piece;
		r->said += piece;
	}
}

/* A keepalive and the answer to a write make no event: they are counted. */
static bool counted(struct replay *r)
{
	const struct ipcom_statistics *s = ipcom_session_statistics(r->session);
	uint64_t *count = &r->answers;
	uint64_t is = s->answers;

	if (strcmp(r->step->text, "frame error=EBADMSG") == 0) {
		count = &r->bad_checksums;
		is = s->bad_checksums;
	} else if (strcmp(r->step->text, "keepalive") != 0 &&
		   strncmp(r->step->text, "frame ", 6) != 0) {
		return false;
	}
	if (is != *count + 1)
		return false;
	++*count;
	return true;
}

static void expect(struct replay *r)
{
	size_t size = strlen(r->step->text);

	if (r->report[0] == '\0' && counted(r))
		return;
	while (r->report[0] == '\0' && advance(r))
		; /* the silence that ends an answer */
	if (strncmp(r->report, r->step->text, size) != 0 || r->report[size] != '\n')
		wrong(r, "reported", r->report);
	memmove(r->report, r->report + size + 1, strlen(r->report + size));
}

static bool codec_only(const struct vectors *v)
{
	for (size_t i = 0; i < v->count; i++)
		if (v->steps[i].kind == ':' && strncmp(v->steps[i].text, "message ", 8) == 0)
			return true;
	return false;
}

static void finish(struct replay *r)
{
	const struct ipcom_statistics *s = ipcom_session_statistics(r->session);
	const uint8_t *data;

	collect(r);
	if (r->report[0] != '\0')
		wrong(r, "also reported", r->report);
	/* After the last line only a poll of its own: after a login, or to compare a write. */
	if (output(r, &data) != 0 && output(r, &data) != 2)
		wrong(r, "also sent", "");
	if (s->answers != r->answers || s->bad_checksums != r->bad_checksums ||
	    s->dropped_bytes != 0)
		wrong(r, "counted more than it reported", "");
	ipcom_session_free(r->session);
}

bool replay_session(const char *path, const struct vectors *v, size_t cut, bool by_byte)
{
	static struct replay r;

	if (codec_only(v))
		return false;
	r = (struct replay){ .path = path, .cut = cut, .by_byte = by_byte, .now = 1000 };
	assert_int_equal(ipcom_session_new(&r.session), 0);
	for (size_t i = 0; i < v->count; i++) {
		r.step = &v->steps[i];
		if (r.step->kind == ':')
			ask(&r, v);
		else if (r.step->kind == '>')
			sent(&r);
		else if (r.step->kind == '<')
			say(&r);
		else if (r.step->kind == '=')
			expect(&r);
	}
	finish(&r);
	return true;
}
