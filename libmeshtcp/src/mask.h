/* SPDX-License-Identifier: MIT */
#ifndef MESHTCP_MASK_H
#define MESHTCP_MASK_H

#include <stddef.h>
#include <stdint.h>

/** Make the keys, passwords and passkeys in a message to or from the node unreadable, in place; its
 *  length stays. */
void meshtcp_mask_from(uint8_t *data, size_t size);
void meshtcp_mask_to(uint8_t *data, size_t size);

#endif
