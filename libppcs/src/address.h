/* SPDX-License-Identifier: MIT */
#ifndef PPCS_ADDRESS_H
#define PPCS_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include <ppcs/ppcs.h>

/** Longest address as text with its NUL: 255.255.255.255:65535. */
#define ADDRESS_TEXT_BYTES 22

bool ppcs_address_same(const struct ppcs_address *a, const struct ppcs_address *b);
/** The same host, whatever the port. */
bool ppcs_address_same_ip(const struct ppcs_address *a, const struct ppcs_address *b);
/** One host and one port: no zero, no broadcast, no multicast. */
bool ppcs_address_usable(const struct ppcs_address *a);
/** The same host with another port. */
struct ppcs_address ppcs_address_with_port(struct ppcs_address a, uint16_t port);
void ppcs_address_text(const struct ppcs_address *a, char text[ADDRESS_TEXT_BYTES]);

#endif
