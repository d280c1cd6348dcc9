/* SPDX-License-Identifier: MIT */
/* The sockets of ppcs_device.h for the torture test: whatever comes is answered at once. */
#include "ppcs_peer.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define STREAMS    16
#define READ_BYTES 2048
#define REPEAT_MS  10

enum listener {
	LISTEN_SERVER,
	LISTEN_RELAY,
	LISTENERS
};

struct service {
	int control;
	int places[DEVICE_PLACES];
	int listeners[LISTENERS];
	int closed;
	int fds[STREAMS]; /* -1 = free */
	struct device_stream streams[STREAMS];
	struct device device;
};

static struct service service;

static struct sockaddr_in loopback(uint16_t port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(port) };

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return sa;
}

/* An answer goes out where the device says it does. */
static void say(void *userdata, enum device_place from, const struct ppcs_address *to,
		const uint8_t *data, size_t size)
{
	const struct service *s = userdata;
	struct sockaddr_in sa = loopback(to->port);

	(void)sendto(s->places[from], data, size, 0, (struct sockaddr *)&sa, sizeof(sa));
}

static void receive(struct service *s, enum device_place at)
{
	struct sockaddr_in sa;
	socklen_t len = sizeof(sa);
	uint8_t data[READ_BYTES];
	ssize_t size = recvfrom(s->places[at], data, sizeof(data), MSG_DONTWAIT,
				(struct sockaddr *)&sa, &len);
	struct ppcs_address from = { { 127, 0, 0, 1 }, 0 };

	if (size < 0)
		return;
	from.port = ntohs(sa.sin_port);
	device_receive(&s->device, at, &from, data, (size_t)size);
}

static void accept_stream(struct service *s, enum listener at)
{
	int fd = accept(s->listeners[at], NULL, NULL);

	for (unsigned i = 0; i < STREAMS && fd >= 0; i++) {
		if (s->fds[i] >= 0)
			continue;
		s->fds[i] = fd;
		s->streams[i] = (struct device_stream){ .relay = at == LISTEN_RELAY };
		return;
	}
	if (fd >= 0)
		close(fd);
}

static void close_stream(struct service *s, unsigned i)
{
	close(s->fds[i]);
	s->fds[i] = -1;
}

static void flush_stream(struct service *s, unsigned i)
{
	struct device_stream *stream = &s->streams[i];
	ssize_t size = (ssize_t)stream->out_size;

	stream->out_size = 0;
	if (size > 0 && send(s->fds[i], stream->out, (size_t)size, MSG_NOSIGNAL) != size)
		close_stream(s, i);
}

static void receive_stream(struct service *s, unsigned i)
{
	uint8_t data[READ_BYTES];
	ssize_t size = recv(s->fds[i], data, sizeof(data), 0);

	if (size > 0 && device_stream_receive(&s->device, &s->streams[i], data, (size_t)size))
		flush_stream(s, i);
	else
		close_stream(s, i);
}

static bool repeat(struct service *s)
{
	bool any = device_repeat(&s->device);

	for (unsigned i = 0; i < STREAMS; i++) {
		if (s->fds[i] < 0)
			continue;
		any |= device_stream_repeat(&s->device, &s->streams[i]);
		flush_stream(s, i);
	}
	return any;
}

/* @return false when the test is over */
static bool heed_control(struct service *s)
{
	char byte;

	if (read(s->control, &byte, 1) <= 0)
		return false;
	device_reset(&s->device);
	return true;
}

