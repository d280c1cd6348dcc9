/* SPDX-License-Identifier: MIT */
/* A camera: how it is found, how it opens a path, and how it lives with it (6.1, 6.2, 7). */
#include <string.h>

#include "hosts.h"

#define NEVER    UINT64_MAX
#define OFFER_MS 6  /* between offers of TCP */
#define BURST    4  /* P2P_RDY, 10 ms apart */
#define AGAIN_MS 42 /* then, until the client is heard */
#define DATA_MS  32 /* data is repeated */
#define ALIVE_MS 1030
#define GIVE_UP  8 /* ALIVE that were not answered */

static struct line *lines_of(struct camera *c, size_t *count)
{
	*count = c->more ? c->line_room : LINES;
	return c->more ? c->more : c->lines;
}

static uint16_t speaking_port(const struct camera *c)
{
	return c->ready_from_search ? c->search_port : c->port;
}

static void send_now(struct camera *c, const struct ppcs_address *to, const struct wire *m)
{
	host_send(&c->host, speaking_port(c), to, m, c->key);
}

void camera_say(struct camera *c, const struct ppcs_address *to, uint8_t type)
{
	struct wire m;

	wire_begin(&m, type);
	send_now(c, to, &m);
}

void camera_say_did(struct camera *c, const struct ppcs_address *to, uint8_t type)
{
	struct wire m;

	wire_begin(&m, type);
	wire_put(&m, c->did, DID_BYTES);
	if (type == P2P_RDY && c->extra > 0) {
		/* Behind what the header says. */
		memset(m.bytes + m.size, 0, c->extra);
		m.size += c->extra;
	}
	send_now(c, to, &m);
}

void camera_data(struct camera *c, const struct line *l, unsigned channel, unsigned index,
		 const void *data, size_t size)
{
	struct wire m;

	wire_begin(&m, DRW);
	wire_put(&m, (uint8_t[]){ 0xd1, (uint8_t)channel }, 2);
	wire_put_u16be(&m, index);
	wire_put(&m, data, size);
	send_now(c, &l->peer, &m);
}

static struct line *meet(struct camera *c, const struct ppcs_address *peer)
{
	size_t count;
	struct line *lines = lines_of(c, &count), *unused = NULL;

	for (size_t i = 0; i < count; i++) {
		if (lines[i].used && same_address(&lines[i].peer, peer))
			return &lines[i];
		if (!lines[i].used && !unused)
			unused = &lines[i];
	}
	/* The oldest ones are gone for long. */
	if (!unused)
		unused = &lines[cmn_prng_below(&c->host.world->prng, (uint32_t)count)];
	*unused = (struct line){ .peer = *peer,
				 .used = true,
				 .offer_at = NEVER,
				 .ready_at = NEVER,
				 .punch_at = NEVER,
				 .packet_at = NEVER,
				 .greet_at = NEVER,
				 .alive_at = NEVER };
	return unused;
}

struct line *camera_line(struct camera *c)
{
	size_t count;
	struct line *lines = lines_of(c, &count);

	for (size_t i = 0; i < count; i++)
		if (lines[i].used && lines[i].open)
			return &lines[i];
	return NULL;
}

size_t camera_open(const struct camera *c)
{
	size_t count, open = 0;
	const struct line *lines = lines_of((struct camera *)c, &count);

	for (size_t i = 0; i < count; i++)
		open += lines[i].used && lines[i].open;
	return open;
}

/* The path is up; what follows is the greeting and the life. */
static void open_line(struct camera *c, struct line *l)
{
	uint64_t now = c->host.world->now;

	l->open = true;
	l->punch_at = NEVER;
	l->packet_at = NEVER;
	l->greet_at = c->greeting && !c->silent ? now + c->greet_ms : NEVER;
	l->alive_at = c->silent ? NEVER : now + ALIVE_MS;
}

static void punched(struct camera *c, struct line *l)
{
	uint64_t now = c->host.world->now;

	c->punches++;
	if (l->open || c->no_ready || l->offer_at != NEVER || l->ready_at != NEVER)
		return;
	if (c->offers > 0 && l->searched && now < l->searched_at + 50) {
		l->offers = c->offers;
		l->offer_at = now + OFFER_MS;
	} else {
		l->ready_at = now + c->ready_ms;
	}
}

static void searched(struct camera *c, const struct ppcs_address *from)
{
	struct line *l;

	c->searches++;
	if (c->no_punch)
		return;
	l = meet(c, from);
	l->searched = true;
	l->searched_at = c->host.world->now;
	if (c->answer_ms == 0)
		camera_say_did(c, from, PUNCH_PKT);
	else if (l->punch_at == NEVER)
		l->punch_at = c->host.world->now + c->answer_ms;
}

/* Any sign of life counts. */
static void heard(struct camera *c, struct line *l, const struct wire *m)
{
	l->heard = true;
	l->unanswered = 0;
	if (!c->silent)
		l->alive_at = c->host.world->now + ALIVE_MS;
	if (m->bytes[1] == ALIVE) {
		l->alives++;
		if (!c->no_alive_ack && !c->silent)
			camera_say(c, &l->peer, ALIVE_ACK);
	}
	l->alive_acks += m->bytes[1] == ALIVE_ACK;
	if (m->bytes[1] == DRW_ACK && m->size >= 10) {
		l->acks++;
		l->greeted |= m->bytes[5] == 0 && m->bytes[8] == 0 && m->bytes[9] == 0;
	}
}

