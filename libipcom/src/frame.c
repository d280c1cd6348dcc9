/* SPDX-License-Identifier: MIT */
/*
 * Frames of the wiring bus, as they travel inside messages of ID 4: an optional bus byte, a header
 * whose length counts data and check byte, and an XOR over the data alone.
 */
#include "frame.h"

#include "common/bytes.h"

#define COMMAND_SET_OUTPUTS 0x01
#define BASE_BIBUS          30
#define BASE_OTHER          60

struct frame_address ipcom_frame_address(unsigned bus, enum ipcom_bus_type type)
{
	struct frame_address address = { BASE_OTHER, (uint8_t)bus };

	if (type == IPCOM_BUS_BIBUS)
		address.base = BASE_BIBUS;
	/* Minido on bus 1 carries bus byte 2, although the login names bus 1. */
	if (type == IPCOM_BUS_MINIDO)
		address.bus = 2;
	return address;
}

static uint8_t checksum(const uint8_t *data, size_t size)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum ^= data[i];
	return sum;
}

size_t ipcom_frame_set_values(struct frame_address address, unsigned module,
			      const uint8_t values[IPCOM_OUTPUTS], uint8_t bytes[FRAME_WRITE_BYTES])
{
	uint8_t data[1 + IPCOM_OUTPUTS] = { COMMAND_SET_OUTPUTS };
	struct cmn_writer w;

	for (unsigned i = 0; i < IPCOM_OUTPUTS; i++)
		data[1 + i] = values[i];
	cmn_writer_init(&w, bytes, FRAME_WRITE_BYTES);
	if (address.bus != 0)
		cmn_writer_u8(&w, address.bus);
	cmn_writer_u8(&w, FRAME_START);
	cmn_writer_u8(&w, (uint8_t)(address.base + module - 1));
	cmn_writer_u8(&w, 0); /* from: the PC */
	cmn_writer_u8(&w, sizeof(data) + 1);
	cmn_writer_bytes(&w, data, sizeof(data));
	cmn_writer_u8(&w, checksum(data, sizeof(data)));
	return w.pos;
}

int ipcom_frame_size(const uint8_t *bytes, size_t size)
{
	size_t start = 0;

	if (size == 0)
		return 0;
	if (bytes[0] == 1 || bytes[0] == 2)
		start = 1;
	if (size <= start)
		return 0;
	if (bytes[start] != FRAME_START)
		return -1;
	if (size < start + FRAME_HEADER_BYTES)
		return 0;
	return (int)(start + FRAME_HEADER_BYTES + bytes[start + 3]);
}

bool ipcom_frame_parse(const uint8_t *bytes, size_t size, struct frame *ret)
{
	struct cmn_reader r;
	size_t content;

	if (size == 0 || ipcom_frame_size(bytes, size) != (int)size)
		return false;
	cmn_reader_init(&r, bytes, size);
	ret->bus = bytes[0] == FRAME_START ? 0 : cmn_reader_u8(&r);
	cmn_reader_u8(&r); /* the start byte */
	ret->to = cmn_reader_u8(&r);
	ret->from = cmn_reader_u8(&r);
	content = cmn_reader_u8(&r);
	if (content == 0)
		return false;
	ret->size = content - 1;
	ret->data = cmn_reader_bytes(&r, ret->size);
	ret->checksum_ok = cmn_reader_u8(&r) == checksum(ret->data, ret->size);
	return !r.failed;
}
