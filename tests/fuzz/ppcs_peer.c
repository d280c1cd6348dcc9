/* SPDX-License-Identifier: MIT */
/* The network around a core; see ppcs_peer.h. */
#include "ppcs_peer.h"

#include <errno.h>
#include <string.h>

#include "frame.h"

#define FIRST_PORT 20000

static const uint16_t ports[] = { 40611, 32108, 32100, 41234, 80, 40612, 0, 65535 };

static const uint8_t types[] = { PACKET_PUNCH_PKT,    PACKET_P2P_RDY,      PACKET_ALIVE_ACK,
				 PACKET_ALIVE,        PACKET_DRW,          PACKET_CLOSE,
				 PACKET_HELLO_ACK,    PACKET_P2P_REQ_ACK,  PACKET_PUNCH_TO,
				 PACKET_TRY_LAN_TCP,  PACKET_LIST_REQ_ACK, PACKET_RLY_HELLO_ACK,
				 PACKET_RLY_PORT_ACK, PACKET_RLY_REQ_ACK,  PACKET_RLY_TO,
				 PACKET_RLY_RDY,      PACKET_LAN_SEARCH,   PACKET_RLY_PKT,
				 PACKET_DRW_ACK,      PACKET_TCP_RS_START, PACKET_TCP_RLY_REQ_ACK };

void peer_init(struct peer *p, struct session *s)
{
	memset(p, 0, sizeof(*p));
	p->session = s;
	p->last_port = FIRST_PORT;
	must(ppcs_uid_parse("TEST-012345-ABCDE", &p->uids[0]) == 0);
	must(ppcs_uid_parse("LBCS-000000-CCCJJ", &p->uids[1]) == 0);
	must(ppcs_uid_parse("ABCD-000001-XYZZY", &p->uids[2]) == 0);
}

struct ppcs_address peer_host(unsigned host, unsigned port)
{
	return (struct ppcs_address){ { 192, 0, 2, (uint8_t)(1 + host) }, (uint16_t)port };
}

static bool is_host(const struct ppcs_address *a, unsigned host)
{
	struct ppcs_address other = peer_host(host, 0);

	return memcmp(a->ip, other.ip, sizeof(a->ip)) == 0;
}

static struct peer_socket *find(struct peer *p, uint32_t id)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->sockets[i].id == id)
			return &p->sockets[i];
	return NULL;
}

const struct peer_socket *peer_at(const struct peer *p, uint16_t port)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->sockets[i].open && p->sockets[i].port == port)
			return &p->sockets[i];
	return NULL;
}

static bool wanted(const struct peer *p, uint32_t id)
{
	struct socket_wish wish;

	for (size_t i = 0; ppcs_session_socket(p->session, i, &wish); i++)
		if (wish.id == id)
			return true;
	return false;
}

void peer_look(struct peer *p, uint64_t now)
{
	struct socket_wish wish;
	size_t count = 0;

	while (ppcs_session_socket(p->session, count, &wish)) {
		must(wish.id != 0 && wish.id != p->taken);
		must(!wish.stream || !is_host(&wish.to, HOST_VICTIM));
		count++;
	}
	must(count < PEER_SOCKETS);
	/* What is queued for a socket goes out before that is closed. */
	for (size_t i = 0; i < p->count;) {
		if (wanted(p, p->sockets[i].id)) {
			i++;
			continue;
		}
		peer_send(p, SIZE_MAX, now);
		p->sockets[i] = p->sockets[--p->count];
	}
}

static bool open_next(struct peer *p, int error, uint64_t now)
{
	struct ppcs_address local = { { 192, 0, 2, 100 }, 0 };
	struct socket_wish wish;

	for (size_t i = 0; ppcs_session_socket(p->session, i, &wish); i++) {
		if (find(p, wish.id))
			continue;
		local.port = ++p->last_port;
		if (error == 0)
			p->sockets[p->count++] = (struct peer_socket){ .id = wish.id,
								       .open = true,
								       .stream = wish.stream,
								       .port = local.port };
		if (error == 0)
			ppcs_session_opened(p->session, wish.id, &local, now);
		else
			ppcs_session_failed(p->session, wish.id, error, now);
		return true;
	}
	return false;
}

void peer_open(struct peer *p, size_t most, int error, uint64_t now)
{
	while (most-- > 0 && open_next(p, error, now))
		peer_look(p, now);
	peer_look(p, now);
}

