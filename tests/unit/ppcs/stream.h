/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PPCS_STREAM_H
#define TESTS_PPCS_STREAM_H

#include "client.h"
#include "stream_peer.h"

/**
 * A session in a world, and the device of stream_peer.h at its other end. Our end writes and takes
 * streams on all channels as a program does: until it is refused, and again when it is told so.
 */
struct stream {
	struct world world;
	struct client *client;
	struct stream_peer peer;
	uint64_t total;                    /**< bytes a channel */
	uint64_t written[STREAM_CHANNELS]; /**< that were taken of us */
	uint64_t taken[STREAM_CHANNELS];   /**< that were handed out to us */
	bool refused[STREAM_CHANNELS];     /**< until we are told */
	bool leaves;                       /**< we take no events */
	uint64_t began;                    /**< after the race */
	unsigned writables, drains, closes;
	struct ppcs_event closed; /**< the last PPCS_EVENT_CLOSED */
	uint64_t closed_at;
	uint64_t heard_at; /**< the last datagram of the device */
};

/** A session is won over a good network; the network is that of QUALITY from then on. TO_DEVICE and
 *  FROM_DEVICE are bytes a channel, TIMEOUT_MS is that of the session. */
void stream_begin(struct stream *s, uint64_t seed, const struct quality *quality,
		  uint64_t to_device, uint64_t from_device, unsigned timeout_ms);
void stream_end(struct stream *s);
/** Let time pass, and the streams go on. */
void stream_run(struct stream *s, uint64_t ms);
/** Until all has arrived and is acknowledged both ways; fails when that takes longer. */
void stream_finish(struct stream *s, uint64_t max_ms);
/** @return bytes that were taken of us, over all channels */
uint64_t stream_written(const struct stream *s);
uint64_t stream_taken(const struct stream *s);
/** @return what the session says that was not acknowledged, over all channels */
uint64_t stream_unsent(const struct stream *s);

#endif
