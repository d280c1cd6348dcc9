/* SPDX-License-Identifier: MIT */
/*
 * Messages on TCP (section 9.6): a header with two random bytes and two check bytes, the message
 * obfuscated with the key of the network and then with one made of the random bytes.
 */
#include "frame.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MARK        0x68
#define CHECK_FIRST 0x43
#define CHECK_LAST  0x53

static void check_bytes(const uint8_t *body, size_t size, uint8_t check[2])
{
	check[0] = CHECK_FIRST;
	check[1] = CHECK_LAST;
	for (size_t i = 0; i < size; i++) {
		uint8_t t = (uint8_t)(check[0] ^ check[1] ^ body[i]);

		if (i % 2 == 0)
			check[1] = (uint8_t)(check[1] ^ t ^ body[size - 1 - i]);
		check[0] = t;
	}
}

static void noise_cipher(struct cipher *c, const uint8_t noise[2])
{
	char text[5];

	snprintf(text, sizeof(text), "%02X%02X", noise[0], noise[1]);
	ppcs_cipher_init(c, text);
}

size_t ppcs_frame_encode(const struct cipher *network, const uint8_t noise[2], const uint8_t *data,
			 size_t size, uint8_t *frame)
{
	uint8_t *body = frame + FRAME_HEADER_BYTES;
	struct cipher c;

	memcpy(body, data, size);
	ppcs_cipher_encrypt(network, body, size);
	noise_cipher(&c, noise);
	ppcs_cipher_encrypt(&c, body, size);
	frame[0] = (uint8_t)(size >> 8);
	frame[1] = (uint8_t)size;
	frame[2] = MARK;
	frame[3] = 0;
	frame[4] = noise[0];
	frame[5] = noise[1];
	check_bytes(body, size, frame + 6);
	return FRAME_HEADER_BYTES + size;
}

long ppcs_frame_decode(const struct cipher *network, const uint8_t *data, size_t size,
		       uint8_t *message, size_t *ret_size)
{
	struct cipher c;
	uint8_t check[2];
	size_t body;

	/* What can be judged early is: a stream of nonsense is not waited for. */
	if (size >= 3 && data[2] != MARK)
		return -EBADMSG;
	if (size < FRAME_HEADER_BYTES)
		return 0;
	body = (size_t)data[0] << 8 | data[1];
	if (body > PACKET_MAX_BYTES)
		return -EBADMSG;
	if (size < FRAME_HEADER_BYTES + body)
		return 0;
	check_bytes(data + FRAME_HEADER_BYTES, body, check);
	if (check[0] != data[6] || check[1] != data[7])
		return -EBADMSG;
	memcpy(message, data + FRAME_HEADER_BYTES, body);
	noise_cipher(&c, data + 4);
	ppcs_cipher_decrypt(&c, message, body);
	ppcs_cipher_decrypt(network, message, body);
	*ret_size = body;
	return (long)(FRAME_HEADER_BYTES + body);
}
