/* SPDX-License-Identifier: MIT */
#ifndef PPCS_CHANNEL_STATE_H
#define PPCS_CHANNEL_STATE_H

#include "channel.h"

/* The inside of the channels: for the files that carry them, and no others. */

/** Most packets of a channel that wait or are under way; a power of two (8.3). */
#define SEND_SLOTS 128
/** How far ahead of its turn a packet is kept; a power of two, more than a device may be (8.3). */
#define RECEIVE_SLOTS 256

/** A packet on its way out. */
struct outgoing {
	uint8_t *data; /**< NULL once it is acknowledged */
	uint16_t size;
	bool full_size;   /**< memory for PACKET_DATA_BYTES, not only for `size` */
	bool lost;        /**< is to go out again */
	bool again;       /**< went out more than once: its acknowledgement measures nothing */
	uint32_t serial;  /**< of its last sending, counted over all channels */
	uint64_t sent_at; /**< the first time */
	uint64_t last_at; /**< the last time */
};

struct sender {
	struct outgoing *slots; /**< by index; NULL until something is queued */
	uint16_t oldest;        /**< not acknowledged */
	uint16_t next;          /**< never sent; all before it are under way */
	uint16_t end;           /**< not queued */
	unsigned window;        /**< see WINDOW_ADDED */
	unsigned lost;          /**< slots that are */
	size_t bytes;           /**< not acknowledged */
	bool full;              /**< somebody was refused, and was not told of room since */
	unsigned silent;        /**< rounds in a row without an acknowledgement */
	uint64_t round_at;      /**< the next one; UINT64_MAX when nothing is under way */
	uint64_t grown_at;      /**< the window, last */
};

/** A packet that came before its turn. */
struct incoming {
	uint8_t *data;
	uint16_t size;
};

struct receiver {
	struct incoming *slots; /**< by index; NULL until something has to be kept */
	uint16_t expected;
	size_t kept; /**< bytes */
	uint16_t acks[PACKET_MAX_ACKS];
	unsigned ack_count;
};

struct channels {
	struct ppcs_statistics *statistics;
	struct sender senders[PACKET_CHANNELS];
	struct receiver receivers[PACKET_CHANNELS];
	unsigned turn; /**< channel that may send next */
	uint32_t serial;
	bool measured;             /**< the round trip was, once */
	uint32_t srtt_8, rttvar_4; /**< in 1/8 ms and 1/4 ms */
	unsigned again;            /**< acknowledged in a row that measured nothing */
	uint64_t bound_ms;         /**< of the round trip, when it cannot be measured; else 0 */
	bool drained;              /**< is to be told */
	uint8_t list[2 * PACKET_MAX_ACKS];
};

/* channel_send.c */
void ppcs_sender_init(struct sender *s);
void ppcs_sender_free(struct sender *s);
/* channel_receive.c */
void ppcs_receiver_free(struct receiver *r);

#endif
