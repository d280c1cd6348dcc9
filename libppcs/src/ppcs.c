/* SPDX-License-Identifier: MIT */
/*
 * The public API: a handle, its names resolved, and the rest handed to session and transport.
 */
#include <ppcs/ppcs.h>

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/tcp.h"

#include "handle.h"
#include "udp.h"

#define HOUR_MS 3600000

static const uint16_t default_ports[] = { 40611, 32100, 32108, 10000, 80, 57743 };

int ppcs_new(struct ppcs **ret)
{
	struct ppcs *p;
	int error;

	if (!ret)
		return -EINVAL;
	p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->config = (struct session_config){
		.search_port = PPCS_SEARCH_PORT,
		.port_count = sizeof(default_ports) / sizeof(default_ports[0]),
		.modes = { [PPCS_P2P] = true, [PPCS_LAN] = true },
		.until = PPCS_LEVEL_VERIFIED,
		.timeout_ms = 30000,
		.attempt_timeout_ms = 5000,
		.session_timeout_ms = 6000,
		.punch_range = 3,
	};
	memcpy(p->config.ports, default_ports, sizeof(default_ports));
	error = ppcs_session_new(&p->session);
	if (error == 0)
		error = ppcs_transport_init(&p->transport, p->session);
	if (error < 0) {
		ppcs_session_free(p->session);
		free(p);
		return error;
	}
	*ret = p;
	return 0;
}

void ppcs_free(struct ppcs *p)
{
	uint64_t now = cmn_clock_ms();

	if (!p)
		return;
	ppcs_session_abort(p->session, now);
	ppcs_transport_update(&p->transport, now);
	ppcs_transport_free(&p->transport);
	ppcs_session_free(p->session);
	for (size_t i = 0; i < p->server_count; i++)
		free(p->servers[i].host);
	for (size_t i = 0; i < p->relay_count; i++)
		free(p->relays[i].host);
	free(p->host);
	explicit_bzero(p, sizeof(*p));
	free(p);
}

/* All IPv4 addresses of a name, each once. @return 0, -EADDRNOTAVAIL or -ENOMEM */
static int resolve(const char *host, uint16_t port, struct ppcs_address *addresses, size_t room,
		   size_t *count)
{
	struct cmn_tcp_addresses found;
	size_t n = 0;
	int error = cmn_tcp_resolve(host, port, &found);

	if (error < 0)
		return error;
	for (unsigned i = 0; i < found.count && n < room; i++) {
		const struct sockaddr_in *sa = (const void *)&found.at[i].sa;
		bool twice = false;

		if (sa->sin_family != AF_INET)
			continue;
		for (size_t k = 0; k < n; k++)
			twice |= memcmp(addresses[k].ip, &sa->sin_addr, 4) == 0;
		if (twice)
			continue;
		memcpy(addresses[n].ip, &sa->sin_addr, 4);
		addresses[n++].port = port;
	}
	*count = n;
	return n > 0 ? 0 : -EADDRNOTAVAIL;
}

static int resolve_places(const struct place *places, size_t place_count,
			  struct ppcs_address *addresses, size_t *count)
{
	*count = 0;
	for (size_t i = 0; i < place_count; i++) {
		size_t one;
		int error = resolve(places[i].host, places[i].port, &addresses[*count], 1, &one);

		if (error < 0)
			return error;
		*count += one;
	}
	return 0;
}

static int resolve_all(const struct ppcs *p, struct session_config *config)
{
	int error = 0;

	config->address_count = 0;
	if (p->host)
		error = resolve(p->host, 0, config->addresses, PPCS_MAX_ADDRESSES,
				&config->address_count);
	if (error == 0)
		error = resolve_places(p->servers, p->server_count, config->servers,
				       &config->server_count);
	if (error == 0)
		error = resolve_places(p->relays, p->relay_count, config->relays,
				       &config->relay_count);
	if (error == 0 && config->broadcast)
		config->broadcast_count = ppcs_udp_broadcasts(config->broadcasts,
							      sizeof(config->broadcasts) /
								      sizeof(config->broadcasts[0]),
							      config->search_port);
	return error;
}

/* The jitter needs to differ between programs; it is no secret. */
static uint64_t seed_of(const struct ppcs *p)
{
	return cmn_clock_ms() ^ (uint64_t)getpid() << 40 ^ (uint64_t)(uintptr_t)p << 8;
}

