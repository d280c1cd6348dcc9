/* SPDX-License-Identifier: MIT */
/*
 * The shared connection as an object: its mutex, its threads, the events and callbacks for its
 * users.
 */
#include "shared.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"

#include "handle.h"

#define SETTLE_MS   100 /* without memory nobody can be told */
#define STACK_BYTES ((size_t)128 * 1024)

/* Called by the session, with the mutex held: kept until it can be told. */
static void collect(void *userdata, int level, const char *text)
{
	struct shared *c = userdata;
	struct log_line *line;

	if (c->line_count == c->line_room) {
		unsigned room = c->line_room ? 2 * c->line_room : 4;
		struct log_line *more;

		if (room > LOG_LINES)
			return;
		more = realloc(c->lines, room * sizeof(*more));
		if (!more)
			return;
		c->lines = more;
		c->line_room = room;
	}
	line = &c->lines[c->line_count++];
	line->level = level;
	strncpy(line->text, text, sizeof(line->text) - 1);
	line->text[sizeof(line->text) - 1] = '\0';
}

static int init_sync(struct shared *c)
{
	pthread_condattr_t attributes;
	int error = pthread_mutex_init(&c->mutex, NULL);

	if (error != 0)
		return -ENOMEM;
	error = pthread_condattr_init(&attributes);
	if (error == 0) {
		pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
		error = pthread_cond_init(&c->changed, &attributes);
		pthread_condattr_destroy(&attributes);
	}
	if (error != 0)
		pthread_mutex_destroy(&c->mutex);
	return error != 0 ? -ENOMEM : 0;
}

int meshtcp_shared_new(struct shared **ret)
{
	struct shared *c = calloc(1, sizeof(*c));
	int error;

	if (!c)
		return -ENOMEM;
	c->fd = -1;
	c->adopted_fd = -1;
	error = meshtcp_session_new(&c->session);
	if (error == 0)
		error = init_sync(c);
	if (error < 0) {
		meshtcp_session_free(c->session);
		free(c);
		return error;
	}
	*ret = c;
	return 0;
}

static int start(struct shared *c, void *(*run)(void *))
{
	pthread_attr_t attributes;
	sigset_t all, before;
	int error = pthread_attr_init(&attributes);

	if (error != 0)
		return -ENOMEM;
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	/* Signals are the business of the program's own threads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&c->threads[c->thread_count], &attributes, run, c);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	if (error == 0)
		c->thread_count++;
	return error != 0 ? -ENOMEM : 0;
}

int meshtcp_shared_run(struct shared *c)
{
	int error;

	/* With the mutex none of them gets further than its start before all are there. */
	pthread_mutex_lock(&c->mutex);
	error = start(c, meshtcp_reader_run);
	if (error == 0)
		error = start(c, meshtcp_writer_run);
	if (error == 0)
		error = start(c, meshtcp_monitor_run);
	pthread_mutex_unlock(&c->mutex);
	return error;
}

void meshtcp_shared_stop(struct shared *c)
{
	pthread_mutex_lock(&c->mutex);
	c->quit = true;
	meshtcp_session_abort(c->session, cmn_clock_ms());
	c->shut_at = 0;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->mutex);
	for (unsigned i = 0; i < c->thread_count; i++)
		pthread_join(c->threads[i], NULL);
	c->thread_count = 0;
	meshtcp_lock_release(&c->lock);
}

void meshtcp_shared_free(struct shared *c)
{
	meshtcp_shared_stop(c);
	meshtcp_session_free(c->session);
	pthread_cond_destroy(&c->changed);
	pthread_mutex_destroy(&c->mutex);
	if (c->adopted_fd >= 0)
		close(c->adopted_fd);
	free(c->lines);
	free(c->host);
	free(c);
}

void meshtcp_shared_name_thread(const char *name)
{
	prctl(PR_SET_NAME, name, 0, 0, 0);
}

void meshtcp_shared_lock(struct shared *c)
{
	pthread_mutex_lock(&c->mutex);
}

void meshtcp_shared_unlock_unchanged(struct shared *c)
{
	pthread_mutex_unlock(&c->mutex);
}

bool meshtcp_shared_in_use(const struct shared *c)
{
	for (const struct meshtcp *m = c->handles; m; m = m->next)
		if (m->joined)
			return true;
	return false;
}

/* Who has left hears how it ends, but nothing of what others go on with. */
static bool hears(const struct meshtcp *m, bool in_use)
{
	return m->joined || !in_use;
}

/* Each event to whom it is for; the last one gets the node itself. */
static void deliver(struct shared *c, struct node *node, bool in_use)
{
	struct meshtcp *last = NULL;

	for (struct meshtcp *m = c->handles; m; m = m->next) {
		if (node->owner != 0 ? node->owner != m->owner : !hears(m, in_use))
			continue;
		if (last)
			meshtcp_handle_deliver(last, node, true);
		last = m;
	}
	if (last)
		meshtcp_handle_deliver(last, node, false);
	else
		free(node);
}

