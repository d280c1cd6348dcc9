/* SPDX-License-Identifier: MIT */
#ifndef PPCS_FRAME_H
#define PPCS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cipher.h"
#include "packet.h"

/** Experimental: messages on TCP (section 9.6). */
#define FRAME_HEADER_BYTES 8
#define FRAME_MAX_BYTES    (FRAME_HEADER_BYTES + PACKET_MAX_BYTES)

/**
 * Put a message into a frame.
 * @param noise  two random bytes
 * @param frame  room for FRAME_HEADER_BYTES + size
 * @return its size
 */
size_t ppcs_frame_encode(const struct cipher *network, const uint8_t noise[2], const uint8_t *data,
			 size_t size, uint8_t *frame);

/**
 * Take the first frame out of a stream.
 * @param message  room for PACKET_MAX_BYTES
 * @param ret_size  size of the message
 * @return how many bytes it took up, 0 when it is not there yet, or -EBADMSG: the stream is of no
 *         more use
 */
long ppcs_frame_decode(const struct cipher *network, const uint8_t *data, size_t size,
		       uint8_t *message, size_t *ret_size);

#endif
