/* SPDX-License-Identifier: MIT */
/* The options of the public API: each checked and kept until the next connect. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "handle.h"

#define HOUR_MS  3600000
#define MAX_HOST 253
#define LEAST_MS 10
#define JITTER   20

int meshtcp_settable(struct meshtcp *m, bool valid)
{
	bool joined = false;

	if (!m || !valid)
		return -EINVAL;
	if (m->shared) {
		meshtcp_shared_lock(m->shared);
		joined = m->joined;
		meshtcp_shared_unlock_unchanged(m->shared);
	}
	return joined ? -EBUSY : 0;
}

int meshtcp_set_address(struct meshtcp *m, const char *host, uint16_t port)
{
	size_t size = host ? strlen(host) : 0;
	int ret = meshtcp_settable(m, size > 0 && size <= MAX_HOST && port > 0);
	char *copy;

	if (ret < 0)
		return ret;
	if (host[0] == '[' && host[size - 1] == ']') {
		host++;
		size -= 2;
	}
	copy = strndup(host, size);
	if (!copy)
		return -ENOMEM;
	free(m->host);
	m->host = copy;
	m->port = port;
	return 0;
}

int meshtcp_set_download(struct meshtcp *m, enum meshtcp_download download)
{
	int ret = meshtcp_settable(m, download >= MESHTCP_DOWNLOAD_ALL &&
					      download <= MESHTCP_DOWNLOAD_NONE);

	if (ret == 0)
		m->config.download = download;
	return ret;
}

int meshtcp_set_force(struct meshtcp *m, bool on)
{
	int ret = meshtcp_settable(m, true);

	if (ret == 0)
		m->force = on;
	return ret;
}

int meshtcp_set_timeout(struct meshtcp *m, unsigned timeout_ms)
{
	if (!m || timeout_ms < 1 || timeout_ms > HOUR_MS)
		return -EINVAL;
	m->timeout_ms = timeout_ms;
	return 0;
}

int meshtcp_set_connect_timeout(struct meshtcp *m, unsigned timeout_ms)
{
	int ret = meshtcp_settable(m, timeout_ms >= 1 && timeout_ms <= HOUR_MS);

	if (ret == 0)
		m->connect_timeout_ms = timeout_ms;
	return ret;
}

int meshtcp_set_reconnect(struct meshtcp *m, unsigned base_ms, unsigned max_ms)
{
	int ret = meshtcp_settable(m, base_ms >= 1 && base_ms <= max_ms && max_ms <= HOUR_MS);

	if (ret == 0)
		m->config.reconnect = (struct cmn_backoff){ base_ms, max_ms, JITTER };
	return ret;
}

int meshtcp_set_health(struct meshtcp *m, unsigned check_ms, unsigned silent_ms)
{
	int ret = meshtcp_settable(m, (check_ms == 0 || check_ms >= LEAST_MS) &&
					      check_ms <= HOUR_MS && silent_ms >= LEAST_MS &&
					      silent_ms <= HOUR_MS);

	if (ret < 0)
		return ret;
	m->config.check_ms = check_ms;
	m->config.silent_ms = silent_ms;
	return 0;
}

int meshtcp_set_heartbeat(struct meshtcp *m, unsigned interval_ms)
{
	int ret = meshtcp_settable(m, interval_ms == 0 ||
					      (interval_ms >= LEAST_MS && interval_ms <= HOUR_MS));

	if (ret == 0)
		m->config.heartbeat_ms = interval_ms;
	return ret;
}

/* What a callback uses may be gone as soon as another one is set. */
int meshtcp_set_dead_socket(struct meshtcp *m,
			    void (*fn)(void *userdata, enum meshtcp_reason reason), void *userdata)
{
	if (!m)
		return -EINVAL;
	if (m->shared)
		meshtcp_shared_lock(m->shared);
	m->dead_fn = fn;
	m->dead_userdata = userdata;
	if (m->shared) {
		meshtcp_shared_quiesce(m->shared);
		meshtcp_shared_unlock(m->shared);
	}
	return 0;
}

int meshtcp_set_log(struct meshtcp *m, enum meshtcp_log_level level,
		    void (*fn)(void *userdata, int level, const char *text), void *userdata)
{
	if (!m || level < MESHTCP_LOG_ERROR || level > MESHTCP_LOG_WIRE)
		return -EINVAL;
	if (m->shared)
		meshtcp_shared_lock(m->shared);
	m->log = (struct cmn_log){ .fn = fn, .userdata = userdata, .level = (int)level };
	if (m->shared) {
		meshtcp_shared_update_log(m->shared);
		meshtcp_shared_quiesce(m->shared);
		meshtcp_shared_unlock(m->shared);
	}
	return 0;
}
