/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BENCH_PPCS_STREAM_H
#define TESTS_BENCH_PPCS_STREAM_H

#include <stddef.h>
#include <stdint.h>

/** Data bytes of a packet, and the packet. */
#define STREAM_DATA   1024
#define STREAM_PACKET (8 + STREAM_DATA)

/**
 * A camera's end of the data channels, for one client on a link that loses nothing: acknowledges
 * what comes, 17 at a time, and on a packet `GO` with a count of packets (32 bits, of this machine)
 * behind it sends so many on that channel; no more are under way together than a socket holds.
 */
struct stream {
	void (*say)(void *userdata, const uint8_t *data, size_t size);
	void *userdata;
	struct stream_channel {
		uint16_t acks[17];
		unsigned ack_count;
		uint32_t left;
		uint16_t next;
	} channels[8];
	uint32_t under_way;
};

/** A DRW or a DRW_ACK has come. */
void stream_receive(struct stream *s, const uint8_t *data, size_t size);
/** Nothing more waits: acknowledge, and send on. */
void stream_rest(struct stream *s);

#endif
