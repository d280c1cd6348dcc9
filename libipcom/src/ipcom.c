/* SPDX-License-Identifier: MIT */
/*
 * The public API: checks arguments, keeps the settings, and hands the rest to session and
 * transport.
 */
#include <ipcom/ipcom.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"

#include "handle.h"

#define HOUR_MS      3600000
#define JITTER       10
#define MAX_HOST     253
#define DEFAULT_PORT 5000
#define MAX_BASE     240

int ipcom_new(struct ipcom **ret)
{
	struct ipcom *c;
	int error;

	if (!ret)
		return -EINVAL;
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->port = DEFAULT_PORT;
	c->connect_timeout_ms = 5000;
	c->config = (struct session_config){
		.bus = 1,
		.stop_shutters = true,
		.timeout_ms = 10000,
		.reply_timeout_ms = 6000,
		.poll_ms = 350,
		.keepalive_ms = 30000,
		.reconnect = { .base_ms = 1000, .max_ms = 30000, .jitter_percent = JITTER },
	};
	error = ipcom_session_new(&c->session);
	if (error == 0)
		error = ipcom_transport_init(&c->transport, c->session);
	if (error < 0) {
		ipcom_session_free(c->session);
		free(c);
		return error;
	}
	*ret = c;
	return 0;
}

void ipcom_free(struct ipcom *c)
{
	uint64_t now = cmn_clock_ms();

	if (!c)
		return;
	ipcom_disconnect(c);
	ipcom_session_farewell(c->session, now);
	ipcom_transport_update(&c->transport, now);
	ipcom_session_abort(c->session, now);
	ipcom_transport_free(&c->transport);
	ipcom_session_free(c->session);
	explicit_bzero(&c->config, sizeof(c->config));
	free(c->host);
	free(c);
}

static bool running(const struct ipcom *c)
{
	return ipcom_session_state(c->session) != IPCOM_STATE_IDLE;
}

/* 0 when an option may be set to a value, or why not. */
static int settable(const struct ipcom *c, bool valid)
{
	if (!c || !valid)
		return -EINVAL;
	return running(c) ? -EBUSY : 0;
}

static int set_number(struct ipcom *c, unsigned *option, unsigned value, unsigned min, unsigned max)
{
	int ret = settable(c, value >= min && value <= max);

	if (ret == 0)
		*option = value;
	return ret;
}

static int set_switch(struct ipcom *c, bool *option, bool on)
{
	int ret = settable(c, true);

	if (ret == 0)
		*option = on;
	return ret;
}

int ipcom_set_address(struct ipcom *c, const char *host, uint16_t port)
{
	size_t size = host ? strlen(host) : 0;
	int ret = settable(c, size > 0 && size <= MAX_HOST && port > 0);
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
	free(c->host);
	c->host = copy;
	c->port = port;
	return 0;
}

int ipcom_set_credentials(struct ipcom *c, const char *username, const char *password)
{
	size_t name = username ? strlen(username) : 0;
	size_t word = password ? strlen(password) : 0;
	int ret = settable(c, name > 0 && name <= IPCOM_MAX_USERNAME && word > 0 &&
				      word <= IPCOM_MAX_PASSWORD);

	if (ret < 0)
		return ret;
	memcpy(c->config.username, username, name + 1);
	explicit_bzero(c->config.password, sizeof(c->config.password));
	memcpy(c->config.password, password, word + 1);
	return 0;
}

int ipcom_set_bus(struct ipcom *c, unsigned bus, enum ipcom_bus_type type)
{
	int ret = settable(c, bus >= 1 && bus <= 2 && type >= IPCOM_BUS_MINIDO &&
				      type <= IPCOM_BUS_OTHER);

	if (ret < 0)
		return ret;
	c->config.bus = bus;
	c->bus_type = type;
	return 0;
}

int ipcom_set_frame_address(struct ipcom *c, unsigned base, unsigned bus_byte)
{
	int ret = settable(c, base <= MAX_BASE && bus_byte <= 2);

	if (ret < 0)
		return ret;
	c->config.address = (struct frame_address){ (uint8_t)base, (uint8_t)bus_byte };
	c->own_address = true;
	return 0;
}

