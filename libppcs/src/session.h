/* SPDX-License-Identifier: MIT */
#ifndef PPCS_SESSION_H
#define PPCS_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ppcs/ppcs.h>

#include "common/log.h"

#include "outbox.h"
#include "uid.h"

/**
 * The protocol without any I/O: datagrams, time and the fate of sockets go in; datagrams, the wish
 * for sockets, a deadline and events come out. Time is milliseconds of any monotonic clock.
 */
struct session;

/** The settings of the public setters, names resolved. */
struct session_config {
	struct ppcs_address addresses[PPCS_MAX_ADDRESSES];
	size_t address_count;
	uint16_t ports[PPCS_MAX_PORTS];
	size_t port_count;
	uint16_t search_port;
	struct uid uid, uid_hint; /**< empty = none */
	bool key_fixed;
	char key[PPCS_MAX_KEY + 1];        /**< when fixed */
	char server_key[PPCS_MAX_KEY + 1]; /**< of an init string; "" = none */
	char dsk[PPCS_MAX_DSK + 1];        /**< "" = none */
	struct ppcs_address servers[PPCS_MAX_SERVERS];
	size_t server_count;
	struct ppcs_address relays[PPCS_MAX_RELAYS];
	size_t relay_count;
	bool relay_search;
	uint16_t relay_tcp; /**< port of the servers; 0 = never */
	bool modes[PPCS_MODES];
	bool weight_fixed[PPCS_MODES];
	unsigned weights[PPCS_MODES];
	enum ppcs_walk walk;
	enum ppcs_level until;
	unsigned timeout_ms, attempt_timeout_ms, session_timeout_ms;
	unsigned punch_range;
	bool broadcast;
	/** Of this machine's interfaces, for the LAN search. */
	struct ppcs_address broadcasts[PPCS_MAX_ADDRESSES * 4];
	size_t broadcast_count;
};

/** A socket that the session wants to be open. */
struct socket_wish {
	uint32_t id;            /**< never 0, never used again */
	bool stream;            /**< TCP, to be connected to `to` */
	bool broadcast;         /**< permission to send to broadcast addresses */
	struct ppcs_address to; /**< datagrams: the first destination, for the local address */
};

int ppcs_session_new(struct session **ret);
void ppcs_session_free(struct session *s);
void ppcs_session_set_log(struct session *s, const struct cmn_log *log);

/** @name What the public header describes; SEED makes the jitter
 * @{ */
int ppcs_session_race(struct session *s, const struct session_config *config, uint64_t seed,
		      uint64_t now);
int ppcs_session_search(struct session *s, const struct session_config *config, unsigned wait_ms,
			uint64_t seed, uint64_t now);
void ppcs_session_stop(struct session *s, uint64_t now);
/** The same without waiting: what is to be said once more is in the output at once. */
void ppcs_session_abort(struct session *s, uint64_t now);
enum ppcs_state ppcs_session_state(const struct session *s);
const struct ppcs_event *ppcs_session_next_event(struct session *s);
/** Drop events of these types that wait. */
void ppcs_session_drop_events(struct session *s, enum ppcs_event_type first,
			      enum ppcs_event_type last);
bool ppcs_session_has_event(const struct session *s);
const struct ppcs_report *ppcs_session_report(struct session *s, uint64_t now);
const struct ppcs_statistics *ppcs_session_statistics(const struct session *s);
int ppcs_session_path_statistics(const struct session *s, size_t index, uint64_t now,
				 struct ppcs_path_statistics *ret);
int ppcs_session_set_path_statistics(struct session *s, const struct ppcs_path_statistics *st,
				     uint64_t now);
/** The session's socket goes elsewhere. @return its id, or 0 when there is none or it is TCP */
uint32_t ppcs_session_take(struct session *s, struct ppcs_address *ret_local,
			   struct ppcs_address *ret_peer);
/** @return whether there is a session, and the device itself was heard over it */
bool ppcs_session_verified(const struct session *s);
int ppcs_session_send(struct session *s, unsigned channel, const void *data, size_t size);
size_t ppcs_session_unsent(const struct session *s, unsigned channel);
/** @} */

/** @name What the transport asks and tells
 * @{ */
/** @return a number that changes whenever the wishes do. */
uint32_t ppcs_session_sockets_version(const struct session *s);
/** @return whether there is a wish with this index, from 0. */
bool ppcs_session_socket(const struct session *s, size_t index, struct socket_wish *ret);
/** It is open. LOCAL is its address as others see it on this network. */
void ppcs_session_opened(struct session *s, uint32_t id, const struct ppcs_address *local,
			 uint64_t now);
/** It could not be opened, or the stream ended (error 0: by the peer). */
void ppcs_session_failed(struct session *s, uint32_t id, int error, uint64_t now);
/** A datagram, or bytes of a stream. */
void ppcs_session_receive(struct session *s, uint32_t id, const struct ppcs_address *from,
			  const uint8_t *data, size_t size, uint64_t now);
/** ICMP says that nobody is there. */
void ppcs_session_unreachable(struct session *s, uint32_t id, const struct ppcs_address *to,
			      uint64_t now);
/** @return whether there is one to be sent; what RET points to is valid until the next call */
bool ppcs_session_output(struct session *s, uint64_t now, struct datagram *ret);
void ppcs_session_sent(struct session *s);
/** @} */

/** @return when ppcs_session_tick() is due; UINT64_MAX = never. */
uint64_t ppcs_session_deadline(const struct session *s);
/** Also to be called after each batch of ppcs_session_receive(): what came in one batch came at
 *  the same time. */
void ppcs_session_tick(struct session *s, uint64_t now);

#endif
