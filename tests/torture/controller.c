/* SPDX-License-Identifier: MIT */
/*
 * A controller for the torture test: answers at once and forgets everything. It knows just what the
 * scenario asks for.
 */
#include "controller.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define CLIENTS    8
#define LINE_BYTES 256
#define TEXT_BYTES 512

struct client {
	int fd;
	char line[LINE_BYTES];
	size_t size;
};

/** The values that a query gives; others repeat their parameters. */
static const char *const queries[][2] = {
	{ "VGL", "50" },
	{ "VGB", "50" },
	{ "VLT", "4C 20" },
	{ "VGT", "0 0 1 0 0 0 2 0 0 0" },
	{ "VGV", "VER 5.37 10/14/1997" },
	{ "VGN", "Name|Room|Floor|0" },
};

static struct client clients[CLIENTS];

static void hang_up(struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->size = 0;
}

static void say(struct client *c, const char *text)
{
	if (c->fd >= 0 && send(c->fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		hang_up(c);
}

static const char *values_of(const char *verb)
{
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
		if (strncmp(verb, queries[i][0], 3) == 0)
			return queries[i][1];
	return NULL;
}

static void answer(struct client *c, const char *line)
{
	const char *values = values_of(line);
	const char *last = strrchr(line, ' ');
	bool detailed = line[3] == '#';
	char text[TEXT_BYTES];

	if (strncmp(line, "VXX", 3) == 0)
		snprintf(text, sizeof(text), "256\r");
	else if (strncmp(line, "VQS#", 4) == 0)
		snprintf(text, sizeof(text),
			 "RQS 1 2\rRQS 1 1 0 15 1.0 1 10123\r"
			 "RQS 1 2 2 0 1.0 2 10124\r");
	else if (strncmp(line, "VQS", 3) == 0)
		snprintf(text, sizeof(text), "2\r1 1 0 15 1.0 1 10123\r1 2 2 0 1.0 2 10124\r");
	else if (!detailed)
		snprintf(text, sizeof(text), "%s\r", values ? values : last ? last + 1 : "257");
	else
		snprintf(text, sizeof(text), "R%.2s%s%s%s\r", line + 1, line + 4, values ? " " : "",
			 values ? values : "");
	say(c, text);
}

static void handle(struct client *c, const char *line)
{
	if (strlen(line) < 4 || line[3] == '!')
		return;
	if (strncmp(line, "VZZ", 3) == 0) {
		for (unsigned i = 0; i < CLIENTS; i++)
			hang_up(&clients[i]);
		return;
	}
	if (strncmp(line, "VSW", 3) == 0)
		for (unsigned i = 0; i < CLIENTS; i++)
			say(&clients[i], "SW 1 2 3 1 0\r");
	answer(c, line);
}

static void receive(struct client *c)
{
	char bytes[LINE_BYTES];
	ssize_t size = recv(c->fd, bytes, sizeof(bytes), 0);

	if (size <= 0) {
		hang_up(c);
		return;
	}
	for (ssize_t i = 0; i < size && c->fd >= 0; i++) {
		if (bytes[i] != '\r') {
			c->line[c->size] = bytes[i];
			c->size += c->size < sizeof(c->line) - 1;
			continue;
		}
		c->line[c->size] = '\0';
		c->size = 0;
		handle(c, c->line);
	}
}

static void accept_client(int listener)
{
	int fd = accept(listener, NULL, NULL);

	for (unsigned i = 0; i < CLIENTS && fd >= 0; i++) {
		if (clients[i].fd >= 0)
			continue;
		clients[i].fd = fd;
		return;
	}
	if (fd >= 0)
		close(fd);
}

/* Serve until the other end of ALIVE is closed. */
static void serve(int listener, int alive)
{
	struct pollfd fds[CLIENTS + 2];

	for (unsigned i = 0; i < CLIENTS; i++)
		clients[i].fd = -1;
	for (;;) {
		for (unsigned i = 0; i < CLIENTS; i++)
			fds[i] = (struct pollfd){ .fd = clients[i].fd, .events = POLLIN };
		fds[CLIENTS] = (struct pollfd){ .fd = listener, .events = POLLIN };
		fds[CLIENTS + 1] = (struct pollfd){ .fd = alive, .events = POLLIN };
		if (poll(fds, CLIENTS + 2, -1) < 0 || fds[CLIENTS + 1].revents)
			break;
		for (unsigned i = 0; i < CLIENTS; i++)
			if (fds[i].revents && clients[i].fd == fds[i].fd)
				receive(&clients[i]);
		if (fds[CLIENTS].revents)
			accept_client(listener);
	}
	for (unsigned i = 0; i < CLIENTS; i++)
		hang_up(&clients[i]);
}

/* Answers leave at once: accepted sockets inherit that. */
static int listen_on_loopback(uint16_t *ret_port)
{
	static const int on = 1;
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, CLIENTS) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) < 0) {
		close(fd);
		return -errno;
	}
	*ret_port = ntohs(address.sin_port);
	return fd;
}

int controller_start(struct controller *c)
{
	int listener = listen_on_loopback(&c->port);
	int alive[2];

	if (listener < 0)
		return listener;
	if (pipe(alive) < 0)
		return -errno;
	c->pid = fork();
	if (c->pid < 0)
		return -errno;
	if (c->pid == 0) {
		close(alive[1]);
		serve(listener, alive[0]);
		close(listener);
		close(alive[0]);
		exit(0);
	}
	close(listener);
	close(alive[0]);
	c->alive = alive[1];
	return 0;
}

int controller_stop(struct controller *c)
{
	int status = -1;

	close(c->alive);
	waitpid(c->pid, &status, 0);
	return status;
}