static bool valid_output(struct ipcom_output output)
{
	return output.module >= 1 && output.module <= IPCOM_MODULES && output.output >= 1 &&
	       output.output <= IPCOM_OUTPUTS;
}

int ipcom_set_kind(struct ipcom *c, struct ipcom_output output, enum ipcom_kind kind)
{
	int ret = settable(c, valid_output(output) && kind >= IPCOM_RELAY && kind <= IPCOM_DIMMER);

	if (ret == 0)
		c->config.kinds[output.module - 1][output.output - 1] = kind;
	return ret;
}

static bool same(struct ipcom_output a, struct ipcom_output b)
{
	return a.module == b.module && a.output == b.output;
}

int ipcom_add_shutter(struct ipcom *c, struct ipcom_output up, struct ipcom_output down,
		      unsigned travel_ms, unsigned dead_ms, unsigned *ret_shutter)
{
	int ret = settable(c, valid_output(up) && valid_output(down) && !same(up, down) &&
				      travel_ms <= HOUR_MS && dead_ms >= 300 && dead_ms <= 60000);

	if (ret < 0)
		return ret;
	return ipcom_session_add_shutter(c->session, up, down, travel_ms, dead_ms, ret_shutter);
}

int ipcom_set_allow_clear(struct ipcom *c, bool on)
{
	return c ? set_switch(c, &c->config.allow_clear, on) : -EINVAL;
}

int ipcom_set_force(struct ipcom *c, bool on)
{
	return c ? set_switch(c, &c->config.force, on) : -EINVAL;
}

int ipcom_set_stop_shutters(struct ipcom *c, bool on)
{
	return c ? set_switch(c, &c->config.stop_shutters, on) : -EINVAL;
}

int ipcom_set_stop_when_refused(struct ipcom *c, bool on)
{
	return c ? set_switch(c, &c->config.stop_when_refused, on) : -EINVAL;
}

int ipcom_set_timeout(struct ipcom *c, unsigned timeout_ms)
{
	if (!c || timeout_ms < 1 || timeout_ms > HOUR_MS)
		return -EINVAL;
	c->config.timeout_ms = timeout_ms;
	ipcom_session_set_timeout(c->session, timeout_ms);
	return 0;
}

int ipcom_set_reply_timeout(struct ipcom *c, unsigned timeout_ms)
{
	return c ? set_number(c, &c->config.reply_timeout_ms, timeout_ms, 1, HOUR_MS) : -EINVAL;
}

int ipcom_set_connect_timeout(struct ipcom *c, unsigned timeout_ms)
{
	return c ? set_number(c, &c->connect_timeout_ms, timeout_ms, 1, HOUR_MS) : -EINVAL;
}

int ipcom_set_reconnect(struct ipcom *c, unsigned base_ms, unsigned max_ms)
{
	int ret = settable(c, base_ms >= 1 && base_ms <= max_ms && max_ms <= HOUR_MS);

	if (ret == 0)
		c->config.reconnect = (struct cmn_backoff){ base_ms, max_ms, JITTER };
	return ret;
}

int ipcom_set_poll_interval(struct ipcom *c, unsigned interval_ms)
{
	return c ? set_number(c, &c->config.poll_ms, interval_ms, 50, HOUR_MS) : -EINVAL;
}

int ipcom_set_keepalive(struct ipcom *c, unsigned interval_ms)
{
	return c ? set_number(c, &c->config.keepalive_ms, interval_ms, 0, HOUR_MS) : -EINVAL;
}

int ipcom_set_history(struct ipcom *c, unsigned most)
{
	return c ? set_number(c, &c->config.history, most, 0, IPCOM_MAX_HISTORY) : -EINVAL;
}

int ipcom_set_log(struct ipcom *c, enum ipcom_log_level level,
		  void (*fn)(void *userdata, int level, const char *text), void *userdata)
{
	if (!c || level < IPCOM_LOG_ERROR || level > IPCOM_LOG_WIRE)
		return -EINVAL;
	c->log = (struct cmn_log){ .fn = fn, .userdata = userdata, .level = (int)level };
	ipcom_session_set_log(c->session, &c->log);
	return 0;
}

