/* SPDX-License-Identifier: MIT */
/*
 * The obfuscation and the search for its key. An input is a byte of settings, the length of a key
 * of the servers, that key, and a datagram as it is on the wire. Whatever is found makes sense, and
 * nothing is lost on the way there and back; what is written with a key is found.
 */
#include <string.h>

#include "fuzz.h"
#include "keys.h"
#include "packet.h"

#define MAX_SIZE 2048

struct bytes {
	uint8_t at[MAX_SIZE];
	size_t size;
};

static size_t stated(const struct bytes *b)
{
	return (size_t)b->at[2] << 8 | b->at[3];
}

/* A key alone is taken when it makes sense, and the head says whether it does. */
static void check_one(const struct keys *k, int key, const struct bytes *wire)
{
	struct bytes plain = *wire, found = *wire;
	bool sense = plain.size >= PACKET_HEADER_BYTES;

	ppcs_cipher_decrypt(&k->at[key], plain.at, plain.size);
	sense = sense && ppcs_packet_plausible(plain.at, plain.size);
	must(ppcs_keys_decrypt(k, key, found.at, found.size) == (sense ? key : -1));
	must(memcmp(found.at, sense ? plain.at : wire->at, wire->size) == 0);
}

static int check_found(const struct keys *k, const struct bytes *wire)
{
	struct bytes plain = *wire;
	int found = ppcs_keys_decrypt(k, KEY_ANY, plain.at, plain.size);

	must(found < k->count);
	if (found < 0) {
		must(memcmp(plain.at, wire->at, wire->size) == 0);
		return found;
	}
	must(plain.size >= PACKET_HEADER_BYTES && ppcs_packet_plausible(plain.at, plain.size));
	ppcs_cipher_encrypt(&k->at[found], plain.at, plain.size);
	must(memcmp(plain.at, wire->at, wire->size) == 0);
	return found;
}

/* Encrypted with a key and decrypted with the same one; the end does not change the beginning. */
static void check_round_trip(const struct cipher *c, const struct bytes *wire)
{
	struct bytes there = *wire, part = *wire;

	ppcs_cipher_encrypt(c, there.at, there.size);
	ppcs_cipher_encrypt(c, part.at, part.size / 2);
	must(memcmp(there.at, part.at, part.size / 2) == 0);
	ppcs_cipher_decrypt(c, there.at, there.size);
	must(memcmp(there.at, wire->at, wire->size) == 0);
}

/* The bytes made to a message, with one of the keys. */
static void check_written(const struct keys *k, int key, const struct bytes *wire)
{
	struct bytes plain = *wire, message;
	size_t payload = plain.size - PACKET_HEADER_BYTES;
	int found;

	if (plain.size < PACKET_HEADER_BYTES || !ppcs_packet_name(plain.at[1]))
		return;
	plain.at[0] = 0xf1;
	plain.at[2] = (uint8_t)(payload >> 8);
	plain.at[3] = (uint8_t)payload;
	message = plain;
	ppcs_cipher_encrypt(&k->at[key], message.at, message.size);
	found = check_found(k, &message);
	/* Another key may fit as well, but none that stands behind it in the list. */
	must(found >= 0 && found <= key);
	must(ppcs_keys_decrypt(k, key, message.at, message.size) == key);
	must(memcmp(message.at, plain.at, plain.size) == 0);
	must(stated(&message) + PACKET_HEADER_BYTES == message.size);
}

static void check_due(const struct keys *k, unsigned tick)
{
	unsigned due = 0;

	must(ppcs_keys_due(k, 0, tick));
	for (int key = 0; key < k->count; key++)
		due += ppcs_keys_due(k, key, tick);
	must(due == (tick == 0 ? (unsigned)k->count : 2));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	unsigned settings = take_byte(&in);
	struct input servers = take_bytes(&in, take_byte(&in) % (PPCS_MAX_KEY + 1));
	char key[PPCS_MAX_KEY + 1] = "";
	struct bytes wire;
	struct keys k;

	if (in.size > MAX_SIZE)
		in.size = MAX_SIZE;
	if (servers.size > 0)
		memcpy(key, servers.data, servers.size);
	wire.size = in.size;
	if (in.size > 0)
		memcpy(wire.at, in.data, in.size);
	ppcs_keys_all(&k, key);
	must(k.count >= CIPHER_KNOWN + 1 && k.count <= CIPHER_KNOWN + 2);
	check_found(&k, &wire);
	for (int i = 0; i < k.count; i++) {
		check_one(&k, i, &wire);
		check_round_trip(&k.at[i], &wire);
	}
	check_written(&k, (int)settings % k.count, &wire);
	check_due(&k, settings);
	ppcs_keys_fixed(&k, key);
	must(k.count == 1 && k.at[0].plain == (key[0] == '\0'));
	check_found(&k, &wire);
	return 0;
}
