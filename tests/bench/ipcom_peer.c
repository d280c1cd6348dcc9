/* SPDX-License-Identifier: MIT */
/* A module that answers at once and notes when each message came; see ipcom_peer.h. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "ipcom_peer.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"
#include "message.h"

static uint8_t values[IPCOM_MODULES][IPCOM_OUTPUTS];

/* @return the size of the answer */
static size_t answer_to(const uint8_t *plain, uint8_t answer[MESSAGE_ACCEPT_BYTES])
{
	static const uint8_t accept[MESSAGE_ACCEPT_BYTES] = { 1, 2, '3', '.', '1', '0' };
	static const uint8_t acknowledged[] = { 4, 1, 0x23, 0, 0x3c, 2, 1, 1 };

	switch (plain[0]) {
	case MESSAGE_CONNECT:
		memcpy(answer, accept, sizeof(accept));
		return sizeof(accept);
	case MESSAGE_FRAME:
		memcpy(values[(plain[4] - 60U) % IPCOM_MODULES], plain + 8, IPCOM_OUTPUTS);
		memcpy(answer, acknowledged, sizeof(acknowledged));
		return sizeof(acknowledged);
	case MESSAGE_OUTPUTS:
		memcpy(answer, plain, 2);
		memcpy(answer + 2, values, sizeof(values));
		return MESSAGE_SNAPSHOT_BYTES;
	default:
		memcpy(answer, plain, 2);
		return 2;
	}
}

/* One message at a time is all that a client sends. */
static void serve(int fd, struct peer_log *log)
{
	struct cipher cipher = { 0 };
	uint8_t wire[MESSAGE_MAX_BYTES];
	ssize_t size;

	while ((size = recv(fd, wire, sizeof(wire), 0)) > 0 && log->count < PEER_MESSAGES) {
		uint64_t came_ns = now_ns();
		uint8_t plain[MESSAGE_MAX_BYTES];
		uint8_t answer[MESSAGE_ACCEPT_BYTES];
		size_t answered;

		ipcom_cipher_decode(&cipher, wire, plain, (size_t)size);
		answered = answer_to(plain, answer);
		ipcom_cipher_encode(&cipher, answer, answer, answered);
		if (plain[0] == MESSAGE_CONNECT)
			cipher.mode = CIPHER_SESSION;
		log->messages[log->count].id = plain[0];
		log->messages[log->count].came_ns = came_ns;
		log->messages[log->count].answered_ns = now_ns();
		log->count++;
		if (send(fd, answer, answered, MSG_NOSIGNAL) < 0)
			return;
	}
}

int peer_start(const struct peer_log **ret_log)
{
	struct peer_log *log =
		mmap(NULL, sizeof(*log), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fds[2];
	pid_t pid;

	require(log != MAP_FAILED);
	require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	pid = fork();
	require(pid >= 0);
	if (pid == 0) {
		close(fds[0]);
		serve(fds[1], log);
		_exit(0);
	}
	close(fds[1]);
	*ret_log = log;
	return fds[0];
}
