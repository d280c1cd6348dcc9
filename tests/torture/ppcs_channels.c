/* SPDX-License-Identifier: MIT */
/*
 * All channels of a session at once, both ways, over real sockets against the simulated camera.
 *
 *     ppcs_channels SEARCH_PORT MAIN_PORT BYTES
 *
 * BYTES go out on each channel, of the pattern (tests/sim/ppcs/data.py) whose seed is 100 and the
 * channel; as many have to come of the one whose seed is the channel. Prints one JSON object.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_MALLINFO2
#include <malloc.h>
#endif

#include <ppcs/ppcs.h>

#define PERIOD   65521
#define BLOCK    32768
#define LIMIT_MS 60000 /* without any event */

#define require(condition)                                                              \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			exit(1);                                                        \
		}                                                                       \
	} while (0)

static struct stream {
	uint8_t out[PERIOD], in[PERIOD]; /* tables of the patterns */
	uint64_t sent, received;
} streams[PPCS_CHANNELS];

static struct ppcs *handle;
static uint64_t bytes_each;
static size_t heap_most;

static void fill(uint8_t table[PERIOD], uint32_t seed)
{
	for (unsigned i = 0; i < PERIOD; i++) {
		seed = 1664525 * seed + 1013904223;
		table[i] = (uint8_t)(seed >> 24);
	}
}

static uint8_t byte_at(const uint8_t table[PERIOD], uint64_t at)
{
	return (uint8_t)(table[at % PERIOD] ^ (at / PERIOD & 255));
}

static void note_heap(void)
{
#ifdef HAVE_MALLINFO2
	size_t now = mallinfo2().uordblks;

	heap_most = now > heap_most ? now : heap_most;
#endif
}

/* As much as a channel takes. */
static void send_on(unsigned channel)
{
	struct stream *s = &streams[channel];
	uint8_t block[BLOCK];
	int taken = 0;

	do {
		size_t size = BLOCK;

		if (bytes_each - s->sent < size)
			size = (size_t)(bytes_each - s->sent);
		if (size == 0)
			return;
		for (size_t i = 0; i < size; i++)
			block[i] = byte_at(s->out, s->sent + i);
		taken = ppcs_send(handle, channel, block, size);
		require(taken > 0 || taken == -EAGAIN);
		s->sent += taken > 0 ? (size_t)taken : 0;
	} while (taken > 0);
}

static void take(const struct ppcs_event *e)
{
	struct stream *s = &streams[e->channel];

	require(e->channel < PPCS_CHANNELS && e->size <= bytes_each - s->received);
	for (size_t i = 0; i < e->size; i++)
		require(e->data[i] == byte_at(s->in, s->received + i));
	s->received += e->size;
}

static bool complete(void)
{
	for (unsigned i = 0; i < PPCS_CHANNELS; i++)
		if (streams[i].received < bytes_each || ppcs_get_unsent(handle, i) > 0)
			return false;
	return true;
}

static void exchange(void)
{
	for (unsigned i = 0; i < PPCS_CHANNELS; i++)
		send_on(i);
	while (!complete()) {
		const struct ppcs_event *e;

		require(ppcs_wait(handle, LIMIT_MS) == 1);
		note_heap();
		while ((e = ppcs_next_event(handle)) != NULL) {
			require(e->type != PPCS_EVENT_CLOSED && e->type != PPCS_EVENT_OVERFLOW);
			if (e->type == PPCS_EVENT_DATA)
				take(e);
			else if (e->type == PPCS_EVENT_WRITABLE)
				send_on(e->channel);
		}
	}
}

static void print(void)
{
	const struct ppcs_statistics *st = ppcs_get_statistics(handle);

	printf("{\"heap\":%zu,\"sent\":%llu,\"resent\":%llu,\"received\":%llu,"
	       "\"duplicates\":%llu,\"ahead\":%llu,\"refused\":%llu,\"acks_again\":%llu,"
	       "\"acks_unsent\":%llu,\"rtt_ms\":%u}\n",
	       heap_most, (unsigned long long)st->data_packets_sent,
	       (unsigned long long)st->data_resent, (unsigned long long)st->data_packets,
	       (unsigned long long)st->data_duplicates, (unsigned long long)st->data_ahead,
	       (unsigned long long)st->data_refused, (unsigned long long)st->acks_again,
	       (unsigned long long)st->acks_unsent, st->rtt_ms);
}

int main(int argc, char **argv)
{
	uint16_t port;

	require(argc == 4);
	port = (uint16_t)strtoul(argv[2], NULL, 10);
	bytes_each = strtoull(argv[3], NULL, 10);
	for (unsigned i = 0; i < PPCS_CHANNELS; i++) {
		fill(streams[i].out, 100 + i);
		fill(streams[i].in, i);
	}
	require(ppcs_new(&handle) == 0);
	require(ppcs_set_address(handle, "127.0.0.1") == 0);
	require(ppcs_set_search_port(handle, (uint16_t)strtoul(argv[1], NULL, 10)) == 0);
	require(ppcs_set_ports(handle, &port, 1) == 0);
	require(ppcs_connect_sync(handle, 30000, NULL) == 0);
	exchange();
	require(ppcs_disconnect_sync(handle, 1000) == 0);
	print();
	ppcs_free(handle);
	return 0;
}
