/* SPDX-License-Identifier: MIT */
#include "share_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "meshtcp_node.h"

#define LIMIT_MS 60000

static void open_to(struct test_client *c, const void *sa, socklen_t len, int family)
{
	memset(c, 0, sizeof(*c));
	c->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(c->fd >= 0);
	must(connect(c->fd, sa, len) == 0);
}

void client_open(struct test_client *c, uint16_t port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(port) };

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	open_to(c, &sa, sizeof(sa), AF_INET);
}

void client_open_unix(struct test_client *c, const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	strncpy(un.sun_path, path, sizeof(un.sun_path) - 1);
	open_to(c, &un, sizeof(un), AF_UNIX);
}

void client_close(struct test_client *c, bool reset)
{
	struct linger linger = { .l_onoff = 1 };

	if (reset)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(c->fd);
	c->fd = -1;
}

bool client_bytes(struct test_client *c, const void *data, size_t size)
{
	const uint8_t *at = data;

	while (size > 0) {
		ssize_t sent = send(c->fd, at, size, MSG_NOSIGNAL);

		if (sent < 0)
			return false;
		at += sent;
		size -= (size_t)sent;
	}
	return true;
}

bool client_say(struct test_client *c, const void *payload, size_t size)
{
	uint8_t frame[600] = { 0x94, 0xc3, (uint8_t)(size >> 8), (uint8_t)size };

	memcpy(frame + 4, payload, size);
	return client_bytes(c, frame, size + 4);
}

static size_t varint(uint8_t *to, uint32_t value)
{
	size_t n = 0;

	for (; value >= 0x80; value >>= 7)
		to[n++] = (uint8_t)(value | 0x80);
	to[n++] = (uint8_t)value;
	return n;
}

static size_t fixed(uint8_t *to, uint8_t tag, uint32_t value)
{
	to[0] = tag;
	for (unsigned i = 0; i < 4; i++)
		to[1 + i] = (uint8_t)(value >> (8 * i));
	return 5;
}

bool client_want(struct test_client *c, uint32_t nonce)
{
	uint8_t message[8] = { 0x18 };

	return client_say(c, message, 1 + varint(message + 1, nonce));
}

bool client_packet(struct test_client *c, uint32_t port, uint32_t id, uint32_t reply)
{
	uint8_t data[32] = { 0x08 }, m[64] = { 0x0a };
	size_t d = 1 + varint(data + 1, port), size = 2;

	memcpy(data + d, "\x12\x02ho", 4);
	d += 4;
	if (reply != 0)
		d += fixed(data + d, 0x3d, reply);
	size += fixed(m + size, 0x15, 0xffffffff);
	m[size++] = 0x22;
	m[size++] = (uint8_t)d;
	memcpy(m + size, data, d);
	size += d;
	size += fixed(m + size, 0x35, id);
	m[1] = (uint8_t)(size - 2);
	return client_say(c, m, size);
}

/* --- what it hears --- */

/** A field of a message. */
struct field {
	uint32_t number, value;
	const uint8_t *data;
	size_t size;
};

static uint32_t read_varint(const uint8_t **at, const uint8_t *end)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 70; shift += 7) {
		must(*at < end);
		value |= (uint64_t)(**at & 0x7f) << (shift < 63 ? shift : 63);
		if (!(*(*at)++ & 0x80))
			return (uint32_t)value;
	}
	/* Longer than a number can be. */
	abort();
}

static bool next_field(const uint8_t **at, const uint8_t *end, struct field *ret)
{
	uint32_t tag;

	if (*at == end)
		return false;
	tag = read_varint(at, end);
	*ret = (struct field){ .number = tag >> 3 };
	if ((tag & 7) == 0) {
		ret->value = read_varint(at, end);
		return true;
	}
	ret->size = (tag & 7) == 2 ? read_varint(at, end) : 4;
	must((tag & 7) == 2 || (tag & 7) == 5);
	must(ret->size <= (size_t)(end - *at));
	ret->data = *at;
	if ((tag & 7) == 5)
		memcpy(&ret->value, *at, 4); /* tests run on little endian machines */
	*at += ret->size;
	return true;
}

static void take_routing(const struct field *payload, struct said *ret)
{
	const uint8_t *at = payload->data;
	struct field f;

	while (next_field(&at, payload->data + payload->size, &f))
		if (f.number == 3)
			ret->err = f.value;
}

static void take_data(const struct field *data, struct said *ret)
{
	const uint8_t *at = data->data;
	struct field f;

	while (next_field(&at, data->data + data->size, &f)) {
		if (f.number == 1)
			ret->port = f.value;
		else if (f.number == 2 && ret->port == 5)
			take_routing(&f, ret);
		else if (f.number == 6)
			ret->request = f.value;
		else if (f.number == 7)
			ret->reply = f.value;
	}
}

