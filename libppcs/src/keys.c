/* SPDX-License-Identifier: MIT */
/* Which keys of the obfuscation may be in use, and which one a datagram is in. */
#include "keys.h"

#include <string.h>

#include "packet.h"

static void add(struct keys *k, const char *key)
{
	for (int i = 0; i < k->count; i++)
		if (strcmp(k->at[i].text, key) == 0)
			return;
	ppcs_cipher_init(&k->at[k->count++], key);
}

void ppcs_keys_fixed(struct keys *k, const char *key)
{
	k->count = 0;
	add(k, key);
}

void ppcs_keys_all(struct keys *k, const char *servers)
{
	k->count = 0;
	add(k, "");
	add(k, servers);
	for (unsigned i = 0; i < CIPHER_KNOWN; i++)
		add(k, ppcs_cipher_known(i));
}

/* EXACT: the length has to be that of the datagram. */
static bool fits(const struct cipher *c, const uint8_t *data, size_t size, bool exact)
{
	uint8_t head[PACKET_HEADER_BYTES];

	memcpy(head, data, sizeof(head));
	ppcs_cipher_decrypt(c, head, sizeof(head));
	if (!ppcs_packet_plausible(head, size))
		return false;
	return !exact || ((size_t)head[2] << 8 | head[3]) + sizeof(head) == size;
}

static int find(const struct keys *k, int key, const uint8_t *data, size_t size, bool exact)
{
	for (int i = 0; i < k->count; i++)
		if ((key == KEY_ANY || key == i) && fits(&k->at[i], data, size, exact))
			return i;
	return -1;
}

int ppcs_keys_decrypt(const struct keys *k, int key, uint8_t *data, size_t size)
{
	int found;

	if (size < PACKET_HEADER_BYTES)
		return -1;
	found = find(k, key, data, size, true);
	if (found < 0)
		found = find(k, key, data, size, false);
	if (found >= 0)
		ppcs_cipher_decrypt(&k->at[found], data, size);
	return found;
}

bool ppcs_keys_due(const struct keys *k, int key, unsigned tick)
{
	if (key == 0 || tick == 0)
		return true;
	return key == 1 + (int)((tick - 1) % (unsigned)(k->count - 1));
}
