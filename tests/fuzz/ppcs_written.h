/* SPDX-License-Identifier: MIT */
/* What a channel of libppcs has to say, as its peer sees it: packets of a stream, in a window. */
#ifndef TESTS_FUZZ_PPCS_WRITTEN_H
#define TESTS_FUZZ_PPCS_WRITTEN_H

#include <stdbool.h>

#include "packet.h"

/** Section 8.3: packets that are queued, and how far they go out. */
#define WRITTEN_QUEUED 128
#define WRITTEN_WINDOW 120

/** Packets have numbers, of which the index is the end. */
struct written {
	uint64_t written, cut; /**< bytes; of them in packets that went out */
	uint64_t oldest, next;
	struct {
		bool open; /**< not acknowledged */
		uint64_t start;
		size_t size;
	} out[WRITTEN_QUEUED];
	size_t unsent;
};

uint64_t written_mix(uint64_t x);
/** The byte of a channel at a position. */
uint8_t written_byte(unsigned channel, uint64_t at);
/** It goes out, for the first time or again; everything about it has to be right. */
void written_sent(struct written *w, const struct packet *p);
/** An index is acknowledged, whether it is under way or not. */
void written_acked(struct written *w, uint16_t index);
/** After all indexes of a list. */
void written_close_gap(struct written *w);

#endif
