/* SPDX-License-Identifier: MIT */
#ifndef IPCOM_CIPHER_H
#define IPCOM_CIPHER_H

#include <stddef.h>
#include <stdint.h>

#define CIPHER_KEY_BYTES 128

/** What a connection's bytes are mixed with (section 3.2). */
enum cipher_mode {
	CIPHER_LOGIN,   /**< the fixed table, before a session key is known */
	CIPHER_SESSION, /**< the other table and the session key */
	CIPHER_CLEAR    /**< nothing */
};

/** Zeroed it is in login mode, as every new connection must be. */
struct cipher {
	enum cipher_mode mode;
	uint8_t key[CIPHER_KEY_BYTES];
};

/** Encode or decode one whole message; plain and wire may be the same memory. Nothing can fail:
 *  garbage in, garbage out. */
void ipcom_cipher_encode(const struct cipher *c, const uint8_t *plain, uint8_t *wire, size_t size);
void ipcom_cipher_decode(const struct cipher *c, const uint8_t *wire, uint8_t *plain, size_t size);

#endif