static void serve(struct service *s)
{
	struct pollfd fds[1 + DEVICE_PLACES + LISTENERS + STREAMS];
	bool repeating = false;

	for (;;) {
		unsigned n = 0;
		int ready;

		fds[n++].fd = s->control;
		for (unsigned i = 0; i < DEVICE_PLACES; i++)
			fds[n++].fd = s->places[i];
		for (unsigned i = 0; i < LISTENERS; i++)
			fds[n++].fd = s->listeners[i];
		for (unsigned i = 0; i < STREAMS; i++)
			fds[n++].fd = s->fds[i];
		for (unsigned i = 0; i < n; i++)
			fds[i].events = POLLIN;
		ready = poll(fds, n, repeating ? REPEAT_MS : -1);
		if (ready < 0 || (fds[0].revents && !heed_control(s)))
			return;
		n = 1;
		for (unsigned i = 0; i < DEVICE_PLACES; i++)
			if (fds[n++].revents)
				receive(s, (enum device_place)i);
		for (unsigned i = 0; i < LISTENERS; i++)
			if (fds[n++].revents)
				accept_stream(s, (enum listener)i);
		for (unsigned i = 0; i < STREAMS; i++)
			if (fds[n++].revents)
				receive_stream(s, i);
		repeating = ready > 0 || repeat(s);
	}
}

static int open_socket(int type, uint16_t *ret_port)
{
	struct sockaddr_in sa = loopback(0);
	socklen_t size = sizeof(sa);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&sa, size) < 0 ||
	    (type == SOCK_STREAM && listen(fd, STREAMS) < 0) ||
	    getsockname(fd, (struct sockaddr *)&sa, &size) < 0) {
		close(fd);
		return -errno;
	}
	*ret_port = ntohs(sa.sin_port);
	return fd;
}

/* A socket that listens to itself alone: others are told that the port is closed. */
static int open_closed(uint16_t *ret_port)
{
	int fd = open_socket(SOCK_DGRAM, ret_port);
	struct sockaddr_in sa;

	if (fd < 0)
		return fd;
	sa = loopback(*ret_port);
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0)
		return fd;
	close(fd);
	return -errno;
}

static int open_all(struct service *s, struct peer *p)
{
	uint16_t relay_port;

	for (unsigned i = 0; i < DEVICE_PLACES; i++) {
		s->places[i] = open_socket(SOCK_DGRAM, &p->ports[i]);
		if (s->places[i] < 0)
			return s->places[i];
		s->device.at[i] = (struct ppcs_address){ { 127, 0, 0, 1 }, p->ports[i] };
	}
	s->listeners[LISTEN_SERVER] = open_socket(SOCK_STREAM, &p->tcp_port);
	s->listeners[LISTEN_RELAY] = open_socket(SOCK_STREAM, &relay_port);
	s->closed = open_closed(&p->closed_port);
	for (unsigned i = 0; i < LISTENERS; i++)
		if (s->listeners[i] < 0)
			return s->listeners[i];
	if (s->closed < 0)
		return s->closed;
	s->device.tcp_relay = (struct ppcs_address){ { 127, 0, 0, 1 }, relay_port };
	for (unsigned i = 0; i < STREAMS; i++)
		s->fds[i] = -1;
	ppcs_cipher_init(&s->device.cipher, "");
	s->device.closes = true;
	s->device.say = say;
	s->device.userdata = s;
	return 0;
}

static void close_all(const struct service *s)
{
	for (unsigned i = 0; i < DEVICE_PLACES; i++)
		close(s->places[i]);
	for (unsigned i = 0; i < LISTENERS; i++)
		close(s->listeners[i]);
	close(s->closed);
}

int peer_start(struct peer *p)
{
	int ret = open_all(&service, p);
	int control[2];

	if (ret < 0)
		return ret;
	if (pipe(control) < 0)
		return -errno;
	p->pid = fork();
	if (p->pid < 0)
		return -errno;
	if (p->pid == 0) {
		close(control[1]);
		service.control = control[0];
		serve(&service);
		exit(0);
	}
	close_all(&service);
	close(control[0]);
	p->control = control[1];
	return 0;
}

void peer_reset(const struct peer *p)
{
	(void)!write(p->control, "", 1);
}

int peer_stop(struct peer *p)
{
	int status = -1;

	close(p->control);
	waitpid(p->pid, &status, 0);
	return status;
}
