/* SPDX-License-Identifier: MIT */
#ifndef PPCS_OUTBOX_H
#define PPCS_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ppcs/ppcs.h>

#include "common/buf.h"

/** What leaves next: a datagram, or bytes for a stream. */
struct datagram {
	uint32_t socket;
	struct ppcs_address to; /**< of no meaning for a stream */
	const uint8_t *data;
	size_t size;
};

/** Datagrams that wait to be sent, in order; bounded. */
struct outbox {
	struct cmn_buf buf;
};

void ppcs_outbox_init(struct outbox *o);
void ppcs_outbox_free(struct outbox *o);
/** @return false when there is no room: lost, as on any network */
bool ppcs_outbox_add(struct outbox *o, const struct datagram *d);
bool ppcs_outbox_empty(const struct outbox *o);
/** @return whether there is one; what *RET points to is valid until the next call. */
bool ppcs_outbox_first(const struct outbox *o, struct datagram *ret);
void ppcs_outbox_pop(struct outbox *o);

#endif
