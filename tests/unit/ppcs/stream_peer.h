/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PPCS_STREAM_PEER_H
#define TESTS_PPCS_STREAM_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hosts.h"

/**
 * A device that speaks and listens on all eight channels, made from sections 7 and 8 as they
 * describe the original: a window of 110 and 10, all that is older again at a later
 * acknowledgement, all again after 40 ms of silence, acknowledgements 17 at a time or at the next
 * tick. What it says and expects is a function of the position, so that nothing has to be stored
 * and every byte is compared. It has no code in common with the library.
 */

#define STREAM_CHANNELS 8
#define STREAM_QUEUED   128
#define STREAM_AHEAD    256
#define STREAM_BYTES    1024
#define STREAM_ACKS     17

struct stream_channel {
	/* To the client. */
	uint64_t total, position; /**< bytes that it has to say; of them in packets */
	uint16_t oldest, next;
	unsigned window;
	struct {
		bool open; /**< not acknowledged */
		uint64_t start, at;
		uint16_t size;
	} out[STREAM_QUEUED];
	/* From it. */
	uint64_t received; /**< bytes, in order */
	uint16_t expected;
	struct {
		bool kept, acked; /**< waits for its turn; its acknowledgement was said */
		uint16_t index, size;
		uint8_t data[STREAM_BYTES];
	} in[STREAM_AHEAD];
	uint16_t acks[STREAM_ACKS];
	unsigned ack_count;
};

struct stream_peer {
	struct camera camera; /**< until the race is won */
	struct ppcs_address client;
	uint16_t port; /**< it speaks from here, and listens here */
	uint64_t seed;
	struct stream_channel channels[STREAM_CHANNELS];
	bool reads;        /**< else what comes is dropped, without acknowledgement */
	bool acknowledges; /**< else it takes what comes and says nothing of it */
	bool silent;       /**< says nothing at all */
	uint64_t alive_at;
	uint64_t said_at;  /**< the last datagram */
	uint64_t round_at; /**< all goes out again */
	unsigned rtt_min;  /**< 0 = not measured */
	uint64_t acked;    /**< bytes of the client that it has acknowledged at least once */
	uint64_t sent, again;
	bool closed; /**< by CLOSE */
};

/** The bytes of a stream: of a channel, to or from the device. */
void stream_fill(uint64_t seed, unsigned channel, bool to_device, uint64_t at, uint8_t *data,
		 size_t size);

/** After the race: the camera with this session is it from now on, saying TOTAL bytes a channel. */
void stream_peer_begin(struct stream_peer *p, struct ppcs_address client, uint64_t total);
/** @return bytes that it has in order, over all channels */
uint64_t stream_peer_received(const struct stream_peer *p);
/** @return whether it has said everything, and all of it was acknowledged */
bool stream_peer_done(const struct stream_peer *p);

#endif
