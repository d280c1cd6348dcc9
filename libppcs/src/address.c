/* SPDX-License-Identifier: MIT */
/* IPv4 addresses as the protocol carries them. */
#include "address.h"

#include <stdio.h>
#include <string.h>

/* 224.0.0.0 and above: multicast, reserved, 255.255.255.255. */
#define FIRST_NO_HOST 224

bool ppcs_address_same_ip(const struct ppcs_address *a, const struct ppcs_address *b)
{
	return memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

bool ppcs_address_same(const struct ppcs_address *a, const struct ppcs_address *b)
{
	return a->port == b->port && ppcs_address_same_ip(a, b);
}

bool ppcs_address_usable(const struct ppcs_address *a)
{
	return a->port != 0 && a->ip[0] != 0 && a->ip[0] < FIRST_NO_HOST;
}

struct ppcs_address ppcs_address_with_port(struct ppcs_address a, uint16_t port)
{
	a.port = port;
	return a;
}

void ppcs_address_text(const struct ppcs_address *a, char text[ADDRESS_TEXT_BYTES])
{
	snprintf(text, ADDRESS_TEXT_BYTES, "%u.%u.%u.%u:%u", a->ip[0], a->ip[1], a->ip[2], a->ip[3],
		 a->port);
}
