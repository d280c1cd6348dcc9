/* SPDX-License-Identifier: MIT */
/* The settings of a race or a search, out of the input. */
#include <string.h>

#include "ppcs_peer.h"

static void choose_lists(struct session_config *c, struct input *in)
{
	static const uint16_t ports[] = { 40611, 32108, 80, 10000 };
	unsigned what = take_byte(in);

	c->address_count = what % 4 == 3 ? 2 : what % 4 > 0;
	c->addresses[0] = peer_host(HOST_CAMERA, 0);
	c->addresses[1] = peer_host(HOST_SECOND, 0);
	c->server_count = what / 4 % 4 == 3 ? 2 : what / 4 % 4 > 0;
	c->servers[0] = peer_host(HOST_SERVER, 32100);
	c->servers[1] = peer_host(HOST_SERVER_2, 32100);
	c->relay_count = what / 16 % 4 == 3 ? 2 : what / 16 % 4 > 1;
	c->relays[0] = peer_host(HOST_RELAY, 32100);
	c->relays[1] = peer_host(HOST_RELAY_2, 32100);
	c->relay_search = what / 64 % 2;
	c->relay_tcp = what / 128 ? 443 : 0;
	c->port_count = 1 + take_byte(in) % 4;
	memcpy(c->ports, ports, sizeof(ports));
}

struct session_config peer_configure(struct peer *p, struct input *in)
{
	static const unsigned times[] = { 100, 500, 1000, 2000, 5000, 30000, 60000, 1 };
	struct session_config c = { .search_port = 32108 };
	unsigned modes, how;

	choose_lists(&c, in);
	modes = take_byte(in);
	for (unsigned i = 0; i < PPCS_MODES; i++) {
		c.modes[i] = (modes >> i & 1) == 0;
		c.weight_fixed[i] = (modes >> (i + 3) & 1) != 0;
	}
	c.weights[PPCS_LAN] = 900;
	how = take_byte(in);
	c.walk = how % 2 ? PPCS_SEQUENTIAL : PPCS_FAN_OUT;
	c.until = how / 2 % 2 ? PPCS_LEVEL_PATH : PPCS_LEVEL_VERIFIED;
	c.key_fixed = how / 4 % 2;
	strcpy(c.key, how / 8 % 2 ? "SHIX" : "");
	strcpy(c.server_key, how / 16 % 2 ? "SECRET" : "");
	strcpy(c.dsk, how / 32 % 2 ? "sesame" : "");
	c.broadcast = how / 64 % 4 == 3;
	c.broadcasts[0] = (struct ppcs_address){ { 192, 0, 2, 255 }, 32108 };
	c.broadcast_count = c.broadcast;
	how = take_byte(in);
	if (how % 4 < 2 || c.server_count + c.relay_count > 0)
		c.uid = p->uids[how / 4 % 2];
	if (how % 4 == 3)
		c.uid_hint = p->uids[2];
	c.punch_range = how / 16 % 11;
	how = take_byte(in);
	c.timeout_ms = times[how % 8];
	c.attempt_timeout_ms = times[how / 8 % 7];
	c.session_timeout_ms = 2000 + 1000 * (how / 64);
	return c;
}
