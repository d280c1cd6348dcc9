/* SPDX-License-Identifier: MIT */
/*
 * Event lines to events, fed as the transport feeds them, in parts of 4 KiB, through a session with
 * one open connection. Beside it the least that a reader of lines can do: to find their ends with
 * memchr(). The best of several rounds counts.
 */
#include <string.h>

#include "bench.h"
#include "session.h"

#define COPIES     20000
#define PART_BYTES 4096
#define ROUNDS     15

static const char lines[] = "SW 2 14 8 1 182003\r"
			    "LO 2 1 3 3 100\r"
			    "LO 2 1 3 4 55\r"
			    "LS 2 33 8 100\r"
			    "LE 2 15 02 00\r"
			    "LE 1 3 4C 20\r"
			    "LV 1 2 40\r"
			    "SW 2 14 8 0 182003\r";
#define LINES 8

static const struct session_config config = {
	.mode = QLINK_MODE_SHARED,
	.connections = 1,
	.monitoring = QLINK_MONITOR_LISTEN,
	.timeout_ms = 10000,
	.reply_timeout_ms = 3000,
};

static uint64_t take_all(struct session *s)
{
	uint64_t count = 0;

	while (qlink_session_next_event(s))
		count++;
	return count;
}

/* @return nanoseconds. */
static uint64_t run_session(struct session *s, const char *data, size_t size)
{
	uint64_t start = now_ns();
	uint64_t count = 0;

	for (size_t at = 0; at < size; at += PART_BYTES) {
		size_t part = size - at < PART_BYTES ? size - at : PART_BYTES;

		qlink_session_receive(s, 0, (const uint8_t *)data + at, part, at);
		count += take_all(s);
	}
	require(count == (uint64_t)LINES * COPIES);
	return now_ns() - start;
}

static uint64_t run_memchr(const char *data, size_t size)
{
	uint64_t start = now_ns();
	const char *end = data + size;
	const char *next;
	uint64_t count = 0;

	for (; (next = memchr(data, '\r', (size_t)(end - data))) != NULL; data = next + 1)
		count += next > data;
	require(count == (uint64_t)LINES * COPIES);
	return now_ns() - start;
}

static double rate(uint64_t ns)
{
	return (double)LINES * COPIES * 1e3 / (double)ns;
}

int main(void)
{
	static const struct cmn_log silent;
	size_t size = COPIES * (sizeof(lines) - 1);
	char *data = malloc(size);
	uint64_t best = UINT64_MAX;
	uint64_t least = UINT64_MAX;
	struct session *s;

	require(data);
	for (size_t i = 0; i < COPIES; i++)
		memcpy(data + i * (sizeof(lines) - 1), lines, sizeof(lines) - 1);
	require(qlink_session_new(&s) == 0);
	qlink_session_start(s, &config, &silent, 42, 0);
	qlink_session_opened(s, 0, 0);
	take_all(s);
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t ns = run_session(s, data, size);
		uint64_t memchr_ns = run_memchr(data, size);

		best = ns < best ? ns : best;
		least = memchr_ns < least ? memchr_ns : least;
	}
	printf("events: %.2f million lines/s, %.3f of memchr, target >= 2\n", rate(best),
	       rate(best) / rate(least));
	qlink_session_free(s);
	free(data);
	return 0;
}