/* Nobody but those who were given, and those whom they named. */
static void check(const struct peer *p, const struct datagram *d)
{
	bool everywhere = d->to.ip[3] == 255;
	const struct peer_socket *s = find((struct peer *)p, d->socket);

	must(s && s->open);
	must(d->size > 0 && d->size <= PACKET_MAX_BYTES + 8);
	if (s->stream)
		return;
	must(d->to.port != 0);
	must(d->size >= PACKET_HEADER_BYTES && d->size <= PACKET_MAX_BYTES);
	must(!everywhere || p->config.broadcast || p->config.broadcast_count > 0);
	must(!is_host(&d->to, HOST_VICTIM));
}

static void remember(struct peer *p, const struct datagram *d)
{
	struct peer_asked *a;
	uint8_t plain[PACKET_MAX_BYTES];
	int key;

	if (d->size > sizeof(plain))
		return;
	memcpy(plain, d->data, d->size);
	key = ppcs_keys_decrypt(&p->session->keys, KEY_ANY, plain, d->size);
	if (p->asked_count == PEER_ASKED)
		memmove(p->asked, p->asked + 1, --p->asked_count * sizeof(p->asked[0]));
	a = &p->asked[p->asked_count];
	*a = (struct peer_asked){ .socket = d->socket, .to = d->to };
	if (key < 0 || ppcs_packet_decode(plain, d->size, &a->packet) < 0)
		return;
	a->packet.data = NULL;
	p->asked_count++;
}

void peer_send(struct peer *p, size_t most, uint64_t now)
{
	struct datagram d;

	while (most-- > 0 && ppcs_session_output(p->session, now, &d)) {
		check(p, &d);
		remember(p, &d);
		ppcs_session_sent(p->session);
	}
}

/* What was fed is the only thing that may prove a path. ANYTHING: it may be of any type. */
static void note(struct peer_socket *s, uint8_t type, bool anything)
{
	if (s->ready && (type == PACKET_ALIVE_ACK || type == PACKET_DRW || anything))
		s->verified = true;
	if (type == PACKET_P2P_RDY || type == PACKET_RLY_RDY || anything)
		s->ready = true;
}

static void feed(struct peer *p, uint32_t id, const struct ppcs_address *from, const uint8_t *data,
		 size_t size, uint64_t now)
{
	ppcs_session_receive(p->session, id, from, data, size, now);
	peer_look(p, now);
}

void peer_feed(struct peer *p, uint32_t socket, const struct ppcs_address *from, uint8_t *data,
	       size_t size, unsigned key, uint64_t now)
{
	struct peer_socket *s = find(p, socket);
	const struct keys *keys = &p->session->keys;
	uint8_t frame[FRAME_MAX_BYTES];

	if (!s || !s->open || size < PACKET_HEADER_BYTES)
		return;
	note(s, data[1], s->stream);
	if (s->stream && key % 8 == 7) {
		feed(p, socket, from, (const uint8_t[48]){ 0 }, 48, now); /* of the relay (6.5) */
	} else if (s->stream && keys->count > 0) {
		size = ppcs_frame_encode(&keys->at[0], (const uint8_t *)"ab", data, size, frame);
		feed(p, socket, from, frame, size, now);
	} else if (keys->count > 0) {
		ppcs_cipher_encrypt(&keys->at[key % (unsigned)keys->count], data, size);
		feed(p, socket, from, data, size, now);
	}
}

/* Whom a broadcast reaches he may answer, and then he is no stranger. */
static unsigned take_host(const struct peer *p, struct input *in, size_t socket)
{
	unsigned host = take_byte(in) % HOSTS;
	bool stream = p->count > 0 && p->sockets[socket].stream;

	return host == HOST_VICTIM && (p->config.broadcast || stream) ? HOST_SECOND : host;
}

/* A host that is asked does not name the victim: then it would be sent to with good reason. */
static struct ppcs_address named(struct input *in, unsigned source)
{
	unsigned host = take_byte(in) % HOSTS;
	unsigned port = ports[take_byte(in) % 8];

	if (host == HOST_VICTIM && source != HOST_VICTIM)
		return (struct ppcs_address){ { 0 }, (uint16_t)port };
	return peer_host(host, port);
}

void peer_put_address(uint8_t to[16], const struct ppcs_address *a)
{
	const uint8_t bytes[16] = { 0,        2,        (uint8_t)a->port, (uint8_t)(a->port >> 8),
				    a->ip[3], a->ip[2], a->ip[1],         a->ip[0] };

	memcpy(to, bytes, 16);
}

