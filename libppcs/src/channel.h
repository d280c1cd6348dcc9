/* SPDX-License-Identifier: MIT */
#ifndef PPCS_CHANNEL_H
#define PPCS_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ppcs/ppcs.h>

#include "packet.h"
#include "queue.h"

/**
 * The eight reliable channels of a session, both ways (section 8): what is sent, until it is
 * acknowledged; what came too early, until it is its turn. Each is a stream of bytes in packets
 * with an index of 16 bits, acknowledged one by one.
 */
struct channels;

/** The packets that DRW_ACK collects before it does not wait for more (8.2). */
#define CHANNEL_ACKS 17
/** Bytes that may wait on one channel for the program to take them (8.4). */
#define CHANNEL_WAITING (EVENT_DATA_BYTES / 2)
/** Of them before the race is won, on channel 0 alone: what a device says first. */
#define CHANNEL_WAITING_EARLY PACKET_DATA_BYTES

/** @param statistics  where it is counted; has to outlive RET
 *  @return 0 or -ENOMEM */
int ppcs_channels_new(struct channels **ret, struct ppcs_statistics *statistics);
void ppcs_channels_free(struct channels *c);

/** @name Sending: channel_send.c
 * @{ */
/** Queue bytes; CHANNEL is below PACKET_CHANNELS.
 *  @return how many, at least 1; -EAGAIN when the channel is full; -ENOMEM */
int ppcs_channels_write(struct channels *c, unsigned channel, const uint8_t *data, size_t size);
/** @return bytes of a channel that were queued and are not acknowledged */
size_t ppcs_channels_unsent(const struct channels *c, unsigned channel);
/** The next DRW that is to go out now, first time or again; it counts as sent. What it points to is
 *  valid until the next call of any function here. @return whether there is one */
bool ppcs_channels_next_data(struct channels *c, uint64_t now, struct packet *ret);
/** A DRW_ACK came. */
void ppcs_channels_acknowledged(struct channels *c, const struct packet *p, uint64_t now);
/** What was not acknowledged in time is to go out again. */
void ppcs_channels_tick(struct channels *c, uint64_t now);
/** @return when ppcs_channels_tick() is due; UINT64_MAX = never */
uint64_t ppcs_channels_deadline(const struct channels *c);
/** @return whether a channel that did not take all has room again, which it says until it was told
 */
bool ppcs_channels_writable(const struct channels *c, unsigned channel);
void ppcs_channels_told_writable(struct channels *c, unsigned channel);
/** @return whether everything is acknowledged since something was queued, until it was told */
bool ppcs_channels_drained(const struct channels *c);
void ppcs_channels_told_drained(struct channels *c);
/** @} */

/** @name Receiving: channel_receive.c
 * @{ */
/** A DRW came: hand it out in order, or keep it. What has no room is not acknowledged and has to
 *  come again. @param events  NULL before the race is won: nobody takes it yet */
void ppcs_channels_receive(struct channels *c, const struct packet *p, struct event_list *events,
			   uint64_t now);
/** Hand out what is kept, acknowledged, and in turn, as far as there is room. */
void ppcs_channels_hand_out(struct channels *c, struct event_list *events, uint64_t now);
/** @return whether so many packets wait to be acknowledged that it is due */
bool ppcs_channels_acks_due(const struct channels *c);
/** The next DRW_ACK. What it points to is valid until the next call. @return whether there is one
 */
bool ppcs_channels_next_acks(struct channels *c, struct packet *ret);
/** @} */

#endif
