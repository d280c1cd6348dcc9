/* SPDX-License-Identifier: MIT */
/*
 * The public API except the requests: makes and frees handles, keeps their settings, and hands the
 * rest to session and transport.
 */
#include <qlink/qlink.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"

#include "address.h"
#include "cache.h"
#include "handle.h"

#define HOUR_MS      3600000
#define DAY_MS       86400000
#define JITTER       25
#define MAX_HOST     253
#define DEFAULT_PORT 3041
#define QUERY_PORT   3040

int qlink_new(struct qlink **ret)
{
	struct qlink *q;
	int error;

	if (!ret)
		return -EINVAL;
	q = calloc(1, sizeof(*q));
	if (!q)
		return -ENOMEM;
	q->port = DEFAULT_PORT;
	q->query_port = QUERY_PORT;
	q->connect_timeout_ms = 5000;
	q->config = (struct session_config){
		.connections = 2,
		.gap_ms = 50,
		.idle_ms = 30000,
		.timeout_ms = 10000,
		.reply_timeout_ms = 3000,
		.probe_ms = 60000,
		.reconnect = { .base_ms = 1000, .max_ms = 60000, .jitter_percent = JITTER },
	};
	error = qlink_session_new(&q->session);
	if (error == 0)
		error = qlink_transport_init(&q->transport, q->session);
	if (error < 0) {
		qlink_session_free(q->session);
		free(q);
		return error;
	}
	*ret = q;
	return 0;
}

void qlink_free(struct qlink *q)
{
	if (!q)
		return;
	qlink_disconnect(q);
	qlink_transport_free(&q->transport);
	qlink_session_free(q->session);
	free(q->host);
	free(q);
}

/* 0 when an option may be set to a value, or why not. */
static int settable(const struct qlink *q, bool valid)
{
	if (!q || !valid)
		return -EINVAL;
	return qlink_session_running(q->session) ? -EBUSY : 0;
}

static int set_number(struct qlink *q, unsigned *option, unsigned value, unsigned min, unsigned max)
{
	int ret = settable(q, value >= min && value <= max);

	if (ret == 0)
		*option = value;
	return ret;
}

int qlink_set_address(struct qlink *q, const char *host, uint16_t port)
{
	size_t size = host ? strlen(host) : 0;
	int ret = settable(q, size > 0 && size <= MAX_HOST && port > 0);
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
	free(q->host);
	q->host = copy;
	q->port = port;
	return 0;
}

int qlink_set_query_port(struct qlink *q, uint16_t port)
{
	int ret = settable(q, port > 0);

	if (ret == 0)
		q->query_port = port;
	return ret;
}

int qlink_set_mode(struct qlink *q, enum qlink_mode mode)
{
	int ret = settable(q, mode >= QLINK_MODE_SPLIT && mode <= QLINK_MODE_READ_ONLY);

	if (ret < 0)
		return ret;
	q->config.mode = mode;
	qlink_session_set_mode(q->session, mode);
	return 0;
}

int qlink_set_style(struct qlink *q, enum qlink_style style)
{
	int ret = settable(q, style >= QLINK_STYLE_AUTO && style <= QLINK_STYLE_DETAILED);

	if (ret == 0)
		q->config.style = style;
	return ret;
}

int qlink_set_crlf(struct qlink *q, bool crlf)
{
	int ret = settable(q, true);

	if (ret == 0)
		q->config.crlf = crlf;
	return ret;
}

int qlink_set_connections(struct qlink *q, unsigned most)
{
	return q ? set_number(q, &q->config.connections, most, 1, QLINK_MAX_CONNECTIONS) : -EINVAL;
}

int qlink_set_gap(struct qlink *q, unsigned gap_ms)
{
	return q ? set_number(q, &q->config.gap_ms, gap_ms, 0, 10000) : -EINVAL;
}

int qlink_set_idle_close(struct qlink *q, unsigned idle_ms)
{
	return q ? set_number(q, &q->config.idle_ms, idle_ms, 0, DAY_MS) : -EINVAL;
}

int qlink_set_timeout(struct qlink *q, unsigned timeout_ms)
{
	return q ? set_number(q, &q->config.timeout_ms, timeout_ms, 1, HOUR_MS) : -EINVAL;
}

