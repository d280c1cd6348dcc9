/* SPDX-License-Identifier: MIT */
#ifndef PPCS_KEYS_H
#define PPCS_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cipher.h"

/** No key is known for a peer yet. */
#define KEY_ANY (-1)

/** Keys that may be in use: the one that was set, or plain, the one of the servers, all known. */
struct keys {
	struct cipher at[CIPHER_KNOWN + 2];
	int count;
};

void ppcs_keys_fixed(struct keys *k, const char *key);
/** @param servers  key of an init string, tried right after plain; "" = none */
void ppcs_keys_all(struct keys *k, const char *servers);

/**
 * Find the key of a datagram by its head (section 9.2) and decrypt it in place.
 * @param key  the only one that counts, or KEY_ANY
 * @return the key, or -1 when none makes sense of it; it is unchanged then
 */
int ppcs_keys_decrypt(const struct keys *k, int key, uint8_t *data, size_t size);

/**
 * The keys with which a probe goes out while none is known: plain always, the others all at the
 * first tick and one by one later.
 */
bool ppcs_keys_due(const struct keys *k, int key, unsigned tick);

#endif
