/* SPDX-License-Identifier: MIT */
/* Messages by hand; see wire.h. */
#include "wire.h"

#include <stdlib.h>
#include <string.h>

#include "hex.h"

/* Section 9.1. */
static const char table_text[] = "7c9ce84a13dedcb22f2123e4307b3d8cbc0b270c3cf79ae7087196009785efc1"
				 "1fc4dba1c2ebd901faba3b05b81587832872d18b5ad6da9358feaacc6e1bf0a3"
				 "88ab43c00db545384f502266207f075b14981d9ba72ab9a8cbf1fc4947063eb1"
				 "0e043a945eee541134dd4df9ecc7c9e3781a6f706ba4bda95dd5f8e5bb26af42"
				 "37d8e1020aae5f1cc573094e6924906d12b319ad748a2940f52dbea559e0f479"
				 "d24bce8982488425c6912ba2fb8fe9a6b09e3f65f603312eac0f952c5ced39b7"
				 "336c567eb4a0fd7a815351868d9f77ff6a80dfe2bf10d775645776f355cdd0c8"
				 "18e6364162cf99f2324c67606192cad3ea637d16b68ed46835c3529d46441e17";

void wire_did(uint8_t did[DID_BYTES], const char *text)
{
	const char *serial = strchr(text, '-') + 1;
	const char *check = strchr(serial, '-') + 1;
	uint32_t number = (uint32_t)strtoul(serial, NULL, 10);

	memset(did, 0, DID_BYTES);
	memcpy(did, text, (size_t)(serial - text) - 1);
	for (unsigned i = 0; i < 4; i++)
		did[8 + i] = (uint8_t)(number >> (24 - 8 * i));
	memcpy(did + 12, check, strlen(check));
}

void wire_begin(struct wire *w, uint8_t type)
{
	memcpy(w->bytes, (uint8_t[]){ 0xf1, type, 0, 0 }, 4);
	w->size = 4;
}

void wire_put(struct wire *w, const void *bytes, size_t size)
{
	if (size > 0)
		memcpy(w->bytes + w->size, bytes, size);
	w->size += size;
	w->bytes[2] = (uint8_t)((w->size - 4) >> 8);
	w->bytes[3] = (uint8_t)(w->size - 4);
}

void wire_put_u16be(struct wire *w, unsigned value)
{
	wire_put(w, (uint8_t[]){ (uint8_t)(value >> 8), (uint8_t)value }, 2);
}

void wire_put_u32be(struct wire *w, uint32_t value)
{
	wire_put_u16be(w, value >> 16);
	wire_put_u16be(w, value & 0xffff);
}

/* Port and IP are the other way round than everything else. */
void wire_put_address(struct wire *w, const struct ppcs_address *a)
{
	uint8_t bytes[16] = { 0,        2,        (uint8_t)a->port, (uint8_t)(a->port >> 8),
			      a->ip[3], a->ip[2], a->ip[1],         a->ip[0] };

	wire_put(w, bytes, sizeof(bytes));
}

bool wire_is(const struct wire *w, uint8_t type, size_t payload)
{
	return w->size >= 4 + payload && w->bytes[0] == 0xf1 && w->bytes[1] == type &&
	       (w->bytes[2] << 8 | w->bytes[3]) == (int)w->size - 4;
}

uint32_t wire_u32be(const struct wire *w, size_t where)
{
	const uint8_t *b = w->bytes + where;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

struct ppcs_address wire_address(const struct wire *w, size_t where)
{
	const uint8_t *b = w->bytes + where;

	return at(b[7], b[6], b[5], b[4], (uint16_t)(b[3] << 8 | b[2]));
}

bool wire_has_did(const struct wire *w, size_t where, const uint8_t did[DID_BYTES])
{
	return w->size >= where + DID_BYTES && memcmp(w->bytes + where, did, DID_BYTES) == 0;
}

static uint8_t key_byte(const uint8_t h[4], uint8_t before)
{
	static uint8_t table[256];

	if (table[0] == 0)
		from_hex(table_text, table, sizeof(table));
	return table[(uint8_t)(h[before & 3] + before)];
}

static void hash(const char *key, uint8_t h[4])
{
	memset(h, 0, 4);
	for (size_t i = 0; i < 20 && key[i]; i++) {
		uint8_t byte = (uint8_t)key[i];

		h[0] = (uint8_t)(h[0] + byte);
		h[2] = (uint8_t)(h[2] + byte / 3);
		h[3] = (uint8_t)(h[3] ^ byte);
	}
	h[1] = (uint8_t)-h[0];
}

void wire_hide(struct wire *w, const char *key)
{
	uint8_t h[4], before = 0;

	hash(key, h);
	for (size_t i = 0; i < w->size && *key; i++)
		before = w->bytes[i] = w->bytes[i] ^ key_byte(h, before);
}

void wire_show(struct wire *w, const char *key)
{
	uint8_t h[4], before = 0;

	hash(key, h);
	for (size_t i = 0; i < w->size && *key; i++) {
		uint8_t cipher = w->bytes[i];

		w->bytes[i] = cipher ^ key_byte(h, before);
		before = cipher;
	}
}

struct ppcs_address at(unsigned a, unsigned b, unsigned c, unsigned d, uint16_t port)
{
	return (struct ppcs_address){ { (uint8_t)a, (uint8_t)b, (uint8_t)c, (uint8_t)d }, port };
}

struct ppcs_address with_port(struct ppcs_address a, unsigned port)
{
	a.port = (uint16_t)port;
	return a;
}

bool same_ip(const struct ppcs_address *a, const struct ppcs_address *b)
{
	return memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

bool same_address(const struct ppcs_address *a, const struct ppcs_address *b)
{
	return same_ip(a, b) && a->port == b->port;
}
