/* SPDX-License-Identifier: MIT */
#ifndef MESHTCP_SHARE_MESSAGE_H
#define MESHTCP_SHARE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "message.h"

/** Members of ToRadio (section 5). */
enum to_radio {
	TO_PACKET = 1,
	TO_WANT_CONFIG = 3,
	TO_DISCONNECT = 4,
	TO_XMODEM = 5,
	TO_MQTT = 6,
	TO_HEARTBEAT = 7
};

/** What a client said; as struct from_message. @return 0 or -EBADMSG */
int meshtcp_to_decode(const uint8_t *data, size_t size, struct from_message *ret);
/** A packet of a client. @return 0; -EBADMSG when it is torn, or can be read in two ways */
int meshtcp_to_packet_decode(const uint8_t *data, size_t size, struct meshtcp_packet *ret);

/** What becomes of a packet of a client (section 17). */
enum policy {
	POLICY_FORWARD,
	POLICY_REFUSE,  /**< queue status, and routing error 33 */
	POLICY_DROP,    /**< as if it had been sent */
	POLICY_TOO_LONG /**< a node would not even answer */
};
enum policy meshtcp_policy(const struct meshtcp_packet *p, bool allow_admin);

/** An id that has another name with somebody else. */
struct share_rename {
	uint32_t from, to;
};

/** @name Frames for clients, into FRAME_MAX_BYTES. @return the size; 0 when it does not fit
 * @{ */
size_t meshtcp_share_queue_status(uint8_t *frame, const struct queue_status *q);
size_t meshtcp_share_complete(uint8_t *frame, uint32_t nonce);
size_t meshtcp_share_rebooted(uint8_t *frame);
/** A routing error from the node to itself, about a packet. */
size_t meshtcp_share_nak(uint8_t *frame, uint32_t own, uint32_t id, uint32_t packet_id,
			 unsigned error);
/** A packet of one client as the others see it. */
size_t meshtcp_share_shown(uint8_t *frame, uint32_t own, uint32_t id, uint32_t time,
			   const uint8_t *packet, size_t size);
/** A message of the node with other ids in it: the request or the message that a packet answers,
 *  the packet of a queue status or of a notification. */
size_t meshtcp_share_translated(uint8_t *frame, const uint8_t *message, size_t size,
				const struct share_rename *renames, size_t count);
size_t meshtcp_share_plain(uint8_t *frame, const uint8_t *message, size_t size);
/** @} */

/** A packet, with other ids of what it answers. @return its size; 0 when it does not fit */
size_t meshtcp_share_rename(uint8_t *ret, size_t room, const uint8_t *packet, size_t size,
			    const struct share_rename *renames, size_t count);

/** Whose packet an id belongs to, and what the client calls it. */
struct share_id {
	uint32_t wire, theirs; /**< theirs 0: it has left the choice to us */
	uint32_t client;       /**< 0 = nobody's: the place is free */
	bool told;             /**< its queue status has gone to the client */
};

#define SHARE_IDS 256

/** The last ids. */
struct share_ids {
	struct share_id at[SHARE_IDS];
	unsigned next;
};

/** @return the packet with this id at the node, or NULL */
struct share_id *meshtcp_ids_find(struct share_ids *ids, uint32_t wire);
/** @return the packet that this client calls so, or NULL */
struct share_id *meshtcp_ids_find_theirs(struct share_ids *ids, uint32_t client, uint32_t theirs);
/** @return NULL when the node has said nothing of any of those that are here */
struct share_id *meshtcp_ids_add(struct share_ids *ids, uint32_t wire, uint32_t theirs,
				 uint32_t client);
/** @return of how many packets the node has said nothing; of one client, or of all for 0 */
unsigned meshtcp_ids_untold(const struct share_ids *ids, uint32_t client);

#endif
