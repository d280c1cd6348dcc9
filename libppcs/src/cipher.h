/* SPDX-License-Identifier: MIT */
#ifndef PPCS_CIPHER_H
#define PPCS_CIPHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ppcs/ppcs.h>

/** How many keys are known (section 9.2). */
#define CIPHER_KNOWN 8

struct cipher {
	bool plain; /**< the empty key changes nothing */
	uint8_t hash[4];
	char text[PPCS_MAX_KEY + 1];
};

/** What is behind the first PPCS_MAX_KEY bytes of the key does not count. */
void ppcs_cipher_init(struct cipher *c, const char *key);
/** @return a key of section 9.2; INDEX is below CIPHER_KNOWN */
const char *ppcs_cipher_known(unsigned index);
/** In place. */
void ppcs_cipher_encrypt(const struct cipher *c, uint8_t *data, size_t size);
void ppcs_cipher_decrypt(const struct cipher *c, uint8_t *data, size_t size);

#endif
