/* SPDX-License-Identifier: MIT */
/* The share as an object: its options, its thread, and the events for its user. */
#include <meshtcp/meshtcp.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/clock.h"

#include "share_state.h"

#define DAY_MS         86400000
#define QUEUE_LENGTH   16 /* of a node, until it tells */
#define STACK_BYTES    ((size_t)128 * 1024)
#define EVENTS_AT_ONCE 32

/* What a descriptor of the loop is; clients are above these. */
enum {
	TOKEN_STOP,
	TOKEN_NODE,
	TOKEN_LISTENER
};

int meshtcp_share_new(const struct meshtcp *m, struct meshtcp_share **ret)
{
	struct meshtcp_share *s;
	int error;

	if (!m || !m->host || !ret)
		return -EINVAL;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->max_clients = 10;
	s->idle_ms = 900000;
	s->queue = (struct queue_status){ .free = QUEUE_LENGTH, .maxlen = QUEUE_LENGTH };
	s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	s->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	s->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	pthread_mutex_init(&s->mutex, NULL);
	error = meshtcp_new(&s->node);
	if (error == 0)
		error = meshtcp_set_address(s->node, m->host, m->port);
	if (error < 0 || s->epoll_fd < 0 || s->stop_fd < 0 || s->event_fd < 0) {
		meshtcp_share_free(s);
		return -ENOMEM;
	}
	s->node->config = m->config;
	/* Clients want all that there is. */
	s->node->config.download = MESHTCP_DOWNLOAD_ALL;
	s->node->force = m->force;
	s->node->connect_timeout_ms = m->connect_timeout_ms;
	s->node->timeout_ms = m->timeout_ms;
	s->node->log = m->log;
	*ret = s;
	return 0;
}

static void wake(int fd)
{
	uint64_t one = 1;

	(void)!write(fd, &one, sizeof(one));
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void free_events(struct meshtcp_share *s)
{
	while (s->head) {
		struct share_event_node *node = s->head;

		s->head = node->next;
		free(node);
	}
	free(s->taken);
}

static void stop_node(struct meshtcp_share *s)
{
	if (s->tapped)
		meshtcp_handle_tap(s->node, false);
	s->tapped = false;
	meshtcp_disconnect(s->node);
}

void meshtcp_share_stop(struct meshtcp_share *s)
{
	if (!s || !s->running)
		return;
	wake(s->stop_fd);
	pthread_join(s->thread, NULL);
	s->running = false;
	/* At once, and not when the node has been told: nobody serves who comes now. */
	meshtcp_share_close_listeners(s);
	stop_node(s);
}

void meshtcp_share_free(struct meshtcp_share *s)
{
	if (!s)
		return;
	meshtcp_share_stop(s);
	meshtcp_share_close_listeners(s);
	meshtcp_free(s->node);
	close_fd(s->epoll_fd);
	close_fd(s->stop_fd);
	close_fd(s->event_fd);
	free_events(s);
	pthread_mutex_destroy(&s->mutex);
	free(s);
}

static int settable(const struct meshtcp_share *s, bool valid)
{
	if (!s || !valid)
		return -EINVAL;
	return s->running ? -EBUSY : 0;
}

int meshtcp_share_set_max_clients(struct meshtcp_share *s, unsigned most)
{
	int ret = settable(s, most >= 1 && most <= MESHTCP_SHARE_MAX_CLIENTS);

	if (ret == 0)
		s->max_clients = most;
	return ret;
}

int meshtcp_share_set_allow_admin(struct meshtcp_share *s, bool on)
{
	int ret = settable(s, true);

	if (ret == 0)
		s->allow_admin = on;
	return ret;
}

int meshtcp_share_set_idle(struct meshtcp_share *s, unsigned idle_ms)
{
	int ret = settable(s, idle_ms >= 1000 && idle_ms <= DAY_MS);

	if (ret == 0)
		s->idle_ms = idle_ms;
	return ret;
}

void meshtcp_share_tell(struct meshtcp_share *s, enum meshtcp_share_event_type type,
			const struct share_client *client, const char *reason)
{
	struct share_event_node *node = NULL;

	pthread_mutex_lock(&s->mutex);
	s->statistics.clients_now = s->client_count;
	if (s->event_count < MESHTCP_SHARE_MAX_EVENTS)
		node = calloc(1, sizeof(*node));
	if (node) {
		node->event.type = type;
		node->event.time_ms = cmn_clock_ms();
		node->event.reason = reason;
		if (client) {
			node->event.client = client->number;
			memcpy(node->address, client->address, sizeof(node->address));
			node->event.address = node->address;
		}
		if (s->tail)
			s->tail->next = node;
		else
			s->head = node;
		s->tail = node;
		s->event_count++;
	} else {
		s->dropped++;
	}
	pthread_mutex_unlock(&s->mutex);
	wake(s->event_fd);
}

/* What waits goes out; clients that are to go, or have been silent for too long, are closed. */
static void sweep(struct meshtcp_share *s, uint64_t now)
{
	struct share_client *next;

	for (struct share_client *c = s->clients; c; c = next) {
		next = c->next;
		meshtcp_client_tick(s, c, now);
		if (!c->gone)
			meshtcp_client_flush(s, c);
		if (c->gone)
			meshtcp_client_close(s, c);
	}
}

static int next_timeout(const struct meshtcp_share *s, uint64_t now)
{
	uint64_t at = s->accept_at != 0 ? s->accept_at : UINT64_MAX;

	for (const struct share_client *c = s->clients; c; c = c->next) {
		uint64_t due = meshtcp_client_deadline(s, c);

		if (due < at)
			at = due;
	}
	if (at == UINT64_MAX)
		return -1;
	return at > now ? (int)(at - now) + 1 : 0;
}

static void handle(struct meshtcp_share *s, const struct epoll_event *event, uint64_t now,
		   bool *stop)
{
	uint64_t token = event->data.u64;
	struct share_client *c;

	if (token == TOKEN_STOP) {
		*stop = true;
	} else if (token == TOKEN_NODE) {
		meshtcp_share_node_events(s, now);
	} else if (token < TOKEN_LISTENER + SHARE_LISTENERS) {
		meshtcp_share_accept(s, (unsigned)(token - TOKEN_LISTENER), now);
	} else {
		c = meshtcp_client_find(s, (uint32_t)(token >> 8));
		if (c && (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
			meshtcp_client_read(s, c, now);
	}
}

static void *run(void *share)
{
	struct meshtcp_share *s = share;
	struct epoll_event events[EVENTS_AT_ONCE];
	bool stop = false;

	meshtcp_shared_name_thread("meshtcp-share");
	while (!stop) {
		int count = epoll_wait(s->epoll_fd, events, EVENTS_AT_ONCE,
				       next_timeout(s, cmn_clock_ms()));
		uint64_t now = cmn_clock_ms();

		for (int i = 0; i < count; i++)
			handle(s, &events[i], now, &stop);
		meshtcp_share_accept_tick(s, now);
		sweep(s, now);
	}
	for (struct share_client *c = s->clients; c; c = s->clients) {
		meshtcp_client_flush(s, c);
		c->gone = "stopped";
		meshtcp_client_close(s, c);
	}
	return NULL;
}

static int watch(struct meshtcp_share *s, int fd, uint64_t token)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = token };

	/* It may be there from a start that failed. */
	if (epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 && errno != EEXIST)
		return -ENOMEM;
	return 0;
}

static int watch_all(struct meshtcp_share *s)
{
	int error = watch(s, s->stop_fd, TOKEN_STOP);

	if (error == 0)
		error = watch(s, meshtcp_get_fd(s->node), TOKEN_NODE);
	return error == 0 ? meshtcp_share_watch_listeners(s, TOKEN_LISTENER) : error;
}

static int start_thread(struct meshtcp_share *s)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	int error = pthread_attr_init(&attributes);

	if (error != 0)
		return -ENOMEM;
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&s->thread, &attributes, run, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	s->running = error == 0;
	return error != 0 ? -ENOMEM : 0;
}

