/* SPDX-License-Identifier: MIT */
/*
 * The public API: handles, which join and leave shared connections, and what is known of a node.
 */
#include <meshtcp/meshtcp.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"

#include "database.h"
#include "handle.h"
#include "registry.h"

#define DEFAULT_PORT 4403

int meshtcp_new(struct meshtcp **ret)
{
	struct meshtcp *m;

	if (!ret)
		return -EINVAL;
	m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	m->port = DEFAULT_PORT;
	m->timeout_ms = 300000;
	m->connect_timeout_ms = 10000;
	m->config = (struct session_config){
		.download = MESHTCP_DOWNLOAD_ALL,
		.check_ms = 30000,
		.silent_ms = 60000,
		.heartbeat_ms = 25000,
		.reconnect = { .base_ms = 1000, .max_ms = 60000, .jitter_percent = 20 },
	};
	m->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (m->event_fd < 0 || pthread_mutex_init(&m->mutex, NULL) != 0) {
		if (m->event_fd >= 0)
			close(m->event_fd);
		free(m);
		return -ENOMEM;
	}
	*ret = m;
	return 0;
}

/* Off the connection's list: nothing is told to it any more. */
static void detach(struct meshtcp *m)
{
	struct shared *c = m->shared;
	struct meshtcp **place = &c->handles;

	meshtcp_shared_lock(c);
	meshtcp_shared_settle(c);
	while (*place && *place != m)
		place = &(*place)->next;
	if (*place)
		*place = m->next;
	meshtcp_shared_update_log(c);
	meshtcp_shared_quiesce(c);
	meshtcp_shared_unlock(c);
	m->shared = NULL;
	meshtcp_registry_release(c);
}

void meshtcp_free(struct meshtcp *m)
{
	if (!m)
		return;
	meshtcp_disconnect(m);
	if (m->shared)
		detach(m);
	meshtcp_event_list_free(&m->events);
	pthread_mutex_destroy(&m->mutex);
	close(m->event_fd);
	free(m->host);
	free(m);
}

static uint64_t seed_of(const struct shared *c)
{
	return cmn_clock_ms() ^ (uint64_t)getpid() << 40 ^ (uint64_t)(uintptr_t)c << 8;
}

/* With the mutex: take part from now on. */
static void join(struct shared *c, struct meshtcp *m, uint64_t now)
{
	enum meshtcp_state state = meshtcp_session_state(c->session);
	struct session_config config = m->config;

	/* A socket that was given cannot be opened again, not even when it is dead already. */
	config.adopted = c->host == NULL;
	m->owner = ++c->last_owner;
	if (m->owner == 0)
		m->owner = c->last_owner = 1;
	m->joined = true;
	if (m->shared != c) {
		m->shared = c;
		m->next = c->handles;
		c->handles = m;
	}
	meshtcp_shared_update_log(c);
	if (state == MESHTCP_STATE_IDLE || state == MESHTCP_STATE_CLOSING) {
		meshtcp_session_start(c->session, &config, seed_of(c), now);
		return;
	}
	meshtcp_session_want(c->session, m->config.download, now);
	meshtcp_handle_tell_state(m, meshtcp_session_state(c->session), now);
}

int meshtcp_join(struct meshtcp *m, bool alone)
{
	int ret = m ? meshtcp_settable(m, m->host != NULL) : -EINVAL;
	struct cmn_tcp_addresses addresses;
	struct shared *c;
	bool is_new;

	if (ret == 0)
		ret = cmn_tcp_resolve(m->host, m->port, &addresses);
	if (ret < 0)
		return ret;
	ret = meshtcp_registry_get(m, &addresses, alone, &c, &is_new);
	if (ret < 0)
		return ret;
	if (m->shared && m->shared != c)
		detach(m);
	else if (m->shared)
		meshtcp_registry_release(c); /* it counted before: once is enough */
	meshtcp_shared_lock(c);
	join(c, m, cmn_clock_ms());
	meshtcp_shared_unlock(c);
	return 0;
}

int meshtcp_connect(struct meshtcp *m)
{
	return meshtcp_join(m, false);
}

static int make_private(struct meshtcp *m, int fd, struct shared **ret)
{
	struct shared *c;
	int error = meshtcp_shared_new(&c);

	if (error < 0)
		return error;
	c->connect_timeout_ms = m->connect_timeout_ms;
	error = meshtcp_shared_run(c);
	if (error < 0) {
		meshtcp_shared_free(c);
		return error;
	}
	meshtcp_registry_put_private(c);
	meshtcp_shared_lock(c);
	c->adopted_fd = fd;
	meshtcp_shared_unlock(c);
	*ret = c;
	return 0;
}