int qlink_set_reply_timeout(struct qlink *q, unsigned timeout_ms)
{
	return q ? set_number(q, &q->config.reply_timeout_ms, timeout_ms, 1, HOUR_MS) : -EINVAL;
}

int qlink_set_connect_timeout(struct qlink *q, unsigned timeout_ms)
{
	return q ? set_number(q, &q->connect_timeout_ms, timeout_ms, 1, HOUR_MS) : -EINVAL;
}

int qlink_set_reconnect(struct qlink *q, unsigned base_ms, unsigned max_ms)
{
	int ret = settable(q, base_ms >= 1 && base_ms <= max_ms && max_ms <= HOUR_MS);

	if (ret == 0)
		q->config.reconnect = (struct cmn_backoff){ base_ms, max_ms, JITTER };
	return ret;
}

int qlink_set_probe(struct qlink *q, unsigned interval_ms)
{
	return q ? set_number(q, &q->config.probe_ms, interval_ms, 0, DAY_MS) : -EINVAL;
}

int qlink_set_monitoring(struct qlink *q, unsigned monitor)
{
	return q ? set_number(q, &q->config.monitoring, monitor, 0,
			      QLINK_MONITOR_ALL | QLINK_MONITOR_LISTEN) :
		   -EINVAL;
}

int qlink_set_auto_watch(struct qlink *q, bool on)
{
	int ret = settable(q, true);

	if (ret == 0)
		q->config.auto_watch = on;
	return ret;
}

int qlink_set_program(struct qlink *q, bool on)
{
	if (!q)
		return -EINVAL;
	qlink_session_allow_program(q->session, on);
	return 0;
}

int qlink_set_priority(struct qlink *q, enum qlink_priority priority)
{
	if (!q || priority < QLINK_PRIORITY_USER || priority > QLINK_PRIORITY_POLL)
		return -EINVAL;
	q->priority = priority;
	return 0;
}

int qlink_set_log(struct qlink *q, enum qlink_log_level level,
		  void (*fn)(void *userdata, int level, const char *text), void *userdata)
{
	if (!q || level < QLINK_LOG_ERROR || level > QLINK_LOG_WIRE)
		return -EINVAL;
	q->log = (struct cmn_log){ .fn = fn, .userdata = userdata, .level = (int)level };
	qlink_session_set_log(q->session, &q->log);
	return 0;
}

/* Jitter and nonces need to differ between programs; they are no secrets. */
static uint64_t seed_of(const struct qlink *q)
{
	return cmn_clock_ms() ^ (uint64_t)getpid() << 40 ^ (uint64_t)(uintptr_t)q << 8;
}

static void start(struct qlink *q, bool adopted)
{
	struct session_config config = q->config;

	config.adopted = adopted;
	if (adopted && config.mode == QLINK_MODE_SPLIT)
		config.mode = QLINK_MODE_SHARED;
	q->transport.connect_timeout_ms = q->connect_timeout_ms;
	qlink_session_start(q->session, &config, &q->log, seed_of(q), cmn_clock_ms());
}

int qlink_connect(struct qlink *q)
{
	bool read_only;
	int ret = settable(q, q && q->host);

	if (ret < 0)
		return ret;
	read_only = q->config.mode == QLINK_MODE_READ_ONLY;
	ret = cmn_tcp_resolve(q->host, read_only ? q->query_port : q->port,
			      &q->transport.addresses);
	if (ret < 0)
		return ret;
	start(q, false);
	qlink_transport_update(&q->transport, cmn_clock_ms());
	return 0;
}

int qlink_connect_fd(struct qlink *q, int fd)
{
	int ret = settable(q, fd >= 0);

	if (ret < 0)
		return ret;
	start(q, true);
	ret = qlink_transport_adopt(&q->transport, fd);
	if (ret < 0) {
		qlink_session_stop(q->session, cmn_clock_ms());
		return ret;
	}
	qlink_transport_update(&q->transport, cmn_clock_ms());
	return 0;
}

void qlink_disconnect(struct qlink *q)
{
	uint64_t now = cmn_clock_ms();

	if (!q || !qlink_session_running(q->session))
		return;
	qlink_session_stop(q->session, now);
	qlink_transport_update(&q->transport, now);
}

