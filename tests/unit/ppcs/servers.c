/* SPDX-License-Identifier: MIT */
/* Directory servers (6.3) and relays (6.4), and hosts that do what a test says. */
#include <string.h>

#include "hosts.h"

#define NEVER UINT64_MAX

static void directory_answer(struct directory *d, const struct ppcs_address *to, uint8_t type,
			     int result)
{
	struct wire m;

	wire_begin(&m, type);
	wire_put(&m, (uint8_t[]){ (uint8_t)result, 0, 0, 0 }, 4);
	directory_send(d, to, &m);
}

static void directory_name(struct directory *d, const struct ppcs_address *to, uint8_t type,
			   const struct ppcs_address *address)
{
	struct wire m;

	wire_begin(&m, type);
	wire_put_address(&m, address);
	directory_send(d, to, &m);
}

void directory_send(struct directory *d, const struct ppcs_address *to, const struct wire *m)
{
	host_send(&d->host, DIRECTORY_PORT, to, m, d->key);
}

static bool refused(const struct directory *d, const struct wire *m, size_t dsk_at)
{
	return d->dsk[0] != '\0' && (m->size < dsk_at + PPCS_MAX_DSK ||
				     memcmp(m->bytes + dsk_at, d->dsk, strlen(d->dsk)) != 0);
}

static void introduce(struct directory *d, const struct ppcs_address *from)
{
	struct ppcs_address device;

	if (d->no_punch_to)
		return;
	for (unsigned i = 0; i < d->named_count; i++)
		directory_name(d, from, PUNCH_TO, &d->named[i]);
	if (!d->device)
		return;
	device = with_port(d->device->host.ip, d->device->port);
	if (d->named_count == 0)
		directory_name(d, from, PUNCH_TO, &device);
	directory_name(d, &device, PUNCH_TO, from);
}

static void take_request(struct directory *d, const struct ppcs_address *from, struct wire *m)
{
	d->requests++;
	memcpy(d->did, m->bytes + 4, DID_BYTES);
	d->client = wire_address(m, 24);
	if (refused(d, m, 44)) {
		directory_answer(d, from, P2P_REQ_ACK, -4);
		return;
	}
	directory_answer(d, from, P2P_REQ_ACK, d->result);
	if (d->result == 0)
		introduce(d, from);
}

static void send_list(struct directory *d, const struct ppcs_address *from)
{
	struct wire m;

	d->lists++;
	if (d->no_list)
		return;
	wire_begin(&m, LIST_REQ_ACK);
	wire_put(&m, (uint8_t[]){ (uint8_t)d->relay_count, 0, 0, 0 }, 4);
	for (unsigned i = 0; i < d->relay_count; i++)
		wire_put_address(&m, &d->relays[i]);
	directory_send(d, from, &m);
}

/* The device is called to the relay, and the client is told so. */
static void take_relay_request(struct directory *d, const struct ppcs_address *from,
			       const struct wire *m)
{
	struct ppcs_address device;
	struct wire call;

	d->relay_requests++;
	directory_answer(d, from, RLY_REQ_ACK, d->relay_result);
	if (d->relay_result != 0 || d->no_relay_to)
		return;
	wire_begin(&call, RLY_TO);
	wire_put(&call, m->bytes + 24, 20);
	directory_send(d, from, &call);
	if (!d->device)
		return;
	device = with_port(d->device->host.ip, d->device->port);
	directory_send(d, &device, &call);
}

static void directory_receive(struct host *h, uint16_t port, const struct ppcs_address *from,
			      struct wire *m)
{
	struct directory *d = (struct directory *)h;

	(void)port;
	wire_show(m, d->key);
	if (d->silent)
		return;
	if (wire_is(m, HELLO, 0)) {
		d->hellos++;
		directory_name(d, from, HELLO_ACK,
			       d->public_address.port != 0 ? &d->public_address : from);
	}
	if (d->hello_only)
		return;
	if (wire_is(m, P2P_REQ, 36) || wire_is(m, P2P_REQ_DSK, 64))
		take_request(d, from, m);
	else if ((wire_is(m, LIST_REQ1, 20) && d->dsk[0] == '\0') || wire_is(m, LIST_REQ_DSK, 44))
		send_list(d, from);
	else if (wire_is(m, RLY_REQ, 40))
		take_relay_request(d, from, m);
}

