/* SPDX-License-Identifier: MIT */
#ifndef IPCOM_FRAME_H
#define IPCOM_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ipcom/ipcom.h>

#define FRAME_START        0x23
#define FRAME_HEADER_BYTES 4 /* start, to, from, length */
/** Start of a frame, its longest content, and a bus byte before it. */
#define FRAME_MAX_BYTES (1 + FRAME_HEADER_BYTES + 255)
/** A write of eight outputs with its bus byte. */
#define FRAME_WRITE_BYTES 15

/** A frame of the bus (section 7); data points into the message. */
struct frame {
	uint8_t bus; /**< 0 = no bus byte */
	uint8_t to, from;
	const uint8_t *data;
	size_t size; /**< of the data, without the check byte */
	bool checksum_ok;
};

/** How a module is reached: the address of module 1 and the bus byte before the frame. */
struct frame_address {
	uint8_t base, bus;
};

/** @return the address that bus and type lead to (section 7.2). */
struct frame_address ipcom_frame_address(unsigned bus, enum ipcom_bus_type type);

/**
 * Write the frame that sets all outputs of a module (section 7.1).
 * @return its size, at most FRAME_WRITE_BYTES
 */
size_t ipcom_frame_set_values(struct frame_address address, unsigned module,
			      const uint8_t values[IPCOM_OUTPUTS],
			      uint8_t bytes[FRAME_WRITE_BYTES]);

/**
 * How long is the frame that begins here?
 * @return its size with bus byte; 0 when more bytes are needed to tell; -1 when it is none
 */
int ipcom_frame_size(const uint8_t *bytes, size_t size);

/** Read a whole frame. @return false when it is none. */
bool ipcom_frame_parse(const uint8_t *bytes, size_t size, struct frame *ret);

#endif
