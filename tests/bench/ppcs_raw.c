/* SPDX-License-Identifier: MIT */
/* The handshake of the LAN (section 6.1) in bare bytes; see ppcs_raw.h. */
#include "ppcs_raw.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

#define REPEAT_NS 100000000

static const uint8_t lan_search[] = { 0xf1, 0x30, 0, 0 };
static const uint8_t alive[] = { 0xf1, 0xe0, 0, 0 };
static const uint8_t close_packet[] = { 0xf1, 0xf0, 0, 0 };

static void say(struct raw *r)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(r->port) };

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	(void)sendto(r->fd, r->data, r->size, 0, (struct sockaddr *)&to, sizeof(to));
	r->due_ns = now_ns() + REPEAT_NS;
}

static void go(struct raw *r, uint16_t port, const uint8_t *data, size_t size)
{
	r->port = port;
	r->size = (uint32_t)size;
	memcpy(r->data, data, size);
	say(r);
}

void raw_start(struct raw *r, const struct camera *c)
{
	*r = (struct raw){ .fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) };
	require(r->fd >= 0);
	go(r, c->search_port, lan_search, sizeof(lan_search));
}

void raw_receive(struct raw *r)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	uint8_t data[64];
	ssize_t size = recvfrom(r->fd, data, sizeof(data), 0, (struct sockaddr *)&from, &len);

	if (size < 4)
		return;
	if (data[1] == 0x41 && size == 24 && r->data[1] == 0x30)
		go(r, ntohs(from.sin_port), data, 24);
	else if (data[1] == 0x42 && r->data[1] != 0xe0)
		go(r, ntohs(from.sin_port), alive, sizeof(alive));
	else if (data[1] == 0xe1)
		r->done = true;
}

void raw_repeat(struct raw *r)
{
	if (!r->done && now_ns() >= r->due_ns)
		say(r);
}

void raw_end(struct raw *r)
{
	go(r, r->port, close_packet, sizeof(close_packet));
	close(r->fd);
}

uint64_t raw_handshake(const struct camera *c)
{
	uint64_t start = now_ns();
	struct pollfd fd = { .events = POLLIN };
	struct raw r;

	raw_start(&r, c);
	fd.fd = r.fd;
	while (!r.done) {
		require(poll(&fd, 1, 1000) == 1);
		raw_receive(&r);
	}
	start = now_ns() - start;
	raw_end(&r);
	return start;
}