static bool directory_listens(const struct host *h, uint16_t port)
{
	(void)h;
	return port == DIRECTORY_PORT;
}

void directory_init(struct directory *d, struct world *w, struct ppcs_address ip)
{
	memset(d, 0, sizeof(*d));
	host_init(&d->host, ip);
	d->key = "";
	d->host.listens = directory_listens;
	d->host.receive = directory_receive;
	world_add(w, &d->host);
}

static void relay_send(struct relay_host *r, uint16_t port, const struct ppcs_address *to,
		       const struct wire *m)
{
	host_send(&r->host, port, to, m, r->key);
}

static void relay_front(struct relay_host *r, const struct ppcs_address *from, struct wire *m)
{
	struct wire answer;

	if (wire_is(m, RLY_HELLO, 0)) {
		r->hellos++;
		wire_begin(&answer, RLY_HELLO_ACK);
		if (!r->no_hello)
			relay_send(r, r->port, from, &answer);
	} else if (wire_is(m, RLY_PORT, 0)) {
		r->ports++;
		wire_begin(&answer, RLY_PORT_ACK);
		wire_put_u32be(&answer, r->number);
		wire_put_u16be(&answer, r->assigned);
		wire_put_u16be(&answer, 0);
		if (!r->no_port)
			relay_send(r, r->port, from, &answer);
	}
}

static void relay_join(struct relay_host *r, const struct ppcs_address *from, const struct wire *m)
{
	unsigned side = m->bytes[28];
	struct wire ready;

	r->packets++;
	if (wire_u32be(m, 4) != r->number || side > 1) {
		r->wrong_side++;
		return;
	}
	r->sides[side] = *from;
	if (r->loops || r->eager)
		r->sides[!side] = r->loops ? *from : r->sides[!side];
	else if (r->sides[0].port == 0 || r->sides[1].port == 0)
		return;
	wire_begin(&ready, RLY_RDY);
	wire_put(&ready, m->bytes + 8, DID_BYTES);
	for (unsigned i = 0; i < 2; i++)
		if (r->sides[i].port != 0 && (i == side || !r->loops))
			relay_send(r, r->assigned, &r->sides[i], &ready);
}

static void relay_receive(struct host *h, uint16_t port, const struct ppcs_address *from,
			  struct wire *m)
{
	struct relay_host *r = (struct relay_host *)h;
	struct wire as_it_came = *m;

	if (r->silent)
		return;
	wire_show(m, r->key);
	if (port == r->port) {
		relay_front(r, from, m);
	} else if (wire_is(m, RLY_PKT, 28)) {
		relay_join(r, from, m);
	} else {
		unsigned to = same_address(from, &r->sides[0]) ? 1 : 0;
		struct ppcs_address self = with_port(h->ip, port);

		r->forwarded++;
		if (r->sides[to].port != 0)
			world_send(h->world, &self, &r->sides[to], &as_it_came);
	}
}

static bool relay_listens(const struct host *h, uint16_t port)
{
	const struct relay_host *r = (const struct relay_host *)h;

	return port == r->port || (port != 0 && port == r->assigned);
}

void relay_init(struct relay_host *r, struct world *w, struct ppcs_address ip)
{
	memset(r, 0, sizeof(*r));
	host_init(&r->host, ip);
	r->key = "";
	r->port = DIRECTORY_PORT;
	r->assigned = 41234;
	r->number = 0x1a2b3c4d;
	r->host.listens = relay_listens;
	r->host.receive = relay_receive;
	world_add(w, &r->host);
}

static bool everything(const struct host *h, uint16_t port)
{
	(void)h;
	(void)port;
	return true;
}

void stub_init(struct host *h, struct world *w, struct ppcs_address ip,
	       void (*receive)(struct host *h, uint16_t port, const struct ppcs_address *from,
			       struct wire *message))
{
	host_init(h, ip);
	h->listens = everything;
	h->receive = receive;
	world_add(w, h);
}