int meshtcp_share_start(struct meshtcp_share *s)
{
	int ret = settable(s, s && s->listener_count > 0);

	if (ret < 0)
		return ret;
	cmn_prng_seed(&s->prng,
		      cmn_clock_ms() ^ (uint64_t)getpid() << 40 ^ (uint64_t)(uintptr_t)s << 8);
	ret = meshtcp_connect(s->node);
	if (ret < 0)
		return ret;
	ret = meshtcp_handle_tap(s->node, true);
	s->tapped = ret == 0;
	if (ret == 0)
		ret = watch_all(s);
	if (ret == 0)
		ret = start_thread(s);
	if (ret < 0)
		stop_node(s);
	return ret;
}

int meshtcp_share_get_holder(struct meshtcp_share *s)
{
	return s ? meshtcp_get_holder(s->node) : 0;
}

int meshtcp_share_get_fd(struct meshtcp_share *s)
{
	return s ? s->event_fd : -EINVAL;
}

/* What was dropped is told in the place of an event that is not there any more. */
static struct share_event_node *take(struct meshtcp_share *s)
{
	struct share_event_node *node = s->head;

	if (node) {
		s->head = node->next;
		if (!s->head)
			s->tail = NULL;
		s->event_count--;
		return node;
	}
	if (s->dropped == 0)
		return NULL;
	node = calloc(1, sizeof(*node));
	if (node) {
		node->event.type = MESHTCP_SHARE_OVERFLOW;
		node->event.count = s->dropped;
		s->dropped = 0;
	}
	return node;
}

const struct meshtcp_share_event *meshtcp_share_next_event(struct meshtcp_share *s)
{
	uint64_t ignored;

	if (!s)
		return NULL;
	pthread_mutex_lock(&s->mutex);
	free(s->taken);
	s->taken = take(s);
	if (!s->head && s->dropped == 0)
		(void)!read(s->event_fd, &ignored, sizeof(ignored));
	pthread_mutex_unlock(&s->mutex);
	return s->taken ? &s->taken->event : NULL;
}

const struct meshtcp_share_statistics *meshtcp_share_get_statistics(struct meshtcp_share *s)
{
	if (!s)
		return NULL;
	pthread_mutex_lock(&s->mutex);
	s->copy = s->statistics;
	pthread_mutex_unlock(&s->mutex);
	return &s->copy;
}
