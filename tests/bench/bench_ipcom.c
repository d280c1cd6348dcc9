/* SPDX-License-Identifier: MIT */
/*
 * A command on an idle open session, from the call to its first message at the peer, against a bare
 * send() of two bytes after the same idleness; and the cadence of the polls against that of poll().
 */
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ipcom/ipcom.h>

#include "bench.h"
#include "ipcom_peer.h"

#define COMMANDS 15
#define POLLS    20
#define IDLE_MS  150
#define POLL_MS  350

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

static void sort(double *values, unsigned count)
{
	qsort(values, count, sizeof(values[0]), compare);
}

static struct ipcom *open_session(int fd)
{
	struct ipcom *c;

	require(ipcom_new(&c) == 0);
	require(ipcom_set_credentials(c, "demo", "secret") == 0);
	require(ipcom_set_keepalive(c, 0) == 0);
	require(ipcom_connect_fd(c, fd) == 0);
	return c;
}

static void wait_for(struct ipcom *c, enum ipcom_event_type type)
{
	for (;;) {
		const struct ipcom_event *e = ipcom_next_event(c);

		if (e && e->type == type)
			return;
		if (!e)
			require(ipcom_wait(c, 10000) == 1);
	}
}

/* When the first message behind number BEFORE came. */
static uint64_t arrival(const struct peer_log *log, unsigned before)
{
	while (log->count == before)
		;
	return log->messages[before].came_ns;
}

/* So long after a snapshot that nothing is in flight; YOUNG: at once. */
static double command_us(struct ipcom *c, const struct peer_log *log, bool young, unsigned value)
{
	const struct ipcom_output output = { 1, 1 };
	unsigned before;
	uint64_t start;
	uint64_t came;

	wait_for(c, IPCOM_EVENT_SNAPSHOT);
	poll(NULL, 0, young ? 0 : IDLE_MS);
	before = log->count;
	start = now_ns();
	require(ipcom_output_set(c, output, value, NULL) == 0);
	came = arrival(log, before);
	require(log->messages[before].id == (young ? 4 : 5));
	wait_for(c, IPCOM_EVENT_RESULT);
	return (double)(came - start) / 1e3;
}

static double raw_us(int fd, const struct peer_log *log)
{
	static const uint8_t bytes[2] = { 3, 1 };
	unsigned before = log->count;
	uint8_t answer[2];
	uint64_t start;

	poll(NULL, 0, IDLE_MS);
	start = now_ns();
	require(send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL) == sizeof(bytes));
	require(recv(fd, answer, sizeof(answer), 0) == sizeof(answer));
	return (double)(arrival(log, before) - start) / 1e3;
}

static void measure_commands(struct ipcom *c, const struct peer_log *log)
{
	double fresh[COMMANDS];
	double young[COMMANDS];
	double raw[COMMANDS];
	const struct peer_log *raw_log;
	int fd = peer_start(&raw_log);

	for (unsigned i = 0; i < COMMANDS; i++) {
		fresh[i] = command_us(c, log, false, i % 2);
		young[i] = command_us(c, log, true, i % 2 + 2);
		raw[i] = raw_us(fd, raw_log);
	}
	close(fd);
	sort(fresh, COMMANDS);
	sort(young, COMMANDS);
	sort(raw, COMMANDS);
	printf("command, poll first: %.0f us (worst %.0f), %.2f of a raw send, target <= 1000\n",
	       fresh[COMMANDS / 2], fresh[COMMANDS - 1], fresh[COMMANDS / 2] / raw[COMMANDS / 2]);
	printf("command, write first: %.0f us (worst %.0f), %.2f of a raw send, target <= 1000\n",
	       young[COMMANDS / 2], young[COMMANDS - 1], young[COMMANDS / 2] / raw[COMMANDS / 2]);
}

/* From an answer to the next poll. */
static void measure_cadence(struct ipcom *c, const struct peer_log *log)
{
	double pauses[POLLS];
	double raw[POLLS];
	unsigned first;

	wait_for(c, IPCOM_EVENT_SNAPSHOT);
	first = log->count - 1;
	for (unsigned i = 0; i < POLLS; i++)
		wait_for(c, IPCOM_EVENT_SNAPSHOT);
	for (unsigned i = 0; i < POLLS; i++) {
		uint64_t start = log->messages[first + i].answered_ns;

		pauses[i] = (double)(log->messages[first + i + 1].came_ns - start) / 1e6;
	}
	for (unsigned i = 0; i < POLLS; i++) {
		uint64_t start = now_ns();

		poll(NULL, 0, POLL_MS);
		raw[i] = (double)(now_ns() - start) / 1e6;
	}
	sort(pauses, POLLS);
	sort(raw, POLLS);
	printf("cadence: %.2f ms (%.2f to %.2f), %.3f of poll(), target %d +- 2\n",
	       pauses[POLLS / 2], pauses[0], pauses[POLLS - 1], pauses[POLLS / 2] / raw[POLLS / 2],
	       POLL_MS);
}

int main(void)
{
	const struct peer_log *log;
	struct ipcom *c = open_session(peer_start(&log));

	measure_commands(c, log);
	measure_cadence(c, log);
	ipcom_free(c);
	while (wait(NULL) > 0)
		;
	return 0;
}