static bool has_way(const struct ppcs *p)
{
	bool far = p->server_count > 0 || p->relay_count > 0;

	/* Servers and relays know devices by their id only. */
	if (far && ppcs_uid_empty(&p->config.uid))
		return false;
	return far || p->host || p->config.broadcast;
}

int ppcs_connect(struct ppcs *p)
{
	int ret = p ? ppcs_settable(p, has_way(p)) : -EINVAL;
	struct session_config config;
	uint64_t now;

	if (ret < 0)
		return ret;
	config = p->config;
	ret = resolve_all(p, &config);
	now = cmn_clock_ms();
	if (ret == 0)
		ret = ppcs_session_race(p->session, &config, seed_of(p), now);
	if (ret == 0)
		ppcs_transport_update(&p->transport, now);
	explicit_bzero(&config, sizeof(config));
	return ret;
}

int ppcs_search(struct ppcs *p, unsigned wait_ms)
{
	int ret = ppcs_settable(p, wait_ms >= 1 && wait_ms <= HOUR_MS);
	struct session_config config;
	uint64_t now;

	if (ret < 0)
		return ret;
	config = p->config;
	config.broadcast = true;
	ret = resolve_all(p, &config);
	now = cmn_clock_ms();
	if (ret == 0)
		ret = ppcs_session_search(p->session, &config, wait_ms, seed_of(p), now);
	if (ret == 0)
		ppcs_transport_update(&p->transport, now);
	explicit_bzero(&config, sizeof(config));
	return ret;
}

void ppcs_disconnect(struct ppcs *p)
{
	uint64_t now = cmn_clock_ms();

	if (!p)
		return;
	ppcs_session_stop(p->session, now);
	ppcs_transport_update(&p->transport, now);
}

int ppcs_send(struct ppcs *p, unsigned channel, const void *data, size_t size)
{
	int ret;

	if (!p || channel >= PPCS_CHANNELS || !data || size == 0)
		return -EINVAL;
	ret = ppcs_session_send(p->session, channel, data, size < INT_MAX ? size : INT_MAX);
	if (ret > 0)
		ppcs_transport_update(&p->transport, cmn_clock_ms());
	return ret;
}

size_t ppcs_get_unsent(const struct ppcs *p, unsigned channel)
{
	return p && channel < PPCS_CHANNELS ? ppcs_session_unsent(p->session, channel) : 0;
}

int ppcs_take_fd(struct ppcs *p, struct ppcs_address *ret_local, struct ppcs_address *ret_peer)
{
	struct ppcs_address local, peer;
	uint32_t id;
	int fd;

	if (!p)
		return -EINVAL;
	/* What is acknowledged has to have been acknowledged. */
	ppcs_transport_update(&p->transport, cmn_clock_ms());
	id = ppcs_session_take(p->session, &local, &peer);
	if (id == 0)
		return -ENOTCONN;
	fd = ppcs_transport_take(&p->transport, id);
	ppcs_transport_update(&p->transport, cmn_clock_ms());
	if (fd < 0)
		return fd;
	if (ret_local)
		*ret_local = local;
	if (ret_peer)
		*ret_peer = peer;
	return fd;
}

int ppcs_get_fd(struct ppcs *p)
{
	return p ? cmn_loop_fd(&p->transport.loop) : -EINVAL;
}

int ppcs_dispatch(struct ppcs *p)
{
	return p ? ppcs_transport_dispatch(&p->transport) : -EINVAL;
}

const struct ppcs_event *ppcs_next_event(struct ppcs *p)
{
	return p ? ppcs_session_next_event(p->session) : NULL;
}

bool ppcs_has_event(const struct ppcs *p)
{
	return p && ppcs_session_has_event(p->session);
}

enum ppcs_state ppcs_get_state(const struct ppcs *p)
{
	return p ? ppcs_session_state(p->session) : PPCS_STATE_IDLE;
}

const struct ppcs_report *ppcs_get_report(struct ppcs *p)
{
	static const struct ppcs_report nothing;

	return p ? ppcs_session_report(p->session, cmn_clock_ms()) : &nothing;
}

const struct ppcs_statistics *ppcs_get_statistics(const struct ppcs *p)
{
	return p ? ppcs_session_statistics(p->session) : NULL;
}

int ppcs_get_path_statistics(const struct ppcs *p, size_t index, struct ppcs_path_statistics *ret)
{
	if (!p || !ret)
		return -EINVAL;
	return ppcs_session_path_statistics(p->session, index, cmn_clock_ms(), ret);
}
