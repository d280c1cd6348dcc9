/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PPCS_WIRE_H
#define TESTS_PPCS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ppcs/ppcs.h>

/**
 * Messages made and read by hand, as the protocol notes print them, for the hosts of the tests:
 * nothing of the library's codec is in here.
 */

#define WIRE_MAX  1280
#define DID_BYTES 20

/* Section 4. */
enum {
	HELLO = 0x00,
	HELLO_ACK = 0x01,
	P2P_REQ = 0x20,
	P2P_REQ_ACK = 0x21,
	P2P_REQ_DSK = 0x26,
	LAN_SEARCH = 0x30,
	PUNCH_TO = 0x40,
	PUNCH_PKT = 0x41,
	P2P_RDY = 0x42,
	TRY_LAN_TCP = 0x43,
	LIST_REQ1 = 0x67,
	LIST_REQ_ACK = 0x69,
	LIST_REQ_DSK = 0x6a,
	RLY_HELLO = 0x70,
	RLY_HELLO_ACK = 0x71,
	RLY_PORT = 0x72,
	RLY_PORT_ACK = 0x73,
	RLY_REQ = 0x80,
	RLY_REQ_ACK = 0x81,
	RLY_TO = 0x82,
	RLY_PKT = 0x83,
	RLY_RDY = 0x84,
	DRW = 0xd0,
	DRW_ACK = 0xd1,
	ALIVE = 0xe0,
	ALIVE_ACK = 0xe1,
	CLOSE = 0xf0
};

/** A message that is being written, or one that was read. */
struct wire {
	uint8_t bytes[WIRE_MAX + 16];
	size_t size;
};

/** The 20 bytes of `PREFIX-NNNNNN-CHECK` (3.3). */
void wire_did(uint8_t did[DID_BYTES], const char *text);

/** @name Writing: begin, put, and the length in the header follows
 * @{ */
void wire_begin(struct wire *w, uint8_t type);
void wire_put(struct wire *w, const void *bytes, size_t size);
void wire_put_u16be(struct wire *w, unsigned value);
void wire_put_u32be(struct wire *w, uint32_t value);
/** A sockaddr16 (3.2). */
void wire_put_address(struct wire *w, const struct ppcs_address *a);
/** @} */

/** @name Reading; the payload begins at byte 4
 * @{ */
/** Is it one message of at least that much payload, as the original wants it? */
bool wire_is(const struct wire *w, uint8_t type, size_t payload);
uint32_t wire_u32be(const struct wire *w, size_t where);
struct ppcs_address wire_address(const struct wire *w, size_t where);
bool wire_has_did(const struct wire *w, size_t where, const uint8_t did[DID_BYTES]);
/** @} */

/** The obfuscation (9.1), in place; an empty key changes nothing. */
void wire_hide(struct wire *w, const char *key);
void wire_show(struct wire *w, const char *key);

/** @name Addresses
 * @{ */
struct ppcs_address at(unsigned a, unsigned b, unsigned c, unsigned d, uint16_t port);
struct ppcs_address with_port(struct ppcs_address a, unsigned port);
bool same_ip(const struct ppcs_address *a, const struct ppcs_address *b);
bool same_address(const struct ppcs_address *a, const struct ppcs_address *b);
/** @} */

#endif