static void hand_out(struct shared *c)
{
	bool in_use = meshtcp_shared_in_use(c);
	struct node *node;
	unsigned dropped;

	c->dead += meshtcp_session_take_dead(c->session, &c->dead_reason);
	while ((node = meshtcp_session_pop_event(c->session)) != NULL)
		deliver(c, node, in_use);
	dropped = meshtcp_session_take_dropped(c->session);
	for (struct meshtcp *m = c->handles; m && dropped > 0; m = m->next)
		if (hears(m, in_use))
			meshtcp_handle_dropped(m, dropped, cmn_clock_ms());
}

/* With the mutex: everybody looks again. */
static void announce(struct shared *c)
{
	c->changes++;
	pthread_cond_broadcast(&c->changed);
}

void meshtcp_shared_unlock(struct shared *c)
{
	hand_out(c);
	announce(c);
	pthread_mutex_unlock(&c->mutex);
}

/* A callback and what it is called with, so that the list of handles may change meanwhile. */
struct call {
	struct cmn_log log;
	void (*dead_fn)(void *userdata, enum meshtcp_reason reason);
	void *dead_userdata;
};

static struct call *collect_calls(const struct shared *c, unsigned *count)
{
	bool in_use = meshtcp_shared_in_use(c);
	struct call *calls;
	unsigned n = 0;

	for (const struct meshtcp *m = c->handles; m; m = m->next)
		n++;
	calls = calloc(n ? n : 1, sizeof(*calls));
	*count = 0;
	for (const struct meshtcp *m = c->handles; m && calls; m = m->next) {
		if (!hears(m, in_use))
			continue;
		calls[(*count)++] = (struct call){ m->log, m->dead_fn, m->dead_userdata };
	}
	return calls;
}

static void call_all(const struct call *calls, unsigned count, const struct log_line *lines,
		     unsigned line_count, unsigned dead, enum meshtcp_reason reason)
{
	for (unsigned i = 0; i < count; i++) {
		for (unsigned n = 0; n < dead; n++)
			if (calls[i].dead_fn)
				calls[i].dead_fn(calls[i].dead_userdata, reason);
		for (unsigned n = 0; n < line_count; n++)
			if (cmn_log_wants(&calls[i].log, lines[n].level))
				calls[i].log.fn(calls[i].log.userdata, lines[n].level,
						lines[n].text);
	}
}

/* With the mutex, which is let go of meanwhile. @return false when they have to wait: no memory */
static bool call_what_waits(struct shared *c)
{
	struct log_line *lines = c->lines;
	unsigned line_count = c->line_count, dead = c->dead, count;
	enum meshtcp_reason reason = c->dead_reason;
	struct call *calls = collect_calls(c, &count);

	if (!calls)
		return false;
	c->lines = NULL;
	c->line_count = 0;
	c->line_room = 0;
	c->dead = 0;
	c->calling++;
	pthread_mutex_unlock(&c->mutex);
	call_all(calls, count, lines, line_count, dead, reason);
	free(calls);
	free(lines);
	pthread_mutex_lock(&c->mutex);
	c->calling--;
	pthread_cond_broadcast(&c->changed);
	return true;
}

void meshtcp_shared_unlock_calling(struct shared *c)
{
	hand_out(c);
	announce(c);
	/* One thread at a time, so that what is told keeps its order; it also calls for the others.
	 * */
	while (c->calling == 0 && (c->line_count > 0 || c->dead > 0) && call_what_waits(c))
		continue;
	pthread_mutex_unlock(&c->mutex);
}

void meshtcp_shared_wait(struct shared *c, uint64_t until)
{
	struct timespec at;

	if (until == UINT64_MAX) {
		pthread_cond_wait(&c->changed, &c->mutex);
		return;
	}
	at.tv_sec = (time_t)(until / 1000);
	at.tv_nsec = (long)(until % 1000) * 1000000;
	pthread_cond_timedwait(&c->changed, &c->mutex, &at);
}

bool meshtcp_shared_is_thread(const struct shared *c)
{
	pthread_t self = pthread_self();

	for (unsigned i = 0; i < c->thread_count; i++)
		if (pthread_equal(self, c->threads[i]))
			return true;
	return false;
}

void meshtcp_shared_settle(struct shared *c)
{
	uint64_t until = cmn_clock_ms() + SETTLE_MS;

	while (c->dead > 0 && !meshtcp_shared_is_thread(c) && cmn_clock_ms() < until)
		meshtcp_shared_wait(c, until);
}

void meshtcp_shared_quiesce(struct shared *c)
{
	while (c->calling > 0 && !meshtcp_shared_is_thread(c))
		meshtcp_shared_wait(c, UINT64_MAX);
}

void meshtcp_shared_update_log(struct shared *c)
{
	struct cmn_log log = { .fn = NULL, .userdata = c, .level = CMN_LOG_ERROR };

	for (const struct meshtcp *m = c->handles; m; m = m->next) {
		if (!m->log.fn)
			continue;
		log.fn = collect;
		if (m->log.level > log.level)
			log.level = m->log.level;
	}
	meshtcp_session_set_log(c->session, &log);
}
