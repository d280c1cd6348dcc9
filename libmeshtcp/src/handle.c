/* SPDX-License-Identifier: MIT */
/* The events of a handle, and its descriptor, which is readable while any wait. */
#include "handle.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/clock.h"

/* With the mutex of the handle. */
static void signal_fd(struct meshtcp *m)
{
	uint64_t one = 1;

	if (m->signalled)
		return;
	m->signalled = write(m->event_fd, &one, sizeof(one)) == (ssize_t)sizeof(one);
}

static bool any(const struct meshtcp *m)
{
	return m->events.head != NULL || m->events.dropped > 0;
}

static void update_fd(struct meshtcp *m)
{
	uint64_t count;

	if (any(m)) {
		signal_fd(m);
		return;
	}
	if (m->signalled && read(m->event_fd, &count, sizeof(count)) > 0)
		m->signalled = false;
}

void meshtcp_handle_deliver(struct meshtcp *m, struct node *node, bool copy)
{
	struct node *mine = node;

	pthread_mutex_lock(&m->mutex);
	if (!node->is_request && m->events.count >= MESHTCP_MAX_EVENTS)
		mine = NULL;
	else if (copy)
		mine = meshtcp_node_new(&node->event, node->owner);
	if (mine) {
		meshtcp_event_list_append(&m->events, mine);
	} else {
		m->events.dropped++;
		m->events.dropped_all++;
		m->events.dropped_ms = node->event.time_ms;
		if (!copy)
			free(node);
	}
	signal_fd(m);
	pthread_mutex_unlock(&m->mutex);
}

void meshtcp_handle_dropped(struct meshtcp *m, unsigned count, uint64_t now)
{
	pthread_mutex_lock(&m->mutex);
	m->events.dropped += count;
	m->events.dropped_all += count;
	m->events.dropped_ms = now;
	signal_fd(m);
	pthread_mutex_unlock(&m->mutex);
}

void meshtcp_handle_tell_state(struct meshtcp *m, enum meshtcp_state state, uint64_t now)
{
	struct meshtcp_event event = { .type = MESHTCP_EVENT_STATE,
				       .state = state,
				       .time_ms = now };
	struct node *node = meshtcp_node_new(&event, 0);

	if (node)
		meshtcp_handle_deliver(m, node, false);
	else
		meshtcp_handle_dropped(m, 1, now);
}

int meshtcp_dispatch(struct meshtcp *m)
{
	if (!m)
		return -EINVAL;
	pthread_mutex_lock(&m->mutex);
	update_fd(m);
	pthread_mutex_unlock(&m->mutex);
	return 0;
}

const struct meshtcp_event *meshtcp_next_event(struct meshtcp *m)
{
	const struct meshtcp_event *event;

	if (!m)
		return NULL;
	pthread_mutex_lock(&m->mutex);
	event = meshtcp_event_list_next(&m->events);
	if (!any(m))
		update_fd(m);
	pthread_mutex_unlock(&m->mutex);
	return event;
}

bool meshtcp_has_event(struct meshtcp *m)
{
	bool has;

	if (!m)
		return false;
	pthread_mutex_lock(&m->mutex);
	has = any(m);
	pthread_mutex_unlock(&m->mutex);
	return has;
}

const struct meshtcp_event *meshtcp_take_result(struct meshtcp *m, uint32_t id)
{
	const struct meshtcp_event *event;

	if (!m)
		return NULL;
	pthread_mutex_lock(&m->mutex);
	event = meshtcp_event_list_take(&m->events, id);
	if (!any(m))
		update_fd(m);
	pthread_mutex_unlock(&m->mutex);
	return event;
}

uint64_t meshtcp_handle_changes(struct meshtcp *m)
{
	uint64_t changes;

	if (!m->shared)
		return 0;
	meshtcp_shared_lock(m->shared);
	changes = m->shared->changes;
	meshtcp_shared_unlock_unchanged(m->shared);
	return changes;
}

void meshtcp_handle_wait(struct meshtcp *m, uint64_t seen, uint64_t until)
{
	struct shared *c = m->shared;

	if (!c)
		return;
	meshtcp_shared_lock(c);
	while (c->changes == seen && cmn_clock_ms() < until)
		meshtcp_shared_wait(c, until);
	meshtcp_shared_unlock_unchanged(c);
}
