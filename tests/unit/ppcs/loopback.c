/* SPDX-License-Identifier: MIT */
/* A camera on a real socket, and one loop for it and the library; see loopback.h. */
#include "loopback.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define LIMIT_MS 60000 /* of a machine that has too much to do */
#define ID_BYTES 20
#define MAX_DATA 1024

static int open_socket(uint16_t *ret_port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_return_code(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_return_code(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	*ret_port = ntohs(sa.sin_port);
	return fd;
}

void device_open(struct device *d, uint8_t number)
{
	*d = (struct device){ .number = number };
	d->fd = open_socket(&d->port);
	d->probe = open_socket(&d->probe_port);
}

void device_close(struct device *d)
{
	close(d->fd);
	close(d->probe);
	free(d->callers);
}

static void send_to(const struct device *d, uint16_t port, const void *data, size_t size)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	/* Who has gone is told so by the next call. */
	if (sendto(d->fd, data, size, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		(void)sendto(d->fd, data, size, 0, (struct sockaddr *)&to, sizeof(to));
}

/* What comes behind it on the same way has arrived. */
static void say(const struct device *d, uint16_t port, const void *data, size_t size)
{
	struct pollfd probe = { .fd = d->probe, .events = POLLIN };
	char byte;

	send_to(d, port, data, size);
	send_to(d, d->probe_port, "", 1);
	assert_int_equal(poll(&probe, 1, LIMIT_MS), 1);
	assert_int_equal(recv(d->probe, &byte, 1, 0), 1);
}

void device_say(const struct device *d, uint16_t port, uint8_t type)
{
	uint8_t message[] = { 0xf1, type, 0, 0 };

	say(d, port, message, sizeof(message));
}

void device_say_id(const struct device *d, uint16_t port, uint8_t type, uint8_t number)
{
	uint8_t message[4 + ID_BYTES] = { 0xf1, type, 0, ID_BYTES, 'T', 'E', 'S', 'T', 0,  0, 0, 0,
					  0,    0,    0, number,   'A', 'B', 'C', 'D', 'E' };

	say(d, port, message, sizeof(message));
}

void device_say_data(const struct device *d, uint16_t port, uint8_t channel, uint16_t index,
		     const void *data, size_t size)
{
	size_t length = 4 + size;
	uint8_t message[8 + MAX_DATA] = { 0xf1, TYPE_DRW, (uint8_t)(length >> 8), (uint8_t)length,
					  0xd1, channel,  (uint8_t)(index >> 8),  (uint8_t)index };

	assert_true(size <= MAX_DATA);
	memcpy(message + 8, data, size);
	say(d, port, message, 8 + size);
}

static struct caller *find(const struct device *d, uint16_t port)
{
	for (size_t i = 0; i < d->count; i++)
		if (d->callers[i].port == port)
			return &d->callers[i];
	return NULL;
}

struct caller *device_caller(const struct device *d, uint16_t port)
{
	struct caller *caller = find(d, port);

	assert_non_null(caller);
	return caller;
}

static struct caller *meet(struct device *d, uint16_t port)
{
	struct caller *caller = find(d, port);

	if (caller)
		return caller;
	d->callers = realloc(d->callers, (d->count + 1) * sizeof(*d->callers));
	assert_non_null(d->callers);
	caller = &d->callers[d->count++];
	*caller = (struct caller){ .port = port, .ignored = d->ignores };
	return caller;
}

static void answer(struct device *d, uint16_t port, uint8_t type)
{
	struct caller *caller = meet(d, port);

	caller->heard[type]++;
	if (type == TYPE_LAN_SEARCH)
		device_say_id(d, port, TYPE_PUNCH_PKT, d->number);
	else if (type == TYPE_PUNCH_PKT)
		device_say_id(d, port, TYPE_P2P_RDY, d->number);
	else if (type == TYPE_ALIVE && !caller->ignored)
		device_say(d, port, TYPE_ALIVE_ACK);
}

void device_serve(struct device *d)
{
	for (;;) {
		struct sockaddr_in from;
		socklen_t len = sizeof(from);
		uint8_t data[2048];
		ssize_t size = recvfrom(d->fd, data, sizeof(data), MSG_DONTWAIT,
					(struct sockaddr *)&from, &len);

		if (size < 0)
			return;
		assert_true(size >= 4 && data[0] == 0xf1);
		answer(d, ntohs(from.sin_port), data[1]);
	}
}

void scene_turn(const struct scene *s)
{
	struct pollfd fds[] = {
		{ .fd = s->device->fd, .events = POLLIN },
		{ .fd = s->pool ? ppcs_pool_get_fd(s->pool) : -1, .events = POLLIN },
		{ .fd = s->handle ? ppcs_get_fd(s->handle) : -1, .events = POLLIN },
	};

	assert_true(poll(fds, 3, LIMIT_MS) > 0);
	device_serve(s->device);
	if (fds[1].revents)
		assert_return_code(ppcs_pool_dispatch(s->pool), 0);
	if (fds[2].revents)
		assert_return_code(ppcs_dispatch(s->handle), 0);
}

struct ppcs *scene_handle(const struct device *d)
{
	struct ppcs *p;

	assert_int_equal(ppcs_new(&p), 0);
	assert_int_equal(ppcs_set_address(p, "127.0.0.1"), 0);
	assert_int_equal(ppcs_set_ports(p, &d->port, 1), 0);
	assert_int_equal(ppcs_set_search_port(p, d->port), 0);
	assert_int_equal(ppcs_set_mode(p, PPCS_P2P, false), 0);
	assert_int_equal(ppcs_set_key(p, ""), 0);
	assert_int_equal(ppcs_set_session_timeout(p, FOR_EVER_MS), 0);
	return p;
}

void scene_connect(const struct scene *s, struct ppcs *p)
{
	struct scene with = *s;

	with.handle = p;
	assert_int_equal(ppcs_connect(p), 0);
	while (ppcs_get_state(p) == PPCS_STATE_RACING)
		scene_turn(&with);
	assert_int_equal(ppcs_get_state(p), PPCS_STATE_CONNECTED);
	while (ppcs_next_event(p))
		;
}

struct ppcs *scene_session(const struct scene *s)
{
	struct ppcs *p = scene_handle(s->device);

	scene_connect(s, p);
	return p;
}

void scene_hear(const struct scene *s, uint16_t port, uint8_t type, unsigned times)
{
	while (device_caller(s->device, port)->heard[type] < times)
		scene_turn(s);
}

const struct ppcs_event *scene_ended(const struct scene *s)
{
	for (;;) {
		const struct ppcs_event *event = ppcs_pool_next_event(s->pool);

		if (event)
			return event;
		scene_turn(s);
	}
}

uint16_t port_of(struct ppcs *p)
{
	return ppcs_get_report(p)->local.port;
}

unsigned open_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	unsigned count = 0;

	assert_non_null(directory);
	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}
