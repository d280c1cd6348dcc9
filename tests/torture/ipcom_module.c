/* SPDX-License-Identifier: MIT */
/*
 * A module for the torture test: answers at once, one client after the other. All clients see the
 * same outputs.
 */
#include "ipcom_module.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "message.h"

#define READ_BYTES 4096

static uint8_t values[IPCOM_MODULES][IPCOM_OUTPUTS];

static bool say(int fd, const struct cipher *c, const uint8_t *plain, size_t size)
{
	uint8_t wire[MESSAGE_ACCEPT_BYTES];

	ipcom_cipher_encode(c, plain, wire, size);
	return send(fd, wire, size, MSG_NOSIGNAL) == (ssize_t)size;
}

static bool accept_login(int fd, struct cipher *c)
{
	uint8_t plain[MESSAGE_ACCEPT_BYTES] = { 1, 2, '3', '.', '1', '0' };
	bool said;

	memset(plain + 7, 0x5c, CIPHER_KEY_BYTES);
	said = say(fd, c, plain, sizeof(plain));
	c->mode = CIPHER_SESSION;
	memset(c->key, 0x5c, CIPHER_KEY_BYTES);
	return said;
}

static bool write_module(int fd, const struct cipher *c, const uint8_t *plain)
{
	static const uint8_t acknowledged[] = { 4, 1, 0x23, 0, 0x3c, 2, 1, 1 };
	static bool hung_up;
	unsigned m = (plain[4] - 60U) % IPCOM_MODULES;

	memcpy(values[m], plain + 8, IPCOM_OUTPUTS);
	if (values[0][7] == 1)
		hung_up = !hung_up;
	if (hung_up)
		return false;
	return say(fd, c, acknowledged, sizeof(acknowledged));
}

/* One message. @return its size; 0 = hang up */
static size_t answer(int fd, struct cipher *c, const uint8_t *wire, size_t size)
{
	uint8_t plain[MESSAGE_MAX_BYTES];
	uint8_t snapshot[MESSAGE_SNAPSHOT_BYTES] = { 5, 1 };

	if (size > sizeof(plain))
		size = sizeof(plain);
	ipcom_cipher_decode(c, wire, plain, size);
	switch (plain[0]) {
	case MESSAGE_CONNECT:
		return accept_login(fd, c) ? MESSAGE_LOGIN_BYTES : 0;
	case MESSAGE_KEEPALIVE:
		return say(fd, c, plain, 2) ? 2 : 0;
	case MESSAGE_FRAME:
		return write_module(fd, c, plain) ? MESSAGE_WRITE_BYTES : 0;
	case MESSAGE_OUTPUTS:
		memcpy(snapshot + 2, values, sizeof(values));
		return say(fd, c, snapshot, sizeof(snapshot)) ? 2 : 0;
	default:
		return 0;
	}
}

/* The client sends each message whole, and on loopback it arrives so. */
static bool receive(int fd, struct cipher *c)
{
	uint8_t bytes[READ_BYTES];
	ssize_t size = recv(fd, bytes, sizeof(bytes), 0);
	size_t done = 0;

	if (size <= 0)
		return false;
	while (done < (size_t)size) {
		size_t part = answer(fd, c, bytes + done, (size_t)size - done);

		if (part == 0)
			return false;
		done += part;
	}
	return true;
}

/* Serve until the other end of ALIVE is closed; a newer client takes the place of an older one. */
static void serve(int listener, int alive)
{
	struct cipher cipher = { 0 };
	int client = -1;

	for (;;) {
		struct pollfd fds[] = { { .fd = alive, .events = POLLIN },
					{ .fd = listener, .events = POLLIN },
					{ .fd = client, .events = POLLIN } };

		if (poll(fds, 3, -1) < 0 || fds[0].revents)
			break;
		if (fds[1].revents || (fds[2].revents && !receive(client, &cipher))) {
			if (client >= 0)
				close(client);
			client = fds[1].revents ? accept(listener, NULL, NULL) : -1;
			cipher = (struct cipher){ 0 };
		}
	}
	if (client >= 0)
		close(client);
}

static int listen_on_loopback(uint16_t *ret_port)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, 4) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) < 0) {
		close(fd);
		return -errno;
	}
	*ret_port = ntohs(address.sin_port);
	return fd;
}

int module_start(struct module *m)
{
	int listener = listen_on_loopback(&m->port);
	int alive[2];

	if (listener < 0)
		return listener;
	if (pipe(alive) < 0)
		return -errno;
	m->pid = fork();
	if (m->pid < 0)
		return -errno;
	if (m->pid == 0) {
		close(alive[1]);
		serve(listener, alive[0]);
		close(listener);
		close(alive[0]);
		exit(0);
	}
	close(listener);
	close(alive[0]);
	m->alive = alive[1];
	return 0;
}

int module_stop(struct module *m)
{
	int status = -1;

	close(m->alive);
	waitpid(m->pid, &status, 0);
	return status;
}