int qlink_get_fd(struct qlink *q)
{
	return q ? cmn_loop_fd(&q->transport.loop) : -EINVAL;
}

int qlink_dispatch(struct qlink *q)
{
	return q ? qlink_transport_dispatch(&q->transport) : -EINVAL;
}

const struct qlink_event *qlink_next_event(struct qlink *q)
{
	return q ? qlink_session_next_event(q->session) : NULL;
}

bool qlink_has_event(const struct qlink *q)
{
	return q && qlink_session_has_event(q->session);
}

bool qlink_is_pending(const struct qlink *q, uint32_t id)
{
	return q && qlink_session_pending(q->session, id);
}

const struct qlink_event *qlink_take_result(struct qlink *q, uint32_t id)
{
	return q ? qlink_session_take_result(q->session, id) : NULL;
}

int qlink_cancel(struct qlink *q, uint32_t id)
{
	uint64_t now = cmn_clock_ms();
	int ret;

	if (!q)
		return -EINVAL;
	ret = qlink_session_cancel(q->session, id, now);
	if (ret == 0)
		qlink_transport_update(&q->transport, now);
	return ret;
}

const struct qlink_statistics *qlink_get_statistics(const struct qlink *q)
{
	return q ? qlink_session_statistics(q->session) : NULL;
}

static bool station_ok(const struct qlink *q, unsigned master, unsigned station)
{
	return q && master >= 1 && master <= 15 && station >= 1 && station <= 189;
}

static int watch_key(struct qlink *q, uint64_t key, bool on)
{
	uint64_t now = cmn_clock_ms();
	int ret = qlink_session_watch(q->session, key, on, now);

	qlink_transport_update(&q->transport, now);
	return ret;
}

int qlink_watch_load(struct qlink *q, struct qlink_load load, bool on)
{
	if (!q || qlink_load_check(load) < 0)
		return -EINVAL;
	return watch_key(q, qlink_cache_load_key(load), on);
}

int qlink_watch_leds(struct qlink *q, unsigned master, unsigned station, bool on)
{
	if (!station_ok(q, master, station))
		return -EINVAL;
	return watch_key(q, qlink_cache_key(CACHE_LEDS, master, station, 0, 0), on);
}

int qlink_watch_switches(struct qlink *q, unsigned master, unsigned station, bool on)
{
	if (!station_ok(q, master, station))
		return -EINVAL;
	return watch_key(q, qlink_cache_key(CACHE_SWITCHES, master, station, 0, 0), on);
}

int qlink_load_cached(struct qlink *q, struct qlink_load load, int *ret_level, uint64_t *ret_age_ms)
{
	int32_t value;
	int ret;

	if (!q || !ret_level || qlink_load_check(load) < 0)
		return -EINVAL;
	ret = qlink_session_cached(q->session, qlink_cache_load_key(load), cmn_clock_ms(), &value,
				   ret_age_ms);
	if (ret == 0)
		*ret_level = value;
	return ret;
}

int qlink_leds_cached(struct qlink *q, unsigned master, unsigned station, uint16_t *ret_on,
		      uint16_t *ret_blink, uint64_t *ret_age_ms)
{
	int32_t value;
	int ret;

	if (!station_ok(q, master, station) || !ret_on || !ret_blink)
		return -EINVAL;
	ret = qlink_session_cached(q->session, qlink_cache_key(CACHE_LEDS, master, station, 0, 0),
				   cmn_clock_ms(), &value, ret_age_ms);
	if (ret < 0)
		return ret;
	*ret_on = (uint16_t)(value & 0xffff);
	*ret_blink = (uint16_t)(value >> 16);
	return 0;
}

int qlink_switch_cached(struct qlink *q, unsigned master, unsigned station, unsigned button,
			int *ret_state, uint64_t *ret_age_ms)
{
	int32_t value;
	int ret;

	if (!station_ok(q, master, station) || button < 1 || button > 255 || !ret_state)
		return -EINVAL;
	ret = qlink_session_cached(q->session,
				   qlink_cache_key(CACHE_SWITCH, master, station, 0, button),
				   cmn_clock_ms(), &value, ret_age_ms);
	if (ret == 0)
		*ret_state = value;
	return ret;
}
