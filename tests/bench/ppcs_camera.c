/* SPDX-License-Identifier: MIT */
/* A camera for benchmarks; see ppcs_camera.h. */
#define _GNU_SOURCE /* SO_RCVBUFFORCE */
#include "ppcs_camera.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "ppcs_stream.h"

#define CLIENTS     4096
#define PORTS       65536
#define FAST_TIMES  3 /* after the first one */
#define FAST_MS     10
#define SLOW_MS     100
#define WAITING_MS  5000 /* then nobody is there any more */
#define RECEIVE_BUF (8 << 20)

#define TYPE_LAN_SEARCH 0x30
#define TYPE_PUNCH_PKT  0x41
#define TYPE_P2P_RDY    0x42
#define TYPE_DRW        0xd0
#define TYPE_DRW_ACK    0xd1
#define TYPE_ALIVE      0xe0
#define TYPE_CLOSE      0xf0

/* A client that has not been heard since P2P_RDY. */
struct waiting {
	uint16_t port;
	uint64_t since_ms, next_ms;
	unsigned times;
};

struct service {
	int search, main;
	unsigned loss;
	uint64_t random;
	struct waiting waiting[CLIENTS];
	unsigned count;
	bool known[PORTS]; /* PUNCH_PKT has come from there */
	struct stream stream;
	uint16_t stream_port; /* of the last one with data */
};

static struct service service;

static uint64_t now_ms(void)
{
	return now_ns() / 1000000;
}

static bool lost(struct service *s)
{
	s->random = s->random * 6364136223846793005 + 1442695040888963407;
	return (s->random >> 33) % 100 < s->loss;
}

static void say(struct service *s, uint16_t port, const uint8_t *data, size_t size)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };

	if (lost(s))
		return;
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	(void)sendto(s->main, data, size, 0, (struct sockaddr *)&to, sizeof(to));
}

static void say_id(struct service *s, uint16_t port, uint8_t type)
{
	uint8_t data[] = { 0xf1, type, 0,   20,  'T', 'E', 'S', 'T', 0,   0, 0, 0,
			   0,    0,    '0', '9', 'A', 'B', 'C', 'D', 'E', 0, 0, 0 };

	say(s, port, data, sizeof(data));
}

static void say_stream(void *userdata, const uint8_t *data, size_t size)
{
	struct service *s = userdata;

	say(s, s->stream_port, data, size);
}

static void forget(struct service *s, uint16_t port)
{
	for (unsigned i = 0; i < s->count; i++)
		if (s->waiting[i].port == port)
			s->waiting[i--] = s->waiting[--s->count];
}

static void punched(struct service *s, uint16_t port)
{
	say_id(s, port, TYPE_P2P_RDY);
	if (s->known[port] || s->count == CLIENTS)
		return;
	s->known[port] = true;
	s->waiting[s->count++] = (struct waiting){ .port = port,
						   .since_ms = now_ms(),
						   .next_ms = now_ms() + FAST_MS };
}

static void answer(struct service *s, uint16_t port, const uint8_t *data, size_t size)
{
	static const uint8_t alive_ack[] = { 0xf1, 0xe1, 0, 0 };

	if (size < 4 || data[0] != 0xf1)
		return;
	switch (data[1]) {
	case TYPE_LAN_SEARCH:
		say_id(s, port, TYPE_PUNCH_PKT);
		break;
	case TYPE_PUNCH_PKT:
		punched(s, port);
		break;
	case TYPE_ALIVE:
		forget(s, port);
		say(s, port, alive_ack, sizeof(alive_ack));
		break;
	case TYPE_DRW:
	case TYPE_DRW_ACK:
		s->stream_port = port;
		stream_receive(&s->stream, data, size);
		break;
	case TYPE_CLOSE:
		forget(s, port);
		s->known[port] = false;
		break;
	default:
		break;
	}
}

static void receive(struct service *s, int fd)
{
	for (;;) {
		struct sockaddr_in from = { 0 };
		socklen_t len = sizeof(from);
		uint8_t data[2048];
		ssize_t size = recvfrom(fd, data, sizeof(data), MSG_DONTWAIT,
					(struct sockaddr *)&from, &len);

		if (size < 0)
			break;
		if (!lost(s))
			answer(s, ntohs(from.sin_port), data, (size_t)size);
	}
	stream_rest(&s->stream);
}

/* @return milliseconds until something is due, for poll() */
static int repeat(struct service *s)
{
	uint64_t now = now_ms();
	uint64_t next = UINT64_MAX;

	for (unsigned i = 0; i < s->count; i++) {
		struct waiting *w = &s->waiting[i];

		if (now >= w->since_ms + WAITING_MS) {
			s->known[w->port] = false;
			s->waiting[i--] = s->waiting[--s->count];
			continue;
		}
		if (now >= w->next_ms) {
			say_id(s, w->port, TYPE_P2P_RDY);
			w->next_ms = now + (++w->times < FAST_TIMES ? FAST_MS : SLOW_MS);
		}
		if (w->next_ms < next)
			next = w->next_ms;
	}
	return next == UINT64_MAX ? -1 : (int)(next - now);
}

static void serve(struct service *s, int control)
{
	struct pollfd fds[] = { { .fd = control, .events = POLLIN },
				{ .fd = s->search, .events = POLLIN },
				{ .fd = s->main, .events = POLLIN } };

	while (poll(fds, 3, repeat(s)) >= 0 && !fds[0].revents) {
		receive(s, s->search);
		receive(s, s->main);
	}
}

static int open_socket(uint16_t *ret_port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };
	socklen_t len = sizeof(sa);
	int room = RECEIVE_BUF;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	require(fd >= 0);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	require(bind(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0);
	require(getsockname(fd, (struct sockaddr *)&sa, &len) == 0);
	/* Many clients at once are not to be lost in front of its door. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	*ret_port = ntohs(sa.sin_port);
	return fd;
}

struct camera camera_start(unsigned loss, unsigned seed)
{
	struct camera c;
	int control[2];

	service = (struct service){ .loss = loss, .random = seed };
	service.stream.say = say_stream;
	service.stream.userdata = &service;
	service.search = open_socket(&c.search_port);
	service.main = open_socket(&c.main_port);
	require(pipe(control) == 0);
	c.pid = fork();
	require(c.pid >= 0);
	if (c.pid == 0) {
		close(control[1]);
		serve(&service, control[0]);
		_exit(0);
	}
	close(control[0]);
	close(service.search);
	close(service.main);
	c.control = control[1];
	return c;
}

void camera_stop(const struct camera *c)
{
	close(c->control);
	waitpid(c->pid, NULL, 0);
}