static void take_order(struct camera *c, struct wire *m)
{
	struct ppcs_address other = wire_address(m, 4);
	struct line *l;

	if (c->deaf_to_servers)
		return;
	l = meet(c, &other);
	if (l->open)
		return;
	if (m->bytes[1] == PUNCH_TO) {
		l->punches = 10;
		l->punch_at = c->host.world->now;
	} else {
		l->relay_key = wire_u32be(m, 20);
		l->packet_at = c->host.world->now;
	}
}

static void receive(struct host *h, uint16_t port, const struct ppcs_address *from, struct wire *m)
{
	struct camera *c = (struct camera *)h;
	struct line *l = NULL;

	wire_show(m, c->key);
	if (port == c->search_port && wire_is(m, LAN_SEARCH, 0))
		searched(c, from);
	else if (wire_is(m, PUNCH_TO, 16) || wire_is(m, RLY_TO, 20))
		take_order(c, m);
	else if (wire_is(m, PUNCH_PKT, DID_BYTES) && wire_has_did(m, 4, c->did) &&
		 port == speaking_port(c))
		punched(c, l = meet(c, from));
	else if (wire_is(m, RLY_RDY, DID_BYTES) && !(l = meet(c, from))->open && l->relay_key)
		open_line(c, l);
	else if (wire_is(m, CLOSE, 0) || wire_is(m, ALIVE, 0) || wire_is(m, ALIVE_ACK, 0) ||
		 wire_is(m, DRW_ACK, 4) || wire_is(m, DRW, 5))
		l = meet(c, from);
	if (l && l->open && m->bytes[1] == CLOSE) {
		c->closes++;
		l->used = l->open = false;
	} else if (l && l->open && m->bytes[1] >= DRW) {
		heard(c, l, m);
	}
	host_wake(h, h->world->now);
}

static void say_offer(struct camera *c, struct line *l)
{
	struct wire m;
	struct ppcs_address tcp = with_port(c->host.ip, c->port);

	wire_begin(&m, TRY_LAN_TCP);
	wire_put(&m, c->did, DID_BYTES);
	wire_put_address(&m, &tcp);
	wire_put(&m, (uint8_t[8]){ 0 }, 8);
	send_now(c, &l->peer, &m);
	l->offer_at = --l->offers > 0 ? c->host.world->now + OFFER_MS : NEVER;
	if (l->offers == 0)
		l->ready_at = c->host.world->now + OFFER_MS;
}

static void say_ready(struct camera *c, struct line *l)
{
	if (l->heard) {
		l->ready_at = NEVER;
		return;
	}
	camera_say_did(c, &l->peer, P2P_RDY);
	l->ready_at = c->host.world->now + (++l->readies < BURST ? 10 : AGAIN_MS);
	if (!l->open)
		open_line(c, l);
}

static void say_packet(struct camera *c, struct line *l)
{
	struct wire m;

	wire_begin(&m, RLY_PKT);
	wire_put_u32be(&m, l->relay_key);
	wire_put(&m, c->did, DID_BYTES);
	wire_put(&m, (uint8_t[]){ 1, 0, 0, 0 }, 4);
	send_now(c, &l->peer, &m);
	l->packet_at = c->host.world->now + 250;
}

static void say_alive(struct camera *c, struct line *l)
{
	if (l->unanswered == GIVE_UP) {
		camera_say(c, &l->peer, CLOSE);
		l->used = l->open = false;
		return;
	}
	camera_say(c, &l->peer, ALIVE);
	l->alive_at = c->host.world->now + (++l->unanswered == GIVE_UP ? 24 : ALIVE_MS);
}

static void live(struct camera *c, struct line *l, uint64_t now)
{
	if (now >= l->punch_at) {
		camera_say_did(c, &l->peer, PUNCH_PKT);
		l->punch_at = l->punches > 0 ? now + 100 : NEVER;
		l->punches -= l->punches > 0;
	}
	if (now >= l->offer_at)
		say_offer(c, l);
	if (now >= l->ready_at)
		say_ready(c, l);
	if (now >= l->packet_at)
		say_packet(c, l);
	if (now >= l->greet_at) {
		l->greet_at = l->greeted ? NEVER : now + DATA_MS;
		if (!l->greeted)
			camera_data(c, l, 0, 0, c->greeting, strlen(c->greeting));
	}
	if (now >= l->alive_at)
		say_alive(c, l);
}

static uint64_t next_of(const struct line *l)
{
	const uint64_t times[] = { l->offer_at,  l->ready_at, l->punch_at,
				   l->packet_at, l->greet_at, l->alive_at };
	uint64_t when = NEVER;

	for (unsigned i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (times[i] < when)
			when = times[i];
	return when;
}

static void tick(struct host *h)
{
	struct camera *c = (struct camera *)h;
	size_t count;
	struct line *lines = lines_of(c, &count);

	for (size_t i = 0; i < count; i++) {
		if (lines[i].used)
			live(c, &lines[i], h->world->now);
		if (lines[i].used)
			host_wake(h, next_of(&lines[i]));
	}
}

static bool listens(const struct host *h, uint16_t port)
{
	const struct camera *c = (const struct camera *)h;

	return port == c->port || (port != 0 && port == c->search_port);
}

void camera_init(struct camera *c, struct world *w, struct ppcs_address ip, const char *uid)
{
	memset(c, 0, sizeof(*c));
	host_init(&c->host, ip);
	wire_did(c->did, uid);
	c->key = "";
	c->port = CAMERA_PORT;
	c->search_port = SEARCH_PORT;
	c->greeting = "ACK";
	c->greet_ms = 90;
	c->host.listens = listens;
	c->host.receive = receive;
	c->host.tick = tick;
	world_add(w, &c->host);
}