static void take_packet(const struct field *packet, struct said *ret)
{
	const uint8_t *at = packet->data;
	struct field f;

	ret->kind = SAID_PACKET;
	while (next_field(&at, packet->data + packet->size, &f)) {
		if (f.number == 1)
			ret->from = f.value;
		else if (f.number == 4)
			take_data(&f, ret);
		else if (f.number == 6)
			ret->id = f.value;
	}
}

static void take_status(const struct field *status, struct said *ret)
{
	const uint8_t *at = status->data;
	struct field f;

	ret->kind = SAID_STATUS;
	while (next_field(&at, status->data + status->size, &f)) {
		if (f.number == 1)
			ret->res = f.value;
		else if (f.number == 4)
			ret->id = f.value;
	}
}

static struct said take_message(const uint8_t *data, size_t size)
{
	struct said said = { .kind = SAID_OTHER };
	const uint8_t *at = data;
	struct field f;

	while (next_field(&at, data + size, &f)) {
		if (f.number == 2)
			take_packet(&f, &said);
		else if (f.number == 7)
			said = (struct said){ .kind = SAID_COMPLETE, .number = f.value };
		else if (f.number == 8)
			said.kind = SAID_REBOOTED;
		else if (f.number == 11)
			take_status(&f, &said);
	}
	return said;
}

/* Returns whether there was more to come. */
static bool fill(struct test_client *c)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	ssize_t size;

	memmove(c->in, c->in + c->used, c->size - c->used);
	c->size -= c->used;
	c->used = 0;
	must(poll(&p, 1, LIMIT_MS) == 1);
	size = recv(c->fd, c->in + c->size, sizeof(c->in) - c->size, 0);
	if (size <= 0)
		return false;
	c->size += (size_t)size;
	return true;
}

struct said client_hear(struct test_client *c)
{
	for (;;) {
		const uint8_t *frame = c->in + c->used;
		size_t there = c->size - c->used, size;

		if (there >= 4) {
			/* Nothing but frames. */
			must(frame[0] == 0x94 && frame[1] == 0xc3);
			size = (size_t)frame[2] << 8 | frame[3];
			must(size <= 512);
			if (there >= 4 + size) {
				c->used += 4 + size;
				return take_message(frame + 4, size);
			}
		}
		if (!fill(c))
			return (struct said){ .kind = SAID_END };
	}
}

struct said client_hear_kind(struct test_client *c, enum said_kind kind)
{
	struct said said;

	do {
		said = client_hear(c);
		must(said.kind != SAID_END || kind == SAID_END);
	} while (said.kind != kind);
	return said;
}

void client_download(struct test_client *c, uint32_t nonce)
{
	must(client_want(c, nonce));
	must(client_hear_kind(c, SAID_COMPLETE).number == nonce);
}

/* --- the share --- */

const char *share_unix_path(void)
{
	static char path[64];

	snprintf(path, sizeof(path), "/tmp/torture-share-%d", (int)getpid());
	return path;
}

struct meshtcp_share *share_new(const struct test_node *node, uint16_t *ret_port)
{
	struct meshtcp_share *s;
	struct meshtcp *m;

	must(meshtcp_new(&m) == 0);
	must(meshtcp_set_address(m, "127.0.0.1", node_port(node)) == 0);
	must(meshtcp_set_reconnect(m, 1, 5) == 0);
	must(meshtcp_share_new(m, &s) == 0);
	meshtcp_free(m);
	must(meshtcp_share_listen(s, "127.0.0.1", 0, ret_port) == 0);
	must(meshtcp_share_listen_unix(s, share_unix_path()) == 0);
	return s;
}

const struct meshtcp_share_event *share_event(struct meshtcp_share *s,
					      enum meshtcp_share_event_type type, int timeout_ms)
{
	int64_t end = test_now_ms() + timeout_ms;

	for (;;) {
		struct pollfd p = { .fd = meshtcp_share_get_fd(s), .events = POLLIN };
		const struct meshtcp_share_event *e;

		while ((e = meshtcp_share_next_event(s)) != NULL)
			if (e->type == type)
				return e;
		if (test_now_ms() >= end)
			return NULL;
		poll(&p, 1, (int)(end - test_now_ms()));
	}
}

const struct meshtcp_share_event *share_must_event(struct meshtcp_share *s,
						   enum meshtcp_share_event_type type)
{
	const struct meshtcp_share_event *e = share_event(s, type, LIMIT_MS);

	must(e);
	return e;
}
