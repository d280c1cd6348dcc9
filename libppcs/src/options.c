/* SPDX-License-Identifier: MIT */
/* The options of the public API: each checked and kept until the next race. */
#include <ppcs/ppcs.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"

#include "handle.h"
#include "init_string.h"

#define HOUR_MS     3600000
#define MAX_HOST    253
#define MAX_WEIGHT  1000
#define MAX_REST_MS 60000
#define MAX_RANGE   10

int ppcs_settable(const struct ppcs *p, bool valid)
{
	if (!p || !valid)
		return -EINVAL;
	return ppcs_get_state(p) == PPCS_STATE_IDLE ? 0 : -EBUSY;
}

static int set_number(struct ppcs *p, unsigned *option, unsigned value, unsigned min, unsigned max)
{
	int ret = ppcs_settable(p, value >= min && value <= max);

	if (ret == 0)
		*option = value;
	return ret;
}

static bool valid_mode(enum ppcs_mode mode)
{
	return mode == PPCS_P2P || mode == PPCS_LAN || mode == PPCS_RELAY;
}

static bool valid_host(const char *host)
{
	size_t size = host ? strlen(host) : 0;

	return size > 0 && size <= MAX_HOST;
}

int ppcs_set_address(struct ppcs *p, const char *host)
{
	int ret = ppcs_settable(p, !host || valid_host(host));
	char *copy = NULL;

	if (ret < 0)
		return ret;
	if (host) {
		copy = strdup(host);
		if (!copy)
			return -ENOMEM;
	}
	free(p->host);
	p->host = copy;
	return 0;
}

int ppcs_set_ports(struct ppcs *p, const uint16_t *ports, size_t count)
{
	int ret = ppcs_settable(p, ports && count >= 1 && count <= PPCS_MAX_PORTS);

	for (size_t i = 0; ret == 0 && i < count; i++) {
		if (ports[i] == 0)
			return -EINVAL;
		for (size_t k = 0; k < i; k++)
			if (ports[k] == ports[i])
				return -EINVAL;
	}
	if (ret < 0)
		return ret;
	memcpy(p->config.ports, ports, count * sizeof(ports[0]));
	p->config.port_count = count;
	return 0;
}

int ppcs_set_search_port(struct ppcs *p, uint16_t port)
{
	int ret = ppcs_settable(p, port > 0);

	if (ret == 0)
		p->config.search_port = port;
	return ret;
}

static int set_uid(struct ppcs *p, struct uid *option, const char *text)
{
	struct uid uid = { .serial = 0 };
	int ret = ppcs_settable(p, true);

	if (ret == 0 && text)
		ret = ppcs_uid_parse(text, &uid);
	if (ret == 0)
		*option = uid;
	return ret;
}

int ppcs_set_uid(struct ppcs *p, const char *uid)
{
	return p ? set_uid(p, &p->config.uid, uid) : -EINVAL;
}

int ppcs_set_uid_hint(struct ppcs *p, const char *uid)
{
	return p ? set_uid(p, &p->config.uid_hint, uid) : -EINVAL;
}

int ppcs_set_key(struct ppcs *p, const char *key)
{
	int ret = ppcs_settable(p, !key || strlen(key) <= PPCS_MAX_KEY);

	if (ret < 0)
		return ret;
	p->config.key_fixed = key != NULL;
	explicit_bzero(p->config.key, sizeof(p->config.key));
	if (key)
		memcpy(p->config.key, key, strlen(key));
	return 0;
}

int ppcs_set_dsk(struct ppcs *p, const char *dsk)
{
	int ret = ppcs_settable(p, !dsk || (dsk[0] != '\0' && strlen(dsk) <= PPCS_MAX_DSK));

	if (ret < 0)
		return ret;
	explicit_bzero(p->config.dsk, sizeof(p->config.dsk));
	if (dsk)
		memcpy(p->config.dsk, dsk, strlen(dsk));
	return 0;
}

static int add_place(struct place *places, size_t *count, size_t max, const char *host,
		     uint16_t port)
{
	if (*count == max)
		return -EBUSY;
	places[*count].host = strdup(host);
	if (!places[*count].host)
		return -ENOMEM;
	places[(*count)++].port = port;
	return 0;
}

int ppcs_add_server(struct ppcs *p, const char *host, uint16_t port)
{
	int ret = ppcs_settable(p, valid_host(host) && port > 0);

	if (ret < 0)
		return ret;
	return add_place(p->servers, &p->server_count, PPCS_MAX_SERVERS, host, port);
}

