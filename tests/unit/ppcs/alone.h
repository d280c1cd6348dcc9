/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PPCS_ALONE_H
#define TESTS_PPCS_ALONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "channel.h"
#include "wire.h"

/**
 * The channels without a session. What goes in and out are whole packets, made and compared as the
 * protocol notes print them; time is a number. A test that uses it is linked with --wrap for
 * malloc, calloc, realloc and free.
 */
struct alone {
	struct channels *channels;
	struct ppcs_statistics st;
	struct event_list events;
	bool early; /**< the race is not won yet */
	uint64_t now;
};

void alone_begin(struct alone *a);
void alone_end(struct alone *a);

/** The byte of a stream at a position, the same in all tests. */
uint8_t alone_byte(unsigned channel, size_t position);

/** @name Sending
 * @{ */
/** Give it text. @return what ppcs_channels_write() says */
int alone_write(struct alone *a, unsigned channel, const char *text);
/** Give it that many bytes of the channel's stream, the first of which stands at FROM. */
int alone_write_stream(struct alone *a, unsigned channel, size_t from, size_t size);
/** The next packet has to be this one, all of its bytes. */
void alone_sends(struct alone *a, unsigned channel, unsigned index, const char *text);
/** The next packet has to have this index, whatever it carries. */
void alone_sends_index(struct alone *a, unsigned channel, unsigned index);
/** Packets of one byte, from index FIRST on: each goes out before the next is written. */
void alone_send_packets(struct alone *a, unsigned channel, unsigned first, unsigned count);
/** Nothing is to go out now. */
void alone_sends_nothing(struct alone *a);
/** Let everything go out that may. @return how many packets */
unsigned alone_send_all(struct alone *a);
/** A DRW_ACK of one index comes. */
void alone_ack(struct alone *a, unsigned channel, unsigned index);
/** One of COUNT indexes from FIRST on; at most 81. */
void alone_ack_range(struct alone *a, unsigned channel, unsigned first, unsigned count);
/** A datagram with a DRW_ACK, as it stands. @return false when it is no message */
bool alone_ack_hex(struct alone *a, const char *hex);
/** Time goes on to the deadline, which has to be so many milliseconds away. */
void alone_round(struct alone *a, unsigned ms);
/** @} */

/** @name Receiving
 * @{ */
void alone_receive(struct alone *a, unsigned channel, unsigned index, const char *text);
/** SIZE times the same byte. */
void alone_receive_fill(struct alone *a, unsigned channel, unsigned index, char fill, size_t size);
/** The next DRW_ACK has to be these bytes. */
void alone_acks(struct alone *a, const char *hex);
void alone_acks_nothing(struct alone *a);
/** The next event has to be this data. */
void alone_takes(struct alone *a, unsigned channel, const char *text);
/** Likewise, so many bytes. @return them */
const uint8_t *alone_takes_size(struct alone *a, unsigned channel, size_t size);
void alone_takes_nothing(struct alone *a);
/** @} */

/** @name Memory
 * @{ */
/** So many allocations work from now on, then none does. */
void alone_memory(unsigned allocations);
void alone_memory_back(void);
/** @return how many pieces of memory are in use */
size_t alone_pieces(void);
/** @} */

#endif