static size_t change_bytes(struct peer *p, size_t socket, uint8_t *data, size_t size,
			   unsigned change)
{
	if (change % 4 == 3) {
		memset(data + size, 0, change / 4 % 16);
		return size + change / 4 % 16; /* longer than it says */
	}
	if (change % 4 == 2) {
		data[change / 4 % size] ^= (uint8_t)(1 + change);
		note(&p->sockets[socket], 0, true);
	}
	return size;
}

void peer_say(struct peer *p, struct input *in, uint64_t now)
{
	size_t socket = p->count > 0 ? take_byte(in) % p->count : 0;
	unsigned host = take_host(p, in, socket);
	struct ppcs_address from = peer_host(host, ports[take_byte(in) % 8]);
	unsigned key = take_byte(in), change = take_byte(in);
	struct packet packet = { .type = types[take_byte(in) % sizeof(types)] };
	uint8_t data[PACKET_MAX_BYTES], list[16 * 4] = { 0 };
	size_t size;
	struct ppcs_address address;

	if (p->count == 0)
		return;
	packet.uid = p->uids[take_byte(in) % 3];
	packet.address = named(in, host);
	packet.result = (int)(take_byte(in) % 8) - 6;
	packet.key = take_byte(in) % 4;
	packet.port = ports[take_byte(in) % 8];
	packet.channel = (uint8_t)(take_byte(in) % PACKET_CHANNELS);
	packet.index = (uint16_t)take_byte(in);
	packet.count = take_byte(in) % 4;
	for (unsigned i = 0; i < packet.count && packet.type == PACKET_LIST_REQ_ACK; i++) {
		address = named(in, host);
		peer_put_address(list + 16 * (size_t)i, &address);
	}
	packet.data = packet.type == PACKET_DRW ? (const uint8_t *)"ACK" : list;
	packet.size = packet.type == PACKET_LIST_REQ_ACK ? 16 * (size_t)packet.count :
		      packet.type == PACKET_DRW_ACK      ? 2 * (size_t)packet.count :
							   3;
	/* One byte changed could name the victim. */
	if (change % 4 == 2 &&
	    (packet.type == PACKET_PUNCH_TO || packet.type == PACKET_LIST_REQ_ACK))
		change = 0;
	size = ppcs_packet_encode(&packet, data, PACKET_MAX_BYTES - 16);
	must(size > 0);
	size = change_bytes(p, socket, data, size, change);
	peer_feed(p, p->sockets[socket].id, &from, data, size, key, now);
}

void peer_say_raw(struct peer *p, struct input *in, uint64_t now)
{
	size_t socket = p->count > 0 ? take_byte(in) % p->count : 0;
	struct ppcs_address from = peer_host(take_byte(in) % HOSTS, ports[take_byte(in) % 8]);
	unsigned size = take_word(in) % (PACKET_MAX_BYTES + 16);
	struct input bytes = take_bytes(in, size);
	const uint8_t victim[] = { 1 + HOST_VICTIM, 2, 0, 192 };

	if (p->count == 0)
		return;
	for (size_t i = 0; i + sizeof(victim) <= bytes.size; i++)
		if (memcmp(bytes.data + i, victim, sizeof(victim)) == 0)
			return;
	note(&p->sockets[socket], 0, true);
	feed(p, p->sockets[socket].id, &from, bytes.data, bytes.size, now);
}

void peer_unreachable(struct peer *p, struct input *in, uint64_t now)
{
	size_t socket = p->count > 0 ? take_byte(in) % p->count : 0;
	struct ppcs_address to = peer_host(take_byte(in) % HOSTS, ports[take_byte(in) % 8]);

	if (p->count == 0)
		return;
	ppcs_session_unreachable(p->session, p->sockets[socket].id, &to, now);
	peer_look(p, now);
}

void peer_fail(struct peer *p, struct input *in, uint64_t now)
{
	static const int errors[] = { 0, -ECONNRESET, -EBADF };
	size_t socket = p->count > 0 ? take_byte(in) % p->count : 0;
	uint32_t id;

	/* Datagram sockets do not end. */
	if (p->count == 0 || !p->sockets[socket].stream)
		return;
	id = p->sockets[socket].id;
	ppcs_session_failed(p->session, id, errors[take_byte(in) % 3], now);
	must(!wanted(p, id));
	peer_look(p, now);
}