int ppcs_add_init_string(struct ppcs *p, const char *text)
{
	struct init_string init = { .count = 0 };
	int ret = ppcs_settable(p, text != NULL);

	if (ret == 0)
		ret = ppcs_init_string_parse(text, &init);
	if (ret == 0 && p->server_count + init.count > PPCS_MAX_SERVERS)
		ret = -EBUSY;
	for (unsigned i = 0; ret == 0 && i < init.count; i++)
		ret = ppcs_add_server(p, init.servers[i], PPCS_SERVER_PORT);
	if (ret == 0 && init.key[0] != '\0')
		memcpy(p->config.server_key, init.key, sizeof(init.key));
	explicit_bzero(&init, sizeof(init));
	return ret;
}

int ppcs_add_relay(struct ppcs *p, const char *host, uint16_t port)
{
	int ret = ppcs_settable(p, valid_host(host) && port > 0);

	if (ret == 0)
		ret = add_place(p->relays, &p->relay_count, PPCS_MAX_RELAYS, host, port);
	if (ret == 0)
		p->config.modes[PPCS_RELAY] = true;
	return ret;
}

int ppcs_set_relay_search(struct ppcs *p, bool on)
{
	int ret = ppcs_settable(p, true);

	if (ret < 0)
		return ret;
	p->config.relay_search = on;
	p->config.modes[PPCS_RELAY] |= on;
	return 0;
}

int ppcs_set_relay_tcp(struct ppcs *p, uint16_t tcp_port)
{
	int ret = ppcs_settable(p, true);

	if (ret < 0)
		return ret;
	p->config.relay_tcp = tcp_port;
	p->config.modes[PPCS_RELAY] |= tcp_port != 0;
	return 0;
}

int ppcs_set_mode(struct ppcs *p, enum ppcs_mode mode, bool on)
{
	int ret = ppcs_settable(p, valid_mode(mode));

	if (ret == 0)
		p->config.modes[mode] = on;
	return ret;
}

int ppcs_set_weight(struct ppcs *p, enum ppcs_mode mode, unsigned weight)
{
	int ret = ppcs_settable(p, valid_mode(mode) && weight <= MAX_WEIGHT);

	if (ret < 0)
		return ret;
	p->config.weights[mode] = weight;
	p->config.weight_fixed[mode] = true;
	return 0;
}

int ppcs_set_walk(struct ppcs *p, enum ppcs_walk walk)
{
	int ret = ppcs_settable(p, walk == PPCS_FAN_OUT || walk == PPCS_SEQUENTIAL);

	if (ret == 0)
		p->config.walk = walk;
	return ret;
}

int ppcs_set_until(struct ppcs *p, enum ppcs_level level)
{
	int ret = ppcs_settable(p, level == PPCS_LEVEL_PATH || level == PPCS_LEVEL_VERIFIED);

	if (ret == 0)
		p->config.until = level;
	return ret;
}

int ppcs_set_timeout(struct ppcs *p, unsigned timeout_ms)
{
	return p ? set_number(p, &p->config.timeout_ms, timeout_ms, 1, HOUR_MS) : -EINVAL;
}

int ppcs_set_attempt_timeout(struct ppcs *p, unsigned timeout_ms)
{
	return p ? set_number(p, &p->config.attempt_timeout_ms, timeout_ms, 100, 60000) : -EINVAL;
}

int ppcs_set_broadcast(struct ppcs *p, bool on)
{
	int ret = ppcs_settable(p, true);

	if (ret == 0)
		p->config.broadcast = on;
	return ret;
}

int ppcs_set_punch_range(struct ppcs *p, unsigned range)
{
	return p ? set_number(p, &p->config.punch_range, range, 0, MAX_RANGE) : -EINVAL;
}

int ppcs_set_session_timeout(struct ppcs *p, unsigned timeout_ms)
{
	return p ? set_number(p, &p->config.session_timeout_ms, timeout_ms, 2000, 600000) : -EINVAL;
}

int ppcs_set_log(struct ppcs *p, enum ppcs_log_level level,
		 void (*fn)(void *userdata, int level, const char *text), void *userdata)
{
	if (!p || level < PPCS_LOG_ERROR || level > PPCS_LOG_WIRE)
		return -EINVAL;
	p->log = (struct cmn_log){ .fn = fn, .userdata = userdata, .level = (int)level };
	ppcs_session_set_log(p->session, &p->log);
	return 0;
}

int ppcs_set_path_statistics(struct ppcs *p, const struct ppcs_path_statistics *statistics)
{
	int ret = ppcs_settable(p, statistics && valid_mode(statistics->mode) &&
					   statistics->weight <= MAX_WEIGHT &&
					   statistics->srtt_ms <= UINT16_MAX &&
					   statistics->rttvar_ms <= UINT16_MAX &&
					   statistics->rest_ms <= MAX_REST_MS);

	if (ret < 0)
		return ret;
	return ppcs_session_set_path_statistics(p->session, statistics, cmn_clock_ms());
}
