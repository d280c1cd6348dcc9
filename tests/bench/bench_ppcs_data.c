/* SPDX-License-Identifier: MIT */
/*
 * Data on the channels of a session over a clean link, each way, against the same bytes in plain
 * UDP datagrams of the same size that nobody acknowledges: what a sender can bring to the wire, and
 * what a receiver can take from it. In turns.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "ppcs_client.h"
#include "ppcs_stream.h"

#define TURNS   9
#define PACKETS 40000
#define TARGET  0.7

static uint8_t block[65536];

static void send_all(struct ppcs *p, unsigned channels, size_t size)
{
	size_t left[8];

	for (unsigned i = 0; i < channels; i++)
		left[i] = size;
	for (size_t all = channels * size; all > 0;) {
		size_t before = all;

		for (unsigned i = 0; i < channels; i++) {
			size_t part = left[i] < sizeof(block) ? left[i] : sizeof(block);
			int taken = part > 0 ? ppcs_send(p, i, block, part) : 0;

			if (taken > 0) {
				left[i] -= (size_t)taken;
				all -= (size_t)taken;
			}
		}
		if (all == before)
			client_wait(p, PPCS_EVENT_WRITABLE);
	}
	require(ppcs_flush_sync(p, 10000) == 0);
	while (ppcs_next_event(p))
		;
}

/* @return packets a second */
static double sent(struct ppcs *p, unsigned channels)
{
	uint64_t start = now_ns();

	send_all(p, channels, (size_t)PACKETS * STREAM_DATA / channels);
	return PACKETS * 1e9 / (double)(now_ns() - start);
}

static double received(struct ppcs *p, unsigned channels)
{
	uint32_t count = PACKETS / channels;
	uint64_t bytes = (uint64_t)PACKETS * STREAM_DATA;
	uint8_t go[6] = { 'G', 'O' };
	uint64_t start = now_ns();

	for (unsigned i = 0; i < 4; i++)
		go[2 + i] = ((uint8_t *)&count)[i];
	for (unsigned i = 0; i < channels; i++)
		require(ppcs_send(p, i, go, sizeof(go)) == sizeof(go));
	while (bytes > 0) {
		const struct ppcs_event *e = client_wait(p, PPCS_EVENT_DATA);

		bytes -= e->size;
	}
	return PACKETS * 1e9 / (double)(now_ns() - start);
}

/* A process that takes datagrams until an empty one comes; it tells so. */
static pid_t take_plain(int fd, int done)
{
	pid_t pid = fork();

	require(pid >= 0);
	if (pid == 0) {
		while (recv(fd, block, sizeof(block), 0) > 0)
			;
		(void)!write(done, "x", 1);
		_exit(0);
	}
	return pid;
}

static double plain(void)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };
	socklen_t len = sizeof(sa);
	int to = socket(AF_INET, SOCK_DGRAM, 0), from = socket(AF_INET, SOCK_DGRAM, 0);
	struct pollfd poll_done = { .events = POLLIN };
	uint64_t start, ns;
	int done[2];
	pid_t pid;

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	require(to >= 0 && from >= 0 && pipe(done) == 0);
	require(bind(to, (struct sockaddr *)&sa, sizeof(sa)) == 0);
	require(getsockname(to, (struct sockaddr *)&sa, &len) == 0);
	pid = take_plain(to, done[1]);
	start = now_ns();
	for (unsigned i = 0; i < PACKETS; i++)
		(void)sendto(from, block, STREAM_PACKET, 0, (struct sockaddr *)&sa, sizeof(sa));
	ns = now_ns() - start;
	poll_done.fd = done[0];
	do
		(void)sendto(from, block, 0, 0, (struct sockaddr *)&sa, sizeof(sa));
	while (poll(&poll_done, 1, 1) == 0);
	waitpid(pid, NULL, 0);
	close(to);
	close(from);
	close(done[0]);
	close(done[1]);
	return PACKETS * 1e9 / (double)ns;
}

static void print(const char *what, double *values, double *raw)
{
	client_sort(values, TURNS);
	printf("data %s: %.0f packets/s (%.0f MB/s), %.2f of plain UDP sends (%.0f/s), target >= "
	       "%.1f\n",
	       what, values[TURNS / 2], values[TURNS / 2] * STREAM_DATA / 1e6,
	       values[TURNS / 2] / raw[TURNS / 2], raw[TURNS / 2], TARGET);
}

int main(void)
{
	double raw[TURNS], out1[TURNS], out8[TURNS], in1[TURNS], in8[TURNS];
	struct camera c = camera_start(0, 1);
	struct ppcs *p = client_new(&c, true);

	require(ppcs_connect_sync(p, 10000, NULL) == 0);
	for (unsigned i = 0; i < TURNS; i++) {
		raw[i] = plain();
		out1[i] = sent(p, 1);
		out8[i] = sent(p, 8);
		in1[i] = received(p, 1);
		in8[i] = received(p, 8);
	}
	client_sort(raw, TURNS);
	print("to a camera, one channel", out1, raw);
	print("to a camera, eight channels", out8, raw);
	print("of a camera, one channel", in1, raw);
	print("of a camera, eight channels", in8, raw);
	printf("sent again %llu, refused %llu\n",
	       (unsigned long long)ppcs_get_statistics(p)->data_resent,
	       (unsigned long long)ppcs_get_statistics(p)->data_refused);
	ppcs_free(p);
	camera_stop(&c);
	return 0;
}
