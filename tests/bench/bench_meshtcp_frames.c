/* SPDX-License-Identifier: MIT */
/*
 * How fast the core of libmeshtcp makes events of frames, and what a download of 250 nodes costs,
 * beside a program that only copies the same bytes out of their frames.
 */
#include <string.h>

#include "frame.h"
#include "session.h"

#include "bench.h"

#define PACKETS 200000
#define NODES   250

static uint8_t stream[4 * 1024 * 1024];
static size_t stream_size;

static void add(const uint8_t *payload, size_t size)
{
	require(stream_size + 4 + size <= sizeof(stream));
	meshtcp_frame_head(stream + stream_size, size);
	memcpy(stream + stream_size + 4, payload, size);
	stream_size += 4 + size;
}

/* packet { from, to broadcast, decoded { port 1, "Hello mesh" }, id, rx_time, rx_snr, hop_limit }
 * */
static void add_text(uint32_t id)
{
	uint8_t m[] = { 0x12, 46,   0x0d, 0x10, 0x2f, 0x3b, 0x43, 0x15, 0xff, 0xff, 0xff, 0xff,
			0x22, 14,   0x08, 1,    0x12, 10,   'H',  'e',  'l',  'l',  'o',  ' ',
			'm',  'e',  's',  'h',  0x35, 0,    0,    0,    0,    0x3d, 0xff, 0xff,
			0xff, 0x7f, 0x45, 0,    0,    0xc0, 0x40, 0x48, 3,    0x78, 3 };

	m[1] = (uint8_t)(sizeof(m) - 2);
	memcpy(m + 29, &id, 4);
	add(m, sizeof(m));
}

static void add_node(uint32_t num)
{
	/* node_info { num, user { id, long_name, short_name, hw_model, key }, position, snr, ... }
	 * */
	uint8_t m[160] = { 0x22, 0, 0x08 };
	size_t n = 3;
	static const uint8_t user[] = { 0x12, 70,  0x0a, 9,    '!', '0',  '0', '0',  '0', '0',
					'0',  '0', '0',  0x12, 12,  'A',  'n', 'o',  't', 'h',
					'e',  'r', ' ',  'n',  'o', 'd',  'e', 0x1a, 4,   'A',
					'N',  'O', 'T',  0x28, 43,  0x42, 32 };
	static const uint8_t rest[] = { 0x1a, 12,   0x0d, 1,    2, 3,    4,    0x15, 5,
					6,    7,    8,    0x28, 1, 0x25, 0,    0,    0xc0,
					0x40, 0x2d, 1,    2,    3, 4,    0x48, 1 };

	for (; num >= 0x80; num >>= 7)
		m[n++] = (uint8_t)(num | 0x80);
	m[n++] = (uint8_t)num;
	memcpy(m + n, user, sizeof(user));
	m[n + 1] = (uint8_t)(sizeof(user) - 2 + 32);
	n += sizeof(user);
	memset(m + n, 7, 32);
	n += 32;
	memcpy(m + n, rest, sizeof(rest));
	n += sizeof(rest);
	m[1] = (uint8_t)(n - 2);
	add(m, n);
}

static unsigned drain(struct session *s)
{
	struct node *node;
	unsigned packets = 0;

	while ((node = meshtcp_session_pop_event(s)) != NULL) {
		packets += node->event.type == MESHTCP_EVENT_PACKET;
		free(node);
	}
	return packets;
}

static struct session *start(enum meshtcp_download download)
{
	struct session_config config = { .download = download, .adopted = true };
	struct session *s;

	require(meshtcp_session_new(&s) == 0);
	require(meshtcp_session_start(s, &config, 1, 1) == 0);
	meshtcp_session_opened(s, 1760000000, 1);
	return s;
}

/* What anybody has to do with the bytes: find the frames and copy them. */
static uint64_t copy_frames(void)
{
	static uint8_t copy[600];
	uint64_t start_ns = now_ns();
	unsigned sum = 0;

	for (size_t at = 0; at < stream_size;) {
		size_t size = (size_t)stream[at + 2] << 8 | stream[at + 3];

		memcpy(copy, stream + at + 4, size);
		sum += copy[0];
		at += 4 + size;
	}
	require(sum > 0);
	return now_ns() - start_ns;
}

static void feed(struct session *s, uint64_t now, unsigned *packets)
{
	for (size_t at = 0; at < stream_size; at += 4096) {
		size_t size = stream_size - at < 4096 ? stream_size - at : 4096;

		meshtcp_session_receive(s, stream + at, size, now);
		*packets += drain(s);
	}
}

static void bench_events(void)
{
	struct session *s = start(MESHTCP_DOWNLOAD_NONE);
	uint64_t spent = 0, copied = 0;
	unsigned packets = 0, id = 1;

	for (unsigned i = 0; i < 8; i++) {
		uint64_t begin;

		stream_size = 0;
		for (unsigned n = 0; n < PACKETS / 8; n++)
			add_text(id++);
		copied += copy_frames();
		begin = now_ns();
		feed(s, 2, &packets);
		spent += now_ns() - begin;
	}
	require(packets == PACKETS);
	printf("frames to events: %.2f million/s, %.0f x the time of copying them, target >= 1\n",
	       PACKETS * 1e3 / (double)spent, (double)spent / (double)copied);
	meshtcp_session_free(s);
}

static uint32_t nonce_of(struct session *s)
{
	const uint8_t *data;
	uint32_t nonce = 0;

	meshtcp_session_tick(s, 200);
	while (meshtcp_session_output(s, &data) > 0) {
		if (data[4] == 0x18)
			for (unsigned i = 5, shift = 0; i < 4u + data[3]; i++, shift += 7)
				nonce |= (uint32_t)(data[i] & 0x7f) << shift;
		meshtcp_session_sent(s, 200);
	}
	return nonce;
}

static void bench_download(void)
{
	static const uint8_t my_info[] = { 0x1a, 6, 0x08, 0xc4, 0xe3, 0x8b, 0xf5, 0x09 };
	struct session *s = start(MESHTCP_DOWNLOAD_ALL);
	uint8_t complete[8] = { 0x38 };
	uint32_t nonce = nonce_of(s);
	unsigned ignored = 0;
	size_t n = 1;
	uint64_t begin, spent, copied;

	stream_size = 0;
	add(my_info, sizeof(my_info));
	for (unsigned i = 0; i < NODES; i++)
		add_node(0x10000000 + i * 7919);
	for (; nonce >= 0x80; nonce >>= 7)
		complete[n++] = (uint8_t)(nonce | 0x80);
	complete[n++] = (uint8_t)nonce;
	add(complete, n);
	copied = copy_frames();
	begin = now_ns();
	feed(s, 300, &ignored);
	spent = now_ns() - begin;
	require(meshtcp_session_state(s) == MESHTCP_STATE_READY);
	printf("download of %d nodes: %.3f ms, %.0f x the time of copying it, target <= 5\n", NODES,
	       (double)spent / 1e6, (double)spent / (double)copied);
	meshtcp_session_free(s);
}

int main(void)
{
	bench_events();
	bench_download();
	return 0;
}