static int start(struct ipcom *c, bool adopted)
{
	/* The spread of the waits needs to differ between programs; it is no secret. */
	uint64_t seed = cmn_clock_ms() ^ (uint64_t)getpid() << 40 ^ (uint64_t)(uintptr_t)c << 8;
	struct session_config config = c->config;
	int ret;

	config.adopted = adopted;
	if (!c->own_address)
		config.address = ipcom_frame_address(config.bus, c->bus_type);
	c->transport.connect_timeout_ms = c->connect_timeout_ms;
	ret = ipcom_session_start(c->session, &config, &c->log, seed, cmn_clock_ms());
	explicit_bzero(&config, sizeof(config));
	return ret;
}

int ipcom_connect(struct ipcom *c)
{
	int ret = settable(c, c && c->host && c->config.username[0] != '\0');

	if (ret == 0)
		ret = cmn_tcp_resolve(c->host, c->port, &c->transport.addresses);
	if (ret == 0)
		ret = start(c, false);
	if (ret == 0)
		ipcom_transport_update(&c->transport, cmn_clock_ms());
	return ret;
}

int ipcom_connect_fd(struct ipcom *c, int fd)
{
	int ret = settable(c, c && fd >= 0 && c->config.username[0] != '\0');

	if (ret == 0)
		ret = start(c, true);
	if (ret < 0)
		return ret;
	ret = ipcom_transport_adopt(&c->transport, fd);
	if (ret < 0)
		ipcom_session_abort(c->session, cmn_clock_ms());
	else
		ipcom_transport_update(&c->transport, cmn_clock_ms());
	return ret;
}

void ipcom_disconnect(struct ipcom *c)
{
	uint64_t now = cmn_clock_ms();

	if (!c)
		return;
	ipcom_session_stop(c->session, now);
	ipcom_transport_update(&c->transport, now);
}

int ipcom_get_fd(struct ipcom *c)
{
	return c ? cmn_loop_fd(&c->transport.loop) : -EINVAL;
}

int ipcom_dispatch(struct ipcom *c)
{
	return c ? ipcom_transport_dispatch(&c->transport) : -EINVAL;
}

const struct ipcom_event *ipcom_next_event(struct ipcom *c)
{
	return c ? ipcom_session_next_event(c->session) : NULL;
}

bool ipcom_has_event(const struct ipcom *c)
{
	return c && ipcom_session_has_event(c->session);
}

bool ipcom_is_pending(const struct ipcom *c, uint32_t id)
{
	return c && ipcom_session_pending(c->session, id);
}

const struct ipcom_event *ipcom_take_result(struct ipcom *c, uint32_t id)
{
	return c ? ipcom_session_take_result(c->session, id) : NULL;
}

int ipcom_cancel(struct ipcom *c, uint32_t id)
{
	uint64_t now = cmn_clock_ms();
	int ret = c ? ipcom_session_cancel(c->session, id, now) : -EINVAL;

	if (ret == 0)
		ipcom_transport_update(&c->transport, now);
	return ret;
}

enum ipcom_state ipcom_get_state(const struct ipcom *c)
{
	return c ? ipcom_session_state(c->session) : IPCOM_STATE_IDLE;
}

const struct ipcom_statistics *ipcom_get_statistics(const struct ipcom *c)
{
	return c ? ipcom_session_statistics(c->session) : NULL;
}

int ipcom_values(const struct ipcom *c, uint8_t ret_values[IPCOM_MODULES][IPCOM_OUTPUTS],
		 uint64_t *ret_age_ms)
{
	if (!c || !ret_values)
		return -EINVAL;
	return ipcom_session_values(c->session, ret_values, cmn_clock_ms(), ret_age_ms);
}

int ipcom_expected(const struct ipcom *c, struct ipcom_output output, unsigned *ret_value)
{
	if (!c || !ret_value || !valid_output(output))
		return -EINVAL;
	return ipcom_session_expected(c->session, output, ret_value);
}

size_t ipcom_history(const struct ipcom *c, struct ipcom_change *changes, size_t room)
{
	return c && changes ? ipcom_session_history(c->session, changes, room) : 0;
}
