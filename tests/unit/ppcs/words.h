/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PPCS_WORDS_H
#define TESTS_PPCS_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "packet.h"

/** Longest line: the data of a DRW in hex. */
#define WORDS_BYTES (2 * PACKET_DATA_BYTES + 128)

/**
 * A message as its `=` line (tests/vectors/README.md, ppcs).
 * @param p  as ppcs_packet_decode() left it, also when its body was refused
 */
void words_message(const struct packet *p, char text[WORDS_BYTES]);

/** Is the payload of the length that its type and its content ask for? */
bool words_official(const struct packet *p);

#endif