int meshtcp_connect_fd(struct meshtcp *m, int fd)
{
	int type, ret = meshtcp_settable(m, fd >= 0);
	socklen_t size = sizeof(type);
	struct shared *c;

	if (ret < 0)
		return ret;
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0 || type != SOCK_STREAM)
		return -EINVAL;
	if (m->shared)
		detach(m);
	ret = make_private(m, fd, &c);
	if (ret < 0)
		return ret;
	meshtcp_shared_lock(c);
	join(c, m, cmn_clock_ms());
	meshtcp_shared_unlock(c);
	return 0;
}

void meshtcp_disconnect(struct meshtcp *m)
{
	uint64_t now = cmn_clock_ms();
	struct shared *c;

	if (!m || !m->shared)
		return;
	c = m->shared;
	meshtcp_shared_lock(c);
	if (m->joined) {
		meshtcp_session_cancel_owner(c->session, m->owner, now);
		m->joined = false;
		if (meshtcp_shared_in_use(c)) {
			/* The others go on: for this one it is over. */
			meshtcp_handle_tell_state(m, MESHTCP_STATE_IDLE, now);
		} else {
			meshtcp_session_stop(c->session, now);
		}
	}
	meshtcp_shared_unlock(c);
}

int meshtcp_get_fd(struct meshtcp *m)
{
	return m ? m->event_fd : -EINVAL;
}

bool meshtcp_is_pending(struct meshtcp *m, uint32_t id)
{
	bool pending;

	if (!m || !m->shared)
		return false;
	meshtcp_shared_lock(m->shared);
	pending = meshtcp_session_pending(m->shared->session, id);
	meshtcp_shared_unlock_unchanged(m->shared);
	return pending;
}

int meshtcp_cancel(struct meshtcp *m, uint32_t id)
{
	int ret;

	if (!m)
		return -EINVAL;
	if (!m->shared)
		return -ENOENT;
	meshtcp_shared_lock(m->shared);
	ret = meshtcp_session_cancel(m->shared->session, id, m->owner, cmn_clock_ms());
	meshtcp_shared_unlock(m->shared);
	return ret;
}

enum meshtcp_state meshtcp_get_state(struct meshtcp *m)
{
	enum meshtcp_state state = MESHTCP_STATE_IDLE;
	struct shared *c = m ? m->shared : NULL;

	if (!c)
		return state;
	meshtcp_shared_lock(c);
	state = meshtcp_session_state(c->session);
	if (!m->joined && meshtcp_shared_in_use(c))
		state = MESHTCP_STATE_IDLE;
	meshtcp_shared_unlock_unchanged(c);
	return state;
}

const struct meshtcp_statistics *meshtcp_get_statistics(struct meshtcp *m)
{
	if (!m)
		return NULL;
	if (m->shared) {
		meshtcp_shared_lock(m->shared);
		meshtcp_session_statistics(m->shared->session, &m->statistics);
		meshtcp_shared_unlock_unchanged(m->shared);
	}
	pthread_mutex_lock(&m->mutex);
	m->statistics.dropped_events = m->events.dropped_all;
	pthread_mutex_unlock(&m->mutex);
	return &m->statistics;
}

int meshtcp_get_holder(struct meshtcp *m)
{
	return m ? m->holder : 0;
}

int meshtcp_get_info(struct meshtcp *m, struct meshtcp_info *ret)
{
	int error;

	if (!m || !ret)
		return -EINVAL;
	if (!m->shared)
		return -ENOENT;
	meshtcp_shared_lock(m->shared);
	error = meshtcp_session_info(m->shared->session, ret);
	meshtcp_shared_unlock_unchanged(m->shared);
	return error;
}

int meshtcp_get_nodes(struct meshtcp *m, const struct meshtcp_nodes **ret)
{
	static const struct database empty;
	const struct meshtcp_nodes *nodes;

	if (!m || !ret)
		return -EINVAL;
	if (m->shared) {
		meshtcp_shared_lock(m->shared);
		nodes = meshtcp_session_nodes(m->shared->session);
		meshtcp_shared_unlock_unchanged(m->shared);
	} else {
		nodes = meshtcp_database_snapshot(&empty);
	}
	if (!nodes)
		return -ENOMEM;
	*ret = nodes;
	return 0;
}

int meshtcp_get_section(struct meshtcp *m, enum meshtcp_section_kind kind, unsigned number,
			uint8_t *data, size_t room)
{
	int ret;

	if (!m || (!data && room > 0) || (kind != MESHTCP_CONFIG && kind != MESHTCP_MODULE))
		return -EINVAL;
	if (!m->shared)
		return -ENOENT;
	meshtcp_shared_lock(m->shared);
	ret = meshtcp_session_section(m->shared->session, kind, number, data, room);
	meshtcp_shared_unlock_unchanged(m->shared);
	return ret;
}
